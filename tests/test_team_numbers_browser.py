"""The page of figures in a real browser: the charts draw what the tables say, by day and by night."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from figures import fill
from serving import wait_for
from teams import Team, team
from test_remittance import PAID, file_of

sync_api = pytest.importorskip("playwright.sync_api", reason="NOT RUN: the workbench in a browser: no playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser"), pytest.mark.skipif(
    CHROMIUM is None, reason="NOT RUN: the workbench in a browser: no chromium; apt-get install chromium")]
PAGE = "/numbers?since=2025-01-01&until=2026-12-31&by=week"
# Of each chart: how much of its canvas is painted, what it draws, and what its table says.
DRAWN = """() => [...document.querySelectorAll('.chart')].map((figure) => {
  const canvas = figure.querySelector('canvas');
  const chart = Chart.getChart(canvas);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const rows = [...document.getElementById(figure.dataset.table).tBodies[0].rows];
  const chosen = figure.dataset.kind === 'line' ? rows.slice(-figure.dataset.most) : rows.slice(0, figure.dataset.most);
  return {
    painted: pixels.some((value) => value > 0), animated: chart.options.animation !== false,
    drawn: chart.data.datasets.map((set) => set.data),
    said: figure.dataset.series.split(' ').map((place) => chosen.map((row) => {
      const text = row.cells[place].dataset.n;
      return text === undefined ? null : Number(text);
    })),
  };
})"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team")) as one:
        fill(one.store, 3)
        yield one


@pytest.fixture
def page(served: Team) -> Iterator[Any]:
    """A page on a small screen, which must have said nothing on its console in the end."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=served.server.address)
        context.add_cookies([{"name": "scrubber", "value": served.cookie("lead"), "url": served.server.address}])
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        yield opened
        browser.close()
    # A browser says of every answer of 400 and more that it came.
    assert [each for each in said if "409" not in each] == []


def test_charts_draw_what_their_tables_say_and_fit_the_page(page: Any) -> None:
    page.goto(PAGE)
    page.wait_for_selector(".chart canvas")
    found = page.evaluate(DRAWN)

    assert len(found) >= 10
    assert all(each["painted"] for each in found)
    assert all(each["drawn"] == each["said"] for each in found)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not page.is_visible("#t-clean")
    page.click("#clean summary")
    assert page.is_visible("#t-clean")


def test_charts_stand_still_for_whoever_wants_that(page: Any) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(PAGE)
    page.wait_for_selector(".chart canvas")

    assert not any(each["animated"] for each in page.evaluate(DRAWN))


def test_charts_take_the_colours_of_the_night(page: Any) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(PAGE)
    page.wait_for_selector(".chart canvas")
    colour = "Chart.getChart(document.querySelector('.chart canvas')).data.datasets[0].borderColor"
    day = page.evaluate(colour)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")

    wait_for(lambda: page.evaluate(colour) != day)


def test_a_remittance_is_sent_from_its_page_and_one_that_is_none_is_told_there(page: Any, tmp_path: Path) -> None:
    answer, other = tmp_path / "era.835", tmp_path / "claims.837"
    answer.write_bytes(file_of(PAID))
    other.write_bytes(file_of(PAID, kind="837"))
    page.goto("/remittances")
    page.select_option("select[name=client]", label="North")
    page.set_input_files("input[type=file]", other)
    page.click("form.remit button")
    page.wait_for_selector(".said.wrong")
    told = page.inner_text(".said.wrong")
    page.set_input_files("input[type=file]", answer)
    page.click("form.remit button")
    page.wait_for_selector("tr[aria-current]")

    assert "is an 837, not an 835" in told
    assert page.inner_text("tr[aria-current]").split()[:2] == ["era.835", "North"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_check_of_accessibility_finds_nothing_serious(page: Any, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="NOT RUN: accessibility: no axe")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(PAGE)
    page.wait_for_selector(".chart canvas")
    found = []
    for place in (PAGE, PAGE, "/remittances"):
        if place != PAGE:
            page.goto(place)
        results = axe.Axe().run(page).response["violations"]
        found += [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in results
                  if each["impact"] in ("serious", "critical")]
        for table in page.query_selector_all("details.under summary"):
            table.click()

    assert found == []
