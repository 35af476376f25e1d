"""A store full of made-up claims, and the same as plain rows to count by hand."""

import datetime as dt
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from stores import NOW

from scrubber.store import standings
from scrubber.store.database import Store
from scrubber.store.tables import OPEN, Batch, Cause, Claim, File, Override, Service, Tally, User

PAYERS = ("medicare", "medicaid", "commercial", "workers")
QUEUES = ("coding", "front_desk", "")
VISITS = ("99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214", "99215")
STATES = ("open", "asked", "cured", "overridden", "wrong")
Row = dict[str, Any]


@dataclass
class Made:
    """What was put into a store, as rows; those of causes also say payer, provider and moment of their batch."""

    batches: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    causes: list[Row] = field(default_factory=list)
    overrides: list[Row] = field(default_factory=list)
    services: list[Row] = field(default_factory=list)
    clients: dict[int, str] = field(default_factory=dict)
    users: dict[int, str] = field(default_factory=dict)


def fill(store: Store, seed: int, *, claims: int = 300, batches: int = 12, days: int = 120, providers: int = 6,
         rules: int = 8, sealed: int = 16) -> Made:
    """Fills an empty store with random claims of the days before NOW.

    Args:
        sealed: Bytes of what is sealed of a claim.
    """
    pick = random.Random(seed)
    made = Made()
    with store.writing() as session:
        for name in ("East", "south", "=West"):
            made.clients[store.new_client(session, name).id] = name
        for name in ("anna", "ben"):
            user = User(name=name, role="coder", created_at=NOW)
            session.add(user)
            session.flush()
            made.users[user.id] = name
        npis = [f"1999{number:06d}" for number in range(providers)]
        for number in range(1, batches + 1):
            client = pick.choice(list(made.clients))
            at = NOW - dt.timedelta(minutes=pick.randrange(days * 1440))
            sent = File(client_id=client, kind="original", sealed_name=b"", sha256="", size=0, created_at=at)
            session.add(sent)
            session.flush()
            made.batches.append({
                "id": number, "client_id": client, "file_id": sent.id, "received_at": at, "as_of": at.date(),
                "state": pick.choices(("ready", "loading"), (9, 1))[0], "set_aside": pick.randrange(4), "run": {}})
        of = {each["id"]: each for each in made.batches}
        for number in range(1, claims + 1):
            batch = pick.choice(made.batches)
            clean = pick.random() < 0.7
            state = pick.choice(("clean", "released") if clean else ("held", "held", "released"))
            made.claims.append({
                "id": number, "batch_id": batch["id"], "client_id": batch["client_id"], "position": number,
                "kind": "professional", "sealed_number": b"", "number_index": f"{number:032x}",
                "payer": pick.choice(PAYERS), "payer_id": "", "provider": pick.choice(npis), "state": state,
                "clean_at_first": clean, "cents": pick.randrange(1, 50_000),
                "risk_cents": pick.randrange(1, 20_000) if state == "held" else 0,
                "sealed_record": os.urandom(sealed), "sealed_flags": os.urandom(sealed), "changed_at": NOW})
        for claim in made.claims:
            for place in range(0 if claim["clean_at_first"] and pick.random() < 0.8 else pick.randrange(1, 3)):
                _add_cause(made, claim, of[claim["batch_id"]], f"TST-{pick.randrange(rules):02d}", place, pick)
        for batch in made.batches:
            for npi in npis:
                for code in (*VISITS, "G0102", "A4217"):
                    if pick.random() < 0.5:
                        made.services.append({
                            "batch_id": batch["id"], "provider": npi, "code": code, "lines": pick.randrange(1, 30),
                            "cents": 0, "deleted": pick.choice((0, 0, 0, 1)) if code > "A" else 0})
        known = {"payer", "provider", "received_at"}
        _write(session, Batch, made.batches)
        _write(session, Claim, made.claims)
        _write(session, Cause, [{name: value for name, value in each.items() if name not in known}
                                for each in made.causes])
        _write(session, Override, made.overrides)
        _write(session, Service, made.services)
        _write(session, Tally, tallies(made.causes))
        for batch in made.batches:
            moves = standings.Moves()
            for claim in made.claims:
                if claim["batch_id"] == batch["id"]:
                    moves.add(batch["id"], None, standings.Stand(*(claim[name] for name in standings.Stand._fields)))
            moves.write(session)
    return made


def tallies(causes: list[Row]) -> list[Row]:
    """The sums that are kept of causes."""
    names = ("batch_id", "client_id", "rule", "case", "severity", "queue", "payer", "provider", "state")
    number: Counter[tuple[Any, ...]] = Counter()
    cents: Counter[tuple[Any, ...]] = Counter()
    claims: dict[tuple[Any, ...], set[int]] = {}
    for each in causes:
        key = tuple(each[name] for name in names)
        number[key] += 1
        cents[key] += each["cents"]
        claims.setdefault(key, set()).add(each["claim_id"])
    return [{**dict(zip(names, key, strict=True)), "causes": number[key], "claims": len(claims[key]),
             "cents": cents[key]} for key in number]


def _add_cause(made: Made, claim: Row, batch: Row, rule: str, place: int, pick: random.Random) -> None:
    state = pick.choice(STATES) if claim["state"] == "held" else pick.choice(STATES[2:])
    user = None if state == "open" else pick.choice(list(made.users))
    id = len(made.causes) + 1
    made.causes.append({
        "id": id, "claim_id": claim["id"], "batch_id": batch["id"], "client_id": claim["client_id"],
        "key": str(place), "rule": rule, "case": "", "line": place + 1, "queue": pick.choice(QUEUES),
        "severity": "review" if claim["clean_at_first"] else pick.choice(("deny", "reject")),
        "cents": pick.randrange(9000), "state": state, "user_id": user, "at": NOW, "payer": claim["payer"],
        "provider": claim["provider"], "received_at": batch["received_at"]})
    # One that was taken back leaves the flag open; one of a claim that went out may have run out since.
    before = [NOW] * (state in (*OPEN, "overridden") and pick.random() < 0.2)
    last = [pick.choice((None, None, NOW))] * (state == "overridden")
    for ended in before + last:
        made.overrides.append({
            "cause_id": id, "claim_id": claim["id"], "client_id": claim["client_id"], "rule": rule,
            "reason": "documented", "sealed_note": b"", "user_id": next(iter(made.users)), "at": NOW,
            "ended_at": ended, "outcome": pick.choice((None, "paid", "denied", "partly"))})


def _write(session: Any, table: Any, rows: list[Row]) -> None:
    for start in range(0, len(rows), 5000):
        session.execute(insert(table), rows[start:start + 5000])
