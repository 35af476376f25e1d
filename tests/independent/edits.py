"""The edits in SQL, where NULL is what nobody knows.

The conditions follow the catalogue of edits and the rule files; what they join are the published files.
"""

from collections import Counter

import duckdb

RULES = ("NCCI-PTP-01", "NCCI-PTP-02", "NCCI-MUE-01", "NCCI-AOC-01", "DX-VAL-01", "DX-VAL-02", "CODE-01", "MOD-50-01",
         "MOD-50-02", "MOD-51-01", "MOD-80-01", "MOD-62-01")
# Rule, claim, line, diagnosis, status, case, severity of what is flagged, lines that take part.
Answer = tuple[str, str, int | None, str | None, str, str | None, str | None, str]

# Modifiers that may open a pair, by the kind of line on which they count.
DISTINCT = "['59', 'XE', 'XS', 'XP', 'XU']"
PLACES = ("['LT', 'RT', 'E1', 'E2', 'E3', 'E4', 'FA', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'TA', "
          "'T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'LC', 'LD', 'LM', 'RC', 'RI']")
# What the outpatient editor takes on either line of a hospital's pair, whatever it says.
LIFTING = f"list_concat(list_concat({DISTINCT}, {PLACES}), ['24', '25', '27', '57', '58', '78', '79', '91'])"
# Who did which part of an operation.
ROLES = ("['54', '55', '56', '62', '66', '80', '81', '82', 'AS', 'AA', 'AD', 'QK', 'QX', 'QY', 'QZ']")

LINES = """
CREATE MACRO has(mods, wanted) AS len(list_intersect(mods, wanted)) > 0;
CREATE MACRO within(list, code, day) AS EXISTS (
    FROM named n WHERE n.name = list AND code BETWEEN n.low AND n.high AND day BETWEEN n.begins AND n.ends);
-- Indicator 9, the concept does not apply, is judged on priced codes alone.
CREATE MACRO judged(indicator, status) AS CASE
    WHEN indicator <> '9' OR status IN ('A', 'R', 'T', 'C') THEN indicator END;

CREATE TABLE line AS
WITH one AS (
    SELECT *, row_number() OVER (ORDER BY day, draft, claim_order, number) AS place,
           CASE WHEN sent_mods = '' THEN []::TEXT[] ELSE string_split(sent_mods, ',') END AS mods,
           date_diff('day', day, thru) + 1 AS span,
           (SELECT max(begins) FROM fee f WHERE f.begins <= s.day) AS schedule,
           CASE WHEN kind = 'I' THEN 'Outpatient' WHEN biller[1:4] IN ('332B', '335E') THEN 'DME'
                ELSE 'Practitioner' END AS setting,
           CASE WHEN pos = '24' AND biller = '' THEN NULL ELSE pos = '24' AND biller = '261QA1903X' END AS asc_bills,
           within('em_like', code, day) AS visit, within('lab', code, day) AS lab, within('anes', code, day) AS anes,
           within('drugs', code, day) AS drug, within('cpt_exempt_51', code, day) AS exempt,
           within('spinal_instrumentation', code, day) AS instrument,
           within('crosses_midnight', code, day) AS crossing,
           EXISTS (FROM aoc_known k WHERE k.addon = code) AS addon_known,
           (SELECT arg_min(type, (ends, begins)) FROM aoc a WHERE a.addon = code AND day BETWEEN a.begins AND a.ends)
               AS addon_type
    FROM sent s),
two AS (
    SELECT one.*, (SELECT max(begins) FROM mue m WHERE m.setting = one.setting AND m.begins <= day) AS quarter FROM one)
SELECT two.*, CASE WHEN span = 1 THEN units ELSE floor(units / span + 0.5) END AS per_day,
       f.status AS fee_status, f.days AS global_days, f.mult, judged(f.bilateral, f.status) AS bilateral,
       judged(f.assistant, f.status) AS assistant, judged(f.cosurgeon, f.status) AS cosurgeon,
       judged(f.team, f.status) AS team,
       addon_type IS NOT NULL OR coalesce(f.days = 'ZZZ', false) AS addon, m.value AS most, m.mai,
       CASE WHEN taxonomy IS NULL THEN NULL WHEN taxonomy LIKE '20%' THEN 'physician'
            WHEN taxonomy[1:4] IN ('363A', '363L', '364S', '367A') THEN 'npp' ELSE 'other' END AS who
FROM two LEFT JOIN fee f ON f.begins = schedule AND f.code = two.code
LEFT JOIN mue m ON m.setting = two.setting AND m.begins = quarter AND m.code = two.code;

CREATE TABLE answer (rule TEXT, claim TEXT, line INT, dx TEXT, status TEXT, face TEXT, severity TEXT, related TEXT);
"""

