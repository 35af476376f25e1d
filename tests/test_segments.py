"""What copies, answers and points at an 837 sees the same segments in it as the reader."""

import datetime as dt
import re
from functools import cache
from pathlib import Path

import pytest
import x12_files
from x12_validation import problems

from scrubber import Scrubber
from scrubber.writers import segments
from scrubber.writers.acknowledgement import acknowledge
from scrubber.writers.places import regions
from scrubber.writers.split import split_claims

ONE = x12_files.file([x12_files.claim(1), x12_files.claim(2)], between="\n") + b"\n"
TWO = ONE.replace(b"000000101", b"000000102").replace(b"P1*", b"P3*").replace(b"P2*", b"P4*")
OTHERS = TWO.replace(b"*", b"|").replace(b"~", b"!")
PADDED, SHORT, LONG = b"*ZZ*S1             *", b"*ZZ*S1*", b"*ZZ*S1                  *"
FILES = {
    "as it should be": ONE,
    "a mark of UTF-8 first": b"\xef\xbb\xbf" + ONE,
    "blanks first": b" \t\r\n\x0b\x0c" + ONE,
    "a control character that ends a file": ONE + b"\x1a",
    "zeros up to the end of a record": ONE + b"\0" * 30,
    "two files, each with such an end": ONE + b"\x1a\r\n" + TWO + b"\x1a",
    "a form feed before a level": ONE.replace(b"\nHL*2", b"\n\x0cHL*2"),
    "an ISA without its blanks": ONE.replace(PADDED, SHORT),
    "an ISA with too many": ONE.replace(PADDED, LONG),
    "a second interchange with other delimiters": ONE + OTHERS,
    "the first one without its end": ONE.replace(b"IEA*1*000000101~", b"") + OTHERS,
    "a segment a line, as Windows has them": ONE.replace(b"~\n", b"\r\n"),
    "no line ends": ONE.replace(b"\n", b""),
}
RECEIPTS = {"a mark of UTF-8 first", "an ISA without its blanks", "an ISA with too many",
            "the first one without its end"}


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=dt.date(2026, 8, 31), policies=False, select=["ADM"])


@pytest.fixture(params=FILES)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def path(kind: str, tmp_path: Path) -> Path:
    path = tmp_path / "a.837"
    path.write_bytes(FILES[kind])
    return path


def bare(data: bytes) -> list[bytes]:
    """The segments of claims and their lines, without what separates them."""
    return re.findall(rb"(?:CLM|SV1)\W[^~!\r\n]*", data)


def test_every_claim_is_split_as_it_came(path: Path, tmp_path: Path) -> None:
    report = scrubber().scrub(path)

    split_claims(report, [str(path)], tmp_path / "out")

    parts = [(tmp_path / "out" / name).read_bytes() for name in ("clean.837", "held.837")]
    assert sorted(each for part in parts for each in bare(part)) == sorted(bare(path.read_bytes()))
    assert len(report.claims) == path.read_bytes().count(b"CLM")


def test_every_file_is_answered_in_delimiters_that_are_some(kind: str, path: Path, tmp_path: Path) -> None:
    (told,) = acknowledge(scrubber().scrub(path), [str(path)], tmp_path / "out")

    assert told.claims == path.read_bytes().count(b"CLM")
    assert [each.suffix for each in told.files if each.suffix == ".ta1"] == [".ta1"] * (kind in RECEIPTS)
    for each in told.files:
        answer = each.read_bytes()
        assert answer[3:4] + answer[105:106] in (b"*~", b"*\r", b"|!")
        assert each.suffix == ".ta1" or problems(answer) == []


def test_an_isa_that_is_not_106_bytes_long_is_refused_in_a_receipt(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(FILES["an ISA without its blanks"])

    acknowledge(scrubber().scrub(path), [str(path)], tmp_path)

    assert b"TA1*000000101*260820*1200*R*022~" in (tmp_path / "a.ta1").read_bytes()
    assert not (tmp_path / "a.277ca").exists()


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_every_claim_has_its_place(path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "CHUNK", chunk)
    data = path.read_bytes()
    count = data.count(b"CLM")

    found = regions(str(path), range(1, count + 1), {1, 3})

    assert [data[place.offset:place.offset + 2] for _, place in sorted(found.items())] == [
        b"IS", b"ST", *[b"CL", b"LX"] * count]


def test_blanks_at_the_end_of_a_segment_are_copied(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(ONE.replace(b"ABF:M5450~", b"ABF:M5450~\nREF*EA*77 ~").replace(b"SE*31", b"SE*32"))

    split_claims(scrubber().scrub(path), [str(path)], tmp_path)

    assert sum((tmp_path / name).read_bytes().count(b"REF*EA*77 ~") for name in ("clean.837", "held.837")) == 2
