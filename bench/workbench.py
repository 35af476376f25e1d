"""How long the pages of a team's workbench take while many coders are at work on a large store.

    python bench/workbench.py [--tables DIR] [--claims 100000] [--coders 50] [--seconds 180] [--postgres URL] [--record]

Loads the claims of bench/generate.py as one batch, starts `scrubber serve` on them as a process of its own, and lets
coders work: each is logged in with a browser's cookie, thinks one to five seconds before each page, opens the work,
then a group of it, then up to four claims of the group one after the other, and now and then the numbers or the
batches. Prints one JSON object: percentiles in milliseconds by page and of all pages, from the question sent to the
last byte read, and the answers that were not a page. --record keeps it in bench/records/workbench.json, and
in docs/workbench-work.md.

The coders take their share of the same machine's cores: a server with cores of its own answers sooner.
"""

import argparse
import asyncio
import base64
import datetime as dt
import json
import random
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from generate import text
from latency import AS_OF
from serving import served
from sqlalchemy import create_engine, make_url
from where import commit, machine

from scrubber import Scrubber
from scrubber.store import accounts, batches, files
from scrubber.store.database import Store, utc_now
from scrubber.store.log import PROGRAM
from scrubber.store.tables import User
from scrubber.store.vault import Vault

HERE = Path(__file__).parent
RECORDS, PAGE = HERE / "records" / "workbench.json", HERE.parent / "docs" / "workbench-work.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
GROUP = re.compile(r'href="(/work/group\?[^"]+)"')
CLAIM = re.compile(r'href="(/claims/\d+[^"]*)"')
MOST = 1 << 30
THINKING = (1.0, 5.0)          # seconds
WARM = 20                      # seconds that do not count: every coder has come in by then


class Coder:
    """One who works until it is time to go, and how long each page took.

    Attributes:
        taken: Seconds by page.
        wrong: Answers that were not a page.
    """

    def __init__(self, address: str, cookie: str, seed: int) -> None:
        # a browser opens a connection anew where it was quiet for longer than the server keeps one
        self._client = httpx.AsyncClient(base_url=address, cookies={"scrubber": cookie}, timeout=60,
                                         limits=httpx.Limits(keepalive_expiry=3))
        self._chance = random.Random(seed)
        self._since = 0.0
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.wrong = 0

    async def work(self, since: float, until: float) -> None:
        """Opens pages; those from `since` on are counted (seconds of time.monotonic)."""
        self._since = since
        async with self._client:
            await asyncio.sleep(self._chance.uniform(0, WARM / 2))
            while time.monotonic() < until:
                work = await self._open("work", "/work")
                if groups := GROUP.findall(work):
                    group = await self._open("group", unescape(self._chance.choice(groups)))
                    claims = CLAIM.findall(group)
                    for claim in self._chance.sample(claims, min(len(claims), self._chance.randint(1, 4))):
                        await self._open("claim", unescape(claim))
                if self._chance.random() < 0.1:
                    await self._open("numbers", "/numbers")
                if self._chance.random() < 0.2:
                    await self._open("batches", "/batches")

    async def _open(self, name: str, path: str) -> str:
        await asyncio.sleep(self._chance.uniform(*THINKING))
        started = time.monotonic()
        answer = await self._client.get(path)
        if started >= self._since:
            self.taken[name].append(time.monotonic() - started)
            self.wrong += answer.status_code != 200
        return answer.text


def percentiles(seconds: list[float]) -> dict[str, float]:
    """In milliseconds, with how many there were."""
    hundredths = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    return {"pages": len(seconds), **{f"p{place}": round(hundredths[place - 1] * 1e3, 1) for place in (50, 95, 99)},
            "slowest": round(max(seconds) * 1e3, 1)}


def load(store: Store, scrubber: Scrubber, claims: int) -> float:
    """Receives and loads one batch; gives claims a second."""
    with store.writing() as session:
        client = store.new_client(session, "Bench").id
    file = files.receive(store, client, batches.ORIGINAL, "bench.837", [text(claims)], MOST)
    batch = batches.receive(store, scrubber, client, file, PROGRAM, "page")
    started = time.perf_counter()
    batches.load(store, scrubber, batch.id)
    return claims / (time.perf_counter() - started)


def cookies(store: Store, coders: int) -> list[str]:
    """Of a session of each of so many coders."""
    with store.writing() as session:
        users = [User(name=f"coder{number}", role="coder", created_at=utc_now()) for number in range(coders)]
        session.add_all(users)
        session.flush()
        return [accounts.begin(session, user, utc_now()) for user in users]


async def worked(address: str, found: list[str], seconds: float) -> list[Coder]:
    since = time.monotonic() + WARM
    coders = [Coder(address, cookie, seed) for seed, cookie in enumerate(found)]
    await asyncio.gather(*(coder.work(since, since + seconds) for coder in coders))
    return coders


def measured(url: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """The record of one run on one empty store."""
    key = secrets.token_bytes(32)
    path = folder / "store.key"
    path.write_text(base64.b64encode(key).decode())
    path.chmod(0o600)
    store = Store(url, Vault([key]))
    speed = load(store, Scrubber(tables=arguments.tables, as_of=AS_OF), arguments.claims)
    found = cookies(store, arguments.coders)
    store.close()
    before = machine()
    with served(arguments.tables, "--store", url, "--store-key", str(path), "--no-access-log",
                api_only=False) as address:
        coders = asyncio.run(worked(address, found, arguments.seconds))
    pages = sorted({name for coder in coders for name in coder.taken})
    by_page = {name: [one for coder in coders for one in coder.taken[name]] for name in pages}
    return {"commit": commit(), "date": dt.datetime.now(dt.UTC).date().isoformat(), "machine": before,
            "claims": arguments.claims, "coders": arguments.coders, "seconds": arguments.seconds,
            "loaded_per_second": round(speed), "wrong": sum(coder.wrong for coder in coders),
            "all": percentiles([one for each in by_page.values() for one in each]),
            "pages": {name: percentiles(taken) for name, taken in by_page.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--coders", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--postgres", metavar="URL", help="a server where a database is made for the run and dropped "
                                                          "(default: SQLite, in a temporary folder)")
    parser.add_argument("--record", action="store_true", help=f"keep it in {RECORDS.name}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scrubber-bench-") as name:
        folder = Path(name)
        if arguments.postgres is None:
            record = measured(f"sqlite:///{folder / 'store.db'}", folder, arguments)
        else:
            record = on_postgres(arguments.postgres, folder, arguments)
    print(json.dumps(record, indent=2))
    if arguments.record:
        kept = json.loads(RECORDS.read_text()) if RECORDS.exists() else {}
        kept["sqlite" if arguments.postgres is None else "postgresql"] = record
        RECORDS.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
        PAGE.write_text(shown(PAGE.read_text(), kept))


def shown(page: str, records: dict[str, Any]) -> str:
    """The page with the table of what is recorded."""
    rows = "".join(f"| {name} | {records[kind]['all']['pages']:,} | " + " | ".join(
        f"{records[kind]['all'][place]:.0f}" for place in ("p50", "p95", "p99")) + " |\n"
        for kind, name in NAMES.items() if kind in records)
    head = "| store | pages | median | 95 of 100 | 99 of 100 |\n|---|---:|---:|---:|---:|\n"
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    return f"{before}{BEGIN}\n{head}{rows}{END}{after}"


def on_postgres(url: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """In a database of its own."""
    server = make_url(url).set(drivername="postgresql+psycopg")
    name = f"scrubber_bench_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        made = make_url(url).set(database=name).render_as_string(hide_password=False)
        return measured(made, folder, arguments)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
