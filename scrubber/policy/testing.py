"""Runs the examples inside the policies, all policies together, and says what came instead of what they promise."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from scrubber._hits import HIT_DTYPE
from scrubber.model.flag import flag_name
from scrubber.model.policy import ExampleFlag, PolicyExample
from scrubber.policy.apply import Outcome, Policies
from scrubber.policy.decisions import QUEUES
from scrubber.policy.dialect import KINDS
from scrubber.policy.loaded import LoadedPolicy
from scrubber.rules.loaded import Catalogue
from scrubber.rules.problems import suggest
from scrubber.rules.testing import Outcome as Tested
from scrubber.rules.vocabulary import SEVERITIES, STATUSES

_LINES = 1000              # lines of one claim at most, so that those of two differ


class ExampleError(ValueError):
    """An example that names what there is not."""


def run_policy_examples(policies: Policies, catalogue: Catalogue, chosen: Iterable[LoadedPolicy]) -> Iterator[Tested]:
    """Outcomes of the examples of some policies, in their order."""
    for loaded in chosen:
        for example in loaded.policy.examples:
            yield Tested(loaded.policy.id, example.name, loaded.path, _problem(policies, catalogue, example))


def apply_examples(policies: Policies, catalogue: Catalogue, examples: Sequence[PolicyExample]) -> Outcome | None:
    """What all policies make of the flags of some claims, one after the other in the order in which they are named.

    Raises:
        ExampleError: One names a rule or case that there is not.
    """
    numbers = {loaded.rule.id: number for number, loaded in enumerate(catalogue.rules)}
    flags = [(claim, flag) for claim, example in enumerate(examples) for flag in example.flags]
    hits = np.zeros(len(flags), HIT_DTYPE)
    related: list[int] = []
    codes: dict[str, int] = {}
    diagnoses: list[int] = []
    for place, (claim, flag) in enumerate(flags):
        if flag.rule not in numbers:
            raise ExampleError(f"no rule {flag.rule}; {suggest(flag.rule, numbers)}")
        rule = catalogue.rules[numbers[flag.rule]].rule
        names = [case.name for case in rule.cases]
        if flag.case is not None and flag.case not in names:
            raise ExampleError(f"{flag.rule} has no case {flag.case}; {suggest(flag.case, names)}")
        for name, value in (
            ("claim", claim), ("line", -1 if flag.line is None else claim * _LINES + flag.line),
            ("rule", numbers[flag.rule]), ("case", names.index(flag.case) if flag.case is not None else -1),
            ("first_related", len(related)), ("related_count", len(flag.related)),
            ("first_diagnosis", len(diagnoses)), ("diagnosis_count", len(flag.diagnoses)),
            ("severity", SEVERITIES.index(_severity(flag, catalogue, numbers))),
            ("status", STATUSES.index("flagged")),
        ):
            hits[place][name] = value
        related += [claim * _LINES + line for line in flag.related]
        diagnoses += [codes.setdefault(code, len(codes)) for code in flag.diagnoses]
    columns = {"hits": hits, "related": np.array(related, np.int32), "diagnoses": np.array(diagnoses, np.int64)}
    return policies.apply(columns, np.array([KINDS.index(example.payer) for example in examples], np.int8))


def _severity(flag: ExampleFlag, catalogue: Catalogue, numbers: dict[str, int]) -> str:
    """The severity that a flag of an example comes with."""
    rule = catalogue.rules[numbers[flag.rule]].rule
    case = next((case for case in rule.cases if case.name == flag.case), None)
    return flag.severity or (case.severity if case else None) or rule.severity


def _problem(policies: Policies, catalogue: Catalogue, example: PolicyExample) -> str | None:
    try:
        outcome = apply_examples(policies, catalogue, [example])
    except ExampleError as error:
        return f"could not be run: {error}"
    if outcome is None or outcome.record["not_applied"]:
        return "could not be run: durable-rules gave no answer"
    wrong = []
    numbers = {loaded.rule.id: number for number, loaded in enumerate(catalogue.rules)}
    for place, flag in enumerate(example.flags):
        root = int(outcome.root[place])
        queue = int(outcome.queue[place])
        for name, expected, came in (
            ("root", flag.root, _name(example.flags[root]) if root >= 0 else None),
            ("silenced", flag.silenced, bool(outcome.silenced[place] >= 0)),
            ("becomes", flag.becomes or _severity(flag, catalogue, numbers), SEVERITIES[outcome.severity[place]]),
            ("queue", flag.queue, QUEUES[queue] if queue >= 0 and flag.queue else None),
            ("asked", flag.asked, bool(outcome.asks[place] >= 0) if flag.asked is not None else None),
        ):
            if expected != came:
                wrong.append(f"{_name(flag)}: expected {name} {_shown(expected)}, got {_shown(came)}")
    return "; ".join(wrong) or None


def _name(flag: ExampleFlag) -> str:
    return flag_name(flag.rule, flag.line, flag.diagnoses)


def _shown(value: object) -> str:
    return {"True": "yes", "False": "no", "None": "none"}.get(str(value), str(value))
