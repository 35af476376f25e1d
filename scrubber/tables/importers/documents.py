"""Published files, unpacked within bounds: what is in an archive, how it begins, its rows of cells."""

import csv
import gzip
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import openpyxl

from scrubber.errors import TableError
from scrubber.tables.edition import SourceFile

if TYPE_CHECKING:
    from _csv import Reader

HEAD = 16 << 10
MAX_MEMBERS = 1000
MAX_MEMBER = 1 << 30
MAX_TOTAL = 4 << 30
MAX_INNER = 256 << 20
MAX_RATIO = 250
RATIO_FROM = 16 << 20
ROWS = 1000                    # read at a time
LONGEST_FIELD = 1 << 23        # characters
# The one published file that is larger than the bounds; its importer reads it as a stream.
REGISTRY = re.compile(r"npidata_pfile_\d{8}-\d{8}\.csv", re.IGNORECASE)
MAX_REGISTRY = 32 << 30

_WEB_PAGE = ("is a web page, not a table: the publisher asks to accept a licence first; "
             "accept it in a browser and save the file behind it")


@dataclass(frozen=True)
class Document:
    """One file, or one member of an archive.

    Attributes:
        name: File name without folders.
        archive: Name of the archive it lies in, "" for none.
        source: The file on disk it comes from, with its hash.
    """

    name: str
    archive: str
    source: SourceFile
    _read: Callable[[int], bytes] = field(repr=False)
    _open: Callable[[], AbstractContextManager[IO[bytes]]] | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.archive}/{self.name}" if self.archive else self.name

    @property
    def suffix(self) -> str:
        """Ending of its name, in lower case, with the dot."""
        return PurePosixPath(self.name).suffix.lower()

    @cached_property
    def head(self) -> str:
        """How it begins."""
        return self._bytes(HEAD).decode("latin-1")

    def data(self) -> bytes:
        """All of it."""
        data = self._bytes(MAX_MEMBER + 1)
        if len(data) > MAX_MEMBER:
            raise TableError(f"{self.label}: is larger than {MAX_MEMBER >> 20} MB; no published table is")
        return data

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """Its bytes one after the other, for what is too large to hold."""
        opened: AbstractContextManager[IO[bytes]] = io.BytesIO(self.data()) if self._open is None else self._open()
        try:
            with opened as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise TableError(f"{self.label}: is damaged ({error}); download it again") from None
        except OSError as error:
            raise TableError(f"{self.label}: cannot be read ({error.strerror or error})") from None

    def text(self) -> str:
        """All of it as text: UTF-8 where it is, else Windows' Latin letters."""
        data = self.data()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows of cells with their row number from 1, of a csv, tsv or xlsx file."""
        if self.suffix == ".xlsx":
            yield from _sheet_rows(self)
            return
        reader = csv.reader(io.StringIO(self.text(), newline=""), delimiter="\t" if "\t" in self.head else ",")
        try:
            while rows := _next_rows(reader):
                for number, cells in rows:
                    yield number, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise TableError(f"{self.label}: row {reader.line_num}: {error}; expected a csv table") from None

    @cached_property
    def header(self) -> tuple[str, ...]:
        """First row whose first three cells all say something, among the first dozen; () if there is none."""
        if self.suffix not in (".csv", ".tsv", ".xlsx", ".txt"):
            return ()
        rows = self.rows() if self.suffix == ".xlsx" else iter(
            enumerate(csv.reader(io.StringIO(self.head, newline=""), delimiter="\t" if "\t" in self.head else ","), 1))
        try:
            for _, (_, cells) in zip(range(12), rows, strict=False):
                if len(cells) > 2 and all(cell.strip() for cell in cells[:3]):
                    return tuple(cell.strip().lstrip("\ufeff").removeprefix("ï»¿") for cell in cells)
        except csv.Error:
            return ()
        return ()

    def records(self, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows below the header by column name; blank rows are left out.

        Raises:
            TableError: A needed column is missing, or a row has too few cells.
        """
        names: list[str] = []
        for number, cells in self.rows():
            if not names:
                if tuple(cell.lstrip("\ufeff") for cell in cells) == self.header:
                    names = list(self.header)
                    missing = [name for name in needed if name not in names]
                    if missing:
                        raise TableError(f"{self.label}: row {number}: column {missing[0]!r} is missing; "
                                         f"expected {', '.join(needed)}")
                continue
            if not any(cells):
                continue
            if len(cells) < len(names):
                raise TableError(f"{self.label}: row {number}: has {len(cells)} cells; its header has {len(names)}")
            yield number, dict(zip(names, cells, strict=False))
        if not names:
            raise TableError(f"{self.label}: has no header row; expected {', '.join(needed)}")

    def _bytes(self, limit: int) -> bytes:
        try:
            return self._read(limit)
        except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise TableError(f"{self.label}: is damaged ({error}); download it again") from None
        except OSError as error:
            raise TableError(f"{self.label}: cannot be read ({error.strerror or error})") from None


