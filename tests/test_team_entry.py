"""The door of a team's workbench: who is let in, and which forms are taken."""

from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from teams import Team, team


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team")) as one:
        yield one


def test_whoever_is_not_logged_in_is_sent_to_log_in(north: Team) -> None:
    answer = httpx.get(f"{north.server.address}/claim")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/claim"


def test_whoever_is_logged_in_has_the_page_for_one_claim(north: Team) -> None:
    with north.visit("viewer") as browser:
        answer = browser.get("/claim")

    assert answer.status_code == 200
    assert '<a href="/work">' in answer.text
    assert '<a href="/me">viewer</a>' in answer.text


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 5000, "é" * 30])
def test_a_cookie_that_is_none_of_ours_lets_nobody_in(north: Team, cookie: str) -> None:
    answer = httpx.get(f"{north.server.address}/claim", headers={"cookie": b"scrubber=" + cookie.encode()})

    assert answer.status_code == 303


@pytest.mark.parametrize(("sent", "back"), [
    ("/claims/7/save", "/claims/7"), ("/batches/3/release", "/batches/3"), ("/batches", "/batches"),
    ("/work/many", "/work"), ("/log/verify", "/log"), ("/logout", "/work")])
def test_a_form_that_is_sent_when_nobody_is_logged_in_leads_back_to_its_page(north: Team, sent: str, back: str) -> None:
    answer = httpx.post(f"{north.server.address}{sent}")

    assert answer.status_code == 401
    assert "nothing was changed" in answer.text
    assert f'href="/login?next={back}"' in answer.text


@pytest.mark.parametrize(("at", "back"), [
    ("/claims/7?rule=X", "/claims/7"), ("https://elsewhere.example/work", "/work"), ("//elsewhere.example", "/work"),
    ("/nowhere/at/all", "/work"), ("", "/work")])
def test_a_part_of_a_page_that_is_asked_for_when_nobody_is_logged_in_leads_back_to_the_page(
        north: Team, at: str, back: str) -> None:
    answer = httpx.post(f"{north.server.address}/claim/check", headers={"hx-request": "true", "hx-current-url": at})

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == f"/login?next={back}&ended=yes"
