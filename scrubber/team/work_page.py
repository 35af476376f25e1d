"""The work: groups of causes, the claims of a group, acts on many of them, and flags that are called wrong."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from scrubber.rules.listing import first_by_id
from scrubber.store import acts, decisions, questions, work, wrongs
from scrubber.store.acts import NotDone, Seen
from scrubber.store.seals import place
from scrubber.store.tables import Batch, Claim, Client, User, Wrong
from scrubber.store.work import NOBODY, PAGE, STATES, Filter, Held, read_filter
from scrubber.team.claim_page import ClaimPages, assign, expiry, workers_of
from scrubber.team.current import Current
from scrubber.team.entry import Asked, Entry, Refused
from scrubber.team.kept import Kept
from scrubber.team.say import teach
from scrubber.workbench.assets import page
from scrubber.workbench.routes import Workbench
from scrubber.writers import words

PLACE = "/work"
AGES = (1, 3, 7, 14, 30)       # days
CHOICES = 10.0                 # seconds: how old what a filter offers may be


@dataclass(frozen=True, slots=True)
class Line:
    """A claim in a list.

    Attributes:
        held: Of the group; None where the list is of no group.
        number: CLM01.
    """

    claim: Claim
    number: str
    client: str
    came: dt.datetime
    assigned: str
    held: Held | None = None


def mount_work(entry: Entry, bench: Workbench) -> None:
    """Adds the pages of the work, and of claims with the fields of the page for one."""
    bench.pages.lend(entry.pages.environment)
    teach(entry.pages.environment)
    current = Current(entry.store)
    WorkPages(entry, current)
    ClaimPages(entry, current)


class WorkPages:
    """The pages of the work.

    Args:
        current: Looked at before a page is shown: that no override has run out.
    """

    def __init__(self, entry: Entry, current: Callable[[], None]) -> None:
        self._entry = entry
        self._store = entry.store
        self._titles = {id: rule.title for id, rule in first_by_id(entry.service.scrubber.catalogue).items()}
        self._current = current
        self._choices = Kept[Filter, dict[str, list[str]]](CHOICES, 200)
        entry.get(PLACE, self._groups)
        entry.get(f"{PLACE}/group", self._group)
        entry.post(f"{PLACE}/find", self._find, "viewer", once=False)
        entry.post(f"{PLACE}/many", self._many)
        entry.get("/wrong", self._wrongs, "lead")
        entry.get("/wrong/{id}.yaml", self._yaml, "lead")

    def _groups(self, asked: Asked) -> Response:
        self._current()
        by, now = self._filter(asked), self._store.now()
        with self._store.reading() as session:
            found = work.groups(session, by, now)
            totals = work.totals(session, by)
            return page(self._entry.pages.write(
                "work.html", asked.visitor, PLACE, groups=found, totals=totals, titles=self._titles, now=now,
                **self._narrowed(asked, session, by)))

    def _group(self, asked: Asked, told: Sequence[tuple[str, str]] = (), status: int = 200) -> Response:
        by, now = self._filter(asked), self._store.now()
        case = _case(asked)
        if not by.rule:
            raise Refused("There is no such group.", 404)
        after = (asked.number("cents"), asked.number("after")) if asked.text("after", 20) else None
        with self._store.reading() as session:
            held = work.claims_of(session, by, by.rule, case, now, after=after, most=PAGE + 1)
            lines = self._lines(session, [each.id for each in held[:PAGE]], held)
            group = next((each for each in work.groups(session, by, now) if each.case == case), None)
            last = held[PAGE - 1] if len(held) > PAGE else None
            return page(self._entry.pages.write(
                "group.html", asked.visitor, PLACE, lines=lines, group=group, case=case, titles=self._titles, now=now,
                last=last, told=told, reasons=decisions.REASONS, people=workers_of(session),
                open_question=questions.OPEN_QUESTION, after=after, **self._narrowed(asked, session, by)), status)

    def _find(self, asked: Asked) -> Response:
        """Claims by their number, which stands in no address."""
        number = asked.text("number", 80)
        with self._store.reading() as session:
            found = work.by_number(self._store, session, number) if number else []
            if len(found) == 1:
                return RedirectResponse(f"/claims/{found[0]}", 303)
            lines = self._lines(session, found)
            return page(self._entry.pages.write("found.html", asked.visitor, PLACE, lines=lines, number=number,
                                                now=self._store.now()))

    def _many(self, asked: Asked) -> Response:
        """One act on the claims of a group that were chosen; what came of each is told."""
        by, case, name = self._filter(asked), _case(asked), asked.text("act", 20)
        chosen = [_seen(value) for key, value in asked.sent if key == "claim"]
        which = (by.rule, case)
        who = asked.visitor.who
        try:
            if not chosen:
                raise NotDone("no claim was chosen")
            if name == "assign":
                if len(chosen) > acts.TOGETHER:
                    raise NotDone(f"at most {acts.TOGETHER} claims at once; {len(chosen)} were chosen")
                given = assign(self._entry, asked, [seen.claim for seen in chosen])
                return self._group(asked, [("", f"{given} given.")])
            if name == "override":
                if not asked.visitor.may("lead"):
                    raise Refused(f"This is for a lead; you are a {asked.visitor.role}.", 403)
                reason, note, ends = asked.text("reason", 40), asked.text("note"), expiry(asked)
                told = acts.each(chosen, lambda seen: decisions.override(self._store, who, seen, which, reason, note,
                                                                         ends))
            elif name == "ask":
                text = asked.text("text")
                told = acts.each(chosen, lambda seen: questions.ask(self._store, who, seen, which, text))
            else:
                raise NotDone("say what is to be done with the claims")
        except NotDone as problem:
            return self._group(asked, [("", str(problem))], 422)
        return self._group(asked, self._told(told))

    def _told(self, told: Sequence[tuple[Seen, str]]) -> list[tuple[str, str]]:
        """What came of an act on many: how many it was done for, then each for which it was not, by its number."""
        wrong = [(seen.claim, problem) for seen, problem in told if problem]
        with self._store.reading() as session:
            numbers = {line.claim.id: line.number for line in self._lines(session, [claim for claim, _ in wrong])}
        done = len(told) - len(wrong)
        said = f"Done for {done} of {words.count(len(told), 'claim')}." if wrong else \
            f"Done for {words.count(done, 'claim')}."
        return [("", said), *((numbers.get(claim, ""), problem) for claim, problem in wrong)]

    def _wrongs(self, asked: Asked) -> Response:
        with self._store.reading() as session:
            rows = wrongs.latest(session)
            people = dict(session.execute(select(User.id, User.name)).all())
            notes = {row.id: self._store.key_of(session, row.client_id).open_text(
                row.sealed_note, place(row, "sealed_note")) for row in rows}
            return page(self._entry.pages.write("wrongs.html", asked.visitor, PLACE, rows=rows, people=people,
                                                notes=notes, titles=self._titles))

    def _yaml(self, asked: Asked) -> Response:
        with self._store.reading() as session:
            row = session.get(Wrong, asked.number("id"))
            if row is None:
                raise Refused("There is no such example.", 404)
            return Response(row.example, media_type="application/yaml; charset=utf-8", headers={
                "content-disposition": f'attachment; filename="{row.rule}-{row.id}.yaml"', "cache-control": "no-store",
                "x-content-type-options": "nosniff"})

    def _lines(self, session: Session, ids: Sequence[int], held: Sequence[Held] = ()) -> list[Line]:
        """Claims for a list, in the order of their ids as given."""
        if not ids:
            return []
        rows = {claim.id: (claim, name, came, who) for claim, name, came, who in session.execute(
            select(Claim, Client.name, Batch.received_at, User.name).join(Client, Client.id == Claim.client_id)
            .join(Batch, Batch.id == Claim.batch_id).outerjoin(User, User.id == Claim.assigned_to)
            .where(Claim.id.in_(ids), Batch.state == "ready"))}
        of_group = {each.id: each for each in held}
        clients = {claim.client_id for claim, *_ in rows.values()}
        keys = {client: self._store.key_of(session, client) for client in sorted(clients)}
        found = []
        for id in ids:
            if id in rows:
                claim, client, came, who = rows[id]
                number = keys[claim.client_id].open_text(claim.sealed_number, place(claim, "sealed_number"))
                found.append(Line(claim, number, client, came, who or "", of_group.get(id)))
        return found

    def _filter(self, asked: Asked) -> Filter:
        """The filter of the address; `assigned=me` is whoever asks."""
        pairs = [(name, str(asked.visitor.id) if (name, value) == ("assigned", "me") else value)
                 for name, value in asked.query]
        return read_filter(pairs)

    def _narrowed(self, asked: Asked, session: Session, by: Filter) -> dict[str, object]:
        """What the form of the filter offers."""
        batch = session.get(Batch, by.batch) if by.batch is not None else None
        others = [(id, name) for id, name in workers_of(session) if id != asked.visitor.id]
        return {"by": by, "clients": work.clients(session), "states": STATES,
                "choices": self._choices.or_make(work.wide(by), lambda: work.choices(session, by)),
                "ages": AGES, "givers": [(asked.visitor.id, "me"), (NOBODY, "nobody"), *others], "batch": batch,
                "without_rule": replace(by, rule="")}


def _case(asked: Asked) -> str:
    return next((value for name, value in asked.query if name == "case"), "")[:40]


def _seen(value: str) -> Seen:
    """A claim and its version, as a check box has them.

    Raises:
        Refused: They are none.
    """
    claim, _, version = value.partition(":")
    if not (claim.isdecimal() and version.isdecimal()) or len(value) > 30:
        raise Refused("A claim that was chosen is none.", 422)
    return Seen(int(claim), int(version))
