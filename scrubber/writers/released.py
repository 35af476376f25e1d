"""Claims let out with their corrections: the original file with chosen claims alone, and what was corrected in it.

An 837 goes out as an 837, JSON as JSON. Of a claim that goes out as it came, and of every segment and field that nobody
corrected, the text is the one of the file. What was written is read again before anything goes out: a claim that does
not come out as it was approved is refused, and the others go.
"""

import gzip
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

from scrubber._breaches import Breaches
from scrubber.errors import ScrubberError
from scrubber.model.claim import Claim
from scrubber.readers import sniff
from scrubber.readers.files import CHUNK, GZIP, Source
from scrubber.writers.amend import amended
from scrubber.writers.amend_json import amended_json
from scrubber.writers.claims import Record
from scrubber.writers.extract import Part, Walk, copy, under
from scrubber.writers.loops import Delimiters, Refused
from scrubber.writers.pairing import Made, approved, origins
from scrubber.writers.reread import differing, fields_of, placed, verified
from scrubber.writers.split import NAMES
from scrubber.writers.split_json import FORMATS
from scrubber.writers.stretches import Stretches

Format = Literal["x12", "json", "ndjson"]
OPTION = "a release"
ABSENT = "the file has no claim in this place that can be read; it stays here"
OTHER = "the file has another claim in this place than the one that was corrected; import the file again"
# What breaks a guide, by IK304 and IK403 of a 999.
WRONG_SEGMENT = {"1": "is no segment that it knows", "2": "is not expected there", "3": "is missing, and needed",
                 "4": "comes too often", "5": "comes too often", "I4": "is not used", "I6": "is missing, and needed"}
WRONG_ELEMENT = {"1": "is missing, and needed", "2": "is missing beside what is sent", "4": "is too short",
                 "5": "is too long", "6": "has a character that may not stand there",
                 "7": "is a code that it does not know",
                 "8": "is no date", "10": "may not stand beside what is sent", "I10": "is not used"}
ALL = 1                          # the one file that claims go to

