"""A corrected claim is judged anew, and with it the other claims of its patient in the batch.

What is kept of a claim is a record of the model, not the file that it came in: faults of an 837's structure are not in
it, nor what only the whole batch tells. So the record is judged as it was and as it is, both times beside the same
other claims, and what differs is done to the flags that are kept.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.store import judging, standings, tallies
from scrubber.store.database import Store
from scrubber.store.log import Who
from scrubber.store.seals import place
from scrubber.store.tables import Cause, Claim
from scrubber.store.vault import Key

KIN = 300                      # other claims of a patient that are judged beside one, those nearest in the file


@dataclass(frozen=True, slots=True)
class Anew:
    """What a correction comes to.

    Attributes:
        flags: Of the claim.
        kin: By claim of the store, the flags of those others whose flags change.
        came, went: Flags that the correction brings and takes, of the claim and of the others.
    """

    flags: list[Flag]
    kin: dict[int, list[Flag]] = field(default_factory=dict)
    came: list[Flag] = field(default_factory=list)
    went: list[Flag] = field(default_factory=list)


def record_of(claim: Claim, key: Key) -> Record:
    """A claim as it stands."""
    return Record.model_validate_json(key.open(claim.sealed_record, place(claim, "sealed_record")))


def flags_of(claim: Claim, key: Key) -> list[Flag]:
    """Its flags, in output order."""
    return judging.read(key.open(claim.sealed_flags, place(claim, "sealed_flags")))


def written(record: Record) -> bytes:
    """A claim of the model as it is kept."""
    return record.model_dump_json(exclude_defaults=True).encode()


def anew(store: Store, session: Session, scrubber: Scrubber, claim: Claim, corrected: Record) -> Anew:
    """What a correction would come to; nothing is changed."""
    key = store.key_of(session, claim.client_id)
    return _judged(scrubber, claim, corrected, _kin(session, claim, _person(key, corrected)), key)


def held(session: Session, claim_id: int) -> Claim | None:
    """A claim to be changed, as it is in the database now; None where there is none.

    Until the transaction ends nobody else changes it, nor another claim of its patient in the batch. The caller looks
    at the version after this, and locks nothing else before.
    """
    claim = session.get(Claim, claim_id)
    if claim is None:
        return None
    lock(session, [claim_id, *(each.id for each in _kin(session, claim, None))])
    return claim


def rejudge(store: Store, session: Session, scrubber: Scrubber, claim: Claim, corrected: Record, who: Who) -> Anew:
    """Saves a corrected claim with its flags, causes and tallies, and those of the others of its patient.

    The versions of all that change go up by one. Who corrected it and why is written down by the caller: the revision
    before this, the log after it.

    Args:
        claim: As `held` gives it.
    """
    key = store.key_of(session, claim.client_id)
    kin = _kin(session, claim, _person(key, corrected))
    lock(session, [each.id for each in kin])
    found = _judged(scrubber, claim, corrected, kin, key)
    saving = _Saving(store, session, key, who)
    payer = claim.payer
    if corrected.payer != record_of(claim, key).payer:
        payer = scrubber.payers.match(corrected.payer, corrected.filing_code).payer.name
    saving.save(claim, found.flags, corrected, payer)
    for other in kin:
        if other.id in found.kin:
            saving.save(other, found.kin[other.id])
    session.flush()
    saving.moves.write(session)
    saving.standings.write(session)
    return found


class _Saving:
    """Writes what claims come to now."""

    def __init__(self, store: Store, session: Session, key: Key, who: Who) -> None:
        self._now = store.now()
        self._session = session
        self._key = key
        self._who = who
        self.moves = tallies.Moves()
        self.standings = standings.Moves()

    def save(self, claim: Claim, flags: Sequence[Flag], corrected: Record | None = None, payer: str = "") -> None:
        """Writes a claim, with its correction where it is the one that is corrected."""
        rows = causes_of(self._session, claim)
        before, stood = tallies.of(claim, rows), standings.of(claim)
        if corrected is not None:
            self._correct(claim, corrected, payer)
        rows += self._caused(claim, rows, judging.causes_of(flags))
        claim.sealed_flags = self._key.seal(judging.written(flags), place(claim, "sealed_flags"))
        settle(claim, rows, corrected or record_of(claim, self._key))
        claim.version += 1
        claim.changed_at = self._now
        self.moves.add(claim, before, tallies.of(claim, rows))
        self.standings.add(claim.batch_id, stood, standings.of(claim))

    def _correct(self, claim: Claim, corrected: Record, payer: str) -> None:
        key, record = self._key, json.loads(written(corrected))
        claim.sealed_record = key.seal(written(corrected), place(claim, "sealed_record"))
        claim.sealed_number = key.seal_text(corrected.id, place(claim, "sealed_number"))
        claim.number_index = key.index(corrected.id, "number")
        claim.person_index = _person(key, corrected)
        claim.kind, claim.payer, claim.payer_id = corrected.kind, payer, judging.plain(corrected.payer)
        claim.provider = judging.provider_of(record)
        claim.corrected = True

    def _caused(self, claim: Claim, rows: Sequence[Cause], found: Sequence[judging.Found]) -> list[Cause]:
        """Brings the causes of a claim to what was found; gives those that are new."""
        now, who = self._now, self._who
        known = {row.key: row for row in rows}
        new = []
        for each in found:
            row = known.pop(judging.hashed(each.name, self._key), None)
            if row is None:
                row = Cause(claim_id=claim.id, batch_id=claim.batch_id, client_id=claim.client_id,
                            **judging.row_of(each, self._key), at=now)
                self._session.add(row)
                new.append(row)
                continue
            row.queue, row.severity, row.cents, row.followers = each.queue, each.severity, each.cents, each.followers
            if row.state == "cured":
                row.state, row.user_id, row.at = "open", who.id, now
        for row in known.values():
            if row.state != "cured":
                row.state, row.user_id, row.at = "cured", who.id, now
        return new


def settle(claim: Claim, causes: Iterable[Cause], record: Record) -> None:
    """Writes down what its causes make of a claim: its state, unless it is released, and what is at risk."""
    rows = list(causes)
    lines, cents = judging.charges(record)
    claim.cents = cents
    claim.risk_cents = judging.risk_of(rows, lines, cents)
    if claim.state != "released":
        claim.state = judging.state_of(rows)


def causes_of(session: Session, claim: Claim) -> list[Cause]:
    """All causes of a claim, as they are in the database now."""
    return list(session.scalars(select(Cause).where(Cause.claim_id == claim.id).order_by(Cause.id)
                                .execution_options(populate_existing=True)))


def lock(session: Session, claims: Sequence[int]) -> list[Claim]:
    """Claims by id as they are in the database now, which nobody else changes until the transaction ends."""
    return list(session.scalars(select(Claim).where(Claim.id.in_(claims)).order_by(Claim.id).with_for_update()
                                .execution_options(populate_existing=True)))


def _person(key: Key, record: Record) -> str | None:
    return key.index(record.patient.key, "person") if record.patient.key else None


def _kin(session: Session, claim: Claim, person: str | None) -> list[Claim]:
    """Other claims of its patient in the batch, in their order; also of the patient that it is of from now on."""
    people = {index for index in (claim.person_index, person) if index is not None}
    if not people:
        return []
    near = select(Claim).where(Claim.batch_id == claim.batch_id, Claim.person_index.in_(people),
                               Claim.id != claim.id).order_by(func.abs(Claim.position - claim.position)).limit(KIN)
    return sorted(session.scalars(near), key=lambda each: each.position)


def _judged(scrubber: Scrubber, claim: Claim, corrected: Record, kin: Sequence[Claim], key: Key) -> Anew:
    """Judges the record as it was and as it is, beside the same other claims."""
    family = sorted([claim, *kin], key=lambda each: each.position)
    own = family.index(claim)
    before = [record_of(each, key) for each in family]
    after = [*before[:own], corrected, *before[own + 1:]]
    base, now = _scrubbed(scrubber, before), _scrubbed(scrubber, after)
    found = Anew([])
    for number, each in enumerate(family, 1):
        old, new = base.get(number, {}), now.get(number, {})
        if each is not claim and (old == new or each.state == "released"):
            continue
        kept = flags_of(each, key)
        flags = [flag.model_copy(update={"file": judging.FILE, "claim_position": each.position})
                 for flag in _moved(kept, old, new)]
        if each is claim:
            found.flags.extend(flags)
        elif flags != kept:
            found.kin[each.id] = flags
        else:
            continue
        had, has = ({judging.name_of(flag) for flag in some} for some in (kept, flags))
        found.came.extend(flag for flag in flags if judging.name_of(flag) not in had)
        found.went.extend(flag for flag in kept if judging.name_of(flag) not in has)
    return found


def _scrubbed(scrubber: Scrubber, claims: list[Record]) -> dict[int, dict[str, list[Flag]]]:
    """By place of a claim from 1, and key, its flags."""
    found: dict[int, dict[str, list[Flag]]] = {}
    for flag in scrubber.scrub(claims).flags:
        if flag.status == "flagged":
            found.setdefault(flag.claim_position, {}).setdefault(judging.name_of(flag), []).append(flag)
    return found


def _moved(kept: Sequence[Flag], base: Mapping[str, list[Flag]], now: Mapping[str, list[Flag]]) -> list[Flag]:
    """The flags that are kept, with what differs between two judgements done to them, in output order.

    What both say alike stays as it is kept: the file may have said more of it than the record does.
    """
    held: dict[str, list[Flag]] = {}
    for flag in kept:
        held.setdefault(judging.name_of(flag), []).append(flag)
    for key in {*base, *now}:
        if base.get(key) == now.get(key):
            continue
        if key in now and (key in held or key not in base):
            held[key] = now[key]
        elif key not in now:
            held.pop(key, None)
    return sorted((flag for flags in held.values() for flag in flags), key=_order)


def _order(flag: Flag) -> tuple[Any, ...]:
    return (flag.line is not None, flag.line or 0, flag.rule, flag.case or "", flag.diagnoses)
