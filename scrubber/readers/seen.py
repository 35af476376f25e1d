"""Which claims were seen, in little memory: rows of one that come back later are told."""

from array import array
from hashlib import blake2b


class Seen:
    """Claims that were seen, each as eight bytes in a table that is at most half full."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * 1024))
        self._count = 0

    def add(self, key: tuple[str, ...]) -> bool:
        """Adds a claim; false where it was there."""
        number = int.from_bytes(blake2b("\x1f".join(key).encode("utf-8", "surrogatepass"), digest_size=8).digest(),
                                "little") or 1
        if not self._put(self._table, number):
            return False
        self._count += 1
        if 2 * self._count > len(self._table):
            larger = array("Q", bytes(16 * len(self._table)))
            for each in self._table:
                if each:
                    self._put(larger, each)
            self._table = larger
        return True

    @staticmethod
    def _put(table: "array[int]", number: int) -> bool:
        place = number & (len(table) - 1)
        while table[place]:
            if table[place] == number:
                return False
            place = (place + 1) & (len(table) - 1)
        table[place] = number
        return True
