"""Claims corrected at random and let out: what is read again is what was approved, and nothing else changed."""

import datetime as dt
import io
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import bills
import pytest
import x12_writer
from corrections import corrections
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import cases

from scrubber.bundled import bundled
from scrubber.model.case import Case
from scrubber.model.claim import Claim, Line
from scrubber.readers.files import Source
from scrubber.readers.walking import walk
from scrubber.writers.released import Correction, Released, release
from scrubber.writers.reread import as_held, placed

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
# Segments that a correction is written into; all others are as they came.
WRITTEN = set(b"CLM HI LX SV1 SV2 SV3 DTP REF AMT LIN CTP NM1 CL1 SE".split())
some = settings(max_examples=40, deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def claims_of(data: bytes) -> dict[int, Claim]:
    return {position: Claim.model_validate(record) for position, record in placed(Source(data))}


def let_out(data: bytes, chosen: dict[int, Correction | None]) -> tuple[Released, bytes]:
    out = io.BytesIO()
    return release(Source(data), chosen, out), out.getvalue()


def breaches(data: bytes) -> set[tuple[object, ...]]:
    return {(each.tag, each.loop, each.code, each.tag != "HI" and each.element, each.component, each.element_code)
            for each in walk([data])}


def others(data: bytes) -> Counter[bytes]:
    """Segments that no correction is written into, of a file with only whole claims in it."""
    found = Counter(part.strip() for part in data[106:].split(data[105:106]) if part.strip())
    return Counter({part: count for part, count in found.items() if part.split(data[3:4])[0] not in WRITTEN})


def unlike(one: Claim, other: Claim) -> list[tuple[str, object, object]]:
    """What differs in two claims."""
    fields = [(name, getattr(one, name), getattr(other, name)) for name in Claim.model_fields if name != "lines"]
    fields.append(("lines", len(one.lines), len(other.lines)))
    fields += [(f"{number} {name}", getattr(line, name), getattr(read, name)) for number, (line, read) in enumerate(
        zip(one.lines, other.lines, strict=False), 1) for name in Line.model_fields]
    return [each for each in fields if each[1] != each[2]]


def hold(data: bytes, corrected: dict[int, tuple[Claim, tuple[int, ...]]], left_out: Sequence[int] = ()) -> bytes:
    """Lets claims out, and holds what comes out against what was approved."""
    before = claims_of(data)
    chosen: dict[int, Correction | None] = {position: None for position in before if position not in left_out}
    chosen |= {position: Correction(before[position], *each) for position, each in corrected.items()}

    released, written = let_out(data, chosen)

    assert released.refused == {}
    assert list(released.positions) == sorted(chosen)
    expected = {**before, **{position: each[0] for position, each in corrected.items()}}
    for position, found in zip(sorted(chosen), claims_of(written).values(), strict=True):
        assert unlike(found, expected[position]) == []
    assert breaches(written) <= breaches(data)
    if len(chosen) == data.count(b"CLM" + data[3:4]) and all(each[1] == tuple(range(1, len(before[position].lines) + 1))
                            for position, each in corrected.items()):
        assert others(written) == others(data)
    return written


@cache
def batch(kind: generate.Kind) -> bytes:
    return generate.text(8, seed=5, kind=kind)


@cache
def read(kind: generate.Kind) -> dict[int, Claim]:
    return claims_of(batch(kind))


@given(data=st.data(), kind=st.sampled_from(("clean", "flagged")))
@some
def test_a_corrected_professional_batch_is_read_again_as_it_was_approved(data: st.DataObject,
                                                                         kind: generate.Kind) -> None:
    before = read(kind)
    positions = data.draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3, unique=True))
    gone = data.draw(st.lists(st.sampled_from([each for each in before if each not in positions]), max_size=3))

    hold(batch(kind), {each: data.draw(corrections(before[each])) for each in positions}, gone)


@given(data=st.data(), claims=bills.files())
@some
def test_corrected_institutional_and_dental_claims_are_read_again_as_they_were_approved(data: st.DataObject,
                                                                                       claims: list[Claim]) -> None:
    sent = x12_writer.write(claims, dt.date(2026, 3, 31))
    before = claims_of(sent)
    assume(before)
    position = data.draw(st.sampled_from(sorted(before)))

    hold(sent, {position: data.draw(corrections(before[position]))})


@given(data=st.data(), name=st.sampled_from(("demo.837", "mixed.837")))
@some
def test_a_corrected_claim_of_a_bundled_batch_is_read_again_as_it_was_approved(data: st.DataObject, name: str) -> None:
    sent = bundled("demo", name).read_bytes()
    before = claims_of(sent)
    position = data.draw(st.sampled_from(sorted(before)))

    hold(sent, {position: data.draw(corrections(before[position]))})


@given(data=st.data(), case=cases())
@settings(some, max_examples=15)
def test_a_corrected_claim_of_json_is_read_again_as_it_was_approved(data: st.DataObject, case: Case) -> None:
    whole = [claim for claim in case.claims if claim.lines]
    assume(whole)
    sent = f"[{', '.join(claim.model_dump_json(exclude_defaults=True) for claim in whole)}]".encode()
    before = claims_of(sent)
    alone = [position for position, claim in before.items() if not claim.others]   # what was decided is not held whole
    assume(alone)
    position = data.draw(st.sampled_from(alone))
    after, numbers = data.draw(corrections(before[position]))

    released, written = let_out(sent, dict.fromkeys(before) | {
        position: Correction(before[position], after, numbers)})

    assert released.refused == {}
    found = dict(zip(before, claims_of(written).values(), strict=True))       # some cannot be read, and stay
    assert as_held(found[position]) == as_held(after)
    assert [found[each] for each in before if each != position] == [
        before[each] for each in before if each != position]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no published samples in ../shared/samples")
@given(data=st.data())
@some
def test_a_corrected_published_claim_is_read_again_as_it_was_approved(data: st.DataObject) -> None:
    sent = data.draw(st.sampled_from(sorted(SAMPLES.glob("x12-837*/*")))).read_bytes()
    assume(sent.split(b"CLM*")[1].split(b"*")[4][2:3] == sent[104:105])     # else no composite is what the guide has
    before = claims_of(sent)
    position = data.draw(st.sampled_from(sorted(before)))

    hold(sent, {position: data.draw(corrections(before[position]))})
