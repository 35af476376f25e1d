"""One rule on one unit: flagged, clear, bypassed or not evaluated, and what a flag needs to be told."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memset

from scrubber._conditions cimport FALSE, TRUE, UNKNOWN, GapC, all_hold, holds
from scrubber._evidence cimport add_evidence
from scrubber._facts cimport absent, known
from scrubber._hits cimport HitC, HitsC, add_code, add_hit, add_related, add_value, move_related
from scrubber._lines cimport comes_before
from scrubber._related cimport first_item, next_item
from scrubber._values cimport unit_day, value_of
from scrubber.run cimport (
    N_ALL, N_ANY, N_SOME, TARGET_CLAIM, TARGET_DIAGNOSIS, TARGET_LINE, TARGET_UNIT, FieldC, NodeC,
    RemainC, RemainingCaseC, RuleC, RunC, UnitC, ValueC,
)
from scrubber.structs cimport MAX_MODIFIERS, NO_DAY, LineC
from scrubber.words cimport *

cdef enum:
    SET_COUNT = 16               # more than there are related sets
    STATUS_COUNT = 4
    REASON_COUNT = 8
    OWN = -1                     # ProfileC.severities: the rule's own
    OFF = -2

# The item that made a positive quantifier true, by related set.
cdef struct WitnessesC:
    UnitC items[SET_COUNT]
    uint8_t bound[SET_COUNT]


cdef int _witness(RunC* run, HitsC* hits, HitC* hit, int32_t at, const UnitC* unit, const UnitC* partner,
                  WitnessesC* witnesses) except -1 nogil:
    """Binds the items that made positive quantifiers true: the latest as witness, all of them as related."""
    cdef const NodeC* node = &run.nodes[at]
    cdef UnitC item
    cdef GapC gap
    cdef int32_t child = at + 1
    if node.op == N_SOME:
        first_item(run, unit, node.related, node.window, &item)
        while next_item(run, &item):
            if all_hold(run, at + 1, node.end, unit, &item, &gap) != TRUE:
                continue
            if item.line >= 0:
                add_related(hits, hit, item.line)
            if item.dx >= 0 and unit.dx < 0:         # a flag about a diagnosis names that one alone
                add_code(hits, hit, run.batch.diagnoses[item.dx].code)
            if not witnesses.bound[node.related] or (
                    item.line >= 0 and comes_before(run, witnesses.items[node.related].line, item.line)):
                witnesses.items[node.related] = item
                witnesses.bound[node.related] = 1
    elif node.op == N_ALL or node.op == N_ANY:
        while child < node.end:
            if holds(run, child, unit, partner, &gap) == TRUE:
                _witness(run, hits, hit, child, unit, partner, witnesses)
            child = run.nodes[child].end
    return 0


cdef int _find(const HitsC* hits, int32_t start, int32_t rule, int case_, int32_t claim, int32_t target, int status
               ) noexcept nogil:
    """The hit of the case in hand that is about the same thing, -1 if there is none yet."""
    cdef int32_t i
    for i in range(hits.hit_count - 1, start - 1, -1):
        if (hits.hits[i].rule == rule and hits.hits[i].claim == claim and hits.hits[i].target == target
                and hits.hits[i].status == status and (case_ < 0 or hits.hits[i].case_ == case_)):
            return i
    return -1


cdef int _add_lines(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit) except -1 nogil:
    """The lines of a unit as related ones; a flag of its own line does not relate to it."""
    cdef int32_t i
    add_related(hits, hit, unit.line)
    if unit.pair >= 0:
        for i in range(run.pairs[unit.pair].related_count):
            add_related(hits, hit, run.partners[run.pairs[unit.pair].first_related + i])
    if unit.day >= 0:
        for i in range(run.days[unit.day].related_count):
            add_related(hits, hit, run.partners[run.days[unit.day].first_related + i])
    return 0


cdef int _record(RunC* run, HitsC* hits, int32_t rule, int case_, int status, int severity, const UnitC* unit,
                 const UnitC* partner, int32_t case_start, int escape, GapC gap) except -1 nogil:
    """Adds a hit, or joins it to the one that is about the same thing."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef int32_t target, i, seen, at
    cdef HitC* hit
    cdef HitC old
    cdef WitnessesC witnesses
    cdef const FieldC* field
    if r.target == TARGET_LINE:
        target = unit.line
    elif r.target == TARGET_DIAGNOSIS:
        target = unit.dx
    elif r.target == TARGET_CLAIM:
        target = -1
    else:
        target = -2 - hits.hit_count                 # a flag of its own
    seen = _find(hits, case_start, rule, case_ if r.pick_each else -1, unit.claim, target, status)
    if seen >= 0 and hits.hits[seen].severity >= severity:
        # The stronger (or first) one stays as it is but for the lines it is about.
        hit = &hits.hits[seen]
        move_related(hits, hit)
        _add_lines(run, hits, hit, unit)
        return 0
    if seen >= 0:
        hits.hits[seen].status = 255                 # replaced by a stronger one below
    at = add_hit(hits)
    hit = &hits.hits[at]
    hit.claim = unit.claim
    hit.file = run.batch.defects[unit.defect].file if unit.defect >= 0 else run.batch.claims[unit.claim].file
    hit.line = unit.line if r.target != TARGET_CLAIM and r.target != TARGET_DIAGNOSIS else -1
    hit.rule = rule
    hit.case_ = case_
    hit.target = target
    hit.status = <uint8_t>status
    hit.severity = <uint8_t>severity
    hit.escape = escape
    hit.attribute = gap.attribute
    hit.reason = <uint8_t>gap.reason
    memset(witnesses.bound, 0, sizeof(witnesses.bound))
    if partner != NULL:
        witnesses.items[S_PAIR] = partner[0]
        witnesses.bound[S_PAIR] = 1
    if seen >= 0:
        for i in range(hits.hits[seen].first_related, hits.hits[seen].first_related + hits.hits[seen].related_count):
            add_related(hits, hit, hits.related[i])
    _add_lines(run, hits, hit, unit)
    if unit.dx >= 0:
        add_code(hits, hit, run.batch.diagnoses[unit.dx].code)
    if unit.dx_pair >= 0 and r.target == TARGET_UNIT:
        add_code(hits, hit, run.batch.diagnoses[run.dx_pairs[unit.dx_pair].a].code)
        add_code(hits, hit, run.batch.diagnoses[run.dx_pairs[unit.dx_pair].b].code)
    if status != NOT_EVALUATED:
        _witness(run, hits, &hits.hits[at], r.when, unit, partner, &witnesses)
        if case_ >= 0 and run.program.cases[r.first_case + case_].node >= 0:
            _witness(run, hits, &hits.hits[at], run.program.cases[r.first_case + case_].node, unit, partner, &witnesses)
        add_evidence(run, hits, &hits.hits[at], rule, case_, unit, witnesses.items, witnesses.bound)
    for i in range(r.field_count):
        field = &run.program.fields[r.first_field + i]
        if field.scope == 0:
            add_value(hits, _field(run, unit, field.attribute))
        elif witnesses.bound[field.scope - 1]:
            add_value(hits, _field(run, &witnesses.items[field.scope - 1], field.attribute))
        else:
            add_value(hits, absent())
    return 0


