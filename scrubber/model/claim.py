"""A claim as JSON, the API and the examples know it. 837 goes straight to columns and never through here."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from scrubber.model.base import Day, Diagnosis, Dollars, Frozen, Letter, Place, Private, Quantity

State = Literal["draft", "paid", "denied", "open", "rejected", "void"]


class Provider(Private):
    """Who rendered, referred, billed.

    Attributes:
        role: What the provider is on the claim or line.
        entity: Whether it is a person or an organization (NM102).
        npi: As sent, right or wrong.
        tax_id: Digits, of the billing provider (or the group a rendering provider bills under); `#` and sixteen
            hexadecimal digits are the hash of one.
        tax_id_kind: EI (an employer's number) or SY (a social security number); both where both are sent.
        taxonomy: NUCC code of ten characters.
        street, city, state, zip: The address (N3, N4); addresses are compared and never shown.
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
        qualifier, number: Which of the two; as the payer gave it.
        own: False for another payer's number.
    """

    qualifier: Literal["G1", "9F"] = "G1"
    number: str
    own: bool = True


class Drug(Frozen):
    """What was given (loop 2410).

    Attributes:
        qualifier, ndc: N4 and a national drug code of eleven digits, with or without hyphens.
        quantity, unit: How much: F2 international units, GR gram, ME milligram, ML milliliter, UN unit.
    """

    qualifier: str = "N4"
    ndc: str
    quantity: Quantity | None = None
    unit: str | None = None


class Attachment(Frozen):
    """What else is sent for a claim or line (PWK).

    Attributes:
        kind, way, number: Of report; of sending (AA, BM, EL, EM, FT or FX); by which the payer finds it.
    """

    kind: str | None = None
    way: str | None = None
    number: str | None = None


class Ambulance(Frozen):
    """A transport.

    Attributes:
        transport, conditions: CR1 is sent; condition codes of its certification (CRC*07).
    """

    transport: bool = True
    conditions: tuple[str, ...] = ()


class Line(Private):
    """A service line.

    Attributes:
        number: LX01; by default the position in the claim, from 1.
        code: Procedure code.
        modifiers: In the order sent; an empty one before one that is filled is a gap.
        units, unit_kind: How many, of UN units, MJ minutes, DA days or F2 international units.
        charge: Dollars.
        date, thru: Day of service; the last day, where it is another.
        pos: Place of service, only where it differs from the claim's.
        pointers: Positions of diagnoses from 1; what is no number is kept as text and becomes a fault.
        revenue: Revenue code of an institutional claim, four digits.
        rendering: Only where it differs from the claim's.
        providers: Others who took part in the line alone: ordering, referring, supervising, …
        numbers: Authorizations and referrals of the line.
        drug: What was given.
        clia: CLIA number of the laboratory.
        referring_clia: CLIA number of the laboratory that referred the specimen.
        mammo, note, description: A mammography certification number, a line note or a description (SV101-7) is sent;
            the text is not read.
        attachment: Something is sent for the line, of which nothing more is told.
        emergency: SV109 is Y.
        ambulance: A transport.
        certificate: Form number of the certificate of medical necessity sent with equipment (LQ*UT, PWK*CT).
        visit_minutes: Time of the visit as the record gives it; an 837 has no place for it.
        care_from, care_to: Care was assumed; relinquished.
        attachments: What is sent for the line.
        link: Number by which a drug and its service are told to belong together (REF*6R); it is hashed.
        state: Of a line of the past, where it is not the claim's.
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
        key: Your own, of any form; it is hashed. `#` and sixteen hexadecimal digits are such a hash.
        birth, death: Dates.
        sex: F, M or U; anything else is kept as a fault.
        relation_self: The patient is the subscriber; by `relation` where that is given.
        dependent: The patient has a level of their own (loop 2000C).
        relation: To the subscriber, 18 is self: SBR02, or PAT01 of a dependent.
        last: Last name of a dependent; it is looked at for what is wrong with it, and not kept.
        first: First name, by which an 837 tells patients of one member id apart; it is hashed, and not kept.
    """

    key: str | None = None
    birth: Day | None = None
    death: Day | None = None
    sex: Letter | None = None
    relation_self: bool = True
    dependent: bool = False
    relation: str | None = None
    last: str | None = None
    first: str | None = None

    @property
    def is_subscriber(self) -> bool:
        """Whether the claim says that the patient is the subscriber."""
        return self.relation_self if self.relation is None else self.relation.strip() == "18"


class Subscriber(Private):
    """Who holds the policy.

    Attributes:
        entity: Whether it is a person or an organization (NM102).
        last: Last name; it is looked at for what is wrong with it, and not kept.
    """

    entity: Literal["person", "organization"] | None = None
    last: str | None = None


class Adjustment(Frozen):
    """Why a payer paid less (CAS).

    Attributes:
        group, reason, amount: CO, PR, OA or PI; claim adjustment reason code; dollars.
    """

    group: str
    reason: str
    amount: Dollars


class Adjudication(Frozen):
    """What another payer decided of one line (loop 2430).

    Attributes:
        line: The line's number in the claim, from 1.
        paid: Dollars.
        code, date: On which, and when, it decided.
        adjustments: Why it paid less.
        bundled_into: The line that it was paid with.
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
    """Another payer of the claim (loops 2320 and 2330).

    Attributes:
        payer: Its id.
        member: The subscriber's id with this payer; it is hashed.
        responsibility, filing_code: SBR01 (P, S, T, A to H, U) and SBR09.
        paid, non_covered: What it paid of the claim; what it did not cover. In dollars.
        remaining: What the patient still owes (AMT*EAF).
        remarks: Remark codes of its decision (MOA, MIA), at most five.
        date: Of the decision.
        adjustments: Of the claim.
        lines: What it decided of lines.
        numbers: Its own authorizations and referrals.
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
    """An occurrence code of an institutional claim; with `thru`, or `span` where no dates are told, a span.

    Attributes:
        code: Two characters.
        date, thru: On which it happened; of a span the first and the last day.
        span: It is a span.
    """

    code: str
    date: Day | None = None
    thru: Day | None = None
    span: bool = False


class ValueCode(Frozen):
    """A value code of an institutional claim.

    Attributes:
        code, amount: Two characters; dollars, or the number of days.
    """

    code: str
    amount: Dollars | None = None


class Claim(Private):
    """One claim before submission, or (with another state) of the past.

    Attributes:
        id: CLM01.
        kind: Which guide it follows.
        payer: The payer's id (NM109 of 2010BB), by which the profile is found.
        member: The subscriber's id with that payer.
        state: A draft is scrubbed; every other one is history.
        frequency: 1 original, 7 replacement, 8 void (CLM05-3).
        pos, tob: Place of service (CLM05-1); type of bill of an institutional claim, three digits or four.
        total, patient_paid: Dollars (CLM02, AMT*F5); the total is by default the sum of the lines.
        patient, subscriber: Who is treated; who holds the policy.
        eligible: What the payer answered when asked whether the member was insured on the day.
        diagnoses: In the order sent, with or without the dot.
        admitting, external_causes: Diagnoses with a role of their own.
        visit_reasons: Why a patient came who was not admitted, as the patient said it; of an institutional claim.
        dotted: Those that stood in an X12 file with a dot, which X12 does not allow.
        present_on_admission: A letter by diagnosis.
        lines: In order.
        billing, rendering: Providers of the claim.
        providers: Others who took part: referring, supervising, facility, attending, …
        numbers: Authorizations and referrals of the claim.
        others: Other payers.
        responsibility, filing_code: Of this payer: SBR01 (P, S, T, A to H, U) and claim filing indicator (SBR09).
        msp_type: Why Medicare is secondary (SBR05).
        original: The payer's number of the claim that this one replaces or voids (REF*F8); it is hashed.
        control: The payer's own number of this claim, of a claim of the past; it is hashed.
        delay_reason, auth_exception: CLM20, REF*4N.
        accident_causes: AA auto, EM employment, OA other (CLM11).
        accident_state, accident_country: Of an auto accident (CLM11-4, CLM11-5).
        onset, initial_treatment, last_seen, accident: Dates 431, 454, 304, 439.
        lmp: Last menstrual period (484).
        admit, discharge: Dates 435 and 096.
        care_from, care_to: Care was assumed (090); relinquished (091).
        statement_from, statement_thru: First and last day of an institutional claim (434).
        admission_type, admission_source, patient_status: CL101 to CL103 of an institutional claim.
        procedures, condition_codes, occurrences, value_codes: Of an institutional claim; procedures are ICD-10-PCS.
        clia: CLIA number of the laboratory (REF*X4).
        mammo, note: A mammography certification number (REF*EW) or a note is sent; the text is not read.
        attachment: Something is sent for the claim, of which nothing more is told.
        ambulance: A transport.
        locum_days: For how many days in a row a substitute (Q5, Q6) has now stood in; an 837 has no place for it.
        therapy_used: Allowed therapy of the patient in the calendar year up to this claim, in dollars, with all
            providers (physical and speech together, or occupational); an 837 has no place for it.
        attachments: What is sent for the claim.
        lab_certificate: Kind of the laboratory's CLIA certificate; an 837 has no place for it.
        signature, assignment, benefits, release: CLM06 to CLM09.
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
    visit_reasons: tuple[Diagnosis, ...] = ()
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
