"""Conformance examples (docs/conformance.md): one JSON object a line, a claim with the answer it must get."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError

from scrubber.errors import ClaimError
from scrubber.model.base import Frozen
from scrubber.model.case import Case
from scrubber.model.claim import (
    Adjudication,
    Adjustment,
    Attachment,
    Claim,
    Drug,
    Line,
    Number,
    Occurrence,
    OtherPayer,
    ValueCode,
)
from scrubber.model.flag import Severity
from scrubber.rules.examples import FILING_CODES, MEMBER, PATIENT, first_problem, read_auths, read_tables
from scrubber.rules.letters import MULTI_SPECIALTY, Letters, place_providers
from scrubber.rules.practice import FACTS, practice_claims, practice_tables
from scrubber.rules.settings import SETTINGS
from scrubber.rules.vocabulary import NAMES
from scrubber.tables.schema import TABLES


class Expected(Frozen):
    """One example as the file has it; the keys are those of docs/conformance.md."""

    id: str
    rule: str
    expect: Literal["flag", "clear", "bypassed", "not_evaluated"]
    severity: Severity | None = None
    flag_lines: tuple[int, ...] = ()
    flag_dx: tuple[str, ...] = ()
    payer: str = "medicare"
    profile: dict[str, Any] = Field(default_factory=dict)
    type: Literal["P", "I", "D"] = "P"
    as_of: dt.date
    patient: dict[str, Any] = Field(default_factory=dict)
    claim: dict[str, Any] = Field(default_factory=dict)
    lines: tuple[dict[str, Any], ...] = ()
    other_claims: tuple[dict[str, Any], ...] = ()
    auths: tuple[dict[str, Any], ...] = ()
    tables: dict[str, Any] = Field(default_factory=dict)
    x12: str | None = None
    check_skip: tuple[str, ...] = ()
    why: str = ""


_KINDS = {"P": "professional", "I": "institutional", "D": "dental"}
_SAME = ("admitting", "external_causes", "visit_reasons", "msp_type", "responsibility", "filing_code", "delay_reason",
         "auth_exception", "accident_causes", "accident_state", "admission_type", "admission_source", "patient_status",
         "clia", "eligible", "condition_codes", "signature", "assignment", "benefits", "release", "patient_paid",
         "total", "member", "tob", "locum_days")
_RENAMED = {"payer_id": "payer", "original_number": "original", "payer_claim_number": "control",
            "lab_cert": "lab_certificate", "poa": "present_on_admission", "pcn": "id"}
_HOSPITALS = {"acute": "282N00000X", "cah": "282NC0060X", "critical_access": "282NC0060X", "ltch": "282E00000X",
              "long_term": "282E00000X", "psychiatric": "283Q00000X", "rehabilitation": "283X00000X"}
_DATES = ("onset", "initial_treatment", "last_seen", "accident", "lmp", "admit", "discharge", "statement_from",
          "statement_thru")
_BOOLS = ("note", "mammo")
# Read elsewhere than by `_facts`.
_ELSEWHERE = (*FACTS, "hospital_kind", "billing_state", "history_from", "providers", "renderers", "billing_taxonomy",
              "auth_numbers", "lx", "days_after_surgery", "cmn")
_TABLE_NAMES = {"icd10": "icd10cm", "icd10_seventh": "icd10cm_seventh", "icd10_note": "icd10cm_note"}
_PAYER_ROWS = ("auth_rule", "auth_family", "payer_policy", "screening", "drug_label")
_ORDERED = {"imaging": "@order_imaging", "lab": "@order_lab", "dme": "@order_equipment"}
_GLOBAL_DAYS = 89


def read_conformance(data: bytes, *, file: str = "examples") -> list[Expected]:
    """The examples of a file, in order.

    Raises:
        ClaimError: With every line that is no example (at most 20).
    """
    read = []
    problems = []
    for number, row in enumerate(data.decode("utf-8-sig", errors="replace").split("\n"), start=1):
        if not row.strip():
            continue
        try:
            read.append(Expected.model_validate(json.loads(row, parse_float=Decimal)))
        except json.JSONDecodeError as error:
            problems.append(f"{file}:{number}: not JSON at column {error.colno}: {error.msg.lower()}")
        except ValidationError as error:
            problems.append(first_problem(error, f"{file}:{number}"))
    if not read and not problems:
        problems.append(f"{file}: holds no example; it has one JSON object a line")
    if problems:
        raise ClaimError("\n".join(problems[:20]))
    return read


def case_of(example: Expected) -> Case:
    """The case that an example describes; facts that no model holds are named in `unheld`.

    Raises:
        ClaimError: It cannot be read; the message does not show its values.
    """
    unheld: list[str] = []
    settings = _settings(example.profile, unheld)
    letters = _letters(example.claim, {})
    tables = _tables(example, unheld)
    facts = example.claim.get("facts") or {}
    tables.update(_roster(facts.get("providers")))
    tables.update(practice_tables(example.claim, example.tables))
    try:
        claims: tuple[Claim, ...] = ()
        if example.x12 is None:
            outer = {"type": example.type, "payer": example.payer, "claim": example.claim}
            own = _claim({**outer, "lines": example.lines, "state": "draft"}, example, letters, unheld, 1)
            others = (_claim({**outer, **other}, example, _letters(other["claim"], example.claim), unheld, position)
                      for position, other in enumerate(
                          (*example.other_claims, *practice_claims(example.claim, example.lines)), start=2))
            claims = (own, *others)
        history_from = facts.get("history_from")
        return Case(
            claims=claims, as_of=example.as_of,
            history_from=dt.date.fromisoformat(history_from) if history_from else None,
            auths=read_auths(example.auths, letters, example.id),
            profile=example.payer, settings=settings, x12=example.x12, unheld=tuple(dict.fromkeys(unheld)),
            **read_tables(tables, example.id),
        )
    except ValidationError as error:
        raise ClaimError(first_problem(error, example.id)) from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ClaimError(f"{example.id}: is not in the form of docs/conformance.md ({type(error).__name__})") from None


def _settings(profile: Mapping[str, Any], unheld: list[str]) -> dict[str, Any]:
    """Settings by our names; `program` is the kind, `coverage` a list of what applies."""
    settings: dict[str, Any] = {}
    for name, value in profile.items():
        if name == "order_required":
            settings[name] = [_ORDERED.get(word, word) for word in value]
        elif name in SETTINGS:
            settings[name] = value
        elif name == "program" and value in NAMES["payer"]["kind"].split("|"):
            settings["kind"] = value
        elif name == "coverage":
            settings["ncd"] = "ncd" in value
            settings["payer_policies"] = "payer" in value
            settings["lcd"] = "lcd" in value
            settings["screening"] = "screening" in value
            settings["drug_labels"] = "drug" in value
        else:
            unheld.append(f"profile.{name}")
    return settings


def _tables(example: Expected, unheld: list[str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name, rows in example.tables.items():
        known = _TABLE_NAMES.get(name, name)
        if name == "enrollment" and rows is None:
            continue                             # whether one is enrolled is a fact of the provider here
        if name == "peer_rate":
            continue                     # read by `practice_tables`
        if name == "auth_rule" and rows is not None:
            words = {"notification": "notice"}
            read[name] = [{**row, "need": words.get(row["need"], row["need"])} for row in rows]
        elif name == "poa_exempt" and rows is not None:
            facts = example.claim.get("facts") or {}
            day = dt.date.fromisoformat(str(facts.get("discharge") or example.as_of)[:10])
            year = day.year + (day.month > 9)
            read[name] = [{"code": row["code"]} for row in rows if row["fiscal_year"] == year] or None
        elif name == "code_age_sex" and rows is not None:
            read[name] = [{"code": row["code"], "least": row.get("low") or 0, "sex": row.get("sex") or "none",
                           "under": 0 if row.get("high") is None else row["high"] + 1} for row in rows]
        elif name == "nubc_codes" and rows is not None:
            read[name] = [{"list": row["list"], "code": code} for row in rows for code in row["codes"]]
        elif name == "dx_relation":
            read |= _relations(rows)
        elif name == "screening" and rows is not None:
            read[name] = [{"codes": row["code"], "kinds": [kind for kind in row.get("payers") or () if kind != "*"],
                           "dx_first": row.get("first_pointer") or (), "dx_only": row.get("screening_dx") or (),
                           "severity": "review"} for row in rows]
        elif name == "drug_label" and rows is not None:
            read[name] = [{"payer": row.get("payer") or "*", "codes": row["code"], "dx_any": row["icd10"],
                           "from": row.get("from"), "to": row.get("to"), "severity": "review"} for row in rows]
        elif known in TABLES or name in _PAYER_ROWS:
            read[known] = rows
        else:
            unheld.append(f"tables.{name}")
    return read


def _roster(providers: Any) -> dict[str, Any]:
    """The list of those who may order, of an example that says of providers whether they are on it."""
    told = [row for row in providers if row.get("enrolled") is not None] if isinstance(providers, list) else []
    return {"ordering": [{"npi": row["npi"], **dict.fromkeys(("partb", "dme", "hha", "pmd", "hospice"), True)}
                         for row in told if row["enrolled"]]} if told else {}


def _relations(rows: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Pairs of diagnoses as rows of notes (excludes1) or of the map (the rest), by the code that is not kept."""
    if rows is None:
        return {"dx_relation": None, "dx_map": None}
    read: dict[str, Any] = {}
    for row in rows:
        one, other = row["a"], row["b"]
        if row.get("keep") == one or (row["relation"] == "excludes1" and "-" in one[:-1]):
            one, other = other, one
        first, _, last = other.replace(".", "").partition("-")
        read.setdefault("dx_relation" if row["relation"] == "excludes1" else "dx_map", []).append(
            {"code": one.replace(".", "").rstrip("-"), "relation": row["relation"], "first": first,
             "last": last or first})
    return read


