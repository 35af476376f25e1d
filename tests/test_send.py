"""Files that another machine sends are worked by the team: `scrubber scrub --send`, and the route behind it."""

import datetime as dt
import ipaddress
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("sqlalchemy")
pytest.importorskip("cryptography")
pytest.importorskip("argon2")

from loads import DEMO, client, demo_records, many, received, recount, scrubber, tallied
from serving import CODE, environment, key_of, problem_of, served, wait_for
from sqlalchemy import func, select
from stores import backends, store
from teams import Team, team

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.store import batches, files
from scrubber.store.database import Store
from scrubber.store.loader import WAITING, Full, Loader
from scrubber.store.tables import Act, Batch, Claim, File, Piece

ROUTE = "/v1/work/batches"


@dataclass
class Site:
    team: Team
    key: str
    other: str                  # a key that may not send

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def post(self, body: bytes | Iterator[bytes] = DEMO, key: str | None = None, **asked: str) -> httpx.Response:
        return httpx.post(self.team.server.address + ROUTE, params={"client": "North", **asked}, content=body,
                          headers={"Authorization": f"Bearer {key or self.key}"}, timeout=60)

    def batch(self, batch_id: int) -> Batch:
        """A batch, once it is loaded."""
        def is_done() -> bool:
            with self.team.store.reading() as session:
                return session.scalars(select(Batch.state).where(Batch.id == batch_id)).one() != "loading"

        wait_for(is_done)
        with self.team.store.reading() as session:
            found = session.get_one(Batch, batch_id)
            session.expunge(found)
            return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    path, key = key_of(folder, "work:send")
    _, other = key_of(folder, "batches:scrub")
    with team(folder, "--keys", str(path), "--max-batch", "2") as one:
        yield Site(one, key, other)


def command(*args: str, key: str | None = None, input: bytes = b"",
            **changed: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([sys.executable, "-c", CODE, "scrub", *args], input=input, capture_output=True, check=False,
                          env=environment(**({"SCRUBBER_SEND_KEY": key} if key else {}), **changed))
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_file_that_is_sent_can_be_worked_where_the_command_says(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "march.837"
    path.write_bytes(DEMO)

    done = command(str(path), "--send", site.team.server.address, "--client", "North", key=site.key)

    assert (done.returncode, done.stderr) == (0, "")
    page = done.stdout.strip().removeprefix(f"{path}: ")
    assert page.startswith(f"{site.team.server.address}/batches/")
    batch = site.batch(int(page.rpartition("/")[2]))
    assert (batch.state, batch.claims) == ("ready", len(scrubber().scrub(DEMO).claims))
    with site.team.store.reading() as session:
        act = session.execute(select(Act.user, Act.kind).where(Act.batch_id == batch.id).order_by(Act.seq)).all()
        name = files.name_of(session.get_one(File, batch.file_id), site.team.store.key_of(session, batch.client_id))
    assert [tuple(row) for row in act] == [("key test", "batch.received"), ("scrubber", "batch.ready")]
    assert name == "march.837"


def test_several_files_and_standard_input_are_sent(site: Site, tmp_path: Path) -> None:
    key, path = tmp_path / "key", tmp_path / "a.ndjson"
    key.write_text(f"{site.key}\n")
    path.write_bytes(many(1))

    done = command(str(path), "-", "--send", f"{site.team.server.address}/", "--client", "North", "--send-key-file",
                   str(key), input=many(2))

    assert done.returncode == 0, done.stderr
    pages = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    found = [site.batch(int(page.rpartition("/")[2])) for page in pages]
    assert [batch.claims for batch in found] == [len(demo_records()), 2 * len(demo_records())]


def test_what_came_before_is_told_and_taken_again_where_that_is_meant(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "twice.ndjson"
    path.write_bytes(many(3))
    where = (str(path), "--send", site.team.server.address, "--client", "North")
    assert command(*where, key=site.key).returncode == 0

    again = command(*where, key=site.key)
    meant = command(*where, "--send-again", key=site.key)

    assert again.returncode == 2
    assert "the same file came on" in again.stderr
    assert "--send-again" in again.stderr
    assert len(again.stderr.splitlines()) == 1
    assert meant.returncode == 0
    assert problem_of(site.post(many(3)), 409, "duplicate")


def test_what_may_not_be_sent_is_refused(site: Site) -> None:
    assert "client=NAME" in problem_of(httpx.post(site.team.server.address + ROUTE, headers=site.headers), 404,
                                       "not-found")["detail"]
    assert problem_of(site.post(client="South"), 404, "not-found")
    assert problem_of(site.post(key="scr_x_y"), 401, "key")
    assert "work:send" in problem_of(site.post(key=site.other), 403, "scope")["detail"]
    assert problem_of(site.post(again="yes"), 400, "query")
    assert problem_of(site.post(file="a/b"), 400, "query")
    assert "is a PDF" in problem_of(site.post(b"%PDF SMITH"), 422, "unreadable")["detail"]
    assert "is empty" in problem_of(site.post(b""), 422, "unreadable")["detail"]


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_file_beyond_the_bound_is_refused_and_not_kept(site: Site, is_declared: bool) -> None:
    body = b"[" + b" " * (3 << 20)
    with site.team.store.reading() as session:
        before = session.scalar(select(func.count()).select_from(Piece))

    answer = site.post(body if is_declared else (body[at:at + 65536] for at in range(0, len(body), 65536)))

    problem_of(answer, 413, "too-large")
    with site.team.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Piece)) == before
        assert session.scalar(select(func.count()).where(File.kind == files.INCOMING)) == 0


def test_a_sender_that_leaves_leaves_nothing_behind(site: Site) -> None:
    host, _, port = site.team.server.address.removeprefix("http://").rpartition(":")

    def incoming() -> int:
        with site.team.store.reading() as session:
            return session.scalar(select(func.count()).where(File.kind == files.INCOMING)) or 0

    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"POST {ROUTE}?client=North HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer "
                           f"{site.key}\r\nContent-Length: 1000\r\n\r\n[".encode())
        wait_for(incoming)

    wait_for(lambda: incoming() == 0)


