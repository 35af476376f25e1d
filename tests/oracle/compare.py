"""Engine and oracle on one case: the answers of both, in one form."""

import functools
from collections import Counter
from collections.abc import Iterable

from oracle.scrub import Answer, answers
from scrubber.engine import Scrubber
from scrubber.model.case import Case
from scrubber.model.flag import Flag
from scrubber.symbols import date_of
from scrubber.tables.edition import EditionData, build_edition
from scrubber.tables.schema import TABLES

UNTOLD = ("defect",)


@functools.cache
def bundled() -> Scrubber:
    return Scrubber()


def editions_of(case: Case, scrubber: Scrubber) -> list[EditionData]:
    """Tables of a case: those it names instead of the scrubber's."""
    found = [edition for edition in scrubber.editions if edition.table not in case.tables]
    for name, rows in case.tables.items():
        if rows is not None:
            keys = {key for row in rows for key in row} | {column for column, _ in TABLES[name].key}
            found.append(build_edition(name, "example", {key: [row.get(key) for row in rows] for key in sorted(keys)},
                                       date_of(9496), date_of(47481)))
    return found


def of_engine(flags: Iterable[Flag], grains: dict[str, str]) -> list[Answer]:
    """The engine's flags as answers; of rules whose grain the oracle tells of."""
    return [
        Answer(flag.rule, flag.claim_position, flag.line, flag.status, flag.severity,
               flag.case if flag.status != "not_evaluated" else None, flag.reason, frozenset(flag.diagnoses),
               frozenset((each.claim, each.line) for each in flag.related))
        for flag in flags if grains[flag.rule] not in UNTOLD
    ]


def disagreement(case: Case, scrubber: Scrubber, seen: Counter[str] | None = None) -> str:
    """What only one of them says, as text; empty where they agree.

    Args:
        seen: Where statuses of the answers are counted, and the rules that flag.
    """
    grains = {loaded.rule.id: loaded.rule.applies.grain for loaded in scrubber.catalogue.rules}
    engine = Counter(_plain(answer) for answer in of_engine(scrubber.scrub_case(case).flags, grains))
    oracle = Counter(map(_plain, answers(case, scrubber.catalogue, scrubber.payers, editions_of(case, scrubber))))
    if seen is not None:
        seen.update(answer.status for answer in oracle.elements())
        seen.update(answer.rule for answer in oracle if answer.status == "flagged")
    return "\n".join([*(f"engine {answer}" for answer in sorted((engine - oracle).elements(), key=repr)),
                      *(f"oracle {answer}" for answer in sorted((oracle - engine).elements(), key=repr))])


def _plain(answer: Answer) -> Answer:
    """Severity says something of flags alone."""
    if answer.status == "flagged":
        return answer
    return Answer(answer.rule, answer.claim, answer.line, answer.status, "", answer.case, answer.reason,
                  answer.diagnoses, answer.related)
