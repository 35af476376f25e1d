"""The page of one claim: its fields, what there is to do about it, and what was done."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from scrubber.model.claim import Claim as Record
from scrubber.rules.listing import first_by_id
from scrubber.store import acts, decisions, log, questions, rejudging, work, wrongs
from scrubber.store.acts import Collision, NotDone, Seen
from scrubber.store.changes import Changed, changes
from scrubber.store.seals import place
from scrubber.store.tables import Act, Claim, Question, User
from scrubber.store.work import read_filter
from scrubber.team.correcting import corrected, form_from, has_form, rebased
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.team.orders import Orders, Place
from scrubber.team.shown import Shown, at_version, shown, told
from scrubber.workbench.assets import page
from scrubber.workbench.draft import read_day
from scrubber.workbench.form import Form, read_form
from scrubber.workbench.judge import Judged, judge

PLACE = "/claims/{id}"
SEEN_AGAIN = dt.timedelta(minutes=10)          # until it is written down once more that somebody saw a claim
# What an act says when it is done.
SAID = {
    "save": "The correction is saved, and the claim was judged anew.",
    "fix": "The fix is applied, and the claim was judged anew.", "override": "The flag is overridden.",
    "reopen": "The flag is open again.", "ask": "The question is kept; the flag waits for the answer.",
    "answer": "The answer is kept; the flag is open again.", "wrong": "It is kept that the flag is wrong.",
    "accept": "The flag passes as wrong.", "assign": "Who works on the claim is kept.",
}
KEPT = ("reason", "note", "expires", "text", "answer")      # fields of an act that are not lost when it is not done


@dataclass(frozen=True)
class Again:
    """What a page is shown with once more after an act that was not done.

    Attributes:
        act, about: Which, and the cause or question that it was about.
        given: What was typed for it.
        form: The fields of the claim as they were sent.
        others: What others did meanwhile; `changed`: what became of the fields by that.
    """

    act: str
    problem: str
    status: int
    about: int = 0
    given: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None
    others: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()


class ClaimPages:
    """The pages of claims.

    Args:
        current: Looked at before a page is shown: that no override has run out.
    """

    def __init__(self, entry: Entry, current: Callable[[], None]) -> None:
        self._entry = entry
        self._store = entry.store
        self._scrubber = entry.service.scrubber
        self._rules = first_by_id(self._scrubber.catalogue)
        self._current = current
        self._orders = Orders()
        entry.get(PLACE, self._page)
        entry.get(PLACE + "/questions/{question}", self._print)
        posts: dict[str, Callable[[Asked, Seen], object]] = {
            "save": self._save, "fix": self._fix, "ask": self._ask, "answer": self._answer, "wrong": self._wrong,
            "reopen": self._reopen, "assign": self._assign}
        for name, act in posts.items():
            entry.post(f"{PLACE}/{name}", self._doing(name, act))
        for name, act in {"override": self._override, "accept": self._accept}.items():
            entry.post(f"{PLACE}/{name}", self._doing(name, act), "lead")

    def _page(self, asked: Asked) -> Response:
        return self._written(asked, None)

    def _doing(self, name: str, act: Callable[[Asked, Seen], object]) -> Callable[[Asked], Response]:
        """What does an act, and shows the claim as it is after it, or what was typed once more."""
        def answer(asked: Asked) -> Response:
            seen = Seen(asked.number("id"), asked.number("version"))
            again: Again | None = None
            try:
                act(asked, seen)
            except Collision as problem:
                again = replace(_again(name, asked, str(problem), 409), others=tuple(told(problem)))
            except NotDone as problem:
                again = _again(name, asked, str(problem), 422)
            if again is not None:
                return self._written(asked, again, seen.version)
            query = urlencode([*_around(asked), ("done", name)])
            return RedirectResponse(f"/claims/{seen.claim}?{query}", 303)

        return answer

    def _save(self, asked: Asked, seen: Seen) -> None:
        record = self._record(seen)
        after = corrected(record, read_form(asked.sent), self._scrubber.payers)
        acts.correct(self._store, self._scrubber, asked.visitor.who, seen, after, asked.text("reason", 40),
                     asked.text("note"))

    def _record(self, seen: Seen) -> Record:
        """The claim to be corrected, if it is still the one that was seen.

        Raises:
            Collision: It is not.
        """
        with self._store.reading() as session:
            claim = session.get(Claim, seen.claim)
            if claim is None:
                raise Refused("There is no such claim.", 404)
            if claim.version != seen.version:
                raise Collision(claim.id, claim.version, acts.since(session, claim, seen.version or 0))
            return rejudging.record_of(claim, self._store.key_of(session, claim.client_id))

    def _fix(self, asked: Asked, seen: Seen) -> None:
        acts.fix(self._store, self._scrubber, asked.visitor.who, seen, asked.number("cause"),
                 supported=asked.text("supported", 10) == "yes")

    def _override(self, asked: Asked, seen: Seen) -> None:
        decisions.override(self._store, asked.visitor.who, seen, asked.number("cause"), asked.text("reason", 40),
                           asked.text("note"), expiry(asked))

    def _reopen(self, asked: Asked, seen: Seen) -> None:
        decisions.reopen(self._store, asked.visitor.who, seen, asked.number("cause"), lead=asked.visitor.may("lead"))

    def _ask(self, asked: Asked, seen: Seen) -> None:
        questions.ask(self._store, asked.visitor.who, seen, asked.number("cause"), asked.text("text"))

    def _answer(self, asked: Asked, seen: Seen) -> None:
        questions.answer(self._store, asked.visitor.who, seen, asked.number("question"), asked.text("answer"))

    def _wrong(self, asked: Asked, seen: Seen) -> None:
        wrongs.mark(self._store, self._scrubber, asked.visitor.who, seen, asked.number("cause"), asked.text("note"),
                    lead=asked.visitor.may("lead"))

    def _accept(self, asked: Asked, seen: Seen) -> None:
        wrongs.accept(self._store, asked.visitor.who, seen, asked.number("cause"))

    def _assign(self, asked: Asked, seen: Seen) -> None:
        assign(self._entry, asked, [seen.claim])

    def _print(self, asked: Asked) -> Response:
        """A question by itself, for paper."""
        with self._store.writing() as session:
            row = session.get(Question, asked.number("question"))
            if row is None or row.claim_id != asked.number("id"):
                raise Refused("There is no such question.", 404)
            found = self._found(asked, session)
            key = self._store.key_of(session, row.client_id)
            text = key.open_text(row.sealed_text, place(row, "sealed_text"))
            log.note(session, self._store.now(), asked.visitor.who, "question.printed", client_id=row.client_id,
                     batch_id=found.claim.batch_id, claim_id=row.claim_id)
            return page(self._entry.pages.write("question.html", asked.visitor, "/work", found=found, question=row,
                                                text=text, asker=found.people.get(row.user_id, "")))

    def _written(self, asked: Asked, again: Again | None, version: int | None = None) -> Response:
        self._current()
        by = read_filter(asked.query)
        rule, case = by.rule, next((value for name, value in asked.query if name == "case"), "")[:40]
        now = self._store.now()
        with self._store.reading() as session:
            found = self._found(asked, session)
            if again is not None and again.status == 409 and version is not None:
                again = self._beside(again, found, at_version(self._store, session, found, version))
            near = self._orders.beside(
                session, Place(by, rule, case), found.claim.id, lambda: work.order(session, by, rule, case, now),
                lambda ids: work.among(session, by, rule, case, now, ids)) if rule else (None, None)
            workers = workers_of(session)
            was_seen = self._was_seen(session, asked, found, now)
        if not was_seen:
            self._saw(asked, found, now)
        judged = self._judged(found, again)
        done = SAID.get(next((value for name, value in asked.query if name == "done"), ""), "") if not again else ""
        text = self._entry.pages.write(
            "one.html", asked.visitor, "/work", found=found, judged=judged, again=again, said=done, near=near, by=by,
            form=judged.form.with_room() if judged is not None else None, rule=rule, case=case, workers=workers,
            around=urlencode(_around(asked)), corrections=acts.CORRECTIONS, reasons=decisions.REASONS,
            profiles=self._scrubber.payers.names, rules=sorted(self._rules.values(), key=lambda each: each.id),
            least=decisions.LEAST)
        return page(text, again.status if again is not None else 200)

    def _beside(self, again: Again, found: Shown, seen: Record) -> Again:
        """What was typed on an older version, beside what became of the claim since."""
        form = again.form
        if form is not None and has_form(seen) and has_form(found.record):
            before, now = (form_from(each, self._scrubber.payers, form.as_of) for each in (seen, found.record))
            form = rebased(before, form, now)
        return replace(again, changed=tuple(changes(seen, found.record)), form=form)

    def _found(self, asked: Asked, session: Session) -> Shown:
        found = shown(self._store, session, self._scrubber, self._rules, asked.number("id"))
        if found is None:
            raise Refused("There is no such claim.", 404)
        return found

    def _judged(self, found: Shown, again: Again | None) -> Judged | None:
        """The fields with what is flagged in them; None for a claim that has no fields here."""
        if not has_form(found.record):
            return None
        form = again.form if again is not None and again.form is not None else form_from(
            found.record, self._scrubber.payers, found.batch.as_of.isoformat())
        return judge(self._scrubber, form)

    def _was_seen(self, session: Session, asked: Asked, found: Shown, now: dt.datetime) -> bool:
        """Whether it is written down that somebody saw the claim a moment ago."""
        return session.scalar(select(Act.seq).where(
            Act.claim_id == found.claim.id, Act.user_id == asked.visitor.who.id, Act.kind == "claim.seen",
            Act.at > now - SEEN_AGAIN).limit(1)) is not None

    def _saw(self, asked: Asked, found: Shown, now: dt.datetime) -> None:
        """Writes down that somebody saw the claim."""
        with self._store.writing() as session:
            log.note(session, now, asked.visitor.who, "claim.seen", client_id=found.claim.client_id,
                     batch_id=found.claim.batch_id, claim_id=found.claim.id)


def assign(entry: Entry, asked: Asked, claims: list[int]) -> int:
    """Gives claims to whom the form names, `me` or nobody; to others only leads give.

    Raises:
        NotDone: Whoever asks may not.
    """
    to = asked.text("to", 20)
    user = asked.visitor.id if to == "me" else asked.number("to") if to else None
    if not asked.visitor.may("lead"):
        with entry.store.reading() as session:
            others = session.scalar(select(Claim.id).where(
                Claim.id.in_(claims), Claim.assigned_to.is_not(None), Claim.assigned_to != asked.visitor.id).limit(1))
        if user not in (None, asked.visitor.id) or others is not None:
            raise NotDone("a coder takes claims and gives back their own; a lead gives them to others")
    return decisions.assign(entry.store, asked.visitor.who, claims, user)


def expiry(asked: Asked) -> dt.date | None:
    """The day on which an override ends.

    Raises:
        NotDone: It is no date.
    """
    text = asked.text("expires", 20)
    day = read_day(text) if text else None
    if text and day is None:
        raise NotDone("the day on which the override ends is no date; one looks like 2026-12-31")
    return day


def workers_of(session: Session) -> list[tuple[int, str]]:
    """Who may be given claims."""
    return [(id, name) for id, name in session.execute(
        select(User.id, User.name).where(User.active, User.role != "viewer").order_by(User.name))]


def _again(act: str, asked: Asked, problem: str, status: int) -> Again:
    sent = dict(asked.sent)
    about = next((value for value in (sent.get("cause", ""), sent.get("question", "")) if value.isdecimal()), "0")
    return Again(act, problem, status, int(about[:15]), {name: sent.get(name, "") for name in KEPT},
                 read_form(asked.sent) if act == "save" else None)


def _around(asked: Asked) -> list[tuple[str, str]]:
    """The group that somebody works off, as the address of a claim names it."""
    case = next((value for name, value in asked.query if name == "case"), "")
    return [*read_filter(asked.query).pairs(), *([("case", case[:40])] if case else [])]