# The first case that is true; where none is and one is unknown, nothing is said but that.
CODE = """
INSERT INTO answer
WITH known AS (
    SELECT l.*, CASE
        WHEN NOT regexp_full_match(l.code, '[A-Z0-9][0-9]{3}[A-Z0-9]') THEN 'malformed'
        WHEN l.code[1] BETWEEN 'A' AND 'Z' THEN CASE
            WHEN EXISTS (FROM hcpcs h WHERE h.code = l.code AND l.day BETWEEN h.begins AND h.ends) THEN 'ok'
            WHEN EXISTS (FROM hcpcs h WHERE h.code = l.code AND h.ends < l.day) THEN 'ended'
            WHEN EXISTS (FROM hcpcs h WHERE h.code = l.code) THEN 'not_yet'
            -- The file has no dental codes, and says nothing of codes after its quarter.
            WHEN l.day <= DATE '2026-09-30' AND l.code[1] <> 'D' THEN 'unknown' END
        -- Before the first fee schedule nothing is known of CPT.
        WHEN l.day < DATE '2020-01-01' THEN NULL
        WHEN EXISTS (FROM presence p WHERE p.code = l.code AND l.day BETWEEN p.begins AND p.ends) THEN 'ok'
        WHEN EXISTS (FROM presence p WHERE p.code = l.code AND p.ends < l.day) THEN 'ended'
        WHEN EXISTS (FROM presence p WHERE p.code = l.code) THEN 'not_yet'
        WHEN l.fee_status IS NOT NULL THEN 'ok'
        WHEN l.day <= DATE '2025-12-31' THEN 'unknown' END AS state
    FROM line l WHERE draft)
SELECT 'CODE-01', claim, number, NULL, CASE WHEN state IS NULL THEN 'not_evaluated' ELSE 'flagged' END,
       CASE WHEN state = 'unknown' AND code[1] BETWEEN '0' AND '9' THEN 'not_in_fee_schedules' ELSE state END,
       CASE WHEN state = 'unknown' AND code[1] BETWEEN '0' AND '9' THEN 'review'
            WHEN state IS NOT NULL THEN 'reject' END, ''
FROM known WHERE state IS DISTINCT FROM 'ok';
"""

