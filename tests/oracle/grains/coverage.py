"""Which coverage policies speak of a line, and what they say: laboratory NCD lists and the payer's own rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oracle.grains.tables import Edition, Row
from oracle.grains.world import Line, upper
from oracle.language import Unknown
from scrubber.model.payer import PolicyRow
from scrubber.symbols import WIDTHS, bounds, pack


@dataclass(frozen=True)
class Coverage:
    """What one policy says of a line; `unknown` is the reason why it says nothing."""

    kind: str
    outcome: str = "covered"
    unpointed: int = 0
    dimension: str = "dx"
    severity: str = "deny"
    unknown: str = ""

    def value(self, name: str) -> Any:
        """`coverage.NAME`."""
        if name == "looked_up":
            return not self.unknown
        return Unknown(self.unknown) if self.unknown and name != "kind" else getattr(self, name)


def coverages_of(line: Line) -> list[Coverage]:
    """Every policy of a line."""
    if line.claim.kind == "D":
        return []
    payer = line.world.payer
    return [*_ncd(line), *_payer(line, "payer", "payer_policies", payer.policies), *_articles(line),
            *_payer(line, "screening", "screening", payer.screening),
            *_payer(line, "drug", "drug_labels", payer.drug_labels)]


def _read_diagnoses(line: Line) -> list[str]:
    """The pointed ones; where the payer reads one pointer alone, the first."""
    pointed = [dx.code for dx in line.pointed]
    return pointed[:1] if line.world.setting("coverage_first_pointer_only") else pointed


def _helpful(line: Line, helps: Callable[[str], bool]) -> int:
    """Position of the first diagnosis of the claim that the line does not point to and that would do, 0 for none."""
    return next((dx.position for dx in line.claim.diagnoses[:line.claim.pointable]
                 if not any(dx is each for each in line.pointed) and helps(dx.code)), 0)


def _state(line: Line) -> str:
    """Where it was done, else where the biller is."""
    sent = line.claim.sent
    facility = next((each.state for each in sent.providers if each.role == "facility" and each.state), None)
    return upper(facility or (sent.billing.state if sent.billing else None))


def _articles(line: Line) -> list[Coverage]:
    """One for each local article that lists the code and binds the contractor of the state."""
    world, day = line.world, line.day
    reads = world.setting("lcd")
    if reads is False or not line.code.isalnum() or len(line.code) > 5:
        return []
    codes, states = world.tables.on("lcd_code", day), world.tables.on("lcd_state", day)
    if reads is None or codes is None or states is None:
        return [Coverage("lcd", unknown="no_setting" if reads is None else "no_edition")]
    articles = dict.fromkeys(row["article"] for row in codes.rows(line.code) if row["from"] <= day < row["to"])
    state = _state(line)
    if not state:
        return [Coverage("lcd", unknown="no_fact")] if articles else []
    return [_judge_article(line, article) for article in articles if states.on(day, article, state) is not None]


def _judge_article(line: Line, article: int) -> Coverage:
    """Any pointed diagnosis that it covers is enough; a tie of groups that only prose tells is for somebody to read."""
    day = line.day
    heads, lists = line.world.tables.on("lcd_article", day), line.world.tables.on("lcd_dx", day)
    head = heads.on(day, article) if heads else None
    if head is None or lists is None:
        return Coverage("lcd", unknown="no_edition")
    if head["covered_groups"] + head["noncovered_groups"] == 0:
        return Coverage("lcd", "no_list")

    def listing(code: str) -> str:
        rows = [row for row in lists.rows(article, code) if row["from"] <= day < row["to"]]
        if any(row["kind"] == "covered" and not row["asterisk"] for row in rows):
            return "covered"
        if any(row["kind"] == "covered" for row in rows):
            return "starred"
        return "refused" if rows else ""

    told = [listing(code) for code in _read_diagnoses(line)]
    if not told:
        return Coverage("lcd", unknown="no_fact")
    refused = set(told) == {"refused"}
    if not head["covered_groups"]:
        return Coverage("lcd", "denied", _helpful(line, lambda code: not listing(code))) if refused else Coverage("lcd")
    if "covered" in told:
        tied = head["covered_groups"] == head["code_groups"] == 1
        return Coverage("lcd", "covered" if tied else "prose_group")
    if "starred" in told:
        return Coverage("lcd", "companion")
    return Coverage("lcd", "denied" if refused else "unlisted", _helpful(line, lambda code: listing(code) == "covered"))


def _ncd(line: Line) -> list[Coverage]:
    """One for each laboratory list of the code."""
    world, day = line.world, line.day
    reads = world.setting("ncd")
    if reads is False or not line.code.isalnum() or len(line.code) > 5:
        return []
    codes, lists = world.tables.on("ncd_code", day), world.tables.on("ncd_dx", day)
    if codes is None:
        return [Coverage("ncd", unknown="no_edition")]
    rows = [row for row in codes.rows(line.code) if row["from"] <= day < row["to"]]
    if not rows and codes.partial and line.in_set("lab"):
        return [Coverage("ncd", unknown="no_row")]
    if reads is None or lists is None:
        return [Coverage("ncd", unknown="no_setting" if reads is None else "no_edition") for _ in rows]
    return [_judge_list(line, lists, row["list"]) for row in rows]


def _resolution(lists: Edition, number: int, dx: str, day: int) -> int:
    """Of the diagnosis's own row, else of the wildcard's; 0 where there is neither."""
    row: Row | None = lists.on(day, number, dx) or lists.on(day, number, "")
    return row["resolution"] if row else 0


def _judge_list(line: Line, lists: Edition, number: int) -> Coverage:
    """Covered by one pointed diagnosis; denied if every one is; else not supported."""
    told: list[int] = []
    gap = False
    for code in _read_diagnoses(line):
        if lists.partial and lists.on(line.day, number, code) is None:
            gap = True
            continue
        told.append(_resolution(lists, number, code, line.day))
        if told[-1] == 1:
            return Coverage("ncd")
    if gap or not told:
        return Coverage("ncd", unknown="no_row" if gap else "no_fact")
    helpful = _helpful(line, lambda code: _resolution(lists, number, code, line.day) == 1)
    return Coverage("ncd", "denied" if set(told) == {2} else "unlisted", helpful)


def _payer(line: Line, kind: str, name: str, rows: Sequence[PolicyRow] | None) -> list[Coverage]:
    """The payer's row with the narrowest codes; of equal ones an exclusion decides, then one that covers."""
    world = line.world
    reads = world.setting(name)
    if reads is False:
        return []
    payer = line.claim.sent.payer
    mine = [row for row in rows or () if row.payer in ("*", payer)
            and (not row.kinds or world.setting("kind") in row.kinds)]
    if reads is None or not mine:
        return [Coverage(kind, unknown="no_setting")] if line is line.claim.lines[0] else []
    code = pack(line.code, 5) if line.code else 0
    fits: list[tuple[tuple[bool, int], PolicyRow]] = []
    for row in mine:
        begins = row.from_ is None or row.from_ <= line.date
        ends = row.to is None or line.date <= row.to
        for member in row.codes:
            span = bounds(member, 5)
            holds = span and span[0] <= code <= span[1] and same_class(member, line.code)
            if row.plan == "*" and begins and ends and span and holds:
                fits.append(((row.payer == "*", span[1] - span[0]), row))
    if not fits:
        return []
    narrowest = min(width for width, _ in fits)
    judged = [_judge_policy(line, row, kind) for width, row in fits if width == narrowest]
    known = [each for each in judged if not each.unknown]
    for outcome in ("excluded", "covered"):
        for each in known:
            if each.outcome == outcome:
                return [each]
    return judged[:1]


