"""The page that takes remittances in, over HTTP: who may, what is refused, and what is then listed."""

import re
import socket
from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

from serving import address_of
from sqlalchemy import func, select
from teams import Team, team
from test_remittance import PAID, file_of

from scrubber.readers.remittance import MOST
from scrubber.store.tables import Remit, Role


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with team(tmp_path_factory.mktemp("team")) as one:
        yield one


def token(browser: httpx.Client) -> str:
    found = re.search(r'data-token="([^"]+)"', browser.get("/remittances").text)
    assert found is not None
    return found[1]


def send(browser: httpx.Client, data: bytes, query: str, **headers: str) -> httpx.Response:
    return browser.post(f"/remittances?{query}", content=data, headers={"x-form": token(browser)} | headers,
                        follow_redirects=True)


def remits(north: Team) -> int:
    with north.store.reading() as session:
        return session.scalar(select(func.count()).select_from(Remit)) or 0


def test_a_remittance_is_taken_in_and_listed_and_the_same_again_is_told(north: Team) -> None:
    data = file_of(PAID, "CLP*B<b>2*4*80*0~", "CLP*B3*25*80*0~")
    with north.visit("lead") as browser:
        first = send(browser, data, f"client={north.client_id}&name=era+%3Cb%3E.835")
        second = send(browser, data, f"client={north.client_id}&name=other.835")

    assert first.status_code == 200
    assert "era &lt;b&gt;.835" in first.text
    assert "1 answer left aside" in first.text
    assert "was there already" in second.text
    assert "other.835" not in second.text
    assert remits(north) == 2
    assert second.text.count("<tr aria-current") == 1


@pytest.mark.parametrize(("data", "query", "status", "said"), [
    (b"not one", "client={}", 409, "begins with no ISA"),
    (file_of(PAID, kind="837"), "client={}", 409, "is an 837, not an 835"),
    (file_of(PAID + "SV*1~"), "client=99999", 404, "no such client"),
    (file_of(PAID + "SV*2~"), "client=x", 422, "client is no number"),
    (file_of(PAID + "SV*3~"), "", 422, "client is no number"),
    (file_of(PAID + "SV*4~"), "client={}&name=" + "x" * 5000, 413, "name has more than"),
])
def test_what_cannot_be_taken_in_is_refused_and_leaves_nothing(north: Team, data: bytes, query: str, status: int,
                                                               said: str) -> None:
    before = remits(north)
    with north.visit("lead") as browser:
        answer = send(browser, data, query.format(north.client_id))

    assert answer.status_code == status
    assert said in answer.text
    assert "JANE" not in answer.text
    assert remits(north) == before


def test_a_file_that_is_too_large_is_refused_before_it_is_read(north: Team) -> None:
    host, port = address_of(north.server)
    with north.visit("lead") as browser:
        head = (f"POST /remittances?client={north.client_id} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"Cookie: scrubber={browser.cookies['scrubber']}\r\nX-Form: {token(browser)}\r\n"
                f"Content-Length: {MOST + 1}\r\n\r\n")
    with socket.create_connection((host, port), 60) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("role", ["viewer", "coder"])
def test_remittances_are_for_leads(north: Team, role: Role) -> None:
    with north.visit("lead") as lead, north.visit(role) as browser:
        page = browser.get("/remittances")
        sent = browser.post(f"/remittances?client={north.client_id}", content=file_of(PAID),
                            headers={"x-form": token(lead)})

    assert (page.status_code, sent.status_code) == (403, 403)


def test_a_file_from_another_page_or_without_a_form_of_this_session_is_refused(north: Team) -> None:
    before, data = remits(north), file_of(PAID + "SV*5~")
    with north.visit("lead") as browser, north.visit("lead") as other:
        sent = [send(browser, data, f"client={north.client_id}", **headers) for headers in (
            {"x-form": ""}, {"x-form": token(other)}, {"origin": "https://example.com"},
            {"sec-fetch-site": "cross-site"})]

    assert [answer.status_code for answer in sent] == [403] * 4
    assert httpx.post(f"{north.server.address}/remittances?client=1", content=data).status_code == 401
    assert remits(north) == before
