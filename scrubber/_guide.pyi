from typing import Any

class Guide:
    """A guide, of the rows of its file."""

    name: str
    versions: tuple[str, ...]
    made_of: str

    def __init__(self, rows: dict[str, Any]) -> None: ...
