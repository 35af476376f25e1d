"""What payers answered, into the store: each claim of an 835 beside ours, and what became of what was let pass."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from scrubber.readers.remittance import Answer, read_remittance
from scrubber.store import files, log
from scrubber.store.database import Store
from scrubber.store.outcomes import REVERSED, is_decided, line_outcome, outcome, standing
from scrubber.store.seals import place
from scrubber.store.tables import Cause, Claim, Client, File, Override, Remit
from scrubber.store.vault import Key

T = TypeVar("T")
KIND = "remittance"
AT_ONCE = 500                  # numbers that are looked up together
MOST_CODES = 50                # adjustments that are kept of a claim


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a remittance came to.

    Attributes:
        is_new: False: the same file is there already, and nothing was changed.
        claims: Answers on which something was decided.
        matched: Of them, those of claims of ours.
        undecided: Answers that decide nothing: forwarded, pending, priced only.
        overrides: Of which it is known now what became of them.
    """

    file_id: int
    is_new: bool
    claims: int
    matched: int
    paid: int
    denied: int
    partly: int
    undecided: int = 0
    overrides: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A remittance that was loaded.

    Attributes:
        name: As the file was called.
    """

    file_id: int
    name: str
    client: str
    at: dt.datetime
    claims: int
    matched: int
    paid: int
    denied: int
    partly: int


@dataclass(frozen=True, slots=True)
class _Ours:
    """A claim of ours that an answer is about."""

    id: int
    is_released: bool


def load(store: Store, client_id: int, name: str, data: bytes, who: log.Who) -> Loaded:
    """Keeps a remittance and what it says; the same file a second time changes nothing.

    Args:
        name: What the file was called.

    Raises:
        ScrubberError: It is no 835, or the client's data was deleted.
    """
    answers = read_remittance(data)
    digest = hashlib.sha256(data).hexdigest()
    with store.writing() as session:
        key = store.key_of(session, client_id)
        # Whoever loads the same at the same time waits here, and then finds it.
        session.execute(select(Client.id).where(Client.id == client_id).with_for_update())
        known = session.scalar(select(File.id).where(File.client_id == client_id, File.kind == KIND,
                                                     File.sha256 == digest))
        if known is not None:
            return _again(session, known)
        now = store.now()
        file = files.keep(session, key, client_id, KIND, name, [data], now)
        decided = [each for each in answers if is_decided(each)]
        ours = _ours(session, client_id, key, decided)
        rows: list[dict[str, Any]] = [{
            "client_id": client_id, "file_id": file.id, "number_index": index, "status": each.status,
            "claim_id": ours[index].id if index in ours else None, "outcome": outcome(each), "cents": each.cents,
            "paid_cents": each.paid_cents, "at": now,
            "codes": list(dict.fromkeys(adjusted.code for adjusted in each.every))[:MOST_CODES],
        } for index, each in _indexed(key, decided)]
        for some in _some(rows):
            session.execute(insert(Remit), some)
        last = {ours[index].id: each for index, each in _last(key, decided).items() if index in ours}
        judged = _judge(session, key, last)
        told = [row["outcome"] for row in rows]
        loaded = Loaded(file.id, True, len(rows), sum(row["claim_id"] is not None for row in rows), told.count("paid"),
                        told.count("denied"), told.count("partly"), len(answers) - len(rows), judged)
        log.note(session, now, who, "remittance.loaded", client_id=client_id, file=file.id, claims=loaded.claims,
                 matched=loaded.matched, overrides=judged)
    return loaded


def listed(store: Store, session: Session, most: int = 50) -> list[Listed]:
    """The remittances that were loaded last, newest first."""
    found = []
    for file, client in session.execute(
            select(File, Client).join(Client, Client.id == File.client_id)
            .where(File.kind == KIND, Client.data_key.is_not(None)).order_by(File.id.desc()).limit(most)):
        came = _again(session, file.id)
        found.append(Listed(file.id, files.name_of(file, store.key_of(session, client.id)), client.name,
                            file.created_at, came.claims, came.matched, came.paid, came.denied, came.partly))
    return found


def _again(session: Session, file_id: int) -> Loaded:
    """What a file came to that is there already."""
    told: dict[str, int] = {}
    matched = 0
    for found, number, ours in session.execute(
            select(Remit.outcome, func.count(), func.count(Remit.claim_id)).where(Remit.file_id == file_id)
            .group_by(Remit.outcome)):
        told[found] = number
        matched += ours
    return Loaded(file_id, False, sum(told.values()), matched, told.get("paid", 0), told.get("denied", 0),
                  told.get("partly", 0))


def _indexed(key: Key, answers: Sequence[Answer]) -> Iterator[tuple[str, Answer]]:
    return ((key.index(each.number, "number"), each) for each in answers)


def _last(key: Key, answers: Sequence[Answer]) -> dict[str, Answer]:
    """Of each number the answer that holds: the last, and a reversal only where nothing else is said."""
    found: dict[str, Answer] = {}
    for index, each in _indexed(key, answers):
        if each.status != REVERSED or index not in found:
            found[index] = each
    return found


def _ours(session: Session, client_id: int, key: Key, answers: Sequence[Answer]) -> dict[str, _Ours]:
    """By its number's index the claim that an answer is about: the newest that went out, else the newest."""
    found: dict[str, _Ours] = {}
    for some in _some(dict.fromkeys(index for index, _ in _indexed(key, answers))):
        for id, index, state in session.execute(
                select(Claim.id, Claim.number_index, Claim.state)
                .where(Claim.client_id == client_id, Claim.number_index.in_(some))):
            each = _Ours(id, state == "released")
            known = found.get(index)
            if known is None or (each.is_released, each.id) > (known.is_released, known.id):
                found[index] = each
    return found


def _judge(session: Session, key: Key, answers: dict[int, Answer]) -> int:
    """Says of what was let pass how it ended, by its line where the answer tells of it; of how many that was said.

    Args:
        answers: By the id of a claim.
    """
    judged = 0
    for some in _some(answers):
        held = session.execute(
            select(Override.id, Override.claim_id, Cause.line).join(Cause, Cause.id == Override.cause_id)
            .where(Override.claim_id.in_(some), *standing())).all()
        lined = {claim for _, claim, line in held if line is not None}
        codes = {claim.id: _codes(key, claim) for claim in session.scalars(select(Claim).where(Claim.id.in_(lined)))}
        for id, claim, line in held:
            answer = answers[claim]
            code = codes[claim].get(line, "") if line is not None else ""
            found = (line_outcome(answer, code) if code else None) or outcome(answer)
            session.execute(update(Override).where(Override.id == id).values(outcome=found))
            judged += 1
    return judged


def _codes(key: Key, claim: Claim) -> dict[int, str]:
    """By the number of a line its code."""
    record = json.loads(key.open(claim.sealed_record, place(claim, "sealed_record")))
    return {line.get("number", number): line.get("code", "") for number, line in enumerate(record.get("lines", ()), 1)}


def _some(items: Iterable[T]) -> Iterator[list[T]]:
    """Items, so many at a time."""
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some
