"""What is sealed at rest: AES-256-GCM, a data key for each client, wrapped by a master key.

The master key is in a file or the environment, never in the database. Each sealed value is bound to its place (the
`where` it was sealed for): moved to another row, it does not open. Without its data key nothing of a client opens any
more, wherever copies lie.
"""

import base64
import hashlib
import hmac
import os
import secrets
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scrubber.errors import ScrubberError, why

ENVIRONMENT = "SCRUBBER_STORE_KEY"
BYTES = 32
NONCE = 12
PLAIN, SQUEEZED = b"\x00", b"\x01"
SHORT = 200                    # bytes that are not worth squeezing


class SealBroken(ScrubberError):
    """Something does not open: another key, another place, or it was changed."""


class Key:
    """One key: seals, opens, and makes keyed hashes.

    Args:
        key: 32 bytes. Behind them may stand 32 that hashes are made with, so that they stay as they are when the key
            is changed (`renewed`), and then keys from before that open what is not sealed anew yet.
    """

    def __init__(self, key: bytes) -> None:
        self._held = key
        self._ciphers = [AESGCM(part) for part in (key[:BYTES], *_parts(key[2 * BYTES:]))]
        self._index = key[BYTES:2 * BYTES] or hmac.digest(key, b"index", "sha256")
        self.id = hashlib.sha256(b"scrubber key id" + key[:BYTES]).hexdigest()[:16]

    @property
    def is_changing(self) -> bool:
        """Whether something may still be sealed with a key from before."""
        return len(self._ciphers) > 1

    def seal(self, data: bytes, where: str) -> bytes:
        """Bytes that open with this key for the same place."""
        kind = PLAIN if len(data) < SHORT else SQUEEZED
        return self._sealed(kind, data if kind == PLAIN else zlib.compress(data, 1), where)

    def open(self, sealed: bytes, where: str) -> bytes:
        """What was sealed for a place.

        Raises:
            SealBroken: It does not open.
        """
        _, kind, body = self._opened(sealed, where)
        return body if kind == PLAIN else zlib.decompress(body)

    def seal_anew(self, sealed: bytes, where: str) -> bytes | None:
        """What a key from before sealed, sealed with the newest; None where it is.

        Raises:
            SealBroken: It does not open.
        """
        place, kind, body = self._opened(sealed, where)
        return None if place == 0 else self._sealed(kind, body, where)

    def renewed(self) -> bytes:
        """A new key as bytes, which makes the same hashes and opens what this one does."""
        return b"".join((secrets.token_bytes(BYTES), self._index, self._held[:BYTES], self._held[2 * BYTES:]))

    def settled(self) -> bytes:
        """This key as bytes, without the ones from before."""
        return self._held[:2 * BYTES]

    def _sealed(self, kind: bytes, body: bytes, where: str) -> bytes:
        nonce = os.urandom(NONCE)
        return kind + nonce + self._ciphers[0].encrypt(nonce, body, kind + where.encode())

    def _opened(self, sealed: bytes, where: str) -> tuple[int, bytes, bytes]:
        """Place of the key that opens it, whether it is squeezed, and what is in it."""
        kind, nonce = sealed[:1], sealed[1:1 + NONCE]
        for place, cipher in enumerate(self._ciphers):
            with suppress(InvalidTag, ValueError):
                return place, kind, cipher.decrypt(nonce, sealed[1 + NONCE:], kind + where.encode())
        raise SealBroken(f"what is kept of {where.partition(':')[0]} does not open with this key")

    def seal_text(self, text: str, where: str) -> bytes:
        return self.seal(text.encode(), where)

    def open_text(self, sealed: bytes, where: str) -> str:
        """As `open`.

        Raises:
            SealBroken: It does not open.
        """
        return self.open(sealed, where).decode()

    def index(self, text: str, what: str) -> str:
        """A keyed hash to look something up by: 32 hexadecimal digits."""
        return hmac.digest(self._index, f"{what}\x00{text}".encode(), "sha256")[:16].hex()


