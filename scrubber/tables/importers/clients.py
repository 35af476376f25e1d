"""Lists that no publisher gives away: a practice's own copy as csv of the billing committee's codes, of the payers that
its clearinghouse takes, and of the answers to its eligibility inquiries."""

import datetime as dt
import re

from scrubber.errors import TableError
from scrubber.symbols import OPEN_DAY, WIDTHS, day_number
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.documents import Document
from scrubber.tables.schema import TABLES
from scrubber.tables.values import words_of

_HEADERS: dict[tuple[str, ...], str] = {
    ("list", "code", "from", "to"): "nubc_codes",
    ("payer", "transaction", "from", "to"): "payer_directory",
    ("member", "payer", "from", "to"): "eligibility",
}
_NAMES = {"nubc_codes": "Code lists of institutional claims", "payer_directory": "Payer directory",
          "eligibility": "Eligibility snapshot"}
_SINCE = dt.date(1996, 1, 1)
_YEARS = 10


def matches(document: Document) -> bool:
    """Whether this is one of the lists."""
    return document.header[:4] in _HEADERS


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per list; files of the same list go together."""
    tables = {document.header[:4]: [each for each in documents if each.header[:4] == document.header[:4]]
              for document in documents}
    return [_read_table(_HEADERS[header], header, files) for header, files in tables.items()]


def _read_table(table: str, header: tuple[str, ...], documents: list[Document]) -> EditionData:
    rows: dict[str, list[object]] = {name: [] for name in header}
    for document in documents:
        for number, record in document.records(header):
            where = f"{document.label}: row {number}"
            for name in header[:2]:
                rows[name].append(_cell(table, name, record[name], where))
            begins, ends = (_day(record[name], where) for name in ("from", "to"))
            if begins and ends and ends < begins:
                raise TableError(f"{where}: ends before it begins")
            rows["from"].append(day_number(begins or _SINCE))
            rows["to"].append(day_number(ends) + 1 if ends else OPEN_DAY)
    if not rows["from"]:
        raise TableError(f"{documents[0].label}: holds no row")
    year = _year(documents[0])
    return build_edition(table, str(year), rows, _SINCE, dt.date(year + _YEARS, 12, 31),
                         Source(name=_NAMES[table], files=tuple(document.source for document in documents)),
                         partial=table == "eligibility")


def _cell(table: str, name: str, text: str, where: str) -> str:
    """A cell as the table keeps it; values are not repeated, as a member id may stand there."""
    kind = dict((*TABLES[table].key, *TABLES[table].columns))[name]
    words = words_of(kind)
    if words:
        if text not in words:
            raise TableError(f"{where}: {name} is none of {', '.join(words)}")
        return text
    plain = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    if kind == "text":
        return plain
    if not plain or len(plain) > WIDTHS[kind]:
        raise TableError(f"{where}: {name} has {len(plain)} letters and digits; expected 1 to {WIDTHS[kind]}")
    return plain


def _day(text: str, where: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise TableError(f"{where}: a date is none; expected one such as 2026-03-02, or nothing") from None


def _year(document: Document) -> int:
    """Year in the file's name, else this one."""
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", document.name)
    return int(found[1]) if found else dt.date.today().year