def test_the_description_tells_of_the_route_only_where_it_is(site: Site) -> None:
    said = httpx.get(f"{site.team.server.address}/openapi.json").json()
    operation = said["paths"][ROUTE]["post"]

    assert set(operation["responses"]) >= {"202", "401", "403", "404", "409", "413", "422"}
    assert operation["security"] == [{"key": []}]
    with served() as alone:
        assert ROUTE not in httpx.get(f"{alone.address}/openapi.json").json()["paths"]


def test_a_server_without_keys_takes_no_files(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(DEMO)
    with team(tmp_path) as one:
        answer = httpx.post(one.server.address + ROUTE, params={"client": "North"}, content=DEMO)
        done = command(str(path), "--send", one.server.address, "--client", "North", key="scr_x_y")

    assert "--keys" in problem_of(answer, 403, "no-keys")["detail"]
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "--keys" in done.stderr


@pytest.mark.parametrize(("args", "told"), [
    (("--send", "http://127.0.0.1:9", "--client", "North"), "cannot be reached"),
    (("--send", "http://scrubber.example.org", "--client", "North"), "not encrypted"),
    (("--send", "scrubber", "--client", "North"), "is no address"),
    (("--send", "http://127.0.0.1:99999", "--client", "North"), "is no address"),
    (("--send", "https://a:b@example.org", "--client", "North"), "is no address"),
    (("--send", "http://127.0.0.1:9"), "--client"),
    (("--client", "North"), "--send URL"),
    (("--send", "http://127.0.0.1:9", "--client", "North", "--output", "x.jsonl"), "scrubs nothing here"),
])
def test_what_cannot_be_sent_is_told_in_one_line(tmp_path: Path, args: tuple[str, ...], told: str) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(DEMO)

    done = command(str(path), *args, key="scr_secret_key")

    assert done.returncode == 2
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "scr_secret_key" not in done.stderr


@pytest.mark.parametrize("key", [None, "two words"])
def test_a_key_that_is_none_is_told_without_showing_it(tmp_path: Path, key: str | None) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(DEMO)

    done = command(str(path), "--send", "http://127.0.0.1:9", "--client", "North", key=key)

    assert done.returncode == 2
    assert "SCRUBBER_SEND_KEY" in done.stderr
    assert "two words" not in done.stderr


def test_a_wrong_key_or_another_server_is_told_in_one_line(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(DEMO)
    with served() as alone:
        other = command(str(path), "--send", alone.address, "--client", "North", key=site.key)
    wrong = command(str(path), "--send", site.team.server.address, "--client", "North", key=site.other)
    plain = command(str(path), "--send", site.team.server.address.replace("http:", "https:"), "--client", "North",
                    key=site.key)

    assert "without a team's store" in other.stderr
    assert "work:send" in wrong.stderr
    assert "does not speak TLS" in plain.stderr
    assert {len(done.stderr.splitlines()) for done in (other, wrong, plain)} == {1}


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    path, sending = key_of(tmp_path, "work:send")
    claims = tmp_path / "a.837"
    claims.write_bytes(DEMO)
    with team(tmp_path, "--keys", str(path), "--tls-cert", str(cert), "--tls-key", str(key)) as one:
        where = (str(claims), "--send", one.server.address, "--client", "North")
        refused = command(*where, key=sending)
        trusted = command(*where, key=sending, SSL_CERT_FILE=str(cert))
        with one.store.reading() as session:
            kept = session.scalar(select(func.count()).select_from(Batch))

    assert refused.returncode == 2
    assert "is not trusted" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert trusted.returncode == 0, trusted.stderr
    assert kept == 1


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scrubber test")])
    now = dt.datetime.now(dt.UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))
    return cert, private


# -- the loader

@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path) as one:
        yield one


