"""What a run needs besides claims and tables: the program, payer profiles as arrays, the payers' own rows."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from scrubber._auth_file import AuthFile
from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._coverage import Coverage
from scrubber._matcher import Matcher
from scrubber._needs import Needs
from scrubber._program import Profiles, Program
from scrubber.payers import Payer
from scrubber.rules.lowered import Lowered
from scrubber.symbols import WIDTHS, unpack
from scrubber.tables.edition import EditionData

KEPT = 64                    # of each kind: payers of a batch, patterns

Key = TypeVar("Key")
Value = TypeVar("Value")


class Plan:
    """Rules and payers as arrays, made once for many runs.

    Args:
        lowered: The rules, lowered with some payers.
        payers: Those of this plan, in the order of their numbers.
        program: Another plan of the same rules, whose program serves where it has the sets that the payers list.
    """

    def __init__(self, lowered: Lowered, payers: Sequence[Payer], program: "Plan | None" = None) -> None:
        if program is None:
            self.lowered = lowered
            self.program = Program(lowered)
        else:
            from scrubber.rules.lower import with_payers

            self.lowered = with_payers(program.lowered, payers)
            same = self.lowered.nodes is program.lowered.nodes
            self.program = program.program if same else Program(self.lowered)
        self.payers = payers
        self.special: dict[str, int] = self.lowered.set_numbers
        self.conflicts = self.lowered.conflicts
        self._needs: Kept[tuple[tuple[str, int], ...], Needs] = Kept()
        self._coverage: Kept[tuple[tuple[str, ...], tuple[int, ...]], Coverage] = Kept()
        self._matchers: Kept[str, Matcher] = Kept()
        self.profiles = Profiles(self.lowered.settings, self.lowered.severities, self.lowered.facts)

    def authorizations(self, batch: ClaimBatch, file: AuthFile | None, places: Sequence[int],
                       match: Callable[[str, str], int] | None = None) -> Authorizations:
        """The practice's authorizations and the payers' requirements, for one batch.

        Args:
            file: Of the practice, None where none is loaded.
            places: Number of the profile of each payer of the batch.
            match: The place of a payer that claims name beside their own, by its id and filing code; None: the first.
        """
        return Authorizations(file, self.payers, batch, places, self.needs, match)

    def needs(self, payers: tuple[tuple[str, int], ...]) -> Needs:
        """What some payers ask for, by name and number of the profile; kept for the next batch of the same."""
        return self._needs.get(payers, lambda: Needs(payers, self.payers))

    def policies(self, payers: Sequence[str], places: Sequence[int]) -> Coverage:
        """The coverage policies of some payers, by name and number of the profile; kept for the next batch."""
        return self._coverage.get((tuple(payers), tuple(places)), lambda: Coverage(self.payers, payers, places))

    def member_ids(self, place: int) -> Matcher | None:
        """The pattern of the member ids of a profile, None where it has none."""
        pattern = self.payers[place].settings.get("member_id")
        return None if pattern is None else self._matchers.get(str(pattern), lambda: Matcher(str(pattern)))


class Kept(Generic[Key, Value]):
    """What was made for some keys, until there are too many; safe to share, a thing may be made twice."""

    def __init__(self) -> None:
        self._found: dict[Key, Value] = {}

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """What was made for a key, now if not before."""
        found = self._found.get(key)
        if found is None:
            found = make()
            if len(self._found) >= KEPT:
                self._found.clear()
            self._found[key] = found
        return found


def insured(editions: Sequence[EditionData]) -> dict[tuple[str, str], list[tuple[int, int]]] | None:
    """Days of insurance by member and payer, of the newest snapshot; None where there is none."""
    snapshots = [edition for edition in editions if edition.table == "eligibility"]
    if not snapshots:
        return None
    newest = max(snapshots, key=lambda edition: (edition.begins, edition.ends, edition.revision))
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    arrays = newest.arrays
    for key, payer, first, last in zip(arrays["key"].tolist(), arrays["payer"].tolist(), arrays["from_day"].tolist(),
                                       arrays["to_day"].tolist(), strict=True):
        plain = "".join(c for c in newest.texts[payer].upper() if c.isascii() and c.isalnum())
        spans.setdefault((unpack(key, WIDTHS["member"]), plain), []).append((first, last))
    return spans
