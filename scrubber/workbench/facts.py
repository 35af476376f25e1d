"""What the tables say of a code on a day, in words; never a descriptor of CPT, of which the tables hold none."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrubber._tables import Tables
from scrubber.symbols import dotted
from scrubber.tables.edition import EditionData

STATUS = {
    "A": "active", "B": "bundled, never paid by itself", "C": "priced by the contractor", "D": "deleted",
    "E": "outside this fee schedule", "F": "deleted, no grace", "G": "not valid for Medicare, another code is used",
    "H": "deleted modifier", "I": "not valid for Medicare", "J": "anesthesia", "M": "for reporting only",
    "N": "not covered by Medicare", "P": "bundled or excluded", "Q": "therapy, for reporting",
    "R": "restricted coverage", "T": "paid only if nothing else is that day",
    "X": "no physician service, paid elsewhere",
}
PRICED = "ACJRT"                 # statuses of what has a price in the fee schedule
UNPAID = "BDFGHIMNP"             # of what Medicare does not pay by itself; E and X may be paid elsewhere
GLOBAL = {
    "000": "the day itself", "010": "10 days", "090": "90 days", "MMM": "maternity", "XXX": "does not apply",
    "YYY": "set by the contractor", "ZZZ": "that of the primary code", "none": "none",
}
PCTC = {
    "0": "physician service", "1": "diagnostic test, 26 and TC apply", "2": "professional component only",
    "3": "technical component only", "4": "global test only", "5": "incident to", "6": "laboratory interpretation",
    "7": "physical therapy", "8": "physician interpretation", "9": "does not apply",
}
BILATERAL = {
    "0": "150 % does not apply", "1": "150 % applies with 50", "2": "is bilateral already",
    "3": "each side is paid in full", "9": "does not apply",
}
SURGEONS = {
    "assistant": ("Assistant at surgery", {"0": "only with documentation", "1": "not paid", "2": "paid",
                                           "9": "does not apply"}),
    "cosurgeon": ("Co-surgeons", {"0": "not allowed", "1": "with documentation", "2": "allowed",
                                  "9": "does not apply"}),
    "team": ("Team surgery", {"0": "not allowed", "1": "with documentation", "2": "allowed", "9": "does not apply"}),
}
MULTIPLE = {
    "0": "no reduction", "1": "old rules", "2": "standard reduction", "3": "endoscopy, by family",
    "4": "imaging reduction", "5": "therapy reduction", "6": "cardiovascular reduction",
    "7": "ophthalmology reduction", "9": "does not apply",
}
MAI = {1: "judged line by line", 2: "a day, absolute", 3: "a day, may be appealed"}
ADDON = {1: "its primary codes are listed", 2: "the contractor says which", 3: "some are listed"}
MEMBERSHIPS = (("telehealth", "Telehealth", "on the list of Medicare"),
               ("therapy_codes", "Therapy", "outpatient therapy"),
               ("single_dose_drugs", "Single-dose drug", "JW or JZ belongs on it"),
               ("clia_waived", "CLIA", "waived test"), ("category_iii", "Category III", "an emerging technology"))
MOST_PRIMARIES = 12
_PROCEDURE = re.compile(r"[0-9A-Z]{5}")
_DIAGNOSIS = re.compile(r"[A-TV-Z][0-9][0-9A-Z](\.?[0-9A-Z]{0,4})")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a table says.

    Attributes:
        name, value: For people.
        source: Table and edition, with what follows from its dates.
    """

    name: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a code.

    Attributes:
        kind: procedure, diagnosis, modifier or "".
        headline: One line: a title of ICD-10-CM, or what kind of code it is.
        good: Whether it may be billed on the day; None where the tables cannot tell.
    """

    kind: str
    code: str
    headline: str
    good: bool | None
    facts: Sequence[Fact] = ()


class Facts:
    """Looks codes up in open tables; safe to share between threads."""

    def __init__(self, editions: Sequence[EditionData]) -> None:
        self._tables = Tables(editions)

    def look_up(self, text: str, day: dt.date) -> Found:
        """What is known of a procedure code, a diagnosis or a modifier; without a dot a text may be two of them."""
        code = text.strip().upper()
        diagnosis = self.diagnosis(code, day) if _DIAGNOSIS.fullmatch(code) else None
        procedure = self._procedure(code, day) if _PROCEDURE.fullmatch(code) else None
        if procedure is not None and (procedure.facts or diagnosis is None or not diagnosis.facts):
            also = [Fact("Also", f"{diagnosis.code}, {diagnosis.headline}")] if diagnosis and diagnosis.facts else []
            return replace(procedure, facts=[*procedure.facts, *also])
        if diagnosis is not None:
            return diagnosis
        if _MODIFIER.fullmatch(code):
            return self._modifier(code, day)
        return Found("", "", "no procedure code, diagnosis or modifier", None)

    def diagnosis(self, text: str, day: dt.date) -> Found:
        """A diagnosis with its title."""
        code = text.strip().upper().replace(".", "")
        if not _DIAGNOSIS.fullmatch(code):
            return Found("diagnosis", text, "a diagnosis is written M17.11", False)
        row = self._row("icd10cm", day, code)
        if row is None:
            return Found("diagnosis", dotted(code), f"no diagnosis of ICD-10-CM on {day}", False)
        billable = bool(row["billable"])
        facts = [Fact("Billable", "yes" if billable else "no: it needs more characters", row[SOURCE]),
                 Fact("In force", _span(row), row[SOURCE])]
        if row["side"] not in ("none", ""):
            facts.append(Fact("Side", str(row["side"]), row[SOURCE]))
        return Found("diagnosis", dotted(code), str(row["title"]), billable, facts)

    def line(self, code: str, day: dt.date) -> tuple[list[str], bool]:
        """A procedure code in a few words for its line, and whether something in them is against it."""
        if not _PROCEDURE.fullmatch(code):
            return [], False
        fee, mue = self._row("pfs", day, code, ""), self._row("mue_practitioner", day, code)
        known = self._row("hcpcs", day, code)
        said = []
        if fee is not None:
            status = STATUS.get(fee["status"], str(fee["status"]))
            said += [status.partition(",")[0], *([f"global {fee['global']}"] if fee["status"] in PRICED else [])]
        elif known is not None:
            said.append("HCPCS II")
        if mue is not None:
            said.append(f"MUE {mue['value']}" + ("/line" if mue["mai"] == 1 else "/day"))
        if addon := self._rows("aoc", day, code):
            said.append("add-on" if addon else "")
        gone = fee is not None and fee["status"] in "DFHI"
        if not said:
            return ["not in these tables"], False
        return [each for each in said if each], gone

    def place(self, text: str, day: dt.date) -> str:
        """What kind of place a place of service is."""
        row = self._row("pos", day, text.upper()) if _MODIFIER.fullmatch(text.upper()) else None
        return "no such place" if row is None else "facility" if row["facility"] else "not a facility"

    def _procedure(self, code: str, day: dt.date) -> Found:
        facts: list[Fact] = []
        present, level2 = self._row("cpt_presence", day, code), self._row("hcpcs", day, code)
        fee = self._row("pfs", day, code, "")
        for row, name in ((level2, "HCPCS Level II"), (present, "In the fee schedule")):
            if row is not None:
                facts.append(Fact(name, _span(row), row[SOURCE]))
        if level2 is not None and level2["replacement"]:
            facts.append(Fact("Replaced by", str(level2["replacement"]), level2[SOURCE]))
        facts += self._fee(fee) if fee is not None else []
        mue = self._row("mue_practitioner", day, code)
        if mue is not None:
            facts.append(Fact("MUE", f"{mue['value']} ({MAI.get(mue['mai'], 'no indicator')})", mue[SOURCE]))
        if primaries := self._rows("aoc", day, code):
            codes = [str(row["primary"]) for row in primaries if row["primary"]]
            more = f" and {len(codes) - MOST_PRIMARIES} more" if len(codes) > MOST_PRIMARIES else ""
            facts.append(Fact("Add-on to", (", ".join(codes[:MOST_PRIMARIES]) or ADDON.get(primaries[0]["type"], ""))
                              + more, primaries[0][SOURCE]))
        facts += self._lists(code, day)
        known = any((level2, present, fee))
        status = str(fee["status"]) if fee is not None else ""
        headline = "HCPCS Level II code" if level2 is not None else "procedure code"
        if not known:
            return Found("procedure", code, f"not in these tables on {day}", None, facts)
        good = status not in UNPAID if status and status in PRICED + UNPAID else None
        return Found("procedure", code, headline, good, facts)

    def _fee(self, row: dict[str, Any]) -> Iterator[Fact]:
        where = row[SOURCE]
        yield Fact("Status", f"{row['status']}, {STATUS.get(row['status'], 'not known')}", where)
        yield Fact("Global days", f"{row['global']}, {GLOBAL.get(row['global'], 'not known')}", where)
        yield Fact("Professional and technical", f"{row['pctc']}, {PCTC.get(row['pctc'], 'not known')}", where)
        yield Fact("Bilateral", f"{row['bilateral']}, {BILATERAL.get(row['bilateral'], 'not known')}", where)
        yield Fact("Multiple procedures", f"{row['mult']}, {MULTIPLE.get(row['mult'], 'not known')}", where)
        for column, (name, words) in SURGEONS.items():
            yield Fact(name, f"{row[column]}, {words.get(row[column], 'not known')}", where)
        yield Fact("Relative value",
                   f"{row['nonfacility_total']:g} outside a facility, {row['facility_total']:g} in one", where)

    def _lists(self, code: str, day: dt.date) -> Iterator[Fact]:
        for table, name, value in MEMBERSHIPS:
            row = self._row(table, day, code)
            if row is not None:
                yield Fact(name, value, row[SOURCE])
        row = self._row("code_age_sex", day, code)
        if row is not None:
            parts = [f"from {row['least']} years" if row["least"] else "",
                     f"under {row['under']}" if row["under"] else "", {"F": "women", "M": "men"}.get(row["sex"], "")]
            yield Fact("For", ", ".join(filter(None, parts)), row[SOURCE])

    def _modifier(self, code: str, day: dt.date) -> Found:
        row = self._row("modifier", day, code) or self._row("hcpcs", day, code)
        if row is None:
            return Found("modifier", code, f"no modifier that these tables know on {day}", False)
        kind = "modifier of CPT" if row["kind"] == "cpt" else "modifier of HCPCS"
        return Found("modifier", code, kind, True, [Fact("In force", _span(row), row[SOURCE])])

    def _row(self, table: str, day: dt.date, *key: str) -> dict[str, Any] | None:
        rows = self._rows(table, day, *key)
        return rows[0] if rows else None

    def _rows(self, table: str, day: dt.date, *key: str) -> list[dict[str, Any]]:
        """Rows in force, each with where it stands."""
        slot, rows = self._tables.rows_on(table, key, day)
        if slot < 0:
            return []
        edition = self._tables.editions[slot]
        stale = f", covers to {edition.manifest_ends()} (stale)" if self._tables.is_stale(slot, day) else ""
        source = f"{table} {edition.edition}{stale}"
        return [{**self._tables.row_of(slot, row), SOURCE: source} for row in rows]


SOURCE = "(source)"


def _span(row: dict[str, Any]) -> str:
    """When a row is in force, both days included."""
    return f"from {row['from']}" + (f" to {row['to']}" if row.get("to") else ", open")