def _letters(claim: Mapping[str, Any], around: Mapping[str, Any]) -> Letters:
    """Letters of a claim, over those of the claim it stands beside."""
    extra: dict[str, dict[str, Any]] = {}
    for facts in (around.get("facts") or {}, claim.get("facts") or {}):
        for key in ("providers", "renderers"):
            given = facts.get(key)
            for letter, row in given.items() if isinstance(given, Mapping) else ():
                extra[letter] = {**extra.get(letter, {}), **row}
    return Letters(extra)


def _claim(row: Mapping[str, Any], example: Expected, letters: Letters, unheld: list[str], position: int) -> Claim:
    claim = row["claim"]
    facts = claim.get("facts") or {}
    lines = [_line(line, number, facts, letters, row["type"], unheld) for number, line in enumerate(row["lines"], 1)]
    patient = {key: example.patient.get(key) for key in ("birth", "death", "sex")}
    fields: dict[str, Any] = {
        "id": f"CLAIM{position}", "payer": row["payer"], "member": MEMBER, "responsibility": "P",
        "filing_code": FILING_CODES.get(row["payer"], "CI"), "kind": _KINDS[row["type"]],
        "state": row.get("state", "draft"), "frequency": claim.get("frequency") or "1", "pos": claim.get("pos"),
        "tob": claim.get("tob"), "diagnoses": claim.get("dx") or (), "lines": lines,
        "dotted": [code for code in claim.get("dx") or () if "." in code],
        "patient": {"key": PATIENT, **patient},
        "numbers": [_number(one) for one in facts.get("auth_numbers") or () if one.get("level") != "line"],
    }
    _facts(facts, fields, unheld)
    read = Claim.model_validate(fields)
    given = facts.get("providers")
    if isinstance(given, Sequence):
        read = place_providers(read, given)
    taxonomy = _HOSPITALS.get(facts.get("hospital_kind") or "") if row["type"] == "I" else MULTI_SPECIALTY
    read = letters.put_on(read, billing_taxonomy=facts.get("billing_taxonomy", taxonomy))
    if "billing_state" in facts and read.billing is not None:
        read = read.model_copy(update={"billing": read.billing.model_copy(update={"state": facts["billing_state"]})})
    return read


