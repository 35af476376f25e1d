"""Coming in by an identity provider: a real one, as a process of its own, that also misbehaves."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("joserfc")

from oidc_provider import CLIENT, SECRET, Peer, provider
from sqlalchemy import select
from teams import Team, team

from scrubber.store import people
from scrubber.store.database import utc_now
from scrubber.store.log import PROGRAM
from scrubber.store.tables import Act, User

CHEAP = {"SCRUBBER_ARGON2": "m=8,t=1,p=1"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with provider() as one:
        yield one


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory, peer: Peer) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team"), "--oidc-issuer", peer.issuer, "--oidc-client-id", CLIENT,
              "--oidc-role-claim", "realm_access.roles", SCRUBBER_OIDC_SECRET=SECRET, **CHEAP) as one:
        yield one


def invite(north: Team, name: str) -> None:
    with north.store.writing() as session:
        people.invite(session, utc_now(), PROGRAM, name, "viewer")


def person(peer: Peer, name: str, *, subject: str = "", roles: tuple[str, ...] = ("coder",), **more: object) -> None:
    peer.person(**{"sub": subject or f"subject of {name}", "email": name, "email_verified": True,
                   "realm_access": {"roles": ["offline_access", *roles]}, **more})


def come(browser: httpx.Client, next: str = "/me") -> httpx.Response:
    """To the provider and back, as a browser goes."""
    away = browser.get("/login/provider", params={"next": next})
    if away.status_code != 303:
        return away
    back = httpx.get(away.headers["location"])
    assert back.status_code == 302, back.text
    return browser.get(back.headers["location"])


@pytest.fixture
def browser(north: Team) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=north.server.address, timeout=60) as one:
        yield one


def is_in(browser: httpx.Client) -> bool:
    return browser.get("/me").status_code == 200


def test_the_page_to_log_in_leads_to_the_provider(browser: httpx.Client) -> None:
    assert 'href="/login/provider?next=/work"' in browser.get("/login").text


def test_whoever_was_invited_comes_in_and_is_known_by_subject_from_then_on(north: Team, peer: Peer,
                                                                           browser: httpx.Client) -> None:
    invite(north, "anna@example.org")
    person(peer, "Anna@Example.org", subject="s-anna")

    answer = come(browser, "/me")

    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert is_in(browser)
    with httpx.Client(base_url=north.server.address, timeout=60) as other:
        person(peer, "anna.new@example.org", subject="s-anna")
        come(other)
        assert "anna@example.org" in other.get("/me").text


def test_roles_come_from_the_provider_at_each_log_in(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "rita@example.org")
    for roles, role in ((("coder", "lead"), "lead"), (("viewer",), "viewer")):
        person(peer, "rita@example.org", roles=roles)
        come(browser)
        with north.store.reading() as session:
            found = people.named(session, "rita@example.org")
        assert found is not None
        assert found.role == role


def test_the_last_administrator_stays_one_whatever_the_provider_says(north: Team, peer: Peer,
                                                                     browser: httpx.Client) -> None:
    invite(north, "gina@example.org")
    for role in ("administrator", "coder"):
        person(peer, "gina@example.org", roles=(role,))
        assert come(browser).status_code == 303

    assert browser.get("/people").status_code == 200
    with north.store.reading() as session:
        kinds = list(session.scalars(select(Act.kind).where(Act.kind.startswith("user.role")).order_by(Act.seq)))
    assert kinds[-2:] == ["user.role", "user.role_kept"]


@pytest.mark.parametrize("claims", [
    {"email": "nobody@example.org"}, {"email_verified": False}, {"email_verified": "true"}, {"email": None},
    {"email": ["bert@example.org"]}, {"realm_access": {}}, {"realm_access": {"roles": ["boss"]}},
    {"email": "<script>@example.org"}])
def test_whoever_is_not_meant_stays_out(north: Team, peer: Peer, browser: httpx.Client,
                                        claims: dict[str, object]) -> None:
    with north.store.reading() as session:
        known = people.named(session, "bert@example.org")
    if known is None:
        invite(north, "bert@example.org")
    person(peer, "bert@example.org", subject=f"s {claims}", **claims)

    answer = come(browser)

    assert answer.status_code == 403
    assert "can invite you" in answer.text
    assert "script&gt;@" not in answer.text
    assert not is_in(browser)


def test_a_name_is_bound_to_the_first_subject_alone(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "cleo@example.org")
    person(peer, "cleo@example.org", subject="s-cleo")
    come(browser)

    with httpx.Client(base_url=north.server.address, timeout=60) as other:
        person(peer, "cleo@example.org", subject="another with her e-mail")
        assert come(other).status_code == 403
        assert not is_in(other)


def test_who_was_shut_out_stays_out(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "dora@example.org")
    person(peer, "dora@example.org")
    come(browser)
    with north.store.writing() as session:
        user = people.named(session, "dora@example.org")
        assert user is not None
        people.shut_out(session, utc_now(), PROGRAM, user.id)

    assert not is_in(browser)
    assert come(browser).status_code == 403


@pytest.mark.parametrize("twist", ["iss", "aud", "exp", "no exp", "nonce", "signature", "none"])
def test_a_token_that_cannot_be_believed_lets_nobody_in(north: Team, peer: Peer, browser: httpx.Client,
                                                        twist: str) -> None:
    with north.store.reading() as session:
        known = people.named(session, "eva@example.org")
    if known is None:
        invite(north, "eva@example.org")
    person(peer, "eva@example.org", twist=twist)

    answer = come(browser)

    assert answer.status_code == 502
    assert "cannot be believed" in answer.text
    assert not is_in(browser)


def test_the_provider_may_change_its_keys(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "finn@example.org")
    person(peer, "finn@example.org")
    come(browser)
    person(peer, "finn@example.org", twist="new key")

    assert come(browser).status_code == 303
    assert is_in(browser)


def test_the_provider_may_refuse(peer: Peer, browser: httpx.Client) -> None:
    person(peer, "anna@example.org", twist="denied")

    answer = come(browser)

    assert answer.status_code == 403
    assert "access_denied" in answer.text


def test_an_answer_counts_in_the_browser_that_asked_and_once(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "once@example.org")
    person(peer, "once@example.org", subject="s-once")
    away = browser.get("/login/provider").headers["location"]
    back = httpx.get(away).headers["location"]

    with httpx.Client(base_url=north.server.address, timeout=60) as victim:
        assert victim.get(back).status_code == 403
        assert not is_in(victim)
    assert browser.get(back.replace("state=", "state=x")).status_code == 403
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403


def test_a_code_of_another_flow_is_refused(peer: Peer, browser: httpx.Client) -> None:
    person(peer, "anna@example.org", subject="s-anna")
    foreign = parse_qs(urlsplit(httpx.get(browser.get("/login/provider").headers["location"]).headers["location"]
                                ).query)["code"][0]
    own = parse_qs(urlsplit(browser.get("/login/provider").headers["location"]).query)["state"][0]

    answer = browser.get("/login/provider/back", params={"code": foreign, "state": own})

    assert answer.status_code == 502
    assert "invalid_grant" in answer.text


def test_the_way_back_leads_nowhere_else(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "back@example.org")
    person(peer, "back@example.org", subject="s-back")

    assert come(browser, "https://evil.example/").headers["location"] == "/work"


def test_coming_in_and_staying_out_are_in_the_log(north: Team, peer: Peer, browser: httpx.Client) -> None:
    invite(north, "log@example.org")
    person(peer, "log@example.org", subject="s-log")
    come(browser)
    person(peer, "nobody@example.org")
    come(browser)

    with north.store.reading() as session:
        last = list(session.scalars(select(Act).where(Act.kind.startswith("login.")).order_by(Act.seq.desc()).limit(2)))
        assert [act.kind for act in last] == ["login.failed", "login.ok"]
        assert "nobody@" not in last[0].detail
        assert session.scalars(select(User).where(User.name == "nobody@example.org")).first() is None
    said = "".join(north.server.log)
    assert "code=" not in said
    assert SECRET not in said


def test_a_provider_that_is_not_there_leaves_the_password(tmp_path: object, peer: Peer,
                                                          tmp_path_factory: pytest.TempPathFactory) -> None:
    with team(tmp_path_factory.mktemp("gone"), "--oidc-issuer", "http://127.0.0.1:9/realms/x", "--oidc-client-id", "x",
              SCRUBBER_OIDC_SECRET="x", **CHEAP) as one:
        answer = httpx.get(f"{one.server.address}/login/provider", timeout=60)
        page = httpx.get(f"{one.server.address}/login", timeout=60)

    assert answer.status_code == 502
    assert "cannot be reached" in answer.text
    assert 'name="password"' in page.text
