"""What a server bounds and whom it lets in: sizes, times, keys, addresses, and how it ends."""

import datetime as dt
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import (
    CLAIM,
    CODE,
    DEMO,
    Served,
    address_of,
    command,
    environment,
    key_of,
    problem_of,
    running,
    served,
    wait_for,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import generate

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)

BIG = generate.text(2500, kind="flagged")


@pytest.fixture(scope="module")
def tight() -> Iterator[Served]:
    """A server with little patience and room: one batch, bodies of a megabyte, two seconds."""
    with served("--max-batch", "1", "--batches", "1", "--time-limit", "2") as one:
        yield one


@pytest.fixture(scope="module")
def client(tight: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tight.address, timeout=60) as one:
        yield one


def test_a_body_that_is_said_to_be_too_large_is_refused_before_it_is_sent(tight: Served) -> None:
    with socket.create_connection(address_of(tight)) as connection:
        connection.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                           b"Content-Length: 9999999999999\r\n\r\n")
        connection.settimeout(30)
        answer = until_closed(connection)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"/problems/too-large" in answer


def until_closed(connection: socket.socket) -> bytes:
    """What a server says, up to the end of a problem."""
    said = b""
    while not said.endswith(b"}") and (more := connection.recv(65536)):
        said += more
    return said


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/claims"])
def test_a_body_that_turns_out_too_large_is_refused(client: httpx.Client, path: str) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 65536

    said = problem_of(client.post(path, content=endless()), 413, "too-large")

    assert "1,048,576 bytes" in said["detail"]


@pytest.mark.parametrize("path", ["/v1/batches", "/v1/claims"])
def test_a_body_that_does_not_arrive_in_time_is_given_up(tight: Served, client: httpx.Client, path: str) -> None:
    with socket.create_connection(address_of(tight)) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{{".encode())
        connection.settimeout(30)
        answer = until_closed(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"/problems/slow" in answer
    wait_for(lambda: running(client) == 0)


@pytest.mark.parametrize("head", [b"", b"POST /v1/claims HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a"],
                         ids=["nothing", "a part of its headers"])
def test_a_connection_that_sends_no_request_in_time_is_closed(tight: Served, client: httpx.Client,
                                                              head: bytes) -> None:
    with socket.create_connection(address_of(tight), timeout=30) as slow:
        slow.sendall(head)

        assert slow.recv(1) == b""

    assert client.get("/healthz").status_code == 200


def test_headers_without_end_are_not_kept(tight: Served) -> None:
    with socket.create_connection(address_of(tight), timeout=30) as greedy:
        greedy.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ")

        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            greedy.sendall(b"a" * (64 << 20))


def test_a_connection_is_kept_between_requests_whatever_is_sent_with_their_headers(tight: Served) -> None:
    body = b" " * 300_000 + json.dumps(CLAIM).encode()
    head = f"POST /v1/claims HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection(address_of(tight), timeout=30) as kept:
        for _ in range(6):
            kept.sendall(head + body)
            answer = HTTPResponse(kept, method="POST")
            answer.begin()
            assert answer.status == 200
            assert json.loads(answer.read())["claim"] == CLAIM["id"]
            time.sleep(0.5)


def test_a_scrub_that_runs_over_is_stopped_and_its_place_is_free_again(tmp_path: Path) -> None:
    data = generate.text(6000)

    with served("--batches", "1", "--time-limit", "0.3", "--window", "50") as one, \
            httpx.Client(base_url=one.address) as client:
        said = problem_of(client.post("/v1/batches", content=data, timeout=60), 413, "too-long")
        wait_for(lambda: running(client) == 0)
        answer = client.post("/v1/batches", content=DEMO.read_bytes(), timeout=60)

    assert "0.3 s" in said["detail"]
    assert answer.status_code == 200


def test_a_batch_too_many_is_told_to_come_again(tight: Served, client: httpx.Client) -> None:
    with socket.create_connection(address_of(tight)) as connection:
        connection.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nISA*")
        wait_for(lambda: running(client) == 1)
        answer = client.post("/v1/batches", content=DEMO.read_bytes())
        claim = client.post("/v1/claims", json=CLAIM)

    problem_of(answer, 429, "busy")
    assert int(answer.headers["retry-after"]) > 0
    assert claim.status_code == 200
    wait_for(lambda: running(client) == 0)
    assert client.post("/v1/batches", content=DEMO.read_bytes()).status_code == 200


def test_a_client_that_takes_nothing_of_its_answer_is_given_up() -> None:
    with served("--stall-limit", "0.5") as one, httpx.Client(base_url=one.address, timeout=60) as client:
        with socket.socket() as stalled:
            stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.connect(address_of(one))
            stalled.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                            % len(BIG) + BIG)
            wait_for(lambda: "scrubber_batches_stopped_total 1.0" in client.get("/metrics").text)

            assert running(client) == 0
        assert client.post("/v1/batches", content=DEMO.read_bytes()).status_code == 200


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path, dict[str, str]]]:
    """A server with keys, by what they are for."""
    folder = tmp_path_factory.mktemp("keys")
    path, plain = key_of(folder)
    sent = {"plain": plain, "rules": key_of(folder, "rules:read")[1], "metrics": key_of(folder, "metrics:read")[1],
            "old": key_of(folder, expires="2020-01-01")[1], "gone": key_of(folder)[1]}
    with served("--keys", str(path)) as one:
        yield one, path, sent


