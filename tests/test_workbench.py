"""The workbench over HTTP: its pages, what is typed and pasted, and what it refuses."""

import html
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from forms import INJECTION, ROWS, VISIT, ask, fields, keys_of, plain, text, tree, values
from serving import CLAIM, Served, address_of, command, environment, key_of, served

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(api_only=False) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as one:
        yield one


def test_the_first_page_is_the_one_for_a_claim(client: httpx.Client) -> None:
    answer = client.get("/", follow_redirects=True)

    page = tree(answer)
    assert answer.url.path == "/claim"
    assert values(page, "dos") == ["2026-03-31"]
    assert [label.get("for") for label in page.xpath("//label")][:3] == ["payer", "dos", "pos"]


def test_the_api_goes_on_under_the_same_server(client: httpx.Client) -> None:
    answer = client.post("/v1/claims", json=CLAIM)

    assert answer.json()["run"]["flags_by_rule"]["MOD-25-01"] == 1
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_without_the_workbench_there_are_no_pages() -> None:
    with served() as one:
        answer = httpx.get(f"{one.address}/claim")

    assert answer.status_code == 404


def test_pages_run_no_script_and_no_style_that_stands_in_them(client: httpx.Client) -> None:
    answer = client.get("/claim")

    page = tree(answer)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert answer.headers.get_list("content-security-policy") == [answer.headers["content-security-policy"]]
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert all(script.get("src", "").startswith("/static/") for script in page.xpath("//script"))
    assert page.xpath("//@style | //style | //@onclick | //*[starts-with(name(@*), 'hx-on')]") == []
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_page_loads_is_there_and_nothing_else(client: httpx.Client) -> None:
    page = tree(client.get("/claim"))
    loads = [str(each) for each in page.xpath("//script/@src | //link[@rel='stylesheet']/@href")]

    answers = [client.get(each) for each in loads]

    assert len(loads) == 4
    assert all(answer.status_code == 200 and "immutable" in answer.headers["cache-control"] for answer in answers)
    assert [answer.headers["content-type"].partition(";")[0] for answer in answers] == [
        "text/css", "text/css", "text/javascript", "text/javascript"]
    assert client.get("/static/..%2froutes.py").status_code == 404
    assert client.get("/static/NOTICE").status_code == 404
    assert not re.search(r"https?://", " ".join(answer.text for answer in (answers[0], answers[1], answers[3])))


def test_a_line_gets_its_flag_beside_it(client: httpx.Client) -> None:
    answer = ask(client, "/claim/check", fields(VISIT, INJECTION))

    flag = tree(answer).xpath("//ul[@id='flags-r1']/li")[0]
    assert "MOD-25-01" in flag.text_content()
    assert flag.get("data-field") == "r1-modifiers"
    assert flag.get("data-severity") == "deny"
    assert "$120.00 at risk" in text(answer, "summary")
    assert "Would be held" in text(answer, "summary")
    assert text(answer, "live").startswith("1 flag. line 1, deny, MOD-25-01")


def test_a_flag_says_why_by_what_and_what_to_do(client: httpx.Client) -> None:
    answer = ask(client, "/claim/check", fields(VISIT, INJECTION))

    said = text(answer, "details")
    for part in ("carries no 25", "documentation", "CARC 97 236", "NCCI Policy Manual ch. I s.D", "column1 20610",
                 "ncci_ptp_practitioner 2024q3", "stale, covers to 2024-09-30", "NCCI-PTP-02"):
        assert part in said


def test_what_the_tables_say_stands_beside_codes_and_diagnoses(client: httpx.Client) -> None:
    answer = ask(client, "/claim/check", fields(INJECTION, dx=("M17.11", "M17")))

    assert text(answer, "hint-r1") == "active · global 000 · MUE 2/day"
    assert text(answer, "hint-dx-1") == "Unilateral primary osteoarthritis, right knee"
    assert text(answer, "hint-dx-2") == "not billable Osteoarthritis of knee"
    assert text(answer, "hint-pos") == "not a facility"
    assert text(answer, "hint-dos") == "Monday, March 2, 2026"


