"""The pages of the work: who may do what, forms that are new, and text that stays text."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from loads import demo_records, lines_of, loaded
from sqlalchemy import select
from teams import Team, team

from scrubber.store.tables import Act, Cause, Claim, Override, Revision, Role, User, Wrong

SCRIPT = "<script>alert(1)</script>"
NOTE = "record of 2026-03-01, page 2"


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("work")) as one:
        loaded(one.store, client_id=one.client_id)
        records = [{**record, "id": f"{SCRIPT}{place}"} for place, record in enumerate(demo_records())]
        loaded(one.store, lines_of(records), one.client_id)
        yield one


def cause_of(north: Team, **where: object) -> Cause:
    """An open blocking cause of a claim of the first batch that nothing was done with, and that alone holds it."""
    with north.store.reading() as session:
        for claim in session.scalars(select(Claim).where(Claim.batch_id == 1, Claim.version == 1,
                                                         Claim.state == "held").order_by(Claim.id)):
            rows = session.scalars(select(Cause).where(Cause.claim_id == claim.id)).all()
            holding = [row for row in rows if row.severity in ("reject", "deny")]
            if len(holding) == 1 and all(getattr(holding[0], name) == value for name, value in where.items()):
                session.expunge(holding[0])
                return holding[0]
    raise AssertionError("there is no such cause")


def claim_of(north: Team, id: int) -> Claim:
    with north.store.reading() as session:
        found = session.get_one(Claim, id)
        session.expunge(found)
        return found


def state_of(north: Team, cause: int) -> str:
    with north.store.reading() as session:
        return session.get_one(Cause, cause).state


def fields(page: str, action: str) -> dict[str, str]:
    """What a form of a page sends without being touched; of the fields of a claim those that stand once."""
    form = next(part for part in re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL) if action in part[:300])
    return dict(re.findall(r'name="([a-z_]+)"[^>]*value="([^"]*)"', form))


def editor(page: str) -> list[tuple[str, str]]:
    """What the fields of a claim send without being touched, in their order."""
    form = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    form = form[form.index('<form id="claim"'):form.index("</noscript>")]
    found = [(re.search(r'name="([a-z_]+)"', tag), re.search(r' value="([^"]*)"', tag), tag)
             for tag in re.findall(r"<input[^>]*>", form)]
    pairs = [(name[1], value[1] if value else "") for name, value, tag in found if name and " disabled" not in tag]
    return [(name, value.replace("&#34;", '"').replace("&amp;", "&")) for name, value in pairs]


def ticket(page: str) -> dict[str, str]:
    """Token and version of a claim's page."""
    token = re.search(r'name="form"[^>]*value="([^"]+)"', page.partition("<main")[2])
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert token is not None
    assert version is not None
    return {"form": token[1], "version": version[1]}


def act(browser: httpx.Client, claim: int, name: str, **sent: object) -> httpx.Response:
    """An act on a claim as its page stands."""
    page = browser.get(f"/claims/{claim}").text
    return browser.post(f"/claims/{claim}/{name}", data={**ticket(page), **sent})


def test_whoever_corrects_is_told_where_what_has_no_field_is_corrected(north: Team) -> None:
    page = f"/claims/{cause_of(north, rule='ADM-AMT-01').claim_id}"
    with north.visit("coder") as coder, north.visit("viewer") as viewer:
        assert "is corrected where the claim comes from" in coder.get(page).text
        assert "is corrected where the claim comes from" not in viewer.get(page).text


def test_whoever_is_not_logged_in_sees_no_work(north: Team) -> None:
    for path in ("/work", "/work/group?rule=NCCI-PTP-01", "/claims/1", "/wrong"):
        assert httpx.get(f"{north.server.address}{path}").headers["location"].startswith("/login")


