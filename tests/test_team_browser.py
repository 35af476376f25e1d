"""People at the workbench of a team in a real browser: they come in, meet at one claim, and are stopped at the door."""

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from browsers import MARKS, chromium, person, sat_down, until
from loads import demo_records, lines_of, loaded
from serving import served, wait_for
from sqlalchemy import select, update
from stores import KEY, database
from teams import Team, team

from scrubber.store.accounts import IDLE
from scrubber.store.database import utc_now
from scrubber.store.passwords import Passwords
from scrubber.store.tables import Cause, Claim, Login, User

pyotp = pytest.importorskip("pyotp")
pytestmark = MARKS
SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
PASSWORD = "seven quiet herons at noon"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("browser")) as one:
        loaded(one.store, client_id=one.client_id)
        loaded(one.store, lines_of({**record, "id": f"{SCRIPT}{place}"}
                                   for place, record in enumerate(demo_records()[:6])), one.client_id)
        with one.store.writing() as session:
            session.execute(update(User).values(password=Passwords().hash(PASSWORD)))
        yield one


def held(north: Team, batch: int = 1, place: int = 0) -> int:
    """A claim with fields that is held."""
    with north.store.reading() as session:
        found = session.scalars(select(Claim.id).where(
            Claim.batch_id == batch, Claim.state == "held", Claim.version == 1, Claim.kind == "professional")
            .order_by(Claim.id)).all()
        return found[place]


def leave_alone(north: Team) -> None:
    """Half an hour and more passes in which nobody does anything."""
    with north.store.writing() as session:
        session.execute(update(Login).values(seen_at=utc_now() - IDLE * 1.1))


