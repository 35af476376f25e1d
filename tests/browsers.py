"""People before a workbench in a real Chromium, for tests; skipped by name where there is no Chromium or Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from serving import wait_for
from teams import Team

from scrubber.store.tables import Role

sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: the workbench in a browser: no playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MARKS = [pytest.mark.slow, pytest.mark.xdist_group("browser"), pytest.mark.skipif(
    CHROMIUM is None, reason="NOT RUN: the workbench in a browser: no chromium; apt-get install chromium")]
SCREEN = {"width": 1366, "height": 768}


@contextmanager
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def sat_down(browser: Any, address: str, *statuses: int) -> Iterator[Any]:
    """A page of a browser of its own, on a small screen, which must have said nothing on its console in the end.

    Args:
        statuses: That are expected once each: a browser says of every answer of 400 and more that it came.
    """
    context = browser.new_context(viewport=SCREEN, base_url=address)
    page = context.new_page()
    page.set_default_timeout(20_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    for status in statuses:
        told = next((each for each in said if f"status of {status} " in each), None)
        assert told is not None, f"no answer was {status}"
        said.remove(told)
    assert not said, said


@contextmanager
def person(browser: Any, team: Team, role: Role, *statuses: int) -> Iterator[Any]:
    """As `sat_down`, logged in as the user of a role."""
    with sat_down(browser, team.server.address, *statuses) as page:
        page.context.add_cookies([{"name": "scrubber", "value": team.cookie(role), "url": team.server.address}])
        yield page


def until(page: Any, condition: str) -> None:
    """Waits until a condition holds; Playwright's own way is to evaluate a text, which the page forbids."""
    wait_for(lambda: page.evaluate(condition))


def serious(page: Any) -> list[tuple[str, str, list[str]]]:
    """What a check of accessibility finds that is serious: where, what, at which nodes."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NOT RUN: accessibility: no axe")
    return [(page.url, each["id"], [node["html"][:120] for node in each["nodes"]][:3])
            for each in axe.Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
