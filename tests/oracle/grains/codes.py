"""What the code sets of place, revenue, drugs and laboratories say of a line, and who ordered it."""

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

from oracle.grains.providers import npi_fault
from oracle.grains.tables import Edition, Row
from oracle.grains.world import Line, rounded, upper
from oracle.language import ABSENT, Unknown
from scrubber.model.claim import Drug, Provider
from scrubber.symbols import NO_DAY, date_of


def standing(edition: Edition | None, day: int, key: str) -> Any:
    """Where the rows of a key stand to a day."""
    if edition is None:
        return Unknown("no_edition")
    rows = edition.rows(key)
    if any(row["from"] <= day < row["to"] for row in rows):
        return "ok"
    if any(row["to"] <= day for row in rows):
        return "ended"
    if rows:
        return "not_yet"
    return Unknown("no_row") if edition.partial else "unknown"


def pos_status(line: Line) -> Any:
    return standing(line.world.tables.on("pos", line.day), line.day, line.pos) if line.pos else Unknown("no_fact")


def sunset(line: Line) -> Any:
    """The last letter makes a code one of category III."""
    if len(line.code) != 5 or not line.code.endswith("T"):
        return ABSENT
    edition = line.world.tables.on("category_iii", line.day)
    state = standing(edition, line.day, line.code)
    if isinstance(state, Unknown):
        return state
    assert edition is not None
    day = next((row["sunset"] for row in edition.rows(line.code)), NO_DAY)
    return date_of(day) or ABSENT


def same_month(line: Line) -> bool:
    return (line.date.year, line.date.month) == (line.thru.year, line.thru.month)


def revenue(line: Line) -> Any:
    return upper(line.sent.revenue) or ABSENT


def revenue_status(line: Line) -> Any:
    code = revenue(line)
    if code is ABSENT:
        return ABSENT
    if not re.fullmatch(r"[0-9]{4}", code):
        return "malformed"
    return standing(line.world.tables.on("revenue", line.day), line.day, code)


def revenue_needs_code(line: Line) -> Any:
    code = revenue(line)
    if code is ABSENT:
        return ABSENT
    edition = line.world.tables.on("revenue", line.day)
    if edition is None:
        return Unknown("no_edition")
    row = edition.on(line.day, code)
    if row is None:
        return Unknown("no_row") if edition.partial else False
    return bool(row["needs_code"])


# Laboratories.


def clia_need(line: Line) -> Any:
    """The certificate that the test asks for."""
    code, day, tables = line.code, line.day, line.world.tables
    if not code:
        return "none"
    if code[0].isalpha():
        edition = tables.on("hcpcs_laboratory", day)
        if edition is None or not edition.on(day, code):
            if line.in_set("lab") and (edition is None or edition.partial):
                return Unknown("no_row" if edition else "no_edition")
            return "none"
    else:
        if not line.in_set("lab"):
            return "none"
        state = standing(tables.on("clia_exempt", day), day, code)
        if state == "ok":
            return "none"
        if isinstance(state, Unknown):
            return state
    waived = tables.on("clia_waived", day)
    if waived is None:
        return "number"
    row = waived.on(day, code)
    if row is not None and not row["qw"]:
        return "waived"
    if row is not None and line.has("QW"):
        return "qw"
    if row is None and waived.partial:
        return "number"
    ppm = tables.on("clia_ppm", day)
    return "ppm" if ppm is None or ppm.on(day, code) else "full"


def clia(line: Line) -> str:
    return line.sent.clia or line.claim.sent.clia or ""


def clia_sent(line: Line) -> str:
    number = clia(line)
    if not number:
        return "none"
    return "ok" if re.fullmatch(r"[0-9]{2}[Dd][0-9]{7}", number) else "format"


def clia_fault(line: Line) -> str:
    """By the certificates on file; a number that is not among them is not judged."""
    edition = line.world.tables.on("clia_lab", line.day)
    rows = edition.rows(clia(line).upper()) if edition and clia(line) else []
    if not rows:
        return "none"
    row = next((row for row in rows if row["from"] <= line.day < row["to"]), None)
    if row is None:
        return "not_active"
    too_much = {"waiver": ("ppm", "full"), "ppm": ("full",)}.get(row["type"], ())
    need = clia_need(line)
    return "level" if isinstance(need, str) and need in too_much else "none"


# Drugs.


def package(drug: Drug | None) -> str:
    """Eleven digits; a label's ten are padded where its hyphens show which part is short."""
    sent = drug.ndc if drug else ""
    if re.fullmatch(r"[0-9]{11}", sent):
        return sent
    parts = re.fullmatch(r"([0-9]{4,5})-([0-9]{3,4})-([0-9]{1,2})", sent)
    if parts is None or len("".join(parts.groups())) < 10:
        return ""
    return parts[1].zfill(5) + parts[2].zfill(4) + parts[3].zfill(2)


def ndc_fault(drug: Drug) -> str:
    if upper(drug.qualifier) != "N4":
        return "qualifier"
    if "-" in drug.ndc:
        return "hyphen"
    if not re.fullmatch(r"[0-9]*", drug.ndc):
        return "digits"
    return "none" if len(drug.ndc) == 11 else "length"


