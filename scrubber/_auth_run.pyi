from collections.abc import Callable, Sequence

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._needs import Needs
from scrubber.payers import Payer

class Authorizations:
    """The authorization numbers of one batch against the file and the rules of its payers."""

    file: AuthFile | None

    def __init__(self, file: AuthFile | None, profiles: Sequence[Payer], batch: ClaimBatch,
                 payer_profile: Sequence[int], needs: Callable[[tuple[tuple[str, int], ...]], Needs],
                 match: Callable[[str, str], int] | None = None) -> None: ...
