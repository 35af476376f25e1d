"""The pages of batches: a file that is brought is loaded in the background, and what could not be read is told."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from loads import DEMO, demo_records, lines_of
from serving import wait_for
from sqlalchemy import func, select
from teams import Team, team

from scrubber.store.tables import Batch, Claim, File

MB = 1 << 20
SCRIPT = "<script>alert(1)</script>.837"


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("batches"), "--max-batch", "2") as one:
        yield one


def bring(north: Team, browser: httpx.Client, body: bytes, name: str = "march.837", **more: str) -> httpx.Response:
    """Sends a file as the page's script does."""
    token = re.search(r'data-token="([^"]+)"', browser.get("/batches").text)
    assert token is not None
    return browser.post("/batches", content=body, params={"client": str(north.client_id), **more},
                        headers={"x-form": token[1], "x-name": quote(name)})


def state(north: Team, batch: str) -> str:
    with north.store.reading() as session:
        return session.get_one(Batch, int(batch.rpartition("/")[2])).state


def test_a_file_that_is_brought_is_loaded_and_shown(north: Team) -> None:
    with north.visit("coder") as browser:
        answer = bring(north, browser, DEMO, SCRIPT)
        place = answer.headers["location"]
        wait_for(lambda: state(north, place) == "ready")
        page, listed = browser.get(place).text, browser.get("/batches").text
        again = bring(north, browser, DEMO)
        twice = bring(north, browser, DEMO, again="yes")
        wait_for(lambda: state(north, twice.headers["location"]) == "ready")

    assert answer.status_code == 303
    assert "of 42 claims" in page
    assert "DEMO-0040" in page
    assert "SV102 must be like 125.00" in page
    assert f"/work?batch={place.rpartition('/')[2]}" in page
    for text in (page, listed):
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text
    assert again.status_code == 409
    assert "the same file came" in again.text
    assert twice.status_code == 303


def test_a_file_that_is_too_large_is_refused_before_it_is_read(north: Team) -> None:
    with north.store.reading() as session:
        before = session.scalar(select(func.count()).select_from(File))
    with north.visit("coder") as browser:
        told = bring(north, browser, b"ISA*00*" + b"x" * (2 * MB))
        sent = browser.get("/batches")
        token = re.search(r'data-token="([^"]+)"', sent.text)
        assert token is not None
        unending = browser.post("/batches", params={"client": str(north.client_id)}, headers={"x-form": token[1]},
                                content=(DEMO for _ in range(400)))

    assert told.status_code == 413
    assert "larger than 2 MB" in told.text
    assert unending.status_code == 413
    with north.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(File)) == before


def test_what_is_no_file_of_claims_is_said_so(north: Team) -> None:
    with north.visit("coder") as browser:
        answer = bring(north, browser, b"%PDF-1.7 nothing to be seen")

    assert answer.status_code == 422
    assert "export what it shows" in answer.text


@pytest.mark.parametrize("client", ["99", "x", ""])
def test_a_file_is_of_a_client(north: Team, client: str) -> None:
    with north.visit("coder") as browser:
        assert bring(north, browser, DEMO, client=client).status_code in (404, 422)


def test_a_viewer_brings_nothing(north: Team) -> None:
    with north.visit("viewer") as browser, north.visit("coder") as other:
        page = browser.get("/batches").text
        token = re.search(r'data-token="([^"]+)"', other.get("/batches").text)
        assert token is not None
        told = browser.post("/batches", content=DEMO, params={"client": "1"}, headers={"x-form": token[1]})
        without = other.post("/batches", content=DEMO, params={"client": "1"})

    assert "Bring it" not in page
    assert told.status_code == 403
    assert without.status_code == 403


def test_a_batch_that_cannot_be_read_says_why(north: Team) -> None:
    with north.visit("coder") as browser:
        place = bring(north, browser, DEMO[:300], "short.837").headers["location"]
        wait_for(lambda: state(north, place) == "failed")
        page = browser.get(place).text

    assert "could not be read" in page


def test_clean_claims_of_a_batch_are_released_by_a_lead(north: Team) -> None:
    body = lines_of({**record, "id": f"R{place}"} for place, record in enumerate(demo_records()))
    with north.visit("lead") as lead, north.visit("coder") as coder:
        place = bring(north, lead, body, "march.ndjson").headers["location"]
        wait_for(lambda: state(north, place) == "ready")
        seen = coder.get(place).text
        token = re.search(rf'action="{place}/release".*?value="([^"]+)"', lead.get(place).text, re.DOTALL)
        assert token is not None
        answer = lead.post(f"{place}/release", data={"form": token[1]}, follow_redirects=True)
        after = lead.get(place).text
        with north.store.reading() as session:
            claim = session.scalars(select(Claim.id).where(Claim.state == "released")).first()
        shown = lead.get(f"/claims/{claim}").text

    assert "A lead releases them" in seen
    assert answer.status_code == 200
    assert "/releases/" in after
    assert "Override" not in shown
    assert "Save" not in shown


def test_a_batch_that_is_not_there_is_said_so(north: Team) -> None:
    with north.visit("viewer") as browser:
        assert browser.get("/batches/999").status_code == 404
        assert browser.get("/batches/x").status_code == 404
