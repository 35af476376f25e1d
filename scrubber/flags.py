"""From hits to flags: a Python object is made when someone reads it."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

from scrubber._batch import ClaimBatch
from scrubber._tables import Tables
from scrubber.model.authorization import Authorization
from scrubber.model.flag import (
    ASK,
    Action,
    Change,
    Evidence,
    Flag,
    Related,
    Severity,
    Status,
    flag_name,
    is_opportunity,
)
from scrubber.model.rule import Rule
from scrubber.policy.apply import Outcome
from scrubber.policy.decisions import QUEUES
from scrubber.policy.loaded import LoadedPolicy
from scrubber.report import RANK, ClaimRef
from scrubber.rules.loaded import Catalogue, LoadedRule
from scrubber.rules.message import placeholders, render, show_odd, show_value
from scrubber.rules.vocabulary import REASONS, SEVERITIES, STATUSES, attribute_numbers
from scrubber.symbols import date_of, dotted, unpack
from scrubber.tables.values import iso_day

FLAGGED = STATUSES.index("flagged")
BYPASSED = STATUSES.index("bypassed")
NOT_EVALUATED = STATUSES.index("not_evaluated")
DENY = SEVERITIES.index("deny")
KEPT_ROWS = 10_000
OWN_ROWS = 1 << 30               # as ext/scrubber/_hits.pxd
# Of the rows of a practice or payer that flags show: who the patient is and who treats.
_HIDDEN = {"member", "patient", "npi", "tin", "facility_npi"}
_RANK_OF: tuple[int, ...] = tuple(RANK[cast(Severity, severity)] for severity in SEVERITIES)
_NAMES = {number: name for name, number in attribute_numbers().items()}


class ClaimRefs(Sequence[ClaimRef]):
    """The claims of a run in input order; each is named when someone asks."""

    def __init__(self, batch: ClaimBatch, numbers: "npt.NDArray[np.int32]") -> None:
        self._batch = batch
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> ClaimRef: ...

    @overload
    def __getitem__(self, index: slice) -> "ClaimRefs": ...

    def __getitem__(self, index: int | slice) -> "ClaimRef | ClaimRefs":
        if isinstance(index, slice):
            return ClaimRefs(self._batch, self._numbers[index])
        claim = int(self._numbers[index])
        return ClaimRef(self._batch.file_of(claim), self._batch.claim_position(claim), self._batch.claim_id(claim))


class EngineHits:
    """The hits of one run, in output order.

    Args:
        columns: What `scrubber._engine.joined` gives, `decided` where policies ran.
        drafts: Numbers of the claims that were scrubbed.
        outcome, policies: What policies made of the hits, None where they did not run, and the policies.
        own: Rows that are of no table, of the payers' profiles and of the authorization file.
    """

    def __init__(self, columns: Mapping[str, Any], batch: ClaimBatch, tables: Tables, catalogue: Catalogue,
                 drafts: "npt.NDArray[np.int32]", outcome: Outcome | None = None,
                 policies: Sequence[LoadedPolicy] = (), own: Sequence[Sequence[Any]] = ((), ())) -> None:
        self.columns = columns
        self._hits = columns["hits"]
        self._batch = batch
        self._tables = tables
        self._catalogue = catalogue
        self._outcome = outcome
        self._policies = policies
        self._own = own
        self._rows: dict[tuple[int, int, bool], Evidence] = {}
        self._place = np.full(batch.claim_count + 1, -1, np.int32)   # the last is for claim -1, the envelope
        self._place[drafts] = np.arange(len(drafts), dtype=np.int32)

    def __len__(self) -> int:
        return len(self._hits)

    def severity(self, index: int) -> int:
        return _RANK_OF[int(self._hits["severity"][index])]

    def claim(self, index: int) -> int:
        return int(self._place[self._hits["claim"][index]])

    def held_claims(self) -> int:
        """How many claims have a flag at or above deny."""
        held = (self._hits["status"] == FLAGGED) & (self._hits["severity"] >= DENY)
        marked = np.zeros(len(self._place) + 1, bool)
        marked[self._place[self._hits["claim"][held]]] = True        # place -1, the envelope, is the last
        return int(marked[:-1].sum())

    def flagged(self, index: int) -> bool:
        return bool(self._hits["status"][index] == FLAGGED)

    def flag(self, index: int) -> Flag:
        """The flag of a hit, with its message and evidence."""
        hit = self._hits[index]
        batch = self._batch
        loaded = self._catalogue.rules[int(hit["rule"])]
        rule = loaded.rule
        case = rule.cases[int(hit["case"])] if rule.cases and hit["case"] >= 0 else None
        claim, line = int(hit["claim"]), int(hit["line"])
        message = (case.message if case else None) or rule.message
        fix = (case.fix if case else None) or rule.fix
        denial = (case.denial if case else None) or rule.denial
        shown = self._shown(hit, loaded, (message, fix.text))
        day = self._day(claim, line)
        return Flag(
            file=batch.files[int(hit["file"])],
            claim_position=batch.claim_position(claim) if claim >= 0 else 0,
            claim=batch.claim_id(claim) if claim >= 0 else "",
            line=batch.line_number(line) if line >= 0 else None,
            related=tuple(self._related(hit)),
            diagnoses=tuple(self._diagnosis(int(code)) for code in self._slice(hit, "diagnoses", "diagnosis") if code),
            rule=rule.id,
            case=case.name if case else None,
            severity=cast(Severity, SEVERITIES[hit["severity"]]),
            status=cast(Status, STATUSES[hit["status"]]),
            reason=self._reason(hit, rule, index),
            message=render(message, shown) if hit["status"] != NOT_EVALUATED else _not_checked(rule, batch, line),
            fix=" ".join([render(fix.text, shown), *self._questions(hit, index)]),
            fix_class=fix.class_,
            carc=denial.carc,
            rarc=denial.rarc,
            status_277=denial.status_277,
            charge_at_risk_cents=self._worth(hit, loaded) if is_opportunity(rule.id) else self._at_risk(claim, line),
            evidence=tuple(self._evidence(int(row["slot"]), int(row["row"]), day)
                           for row in self._slice(hit, "rows", "row")),
            source=rule.source,
            root=self._root(index),
            queue=self._queue(index),
            change=self._change(hit, loaded, fix.change) if fix.change and hit["status"] == FLAGGED else (),
        )

    def _root(self, index: int) -> str | None:
        """The flag that a flag stands under, by rule and what it is about: `MOD-25-01 line 1`."""
        root = -1 if self._outcome is None else int(self._outcome.root[index])
        if root < 0:
            return None
        hit = self._hits[root]
        diagnoses = self._slice(hit, "diagnoses", "diagnosis")
        return flag_name(self._catalogue.rules[int(hit["rule"])].rule.id,
                         self._batch.line_number(int(hit["line"])) if hit["line"] >= 0 else None,
                         (self._diagnosis(int(diagnoses[0])),) if len(diagnoses) else ())

    def _queue(self, index: int) -> str | None:
        queue = -1 if self._outcome is None else int(self._outcome.queue[index])
        return QUEUES[queue] if queue >= 0 else None

    def _questions(self, hit: Any, index: int) -> list[str]:
        """What to ask the clinician where the record does not say."""
        if self._outcome is None or hit["status"] != FLAGGED or self._outcome.asks[index] < 0:
            return []
        line, diagnoses = int(hit["line"]), self._slice(hit, "diagnoses", "diagnosis")
        day = self._day(int(hit["claim"]), line)
        words = {
            "line": str(self._batch.line_number(line)) if line >= 0 else "of the claim",
            "code": (self._batch.line_code_text(line) if line >= 0 else "") or "the service",
            "date": day.isoformat() if day else "the date of service",
            "diagnosis": dotted(self._diagnosis(int(diagnoses[0]))) if len(diagnoses) else "the diagnosis",
        }
        asked = self._outcome.questions[int(self._outcome.asks[index])]
        return [f"{ASK} {fill(self._policies[one.policy].policy.then.ask[one.flag], words)}"
                for one in asked]

    def _slice(self, hit: Any, column: str, name: str) -> Any:
        first = int(hit[f"first_{name}"])
        return self.columns[column][first:first + int(hit[f"{name}_count"])]

    def _shown(self, hit: Any, loaded: LoadedRule, templates: tuple[str, ...]) -> dict[str, str]:
        """Text of each placeholder; what no item was bound for, or is not known, is "none"."""
        return {text: self._value(hit, loaded, text) or "none" for template in templates
                for text in placeholders(template)}

    def _value(self, hit: Any, loaded: LoadedRule, text: str) -> str | None:
        """A value that the hit keeps, as people read it; None where no item was bound for it or it is not known."""
        place = loaded.field_of[max(0, int(hit["case"]))].get(text)
        if place is None:
            return None
        value = self.columns["values"][int(hit["first_value"]) + place]
        if value["state"] != 0:
            return None
        return show_value(loaded.fields[place].attribute, int(value["value"]), self._batch.odd)

    def _change(self, hit: Any, loaded: LoadedRule, change: Mapping[str, Any]) -> tuple[Change, ...]:
        """The changes of a fix with the values of this hit; none where a value is not known."""
        found = []
        for action, operand in change.items():
            texts = operand if isinstance(operand, list | tuple) else [operand]
            values = [self._value(hit, loaded, text[1:]) if text.startswith("$") else text for text in map(str, texts)]
            if None in values or "none" in values:
                return ()
            found.append(Change(action=cast(Action, action), values=tuple(cast(str, value) for value in values)))
        return tuple(found)

    def _diagnosis(self, symbol: int) -> str:
        """A diagnosis; one that can be no code as it was sent."""
        return unpack(symbol, 7) if symbol > 0 else show_odd(self._batch.odd[-symbol - 1])

    def _related(self, hit: Any) -> list[Related]:
        batch = self._batch
        lines = sorted(int(line) for line in self._slice(hit, "related", "related"))
        return [Related(claim=batch.claim_id(batch.line_claim(line)), line=batch.line_number(line)) for line in lines]

    def _reason(self, hit: Any, rule: Rule, index: int) -> str | None:
        if self._outcome is not None and self._outcome.silenced[index] >= 0:
            return f"silenced: {self._policies[int(self._outcome.silenced[index])].policy.id}"
        if hit["status"] == BYPASSED:
            return rule.unless[int(hit["escape"])].because
        if hit["status"] == NOT_EVALUATED:
            name = _NAMES.get(int(hit["attribute"]))
            reason = REASONS[int(hit["reason"]) - 1]
            return f"{reason}: {name}" if name else reason
        return None

    def _day(self, claim: int, line: int) -> dt.date | None:
        if line >= 0:
            return date_of(self._batch.line_day(line))
        lines = self._batch.claim_lines(claim) if claim >= 0 else range(0)
        return date_of(min(self._batch.line_day(each) for each in lines)) if lines else None

    def _worth(self, hit: Any, loaded: LoadedRule) -> int:
        """What an opportunity may be worth: the fee schedule's amount in cents, 0 where it is not known."""
        place = loaded.field_of[max(0, int(hit["case"]))].get(loaded.rule.worth or "")
        value = None if place is None else self.columns["values"][int(hit["first_value"]) + place]
        return 0 if value is None or value["state"] != 0 else int(value["value"])

    def _at_risk(self, claim: int, line: int) -> int:
        if line >= 0:
            return self._batch.charge_cents(line)
        return self._batch.total_cents(claim) if claim >= 0 else 0

    def _evidence(self, slot: int, row: int, day: dt.date | None) -> Evidence:
        """The row as evidence; the same few rows stand behind most flags of a batch, so they are kept."""
        if slot >= OWN_ROWS:
            return _own_evidence(self._own[slot - OWN_ROWS][row])
        stale = day is not None and self._tables.is_stale(slot, day)
        kept = self._rows.get((slot, row, stale))
        if kept is None:
            edition = self._tables.editions[slot]
            kept = Evidence(table=edition.table, edition=edition.edition, covers_to=iso_day(edition.ends - 1),
                            stale=stale, sha256=edition.sha256, row=self._tables.row_of(slot, row))
            if len(self._rows) < KEPT_ROWS:
                self._rows[slot, row, stale] = kept
        return kept


