"""The REST API, asked over HTTP: a server process of its own, and a client that knows nothing of it."""

import datetime as dt
import io
import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fhir_files import as_json, bundle
from serving import CLAIM, DEMO, Served, address_of, problem_of, running, served, wait_for
from x12_files import claim, file

from scrubber import Claim, Scrubber
from scrubber.readers.files import Source
from scrubber.writers import jsonl
from scrubber.writers.jsonl import FlagLines

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)

AS_OF = dt.date(2026, 3, 31)
@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--time-limit", "30") as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=60) as one:
        yield one


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


def without_seconds(text: str) -> list[str]:
    *flags, last = text.splitlines()
    record = json.loads(last)
    record.pop("seconds")
    return [*flags, json.dumps(record)]


def expected(scrubber: Scrubber, data: bytes, name: str = "batch", **how: Any) -> list[str]:
    """The lines that the library gives."""
    severity = how.pop("min_severity", None)
    report = scrubber.scrub(Source(data, name), **how)
    stream = io.StringIO()
    jsonl.write(report.at_least(severity) if severity else report, stream)
    return without_seconds(stream.getvalue())


def test_a_claim_gets_the_flags_of_the_library_byte_for_byte(client: httpx.Client, scrubber: Scrubber) -> None:
    lines = FlagLines()
    shown = ", ".join(map(lines.line, scrubber.check(Claim.model_validate(CLAIM))))

    answer = client.post("/v1/claims", json=CLAIM)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert shown
    assert answer.text.startswith(f'{{"claim": "A1", "clean": false, "flags": [{shown}], "run": ')


def test_what_could_not_be_evaluated_of_a_claim_stands_in_its_answer(client: httpx.Client, scrubber: Scrubber) -> None:
    record = scrubber.scrub(Claim.model_validate(CLAIM)).run

    run = client.post("/v1/claims", json=CLAIM).json()["run"]

    assert run["not_evaluated"]
    assert {name: run[name] for name in run if name != "seconds"} == {name: record[name] for name in run
                                                                       if name != "seconds"}


def test_all_answers_of_a_claim_are_shown_when_asked_for(client: httpx.Client, scrubber: Scrubber) -> None:
    flags = scrubber.check(Claim.model_validate(CLAIM), keep_all=True)

    said = client.post("/v1/claims", params={"show": "all"}, json=CLAIM).json()

    assert [(flag["rule"], flag["line"], flag["status"]) for flag in said["flags"]] == [
        (flag.rule, flag.line, flag.status) for flag in flags]
    assert {flag["status"] for flag in said["flags"]} > {"flagged"}


def test_a_clean_claim_is_told_so(client: httpx.Client, scrubber: Scrubber) -> None:
    correct = generate.text(1, kind="correct")
    report = scrubber.scrub(correct)

    said = client.post("/v1/claims", content=correct).json()

    assert said["clean"] is bool(report.clean)
    assert [flag["rule"] for flag in said["flags"]] == [flag.rule for flag in report.flags]
    assert said["claim"] == report.claims[0].claim


def test_a_claim_of_fhir_is_checked_as_the_command_does(client: httpx.Client, scrubber: Scrubber) -> None:
    data = as_json(bundle(Claim.model_validate(CLAIM))).encode()
    report = scrubber.scrub(Source(data, "claim"))

    answer = client.post("/v1/claims", content=data, headers={"content-type": "application/fhir+json"})

    assert len(report.claims) == 1
    assert [flag["rule"] for flag in answer.json()["flags"]] == [flag.rule for flag in report.flags]
    assert "MOD-25-01" in answer.json()["run"]["flags_by_rule"]


def test_an_837_of_several_claims_is_no_single_claim(client: httpx.Client) -> None:
    said = problem_of(client.post("/v1/claims", content=DEMO.read_bytes()), 422, "unreadable")

    assert "/v1/batches" in said["detail"]


