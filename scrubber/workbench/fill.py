"""What is pasted becomes a form: a claim file in any format that is read, some segments of one, or the shorthand.

What else a claim says (providers, ids, dates, never names) comes along as a record that stays in the page and is judged
with it, for without it the claim would be flagged for what it does say.
"""

import datetime as dt
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pydantic_core import to_json

from scrubber._batch import ClaimBatch
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim, Line
from scrubber.payers import Payers
from scrubber.readers.files import read_into
from scrubber.symbols import day_number, dotted
from scrubber.workbench.draft import Draft
from scrubber.workbench.form import LONGEST_REST, MOST_DX, MOST_ROWS, ROW_FIELDS, Form, Row, lettered, read_link, row_of
from scrubber.writers.claims import records

# Segments that say something of a claim's lines and diagnoses; the others of a fragment are left out.
_USED = ("CLM", "HI", "LX", "SV1", "SVD", "DTP", "LIN", "CTP", "CR1", "CRC", "NTE", "PWK", "REF")
_FIRST = re.compile(r"\s*(CLM|HI|LX|SV1|DTP)([^\w\s])")
_COMPONENT = re.compile(r"(?:SV1|HI)[^\w\s](?:HC|ABK|BK|ABF|BF)([^\w\s])")
_OPTION = re.compile(r"--(payer|dos|dx|line|pos|sex|age|frequency|as-of)(?:=|\s)")
_LINE = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{5}(-[0-9A-Za-z]{2})*(:[0-9,]+)?(x[0-9.]+)?"
                   r"(\s+(x[0-9]|@|\$|[0-9]{4}-[0-9]{2}-|[a-z_]+=)\S*)*")
_ENVELOPE = (f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'A':<15}*ZZ*{'B':<15}*260101*0000*^*00501*000000001*0*P*:",
             "GS*HC*A*B*20260101*0000*1*X*005010X222A1", "ST*837*0001*005010X222A1", "BHT*0019*00*1*20260101*0000*CH",
             "HL*1**20*1", "NM1*85*2*A*****XX*1999000015", "HL*2*1*22*0", "SBR*P*18*******MB", "NM1*IL*1*A*B****MI*1",
             "NM1*PR*2*A*****PI*MEDICARE")
_ANY = "HI*ABK:Z0000" + "".join(f"*ABF:Z00{number}" for number in range(10, 21))
# Of a record, what stands in fields of the page.
_SHOWN = ("lines", "diagnoses", "pos", "frequency", "kind")
_SHOWN_OF_LINE = ("number", "code", "modifiers", "units", "unit_kind", "charge", "date", "thru", "pos", "pointers",
                  "drug", "emergency", "mammo", "note", "description", "attachment", "clia", "referring_clia")
