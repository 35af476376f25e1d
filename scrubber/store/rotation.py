"""A new data key for a client, while others work: at any moment all that is sealed opens, also after a kill.

First the new key is kept with the old one behind it (`Key.renewed`); from then on everything is sealed with the new
one. Then what the old one sealed is sealed anew, some rows a transaction. When nothing of it is left, the old one is
thrown away. Whoever breaks off and begins again goes on where it was.
"""

from collections.abc import Iterator
from typing import Any

from scrubber.errors import ScrubberError
from scrubber.store import log
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import OF, PLACES, after, key_of_row, place
from scrubber.store.tables import Client


def change_key(store: Store, client_id: int, who: log.Who) -> Iterator[int]:
    """Gives a client a new data key; yields how many values were sealed anew by now.

    Raises:
        ScrubberError: Its data was deleted, or something does not open.
    """
    _begin(store, client_id, who)
    done = 0
    # A transaction that had the old key when this began is waited for at its beginning, so once is enough; the second
    # time around finds nothing, and says so.
    for is_again in (False, True):
        for table in OF:
            for count in _table(store, table, client_id):
                if is_again and count:
                    raise ScrubberError(f"client {client_id}: something was sealed with the old key meanwhile; do it "
                                        "once more")
                done += count
                yield done
    with store.writing() as session:
        key = store.key_of(session, client_id)
        store.change_key(session, client_id, key.settled())
        log.note(session, store.now(), who, "client.key_changed", client_id=client_id, values=done)


def _begin(store: Store, client_id: int, who: log.Who) -> None:
    with store.writing() as session:
        session.get(Client, client_id, with_for_update=True)
        key = store.key_of(session, client_id)
        if not key.is_changing:
            store.change_key(session, client_id, key.renewed())
            log.note(session, store.now(), who, "client.key_changing", client_id=client_id)


def _table(store: Store, table: type[Base], client_id: int) -> Iterator[int]:
    last: tuple[Any, ...] | None = None
    while True:
        count = 0
        with store.writing() as session:
            key = store.key_of(session, client_id)
            rows = list(session.scalars(after(table, client_id, last).with_for_update()))
            for row in rows:
                for column in PLACES[table]:
                    sealed = getattr(row, column)
                    anew = key.seal_anew(sealed, place(row, column)) if sealed is not None else None
                    if anew is not None:
                        setattr(row, column, anew)
                        count += 1
            last = key_of_row(rows[-1]) if rows else None
        yield count
        if last is None:
            return
