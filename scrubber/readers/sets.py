"""An 837 cut into its transaction sets, each with an envelope of its own, so that many processes can read it.

A set is cut out only of a file whose envelope is in order: one interchange, and in it every count and control number is
right. Else the file stays whole, because what is wrong with its envelope could not be told any more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ISA = 106                        # bytes
BLANKS = b"\r\n"


@dataclass
class _Group:
    """A functional group: its GS, its sets, each with its control number, and where it ends."""

    header: bytes
    control: bytes
    sets: list[tuple[bytes, bytes]] = field(default_factory=list)
    ended: bool = False


def sets_of(data: bytes) -> list[bytes]:
    """The sets of an 837, in order, each as a file; a file that is none, or not in order, comes as it is."""
    groups = _groups(data)
    if groups is None or sum(len(group.sets) for group in groups) < 2:
        return [data]
    separator, terminator = data[3:4], data[105:106]
    end = terminator + b"\n"
    control = data[:ISA - 1].split(separator)[13]
    return [data[:ISA] + b"\n" + group.header + end + own + end
            + separator.join((b"GE", b"1", group.control)) + end
            + separator.join((b"IEA", b"1", control)) + end
            for group in groups for _, own in group.sets]


def _groups(data: bytes) -> list[_Group] | None:
    """The groups of a file that is in order; None of another."""
    if data[:3] != b"ISA" or len(data) < ISA or data[3:4].isalnum() or data[105:106].isalnum():
        return None
    separator, terminator = data[3:4], data[105:106]
    interchange = data[:ISA - 1].split(separator)
    if len(interchange) != 17:
        return None
    groups: list[_Group] = []
    begun = -1                       # where the open set does
    number = b""
    ended = False
    for at, end, elements in _envelope(data, separator, terminator):
        tag, in_group = elements[0], bool(groups) and not groups[-1].ended
        if ended or tag == b"ISA" or len(elements) < 3:
            return None
        if tag == b"GS" and not in_group and len(elements) > 6:
            groups.append(_Group(data[at:end], elements[6]))
        elif tag == b"ST" and in_group and begun < 0:
            begun, number = at, elements[2]
        elif tag == b"SE" and begun >= 0 and elements[2] == number:
            groups[-1].sets.append((number, data[begun:end]))
            begun = -1
        elif tag == b"GE" and in_group and begun < 0 and _says(elements, len(groups[-1].sets), groups[-1].control):
            groups[-1].ended = True
        elif tag == b"IEA" and not in_group and _says(elements, len(groups), interchange[13]):
            ended = True
        else:
            return None
    return groups if ended and _differ(groups) else None


def _says(trailer: list[bytes], count: int, control: bytes) -> bool:
    """Whether the end of a group or an interchange says what it has to."""
    return trailer[1:3] == [str(count).encode(), control]


def _differ(groups: list[_Group]) -> bool:
    """Whether no two groups, and no two sets, have one number."""
    numbers = [number for group in groups for number, _ in group.sets]
    return len(set(numbers)) == len(numbers) and len({group.control for group in groups}) == len(groups)


def _envelope(data: bytes, separator: bytes, terminator: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
    """The segments of the envelope behind the ISA: where each begins and ends, and its elements."""
    wanted = re.compile(b"(?:ISA|GS|ST|SE|GE|IEA)" + re.escape(separator))
    before = {terminator[0], *BLANKS}
    for match in wanted.finditer(data, ISA):
        at = match.start()
        if data[at - 1] not in before or data[max(0, at - 4):at].rstrip(BLANKS)[-1:] != terminator:
            continue
        end = data.find(terminator, at)
        end = len(data) if end < 0 else end
        yield at, end, data[at:end].split(separator)
