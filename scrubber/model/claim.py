"""A claim as JSON, the API and the examples know it. 837 goes straight to columns and never through here."""

from datetime import date as Day
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

State = Literal["draft", "paid", "denied", "open", "rejected", "void"]


class Frozen(BaseModel):
    """Base of every model: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _undotted(value: object) -> object:
    return value.replace(".", "").upper() if isinstance(value, str) else value


Diagnosis = Annotated[str, BeforeValidator(_undotted)]


class Provider(Frozen):
    """Who rendered, referred, billed.

    Attributes:
        npi: As sent, right or wrong.
        tax_id: Digits, of the billing provider (or the group a rendering provider bills under).
        taxonomy: NUCC code of ten characters.
    """

    role: Literal["billing", "pay_to", "rendering", "referring", "primary_care", "ordering", "supervising", "facility",
                  "purchased", "attending", "operating", "other_operating", "pick_up", "drop_off",
                  "assistant"] = "rendering"
    entity: Literal["person", "organization"] | None = None
    npi: str | None = None
    tax_id: str | None = None
    tax_id_kind: Literal["EI", "SY"] | None = None
    taxonomy: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None


class Number(Frozen):
    """An authorization (G1) or referral (9F) number as sent.

    Attributes:
        own: False for another payer's number.
    """

    qualifier: Literal["G1", "9F"] = "G1"
    number: str
    own: bool = True


class Drug(Frozen):
    """Loop 2410. `quantity` in `unit` (F2 GR ME ML UN)."""

    qualifier: str = "N4"
    ndc: str
    quantity: Decimal | None = None
    unit: str | None = None


class Line(Frozen):
    """A service line.

    Attributes:
        number: LX01; by default the position in the claim, from 1.
        charge: Dollars.
        pos: Only where it differs from the claim's.
        pointers: Positions of diagnoses from 1; what is no number is kept as text and becomes a fault.
        rendering: Only where it differs from the claim's.
        note: A line note is sent (its text is not read). `description`: SV101-7 is sent.
    """

    number: int | None = None
    code: str | None = None
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    unit_kind: Literal["UN", "MJ", "DA", "F2"] = "UN"
    charge: Decimal | None = None
    date: Day
    thru: Day | None = None
    pos: str | None = None
    pointers: tuple[int | str, ...] = (1,)
    revenue: str | None = None
    rendering: Provider | None = None
    providers: tuple[Provider, ...] = ()
    numbers: tuple[Number, ...] = ()
    drug: Drug | None = None
    clia: str | None = None
    referring_clia: str | None = None
    mammo: bool = False
    note: bool = False
    description: bool = False
    attachment: bool = False
    emergency: bool = False
    care_from: Day | None = None
    care_to: Day | None = None
    link: str | None = None
    state: State | None = None


class Patient(Frozen):
    """Identity and facts of the patient; `key` alone decides which claims are one patient's when it is given."""

    key: str | None = None
    birth: Day | None = None
    death: Day | None = None
    sex: Literal["F", "M", "U"] | None = None
    relation_self: bool = True


class Adjustment(Frozen):
    """CAS: group, reason, amount in dollars."""

    group: str
    reason: str
    amount: Decimal


class Adjudication(Frozen):
    """Loop 2430 of one line by another payer. `line` is the line's number in the claim, from 1."""

    line: int
    paid: Decimal
    code: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    date: Day | None = None
    bundled_into: int | None = None


class OtherPayer(Frozen):
    """Loop 2320 and 2330."""

    payer: str | None = None
    responsibility: str | None = None
    filing_code: str | None = None
    paid: Decimal | None = None
    non_covered: Decimal | None = None
    date: Day | None = None
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[Adjudication, ...] = ()
    numbers: tuple[Number, ...] = ()


class Claim(Frozen):
    """One claim before submission, or (with another state) of the past.

    Attributes:
        id: CLM01.
        payer: The payer's id (NM109 of 2010BB), by which the profile is found.
        member: The subscriber's id with that payer.
        total: CLM02 in dollars; by default the sum of the lines.
        original: The payer's number of the claim that this one replaces or voids (REF*F8).
        control: The payer's own number of this claim, of a claim of the past.
        diagnoses: In the order sent, with or without the dot.
    """

    id: str = ""
    kind: Literal["professional", "institutional", "dental"] = "professional"
    payer: str = ""
    member: str | None = None
    state: State = "draft"
    frequency: str = "1"
    pos: str | None = None
    tob: str | None = None
    total: Decimal | None = None
    patient_paid: Decimal | None = None
    patient: Patient = Patient()
    diagnoses: tuple[Diagnosis, ...] = ()
    admitting: Diagnosis | None = None
    external_causes: tuple[Diagnosis, ...] = ()
    present_on_admission: dict[str, str] = Field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    billing: Provider | None = None
    rendering: Provider | None = None
    providers: tuple[Provider, ...] = ()
    numbers: tuple[Number, ...] = ()
    others: tuple[OtherPayer, ...] = ()
    responsibility: str | None = None
    filing_code: str | None = None
    msp_type: str | None = None
    original: str | None = None
    control: str | None = None
    delay_reason: str | None = None
    auth_exception: str | None = None
    accident_causes: tuple[str, ...] = ()
    accident_state: str | None = None
    onset: Day | None = None
    initial_treatment: Day | None = None
    last_seen: Day | None = None
    accident: Day | None = None
    lmp: Day | None = None
    admit: Day | None = None
    discharge: Day | None = None
    care_from: Day | None = None
    care_to: Day | None = None
    statement_from: Day | None = None
    statement_thru: Day | None = None
    admission_type: str | None = None
    admission_source: str | None = None
    patient_status: str | None = None
    clia: str | None = None
    mammo: bool = False
    note: bool = False
    attachment: bool = False
    lab_certificate: Literal["waiver", "other"] | None = None
    signature: str | None = None
    assignment: str | None = None
    benefits: str | None = None
    release: str | None = None
