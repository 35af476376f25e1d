class Matcher:
    """The pattern of a whole text in capitals."""

    is_simple: bool

    def __init__(self, pattern: str) -> None: ...
    def fullmatch(self, text: bytes) -> bool: ...
