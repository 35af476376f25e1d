"""From a hit to a flag: what rule and case say of it is prepared once, what the engine found is filled in.

Flags are built without validation, because every value is right by construction; tests hold them against validated
ones.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from scrubber._tables import Tables
from scrubber.model.authorization import Authorization
from scrubber.model.flag import ASK, Change, Evidence, Flag, Place, Related, flag_name, is_opportunity
from scrubber.policy.apply import Question
from scrubber.policy.decisions import QUEUES
from scrubber.policy.loaded import LoadedPolicy
from scrubber.rules.attributes import Attribute
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.message import pieces, show_odd, show_value
from scrubber.rules.vocabulary import PLACE, REASONS, SEVERITIES, STATUSES, attribute_numbers
from scrubber.symbols import NO_DAY, OPEN_DAY, date_of, dotted, unpack
from scrubber.tables.values import iso_day

FLAGGED = STATUSES.index("flagged")
BYPASSED = STATUSES.index("bypassed")
NOT_EVALUATED = STATUSES.index("not_evaluated")
KEPT_ROWS = 10_000           # rows of tables, and texts of an attribute, that are remembered
OWN_ROWS = 1 << 30           # as ext/scrubber/_hits.pxd
# Of the rows of a practice or payer that flags show: who the patient is and who treats.
_HIDDEN = {"member", "patient", "npi", "tin", "facility_npi"}
_NAMES = {number: name for name, number in attribute_numbers().items()}

Model = TypeVar("Model", bound=BaseModel)
Show = Callable[[int, Sequence[str]], str]
# A text with values in it: what it begins with, then each value, how it is shown, and what follows it.
Text = tuple[str, tuple[tuple[int, Show, str], ...]]
# The actions of a change, each with its values: a text, or the place of a value and how it is shown.
Changes = tuple[tuple[str, tuple[str | tuple[int, Show], ...]], ...]


class Shown(Protocol):
    """What flags show of the claims of a batch: ClaimBatch, or what is left of it."""

    @property
    def files(self) -> Sequence[str]: ...

    @property
    def odd(self) -> Sequence[str]: ...

    def claim_position(self, claim: int) -> int: ...

    def claim_id(self, claim: int) -> str: ...

    def total_cents(self, claim: int) -> int: ...

    def claim_lines(self, claim: int) -> range: ...

    def line_claim(self, line: int) -> int: ...

    def line_number(self, line: int) -> int: ...

    def charge_cents(self, line: int) -> int: ...

    def line_day(self, line: int) -> int: ...

    def line_code_text(self, line: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found, in output order.

    Attributes:
        hits: Tuples, in the order of the fields of HitC.
        related: Lines. `diagnoses`: symbols. Hits point into these, and into those below.
        slots, rows: Of evidence.
        values, states: What messages show.
    """

    hits: Sequence[tuple[int, ...]]
    related: Sequence[int]
    diagnoses: Sequence[int]
    slots: Sequence[int]
    rows: Sequence[int]
    values: Sequence[int]
    states: Sequence[int]


class Verdict(NamedTuple):
    """What policies made of a hit beside its severity.

    Attributes:
        root: Place of the hit it stands under, -1 none.
        silenced: Number of the policy, -1 none.
        queue: Number of the queue, -1 none.
    """

    root: int
    silenced: int
    queue: int
    asks: Sequence[Question]


class Form(NamedTuple):
    """What every flag of a rule and case has in common.

    Attributes:
        fields: Of the flag, in their order.
        worth: Place of the value that says what a missed charge is worth, -1 unknown; None: the charge is at risk.
        change: None where the fix writes nothing down.
        place: Of a flag about a file's structure, its values in the order of PLACE, each with how it is shown.
    """

    fields: dict[str, Any]
    message: Text
    fix: Text
    not_checked: str
    escapes: tuple[str, ...]
    worth: int | None
    change: Changes | None
    place: tuple[tuple[int, Show], ...] | None


def built(model: type[Model], fields: dict[str, Any], names: set[str]) -> Model:
    """A model of values that need no validation.

    Args:
        fields: Every field in order; the model keeps this dict.
        names: Of those that were given, shared by all models of the kind.
    """
    made = model.__new__(model)
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", names)
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_set = object.__setattr__
_FLAG = set(Flag.model_fields) - {"type"}
_RELATED = set(Related.model_fields)


