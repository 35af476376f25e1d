"""The 999 (005010X231A1): for each functional group of a file, which of its sets were accepted, and what is wrong.

Source: ASC X12 005010X231A1; TA1 from the control segments of X12.5.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import BinaryIO

from scrubber.writers.acknowledgement.interchange import Reply
from scrubber.writers.acknowledgement.outline import GroupOutline, InterchangeOutline, Outline, SetOutline
from scrubber.writers.acknowledgement.sent import Told
from scrubber.writers.acknowledgement.walk import element

VERSION = "005010X231A1"
CODES = 5                      # of IK502 to IK506 and of AK905 to AK909
LOOP = 4                       # characters of IK303: of 2010AA the first four
CONTEXT = 35                   # characters of CTX01-2


def write_syntax(stream: BinaryIO, outline: Outline, as_of: dt.date) -> bool:
    """Writes the 999 of a file: an interchange for each that has groups. False where there is none."""
    written = False
    for interchange in outline.interchanges:
        if not interchange.groups:
            continue
        written = True
        reply = Reply(stream, interchange.header, interchange.ordinal, interchange.delimiters, as_of, kind="999",
                      functional="FA", version=VERSION)
        for group in interchange.groups:
            reply.begin_group(group.header)
            reply.begin_set("999")
            _group(reply, group)
            reply.end_set()
            reply.end_group()
        reply.end()
    return written


def write_interchanges(stream: BinaryIO, outline: Outline, as_of: dt.date) -> bool:
    """Writes a TA1 for each interchange that asks for one (ISA14) or is rejected. False where there is none."""
    written = False
    for interchange in outline.interchanges:
        if element(interchange.header, 14) != b"1" and interchange.code == "000":
            continue
        written = True
        reply = Reply(stream, interchange.header, interchange.ordinal, interchange.delimiters, as_of, kind="TA1")
        _receipt(reply, interchange)
        reply.end()
    return written


def _receipt(reply: Reply, interchange: InterchangeOutline) -> None:
    isa = interchange.header
    reply.put("TA1", reply.clean(element(isa, 13), 9).rjust(9, b"0"), reply.fit(element(isa, 9), 6, 6) or reply.day[2:],
              reply.fit(element(isa, 10), 4, 4) or "0000", "A" if interchange.code == "000" else "R", interchange.code)


def _group(reply: Reply, group: GroupOutline) -> None:
    gs = group.header
    reply.put("AK1", reply.fit(element(gs, 1), 2, 2) or "HC", _digits(element(gs, 6)) or "0",
              reply.fit(element(gs, 8), 1, 12))
    for each in group.sets:
        _set(reply, each)
    accepted = sum(not each.rejected for each in group.sets)
    reply.put("AK9", _verdict(group, accepted), group.said if group.said >= 0 else len(group.sets), len(group.sets),
              accepted, *_codes(group.codes))


def _verdict(group: GroupOutline, accepted: int) -> str:
    """AK901: accepted, with errors, in part, or rejected."""
    if group.codes or (not accepted and group.sets):
        return "R"
    if accepted < len(group.sets):
        return "P"
    return "E" if any(each.faults for each in group.sets) else "A"


def _set(reply: Reply, each: SetOutline) -> None:
    reply.put("AK2", reply.fit(each.kind, 3, 3) or "837", reply.clean(each.control, 9).rjust(4, b"0"),
              reply.clean(each.version, 35))
    for (position, tag, loop, code, claim), found in groupby(each.faults, _segment):
        reply.put("IK3", _tag(tag), position, loop[:LOOP], code)
        if claim:
            reply.put("CTX", ("CLM01", reply.clean(claim, CONTEXT)))
        for told in found:
            fault = told.fault
            if fault.element:
                place = [fault.element, fault.component or "", fault.repeat or ""]
                reply.put("IK4", place, fault.reference, fault.element_code)
    codes = [*each.codes, *_of_segments(each.faults)]
    reply.put("IK5", "R" if each.rejected else "E" if each.faults else "A", *_codes(codes))


def _segment(told: Told) -> tuple[int, str, str, str, bytes]:
    fault = told.fault
    return told.position, fault.tag, fault.loop, fault.code, told.claim


def _tag(tag: str) -> str:
    """IK301 has two or three characters."""
    return tag if 2 <= len(tag) <= 3 and tag.isalnum() and tag.isascii() else "ZZ"


def _of_segments(faults: Iterable[Told]) -> Iterator[str]:
    """5 where segments are in error; I5 where they break nothing but the guide."""
    codes = {told.fault.element_code or told.fault.code for told in faults}
    if codes:
        yield "I5" if all(code.startswith("I") for code in codes) else "5"


def _digits(text: bytes) -> bytes:
    """A control number, at most nine digits."""
    return bytes(each for each in text if 48 <= each <= 57)[:9]


def _codes(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))[:CODES]
