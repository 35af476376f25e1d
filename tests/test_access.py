"""Coming in over HTTP: the first link, log-in, people and their roles, and those who should stay out."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

import pyotp
from lxml import html as lxml_html
from serving import CODE, environment, key_of, problem_of, served, wait_for
from sqlalchemy import select
from teams import Team, team

from scrubber.store import people, second
from scrubber.store.accounts import hashed
from scrubber.store.database import utc_now
from scrubber.store.doors import Token
from scrubber.store.log import PROGRAM
from scrubber.store.passwords import Passwords
from scrubber.store.tables import Act, Role, User
from scrubber.team.door import kind_of, own_path

CHEAP = {"SCRUBBER_ARGON2": "m=8,t=1,p=1"}
PASSWORD = "tulip lamp harbor"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team"), **CHEAP) as one:
        yield one


@pytest.fixture
def browser(north: Team) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=north.server.address, timeout=60) as one:
        yield one


def add(north: Team, name: str, role: Role = "coder") -> int:
    """A user with a password."""
    kept = Passwords()
    with north.store.writing() as session:
        user = User(name=name, role=role, password=kept.hash(PASSWORD), created_at=utc_now())
        session.add(user)
        session.flush()
        return user.id


def token_of(answer: httpx.Response, action: str) -> str:
    """Of a form of a page."""
    found = lxml_html.fromstring(answer.text).xpath(f"//form[@action='{action}']//input[@name='form']/@value")
    assert found, action
    return str(found[0])


def send(browser: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    """Opens a page, and sends one of its forms."""
    return browser.post(action, data={"form": token_of(browser.get(page), action), **fields})


def log_in(browser: httpx.Client, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return browser.post("/login", data={"name": name, "password": password, **more})


def said(answer: httpx.Response) -> str:
    found = lxml_html.fromstring(answer.text).xpath("//*[@role='alert' or @role='status']")
    return " ".join(" ".join(found[0].itertext()).split()) if found else ""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUBBER_ARGON2", CHEAP["SCRUBBER_ARGON2"])


def test_the_first_start_prints_a_link_by_which_one_administrator_comes_in(tmp_path: Path) -> None:
    places = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    with served("--store", f"sqlite:///{tmp_path / 'new.db'}", api_only=False, **places, **CHEAP) as one:
        wait_for(lambda: one.said)
        link = re.search(rf"{one.address}/welcome/([\w-]+)", one.said[0])
        assert link is not None
        with httpx.Client(base_url=one.address, timeout=60) as browser, httpx.Client(base_url=one.address) as other:
            assert "administer" in browser.get(link[0]).text
            assert "the link that the server printed" in other.get("/login").text
            fields = {"name": "Ada", "password": PASSWORD, "again": PASSWORD}
            for wrong in ({"again": "another"}, {"password": "short", "again": "short"}, {"name": SCRIPT},
                          {"name": "x\r\nset-cookie: a=b"}, {"name": PASSWORD.split()[0]}):
                refused = browser.post(link[0], data={**fields, **wrong})
                assert refused.status_code == 422
                assert SCRIPT not in refused.text
                assert "set-cookie" not in refused.headers
            answer = browser.post(link[0], data=fields)
            assert (answer.status_code, answer.headers["location"]) == (303, "/me/second")
            assert browser.get("/people").status_code == 200
            assert "the link that the server printed" not in other.get("/login").text
            assert other.get(link[0]).status_code == 410
            assert other.post(link[0], data=fields).status_code == 410
            browser.get(f"/welcome/{'x' * 5000}")
        wait_for(lambda: sum("/welcome/{token}" in line for line in one.log) > 5)
        assert link[1] not in "".join(one.log)


def test_a_link_of_the_command_line_lets_in_whoever_is_locked_out(north: Team, browser: httpx.Client,
                                                                  tmp_path: Path) -> None:
    user_id = add(north, "locked", "administrator")
    key = tmp_path / "key"
    key.write_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    key.chmod(0o600)
    command = [sys.executable, "-c", CODE, "users", "link", "locked", "--without-second-factor", "--store",
               north.store.url.render_as_string(hide_password=False), "--store-key", str(key), "--address",
               f"{north.server.address}/"]

    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)

    new = "another tulip lamp"
    answer = browser.post(done.stdout.strip(), data={"name": "ignored", "password": new, "again": new})
    assert answer.status_code == 303
    assert log_in(browser, "locked", new).status_code == 303
    with north.store.reading() as session:
        assert people.find(session, user_id).name == "locked"


@pytest.mark.parametrize(("next", "goes"), [
    ("/claim", "/claim"), ("/work/12/claims", "/work/12/claims"), ("", "/work"), ("//evil.example", "/work"),
    ("https://evil.example/", "/work"), ("/\\evil.example", "/work"), ("/%2f/evil.example", "/work"),
    ("javascript:alert(1)", "/work"), ("/claim\r\nset-cookie: a=b", "/work"), ("/login", "/work"), ("/logout", "/work"),
    ("/" + "a" * 400, "/work"), ("/./evil", "/./evil"), ("/claim?x=1", "/work")])
def test_after_the_log_in_one_goes_on_to_a_page_of_ours(north: Team, next: str, goes: str) -> None:
    assert own_path(goes)
    assert own_path(next) == (next == goes)


def test_a_log_in_leads_on_and_its_page_carries_where(north: Team, browser: httpx.Client) -> None:
    add(north, "carla")
    page = browser.get("/login", params={"next": "/claim"})
    evil = log_in(browser, "carla", next="https://evil.example/")

    assert 'name="next" value="/claim"' in page.text
    assert evil.headers["location"] == "/work"
    assert browser.get("/login", params={"next": "//evil.example"}).headers["location"] == "/work"


def test_a_name_that_nobody_has_is_answered_as_one_that_somebody_has(north: Team, browser: httpx.Client) -> None:
    add(north, "dora")
    answers = [log_in(browser, name, "wrong wrong wrong") for name in ("dora", "nobody-at-all")]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text == answers[1].text
    assert dict(answers[0].headers).keys() == dict(answers[1].headers).keys()


def test_what_was_typed_in_the_wrong_field_is_nowhere(north: Team, browser: httpx.Client) -> None:
    secret = "my-own-password-by-mistake"
    answer = log_in(browser, secret, "x")

    assert secret not in answer.text
    assert secret not in "".join(north.server.log)
    with north.store.reading() as session:
        assert secret not in str([act.detail for act in session.scalars(select(Act))])


def test_the_cookie_is_for_browsers_and_forms_of_ours_alone(north: Team, browser: httpx.Client) -> None:
    add(north, "emil")
    cookies = log_in(browser, "emil").headers.get_list("set-cookie")

    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_a_cookie_from_before_the_log_in_counts_for_nothing_after_it(north: Team) -> None:
    add(north, "fritz")
    planted = "A" * 43
    with httpx.Client(base_url=north.server.address, timeout=60, cookies={"scrubber": planted}) as browser:
        answer = log_in(browser, "fritz")
        new = answer.cookies["scrubber"]

    assert new != planted
    for cookie, status in ((planted, 303), (new, 200), (new[:-1], 303), (hashed(new), 303)):
        assert httpx.get(f"{north.server.address}/me", headers={"cookie": f"scrubber={cookie}"}).status_code == status


def test_passwords_cannot_be_tried_without_end(north: Team) -> None:
    add(north, "gerda")
    with httpx.Client(base_url=north.server.address, timeout=60) as browser:
        answers = [log_in(browser, "gerda", f"guess number {number}") for number in range(12)]
        right = log_in(browser, "gerda")

    waits = [answer for answer in answers if answer.status_code == 429]
    assert len(answers) - len(waits) <= 7
    assert "Wait" in said(waits[-1])
    assert int(waits[-1].headers["retry-after"]) >= 1
    assert right.status_code == 429
    with north.store.reading() as session:
        acts = [act.detail for act in session.scalars(select(Act).where(Act.kind == "login.failed"))]
    assert any('"user": "gerda"' in detail for detail in acts)
    assert "guess" not in str(acts)


@pytest.mark.parametrize("password", ["x" * 10_000, PASSWORD + "\x00", "\x00" * 20, "\ud7ff" * 5000, ""])
def test_strange_passwords_are_wrong_ones(north: Team, password: str) -> None:
    with north.store.reading() as session:
        known = people.named(session, "heidi")
    if known is None:
        add(north, "heidi")
    with httpx.Client(base_url=north.server.address, timeout=60) as browser:
        answer = log_in(browser, "heidi", password)

    assert answer.status_code in (401, 429)


def test_a_log_out_ends_the_session_and_not_just_the_cookie(north: Team, browser: httpx.Client) -> None:
    add(north, "ida")
    cookie = log_in(browser, "ida").cookies["scrubber"]

    answer = send(browser, "/me", "/logout")

    assert answer.headers["location"] == "/login"
    assert "scrubber" not in browser.cookies
    assert httpx.get(f"{north.server.address}/me", headers={"cookie": f"scrubber={cookie}"}).status_code == 303


def test_the_second_factor_is_set_up_asked_for_and_recovered_from(north: Team, browser: httpx.Client) -> None:
    add(north, "jana")
    log_in(browser, "jana")
    page = lxml_html.fromstring(browser.get("/me/second").text)
    secret = page.xpath("string(//code[@class='secret'])").replace(" ", "")
    sealed = page.xpath("string(//input[@name='sealed']/@value)")
    assert page.xpath("//svg")
    wrong = send(browser, "/me/second", "/me/second", sealed=sealed, code="000000")
    assert secret in wrong.text.replace(" ", "")                # a typing error does not ask for a new scan
    done = send(browser, "/me/second", "/me/second", sealed=sealed, code=pyotp.TOTP(secret).now())
    codes = lxml_html.fromstring(done.text).xpath("//ul[@class='codes']//code/text()")
    assert len(codes) == 10

    with httpx.Client(base_url=north.server.address, timeout=60) as other:
        answer = log_in(other, "jana", next="/claim")
        assert answer.headers["location"] == "/login/second?next=/claim"
        assert other.get("/claim").status_code == 303
        assert other.get("/me").status_code == 303
        half = other.cookies["scrubber"]
        page_of = "/login/second?next=/claim"
        used = send(other, page_of, "/login/second", code=pyotp.TOTP(secret).now(), next="/claim")
        assert used.status_code == 401                          # it was taken when it was set up
        answer = send(other, page_of, "/login/second", code=codes[0], next="/claim")
        assert answer.headers["location"] == "/claim"
        assert other.get("/claim").status_code == 200
        assert other.cookies["scrubber"] != half
    assert httpx.get(f"{north.server.address}/claim", headers={"cookie": f"scrubber={half}"}).status_code == 303
    off = send(browser, "/me", "/me/second/codes", current="wrong wrong wrong")
    assert "not right" in said(off)
    assert "10 recovery" not in browser.get("/me").text
    token = token_of(browser.get("/me"), "/me/second/codes")
    browser.post("/me/second/off", data={"form": token, "current": PASSWORD})
    assert log_in(browser, "jana").headers["location"] == "/work"


def test_a_new_password_ends_the_sessions_elsewhere(north: Team, browser: httpx.Client) -> None:
    add(north, "karl")
    log_in(browser, "karl")
    with httpx.Client(base_url=north.server.address, timeout=60) as other:
        log_in(other, "karl")
        assert browser.get("/me").text.count("/me/sessions/") == 1
        new = "another tulip lamp"
        assert "not right" in said(send(browser, "/me", "/me/password", current="wrong", password=new, again=new))
        assert other.get("/me").status_code == 200
        answer = send(browser, "/me", "/me/password", current=PASSWORD, password=new, again=new)
        assert answer.headers["location"] == "/me?said=password"
        assert other.get("/me").status_code == 303
    assert "is changed" in browser.get("/me?said=password").text


def test_one_ends_the_own_sessions_and_no_other(north: Team, browser: httpx.Client) -> None:
    for name in ("lena", "mara"):
        add(north, name)
    log_in(browser, "lena")
    with httpx.Client(base_url=north.server.address, timeout=60) as other, \
            httpx.Client(base_url=north.server.address, timeout=60) as mara:
        log_in(other, "lena")
        log_in(mara, "mara")
        action = lxml_html.fromstring(browser.get("/me").text).xpath("//form[contains(@action, 'sessions')]/@action")[0]
        foreign = mara.post(str(action), data={"form": token_of(mara.get("/me"), "/me/password")})
        assert foreign.status_code == 409
        assert other.get("/me").status_code == 200
        send(browser, "/me", str(action))
        assert other.get("/me").status_code == 303


def test_an_administrator_invites_and_the_invited_come_in_once(north: Team, browser: httpx.Client) -> None:
    with north.visit("administrator") as ada:
        page = send(ada, "/people", "/people", name="Nora@example.org", role="lead")
        link = str(lxml_html.fromstring(page.text).get_element_by_id("made").get("value"))
        again = send(ada, "/people", "/people", name="nora@example.org", role="lead")
        assert "already" in said(again)
        assert link not in ada.get("/people").text

    assert link.startswith(f"{north.server.address}/welcome/")
    first = browser.post(link, data={"name": "ada", "password": PASSWORD, "again": PASSWORD})
    assert first.status_code == 303
    assert "nora@example.org" in browser.get("/me").text
    assert browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert link.rpartition("/")[2] not in "".join(north.server.log)


def test_a_link_that_is_too_old_or_of_whoever_was_shut_out_does_not_work(north: Team, browser: httpx.Client) -> None:
    with north.store.writing() as session:
        user, old = people.invite(session, utc_now(), PROGRAM, "otto", "coder")
        session.flush()
        kept = session.scalars(select(Token).where(Token.user_id == user.id)).one()
        kept.expires_at = utc_now()
        other, gone = people.invite(session, utc_now(), PROGRAM, "paul", "coder")
        people.shut_out(session, utc_now(), PROGRAM, other.id)

    for token in (old, gone, "x", "%00", "..%2f..%2fpeople"):
        for answer in (browser.get(f"/welcome/{token}"),
                       browser.post(f"/welcome/{token}", data={"password": PASSWORD, "again": PASSWORD})):
            assert answer.status_code in (404, 410)
    assert "scrubber" not in browser.cookies


def test_a_coder_reaches_nothing_of_an_administrator(north: Team) -> None:
    target = add(north, "quirin")
    with north.visit("coder") as coder:
        token = token_of(coder.get("/me"), "/logout")
        assert coder.get("/people").status_code == 403
        for path in ("/people", "/people/second", *(f"/people/{target}/{act}" for act in
                                                    ("role", "link", "off", "on", "second-off"))):
            answer = coder.post(path, data={"form": token, "role": "administrator", "name": "x", "wanted": "yes"})
            assert answer.status_code == 403
            assert "needs the role administrator" in answer.text
        assert 'href="/people"' not in coder.get("/me").text
    with north.store.reading() as session:
        assert people.find(session, target).role == "coder"


def test_a_role_in_a_form_that_has_none_counts_for_nothing(north: Team, browser: httpx.Client) -> None:
    user_id = add(north, "rosa", "viewer")
    log_in(browser, "rosa", role="administrator")
    send(browser, "/me", "/me/password", current=PASSWORD, password="another tulip lamp", again="another tulip lamp",
         role="administrator")

    with north.store.reading() as session:
        assert people.find(session, user_id).role == "viewer"


def test_a_form_counts_once_and_in_its_own_session(north: Team) -> None:
    target = add(north, "sven")
    with north.visit("administrator") as ada, north.visit("administrator") as other:
        token = token_of(ada.get("/people"), "/people")
        foreign = other.post(f"/people/{target}/role", data={"form": token, "role": "lead"})
        assert foreign.status_code == 403
        fields = {"form": token, "role": "lead"}
        assert ada.post(f"/people/{target}/role", data=fields).status_code == 303
        assert ada.post(f"/people/{target}/role", data={**fields, "role": "viewer"}).status_code == 409
        assert ada.post(f"/people/{target}/role", data={"role": "viewer"}).status_code == 403
        for origin in ("https://evil.example", "null"):
            answer = ada.post("/people", data={"form": token}, headers={"origin": origin})
            assert answer.status_code == 403
        assert ada.post("/login", data={}, headers={"origin": "https://evil.example"}).status_code == 403
    with north.store.reading() as session:
        assert people.find(session, target).role == "lead"


def test_a_role_counts_from_the_next_request_on_and_a_shut_out_too(north: Team, browser: httpx.Client) -> None:
    add(north, "tess", "administrator")            # the last one who can log in keeps the role
    target = add(north, "tina", "administrator")
    log_in(browser, "tina")
    assert browser.get("/people").status_code == 200
    with north.visit("administrator") as ada:
        send(ada, "/people", f"/people/{target}/role", role="viewer")
        assert browser.get("/people").status_code == 403
        assert browser.get("/me").status_code == 200
        page = ada.get("/people")
        ada.post(f"/people/{target}/off", data={"form": token_of(page, "/people")})
        assert browser.get("/me").status_code == 303
        answer = send(ada, "/people", "/people", name=SCRIPT, role="coder")
        assert SCRIPT not in answer.text
        assert "A name has" in said(answer)
        assert "A role is one of" in said(send(ada, "/people", "/people", name="x", role="god"))


def test_what_is_in_a_name_stays_text(north: Team) -> None:
    with north.store.writing() as session:
        session.add(User(name=SCRIPT, role="coder", created_at=utc_now()))
    try:
        with north.visit("administrator") as ada:
            page = ada.get("/people").text
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
    finally:
        with north.store.writing() as session:
            found = people.named(session, SCRIPT)
            assert found is not None
            session.delete(found)


def test_all_may_be_asked_for_a_second_factor(north: Team, browser: httpx.Client) -> None:
    add(north, "uwe")
    log_in(browser, "uwe")
    with north.visit("administrator") as ada:
        assert "for yourself first" in said(send(ada, "/people", "/people/second", wanted="yes"))
        with north.store.writing() as session:
            own = people.named(session, "administrator")
            assert own is not None
            second.turn_on(session, north.store, own, second.new_secret(), 0)
        send(ada, "/people", "/people/second", wanted="yes")
        try:
            assert browser.get("/me").status_code == 303
            assert log_in(browser, "uwe", next="/me").headers["location"] == "/login/second?next=/me"
            page = lxml_html.fromstring(browser.get("/login/second").text)
            secret = page.xpath("string(//code[@class='secret'])").replace(" ", "")
            sealed = page.xpath("string(//input[@name='sealed']/@value)")
            done = send(browser, "/login/second", "/login/second", sealed=sealed, code=pyotp.TOTP(secret).now())
            assert len(lxml_html.fromstring(done.text).xpath("//ul[@class='codes']/li")) == 10
            assert browser.get("/me").status_code == 200
            answer = send(browser, "/me", "/me/second/codes", current=PASSWORD)
            assert answer.status_code == 200
            token = token_of(browser.get("/me"), "/me/second/codes")
            answer = browser.post("/me/second/off", data={"form": token, "current": PASSWORD})
            assert answer.status_code == 409
        finally:
            send(ada, "/people", "/people/second", wanted="no")


def test_keys_are_for_the_api_and_sessions_for_the_pages(tmp_path: Path) -> None:
    keys, key = key_of(tmp_path, "claims:check")
    with team(tmp_path, "--keys", str(keys), **CHEAP) as one, one.visit("administrator") as ada:
        problem_of(ada.post("/v1/claims", json={}), 401, "key")
        answer = httpx.get(f"{one.server.address}/people", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 303


def test_a_server_of_a_team_that_others_reach_answers_nobody_without_keys(tmp_path: Path) -> None:
    with team(tmp_path, "--host", "0.0.0.0", **CHEAP) as one:
        address = one.server.address.replace("0.0.0.0", "127.0.0.1")
        warned = "".join(one.server.log)
        for method, path in (("POST", "/v1/claims"), ("POST", "/v1/batches"), ("GET", "/v1/rules"),
                             ("GET", "/metrics")):
            said = problem_of(httpx.request(method, f"{address}{path}"), 401, "key")
            assert "no keys" in said["detail"]
        assert httpx.get(f"{address}/login", headers={"host": "scrubber.example"}).status_code == 200

    assert "is not encrypted" in warned
    assert "may ask this server" not in warned


def test_behind_a_proxy_that_ends_tls_cookies_are_for_tls_alone(tmp_path: Path) -> None:
    with team(tmp_path, "--proxy-tls", "--host-name", "Scrubber.example", **CHEAP) as one:
        add(one, "vera")
        headers = {"host": "scrubber.example", "x-forwarded-for": "203.0.113.7, 198.51.100.4"}
        with httpx.Client(base_url=one.server.address, timeout=60, headers=headers) as browser:
            assert browser.get("/login", headers={"host": "evil.example"}).status_code == 421
            problem_of(browser.post("/v1/claims", json={}), 401, "key")
            answer = browser.post("/login", data={"name": "vera", "password": PASSWORD},
                                  headers={"origin": "https://scrubber.example"})
            assert answer.status_code == 303
            assert "strict-transport-security" in answer.headers
            for cookie in answer.headers.get_list("set-cookie"):
                assert cookie.startswith("__Host-")
                assert "Secure" in cookie
            browser.headers["cookie"] = f"__Host-scrubber={answer.cookies['__Host-scrubber']}"
            assert "198.51.100.4" in browser.get("/me").text
            assert "203.0.113.7" not in browser.get("/me").text


def test_what_a_client_says_of_its_address_counts_for_nothing_without_a_proxy(north: Team,
                                                                              browser: httpx.Client) -> None:
    add(north, "wilma")
    browser.headers["x-forwarded-for"] = "203.0.113.7"
    log_in(browser, "wilma")

    page = browser.get("/me").text
    assert "203.0.113.7" not in page
    assert "127.0.0.1" in page


def test_a_server_on_this_machine_answers_under_its_names_alone(north: Team, tmp_path: Path) -> None:
    assert httpx.get(f"{north.server.address}/login", headers={"host": "evil.example"}).status_code == 421
    with team(tmp_path, "--host-name", "scrubber.local", **CHEAP) as one:
        for host, status in (("scrubber.local", 200), ("scrubber.local:8000", 200), ("localhost", 200),
                             ("evil.example", 421)):
            assert httpx.get(f"{one.server.address}/login", headers={"host": host}).status_code == status


def test_a_session_ends_when_it_is_idle(tmp_path: Path) -> None:
    with team(tmp_path, "--session-idle", "4", "--session-longest", "60", **CHEAP) as one:
        add(one, "xena")
        with httpx.Client(base_url=one.server.address, timeout=60) as browser:
            log_in(browser, "xena")
            for _ in range(5):
                time.sleep(1)
                assert browser.get("/me").status_code == 200
            time.sleep(4.5)
            assert browser.get("/me").status_code == 303


@pytest.mark.parametrize(("more", "message"), [
    (("--proxy-tls",), "--proxy-tls needs --host-name"),
    (("--oidc-issuer", "http://login.example.org", "--oidc-client-id", "x"), "must be an https address"),
    (("--oidc-issuer", "https://login.example.org"), "needs --oidc-client-id"),
    (("--oidc-issuer", "https://login.example.org", "--oidc-client-id", "x"), "there is no secret"),
])
def test_a_server_that_nobody_could_come_in_to_says_why(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    command = [sys.executable, "-c", CODE, "serve", "--port", "0", "--store", f"sqlite:///{tmp_path / 'x.db'}", *more]
    secret = {"SCRUBBER_OIDC_SECRET": "x"} if more[1:2] == ("http://login.example.org",) else {}

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          env=environment(XDG_DATA_HOME=str(tmp_path), HOME=str(tmp_path), **secret))

    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(("agent", "kind"), [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 "
     "Edg/120.0", "Edge on Windows"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox on Linux"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) AppleWebKit/605.1.15 Version/17.2 Safari/605.1.15",
     "Safari on macOS"),
    (SCRIPT, "a program"), ("", "a program")])
def test_a_browser_is_called_as_people_call_it(agent: str, kind: str) -> None:
    assert kind_of(agent) == kind