class Renderer:
    """Makes flags of one Scrubber's hits; safe to share between threads.

    Args:
        policies: In the order of their numbers.
    """

    def __init__(self, catalogue: Catalogue, tables: Tables, policies: Sequence[LoadedPolicy]) -> None:
        self._rules = catalogue.rules
        self._tables = tables
        self._ends = [edition.ends for edition in tables.editions]
        self._policies = policies
        self._forms: dict[tuple[int, int], Form] = {}
        self._shows: dict[Attribute, Show] = {}
        self._rows: dict[tuple[int, int, bool], Evidence] = {}
        self._own: dict[tuple[str, int], tuple[Any, Evidence]] = {}

    def flag(self, found: Found, hit: tuple[int, ...], batch: Shown, own: Sequence[Sequence[Any]],
             verdict: Verdict | None) -> Flag:
        """The flag of a hit, with its message and evidence.

        Args:
            hit: One of `found.hits`, or what policies made of it.
            own: Rows that are of no table, of the payers' profiles and of the authorization file.
            verdict: None where policies did not run.
        """
        (claim, file, line, rule, case, escape, attribute, _, first_related, related_count, first_diagnosis,
         diagnosis_count, first_row, row_count, first, severity, status, reason, _) = hit
        form = self._forms.get((rule, case)) or self._form(rule, case)
        fields = form.fields.copy()
        odd = batch.odd
        fields["file"] = batch.files[file]
        if claim >= 0:
            fields["claim_position"] = batch.claim_position(claim)
            fields["claim"] = batch.claim_id(claim)
            fields["charge_at_risk_cents"] = batch.total_cents(claim)
        if line >= 0:
            fields["line"] = batch.line_number(line)
            fields["charge_at_risk_cents"] = batch.charge_cents(line)
        if related_count:
            fields["related"] = tuple([self._related(batch, each) for each in
                                       sorted(found.related[first_related:first_related + related_count])])
        if diagnosis_count:
            fields["diagnoses"] = tuple([unpack(code, 7) if code > 0 else show_odd(odd[-code - 1]) for code in
                                         found.diagnoses[first_diagnosis:first_diagnosis + diagnosis_count] if code])
        fields["severity"] = SEVERITIES[severity]
        fields["status"] = STATUSES[status]
        if status == NOT_EVALUATED:
            where = f"Line {batch.line_number(line)}: not checked" if line >= 0 else "Not checked"
            fields["message"] = where + form.not_checked
            name = _NAMES.get(attribute)
            fields["reason"] = f"{REASONS[reason - 1]}: {name}" if name else REASONS[reason - 1]
        else:
            fields["message"] = _filled(form.message, found, first, odd)
            if status == BYPASSED:
                fields["reason"] = form.escapes[escape] if escape >= 0 else None
        fields["fix"] = _filled(form.fix, found, first, odd)
        if form.worth is not None:
            known = form.worth >= 0 and found.states[first + form.worth] == 0
            fields["charge_at_risk_cents"] = found.values[first + form.worth] if known else 0
        if row_count:
            fields["evidence"] = self._evidence(found, first_row, row_count, batch, claim, line, own)
        if form.change is not None and status == FLAGGED:
            fields["change"] = _changes(form.change, found, first, odd)
        if form.place is not None and status != NOT_EVALUATED:
            fields["place"] = _place(form.place, found, first, odd)
        if verdict is not None:
            self._judge(fields, verdict, found, hit, batch)
        return built(Flag, fields, _FLAG)

    def _judge(self, fields: dict[str, Any], verdict: Verdict, found: Found, hit: tuple[int, ...],
               batch: Shown) -> None:
        """Writes down what policies made of a hit."""
        if verdict.root >= 0:
            root = found.hits[verdict.root]
            diagnoses = found.diagnoses[root[10]:root[10] + root[11]]
            fields["root"] = flag_name(self._rules[root[3]].rule.id,
                                       batch.line_number(root[2]) if root[2] >= 0 else None,
                                       (_diagnosis(diagnoses[0], batch),) if len(diagnoses) else ())
        if verdict.queue >= 0:
            fields["queue"] = QUEUES[verdict.queue]
        if verdict.silenced >= 0:
            fields["reason"] = f"silenced: {self._policies[verdict.silenced].policy.id}"
        if verdict.asks and hit[16] == FLAGGED:
            fields["fix"] = " ".join([fields["fix"], *self._questions(verdict.asks, found, hit, batch)])

    def _questions(self, asks: Sequence[Question], found: Found, hit: tuple[int, ...], batch: Shown) -> list[str]:
        """What to ask the clinician where the record does not say."""
        line = hit[2]
        diagnoses = found.diagnoses[hit[10]:hit[10] + hit[11]]
        day = date_of(_day(batch, hit[0], line))
        words = {
            "line": str(batch.line_number(line)) if line >= 0 else "of the claim",
            "code": (batch.line_code_text(line) if line >= 0 else "") or "the service",
            "date": day.isoformat() if day else "the date of service",
            "diagnosis": dotted(_diagnosis(diagnoses[0], batch)) if len(diagnoses) else "the diagnosis",
        }
        return [f"{ASK} {fill(self._policies[one.policy].policy.then.ask[one.flag], words)}" for one in asks]

    def _related(self, batch: Shown, line: int) -> Related:
        return built(Related, {"claim": batch.claim_id(batch.line_claim(line)), "line": batch.line_number(line)},
                     _RELATED)

    def _evidence(self, found: Found, first: int, count: int, batch: Shown, claim: int, line: int,
                  own: Sequence[Sequence[Any]]) -> tuple[Evidence, ...]:
        """The rows as evidence; the same few rows stand behind most flags, so they are kept."""
        day = _day(batch, claim, line)
        dated = day not in (NO_DAY, OPEN_DAY)
        shown = []
        for slot, row in zip(found.slots[first:first + count], found.rows[first:first + count], strict=True):
            if slot >= OWN_ROWS:
                shown.append(self.own_row(own[slot - OWN_ROWS][row]))
                continue
            stale = dated and day >= self._ends[slot]
            kept = self._rows.get((slot, row, stale))
            if kept is None:
                edition = self._tables.editions[slot]
                kept = Evidence(table=edition.table, edition=edition.edition, covers_to=iso_day(edition.ends - 1),
                                stale=stale, sha256=edition.sha256, row=self._tables.row_of(slot, row))
                if len(self._rows) < KEPT_ROWS:
                    self._rows[slot, row, stale] = kept
            shown.append(kept)
        return tuple(shown)

    def own_row(self, item: Any) -> Evidence:
        """A row of no table: of a payer's profile, or an authorization without who it is for and who treats."""
        if isinstance(item, Evidence):
            return item
        profile, list_, row = ("", "authorizations", item) if isinstance(item, Authorization) else item
        kept = self._own.get((profile, id(row)))
        if kept is not None:
            return kept[1]
        shown = row.model_dump(mode="json", by_alias=True, exclude=_HIDDEN, exclude_defaults=True)
        digest = hashlib.sha256(row.model_dump_json(by_alias=True, exclude=_HIDDEN).encode()).hexdigest()
        found = Evidence(table=list_, edition=profile, covers_to=None, stale=False, sha256=digest, row=shown)
        if len(self._own) < KEPT_ROWS:
            self._own[profile, id(row)] = (row, found)     # with the row, so that no other gets its place in memory
        return found

    def _form(self, number: int, place: int) -> Form:
        """What rule and case say, made when the first flag of them comes."""
        loaded = self._rules[number]
        rule = loaded.rule
        case = rule.cases[place] if rule.cases and place >= 0 else None
        message = (case.message if case else None) or rule.message
        fix = (case.fix if case else None) or rule.fix
        denial = (case.denial if case else None) or rule.denial
        fields = dict.fromkeys(Flag.model_fields) | {
            "type": "flag", "claim_position": 0, "claim": "", "related": (), "diagnoses": (), "rule": rule.id,
            "case": case.name if case else None, "fix_class": fix.class_, "carc": denial.carc, "rarc": denial.rarc,
            "status_277": denial.status_277, "charge_at_risk_cents": 0, "evidence": (), "source": rule.source,
            "change": (), "place": None,
        }
        places = loaded.field_of[max(0, place)]
        form = Form(fields, self._text(message, loaded, places), self._text(fix.text, loaded, places),
                    f" for: {rule.title}.", tuple(escape.because for escape in rule.unless),
                    places.get(rule.worth or "", -1) if is_opportunity(rule.id) else None,
                    self._change(fix.change, loaded, places) if fix.change else None,
                    tuple([(places[name], self._show(loaded.fields[places[name]].attribute)) for name in PLACE])
                    if rule.applies.grain == "defect" else None)
        self._forms[number, place] = form
        return form

    def _text(self, template: str, loaded: LoadedRule, places: Mapping[str, int]) -> Text:
        """A template as a text with values in it; what no item is bound for is "none"."""
        literals, names = pieces(template)
        begin, parts = literals[0], list[tuple[int, Show, str]]()
        for name, literal in zip(names, literals[1:], strict=True):
            place = places.get(name)
            if place is not None:
                parts.append((place, self._show(loaded.fields[place].attribute), literal))
            elif parts:
                parts[-1] = (*parts[-1][:2], f"{parts[-1][2]}none{literal}")
            else:
                begin += f"none{literal}"
        return begin, tuple(parts)

    def _change(self, change: Mapping[str, Any], loaded: LoadedRule, places: Mapping[str, int]) -> Changes | None:
        """What a fix comes to; None where it takes a value that no item is bound for."""
        found = []
        for action, operand in change.items():
            values: list[str | tuple[int, Show]] = []
            for text in map(str, operand if isinstance(operand, list | tuple) else [operand]):
                if text.startswith("$"):
                    place = places.get(text[1:])
                    if place is None:
                        return None
                    values.append((place, self._show(loaded.fields[place].attribute)))
                else:
                    values.append(text)
            found.append((action, tuple(values)))
        return tuple(found)

    def _show(self, attribute: Attribute) -> Show:
        """How the values of an attribute are shown; they come again, so their texts are kept."""
        if attribute in self._shows:
            return self._shows[attribute]
        kept: dict[int, str] = {}

        def show(value: int, odd: Sequence[str]) -> str:
            text = kept.get(value)
            if text is None:
                text = show_value(attribute, value, odd) or "none"
                if value >= 0 and len(kept) < KEPT_ROWS:     # a negative one may stand for an odd text of the batch
                    kept[value] = text
            return text

        self._shows[attribute] = show
        return show


