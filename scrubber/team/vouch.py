"""Coming in by an identity provider: to it, back from it, and whom of the users it means."""

import base64
import hmac
import json
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from scrubber.store import login, people
from scrubber.store.log import PROGRAM, note
from scrubber.store.tables import ROLES, User
from scrubber.store.vault import SealBroken
from scrubber.team.door import Door, path_of
from scrubber.team.entry import LOG_IN, Entry, Knock, Refused
from scrubber.team.oidc import Flow, Provider, Untrusted, Vouched, new_flow

COOKIE = "scrubber-vouch"
AWAY = f"{LOG_IN}/provider"
BACK = f"{AWAY}/back"
LASTS = 600                    # seconds to log in at the provider
WHERE = "oidc flow"


class Vouching:
    """The two routes to a provider and back."""

    def __init__(self, entry: Entry, door: Door, provider: Provider) -> None:
        self._entry = entry
        self._store = entry.store
        self._door = door
        self._provider = provider
        self._cookie = f"__Host-{COOKIE}" if entry.tls else COOKIE

    def mount(self) -> None:
        """Adds the routes."""
        self._entry.open(AWAY, self._away)
        self._entry.open(BACK, self._back)

    def _away(self, knock: Knock) -> Response:
        flow = new_flow(path_of(knock), self._store.now().timestamp())
        try:
            answer = RedirectResponse(self._provider.address(flow, self._own(knock)), 303)
        except Untrusted as error:
            raise Refused(_sentence(error), 502) from None
        sealed = self._store.server.seal_text(json.dumps(asdict(flow)), WHERE)
        answer.set_cookie(self._cookie, base64.urlsafe_b64encode(sealed).decode(), max_age=LASTS, path="/",
                          secure=self._entry.tls, httponly=True, samesite="lax")
        return answer

    def _back(self, knock: Knock) -> Response:
        """Raises:
            Refused: The provider did not let somebody in, or somebody whom nobody invited.
        """
        flow = self._flow(knock)
        if knock.raw("error"):
            said = knock.raw("error")[:60]
            raise Refused("The identity provider did not log you in"
                          f"{f' ({said})' if said.replace('_', '').isalnum() else ''}. Try again.", 403)
        try:
            vouched = self._provider.vouched(flow, knock.raw("code")[:4000], self._own(knock),
                                             self._store.now().timestamp())
        except Untrusted as error:
            raise Refused(_sentence(error), 502) from None
        with self._store.writing() as session:
            user = self._user(session, vouched, knock)
            result = None
            if user is not None:
                result = login.begin(session, self._store, user, self._door.browser(knock), "identity provider",
                                     vouched=True)
        if result is None:
            raise Refused("You are known to the identity provider and not here. An administrator can invite you under "
                          "the name by which it knows you.", 403)
        answer = self._door.let_in(result, flow.next)
        answer.delete_cookie(self._cookie, path="/", secure=self._entry.tls, httponly=True, samesite="lax")
        return answer

    def _flow(self, knock: Knock) -> Flow:
        """What was kept when the browser was sent away.

        Raises:
            Refused: Nothing was, it is too old, or the answer is to something else.
        """
        try:
            kept = base64.urlsafe_b64decode(knock.request.cookies.get(self._cookie, "")[:3000])
            flow = Flow(**json.loads(self._store.server.open_text(kept, WHERE)))
        except (SealBroken, ValueError):
            flow = None
        if (flow is None or self._store.now().timestamp() - flow.at > LASTS
                or not hmac.compare_digest(flow.state.encode(), knock.raw("state").encode())):
            raise Refused("The answer of the identity provider is to no log-in that was begun in this browser in the "
                          "last ten minutes. Begin again.", 403)
        return flow

    def _user(self, session: Session, vouched: Vouched, knock: Knock) -> User | None:
        """The user that the provider means; None where there is none, or it is not active."""
        now = self._store.now()
        found = session.scalars(select(User).where(User.subject == vouched.subject)).first()
        if found is None and vouched.name:
            found = _invited(session, vouched)
            if found is not None:
                found.subject = vouched.subject
                note(session, now, PROGRAM, "user.subject", user=found.id)
        if found is None or not found.active:
            note(session, now, login.SOMEBODY, "login.failed", user=found.name if found is not None else "",
                 address=self._door.browser(knock).address, provider=True)
            return None
        if vouched.roles is not None:
            role = next((role for role in reversed(ROLES) if role in vouched.roles), None)
            if role is None:
                note(session, now, login.SOMEBODY, "login.failed", user=found.name, provider=True, role="none")
                return None
            try:
                people.give_role(session, now, PROGRAM, found.id, role)
            except people.NotDone:            # the last administrator stays one, whatever the provider says
                note(session, now, PROGRAM, "user.role_kept", user=found.id, wanted=role)
        return found

    def _own(self, knock: Knock) -> str:
        return f"{knock.request.url.scheme}://{knock.request.url.netloc}{BACK}"


def _invited(session: Session, vouched: Vouched) -> User | None:
    try:
        user = people.named(session, people.name_of(vouched.name))
    except people.NotDone:                     # no name that anybody could have here
        return None
    return user if user is not None and user.subject is None else None


def _sentence(error: Untrusted) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
