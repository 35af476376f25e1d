"""One claim as its page shows it: what is to be done, with all that is known of it, and what was done."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.model.rule import Rule
from scrubber.preview import Preview
from scrubber.report import RANK
from scrubber.store import judging
from scrubber.store.acts import Collision
from scrubber.store.changes import Changed, changes
from scrubber.store.database import Store
from scrubber.store.questions import questions_of, wording
from scrubber.store.rejudging import flags_of, record_of
from scrubber.store.seals import place
from scrubber.store.tables import OPEN, Act, Batch, Cause, Claim, Client, Override, Question, Revision, User, Wrong
from scrubber.workbench.judge import ONLY
from scrubber.writers import words

PREVIEWS = 12                  # fixes that are tried for a page
KINDS = {
    "claim.corrected": "corrected it", "claim.rejudged": "corrected another claim of the patient",
    "claim.assigned": "gave it to", "claim.released": "released it", "cause.overridden": "overrode",
    "cause.reopened": "opened again", "cause.wrong": "called wrong", "cause.accepted": "let pass as wrong",
    "override.expired": "override ran out:", "question.asked": "asked the clinician about",
    "question.answered": "kept the answer about",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work: a cause with its flag, and what was said about it.

    Attributes:
        flag: None where the claim has it no more.
        tried: What its fix would come to; None where none is written down, or the claim is not worked any more.
        under: What follows from it.
        override: The one that holds, with its words and who wrote them.
        questions: With text, answer and who asked, the newest first.
        wrong: That somebody said so, with their words and name.
        wording: How a question about it may begin.
    """

    cause: Cause
    flag: Flag | None
    rule: Rule | None
    tried: Preview | None = None
    under: tuple[Flag, ...] = ()
    override: tuple[Override, str, str] | None = None
    questions: tuple[tuple[Question, str, str, str], ...] = ()
    wrong: tuple[Wrong, str, str] | None = None
    wording: str = ""

    @property
    def is_open(self) -> bool:
        return self.cause.state in OPEN

    @property
    def holds(self) -> bool:
        return judging.holds(self.cause)

    @property
    def where(self) -> str:
        return "claim" if self.cause.line is None else f"line {self.cause.line}"

    @property
    def fix(self) -> str:
        return words.question(self.flag)[0] if self.flag is not None else ""

    @property
    def denial(self) -> str:
        return words.denial(self.flag) if self.flag is not None else ""

    @property
    def related(self) -> str:
        return words.related(self.flag) if self.flag is not None else ""

    @property
    def only(self) -> str:
        return ONLY[self.flag.fix_class] if self.flag is not None else ""

    @property
    def why(self) -> str:
        return " ".join(self.rule.why.split()) if self.rule is not None else ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of the claim's history.

    Attributes:
        what: In words, after the name of who did it.
        changed: Of a correction, before and after.
    """

    at: dt.datetime
    user: str
    what: str
    note: str = ""
    reason: str = ""
    changed: Sequence[Changed] = ()


@dataclass(slots=True)
class Shown:
    """A claim, and what belongs to it.

    Attributes:
        number: CLM01.
        pieces: Open ones first, the gravest first.
        flags: All of the claim.
    """

    claim: Claim
    batch: Batch
    client: Client
    number: str
    record: Record
    flags: list[Flag]
    pieces: list[Piece]
    history: list[Happened]
    people: Mapping[int, str] = field(default_factory=dict)

    @property
    def assigned(self) -> str:
        return self.people.get(self.claim.assigned_to, "") if self.claim.assigned_to is not None else ""

    @property
    def is_done(self) -> bool:
        """Whether it went out, so that nothing of it is changed."""
        return self.claim.state == "released"

    @property
    def open(self) -> int:
        return sum(piece.is_open for piece in self.pieces)

    def at(self, number: int | None) -> list[Flag]:
        """Flags of a line, or of the whole claim."""
        return [flag for flag in self.flags if flag.line == number and flag.status == "flagged"]


def shown(store: Store, session: Session, scrubber: Scrubber, rules: Mapping[str, Rule], claim_id: int) -> Shown | None:
    """A claim for its page; None where there is none, or its batch is not ready."""
    claim = session.get(Claim, claim_id)
    batch = session.get(Batch, claim.batch_id) if claim is not None else None
    if claim is None or batch is None or batch.state != "ready":
        return None
    key = store.key_of(session, claim.client_id)
    record, flags = record_of(claim, key), flags_of(claim, key)
    people = dict(session.execute(select(User.id, User.name)).all())
    found = Shown(claim, batch, session.get_one(Client, claim.client_id),
                  key.open_text(claim.sealed_number, place(claim, "sealed_number")), record, flags, [], [], people)
    found.pieces = _pieces(store, session, scrubber, rules, found)
    found.history = _history(store, session, found)
    return found


def at_version(store: Store, session: Session, found: Shown, version: int) -> Record:
    """The claim as it was at a version of it."""
    row = session.scalars(select(Revision).where(Revision.claim_id == found.claim.id, Revision.version >= version)
                          .order_by(Revision.version).limit(1)).first()
    return found.record if row is None else _before(store, session, row, found.claim.client_id)


def told(collision: Collision) -> list[str]:
    """What was done by others, in words."""
    return [_said(each.kind, each.user, each.detail) for each in collision.acts]


def _pieces(store: Store, session: Session, scrubber: Scrubber, rules: Mapping[str, Rule],
            found: Shown) -> list[Piece]:
    key = store.key_of(session, found.claim.client_id)
    by_key = {judging.key_of(flag, key): flag for flag in reversed(found.flags) if flag.status == "flagged"}
    under = {id(top): tuple(rest) for top, rest in words.by_root(found.flags)}
    overrides = {row.cause_id: row for row in session.scalars(
        select(Override).where(Override.claim_id == found.claim.id, Override.ended_at.is_(None)).order_by(Override.id))}
    wrongs = {row.cause_id: row for row in session.scalars(
        select(Wrong).where(Wrong.claim_id == found.claim.id).order_by(Wrong.id))}
    asked: dict[int, list[tuple[Question, str, str, str]]] = {}
    for question, cause, text, answer in questions_of(store, session, found.claim):
        asked.setdefault(cause.id, []).append((question, text, answer, found.people.get(question.user_id, "")))
    pieces = []
    tries = 0
    for cause in session.scalars(select(Cause).where(Cause.claim_id == found.claim.id).order_by(Cause.id)):
        flag = by_key.get(cause.key)
        tried = None
        if flag is not None and flag.change and cause.state in OPEN and not found.is_done and tries < PREVIEWS:
            tries += 1
            tried = scrubber.preview(found.record, flag)
        override, wrong = overrides.get(cause.id), wrongs.get(cause.id)
        pieces.append(Piece(
            cause, flag, rules.get(cause.rule), tried, under.get(id(flag), ()) if flag is not None else (),
            None if override is None else (
                override, key.open_text(override.sealed_note, place(override, "sealed_note")),
                found.people.get(override.user_id, "")),
            tuple(asked.get(cause.id, ())),
            None if wrong is None else (wrong, key.open_text(wrong.sealed_note, place(wrong, "sealed_note")),
                                        found.people.get(wrong.user_id, "")),
            wording(found.record, flag) if flag is not None and cause.state == "open" else ""))
    return sorted(pieces, key=lambda each: (not each.is_open, each.cause.state == "cured",
                                            RANK[each.cause.severity], each.cause.line or 0))  # type: ignore[index]


def _history(store: Store, session: Session, found: Shown) -> list[Happened]:
    """What was done, the newest first."""
    revisions = {row.version: row for row in session.scalars(
        select(Revision).where(Revision.claim_id == found.claim.id).order_by(Revision.version))
    } if found.claim.version > 1 else {}
    key = store.key_of(session, found.claim.client_id)
    after: dict[int, Record] = {}
    following = found.record
    for version in sorted(revisions, reverse=True):
        after[version] = following
        following = _before(store, session, revisions[version], found.claim.client_id)
    entries = []
    for act in session.scalars(select(Act).where(Act.claim_id == found.claim.id, Act.kind != "claim.seen",
                                                 Act.kind != "question.printed").order_by(Act.seq.desc()).limit(100)):
        detail: dict[str, Any] = json.loads(act.detail)
        row = revisions.get(detail.get("version", 0)) if act.kind == "claim.corrected" else None
        note, changed = "", []
        if row is not None:
            note = key.open_text(row.sealed_note, place(row, "sealed_note")) if row.sealed_note is not None else ""
            changed = changes(_before(store, session, row, found.claim.client_id), after[row.version])
        entries.append(Happened(act.at, act.user, _said(act.kind, "", act.detail), note, detail.get("reason") or "",
                                changed))
    return entries


def _before(store: Store, session: Session, row: Revision, client: int) -> Record:
    sealed = row.sealed_record
    return Record.model_validate_json(store.key_of(session, client).open(sealed, place(row, "sealed_record")))


def _said(kind: str, user: str, detail: str) -> str:
    """An entry of the log in words."""
    given: dict[str, Any] = json.loads(detail)
    said = KINDS.get(kind, kind.replace(".", " "))
    about = " ".join(str(each) for each in (
        given.get("rule"), f"line {given['line']}" if given.get("line") else None,
        (given.get("to") or "nobody") if kind == "claim.assigned" else None,
        f"({', '.join(given['places'])})" if given.get("places") else None) if each)
    return " ".join(part for part in (user, said, about) if part)
