"""Coming in in a real browser, by keyboard alone; skipped by name where there is no Chromium or Playwright."""

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import served, wait_for

for module in ("fastapi", "uvicorn", "sqlalchemy"):
    pytest.importorskip(module)
sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: coming in, in a browser: no playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NOT RUN: coming in, in a browser: no axe")
pyotp = pytest.importorskip("pyotp")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser"), pytest.mark.skipif(
    CHROMIUM is None, reason="NOT RUN: coming in, in a browser: no chromium; apt-get install chromium")]
PASSWORD = "tulip lamp harbor"


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A page on a small screen, at the first link of a new store; its console must have been quiet in the end."""
    places = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "SCRUBBER_ARGON2": "m=8,t=1,p=1"}
    with served("--store", f"sqlite:///{tmp_path / 'new.db'}", api_only=False, **places) as server, \
            sync_api.sync_playwright() as playwright:
        wait_for(lambda: server.said)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=request.param,
                                      base_url=server.address)
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(server.said[0].split()[-1])
        yield opened
        browser.close()
        # A page that says what was wrong with a form has a status that says so too.
        assert [each for each in said if "status of 4" not in each] == []


def look(page: Any) -> None:
    """Everything is there for those who do not see it, and nothing has to be scrolled sideways."""
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def typed(page: Any, *words: str) -> None:
    """Types, goes from field to field with Tab, and sends the form with Enter."""
    for place, word in enumerate(words):
        if place:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def test_one_comes_in_invites_and_logs_out_without_a_mouse(page: Any) -> None:
    look(page)
    page.focus("#name")
    page.keyboard.press("Control+A")
    typed(page, "ada", PASSWORD, "not the same words")
    page.wait_for_selector("#problem")
    look(page)
    page.focus("#name")
    page.keyboard.press("Control+A")
    typed(page, "ada", PASSWORD, PASSWORD)
    page.wait_for_url("**/me/second")
    look(page)
    secret = page.inner_text(".secret").replace(" ", "")
    typed(page, pyotp.TOTP(secret).now())
    page.wait_for_selector(".codes")
    look(page)
    code = page.inner_text(".codes li:first-child")
    page.focus("a.go")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    look(page)
    page.goto("/people")
    look(page)
    page.focus("#name")
    typed(page, "bert@example.org")
    page.wait_for_selector("#made")
    look(page)
    page.focus("text=Log out")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
    look(page)
    typed(page, "ada", "not the same words")
    page.wait_for_selector("#problem")
    look(page)
    typed(page, "ada", PASSWORD)
    page.wait_for_url("**/login/second**")
    look(page)
    typed(page, code)
    page.wait_for_url(re.compile(r":\d+/work$"), wait_until="commit")
    assert "/login" not in page.url
    page.goto("/me")
    assert "9 recovery codes" in page.inner_text("main")
    assert f"{dt.datetime.now(dt.UTC):%Y-%m-%d}" in page.inner_text(".list")