def maps(line: Line) -> Any:
    number = package(line.sent.drug)
    if not number:
        return Unknown("no_fact")
    edition = line.world.tables.on("asp_ndc", line.day)
    if edition is None:
        return Unknown("no_edition")
    rows = _in_force(edition.rows(number), line.day)
    if not rows:
        return Unknown("no_row")
    return "yes" if any(row["code"] == line.code for row in rows) else "no"


def _in_force(rows: list[Row], day: int) -> list[Row]:
    return [row for row in rows if row["from"] <= day < row["to"]]


def _whole(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_CEILING)


def expected_and_difference(line: Line) -> Any:
    """Units that the drug's quantity holds, and by how many the units billed are too few or too many."""
    drug = line.sent.drug
    number = package(drug)
    if drug is None or not number or line.has("JW"):
        return Unknown("no_fact")
    edition = line.world.tables.on("asp_ndc", line.day)
    if edition is None:
        return Unknown("no_edition")
    row = next((row for row in _in_force(edition.rows(number), line.day) if row["code"] == line.code), None)
    if row is None:
        return Unknown("no_row")
    if row["package_unit"] == "none" or row["package_unit"] != upper(drug.unit):
        return Unknown("no_fact")
    peers = [other for other in line.claim.lines if other is not line and other.code == line.code
             and other.date == line.date]
    wasted = [other for other in peers if other.has("JW")]
    loose = [other for other in wasted if other.sent.drug is None]
    paired = [other for other in wasted if other.sent.drug is not None and package(other.sent.drug) == number]
    if loose and any(other.sent.drug for other in peers if other not in wasted):
        return Unknown("no_fact")
    if any(upper(other.sent.drug.unit) != upper(drug.unit) for other in paired if other.sent.drug):
        return Unknown("no_fact")
    quantity = sum((rounded(other.sent.drug.quantity, "0.001") for other in (line, *paired) if other.sent.drug),
                   Decimal(0))
    billed = sum((other.units for other in (line, *loose, *paired)), Decimal(0))
    size, each = Decimal(row["package_size"]) / 1000, Decimal(row["billing_units"]) / 1000
    most = Decimal(1_000_000)
    if size <= 0 or each <= 0 or line.sent.unit_kind != "UN" or not 0 < quantity <= most or not 0 <= billed <= most:
        return Unknown("no_fact")
    least = _whole(quantity * each / size)
    whole = max(least, _whole(_whole(quantity / size) * each))
    return least, min(billed - least, Decimal(0)) or max(billed - whole, Decimal(0))


def ndc_value(line: Line, name: str) -> Any:
    """`ndc.NAME`."""
    drug = line.sent.drug
    if name in ("expected", "diff"):
        both = expected_and_difference(line)
        return both if isinstance(both, Unknown) else both[name == "diff"]
    if name == "found":
        return drug is not None
    if drug is None:
        return ABSENT
    match name:
        case "fault":
            return ndc_fault(drug)
        case "quantity":
            return rounded(drug.quantity, "0.001")
        case "unit":
            return upper(drug.unit) or ABSENT
    return maps(line)


# Orders.


def orderer(line: Line) -> tuple[Provider, str] | None:
    """The line's ordering provider, else its referring one, else the claim's."""
    for level, sent in (("line", line.sent.providers), ("claim", line.claim.sent.providers)):
        for role in ("ordering", "referring"):
            for provider in sent:
                if provider.role == role:
                    return provider, level
    return None


def enrolled(line: Line, provider: Provider) -> Any:
    edition = line.world.tables.on("ordering", line.day)
    if edition is None or line.world.setting("kind") != "medicare":
        return Unknown("no_edition")
    npi = provider.npi or ""
    row = edition.on(line.day, npi) if npi.isdigit() else None
    if row is None:
        return Unknown("no_row") if edition.partial and npi.isdigit() else False
    return bool(row["dme" if re.match(r"A[4-9]|[BEKL]", line.code) else "partb"])


def order_value(line: Line, name: str) -> Any:
    """`order.NAME`."""
    found = orderer(line)
    if name == "found":
        return found is not None
    if found is None:
        return ABSENT
    provider, level = found
    match name:
        case "role":
            return provider.role
        case "level":
            return level
        case "person":
            return Unknown("no_fact") if provider.entity is None else provider.entity == "person"
        case "npi_ok":
            return npi_fault(provider.npi) == "none"
    return enrolled(line, provider)


LINE = {
    "pos_status": pos_status, "same_month": same_month, "same_year": lambda line: line.date.year == line.thru.year,
    "mammo": lambda line: line.sent.mammo, "sunset": sunset, "revenue": revenue, "revenue_status": revenue_status,
    "revenue_needs_code": revenue_needs_code, "clia_need": clia_need, "clia_sent": clia_sent, "clia_fault": clia_fault,
    "referring_clia": lambda line: bool(line.sent.referring_clia),
}
