"""Drug packages and the units they hold: the ASP NDC-HCPCS crosswalk of CMS, or a practice's own list."""

import re
from decimal import Decimal

from scrubber.errors import TableError
from scrubber.tables.edition import EditionData, Source, build_edition
from scrubber.tables.importers.dates import quarter_days, quarter_of_month
from scrubber.tables.importers.documents import Document

OWN = ("ndc", "code", "package_size", "package_unit", "billing_units")
UNITS = ("F2", "GR", "ME", "ML", "UN")

_NAME = re.compile(r"(january|april|july|october)[ _-]*(\d{4})|(\d{4})[ _-]*(jan|apr|jul|oct)", re.IGNORECASE)
_SIZE = re.compile(r"(\d*\.?\d+)\s*([A-Za-z]{2})?")


def matches(document: Document) -> bool:
    """Whether this is a crosswalk of packages."""
    header = document.header
    return set(OWN) <= set(header) or (
        {"NDC", "PKG SIZE", "BILLUNITS"} <= set(header) and header[0].upper().endswith("CODE"))


def read(documents: list[Document]) -> list[EditionData]:
    """One edition per quarter."""
    return [_read_one(document) for document in documents]


def ndc11(text: str) -> str:
    """Eleven digits of a package number; "" for one that cannot be told.

    The ten digits of a label, hyphenated, are padded in the part that is short.
    """
    if re.fullmatch(r"\d{11}", text):
        return text
    parts = text.split("-")
    widths = tuple(map(len, parts))
    if widths in ((5, 4, 2), (4, 4, 2), (5, 3, 2), (5, 4, 1)) and "".join(parts).isdigit():
        return parts[0].zfill(5) + parts[1].zfill(4) + parts[2].zfill(2)
    return ""


def _read_one(document: Document) -> EditionData:
    found = _NAME.search(document.name) or _NAME.search(document.archive)
    if found is None:
        raise TableError(f"{document.label}: its name does not tell the quarter; "
                         "expected one such as October 2026 ASP NDC-HCPCS Crosswalk.csv")
    quarter = quarter_of_month((found[1] or found[4])[:3])
    year = int(found[2] or found[3])
    own = set(OWN) <= set(document.header)
    code_title = "code" if own else document.header[0]
    needed = OWN if own else (code_title, "NDC", "PKG SIZE", "BILLUNITS")
    rows: dict[str, list[object]] = {name: [] for name in OWN}
    odd = 0
    for number, record in document.records(needed):
        where = f"{document.label}: row {number}"
        code = record[code_title].upper()
        package = ndc11(record["ndc" if own else "NDC"])
        if not re.fullmatch(r"[0-9A-Z]{5}", code):
            raise TableError(f"{where}: {code!r} is no code of five characters")
        if not package:
            odd += 1            # a few rows of every release have a number of twelve digits
            continue
        size, unit = _size(record["package_size" if own else "PKG SIZE"], where)
        if own:
            unit = record["package_unit"].upper()
        if unit and unit not in UNITS:
            raise TableError(f"{where}: {unit!r} is no unit of a package; expected one of {', '.join(UNITS)}")
        rows["ndc"].append(package)
        rows["code"].append(code)
        rows["package_size"].append(size)
        rows["package_unit"].append(unit or "none")
        rows["billing_units"].append(_size(record["billing_units" if own else "BILLUNITS"], where)[0])
    if not rows["ndc"]:
        raise TableError(f"{document.label}: holds no packages")
    if odd * 10 > len(rows["ndc"]):
        raise TableError(f"{document.label}: {odd} of {odd + len(rows['ndc'])} package numbers are no NDC of 11 digits")
    first, last = quarter_days(year, quarter)
    note = f"{odd} rows left out, whose package number is no NDC" if odd else ""
    return build_edition("asp_ndc", f"{year}q{quarter}", rows, first, last,
                         Source(name="ASP NDC-HCPCS crosswalk", release=f"{year} Q{quarter}", note=note,
                                files=(document.source,)))


def _size(text: str, where: str) -> tuple[Decimal, str]:
    found = _SIZE.fullmatch(text.replace(",", ""))
    if found is None or not 0 < Decimal(found[1]) < 2_000_000:
        raise TableError(f"{where}: {text!r} is no amount; expected such as 4 or 0.5")
    return Decimal(found[1]), (found[2] or "").upper()
