"""Claims packed to be sent to another process: what was read of some rows, taken apart by patient, put together again.

The claims of one patient go to one part, wherever they were read: by a hash of the patient. A parcel is what one reader
has for one part. Put together in the order of the names of their rows, the claims of a part stand as they do in one
scrub of all rows.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber._join import Join, compact
from scrubber._parcels import hashes, number_files, stand_alone
from scrubber._spread import make_room, spread
from scrubber._squeeze import SLACK, expand, most, squeeze
from scrubber._windows import copy_claims, keys, move_envelope, places, sibling
from scrubber.errors import ScrubberError
from scrubber.readers.files import Source, windows

TOGETHER = 1 << 13               # claims that are read before they are taken apart, and that are judged at once
FEW = 32                         # of them for each part at least
MOST = 1 << 16                   # claims of a part that is not divided once more
MIXED = np.uint64(0x9E3779B97F4A7C15)

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Told:
    """What a parcel holds besides claims.

    Attributes:
        rows: Names of the rows that were read, each in one parcel.
        unreadable: What could not be read of them.
    """

    rows: list[str] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)


def part_of(values: Longs, parts: int) -> npt.NDArray[np.int32]:
    """The part of each of some hashes: those of patients, numbers, names."""
    return (((values.view(np.uint64) * MIXED) >> np.uint64(32)) % np.uint64(parts)).astype(np.int32)


def take_apart(rows: Sequence[tuple[str, bytes | str]], parts: int, as_of_day: int, *,
               past: bool = False) -> Iterator[tuple[int, bytes]]:
    """Reads rows and takes their claims apart by patient.

    Args:
        rows: Name and content of each, or what is wrong with it as text; the name "" is none.
        parts: How many parts there are.
        past: Whether they are earlier claims.

    Returns:
        Parcels, each with the number of its part.
    """
    told: dict[int, Told] = {}
    for part, (name, content) in zip(part_of(hashes([name for name, _ in rows])[:-1], parts).tolist(), rows,
                                     strict=True):
        one = told.setdefault(part, Told())
        if name:
            one.rows.append(_called(name, past))
        if isinstance(content, str):
            one.unreadable.append({"file": name, "problem": content})
    sources = [Source(content, name, is_row=True) for name, content in rows if not isinstance(content, str)]
    for batch in windows(ClaimBatch(), sources, as_of_day, max(TOGETHER, FEW * parts)):
        if past:
            batch.mark_history(0)
        stand_alone(batch, [_called(name, past) for name in batch.files])
        patients = part_of(keys(batch)[0], parts)
        rest = sibling(batch)
        move_envelope(rest, batch)
        records, batch.unreadable[:] = list(batch.unreadable), []
        for record in records:
            part = int(part_of(hashes([record["file"]])[:1], parts)[0])
            told.setdefault(part, Told()).unreadable.append(record)
        for part in np.unique(patients).tolist():
            some = sibling(batch)
            copy_claims(some, batch, np.flatnonzero(patients == part).astype(np.int32))
            compact(some)
            yield part, pack(some, past, Told())
        if rest.defect_count or batch.payers:            # of a payer no claim may be left that could be read
            compact(rest, payers=False)
            yield 0, pack(rest, past, Told())
    for part, one in told.items():
        yield part, pack(ClaimBatch(), past, one)


def _called(name: str, past: bool) -> str:
    """The name of a row among those of claims and those of the history, which may have the same."""
    return f"{name} (history)" if past else name


def pack(batch: ClaimBatch, past: bool, told: Told) -> bytes:
    """A batch as bytes that hold all it needs."""
    counts, views = spread(batch)
    squeezed = []
    for view, stride in views:
        room = bytearray(most(len(view)))
        squeezed.append(bytes(memoryview(room)[:squeeze(view, stride, room)]))
    head = json.dumps({
        "counts": counts, "sizes": [len(each) for each in squeezed], "files": batch.files, "payers": batch.payers,
        "odd": batch.odd, "past": past, "rows": told.rows, "unreadable": told.unreadable}).encode()
    return b"".join([len(head).to_bytes(4, "little"), head, *squeezed])


@dataclass(frozen=True)
class Opened:
    """A parcel that was opened."""

    batch: ClaimBatch
    past: bool
    told: Told


def unpack(data: bytes | memoryview) -> Opened:
    """What was packed.

    Raises:
        ScrubberError: It is no parcel, or damaged.
    """
    view = memoryview(data)
    end = 4 + int.from_bytes(view[:4], "little")
    try:
        head = json.loads(bytes(view[4:end]))
        batch = ClaimBatch()
        for names, given in ((batch.files, head["files"]), (batch.payers, head["payers"]), (batch.odd, head["odd"])):
            names.extend(given)
        for (room, stride), size in zip(make_room(batch, head["counts"]), head["sizes"], strict=True):
            squeezed = bytearray(size + SLACK)
            squeezed[:size] = view[end:end + size]
            expand(squeezed, size, stride, room)
            end += size
    except (ValueError, KeyError) as error:
        raise ScrubberError(f"claims that another process has read came damaged: {type(error).__name__}") from error
    return Opened(batch, head["past"], Told(head["rows"], head["unreadable"]))


@dataclass(frozen=True)
class Gathered:
    """The claims of a part.

    Attributes:
        batch: They, in the order of the rows; earlier ones behind.
        inputs: How many of its files are no earlier claims.
        told: Of all parcels.
    """

    batch: ClaimBatch
    inputs: int
    told: Told


def claims_in(data: bytes | memoryview) -> int:
    """How many claims a parcel holds."""
    view = memoryview(data)
    return int(json.loads(bytes(view[4:4 + int.from_bytes(view[:4], "little")]))["counts"][0])


def gather_some(parts: Iterable[Iterable[bytes | memoryview]]) -> Iterator[Gathered]:
    """Puts the parcels of parts together: small parts with others, large ones patients by patients.

    Args:
        parts: Their parcels.

    Raises:
        ScrubberError: One is damaged.
    """
    held: list[bytes | memoryview] = []
    count = 0
    for parcels in parts:
        own = list(parcels)
        size = sum(map(claims_in, own))
        if held and count + size > TOGETHER:
            yield from _by_some(held, count)
            held, count = [], 0
        held += own
        count += size
    if held:
        yield from _by_some(held, count)


def _by_some(parcels: list[bytes | memoryview], count: int) -> Iterator[Gathered]:
    turns = max(1, -(-count // MOST))
    for turn in range(turns):
        yield gather(parcels, turn, turns)


def gather(parcels: Iterable[bytes | memoryview], turn: int = 0, turns: int = 1) -> Gathered:
    """Puts parcels together.

    Args:
        turn, turns: The patients of one of so many turns alone; what is of no patient comes with those of the first.

    Raises:
        ScrubberError: One is damaged.
    """
    opened = [_of_turn(unpack(data), turn, turns) for data in parcels]
    names = sorted({(one.past, file) for one in opened for file in one.batch.files})
    number = {name: place for place, name in enumerate(names)}
    batch, told = ClaimBatch(), Told()
    batch.files.extend(file for _, file in names)
    while opened:
        one = opened.pop()
        number_files(one.batch, np.array([number[one.past, file] for file in one.batch.files], np.int32))
        Join(batch, one.batch, (0, 0, 0)).move()
        told.rows.extend(one.told.rows)
        told.unreadable.extend(one.told.unreadable)
    return Gathered(_in_order(batch), sum(not past for past, _ in names), told)


def _of_turn(one: Opened, turn: int, turns: int) -> Opened:
    """What of a parcel comes in a turn."""
    if turns == 1:
        return one
    patients = keys(one.batch)[0].view(np.uint64)
    turn_of = part_of(((patients * MIXED) >> np.uint64(7)).view(np.int64), turns)      # not as they came to this part
    some = sibling(one.batch)
    copy_claims(some, one.batch, np.flatnonzero(turn_of == turn).astype(np.int32))
    if turn == 0:
        move_envelope(some, one.batch)
    return Opened(some, one.past, one.told if turn == 0 else Told())


def _in_order(batch: ClaimBatch) -> ClaimBatch:
    """The same claims, as they stand in their files."""
    files, positions = places(batch)
    place = (files.astype(np.int64) << 32) + positions
    if (place[1:] > place[:-1]).all():
        return batch
    ordered = sibling(batch)
    copy_claims(ordered, batch, np.argsort(place, kind="stable").astype(np.int32))
    move_envelope(ordered, batch)
    return ordered