def same_class(member: str, code: str) -> bool:
    """Whether letters stand at the same ends; a range holds codes of its own class alone."""
    def ends(text: str) -> tuple[str, str]:
        return (text[:1] if text[:1].isalpha() else "", text[4:5] if text[4:5].isalpha() else "")

    return ends(member.partition("-")[0].upper()) == ends(code)


def within(members: Sequence[str], text: str, kind: str) -> bool:
    """Whether a list of codes, ranges and prefixes holds a text."""
    symbol = pack(text, WIDTHS[kind]) if text else 0
    spans = [bounds(member, WIDTHS[kind]) for member in members]
    return any(span is not None and span[0] <= symbol <= span[1] for span in spans)


def _judge_policy(line: Line, row: PolicyRow, kind: str) -> Coverage:
    """Exclusion first, then each dimension; what fails for certain decides before what is missing."""
    severity = {"info": "info", "review": "review"}.get(row.severity, "deny")
    base = Coverage(kind, severity=severity)
    pointed = [dx.code for dx in line.pointed]
    if any(within(row.dx_excluded, code, "dx") for code in pointed):
        return replace(base, outcome="excluded")
    if row.dx_only and pointed and all(within(row.dx_only, code, "dx") for code in pointed):
        return replace(base, outcome="excluded")
    wanted = row.dx_first or row.dx_any
    read = pointed[:1] if row.dx_first else _read_diagnoses(line)
    missing = bool(wanted or row.dx_only) and not pointed
    if wanted and pointed and not any(within(wanted, code, "dx") for code in read):
        return replace(base, outcome="unlisted", unpointed=_helpful(line, lambda code: within(wanted, code, "dx")))
    for dimension, truth in (("age", _age_fits(line, row)), ("sex", _sex_fits(line, row)),
                             ("pos", _listed(row.pos, line.pos, "pos")),
                             ("specialty", _listed(row.specialty, line.taxonomy, "taxonomy")),
                             ("modifier", not row.modifiers or any(within(row.modifiers, each, "mod")
                                                                   for each in line.modifiers))):
        if truth is False:
            return replace(base, outcome="denied", dimension=dimension)
        missing = missing or truth is None
    return replace(base, unknown="no_fact") if missing else base


def _listed(members: Sequence[str], text: str, kind: str) -> bool | None:
    if not members:
        return True
    return within(members, text, kind) if text else None


def _age_fits(line: Line, row: PolicyRow) -> bool | None:
    if row.age_low is None and row.age_high is None:
        return True
    from oracle.grains.world import age

    years = age(line.claim.sent.patient.birth, line.date)
    if isinstance(years, Unknown):
        return None
    return (row.age_low is None or years >= row.age_low) and (row.age_high is None or years <= row.age_high)


def _sex_fits(line: Line, row: PolicyRow) -> bool | None:
    sex = line.claim.sent.patient.sex
    if row.sex is None:
        return True
    return sex == row.sex if sex in ("F", "M") else None
