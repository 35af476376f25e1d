"""Two threads read an 837 into the batch that one would make of it, whatever is wrong with the file."""

import random
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_windows import KINDS
from test_x12_kinds import several

from scrubber import Scrubber
from scrubber._batch import ClaimBatch
from scrubber.errors import ClaimError
from scrubber.readers import abreast
from scrubber.readers.files import Source, windows
from scrubber.threads import Crews

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

DAY = 20_000
MANY = 1 << 15


@pytest.fixture(autouse=True)
def small_is_large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abreast, "SMALL", 1)


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Claims that the second reader brought, each time that they were taken."""
    found: list[int] = []

    class Noting(abreast.Join):
        def __init__(self, to: ClaimBatch, other: ClaimBatch, before: tuple[int, int, int]) -> None:
            found.append(len(other))

    monkeypatch.setattr(abreast, "Join", Noting)
    return found


def read(data: bytes, *, by_two: bool) -> ClaimBatch:
    with Crews(2 if by_two else 1).crew() as crew:
        (batch,) = windows(ClaimBatch(), [Source(data)], DAY, MANY, crew=crew)
    return batch


def assert_same(data: bytes) -> None:
    try:
        one = read(data, by_two=False)
    except ClaimError as error:
        with pytest.raises(ClaimError, match=f"^{re.escape(str(error))}$"):
            read(data, by_two=True)
        return
    two = read(data, by_two=True)
    assert two.payers == one.payers
    assert two.odd == one.odd
    assert two.unreadable == one.unreadable
    assert two.files == one.files
    for kind in KINDS:
        assert two.rows(kind) == one.rows(kind), kind


def late(pattern: bytes, by: bytes, data: bytes) -> bytes:
    """Replaces what a pattern matches in the last part of the file."""
    at = len(data) * 3 // 4
    return data[:at] + re.sub(pattern, by, data[at:])


SET = (b"ST*837*%d*005010X222A1~BHT*0019*00*B*20240709*1200*CH~HL*1**20*1~NM1*85*2*A*****XX*1234567893~"
       b"HL*2*1*22*0~SBR*P*18*******CI~NM1*IL*1*B*C****MI*D~NM1*PR*2*E*****PI*F~%sSE*%d*%d~")
HEADER = (b"ISA*00*          *00*          *ZZ*S              *ZZ*R              *241014*1200*^*00501*000000001*0*P*:~"
          b"GS*HC*S*R*20241014*1200*1*X*005010X222A1~")
CLAIM = b"CLM*1*10***11:B:1*Y*A*Y*Y~HI*ABK:I10~LX*1~SV1*HC:99213*10*UN*1***1~DTP*472*D8*20240701~"
MOST = 6144                      # control numbers that a reader remembers


def small(numbers: Sequence[int], each: int) -> bytes:
    """A file of sets with these control numbers, a claim in one of so many."""
    sets = [SET % (number, CLAIM, 14, number) if place % each == 0 else SET % (number, b"", 9, number)
            for place, number in enumerate(numbers)]
    return HEADER + b"".join(sets) + b"GE*%d*1~IEA*1*000000001~" % len(numbers)


@pytest.fixture(scope="module")
def plain() -> bytes:
    return generate.text(240, seed=3, kind="flagged").replace(b"~\n", b"~")


def test_a_file_of_several_sets_is_read_by_two(plain: bytes, joined: list[int]) -> None:
    assert_same(plain)

    assert joined
    assert 0 < joined[0] < 240


@pytest.mark.parametrize("kinds", ["I", "D", "IPD"])
def test_sets_of_other_kinds_are_read_by_two(kinds: str, joined: list[int]) -> None:
    data = several(60, kinds)

    assert_same(data)
    assert_same(data.replace(b"SV2*0120", b"SV2*#120").replace(b"BG:09", b"BG:?9"))
    assert_same(data.replace(b"HI*ABJ", b"HI*ZZZ").replace(b"TOO*JP", b"TOO*ZZ"))

    # Of sets that are not what their group says something is told before the middle: then one reads all.
    assert len(joined) == (0 if kinds == "IPD" else 3)
    assert all(0 < each < 60 for each in joined)


@pytest.mark.parametrize("spoil", [
    lambda data: data.replace(b"~", b"~\r\n"),
    lambda data: late(rb"HC:(\d)", rb"HC:#\1", data),
    lambda data: late(rb"ABK:", b"ABK:?", data),
    lambda data: late(rb"\*85\*", b"*##*", data),
    lambda data: late(rb"CLM\*", b"CLM**", data),
    lambda data: late(rb"SV1\*", b"SVX*", data),
    lambda data: late(rb"SE\*(\d+)", rb"SE*1\1", data),
    lambda data: late(rb"IEA", rb"IEX", data),
    lambda data: late(rb"GE\*(\d+)\*1", rb"GE*\1*2", data),
    lambda data: late(rb"~GE\*(\d+)\*1", rb"", data),
    lambda data: late(rb"~ST\*837\*(\d+)", rb"~ST*837*1\1", data),
    lambda data: data[:-4000],
    lambda data: data + data.replace(b"000000001", b"000000002")[:len(data) // 5],
    lambda data: data + data[:len(data) // 5],
], ids=range(14))
def test_what_is_wrong_behind_the_middle_is_told_as_one_reader_does(
        plain: bytes, joined: list[int], spoil: Callable[[bytes], bytes]) -> None:
    assert_same(spoil(plain))

    assert joined


def test_claims_that_cannot_be_read_and_odd_codes_on_both_sides_keep_their_numbers(
        plain: bytes, joined: list[int]) -> None:
    data = re.sub(rb"HC:(\d)(\d)", rb"HC:#\2\1", plain).replace(b"*MC*", b"*#C*")
    data = re.sub(rb"CLM\*[^*]*7\*", b"CLM**", data)

    assert_same(data)

    assert joined
    assert read(data, by_two=True).odd


@pytest.mark.parametrize("spoil", [
    lambda data: data.replace(b"~SE*", b"~SEX*", 1),
    lambda data: re.sub(rb"~(ST\*837\*)\d+", rb"~\g<1>0001", data),
    lambda data: data.replace(b"~ST*837", b"~GE*1*1~GS*HC*S*R*20240101*0101*2*X*005010X222A1~ST*837", 2),
    lambda data: data.replace(b"~CLM", b"~  CLM", 3),
    lambda data: data.replace(b"~CLM", b"~~CLM", 3),
    lambda data: data.replace(b"00501*", b"00401*", 1),
    lambda data: late(rb"GE\*(\d+)", rb"GE*1\1", data),
    lambda data: late(rb"GE\*(\d+)", rb"GE*", data),
    lambda data: data.replace(b"~ST*", b"~ST*276*1*005010X212~CLM*1~SE*3*1~ST*", 1),
    lambda data: data.replace(b"~ST*", b"~ST*276*1*005010X212~CLM*1~ST*", 1),
    lambda data: data.replace(b"~ST*", b"~CLM*1~ST*", 1),
    lambda data: data + data,
    lambda data: small(range(1, 9), each=8),
], ids=range(13))
def test_what_is_wrong_before_the_middle_leaves_the_file_to_one_reader_or_changes_nothing(
        plain: bytes, spoil: Callable[[bytes], bytes]) -> None:
    assert_same(spoil(plain))


@pytest.mark.parametrize("told", range(1, 10))
def test_the_trailer_of_a_later_group_says_nothing_of_the_sets_before_it(told: int, joined: list[int]) -> None:
    one = SET % (9, CLAIM, 14, 9)
    later = b"GS*HC*S*R*20241014*1200*2*X*005010X222A1~" + one + b"GE*%d*2~IEA*2*000000001~" % told

    assert_same(re.sub(rb"GE.*", later, small(range(1, 9), each=1)))

    assert joined


def test_patients_of_whom_nothing_is_known_stay_apart(plain: bytes, joined: list[int]) -> None:
    data = re.sub(rb"~NM1\*(IL|QC)\*1[^~]*", rb"~NM1*\1*1", plain)

    assert_same(data)

    assert joined
    assert len({row["patient"] for row in read(data, by_two=True).rows("claims")}) == 240


@pytest.mark.parametrize(("sets", "again", "by_both"), [
    (MOST + 400, 0, True), (MOST - 10, MOST - 20, True), (MOST - 10, 20, False), (MOST + 400, MOST + 300, False),
    (3 * MOST, 0, True), (3 * MOST, 2 * MOST, False), (3 * MOST, 2, False)])
def test_sets_with_one_number_are_told_as_far_as_one_reader_remembers_them(
        joined: list[int], sets: int, again: int, by_both: bool) -> None:
    assert_same(small([*range(1, sets), again or sets], each=100))

    assert bool(joined) == by_both


@pytest.mark.parametrize("seed", range(40))
def test_segments_that_go_or_come_twice_anywhere_are_read_the_same(plain: bytes, seed: int) -> None:
    chance = random.Random(seed)
    segments = plain.split(b"~")
    for _ in range(chance.randrange(1, 30)):
        at, to = chance.randrange(1, len(segments)), chance.randrange(1, len(segments))
        match chance.randrange(3):
            case 0:
                del segments[at]
            case 1:
                segments.insert(to, segments[at])
            case _:
                segments[at] = segments[at].replace(b"*", chance.choice((b"**", b"*#", b":", b"* ")), 1)

    assert_same(b"~".join(segments))


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[int, int, int, bytes]]:
    """What is done to which of the segments that hold a file together, and to others: where, what, with what."""
    some = st.integers(0, 1 << 16)
    more = st.sampled_from([b"ISA", b"GS", b"ST", b"SE", b"GE", b"IEA", b"CLM", b"HL", b"SVX"])
    return draw(st.lists(st.tuples(some, some, st.integers(0, 5), more), min_size=1, max_size=6))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=changes(), twice=st.booleans())
def test_whatever_is_done_to_the_envelope_is_read_the_same(
        changed: list[tuple[int, int, int, bytes]], twice: bool) -> None:
    segments = small(range(1, 9), each=1).split(b"~")
    for at, to, how, tag in changed:
        found = [i for i, segment in enumerate(segments) if segment.split(b"*")[0] == tag] or [0]
        place = found[at % len(found)]
        match how:
            case 0:
                del segments[place]
            case 1:
                segments.insert(to % len(segments), segments[place])
            case 2:
                segments[place] = re.sub(rb"\d+", str(to).encode(), segments[place], count=1)
            case 3:
                segments[place] = re.sub(rb"(.*)\*[^*]*", rb"\g<1>*%d" % (to % 9), segments[place])
            case 4:
                segments[place] = tag + b" " + segments[place]
            case _:
                segments.insert(place, tag + b"*%d" % (to % 9))
    data = b"~".join(segments)

    assert_same(data + data.replace(b"000000001", b"000000002") if twice else data)


def test_other_inputs_are_left_to_one_reader(plain: bytes) -> None:
    begins = plain.index(b"~ST*") + 1
    one_set = plain[:plain.index(b"~SE*")] + plain[plain.rindex(b"~SE*"):]

    for data in (plain[begins:], b'{"type": "claim"}', plain[:150], one_set, b"ISA" * 100):
        assert abreast.cut(Source(data), MANY) is None
    assert abreast.cut(Source("-"), MANY) is None


@pytest.mark.parametrize(("sizes", "found"), [((5, 1, 1, 5), 2), ((1, 9, 1, 1, 1), 2), ((1, 1, 1, 9, 1), 3),
                                              ((1, 9, 9, 1), 2), ((9, 1, 1), 1), ((1, 1, 9), 2)])
def test_the_second_reader_begins_at_the_set_nearest_to_the_middle(sizes: Sequence[int], found: int) -> None:
    sets = [SET % (number, CLAIM * size, 9 + 5 * size, number) for number, size in enumerate(sizes, 1)]
    data = HEADER + b"".join(sets) + b"GE*%d*1~IEA*1*000000001~" % len(sets)

    header, place = abreast.cut(Source(data), MANY) or (b"", 0)

    assert header == HEADER
    assert place == len(HEADER) + sum(map(len, sets[:found]))
    assert_same(data)


def test_an_input_of_more_claims_than_fit_by_its_first_ones_is_left_to_one_reader(plain: bytes) -> None:
    assert abreast.cut(Source(plain), 320) is not None
    assert abreast.cut(Source(plain), 240) is None
    assert abreast.cut(Source(plain.replace(b"~", b"~\r\n")), 240) is None


def test_more_claims_than_the_first_ones_let_expect_are_judged_all_the_same(joined: list[int]) -> None:
    """The batch is then larger than a window."""
    few = [SET % (number, CLAIM if number == 1 else b"", 14 if number == 1 else 9, number) for number in range(1, 500)]
    many = [SET % (number, CLAIM, 14, number) for number in range(500, 700)]
    data = HEADER + b"".join(few + many) + b"GE*699*1~IEA*1*000000001~"

    alone = Scrubber(policies=False, window=64).scrub(data)
    both = Scrubber(policies=False, window=64, workers=2).scrub(data)

    assert joined
    assert len(both.claims) == 201
    assert list(both.flags) == list(alone.flags)


def test_workers_give_the_same_report_of_a_file_that_two_read(plain: bytes, joined: list[int]) -> None:
    alone = Scrubber(policies=False).scrub(plain)

    both = Scrubber(policies=False, workers=2).scrub(plain)

    assert joined
    assert list(both.flags) == list(alone.flags)
