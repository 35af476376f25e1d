"""The page of figures over HTTP: what it counts is what is there, and each figure is to be had as CSV."""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest
from lxml import html

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from figures import Made, fill
from stores import backends
from teams import Team, team

from scrubber.team.figures import MAKERS
from scrubber.team.tables import Chart, Column, Table, as_csv

ALL = "since=2025-01-01&until=2026-12-31&by=month"
NAMES = [name for _, names in MAKERS for name in names]
AUTHS = "number,payer,units,used,to\nAUTH-7700001234,medicare,10,9,\nAUTH-7700005678,medicare,10,1,2099-12-31\n"


@pytest.fixture(scope="module", params=backends())
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Team, Made]]:
    folder = tmp_path_factory.mktemp("team")
    auths = folder / "auths.csv"
    auths.write_text(AUTHS)
    with team(folder, "--auths", str(auths), backend=request.param) as one:
        yield one, fill(one.store, 3)


@pytest.fixture
def browser(full: tuple[Team, Made]) -> Iterator[httpx.Client]:
    with full[0].visit("lead") as one:
        yield one


def rows(browser: httpx.Client, name: str, query: str = ALL) -> list[dict[str, str]]:
    answer = browser.get(f"/numbers/{name}.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_page_tells_the_figures_of_what_is_there(full: tuple[Team, Made], browser: httpx.Client) -> None:
    _, made = full
    ready = {each["id"] for each in made.batches if each["state"] == "ready"}
    claims = [each for each in made.claims if each["batch_id"] in ready]
    clean = sum(each["clean_at_first"] for each in claims)

    answer = browser.get(f"/numbers?{ALL}")
    page = html.fromstring(answer.text)

    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    tiles = [tile.text_content() for tile in page.find_class("tile")]
    assert f"{clean / len(claims):.1%}{clean} clean of {len(claims)} accepted" in tiles[0].replace("\n", "")
    assert not page.xpath("//*[@style]|//style|//script[not(@src)]")
    assert all(canvas.get("role") == "img" and canvas.get("aria-label") for canvas in page.iter("canvas"))


def test_every_chart_is_drawn_from_a_table_of_the_page(browser: httpx.Client) -> None:
    page = html.fromstring(browser.get(f"/numbers?{ALL}").text)

    charts = page.find_class("chart")
    assert len(charts) >= 10
    for chart in charts:
        table = page.get_element_by_id(chart.get("data-table"))
        heads = table.xpath("./thead/tr/th")
        for place in map(int, chart.get("data-series").split()):
            assert heads[place].get("data-kind") != "text"
            assert any(row.xpath("./*")[place].get("data-n") for row in table.xpath("./tbody/tr"))
        assert len(chart.get("data-series").split()) == len(chart.get("data-tones").split())


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_to_be_had_as_csv(browser: httpx.Client, name: str) -> None:
    page = html.fromstring(browser.get(f"/numbers?{ALL}").text)
    link = page.xpath(f"//section[@id='{name}']//a[@class='csv']/@href")[0]

    answer = browser.get(link)

    assert answer.status_code == 200
    shown = page.xpath(f"//table[@id='t-{name}']/tbody/tr")
    assert len(answer.text.splitlines()) - 1 >= len(shown)


def test_the_csv_has_what_the_page_has_and_keeps_to_client_and_period(full: tuple[Team, Made],
                                                                     browser: httpx.Client) -> None:
    _, made = full
    whole, one = rows(browser, "clean"), rows(browser, "clean", f"{ALL}&client={next(iter(made.clients))}")
    nothing = rows(browser, "clean", "since=2001-01-01&until=2001-12-31")

    ready = [each for each in made.batches if each["state"] == "ready"]
    first = {each["id"] for each in ready if each["client_id"] == next(iter(made.clients))}
    assert sum(int(row["Accepted"]) for row in one) == sum(each["batch_id"] in first for each in made.claims)
    assert 0 < len(one) <= len(whole)
    assert nothing == []
    assert all(Decimal(row["Rate"]) <= 1 for row in whole if row["Rate"])


def test_a_name_that_a_spreadsheet_would_compute_is_text_in_the_csv(browser: httpx.Client) -> None:
    names = {row["Client"] for row in rows(browser, "clean-clients")}

    assert names <= {"East", "south", "'=West"}
    assert "'=West" in names


def test_of_an_authorization_only_the_end_of_its_number_is_shown(browser: httpx.Client) -> None:
    text = browser.get(f"/numbers?{ALL}").text
    found = rows(browser, "authorizations")

    assert [row["Ends in"] for row in found] == ["…1234"]
    assert "77000" not in text
    assert found[0]["Left"] == "0.1000"


def test_office_visits_of_the_provider_that_was_asked_for_are_drawn(full: tuple[Team, Made],
                                                                   browser: httpx.Client) -> None:
    _, made = full
    ready = {each["id"] for each in made.batches if each["state"] == "ready"}
    npi = "1999000004"

    found = rows(browser, "levels-established", f"{ALL}&provider={npi}")

    assert {row["Level"]: int(row["Visits"]) for row in found} == {
        code: sum(each["lines"] for each in made.services
                  if each["batch_id"] in ready and (each["provider"], each["code"]) == (npi, code))
        for code in ("99211", "99212", "99213", "99214", "99215")}
    assert npi in browser.get(f"/numbers?{ALL}&provider={npi}").text


def test_who_worked_what_is_for_leads(full: tuple[Team, Made]) -> None:
    with full[0].visit("coder") as coder:
        page, table = coder.get(f"/numbers?{ALL}"), coder.get(f"/numbers/coders.csv?{ALL}")

    assert page.status_code == 200
    assert 'id="coders"' not in page.text
    assert table.status_code == 403


@pytest.mark.parametrize(("path", "status", "said"), [
    ("/numbers?since=soon", 422, "since is no day"), ("/numbers?until=2026-02-30", 422, "until is no day"),
    ("/numbers?since=2026-02-01&until=2026-01-01", 422, "ends before it begins"),
    ("/numbers?client=x", 422, "client is no number"), ("/numbers?client=99999", 404, "no such client"),
    ("/numbers/secrets.csv", 404, "no such figure"), ("/numbers?since=0001-01-01&until=9999-12-31", 200, "Numbers"),
    ("/numbers?until=0001-01-01", 200, "Numbers"), ("/numbers?provider=%3Cscript%3E", 200, "&lt;script&gt;"),
    ("/numbers?since=&until=&client=&by=year", 200, "Of all batches"),
])
def test_an_address_that_asks_for_something_else_is_told(browser: httpx.Client, path: str, status: int,
                                                         said: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == status
    assert re.search(said, answer.text)


def test_whoever_is_not_logged_in_sees_no_figure(full: tuple[Team, Made]) -> None:
    for path in ("/numbers", "/numbers/clean.csv"):
        assert httpx.get(f"{full[0].server.address}{path}").status_code == 303


def test_a_chart_is_told_in_words_for_whoever_does_not_see_it() -> None:
    columns = (Column("Week", "text"), Column("Rate", "rate"))
    line = Table("x", "Rates by week", "", columns, [("a", 0.5), ("b", None), ("c", 0.25)], Chart("line", (1,), ("x",)))
    empty = Table("x", "Rates by week", "", columns, [], Chart("line", (1,), ("x",)))

    assert line.spoken == "Line: Rates by week, 3 entries. a: Rate 50.0%; c: Rate 25.0%. The table has all numbers."
    assert empty.spoken == "Rates by week"
    assert as_csv(line) == "Week,Rate\na,0.5000\nb,\nc,0.2500\n"


def test_queues_are_called_as_the_work_calls_them(browser: httpx.Client) -> None:
    assert {row["Queue"] for row in rows(browser, "ageing")} == {"coding", "front desk", "(none named)"}
