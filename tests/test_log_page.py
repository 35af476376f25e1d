"""The log as pages: who did what, whether the chain holds, and taking it out."""

import ast
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from sqlalchemy import text
from stores import backends
from teams import Team, team

from scrubber.store import log
from scrubber.store.tables import ROLES, Act, Role
from scrubber.team.kinds import KINDS
from scrubber.team.log_pages import told

ROOT = Path(__file__).parent.parent
ENTRIES = 230


@pytest.fixture(scope="module", params=backends())
def north(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team"), backend=request.param) as one:
        start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
        with one.store.writing() as session:
            for number in range(ENTRIES):
                who = log.Who(1, "anna") if number % 2 else log.Who(2, "<b>ben</b>")
                log.note(session, start + dt.timedelta(hours=number), who, "claim.seen" if number % 3 else "no.such",
                         client_id=one.client_id, batch_id=4, claim_id=number % 5, flags=number, note="")
        yield one


def test_entries_are_shown_newest_first_and_page_by_page(north: Team) -> None:
    with north.visit("lead") as browser:
        first = browser.get("/log").text
        second = browser.get("/log?before=131").text
        last = browser.get("/log?before=31").text

    assert _numbers(first)[0] >= ENTRIES
    assert _numbers(first) == sorted(_numbers(first), reverse=True)
    assert len(_numbers(first)) == 100
    assert f"before={_numbers(first)[-1]}" in first
    assert _numbers(second) == list(range(130, 30, -1))
    assert _numbers(last) == list(range(30, 0, -1))
    assert "Older" not in last


def test_lists_are_told_in_words() -> None:
    act = Act(detail='{"cured": ["MOD-50-02", "NCCI-MUE-01"], "places": ["line 1"], "left": []}')

    assert told(act) == "cured MOD-50-02 and NCCI-MUE-01, places line 1"


def test_kinds_are_told_in_words_and_unknown_ones_as_they_are(north: Team) -> None:
    with north.visit("lead") as browser:
        shown = browser.get("/log?before=100").text

    assert "claim looked at" in shown
    assert ">no.such<" in shown
    assert "flags 50" in shown
    assert "&lt;b&gt;ben&lt;/b&gt;" in shown
    assert "<b>ben</b>" not in shown
    assert ">North<" in shown


@pytest.mark.parametrize(("query", "expected"), [
    ("user=anna&before=20", range(18, 0, -2)), ("kind=no.such&before=20", range(19, 0, -3)),
    ("claim=3&before=20", range(19, 0, -5)), ("client=1&before=4", range(3, 0, -1)), ("client=77", []),
    ("since=2026-03-02&until=2026-03-02&before=300", range(36, 12, -1)), ("since=2030-01-01", []),
    ("user=anna&kind=no.such&claim=3&before=40", [34, 4]),
])
def test_filters_are_taken_together(north: Team, query: str, expected: range) -> None:
    with north.visit("lead") as browser:
        assert _numbers(browser.get(f"/log?{query}").text) == list(expected)


@pytest.mark.parametrize("query", ["client=x", "claim=-1", "since=yesterday", "before=x", "until=0001-01-01",
                                   "until=9999-12-31", "since=2026-03-02&until=2026-03-01", f"user={'x' * 200}"])
def test_a_filter_that_is_none_is_refused(north: Team, query: str) -> None:
    with north.visit("lead") as browser:
        assert browser.get(f"/log?{query}").status_code in (413, 422)


def test_the_log_of_one_claim_says_who_saw_it(north: Team) -> None:
    with north.visit("lead") as browser:
        answer = browser.get("/log/claims/3").text
        none = browser.get("/log/claims/999")

    assert "Claim 3: who saw it and did what" in answer
    assert len(_numbers(answer)) == ENTRIES // 5
    assert "anna" in answer
    assert none.status_code == 404


@pytest.mark.parametrize("role", ROLES[:2])
@pytest.mark.parametrize("path", ["/log", "/log/export", "/log/claims/3"])
def test_the_log_is_for_leads(north: Team, role: Role, path: str) -> None:
    with north.visit(role) as browser:
        assert browser.get(path).status_code == 403


def test_the_log_is_taken_out_as_json_lines_and_that_is_an_entry(north: Team) -> None:
    with north.visit("lead") as browser:
        whole = browser.get("/log/export")
        some = browser.get("/log/export?user=anna&until=2026-03-01")

    entries = [json.loads(line) for line in whole.text.splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert all(after["prev"] == before["hash"] for before, after in itertools.pairwise(entries))
    assert entries[-1]["kind"] == "log.exported"
    assert whole.headers["content-disposition"].startswith('attachment; filename="log-')
    assert [json.loads(line)["seq"] for line in some.text.splitlines()] == [2, 4, 6, 8, 10, 12]


def test_the_chain_is_verified_and_a_change_is_told(north: Team) -> None:
    with north.visit("lead") as browser:
        form = {"form": _token(browser.get("/log").text)}
        whole = browser.post("/log/verify", data=form, follow_redirects=True).text
        with north.store.reading() as session:
            number, hash = log.last(session)
        assert "Verified to entry" in whole
        assert hash in browser.get("/log").text
        assert f"Last entry <b>{number}</b>" in whole

        with north.store.writing() as session:
            for name in ("acts_stay", "acts_stand") if north.store.is_sqlite else ():
                session.execute(text(f"DROP TRIGGER {name}"))
            if not north.store.is_sqlite:
                session.execute(text("ALTER TABLE acts DISABLE TRIGGER USER"))
            session.execute(text("UPDATE acts SET claim_id = 99 WHERE seq = 7"))
        broken = browser.post("/log/verify", data=form, follow_redirects=True).text

    assert "The log is broken: entry 7 was changed." in broken


def test_each_kind_of_entry_that_is_written_has_words() -> None:
    written = set()
    for path in (*(ROOT / "scrubber" / "store").glob("*.py"), *(ROOT / "scrubber" / "team").glob("*.py"),
                 *(ROOT / "scrubber" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("log.note", "note", "self.note", "doing.note"):
                written |= {each.value for each in node.args if isinstance(each, ast.Constant)
                            and isinstance(each.value, str) and "." in each.value and " " not in each.value}

    assert "claim.corrected" in written
    assert written <= KINDS.keys()


def _numbers(shown: str) -> list[int]:
    rows = shown.partition('<table class="log">')[2].split("<tr><td class=\"right\">")[1:]
    return [int(row.partition("<")[0]) for row in rows]


def _token(shown: str) -> str:
    return shown.partition('action="/log/verify"')[2].partition('value="')[2].partition('"')[0]