def asked(server: Served, key: str | None, path: str = "/v1/claims", **more: Any) -> httpx.Response:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    if path in ("/v1/claims", "/v1/batches"):
        return httpx.post(server.address + path, headers=headers, json=CLAIM, **more)
    return httpx.get(server.address + path, headers=headers, **more)


def test_a_key_opens_what_its_scopes_say_and_nothing_else(keyed: tuple[Served, Path, dict[str, str]]) -> None:
    server, _, sent = keyed
    opened = {(name, path): asked(server, key, path).status_code for name, key in sent.items()
              for path in ("/v1/claims", "/v1/batches", "/v1/rules", "/v1/editions", "/metrics")
              if name in ("plain", "rules", "metrics")}

    assert {place for place, status in opened.items() if status == 200} == {
        ("plain", "/v1/claims"), ("plain", "/v1/batches"), ("plain", "/v1/rules"), ("plain", "/v1/editions"),
        ("rules", "/v1/rules"), ("rules", "/v1/editions"), ("metrics", "/metrics")}
    assert set(opened.values()) == {200, 403}


def test_what_needs_no_key_is_open(keyed: tuple[Served, Path, dict[str, str]]) -> None:
    assert asked(keyed[0], None, "/healthz").status_code == 200
    assert asked(keyed[0], None, "/openapi.json").status_code == 200


@pytest.mark.parametrize("key", [None, "scr", "scr_00000000_x", "scr_x_y_z", "\xff", "plain but longer", "old"])
def test_without_a_key_that_counts_nothing_is_answered(keyed: tuple[Served, Path, dict[str, str]],
                                                       key: str | None) -> None:
    server, _, sent = keyed
    given = sent["plain"] + "A" if key == "plain but longer" else sent.get(key or "none", key)

    answer = httpx.post(server.address + "/v1/claims", json=CLAIM, headers=None if given is None else [
        (b"authorization", b"Bearer " + given.encode("latin-1"))])

    problem_of(answer, 401, "key")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_a_scope_that_lacks_is_named(keyed: tuple[Served, Path, dict[str, str]]) -> None:
    answer = asked(keyed[0], keyed[2]["rules"])

    assert "claims:check" in problem_of(answer, 403, "scope")["detail"]
    assert 'scope="claims:check"' in answer.headers["www-authenticate"]


def test_a_revoked_key_is_refused_from_the_next_request_on(keyed: tuple[Served, Path, dict[str, str]]) -> None:
    server, path, sent = keyed
    id = sent["gone"].split("_")[1]
    assert asked(server, sent["gone"]).status_code == 200

    done = run_keys("revoke", "--keys", str(path), id)

    assert done.returncode == 0
    assert "revoked" in problem_of(asked(server, sent["gone"]), 401, "key")["detail"]


def test_the_log_names_keys_by_their_ids_only(keyed: tuple[Served, Path, dict[str, str]]) -> None:
    server, _, sent = keyed
    id, secret = sent["plain"].split("_", 2)[1:]
    asked(server, sent["plain"])

    wait_for(lambda: any(f"key {id}" in line for line in server.log))
    assert not any(secret in line for line in server.log)


def run_keys(*args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", CODE, "keys", *args], capture_output=True, text=True,
                          env=environment(), check=False)


def test_keys_are_kept_as_hashes_for_their_user_alone(tmp_path: Path) -> None:
    path, sent = key_of(tmp_path, "claims:check", expires="2030-05-01")
    second = key_of(tmp_path)[1]
    listed = run_keys("list", "--keys", str(path))

    text = path.read_text()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert sent.split("_", 2)[2] not in text
    assert second.split("_", 2)[2] not in text
    assert len(json.loads(text)["keys"]) == 2
    assert re.search(rf"{sent.split('_')[1]}  valid to 2030-05-01 +claims:check  test", listed.stdout)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["keys.json"]


