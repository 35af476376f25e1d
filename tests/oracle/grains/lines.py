"""What is true of a line: its own attributes and those of its fee-schedule row, unit limit and add-on rows."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from oracle.grains.tables import Row
from oracle.grains.world import Diagnosis, Line, age, upper
from oracle.language import ABSENT, Unknown

LEFT = {"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"}
RIGHT = {"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"}
SIDES = {(): "none", ("left",): "left", ("right",): "right", ("left", "right"): "both"}

# NUCC: first characters of a taxonomy, the longest first.
KINDS = {
    "367500000X": "crna", "367H00000X": "aa",
    "111N": "physician", "1223": "physician", "152W": "physician", "213E": "physician", "20": "physician",
    "363L": "npp", "363A": "npp", "364S": "npp", "367A": "npp", "225": "therapist", "235": "therapist",
}
STATUSES = "ABCDEFGHIJLMNPQRSTX"


def sides(line: Line) -> set[str]:
    """Sides that the modifiers of a line name."""
    if line.has("50"):
        return {"left", "right"}
    return ({"left"} if line.has(*LEFT) else set()) | ({"right"} if line.has(*RIGHT) else set())


def side(line: Line) -> str:
    return SIDES[tuple(sorted(sides(line)))]


def side_conflict(line: Line) -> bool:
    """A whole side and a digit or lid of the other."""
    hands = set(line.modifiers) & {"LT", "RT"}
    parts = set(line.modifiers) - hands
    if len(hands) != 1:
        return False
    return bool(parts & (RIGHT if "LT" in hands else LEFT))


def facility(line: Line) -> bool:
    return line.world.within("facility_pos", line.pos, line.day)


def asc(line: Line) -> bool | Unknown:
    """An ambulatory surgical centre bills, in place 24."""
    biller = line.claim.sent.billing
    if line.pos == "24" and (biller is None or not biller.taxonomy):
        return Unknown("no_fact")
    return biller is not None and biller.taxonomy == "261QA1903X" and line.pos == "24"


def rendering_kind(line: Line) -> str | Unknown:
    if not line.taxonomy:
        return Unknown("no_fact")
    return next((kind for prefix, kind in KINDS.items() if line.taxonomy.startswith(prefix)), "other")


def addon_row(line: Line) -> Row | None:
    """The add-on row of the code in force on the day, suspended ones aside."""
    edition = line.world.tables.on("aoc", line.day)
    rows = edition.rows(line.code) if edition and line.code else []
    return next((row for row in rows if row["from"] <= line.day < row["to"] and row["note"] != "suspended"), None)


def addon(line: Line) -> bool | Unknown:
    """By the add-on table or as ZZZ on the fee schedule."""
    edition = line.world.tables.on("aoc", line.day)
    if addon_row(line) or (line.fee and line.fee["global"] == "ZZZ"):
        return True
    if edition is None and line.schedule is None:
        return Unknown("no_edition")
    if edition is not None and edition.partial and line.fee is None:
        return Unknown("no_row")
    return False


def mp_rank(line: Line) -> Any:
    """Place of the procedure on its claim, day and provider, by value; families of endoscopies stand together."""
    if line.fee is None:
        return Unknown("no_row" if line.schedule else "no_edition")
    if not _is_ranked(line):
        return ABSENT
    peers = [other for other in line.claim.lines if other.date == line.date and other.npi == line.npi]
    if any(other.fee is None for other in peers):
        return Unknown("no_row")
    ordered = sorted(filter(_is_ranked, peers), key=lambda each: (-_family_value(each), -_value(each), each.place))
    return ordered.index(line) + 1


def _is_ranked(line: Line) -> bool:
    return line.fee is not None and line.fee["mult"] in ("2", "3")


def _value(line: Line) -> int:
    assert line.fee is not None
    total = int(line.fee["facility_total"] if facility(line) else line.fee["nonfacility_total"])
    return total * 3 // 2 if line.has("50") else total


def _family_value(line: Line) -> int:
    """The highest value of its endoscopy family on the claim's day."""
    assert line.fee is not None
    base = line.fee["endo_base"]
    if line.fee["mult"] != "3" or not base:
        return _value(line)
    return max(_value(other) for other in line.claim.lines
               if other.date == line.date and other.fee and other.fee["endo_base"] == base)


