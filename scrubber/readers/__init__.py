"""Readers: bytes of one format to claims. Which format it is, the content says."""

import re

from scrubber.errors import ClaimError

_RIGHT = ("X12 837 (starts with ISA), a JSON claim or list of claims, NDJSON (one claim a line), CSV (one service line "
          "a row under a row of column names), Parquet, or FHIR R4 Claims as JSON or XML")
_FOREIGN = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"\xd0\xcf\x11\xe0", "is an old Office file; of a spreadsheet, save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"%PDF", "is a PDF; export what it shows as data"),
)
_ZIP = b"PK\x03\x04"
_WORKBOOK = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_OBJECT_A_LINE = re.compile(rb"\{[^\r\n]*\}[ \t]*\r?\n\s*\{")
_RESOURCE = re.compile(rb'"resourceType"\s*:')
_PROLOG = re.compile(rb"(?:<\?.*?\?>|<!--.*?-->|\s+)*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE(?!\s+html)", re.IGNORECASE)
_ROOT = re.compile(rb"<[^>]*>")
_FHIR = re.compile(rb"""xmlns(?::[\w.-]+)?\s*=\s*["']http://hl7\.org/fhir["']""")
_BEGINNING = 1 << 14            # bytes in which a delimiter of a CSV file must stand
DELIMITERS = b",;\t|"


def sniff(start: bytes, *, file: str = "input") -> str:
    """Format of an input by its first bytes: x12, json, ndjson, csv, parquet, fhir, fhir_lines or fhir_xml.

    Args:
        start: The first kilobytes, more if a line is longer; the whole input is fine too.
        file: For the message.

    Raises:
        ClaimError: It is empty, or nothing that can be read.
    """
    tell_foreign(start, file)
    if start.startswith(b"PAR1"):
        return "parquet"
    if b"\0" in start[:4]:
        raise ClaimError(f"{file}: is UTF-16 text or binary; save it as UTF-8")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise ClaimError(f"{file}: is empty; what can be read is {_RIGHT}")
    if text[:3].upper() == b"ISA" and not text[3:4].isalnum():
        return "x12"
    if text[:1] == b"<":
        return _markup(text, file)
    if text[:1] in (b"[", b"{"):
        of_lines = _OBJECT_A_LINE.match(text) is not None
        if _RESOURCE.search(text):
            return "fhir_lines" if of_lines else "fhir"
        return "ndjson" if of_lines else "json"
    if any(text.find(delimiter, 0, _BEGINNING) >= 0 for delimiter in DELIMITERS):
        return "csv"
    raise ClaimError(f"{file}: is no format that can be read; it would be {_RIGHT}")


def tell_foreign(start: bytes, file: str) -> None:
    """Raises ClaimError where a file is of a kind that nothing here reads, with what to do."""
    for mark, problem in _FOREIGN:
        if start.startswith(mark):
            raise ClaimError(f"{file}: {problem}")
    if start.startswith(_ZIP):
        raise ClaimError(f"{file}: {_packed(start)}")


def _markup(text: bytes, file: str) -> str:
    """FHIR by the namespace of its root; anything else in XML or HTML is none."""
    root = _PROLOG.sub(b"", text, count=1)
    if _DOCTYPE.match(root):
        raise ClaimError(f"{file}: has a DOCTYPE, which FHIR does not allow and which is never read; leave it out")
    tag = _ROOT.match(root)
    if tag is None or not _FHIR.search(tag[0]):
        raise ClaimError(f"{file}: is XML or HTML; what can be read is {_RIGHT}")
    return "fhir_xml"


def _packed(start: bytes) -> str:
    """What to do with a zip archive: a workbook is one, by the name of its first member."""
    size = int.from_bytes(start[26:28], "little")
    if start[30:30 + size].startswith(_WORKBOOK):
        return "is a spreadsheet; save the sheet as CSV UTF-8, with ids and codes as text"
    return "is a zip archive; unpack it first"
