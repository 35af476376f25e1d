"""Where tables are published: the addresses of sources.yaml, filled for the release that a day falls into."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from scrubber.bundled import bundled
from scrubber.errors import TableError
from scrubber.model.base import Frozen

Cadence = Literal["quarter", "fiscal_year", "april", "half_year", "any"]
MAX_BYTES = 1 << 20
_WORD = re.compile(r"\{([A-Za-z-]+)\}")


class SourceFile(Frozen):
    """One address, or one for each of `parts`.

    Attributes:
        link: Matches the address of the file on the source's page, where it is not at its own.
        holds: Matches the name of the file, or of a member of the archive, that must be in it.
    """

    address: str = Field(pattern=r"^https?://")
    parts: int = Field(default=1, ge=1, le=20)
    link: str | None = None
    holds: str


class Source(Frozen):
    """What one publisher gives of one thing; its files are imported together."""

    name: str
    tables: tuple[str, ...]
    release: Cadence
    license: Literal["ama"] | None = None
    page: str = Field(pattern=r"^https?://")
    files: tuple[SourceFile, ...] = Field(min_length=1)


class _Listing(Frozen):
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A release by the days it is for; `words` fill the braces of addresses."""

    name: str
    begins: dt.date
    ends: dt.date
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file of one release, with everything filled in. `page` is that of the release."""

    address: str
    link: str | None
    holds: str
    page: str


def read_sources(path: Path | None = None) -> tuple[Source, ...]:
    """The sources of a file; by default the bundled one.

    Raises:
        TableError: It cannot be read or is not as the bundled one says.
    """
    path = bundled("tables", "sources.yaml") if path is None else path
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path.name}: cannot be read ({error})") from None
    if text is None:
        raise TableError(f"{path.name}: is larger than {MAX_BYTES:,} bytes; a list of addresses is small")
    try:
        # Every scalar is text, and there are no tags.
        read = _Listing.model_validate(yaml.load(text, Loader=yaml.BaseLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise TableError(f"{path.name}:{mark.line + 1 if mark else 1}: is no YAML") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise TableError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}") from None
    for source in read.sources:
        _check(source, path)
    return read.sources


def _check(source: Source, path: Path) -> None:
    """Every word in braces is one of the source's releases, and every pattern can be read."""
    release = release_on(source.release, dt.date(2026, 1, 1))
    for file in source.files:
        for pattern in filter(None, (file.link, file.holds)):
            try:
                re.compile(_filled(pattern, {**release.words, "part": "1"}, source.name, path.name))
            except re.error:
                raise TableError(f"{path.name}: {source.name}: {pattern!r} is no pattern") from None
        _filled(file.address, {**release.words, "part": "1"}, source.name, path.name)
    _filled(source.page, release.words, source.name, path.name)


def release_on(cadence: Cadence, day: dt.date) -> Release:
    """The release that a day falls into."""
    if cadence == "quarter":
        number = (day.month - 1) // 3
        begins = dt.date(day.year, 3 * number + 1, 1)
        ends = dt.date(day.year + number // 3, (3 * number + 3) % 12 + 1, 1) - dt.timedelta(days=1)
        return Release(f"{day.year} Q{number + 1}", begins, ends, {
            **_days(begins), "quarter": str(number + 1), "letter": "abcd"[number],
            "ncci": f"{30 + day.year - 2024}{number}"})
    if cadence == "half_year":
        half = (day.month - 1) // 6
        begins = dt.date(day.year, 6 * half + 1, 1)
        ends = dt.date(day.year, 6, 30) if half == 0 else dt.date(day.year, 12, 31)
        return Release(f"{day.year}.{half}", begins, ends, {**_days(begins), "half": str(half)})
    if cadence == "fiscal_year":
        year = day.year + (day.month >= 10)
        begins = dt.date(year - 1, 10, 1)
        return Release(f"FY{year}", begins, dt.date(year, 9, 30), {**_days(begins), "year": str(year)})
    if cadence == "april":
        year = day.year - (day.month < 4)
        begins = dt.date(year, 4, 1)
        return Release(f"April {year}", begins, dt.date(year + 1, 3, 31), _days(begins))
    return Release("current", day, day, _days(day))


def release_before(cadence: Cadence, release: Release) -> Release | None:
    """The one before; None where there are no releases."""
    return None if cadence == "any" else release_on(cadence, release.begins - dt.timedelta(days=1))


def files_of(source: Source, release: Release) -> list[Wanted]:
    """The files of a release, each part one."""
    wanted = []
    for file in source.files:
        for part in range(1, file.parts + 1):
            words = {**release.words, "part": str(part)}
            link = None if file.link is None else _filled(file.link, words, source.name)
            wanted.append(Wanted(_filled(file.address, words, source.name), link,
                                 _filled(file.holds, words, source.name), _filled(source.page, words, source.name)))
    return wanted


def _days(day: dt.date) -> dict[str, str]:
    """The words of a day, in English whatever the locale."""
    month = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
             "november", "december")[day.month - 1]
    return {"year": str(day.year), "yy": f"{day.year % 100:02d}", "month": month, "Mon": month[:3].capitalize(),
            "MON": month[:3].upper(), "mmddyyyy": f"{day:%m%d%Y}", "mm-dd-yyyy": f"{day:%m-%d-%Y}"}


def _filled(text: str, words: dict[str, str], name: str, file: str = "sources.yaml") -> str:
    for word in _WORD.findall(text):
        if word not in words:
            raise TableError(f"{file}: {name}: no word {{{word}}}; there are {', '.join(words)}")
    return _WORD.sub(lambda found: words[found[1]], text)
