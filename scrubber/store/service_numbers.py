"""Figures of services and of authorizations: codes that are no longer valid, office visits by level, what runs out."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from scrubber.model.authorization import Authorization
from scrubber.store.numbers import Scope
from scrubber.store.tables import Service

# Office visits by level, of new patients and of those who were here before.
LEVELS = {"new": ("99202", "99203", "99204", "99205"), "established": ("99211", "99212", "99213", "99214", "99215")}
FEWEST = 20                    # visits of a provider, and of the others, under which shares say nothing
LEAST = Decimal("0.2")         # of the units approved
SOON = 30                      # days


@dataclass(frozen=True, slots=True)
class Deleted:
    """Lines of a provider with a code on a day on which it was no longer valid, of all its lines with the code."""

    provider: str
    code: str
    deleted: int
    lines: int


@dataclass(frozen=True, slots=True)
class Visits:
    """Office visits of a provider, of new or of established patients, against all others of the store.

    Attributes:
        counts, others: Visits by level, as in LEVELS.
    """

    provider: str
    patients: str
    counts: tuple[int, ...]
    others: tuple[int, ...]

    @property
    def whole(self) -> int:
        return sum(self.counts)

    @property
    def is_judged(self) -> bool:
        """Whether there are enough visits on both sides to tell shares."""
        return min(self.whole, sum(self.others)) >= FEWEST

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each level, from 0 to 1; empty where too few are there to tell."""
        return _shares(self.counts) if self.is_judged else ()

    @property
    def other_shares(self) -> tuple[float, ...]:
        return _shares(self.others) if self.is_judged else ()


@dataclass(frozen=True, slots=True)
class RunningOut:
    """An authorization of which little is left, or that ends soon.

    Attributes:
        tail: End of its number, at most four characters.
        days: Until its last day, 0 on it; None where it has none.
    """

    tail: str
    kind: str
    payer: str
    npi: str
    codes: tuple[str, ...]
    units: Decimal | None
    used: Decimal | None
    uom: str
    to: dt.date | None
    days: int | None

    @property
    def left(self) -> Decimal | None:
        return max(Decimal(0), self.units - self.used) if self.units is not None and self.used is not None else None

    @property
    def share(self) -> float | None:
        """Of the units, what is left, from 0 to 1."""
        return float(self.left / self.units) if self.left is not None and self.units else None


def deleted_codes(session: Session, scope: Scope) -> list[Deleted]:
    """Codes that were billed when they were no longer valid, the most lines first."""
    deleted = func.sum(Service.deleted)
    found = session.execute(
        select(Service.provider, Service.code, deleted, func.sum(Service.lines))
        .where(Service.batch_id.in_(scope.batches())).group_by(Service.provider, Service.code).having(deleted > 0))
    return sorted((Deleted(provider, code, int(gone), int(lines)) for provider, code, gone, lines in found),
                  key=lambda each: (-each.deleted, each.provider, each.code))


def visits(session: Session, scope: Scope) -> list[Visits]:
    """Office visits by provider and level, the provider with the most first.

    The others are all of the store, of whatever client, in the time of the scope.
    """
    levels = {code: (patients, place) for patients, codes in LEVELS.items() for place, code in enumerate(codes)}
    everywhere = Scope(None, scope.since, scope.until)
    counted: dict[tuple[str, str], list[int]] = {}
    for provider, code, lines in session.execute(_visits(everywhere, list(levels))):
        patients, place = levels[code]
        counted.setdefault((provider, patients), [0] * len(LEVELS[patients]))[place] += int(lines)
    whole = {patients: [sum(counts[place] for (_, of), counts in counted.items() if of == patients)
                        for place in range(len(codes))] for patients, codes in LEVELS.items()}
    own = counted if scope.client is None else {
        (provider, patients) for provider, code, _ in session.execute(_visits(scope, list(levels)))
        for patients in (levels[code][0],)}
    found = [Visits(provider, patients, tuple(counts),
                    tuple(each - mine for each, mine in zip(whole[patients], counts, strict=True)))
             for (provider, patients), counts in counted.items() if provider and (provider, patients) in own]
    return sorted(found, key=lambda each: (each.patients, -each.whole, each.provider))


def running_out(listed: Iterable[Authorization], as_of: dt.date) -> list[RunningOut]:
    """Authorizations in force of which at most a fifth is left or that end within 30 days, what ends first first."""
    found = []
    for each in listed:
        if each.status not in (None, "A") or (each.to is not None and each.to < as_of):
            continue
        days = (each.to - as_of).days if each.to is not None else None
        row = RunningOut(_tail(each.number), each.kind or "", each.payer or "", each.npi or "", each.codes, each.units,
                         each.used, each.uom or "", each.to, days)
        little = bool(each.units) and row.left is not None and row.left <= LEAST * (each.units or 0)
        if little or (days is not None and days <= SOON):
            found.append(row)
    return sorted(found, key=lambda each: (each.to or dt.date.max, each.share if each.share is not None else 1,
                                           each.tail))


def _visits(scope: Scope, codes: list[str]) -> "Select[str, str, int]":
    return select(Service.provider, Service.code, func.sum(Service.lines)).where(
        Service.code.in_(codes), Service.batch_id.in_(scope.batches())).group_by(Service.provider, Service.code)


def _shares(counts: tuple[int, ...]) -> tuple[float, ...]:
    whole = sum(counts)
    return tuple(each / whole for each in counts)


def _tail(number: str) -> str:
    """The end of a number: four characters, and of a short one no more than half."""
    return number[-min(4, len(number) // 2):] if len(number) > 1 else ""
