from collections.abc import Sequence

from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._cases import Cases
from scrubber._coverage import Coverage
from scrubber._practice import Practice
from scrubber._program import Profiles, Program
from scrubber._settle import Settling
from scrubber._tables import Tables
from scrubber._turns import Turns

class Run:
    """One run over one batch."""

    crowded: list[int]

    def __init__(
        self,
        batch: ClaimBatch,
        tables: Tables,
        program: Program,
        profiles: Profiles,
        payer_profile: Sequence[int],
        special: dict[str, int],
        conflicts: Sequence[tuple[int, int, int, int, int, int]],
        history_from: int | None,
        rules: Sequence[int],
        auths: Authorizations,
        policies: Coverage,
        practice: Practice,
        cases: Cases,
        settling: Settling | None,
        keep_all: bool = False,
    ) -> None: ...
    def bind(self, batch: ClaimBatch, payer_profile: Sequence[int], history_from: int | None, auths: Authorizations,
             policies: Coverage, practice: Practice, cases: Cases, settling: Settling | None,
             keep_all: bool = False) -> None: ...
    @property
    def roomy(self) -> bool: ...
    def begin(self) -> None: ...
    def run(self, turns: Turns, own: int = 0) -> None: ...