def test_keys_that_are_made_at_once_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=key_of, args=(tmp_path,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(json.loads((tmp_path / "keys.json").read_text())["keys"]) == 4


@pytest.mark.parametrize(("content", "mode", "message"), [
    ("{}x", 0o600, "is no file of keys"), ('{"keys": [{"id": 1}]}', 0o600, "is no file of keys: keys/0/id"),
    ('{"keys": []}', 0o666, "others than you can write it"),
])
def test_a_file_of_keys_that_cannot_be_trusted_is_refused(tmp_path: Path, content: str, mode: int,
                                                          message: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(mode)

    done = started("--api-only", "--keys", str(path))

    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def started(*more: str) -> "subprocess.CompletedProcess[str]":
    """A server that is not expected to start."""
    return subprocess.run(command(*more), capture_output=True, text=True, env=environment(), check=False, timeout=60)


@pytest.mark.parametrize(("more", "message"), [
    (("--api-only", "--host", "0.0.0.0"), "there are no keys"),
    (("--api-only", "--tls-cert", __file__), "go together"),
    (("--api-only", "--tls-cert", __file__, "--tls-key", __file__), "are no certificate and its key"),
    (("--api-only", "--all"), "?show=all"),
    (("--api-only", "--host", "192.0.2.1", "--without-keys"), "192.0.2.1:0: cannot be listened on"),
])
def test_a_server_that_may_not_start_says_why_in_one_line(more: tuple[str, ...], message: str) -> None:
    done = started(*more)

    assert done.returncode == 2
    assert message in done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("warning: ")] == [
        done.stderr.splitlines()[-1]]


def test_a_port_that_is_taken_is_told(tight: Served) -> None:
    port = address_of(tight)[1]

    done = started("--api-only", "--port", str(port))

    assert done.returncode == 2
    assert f"127.0.0.1:{port}: cannot be listened on: address already in use" in done.stderr


def test_a_server_for_other_machines_warns_of_what_is_missing(tmp_path: Path) -> None:
    with served("--host", "0.0.0.0", "--without-keys") as one:
        said = "".join(one.log)
        port = one.address.rpartition(":")[2]
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/rules", headers={"host": "scrubber.example"})

    assert "warning: whoever reaches 0.0.0.0 may ask this server" in said
    assert "is not encrypted" in said
    assert answer.status_code == 200


def test_connections_are_encrypted_with_a_certificate(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
                        str(cert)], check=True, capture_output=True, env=environment())
    except FileNotFoundError:
        pytest.skip("openssl is not there to make a certificate")

    with served("--tls-cert", str(cert), "--tls-key", str(key)) as one:
        answer = httpx.post(one.address + "/v1/claims", json=CLAIM, verify=ssl.create_default_context(cafile=cert))

    assert one.address.startswith("https://")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]


def test_a_server_that_is_told_to_end_lets_a_batch_come_to_its_end() -> None:
    with served() as one:
        with httpx.stream("POST", one.address + "/v1/batches", content=BIG, timeout=60) as answer:
            pieces = answer.iter_text()
            text = next(pieces)
            one.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            with pytest.raises(httpx.TransportError):
                httpx.get(one.address + "/healthz")
            text += "".join(pieces)
        code = one.process.wait(60)

    assert json.loads(text.splitlines()[-1])["type"] == "run"
    assert code == 0


def test_a_server_that_is_told_to_end_twice_ends_at_once() -> None:
    with served() as one, socket.create_connection(address_of(one)) as connection:
        connection.sendall(b"POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nISA*")
        time.sleep(0.3)
        one.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert one.process.poll() is None

        assert one.end() == 0


def test_a_server_leaves_nothing_behind(tmp_path: Path) -> None:
    with served(TMPDIR=str(tmp_path)) as one:
        httpx.post(one.address + "/v1/batches", content=generate.text(6000), timeout=60)
        assert one.end() == 0

    assert list(tmp_path.iterdir()) == []


def test_expiry_is_the_start_of_a_day(tmp_path: Path) -> None:
    from scrubber.web.keys import KeyFile, Keyring, Refused

    file = KeyFile(tmp_path / "keys.json")
    now = dt.datetime.now(dt.UTC)
    _, early = file.add("a", ("rules:read",), now - dt.timedelta(seconds=2))
    _, late = file.add("b", ("rules:read",), now + dt.timedelta(minutes=5))
    ring = Keyring(file.path)

    assert ring.holder(late).name == "b"
    with pytest.raises(Refused, match="expired"):
        ring.holder(early)
