"""One batch of 837 as two: the claims that may go out, and those that are held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scrubber.errors import ScrubberError
from scrubber.report import Report
from scrubber.writers.files import replacing

ISA_LENGTH = 106


@dataclass
class _Level:
    """An HL with what stands under it: its own segments, its claims by position in the file, and lower levels."""

    parent: "_Level | None"
    segments: list[list[bytes]]
    claims: list[tuple[int, list[list[bytes]]]] = field(default_factory=list)
    children: list["_Level"] = field(default_factory=list)


@dataclass
class _Set:
    """A transaction set: what stands before the first HL, the top levels, and SE."""

    head: list[list[bytes]]
    tops: list[_Level] = field(default_factory=list)
    trailer: list[bytes] | None = None


@dataclass
class _Group:
    head: list[bytes]
    sets: list[_Set] = field(default_factory=list)
    trailer: list[bytes] | None = None


@dataclass
class _Interchange:
    separator: bytes
    terminator: bytes
    head: list[bytes]
    groups: list[_Group] = field(default_factory=list)
    trailer: list[bytes] | None = None


def split_claims(report: Report, inputs: Sequence[tuple[str, bytes]], folder: Path) -> None:
    """Writes clean.837 and held.837; counts and HL numbers are those of what is left, all else is as it came.

    Args:
        inputs: Name, as the report's claims give it, and content of each file.

    Raises:
        ScrubberError: An input is no 837, or the folder cannot be written.
    """
    clean: dict[str, set[int]] = {}
    for ref in report.clean:
        clean.setdefault(ref.file, set()).add(ref.claim_position)
    going: list[bytes] = []
    held: list[bytes] = []
    for name, data in inputs:
        text = data.lstrip()
        if not text.startswith(b"ISA"):
            raise ScrubberError(f"{name}: is no 837, and --split writes 837; leave --split out for other formats")
        interchanges = list(_read(text))
        kept = clean.get(name, set())
        every = {position for item in interchanges for position in _positions(item)}
        going += (_write(item, kept) for item in interchanges)
        held += (_write(item, every - kept) for item in interchanges)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScrubberError(f"{folder}: cannot be made: {error.strerror}") from error
    for file, parts in (("clean.837", going), ("held.837", held)):
        with replacing(folder / file) as temporary:
            temporary.write_bytes(b"".join(parts))


def _read(data: bytes) -> Iterator[_Interchange]:
    position = 0
    start = 0
    while data[start:start + 3] == b"ISA" and len(data) >= start + ISA_LENGTH:
        separator = data[start + 3:start + 4]
        terminator = data[start + 105:start + 106]
        interchange = _Interchange(separator, terminator, data[start:start + 105].split(separator))
        at = start + ISA_LENGTH
        level: _Level | None = None
        block: list[list[bytes]] = []
        levels: dict[bytes, _Level] = {}
        while at < len(data):
            end = data.find(terminator, at)
            end = len(data) if end < 0 else end
            raw = data[at:end].strip(b"\r\n \t")
            if raw.startswith(b"ISA" + separator):
                break
            at = end + 1
            if not raw:
                continue
            segment = raw.split(separator)
            tag = segment[0]
            if tag == b"IEA":
                interchange.trailer = segment
            elif tag == b"GS":
                interchange.groups.append(_Group(segment))
            elif not interchange.groups:
                continue
            elif tag == b"GE":
                interchange.groups[-1].trailer = segment
            elif tag == b"ST":
                block = [segment]
                interchange.groups[-1].sets.append(_Set(block))
                level = None
                levels = {}
            elif not interchange.groups[-1].sets:
                continue
            elif tag == b"SE":
                interchange.groups[-1].sets[-1].trailer = segment
                block = []
            elif tag == b"HL":
                block = [segment]
                parent = levels.get(segment[2]) if len(segment) > 2 else None
                level = _Level(parent, block)
                levels[segment[1] if len(segment) > 1 else b""] = level
                (parent.children if parent else interchange.groups[-1].sets[-1].tops).append(level)
            elif tag == b"CLM" and level is not None:
                position += 1
                block = [segment]
                level.claims.append((position, block))
            else:
                block.append(segment)
        yield interchange
        start = at + len(data[at:]) - len(data[at:].lstrip())


def _positions(interchange: _Interchange) -> Iterator[int]:
    waiting = [top for group in interchange.groups for item in group.sets for top in item.tops]
    while waiting:
        level = waiting.pop()
        yield from (position for position, _ in level.claims)
        waiting += level.children


def _write(interchange: _Interchange, wanted: set[int]) -> bytes:
    """The interchange with only some claims; nothing if none of them is in it."""
    out: list[list[bytes]] = [interchange.head]
    groups = 0
    for group in interchange.groups:
        sets = [written for item in group.sets if (written := _write_set(item, wanted))]
        if sets:
            groups += 1
            out.append(group.head)
            out += (segment for written in sets for segment in written)
            control = group.head[6] if len(group.head) > 6 else b"1"
            out.append([b"GE", str(len(sets)).encode(), *(group.trailer or [b"", b"", control])[2:]])
    if not groups:
        return b""
    control = interchange.head[13] if len(interchange.head) > 13 else b"1"
    out.append([b"IEA", str(groups).encode(), *(interchange.trailer or [b"", b"", control])[2:]])
    return b"".join(interchange.separator.join(segment) + interchange.terminator + b"\n" for segment in out)


def _write_set(item: _Set, wanted: set[int]) -> list[list[bytes]]:
    body = _write_levels(item.tops, wanted)
    if not body:
        return []
    control = item.head[0][2] if len(item.head[0]) > 2 else b"0001"
    segments = item.head + body
    return [*segments, [b"SE", str(len(segments) + 1).encode(), *(item.trailer or [b"", b"", control])[2:]]]


def _write_levels(tops: Sequence[_Level], wanted: set[int]) -> list[list[bytes]]:
    """Levels with a wanted claim in or under them, in order and numbered anew; without recursion, because a file may
    nest them as deep as it likes."""
    order: list[_Level] = []
    waiting = list(reversed(tops))
    while waiting:
        level = waiting.pop()
        order.append(level)
        waiting += reversed(level.children)
    holding: set[int] = set()
    for level in reversed(order):                    # what stands under a level comes before it
        if id(level) in holding or any(position in wanted for position, _ in level.claims):
            holding |= {id(level), id(level.parent)}
    numbers: dict[int, int] = {}
    out: list[list[bytes]] = []
    for level in order:
        if id(level) not in holding:
            continue
        numbers[id(level)] = len(numbers) + 1
        parent = str(numbers[id(level.parent)]).encode() if level.parent else b""
        first = level.segments[0]
        has_kept = any(id(child) in holding for child in level.children)
        out += [[b"HL", str(numbers[id(level)]).encode(), parent, first[3] if len(first) > 3 else b"",
                 b"1" if has_kept else b"0"], *level.segments[1:]]
        out += [segment for position, segments in level.claims if position in wanted for segment in segments]
    return out