@pytest.mark.parametrize(("body", "status", "kind", "pointers"), [
    (b'{"id": "A1", ', 400, "not-json", [""]),
    (b"{'id': 1}", 400, "not-json", [""]),
    (b'{"lines": [{"code": "99213"}]}', 400, "not-a-claim", ["/lines/0/date"]),
    (b'{"lines": [{"date": "2026-13-02"}], "total": "much"}', 400, "not-a-claim", ["/total", "/lines/0/date"]),
    (b'{"note": "yes"}', 400, "not-a-claim", ["/note"]),
    (b'{"JOHN DOE": 1}', 400, "not-a-claim", ["/*"]),
    (b"[]", 400, "not-a-claim", [""]),
    (b'{"others": [{"lines": [{"line": 3, "paid": 1}]}]}', 422, "unreadable", ["/others/0/lines/0/line"]),
    (b"", 422, "unreadable", [None]),
    (b"hello", 422, "unreadable", [None]),
    (b"\xff\xfe\x00", 422, "unreadable", [None]),
])
def test_a_body_that_is_no_claim_is_a_problem_with_its_place(
        client: httpx.Client, body: bytes, status: int, kind: str, pointers: list[str | None]) -> None:
    said = problem_of(client.post("/v1/claims", content=body), status, kind)

    assert sorted(str(error.get("pointer")) for error in said["errors"]) == sorted(map(str, pointers))


def test_a_whole_number_may_be_written_with_a_point(client: httpx.Client) -> None:
    lines = [{**line, "pointers": [1.0], "number": number + 1.0} for number, line in enumerate(CLAIM["lines"])]

    said = client.post("/v1/claims", json={**CLAIM, "lines": lines})

    assert said.status_code == 200
    assert [flag["line"] for flag in said.json()["flags"]] == [1, 1]
    problem_of(client.post("/v1/claims", json={**CLAIM, "locum_days": 1.5}), 400, "not-a-claim")


def test_no_value_of_a_claim_stands_in_a_problem(client: httpx.Client) -> None:
    hurt = {**CLAIM, "member": ["ZQX777"], "patient": {"birth": "ZQX777", "sex": "ZQX777", "ZQX777": "ZQX777"},
            "lines": [{"date": "ZQX777", "charge": "ZQX777", "pointers": "ZQX777"}]}

    answer = client.post("/v1/claims", json=hurt)

    assert len(problem_of(answer, 400, "not-a-claim")["errors"]) == 7
    assert "ZQX777" not in answer.text


def test_a_claim_of_an_837_that_cannot_be_read_is_a_problem_with_its_segment(client: httpx.Client) -> None:
    text = generate.text(1).decode().replace("SV1*HC:", "SV1*HC", 1)
    broken = text.replace("*UN*", "*UN*x", 1).encode()

    said = problem_of(client.post("/v1/claims", content=broken), 422, "unreadable")

    assert {"segment", "loop", "element"} <= set(said["errors"][0])


def test_a_batch_is_the_lines_of_the_command(client: httpx.Client, scrubber: Scrubber) -> None:
    answer = client.post("/v1/batches", params={"file": "demo.837"}, content=DEMO.read_bytes())

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert without_seconds(answer.text) == expected(scrubber, DEMO.read_bytes(), "demo.837")


@pytest.mark.parametrize("asked", [{"show": "all"}, {"min_severity": "deny"},
                                   {"show": "all", "min_severity": "reject"}])
def test_a_batch_shows_what_is_asked_for(client: httpx.Client, scrubber: Scrubber, asked: dict[str, str]) -> None:
    how: dict[str, Any] = {"keep_all": asked.get("show") == "all", "min_severity": asked.get("min_severity")}

    answer = client.post("/v1/batches", params=asked, content=DEMO.read_bytes())

    assert without_seconds(answer.text) == expected(scrubber, DEMO.read_bytes(), **how)


def test_a_batch_is_followed_through_its_guide_when_asked_for(client: httpx.Client, scrubber: Scrubber) -> None:
    data = file([claim(), claim(2, HI="")])

    answer = client.post("/v1/batches", params={"snip": "true"}, content=data)
    unasked = [client.post("/v1/batches", params=params, content=data) for params in ({}, {"snip": "false"})]

    records = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["claim"] for each in records[:-1] if each["rule"] == "ADM-ENV-03"] == ["P2"]
    assert records[-1]["syntax"] == {"breaches": 1, "sets_without_guide": 0}
    assert without_seconds(answer.text) == expected(Scrubber(as_of=AS_OF, snip=True), data)
    assert [without_seconds(each.text) for each in unasked] == [expected(scrubber, data)] * 2


