"""Claims of a scrubbed file as rows of the store, some at a time, and what they come to together."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import to_json

from scrubber._batch import ClaimBatch
from scrubber.engine import Scrubber
from scrubber.model.flag import Flag, Unreadable
from scrubber.readers.files import Source, windows
from scrubber.report import Report
from scrubber.store import judging, standings, tallies
from scrubber.store.seals import PLACES
from scrubber.store.tables import Batch, Claim
from scrubber.store.vault import Key
from scrubber.symbols import day_number
from scrubber.writers.claims import Record, records

WINDOW = 1 << 11               # claims that are held at once
CODE = re.compile(r"[0-9A-Z]{2,7}")
ELSE = "other"                 # a code that has not the form of one: it may hold anything


class Plain(NamedTuple):
    """What is to be sealed of a claim, and hashed with a key."""

    number: str
    person: str | None
    record: bytes
    flags: bytes


@dataclass(slots=True)
class Rows:
    """Rows of some claims in the order of their positions.

    Attributes:
        claims: Without what is sealed, and without the hashes.
        plain: That, of each claim.
        causes: Each with its claim's position.
    """

    claims: list[dict[str, Any]] = field(default_factory=list)
    plain: list[Plain] = field(default_factory=list)
    causes: list[tuple[int, judging.Found]] = field(default_factory=list)

    def sealed(self, key: Key) -> list[dict[str, Any]]:
        """The rows of the claims, whole."""
        return [{**row, **_sealed(_Ours(**{name: row[name] for name in _Ours._fields}), plain, key)}
                for row, plain in zip(self.claims, self.plain, strict=True)]


class _Ours(NamedTuple):
    """What a claim is counted by, and its place in the store."""

    batch_id: int
    client_id: int
    position: int
    payer: str
    provider: str


def _sealed(ours: _Ours, plain: Plain, key: Key) -> dict[str, Any]:
    places = PLACES[Claim]
    return {"sealed_number": key.seal_text(plain.number, places["sealed_number"](ours)),
            "number_index": key.index(plain.number, "number"),
            "person_index": key.index(plain.person, "person") if plain.person else None,
            "sealed_record": key.seal(plain.record, places["sealed_record"](ours)),
            "sealed_flags": key.seal(plain.flags, places["sealed_flags"](ours))}


class Claims:
    """The claims of a file, read once more beside the flags that were found.

    Attributes:
        count, lines, cents, flags, clean: Of the claims that were made rows by now.
        services: By provider and code: lines, cents, and lines on a day on which the code had ended.
        moves, standings: Their causes, by sort; how they stand.
        unreadable: Claims that were scrubbed and cannot be kept as records.
        loose: Flags that are of no claim.
    """

    def __init__(self, batch: Batch, scrubber: Scrubber, report: Report, source: Source, now: dt.datetime) -> None:
        self._batch = batch
        self._payers = scrubber.payers
        self._as_of = dt.date.fromisoformat(report.run["as_of"])
        self._source = source
        self._now = now
        self._report = report
        self._profiles: dict[str, str] = {}
        self.count = self.lines = self.cents = self.flags = self.clean = 0
        self.services: dict[tuple[str, str], list[int]] = {}
        self.moves = tallies.Moves()
        self.standings = standings.Moves()
        self.unreadable: list[Unreadable] = []
        self.loose: list[Flag] = []

    def parts(self, size: int) -> Iterator[Rows]:
        """All of them, so many at a time."""
        flags = _Flags(self._report)
        scrubbed = iter(self._report.claims)
        wanted = next(scrubbed, None)
        rows = Rows()
        for position, record in self._records():
            if wanted is None or position != wanted.claim_position:
                continue                             # of the past: it is not submitted
            wanted = next(scrubbed, None)
            found, loose = flags.to(position)
            self.loose += loose
            if isinstance(record, Unreadable):
                self.unreadable.append(record)
                continue
            self._add(rows, position, record, found)
            if len(rows.claims) >= size:
                yield rows
                rows = Rows()
        self.loose += flags.rest()
        if rows.claims:
            yield rows

    def _records(self) -> Iterator[tuple[int, Record | Unreadable]]:
        for batch in windows(ClaimBatch(), [self._source], day_number(self._as_of), WINDOW):
            for number, record in enumerate(records(batch)):
                yield batch.claim_position(number), record
            batch.unreadable.clear()

    def _add(self, rows: Rows, position: int, record: Record, flags: list[Flag]) -> None:
        batch = self._batch
        causes = judging.causes_of(flags)
        lines, cents = _charges(record)
        payer, provider = self._profile(record), judging.provider_of(record)
        clean, risk = judging.is_clean(flags), judging.risk_of(causes, lines, cents)
        rows.claims.append({
            "batch_id": batch.id, "client_id": batch.client_id, "position": position, "kind": record["kind"],
            "payer": payer, "payer_id": judging.plain(record.get("payer", "")), "provider": provider,
            "state": judging.state_of(causes), "version": 1, "corrected": False, "clean_at_first": clean,
            "cents": cents, "risk_cents": risk, "changed_at": self._now})
        rows.plain.append(Plain(record.get("id", ""), record.get("patient", {}).get("key"), to_json(record),
                                judging.written(flags)))
        rows.causes += [(position, each) for each in causes]
        ours = _Ours(batch.id, batch.client_id, position, payer, provider)
        self.moves.add(ours, {}, tallies.of(ours, causes))
        self.standings.add(batch.id, None, standings.Stand(payer, judging.state_of(causes), clean, cents, risk))
        self.count += 1
        self.lines += len(record.get("lines", ()))
        self.cents += cents
        self.flags += len(flags)
        self.clean += clean
        self._serve(record, provider, {flag.line for flag in flags if (flag.rule, flag.case) == judging.DELETED})

    def _profile(self, record: Record) -> str:
        """The profile of its payer, which the first claim of a payer decides for all."""
        payer = record.get("payer", "")
        known = self._profiles.get(payer)
        if known is None:
            known = self._profiles[payer] = self._payers.match(payer, record.get("filing_code")).payer.name
        return known

    def _serve(self, record: Record, provider: str, deleted: set[int | None]) -> None:
        for place, line in enumerate(record.get("lines", ()), 1):
            code = line.get("code")
            if not code:
                continue
            count = self.services.setdefault((provider, code if CODE.fullmatch(code) else ELSE), [0, 0, 0])
            count[0] += 1
            count[1] += judging.cents_of(line.get("charge"))
            count[2] += line.get("number", place) in deleted


class _Flags:
    """The flags of a report by claim, in order; what is of no claim in between is loose."""

    def __init__(self, report: Report) -> None:
        self._flags = iter(report.flags)
        self._next = next(self._flags, None)

    def to(self, position: int) -> tuple[list[Flag], list[Flag]]:
        """The flags of the claim at a position, and those of no claim before it."""
        loose = self._before(position)
        found: list[Flag] = []
        while self._next is not None and self._next.claim_position == position:
            found.append(self._next)
            self._next = next(self._flags, None)
        return found, loose

    def rest(self) -> list[Flag]:
        return self._before(None)

    def _before(self, position: int | None) -> list[Flag]:
        found: list[Flag] = []
        while self._next is not None and (position is None or self._next.claim_position < position):
            found.append(self._next)
            self._next = next(self._flags, None)
        return found


def _charges(record: Record) -> tuple[dict[int, int], int]:
    """As judging.charges, of a record."""
    lines: dict[int, int] = {}
    for place, line in enumerate(record.get("lines", ()), 1):
        number = line.get("number", place)
        lines[number] = lines.get(number, 0) + judging.cents_of(line.get("charge"))
    total = record.get("total")
    return lines, sum(lines.values()) if total is None else judging.cents_of(total)
