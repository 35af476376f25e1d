"""Files in the store: sealed in pieces as they come, and read back without lying open on a disk.

What comes from outside is written piece by piece, each in a transaction of its own, so that nobody waits for a slow
sender; until it is whole it is of the kind `incoming`, and what is left of one is thrown away later.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from scrubber.errors import ScrubberError, why
from scrubber.readers.files import Source
from scrubber.spool import unnamed
from scrubber.store.database import Store
from scrubber.store.seals import place
from scrubber.store.tables import Batch, File, Piece
from scrubber.store.vault import Key

PIECE = 1 << 20                # bytes
IN_MEMORY = 16 << 20           # bytes of a file that is read without being put on disk
INCOMING, ORIGINAL = "incoming", "original"
LEFT = dt.timedelta(hours=6)   # after which nobody sends any more
NAME = 200                     # characters of a name that are kept


class TooLarge(ScrubberError):
    """A file is larger than may be."""


class Incoming:
    """A file that is being sent.

    Args:
        kind: What it becomes once it is whole: original, release, remittance.
        most: Bytes that it may have.
    """

    def __init__(self, store: Store, client_id: int, kind: str, name: str, most: int) -> None:
        self._store = store
        self._client_id = client_id
        self._kind = kind
        self._most = most
        self._digest = hashlib.sha256()
        self._held = bytearray()
        self._pieces = 0
        self.size = 0
        with store.writing() as session:
            self.id = _new(session, store.key_of(session, client_id), client_id, INCOMING, name, store.now()).id

    def add(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            TooLarge: It is larger than may be; it is thrown away.
        """
        self.size += len(chunk)
        if self.size > self._most:
            self.drop()
            raise TooLarge(f"the file is larger than {self._most >> 20:,} MB")
        self._digest.update(chunk)
        self._held += chunk
        while len(self._held) >= PIECE:
            self._write(bytes(self._held[:PIECE]))
            del self._held[:PIECE]

    def done(self) -> File:
        """The file, now that it is whole."""
        if self._held:
            self._write(bytes(self._held))
            self._held.clear()
        with self._store.writing() as session:
            file = session.get_one(File, self.id)
            file.kind, file.size, file.sha256 = self._kind, self.size, self._digest.hexdigest()
        return file

    def drop(self) -> None:
        """Throws away what came."""
        with self._store.writing() as session:
            drop(session, [self.id])

    def _write(self, data: bytes) -> None:
        with self._store.writing() as session:
            _add_piece(session, self._store.key_of(session, self._client_id), self.id, self._pieces, data)
        self._pieces += 1


def receive(store: Store, client_id: int, kind: str, name: str, chunks: Iterable[bytes], most: int) -> File:
    """Keeps a file that comes in chunks.

    Args:
        most: Bytes that it may have.

    Raises:
        TooLarge: It has more; nothing of it is kept.
    """
    coming = Incoming(store, client_id, kind, name, most)
    whole = False
    try:
        for chunk in chunks:
            coming.add(chunk)
        file = coming.done()
        whole = True
    finally:
        if not whole:
            coming.drop()
    return file


def keep(session: Session, key: Key, client_id: int, kind: str, name: str, chunks: Iterable[bytes],
         at: dt.datetime) -> File:
    """Keeps a file that the program wrote, in the transaction of what it is about."""
    file = _new(session, key, client_id, kind, name, at)
    digest, held, number = hashlib.sha256(), bytearray(), 0
    for chunk in chunks:
        digest.update(chunk)
        file.size += len(chunk)
        held += chunk
        while len(held) >= PIECE:
            _add_piece(session, key, file.id, number, bytes(held[:PIECE]))
            del held[:PIECE]
            number += 1
    if held:
        _add_piece(session, key, file.id, number, bytes(held))
    file.sha256 = digest.hexdigest()
    session.flush()
    return file


def name_of(file: File, key: Key) -> str:
    """What a file was called."""
    return key.open_text(file.sealed_name, place(file, "sealed_name"))


def chunks(store: Store, file_id: int) -> Iterator[bytes]:
    """What is in a file, a mebibyte at a time; no transaction is open in between.

    Raises:
        ScrubberError: A piece is missing, or does not open.
    """
    with store.reading() as session:
        file = session.get_one(File, file_id)
        client_id, pieces = file.client_id, -(-file.size // PIECE)
    for number in range(pieces):
        with store.reading() as session:
            piece = session.get(Piece, (file_id, number))
            if piece is None:
                raise ScrubberError(f"file {file_id}: piece {number} is missing")
            data = store.key_of(session, client_id).open(piece.sealed, place(piece, "sealed"))
        yield data


@contextmanager
def source(store: Store, file_id: int, name: str) -> Iterator[Source]:
    """A file as an input, held in memory or, where it is large, in a file on disk that has no name.

    Args:
        name: What flags call it.

    Raises:
        ScrubberError: There is no room for it.
    """
    with store.reading() as session:
        size = session.get_one(File, file_id).size
    if size <= IN_MEMORY:
        yield Source(b"".join(chunks(store, file_id)), name, is_foreign=True)
        return
    with _filled(chunks(store, file_id)) as held:
        yield Source(held, name, is_foreign=True)


def drop(session: Session, files: Iterable[int]) -> None:
    """Deletes files."""
    numbers = list(files)
    session.execute(delete(Piece).where(Piece.file_id.in_(numbers)))
    session.execute(delete(File).where(File.id.in_(numbers)))


def drop_left(store: Store) -> int:
    """Throws away what was sent and broke off, and what became no batch; how many files that were."""
    unused = (File.kind == ORIGINAL) & ~select(Batch.id).where(Batch.file_id == File.id).exists()
    with store.writing() as session:
        left = list(session.scalars(select(File.id).where((File.kind == INCOMING) | unused,
                                                          File.created_at < store.now() - LEFT)))
        if left:
            drop(session, left)
    return len(left)


def _new(session: Session, key: Key, client_id: int, kind: str, name: str, at: dt.datetime) -> File:
    file = File(client_id=client_id, kind=kind, sealed_name=b"", sha256="", size=0, created_at=at)
    session.add(file)
    session.flush()
    file.sealed_name = key.seal_text(name[:NAME], place(file, "sealed_name"))
    session.flush()
    return file


def _add_piece(session: Session, key: Key, file_id: int, number: int, data: bytes) -> None:
    sealed = key.seal(data, place(Piece(file_id=file_id, number=number), "sealed"))
    session.execute(insert(Piece).values(file_id=file_id, number=number, sealed=sealed))


def _filled(parts: Iterable[bytes]) -> BinaryIO:
    """A file without a name, with this in it."""
    try:
        held = unnamed()
        for part in parts:
            held.write(part)
        held.flush()
    except OSError as error:
        raise ScrubberError(f"temporary files: cannot be written: {why(error)}") from error
    return held