def open_documents(path: Path) -> list[Document]:
    """Documents of a file: itself, what is in a gz, or the members of a zip.

    Raises:
        TableError: The file cannot be read, is a web page, or is an archive no publisher would make.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from None
    if not start:
        raise TableError(f"{path.name}: is empty; download it again")
    if start.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise TableError(f"{path.name}: {_WEB_PAGE}")
    source = SourceFile(name=path.name, sha256=digest)
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return [Document(path.stem, path.name, source, lambda limit: _read_gzip(path, limit))]
    if suffix == ".xlsx":
        _check_archive(path)
    if suffix == ".zip":
        return _members(path, source)
    return [Document(path.name, "", source, lambda limit: _read_file(path, limit), lambda: path.open("rb"))]


def _read_file(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit)


def _read_gzip(path: Path, limit: int) -> bytes:
    with gzip.open(path) as file:
        return file.read(limit)


def _read_member(path: Path, member: str, limit: int) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        return file.read(limit)


@contextmanager
def _member_stream(path: Path, member: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        yield file


def _members(path: Path, source: SourceFile) -> list[Document]:
    documents = []
    for name in _check_archive(path):
        if name.lower().endswith(".zip"):
            documents += _inner(path, name, source)
            continue

        def read(limit: int, name: str = name) -> bytes:
            return _read_member(path, name, limit)

        def stream(name: str = name) -> AbstractContextManager[IO[bytes]]:
            return _member_stream(path, name)
        documents.append(Document(PurePosixPath(name).name, path.name, source, read, stream))
    return documents


def _inner(path: Path, member: str, source: SourceFile) -> list[Document]:
    """Members of a zip that is a member of a zip, one level deep and within the same bounds."""
    name = PurePosixPath(member).name

    @cache
    def data() -> bytes:
        return _read_member(path, member, MAX_INNER + 1)

    if len(data()) > MAX_INNER:
        raise TableError(f"{path.name}/{name}: is larger than {MAX_INNER >> 20} MB; no published table is")
    documents = []
    for inner in _check_archive(io.BytesIO(data()), f"{path.name}/{name}"):
        def read(limit: int, inner: str = inner) -> bytes:
            with zipfile.ZipFile(io.BytesIO(data())) as archive, archive.open(inner) as file:
                return file.read(limit)
        documents.append(Document(PurePosixPath(inner).name, f"{path.name}/{name}", source, read))
    return documents


def _check_archive(path: Path | io.BytesIO, label: str = "") -> list[str]:
    """Names of the files in a zip that keeps to the bounds.

    Args:
        label: How messages name what is no file.
    """
    shown = label or (path.name if isinstance(path, Path) else "")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise TableError(f"{shown}: is no complete zip archive; download it again") from None
    ordinary = [member for member in members if not REGISTRY.fullmatch(PurePosixPath(member.filename).name)]
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in ordinary) > MAX_TOTAL:
        raise TableError(f"{shown}: holds more than any published table ({len(members)} files); refused")
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            raise TableError(f"{shown}: member {member.filename!r} leads outside the archive; refused")
        if member.flag_bits & 1:
            raise TableError(f"{shown}: member {member.filename!r} is encrypted; decrypt it first")
        ratio = member.file_size / max(member.compress_size, 1)
        most = MAX_MEMBER if member in ordinary else MAX_REGISTRY
        if member.file_size > most or (member.file_size > RATIO_FROM and ratio > MAX_RATIO):
            raise TableError(f"{shown}: member {member.filename!r} would unpack to {member.file_size >> 20} MB; "
                             "no published table is like that, refused")
    return [member.filename for member in members]


def _next_rows(reader: "Reader") -> list[tuple[int, list[str]]]:
    """Some rows with the number of their last line. Fields may be long: articles of the coverage database are pages.

    The limit is the process's, and other files have to keep to it.
    """
    limit = csv.field_size_limit(LONGEST_FIELD)
    try:
        return [(reader.line_num, cells) for cells in islice(reader, ROWS)]
    finally:
        csv.field_size_limit(limit)


def _sheet_rows(document: Document) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet of a workbook."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(document.data()), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, [_cell_text(cell) for cell in cells]
        finally:
            book.close()
    except (zipfile.BadZipFile, zlib.error, KeyError, IndexError, ValueError, EOFError, SyntaxError) as error:
        raise TableError(f"{document.label}: is no complete workbook ({error}); download it again") from None


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "strftime"):
        return str(cell.strftime("%Y%m%d"))
    return str(cell).strip()