def test_a_field_that_is_being_typed_in_is_not_judged_before_it_is_whole(client: httpx.Client) -> None:
    half = tree(ask(client, "/claim/check", fields(VISIT, {"code": "2061"}, typing="r2-code")))
    category = tree(ask(client, "/claim/check", fields(VISIT, INJECTION, dx=("M17", "I10"), typing="dx-1")))
    left = ask(client, "/claim/check", fields(VISIT, {"code": "2061"}))

    assert half.xpath("//*[@id='flags-r1']") == []
    assert half.get_element_by_id("pending").text == "as it was before this field"
    assert text(left, "pending") == ""
    assert category.xpath("//*[@id='flags-dx']") == []
    assert category.get_element_by_id("hint-dx-1").text_content() == "not billable Osteoarthritis of knee"
    assert "five characters; this has 4; the line is not judged" in text(left, "problems-r2")


@pytest.mark.parametrize(("field", "value", "said"), [
    ("dos", "2026-02-30", "Date of service: a date is written"), ("dos", "soon", "a date is written"),
    ("as_of", "13/13/2026", "Submission: a date is written"), ("age", "-1", "Age: completed years"),
    ("age", "²", "Age: completed years"), ("sex", "X", "Sex: F, M or U"), ("pos", "1", "two characters"),
    ("frequency", "9", "Frequency: 1 original"),
])
def test_what_is_wrong_with_a_field_is_told_under_it(client: httpx.Client, field: str, value: str, said: str) -> None:
    answer = ask(client, "/claim/check", fields(VISIT, **{field: value}))

    assert said in text(answer, "problems-claim")
    assert "Not judged" in text(answer, "summary")


@pytest.mark.parametrize(("line", "said"), [
    ({"modifiers": "2"}, "a modifier has two characters"), ({"pointers": "Z"}, "letters of diagnoses"),
    ({"units": "many"}, "a number, as 2"), ({"charge": "12.345"}, "an amount in dollars"),
    ({"date": "yesterday"}, "a date is written"), ({"pos": "111"}, "two characters"),
    ({"more": "npi=1"}, "unknown key"), ({"code": "9921!"}, "a code of five letters and digits"),
])
def test_a_line_that_cannot_be_read_is_told_and_the_others_are_judged(client: httpx.Client, line: dict[str, str],
                                                                     said: str) -> None:
    answer = ask(client, "/claim/check", fields({**VISIT, **line}, VISIT, INJECTION))

    assert said in text(answer, "problems-r1")
    assert "MOD-25-01 Line 1:" in text(answer, "flags-r2")
    assert "1 line not judged" in text(answer, "summary")


@pytest.mark.parametrize("typed", ["2026-03-02", "3/2/2026", "03/02/2026", "03022026", "20260302"])
def test_dates_are_read_as_people_type_them(client: httpx.Client, typed: str) -> None:
    assert text(ask(client, "/claim/check", fields(VISIT, dos=typed)), "hint-dos") == "Monday, March 2, 2026"


@pytest.mark.parametrize(("typed", "seen"), [("AB", "1,2"), ("a,b", "1,2"), ("2 1", "2,1"), ("1,2", "1,2")])
def test_pointers_are_letters_or_numbers(client: httpx.Client, typed: str, seen: str) -> None:
    answer = ask(client, "/claim/link", fields({**VISIT, "pointers": typed}))

    assert f"line=99213:{seen}%20" in html.unescape(answer.text)


def test_markup_that_is_typed_stays_text(client: httpx.Client) -> None:
    evil = dict.fromkeys(ROWS, EVIL)
    pairs = fields(evil, VISIT, dx=(EVIL,), payer=EVIL, dos=EVIL, typing=EVIL, dismissed=EVIL)
    answers = [ask(client, path, [*pairs, ("rule", EVIL), ("flag", EVIL), ("pasted", EVIL)]) for path in (
        "/claim", "/claim/check", "/claim/timeline", "/claim/preview", "/claim/link", "/claim/why")]
    answers.append(client.get("/claim", params={"payer": EVIL, "dx": EVIL, "line": EVIL, "dos": EVIL}))
    answers.append(client.get("/code", params={"code": EVIL, "dos": EVIL}))

    for answer in answers:
        page = tree(answer)
        assert page.xpath("//img") == []
        assert all(script.get("src") for script in page.xpath("//script"))