def test_the_work_leads_to_a_group_and_from_there_to_a_claim(north: Team) -> None:
    with north.visit("coder") as browser:
        groups = browser.get("/work").text
        group = re.search(r'href="(/work/group\?rule=MOD-25-01[^"]*)"', groups)
        assert group is not None
        claims = browser.get(group[1].replace("&amp;", "&")).text
        claim = re.search(r'class="row" href="(/claims/\d+\?[^"]*)"', claims)
        assert claim is not None
        page = browser.get(claim[1].replace("&amp;", "&"))

    assert page.status_code == 200
    assert 'rel="next"' in page.text
    assert "DEMO-" not in claim[1]


def test_a_script_in_a_claims_number_or_in_a_note_stays_text(north: Team) -> None:
    with north.store.reading() as session:
        row = session.scalars(select(Cause).join(Claim, Claim.id == Cause.claim_id).where(
            Claim.batch_id == 2, Cause.state == "open")).first()
        assert row is not None
        rule, case, claim, cause = row.rule, row.case, row.claim_id, row.id
    with north.visit("lead") as browser:
        told = act(browser, claim, "override", cause=cause, reason="other", note=SCRIPT * 2)
        pages = [browser.get(f"/work/group?rule={rule}&case={case}"), browser.get(f"/claims/{claim}")]
        pages.append(act(browser, claim, "override", cause=cause, reason=SCRIPT, note=SCRIPT, expires=SCRIPT))

    assert told.status_code == 303
    assert "&lt;script&gt;" in pages[0].text
    assert "&lt;script&gt;" in pages[1].text
    for page in pages:
        assert SCRIPT not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("query", ["payer=' OR '1'='1", "provider=%", "rule=x'; DROP TABLE claims; --",
                                   "client=1 OR 1=1", "batch=999999999999999999999", "older=-5", "state=nonsense",
                                   "assigned=everybody", f"queue={SCRIPT}", "severity=" + "x" * 5000])
def test_a_filter_that_is_none_breaks_nothing(north: Team, query: str) -> None:
    name, _, value = query.partition("=")
    with north.visit("viewer") as browser:
        answer = browser.get("/work?" + urlencode({name: value}))

        assert answer.status_code == 200
        assert SCRIPT not in answer.text
        assert "of 84 claims" in browser.get("/work").text


def test_a_claim_is_found_by_its_number_which_stands_in_no_address(north: Team) -> None:
    with north.visit("viewer") as browser:
        sent = fields(browser.get("/work").text, "/work/find")
        answer = browser.post("/work/find", data={**sent, "number": "DEMO-0004"})
        none = browser.post("/work/find", data={**sent, "number": "DEMO-9999"})

    assert re.fullmatch(r"/claims/\d+", answer.headers["location"])
    assert "No claim has that number" in none.text


