"""Claims that are worked, for tests: the demo batch in a store, people, and claims with something to do."""

from dataclasses import dataclass

from loads import client, loaded, scrubber
from sqlalchemy import select

from scrubber.store.acts import Seen
from scrubber.store.database import Store
from scrubber.store.log import Who
from scrubber.store.rejudging import flags_of, record_of
from scrubber.store.tables import ROLES, Act, Cause, CauseState, Claim, Override, User

FILE = "record of 2026-03-01, page 2"


@dataclass(frozen=True)
class Desk:
    """A store with the demo batch, and somebody of each role."""

    store: Store
    client: int
    batch: int
    people: dict[str, Who]

    @property
    def coder(self) -> Who:
        return self.people["coder"]

    @property
    def lead(self) -> Who:
        return self.people["lead"]

    def cause(self, rule: str, state: CauseState = "open") -> Cause:
        """The first cause of a rule, of a claim that has no other of that rule."""
        with self.store.reading() as session:
            rows = session.scalars(select(Cause).where(Cause.rule == rule, Cause.state == state)
                                   .order_by(Cause.id)).all()
            found = next(row for row in rows if sum(each.claim_id == row.claim_id for each in rows) == 1)
            session.expunge(found)
            return found

    def blocking(self) -> Cause:
        """The cause that alone holds its claim back."""
        with self.store.reading() as session:
            for claim in session.scalars(select(Claim).where(Claim.state == "held").order_by(Claim.id)):
                rows = session.scalars(select(Cause).where(Cause.claim_id == claim.id)).all()
                holding = [row for row in rows if row.severity in ("reject", "deny")]
                if len(holding) == 1:
                    session.expunge(holding[0])
                    return holding[0]
        raise AssertionError("every claim is held back by more than one")

    def seen(self, claim: int) -> Seen:
        """The claim as somebody sees it now."""
        return Seen(claim, self.claim(claim).version)

    def claim(self, id: int) -> Claim:
        with self.store.reading() as session:
            found = session.get_one(Claim, id)
            session.expunge(found)
            return found

    def state(self, cause: int) -> CauseState:
        with self.store.reading() as session:
            return session.get_one(Cause, cause).state

    def record(self, claim: int):  # type: ignore[no-untyped-def]
        with self.store.reading() as session:
            row = session.get_one(Claim, claim)
            return record_of(row, self.store.key_of(session, row.client_id))

    def flags(self, claim: int):  # type: ignore[no-untyped-def]
        with self.store.reading() as session:
            row = session.get_one(Claim, claim)
            return flags_of(row, self.store.key_of(session, row.client_id))

    def log(self, claim: int) -> list[str]:
        """Kinds of what was done to a claim, in order."""
        with self.store.reading() as session:
            return list(session.scalars(select(Act.kind).where(Act.claim_id == claim).order_by(Act.seq)))

    def override(self, cause: int) -> Override:
        with self.store.reading() as session:
            found = session.scalars(select(Override).where(Override.cause_id == cause)).one()
            session.expunge(found)
            return found


def desk(store: Store, body: bytes | None = None) -> Desk:
    """A store with a batch and people."""
    with store.writing() as session:
        users = [User(name=role, role=role, created_at=store.now()) for role in ROLES]
        session.add_all(users)
        session.flush()
        people = {user.name: Who(user.id, user.name) for user in users}
    number = client(store)
    batch = loaded(store, client_id=number) if body is None else loaded(store, body, number)
    return Desk(store, number, batch.id, people)


__all__ = ["FILE", "Desk", "desk", "scrubber"]