DIAGNOSES = """
CREATE TABLE defined AS SELECT code FROM node WHERE sevenths;
CREATE TABLE chars AS SELECT unnest(string_split('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', '')) AS c;
-- With a seventh character, and X up to the sixth, the base is a code of the day.
CREATE MACRO good(x, on_day) AS EXISTS (FROM billable b WHERE b.code = x AND on_day BETWEEN b.begins AND b.ends);
CREATE TABLE asked AS SELECT DISTINCT code, day, regexp_replace(code, '^(...)(.*?)X+$', '\\1\\2') AS bare FROM dx;
CREATE TABLE base AS
SELECT DISTINCT day, x FROM (SELECT day, code AS x FROM asked UNION SELECT day, bare FROM asked
                             UNION SELECT day, code[:-2] FROM asked WHERE len(code) > 3)
WHERE len(x) BETWEEN 3 AND 6;
CREATE TABLE below AS
SELECT DISTINCT x FROM (SELECT x, x[:n] AS code FROM base, range(3, 7) r(n)) SEMI JOIN defined USING (code);
CREATE TABLE tried AS SELECT day, x, rpad(x, 6, 'X') || c AS code FROM (FROM base SEMI JOIN below USING (x)), chars;
CREATE TABLE taking AS
SELECT DISTINCT day, x FROM tried t JOIN billable b ON b.code = t.code AND t.day BETWEEN b.begins AND b.ends;
CREATE MACRO takes(base_code, on_day) AS EXISTS (FROM taking t WHERE t.x = base_code AND t.day = on_day);
CREATE TABLE judged_dx AS
SELECT code, day,
       good(code, day) AS held, EXISTS (FROM billable b WHERE b.code = a.code AND b.ends < a.day) AS ended,
       EXISTS (FROM billable b WHERE b.code = a.code) AS ever, EXISTS (FROM header h WHERE h.code = a.code) AS header,
       len(code) < 7 AND (takes(code, day) OR takes(bare, day)) AS short,
       len(code) = 7 AND takes(code[:6], day) AS wrong,
       len(code) < 7 AND (
           len(code) = 6 AND (good(code[:3] || 'X' || code[4:], day) OR good(code[:4] || 'X' || code[5:], day))
           OR len(code) > 3 AND code[-1] <> 'X' AND takes(code[:-2], day)
              AND (code[-1] BETWEEN 'A' AND 'Z' OR good(rpad(code[:-2], 6, 'X') || code[-1], day))) AS misplaced,
       len(code) > 3 AND code[-1] BETWEEN 'A' AND 'Z'
           AND (good(code[:-2], day) OR good(regexp_replace(code[:-2], '^(...)(.*?)X+$', '\\1\\2'), day)) AS extra
FROM asked a;
INSERT INTO answer
-- The first day on which the code does not hold decides, else the first.
WITH decisive AS (
    SELECT d.claim, d.position, j.*,
           row_number() OVER (PARTITION BY d.claim, d.position ORDER BY j.held, d.day) AS turn
    FROM dx d JOIN judged_dx j USING (code, day) WHERE d.draft),
told AS (
    SELECT *, CASE WHEN ended THEN 'ended' WHEN ever THEN 'not_yet' WHEN header THEN 'header'
                   ELSE 'unknown' END AS state
    FROM decisive
    -- What only lacks or misplaces its seventh character is another rule's.
    WHERE turn = 1 AND NOT held AND NOT short AND (ever OR header OR NOT (wrong OR misplaced OR extra)))
SELECT CASE WHEN state = 'header' THEN 'DX-VAL-02' ELSE 'DX-VAL-01' END, claim, NULL, code, 'flagged',
       CASE WHEN state <> 'header' THEN state END, 'reject', '' FROM told;
"""

