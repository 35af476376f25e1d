"""Claims go out: those of a batch that nothing holds, in the file that they came in, with the corrections in it.

What was written is scrubbed once more before it counts as released. A claim that is flagged there at or above deny, for
something that nobody let pass, stays here and is told; so does one whose correction its file has no place for. The
original stays as it came.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.model.claim import Claim as Record
from scrubber.readers.files import CHUNK, Source
from scrubber.spool import unnamed
from scrubber.store import files, judging, log, rejudging, standings, tallies
from scrubber.store.acts import NotDone
from scrubber.store.database import Store
from scrubber.store.log import Who
from scrubber.store.seals import place
from scrubber.store.tables import BLOCKING, OPEN, Batch, Cause, Claim, File, Release, Revision
from scrubber.store.vault import Key
from scrubber.writers import released
from scrubber.writers.released import Correction

KIND = "release"
TOGETHER = 500                 # claims of one statement
SUFFIX = {"x12": ".837", "json": ".json", "ndjson": ".ndjson"}
MEANWHILE = ("claims of the batch were changed while it was written; nothing was released: look at them, and release "
             "again")


@dataclass(frozen=True, slots=True)
class Ready:
    """What of a batch could go out.

    Attributes:
        cents: Their charges.
    """

    claims: int
    corrected: int
    cents: int


@dataclass(frozen=True, slots=True)
class _Going:
    """A claim as it is let out.

    Attributes:
        passed: Keys of the flags that somebody let pass.
    """

    id: int
    version: int
    correction: Correction | None
    passed: frozenset[str]
    cents: int


def ready(session: Session, batch_id: int) -> Ready:
    """What of a batch could go out now."""
    corrected = func.coalesce(func.sum(case((Claim.corrected, 1), else_=0)), 0)
    found = session.execute(select(func.count(), corrected, func.coalesce(func.sum(Claim.cents), 0)).where(
        Claim.batch_id == batch_id, Claim.state == "clean")).one()
    return Ready(*map(int, found))


def release(store: Store, scrubber: Scrubber, who: Who, batch_id: int) -> Release | None:
    """Lets the claims of a batch out that nothing holds; None where each of them was refused.

    Raises:
        NotDone: There is none, or some were changed meanwhile.
        ScrubberError: The file is of a format in which nothing is released.
    """
    with store.reading() as session:
        batch = session.get(Batch, batch_id)
        if batch is None or batch.state != "ready":
            raise NotDone("there is no such batch")
        key = store.key_of(session, batch.client_id)
        going = _going(session, batch, key)
        name = files.name_of(session.get_one(File, batch.file_id), key)
    if not going:
        raise NotDone("no claim of the batch is clean and waits to go out")
    with files.source(store, batch.file_id, name) as source, unnamed() as out:
        kind, positions, refused = _written(scrubber, source, going, out, key)
        with store.writing() as session:
            found = _kept(store, session, who, batch, going, positions, refused, out,
                          f"{name.rpartition('.')[0] or name}.released{SUFFIX[kind]}")
    return found


def _going(session: Session, batch: Batch, key: Key) -> dict[int, _Going]:
    """Claims that nothing holds, by their position."""
    passed: dict[int, set[str]] = defaultdict(set)
    for claim_id, cause in session.execute(select(Cause.claim_id, Cause.key).where(
            Cause.batch_id == batch.id, Cause.state.in_(("overridden", "wrong")))):
        passed[claim_id].add(cause)
    first = {row[0]: row[1] for row in session.execute(
        select(Revision.claim_id, func.min(Revision.version)).join(Claim, Claim.id == Revision.claim_id)
        .where(Claim.batch_id == batch.id).group_by(Revision.claim_id))}
    found: dict[int, _Going] = {}
    for id, version, position, corrected, cents in session.execute(
            select(Claim.id, Claim.version, Claim.position, Claim.corrected, Claim.cents).where(
                Claim.batch_id == batch.id, Claim.state == "clean").order_by(Claim.position)):
        correction = None
        if corrected and id in first:
            came = session.scalars(select(Revision).where(Revision.claim_id == id,
                                                          Revision.version == first[id])).one()
            before = Record.model_validate_json(key.open(came.sealed_record, place(came, "sealed_record")))
            correction = Correction(before, rejudging.record_of(session.get_one(Claim, id), key))
        found[position] = _Going(id, version, correction, frozenset(passed.get(id, ())), cents)
    return found


def _written(scrubber: Scrubber, source: Source, going: Mapping[int, _Going],
             out: BinaryIO, key: Key) -> tuple[str, tuple[int, ...], dict[int, str]]:
    """Writes the claims until all that go out are right; how, which they are, and why the others are not among them."""
    refused: dict[int, str] = {}
    while True:
        out.seek(0)
        out.truncate()
        chosen = {position: each.correction for position, each in going.items() if position not in refused}
        done = released.release(source, chosen, out)
        refused |= done.refused
        out.flush()
        wrong = _flagged(scrubber, out, source.name, done.positions, going, key) if done.positions else {}
        if not wrong:
            return done.format, done.positions, dict(sorted(refused.items()))
        refused |= wrong


def _flagged(scrubber: Scrubber, out: BinaryIO, name: str, positions: Sequence[int],
             going: Mapping[int, _Going], key: Key) -> dict[int, str]:
    """Why claims that were written may not go out after all: they are flagged for what nobody let pass."""
    out.seek(0)
    report = scrubber.scrub(Source(out, name, is_foreign=True))
    flags = defaultdict(list)
    for flag in report.flags:
        flags[flag.claim_position].append(flag)
    found: dict[int, str] = {}
    for written, position in enumerate(positions, 1):
        rules = sorted({cause.rule for cause in judging.causes_of(flags.get(written, ()))
                        if cause.severity in BLOCKING
                        and judging.hashed(cause.name, key) not in going[position].passed})
        if rules:
            found[position] = f"as it would go out it is flagged by {', '.join(rules)}"
    return found


def _kept(store: Store, session: Session, who: Who, batch: Batch, going: Mapping[int, _Going],
          positions: Sequence[int], refused: Mapping[int, str], out: BinaryIO, name: str) -> Release | None:
    """Writes down what went out.

    Raises:
        NotDone: A claim is not as it was written.
    """
    now = store.now()
    out.seek(0)
    told = {str(position): why for position, why in refused.items()}
    if not positions:
        log.note(session, now, who, "batch.release_refused", client_id=batch.client_id, batch_id=batch.id,
                 refused=len(refused))
        return None
    assert who.id is not None
    moves, stands = tallies.Moves(), standings.Moves()
    ids = sorted(going[position].id for position in positions)
    versions = {each.id: each.version for each in going.values()}
    file = files.keep(session, store.key_of(session, batch.client_id), batch.client_id, KIND, name,
                      iter(lambda: out.read(CHUNK), b""), now)
    made = Release(client_id=batch.client_id, batch_id=batch.id, file_id=file.id, user_id=who.id, at=now,
                   claims=len(positions), cents=sum(going[position].cents for position in positions), refused=told,
                   corrected=sum(going[position].correction is not None for position in positions))
    session.add(made)
    session.flush()
    for start in range(0, len(ids), TOGETHER):
        part = ids[start:start + TOGETHER]
        claims = rejudging.lock(session, part)
        if any(claim.version != versions[claim.id] or claim.state != "clean" for claim in claims):
            raise NotDone(MEANWHILE)
        _let_go(session, claims, who, moves, now)
        for claim in claims:
            stood = standings.of(claim)
            claim.state, claim.release_id, claim.version, claim.changed_at = "released", made.id, claim.version + 1, now
            stands.add(batch.id, stood, standings.of(claim))
        session.flush()
    moves.write(session)
    stands.write(session)
    log.note(session, now, who, "batch.released", client_id=batch.client_id, batch_id=batch.id, release=made.id,
             claims=_ranges(positions), sha256=file.sha256, corrected=made.corrected, refused=len(refused))
    return made


def _let_go(session: Session, claims: Iterable[Claim], who: Who, moves: tallies.Moves, now: dt.datetime) -> None:
    """What is still open of claims that go out, and holds none of them, goes with them."""
    by_id = {claim.id: claim for claim in claims}
    causes = defaultdict(list)
    for cause in session.scalars(select(Cause).where(Cause.claim_id.in_(by_id), Cause.state.in_(OPEN))
                                 .order_by(Cause.id)):
        causes[cause.claim_id].append(cause)
    for id, open_causes in causes.items():
        before = tallies.of(by_id[id], open_causes)
        for cause in open_causes:
            cause.state, cause.user_id, cause.at = "sent", who.id, now
        moves.add(by_id[id], before, tallies.of(by_id[id], open_causes))
    session.flush()


def _ranges(numbers: Sequence[int]) -> str:
    """1-3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
