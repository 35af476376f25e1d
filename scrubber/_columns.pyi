from collections.abc import Sequence
from typing import Any

from scrubber._engine import Run

def columns(runs: Sequence[Run]) -> dict[str, Any]: ...