_SECONDARY = ("segment", "loop", "element")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in.

    Attributes:
        said: What was taken, and what was not, for people.
    """

    form: Form
    said: str


def fill(text: str, form: Form, payers: Payers, as_of: dt.date) -> Filled:
    """The form with what was pasted in its fields.

    Args:
        form: As it is; it keeps what a fragment does not say.

    Raises:
        ClaimError: Nothing of it can be read; the message holds none of it.
    """
    plain = text.strip().lstrip("\ufeff")
    if not plain:
        raise ClaimError("nothing was pasted")
    if _OPTION.search(plain):
        return _of_command(plain)
    first = _FIRST.match(plain)
    if first is not None:
        return _of_segments(plain, first[2], form, payers, as_of)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if all(_LINE.fullmatch(line) for line in lines):
        rows = tuple(row_of(line, f"r{place}") for place, line in enumerate(lines[:MOST_ROWS], 1))
        return Filled(replace(form, rows=rows, dismissed=(), rest=""), _count(len(rows), "line"))
    claim, others = _claim(plain.encode(), as_of)
    made = form_of(claim, payers, form.as_of)
    if any(len(text) > LONGEST_REST for text in (made.rest, *(row.rest for row in made.rows))):
        raise ClaimError("the claim says too much for a page; scrubber scrub judges it")
    if len(claim.get("lines", ())) > MOST_ROWS:
        raise ClaimError(f"the claim has more than {MOST_ROWS} lines; scrubber scrub judges it")
    return _told(made, others)


def form_of(claim: Mapping[str, Any], payers: Payers, as_of: str = "") -> Form:
    """The form of a claim as a record of the model."""
    lines = claim.get("lines", ())[:MOST_ROWS]
    days = [str(line.get("date") or "") for line in lines]
    dos = next(iter(days), "")
    payer, filing = str(claim.get("payer") or ""), claim.get("filing_code")
    match = payers.match(payer, filing)
    patient = claim.get("patient") or {}
    sex = str(patient.get("sex") or "").upper()
    sex = sex if sex in ("F", "M", "U") else ""
    age = _age(str(patient.get("birth") or ""), dos)
    rest = {name: value for name, value in claim.items() if name not in _SHOWN} | {"age": age, "sex": sex}
    if _sum(lines) == claim.get("total"):
        rest.pop("total", None)                      # it is what the lines come to, whatever becomes of them
    return Form(
        payer=payer if match.by in ("id", "name") else match.payer.profile, dos=dos, as_of=as_of,
        pos=str(claim.get("pos") or ""), sex=sex, age=age, frequency=str(claim.get("frequency") or "1"),
        dx=tuple(dotted(str(code)) for code in claim.get("diagnoses", ())[:MOST_DX]),
        rows=tuple(_row(line, f"r{place}", dos) for place, line in enumerate(lines, 1)), rest=to_json(rest).decode())


def form_after(changed: Claim, draft: Draft) -> Form:
    """The form of a claim that a fix changed: rows that it did not touch stay as they were typed."""
    form, before = draft.form, draft.claim
    assert before is not None
    old = [(line.model_copy(update={"number": None}), row) for line, row in zip(before.lines, draft.rows, strict=True)]
    left = [row for row in form.rows if row not in draft.rows]
    numbers = iter(range(1 + max(int(row.key[1:]) for row in form.rows), 10_000))
    same = len(old) == len(changed.lines)
    rows = []
    for place, line in enumerate(changed.lines):
        own = next((row for known, row in old if known == line.model_copy(update={"number": None}) and row not in rows),
                   None)
        if own is None and same:
            own = _changed(line, *old[place])
        elif own is None:
            record = line.model_dump(mode="json", exclude_defaults=True)
            made = _row(record, f"r{next(numbers)}", draft.day.isoformat() if draft.day else "")
            own = made if draft.charged else replace(made, charge="")
        rows.append(own)
    return replace(form, rows=(*rows, *left))


def _changed(line: Line, before: Line, row: Row) -> Row:
    """The row with what differs on a line; the rest stays as it was typed."""
    made = _row(line.model_dump(mode="json", exclude_defaults=True), row.key, "")
    known = _row(before.model_dump(mode="json", exclude_defaults=True), row.key, "")
    return replace(row, **{name: getattr(made, name) for name in ROW_FIELDS
                           if getattr(made, name) != getattr(known, name)})


def _claim(data: bytes, as_of: dt.date) -> tuple[Mapping[str, Any], int]:
    """The first claim of a file that can be read, and how many others there are.

    Raises:
        ClaimError: There is none.
    """
    batch = ClaimBatch()
    try:
        read_into(batch, data, day_number(as_of))
    except ClaimError as error:
        raise ClaimError(str(error).partition(": ")[2] or str(error)) from None
    found = list(records(batch))
    claims = [each for each in found if isinstance(each, dict)]
    if not claims:
        wrong = next(iter(batch.unreadable), None)
        if wrong is None:
            raise ClaimError("there is no claim in it")
        place = ", ".join(f"{name} {wrong[name]}" for name in _SECONDARY if wrong.get(name) is not None)
        raise ClaimError(f"the claim cannot be read: {place}: {wrong['problem']}")
    if claims[0].get("kind", "professional") != "professional":
        raise ClaimError(f"this page shows professional claims; the claim is {claims[0]['kind']}: "
                         "scrubber scrub judges it")
    return claims[0], len(found) - 1


def _of_segments(text: str, separator: str, form: Form, payers: Payers, as_of: dt.date) -> Filled:
    """Segments of an 837 without their envelope, read with one that is made up."""
    component = _COMPONENT.search(text)
    within = component[1] if component is not None else ":"
    end = "~" if "~" in text else "\n"
    sent = [part.strip() for part in re.split(f"[{re.escape(end)}\n]", text) if part.strip()]
    used = [part.replace(within, ":").replace(separator, "*") for part in sent
            if part.partition(separator)[0] in _USED]
    tags = [part.partition("*")[0] for part in used]
    before = list(_ENVELOPE) + ([] if "CLM" in tags else [f"CLM*1*100***{form.pos or '11'}:B:1*Y*A*Y*Y"])
    before += [] if "HI" in tags else [_ANY]
    if "CLM" in tags and "HI" not in tags:           # the claim comes first
        place = tags.index("CLM")
        before, used = [*before[:-1], used.pop(place), before[-1]], used
    lines = list(_with_lines(used, form.dos or as_of.isoformat()))
    body = [*before, *lines] if "SV1" in tags else [*before, *lines, "LX*1", "SV1*HC:99999*1*UN*1***1",
                                                    f"DTP*472*D8*{as_of:%Y%m%d}"]
    data = "~".join([*body, f"SE*{len(body) - 1}*0001", "GE*1*1", "IEA*1*000000001", ""]).encode()
    claim, _ = _claim(data, as_of)
    new = form_of(claim, payers, form.as_of)
    keeps: dict[str, Any] = {"payer": form.payer, "sex": form.sex, "age": form.age, "rest": form.rest}
    if "SV1" not in tags:
        keeps |= {"rows": form.rows, "dos": form.dos}
    elif "DTP" not in tags:
        keeps["dos"] = form.dos
    if "HI" not in tags:
        keeps["dx"] = form.dx
    if "CLM" not in tags:
        keeps |= {"pos": form.pos, "frequency": form.frequency}
    said = [_count(tags.count("SV1"), "line")] if "SV1" in tags else []
    said += ["the diagnoses"] if "HI" in tags else []
    return Filled(replace(new, **keeps), " and ".join(said) or "the claim")


def _with_lines(segments: Sequence[str], dos: str) -> Iterator[str]:
    """Segments in which each service has its LX and a date."""
    count, dated = 0, True
    day = re.sub("[^0-9]", "", dos)
    opened = False
    for segment in segments:
        tag = segment.partition("*")[0]
        if tag in ("LX", "SV1") and not dated and not (tag == "SV1" and opened):
            yield f"DTP*472*D8*{day}"
            dated = True
        if tag == "LX":
            count, opened = count + 1, True
            yield f"LX*{count}"
            continue
        if tag == "SV1":
            if not opened:
                count += 1
                yield f"LX*{count}"
            opened, dated = False, False
        dated = dated or segment.startswith("DTP*472")
        yield segment
    if not dated:
        yield f"DTP*472*D8*{day}"


def _of_command(text: str) -> Filled:
    """The options of `scrubber check`."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ClaimError("a quote is not closed") from None
    pairs = []
    for place, word in enumerate(words):
        name, has, value = word.removeprefix("--").partition("=")
        if word.startswith("--"):
            pairs.append((name.replace("-", "_"), value if has else next(iter(words[place + 1:]), "")))
    form = read_link(pairs)
    patient: dict[str, Any] = {name: value for name, value in pairs if name in ("sex", "age")}
    return Filled(replace(form, **patient), _count(len(form.rows), "line"))


