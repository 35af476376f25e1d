"""One claim of the model into columns: the way of JSON, the API and examples (837 has its own reader)."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport (
    BatchC, ClaimBatch, add_adjudication, add_adjustment, add_claim, add_diagnosis, add_drug, add_line, add_list_code,
    add_number, add_other, add_provider, add_text, drop_claim, settle_pointers,
)
from scrubber._faults cimport attachment_fault, name_fault, tax_id_fault
from scrubber._readings cimport hash_digits, hash_text, npi_fault, patient_of
from scrubber.pack cimport (
    WIDTH_CODE, WIDTH_DIAGNOSIS, WIDTH_MODIFIER, WIDTH_NDC, WIDTH_POS, WIDTH_REVENUE, WIDTH_TAXONOMY,
)
from scrubber.structs cimport (
    MAX_MODIFIERS, MAX_POINTERS, MAX_REMARKS, NO_DAY, NOT_TOLD, POINTER_NOT_A_NUMBER, POINTER_OUT_OF_RANGE, ClaimC,
    DiagnosisC, DrugC, LineC, NumberC, OtherPayerC, ProviderC, TextC,
)
from scrubber.words cimport (
    V_LINE_LX_FAULT_OUT_OF_SEQUENCE, V_PATIENT_SEX_FAULT_MISSING, V_PATIENT_SEX_FAULT_NONE,
    V_PATIENT_SEX_FAULT_OTHER, V_PROVIDER_TAX_ID_FAULT_TWO, V_SUBSCRIBER_NAME_FAULT_NONE, V_SUBSCRIBER_RELATION_FAULT_BOTH,
    V_SUBSCRIBER_RELATION_FAULT_MISSING,
)

from scrubber.errors import ClaimError
from scrubber.symbols import day_number
from scrubber.tables.schema import TABLES
from scrubber.tables.values import key_value

ROLES = ("billing", "pay_to", "rendering", "referring", "primary_care", "ordering", "supervising", "facility",
         "purchased", "attending", "operating", "other_operating", "pick_up", "drop_off", "assistant")
KINDS = ("professional", "institutional", "dental")
STATES = ("draft", "paid", "denied", "open", "rejected", "void")
UNIT_KINDS = {"UN": 0, "MJ": 1, "DA": 3}
ENTITIES = {None: 0, "person": 1, "organization": 2}
CERTIFICATES = {None: 0, "waiver": 1, "other": 2}
ELIGIBLE = {"yes": 0, "no": 1, None: 2}
TAX_IDS = (None, "EI", "SY", "both")
TOLD = {None: 0, True: 1, False: 2}
LISTS = TABLES["nubc_codes"].key[0][1]


cdef int64_t _symbol(ClaimBatch batch, text, int width) except? -1:
    cdef bytes data
    if not text:
        return 0
    data = str(text).strip().encode()
    return batch.symbol(data, len(data), width)


cdef TextC _text(ClaimBatch batch, text):
    cdef bytes data = (text or "").encode()
    return add_text(&batch.c, data, <int32_t>len(data))


cdef int64_t _hash(text) except? -1:
    cdef bytes data = (text or "").encode()
    return hash_text(data, len(data))


cdef int64_t _scaled(value, int factor) except? -1:
    """A decimal times `factor` as a whole number, rounded half to even beyond it."""
    return 0 if value is None else int((value * factor).to_integral_value())


cdef uint8_t _letter(text) except? 255:
    return ord(text[0]) if text else 0


cdef int32_t _day(value) except? -1:
    return NO_DAY if value is None else day_number(value)


cdef int32_t _provider(ClaimBatch batch, provider, role, int32_t claim, int32_t line) except -1:
    cdef int32_t index = add_provider(&batch.c)
    cdef ProviderC* out
    cdef bytes npi = (provider.npi or "").encode()
    cdef bytes tax_id = (provider.tax_id or "").encode()
    cdef TextC text
    parts = (provider.street, provider.city, provider.state, provider.zip)
    number = 0
    if npi:
        number = int(npi) if npi.isdigit() and len(npi) <= 18 else batch.symbol(npi, len(npi), 0)
    out = &batch.c.providers[index]
    out.npi = number
    out.npi_fault = npi_fault(npi, len(npi))
    out.tax_id = hash_digits(tax_id, len(tax_id))
    out.tax_id_kind = TAX_IDS.index(provider.tax_id_kind)
    out.tax_id_fault = (V_PROVIDER_TAX_ID_FAULT_TWO if provider.tax_id_kind == "both"
                        else tax_id_fault(tax_id, len(tax_id)))
    out.abroad = (provider.country or "US").strip().upper() != "US"
    out.enrolled = TOLD[provider.enrolled]
    out.affiliated = TOLD[provider.affiliated]
    out.taxonomy = _symbol(batch, provider.taxonomy, WIDTH_TAXONOMY)
    out.state = _symbol(batch, provider.state, 2)
    out.claim = claim
    out.line = line
    out.role = ROLES.index(role or provider.role)
    out.entity = ENTITIES[provider.entity]
    if any(parts):
        out.address = _text(batch, "|".join((part or "").strip().replace("|", " ") for part in parts).upper())
        out.zip = _text(batch, (provider.zip or "").strip())
    return index


cdef int _numbers(ClaimBatch batch, numbers, int32_t line, bint own, int32_t other=-1) except -1:
    cdef NumberC* out
    cdef TextC text
    cdef int32_t index
    for number in numbers:
        text = _text(batch, number.number.strip())
        index = add_number(&batch.c)
        out = &batch.c.numbers[index]
        out.text = text
        out.line = line
        out.qualifier = _symbol(batch, number.qualifier, 2)
        out.own = own and number.own
        out.other = other
    return 0


cdef int _diagnosis(ClaimBatch batch, claim, code, poa, int position, int role) except -1:
    cdef int32_t index = add_diagnosis(&batch.c)
    cdef DiagnosisC* out = &batch.c.diagnoses[index]
    out.code = _symbol(batch, code, WIDTH_DIAGNOSIS)
    out.position = min(position, 255)
    out.role = role
    out.poa = _letter(poa.get(code))
    out.dotted = code in claim.dotted
    return 0


cdef int _pointers(LineC* out, pointers) except -1:
    for pointer in pointers[:MAX_POINTERS]:
        text = str(pointer).strip()
        if not (text.isascii() and text.isdigit()):
            out.pointer_fault = out.pointer_fault or POINTER_NOT_A_NUMBER
        elif not 0 < int(text) < 256:
            out.pointer_fault = out.pointer_fault or POINTER_OUT_OF_RANGE
        else:
            out.pointers[out.pointer_count] = int(text)
            out.pointer_count += 1
    return 0


cdef uint8_t _attachments(attachments, bint at_line) except? 255:
    """The first thing wrong with them."""
    cdef bytes kind, way
    cdef uint8_t fault = 0
    for attachment in attachments:
        kind = (attachment.kind or "").strip().encode()
        way = (attachment.way or "").strip().encode()
        fault = fault or attachment_fault(kind, len(kind), way, len(way), bool((attachment.number or "").strip()),
                                          at_line)
    return fault


cdef int _list_code(ClaimBatch batch, str name, text, amount=None) except -1:
    cdef int32_t index = add_list_code(&batch.c)
    batch.c.list_codes[index].code = _symbol(batch, text, 2)
    batch.c.list_codes[index].list = key_value(LISTS, name)
    batch.c.list_codes[index].amount_cents = _scaled(amount, 100)
    batch.c.list_codes[index].amount_sent = amount is not None
    return 0


cdef int _people(claim, ClaimC* out) except -1:
    """What is wrong with the names and the relation of subscriber and patient."""
    cdef bytes last
    cdef bint self_ = claim.patient.is_subscriber
    out.relation_self = self_ and not claim.patient.dependent
    out.dependent = claim.patient.dependent
    if claim.patient.dependent and self_:
        out.relation_fault = V_SUBSCRIBER_RELATION_FAULT_BOTH
    elif claim.patient.dependent and not (claim.patient.relation or "").strip():
        out.relation_fault = V_SUBSCRIBER_RELATION_FAULT_MISSING
    if claim.patient.sex in ("F", "M", "U"):
        out.sex_fault = V_PATIENT_SEX_FAULT_NONE
    else:
        out.sex_fault = V_PATIENT_SEX_FAULT_OTHER if claim.patient.sex else V_PATIENT_SEX_FAULT_MISSING
    if claim.subscriber is not None:
        out.employer = claim.subscriber.entity == "organization"
        last = (claim.subscriber.last or "").encode()
        out.name_fault = name_fault(last, len(last), not out.employer)
    if claim.patient.dependent and claim.patient.last is not None and (
            out.name_fault == NOT_TOLD or out.name_fault == V_SUBSCRIBER_NAME_FAULT_NONE):
        last = claim.patient.last.encode()
        out.name_fault = name_fault(last, len(last), True)
    return 0


cdef int _line(ClaimBatch batch, claim, line, int32_t index, int32_t position) except -1:
    cdef int32_t number = add_line(&batch.c)
    cdef LineC* out = &batch.c.lines[number]
    cdef DrugC* drug
    cdef int gap = 0
    cdef int filled = 0
    out.number = line.number if line.number is not None else position
    if out.number != position:
        out.lx_fault = V_LINE_LX_FAULT_OUT_OF_SEQUENCE
    out.code = _symbol(batch, line.code, WIDTH_CODE)
    for text in line.modifiers:
        if not text.strip():
            gap = 1
            continue
        if gap:
            out.modifier_gap = 1
        if filled < MAX_MODIFIERS:
            out.modifiers[filled] = _symbol(batch, text, WIDTH_MODIFIER)
        filled += 1
    out.modifier_count = min(filled, 255)
    out.units_milli = _scaled(line.units, 1000)
    out.unit_kind = UNIT_KINDS.get(line.unit_kind, 2)
    out.charge_cents = _scaled(line.charge, 100)
    out.charge_sent = line.charge is not None
    out.revenue = _symbol(batch, line.revenue, WIDTH_REVENUE)
    out.pos = _symbol(batch, line.pos, WIDTH_POS)
    out.link_id = _hash(line.link)
    out.from_day = _day(line.date)
    out.thru_day = _day(line.thru or line.date)
    out.care_from, out.care_to = _day(line.care_from), _day(line.care_to)
    out.state = STATES.index(line.state or claim.state)
    out.note = line.note
    out.description = line.description
    out.attachment = line.attachment or len(line.attachments) > 0
    out.attachment_fault = _attachments(line.attachments, True)
    out.certificate = bool(line.certificate) or any(each.kind == "CT" for each in line.attachments)
    out.transport = line.ambulance is not None and line.ambulance.transport
    out.transport_conditions = line.ambulance is not None and len(line.ambulance.conditions) > 0
    out.emergency = line.emergency
    out.visit_minutes = -1 if line.visit_minutes is None else line.visit_minutes
    out.mammo = line.mammo
    out.clia = _text(batch, line.clia)
    out.referring_clia = _text(batch, line.referring_clia)
    _pointers(out, line.pointers)
    out.first_number = batch.c.number_count
    _numbers(batch, line.numbers, number, True)
    out.number_count = min(batch.c.number_count - out.first_number, 255)
    if line.rendering is not None:
        out.rendering = _provider(batch, line.rendering, "rendering", index, number)
    for provider in line.providers:
        _provider(batch, provider, None, index, number)
    if line.drug is not None:
        out.drug = add_drug(&batch.c)
        drug = &batch.c.drugs[out.drug]
        drug.ndc = _symbol(batch, line.drug.ndc.replace("-", ""), WIDTH_NDC)
        drug.sent = _text(batch, line.drug.ndc)
        drug.quantity_milli = _scaled(line.drug.quantity, 1000)
        drug.unit = _symbol(batch, line.drug.unit, 2)
        drug.qualifier = _symbol(batch, line.drug.qualifier, 2)
    return 0


cdef int _adjustments(ClaimBatch batch, adjustments, int32_t other, int32_t line) except -1:
    cdef int32_t index
    for adjustment in adjustments:
        index = add_adjustment(&batch.c)
        batch.c.adjustments[index].amount_cents = _scaled(adjustment.amount, 100)
        batch.c.adjustments[index].group = _symbol(batch, adjustment.group, 2)
        batch.c.adjustments[index].reason = _symbol(batch, adjustment.reason, 5)
        batch.c.adjustments[index].other = other
        batch.c.adjustments[index].line = line
    return 0


cdef int _other(ClaimBatch batch, other, int32_t first_line) except -1:
    cdef int32_t index = add_other(&batch.c)
    cdef OtherPayerC* out = &batch.c.others[index]
    cdef int32_t number, line
    out.payer = _text(batch, other.payer)
    out.paid_cents = _scaled(other.paid, 100)
    out.paid_sent = other.paid is not None
    out.non_covered_cents = _scaled(other.non_covered, 100)
    out.non_covered_sent = other.non_covered is not None
    out.filing_code = _symbol(batch, other.filing_code, 2)
    out.responsibility = _letter(other.responsibility)
    out.date = _day(other.date)
    out.member = _hash(other.member)
    out.claim_remaining = other.remaining is not None
    out.remark_count = min(len(other.remarks), <int>MAX_REMARKS)
    for number in range(out.remark_count):
        out.remarks[number] = _symbol(batch, other.remarks[number], 5)
    _adjustments(batch, other.adjustments, index, -1)
    for adjudication in other.lines:
        line = first_line + adjudication.line - 1
        if not first_line <= line < batch.c.line_count:
            raise ClaimError(f"an adjudication is of line {adjudication.line}, but the claim has "
                             f"{batch.c.line_count - first_line} lines")
        number = add_adjudication(&batch.c)
        batch.c.adjudications[number].paid_cents = _scaled(adjudication.paid, 100)
        batch.c.adjudications[number].code = _symbol(batch, adjudication.code, WIDTH_CODE)
        batch.c.adjudications[number].other = index
        batch.c.adjudications[number].line = line
        batch.c.adjudications[number].date = _day(adjudication.date)
        batch.c.adjudications[number].bundled_into = adjudication.bundled_into or 0
        if adjudication.date is not None:
            out.line_dates = 1
        if adjudication.remaining is not None:
            out.line_remaining = 1
        _adjustments(batch, adjudication.adjustments, index, line)
    _numbers(batch, other.numbers, -1, False, index)
    return 0


cdef int _facts(ClaimBatch batch, claim, ClaimC* out) except -1:
    """The claim's own fields, without its lists."""
    cdef int i
    out.total_sent = 1
    out.patient_paid_cents = _scaled(claim.patient_paid, 100)
    out.paid_sent = claim.patient_paid is not None
    out.pos = _symbol(batch, claim.pos, WIDTH_POS)
    tob = (claim.tob or "").strip()
    out.tob = _symbol(batch, tob[1:] if len(tob) == 4 and tob[0] == "0" else tob, 3)
    out.original = _hash(claim.original)
    out.control = _hash(claim.control)
    out.accident_state = _symbol(batch, claim.accident_state, 2)
    out.accident_abroad = bool(claim.accident_country)
    out.filing_code = _symbol(batch, claim.filing_code, 2)
    out.msp_type = _symbol(batch, claim.msp_type, 2)
    out.delay_reason = _symbol(batch, claim.delay_reason, 2)
    out.auth_exception = _symbol(batch, claim.auth_exception, 2)
    for i in range(min(3, len(claim.accident_causes))):
        out.accident_causes[i] = _symbol(batch, claim.accident_causes[i], 2)
    out.birth = _day(claim.patient.birth)
    out.death = _day(claim.patient.death)
    out.onset = _day(claim.onset)
    out.initial_treatment = _day(claim.initial_treatment)
    out.last_seen = _day(claim.last_seen)
    out.accident = _day(claim.accident)
    out.lmp = _day(claim.lmp)
    out.admit = _day(claim.admit)
    out.admit_sent = claim.admit is not None
    out.discharge = _day(claim.discharge)
    out.care_from = _day(claim.care_from)
    out.care_to = _day(claim.care_to)
    out.statement_from = _day(claim.statement_from)
    out.statement_thru = _day(claim.statement_thru)
    out.kind = KINDS.index(claim.kind)
    out.frequency = _letter(claim.frequency)
    out.state = STATES.index(claim.state)
    out.sex = _letter(claim.patient.sex)
    _people(claim, out)
    out.eligible = ELIGIBLE[claim.eligible]
    out.responsibility = _letter(claim.responsibility)
    out.signature = _letter(claim.signature)
    out.assignment = _letter(claim.assignment)
    out.benefits = _letter(claim.benefits)
    out.release = _letter(claim.release)
    out.marks = any((claim.signature, claim.assignment, claim.benefits, claim.release))
    out.note = claim.note
    out.attachment = claim.attachment or len(claim.attachments) > 0
    out.attachment_fault = _attachments(claim.attachments, False)
    out.mammo = claim.mammo
    out.transport = claim.ambulance is not None and claim.ambulance.transport
    out.transport_conditions = claim.ambulance is not None and len(claim.ambulance.conditions) > 0
    out.admission_type = _letter(claim.admission_type)
    out.admission_source = _letter(claim.admission_source)
    out.patient_status = _symbol(batch, claim.patient_status, 2)
    out.lab_cert = CERTIFICATES[claim.lab_certificate]
    out.therapy_cents = _scaled(claim.therapy_used, 100)
    out.therapy_sent = claim.therapy_used is not None
    out.locum_days = min(claim.locum_days or 0, 1000000)
    out.surgical = any(code.strip().startswith("0") for code in claim.procedures)
    return 0