def _facts(facts: Mapping[str, Any], fields: dict[str, Any], unheld: list[str]) -> None:
    """Puts facts on a claim; null is absent."""
    for name, value in facts.items():
        if value is None or name in _ELSEWHERE:
            continue
        if name in _SAME:
            fields[name] = value
        elif name in _RENAMED:
            fields[_RENAMED[name]] = value
        elif name in _DATES:
            fields[name] = str(value)[:10]
        elif name in _BOOLS:
            fields[name] = bool(value)
        elif name == "therapy_cents":
            fields["therapy_used"] = Decimal(value) / 100
        elif name == "care_dates":
            start = fields["lines"][0].date
            if facts.get("days_after_surgery") is not None:
                fields["care_from"] = start + dt.timedelta(days=facts["days_after_surgery"])
            fields["care_to"] = start + dt.timedelta(days=_GLOBAL_DAYS)
        elif name == "subscriber":
            fields["member"] = value.get("id")
            fields["subscriber"] = {"last": value["last"]} if "last" in value else None
            fields["patient"] |= {"relation": value.get("relation"), "dependent": bool(value.get("dependent_loop")),
                                  "relation_self": value.get("relation") == "18"}
        elif name == "ambulance":
            fields["ambulance"] = {"transport": bool(value.get("cr1")), "conditions": value.get("crc") or ()}
            fields["providers"] = [{"role": role} for key, role in (("pickup", "pick_up"), ("dropoff", "drop_off"))
                                   if value.get(key)]
        elif name == "attachment":
            _attachment(value, fields)
        elif name == "value_codes":
            fields["value_codes"] = [ValueCode(code=row["code"], amount=row.get("amount")) for row in value]
        elif name == "occurrence_codes":
            fields["occurrences"] = [Occurrence(code=row["code"], date=row.get("date"), thru=row.get("thru"))
                                     if isinstance(row, Mapping) else Occurrence(code=row) for row in value]
        elif name == "others":
            fields["others"] = [_other(payer) for payer in value]
        elif value != []:
            unheld.append(f"facts.{name}")