def test_a_viewer_sees_everything_and_changes_nothing(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("viewer") as browser:
        page = browser.get(f"/claims/{cause.claim_id}").text
        with north.visit("lead") as other:
            sent = ticket(other.get(f"/claims/{cause.claim_id}").text)
        told = [browser.post(f"/claims/{cause.claim_id}/{name}", data={**sent, "cause": str(cause.id)}).status_code
                for name in ("save", "fix", "override", "ask", "answer", "wrong", "accept", "reopen", "assign")]
        many = browser.post("/work/many?rule=MOD-25-01", data=sent)

    assert cause.rule in page
    assert f"/claims/{cause.claim_id}/" not in page
    assert told == [403] * 9
    assert many.status_code == 403
    assert state_of(north, cause.id) == "open"


@pytest.mark.parametrize(("role", "allowed"), [("coder", False), ("lead", True)])
def test_overrides_are_for_leads(north: Team, role: Role, allowed: bool) -> None:
    cause = cause_of(north)
    with north.visit(role) as browser:
        answer = act(browser, cause.claim_id, "override", cause=cause.id, reason="documentation", note=NOTE)

    assert (answer.status_code == 303) is allowed
    assert state_of(north, cause.id) == ("overridden" if allowed else "open")
    assert (claim_of(north, cause.claim_id).state == "clean") is allowed


def test_a_form_is_taken_once_and_only_from_the_session_that_opened_it(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("lead") as browser, north.visit("lead") as other:
        sent = {**ticket(browser.get(f"/claims/{cause.claim_id}").text), "cause": str(cause.id), "reason": "other",
                "note": NOTE}
        foreign = other.post(f"/claims/{cause.claim_id}/override", data=sent)
        first = browser.post(f"/claims/{cause.claim_id}/override", data=sent)
        again = browser.post(f"/claims/{cause.claim_id}/override", data=sent)
        without = browser.post(f"/claims/{cause.claim_id}/reopen", data={"cause": str(cause.id), "version": "2"})

    assert [each.status_code for each in (foreign, first, again, without)] == [403, 303, 409, 403]
    with north.store.reading() as session:
        assert len(session.scalars(select(Override).where(Override.cause_id == cause.id)).all()) == 1


def test_what_was_typed_for_an_old_version_is_kept_beside_what_changed(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("lead") as browser, north.visit("lead") as other:
        old = browser.get(f"/claims/{cause.claim_id}").text
        page = other.get(f"/claims/{cause.claim_id}").text
        mine = [(name, "7" if name == "line_units" and value else value) for name, value in editor(page)]
        first = other.post(f"/claims/{cause.claim_id}/save", content=urlencode(
            [*mine, *ticket(page).items(), ("reason", "record")]),
            headers={"content-type": "application/x-www-form-urlencoded"})
        late = [(name, "33.25" if name == "line_charge" and value else value) for name, value in editor(old)]
        second = browser.post(f"/claims/{cause.claim_id}/save", content=urlencode(
            [*late, *ticket(old).items(), ("reason", "record"), ("note", "my note stays")]),
            headers={"content-type": "application/x-www-form-urlencoded"})
        third = act(other, cause.claim_id, "override", cause=cause.id, reason="other", note="x", version="1")

    assert first.status_code == 303, first.text
    assert second.status_code == 409
    assert "was changed by lead" in second.text
    assert 'value="33.25"' in second.text
    assert "my note stays" in second.text
    assert "<ins>" in second.text
    assert ("line_units", "7") in editor(second.text)
    assert ticket(second.text)["version"] == "2"
    assert third.status_code == 422
    assert claim_of(north, cause.claim_id).version == 2


def test_a_saved_correction_is_judged_and_shown_in_what_was_done(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("coder") as browser:
        page = browser.get(f"/claims/{cause.claim_id}").text
        sent = [(name, "12.34" if name == "line_charge" and value else value) for name, value in editor(page)]
        answer = browser.post(f"/claims/{cause.claim_id}/save", content=urlencode(
            [*sent, *ticket(page).items(), ("reason", "clinician"), ("note", NOTE)]),
            headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 303, re.findall(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
        after = browser.get(answer.headers["location"]).text

    assert "The correction is saved" in after
    assert "$12.34" in after
    assert "the clinician amended the record" in after
    assert NOTE in after
    with north.store.reading() as session:
        row = session.scalars(select(Revision).where(Revision.claim_id == cause.claim_id)).one()
        assert row.version == 1


def test_what_is_not_done_keeps_what_was_typed(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("coder") as browser:
        answer = act(browser, cause.claim_id, "ask", cause=cause.id, text="Will it be paid if the left knee was done?")

    assert answer.status_code == 422
    assert "speaks of the record" in answer.text
    assert "Will it be paid if the left knee was done?" in answer.text
    assert state_of(north, cause.id) == "open"


def test_a_question_is_asked_printed_and_answered(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("coder") as browser:
        act(browser, cause.claim_id, "ask", cause=cause.id, text="Which sites does the record say were treated?")
        page = browser.get(f"/claims/{cause.claim_id}").text
        printed = re.search(rf'/claims/{cause.claim_id}/questions/\d+', page)
        assert printed is not None
        sheet = browser.get(printed[0])
        asked = state_of(north, cause.id)
        answer = act(browser, cause.claim_id, "answer", question=printed[0].rpartition("/")[2], answer="The left knee.")

    assert "Which sites does the record say were treated?" in sheet.text
    assert asked == "asked"
    assert answer.status_code == 303
    assert state_of(north, cause.id) == "open"


def test_a_wrong_flag_waits_for_a_lead_who_has_its_example(north: Team) -> None:
    cause = cause_of(north)
    with north.visit("coder") as coder, north.visit("lead") as lead:
        act(coder, cause.claim_id, "wrong", cause=cause.id, note="the edit ended in January")
        marked = state_of(north, cause.id)
        with north.store.reading() as session:
            id = session.scalars(select(Wrong.id).where(Wrong.cause_id == cause.id)).one()
        denied = coder.get(f"/wrong/{id}.yaml")
        listed, example = lead.get("/wrong"), lead.get(f"/wrong/{id}.yaml")
        accepted = act(lead, cause.claim_id, "accept", cause=cause.id)

    assert marked == "open"
    assert denied.status_code == 403
    assert cause.rule in listed.text
    assert "  - name: flagged, and should not be" in example.text
    assert example.headers["content-disposition"].startswith("attachment")
    assert accepted.status_code == 303
    assert state_of(north, cause.id) == "wrong"


def test_many_claims_are_overridden_at_once_and_what_was_not_is_told(north: Team) -> None:
    with north.store.reading() as session:
        rows = session.execute(select(Claim.id, Claim.version).join(Cause, Cause.claim_id == Claim.id).where(
            Cause.rule == "NCCI-MUE-01", Cause.state == "open", Claim.batch_id == 2)).all()
    assert rows
    chosen = [f"{id}:{version}" for id, version in rows]
    with north.visit("lead") as browser:
        page = browser.get("/work/group?rule=NCCI-MUE-01&case=day").text
        form = re.search(r'<form id="many".*?value="([^"]+)"', page, re.DOTALL)
        assert form is not None
        answer = browser.post("/work/many?rule=NCCI-MUE-01&case=day", data={
            "form": form[1], "claim": [*chosen, "1:99"], "act": "override", "reason": "contract", "note": NOTE})

    assert f"Done for {len(chosen)} of {len(chosen) + 1} claims" in answer.text
    with north.store.reading() as session:
        assert {session.get_one(Claim, id).version for id, _ in rows} == {2}


def test_a_coder_takes_claims_and_a_lead_gives_them(north: Team) -> None:
    cause = cause_of(north)
    with north.store.reading() as session:
        people = dict(session.execute(select(User.name, User.id)).all())
    with north.visit("coder") as coder, north.visit("lead") as lead:
        took = act(coder, cause.claim_id, "assign", to=people["coder"])
        gave = act(coder, cause.claim_id, "assign", to=people["lead"])
        lead_gave = act(lead, cause.claim_id, "assign", to=people["lead"])
        mine = lead.get("/work?assigned=me").text

    assert [each.status_code for each in (took, gave, lead_gave)] == [303, 422, 303]
    assert claim_of(north, cause.claim_id).assigned_to == people["lead"]
    assert cause.rule in mine


def test_that_somebody_saw_a_claim_is_in_the_log_once_in_a_while(north: Team) -> None:
    with north.store.reading() as session:
        claim = session.scalars(select(Claim.id).where(Claim.id.not_in(
            select(Act.claim_id).where(Act.claim_id.is_not(None))))).first()
    with north.visit("viewer") as browser:
        for _ in range(3):
            browser.get(f"/claims/{claim}")

    with north.store.reading() as session:
        seen = session.scalars(select(Act.user).where(Act.claim_id == claim, Act.kind == "claim.seen")).all()
    assert seen == ["viewer"]


@pytest.mark.parametrize("path", ["/claims/999999", "/claims/x", "/claims/1/questions/99", "/wrong/99.yaml",
                                  "/work/group"])
def test_what_is_not_there_is_said_so(north: Team, path: str) -> None:
    with north.visit("lead") as browser:
        assert browser.get(path).status_code == 404


def test_no_log_of_the_server_names_a_claim(north: Team) -> None:
    assert not any("DEMO-0" in line or "alert(1)" in line for line in north.server.log)
