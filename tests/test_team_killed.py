"""A server of a team that is killed at its work, and started again: nothing that it confirmed is lost."""

import os
import re
import signal
import threading
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from loads import loaded, many
from serving import served, wait_for
from sqlalchemy import func, select
from stores import backends
from teams import Team, team
from test_team_work import act

from scrubber.store import log
from scrubber.store.tables import Act, Batch, Cause, Claim

pytestmark = pytest.mark.slow
NOTE = "contract of 2026, page {}"
COPIES = 60


def override_all(north: Team, ids: list[tuple[int, int]], confirmed: list[int]) -> None:
    """Overrides one cause after another until the server is gone."""
    with north.visit("lead") as browser:
        for cause, claim in ids:
            try:
                answer = act(browser, claim, "override", cause=cause, reason="contract", note=NOTE.format(cause))
            except (httpx.TransportError, AssertionError):
                return                                   # it was killed
            assert answer.status_code == 303, answer.text
            confirmed.append(cause)


@pytest.mark.parametrize("backend", backends())
def test_what_was_confirmed_before_the_server_was_killed_is_there_and_a_batch_is_loaded_once(
        backend: str, tmp_path: Path) -> None:
    with team(tmp_path, backend=backend) as north:
        loaded(north.store, client_id=north.client_id)
        with north.store.reading() as session:
            rows = session.execute(select(func.min(Cause.id), Cause.claim_id).where(Cause.state == "open")
                                   .group_by(Cause.claim_id).order_by(Cause.claim_id)).all()
        confirmed: list[int] = []
        saving = threading.Thread(target=override_all, args=(north, [(row[0], row[1]) for row in rows], confirmed))
        with north.visit("lead") as browser:
            token = re.search(r'data-token="([^"]+)"', browser.get("/batches").text)
            assert token is not None
            saving.start()
            wait_for(lambda: len(confirmed) >= 2)
            sent = browser.post("/batches", content=many(COPIES), params={"client": str(north.client_id)},
                                headers={"x-form": token[1], "x-name": quote("april.jsonl")})
            number = int(sent.headers["location"].rpartition("/")[2])
        wait_for(lambda: len(confirmed) >= 4)
        os.kill(north.server.process.pid, signal.SIGKILL)
        saving.join()
        with north.store.reading() as session:
            was = session.get_one(Batch, number).state

        def state() -> str:
            with north.store.reading() as session:
                return session.get_one(Batch, number).state

        url = north.store.url.render_as_string(hide_password=False)
        with served("--store", url, "--store-key", str(tmp_path / "store.key"), api_only=False):
            wait_for(lambda: state() != "loading")
        with north.store.reading() as session:
            states = dict(session.execute(select(Cause.id, Cause.state).where(Cause.id.in_(confirmed))).all())
            claims = session.scalar(select(func.count()).where(Claim.batch_id == number))
            ready = session.scalar(select(func.count()).where(Act.batch_id == number, Act.kind == "batch.ready"))
            one = session.get_one(Batch, number)
            counted = one.claims
            verified = log.verify(session)

    assert was == "loading"
    assert one.state == "ready"
    assert states == dict.fromkeys(confirmed, "overridden")
    assert claims == counted
    assert ready == 1
    assert verified == ""