def code_status(line: Line) -> Any:
    """Of a HCPCS code by its file; of another by the schedules and lists that held it."""
    code, day, tables = line.code, line.day, line.world.tables
    if not code:
        return ABSENT
    if line.claim.kind == "D":
        return Unknown("no_row")
    if not (len(code) == 5 and code.isalnum() and code.isascii() and code[1:4].isdigit()):
        return "malformed"
    if code[0].isalpha():
        edition = tables.on("hcpcs", day)
        if edition is None:
            return Unknown("no_edition")
        status = _status_by_rows(edition.rows(code), day)
        # The file of Level II codes leaves out the dental ones, and those that ended before the first end it holds.
        lacking = edition.partial or day >= edition.ends or code[0] == "D" or day < edition.first_end
        return Unknown("no_row") if status == "unknown" and lacking else status
    presence = tables.on("cpt_presence", day)
    if presence is not None and (status := _status_by_rows(presence.rows(code), day)) != "unknown":
        return status
    if line.fee is not None:
        return "ok"
    if presence is not None and not presence.partial and day < presence.ends:
        return "unknown"
    if line.schedule is None:
        return Unknown("no_row" if presence else "no_edition")
    if line.schedule.partial or day >= line.schedule.ends:
        return Unknown("no_row")
    held = [edition for edition in tables.editions("pfs") if edition.rows(code, "")]
    if any(edition.begins < day for edition in held):
        return "ended"
    return "not_yet" if held else "unknown"


def _status_by_rows(rows: list[Row], day: int) -> str:
    if any(row["from"] <= day < row["to"] for row in rows):
        return "ok"
    if any(row["to"] <= day for row in rows):
        return "ended"
    return "not_yet" if rows else "unknown"


def code_source(line: Line) -> str:
    code = line.code
    well_formed = len(code) == 5 and code.isalnum() and code.isascii() and code[1:4].isdigit()
    return "hcpcs" if well_formed and code[0].isalpha() else "proxy"


def dx_side(line: Line) -> Any:
    """Sides of the pointed diagnoses of the procedure's region against the side it was done on."""
    done = sides(line)
    if not done:
        return "none"
    names = [name for name in line.world.catalogue.sets if name.startswith("region_") and line.in_set(name)
             and f"dx_{name}" in line.world.catalogue.sets]
    if not names:
        return Unknown("no_fact")
    told = [diagnosis_side(dx, line.day) for dx in line.pointed
            if any(line.world.within(f"dx_{name}", dx.code, line.day) for name in names)]
    found = [{"left": {"left"}, "right": {"right"}, "both": {"left", "right"}}[each] for each in told
             if each in ("left", "right", "both")]
    vague = "unspecified" in told
    if not found:
        return "unspecified" if vague else "none"
    if len(done) == 2:
        return "same" if set().union(*found) == done or vague else "part"
    agree = [each for each in found if each & done]
    if len(agree) == len(found):
        return "same"
    return "part" if agree or vague else "opposite"


def diagnosis_side(dx: Diagnosis, day: int) -> str:
    """As the code set of the day says, of a code that is not in force then as it last said."""
    edition = dx.claim.world.tables.on("icd10cm", day)
    if edition is None:
        return "none"
    row = edition.on(day, dx.code) or next(iter(edition.rows(dx.code)), None)
    return str(row["side"]) if row else "none"


def age_fault(line: Line) -> Any:
    """Against the ages that the procedure is for; a code that no row names is for everybody."""
    row = limits(line)
    if isinstance(row, Unknown) or not (row["least"] or row["under"]):
        return row if isinstance(row, Unknown) else "none"
    years = age(line.claim.sent.patient.birth, line.date)
    if isinstance(years, Unknown):
        return years
    return "low" if years < row["least"] else "high" if row["under"] and years >= row["under"] else "none"


def sex_fault(line: Line) -> Any:
    row = limits(line)
    if isinstance(row, Unknown) or row["sex"] == "none":
        return row if isinstance(row, Unknown) else "none"
    sent = line.claim.sent.patient.sex
    if sent not in ("F", "M"):
        return Unknown("no_fact")
    return "none" if sent == row["sex"] else "wrong"


def limits(line: Line) -> Row | Unknown:
    edition = line.world.tables.on("code_age_sex", line.day)
    if edition is None:
        return Unknown("no_edition")
    return edition.on(line.day, line.code) or {"least": 0, "under": 0, "sex": "none"}


def region_fault(line: Line) -> Any:
    """Whether the procedure is done on one site and every diagnosis it is for is of another."""
    def sites(start: str, text: str) -> set[str]:
        names = [name.removeprefix("dx_") for name in line.world.catalogue.sets if name.startswith(start)]
        return {name for name in names if line.world.within(start[:-5] + name, text, line.day)}

    done = sites("site_", line.code)
    if not done:
        return "none"
    for dx in line.pointed:
        edition = line.world.tables.on("icd10cm", line.day)
        if edition is None:
            return Unknown("no_edition")
        if edition.partial and not edition.rows(dx.code):
            return Unknown("no_row")
        found = sites("dx_site_", dx.code)
        if diagnosis_side(dx, line.day) == "none" or not found or found & done:
            return "none"
    return "disjoint" if line.pointed else "none"