__all__ = ["Correction", "Released", "release", "verified"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A claim as it came and as it goes out.

    Attributes:
        before: As `scrubber.writers.claims.records` made it of the file.
        after: As it was approved.
        lines: Of each line of `after` the number of the line of `before` that it was made from, 0 none; of several with
            one number the first is that line, the others are copies. None: by how they resemble each other.
    """

    before: Claim
    after: Claim
    lines: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What was written.

    Attributes:
        format: Of the file, as of the one that came.
        positions: Of the claims that went out, in the file that came, from 1.
        refused: Why a chosen claim did not go out, by its position.
    """

    format: Format
    positions: tuple[int, ...]
    refused: Mapping[int, str]

    @property
    def claims(self) -> int:
        """How many went out."""
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class _Change:
    """A claim that goes out corrected: how it came, how it was approved, and which line was which."""

    before: Claim
    after: Claim
    made: list[Made]


def release(source: Source, chosen: Mapping[int, Correction | None], out: BinaryIO) -> Released:
    """Writes the chosen claims of a file, and says which were refused.

    Args:
        source: The file that came; it is read several times.
        chosen: By the position of a claim in the file, from 1, its correction, or None where it goes out as it came.
        out: Where the file goes, once it is known to be right; where no claim goes out it is empty, or an empty list.

    Raises:
        ScrubberError: The file is in a format that is not released, or cannot be read.
    """
    kind = _format(source)
    refused: dict[int, str] = {}
    changes, broken = _changes(source, chosen, refused, kind)
    instead = _corrected(source, kind, changes, refused)
    while True:
        going = sorted(chosen.keys() - refused.keys())
        with tempfile.TemporaryFile() as stream:
            _write(source, kind, frozenset(going), instead, stream)
            stream.flush()
            wrong = _wrong(source, Source(stream, name=source.name), going, changes, broken) if going else {}
            if not wrong:
                stream.seek(0)
                shutil.copyfileobj(stream, out)
                return Released(kind, tuple(going), dict(sorted(refused.items())))
        refused |= wrong


def _format(source: Source) -> Format:
    with _opened(source) as stream:
        kind = sniff(stream.read(CHUNK), file=source.name)
    if kind not in ("x12", "json", "ndjson"):
        raise ScrubberError(f"{source.name}: is {NAMES.get(kind, kind)}, and claims are released as 837, JSON or "
                            "NDJSON alone; correct them where they are made, and import them again")
    return cast(Format, kind)


def _changes(source: Source, chosen: Mapping[int, Correction | None], refused: dict[int, str],
             kind: Format) -> tuple[dict[int, _Change], set[tuple[int, str]]]:
    """The corrections of claims that are what they were, and what these claims break of their guide."""
    breaches = Breaches() if kind == "x12" else None
    found: dict[int, _Change] = {}
    seen: set[int] = set()
    for position, record in placed(source, breaches, chosen):
        seen.add(position)
        correction = chosen[position]
        if correction is None:
            continue
        try:
            before = Claim.model_validate(record)
            if before != correction.before:
                raise Refused(OTHER)
            made = origins(before.lines, correction.after.lines, correction.lines)
            found[position] = _Change(before, approved(correction.after, before, made, is_837=kind == "x12"), made)
        except Refused as error:
            refused[position] = str(error)
    refused |= dict.fromkeys(chosen.keys() - seen, ABSENT)
    return found, {(position, what) for position, what in _broken(breaches) if position in found}


def _corrected(source: Source, kind: Format, changes: Mapping[int, _Change],
               refused: dict[int, str]) -> dict[int, list[bytes]]:
    """The segments of corrected claims, or the text of each; those that cannot be written are refused."""
    found: dict[int, list[bytes]] = {}
    for position, texts, delimiters in _texts(source, kind, changes) if changes else ():
        change = changes[position]
        try:
            found[position] = (
                amended(texts, delimiters, change.before, change.after, change.made) if delimiters is not None
                else [amended_json(texts[0], change.before, change.after, change.made)])
        except Refused as error:
            refused[position] = str(error)
    refused |= dict.fromkeys(changes.keys() - found.keys() - refused.keys(), ABSENT)
    return found


def _texts(source: Source, kind: Format,
           wanted: Mapping[int, _Change]) -> Iterator[tuple[int, list[bytes], Delimiters | None]]:
    """Of some claims the position and the segments, with the delimiters between their elements; or the one text."""
    with _opened(source) as stream:
        if kind == "x12":
            yield from _segments(stream, source.name, wanted)
            return
        for position, text in enumerate(FORMATS[kind][0](stream, source.name, OPTION), 1):
            if position in wanted:
                yield position, [text], None


def _segments(stream: BinaryIO, name: str,
              wanted: Mapping[int, _Change]) -> Iterator[tuple[int, list[bytes], Delimiters]]:
    walk = Walk(Stretches(stream, name, OPTION))
    delimiters = Delimiters(b"", b"", b"", b"")
    position, texts = 0, list[bytes]()
    for kind, stretch in walk:
        if kind and position:
            yield position, texts, delimiters
            position = 0
        if kind == "ISA":
            repetition, component = stretch.head[11], stretch.head[16]
            delimiters = Delimiters(stretch.separator, component, b"" if repetition.isalnum() else repetition.strip(),
                                    stretch.terminator)
        elif kind == "CLM" and walk.claim in wanted:
            position, texts = walk.claim, stretch.texts()
        elif position:
            texts += stretch.texts()
    if position:
        yield position, texts, delimiters


def _write(source: Source, kind: Format, going: frozenset[int], instead: Mapping[int, list[bytes]],
           out: BinaryIO) -> None:
    """Writes the claims that go out."""
    with _opened(source) as stream:
        if kind != "x12":
            texts, made = FORMATS[kind]
            file = made(out)
            for position, text in enumerate(texts(stream, source.name, OPTION), 1):
                if position in going:
                    file.put(instead[position][0] if position in instead else text)
            file.end()
            return

        def which(position: int, _: list[bytes]) -> int:
            return ALL if position in going else 0

        found = under(Walk(Stretches(stream, source.name, OPTION)), which)
        stream.seek(0)
        part = Part(out, ALL)
        copy(Walk(Stretches(stream, source.name, OPTION)), which, found, (part,), instead)
        part.end("ISA")


def _wrong(source: Source, output: Source, going: list[int], changes: Mapping[int, _Change],
           broken: set[tuple[int, str]]) -> dict[int, str]:
    """The claims of an output that are not as they were approved, or break more of their guide, with what is wrong."""
    chosen = frozenset(going)

    def expected() -> Iterator[Claim | Record]:
        for position, record in placed(source, wanted=chosen):
            yield changes[position].after if position in changes else record

    breaches, wrong = Breaches(), dict[int, str]()
    for place, wanted, record in differing(output, expected(), breaches):
        names = fields_of(wanted, record) if record is not None else ["service lines"]
        wrong[going[place - 1]] = (f"what was written does not read as the claim that was approved: its "
                                   f"{', '.join(names)}; correct it where the claim is made")
    for place, what in _broken(breaches):
        position = going[place - 1]
        if position in changes and (position, what) not in broken:
            wrong.setdefault(position, f"the correction breaks the guide: {what}; mend that, or correct it where the "
                                       "claim is made")
    return wrong


def _broken(breaches: Breaches | None) -> Iterator[tuple[int, str]]:
    """What claims break of their guides: the position of each, and where."""
    for each in breaches or ():
        if each.claim:
            # Codes of HI stand in any of its elements, and move when one goes.
            element = f"{each.element:02}" if each.element and each.tag != "HI" else ""
            where = f"{each.tag}{element}" + (f"-{each.component}" if each.component else "")
            told = WRONG_ELEMENT.get(each.element_code) if each.element_code else WRONG_SEGMENT.get(each.code)
            yield each.claim, f"{where} of loop {each.loop or '-'} {told or 'is not as the guide has it'}"


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where they are compressed with gzip; they can be read again."""
    with source.open() as stream:
        packed = stream.read(len(GZIP)) == GZIP
        stream.seek(0)
        yield cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
