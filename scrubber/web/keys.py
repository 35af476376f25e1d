"""Keys of the API: made once, kept as hashes in a file, looked up on each request.

A key is `scr_ID_SECRET`; its secret has 256 random bits, so that a plain hash of it is enough. The file is read anew
when it changes: what is revoked is refused from the next request on.
"""

import datetime as dt
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from scrubber.caching import is_private
from scrubber.errors import ScrubberError, why
from scrubber.writers.files import sync_folder

Scope = Literal["claims:check", "batches:scrub", "rules:read", "metrics:read", "work:send"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_NOBODY = hashlib.sha256(b"").hexdigest()


class Key(BaseModel):
    """One key, without its secret.

    Attributes:
        sha256: Of the whole key as it is sent.
        expires: The moment from which it is refused.
        revoked: When it was taken back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    sha256: str
    scopes: tuple[Scope, ...]
    created: dt.datetime
    expires: dt.datetime | None = None
    revoked: dt.datetime | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[Key, ...] = ()


class KeyFile:
    """The file that keys are kept in, for its user alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Key, ...]:
        """The keys in the order in which they were made; none where there is no file.

        Raises:
            ScrubberError: It is no key file, or others can write it.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ScrubberError(f"{self.path}: cannot be read: {why(error)}") from error
        if not is_private(self.path):
            raise ScrubberError(f"{self.path}: others than you can write it; chmod 600 it, and look who did")
        try:
            return _File.model_validate_json(data).keys
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = "/".join(map(str, first["loc"])) or "the whole"
            raise ScrubberError(f"{self.path}: is no file of keys: {place}: {first['msg']}; `scrubber keys add` writes "
                                "one") from None

    def add(self, name: str, scopes: Sequence[Scope], expires: dt.datetime | None) -> tuple[Key, str]:
        """Makes a key, and gives it with what a client sends, which is kept nowhere."""
        with self._changing() as keys:
            taken = {key.id for key in keys}
            id = next(each for each in iter(lambda: secrets.token_hex(4), "") if each not in taken)
            sent = f"scr_{id}_{secrets.token_urlsafe(32)}"
            key = Key(id=id, name=name, sha256=hashlib.sha256(sent.encode()).hexdigest(), scopes=tuple(scopes),
                      created=_now(), expires=expires)
            keys.append(key)
        return key, sent

    def revoke(self, id: str) -> Key:
        """Takes a key back.

        Raises:
            ScrubberError: There is none of that id.
        """
        with self._changing() as keys:
            place = next((place for place, key in enumerate(keys) if key.id == id), None)
            if place is None:
                raise ScrubberError(f"{self.path}: no key {id}; `scrubber keys list` names them")
            if keys[place].revoked is None:
                keys[place] = keys[place].model_copy(update={"revoked": _now()})
            return keys[place]

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        """The keys to change; they are written when the block ends well, and nobody else changes them meanwhile."""
        try:
            folder = os.open(self.path.parent, os.O_RDONLY)
        except OSError as error:
            raise ScrubberError(f"{self.path}: cannot be written: {why(error)}; give a path in a folder that "
                                "exists") from error
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            keys = list(self.read())
            yield keys
            self._write(_File(keys=tuple(keys)))
        finally:
            os.close(folder)

    def _write(self, file: _File) -> None:
        data = json.dumps(file.model_dump(mode="json"), indent=1, ensure_ascii=False).encode() + b"\n"
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)   # mode 600
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self.path)
            temporary = None
            sync_folder(self.path.parent)
        except OSError as error:
            raise ScrubberError(f"{self.path}: cannot be written: {why(error)}") from error
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)


class Refused(Exception):
    """No key, or one that does not count; the text says why, without the key."""


class Keyring:
    """The keys that a server takes, as the file has them at the moment.

    Raises:
        ScrubberError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = KeyFile(path)
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._refresh()

    def __len__(self) -> int:
        return len(self._keys)

    def holder(self, sent: str) -> Key:
        """The key that was sent.

        Raises:
            Refused: It is not known, expired or revoked.
            ScrubberError: The file cannot be read any more.
        """
        self._refresh()
        parts = sent.split("_", 2)
        key = self._keys.get(parts[1]) if len(parts) == 3 else None
        # The comparison is made for an unknown key too, and takes as long for any other.
        digest = hashlib.sha256(sent.encode("utf-8", "replace")).hexdigest()
        if not hmac.compare_digest(digest, key.sha256 if key is not None else _NOBODY) or key is None:
            raise Refused("the key is not known")
        if key.revoked is not None:
            raise Refused("the key was revoked")
        if key.expires is not None and _now() >= key.expires:
            raise Refused("the key has expired")
        return key

    def _refresh(self) -> None:
        try:
            facts = self._file.path.stat()
            seen = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        except FileNotFoundError:
            seen = (0, 0, 0)
        except OSError as error:
            raise ScrubberError(f"{self._file.path}: cannot be read: {why(error)}") from error
        if seen != self._seen:
            self._keys = {key.id: key for key in self._file.read()}
            self._seen = seen


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
