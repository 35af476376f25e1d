"""An 837 as stretches: the same segments, told in larger parts."""

import io

import pytest

from scrubber.bundled import bundled
from scrubber.errors import ScrubberError
from scrubber.writers import segments, stretches
from scrubber.writers.segments import Segments
from scrubber.writers.stretches import TAGS, Stretches

DEMO = bundled("demo", "demo.837").read_bytes().replace(b"\n", b"")
LINES = DEMO.replace(b"~", b"\n")
VARIANTS = {
    "a line each": DEMO.replace(b"~", b"~\r\n"), "one line": DEMO, "blanks": DEMO.replace(b"~", b" ~ \n\n"),
    "empty segments": DEMO.replace(b"~", b"~~"), "lines end segments": LINES, "no end": DEMO.rstrip(b"~"),
    "a letter separates": DEMO.replace(b"L", b"l").replace(b"*", b"L"), "a tab separates": DEMO.replace(b"*", b"\t"),
    "other delimiters behind an IEA": DEMO + b"\n" + LINES + DEMO.replace(b"*", b"|"),
    "an ISA without an IEA": DEMO[:DEMO.index(b"SE*")] + DEMO, "an ISA alone": DEMO[:106], "no ISA": b"ISA",
    "nothing but an envelope": DEMO[:106] + b"GS*HC~X*1~~GE*1~Y~IEA*1~Z~",
}


def as_segments(data: bytes) -> list[list[bytes]]:
    return list(Segments(io.BytesIO(data), "a"))


def as_stretches(data: bytes) -> list[list[bytes]]:
    found = []
    for stretch in Stretches(io.BytesIO(data), "a"):
        behind = [text.split(stretch.separator) for text in stretch.behind()]
        assert stretch.more() == len(behind)
        assert all(segment[0] not in TAGS for segment in behind)
        assert stretch.tag in (*TAGS, b"")
        found += [stretch.head, *behind] if stretch.head else behind
    return found


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize(("chunk", "longest"), [(1 << 20, 1 << 20), (1000, 1 << 20), (300, 400)])
def test_stretches_hold_each_segment_once_and_in_order(name: str, chunk: int, longest: int,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_segments(VARIANTS[name])
    monkeypatch.setattr(segments, "CHUNK", chunk)
    monkeypatch.setattr(stretches, "LONGEST", longest)

    assert as_stretches(VARIANTS[name]) == whole


def test_what_is_too_long_to_be_held_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "CHUNK", 100)
    monkeypatch.setattr(stretches, "LONGEST", 200)
    data = DEMO[:106] + b"CLM*1~" + b"NTE*ADD*X~" * 1000 + b"CLM*2~"
    found = [(stretch.tag, stretch.whole) for stretch in Stretches(io.BytesIO(data), "a")]

    assert found[:2] == [(b"ISA", True), (b"CLM", False)]
    assert {tag for tag, _ in found[2:-1]} == {b""}
    assert found[-2:] == [(b"", True), (b"CLM", True)]
    assert as_stretches(data) == as_segments(data)


def test_a_segment_without_end_is_refused_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "CHUNK", 100)
    monkeypatch.setattr(stretches, "LONGEST", 200)

    with pytest.raises(ScrubberError, match="holds a segment of more than"):
        list(Stretches(io.BytesIO(DEMO[:106] + b"CLM*1~NTE*" + b"X" * 1000), "a"))