class Vault:
    """The master keys: the first seals, all open.

    Raises:
        ScrubberError: There is none, or one is no key.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != BYTES for key in keys):
            raise ScrubberError("a store key has 32 bytes, in base64")
        self._keys = {(made := Key(key)).id: made for key in keys}

    @property
    def current(self) -> Key:
        return next(iter(self._keys.values()))

    def new_key(self, name: str) -> tuple[bytes, str]:
        """A new data key, wrapped, and the id of the master key that wraps it.

        Args:
            name: Whose it is; it opens for no other.
        """
        return self.wrap(secrets.token_bytes(BYTES), name)

    def wrap(self, key: bytes, name: str) -> tuple[bytes, str]:
        return self.current.seal(key, f"key:{name}"), self.current.id

    def unwrap(self, wrapped: bytes, key_id: str, name: str) -> bytes:
        """A data key.

        Raises:
            SealBroken: The master key that wrapped it is not here.
        """
        if key_id not in self._keys:
            raise SealBroken(f"the store was sealed with the master key {key_id}, which is not among the "
                             f"{len(self._keys)} given; give the key file (--store-key, {ENVIRONMENT}) that the store "
                             "was made with")
        return self._keys[key_id].open(wrapped, f"key:{name}")


def _parts(keys: bytes) -> list[bytes]:
    return [keys[start:start + BYTES] for start in range(0, len(keys), BYTES)]


def parse_keys(text: str, place: str) -> list[bytes]:
    """Keys in base64, one a line or between commas; `#` begins a comment.

    Raises:
        ScrubberError: One is no key; the message holds none of it.
    """
    found = []
    for number, line in enumerate(text.replace(",", "\n").splitlines(), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        try:
            key = base64.b64decode(word, validate=True)
        except ValueError:
            key = b""
        if len(key) != BYTES:
            raise ScrubberError(f"{place}: line {number} is no key: 32 bytes in base64, as "
                                "`openssl rand -base64 32` writes them")
        found.append(key)
    if not found:
        raise ScrubberError(f"{place}: holds no key; `openssl rand -base64 32` makes one")
    return found


def read_keys(path: Path) -> list[bytes]:
    """The keys in a file, which nobody else may read.

    Raises:
        ScrubberError: It cannot be read, others may read it, or something in it is no key.
    """
    try:
        text = path.read_text(encoding="ascii")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise ScrubberError(f"{path}: cannot be read: {why(error) if isinstance(error, OSError) else 'no text'}") \
            from None
    if os.name == "posix" and mode & 0o077:
        raise ScrubberError(f"{path}: others may read the store's key; chmod 600 it")
    return parse_keys(text, str(path))


def keys_of(path: Path | None, beside: Path) -> list[bytes]:
    """The keys of a file, the environment, or the file beside the store.

    Raises:
        ScrubberError: There are none, they cannot be read, or others may read them.
    """
    if path is None and os.environ.get(ENVIRONMENT):
        return parse_keys(os.environ[ENVIRONMENT], ENVIRONMENT)
    return read_keys(path or beside)


def vault_of(path: Path | None, beside: Path) -> tuple[Vault, bool]:
    """The vault of a file, the environment, or the file beside the store, which is made where there is none.

    Returns:
        The vault, and whether its key was made now.

    Raises:
        ScrubberError: The keys cannot be read, or others may read them.
    """
    made = path is None and not os.environ.get(ENVIRONMENT) and not beside.exists()
    if made:
        text = base64.b64encode(secrets.token_bytes(BYTES)).decode()
        try:
            held = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(held, "w", encoding="ascii") as stream:
                stream.write(f"{text}\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise ScrubberError(f"{beside}: cannot be written: {why(error)}") from None
    return Vault(keys_of(path, beside)), made
