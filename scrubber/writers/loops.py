"""The segments of one claim of an 837 as loops, to be changed one element at a time; the others stay as they came.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2 (loops 2300 to 2440, and the order of segments in them).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from scrubber.errors import ScrubberError

Segment = list[bytes]

# The order of segments in 2300 and 2400; what a guide does not have is not looked for.
ORDER = (b"CLM", b"DTP", b"CL1", b"DN1", b"DN2", b"PWK", b"CN1", b"AMT", b"REF", b"K3", b"NTE", b"CR1", b"CR2", b"CR3",
         b"CRC", b"HI", b"QTY", b"HCP")
LINE_ORDER = (b"LX", b"SV1", b"SV2", b"SV3", b"SV5", b"TOO", b"PWK", b"CR1", b"CR3", b"CRC", b"DTP", b"QTY", b"MEA",
              b"CN1", b"REF", b"AMT", b"K3", b"NTE", b"PS1", b"HCP")
DRUG_ORDER = (b"LIN", b"CTP", b"REF")
# The order of those that there are several of, by their first element.
QUALIFIERS = {
    b"DTP": (b"472", b"431", b"454", b"304", b"453", b"439", b"484", b"455", b"471", b"314", b"360", b"361", b"297",
             b"296", b"096", b"434", b"435", b"090", b"091", b"444", b"050"),
    b"REF": (b"4N", b"F5", b"9B", b"9D", b"EW", b"9F", b"G1", b"6R", b"F8", b"X4", b"F4", b"BT", b"9A", b"9C", b"LX",
             b"D9", b"EA", b"LU", b"P4", b"1J"),
    b"HI": (b"BK", b"ABK", b"BJ", b"ABJ", b"PR", b"APR", b"BN", b"ABN", b"DR", b"BF", b"ABF", b"BBR", b"BBQ", b"BI",
            b"BH", b"BE", b"BG", b"TC"),
}
_OTHER = re.compile(rb"[0-9A-Za-z]{2,}([!-,/:-@\[-`{-~])(?=.)")      # what is no letter, digit, blank, hyphen or point
_WORD = re.compile(rb"[0-9A-Za-z]*")
DRUG, NAME, OTHER, DECIDED, FORM = b"LIN", b"NM1", b"SBR", b"SVD", b"LQ"
INNER = (DRUG, NAME, DECIDED, FORM)        # loops of a line, in order: 2410, 2420, 2430, 2440


class Refused(ScrubberError):
    """A correction that cannot be written; the text names the field and says what would be right."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Of an interchange; `repetition` is empty where it has none.

    Attributes:
        declared: The component separator that the ISA names, where the claims have another one.
    """

    element: bytes
    component: bytes
    repetition: bytes
    terminator: bytes
    declared: bytes = b""

    def value(self, text: str, what: str, longest: int) -> bytes:
        """What somebody typed as it may stand in an element.

        Args:
            what: The field, for the message.

        Raises:
            Refused: It is empty, too long, or holds what no element may.
        """
        if not text or len(text) > longest:
            raise Refused(f"{what} has {len(text):,} characters; an 837 has room for 1 to {longest} there")
        if not all(" " <= each <= "~" for each in text):
            raise Refused(f"{what} has a character that is not in an 837; write plain letters, digits and signs")
        found = text.encode("ascii")
        if any(mark in found for mark in self.all):
            raise Refused(f"{what} has a character that separates values in this file; leave it out")
        if text != text.strip():
            raise Refused(f"{what} begins or ends with a blank; leave it out")
        return found

    @property
    def all(self) -> tuple[bytes, ...]:
        """Those that there are."""
        return tuple(filter(None, (self.element, self.component, self.repetition, self.terminator, self.declared)))

    def mended(self, composite: bytes) -> "Delimiters":
        """With the component separator that a composite really has, as the reader finds it.

        Raises:
            Refused: It has none.
        """
        if self.component in composite:
            return self
        found = _OTHER.match(composite)
        if found is None:
            raise Refused("the claim's facility and frequency (CLM05) are not separated; correct it where the claim is "
                          "made")
        return replace(self, component=found[1], declared=self.component)


def element(segment: Segment, number: int) -> bytes:
    """An element, empty where it is not sent."""
    return segment[number] if number < len(segment) else b""


def put(segment: Segment, number: int, value: bytes) -> None:
    """Writes an element; of what is empty at the end nothing is left."""
    segment += [b""] * (number + 1 - len(segment))
    segment[number] = value
    while not value and len(segment) > 1 and not segment[-1]:
        segment.pop()


def put_component(segment: Segment, number: int, place: int, value: bytes, separator: bytes) -> None:
    """Writes a component of an element, from 1."""
    parts = element(segment, number).split(separator)
    put(parts, place - 1, value)
    put(segment, number, separator.join(parts))


@dataclass
class Loop:
    """The segments of a loop, without loops inside it.

    Attributes:
        segments: Each as its elements.
        order: Tags in the order of the guide.
    """

    segments: list[Segment]
    order: tuple[bytes, ...] = ()

    def of(self, tag: bytes, *qualifiers: bytes) -> list[Segment]:
        """Its segments with a tag, and with one of some first elements where any are given."""
        return [each for each in self.segments
                if each[0] == tag and (not qualifiers or element(each, 1).strip() in qualifiers)]

    def remove(self, gone: Iterable[Segment]) -> None:
        """Takes segments out."""
        ids = {id(each) for each in gone}
        self.segments = [each for each in self.segments if id(each) not in ids]

    def insert(self, segment: Segment) -> None:
        """Puts a segment where the guide has it, behind those that may stand before it."""
        rank, at = self._rank(segment), 1
        for place, each in enumerate(self.segments):
            if each[0] in self.order and self._rank(each) <= rank:
                at = place + 1
        self.segments.insert(at, segment)

    def _rank(self, segment: Segment) -> tuple[int, int]:
        among = QUALIFIERS.get(segment[0], ())
        found = _WORD.match(element(segment, 1).strip())
        qualifier = found[0] if found else b""
        return self.order.index(segment[0]), among.index(qualifier) if qualifier in among else 0


@dataclass
class LineLoops:
    """A service line: what stands in 2400 itself, and the loops inside it, each from its first segment on."""

    own: Loop
    inner: list[Loop] = field(default_factory=list)

    def loops(self, tag: bytes) -> list[Loop]:
        """The inner loops that begin with a tag."""
        return [each for each in self.inner if each.segments[0][0] == tag]

    def add(self, loop: Loop) -> None:
        """Puts an inner loop behind those that stand before it in the guide."""
        rank = INNER.index(loop.segments[0][0])
        at = sum(INNER.index(each.segments[0][0]) < rank for each in self.inner)
        self.inner.insert(at, loop)

    def copy(self) -> "LineLoops":
        """The same segments once more."""
        return LineLoops(_copied(self.own), list(map(_copied, self.inner)))


@dataclass
class ClaimLoops:
    """A claim: what stands in 2300 itself, its providers (2310), other payers with all that is theirs, its lines."""

    own: Loop
    providers: list[Loop]
    others: list[Loop]
    lines: list[LineLoops]

    def texts(self, delimiters: Delimiters) -> list[bytes]:
        """All segments in order, as they are written."""
        return [delimiters.element.join(segment) for loop in self._loops() for segment in loop.segments]

    def _loops(self) -> Iterator[Loop]:
        yield from (self.own, *self.providers, *self.others)
        for line in self.lines:
            yield from (line.own, *line.inner)


def claim_loops(texts: Iterable[bytes], delimiters: Delimiters) -> ClaimLoops:
    """The loops of a claim.

    Args:
        texts: Its segments from CLM on.
    """
    before: list[Segment] = []
    lines: list[list[Segment]] = []
    for text in texts:
        segment = text.split(delimiters.element)
        if segment[0] == b"LX":
            lines.append([])
        (lines[-1] if lines else before).append(segment)
    head, *others = _cut(before, lambda segment: segment[0] == OTHER)
    own, *providers = _cut(head, lambda segment: segment[0] == NAME)
    return ClaimLoops(Loop(own, ORDER), list(map(Loop, providers)), list(map(Loop, others)), list(map(_line, lines)))


def _line(segments: list[Segment]) -> LineLoops:
    own, *inner = _cut(segments, lambda segment: segment[0] in INNER)
    return LineLoops(Loop(own, LINE_ORDER), [Loop(each, DRUG_ORDER if each[0][0] == DRUG else ()) for each in inner])


def _cut(segments: list[Segment], begins: Callable[[Segment], bool]) -> list[list[Segment]]:
    """What stands before the first segment that begins a part, and each part."""
    parts: list[list[Segment]] = [[]]
    for segment in segments:
        if begins(segment):
            parts.append([])
        parts[-1].append(segment)
    return parts


def _copied(loop: Loop) -> Loop:
    return Loop(list(map(list, loop.segments)), loop.order)