PAIRS = f"""
CREATE TABLE party AS
SELECT *, patient || kind || day::TEXT AS meeting,
       -- Who sends no number is nobody's like.
       coalesce(npi, 'line ' || place::TEXT) AS provider FROM line;
CREATE TABLE met AS
WITH codes AS (SELECT meeting, day, kind, provider, code, any_value(npi) AS npi, bool_or(draft) AS draft FROM party
               GROUP BY ALL),
     joined AS (
    SELECT a.meeting, a.provider AS provider1, b.provider AS provider2, a.code AS one, b.code AS two, p.indicator,
           a.npi = b.npi AS together, p.ends, p.begins
    FROM codes a JOIN codes b ON a.meeting = b.meeting AND (a.draft OR b.draft) AND a.code <> b.code
         AND (a.npi = b.npi) IS DISTINCT FROM false
    JOIN ptp p ON p.kind = a.kind AND p.one = a.code AND p.two = b.code AND a.day BETWEEN p.begins AND p.ends)
-- Of several rows in force the one that ends first.
SELECT * FROM joined
QUALIFY row_number() OVER (PARTITION BY meeting, provider1, provider2, one, two ORDER BY ends, begins) = 1;
CREATE TABLE couple AS
WITH every AS (
    SELECT m.indicator, m.together, a.place AS place1, b.place AS place2, a.claim AS claim1, a.number AS number1,
           a.draft AS draft1, a.mods AS mods1, b.draft AS draft2, b.mods AS mods2, a.visit AS visit1, b.visit AS visit2,
           b.kind, b.day, b.payer AS payer1, b.claim AS claim2, b.number AS number2, m.one, m.provider1,
           CASE WHEN has(b.mods, {DISTINCT}) THEN 'column2' WHEN has(b.mods, {PLACES}) THEN 'anatomic'
                WHEN (b.visit AND has(b.mods, ['24', '25', '57']))
                     OR (NOT b.visit AND a.visit AND has(a.mods, ['24', '25', '57'])) THEN 'em'
                WHEN NOT b.visit AND has(b.mods, ['58', '78', '79']) THEN 'column2'
                WHEN b.lab AND has(b.mods, ['91']) THEN 'column2'
                WHEN b.visit AND b.kind = 'I' AND has(b.mods, ['27']) THEN 'column2'
                WHEN has(a.mods, {DISTINCT}) THEN 'column1_59' ELSE 'none' END AS lift
    FROM met m JOIN party a ON a.meeting = m.meeting AND a.provider = m.provider1 AND a.code = m.one
    JOIN party b ON b.meeting = m.meeting AND b.provider = m.provider2 AND b.code = m.two)
-- A line of column 2 is free only if it is so of every line of column 1: the least free one speaks.
SELECT *, CASE lift WHEN 'none' THEN 0 WHEN 'column1_59' THEN 1 ELSE 2 END AS freedom,
       min(place1) FILTER (draft1) OVER unit AS first_draft,
       list(claim1 || ' ' || number1::TEXT) OVER unit AS every1
FROM every
WINDOW unit AS (PARTITION BY place2, one, provider1)
QUALIFY row_number() OVER (PARTITION BY place2, one, provider1 ORDER BY freedom, place1) = 1;
"""

PAIR_ANSWERS = f"""
INSERT INTO answer
WITH told AS (
    SELECT c.*, CASE WHEN draft2 THEN c.claim2 ELSE f.claim END AS claim,
           CASE WHEN draft2 THEN c.number2 ELSE f.number END AS number,
           CASE WHEN together THEN CASE WHEN draft2 THEN 'column2' ELSE 'column1' END END AS part,
           c.kind = 'I' AND payer1 = 'medicare' AND indicator = '1' AND (has(mods1, {LIFTING}) OR has(mods2, {LIFTING}))
               AS lets_through,
           array_to_string(list_sort(CASE WHEN draft2 THEN every1 ELSE [c.claim2 || ' ' || c.number2::TEXT] END), ', ')
               AS related
    FROM couple c LEFT JOIN line f ON f.place = c.first_draft
    WHERE draft2 OR first_draft IS NOT NULL),
judged AS (
    SELECT *, unnest([
        {{'rule': 'NCCI-PTP-01', 'visits': false,
          'free': indicator = '1' AND (lift IN ('column2', 'em', 'anatomic')
                                       OR (lift = 'column1_59' AND day >= DATE '2019-07-01'))}},
        {{'rule': 'NCCI-PTP-02', 'visits': true,
          'free': indicator = '1' AND (lift = 'em' OR has(mods2, ['24', '25', '57'])
              OR (kind = 'I' AND lift = 'column2' AND (has(mods1, ['27']) OR has(mods2, ['27']))))}}]) AS r
    FROM told)
SELECT r.rule, claim, number, NULL,
       CASE WHEN part IS NULL THEN 'not_evaluated' WHEN r.free OR (lets_through AND part = 'column1') THEN 'bypassed'
            ELSE 'flagged' END,
       CASE WHEN lets_through AND part = 'column2' THEN 'editor_lets_through'
            WHEN part IS NOT NULL THEN (CASE indicator WHEN '0' THEN 'never' ELSE 'unmodified' END)
           || (CASE part WHEN 'column1' THEN '_billed_before' ELSE '' END) END,
       CASE WHEN lets_through AND part = 'column2' THEN 'review' ELSE 'deny' END, related
FROM judged
WHERE CASE WHEN part IS NOT NULL THEN visit2 = r.visits ELSE visit2 = r.visits OR visit1 = r.visits END;
"""