cdef int64_t _patient(claim, int32_t file_index, int32_t position) except? -1:
    cdef bytes key = (claim.patient.key or "").encode()
    cdef bytes member = (claim.member or "").encode()
    if key:
        return hash_text(key, len(key))
    return patient_of(member, len(member), b"", 0, b"", 0, _day(claim.patient.birth), _letter(claim.patient.sex),
                      file_index, position)


cdef int _fill(ClaimBatch batch, claim, int32_t index, int32_t file_index, int32_t position) except -1:
    cdef BatchC* c = &batch.c
    cdef bytes payer = claim.payer.encode()
    cdef int32_t number, payer_number
    cdef int64_t total = 0
    cdef TextC text
    # `id` must be the first text: drop_claim takes back everything from there on.
    text = _text(batch, claim.id)
    c.claims[index].id = text
    text = _text(batch, (claim.member or "").strip())
    c.claims[index].member = text
    text = _text(batch, claim.clia)
    c.claims[index].clia = text
    payer_number = batch.payer_number(payer, len(payer))
    c.claims[index].payer = payer_number
    c.claims[index].patient = _patient(claim, file_index, position)
    _facts(batch, claim, &c.claims[index])
    poa = {code.replace(".", "").upper(): value for code, value in claim.present_on_admission.items()}
    for number, code in enumerate(claim.diagnoses):
        _diagnosis(batch, claim, code, poa, number + 1, 0 if number == 0 else 1)
    if claim.admitting:
        _diagnosis(batch, claim, claim.admitting, poa, 1, 2)
    for number, code in enumerate(claim.external_causes):
        _diagnosis(batch, claim, code, poa, number + 1, 3)
    c.claims[index].diagnosis_count = c.diagnosis_count - c.claims[index].first_diagnosis
    if claim.rendering is not None:
        number = _provider(batch, claim.rendering, "rendering", index, -1)
        c.claims[index].rendering = number
    for provider in claim.providers:
        _provider(batch, provider, None, index, -1)
    _numbers(batch, claim.numbers, -1, True)
    for number, line in enumerate(claim.lines):
        _line(batch, claim, line, index, number + 1)
        total += c.lines[c.line_count - 1].charge_cents
    for code in claim.condition_codes:
        _list_code(batch, "condition_codes", code)
    for occurrence in claim.occurrences:
        _list_code(batch, "occurrence_codes" if occurrence.thru is None else "occurrence_spans", occurrence.code)
    for value in claim.value_codes:
        _list_code(batch, "value_codes", value.code, value.amount)
    c.claims[index].list_code_count = c.list_code_count - c.claims[index].first_list_code
    for other in claim.others:
        _other(batch, other, c.claims[index].first_line)
    c.claims[index].total_cents = total if claim.total is None else _scaled(claim.total, 100)
    c.claims[index].line_count = c.line_count - c.claims[index].first_line
    c.claims[index].provider_count = c.provider_count - c.claims[index].first_provider
    c.claims[index].number_count = c.number_count - c.claims[index].first_number
    c.claims[index].other_count = c.other_count - c.claims[index].first_other
    for number in range(c.claims[index].first_number, c.number_count):
        if c.numbers[number].own and c.numbers[number].qualifier == _symbol(batch, "9F", 2):
            c.claims[index].referral_sent = 1
    settle_pointers(c, index)
    return 0


def append_claim(ClaimBatch batch, claim, int32_t file_index=0, int32_t position=1, int32_t as_of_day=NO_DAY):
    """Appends one claim of the model to `batch`.

    Args:
        file_index: Into `batch.files`.
        position: The claim's place in that file, from 1.
        as_of_day: The submission day; NO_DAY where there is none.

    Returns:
        The claim's index in the batch.

    Raises:
        ClaimError: The claim contradicts itself; nothing of it stays in the batch.
    """
    cdef int32_t billing = -1
    cdef int32_t index
    if claim.billing is not None:
        billing = _provider(batch, claim.billing, "billing", -1, -1)
    index = add_claim(&batch.c)
    if index < 0:
        raise MemoryError
    batch.c.claims[index].file = file_index
    batch.c.claims[index].position = position
    batch.c.claims[index].as_of = as_of_day
    batch.c.claims[index].billing = billing
    try:
        _fill(batch, claim, index, file_index, position)
    except ClaimError:
        drop_claim(&batch.c, index)
        raise
    return index
