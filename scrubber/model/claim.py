"""A claim as JSON, the API and the examples know it. 837 goes straight to columns and never through here."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

State = Literal["draft", "paid", "denied", "open", "rejected", "void"]


class Frozen(BaseModel):
    """Base of every model: immutable, and a misspelt field is an error."""

    # A bound on texts also makes pydantic refuse lone surrogates, which JSON can write and UTF-8 cannot. A model is
    # built when it is first used: a command needs few of them, and each costs milliseconds.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, str_max_length=5_000_000,
                              defer_build=True, hide_input_in_errors=True)


class Private(Frozen):
    """Base of what may say who somebody is: it is shown by its type alone, in tracebacks, logs and sessions alike."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __str__(self) -> str:
        return repr(self)


def _undotted(value: object) -> object:
    return value.replace(".", "").upper() if isinstance(value, str) else value


def _no_timestamp(value: object) -> object:
    if isinstance(value, int | float | Decimal):
        raise ValueError("a number is no date; write it as 2026-03-02")
    return value


Diagnosis = Annotated[str, BeforeValidator(_undotted)]
Day = Annotated[dt.date, BeforeValidator(_no_timestamp)]
# Amounts and units that fit the columns; a larger one is no claim.
Dollars = Annotated[Decimal, Field(ge=-(10**11), le=10**11)]
Quantity = Annotated[Decimal, Field(ge=-(10**11), le=10**11)]
Letter = Annotated[str, Field(pattern=r"^[0-9A-Za-z]?$")]
Place = Annotated[int, Field(ge=0, le=999_999)]


class Provider(Private):
    """Who rendered, referred, billed.

    Attributes:
        npi: As sent, right or wrong.
        tax_id: Digits, of the billing provider (or the group a rendering provider bills under).
        tax_id_kind: EI (an employer's number) or SY (a social security number); both where both are sent.
        taxonomy: NUCC code of ten characters.
        country: Of an address outside the United States.
        enrolled: Whether the payer has the provider on its roll; an 837 has no place for it.
        affiliated: Whether the provider belongs to the practice whose tax id bills; the same.
    """

    role: Literal["billing", "pay_to", "rendering", "referring", "primary_care", "ordering", "supervising", "facility",
                  "purchased", "attending", "operating", "other_operating", "pick_up", "drop_off",
                  "assistant"] = "rendering"
    entity: Literal["person", "organization"] | None = None
    npi: str | None = None
    tax_id: str | None = None
    tax_id_kind: Literal["EI", "SY", "both"] | None = None
    taxonomy: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    enrolled: bool | None = None
    affiliated: bool | None = None


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
    quantity: Quantity | None = None
    unit: str | None = None


class Attachment(Frozen):
    """PWK: kind of report, way of sending (AA BM EL EM FT FX), control number."""

    kind: str | None = None
    way: str | None = None
    number: str | None = None


class Ambulance(Frozen):
    """A transport: CR1 is sent, and the condition codes of its certification (CRC*07)."""

    transport: bool = True
    conditions: tuple[str, ...] = ()


class Line(Private):
    """A service line.

    Attributes:
        number: LX01; by default the position in the claim, from 1.
        charge: Dollars.
        pos: Only where it differs from the claim's.
        pointers: Positions of diagnoses from 1; what is no number is kept as text and becomes a fault.
        rendering: Only where it differs from the claim's.
        note: A line note is sent (its text is not read). `description`: SV101-7 is sent.
        certificate: Form number of the certificate of medical necessity sent with equipment (LQ*UT, PWK*CT).
        visit_minutes: Time of the visit as the record gives it; an 837 has no place for it.
    """

    number: Place | None = None
    code: str | None = None
    modifiers: tuple[str, ...] = ()
    units: Quantity = Decimal(1)
    unit_kind: Literal["UN", "MJ", "DA", "F2"] = "UN"
    charge: Dollars | None = None
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
    ambulance: Ambulance | None = None
    certificate: str | None = None
    visit_minutes: Place | None = None
    care_from: Day | None = None
    care_to: Day | None = None
    attachments: tuple[Attachment, ...] = ()
    link: str | None = None
    state: State | None = None


class Patient(Private):
    """Identity and facts of the patient; `key` alone decides which claims are one patient's when it is given.

    Attributes:
        sex: F, M or U; anything else is kept as a fault.
        dependent: The patient has a level of their own (loop 2000C).
        relation: To the subscriber, 18 is self: SBR02, or PAT01 of a dependent.
        last: Last name of a dependent; it is looked at for what is wrong with it, and not kept.
    """

    key: str | None = None
    birth: Day | None = None
    death: Day | None = None
    sex: Letter | None = None
    relation_self: bool = True
    dependent: bool = False
    relation: str | None = None
    last: str | None = None

    @property
    def is_subscriber(self) -> bool:
        """Whether the claim says that the patient is the subscriber."""
        return self.relation_self if self.relation is None else self.relation.strip() == "18"


