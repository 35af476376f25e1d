"""What policies mean, in plain Python: every combination of flags is tried, nothing is reduced or remembered."""

from dataclasses import dataclass
from itertools import product

from scrubber.model.policy import ExampleFlag, FlagRole, Policy
from scrubber.rules.loaded import Catalogue

SEVERITIES = ("info", "review", "deny", "reject")


@dataclass
class Decided:
    """What becomes of one flag; `root` is its place among the flags of the claim."""

    root: int | None = None
    silenced: str | None = None
    severity: str = ""
    queue: str | None = None
    asked: tuple[tuple[str, str], ...] = ()


def decide(policies: list[Policy], catalogue: Catalogue, flags: tuple[ExampleFlag, ...], payer: str) -> list[Decided]:
    """Decisions on the flags of one claim."""
    fired = firings(policies, catalogue, flags, payer)
    decided = [Decided(severity=_severity(catalogue, flag)) for flag in flags]
    parents: dict[int, int] = {}
    raised: dict[int, int] = {}
    lowered: dict[int, int] = {}
    queues: dict[int, tuple[int, str]] = {}
    for policy, rows in fired:
        then = policy.then
        place = dict(zip([*policy.when.flags, *policy.when.facts], rows, strict=True))
        for child, cause in then.under.items():
            parents.setdefault(place[child], place[cause])
            if child in then.silence and decided[place[child]].silenced is None:
                decided[place[child]].silenced = policy.id
        for name, severity in then.raise_.items():
            raised[place[name]] = max(SEVERITIES.index(severity), raised.get(place[name], 0))
        for name, severity in then.lower.items():
            lowered[place[name]] = min(SEVERITIES.index(severity), lowered.get(place[name], 3))
        for name, queue in then.queue.items():
            if place[name] not in queues or policy.priority > queues[place[name]][0]:
                queues[place[name]] = (policy.priority, queue)
        for name in then.ask:
            if (policy.id, name) not in decided[place[name]].asked:
                decided[place[name]].asked += ((policy.id, name),)
    for number, one in enumerate(decided):
        severity = min(SEVERITIES.index(one.severity), lowered.get(number, 3))
        one.severity = SEVERITIES[max(severity, raised.get(number, 0))]
        top = number
        while top in parents:
            top = parents[top]
        one.root = top if top != number else None
        one.queue = queues.get(top, (0, None))[1]
        if one.root is not None:
            one.asked = ()
    return decided


def firings(policies: list[Policy], catalogue: Catalogue, flags: tuple[ExampleFlag, ...],
            payer: str) -> list[tuple[Policy, tuple[int, ...]]]:
    """Every way in which a policy is met, with the flags in the places of its roles: by id, then by flags."""
    concluded: set[tuple[str, int]] = set()
    found: dict[tuple[str, tuple[int, ...]], Policy] = {}
    while True:
        before = len(concluded), len(found)
        for policy in policies:
            if policy.when.payer and payer not in policy.when.payer:
                continue
            for rows in _combinations(policy, catalogue, flags, concluded):
                found[policy.id, rows] = policy
                place = dict(zip(policy.when.flags, rows, strict=False))
                concluded |= {(fact, place[name]) for fact, name in policy.then.conclude.items()}
        if before == (len(concluded), len(found)):
            return [(policy, rows) for (_, rows), policy in sorted(found.items(), key=lambda item: item[0])]


def _combinations(policy: Policy, catalogue: Catalogue, flags: tuple[ExampleFlag, ...],
                  concluded: set[tuple[str, int]]) -> list[tuple[int, ...]]:
    when = policy.when
    chosen = [[number for number, flag in enumerate(flags) if _is(flag, role, catalogue)]
              for role in when.flags.values()]
    chosen += [sorted({number for name, number in concluded if name == fact.fact}) for fact in when.facts.values()]
    return [rows for rows in product(*chosen) if _joined(policy, flags, rows)]


def _joined(policy: Policy, flags: tuple[ExampleFlag, ...], rows: tuple[int, ...]) -> bool:
    place = {name: flags[row] for name, row in zip([*policy.when.flags, *policy.when.facts], rows, strict=True)}
    for name, role in policy.when.flags.items():
        mine = place[name]
        if role.same_line and not _same(mine.line, place[role.same_line].line):
            return False
        if role.touches:
            theirs = place[role.touches]
            if not (_same(mine.line, theirs.line) or _same(mine.line, _partner(theirs))
                    or _same(_partner(mine), theirs.line)):
                return False
        if role.same_diagnosis and place[role.same_diagnosis].diagnoses[:1] not in [
                (code,) for code in mine.diagnoses[:4]]:
            return False
    return all(not fact.same_line or _same(place[name].line, place[fact.same_line].line)
               for name, fact in policy.when.facts.items())


def _same(one: int | None, other: int | None) -> bool:
    return one is not None and one == other


def _partner(flag: ExampleFlag) -> int | None:
    return flag.related[0] if flag.related else None


def _is(flag: ExampleFlag, role: FlagRole, catalogue: Catalogue) -> bool:
    def named(words: tuple[str, ...]) -> bool:
        return any(flag.rule == word or flag.rule.startswith(word + "-") for word in words)

    rule = next(loaded.rule for loaded in catalogue.rules if loaded.rule.id == flag.rule)
    case = next((case for case in rule.cases if case.name == flag.case), None)
    fix = (case.fix if case else None) or rule.fix
    return (named(role.rule) and not named(role.not_rule)
            and (not role.case or flag.case in role.case)
            and (not role.severity or _severity(catalogue, flag) in role.severity)
            and (not role.fix_class or fix.class_ in role.fix_class))


def _severity(catalogue: Catalogue, flag: ExampleFlag) -> str:
    rule = next(loaded.rule for loaded in catalogue.rules if loaded.rule.id == flag.rule)
    case = next((case for case in rule.cases if case.name == flag.case), None)
    return flag.severity or (case.severity if case else None) or rule.severity
