"""Claims of a batch as records of the model: what `scrubber convert` writes, as NDJSON and as Parquet.

What the engine holds of a claim is what is written. Names, notes and texts of descriptions are not held; who the
patient is, is a hash; `*` stands for what was sent and is not kept. Faults of an 837's structure are not of the claim,
and are not written.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from scrubber._batch import ClaimBatch
from scrubber._given import stands_alone
from scrubber.model.flag import Unreadable
from scrubber.rules.vocabulary import NAMES, PROVIDER
from scrubber.symbols import date_of
from scrubber.tables.schema import TABLES

Record = dict[str, Any]
ROLES = tuple(PROVIDER["role"].split("|"))
TAX_ID_FAULTS = tuple(PROVIDER["tax_id_fault"].split("|"))
KINDS = ("professional", "institutional", "dental")
STATES = ("draft", "paid", "denied", "open", "rejected", "void")
UNIT_KINDS = ("UN", "MJ", "F2", "DA")
LISTS = TABLES["nubc_codes"].key[0][1].removeprefix("enum:").split("|")
SENT = "*"                       # something that was sent, and is not kept
UNKNOWN = "21"                   # relation of a dependent to the subscriber: there is one
NO_DAY = -2147483648
_DATES = ("onset", "initial_treatment", "last_seen", "accident", "lmp", "admit", "discharge", "care_from", "care_to",
          "statement_from", "statement_thru")
_SYMBOLS = (("filing_code", 2), ("pos", 2), ("tob", 3), ("accident_state", 2), ("auth_exception", 2), ("msp_type", 2),
            ("delay_reason", 2), ("patient_status", 2))
_LETTERS = ("responsibility", "signature", "assignment", "benefits", "release", "admission_type", "admission_source")


def records(batch: ClaimBatch, state: str | None = None) -> Iterator[Record | Unreadable]:
    """The claims of a batch in order, each with the fields that say something.

    Args:
        state: Of every claim and line; None: their own.
    """
    arrays = _Arrays(batch)
    for number, claim in enumerate(arrays.claims):
        yield arrays.record(number, claim, state)


def placed_records(batch: ClaimBatch) -> Iterator[tuple[int, Record | Unreadable]]:
    """The claims of a batch, each with its position in its file, from 1."""
    arrays = _Arrays(batch)
    for number, claim in enumerate(arrays.claims):
        yield claim["position"], arrays.record(number, claim, None)


def write_lines(found: Iterable[Record], stream: TextIO) -> None:
    """Writes NDJSON, one claim a line."""
    for record in found:
        stream.write(line_of(record) + "\n")


def line_of(record: Record) -> str:
    """A record as JSON, on one line."""
    return json.dumps(record, ensure_ascii=False, default=_written)


def write_parquet(parts: Iterable[list[Record]], path: Path) -> None:
    """Writes a Parquet file, a row group for each part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from scrubber.model.arrow import claim_schema

    schema = claim_schema()
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for part in parts:
            writer.write_table(pa.Table.from_pylist(list(map(_row, part)), schema))


def _row(record: Record) -> Record:
    """A record as a row: pointers are texts, as some are no numbers."""
    lines = [{**line, "pointers": list(map(str, line["pointers"]))} if "pointers" in line else line
             for line in record.get("lines", ())]
    return {**record, "lines": lines}


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat()