def line_value(line: Line, name: str) -> Any:
    """`line.NAME`."""
    match name:
        case "number" | "modifiers" | "modifier_count" | "units" | "date" | "thru" | "days" | "state":
            return getattr(line, name)
        case "code":
            return line.code or ABSENT
        case "age_fault":
            return age_fault(line)
        case "sex_fault":
            return sex_fault(line)
        case "region_fault":
            return region_fault(line)
        case "charge":
            return ABSENT if line.charge is None else line.charge
        case "modifier_1":
            return line.modifiers[0] if line.modifiers else ABSENT
        case "unit_kind":
            return line.sent.unit_kind if line.sent.unit_kind != "F2" else "other"
        case "pos":
            return line.pos or Unknown("no_fact")
        case "dx1":
            return line.dx1 or Unknown("no_fact")
        case "fractional":
            return line.units % 1 != 0
        case "uneven":
            return line.units % line.days != 0
        case "per_day_units":
            return line.per_day
        case "visit_minutes":
            return Unknown("no_fact") if line.sent.visit_minutes is None else line.sent.visit_minutes
        case "note" | "description" | "emergency":
            return getattr(line.sent, name)
        case "care_dates":
            return any((line.sent.care_from, line.sent.care_to, line.claim.sent.care_from, line.claim.sent.care_to))
        case "modifier_repeated":
            return len(set(line.modifiers)) < len(line.modifiers)
        case "modifier_gap":
            filled = [bool(each.strip()) for each in line.sent.modifiers]
            return any(not early and late for early, late in pairwise(filled))
        case "facility":
            return facility(line) if line.pos else Unknown("no_fact")
        case "lx_fault":
            return "none" if line.number == line.place + 1 else "out_of_sequence"
        case "link_repeated":
            link = upper(line.sent.link)
            return bool(link) and [upper(each.sent.link) for each in line.claim.lines].count(link) > 1
        case "pointer_fault":
            return line.pointer_fault
        case "transport" | "transport_conditions" | "pick_up" | "drop_off" | "certificate":
            from oracle.grains.providers import companion_value

            return companion_value(line, name)
        case "age":
            return line.claim.age(line.date)
        case "specialty":
            who = line.rendering
            group = who is not None and (who.entity == "organization" or line.taxonomy.startswith("193"))
            return Unknown("no_fact") if group or not line.taxonomy else line.taxonomy
        case "auth_sent" | "auth_need" | "auth_exempt":
            from oracle.grains.authorizations import line_authorization

            return line_authorization(line, name)
    from oracle.grains.codes import LINE

    if name in LINE:
        return LINE[name](line)
    return {"side": side, "side_conflict": side_conflict, "rendering_kind": rendering_kind, "addon": addon, "asc": asc,
            "mp_rank": mp_rank, "code_status": code_status, "code_source": code_source, "dx_side": dx_side}[name](line)


def fee_value(line: Line, name: str) -> Any:
    """`fee.NAME`: the row without modifier."""
    if line.schedule is None:
        return Unknown("no_edition")
    if name == "found":
        return Unknown("no_row") if line.fee is None and line.schedule.partial else line.fee is not None
    if line.fee is None:
        return Unknown("no_row")
    if name.endswith("_na"):
        return bool(line.fee[name])
    if name.startswith("has_"):
        return bool(line.schedule.rows(line.code, name[-2:].upper()))
    if name == "glob":
        return line.fee["global"]
    letter = line.fee[name]
    if letter == "9" and name in ("pctc", "bilateral", "assistant", "cosurgeon", "team") \
            and line.fee["status"] not in ("ARTCX" if name == "pctc" else "ARTC"):
        return Unknown("no_row")
    if name == "status":
        return letter if letter and letter in STATUSES else "other"
    legal = {"pctc": "0123456789", "mult": "012345679", "bilateral": "01239"}.get(name, "0129")
    return letter if letter and letter in legal else "none"


def mue_edition(line: Line) -> Any:
    """The limits of the claim's setting, where the payer uses Medicare's."""
    if line.world.setting("mue_tables") != "medicare":
        return None
    biller = line.claim.sent.billing
    supplier = biller is not None and (biller.taxonomy or "")[:4] in ("332B", "335E")
    table = "mue_dme" if supplier else "mue_practitioner"
    if line.claim.kind == "I":
        table = "mue_outpatient_hospital"
    return line.world.tables.on(table, line.day)


def mue_value(line: Line, name: str) -> Any:
    """`mue.NAME`."""
    edition = mue_edition(line)
    if edition is None:
        return Unknown("no_edition")
    rows = edition.rows(line.code) if line.code else []
    if name == "found":
        return bool(rows)
    if not rows:
        return Unknown("no_row")
    return Decimal(rows[0]["value"]) if name == "value" else str(rows[0]["mai"] or "none")
