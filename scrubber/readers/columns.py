"""The columns of a claim file of rows: their names, what they hold, and which box of a paper form they are.

A file has one row for each service line. Columns of the claim say the same in each row of a claim, or stand in its
first row alone; columns of the line are the row's own.

Source: NUCC 1500 claim form instruction manual (form 02/12), NUBC data specifications (UB-04 form locators), for which
box holds what.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "id", "text", "code", "dx", "date", "money", "number", "whole", "yes_no", "letter", "relation", "words", "kind",
    "state", "service", "codes", "dxs", "pointers", "poa", "occurrences", "spans", "values", "adjustments",
]
STATES = ("draft", "paid", "denied", "open", "rejected", "void")
MOST_DIAGNOSES = 25
MOST_MODIFIERS = 6             # one more than any form has, so that none is left out unseen
_ODD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: As the header names it.
        of: Whose it is.
        kind: How its cells read (scrubber/readers/cells.py).
        path: Where it goes in the model; what is no field of the model is put together in scrubber/readers/assemble.py.
        about: What it holds.
        box: Of the CMS-1500, or with FL of the UB-04; "" where the forms have none.
        width: Characters of a code that is written in digits, so that lost zeros show; 0 is any number.
        words: What may stand there, of the kind `words`.
    """

    name: str
    of: Literal["claim", "line"]
    kind: Kind
    path: tuple[str, ...]
    about: str
    box: str = ""
    width: int = 0
    words: tuple[str, ...] = ()


def _claim(name: str, kind: Kind, about: str, box: str = "", *, path: tuple[str, ...] = (), width: int = 0,
           words: tuple[str, ...] = ()) -> Column:
    return Column(name, "claim", kind, path or (name,), about, box, width, words)


def _line(name: str, kind: Kind, about: str, box: str = "", *, path: tuple[str, ...] = (), width: int = 0,
          words: tuple[str, ...] = ()) -> Column:
    return Column(name, "line", kind, path or (name,), about, box, width, words)


# Whose numbers a row may give, and how messages and docs/csv.md call them; those of the line come per row.
ROLES = {
    "billing": "billing provider", "referring": "referring provider", "supervising": "supervising provider",
    "primary_care": "primary care provider", "facility": "service facility", "attending": "attending provider",
    "operating": "operating physician", "other_operating": "other operating physician", "assistant": "assistant",
    "rendering": "rendering provider", "ordering": "ordering provider", "purchased": "purchased service provider",
}
OF_LINE = ("rendering", "ordering", "purchased")
_BOXES = {("billing", "npi"): "33a", ("billing", "tax_id"): "25", ("referring", "npi"): "17b",
          ("facility", "npi"): "32a", ("rendering", "npi"): "24J", ("attending", "npi"): "FL 76",
          ("operating", "npi"): "FL 77"}
_OF_PROVIDER: tuple[tuple[str, Kind, str, tuple[str, ...]], ...] = (
    ("npi", "id", "NPI", ()), ("tax_id", "id", "tax id", ()),
    ("tax_id_kind", "words", "EI (or EIN) or SY (or SSN)", ("EI", "SY", "EIN", "SSN")),
    ("taxonomy", "id", "taxonomy code", ()), ("entity", "words", "person or organization", ("person", "organization")),
    ("street", "text", "street", ()), ("city", "text", "city", ()), ("state", "text", "state, two letters", ()),
    ("zip", "id", "ZIP code", ()), ("country", "text", "country, where not US", ()),
)


def _providers() -> Iterable[Column]:
    for role, called in ROLES.items():
        for field, kind, what, words in _OF_PROVIDER:
            yield Column(f"{role}_{field}", "line" if role in OF_LINE else "claim", kind, ("provider", role, field),
                         f"{called}: {what}", _BOXES.get((role, field), ""), 5 if field == "zip" else 0, words)


