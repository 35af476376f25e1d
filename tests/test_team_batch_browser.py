"""A lead works a batch of a thousand claims off in a real browser, from the file that came to the one that goes out."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from browsers import MARKS, chromium, person
from loads import DEMO
from serving import AS_OF, CODE, environment
from sqlalchemy import select
from teams import Team, team

from scrubber.store.seals import place
from scrubber.store.tables import Act, Cause, Claim

sys.path.append(str(Path(__file__).parent.parent / "bench"))
import generate

pytestmark = MARKS
NOTE = "approved by the payer's desk, call of 2026-03-20"
HOLDING = "#groups tbody tr:has(.pill.reject, .pill.deny) a.row"


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("batch")) as one:
        yield one


def bring(page: Any, file: Path) -> None:
    """Sends a file, and waits at the page of its batch until it is there."""
    page.goto("/batches")
    page.set_input_files("input[type=file]", file)
    page.click("form.drop button")
    page.wait_for_selector("text=Work off", timeout=120_000)


def piece(page: Any, rule: str) -> Any:
    """The first piece of work of a rule on the page of a claim."""
    return page.locator(f".piece:has(h3:has-text('{rule}')):not(.is-cured)").first


def open_first(page: Any, group: str) -> None:
    """The first claim of a group, by its row and the row of the claim."""
    page.goto("/work")
    page.click(f"#groups a.row[href*='{group}']")
    page.click("#claims a.row")
    page.wait_for_selector(".piece")


def said(page: Any) -> str:
    page.wait_for_selector(".told[role=status]")
    return str(page.inner_text(".told[role=status]"))


def fix(page: Any, group: str, rule: str) -> str:
    open_first(page, group)
    one = piece(page, rule)
    one.locator("summary", has_text="Fix").click()
    one.get_by_role("button", name="Apply and save").click()
    assert not page.locator(".told").count()                 # nobody has said that the record supports it
    one.locator("[name=supported]").check()
    one.get_by_role("button", name="Apply and save").click()
    return said(page)


def ask(page: Any, group: str, rule: str) -> str:
    open_first(page, group)
    one = piece(page, rule)
    one.locator("summary", has_text="Ask the clinician").click()
    one.get_by_role("button", name="Ask", exact=True).click()
    asked = said(page)
    one = piece(page, rule)
    one.locator("[name=answer]").fill("Two sites, see the operative note.")
    one.get_by_role("button", name="Keep the answer").click()
    page.wait_for_selector("text=The answer is kept")
    return asked


def override(page: Any, rule: str) -> str:
    """Of the claim that is open."""
    one = piece(page, rule)
    one.locator("summary", has_text="Override").click()
    one.locator("[name=reason]").select_option("contract")
    one.locator("form[action*=override] [name=note]").fill(NOTE)
    one.get_by_role("button", name="Override").click()
    page.wait_for_selector("text=The flag is overridden.")
    return str(piece(page, rule).inner_text())


def call_wrong(page: Any, group: str, rule: str) -> str:
    open_first(page, group)
    one = piece(page, rule)
    one.locator("summary", has_text="The flag is wrong").click()
    one.locator("form[action*='/wrong'] [name=note]").fill("the code was valid until the end of June")
    one.get_by_role("button", name="Say so").click()
    return said(page)


def let_pass(page: Any) -> int:
    """Overrides all that still holds a claim, group by group; how many groups there were."""
    groups = 0
    page.goto("/work")
    while page.locator(HOLDING).count():
        assert groups < 60, "the work does not come to its end"
        page.locator(HOLDING).first.click()
        page.wait_for_selector("#claims")
        page.check("[data-all]")
        page.click("details.act summary:has-text('Override')")
        page.select_option("#m-reason", "contract")
        page.fill("#m-note", NOTE)
        page.click("#m-expires ~ button")
        page.wait_for_selector(".told")
        told = page.locator(".told").all_inner_texts()
        assert len(told) == 1, told
        assert told[0].startswith("Done for"), told
        groups += 1
        page.goto("/work")
    return groups


def flagged(file: Path) -> set[tuple[str, str]]:
    """Claims of a file and the causes that hold them, by the command line."""
    done = subprocess.run([sys.executable, "-c", CODE, "scrub", str(file), "--as-of", AS_OF, "--format", "jsonl"],
                          capture_output=True, text=True, check=False, env=environment())
    assert done.returncode in (0, 1), done.stderr
    found = [each for each in map(json.loads, done.stdout.splitlines()) if each["type"] == "flag"]
    return {(each["claim"], (each["root"] or each["rule"]).split()[0]) for each in found
            if each["status"] == "flagged" and each["severity"] in ("reject", "deny")}


def passed(north: Team) -> set[tuple[str, str]]:
    """Claims and what was let pass of them."""
    with north.store.reading() as session:
        rows = session.execute(select(Claim, Cause.rule).join(Cause, Cause.claim_id == Claim.id).where(
            Cause.state.in_(("overridden", "wrong", "sent")))).all()
        key = north.store.key_of(session, north.client_id)
        return {(key.open_text(claim.sealed_number, place(claim, "sealed_number")), rule) for claim, rule in rows}


def test_a_thousand_claims_are_worked_off_to_the_file_that_goes_out(north: Team, tmp_path: Path) -> None:
    came, out = tmp_path / "march.837", tmp_path / "out.837"
    came.write_bytes(generate.text(1000, first=dt.date(2026, 1, 5), days=60))
    with chromium() as browser, person(browser, north, "lead") as page:
        bring(page, came)
        page.click("text=Work off")
        page.wait_for_selector("#groups tbody tr")
        first = page.inner_text(".sums")
        fixed = fix(page, "MOD-25-01", "MOD-25-01")
        asked = ask(page, "MOD-25-01", "MOD-25-01")
        overridden = override(page, "MOD-25-01")
        wrong = call_wrong(page, "DX-VAL-01", "DX-VAL-01")
        groups = let_pass(page)
        page.goto("/batches/1")
        page.click("form[action$='/release'] button")
        page.wait_for_selector("h1:has-text('Release 1')", timeout=120_000)
        released = page.inner_text("main")
        with page.expect_download() as waiting:
            page.click("text=download it")
        waiting.value.save_as(out)
        page.goto("/numbers")
        rescued = page.inner_text(".tile:has-text('Rescued') .big")
        page.goto("/log")
        page.click("text=Verify now")
        verified = page.inner_text(".whole")

    with north.store.reading() as session:
        kinds = set(session.scalars(select(Act.kind)))
    assert "of 1,000 claims" in first
    assert "The fix is applied" in fixed
    assert "the flag waits for the answer" in asked
    assert NOTE in overridden
    assert "the flag is wrong" in wrong
    assert groups > 10
    assert "1,000 claims went out, 1 of them with corrections" in released
    assert rescued.startswith("$")
    assert rescued != "$0.00"
    assert verified.startswith("Verified to entry")
    assert flagged(out) <= passed(north)
    assert len(flagged(came)) > len(flagged(out))
    assert {"cause.overridden", "question.asked", "question.answered", "cause.wrong", "claim.corrected",
            "batch.released", "release.fetched"} <= kinds


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(north: Team, tmp_path: Path) -> None:
    large = tmp_path / "large.837"
    with large.open("wb") as file:
        file.truncate(300 << 20)
    with chromium() as browser, person(browser, north, "coder") as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.goto("/batches")
        page.set_input_files("input[type=file]", large)
        page.click("form.drop button")
        page.wait_for_selector(".said.wrong")
        said = page.inner_text(".said.wrong")
        ready = page.is_enabled("form.drop button")

    assert "larger than 256 MB" in said
    assert ready
    assert "POST" not in sent


def test_a_file_that_is_broken_tells_where_and_one_that_is_none_is_refused(north: Team, tmp_path: Path) -> None:
    broken, other, letter = tmp_path / "<b>broken.837", tmp_path / "other.837", tmp_path / "letter.txt"
    broken.write_bytes(DEMO.replace(b"CLM*DEMO-0003*", b"CLM*DEMO-0003*x", 1))
    other.write_bytes(b"%PDF-1.7 and so on")
    letter.write_bytes(b"Dear colleagues, the claims are in the next mail.")
    with chromium() as browser, person(browser, north, "coder", 422) as page:
        page.goto("/batches")
        page.set_input_files("input[type=file]", other)
        page.click("form.drop button")
        page.wait_for_selector(".said.wrong")
        refused = page.inner_text(".said.wrong")
        page.set_input_files("input[type=file]", broken)
        page.click("form.drop button")
        page.wait_for_selector("text=Work off", timeout=60_000)
        title, aside = page.inner_text("h1"), page.inner_text("[aria-labelledby=aside-title]")
        page.goto("/batches")
        page.set_input_files("input[type=file]", letter)
        page.click("form.drop button")
        page.wait_for_selector(".told.wrong", timeout=60_000)
        failed = page.inner_text(".told.wrong")

    assert "is a PDF" in refused
    assert "<b>broken.837" in title
    assert "DEMO-0003" in aside
    assert "CLM02" in aside
    assert "could not be read" in failed
    assert "column" in failed
