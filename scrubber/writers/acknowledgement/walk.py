"""The segments of an 837 as they come, whatever is wrong with them, each with the place that it has."""

from collections.abc import Callable, Iterator

from scrubber.writers.stretches import Stretch, Stretches

# Loops of the guide by the qualifier of NM1, inside and outside a claim.
_HEADER = {b"41": "1000A", b"40": "1000B"}
_PARTIES = {b"85": "2010AA", b"87": "2010AB", b"PE": "2010AC", b"IL": "2010BA", b"PR": "2010BB", b"QC": "2010CA"}
_LEVELS = {b"20": "2000A", b"22": "2000B", b"23": "2000C"}
WITHIN = {b"LX": "2400", b"LIN": "2410", b"SVD": "2430", b"LQ": "2440", b"SBR": "2320"}
OF_CLAIM = {b"DN": "2310A", b"P3": "2310A", b"82": "2310B", b"77": "2310C", b"DQ": "2310D", b"PW": "2310E",
             b"45": "2310F", b"71": "2310A", b"72": "2310B"}
_OF_LINE = {b"82": "2420A", b"QB": "2420B", b"77": "2420C", b"DQ": "2420D", b"DK": "2420E", b"DN": "2420F",
            b"P3": "2420F", b"PW": "2420G", b"45": "2420H", b"72": "2420A"}
_OF_PAYER = {b"IL": "2330A", b"PR": "2330B"}


class Walk:
    """The segments of a file in order, without those that nobody asks for.

    Attributes:
        asked: Whether somebody asks for one of so many segments that follow on the one at hand; that each stretch of a
            set begins with is given in any case.
        stretch: The segment at hand is in it.
        number: Of the segment at hand in the file, from 1, as the reader counts.
        interchange, group, set: Which of the file it is in, from 0; -1 before the first.
        position: In its set, ST is 1; 0 outside of one.
        claims: How many claims there were.
        claim: Position in the file of the claim that the segment is part of, from 1; 0 for none.
        line: Which line of its claim, from 1; 0 for none.
        level: Code of the level that the segment is in, b"20", b"22" or b"23"; empty before the first one of a set.
        loop: Of the guide, as far as the segments before tell.
    """

    def __init__(self, stretches: Stretches) -> None:
        self.stretches = stretches
        self.asked: Callable[[int], bool] = bool
        self.stretch = Stretch([], b"", b"", b"")
        self.number = self.position = self.claims = self.claim = self.line = 0
        self.interchange = self.group = self.set = -1
        self.level = b""
        self.loop = ""

    def __iter__(self) -> Iterator[list[bytes]]:
        """Each as its elements.

        Raises:
            ScrubberError: The file cannot be read, begins with no ISA, or holds a segment without end.
        """
        for stretch in self.stretches:
            self.stretch = stretch
            if stretch.head:
                self.number += 1
                self._enter(stretch.head)
                yield stretch.head
                if stretch.tag == b"SE":
                    self._leave()
            more = stretch.more()
            if self.position and stretch.head and stretch.whole and not self.asked(more):
                self.number += more
                self.position += more
                continue
            for text in stretch.behind():
                segment = text.split(stretch.separator)
                self.number += 1
                self._enter(segment)
                yield segment

    def _enter(self, segment: list[bytes]) -> None:
        tag = segment[0]
        if tag in (b"ISA", b"GS", b"GE", b"IEA"):
            self._leave()
            self.interchange += tag == b"ISA"
            self.group += tag == b"GS"
            return
        if tag == b"ST":
            self._leave()
            self.set += 1
            self.position = 1
            return
        self.claims += tag == b"CLM"
        if not self.position:
            return
        self.position += 1
        if tag == b"SE":
            self.claim = self.line = 0
            self.loop = ""
        elif tag == b"HL":
            self.claim = self.line = 0
            self.level = element(segment, 3)
            self.loop = _LEVELS.get(self.level, "")
        elif tag == b"CLM":
            self.claim, self.line, self.loop = self.claims, 0, "2300"
        elif tag == b"NM1":
            self._name(element(segment, 1))
        elif self.claim and tag in WITHIN:
            self.line += tag == b"LX"
            self.loop = WITHIN[tag]

    def _name(self, party: bytes) -> None:
        if not self.claim:
            self.loop = (_PARTIES if self.level else _HEADER).get(party, self.loop)
        elif self.line:
            self.loop = _OF_LINE.get(party, self.loop)
        elif self.loop.startswith(("232", "233")):
            self.loop = _OF_PAYER.get(party, "2330")
        else:
            self.loop = OF_CLAIM.get(party, self.loop)

    def _leave(self) -> None:
        self.position = self.claim = self.line = 0
        self.level = b""
        self.loop = ""


def element(segment: list[bytes], number: int) -> bytes:
    """An element from 1, without blanks at its ends; empty where the segment has none."""
    return segment[number].strip() if len(segment) > number else b""