def state(opened: Store, batch_id: int) -> str:
    with opened.reading() as session:
        return session.scalars(select(Batch.state).where(Batch.id == batch_id)).one()


def test_batches_are_loaded_one_after_another_and_tell_how_far_they_are(opened: Store) -> None:
    owner = client(opened)
    first, second = received(opened, owner, many(20)), received(opened, owner, many(1))
    loader = Loader(opened, scrubber())
    seen: list[tuple[int, int]] = []

    loader.add(first.id)
    loader.add(second.id)
    while (progress := loader.progress(first.id)) is not None:
        seen.append((progress.claims, progress.all))
    wait_for(lambda: loader.waiting == 0)

    assert [state(opened, batch.id) for batch in (first, second)] == ["ready", "ready"]
    assert seen == sorted(seen)
    assert max(seen)[1] == 20 * len(demo_records())
    loader.close()


def test_a_loader_takes_up_what_an_earlier_one_did_not_come_to(opened: Store) -> None:
    owner = client(opened)
    left = [received(opened, owner, many(copies)).id for copies in (1, 2)]
    loader = Loader(opened, scrubber())

    loader.begin()
    wait_for(lambda: loader.waiting == 0)

    assert [state(opened, batch_id) for batch_id in left] == ["ready", "ready"]
    loader.close()


def test_a_server_that_ends_leaves_a_load_to_the_next(opened: Store) -> None:
    batch = received(opened, client(opened), many(40))
    loader = Loader(opened, scrubber())
    loader.add(batch.id)
    wait_for(lambda: (progress := loader.progress(batch.id)) is None or progress.claims)

    loader.close()
    assert state(opened, batch.id) == "loading"

    again = Loader(opened, scrubber())
    again.begin()
    wait_for(lambda: again.waiting == 0)
    again.close()
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Claim)) == 40 * len(demo_records())
    assert tallied(opened, batch.id) == recount(opened, batch.id)


def test_more_batches_than_may_wait_are_refused(opened: Store) -> None:
    loader = Loader(opened, scrubber())
    batch = received(opened, client(opened))
    held = threading.Event()
    loader._thread.submit(held.wait)
    for number in range(WAITING):
        loader.admit()
        loader.add(batch.id + number)

    with pytest.raises(Full, match="send it again later"):
        loader.admit()
    loader._ends.set()
    held.set()
    loader.close()


def test_a_fault_of_the_program_fails_its_batch_and_no_other(opened: Store, monkeypatch: pytest.MonkeyPatch,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    owner = client(opened)
    broken, good = received(opened, owner, many(1)), received(opened, owner, many(2))
    whole = batches.load

    def load(store: Store, scrubber: object, batch_id: int, **more: object) -> bool:
        if batch_id == broken.id:
            raise KeyError("SMITH")
        return whole(store, scrubber, batch_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "load", load)
    loader = Loader(opened, scrubber())
    loader.begin()
    wait_for(lambda: loader.waiting == 0)
    loader.close()

    assert [state(opened, batch.id) for batch in (broken, good)] == ["failed", "ready"]
    assert "KeyError" in caplog.text
    assert "SMITH" not in caplog.text


def test_a_database_that_is_gone_for_a_while_is_asked_again(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from scrubber.store import loader as module
    from scrubber.store.troubles import LOST, Unavailable

    batch = received(opened, client(opened))
    times: list[int] = []
    whole = batches.load

    def load(store: Store, scrubber: object, batch_id: int, **more: object) -> bool:
        times.append(batch_id)
        if len(times) < 3:
            raise Unavailable(LOST)
        return whole(store, scrubber, batch_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "load", load)
    monkeypatch.setattr(module, "PAUSE", 0.01)
    loader = Loader(opened, scrubber())
    loader.begin()
    wait_for(lambda: loader.waiting == 0)
    loader.close()

    assert len(times) == 3
    assert state(opened, batch.id) == "ready"


def test_names_that_do_not_fit_the_store_are_told_before_a_file_comes(opened: Store, tmp_path: Path) -> None:
    name = "north" * 20
    (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nabout: A plan.\nextends: commercial\npayers: [NORTH]\n")

    with pytest.raises(ScrubberError, match="has at most 64 characters"):
        Loader(opened, Scrubber(payers=tmp_path))
