"""Rows of every table that keeps something of a client, written directly, with values that are found wherever they lie
open."""

import datetime as dt
import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.store import log
from scrubber.store.base import Base
from scrubber.store.database import Store
from scrubber.store.seals import place
from scrubber.store.standings import Standing
from scrubber.store.tables import (
    Batch,
    Cause,
    Claim,
    File,
    Override,
    Piece,
    Question,
    Release,
    Remit,
    Revision,
    Service,
    Tally,
    User,
    Wrong,
)
from scrubber.store.vault import Key

NPI = "1999000023"
# In what is sealed, and nowhere else.
SECRETS = ("26463774A", "ZZMILLER", "1EG4TE5MK73", "M17.11", "a note on the knee", "what was found in surgery",
           "north.837")


def keep(store: Store, client_id: int, claims: int = 3, pieces: int = 2) -> int:
    """Keeps a batch; gives its id."""
    with store.writing() as session:
        now = store.now()
        key = store.key_of(session, client_id)
        user = session.scalars(select(User).where(User.name == "keeper")).first()
        if user is None:
            user = User(name="keeper", role="coder", created_at=now)
            session.add(user)
            session.flush()
        original = _file(session, key, client_id, "original", pieces, now)
        release = _file(session, key, client_id, "release", 1, now)
        batch = Batch(client_id=client_id, file_id=original.id, user_id=user.id, state="ready", received_at=now,
                      ready_at=now, as_of=now.date(), claims=claims, run={})
        session.add(batch)
        session.flush()
        _seal(key, batch, sealed_unreadable=json.dumps([{"claim": SECRETS[0], "message": "cannot be read"}]))
        for position in range(1, claims + 1):
            _claim(session, key, batch, position, user.id, now)
        session.add(Tally(batch_id=batch.id, client_id=client_id, rule="MOD-50-02", case="", severity="deny",
                          queue="coding", payer="medicare", provider=NPI, state="open", causes=claims, claims=claims,
                          cents=claims * 100))
        session.add(Standing(batch_id=batch.id, payer="medicare", state="held", first=False, claims=claims,
                             cents=claims * 100, risk_cents=claims * 100))
        session.add(Service(batch_id=batch.id, provider=NPI, code="20610", lines=1, cents=100))
        went = Release(client_id=client_id, batch_id=batch.id, file_id=release.id, user_id=user.id, at=now, claims=1,
                       corrected=1, cents=100, refused={})
        session.add(went)
        session.flush()
        session.scalars(select(Claim).where(Claim.batch_id == batch.id)).first().release_id = went.id
        session.add(Remit(client_id=client_id, file_id=original.id, number_index=key.index(SECRETS[0], "number"),
                          status="1", outcome="paid", cents=100, paid_cents=80, codes=["CO-45"], at=now))
        log.note(session, now, log.Who(user.id, "keeper"), "batch.received", client_id=client_id, batch_id=batch.id)
        return batch.id


def _file(session: Session, key: Key, client_id: int, kind: str, pieces: int, now: dt.datetime) -> File:
    parts = [f"{' '.join(SECRETS)} piece {number} ".encode() * 20 for number in range(pieces)]
    whole = b"".join(parts)
    file = File(client_id=client_id, kind=kind, sealed_name=b"", sha256=hashlib.sha256(whole).hexdigest(),
                size=len(whole), created_at=now)
    session.add(file)
    session.flush()
    _seal(key, file, sealed_name=SECRETS[-1])
    for number, part in enumerate(parts):
        piece = Piece(file_id=file.id, number=number)
        piece.sealed = key.seal(part, place(piece, "sealed"))
        session.add(piece)
    return file


def _claim(session: Session, key: Key, batch: Batch, position: int, user_id: int, now: dt.datetime) -> None:
    number = f"{SECRETS[0]}{position}"
    record = {"id": number, "member": SECRETS[2], "diagnoses": [SECRETS[3]], "patient": {"name": SECRETS[1]},
              "lines": [{"code": "99213", "charge": 100}] * 10}
    claim = Claim(batch_id=batch.id, client_id=batch.client_id, position=position, kind="professional",
                  number_index=key.index(number, "number"), payer="medicare", payer_id="MEDICARE", provider=NPI,
                  state="held", clean_at_first=False, cents=100, risk_cents=100, changed_at=now)
    _seal(key, claim, sealed_number=number, sealed_record=json.dumps(record), sealed_flags=json.dumps([SECRETS[3]]))
    session.add(claim)
    session.flush()
    revision = Revision(claim_id=claim.id, version=1, user_id=user_id, at=now, reason="documentation")
    _seal(key, revision, sealed_note=SECRETS[4], sealed_record=json.dumps(record))
    causes = [Cause(claim_id=claim.id, batch_id=batch.id, client_id=batch.client_id, key=f"{position:0>16}",
                    rule="MOD-50-02", line=1, queue="coding", severity="deny", cents=100, state="open", at=now)]
    session.add_all([revision, *causes])
    session.flush()
    common: dict[str, Any] = {"cause_id": causes[0].id, "claim_id": claim.id, "client_id": batch.client_id,
                              "user_id": user_id, "at": now}
    override = Override(**common, rule="MOD-50-02", reason="payer")
    question = Question(**common)
    wrong = Wrong(**common, rule="MOD-50-02", case="", example="line: 20610-50")
    _seal(key, override, sealed_note=SECRETS[4])
    _seal(key, question, sealed_text=SECRETS[5], sealed_answer=SECRETS[5])
    _seal(key, wrong, sealed_note=SECRETS[4])
    session.add_all([override, question, wrong])
    log.note(session, now, log.Who(user_id, "keeper"), "claim.seen", client_id=batch.client_id, batch_id=batch.id,
             claim_id=claim.id)


def _seal(key: Key, row: Base, **values: str) -> None:
    for column, text in values.items():
        setattr(row, column, key.seal_text(text, place(row, column)))
