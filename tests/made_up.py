"""Small made-up tables of a few codes, with every indicator value, for generated cases.

The codes are real where named sets hold them; what the rows say of them is made up, and differs by edition.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from scrubber.tables.edition import EditionData, build_edition
from scrubber.tables.schema import MCE_FLAGS
from scrubber.tables.store import Store

VISITS = ("99213", "99211", "99204", "99283", "99396", "92014", "G0439")
SURGERY = ("17000", "20610", "27447", "66984", "45380", "45385", "45378", "11042", "64483", "26055", "28285", "92928")
ADDONS = ("17003", "22614", "64484", "96415", "64485", "99292")
OTHERS = ("71046", "93010", "85025", "80061", "83036", "00790", "J1885", "96413", "96372", "90471", "90686", "97110",
          "99024", "3000F", "11055", "98940", "A4206", "81002", "87880", "J9035", "77067", "99499", "0101T", "92507",
          "G2211", "G0438", "99231", "90834", "76830")
# Malformed, ended, never there; 33249 has no row of the fee schedule.
ODD = ("9921", "ABCDE", "99 13", "99201", "12345", "33249", "Z9999", "J0001")
CODES = (*VISITS, *SURGERY, *ADDONS, *OTHERS)
MODIFIERS = ("25", "57", "24", "59", "XE", "XS", "XU", "LT", "RT", "50", "26", "TC", "76", "77", "78", "79", "58", "55",
             "54", "80", "AS", "91", "27", "51", "62", "66", "F1", "F6", "TA", "T5", "E1", "E3", "LC", "RC", "GP", "GO",
             "CQ", "AA", "QK", "QX", "P1", "P3", "GY", "GX", "GA", "JW", "JZ", "JG", "QQ", "5", "ABC", "2-", "", "73",
             "90", "22", "99")
DIAGNOSES = ("I10", "M1711", "M1712", "M1710", "M17", "M25511", "M25512", "S93401A", "S93401", "S93401X", "S93401AA",
             "T1501XA", "T1501A", "T1501", "G35", "G35A", "M545", "M5450", "Z0000", "Z00129", "P0700", "O80", "E1165",
             "K91840", "T8149XA", "Z23", "ZZZ99", "M-17", "C50911", "D6481", "H2511", "H2512", "M25519", "O0901",
             "O0902", "Z3A10", "Z3A20", "Z853", "N184", "I129", "R0789", "C61", "N840", "V0001XA", "Z66")
POS = ("11", "22", "21", "23", "24", "19", "02", "99")
QUARTERS = tuple((dt.date(2024 + n // 4, 1 + n % 4 * 3, 1)) for n in range(6))


def day_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=1)


def by_column(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row.get(key) for row in rows] for key in rows[0]}


def fee_rows(random: Random) -> list[dict[str, Any]]:
    """Most codes, each with any indicators; a few with rows for 26, TC and 53."""
    rows = []
    for code in CODES:
        if random.random() < 0.08:
            continue
        surgical = code in SURGERY
        row = {
            "code": code, "modifier": "", "status": random.choice("AAAARTCBNIPXJ"),
            "global": random.choice(("000", "010", "090")) if surgical and random.random() < 0.8 else random.choice(
                ("XXX", "XXX", "YYY", "MMM", "000", "none")),
            "pctc": random.choice("012345679"), "mult": random.choice("02233349"),
            "bilateral": random.choice("01112239"), "assistant": random.choice("0129"),
            "cosurgeon": random.choice("0129"), "team": random.choice("0129"),
            "endo_base": "45378" if code.startswith("453") else None,
            "nonfacility_total": random.choice(("1", "2.5", "2.5", "7.25")),
            "facility_total": random.choice(("1", "2.5", "3.001")),
        }
        if code in ADDONS and random.random() < 0.8:
            row["global"] = "ZZZ"
        rows.append(row)
        rows += [{**row, "modifier": each} for each in ("26", "TC", "53") if random.random() < 0.3]
    return rows


def pair_rows(random: Random) -> list[dict[str, Any]]:
    """Pairs in either direction, some twice with other dates, some never in force."""
    rows = []
    for one in CODES:
        for two in random.sample(CODES, 9):
            if one == two:
                continue
            for _ in range(random.choice((1, 1, 1, 2))):
                begin = random.choice((dt.date(2015, 1, 1), dt.date(2024, 3, 1), dt.date(2025, 4, 1)))
                indicator = random.choice((0, 1, 1, 1, 9))
                end = random.choice((None, None, dt.date(2024, 2, 29), dt.date(2025, 3, 31), dt.date(2025, 6, 30)))
                if indicator == 9:
                    begin = end = dt.date(2025, 4, 1)
                if end is None or begin <= end:
                    rows.append({"column1": one, "column2": two, "indicator": indicator, "from": begin, "to": end})
    return rows


def limit_rows(random: Random) -> list[dict[str, Any]]:
    return [{"code": code, "value": random.choice((0, 1, 1, 2, 3, 4)), "mai": random.choice((1, 2, 3))}
            for code in CODES if random.random() < 0.85]


def addon_rows(random: Random) -> list[dict[str, Any]]:
    """Each type, chains, a circle, suspended rows, rows for facilities only, rows that begin or end."""
    rows = []
    kinds = dict(zip(ADDONS, (1, 1, 1, 1, 2, 3), strict=True))
    primaries = {"17003": ("17000", "11042"), "22614": ("27447", "17003"), "64484": ("64483", "64485"),
                 "96415": ("96413",), "64485": (None,), "99292": ("99283", None)}
    for code, listed in primaries.items():
        for primary in listed:
            rows.append({
                "addon": code, "primary": primary, "type": kinds[code],
                "note": random.choice(("none", "none", "none", "practitioner", "facility", "suspended")),
                "from": random.choice((dt.date(2013, 4, 1), dt.date(2025, 1, 1))),
                "to": random.choice((None, None, None, dt.date(2025, 3, 31))),
            })
    circle = (("22614", "64484"), ("17003", "22614"))
    return rows + [{"addon": addon, "primary": primary, "type": 1, "note": "none", "from": dt.date(2013, 4, 1),
                    "to": None} for addon, primary in circle]


def code_set_rows() -> list[dict[str, Any]]:
    """Diagnoses: in force, ended, begun in October 2025, headers."""
    old, new = dt.date(2015, 10, 1), dt.date(2025, 10, 1)
    rows = []
    for code in ("I10", "M1711", "M1712", "M1710", "M25511", "M25512", "S93401A", "S93401D", "T1501XA", "Z0000",
                 "Z00129", "P0700", "O80", "E1165", "K91840", "T8149XA", "Z23", "C50911", "D6481", "H2511", "H2512",
                 "M25519", "O0901", "O0902", "Z3A10", "Z3A20", "Z853", "N184", "I129", "R0789", "C61", "N840",
                 "V0001XA", "Z66"):
        side = {"1": "right", "2": "left", "0": "unspecified"}.get(code[4:5], "none") if code[0] in "MH" else "none"
        rows.append({"code": code, "billable": 1, "side": side, "from": old, "to": None})
    rows += [{"code": code, "billable": 0, "side": "none", "from": old, "to": None}
             for code in ("M17", "S93", "S93401", "T1501")]
    rows += [
        {"code": "G35", "billable": 1, "side": "none", "from": old, "to": day_before(new)},
        {"code": "G35", "billable": 0, "side": "none", "from": new, "to": None},
        {"code": "G35A", "billable": 1, "side": "none", "from": new, "to": None},
        {"code": "M545", "billable": 1, "side": "none", "from": old, "to": dt.date(2021, 9, 30)},
        {"code": "M5450", "billable": 1, "side": "none", "from": dt.date(2021, 10, 1), "to": None},
    ]
    return rows


def note_rows() -> list[dict[str, Any]]:
    """What notes say of other diagnoses: both ways, against each other, of sections, in prose."""
    rows = (
        ("M2551", "excludes1", "code", "M17", "read"), ("M17", "excludes1", "section", "M255", "read"),
        ("M1711", "excludes2", "code", "M25511", "read"), ("E11", "excludes1", "code", "I10", "unclear"),
        ("I10", "excludes1", "chapter", "N18", "read"), ("G35", "excludes1", "code", "R07", "unclear"),
        ("D648", "code_first", "code", "C50", "read"), ("K918", "code_first", "code", "T81", "prose"),
        ("O09", "use_additional", "code", "Z3A", "read"), ("E11", "use_additional", "code", "Z79", "read"),
        ("M25519", "redundant", "code", "M2551", "read"))
    return [{"code": code, "relation": relation, "level": level, "first": other, "last": other, "reading": reading,
             "optional": number == 9, "note": number + 1, "text": "made up"}
            for number, (code, relation, level, other, reading) in enumerate(rows)]


def list_rows() -> dict[str, list[dict[str, Any]]]:
    """Lists of codes and numbers of practices, payers and laboratories."""
    codes = ("99213", "99204", "90834", "99231")
    long = {"max": 1, "period": "months", "length": 11, "age_low": 18, "age_high": 64, "also": "G0438"}
    return {
        "dx_relation": note_rows(),
        "dx_map": [{"code": "I10", "relation": "combination", "first": "N18", "last": "N18"},
                   {"code": "R0789", "relation": "symptom", "first": "I10", "last": "I13"},
                   {"code": "Z853", "relation": "history", "first": "C50", "last": "C50"}],
        "dx_trimester": [{"code": "O0901", "trimester": "first"}, {"code": "O0902", "trimester": "second"}],
        "code_age_sex": [{"code": "99396", "least": 40, "under": 65}, {"code": "76830", "sex": "F"},
                         {"code": "90471", "least": 0, "under": 18}],
        "telehealth": [{"code": each} for each in codes], "audio_list": [{"code": each} for each in codes[2:]],
        "clia_waived": [{"code": "87880", "qw": 1}, {"code": "81002"}], "clia_ppm": [{"code": "80061"}],
        "clia_exempt": [{"code": "83036"}], "hcpcs_laboratory": [{"code": "G0438"}],
        "clia_lab": [{"number": "11D1234567", "type": "waiver"}, {"number": "22D7654321", "type": "full",
                                                                  "to": dt.date(2025, 4, 1)}],
        "therapy_codes": [{"code": "97110", "always": 1}, {"code": "92507", "always": 1}, {"code": "90834"}],
        "therapy_threshold": [{"services": "pt_slp", "amount": 2330}, {"services": "ot", "amount": 2410}],
        "single_dose_drugs": [{"code": "J9035"}], "own_fee_schedule": [{"code": each, "charge": 80} for each in CODES],
        "carc": [{"code": "45"}, {"code": "1"}, {"code": "15", "to": dt.date(2018, 5, 1)}],
        "rarc": [{"code": "MA01"}],
        "frequency": [{"code": "99396", **long}, {"code": "G0438", **long, "period": "lifetime", "age_high": 0},
                      {"code": "83036", **long, "period": "days", "length": 90, "max": 2, "exempt": "bone_risk"}],
        "own_frequency": [{"code": "99213", **long, "max": 2, "exempt": "cervical_risk"}],
        "limited_addon": [{"code": "17003", "max": 2}, {"code": "64484", "max": 1}],
        "revenue": [{"revenue": "0360", "needs_code": 1}, {"revenue": "0120"},
                    {"revenue": "0540", "to": dt.date(2025, 4, 1)}],
        "category_iii": [{"code": "0101T", "sunset": dt.date(2025, 4, 1)}],
        "asp_ndc": [{"ndc": "50242006001", "code": "J9035", "package_size": 4, "package_unit": "ML",
                     "billing_units": 10}],
        "ordering": [{"npi": "1883000014", "partb": 1, "dme": 0}],
        "poa_exempt": [{"code": "Z23"}, {"code": "Z853"}],
        "lcd_code": [{"code": "64483", "article": 1, "group": 1}, {"code": "64483", "article": 2, "group": 1},
                     {"code": "83036", "article": 3, "group": 1}, {"code": "83036", "article": 3, "group": 2}],
        "lcd_article": [{"article": 1, "version": 1, "code_groups": 1, "covered_groups": 1},
                        {"article": 2, "version": 1, "code_groups": 1, "noncovered_groups": 1},
                        {"article": 3, "version": 1, "code_groups": 2, "covered_groups": 2}],
        "lcd_dx": [{"article": 1, "code": "M1711", "group": 1, "kind": "covered"},
                   {"article": 1, "code": "I10", "group": 1, "kind": "noncovered"},
                   {"article": 2, "code": "I10", "group": 1, "kind": "noncovered"},
                   {"article": 3, "code": "E1165", "group": 1, "kind": "covered", "asterisk": 1},
                   {"article": 3, "code": "I10", "group": 2, "kind": "covered"}],
        "lcd_state": [{"article": each, "state": "GA"} for each in (1, 2, 3)],
    }


def editions(*, partial: bool) -> Iterator[EditionData]:
    """All tables; dates that they do not reach are left to the cases."""
    random = Random(20260321)
    for begin in QUARTERS:
        end = day_before(dt.date(begin.year + begin.month // 10, (begin.month + 2) % 12 + 1, 1))
        name = f"{begin.year}q{begin.month // 3 + 1}"
        makers = {"pfs": fee_rows, "mue_practitioner": limit_rows, "mue_outpatient_hospital": limit_rows}
        for table, make in makers.items():
            yield build_edition(table, name, by_column(make(random)), begin, end, partial=partial)
    long = dt.date(1996, 1, 1), dt.date(2026, 12, 31)
    short = dt.date(2024, 1, 1), dt.date(2025, 12, 31)
    dated: dict[str, tuple[list[dict[str, Any]], tuple[dt.date, dt.date]]] = {
        "ncci_ptp_practitioner": (pair_rows(random), long),
        "ncci_ptp_hospital": (pair_rows(random), short),
        "aoc": (addon_rows(random), long),
        "hcpcs": ([{"code": "G0439", "kind": "procedure"}, {"code": "J1885", "kind": "procedure"},
                   {"code": "A4206", "kind": "procedure", "to": dt.date(2025, 3, 31)},
                   {"code": "J0001", "kind": "procedure", "from": dt.date(2025, 7, 1)},
                   {"code": "JG", "kind": "modifier", "to": dt.date(2024, 12, 31)},
                   *({"code": each, "kind": "modifier"} for each in ("LT", "RT", "F1", "F6", "XE", "XS", "GP", "AA",
                                                                      "QK", "TC"))], short),
        "modifier": ([{"modifier": each, "kind": "cpt"} for each in ("25", "57", "24", "59", "50", "26", "76", "77",
                                                                    "78", "79", "58", "55", "54", "80", "91", "51")],
                     long),
        "cpt_presence": ([{"code": "99201", "from": dt.date(1996, 1, 1), "to": dt.date(2020, 12, 31)},
                          {"code": "99213"}, {"code": "27447", "to": dt.date(2025, 3, 31)},
                          {"code": "66984", "from": dt.date(2025, 4, 1)}], short),
        "icd10cm": (code_set_rows(), (dt.date(2015, 10, 1), dt.date(2026, 9, 30))),
        "icd10cm_seventh": ([{"code": "S934", "characters": "ADS"}, {"code": "T15", "characters": "ADS"},
                             {"code": "S93", "characters": ""}], (dt.date(2025, 10, 1), dt.date(2026, 9, 30))),
        "mce_dx": ([{"code": code, "flags": 1 << place} for place, code in enumerate(("P0700", "Z00129", "O80", "I10"))]
                   + [{"code": "E1165", "flags": 1 << MCE_FLAGS.index("adult") | 1 << MCE_FLAGS.index("pediatric")}],
                   long),
        "mce_age": ([{"group": "newborn", "low": 0, "high": 0}, {"group": "pediatric", "low": 0, "high": 17},
                     {"group": "maternity", "low": 9, "high": 64}, {"group": "adult", "low": 15, "high": 124}], long),
        "ncd_code": ([{"code": "83036", "list": "190.21B"}, {"code": "80061", "list": "190.23B"},
                      {"code": "85025", "list": "190.15"}, {"code": "80061", "list": "190.21B"}], long),
        "ncd_dx": ([{"list": number, "code": code, "resolution": resolution} for number, code, resolution in (
            ("190.21B", "E1165", 1), ("190.21B", "Z0000", 2), ("190.23B", "I10", 1), ("190.23B", "", 3),
            ("190.15", "", 1), ("190.15", "Z0000", 3))], long),
        "nubc_codes": ([{"list": name, "code": code} for name, codes in (
            ("admission_type", ("1", "3")), ("admission_source", ("1",)), ("patient_status", ("01", "30")),
            ("condition_codes", ("20", "D1")), ("value_codes", ("80", "81"))) for code in codes], long),
        "payer_directory": ([{"payer": "PLAN", "transaction": "837P"}], long),
        "eligibility": ([{"member": "M1", "payer": "PLAN", "from": "2024-03-01", "to": "2025-06-30"},
                         {"member": "M1", "payer": "", "from": "2026-01-01", "to": "2026-12-31"}], long),
        "pos": ([{"pos": each, "facility": each in ("22", "21", "23", "24", "19")} for each in POS], long),
    }
    dated |= {table: (rows, long) for table, rows in list_rows().items()}
    for table, (rows, covered) in dated.items():
        keys = {key: None for row in rows for key in row}
        yield build_edition(table, "made-up", {key: [row.get(key) for row in rows] for key in keys}, *covered,
                            partial=partial)


def write(folder: Path, *, partial: bool) -> Path:
    """The tables as a directory of editions."""
    store = Store(folder)
    for edition in editions(partial=partial):
        store.add(edition)
    return folder
