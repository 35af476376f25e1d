"""One edition of one table: rows as sorted arrays, in memory or mapped from a file.

An edition is a directory of two files. data.bin holds little-endian arrays, each aligned to 64 bytes: the hash
buckets, the sorted keys, the days, the value columns in schema order, the texts. manifest.json says where each of
them is, what the edition was made of and what its hash is. Editions are never changed, only added.
"""

import datetime as dt
import hashlib
import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from scrubber._crash import watch
from scrubber.errors import TableError, reading
from scrubber.symbols import NO_DAY, OPEN_DAY, date_of, day_number
from scrubber.tables.schema import TABLES, Table
from scrubber.tables.values import Array, Coded, Texts, default_of, encode, key_value, size_of

FORMAT: Literal[1] = 1
ALIGNMENT = 64
AGAIN = "remove the folder and import the file again"
MINIMUM_BUCKETS = 16
MULTIPLIER = 11400714819323198485

DType = Literal["<u4", "<i8", "<i4", "|u1"]

_DTYPES: dict[str, DType] = {"bucket": "<u4", "key": "<i8", "text_offsets": "<i8", "text_bytes": "|u1"}
WIDE = "dx"                          # the one kind of value that needs 64 bits


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(_Model):
    """A published file an edition was made of.

    Attributes:
        name: Its file name, without folder.
        sha256: Of its bytes.
    """

    name: str
    sha256: str


class Source(_Model):
    """Where an edition comes from.

    Attributes:
        name: What the publisher calls it.
        release: The publisher's own release: v302, 2026Q2, RVU24C.
        files: The files imported.
        note: What a reader should know of it.
    """

    name: str
    release: str = ""
    files: tuple[SourceFile, ...] = ()
    note: str = ""


class ColumnPlace(_Model):
    """Where one array lies in data.bin."""

    name: str
    offset: int
    dtype: DType
    length: int


class Manifest(_Model):
    """What manifest.json says.

    Attributes:
        ends: Last day covered; a later service date is answered, but as stale.
        revision: 1, or more where the publisher's file for the same edition changed.
        partial: A part of the published table, such as the starter edition: a row it lacks is a gap, no answer.
        size: Bytes of data.bin.
        sha256: Of data.bin.
        seal: SHA-256 of the rest of the manifest.
    """

    format: Literal[1]
    table: str
    edition: str
    revision: int
    partial: bool = False
    source: Source
    begins: dt.date
    ends: dt.date
    rows: int
    buckets: int
    size: int
    sha256: str
    columns: tuple[ColumnPlace, ...]
    seal: str = ""

    def sealed(self) -> "Manifest":
        """The same with its seal."""
        content = self.model_dump_json(exclude={"seal"})
        return self.model_copy(update={"seal": hashlib.sha256(content.encode("utf-8")).hexdigest()})


