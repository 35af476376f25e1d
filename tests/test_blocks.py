"""Memory of a batch that is done with waits for the next one, and no more than some of it."""

import gc
import sys
from pathlib import Path

import pytest

from scrubber import Scrubber
from scrubber._batch import ClaimBatch
from scrubber._blocks import waiting_bytes
from scrubber._spread import make_room, spread
from scrubber.readers.files import read_into

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

MOST = 96 << 20
DAY = 20_000


@pytest.fixture(scope="module")
def data() -> bytes:
    return generate.text(20_000, seed=11)


def read(data: bytes) -> ClaimBatch:
    batch = ClaimBatch()
    read_into(batch, data, DAY)
    return batch


@pytest.fixture
def waits() -> None:
    """Skips where nothing waits: the sanitizers want to see every block freed."""
    gc.collect()
    read(generate.text(20_000))
    if not waiting_bytes():
        pytest.skip("memory is tight in this build")


@pytest.mark.usefixtures("waits")
def test_the_next_batch_of_the_size_takes_what_waits_and_gives_it_back(data: bytes) -> None:
    for _ in range(6):                   # what other tests have left is gone then
        read(data)
    before = waiting_bytes()

    batch = read(data)
    assert waiting_bytes() < before
    del batch

    assert waiting_bytes() == before


@pytest.mark.usefixtures("waits")
def test_no_more_waits_than_some(data: bytes) -> None:
    batches = [read(data) for _ in range(6)]
    held = sum(len(view) for batch in batches for view, _ in spread(batch)[1])
    assert held > MOST

    del batches

    assert MOST // 2 < waiting_bytes() <= MOST


@pytest.mark.usefixtures("waits")
def test_nothing_waits_while_an_input_is_scrubbed_in_windows(data: bytes) -> None:
    before = waiting_bytes()
    found: list[int] = []

    report = Scrubber(window=5000, policies=False).scrub(data, progress=lambda _: found.append(waiting_bytes()))

    assert len(report.claims) == 20_000
    assert found == [0] * len(found)
    assert before > waiting_bytes() == 0
    read(data)
    assert waiting_bytes()


def test_what_a_block_held_before_is_not_seen_in_the_next_batch(data: bytes) -> None:
    alone = read(data)
    small = generate.text(2000, seed=12)
    expected = read(small)
    kinds = [[bytes(view) for view, _ in spread(expected)[1]], spread(expected)[0]]
    del alone

    for _ in range(3):
        again = read(small)
        assert [[bytes(view) for view, _ in spread(again)[1]], spread(again)[0]] == kinds
        del again


def test_a_batch_read_back_into_a_larger_block_is_the_one_that_was_written(data: bytes) -> None:
    batch = read(data)
    counts, views = spread(batch)
    kept = [bytes(view) for view, _ in views]
    del views
    del batch

    found = ClaimBatch()
    for (view, _), each in zip(make_room(found, counts), kept, strict=True):
        view[:] = each

    assert spread(found)[0] == counts
    assert [bytes(view) for view, _ in spread(found)[1]] == kept
