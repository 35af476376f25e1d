"""Figures of flags: by rule, payer, provider and who worked them; what was let pass and how the payers answered."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from scrubber.store.numbers import Scope
from scrubber.store.outcomes import standing
from scrubber.store.tables import BLOCKING, Cause, Override, Tally, User

By = Literal["rule", "payer", "provider"]


@dataclass(slots=True)
class Flags:
    """Causes of one sort, by the state they are in.

    Attributes:
        blocking: Of them, those that hold a claim back until they are worked.
        cents: At risk; two causes on one line count it twice.
    """

    name: str
    causes: int = 0
    blocking: int = 0
    cents: int = 0
    open: int = 0
    asked: int = 0
    cured: int = 0
    overridden: int = 0
    wrong: int = 0
    sent: int = 0


@dataclass(slots=True)
class Coder:
    """What somebody acted on last, by the state it is in now."""

    name: str
    asked: int = 0
    cured: int = 0
    overridden: int = 0
    wrong: int = 0
    open: int = 0
    sent: int = 0

    @property
    def causes(self) -> int:
        return self.asked + self.cured + self.overridden + self.wrong + self.open + self.sent


@dataclass(slots=True)
class Passed:
    """Flags of a rule that were let pass.

    Attributes:
        overrides: That hold, or held when the claim went out; what was taken back is not among them.
        causes: All of the rule.
        paid, denied, partly: What payers answered; the others are not answered yet.
    """

    name: str
    causes: int = 0
    overrides: int = 0
    paid: int = 0
    denied: int = 0
    partly: int = 0

    @property
    def unknown(self) -> int:
        return self.overrides - self.paid - self.denied - self.partly

    @property
    def rate(self) -> float | None:
        """Overrides of all causes, from 0 to 1."""
        return self.overrides / self.causes if self.causes else None


def flags(session: Session, scope: Scope, by: By) -> list[Flags]:
    """Causes by rule, payer or provider, the most first."""
    column = {"rule": Tally.rule, "payer": Tally.payer, "provider": Tally.provider}[by]
    found: dict[str, Flags] = {}
    blocking = func.sum(case((Tally.severity.in_(BLOCKING), Tally.causes), else_=0))
    for name, state, causes, held, cents in session.execute(
            select(column, Tally.state, func.sum(Tally.causes), blocking, func.sum(Tally.cents))
            .where(Tally.batch_id.in_(scope.batches())).group_by(column, Tally.state)):
        each = found.setdefault(name, Flags(name))
        each.causes += int(causes)
        each.blocking += int(held)
        each.cents += int(cents)
        setattr(each, state, int(causes))
    return sorted((each for each in found.values() if each.causes), key=lambda each: (-each.causes, each.name))


def coders(session: Session, scope: Scope) -> list[Coder]:
    """Causes by who acted on them last, the most first."""
    found: dict[int, Coder] = {}
    names = {each.id: each.name for each in session.execute(select(User.id, User.name))}
    for id, state, causes in session.execute(
            select(Cause.user_id, Cause.state, func.count())
            .where(Cause.user_id.is_not(None), Cause.batch_id.in_(scope.batches()))
            .group_by(Cause.user_id, Cause.state)):
        assert id is not None
        each = found.setdefault(id, Coder(names.get(id, "")))
        setattr(each, state, causes)
    return sorted(found.values(), key=lambda each: (-each.causes, each.name))


def overrides(session: Session, scope: Scope) -> list[Passed]:
    """Rules of which something was let pass, with what became of it; the most first."""
    found: dict[str, Passed] = {}
    for rule, outcome, number in session.execute(
            select(Override.rule, Override.outcome, func.count()).join(Cause, Cause.id == Override.cause_id)
            .where(*standing(), Cause.batch_id.in_(scope.batches()))
            .group_by(Override.rule, Override.outcome)):
        each = found.setdefault(rule, Passed(rule))
        each.overrides += number
        if outcome is not None:
            setattr(each, outcome, number)
    for rule, causes in session.execute(
            select(Tally.rule, func.sum(Tally.causes)).where(
                Tally.rule.in_(list(found)), Tally.batch_id.in_(scope.batches())).group_by(Tally.rule)):
        found[rule].causes = int(causes)
    return sorted(found.values(), key=lambda each: (-each.overrides, each.name))
