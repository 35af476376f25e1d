"""What a 277CA says of a claim that is rejected, by rule or by the element that is wrong: rulesets/acknowledgement."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from scrubber.bundled import bundled
from scrubber.errors import ScrubberError

ALLOWED = re.compile(r"A[0-8]:\d{1,3}(:[A-Z0-9]{2,3})?")
MOST = 3                       # statuses of one STC: STC01, STC10, STC11
# Source: 005010X214, STC01-3 of loops 2200D and 2220D.
ENTITIES = frozenset((
    "03", "1P", "1Z", "40", "41", "71", "72", "73", "77", "82", "85", "87", "DK", "DN", "DQ", "FA", "GB", "HK", "IL",
    "LI", "MSC", "PR", "PRP", "QB", "QC", "QD", "SEP", "TL", "TTP", "TU"))

# Those of them that STC10 and STC11 may name.
BESIDE = ENTITIES - {"03", "41", "HK", "MSC", "PR", "PRP", "SEP", "TL", "TTP"}

SEE_LINES = ("A3:247",)        # what is wrong is told at the lines
SEE_999 = ("A3:684",)          # the syntax of the claim is wrong: only in a set that was accepted with errors
ACCEPTED = ("A2:20",)


class ByElement(NamedTuple):
    """What an element is.

    Attributes:
        reference: Number of the data element; empty where it is not known.
        statuses: Of a claim in which it is wrong.
    """

    reference: str
    statuses: tuple[str, ...]


class Statuses:
    """The statuses of a table.

    Args:
        data: As the file says it.

    Attributes:
        not_alone: Codes that say nothing alone.
        elements: By segment, qualifier and number.

    Raises:
        ScrubberError: It does not hold together.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self._entity = {code: entity for entity, codes in data["entities"].items() for code in codes}
        self.not_alone = frozenset(data["not_alone"])
        self._rules = {key: self.completed(text) for key, text in data["rules"].items()}
        self._otherwise = {key: self.completed(text) for key, text in data["otherwise"].items()}
        self.elements = {
            (row["segment"], row.get("qualifier", ""), int(row.get("element", 0))):
            ByElement(row.get("reference", ""), self.completed(row["status"])) for row in data["elements"]}
        self._known: dict[tuple[str, str | None, str | None, bool], tuple[str, ...]] = {}

    def of_rule(self, rule: str, case: str | None, own: str | None, *, line: bool) -> tuple[str, ...]:
        """Statuses of a flag.

        Args:
            own: What the rule itself says.
            line: Whether it is about a line.
        """
        key = rule, case, own, line
        if key not in self._known:
            self._known[key] = self._of_rule(rule, case, own, line)
        return self._known[key]

    def _of_rule(self, rule: str, case: str | None, own: str | None, line: bool) -> tuple[str, ...]:
        if own:
            return self.completed(own, beside="A7:247" if line else "A7:275")
        names = [f"{rule}/{case}", rule, *(rule[:end] for end in range(len(rule), 0, -1) if rule[end - 1] == "-")]
        return next((self._rules[name] for name in names if name in self._rules),
                    self._otherwise["line" if line else "claim"])

    def of_element(self, segment: str, qualifier: str, number: int) -> ByElement:
        """What an element is: by the first of the rows that fits it."""
        for key in ((segment, qualifier, number), (segment, qualifier, 0), (segment, "", number), (segment, "", 0)):
            if key in self.elements:
                return self.elements[key]
        return self.elements["", "", 0]

    def completed(self, text: str, beside: str = "") -> tuple[str, ...]:
        """Statuses separated by blanks, each with the entity that it needs.

        Args:
            beside: What stands beside those that say nothing alone.

        Raises:
            ScrubberError: One is none that a 277CA may say, or says nothing alone.
        """
        found = tuple(self._with_entity(status) for status in text.split())
        if beside and found and all(status.split(":")[1] in self.not_alone for status in found):
            found = (*found[:MOST - 1], beside)
        if not 0 < len(found) <= MOST or not all(map(ALLOWED.fullmatch, found)):
            raise ScrubberError(f"{text!r} is no status of a 277CA; it would be category:status[:entity], as "
                                f"A7:562:85, with a category A0 to A8, or up to {MOST} of them separated by blanks")
        if entity := next((status for status in found if status.count(":") > 1
                           and status.split(":")[2] not in ENTITIES), None):
            raise ScrubberError(f"{entity!r} names an entity that a 277CA does not know; known are "
                                f"{' '.join(sorted(ENTITIES))}")
        if all(status.split(":")[1] in self.not_alone for status in found):
            raise ScrubberError(f"status {text!r} says nothing alone; write the status of what is wrong behind it, as "
                                "'A7:511 A7:504:QC'")
        return found

    def _with_entity(self, status: str) -> str:
        parts = status.split(":")
        return f"{status}:{self._entity[parts[1]]}" if len(parts) == 2 and parts[1] in self._entity else status


def together(reasons: Iterable[tuple[str, ...]]) -> list[str]:
    """The statuses of several reasons as one STC can say them, each once, and first one that only STC01 may say."""
    found = list(dict.fromkeys(status for statuses in reasons for status in statuses))
    found.sort(key=_may_stand_beside)
    return [*found[:1], *filter(_may_stand_beside, found[1:])][:MOST]


def _may_stand_beside(status: str) -> bool:
    return status.count(":") < 2 or status.split(":")[2] in BESIDE


@cache
def bundled_statuses() -> Statuses:
    """The table that is bundled."""
    import yaml

    path = bundled("acknowledgement", "statuses.yaml")
    return Statuses(yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