class Subscriber(Private):
    """Who holds the policy; the last name is looked at for what is wrong with it, and not kept."""

    entity: Literal["person", "organization"] | None = None
    last: str | None = None


class Adjustment(Frozen):
    """CAS: group, reason, amount in dollars."""

    group: str
    reason: str
    amount: Dollars


class Adjudication(Frozen):
    """Loop 2430 of one line by another payer.

    Attributes:
        line: The line's number in the claim, from 1.
        remaining: What the patient still owes (AMT*EAF).
    """

    line: Place
    paid: Dollars
    code: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    date: Day | None = None
    bundled_into: Place | None = None
    remaining: Dollars | None = None


class OtherPayer(Private):
    """Loop 2320 and 2330.

    Attributes:
        member: The subscriber's id with this payer.
        remaining: What the patient still owes (AMT*EAF).
        remarks: Remark codes of its decision (MOA, MIA), at most five.
    """

    payer: str | None = None
    member: str | None = None
    responsibility: Letter | None = None
    filing_code: str | None = None
    paid: Dollars | None = None
    non_covered: Dollars | None = None
    remaining: Dollars | None = None
    remarks: tuple[str, ...] = ()
    date: Day | None = None
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[Adjudication, ...] = ()
    numbers: tuple[Number, ...] = ()


class Occurrence(Frozen):
    """An occurrence code of an institutional claim; with `thru` an occurrence span."""

    code: str
    date: Day | None = None
    thru: Day | None = None


class ValueCode(Frozen):
    """A value code of an institutional claim; of days the amount is their number."""

    code: str
    amount: Dollars | None = None


class Claim(Private):
    """One claim before submission, or (with another state) of the past.

    Attributes:
        id: CLM01.
        payer: The payer's id (NM109 of 2010BB), by which the profile is found.
        member: The subscriber's id with that payer.
        total: CLM02 in dollars; by default the sum of the lines.
        original: The payer's number of the claim that this one replaces or voids (REF*F8).
        control: The payer's own number of this claim, of a claim of the past.
        diagnoses: In the order sent, with or without the dot.
        dotted: Those that stood in an X12 file with a dot, which X12 does not allow.
        locum_days: For how many days in a row a substitute (Q5, Q6) has now stood in; an 837 has no place for it.
        therapy_used: Allowed therapy of the patient in the calendar year up to this claim, in dollars, with all
            providers (physical and speech together, or occupational); an 837 has no place for it.
        procedures: ICD-10-PCS codes of an institutional claim.
        eligible: What the payer answered when asked whether the member was insured on the day.
    """

    id: str = ""
    kind: Literal["professional", "institutional", "dental"] = "professional"
    payer: str = ""
    member: str | None = None
    state: State = "draft"
    frequency: Letter = "1"
    pos: str | None = None
    tob: str | None = None
    total: Dollars | None = None
    patient_paid: Dollars | None = None
    patient: Patient = Patient()
    subscriber: Subscriber | None = None
    eligible: Literal["yes", "no"] | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    admitting: Diagnosis | None = None
    external_causes: tuple[Diagnosis, ...] = ()
    dotted: tuple[Diagnosis, ...] = ()
    present_on_admission: dict[str, Letter] = Field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    billing: Provider | None = None
    rendering: Provider | None = None
    providers: tuple[Provider, ...] = ()
    numbers: tuple[Number, ...] = ()
    others: tuple[OtherPayer, ...] = ()
    responsibility: Letter | None = None
    filing_code: str | None = None
    msp_type: str | None = None
    original: str | None = None
    control: str | None = None
    delay_reason: str | None = None
    auth_exception: str | None = None
    accident_causes: tuple[str, ...] = ()
    accident_state: str | None = None
    accident_country: str | None = None
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
    admission_type: Letter | None = None
    admission_source: Letter | None = None
    patient_status: str | None = None
    procedures: tuple[str, ...] = ()
    condition_codes: tuple[str, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    value_codes: tuple[ValueCode, ...] = ()
    clia: str | None = None
    mammo: bool = False
    note: bool = False
    attachment: bool = False
    ambulance: Ambulance | None = None
    locum_days: Place | None = None
    therapy_used: Dollars | None = None
    attachments: tuple[Attachment, ...] = ()
    lab_certificate: Literal["waiver", "other"] | None = None
    signature: Letter | None = None
    assignment: Letter | None = None
    benefits: Letter | None = None
    release: Letter | None = None

    def __repr__(self) -> str:
        return f"<Claim {self.id!r}: {len(self.lines)} lines>"