UNITS = """
INSERT INTO answer
WITH member AS (
    SELECT *, coalesce(npi, 'line ' || place::TEXT) AS provider FROM line),
grouped AS (
    SELECT patient, setting, code, day, provider, any_value(npi) AS npi FROM member GROUP BY ALL HAVING bool_or(draft)),
running AS (
    SELECT g.*, coalesce((SELECT sum(r.per_day) FROM line r WHERE r.patient = g.patient AND r.setting = g.setting
        AND r.code = g.code AND r.npi = g.npi AND r.day < g.day AND g.day <= r.thru), 0) AS before FROM grouped g),
summed AS (
    SELECT m.*, before + sum(per_day) OVER so_far AS so_far, before + sum(per_day) OVER all_day AS total,
           max(per_day) FILTER (draft) OVER all_day AS largest,
           most * CASE WHEN first_value(coalesce(asc_bills, false) AND coalesce(bilateral = '1', false)) OVER so_far
                       THEN 2 ELSE 1 END AS allowed, min(place) FILTER (draft) OVER all_day AS leader,
           max(place) FILTER (draft) OVER all_day AS last
    FROM member m JOIN running g USING (patient, setting, code, day, provider)
    WINDOW so_far AS (PARTITION BY patient, setting, code, day, provider ORDER BY place),
           all_day AS (PARTITION BY patient, setting, code, day, provider)),
acting AS (
    SELECT *, coalesce(min(place) FILTER (draft AND CASE WHEN mai = '1' THEN per_day ELSE so_far END > allowed)
                       OVER day_, last) AS actor,
           list_sort(list(claim || ' ' || number::TEXT) OVER day_) AS everyone
    FROM summed WINDOW day_ AS (PARTITION BY patient, setting, code, day, provider))
SELECT 'NCCI-MUE-01', claim, number, NULL,
       CASE WHEN most IS NULL THEN 'not_evaluated' WHEN most = 0 AND payer = 'commercial' THEN 'bypassed'
            ELSE 'flagged' END,
       CASE WHEN most = 0 THEN 'not_payable' WHEN most IS NULL THEN NULL WHEN mai = '1' THEN 'line' ELSE 'day' END,
       'deny', array_to_string(list_filter(everyone, lambda x: x <> claim || ' ' || number::TEXT), ', ')
FROM acting
WHERE place = actor AND NOT anes
  AND (most IS NULL OR most = 0 OR CASE WHEN mai = '1' THEN largest ELSE total END > allowed);
"""

# How near a primary is: 3 with the same practitioner or group, 2 perhaps, 1 with others, 0 nowhere.
NEAR = """CASE WHEN a.tin <> b.tin THEN 1 WHEN a.tin IS NULL OR b.tin IS NULL THEN 2 WHEN a.npi = b.npi THEN 3
               WHEN a.taxonomy IS NULL OR b.taxonomy IS NULL THEN 2 WHEN a.taxonomy[1:4] = b.taxonomy[1:4] THEN 3
               ELSE 1 END"""