_ALL = (
    _claim("claim_id", "id", "the claim's number, CLM01; rows of one claim stand together", "26", path=("id",)),
    _claim("kind", "kind", "professional, institutional or dental (P, I, D); by default institutional where `tob` is "
           "given, else professional"),
    _claim("payer", "id", "payer id, by which the profile is found", "FL 51"),
    _claim("member", "id", "member id with that payer", "1a"),
    _claim("state", "state", f"of earlier claims: {', '.join(STATES)}"),
    _claim("frequency", "letter", "1 original, 7 replacement, 8 void", "22"),
    _claim("original", "id", "the payer's number of the claim that is replaced or voided", "22"),
    _claim("control", "id", "the payer's own number of this claim, of an earlier claim"),
    _claim("patient_key", "id", "your own key of the patient, instead of member, birth and sex",
           path=("patient", "key")),
    _claim("patient_first", "text", "first name; 837 files tell patients of one member id apart by it",
           path=("patient", "first")),
    _claim("patient_birth", "date", "date of birth", "3", path=("patient", "birth")),
    _claim("patient_death", "date", "date of death", path=("patient", "death")),
    _claim("patient_sex", "letter", "F, M or U", "3", path=("patient", "sex")),
    _claim("patient_relation", "relation", "to the subscriber: self, spouse, child, other, or a code as 18, 01, 19, G8",
           "6", path=("patient", "relation")),
    _claim("eligible", "words", "what the payer answered when asked: yes or no", words=("yes", "no")),
    *(_claim(f"dx{number}", "dx", f"diagnosis {number}", f"21{chr(64 + number)}" if number <= 12 else "FL 67",
             path=("dx", str(number))) for number in range(1, MOST_DIAGNOSES + 1)),
    _claim("diagnoses", "dxs", "all diagnoses in order in one cell, instead of `dx1` and so on"),
    _claim("poa", "poa", "present on admission, a letter for each diagnosis in order", "FL 67"),
    _claim("admitting_dx", "dx", "admitting diagnosis", "FL 69", path=("admitting",)),
    _claim("external_causes", "dxs", "external causes in one cell", "FL 72"),
    _claim("visit_reasons", "dxs", "the patient's reasons for the visit in one cell", "FL 70"),
    _claim("total", "money", "total charge; by default the sum of the lines", "28"),
    _claim("patient_paid", "money", "amount paid by the patient", "29"),
    _claim("tob", "code", "type of bill", "FL 4", width=3),
    _claim("auth", "id", "prior authorization number", "23"),
    _claim("referral", "id", "referral number"),
    _claim("clia", "id", "CLIA number", "23"),
    _claim("mammo", "yes_no", "whether a mammography certification number is sent"),
    _claim("responsibility", "letter", "P, S or T: which payer this is"),
    _claim("filing_code", "text", "claim filing code, as MB, CI"),
    _claim("msp_type", "text", "why Medicare is secondary, as 12, 47"),
    _claim("delay_reason", "text", "delay reason code"),
    _claim("auth_exception", "text", "service authorization exception code"),
    _claim("employment", "yes_no", "the condition is related to employment", "10a"),
    _claim("auto_accident", "yes_no", "... to an auto accident", "10b"),
    _claim("other_accident", "yes_no", "... to another accident", "10c"),
    _claim("accident_state", "text", "state of the auto accident", "10b"),
    _claim("accident_country", "text", "country of the auto accident, where not US"),
    _claim("accident_date", "date", "date of the accident", "14", path=("accident",)),
    _claim("onset", "date", "onset of the illness", "14"),
    _claim("lmp", "date", "last menstrual period", "14"),
    _claim("initial_treatment", "date", "date of the initial treatment", "15"),
    _claim("last_seen", "date", "date last seen", "15"),
    _claim("care_from", "date", "care assumed", "15"),
    _claim("care_to", "date", "care relinquished", "15"),
    _claim("admit", "date", "admission", "18"),
    _claim("discharge", "date", "discharge", "18"),
    _claim("signature", "letter", "provider signature on file, Y or N", "31"),
    _claim("assignment", "letter", "assignment, as in CLM07: A accepted, B laboratory only, C not", "27"),
    _claim("benefits", "letter", "benefits assigned to the provider, Y, N or W", "13"),
    _claim("release", "letter", "release of information, Y or I", "12"),
    _claim("note", "yes_no", "whether a note is sent", "19"),
    _claim("attachment", "yes_no", "whether an attachment is announced"),
    _claim("lab_certificate", "words", "waiver or other", words=("waiver", "other")),
    _claim("locum_days", "whole", "days in a row for which a substitute has stood in"),
    _claim("therapy_used", "money", "allowed therapy of the calendar year up to this claim"),
    _claim("statement_from", "date", "statement covers from", "FL 6"),
    _claim("statement_thru", "date", "... through", "FL 6"),
    _claim("admission_type", "letter", "type of admission", "FL 14"),
    _claim("admission_source", "letter", "point of origin", "FL 15"),
    _claim("patient_status", "code", "discharge status", "FL 17", width=2),
    _claim("condition_codes", "codes", "condition codes in one cell", "FL 18", width=2),
    _claim("occurrences", "occurrences", "occurrence codes, each with a date: 11:2026-03-02;50", "FL 31",
           width=2),
    _claim("occurrence_spans", "spans", "occurrence spans: 74:2026-03-02/2026-03-05", "FL 35", width=2),
    _claim("value_codes", "values", "value codes, each with an amount: 80:3;81:1", "FL 39", width=2),
    _claim("procedures", "codes", "ICD-10-PCS codes in one cell", "FL 74"),
    _claim("other_payer", "id", "another payer of the claim", path=("other", "payer")),
    _claim("other_member", "id", "member id with it", "9a", path=("other", "member")),
    _claim("other_responsibility", "letter", "P, S or T", path=("other", "responsibility")),
    _claim("other_filing_code", "text", "its filing code", path=("other", "filing_code")),
    _claim("other_paid", "money", "what it paid of the claim", path=("other", "paid")),
    _claim("other_noncovered", "money", "what it did not cover", path=("other", "non_covered")),
    _claim("other_remaining", "money", "what the patient still owes", path=("other", "remaining")),
    _claim("other_date", "date", "date of its decision", path=("other", "date")),
    _claim("other_adjustments", "adjustments", "its adjustments of the claim: CO-45:20.00;PR-2:5",
           path=("other", "adjustments")),
    _claim("other_remarks", "codes", "its remark codes in one cell", path=("other", "remarks")),
    _line("line", "whole", "line number; by default the place in the claim", path=("number",)),
    _line("from", "date", "date of service", "24A", path=("date",)),
    _line("thru", "date", "last date of service; by default the same day", "24A"),
    _line("pos", "code", "place of service", "24B", width=2),
    _line("emergency", "yes_no", "emergency", "24C"),
    _line("code", "code", "procedure code", "24D", width=5),
    *(_line(f"mod{number}", "code", f"modifier {number}", "24D", path=("mod", str(number)), width=2)
      for number in range(1, MOST_MODIFIERS + 1)),
    _line("modifiers", "codes", "all modifiers in one cell, instead of `mod1` and so on", width=2),
    _line("service", "service", "code with modifiers in one cell, as 99213-25-GT, instead of `code`"),
    _line("pointers", "pointers", "diagnoses that the line points to: AB, A,B or 1,2", "24E"),
    _line("charge", "money", "charge of the line", "24F"),
    _line("units", "number", "units, minutes or days", "24G"),
    _line("unit_kind", "words", "UN units, MJ minutes, DA days, F2 international units",
          words=("UN", "MJ", "DA", "F2")),
    _line("revenue", "code", "revenue code, four digits", "FL 42", width=4),
    _line("ndc", "id", "national drug code, eleven digits", "24D", path=("drug", "ndc")),
    _line("ndc_quantity", "number", "quantity of the drug", path=("drug", "quantity")),
    _line("ndc_unit", "text", "its unit: F2, GR, ME, ML, UN", path=("drug", "unit")),
    _line("line_auth", "id", "prior authorization number of the line"),
    _line("line_referral", "id", "referral number of the line"),
    _line("line_clia", "id", "CLIA number of the line", path=("clia",)),
    _line("referring_clia", "id", "CLIA number of the referring laboratory"),
    _line("line_mammo", "yes_no", "mammography certification number on the line", path=("mammo",)),
    _line("line_note", "yes_no", "whether a line note is sent", path=("note",)),
    _line("line_attachment", "yes_no", "whether an attachment is announced for the line", path=("attachment",)),
    _line("description", "yes_no", "whether a description is sent"),
    _line("certificate", "id", "form number of the certificate of medical necessity"),
    _line("visit_minutes", "whole", "minutes of the visit as the record gives them"),
    _line("line_care_from", "date", "care assumed, of the line", path=("care_from",)),
    _line("line_care_to", "date", "care relinquished, of the line", path=("care_to",)),
    _line("line_state", "state", "state of the line, where not the claim's", path=("state",)),
    _line("other_line_paid", "money", "what the other payer paid of the line", path=("other_line", "paid")),
    _line("other_line_code", "code", "the code that it decided on", path=("other_line", "code"), width=5),
    _line("other_line_adjustments", "adjustments", "its adjustments of the line", path=("other_line", "adjustments")),
    _line("other_line_remaining", "money", "what the patient still owes of the line", path=("other_line", "remaining")),
    _line("other_line_date", "date", "date of its decision on the line", path=("other_line", "date")),
    *_providers(),
)
COLUMNS = {column.name: column for column in _ALL}

