"""`/people`: who works here, for administrators."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from scrubber.store import links, people, second
from scrubber.store.tables import ROLES, Role, User
from scrubber.team.entry import Asked, Entry
from scrubber.workbench.assets import page

HERE = "/people"
MAY: Mapping[Role, str] = {
    "viewer": "sees all and changes nothing", "coder": "corrects, asks, answers, marks wrong",
    "lead": "also overrides, assigns, releases, loads remittances, reads the log",
    "administrator": "also people, clients, keys, deleting and exporting"}
SAID = {"role": "The role is given.", "off": "Shut out: the sessions have ended, and no link works any more.",
        "on": "Let in again.", "second-off": "The second factor is taken off, and the sessions have ended.",
        "yes": "Everybody with a password needs a second factor now.", "no": "Each may choose about the second factor."}


class People:
    """The page of the people.

    Args:
        provider: Name of the identity provider, "" for none.
    """

    def __init__(self, entry: Entry, *, provider: str = "") -> None:
        self._entry = entry
        self._store = entry.store
        self._provider = provider

    def mount(self) -> None:
        """Adds the routes."""
        entry = self._entry
        entry.get(HERE, self._shown, "administrator")
        for path, work in (("", self._invite), ("/second", self._require), ("/{id}/role", self._role),
                           ("/{id}/link", self._link), ("/{id}/off", self._off), ("/{id}/on", self._on),
                           ("/{id}/second-off", self._second_off)):
            entry.post(f"{HERE}{path}", self._telling(work), "administrator")

    def _telling(self, work: Callable[[Asked], Response]) -> Callable[[Asked], Response]:
        """As `work`; what is not done is told on the page."""
        def told(asked: Asked) -> Response:
            try:
                return work(asked)
            except people.NotDone as refused:
                return self._shown(asked, str(refused), 422)

        return told

    def _shown(self, asked: Asked, problem: str = "", status: int = 200, link: str = "",
               link_name: str = "") -> Response:
        with self._store.reading() as session:
            given: dict[str, Any] = {"users": people.everybody(session), "required": second.is_required(session)}
        said = "" if problem or link else SAID.get(asked.text("said", 20), "")
        name = asked.text("name", 1000) if problem else ""
        return page(self._entry.pages.write("people.html", asked.visitor, HERE, problem=problem, said=said, link=link,
                                            link_name=link_name, roles=ROLES, may=MAY, name=name,
                                            provider=self._provider, **given), status)

    def _invite(self, asked: Asked) -> Response:
        name, role = people.name_of(asked.text("name")), people.role_of(asked.text("role"))
        with self._store.writing() as session:
            user, token = people.invite(session, self._store.now(), asked.visitor.who, name, role)
        return self._linked(asked, user, token)

    def _link(self, asked: Asked) -> Response:
        with self._store.writing() as session:
            user, token = people.new_link(session, self._store.now(), asked.visitor.who, asked.number("id"))
        return self._linked(asked, user, token)

    def _linked(self, asked: Asked, user: User, token: str) -> Response:
        base = f"{asked.request.url.scheme}://{asked.request.url.netloc}"
        return self._shown(asked, link=f"{base}{links.PATH}{token}", link_name=user.name)

    def _role(self, asked: Asked) -> Response:
        role = people.role_of(asked.text("role"))
        with self._store.writing() as session:
            people.give_role(session, self._store.now(), asked.visitor.who, asked.number("id"), role)
        return _back("role")

    def _off(self, asked: Asked) -> Response:
        return self._done(asked, "off", people.shut_out)

    def _on(self, asked: Asked) -> Response:
        return self._done(asked, "on", people.let_in_again)

    def _second_off(self, asked: Asked) -> Response:
        return self._done(asked, "second-off", people.second_off)

    def _done(self, asked: Asked, said: str, work: Callable[..., User]) -> Response:
        session: Session
        with self._store.writing() as session:
            work(session, self._store.now(), asked.visitor.who, asked.number("id"))
        return _back(said)

    def _require(self, asked: Asked) -> Response:
        wanted = asked.text("wanted", 10) == "yes"
        with self._store.writing() as session:
            people.require_second(session, self._store.now(), asked.visitor.who, wanted, asked.visitor.login)
        return _back("yes" if wanted else "no")


def _back(said: str) -> Response:
    return RedirectResponse(f"{HERE}?said={said}", 303)