class EditionData:
    """Rows of one table as arrays.

    Attributes:
        table: Table name.
        edition: Name of the edition without its revision: 2024q3.
        revision: Number of the revision, from 1.
        begins: First day answered for, as day number.
        ends: First day after the coverage, as day number.
        source: Where it comes from.
        partial: A row it lacks is a gap, no answer.
        arrays: bucket, key, from_day, to_day, each value column, text_offsets, text_bytes.
        texts: Texts by the number that text columns hold; number 0 is the empty text.
        details: What an importer counts in the note of the source, one by one; not kept in the store.
    """

    details: tuple[str, ...] = ()

    def __init__(self, table: str, edition: str, begins: int, ends: int, source: Source, arrays: dict[str, Array],
                 revision: int = 1, partial: bool = False) -> None:
        self.table = table
        self.edition = edition
        self.revision = revision
        self.begins = begins
        self.ends = ends
        self.source = source
        self.partial = partial
        self.arrays = arrays
        self.texts = Texts(arrays["text_offsets"], arrays["text_bytes"])

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.arrays["key"])

    @property
    def name(self) -> str:
        """Edition and, from the second one, its revision: 2024q3-r2."""
        return self.edition if self.revision == 1 else f"{self.edition}-r{self.revision}"

    @cached_property
    def sha256(self) -> str:
        """Hash of what data.bin holds or would hold."""
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        return digest.hexdigest()

    def manifest_ends(self) -> str:
        """Last day covered, ISO."""
        last = date_of(self.ends - 1)
        return "" if last is None else last.isoformat()

    def write(self, folder: Path) -> None:
        """Writes data.bin and manifest.json into a folder that exists."""
        with (folder / "data.bin").open("wb") as file:
            for piece in self._pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        with (folder / "manifest.json").open("w", encoding="utf-8") as file:
            file.write(self.manifest().model_dump_json(indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def manifest(self) -> Manifest:
        """What manifest.json holds or would hold."""
        places, size = self._places()
        begins, last = date_of(self.begins), date_of(self.ends - 1)
        if begins is None or last is None:
            raise TableError(f"{self.table} {self.name}: an edition needs a first and a last day to be written")
        return Manifest(format=FORMAT, table=self.table, edition=self.edition, revision=self.revision,
                        partial=self.partial, source=self.source, begins=begins, ends=last, rows=self.rows,
                        buckets=len(self.arrays["bucket"]) - 1, size=size, sha256=self.sha256,
                        columns=places).sealed()

    def _places(self) -> tuple[tuple[ColumnPlace, ...], int]:
        places, offset = [], 0
        dtypes = _dtypes_of(TABLES[self.table])
        for name, array in self.arrays.items():
            offset = -(-offset // ALIGNMENT) * ALIGNMENT
            places.append(ColumnPlace(name=name, offset=offset, dtype=dtypes.get(name, "<i4"), length=len(array)))
            offset += array.nbytes
        return tuple(places), offset

    def _pieces(self) -> Iterator[bytes | memoryview]:
        position = 0
        for place, array in zip(self._places()[0], self.arrays.values(), strict=True):
            yield bytes(place.offset - position)
            yield np.ascontiguousarray(array).view(np.uint8).data
            position = place.offset + array.nbytes

    def check(self) -> None:
        """Checks all that look-ups rely on: buckets, order of rows, texts.

        Raises:
            TableError: One of them does not hold.
        """
        arrays, rows = self.arrays, self.rows
        buckets = len(arrays["bucket"]) - 1
        bounds = arrays["bucket"].astype(np.int64)
        if (np.diff(bounds) < 0).any() or bounds[0] != 0 or bounds[-1] != rows:
            raise TableError(f"{self.table} {self.name}: the index does not match the rows; {AGAIN}")
        place = bucket_numbers(arrays["key"], buckets)
        expected = np.searchsorted(place, np.arange(buckets + 1))
        order = np.lexsort((arrays["from_day"], arrays["to_day"], arrays["key"], place))
        if not np.array_equal(expected, bounds) or not np.array_equal(order, np.arange(rows)):
            raise TableError(f"{self.table} {self.name}: rows are out of order; {AGAIN}")
        for name, kind in TABLES[self.table].columns:
            if kind == "text" and rows and not 0 <= arrays[name].min() <= arrays[name].max() < len(self.texts):
                raise TableError(f"{self.table} {self.name}: column {name} points outside its texts; {AGAIN}")


class Edition(EditionData):
    """An edition in a directory, mapped into memory, never read as a whole."""

    def __init__(self, path: Path, manifest: Manifest, arrays: dict[str, Array]) -> None:
        super().__init__(manifest.table, manifest.edition, day_number(manifest.begins), day_number(manifest.ends) + 1,
                         manifest.source, arrays, manifest.revision, manifest.partial)
        self.path = path
        self.sha256 = manifest.sha256
        self._seal = manifest.seal

    @classmethod
    def open(cls, path: Path) -> "Edition":
        """Edition of a directory.

        Raises:
            TableError: A file is missing, is cut short or is none of this format.
        """
        try:
            manifest = Manifest.model_validate_json((path / "manifest.json").read_bytes())
            with (path / "data.bin").open("rb") as file:
                size = file.seek(0, 2)
                if size != manifest.size or size == 0:
                    raise TableError(f"{path}: data.bin has {size} bytes, its manifest says {manifest.size}; "
                                     f"{AGAIN}")
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                watch(data, str(path / "data.bin"), AGAIN)
        except OSError as error:
            raise TableError(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise TableError(f"{path}/manifest.json: {where}: {error.errors()[0]['msg']}; "
                             f"{AGAIN}") from None
        return cls(path, manifest, _arrays_of(path, manifest, data))

    def verify(self) -> None:
        """Compares data.bin with its hash, and checks order and index.

        Raises:
            TableError: Something differs.
        """
        self.compare()
        self.check()

    def compare(self) -> None:
        """Compares data.bin and manifest.json with their hashes.

        Raises:
            TableError: One of them is not what was imported.
        """
        digest = hashlib.sha256()
        with reading(self.path / "data.bin"), (self.path / "data.bin").open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        if digest.hexdigest() != self.sha256:
            raise TableError(f"{self.path}: data.bin is not what was imported (sha256 {digest.hexdigest()[:12]}..., "
                             f"imported {self.sha256[:12]}...); {AGAIN}")
        if self.manifest().seal != self._seal:
            raise TableError(f"{self.path}: manifest.json is not what was imported; {AGAIN}")


def _arrays_of(path: Path, manifest: Manifest, data: mmap.mmap) -> dict[str, Array]:
    """Arrays of a mapped file, after the checks that keep look-ups inside it."""
    table = TABLES.get(manifest.table)
    if table is None:
        raise TableError(f"{path}: there is no table {manifest.table!r}; known: {', '.join(TABLES)}")
    names = _array_names(table)
    if [place.name for place in manifest.columns] != names:
        raise TableError(f"{path}: columns differ from those of this version ({', '.join(names)}); {AGAIN}")
    arrays = {}
    dtypes = _dtypes_of(table)
    for place in manifest.columns:
        dtype = np.dtype(place.dtype)
        if place.dtype != dtypes.get(place.name, "<i4") or place.offset % ALIGNMENT or place.length < 0 \
                or not 0 <= place.offset <= place.offset + place.length * dtype.itemsize <= manifest.size:
            raise TableError(f"{path}: column {place.name} does not lie within data.bin; {AGAIN}")
        arrays[place.name] = np.frombuffer(data, dtype, place.length, place.offset) if place.length \
            else np.zeros(0, dtype)
    buckets = manifest.buckets
    by_row = [name for name in names if name not in ("bucket", "text_offsets", "text_bytes")]
    if buckets < MINIMUM_BUCKETS or buckets & (buckets - 1) or len(arrays["bucket"]) != buckets + 1 \
            or arrays["bucket"][0] != 0 or arrays["bucket"][-1] != manifest.rows \
            or any(len(arrays[name]) != manifest.rows for name in by_row):
        raise TableError(f"{path}: the index does not match its {manifest.rows} rows; {AGAIN}")
    return arrays


def _dtypes_of(table: Table) -> dict[str, DType]:
    """Type of each array that is not int32."""
    wide: dict[str, DType] = {name: "<i8" for name, kind in table.columns if kind == WIDE}
    return _DTYPES | wide


def _array_names(table: Table) -> list[str]:
    return ["bucket", "key", "from_day", "to_day", *(name for name, _ in table.columns), "text_offsets", "text_bytes"]


def pack_key(kinds: Sequence[str], values: Sequence[object]) -> int:
    """Key of a look-up: one number per key column, joined; -1 if a value is none of its kind.

    Args:
        kinds: Kinds of the key columns, in schema order.
        values: Texts, or numbers as an edition holds them.
    """
    key = 0
    for kind, value in zip(kinds, values, strict=True):
        number = key_value(kind, value)
        if number < 0:
            return -1
        key = key * (size_of(kind) if key else 1) + number
    return key


def bucket_numbers(keys: Array, buckets: int) -> Array:
    """Bucket of each key; the same arithmetic as `bucket_of` of the compiled path."""
    mixed = (keys.astype(np.uint64) * np.uint64(MULTIPLIER)) >> np.uint64(32)
    return (mixed & np.uint64(buckets - 1)).astype(np.int64)


def build_edition(table_name: str, edition: str, rows: Mapping[str, Sequence[Any] | Array | Coded], begins: dt.date,
                  ends: dt.date, source: Source | None = None, *, partial: bool = False) -> EditionData:
    """Edition of the rows given.

    Args:
        table_name: One of the schema.
        edition: Its name: 2024q3.
        rows: By column, key columns and `from`, `to` included. Integer arrays hold numbers as editions do (`to` and
            days named `_to` exclusive), and so do integers given as days; anything else holds what people write
            (symbols as text, words of enums, ISO dates or dates, ends inclusive, None for open). A column left out
            takes its default; `from` left out is the first day of the edition.
        begins: First day answered for.
        ends: Last day covered.
        source: Where it comes from.
        partial: Only some rows of the published table are given.

    Raises:
        TableError: A column is not of the table, or a value none of its kind.
    """
    table = TABLES.get(table_name)
    if table is None:
        raise TableError(f"there is no table {table_name!r}; known: {', '.join(TABLES)}")
    allowed = [name for name, _ in (*table.key, *table.columns)] + ["from", "to"]
    strange = [name for name in rows if name not in allowed]
    missing = [name for name, _ in table.key if name not in rows]
    if strange or missing:
        raise TableError(f"{table_name}: column {(strange or missing)[0]!r} is {'unknown' if strange else 'missing'}; "
                         f"its columns are {', '.join(allowed)}")
    count = _row_count(table_name, rows)
    key = np.zeros(count, dtype=np.int64)
    for name, kind in table.key:
        column = encode(name, kind, _plain(rows[name])) + (0 if isinstance(rows[name], np.ndarray) else
                                                            int(kind.startswith("enum:")))
        key = key * size_of(kind) + column
    if (key <= 0).any():
        raise TableError(f"{table_name}: row {int(np.argmax(key <= 0)) + 1} has no key")
    start = encode("from", "day", _plain(rows["from"])) if "from" in rows else np.full(count, day_number(begins))
    start = np.where(start == NO_DAY, day_number(begins), start)
    stop = encode("to", "day", _plain(rows["to"])) if "to" in rows else np.full(count, OPEN_DAY)
    buckets = MINIMUM_BUCKETS
    distinct = count and 1 + int(np.count_nonzero(np.diff(np.sort(key))))
    while buckets < 2 * distinct:
        buckets *= 2
    place = bucket_numbers(key, buckets)
    order = np.lexsort((start, stop, key, place))
    arrays: dict[str, Array] = {
        "bucket": np.searchsorted(place[order], np.arange(buckets + 1)).astype("<u4"),
        "key": key[order].astype("<i8"),
        "from_day": start[order].astype("<i4"),
        "to_day": stop[order].astype("<i4"),
    }
    pool: dict[str, int] = {"": 0}
    for name, kind in table.columns:
        if name not in rows:
            column = np.full(count, default_of(name, kind))
        elif kind == "text":
            column = _text_numbers(rows[name], pool)
        else:
            column = encode(name, kind, _plain(rows[name]))
        arrays[name] = column[order].astype("<i8" if kind == WIDE else "<i4")
    encoded = [text.encode("utf-8") for text in pool]
    arrays["text_offsets"] = np.concatenate(([0], np.cumsum([len(text) for text in encoded]))).astype("<i8")
    arrays["text_bytes"] = np.frombuffer(b"".join(encoded), dtype="|u1")
    return EditionData(table_name, edition, day_number(begins), day_number(ends) + 1,
                       source or Source(name=edition), arrays, partial=partial)


def _row_count(table_name: str, rows: Mapping[str, Sequence[Any] | Array | Coded]) -> int:
    counts = {name: len(values.indices if isinstance(values, Coded) else values) for name, values in rows.items()}
    if len(set(counts.values())) > 1:
        raise TableError(f"{table_name}: columns differ in length: {counts}")
    return next(iter(counts.values()), 0)


def _plain(values: Sequence[Any] | Array | Coded) -> Sequence[Any] | Array:
    return values.indices if isinstance(values, Coded) else values


def _text_numbers(values: Sequence[Any] | Array | Coded, pool: dict[str, int]) -> Array:
    """Numbers of texts in the pool, which takes in the new ones."""
    if isinstance(values, Coded):
        known = np.array([pool.setdefault(text, len(pool)) for text in values.texts] or [0], dtype=np.int64)
        return known[values.indices]
    return np.array([pool.setdefault("" if v is None else str(v), len(pool)) for v in values], dtype=np.int64)
