from collections.abc import Iterator
from typing import overload

from scrubber.syntax import Breach

class Breaches:
    """The breaches of some inputs, in file order, as a sequence of Breach."""

    beyond: int
    unguided: list[tuple[int, int, int, int, str]]

    def extend(self, other: Breaches, sets: int, claims: int) -> None: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> Breach: ...
    @overload
    def __getitem__(self, index: slice) -> list[Breach]: ...
    def __iter__(self) -> Iterator[Breach]: ...
