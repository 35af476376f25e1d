"""Mutators that keep to the grammar half of the time: segments of an 837, values of JSON, lines of YAML and CSV."""

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

HERE = Path(__file__).parent
SEGMENTS = [line.encode() for line in (HERE / "segments.txt").read_text().splitlines()]
BLIND = 0.3                          # share of mutations that libFuzzer makes, which know no grammar
FEW = (1, 1, 1, 2, 2, 3, 5)

Mutator = Callable[[bytes, int, int], bytes]


def words(name: str) -> list[bytes]:
    """The words of a dictionary beside this file."""
    lines = (HERE / f"{name}.dict").read_text().splitlines()
    return [line[1:-1].encode().decode("unicode_escape").encode("latin-1")
            for line in lines if line.startswith('"')]


def x12(data: bytes, max_size: int, seed: int) -> bytes:
    """Swaps, repeats, drops, borrows and changes segments, elements and components."""
    chance = random.Random(seed)
    if chance.random() < BLIND or len(data) < 8:
        return _blind(data, max_size)
    element, component, end = data[3:4], data[104:105] or b":", data[105:106] or b"~"
    segments = data.split(end)
    for _ in range(chance.choice(FEW)):
        at = chance.randrange(len(segments))
        act = chance.randrange(9)
        if _rearranged(segments, at, act, chance):
            continue
        if act in (3, 4):
            borrowed = chance.choice(SEGMENTS).replace(b"*", element)
            if not borrowed.startswith(b"ISA"):
                borrowed = borrowed.replace(b":", component)
            if act == 3:
                segments.insert(at, borrowed)
            else:
                segments[at] = borrowed
        elif act == 5:                                  # a stretch, such as a line or a claim, again or elsewhere
            stretch = segments[at:at + chance.randrange(1, 12)]
            place = chance.randrange(len(segments) + 1)
            segments[place:place] = stretch * chance.choice((1, 1, 1, 2, 8))
        else:
            segments[at] = _element(segments[at], element, component, chance)
    return end.join(segments)[:max_size]


def _element(segment: bytes, element: bytes, component: bytes, chance: random.Random) -> bytes:
    parts = segment.split(element) if element else [segment]
    at = chance.randrange(len(parts))
    act = chance.randrange(6)
    if act == 0:
        parts.insert(at, parts[chance.randrange(len(parts))])
    elif act == 1 and len(parts) > 1:
        del parts[at]
    elif act == 2:                                      # what another segment has in this place
        other = chance.choice(SEGMENTS).split(b"*")
        parts[at] = other[min(at, len(other) - 1)].replace(b":", component)
    elif act == 3 and component:
        inner = parts[at].split(component)
        inner.insert(chance.randrange(len(inner) + 1), chance.choice(X12_WORDS))
        parts[at] = component.join(inner[:chance.randrange(1, 9)])
    elif act == 4:
        parts[at] = chance.choice(X12_WORDS)
    else:
        parts[at] = _blind(parts[at], len(parts[at]) + 8)
    return element.join(parts)


ROW_WORDS = words("rows")
X12_WORDS = [*(word for word in words("x12") if not set(word) & set(b"*~\r\n")),
             b"", b"0", b"255", b"256", b"2147483648"]


def tree(data: bytes, max_size: int, seed: int) -> bytes:
    """Changes a value of a JSON text, and keeps it JSON."""
    chance = random.Random(seed)
    rows = data.split(b"\n") if data[:1] == b"{" and chance.random() < 0.5 else [data]
    at = chance.randrange(len(rows))
    try:
        value = json.loads(rows[at])
    except (ValueError, RecursionError):
        return _blind(data, max_size)
    if chance.random() < BLIND:
        return _blind(data, max_size)
    for _ in range(chance.choice(FEW)):
        value = _changed(value, chance, 0)
    rows[at] = json.dumps(value, separators=(",", ":"), ensure_ascii=chance.random() < 0.9).encode("utf-8", "replace")
    return b"\n".join(rows)[:max_size]