class _Arrays:
    """The arrays of a batch as rows, and claims made of them."""

    def __init__(self, batch: ClaimBatch) -> None:
        self._batch = batch
        self.claims = batch.rows("claims")
        self._lines = batch.rows("lines")
        self._diagnoses = batch.rows("diagnoses")
        self._providers = batch.rows("providers")
        self._drugs = batch.rows("drugs")
        self._numbers = batch.rows("numbers")
        self._others = batch.rows("others")
        self._codes = batch.rows("list_codes")
        self._adjustments = _by(batch.rows("adjustments"), "other")
        self._adjudications = _by(batch.rows("adjudications"), "other")

    def record(self, number: int, claim: Record, state: str | None) -> Record | Unreadable:
        """One claim."""
        lines = range(claim["first_line"], claim["first_line"] + claim["line_count"])
        missing = next((self._lines[line]["number"] for line in lines if self._lines[line]["from_day"] == NO_DAY
                        and claim["statement_from"] == NO_DAY), None)
        if missing is not None:
            return Unreadable(file=self._batch.file_of(number), claim_position=claim["position"], claim=claim["id"],
                              element=f"line {missing}", problem=f"line {missing}: has no date of service; a claim of "
                              "the model has one on each line")
        fields: Record = {
            "id": claim["id"], "kind": KINDS[claim["kind"]], "payer": self._batch.payer_of(number),
            "member": claim["member"], "state": state or STATES[claim["state"]],
            "total": _dollars(claim["total_cents"]) if claim["total_sent"] else None,
            "patient_paid": _dollars(claim["patient_paid_cents"]) if claim["paid_sent"] else None,
            "patient": self._patient(number, claim), "subscriber": _subscriber(claim),
            "eligible": ("yes", "no", None)[claim["eligible"]], "original": _hash(claim["original"]),
            "control": _hash(claim["control"]), "clia": claim["clia"], "mammo": claim["mammo"], "note": claim["note"],
            "accident_causes": [self._text(code, 2) for code in claim["accident_causes"] if code],
            "accident_country": SENT if claim["accident_abroad"] else None,
            "procedures": [f"0{SENT}"] if claim["surgical"] else None, "ambulance": _ambulance(claim),
            "locum_days": claim["locum_days"] or None,
            "therapy_used": _dollars(claim["therapy_cents"]) if claim["therapy_sent"] else None,
            "lab_certificate": (None, "waiver", "other")[claim["lab_cert"]], **_attachments(claim),
            **{name: date_of(claim[name]) for name in _DATES}, **{name: _letter(claim[name]) for name in _LETTERS},
            **{name: self._text(claim[name], width) for name, width in _SYMBOLS}}
        fields |= self._diagnosed(claim)
        fields |= self._listed(claim)
        fields |= self._provided(claim)
        fields["numbers"] = self._sent(claim, line=-1, other=-1)
        fields["lines"] = [self._line(claim, line, state) for line in lines]
        fields["others"] = [self._other(claim, other) for other in range(
            claim["first_other"], claim["first_other"] + claim["other_count"])]
        return _told(fields) | {"frequency": _letter(claim["frequency"])}

    def _text(self, symbol: int, width: int) -> str | None:
        return self._batch.symbol_text(symbol, width) if symbol else None

    def _patient(self, number: int, claim: Record) -> Record:
        relation = None
        if claim["dependent"] and claim["relation_fault"] != _fault("relation_fault", "missing"):
            relation = "18" if claim["relation_fault"] == _fault("relation_fault", "both") else UNKNOWN
        sex = _letter(claim["sex"])
        if not sex and claim["sex_fault"] == _fault("sex_fault", "other"):
            sex = "X"
        return _told({
            "key": None if stands_alone(self._batch, number) else _hash(claim["patient"]),
            "birth": date_of(claim["birth"]), "death": date_of(claim["death"]), "sex": sex,
            "relation": relation, "dependent": claim["dependent"]}) | (
            {} if claim["relation_self"] else {"relation_self": False})

    def _diagnosed(self, claim: Record) -> Record:
        roles: dict[int, list[str]] = {}
        present: dict[str, str] = {}
        dotted: list[str] = []
        for diagnosis in self._diagnoses[claim["first_diagnosis"]:claim["first_diagnosis"] + claim["diagnosis_count"]]:
            code = self._text(diagnosis["code"], 7) or ""
            roles.setdefault(diagnosis["role"], []).append(code)
            if diagnosis["poa"]:
                present.setdefault(code, _letter(diagnosis["poa"]))
            if diagnosis["dotted"]:
                dotted.append(code)
        return {"diagnoses": roles.get(0, []) + roles.get(1, []), "admitting": next(iter(roles.get(2, ())), None),
                "external_causes": roles.get(3), "visit_reasons": roles.get(4), "present_on_admission": present,
                "dotted": dotted}

    def _listed(self, claim: Record) -> Record:
        found: dict[str, list[Any]] = {"condition_codes": [], "occurrences": [], "value_codes": []}
        for each in self._codes[claim["first_list_code"]:claim["first_list_code"] + claim["list_code_count"]]:
            name, code = LISTS[each["list"] - 1], self._text(each["code"], 2)
            if name == "condition_codes":
                found[name].append(code)
            elif name == "value_codes":
                found[name].append(_told({"code": code, "amount": _dollars(each["amount_cents"])
                                          if each["amount_sent"] else None}))
            else:
                found["occurrences"].append(_told({"code": code, "span": name == "occurrence_spans"}))
        return found

    def _provided(self, claim: Record) -> Record:
        own = range(claim["first_provider"], claim["first_provider"] + claim["provider_count"])
        return {"billing": self._provider(claim["billing"]), "rendering": self._provider(claim["rendering"]),
                "providers": [self._provider(place) for place in own
                              if self._providers[place]["line"] < 0 and place != claim["rendering"]]}

    def _provider(self, place: int) -> Record | None:
        if place < 0:
            return None
        provider = self._providers[place]
        street, city, state, zip_code = [*provider["address"].split("|"), "", "", ""][:4]
        return _told({
            "role": ROLES[provider["role"]], "entity": (None, "person", "organization")[provider["entity"]],
            "npi": self._npi(provider), "tax_id": _tax_id(provider),
            "tax_id_kind": (None, "EI", "SY", "both")[provider["tax_id_kind"]],
            "taxonomy": self._text(provider["taxonomy"], 10), "street": street, "city": city,
            "state": self._text(provider["state"], 2) or state, "zip": provider["zip"] or zip_code,
            "country": SENT if provider["abroad"] else None, "enrolled": (None, True, False)[provider["enrolled"]],
            "affiliated": (None, True, False)[provider["affiliated"]]}, flags=False)

    def _npi(self, provider: Record) -> str | None:
        """As sent, but for zeros before one that is too short or too long."""
        npi = provider["npi"]
        if npi < 0:
            return self._batch.symbol_text(npi, 0)
        if not npi:
            return None
        return str(npi) if provider["npi_fault"] == PROVIDER["npi_fault"].split("|").index("length") else f"{npi:010}"

    def _sent(self, claim: Record, *, line: int, other: int) -> list[Record]:
        found = self._numbers[claim["first_number"]:claim["first_number"] + claim["number_count"]]
        return [{"qualifier": self._text(each["qualifier"], 2), "number": each["text"]}
                | ({} if each["own"] or other >= 0 else {"own": False})
                for each in found if each["line"] == line and each["other"] == other]

    def _line(self, claim: Record, place: int, state: str | None) -> Record:
        line = self._lines[place]
        number = place - claim["first_line"] + 1
        own = range(claim["first_provider"], claim["first_provider"] + claim["provider_count"])
        day = date_of(line["from_day"]) or date_of(claim["statement_from"])
        return _told({
            "number": line["number"] if line["number"] != number else None, "code": self._text(line["code"], 5),
            "modifiers": self._modifiers(line), "units": Decimal(line["units_milli"]).scaleb(-3),
            "unit_kind": UNIT_KINDS[line["unit_kind"]],
            "charge": _dollars(line["charge_cents"]) if line["charge_sent"] else None, "date": day,
            "thru": date_of(line["thru_day"]) if line["thru_day"] != line["from_day"] else None,
            "pos": self._text(line["pos"], 2), "revenue": self._text(line["revenue"], 4),
            "rendering": self._provider(line["rendering"]),
            "providers": [self._provider(each) for each in own
                          if self._providers[each]["line"] == place and each != line["rendering"]],
            "numbers": self._sent(claim, line=place, other=-1), "drug": self._drug(line["drug"]), "clia": line["clia"],
            "referring_clia": SENT if line["referring_clia"] else None, "mammo": line["mammo"], "note": line["note"],
            "description": line["description"], "emergency": line["emergency"], "ambulance": _ambulance(line),
            "certificate": SENT if line["certificate"] else None,
            "visit_minutes": line["visit_minutes"] if line["visit_minutes"] >= 0 else None,
            "care_from": date_of(line["care_from"]), "care_to": date_of(line["care_to"]),
            "link": _hash(line["link_id"]),
            "state": STATES[line["state"]] if state is None and line["state"] != claim["state"] else None,
            **_attachments(line)}) | {"pointers": _pointers(line)}

    def _modifiers(self, line: Record) -> list[str]:
        found = [self._text(symbol, 2) or "" for symbol in line["modifiers"] if symbol]
        found += [SENT] * (line["modifier_count"] - len(found))          # more than are kept
        return ["", *found] if line["modifier_gap"] else found

    def _drug(self, place: int) -> Record | None:
        if place < 0:
            return None
        drug = self._drugs[place]
        return _told({"qualifier": self._text(drug["qualifier"], 2), "unit": self._text(drug["unit"], 2),
                      "quantity": Decimal(drug["quantity_milli"]).scaleb(-3) if drug["quantity_milli"] else None}) | {
            "ndc": drug["sent"] or self._text(drug["ndc"], 11) or ""}

    def _other(self, claim: Record, place: int) -> Record:
        other = self._others[place]
        decided: list[Record] = []
        seen: set[int] = set()
        for each in self._adjudications.get(place, ()):
            # Which of two decisions on one line an adjustment is of, is not held: the first has all.
            own = [] if each["line"] in seen else self._adjusted(place, each["line"])
            seen.add(each["line"])
            decided.append(_told({
                "line": each["line"] - claim["first_line"] + 1, "paid": _dollars(each["paid_cents"]),
                "code": self._text(each["code"], 5), "date": date_of(each["date"]),
                "bundled_into": each["bundled_into"] or None, "adjustments": own,
                "remaining": Decimal(0) if other["line_remaining"] else None}))
        return _told({
            "payer": other["payer"], "member": _hash(other["member"]),
            "responsibility": _letter(other["responsibility"]),
            "filing_code": self._text(other["filing_code"], 2), "date": date_of(other["date"]),
            "paid": _dollars(other["paid_cents"]) if other["paid_sent"] else None,
            "non_covered": _dollars(other["non_covered_cents"]) if other["non_covered_sent"] else None,
            "remaining": Decimal(0) if other["claim_remaining"] else None,
            "remarks": [self._text(code, 5) for code in other["remarks"][:other["remark_count"]]],
            "adjustments": self._adjusted(place, -1), "lines": decided,
            "numbers": self._sent(claim, line=-1, other=place)})

    def _adjusted(self, other: int, line: int) -> list[Record]:
        return [{"group": self._text(each["group"], 2) or "", "reason": self._text(each["reason"], 5) or "",
                 "amount": _dollars(each["amount_cents"])}
                for each in self._adjustments.get(other, ()) if each["line"] == line]