def test_a_batch_larger_than_memory_for_bodies_comes_through_whole(client: httpx.Client, scrubber: Scrubber) -> None:
    data = generate.text(6000, seed=4)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), 100_000):
            yield data[start:start + 100_000]

    assert len(data) > 4 << 20
    answer = client.post("/v1/batches", content=pieces())

    assert without_seconds(answer.text) == expected(scrubber, data)


def test_a_batch_of_json_lines_tells_of_the_claims_that_cannot_be_read(client: httpx.Client) -> None:
    lines = "\n".join([json.dumps(CLAIM), '{"lines": 1}', json.dumps({**CLAIM, "id": "A3"})])

    records = [json.loads(line) for line in client.post("/v1/batches", content=lines).text.splitlines()]

    assert records[-1]["claims"] == 2
    assert records[-1]["set_aside"] == 1
    assert [(each["claim_position"], each["element"]) for each in records if each["type"] == "unreadable"] == [
        (2, "/lines")]


def test_a_batch_that_is_no_claim_file_is_a_problem(client: httpx.Client) -> None:
    said = problem_of(client.post("/v1/batches", content=b"hello"), 422, "unreadable")

    assert "no format that can be read" in said["detail"]


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/batches"])
def test_parquet_is_refused_as_a_few_bytes_of_it_can_fill_the_memory(client: httpx.Client, path: str) -> None:
    packed = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": pa.array(["C1"]), "lines": pa.nulls(1)}), packed)

    said = problem_of(client.post(path, content=packed.getvalue().to_pybytes()), 422, "unreadable")

    assert said["detail"].startswith("is Parquet, which a server does not take")


def test_a_form_is_refused_with_what_would_be_right(client: httpx.Client) -> None:
    said = problem_of(client.post("/v1/batches", files={"file": DEMO.read_bytes()}), 415, "multipart")

    assert "--data-binary" in said["detail"]


@pytest.mark.parametrize(("path", "params"), [
    ("/v1/claims", {"show": "some"}), ("/v1/claims", {"shwo": "all"}),
    ("/v1/claims", [("show", "all"), ("show", "all")]),
    ("/v1/batches", {"min_severity": "grave"}), ("/v1/batches", {"file": "a/b"}), ("/v1/batches", {"file": "x" * 300}),
])
def test_a_parameter_that_is_not_known_is_refused(client: httpx.Client, path: str, params: Any) -> None:
    problem_of(client.post(path, params=params, json=CLAIM), 400, "query")


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("GET", "/v1/claims", "POST"), ("PUT", "/v1/batches", "POST"), ("DELETE", "/v1/rules", "GET"),
    ("POST", "/healthz", "GET"), ("PATCH", "/v1/rules/MOD-50-02", "GET"), ("TRACE", "/metrics", "GET"),
])
def test_another_method_is_refused_and_told_which_are_right(client: httpx.Client, method: str, path: str,
                                                            allowed: str) -> None:
    answer = client.request(method, path)

    problem_of(answer, 405, "method")
    assert answer.headers["allow"] == allowed


def test_rules_are_listed_and_told_as_the_command_does(client: httpx.Client, scrubber: Scrubber) -> None:
    listed = client.get("/v1/rules").json()
    some = client.get("/v1/rules", params={"select": "mod-50, NCCI-PTP-01"}).json()["rules"]
    one = client.get("/v1/rules/mod-50-02").json()

    assert {rule["id"] for rule in listed["rules"]} == set(scrubber.catalogue.ids)
    assert listed["rules_sha256"] == scrubber.catalogue.sha256
    assert [rule["id"] for rule in some] == ["MOD-50-01", "MOD-50-02", "MOD-50-03", "MOD-50-04", "NCCI-PTP-01"]
    assert one["id"] == "MOD-50-02"
    assert one["examples"]
    assert client.get("/v1/rules/POL-CODE-02").json()["id"] == "POL-CODE-02"


def test_a_rule_that_is_not_there_is_a_problem_with_what_is_near(client: httpx.Client) -> None:
    assert "MOD-50-02" in problem_of(client.get("/v1/rules/MOD-50-2"), 404, "not-found")["detail"]
    problem_of(client.get("/v1/rules/" + "x" * 5000), 404, "not-found")
    problem_of(client.get("/v2/rules"), 404, "not-found")


