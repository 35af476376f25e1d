"""What a run needs besides claims and tables: the program, payer profiles as arrays, the payers' own rows."""

import re
from collections.abc import Callable, Sequence

from scrubber._auth_file import AuthFile
from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._coverage import Coverage
from scrubber._program import Profiles, Program
from scrubber._settle import settle_claims
from scrubber.model.authorization import Authorization
from scrubber.payers import Payer
from scrubber.rules.lowered import Lowered
from scrubber.symbols import WIDTHS, unpack
from scrubber.tables.edition import EditionData


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
        self.profiles = Profiles(self.lowered.settings, self.lowered.severities, self.lowered.facts)

    def authorizations(self, batch: ClaimBatch, auths: Sequence[Authorization] | None,
                       places: Sequence[int], match: Callable[[str, str], int] | None = None) -> Authorizations:
        """The practice's authorizations and the payers' requirements, for one batch.

        Args:
            match: The place of a payer that claims name beside their own, by its id and filing code; None: the first.
        """
        return Authorizations(None if auths is None else AuthFile(auths), self.payers, batch, places, match)

    def settle(self, batch: ClaimBatch, places: Sequence[int], editions: Sequence[EditionData]) -> None:
        """Writes on the claims what needs the whole input, a profile's pattern or an eligibility snapshot."""
        patterns = [self.payers[place].settings.get("member_id") for place in places]
        settle_claims(batch, [None if each is None else re.compile(str(each).encode()) for each in patterns],
                      insured(editions))

    def policies(self, batch: ClaimBatch, places: Sequence[int]) -> Coverage:
        """The payers' coverage policies, for one batch."""
        return Coverage(self.payers, batch.payers, places)


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
