"""Add-on code edits: csv or workbook with a header, or fixed-width text without one."""

import re
from collections.abc import Iterator

from scrubber.errors import TableError
from scrubber.symbols import OPEN_DAY, date_of
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import end_day, first_day, quarter_days
from scrubber.tables.importers.documents import Document
from scrubber.tables.values import pack_texts

FIELDS = ("AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
          "AOC_Edit_DelDT", "Special_Instruction_Notes")
CONTRACTOR_DEFINED = "CCCCC"

_PLACES = ((0, 1), (1, 6), (6, 13), (13, 18), (18, 25), (25, 32), (32, 39), (39, 294))
_FIXED = re.compile(r"[123][0-9A-Z]{5}[0-9 ]{7}[0-9A-Z]{5}[0-9 ]{7}\d{7}")
_NAME = re.compile(r"AOC_V(\d{4})Q([1-4])", re.IGNORECASE)


def matches(document: Document) -> bool:
    """Whether this is the table of add-on codes."""
    return "Add-On_Code" in document.header or (document.suffix == ".txt" and bool(_FIXED.match(document.head)))


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per release."""
    return [_read_one(document) for document in documents]


def _read_one(document: Document) -> EditionData:
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the quarter; expected one such as AOC_V2026Q2-MCR")
    rows: dict[str, list[int]] = {name: [] for name in ("type", "from", "to", "primary_to", "addon_to")}
    addons, primaries, notes = [], [], []
    for number, record in _records(document):
        where = f"{document.label}: row {number}"
        kind, addon, addon_end, primary, primary_end, start, end, note = (record[name] for name in FIELDS)
        if kind not in ("1", "2", "3"):
            raise TableError(f"{where}: {kind!r} is no add-on type; expected 1, 2 or 3")
        for code in (addon, primary):
            if not re.fullmatch(r"[0-9A-Z]{5}", code):
                raise TableError(f"{where}: {code!r} is no code of five characters")
        from_day, to_day = first_day(start, where), end_day(end, where)
        if not start:
            raise TableError(f"{where}: has no effective date; expected such as 2026001")
        suspended = _note_of(note) == "suspended"
        if to_day <= from_day + 1 and not suspended:
            continue
        addons.append(addon)
        primaries.append("" if primary == CONTRACTOR_DEFINED else primary)
        notes.append(_note_of(note))
        for name, value in (("type", int(kind)), ("from", from_day), ("to", to_day),
                            ("primary_to", end_day(primary_end, where)), ("addon_to", end_day(addon_end, where))):
            rows[name].append(value)
    _suspend(addons, notes, rows)
    first, last = quarter_days(int(found[1]), int(found[2]))
    earliest = date_of(min(rows["from"])) if addons else first
    return build_edition("aoc", f"{found[1]}q{found[2]}",
                         {"addon": pack_texts(addons, 5), "primary": pack_texts(primaries, 5), "note": notes, **rows},
                         min(earliest or first, first), last,
                         Source(name="Add-on code edits", release=f"{found[1]}Q{found[2]}", files=(document.source,)))


def _records(document: Document) -> Iterator[tuple[int, dict[str, str]]]:
    if "Add-On_Code" in document.header:
        titles = [name.removesuffix("_Julian") for name in document.header]
        for number, record in document.records(document.header):
            plain = dict(zip(titles, record.values(), strict=True))
            missing = [name for name in FIELDS if name not in plain]
            if missing:
                raise TableError(f"{document.label}: column {missing[0]!r} is missing; expected {', '.join(FIELDS)}")
            yield number, plain
        return
    for number, line in enumerate(document.text().splitlines(), 1):
        if not line.strip():
            continue
        if not _FIXED.match(line):
            raise TableError(f"{document.label}: row {number}: is no add-on record; expected type, add-on, date, "
                             "primary, date, effective date at their places")
        yield number, {name: line[low:high].strip() for name, (low, high) in zip(FIELDS, _PLACES, strict=True)}


def _suspend(addons: list[str], notes: list[str], rows: dict[str, list[int]]) -> None:
    """Lets a suspended row, published with equal dates, last until its add-on has a row in force again."""
    for i, note in enumerate(notes):
        if note == "suspended":
            resumed = [rows["from"][j] for j, addon in enumerate(addons)
                       if addon == addons[i] and notes[j] != "suspended" and rows["from"][j] > rows["from"][i]]
            rows["to"][i] = min(resumed, default=OPEN_DAY)


def _note_of(text: str) -> str:
    """What a note means for the edit: who it is limited to, or that it is suspended."""
    lower = text.lower()
    if "suspended" in lower:
        return "suspended"
    if "practitioner only" in lower:
        return "practitioner"
    return "facility" if "facilities only" in lower else "none"
