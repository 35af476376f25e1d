"""What pyx12 says of a transaction set: its own reader, walker and maps, without the documents that it writes.

The loop over the segments is the one of its `x12n_document`; what that puts into a tree of errors is kept as rows.
"""

import io
import logging
import re
from functools import cache
from typing import Any, NamedTuple

import pyx12.map_if
import pyx12.map_index
import pyx12.params
import pyx12.x12file
from pyx12.map_walker import walk_tree

logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
CONTROL = "x12.control.00501.xml"
ENVELOPE = ("ISA", "GS", "GE", "IEA", "TA1")


class Verdict(NamedTuple):
    """One error: position in the set, segment, element and component (0 none), and what kind it is.

    `kind` is an IK403, or an IK304 with "S" before it; where pyx12 says it by another number (what is not used, a
    composite where none may be, a form that the guide gives), by that of the 999.
    """

    set: int
    segment: int
    tag: str
    element: int
    component: int
    kind: str


class Said(NamedTuple):
    """What pyx12 says of the sets of an interchange.

    Attributes:
        verdicts: In the order in which it finds them.
        early: Those of them that say that a loop is missing before another one of the same position.
        anew: Set and segment where the open loop begins anew: what it lacks is not looked for.
        crashed: Set and segment where pyx12 ends in an exception of its own.
    """

    verdicts: list[Verdict]
    early: list[Verdict]
    anew: set[tuple[int, int]]
    crashed: set[tuple[int, int]]


@cache
def parameters() -> Any:
    return pyx12.params.ParamsBase()


@cache
def loaded(name: str) -> Any:
    return pyx12.map_if.load_map_file(name, parameters())


@cache
def index() -> Any:
    return pyx12.map_index.map_index()


def said(data: bytes) -> Said:
    """The errors of an interchange; of its sets alone."""
    source = pyx12.x12file.X12Reader(io.StringIO(data.decode("latin-1")))
    control = loaded(CONTROL)
    node, walker = control.getnodebypath("/ISA_LOOP/ISA"), walk_tree()
    result = Said([], [], set(), set())
    number, position, open_set = -1, 0, False
    for segment in source:
        tag, start = segment.get_seg_id(), node
        position += 1
        errors: list[Any] = []
        if tag == "ISA":
            node = control.getnodebypath("/ISA_LOOP/ISA")
            walker.forceWalkCounterToLoopStart("/ISA_LOOP", "/ISA_LOOP/ISA")
        elif tag == "GS":
            walker.forceWalkCounterToLoopStart("/ISA_LOOP/GS_LOOP", "/ISA_LOOP/GS_LOOP/GS")
            version, kind = segment.get_value("GS08"), segment.get_value("GS01")
            node = loaded(index().get_filename("00501", version, kind)).getnodebypath("/ISA_LOOP/GS_LOOP/GS")
        else:
            node, left, entered, errors = walker.walk_errors(node, segment, source.get_seg_count(),
                                                             source.get_cur_line(), None)
            if tag == "ST":
                number, position, open_set = number + 1, 1, True
            elif left and left == entered:
                result.anew.add((number, position))
        if open_set and tag not in ENVELOPE:
            for error in errors:
                verdict = Verdict(number, position, error.seg_data.get_seg_id(), 0, 0, f"S{error.err_cde}")
                result.verdicts.append(verdict)
                if error.err_cde == "3" and _is_beside(error.map_node, node):
                    result.early.append(verdict)
            if node is not None:
                try:
                    _, wrong = node.is_valid_errors(segment)
                except (IndexError, ValueError):
                    result.crashed.add((number, position))
                else:
                    result.verdicts.extend(_verdict(number, position, tag, segment, error) for error in wrong)
        node = start if node is None else node
        open_set = open_set and tag != "SE"
    return result


def _is_beside(missing: Any, reached: Any) -> bool:
    """Whether a segment that is missing begins a loop at the position of the one that was begun, in the same loop."""
    first, second = missing.parent, reached.parent
    return (missing.is_first_seg_in_loop() and reached.is_first_seg_in_loop() and first is not second
            and first.parent is second.parent and first.pos == second.pos)


def _verdict(number: int, position: int, tag: str, segment: Any, error: Any) -> Verdict:
    """An error of an element as a row."""
    note = re.match(r"Syntax Error \((\w+)\)", error.err_str)
    if note is not None:
        return Verdict(number, position, tag, _missed(segment, note[1]), 0, error.err_cde)
    node, kind = error.map_node, error.err_cde
    if node is None:                 # of a composite, or of an element that the segment does not have: "CLM05", "12"
        return Verdict(number, position, tag, int(str(error.refdes)[-2:]), 0, "I10" if kind == "5" else kind)
    if "is marked as Not Used" in error.err_str:
        kind = "I10"
    elif "is an invalid composite" in error.err_str:
        kind = "13"
    elif "failed to match the regular expression" in error.err_str:
        kind = "I12"
    parent = node.parent
    return Verdict(number, position, tag, *((parent.seq, node.seq) if parent.is_composite() else (node.seq, 0)), kind)


def _missed(segment: Any, note: str) -> int:
    """The element at which a syntax note is not met: the one that is missing, or the second where one may be sent."""
    elements = [int(note[place:place + 2]) for place in range(1, len(note), 2)]
    sent = [element for element in elements if len(segment) >= element and segment.get_value(f"{element:02d}")]
    if note[0] == "E":
        return sent[1]
    if note[0] == "R":
        return elements[0]
    return next(element for element in elements if element not in sent)
