"""Old entries of the log are taken off its beginning, and the chain still holds for those that are kept."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.database import Store
from scrubber.store.tables import Act, Setting


def prune(store: Store, before: dt.date, who: log.Who) -> int:
    """Takes off what is older than a day; how many entries that were.

    Raises:
        ScrubberError: The day is not six years past.
    """
    now = store.now()
    youngest = now.date().replace(year=now.year - log.YEARS_KEPT, day=min(now.day, 28))
    if before > youngest:
        raise ScrubberError(f"entries of the log are kept {log.YEARS_KEPT} years: name a day up to {youngest}")
    end = dt.datetime.combine(before, dt.time(), dt.UTC)
    with store.writing() as session:
        first, _ = log.beginning(session)
        newest, _ = log.last(session)
        kept = session.scalar(select(func.min(Act.seq)).where(Act.at >= end))
        seq = (kept if kept is not None else newest + 1) - 1
        if seq <= first:
            return 0
        hash = session.scalars(select(Act.hash).where(Act.seq == seq)).one()
        with _lifted(session):
            session.execute(delete(Act).where(Act.seq <= seq))
        session.merge(Setting(name=log.BEGINNING, value=json.dumps({"seq": seq, "hash": hash}).encode()))
        session.flush()
        log.note(session, now, who, "log.pruned", before=before.isoformat(), last=seq, hash=hash)
        return seq - first


@contextmanager
def _lifted(session: Session) -> Iterator[None]:
    """Without the guard of the log, inside one transaction; where it fails, the guard was never away."""
    if session.get_bind().dialect.name == "sqlite":
        triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                                        "AND tbl_name = 'acts'")).all()
        for name, _ in triggers:
            session.execute(text(f"DROP TRIGGER {name}"))
        yield
        for _, made in triggers:
            session.connection().exec_driver_sql(made)
    else:
        session.execute(text("ALTER TABLE acts DISABLE TRIGGER USER"))
        yield
        session.execute(text("ALTER TABLE acts ENABLE TRIGGER USER"))