def _by(rows: Iterable[Record], name: str) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def _told(fields: Record, *, flags: bool = True) -> Record:
    """Without what says nothing; of what is yes or no, where `flags` says so, without the noes."""
    found = {}
    for name, value in fields.items():
        if value is None or value == "" or value == [] or value == {}:
            continue
        if flags and value is not True and isinstance(value, int) and name in _FLAGS:
            if value:
                found[name] = True
            continue
        found[name] = value
    return found


_FLAGS = frozenset(("mammo", "note", "attachment", "description", "emergency", "dependent", "span"))


def _fault(name: str, word: str) -> int:
    """Number of a fault of patient and subscriber."""
    return NAMES["subscriber" if name == "relation_fault" else "patient"][name].rstrip("!%").split("|").index(word)


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _letter(number: int) -> str:
    """What an 837 has in its place but is no one letter or digit is written as X, which is wrong there too."""
    letter = chr(number) if number else ""
    return letter if (letter.isascii() and letter.isalnum()) or not letter else "X"


def _hash(number: int) -> str | None:
    """A hash that is carried as it is (ext/scrubber/_given.pyx)."""
    return f"#{number & 0xFFFFFFFFFFFFFFFF:016x}" if number else None


def _tax_id(provider: Record) -> str | None:
    fault = TAX_ID_FAULTS[provider["tax_id_fault"]]
    if not provider["tax_id"] and fault in ("none", "missing"):
        return None
    return f"#{provider['tax_id'] & 0xFFFFFFFFFFFFFFFF:016x}" + ("" if fault in ("none", "missing") else f":{fault}")


