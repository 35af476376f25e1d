"""The workbench of a team without a mouse, and with a check of accessibility on each of its pages, by day and night."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from browsers import MARKS, chromium, person, sat_down, serious, until
from loads import loaded, many
from sqlalchemy import select, update
from teams import Team, team
from test_team_work import act

from scrubber.store.passwords import Passwords
from scrubber.store.tables import Cause, Claim, Question, User

pytestmark = MARKS
PASSWORD = "seven quiet herons at noon"
# Whether one sees where the keyboard is: an outline or a shadow around what has it, or around its row.
SEEN = """[document.activeElement, document.activeElement.closest('tr')].some((node) => {
  if (!node) return false;
  const style = getComputedStyle(node);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
})"""


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("keyboard")) as one:
        loaded(one.store, client_id=one.client_id)
        with one.store.writing() as session:
            session.execute(update(User).values(password=Passwords().hash(PASSWORD)))
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


def tab_to(page: Any, condition: str, most: int = 80) -> None:
    """Presses Tab until what has the keyboard is what it is to be, and is seen to have it."""
    for _ in range(most):
        if page.evaluate(f"document.activeElement.matches({condition!r})"):
            assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {condition}")


def test_a_cause_is_worked_from_the_door_to_the_next_claim_without_a_mouse(browser: Any, north: Team) -> None:
    with sat_down(browser, north.server.address) as page:
        page.goto("/login")
        until(page, "document.activeElement.id === 'name'")
        page.keyboard.type("lead")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#groups a.row")
        until(page, "document.activeElement.matches('a.row')")
        assert page.evaluate(SEEN)
        while "MOD-25-01" not in page.evaluate("document.activeElement.textContent"):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("#claims")
        until(page, "document.activeElement.matches('#claims a.row')")
        claims = page.locator("#claims a.row").count()
        page.keyboard.press("Enter")
        page.wait_for_selector(".piece")
        first = page.url
        page.keyboard.press("Alt+w")
        until(page, "document.activeElement.matches('.piece')")
        assert page.evaluate(SEEN)
        tab_to(page, ".piece summary")
        page.keyboard.press("Enter")
        tab_to(page, "[name=supported]")
        page.keyboard.press("Space")
        tab_to(page, "form[action*='/fix'] button")
        page.keyboard.press("Enter")
        page.wait_for_selector(".told")
        told = page.inner_text(".told")
        until(page, "document.activeElement.matches('.told')")
        page.keyboard.press("Alt+j")
        page.wait_for_url(lambda url: url != first and "done=" not in url)
        page.wait_for_selector(".piece")
        following = page.inner_text("h1")

    assert claims > 1
    assert "The fix is applied" in told
    assert following.startswith("Claim DEMO-")


def test_the_keyboard_stays_where_it_is_when_a_part_of_the_page_is_brought_anew(browser: Any, north: Team) -> None:
    with north.store.reading() as session:
        claim = session.scalars(select(Claim.id).where(Claim.state == "held", Claim.kind == "professional")
                                .order_by(Claim.id.desc())).first()
    with person(browser, north, "lead") as page:
        page.goto("/work")
        page.wait_for_load_state("networkidle")
        page.focus("select[name=severity]")
        with page.expect_response("**/work?*"):
            page.keyboard.press("ArrowDown")
        until(page, "[...document.querySelectorAll('#groups .pill')].every((each) => each.matches('.reject'))")
        narrowed = page.evaluate("document.activeElement.name"), page.evaluate(SEEN)
        page.goto(f"/claims/{claim}")
        page.wait_for_load_state("networkidle")
        page.focus("#r1-units")
        with page.expect_response("**/claim/check"):
            page.keyboard.type("2")
        page.wait_for_load_state("networkidle")
        typed = page.evaluate("document.activeElement.id"), page.evaluate(SEEN)
        page.keyboard.press("F1")
        page.wait_for_selector("#keys[open]")
        page.keyboard.press("Escape")
        after = page.evaluate("document.activeElement.id")

    assert narrowed == ("severity", True)
    assert typed == ("r1-units", True)
    assert after == "r1-units"


def test_the_keyboard_stays_in_a_list_that_is_brought_anew_while_a_batch_loads(browser: Any, north: Team) -> None:
    with person(browser, north, "coder") as page:
        with north.visit("coder") as client:
            token = re.search(r'data-token="([^"]+)"', client.get("/batches").text)
            assert token is not None
            client.post("/batches", content=many(30), params={"client": str(north.client_id)},
                        headers={"x-form": token[1], "x-name": "april.jsonl"})
        page.goto("/batches")
        assert page.locator("#list .state:has-text('loading')").count() == 1
        page.focus("a.row[href='/batches/1']")
        page.wait_for_selector("#list .state:has-text('loading')", state="detached", timeout=60_000)
        where = page.evaluate("document.activeElement.getAttribute('href')")

    assert where == "/batches/1"


def pages_of(north: Team) -> list[str]:
    """Something is asked, called wrong and released, so that each page has something to show."""
    with north.store.reading() as session:
        rows = session.execute(select(Cause.id, Cause.claim_id, Cause.rule, Cause.case).join(
            Claim, Claim.id == Cause.claim_id).where(Claim.state == "held", Claim.version == 1, Cause.state == "open",
                                                     Claim.kind == "professional").order_by(Cause.claim_id)).all()
    causes = {row.claim_id: row for row in rows}
    first, second = list(causes.values())[:2]
    with north.visit("lead") as client:
        act(client, first.claim_id, "ask", cause=first.id, text="Which sites does the record say were treated?")
        act(client, second.claim_id, "wrong", cause=second.id, note="the edit ended in January")
        token = re.search(r'/release" method="post"><input type="hidden" name="form" value="([^"]+)"',
                          client.get("/batches/1").text)
        assert token is not None
        assert client.post("/batches/1/release", data={"form": token[1]}).status_code == 303
    with north.store.reading() as session:
        question = session.scalars(select(Question.id)).first()
    return ["/work", f"/work/group?rule={second.rule}&case={second.case}", f"/claims/{first.claim_id}",
            f"/claims/{first.claim_id}?done=ask", f"/claims/{first.claim_id}/questions/{question}",
            f"/claims/{second.claim_id}", "/batches", "/batches/1", "/releases/1", "/numbers", "/log",
            f"/log/claims/{first.claim_id}", "/people", "/clients", "/clients/1", "/me", "/me/second", "/remittances",
            "/wrong"]


def test_a_check_of_accessibility_finds_nothing_serious_on_any_page(browser: Any, north: Team) -> None:
    found: list[object] = []

    def look(page: Any, path: str) -> None:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found.extend((scheme, *each) for each in serious(page))

    with sat_down(browser, north.server.address) as page:
        look(page, "/login")
    with person(browser, north, "administrator", 404) as page:
        for path in (*pages_of(north), "/claims/999999"):
            look(page, path)

    assert found == []
