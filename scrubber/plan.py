"""What a run needs besides claims and tables: the program, payer profiles as arrays, the payers' own rows."""

from collections.abc import Callable, Sequence

from scrubber._auth_file import AuthFile
from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._coverage import Coverage
from scrubber._program import Profiles, Program
from scrubber.model.authorization import Authorization
from scrubber.payers import Payer
from scrubber.rules.lowered import Lowered


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

    def policies(self, batch: ClaimBatch, places: Sequence[int]) -> Coverage:
        """The payers' coverage policies, for one batch."""
        return Coverage(self.payers, batch.payers, places)