def test_editions_are_those_of_the_run_record(client: httpx.Client, scrubber: Scrubber) -> None:
    assert client.get("/v1/editions").json()["editions"] == scrubber.scrub(DEMO).run["editions"]


def test_every_type_of_problem_can_be_looked_up(client: httpx.Client) -> None:
    from scrubber.web.problems import KINDS

    for kind, (status, title) in KINDS.items():
        assert client.get(f"/problems/{kind}").json() == {"type": f"/problems/{kind}", "title": title, "status": status}


def test_every_answer_bears_safe_headers_and_a_number(client: httpx.Client) -> None:
    answers = [client.get("/healthz"), client.get("/none"), client.post("/v1/claims", json=CLAIM),
               client.post("/v1/batches", content=DEMO.read_bytes())]

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_counts_are_told_to_prometheus(client: httpx.Client) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    def counted() -> dict[tuple[str, str], float]:
        text = client.get("/metrics").text
        return {(sample.name, ",".join(value for _, value in sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(text) for sample in family.samples}

    before = counted()
    client.post("/v1/claims", json=CLAIM)
    client.post("/v1/batches", content=DEMO.read_bytes())
    client.get("/v1/rules/none")
    after = counted()

    def more(name: str, labels: str) -> float:
        return after.get((name, labels), 0) - before.get((name, labels), 0)

    assert more("scrubber_claims_total", "/v1/claims") == 1
    assert more("scrubber_claims_total", "/v1/batches") == 42
    assert more("scrubber_claims_set_aside_total", "/v1/batches") == 1
    assert more("scrubber_flags_total", "MOD-25-01") >= 2
    assert more("scrubber_http_requests_total", "GET,/v1/rules/{id},404") == 1
    assert more("scrubber_refused_total", "not-found") == 1
    assert after["scrubber_batches_running", ""] == 0


def test_nothing_of_a_claim_or_a_path_stands_in_the_log(server: Served, client: httpx.Client) -> None:
    client.post("/v1/claims", json={**CLAIM, "id": "ZQX778", "member": "ZQX778"})
    client.post("/v1/claims", json={"ZQX778": 1})
    client.post("/v1/batches", params={"file": "ZQX778"}, content=b'{"id": "ZQX778"}')
    client.get("/v1/rules/ZQX778")
    client.get("/ZQX778?ZQX778=1", headers={"user-agent": "ZQX778"})
    number = client.get("/healthz").headers["x-request-id"]

    wait_for(lambda: any(number in line for line in server.log))
    assert not any("ZQX778" in line for line in server.log)
    assert any("POST /v1/batches 200" in line for line in server.log)


def test_a_request_under_a_name_of_somebody_else_is_refused(client: httpx.Client) -> None:
    problem_of(client.get("/v1/rules", headers={"host": "evil.example:8000"}), 421, "host")
    assert client.get("/v1/rules", headers={"host": "localhost:1234"}).status_code == 200


def test_many_clients_at_once_get_each_their_own_answer(server: Served, scrubber: Scrubber) -> None:
    claims = [{**CLAIM, "id": f"C{number}", "lines": CLAIM["lines"][:1 + number % 2]} for number in range(8)]
    wanted = {str(claim["id"]): [flag.rule for flag in scrubber.check(Claim.model_validate(claim))] for claim in claims}
    wrong: list[str] = []

    def ask(claim: dict[str, Any]) -> None:
        with httpx.Client(base_url=server.address) as own:
            for _ in range(20):
                said = own.post("/v1/claims", json=claim).json()
                if said["claim"] != claim["id"] or [flag["rule"] for flag in said["flags"]] != wanted[claim["id"]]:
                    wrong.append(claim["id"])

    threads = [threading.Thread(target=ask, args=(claim,)) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_client_that_leaves_in_the_middle_costs_nothing(server: Served, client: httpx.Client) -> None:
    data = generate.text(3000, kind="flagged")
    client.get("/healthz")
    before = server.open_files()

    for _ in range(4):
        with httpx.stream("POST", f"{server.address}/v1/batches", content=data, timeout=60) as answer:
            next(answer.iter_bytes(1000))
    with socket.create_connection(address_of(server)) as half:
        half.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nISA*")

    wait_for(lambda: running(client) == 0 and server.open_files() <= before)
    assert client.post("/v1/claims", json=CLAIM).status_code == 200
