"""The few numbers that a batch comes down to; every output form for people shows the same ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from scrubber.model.flag import Flag, Severity, is_opportunity
from scrubber.report import RANK, Report
from scrubber.writers import words


@dataclass
class Cause:
    """One rule over the whole batch.

    Attributes:
        at_risk: Cents of the lines it flags at or above deny, each line once; of whole claims where it is about
            the claim.
        severity: The gravest of its flags.
    """

    rule: str
    title: str
    severity: Severity
    flags: int = 0
    claims: int = 0
    at_risk: int = 0


@dataclass
class Stale:
    """An edition that was asked about dates after its end."""

    table: str
    edition: str
    covers_to: str | None
    flags: int


@dataclass
class Summary:
    """A batch in numbers.

    Attributes:
        at_risk: Cents of lines and claims flagged at or above deny, each once.
        causes: Rules whose flags stand under no other, with what stands under them at their charge; the dearest
            first, then the gravest, then the most frequent.
        rules: The same by rule, whatever stands under what.
        not_checked: (rule, reason, how often), most often first.
        without_policies: A sentence where policies should have run and did not.
        opportunities: Prompts about charges that may have been missed, which are in none of the numbers above but
            `flags` and `rules`; `worth` is what the fee schedule says of them in cents, each line once, and
            `opportunities_not_checked` how often such a rule could not answer.
    """

    claims: int
    lines: int
    clean: int
    set_aside: int
    flags: int
    at_risk: int
    severities: dict[str, int]
    causes: list[Cause]
    rules: list[Cause]
    not_checked: list[tuple[str, str, int]]
    bypassed: int
    stale: list[Stale]
    claims_by_severity: dict[str, int] = field(default_factory=dict)
    without_policies: str = ""
    opportunities: int = 0
    worth: int = 0
    opportunities_not_checked: int = 0


class _Dollars:
    """Sums charges at risk, each line once; a flag about the whole claim counts the claim instead of its lines.

    The flags of a claim come one after the other, so that only those of one claim are kept.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._key: tuple[str, int] | None = None
        self._claim = 0
        self._lines: dict[int, int] = {}

    def add(self, flag: Flag) -> None:
        key = (flag.file, flag.claim_position)
        if key != self._key:
            self._sum = self.total()
            self._key, self._claim, self._lines = key, 0, {}
        cents = max(flag.charge_at_risk_cents, 0)
        if flag.line is None:
            self._claim = max(cents, self._claim)
        else:
            self._lines[flag.line] = max(cents, self._lines.get(flag.line, 0))

    def total(self) -> int:
        return self._sum + max(self._claim, sum(self._lines.values()))


class _Causes:
    """Flags gathered by rule."""

    def __init__(self, report: Report) -> None:
        self._rules = report.rules
        self._causes: dict[str, Cause] = {}
        self._money: dict[str, _Dollars] = defaultdict(_Dollars)
        self._last: dict[str, tuple[str, int]] = {}

    def add(self, flag: Flag, under: Iterable[Flag] = ()) -> None:
        """Counts a flag, at the charge of itself and of what stands under it."""
        cause = self._causes.get(flag.rule)
        if cause is None:
            rule = self._rules.get(flag.rule)
            cause = self._causes[flag.rule] = Cause(flag.rule, rule.title if rule else "", flag.severity)
        cause.flags += 1
        key = (flag.file, flag.claim_position)
        cause.claims += self._last.get(flag.rule) != key
        self._last[flag.rule] = key
        for each in (flag, *under):
            cause.severity = min(cause.severity, each.severity, key=RANK.__getitem__)
            if RANK[each.severity] <= RANK["deny"]:
                self._money[flag.rule].add(each)

    def sorted(self) -> list[Cause]:
        """The dearest first, then the gravest, then the most frequent."""
        for cause in self._causes.values():
            cause.at_risk = self._money[cause.rule].total()
        return sorted(self._causes.values(), key=_order)


def summarize(report: Report) -> Summary:
    """The numbers of a report, in one pass over its flags."""
    severities: Counter[str] = Counter()
    by_severity: Counter[int] = Counter()
    causes, rules = _Causes(report), _Causes(report)
    at_risk = _Dollars()
    stale: Counter[tuple[str, str, str | None]] = Counter()
    flagged = opportunities = 0
    worth = _Dollars()
    for _, group in groupby(report.flags, lambda flag: (flag.file, flag.claim_position)):
        every = [flag for flag in group if flag.status == "flagged"]
        members = [flag for flag in every if not is_opportunity(flag.rule)]
        for flag in every:
            if is_opportunity(flag.rule):
                flagged += 1
                opportunities += 1
                worth.add(flag)
                rules.add(flag)
        for flag, under in words.by_root(members):
            causes.add(flag, under)
        if members:
            by_severity[min(RANK[flag.severity] for flag in members)] += 1
        for flag in members:
            flagged += 1
            severities[flag.severity] += 1
            rules.add(flag)
            if RANK[flag.severity] <= RANK["deny"]:
                at_risk.add(flag)
            for edition in {(item.table, item.edition, item.covers_to) for item in flag.evidence if item.stale}:
                stale[edition] += 1
    run = report.run
    not_evaluated = run.get("not_evaluated", {})
    clean = run["clean_claims"] if "clean_claims" in run else len(report.clean)
    return Summary(
        claims=run.get("claims", len(report.claims)), lines=run.get("lines", 0), clean=clean,
        set_aside=len(report.unreadable), flags=flagged, at_risk=at_risk.total(),
        severities={severity: severities[severity] for severity in RANK},
        causes=causes.sorted(), rules=rules.sorted(),
        not_checked=sorted(((rule, why, number) for rule, reasons in not_evaluated.items()
                            if not is_opportunity(rule) for why, number in reasons.items()),
                           key=lambda item: (-item[2], item[0], item[1])),
        bypassed=sum(run.get("bypassed", {}).values()),
        stale=[Stale(*key, flags=stale[key]) for key in sorted(stale, key=lambda key: key[:2])],
        claims_by_severity={severity: by_severity[rank] for severity, rank in RANK.items()},
        without_policies=_without_policies(run.get("policies", {})),
        opportunities=opportunities, worth=worth.total(),
        opportunities_not_checked=sum(sum(reasons.values()) for rule, reasons in not_evaluated.items()
                                      if is_opportunity(rule)),
    )


def _without_policies(said: Mapping[str, Any]) -> str:
    """What went wrong with the policies of a run, in a few words; empty where nothing did."""
    if said.get("status") == "not_installed":
        return "Policies not applied: durable-rules is not installed (pip install \"claim-scrubber[policies]\")"
    if said.get("not_applied"):
        claims = words.count(said["not_applied"], "claim")
        return f"Policies not applied to {claims}, whose flags are as the rules gave them"
    return ""


def _order(cause: Cause) -> tuple[int, int, int, str]:
    return -cause.at_risk, RANK[cause.severity], -cause.flags, cause.rule
