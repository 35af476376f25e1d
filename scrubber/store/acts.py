"""What is done to a claim: each act is one transaction, made on the version that whoever acts has seen.

Two people do not overwrite each other: who comes second is told who changed the claim and how (Collision), and nothing
of theirs is done. In a transaction the claim is locked first, then come causes, tallies, and the log.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.store import judging, log, rejudging, standings, tallies
from scrubber.store.changes import changes
from scrubber.store.database import Store
from scrubber.store.log import Who
from scrubber.store.seals import place
from scrubber.store.tables import OPEN, Act, Batch, Cause, CauseState, Claim, Revision

TOGETHER = 500                 # claims of one act on many
NOTE = 4000                    # characters of what somebody writes
CORRECTIONS = {
    "slip": "A slip of form", "record": "The record says otherwise", "clinician": "The clinician amended the record",
    "payer": "The payer wants it so", "fix": "The fix of a flag", "other": "Another reason",
}
# Entries of the log that change nothing of a claim.
QUIET = ("claim.seen", "claim.assigned", "question.printed")


class NotDone(ScrubberError):
    """An act is not done; the message says why, and holds nothing of the claim."""


class Collision(NotDone):
    """The claim is not what was seen any more.

    Attributes:
        acts: What was done since, oldest first.
    """

    def __init__(self, claim: int, version: int, acts: "Sequence[Done]") -> None:
        by = f" by {acts[-1].user}" if acts else ""
        super().__init__(f"the claim was changed{by} after you opened it; nothing of yours was saved")
        self.claim = claim
        self.version = version
        self.acts = tuple(acts)


class Seen(NamedTuple):
    """A claim, and the version of it that somebody saw; None: whatever it is."""

    claim: int
    version: int | None


class Done(NamedTuple):
    """An entry of the log about a claim."""

    user: str
    at: dt.datetime
    kind: str
    detail: str


Which = int | tuple[str, str]    # a cause by its id, or those of a rule and case that are open


@dataclass
class Doing:
    """An act while it is done: the claim is locked, and nobody has changed it since it was seen.

    Attributes:
        causes: All of the claim; their states may be changed.
    """

    store: Store
    session: Session
    who: Who
    claim: Claim
    causes: list[Cause]
    now: dt.datetime
    _before: tallies.Counts = field(init=False)
    _stood: standings.Stand = field(init=False)
    _notes: list[tuple[str, dict[str, Any]]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._before = tallies.of(self.claim, self.causes)
        self._stood = standings.of(self.claim)

    @property
    def user(self) -> int:
        """Who acts, for what is kept with their name."""
        assert self.who.id is not None
        return self.who.id

    def record(self) -> Record:
        """The claim as it stands."""
        return rejudging.record_of(self.claim, self.store.key_of(self.session, self.claim.client_id))

    def flag(self, cause: Cause) -> Flag:
        """The flag that a cause is.

        Raises:
            NotDone: The claim has it no more.
        """
        key = self.store.key_of(self.session, self.claim.client_id)
        found = next((flag for flag in rejudging.flags_of(self.claim, key)
                      if judging.key_of(flag, key) == cause.key), None)
        if found is None:
            raise NotDone("the claim has no such flag any more")
        return found

    def chosen(self, which: Which, states: Sequence[CauseState] = OPEN) -> list[Cause]:
        """The causes that an act is about.

        Raises:
            NotDone: There are none, or they are in a state in which that is not done.
        """
        mine = [cause for cause in self.causes
                if (cause.id == which if isinstance(which, int) else (cause.rule, cause.case) == which)]
        if not mine:
            raise NotDone("the claim has no such flag")
        found = [cause for cause in mine if cause.state in states]
        if not found:
            raise NotDone(f"the flag is {mine[0].state}; this is for one that is {' or '.join(states)}")
        return found

    def put(self, cause: Cause, state: CauseState) -> None:
        cause.state, cause.user_id, cause.at = state, self.who.id, self.now

    def seal(self, row: Any, column: str, text: str) -> None:
        """Puts what somebody wrote into a row."""
        key = self.store.key_of(self.session, self.claim.client_id)
        setattr(row, column, key.seal_text(text, place(row, column)))

    def note(self, kind: str, **detail: Any) -> None:
        """Says what was done, for the log."""
        self._notes.append((kind, detail))

    def finish(self) -> None:
        """Writes down what the causes come to now, and what was done."""
        self.session.flush()
        rejudging.settle(self.claim, self.causes, self.record())
        self.claim.version += 1
        self.claim.changed_at = self.now
        self.session.flush()
        tallies.move(self.session, self.claim, self._before, tallies.of(self.claim, self.causes))
        standings.move(self.session, self.claim.batch_id, self._stood, standings.of(self.claim))
        self.write()

    def write(self) -> None:
        """Writes the log alone."""
        for kind, detail in self._notes:
            log.note(self.session, self.now, self.who, kind, client_id=self.claim.client_id,
                     batch_id=self.claim.batch_id, claim_id=self.claim.id, **detail)


@contextmanager
def acting(store: Store, who: Who, seen: Seen) -> Iterator[Doing]:
    """An act on the causes of a claim: what the block changes is there when it ends, or nothing is.

    Raises:
        Collision: The claim was changed since it was seen.
        NotDone: There is no such claim, or it went out.
    """
    with store.writing() as session:
        doing = begin(store, session, who, seen)
        yield doing
        doing.finish()


def begin(store: Store, session: Session, who: Who, seen: Seen) -> Doing:
    """Locks a claim.

    Raises:
        Collision: The claim was changed since it was seen.
        NotDone: There is no such claim, or it went out.
    """
    claim = session.get(Claim, seen.claim)
    if claim is None or session.get_one(Batch, claim.batch_id).state != "ready":
        raise NotDone("there is no such claim")
    rejudging.lock(session, [claim.id])
    if seen.version is not None and claim.version != seen.version:
        raise Collision(claim.id, claim.version, since(session, claim, seen.version))
    if claim.state == "released":
        raise NotDone("the claim went out; it is not changed any more")
    return Doing(store, session, who, claim, rejudging.causes_of(session, claim), store.now())


def since(session: Session, claim: Claim, version: int) -> list[Done]:
    """What was done to a claim after a version of it, oldest first."""
    asked = select(Act.user, Act.at, Act.kind, Act.detail).where(
        Act.claim_id == claim.id, Act.kind.not_in(QUIET)).order_by(Act.seq.desc()).limit(
            max(1, claim.version - version))
    return [Done(*row) for row in session.execute(asked)][::-1]


def correct(store: Store, scrubber: Scrubber, who: Who, seen: Seen, after: Record, reason: str,
            note: str = "") -> rejudging.Anew:
    """Saves a corrected claim; it and the others of its patient are judged anew.

    Args:
        reason: One of CORRECTIONS.
        note: What whoever corrects it says about it.

    Raises:
        Collision: The claim was changed since it was seen.
        NotDone: Nothing was changed, or there is no such reason.
    """
    with store.writing() as session:
        rejudging.held(session, seen.claim)
        return _corrected(begin(store, session, who, seen), scrubber, after, reason, note)


def fix(store: Store, scrubber: Scrubber, who: Who, seen: Seen, cause: int, *, supported: bool) -> rejudging.Anew:
    """Applies the change that a flag writes down.

    Args:
        supported: Whether whoever applies it says that the record supports it.

    Raises:
        Collision: The claim was changed since it was seen.
        NotDone: Nobody said so, or there is nothing that can be applied.
    """
    if not supported:
        raise NotDone("say first that the record supports it")
    with store.writing() as session:
        rejudging.held(session, seen.claim)
        doing = begin(store, session, who, seen)
        row = doing.chosen(cause)[0]
        tried = scrubber.preview(doing.record(), doing.flag(row))
        if tried.claim is None:
            raise NotDone(f"the fix is not applied: {tried.why}")
        return _corrected(doing, scrubber, tried.claim, "fix", row.rule)


def each(claims: Sequence[Seen], act: Callable[[Seen], None]) -> list[tuple[Seen, str]]:
    """One act on many claims, each in a transaction of its own; what came of each, "" where it was done.

    Raises:
        NotDone: There are too many.
    """
    if len(claims) > TOGETHER:
        raise NotDone(f"at most {TOGETHER} claims at once; {len(claims)} were chosen")
    found = []
    for seen in claims:
        try:
            act(seen)
        except ScrubberError as error:
            found.append((seen, str(error)))
        else:
            found.append((seen, ""))
    return found


def written(text: str, what: str, least: int = 1) -> str:
    """What somebody wrote.

    Raises:
        NotDone: It is too short or too long.
    """
    text = text.strip()
    if len(text) < least:
        raise NotDone(f"{what} is missing" if not text else f"{what} has fewer than {least} characters; say more")
    if len(text) > NOTE:
        raise NotDone(f"{what} has more than {NOTE} characters")
    return text


def _corrected(doing: Doing, scrubber: Scrubber, after: Record, reason: str, note: str) -> rejudging.Anew:
    if reason not in CORRECTIONS:
        raise NotDone(f"{reason or 'no reason'}: say why, with one of {', '.join(CORRECTIONS)}")
    session, claim, now = doing.session, doing.claim, doing.now
    before = doing.record()
    changed = changes(before, after)
    if not changed:
        raise NotDone("nothing was changed")
    revision = Revision(claim_id=claim.id, version=claim.version, user_id=doing.user, at=now, reason=reason)
    key = doing.store.key_of(session, claim.client_id)
    revision.sealed_record = key.seal(rejudging.written(before), place(revision, "sealed_record"))
    if note.strip():
        doing.seal(revision, "sealed_note", written(note, "the note"))
    session.add(revision)
    found = rejudging.rejudge(doing.store, session, scrubber, claim, after, doing.who)
    doing.note("claim.corrected", version=revision.version, reason=reason, places=[each.place for each in changed],
               cured=sorted({flag.rule for flag in found.went}), came=sorted({flag.rule for flag in found.came}))
    doing.write()
    for other in sorted(found.kin):
        log.note(session, now, doing.who, "claim.rejudged", client_id=claim.client_id, batch_id=claim.batch_id,
                 claim_id=other, of=claim.id)
    return found