def _subscriber(claim: Record) -> Record | None:
    """Whether the subscriber's name is in order, without it."""
    faults = NAMES["subscriber"]["name_fault"].rstrip("!%").split("|")
    told = claim["name_fault"] < len(faults)
    last = {"none": SENT, "missing": "", "suffix": f"{SENT} JR"}[faults[claim["name_fault"]]] if told else None
    if last is None and not claim["employer"]:
        return None
    return ({"entity": "organization"} if claim["employer"] else {}) | ({} if last is None else {"last": last})


def _ambulance(row: Record) -> Record | None:
    if not row["transport"] and not row["transport_conditions"]:
        return None
    return {"transport": bool(row["transport"])} | ({"conditions": [SENT]} if row["transport_conditions"] else {})


def _attachments(row: Record) -> Record:
    """That something is sent, and what is wrong with it."""
    fault = ("none", "kind", "way", "number")[row["attachment_fault"]]
    wrong = {"kind": {"kind": SENT}, "way": {"kind": "OZ"}, "number": {"kind": "OZ", "way": "EL"}}
    return {"attachments": [wrong[fault]]} if fault != "none" else {"attachment": row["attachment"]}


def _pointers(line: Record) -> list[int | str]:
    """Positions, and what stands for the one that is none."""
    found: list[int | str] = list(line["pointers"][:line["pointer_count"]])
    fault = line["pointer_fault"]
    if fault == 2:
        found.append(SENT)
    elif fault == 3:
        found.append(0)
    elif fault == 4 and found:
        found.append(found[0])
    return found
