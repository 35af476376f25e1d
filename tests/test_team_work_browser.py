"""The work in a real browser, by keyboard alone; skipped by name where there is no Chromium or Playwright."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from loads import DEMO, demo_records, lines_of, loaded
from serving import wait_for
from sqlalchemy import select
from teams import Team, team

from scrubber.store.tables import Cause, Claim

sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: the work in a browser: no playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser"), pytest.mark.skipif(
    CHROMIUM is None, reason="NOT RUN: the work in a browser: no chromium; apt-get install chromium")]

BILL = {"id": "BILL-1", "kind": "institutional", "payer": "medicare", "tob": "131", "diagnoses": ["M17.11"],
        "statement_from": "2026-03-02", "statement_thru": "2026-03-02", "patient": {"birth": "1950-01-02", "sex": "F"},
        "lines": [{"code": "45380", "revenue": "0750", "charge": 900, "date": "2026-03-02"}]}


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("work")) as one:
        loaded(one.store, client_id=one.client_id)
        loaded(one.store, lines_of({**record, "id": f"B{place}"} for place, record in enumerate(demo_records())),
               one.client_id)
        loaded(one.store, lines_of([BILL]), one.client_id)
        yield one


@pytest.fixture
def page(north: Team) -> Iterator[Any]:
    """A lead's page on a small screen, which must have said nothing on its console in the end."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = started.new_context(viewport={"width": 1366, "height": 768}, base_url=north.server.address)
        context.add_cookies([{"name": "scrubber", "value": north.cookie("lead"), "url": north.server.address}])
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        yield opened
        started.close()
    assert said == []


def state(north: Team, rule: str, batch: int = 1) -> str:
    with north.store.reading() as session:
        return session.scalars(select(Cause.state).where(Cause.rule == rule, Cause.batch_id == batch)).one()


def test_a_flag_is_worked_off_by_keys_alone(north: Team, page: Any) -> None:
    page.goto("/work?batch=1")
    wait_for(lambda: page.evaluate("document.activeElement.matches('a.row')"))
    while page.evaluate("document.activeElement.textContent") != "MOD-50-02":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/group?*")
    wait_for(lambda: page.evaluate("document.activeElement.matches('a.row')"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/claims/*")
    page.focus("#r1-units")
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    wait_for(lambda: page.evaluate("document.querySelectorAll('.say').length") == 0)
    page.keyboard.press("Control+S")
    page.wait_for_url("**done=save")

    assert "The correction is saved" in page.inner_text(".told")
    assert state(north, "MOD-50-02") == "cured"


def test_the_next_claim_of_a_group_is_a_key_away(page: Any) -> None:
    page.goto("/work/group?rule=MOD-57-01&case=missing_same_day")
    page.click("a.row")
    page.wait_for_url("**/claims/*")
    first = page.url
    page.keyboard.press("Alt+j")
    page.wait_for_url(lambda url: url != first)
    second = page.url
    page.keyboard.press("Alt+k")
    page.wait_for_url(first)

    assert "/claims/" in second


def test_a_fix_is_applied_from_what_is_to_be_done(north: Team, page: Any) -> None:
    with north.store.reading() as session:
        claim = session.scalars(select(Cause.claim_id).where(Cause.rule == "MOD-50-02", Cause.batch_id == 2)).one()
    page.goto(f"/claims/{claim}")
    page.keyboard.press("Alt+w")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=fix")

    assert state(north, "MOD-50-02", 2) == "cured"


def test_the_work_is_narrowed_as_it_is_chosen(page: Any) -> None:
    page.goto("/work")
    page.select_option("select[name=severity]", "review")
    wait_for(lambda: page.evaluate(
        "[...document.querySelectorAll('.groups .pill')].every((each) => each.textContent === 'review')"))

    assert page.evaluate("document.querySelectorAll('.groups .pill').length") > 0


def test_a_file_is_brought_and_shown_when_it_is_loaded(page: Any) -> None:
    page.goto("/batches")
    page.set_input_files("form.drop input[type=file]", files=[
        {"name": "april.837", "mimeType": "application/octet-stream", "buffer": DEMO.replace(b"DEMO-", b"MORE-")}])
    page.click("form.drop button")
    page.wait_for_url("**/batches/*")
    wait_for(lambda: "of 42 claims" in page.inner_text("main"))

    assert "april.837" in page.inner_text("h1")


def test_nothing_keeps_anybody_from_using_the_pages(north: Team, page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NOT RUN: accessibility: no axe")
    with north.store.reading() as session:
        bill = session.scalars(select(Claim.id).where(Claim.kind == "institutional")).one()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in ("/work", "/work/group?rule=MOD-57-01&case=missing_same_day", "/batches", "/batches/1", "/wrong",
                     "/claims/4", f"/claims/{bill}"):
            page.goto(path)
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            found = axe.Axe().run(page).response["violations"]
            assert [(path, scheme, each["id"], [node["html"][:120] for node in each["nodes"]])
                    for each in found if each["impact"] in ("serious", "critical")] == []