def resource(data: bytes, max_size: int, seed: int) -> bytes:
    """Changes a FHIR resource: a value of JSON, or the tags and attributes of XML."""
    if data[:1] != b"<":
        return tree(data, max_size, seed)
    chance = random.Random(seed)
    if chance.random() < BLIND:
        return _blind(data, max_size)
    tags = data.split(b"<")[1:]
    for _ in range(chance.choice(FEW)):
        at = chance.randrange(len(tags)) if tags else 0
        act = chance.randrange(6)
        if not tags or _rearranged(tags, at, act, chance):
            continue
        if act == 3:                                    # a stretch, such as an item or a resource, again or elsewhere
            stretch = tags[at:at + chance.randrange(1, 20)]
            place = chance.randrange(len(tags) + 1)
            tags[place:place] = stretch * chance.choice((1, 1, 2, 8))
        elif act == 4:
            name, quote, rest = tags[at].partition(b'"')
            tags[at] = name + quote + str(chance.choice(ODD)).encode("utf-8", "replace") + b'"/>' if quote else rest
        else:
            tags[at] = _blind(tags[at], len(tags[at]) + 12)
    return b"".join(b"<" + tag for tag in tags)[:max_size]


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 255, 256, 2**31, 2**63, 10**400, 1.5, 1e308, 99999999999.999, -99999999999, "", " ",
    "0", "A", "é", "\ud800", "2026-03-02", "2024-02-29", "9999-12-31", "0001-01-01", "99213", "20610", "I10", "M1711",
    "25", "59", "RT", "x" * 300, [], {}, [[]], ["1", "1"], [None])


def _changed(value: Any, chance: random.Random, depth: int) -> Any:
    inner = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    if inner and depth < 8 and chance.random() < 0.85:
        key = chance.choice(inner)
        act = chance.randrange(8)
        if act == 0:
            del value[key]
        elif act == 1 and isinstance(value, list):
            value.insert(key, json.loads(json.dumps(value[chance.choice(inner)])))
        elif act == 1:
            value[key] = value[chance.choice(inner)]
        else:
            value[key] = _changed(value[key], chance, depth + 1)
        return value
    if isinstance(value, str) and chance.random() < 0.4:
        return _blind(value.encode("utf-8", "replace"), len(value) + 8).decode("utf-8", "replace")
    if isinstance(value, int | float) and abs(value) < 1e300 and chance.random() < 0.5:
        return value + chance.choice((-1, 1, 0.001, 100))
    return copy.deepcopy(chance.choice(ODD))            # what is changed next must not change ODD


def lines(name: str) -> Mutator:
    """A mutator that drops, repeats, swaps and changes lines, with the words of a dictionary."""
    known = words(name)

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < BLIND or not data:
            return _blind(data, max_size)
        rows = data.split(b"\n")
        for _ in range(chance.choice(FEW)):
            at = chance.randrange(len(rows))
            act = chance.randrange(6)
            if _rearranged(rows, at, act, chance):
                continue
            if act == 3:
                parts = rows[at].split(b" ")
                parts[chance.randrange(len(parts))] = chance.choice(known)
                rows[at] = b" ".join(parts)
            elif act == 4:
                rows[at] = b" " * chance.choice((1, 2, 4)) + rows[at]
            else:
                rows[at] = _blind(rows[at], len(rows[at]) + 12)
        return b"\n".join(rows)[:max_size]

    return mutate


def table(data: bytes, max_size: int, seed: int) -> bytes:
    """Changes rows and cells of a delimited file, and lines of the column map before it."""
    chance = random.Random(seed)
    if chance.random() < BLIND or not data:
        return _blind(data, max_size)
    rows = data.split(b"\n")
    header = rows[rows.index(b"%%") + 1] if b"%%" in rows[:-1] else rows[0]
    delimiter = max(b",;\t|", key=header.count).to_bytes(1, "little")
    for _ in range(chance.choice(FEW)):
        at = chance.randrange(len(rows))
        act = chance.randrange(8)
        if _rearranged(rows, at, act, chance):
            continue
        cells = rows[at].split(delimiter)
        place = chance.randrange(len(cells))
        if act == 3:
            cells[place] = chance.choice(ROW_WORDS)
        elif act == 4:                                  # what another row has in this place
            other = rows[chance.randrange(len(rows))].split(delimiter)
            cells[place] = other[min(place, len(other) - 1)]
        elif act == 5:
            cells[place] = chance.choice((b'"%s"', b'"%s', b"'%s", b" %s ")) % cells[place]
        elif act == 6:
            cells[place:place + 1] = [cells[place]] * chance.choice((0, 2))
        else:
            cells[place] = _blind(cells[place], len(cells[place]) + 12)
        rows[at] = delimiter.join(cells)
    return b"\n".join(rows)[:max_size]


def _rearranged(rows: list[bytes], at: int, act: int, chance: random.Random) -> bool:
    """Repeats another row at a place, drops the one there or swaps two; False where the act is none of these."""
    if act == 0:
        rows.insert(at, rows[chance.randrange(len(rows))])
    elif act == 1 and len(rows) > 1:
        del rows[at]
    elif act == 2:
        other = chance.randrange(len(rows))
        rows[at], rows[other] = rows[other], rows[at]
    else:
        return False
    return True


def _blind(data: bytes, max_size: int) -> bytes:
    return bytes(atheris.Mutate(data, max(1, max_size)))