def _attachment(value: Any, fields: dict[str, Any]) -> None:
    """True for one that nothing more is said of."""
    fields["attachment"] = bool(value)
    if isinstance(value, Mapping):
        fields["attachments"] = [Attachment(kind=value.get("type"), way=value.get("way"), number=value.get("number"))]


def _line(
    row: Mapping[str, Any], number: int, facts: Mapping[str, Any], letters: Letters, kind: str, unheld: list[str],
) -> Line:
    lx = facts.get("lx")
    own = row.get("facts") or {}
    drug = row.get("ndc")
    return Line.model_validate({
        "number": lx[number - 1] if lx else None,
        "code": row.get("code"),
        "modifiers": row.get("mods") or (),
        "units": row.get("units", 1),
        "unit_kind": row.get("uom") or "UN",
        "charge": row.get("charge"),
        "date": row["from"],
        "thru": row.get("thru"),
        "pos": row.get("pos"),
        "pointers": row.get("ptr", [1]),
        "revenue": row.get("rev") or row.get("revenue"),
        "rendering": None if kind == "I" else letters.providers[row.get("rendering", "A")],
        "numbers": [_number(one) for one in facts.get("auth_numbers") or ()
                    if one.get("level") == "line" and one.get("line") == number],
        "drug": None if drug is None else Drug(qualifier=drug["qualifier"] or "", ndc=drug["number"] or "",
                                               quantity=drug.get("quantity"), unit=drug.get("uom")),
        "description": bool(row.get("description")),
        "certificate": facts.get("cmn"),
        "visit_minutes": row.get("visit_minutes"),
        "clia": own.get("clia"),
        "referring_clia": own.get("referring_clia"),
        "mammo": bool(own.get("mammo")),
    })


def _number(row: Mapping[str, Any]) -> Number:
    return Number(qualifier=row["qualifier"], number=row["number"] or "", own=not row.get("other_payer"))


def _adjustments(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(group=row["group"], reason=row["reason"], amount=row["amount"]) for row in rows or ())


def _other(row: Mapping[str, Any]) -> OtherPayer:
    return OtherPayer(
        payer=row.get("payer_id"), responsibility=row.get("responsibility"), filing_code=row.get("filing_code"),
        member=row.get("member"), paid=row.get("paid"), non_covered=row.get("non_covered"), date=row.get("claim_date"),
        remaining=row.get("remaining"), remarks=tuple(row.get("remarks") or ()),
        adjustments=_adjustments(row.get("claim_cas")),
        lines=tuple(
            Adjudication(line=line["line"], paid=line["paid"], code=line.get("code"), date=line.get("date"),
                         adjustments=_adjustments(line.get("cas")), bundled_into=line.get("bundled_into"),
                         remaining=line.get("remaining"))
            for line in row.get("lines") or ()
        ),
        numbers=(Number(number=row["auth_number"], own=False),) if row.get("auth_number") else (),
    )