EDGES = f"""
CREATE TABLE edge AS
SELECT a.place AS addon, b.place AS main, max({NEAR}) AS near, a.day = b.day AS same_day,
       a.code <> b.code AND EXISTS (FROM aoc f WHERE f.addon = b.code AND f.type = '1'
                                    AND b.day BETWEEN f.begins AND f.ends) AS further
FROM line a JOIN aoc r ON r.addon = a.code AND NOT (CASE a.kind WHEN 'P' THEN r.facility ELSE r.practitioner END)
JOIN line b ON b.patient = a.patient AND b.kind = a.kind AND b.code = r.main AND b.place <> a.place
     AND b.day BETWEEN r.begins AND r.ends AND (b.day = a.day OR (a.crossing AND b.day = a.day - 1))
GROUP BY ALL;
CREATE TABLE reach AS SELECT place, 0 AS near FROM line;
"""
# A primary that is an add-on itself counts as far as its own primary is reached.
STEP = """
CREATE OR REPLACE TABLE reach AS
SELECT r.place, coalesce(max(CASE WHEN e.further THEN least(e.near, m.near) ELSE e.near END), 0) AS near
FROM reach r LEFT JOIN edge e ON e.addon = r.place AND e.same_day LEFT JOIN reach m ON m.place = e.main GROUP BY ALL
"""
ADDONS = f"""
INSERT INTO answer
WITH listed AS (
    SELECT l.*, coalesce((SELECT max(CASE WHEN e.further THEN least(e.near, m.near) ELSE e.near END)
        FROM edge e JOIN reach m ON m.place = e.main WHERE e.addon = l.place), 0) AS listed FROM line l WHERE draft),
found AS (
    SELECT a.*, greatest(listed, CASE WHEN addon_type = '2' THEN coalesce((
        SELECT max({NEAR}) FROM line b WHERE b.patient = a.patient AND b.kind = a.kind AND b.day = a.day
        AND b.place <> a.place AND b.addon_type IS NULL AND NOT b.visit), 0) ELSE 0 END) AS near FROM listed a),
told AS (
    SELECT *, CASE
        WHEN addon_type IS NULL AND addon_known THEN NULL
        WHEN addon_type IS NULL THEN CASE WHEN global_days IS NULL THEN 'unknown'
                                          WHEN global_days = 'ZZZ' THEN 'not_in_file' END
        WHEN near = 2 THEN 'unknown' WHEN listed = 3 THEN NULL
        -- A hospital under prospective payment is not denied for it.
        WHEN kind = 'I' AND payer = 'medicare' AND near < 2 AND NOT within('software_addons', code, day) THEN 'packaged'
        WHEN addon_type = '3' THEN 'contractor_defined'
        WHEN near = 3 THEN NULL WHEN near = 1 THEN 'other_group' WHEN addon_type = '1' THEN 'listed_missing'
        WHEN code <> 'G0501' THEN 'nothing_to_add_to' END AS face
    FROM found)
SELECT 'NCCI-AOC-01', claim, number, NULL, CASE face WHEN 'unknown' THEN 'not_evaluated' ELSE 'flagged' END,
       nullif(face, 'unknown'), CASE WHEN face IN ('listed_missing', 'nothing_to_add_to') THEN 'deny' ELSE 'review' END,
       '' FROM told WHERE face IS NOT NULL;
"""

