"""An interchange that answers another one: back to its sender, in its delimiters, numbered by what it answers."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

from scrubber.writers.acknowledgement.walk import element

Part = bytes | str | int
# What may separate where an ISA names nothing that can, in order.
_SPARE = (b":", b"^", b">", b"|", b"!", b"+", b"<")
_MIDNIGHT = "0000"


@dataclass(frozen=True)
class Delimiters:
    """Of elements, components, repetitions and segments."""

    element: bytes
    component: bytes
    repetition: bytes
    terminator: bytes


def delimiters_of(isa: list[bytes], separator: bytes, terminator: bytes) -> Delimiters:
    """Those that an ISA names, or others where it names what cannot be one."""
    used = [separator, terminator]
    for sent in (isa[16] if len(isa) > 16 else b"", element(isa, 11) if element(isa, 12) == b"00501" else b""):
        fits = len(sent) == 1 and b" " < sent < b"\x7f" and not sent.isalnum() and sent not in used
        used.append(sent if fits else next(spare for spare in _SPARE if spare not in used))
    return Delimiters(separator, used[2], used[3], terminator)


class Reply:
    """Writes the segments of one interchange that answers another.

    Args:
        isa: The ISA that is answered.
        ordinal: Which of its file that is, from 0.
        kind: Says what answers, so that two answers to one interchange have numbers of their own.
        functional, version: GS01 and GS08 of the groups.

    Attributes:
        number: Control number, by a hash of the ISA, its place, the kind and the day.
        day: CCYYMMDD.
    """

    def __init__(self, stream: BinaryIO, isa: list[bytes], ordinal: int, delimiters: Delimiters, as_of: dt.date, *,
                 kind: str, functional: str = "", version: str = "") -> None:
        self._stream = stream
        self._isa = isa
        self._functional, self._version, self._kind = functional, version, kind
        self._at = delimiters
        self._end = delimiters.terminator if delimiters.terminator == b"\n" else delimiters.terminator + b"\n"
        self._foul = bytes(each for each in range(256) if not 32 <= each < 127
                           or bytes([each]) in (delimiters.element, delimiters.component, delimiters.repetition,
                                                delimiters.terminator))
        self._blank = bytes.maketrans(self._foul, b" " * len(self._foul))
        self.day = as_of.strftime("%Y%m%d")
        digest = hashlib.sha256(b"\x00".join([kind.encode(), b"*".join(isa), str(ordinal).encode(), self.day.encode()]))
        self.number = int.from_bytes(digest.digest()[:8], "big") % 999_999_999 + 1
        self._groups = self._sets = self._segments = 0
        self._write([b"ISA", b"00", b" " * 10, b"00", b" " * 10, *self._party(7), *self._party(5),
                     self.day[2:].encode(), _MIDNIGHT.encode(), delimiters.repetition, b"00501",
                     b"%09d" % self.number, b"0", b"T" if element(isa, 15) == b"T" else b"P", delimiters.component])

    def _party(self, number: int) -> tuple[bytes, bytes]:
        """Qualifier and id of who is named from an element of the ISA on."""
        return (self.clean(element(self._isa, number), 2) or b"ZZ",
                (self.clean(element(self._isa, number + 1), 15) or b"UNKNOWN").ljust(15))

    def party(self, sender: bool) -> bytes:
        """Id of the sender of what is answered, or of its receiver."""
        return self._party(5 if sender else 7)[1].strip()

    def begin_group(self, gs: list[bytes]) -> None:
        """Begins a group that answers one."""
        self._groups += 1
        self._sets = 0
        self.put("GS", self._functional, self.fit(element(gs, 3), 2, 15) or self.party(sender=False),
                 self.fit(element(gs, 2), 2, 15) or self.party(sender=True), self.day, _MIDNIGHT, self._control(), "X",
                 self._version)

    def end_group(self) -> None:
        """Ends the group."""
        self.put("GE", self._sets, self._control())

    def begin_set(self, kind: str) -> str:
        """Begins a transaction set; gives a number of it that no other one of the interchange has."""
        self._sets += 1
        self._segments = 0
        self.put("ST", kind, f"{self._sets:04d}", self._version)
        return f"{self.number:09d}{self._groups:03d}{self._sets:04d}"

    def end_set(self) -> None:
        """Ends the transaction set."""
        self.put("SE", self._segments + 1, f"{self._sets:04d}")

    def end(self) -> None:
        """Ends the interchange."""
        self.put("IEA", self._groups, b"%09d" % self.number)

    def put(self, tag: str, *parts: Part | Sequence[Part]) -> None:
        """Writes a segment; a sequence is a composite, and what is empty at the end is left out."""
        self._segments += 1
        values = [part if isinstance(part, bytes) else _encoded(part) if isinstance(part, str | int)
                  else self._composite(part) for part in parts]
        while values and not values[-1]:
            values.pop()
        self._write([_encoded(tag), *values])

    def clean(self, value: bytes, most: int) -> bytes:
        """A value as it was sent, at most so long, without what X12 or these delimiters do not allow in it."""
        return value.translate(self._blank).strip()[:most].strip() if value else value

    def fit(self, value: bytes, least: int, most: int) -> bytes:
        """The same; empty where it is too short."""
        value = self.clean(value, most)
        return value if len(value) >= least else b""

    def _control(self) -> str:
        return str((self.number + self._groups - 2) % 999_999_999 + 1)

    def _composite(self, parts: Sequence[Part]) -> bytes:
        texts = [part if isinstance(part, bytes) else _encoded(part) for part in parts]
        return self._at.component.join(texts).rstrip(self._at.component)

    def _write(self, values: list[bytes]) -> None:
        self._stream.write(self._at.element.join(values) + self._end)


@lru_cache(maxsize=4096)
def _encoded(part: str | int) -> bytes:
    return str(part).encode("ascii", "replace")
