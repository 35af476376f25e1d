"""Batches come in: a file that is kept, scrubbed, and taken apart into claims, causes and counts.

Rows are written some hundred claims at a time while the batch is `loading`; counts, totals and the state `ready` come
with the last of them. What a crash leaves is thrown away and loaded again: claims of a batch that is not `ready` are
shown by nobody.
"""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers import sniff
from scrubber.readers.files import CHUNK, GZIP, Source, Unpacked
from scrubber.report import Report
from scrubber.store import files, judging, log
from scrubber.store.database import Store
from scrubber.store.files import ORIGINAL as ORIGINAL
from scrubber.store.loading import Claims, Rows
from scrubber.store.seals import place
from scrubber.store.standings import Standing
from scrubber.store.tables import Batch, Cause, Claim, File, Service, Tally
from scrubber.store.troubles import Unavailable

CLAIMS, CAUSES, SERVICES = (cast(Table, table.__table__) for table in (Claim, Cause, Service))
TOGETHER = 400                 # claims that are written in one transaction
PROBLEM = 500                  # characters


class DuplicateBatch(ScrubberError):
    """The same file came before, for the same client."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(f"the same file came on {batch.received_at:%Y-%m-%d} as batch {batch.id}; say that it is to "
                         "be loaded again, if that is meant")
        self.batch_id = batch.id


class Stopped(Exception):
    """A load was given up; it begins anew when it is resumed."""


@dataclass(slots=True)
class Progress:
    """How far a load is.

    Attributes:
        bytes, size: That were scrubbed, and are to be.
        claims, all: That were written, and are to be; `all` is 0 until the scrub is done.
    """

    bytes: int = 0
    size: int = 0
    claims: int = 0
    all: int = 0


def receive(store: Store, scrubber: Scrubber, client_id: int, file: File, who: log.Who, via: str, *,
            again: bool = False) -> Batch:
    """Makes a batch of a file that came; `load` fills it.

    Args:
        file: As `scrubber.store.files` keeps it, of the kind `original`.
        via: How it came, for the log: `page`, `key`.
        again: Whether it is taken although it came before.

    Raises:
        DuplicateBatch: It came before and could be read; it is not kept twice.
    """
    with store.writing() as session:
        before = None if again else session.scalar(
            select(Batch).join(File, File.id == Batch.file_id).where(
                Batch.client_id == client_id, File.sha256 == file.sha256, File.id != file.id, Batch.state != "failed")
            .order_by(Batch.id.desc()).limit(1))
        if before is None:
            now = store.now()
            batch = Batch(client_id=client_id, file_id=file.id, user_id=who.id, state="loading", received_at=now,
                          as_of=scrubber.as_of, run={})
            session.add(batch)
            session.flush()
            log.note(session, now, who, "batch.received", client_id=client_id, batch_id=batch.id, via=via,
                     bytes=file.size, sha256=file.sha256)
            return batch
        files.drop(session, [file.id])
    raise DuplicateBatch(before)


def unfinished(store: Store) -> list[int]:
    """Batches that are loading, or were when a server ended, oldest first."""
    with store.reading() as session:
        return list(session.scalars(select(Batch.id).where(Batch.state == "loading").order_by(Batch.id)))


def load(store: Store, scrubber: Scrubber, batch_id: int, *, progress: Progress | None = None,
         stopped: Callable[[], bool] = lambda: False) -> bool:
    """Scrubs a batch and writes what comes of it; it is `ready` or `failed` then.

    Args:
        stopped: Asked now and then whether to give up.

    Returns:
        Whether it was done here: false where another server does it, or it was done before.

    Raises:
        Stopped: It was given up; it is `loading` still.
        Unavailable: The database cannot be asked; the same.
    """
    with store.alone(batch_id) as is_ours:
        if not is_ours:
            return False
        with store.writing() as session:
            batch = session.get(Batch, batch_id)
            if batch is None or batch.state != "loading":
                return False
            _forget(session, batch_id)
        try:
            _Load(store, scrubber, batch, progress or Progress(), stopped).run()
        except Unavailable:
            raise
        except ScrubberError as error:
            fail(store, batch_id, str(error).removeprefix(f"{judging.FILE}: "))
    return True


def fail(store: Store, batch_id: int, problem: str, told: Sequence[Unreadable | Flag] = ()) -> None:
    """Says of a batch that it could not be read, and why; nothing of it stays but its file."""
    with store.writing() as session:
        batch = session.get(Batch, batch_id)
        if batch is None:                            # its client was deleted
            return
        _forget(session, batch_id)
        batch.state, batch.problem = "failed", problem[:PROBLEM]
        _keep_aside(store, session, batch, told)
        log.note(session, store.now(), log.PROGRAM, "batch.failed", client_id=batch.client_id, batch_id=batch_id)


def set_aside(store: Store, session: Session, batch: Batch) -> tuple[list[Unreadable], list[Flag]]:
    """Claims of a batch that were set aside, and flags that are of no claim but of the file."""
    if batch.sealed_unreadable is None:
        return [], []
    told = json.loads(store.key_of(session, batch.client_id).open(batch.sealed_unreadable,
                                                                  place(batch, "sealed_unreadable")))
    return ([Unreadable.model_validate(each) for each in told if each["type"] == "unreadable"],
            [Flag.model_validate(each) for each in told if each["type"] == "flag"])


def _keep_aside(store: Store, session: Session, batch: Batch, told: Sequence[Unreadable | Flag]) -> None:
    batch.set_aside = sum(isinstance(each, Unreadable) for each in told)
    batch.sealed_unreadable = None
    if told:
        text = json.dumps([each.model_dump(mode="json") for each in told], ensure_ascii=False)
        batch.sealed_unreadable = store.key_of(session, batch.client_id).seal_text(text,
                                                                                   place(batch, "sealed_unreadable"))


def _forget(session: Session, batch_id: int) -> None:
    """Deletes what an interrupted load wrote."""
    for table in (Cause, Claim, Service, Tally, Standing):
        session.execute(delete(table).where(table.batch_id == batch_id))


class _Load:
    """One load of a batch."""

    def __init__(self, store: Store, scrubber: Scrubber, batch: Batch, progress: Progress,
                 stopped: Callable[[], bool]) -> None:
        self._store = store
        self._scrubber = scrubber
        self._batch = batch
        self._progress = progress
        self._stopped = stopped
        with store.reading() as session:
            progress.size = session.get_one(File, batch.file_id).size

    def run(self) -> None:
        with files.source(self._store, self._batch.file_id, judging.FILE) as source:
            kind = _format(source)
            report = self._scrubber.scrub(source, progress=self._read)
            self._progress.all = len(report.claims)
            claims = Claims(self._batch, self._scrubber, report, source, self._store.now())
            for rows in claims.parts(TOGETHER):
                self._write(rows)
        told = [*report.unreadable, *claims.unreadable]
        if not claims.count:
            problem = told[0].problem if len(told) == 1 else f"none of its {len(told):,} claims can be read"
            fail(self._store, self._batch.id, problem if told else "the file holds no claim to be submitted",
                 [*told, *claims.loose])
            return
        self._finish(report, claims, told, kind)

    def _read(self, more: int) -> None:
        self._progress.bytes += more
        self._go_on()

    def _go_on(self) -> None:
        if self._stopped():
            raise Stopped

    def _write(self, rows: Rows) -> None:
        self._go_on()
        with self._store.writing() as session:
            key = self._store.key_of(session, self._batch.client_id)
            session.execute(insert(CLAIMS), rows.sealed(key))
            if rows.causes:
                first, last = rows.claims[0]["position"], rows.claims[-1]["position"]
                ids = dict(session.execute(select(Claim.position, Claim.id).where(
                    Claim.batch_id == self._batch.id, Claim.position.between(first, last))).all())
                ours = {"batch_id": self._batch.id, "client_id": self._batch.client_id,
                        "at": rows.claims[0]["changed_at"]}
                session.execute(insert(CAUSES), [{**judging.row_of(cause, key), **ours, "claim_id": ids[position]}
                                                 for position, cause in rows.causes])
        self._progress.claims += len(rows.claims)

    def _finish(self, report: Report, claims: Claims, told: list[Unreadable], kind: str) -> None:
        store, now = self._store, self._store.now()
        with store.writing() as session:
            batch = session.get_one(Batch, self._batch.id)
            claims.moves.write(session)
            claims.standings.write(session)
            services = [{"batch_id": batch.id, "provider": provider, "code": code, "lines": count[0],
                         "cents": count[1], "deleted": count[2]}
                        for (provider, code), count in sorted(claims.services.items())]
            if services:
                session.execute(insert(SERVICES), services)
            batch.state, batch.problem, batch.format, batch.ready_at = "ready", "", kind, now
            batch.claims, batch.lines, batch.flags = claims.count, claims.lines, claims.flags
            batch.clean, batch.cents = claims.clean, claims.cents
            batch.as_of = dt.date.fromisoformat(report.run["as_of"])
            _keep_aside(store, session, batch, [*told, *claims.loose])
            batch.run = _run(report.run)
            log.note(session, now, log.PROGRAM, "batch.ready", client_id=batch.client_id, batch_id=batch.id,
                     claims=batch.claims, set_aside=batch.set_aside)


def _run(record: dict[str, Any]) -> dict[str, Any]:
    """A run record without what names a file."""
    kept = dict(record)
    if "notes" in kept:
        kept["notes"] = [{name: value for name, value in note.items() if name != "file"} for note in kept["notes"]]
    return kept


def _format(source: Source) -> str:
    """What a file is, by its first bytes."""
    with source.open() as stream:
        start = stream.read(CHUNK)
        if start.startswith(GZIP):
            start = Unpacked(stream).read(CHUNK)
    return sniff(start, file=source.name)
