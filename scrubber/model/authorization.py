"""An authorization or referral of the practice's own records."""

from datetime import date as Day
from decimal import Decimal
from typing import Literal

from scrubber.model.base import Private


class Authorization(Private):
    """One row of the authorization file; columns as in docs/commands.md.

    Attributes:
        codes: Codes and ranges (`97110-97140`); empty is unknown.
        units: Approved, in `uom`; None is unknown.
        status: A approved, P pending, D denied, E expired, C cancelled.
        used: Already used, in `uom`.
    """

    number: str
    kind: Literal["authorization", "referral"] | None = None
    payer: str | None = None
    member: str | None = None
    patient: str | None = None
    npi: str | None = None
    tin: str | None = None
    facility_npi: str | None = None
    codes: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None
    uom: Literal["unit", "visit", "day"] | None = None
    from_: Day | None = None
    to: Day | None = None
    diagnoses: tuple[str, ...] = ()
    pos: tuple[str, ...] = ()
    status: Literal["A", "P", "D", "E", "C"] | None = None
    status_date: Day | None = None
    used: Decimal | None = None
