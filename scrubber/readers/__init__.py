"""Readers: bytes of one format to claims. Which format it is, the content says."""

import re

from scrubber.errors import ClaimError

_RIGHT = "X12 837 (starts with ISA), a JSON claim or list of claims, or NDJSON (one claim a line)"
_FOREIGN = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"PK\x03\x04", "is a zip archive (or a spreadsheet); unpack it, or export it, first"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"%PDF", f"is a PDF; what can be read is {_RIGHT}"),
    (b"<", f"is XML or HTML; what can be read is {_RIGHT}"),
)
_OBJECT_A_LINE = re.compile(rb"\{[^\r\n]*\}[ \t]*\r?\n\s*\{")


def sniff(start: bytes, *, file: str = "input") -> str:
    """Format of an input by its first bytes: x12, json or ndjson.

    Args:
        start: The first kilobytes, more if a line is longer; the whole input is fine too.
        file: For the message.

    Raises:
        ClaimError: It is empty, or nothing that can be read.
    """
    for mark, problem in _FOREIGN:
        if start.startswith(mark):
            raise ClaimError(f"{file}: {problem}")
    if b"\0" in start[:4]:
        raise ClaimError(f"{file}: is UTF-16 text or binary; save it as UTF-8")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise ClaimError(f"{file}: is empty; what can be read is {_RIGHT}")
    if text[:3].upper() == b"ISA":
        return "x12"
    if text[:1] == b"[":
        return "json"
    if text[:1] == b"{":
        return "ndjson" if _OBJECT_A_LINE.match(text) else "json"
    raise ClaimError(f"{file}: is no format that can be read; it would be {_RIGHT}")