def decided(hits: "npt.NDArray[np.void]", outcome: Outcome) -> "npt.NDArray[np.void]":
    """The hits with the severities that policies gave them, those that policies silenced as bypassed."""
    found = hits.copy()
    found["severity"] = outcome.severity
    found["status"][outcome.silenced >= 0] = BYPASSED
    return found


def _own_evidence(item: Any) -> Evidence:
    """A row of no table: of a payer's profile, or of the authorization file without who it is for and who treats."""
    profile, list_, row = ("", "authorizations", item) if isinstance(item, Authorization) else item
    shown = row.model_dump(mode="json", by_alias=True, exclude=_HIDDEN, exclude_defaults=True)
    digest = hashlib.sha256(row.model_dump_json(by_alias=True, exclude=_HIDDEN).encode()).hexdigest()
    return Evidence(table=list_, edition=profile, covers_to=None, stale=False, sha256=digest, row=shown)


def fill(question: str, words: Mapping[str, str]) -> str:
    """A question with its {words} filled in, on one line."""
    for name, word in words.items():
        question = question.replace(f"{{{name}}}", word)
    return " ".join(question.split())


def _not_checked(rule: Rule, batch: ClaimBatch, line: int) -> str:
    """What is said of a rule that could not answer: it must not sound as if it had found something."""
    where = f"Line {batch.line_number(line)}: not checked" if line >= 0 else "Not checked"
    return f"{where} for: {rule.title}."