def test_a_link_holds_codes_and_dates_and_gives_the_same_flags(client: httpx.Client) -> None:
    pairs = fields({**VISIT, "units": "2"}, {**INJECTION, "more": "auth=SECRET1 ndc=50242006001"}, age="77", sex="F")
    before = ask(client, "/claim/check", pairs)

    answer = ask(client, "/claim/link", pairs)
    path = tree(answer).xpath("//input/@data-path")[0]
    again = tree(client.get(path))

    assert path == ("/claim?payer=medicare&dos=2026-03-02&as_of=2026-03-31&pos=11&dx=M17.11,I10"
                    "&line=99213:2%20x2%20$120&line=20610-RT%20$180.50%20ndc=50242006001")
    assert "leaves out age and sex and numbers of authorizations" in answer.text
    assert [str(key) for key in again.xpath("//button[@class='say']/@data-key")] == keys_of(before)
    assert values(again, "age") == values(again, "sex") == [""]


def test_a_link_says_where_the_flags_differ_without_what_it_leaves_out(client: httpx.Client) -> None:
    answer = ask(client, "/claim/link", fields({"code": "99397"}, dx=("Z00.00",), age="30"))

    assert "Without that the flags differ: LINK-AGESEX-01 line 1" in answer.text


def test_the_claim_passes_in_december_and_fails_in_january(client: httpx.Client) -> None:
    ended = {"code": "G0071"}
    december = ask(client, "/claim/check", fields(ended, dos="2025-12-31"))
    january = ask(client, "/claim/check", fields(ended, dos="2026-01-01"))
    changes = ask(client, "/claim/timeline", fields(ended, dos="2025-12-31"))

    assert "No flag at or above deny" in text(december, "summary")
    assert "reject CODE-01" in text(january, "flags-r1")
    assert ["2026-01-01", "+ CODE-01 line 1"] in [
        [button.get("data-day"), button.getnext().text_content()] for button in tree(changes).xpath("//button")]
    assert [rect.get("class") for rect in tree(changes).xpath("//*[local-name()='rect']")][-4:] == [
        "none", "reject", "reject", "reject"]


def test_a_fix_shows_before_and_after_and_changes_nothing_unasked(client: httpx.Client) -> None:
    pairs = fields(VISIT, INJECTION)
    key = keys_of(ask(client, "/claim/check", pairs))[0]

    shown = ask(client, "/claim/preview", [*pairs, ("flag", key)])
    refused = ask(client, "/claim/apply", [*pairs, ("flag", key)])
    applied = tree(ask(client, "/claim/apply", [*pairs, ("flag", key), ("supported", "yes")]))

    said = plain(tree(shown))
    assert "Only if the record supports it: Before 99213:2 x1 $120 After 99213-25:2 x1 $120" in said
    assert "MOD-25-01 cured" in said
    assert "also cures deny NCCI-PTP-02 line 1" in said
    assert refused.status_code == 409
    assert values(applied, "line_modifiers")[:2] == ["25", "RT"]
    assert values(applied, "line_charge")[:2] == ["120", "180.50"]
    assert values(applied, "dos") == ["2026-03-02"]
    assert applied.xpath("//ul[@id='flags-r1']/li") == []


def test_a_flag_that_is_put_aside_stays_in_sight_and_is_counted(client: httpx.Client) -> None:
    pairs = fields(VISIT, INJECTION)
    key = keys_of(ask(client, "/claim/check", pairs))[0]

    answer = ask(client, "/claim/check", [*pairs, ("dismissed", key)])

    assert "1 dismissed" in text(answer, "summary")
    assert "No flag at or above deny" in text(answer, "summary")
    assert "flag deny dismissed" in [each.get("class") for each in tree(answer).xpath("//ul[@id='flags-r1']/li")]


@pytest.mark.parametrize(("rule", "line", "said"), [
    ("MOD-25-01", {"modifiers": "25"}, "line.modifiers has none of 24, 25, 57 Found: line.modifiers 25"),
    ("NCCI-MUE-01", {}, "day.units > day.limit"), ("NCCI-PTP-02", {"modifiers": "25"}, "bypassed by modifier"),
    ("AUTH-REQ-01", {}, "not evaluated the payer profile does not say it (line.auth_need)"),
    ("CODE-INST-01", {}, "It is for institutional claims"), ("ADM-ENV-01", {}, "looks at each defect"),
    ("MOD-25-01", {}, "flagged Line 1"), ("mod-25-1", {}, "did you mean"), (EVIL, {}, "There is no rule"),
    ("ADM-ANES-01", {}, "Line 1"),
])
def test_why_a_rule_did_not_flag_is_told(client: httpx.Client, rule: str, line: dict[str, str], said: str) -> None:
    answer = ask(client, "/claim/why", [*fields({**VISIT, **line}, INJECTION), ("rule", rule)])

    assert said in plain(tree(answer))