def fill(question: str, words: Mapping[str, str]) -> str:
    """A question with its {words} filled in, on one line."""
    for name, word in words.items():
        question = question.replace(f"{{{name}}}", word)
    return " ".join(question.split())


def _filled(text: Text, found: Found, first: int, odd: Sequence[str]) -> str:
    """A text with the values of a hit; one that is not known is "none"."""
    begin, parts = text
    if not parts:
        return begin
    shown = [begin]
    for place, show, literal in parts:
        at = first + place
        shown.append(show(found.values[at], odd) if found.states[at] == 0 else "none")
        shown.append(literal)
    return "".join(shown)


def _changes(changes: Changes, found: Found, first: int, odd: Sequence[str]) -> tuple[Change, ...]:
    """The changes of a fix with the values of a hit; none where a value is not known."""
    made = []
    for action, operands in changes:
        values = []
        for operand in operands:
            if isinstance(operand, str):
                values.append(operand)
                continue
            place, show = operand
            if found.states[first + place] != 0:
                return ()
            values.append(show(found.values[first + place], odd))
        if "none" in values:
            return ()
        made.append(built(Change, {"action": action, "values": tuple(values)}, _CHANGE))
    return tuple(made)


_CHANGE = set(Change.model_fields)
_PLACE = set(Place.model_fields)


def _place(parts: tuple[tuple[int, Show], ...], found: Found, first: int, odd: Sequence[str]) -> Place:
    """Where a fault of a file's structure is."""
    tag, segment, element, kind = (show(found.values[first + at], odd) if found.states[first + at] == 0 else ""
                                   for at, show in parts)
    return built(Place, {"segment": int(segment or 0), "tag": tag, "element": int(element or 0), "kind": kind}, _PLACE)


def _day(batch: Shown, claim: int, line: int) -> int:
    """Of the line; of a claim its first one."""
    if line >= 0:
        return batch.line_day(line)
    lines = batch.claim_lines(claim) if claim >= 0 else range(0)
    return min([batch.line_day(each) for each in lines]) if lines else NO_DAY


def _diagnosis(symbol: int, batch: Shown) -> str:
    """A diagnosis; one that can be no code as it was sent."""
    return unpack(symbol, 7) if symbol > 0 else show_odd(batch.odd[-symbol - 1])