# Boxes that hold one thing, so that a header may name them: box 24F, or 24f.
_BY_BOX: dict[str, list[str]] = {}
for _column in _ALL:
    if _column.box and not _column.box.startswith("FL"):
        _BY_BOX.setdefault(f"box_{_column.box.lower()}", []).append(_column.name)
BOXES = {box: names[0] for box, names in _BY_BOX.items() if len(names) == 1} | {
    "box_24d": "code", "box_22": "frequency", "box_23": "auth"}

# What a file must have, each as columns of which one will do, and what it is for.
NEEDED = (
    (("claim_id",), "the claim's number"), (("payer",), "the payer id"),
    (("from", "statement_from"), "the date of service"),
    (("code", "service", "revenue"), "the procedure or revenue code"), (("units",), "the units"),
    (("pointers", "revenue"), "the diagnoses that a line points to"),
)


def normalized(header: str) -> str:
    """A header as names of columns are written: `Claim ID` is claim_id."""
    return _ODD.sub("_", header.strip().casefold()).strip("_")


def named(header: str) -> str | None:
    """The column that a header names, by itself or by its box; None where it names none."""
    name = normalized(header)
    if name in COLUMNS:
        return name
    return BOXES.get(name) or BOXES.get(f"box_{name}")


def missing(present: Iterable[str]) -> list[str]:
    """What a file with these columns lacks, each as the columns that would do and what they are."""
    there = set(present)
    return [f"{' or '.join(names)} ({what})" for names, what in NEEDED if not there.intersection(names)]
