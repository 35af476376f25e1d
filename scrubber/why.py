"""Why a rule did not flag a claim: what the engine answers when it is asked for each of its tests.

The tests of a rule are asked one more at a time, each time as a rule of its own: the first that a unit does not pass
is the one that kept it from being flagged. Nothing is judged here a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag
from scrubber.model.rule import Denial, Fix, Window
from scrubber.rules.attributes import ITEM, Attribute
from scrubber.rules.conditions import All, Condition, Logic, Not, Test
from scrubber.rules.conditions import Any as AnyOf
from scrubber.rules.loaded import LoadedRule, Shown
from scrubber.rules.message import is_forbidden
from scrubber.rules.wording import worded
from scrubber.symbols import dotted
from scrubber.variants import with_rules

Outcome = Literal["flagged", "bypassed", "not_evaluated", "clear"]
BETWEEN = "\x1f"                  # between the values of a unit, in the message that brings them
Key = tuple[int | None, tuple[str, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Failed:
    """A test that does not hold.

    Attributes:
        case: Of the rule that it belongs to; "" for the rule itself.
        test: In words, one line each.
        values: What was found for what it asks, by name.
    """

    case: str
    test: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one unit that the rule looked at.

    Attributes:
        line: None where the unit is of the whole claim. `related`: the other lines that take part.
        reason: By what it was bypassed, or why it could not be evaluated, as a flag has it.
        failed: Of a clear unit: the first test that does not hold; where all of the rule's hold, that of each case.
    """

    line: int | None
    related: tuple[int, ...]
    diagnoses: tuple[str, ...]
    outcome: Outcome
    message: str = ""
    reason: str = ""
    failed: tuple["Failed", ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """What a rule did with a claim.

    Attributes:
        verdict: `looked`: it looked at units; `off`: the payer does not use it; `kind`: it is for other kinds of
            claims; `dates`: it is not in effect on the dates; `no unit`: there is nothing that it looks at.
        because: Of `off`, who said so, and why.
    """

    rule: str
    title: str
    grain: str
    verdict: Literal["looked", "off", "kind", "dates", "no unit"]
    because: str = ""
    units: tuple[Told, ...] = ()


def why(scrubber: Scrubber, claim: Claim, id: str) -> Why:
    """What a rule did with a claim, and why.

    Args:
        id: Of a rule of the catalogue.

    Raises:
        KeyError: There is no such rule.
        ClaimError: The claim contradicts itself.
    """
    found = [loaded for loaded in (*scrubber.catalogue.rules, *scrubber.catalogue.removed) if loaded.rule.id == id]
    if not found:
        raise KeyError(id)
    payer = scrubber.payers.match(claim.payer, claim.filing_code).payer
    mine = [loaded for loaded in found if loaded not in scrubber.catalogue.removed
            and loaded.is_used_by(payer.profile)]
    rule = (mine or found)[0].rule
    told = Why(id, rule.title, rule.applies.grain, "looked")
    if not mine or id in payer.off:
        said = next((each for each in reversed(payer.said.get(id, ()))), None)
        because = f"{said.layer}: {said.because}" if said is not None and said.because else f"profile {payer.profile}"
        return replace(told, verdict="off", because=because)
    if claim.kind not in rule.applies.claims:
        return replace(told, verdict="kind", because=", ".join(rule.applies.claims))
    if not any(_in_effect(rule.effective, claim)):
        return replace(told, verdict="dates", because=f"{rule.effective.from_ or '…'} to {rule.effective.to or '…'}")
    shown = [flag for flag in scrubber.check(claim, keep_all=True) if flag.rule == id]
    units = tuple(Told(flag.line, _lines(flag), flag.diagnoses, flag.status, flag.message, flag.reason or "")
                  for flag in shown)
    clear = tuple(unit for loaded in mine for unit in _clear(scrubber, claim, loaded, {_key(flag) for flag in shown}))
    return replace(told, units=units + clear, verdict="looked" if units or clear else "no unit")


def _in_effect(window: Window, claim: Claim) -> Iterator[bool]:
    for line in claim.lines:
        yield (window.from_ is None or window.from_ <= line.date) and (window.to is None or line.date <= window.to)


def _clear(scrubber: Scrubber, claim: Claim, loaded: LoadedRule, told: set[Key]) -> Iterator[Told]:
    """The units that the rule passed over, each with the first test that it does not hold."""
    when = loaded.logic.when.items
    cases = [(case.name, tests.items) for case, tests in zip(loaded.rule.cases, loaded.logic.cases, strict=True)]
    # What is asked together, one test more each time: the rule's tests, and then those of each case behind them.
    asked = [when[:count] for count in range(len(when) + 1)]
    asked += [(*when, *tests[:count]) for _, tests in cases for count in range(1, len(tests) + 1)]
    attributes = list(dict.fromkeys(each for tests in (when, *(tests for _, tests in cases)) for test in tests
                                    for each in _names(test, loaded)))
    probes = [_probe(loaded, number, tests, attributes if number == 0 else []) for number, tests in enumerate(asked)]
    answers: list[dict[Key, list[Flag]]] = [{} for _ in probes]
    for flag in with_rules(scrubber, probes).check(claim, keep_all=True):
        answers[int(flag.rule.rpartition("-")[2])].setdefault(_key(flag), []).append(flag)

    for key, flags in answers[0].items():
        if _is_among(key, told):
            continue
        texts = {}
        if len(flags) == 1:                          # of several units of one line it is not known which is which
            texts = dict(zip((each.text for each in attributes), flags[0].message.split(BETWEEN), strict=False))

        def failed(case: str, first: int, tests: Sequence[Condition], key: Key = key,
                   texts: dict[str, str] = texts) -> Failed | None:
            place = next((place for place in range(len(tests)) if not _is_among(key, answers[first + place])), None)
            if place is None:
                return None
            values = {each.text: texts[each.text] for each in _names(tests[place], loaded) if each.text in texts}
            return Failed(case, tuple(worded(tests[place])), tuple(values.items()))

        found = [failed("", 1, when)]
        if found == [None]:
            first = len(when) + 1
            for name, tests in cases:
                found.append(failed(name, first, tests))
                first += len(tests)
        line, diagnoses, related = key
        yield Told(line, related, diagnoses, "clear", failed=tuple(each for each in found if each is not None))


def _probe(loaded: LoadedRule, number: int, tests: Sequence[Condition], attributes: Sequence[Attribute]) -> LoadedRule:
    """Some tests of a rule as a rule of its own, whose message is the values of attributes."""
    rule = loaded.rule.model_copy(update={
        "id": f"WHY-{number}", "cases": (), "unless": (), "worth": None, "denial": Denial(), "status": "stable",
        "message": BETWEEN.join(f"{{{each.text}}}" for each in attributes), "title": "",
        "fix": Fix.model_construct(class_="judgement", text="", change=None)})
    names = {each.text: place for place, each in enumerate(attributes)}
    fields = tuple(Shown(each, "pair" if each.scope == ITEM else None) for each in attributes)
    logic = Logic(All(tuple(tests)))
    return LoadedRule(rule, logic, fields, (names,), loaded.path, loaded.sha256)


def _names(condition: Condition, loaded: LoadedRule) -> list[Attribute]:
    """What a condition asks of a unit itself, as far as it may be shown."""
    pair = loaded.rule.applies.grain == "pair"
    match condition:
        case Test(attribute, _, operand):
            found = [attribute, *([operand] if isinstance(operand, Attribute) else [])]
            return [each for each in found if not is_forbidden(each) and (each.scope != ITEM or pair)]
        case All(items) | AnyOf(items):
            return [each for item in items for each in _names(item, loaded)]
        case Not(item):
            return _names(item, loaded)
    return []                                        # of the items of a related set it is not told which one


def _lines(flag: Flag) -> tuple[int, ...]:
    return tuple(each.line for each in flag.related if each.line != flag.line)


def _is_among(key: Key, others: Iterable[Key]) -> bool:
    """Whether others hold a unit; a test of other lines or diagnoses that holds adds these to its flag."""
    line, diagnoses, related = key
    return any(line == each[0] and set(diagnoses) <= set(each[1]) and set(related) <= set(each[2]) for each in others)


def _key(flag: Flag) -> Key:
    return flag.line, tuple(map(dotted, flag.diagnoses)), _lines(flag)