def log_in(page: Any, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button.go")


def test_the_first_link_lets_the_first_administrator_in_with_a_second_factor(browser: Any, tmp_path: Path) -> None:
    key = tmp_path / "store.key"
    key.write_text(base64.b64encode(KEY).decode())
    key.chmod(0o600)
    with database("sqlite", tmp_path) as url, \
            served("--store", url, "--store-key", str(key), api_only=False) as server:
        wait_for(lambda: server.said)
        link = re.search(r"first log-in, once and within 24 hours: (http\S+)", server.said[0])
        assert link is not None
        with sat_down(browser, server.address, 410) as page:
            page.goto(link[1])
            page.fill("#name", "Ada")
            page.fill("#password", PASSWORD)
            page.fill("#again", PASSWORD)
            page.click("button.go")
            secret = page.inner_text("code.secret").replace(" ", "")
            page.fill("#code", pyotp.TOTP(secret).now())
            page.click("button.go")
            codes = page.locator(".codes code").all_inner_texts()
            page.click("text=I have kept them")
            page.click("text=Log out")
            page.goto(link[1])
            gone = page.inner_text("main")
            page.goto("/people")
            log_in(page, "ada", PASSWORD)
            page.fill("#code", pyotp.TOTP(secret).at(time.time() + 30))
            page.click("button.go")
            people = page.inner_text("main tbody tr").split()

    assert len(codes) >= 8
    assert "The link does not work: it was used" in gone
    assert people[:2] == ["ada", "you"]
    assert page.url.endswith("/people")


def test_of_two_who_work_on_one_claim_the_second_is_told_and_loses_nothing(browser: Any, north: Team) -> None:
    claim = held(north)
    with person(browser, north, "coder") as first, person(browser, north, "lead", 409) as second:
        for page in (first, second):
            page.goto(f"/claims/{claim}")
        first.fill("#r1-units", "3")
        first.fill("#note", "three units, page 4")
        first.click("[data-key=s]")
        first.wait_for_selector(".told")
        second.fill("#r1-charge", "33.25")
        second.fill("#note", "charge of the fee schedule")
        second.click("[data-key=s]")
        second.wait_for_selector("[role=alert]")
        told = second.inner_text("[role=alert]")
        kept = second.input_value("#r1-charge"), second.input_value("#note"), second.input_value("#r1-units")
        second.click("[data-key=s]")
        second.wait_for_selector(".told[role=status]")
        after = second.input_value("#r1-charge"), second.inner_text(".past")

    assert "coder" in told
    assert "x3" in told
    assert kept[:2] == ("33.25", "charge of the fee schedule")
    assert after[0] == "33.25"
    assert "charge of the fee schedule" in after[1]
    assert "three units, page 4" in after[1]


def test_a_viewer_sees_no_button_that_changes_anything_and_a_forged_form_is_refused(browser: Any, north: Team) -> None:
    claim = held(north)
    with person(browser, north, "viewer", 403) as page:
        seen: list[str] = []
        acts = 0
        for path in ("/batches", "/batches/1", "/numbers", "/work",
                     "/work/group?rule=NCCI-PTP-01&case=unmodified", f"/claims/{claim}"):
            page.goto(path)
            acts += page.locator("main details.act, main [data-key=s], main [name=claim]").count()
            seen += page.evaluate("[...document.querySelectorAll('main form[method=post]')].map((form) => form.action)")
        page.evaluate("""(claim) => {
          const form = document.createElement('form');
          form.method = 'post';
          form.action = `/claims/${claim}/assign`;
          const token = document.querySelector('[name=form]').cloneNode();
          const version = Object.assign(document.createElement('input'), { name: 'version', value: '1' });
          form.append(token, version);
          document.body.append(form);
          form.submit();
        }""", claim)
        page.wait_for_selector(".message")
        refused = page.inner_text(".message")

    assert [path for path in seen if not path.endswith(("/work/find", "/claim"))] == []
    assert acts == 0
    assert "This needs the role coder; yours is viewer." in refused


def test_a_session_that_ran_out_under_a_form_says_that_nothing_was_saved_and_leads_back(
        browser: Any, north: Team) -> None:
    claim = held(north, place=1)
    with person(browser, north, "coder", 401) as page:
        page.goto(f"/claims/{claim}")
        page.fill("#note", "typed for nothing")
        page.wait_for_load_state("networkidle")
        leave_alone(north)
        page.keyboard.press("Control+s")
        page.wait_for_selector("[role=alert]")          # the form, or the check of a field that comes before it
        said = page.inner_text("[role=alert]")
        if page.locator(".message a").count():
            page.click(".message a")
        log_in(page, "coder", PASSWORD)
        page.wait_for_selector("h1:has-text('Claim')")
        back = page.url

    with north.store.reading() as session:
        version = session.get_one(Claim, claim).version
    assert "not logged in any more; nothing was changed" in said
    assert back.endswith(f"/claims/{claim}")
    assert version == 1


def test_fields_that_are_checked_after_a_session_ran_out_lead_to_the_door(browser: Any, north: Team) -> None:
    claim = held(north, place=1)
    with person(browser, north, "coder", 401) as page:
        page.goto(f"/claims/{claim}")
        leave_alone(north)
        page.fill("#r1-units", "9")
        page.wait_for_selector("#password")
        back, said = page.input_value("[name=next]"), page.inner_text("[role=alert]")

    assert "not logged in any more; nothing was changed" in said
    assert back == f"/claims/{claim}"


def test_script_in_numbers_and_notes_is_text(browser: Any, north: Team) -> None:
    claim = held(north, 2)
    with north.store.reading() as session:
        cause = session.scalars(select(Cause).where(Cause.claim_id == claim, Cause.state == "open")).first()
    assert cause is not None
    with person(browser, north, "lead") as page:
        page.goto(f"/claims/{claim}")
        shown = page.inner_text("h1")
        title = page.title()
        piece = page.locator(f"#c{cause.id}")
        piece.locator("summary", has_text="The flag is wrong").click()
        piece.locator("[name=note]").last.fill(SCRIPT)
        piece.get_by_role("button", name="Say so").click()
        page.wait_for_selector(".told")
        note = page.inner_text(f"#c{cause.id}")
        titles = [page.title()]
        for path in ("/wrong", "/log", f"/log/claims/{claim}", "/work",
                     f"/work/group?rule={cause.rule}&case={cause.case}"):
            page.goto(path)
            page.wait_for_load_state("networkidle")
            titles.append(page.title())
        images = page.locator("main img").count()

    assert SCRIPT in shown
    assert title.startswith("Claim")
    assert SCRIPT in note
    assert not any("run" in each for each in titles)
    assert images == 0


def test_a_link_that_is_too_old_says_what_to_do(browser: Any, north: Team) -> None:
    with sat_down(browser, north.server.address, 410) as page:
        page.goto(f"/welcome/{'A' * 43}")
        said = page.inner_text("main")

    assert "Ask an administrator for a new one" in said


def test_names_of_clients_and_people_that_are_script_stay_text(browser: Any, north: Team) -> None:
    with person(browser, north, "administrator") as page:
        page.goto("/clients")
        page.fill("#name", SCRIPT)
        page.click("text=Add")
        page.wait_for_selector("h1")
        shown = []
        for path in ("/clients", "/batches", "/work", "/people", "/log", "/remittances"):
            page.goto(path)
            until(page, "document.readyState === 'complete'")
            shown.append((page.title(), page.locator("main img").count()))

    assert not any("run" in title or images for title, images in shown)