def _told(form: Form, others: int) -> Filled:
    said = f"{_count(len(form.rows), 'line')} and {_count(sum(map(bool, form.dx)), 'diagnosis')}"
    if others:
        said += f"; {_count(others, 'other claim')} of it left out"
    return Filled(form, f"{said}. What else the claim says is judged with it and stays in this page; no names are kept")


def _count(number: int, noun: str) -> str:
    plural = "diagnoses" if noun == "diagnosis" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _row(line: Mapping[str, Any], key: str, dos: str) -> Row:
    kind = {"MJ": "min", "DA": "days"}.get(str(line.get("unit_kind") or "UN"), "")
    first, last = str(line.get("date") or ""), str(line.get("thru") or "")
    drug = line.get("drug") or {}
    more = []
    if drug.get("ndc"):
        amount = f"/{_plain(drug['quantity'])}/{drug['unit']}" if drug.get("quantity") and drug.get("unit") else ""
        more.append(f"ndc={drug['ndc']}{amount}")
    more += [f"{name}=yes" for name in ("emergency", "mammo", "note", "description", "attachment") if line.get(name)]
    more += [f"{name}={line[name]}" for name in ("clia", "referring_clia") if line.get(name)]
    rest = {name: value for name, value in line.items() if name not in _SHOWN_OF_LINE}
    dates = "" if first == dos and last in ("", first) else f"{first}..{last}" if last and last != first else first
    return Row(key, code=str(line.get("code") or ""), modifiers=" ".join(line.get("modifiers") or ()),
               pointers=_letters(line.get("pointers") or ()), units=_plain(line.get("units") or "1") + kind,
               charge=_plain(line["charge"], 2) if line.get("charge") is not None else "",
               pos=str(line.get("pos") or ""), date=dates, more=" ".join(more),
               rest=to_json(rest).decode() if rest else "")


def _letters(pointers: Sequence[int | str]) -> str:
    """Pointers as letters; where one leads nowhere, as the numbers that were sent."""
    return lettered(",".join(map(str, pointers))) if pointers else ""


def _plain(number: object, places: int = 0) -> str:
    """A number without zeros that say nothing; an amount with its cents."""
    text = str(number)
    if places:
        return f"{float(text):.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sum(lines: Sequence[Mapping[str, Any]]) -> str:
    """What the lines come to, as records write amounts."""
    return f"{sum((Decimal(str(line['charge'])) for line in lines if line.get('charge') is not None), Decimal(0)):.2f}"


def _age(birth: str, dos: str) -> str:
    """Completed years on a day, "" where either is not known."""
    try:
        born, day = dt.date.fromisoformat(birth), dt.date.fromisoformat(dos)
    except ValueError:
        return ""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return str(years) if 0 <= years <= 130 else ""