cdef ValueC _field(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """A value to show; the modifiers of a line are one symbol of width 10."""
    cdef const LineC* l
    cdef int64_t symbol = 0
    cdef int i
    if attribute != A_LINE_MODIFIERS or unit.line < 0:
        return value_of(run, unit, attribute)
    l = &run.batch.lines[unit.line]
    for i in range(MAX_MODIFIERS):
        symbol *= 1369
        if i < l.modifier_count and l.modifiers[i] > 0:
            symbol += l.modifiers[i]
    return known(symbol)


cdef int judge(RunC* run, HitsC* hits, const RemainC* remain, const UnitC* unit, const UnitC* partner,
               int32_t case_start, bint keep_all) except -1 nogil:
    """Evaluates what remains of a rule on one unit that it applies to, and records what is to be shown.

    The rule holds where its condition and one of its cases do. A case that is unknown is passed over; if none is
    true and one is unknown, the rule is not evaluated.
    """
    cdef const RemainingCaseC* cases = &run.remaining_cases[remain.first_case]
    cdef int32_t rule = remain.rule
    cdef GapC gap, here
    cdef int when = TRUE if remain.when < 0 else holds(run, remain.when, unit, partner, &gap)
    cdef int answer, i
    cdef bint doubt, fired = False
    if when == FALSE:
        return 0
    doubt = when == UNKNOWN
    for i in range(remain.case_count):
        answer = TRUE if cases[i].node < 0 else holds(run, cases[i].node, unit, partner, &here)
        if answer == FALSE:
            continue
        if when == UNKNOWN:
            hits.open[rule] += 1
            _count(run, hits, rule, cases[i].case_, NOT_EVALUATED, unit, partner, case_start, -1, gap, keep_all)
            return 0
        if answer == UNKNOWN:
            if not doubt:
                gap = here
            doubt = True
            continue
        hits.open[rule] += not fired
        fired = True
        _fire(run, hits, rule, cases[i].case_, unit, partner, case_start, keep_all)
        if not run.program.rules[rule].pick_each:
            return 0
    if not fired and doubt and when == TRUE:
        hits.open[rule] += 1
        _count(run, hits, rule, -1, NOT_EVALUATED, unit, partner, case_start, -1, gap, keep_all)
    return 0


cdef bint applies(const RunC* run, int32_t rule, const UnitC* unit) noexcept nogil:
    """Whether a rule is switched on for the payer, and of the unit's kind of claim and day."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef int32_t day
    if r.target == TARGET_LINE and unit.line < 0:
        return False                      # a number that governs no line
    if unit.claim >= 0:
        if not r.claim_kinds >> run.batch.claims[unit.claim].kind & 1:
            return False
        if run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].severities[rule] == OFF:
            return False
    day = unit_day(run, unit)
    return day == NO_DAY or r.from_day <= day < r.to_day


cdef int _fire(RunC* run, HitsC* hits, int32_t rule, int case_, const UnitC* unit, const UnitC* partner,
               int32_t case_start, bint keep_all) except -1 nogil:
    """The rule holds: bypassed by the first escape that is true, not evaluated if one is unknown, else flagged."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef GapC gap, here
    cdef int i, answer
    cdef bint doubt = False
    memset(&gap, 0, sizeof(GapC))
    for i in range(r.escape_count):
        answer = holds(run, run.program.escapes[r.first_escape + i], unit, partner, &here)
        if answer == TRUE:
            return _count(run, hits, rule, case_, BYPASSED, unit, partner, case_start, i, gap, keep_all)
        if answer == UNKNOWN and not doubt:
            doubt = True
            gap = here
    return _count(run, hits, rule, case_, NOT_EVALUATED if doubt else FLAGGED, unit, partner, case_start, -1, gap,
                  keep_all or not doubt)


cdef int _count(RunC* run, HitsC* hits, int32_t rule, int case_, int status, const UnitC* unit, const UnitC* partner,
                int32_t case_start, int escape, GapC gap, bint keep) except -1 nogil:
    cdef int own = OWN if unit.claim < 0 else (
        run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].severities[rule])
    cdef int severity = own if own >= 0 else run.program.cases[run.program.rules[rule].first_case + max(0, case_)].severity
    hits.counts[rule * STATUS_COUNT + status] += 1
    if status == NOT_EVALUATED:
        hits.reasons[rule * REASON_COUNT + gap.reason] += 1
    if keep:
        _record(run, hits, rule, case_, status, severity, unit, partner, case_start, escape, gap)
    return 0