@pytest.mark.parametrize(("code", "said"), [
    ("20610", "Global days 000, the day itself"), ("20610", "MUE 2 (a day, may be appealed)"),
    ("m17.11", "Unilateral primary osteoarthritis, right knee"), ("M17", "not billable"), ("25", "modifier of CPT"),
    ("G0402", "HCPCS Level II code"),
    ("G0402", "Also G04.02, Postimmunization"), ("G04.02", "G04.02 Postimmunization"),
    ("99292", "Add-on to 99291"), ("0000Z", "not in these tables"),
    ("??", "no procedure code"),
])
def test_a_code_is_looked_up_by_its_number(client: httpx.Client, code: str, said: str) -> None:
    answer = client.get("/code", params={"code": code, "dos": "2026-03-02"})

    assert said in plain(tree(answer))


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
    {"origin": "null"},
])
def test_a_form_of_another_page_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    assert ask(client, "/claim/check", fields(VISIT), **headers).status_code == 403


def test_a_form_of_this_page_is_taken(client: httpx.Client, server: Served) -> None:
    answer = ask(client, "/claim/check", fields(VISIT), origin=server.address, **{"sec-fetch-site": "same-origin"})

    assert answer.status_code == 200


def test_a_page_under_a_foreign_name_is_refused(client: httpx.Client) -> None:
    assert client.get("/claim", headers={"host": "evil.example"}).status_code == 421


def test_a_form_that_is_too_large_is_refused_and_a_long_one_is_cut(client: httpx.Client) -> None:
    huge = ask(client, "/claim/fill", [("pasted", "x" * (1 << 20))])
    many = ask(client, "/claim/check", [("line_code", "99213")] * 3000)
    long = tree(ask(client, "/claim", fields(*[VISIT] * 70, payer="p" * 5000)))
    multipart = client.post("/claim/check", files={"payer": b"medicare"})

    assert huge.status_code == 413
    assert many.status_code == 400
    assert len(values(long, "line_code")) == 50
    assert len(values(long, "payer")[0]) == 120
    assert multipart.status_code == 415


def test_bytes_that_are_no_form_are_refused(client: httpx.Client) -> None:
    assert client.post("/claim/check", content=b"\xff\xfe%ff=\xff").status_code == 400
    assert client.get("/claim/check").status_code == 405


def test_nothing_of_a_claim_stands_in_the_log(server: Served, client: httpx.Client) -> None:
    ask(client, "/claim/check", fields({**VISIT, "more": "auth=AUTHSECRET"}, dx=("Z21",), payer="PAYERSECRET"))
    client.get("/claim?dx=Z21&line=99213&payer=PAYERSECRET")
    client.get("/code?code=Z21")
    with socket.create_connection(address_of(server)) as raw:
        raw.sendall(b"GET /claim?dx=Z21 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        while raw.recv(65536):
            pass

    said = "".join(server.log)
    assert "POST /claim/check 200" in said
    assert not re.search("SECRET|Z21|99213", said)


def test_with_earlier_claims_a_claim_is_judged_and_other_days_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "earlier.json").write_text(json.dumps({**CLAIM, "state": "paid"}))
    with served("--history", str(tmp_path / "earlier.json"), api_only=False) as one, httpx.Client(
            base_url=one.address, timeout=60) as client:
        checked = ask(client, "/claim/check", fields(VISIT, INJECTION))
        days = ask(client, "/claim/timeline", fields(VISIT, INJECTION))

    assert "MOD-25-01" in text(checked, "flags-r1")
    assert "Other days are not looked at" in days.text


def test_a_workbench_without_log_in_takes_no_keys(tmp_path: Path) -> None:
    path, _ = key_of(tmp_path)
    done = subprocess.run(command("--without-store", "--keys", str(path)), capture_output=True, text=True,
                          env=environment(), check=False, timeout=60)

    assert done.returncode == 2
    assert "without a store nobody logs in" in done.stderr