# Rule, when, cases (name, severity, condition): by the indicators of the fee schedule.
Case = tuple[str, str, str]
MODIFIERS: tuple[tuple[str, str, tuple[Case, ...]], ...] = (
    ("MOD-50-01", "has(mods, ['50'])", (
        ("one_side", "deny", "bilateral = '0'"), ("both_sides_already", "deny", "bilateral = '2'"),
        ("no_sides", "deny", "bilateral = '9'"), ("addon", "review", "bilateral = '1' AND addon"))),
    ("MOD-50-02", "has(mods, ['50'])", (
        ("hospital", "reject", "kind = 'I' AND payer = 'medicare' AND units > 1 AND bilateral IN ('1', '3')"),
        ("surgery_centre", "deny", "payer = 'medicare' AND asc_bills"),
        ("one_unit", "deny", "kind = 'P' AND units <> 1"))),
    ("MOD-51-01", "has(mods, ['51'])", (
        ("addon", "deny", "addon"), ("exempt", "review", "exempt"),
        ("not_reduced", "info", "visit OR anes OR lab OR drug OR mult IN ('0', '9')"),
        ("payer_ranks", "info", "payer = 'medicare'"))),
    ("MOD-80-01", "has(mods, ['80', '81', '82', 'AS'])", (
        ("not_paid", "deny", "assistant IN ('1', '9')"),
        ("physician_with_as", "deny", "has(mods, ['AS']) AND who = 'physician'"),
        ("other_with_80", "deny", "has(mods, ['80', '81', '82']) AND who = 'npp' AND payer <> 'commercial'"),
        ("unsupported", "review", "assistant = '0' AND NOT attachment"))),
    ("MOD-62-01", "has(mods, ['62', '66'])", (
        ("never_two", "deny", "has(mods, ['62']) AND cosurgeon IN ('0', '9')"),
        ("never_a_team", "deny", "has(mods, ['66']) AND team IN ('0', '9')"),
        ("partner_without_62", "deny", "has(mods, ['62']) AND partner"),
        ("one_specialty", "review", "has(mods, ['62']) AND cosurgeon = '2' AND colleague"),
        ("unsupported", "review", "has(mods, ['62']) AND cosurgeon = '1' AND NOT attachment"),
        ("instrumentation", "review", "has(mods, ['62']) AND instrument"))),
)
# The same code on the same day by someone else: without 62 as a whole, or with it by one specialty.
REPEATS = f"""
CREATE TABLE surgery AS
WITH twin AS (
    SELECT a.place, b.claim || ' ' || b.number::TEXT AS name, a.npi <> b.npi AS another,
           NOT has(b.mods, {ROLES}) AND NOT has(b.mods, ['77', '78', '79'])
           AND NOT (has(a.mods, {PLACES}) AND has(b.mods, {PLACES})
                    AND NOT has(list_intersect(a.mods, {PLACES}), b.mods)) AS whole,
           has(b.mods, ['62']) AS shares,
           CASE WHEN a.npi = b.npi THEN true ELSE a.taxonomy[1:4] = b.taxonomy[1:4] END AS alike
    FROM line a JOIN line b ON b.patient = a.patient AND b.kind = a.kind AND b.day = a.day AND b.code = a.code
         AND b.place <> a.place)
SELECT l.*, CASE WHEN bool_or(another AND whole) THEN true WHEN bool_or((another AND whole) IS NULL AND t.name <> '')
                 THEN NULL ELSE false END AS partner,
       CASE WHEN bool_or(another AND alike AND shares) THEN true
            WHEN bool_or((another AND alike AND shares) IS NULL AND t.name <> '') THEN NULL ELSE false END AS colleague,
       list(t.name ORDER BY t.name) FILTER (another AND whole) AS partners,
       list(t.name ORDER BY t.name) FILTER (another AND alike AND shares) AS colleagues
FROM line l LEFT JOIN twin t USING (place) WHERE draft GROUP BY ALL;
"""


def _modifier_rule(rule: str, when: str, cases: tuple[Case, ...]) -> str:
    true = " ".join(f"WHEN ({test}) IS TRUE THEN '{name}'" for name, _, test in cases)
    severities = " ".join(f"WHEN '{name}' THEN '{severity}'" for name, severity, _ in cases)
    doubt = " OR ".join(f"({test}) IS NULL" for _, _, test in cases)
    related = """CASE face WHEN 'partner_without_62' THEN array_to_string(partners, ', ')
                           WHEN 'one_specialty' THEN array_to_string(colleagues, ', ') ELSE '' END"""
    return f"""
INSERT INTO answer
WITH told AS (SELECT *, CASE {true} WHEN {doubt} THEN 'unknown' END AS face FROM surgery WHERE {when}
              AND (kind = 'P' OR '{rule}' = 'MOD-50-02'))
SELECT '{rule}', claim, number, NULL, CASE face WHEN 'unknown' THEN 'not_evaluated' ELSE 'flagged' END,
       nullif(face, 'unknown'), CASE face {severities} END, {related} FROM told WHERE face IS NOT NULL
"""


def answers(db: duckdb.DuckDBPyConnection) -> Counter[Answer]:
    """What is to be said of the claims in `sent` and `dx`."""
    for script in (LINES, CODE, DIAGNOSES, PAIRS, PAIR_ANSWERS, UNITS, EDGES, *[STEP] * 6, ADDONS, REPEATS,
                   *(_modifier_rule(*rule) for rule in MODIFIERS)):
        db.execute(script)
    return Counter(db.execute("""
        SELECT rule, claim, line, dx, status, CASE WHEN status <> 'not_evaluated' THEN face END,
               CASE WHEN status = 'flagged' THEN severity END,
               CASE WHEN status <> 'not_evaluated' THEN related ELSE '' END
        FROM answer""").fetchall())
