"""One claim of the model into columns: the way of JSON, the API and examples (837 has its own reader)."""

from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport (
    BatchC, ClaimBatch, add_adjudication, add_adjustment, add_claim, add_diagnosis, add_drug, add_line, add_list_code,
    add_number, add_other, add_provider, drop_claim, settle_pointers,
)
from scrubber._faults cimport attachment_fault, name_fault, tax_id_fault
from scrubber._given cimport *
from scrubber._readings cimport hash_digits, npi_fault, patient_of
from scrubber.pack cimport (
    WIDTH_CODE, WIDTH_DIAGNOSIS, WIDTH_MODIFIER, WIDTH_NDC, WIDTH_POS, WIDTH_REVENUE, WIDTH_TAXONOMY,
)
from scrubber.structs cimport (
    DENTAL, MAX_MODIFIERS, MAX_POINTERS, MAX_REMARKS, NO_DAY, NOT_TOLD, POINTER_NOT_A_NUMBER, POINTER_OUT_OF_RANGE, ClaimC,
    DiagnosisC, DrugC, LineC, NumberC, OtherPayerC, ProviderC, TextC,
)
from scrubber.words cimport (
    V_LINE_LX_FAULT_OUT_OF_SEQUENCE, V_PATIENT_SEX_FAULT_MISSING, V_PATIENT_SEX_FAULT_NONE,
    V_PATIENT_SEX_FAULT_OTHER, V_PROVIDER_TAX_ID_FAULT_TWO, V_SUBSCRIBER_NAME_FAULT_NONE, V_SUBSCRIBER_RELATION_FAULT_BOTH,
    V_SUBSCRIBER_RELATION_FAULT_MISSING,
)

from scrubber.errors import ClaimError
from scrubber.rules.vocabulary import PROVIDER
from scrubber.tables.schema import TABLES
from scrubber.tables.values import key_value

cdef dict ROLES = {role: number for number, role in enumerate((
    "billing", "pay_to", "rendering", "referring", "primary_care", "ordering", "supervising", "facility", "purchased",
    "attending", "operating", "other_operating", "pick_up", "drop_off", "assistant"))}
cdef dict KINDS = {"professional": 0, "institutional": 1, "dental": 2}
cdef dict STATES = {"draft": 0, "paid": 1, "denied": 2, "open": 3, "rejected": 4, "void": 5}
cdef dict UNIT_KINDS = {"UN": 0, "MJ": 1, "DA": 3}
cdef dict ENTITIES = {None: 0, "person": 1, "organization": 2}
cdef dict CERTIFICATES = {None: 0, "waiver": 1, "other": 2}
cdef dict ELIGIBLE = {"yes": 0, "no": 1, None: 2}
cdef dict TAX_IDS = {None: 0, "EI": 1, "SY": 2, "both": 3}
cdef dict TOLD = {None: 0, True: 1, False: 2}
LISTS = TABLES["nubc_codes"].key[0][1]
TAX_ID_FAULTS = PROVIDER["tax_id_fault"].split("|")


cdef int32_t _provider(ClaimBatch batch, provider, role, int32_t claim, int32_t line) except -1:
    cdef int32_t index = add_provider(&batch.c)
    cdef PyObject* d[PROVIDER_FIELDS]
    cdef ProviderC* out
    spread_provider(provider, d)
    cdef bytes npi = ((<object>d[R_NPI]) or "").encode()
    cdef bytes tax_id = ((<object>d[R_TAX_ID]) or "").encode()
    cdef TextC text
    number = 0
    if npi:
        number = int(npi) if npi.isdigit() and len(npi) <= 18 else batch.symbol(npi, len(npi), 0)
    out = &batch.c.providers[index]
    out.npi = number
    out.npi_fault = npi_fault(npi, len(npi))
    out.tax_id_kind = TAX_IDS[(<object>d[R_TAX_ID_KIND])]
    fault = tax_id[18:].decode("utf-8", "replace") or "none"      # of a hash what was wrong stands behind a colon
    if fault in TAX_ID_FAULTS and carried(tax_id, min(len(tax_id), 17), &out.tax_id):
        out.tax_id_fault = TAX_ID_FAULTS.index(fault)
    else:
        out.tax_id = hash_digits(tax_id, len(tax_id))
        out.tax_id_fault = tax_id_fault(tax_id, len(tax_id))
    if (<object>d[R_TAX_ID_KIND]) == "both":
        out.tax_id_fault = V_PROVIDER_TAX_ID_FAULT_TWO
    out.abroad = ((<object>d[R_COUNTRY]) or "US").strip().upper() != "US"
    out.enrolled = TOLD[(<object>d[R_ENROLLED])]
    out.affiliated = TOLD[(<object>d[R_AFFILIATED])]
    out.taxonomy = symbol_of(batch, (<object>d[R_TAXONOMY]), WIDTH_TAXONOMY)
    out.state = symbol_of(batch, (<object>d[R_STATE]), 2)
    out.claim = claim
    out.line = line
    out.role = ROLES[role or (<object>d[R_ROLE])]
    out.entity = ENTITIES[(<object>d[R_ENTITY])]
    if (<object>d[R_STREET]) or (<object>d[R_CITY]) or (<object>d[R_STATE]) or (<object>d[R_ZIP]):
        parts = ((<object>d[R_STREET]), (<object>d[R_CITY]), (<object>d[R_STATE]), (<object>d[R_ZIP]))
        out.address = text_of(batch, "|".join((part or "").strip().replace("|", " ") for part in parts).upper())
        out.zip = text_of(batch, ((<object>d[R_ZIP]) or "").strip())
    return index


cdef int _numbers(ClaimBatch batch, numbers, int32_t line, bint own, int32_t other=-1) except -1:
    cdef NumberC* out
    cdef TextC text
    cdef int32_t index
    for number in numbers:
        text = text_of(batch, number.number.strip())
        index = add_number(&batch.c)
        out = &batch.c.numbers[index]
        out.text = text
        out.line = line
        out.qualifier = symbol_of(batch, number.qualifier, 2)
        out.own = own and number.own
        out.other = other
    return 0


cdef int _diagnosis(ClaimBatch batch, dotted, code, dict poa, int position, int role) except -1:
    cdef int32_t index = add_diagnosis(&batch.c)
    cdef DiagnosisC* out = &batch.c.diagnoses[index]
    out.code = symbol_of(batch, code, WIDTH_DIAGNOSIS)
    out.position = min(position, 255)
    out.role = role
    out.poa = letter_of(poa.get(code)) if poa else 0
    out.dotted = bool(dotted) and code in dotted
    return 0


cdef int _pointers(LineC* out, pointers) except -1:
    for pointer in pointers[:MAX_POINTERS]:
        if type(pointer) is int and 0 < pointer < 256:
            out.pointers[out.pointer_count] = pointer
            out.pointer_count += 1
            continue
        text = str(pointer).strip()
        if not (text.isascii() and text.isdigit()):
            out.pointer_fault = out.pointer_fault or POINTER_NOT_A_NUMBER
        elif not 0 < int(text) < 256:
            out.pointer_fault = out.pointer_fault or POINTER_OUT_OF_RANGE
        else:
            out.pointers[out.pointer_count] = int(text)
            out.pointer_count += 1
    return 0


cdef uint8_t _attachments(attachments, bint at_line, bint dental) except? 255:
    """The first thing wrong with them."""
    cdef bytes kind, way
    cdef uint8_t fault = 0
    for attachment in attachments:
        kind = (attachment.kind or "").strip().encode()
        way = (attachment.way or "").strip().encode()
        fault = fault or attachment_fault(kind, len(kind), way, len(way), bool((attachment.number or "").strip()),
                                          at_line, dental)
    return fault


cdef int _list_code(ClaimBatch batch, str name, text, amount=None) except -1:
    cdef int32_t index = add_list_code(&batch.c)
    batch.c.list_codes[index].code = symbol_of(batch, text, 2)
    batch.c.list_codes[index].list = key_value(LISTS, name)
    batch.c.list_codes[index].amount_cents = scaled(amount, 2)
    batch.c.list_codes[index].amount_sent = amount is not None
    return 0


cdef int _people(PyObject** d, PyObject** p, ClaimC* out) except -1:
    """What is wrong with the names and the relation of subscriber and patient."""
    cdef bytes last
    cdef bint self_ = (<object>p[P_RELATION_SELF]) if (<object>p[P_RELATION]) is None else (<object>p[P_RELATION]).strip() == "18"
    out.relation_self = self_ and not (<object>p[P_DEPENDENT])
    out.dependent = (<object>p[P_DEPENDENT])
    if (<object>p[P_DEPENDENT]) and self_:
        out.relation_fault = V_SUBSCRIBER_RELATION_FAULT_BOTH
    elif (<object>p[P_DEPENDENT]) and not ((<object>p[P_RELATION]) or "").strip():
        out.relation_fault = V_SUBSCRIBER_RELATION_FAULT_MISSING
    if (<object>p[P_SEX]) in ("F", "M", "U"):
        out.sex_fault = V_PATIENT_SEX_FAULT_NONE
    else:
        out.sex_fault = V_PATIENT_SEX_FAULT_OTHER if (<object>p[P_SEX]) else V_PATIENT_SEX_FAULT_MISSING
    if (<object>d[C_SUBSCRIBER]) is not None:
        out.employer = (<object>d[C_SUBSCRIBER]).entity == "organization"
        last = ((<object>d[C_SUBSCRIBER]).last or "").encode()
        out.name_fault = name_fault(last, len(last), not out.employer)
    if (<object>p[P_DEPENDENT]) and (<object>p[P_LAST]) is not None and (
            out.name_fault == NOT_TOLD or out.name_fault == V_SUBSCRIBER_NAME_FAULT_NONE):
        last = (<object>p[P_LAST]).encode()
        out.name_fault = name_fault(last, len(last), True)
    return 0


cdef int _line(ClaimBatch batch, claim_state, line, int32_t index, int32_t position) except -1:
    cdef int32_t number = add_line(&batch.c)
    cdef LineC* out = &batch.c.lines[number]
    cdef PyObject* d[LINE_FIELDS]
    cdef DrugC* drug
    cdef int gap = 0
    cdef int filled = 0
    spread_line(line, d)
    out.number = (<object>d[L_NUMBER]) if (<object>d[L_NUMBER]) is not None else position
    if out.number != position:
        out.lx_fault = V_LINE_LX_FAULT_OUT_OF_SEQUENCE
    out.code = symbol_of(batch, (<object>d[L_CODE]), WIDTH_CODE)
    for text in (<object>d[L_MODIFIERS]):
        if not text.strip():
            gap = 1
            continue
        if gap:
            out.modifier_gap = 1
        if filled < MAX_MODIFIERS:
            out.modifiers[filled] = symbol_of(batch, text, WIDTH_MODIFIER)
        filled += 1
    out.modifier_count = min(filled, 255)
    out.units_milli = scaled((<object>d[L_UNITS]), 3)
    out.unit_kind = UNIT_KINDS.get((<object>d[L_UNIT_KIND]), 2)
    out.charge_cents = scaled((<object>d[L_CHARGE]), 2)
    out.charge_sent = (<object>d[L_CHARGE]) is not None
    out.revenue = symbol_of(batch, (<object>d[L_REVENUE]), WIDTH_REVENUE)
    out.pos = symbol_of(batch, (<object>d[L_POS]), WIDTH_POS)
    out.link_id = hash_of((<object>d[L_LINK]))
    out.from_day = day_of_date((<object>d[L_DATE]))
    out.thru_day = day_of_date((<object>d[L_THRU]) or (<object>d[L_DATE]))
    out.care_from, out.care_to = day_of_date((<object>d[L_CARE_FROM])), day_of_date((<object>d[L_CARE_TO]))
    out.state = STATES[(<object>d[L_STATE]) or claim_state]
    out.note = (<object>d[L_NOTE])
    out.description = (<object>d[L_DESCRIPTION])
    out.attachment = (<object>d[L_ATTACHMENT]) or len((<object>d[L_ATTACHMENTS])) > 0
    out.attachment_fault = _attachments((<object>d[L_ATTACHMENTS]), True, batch.c.claims[index].kind == DENTAL)
    out.certificate = bool((<object>d[L_CERTIFICATE])) or (out.attachment and any([each.kind == "CT" for each in (<object>d[L_ATTACHMENTS])]))
    out.transport = (<object>d[L_AMBULANCE]) is not None and (<object>d[L_AMBULANCE]).transport
    out.transport_conditions = (<object>d[L_AMBULANCE]) is not None and len((<object>d[L_AMBULANCE]).conditions) > 0
    out.emergency = (<object>d[L_EMERGENCY])
    out.visit_minutes = -1 if (<object>d[L_VISIT_MINUTES]) is None else (<object>d[L_VISIT_MINUTES])
    out.mammo = (<object>d[L_MAMMO])
    out.clia = text_of(batch, (<object>d[L_CLIA]))
    out.referring_clia = bool((<object>d[L_REFERRING_CLIA]))
    _pointers(out, (<object>d[L_POINTERS]))
    out.first_number = batch.c.number_count
    _numbers(batch, (<object>d[L_NUMBERS]), number, True)
    out.number_count = min(batch.c.number_count - out.first_number, 255)
    if (<object>d[L_RENDERING]) is not None:
        out.rendering = _provider(batch, (<object>d[L_RENDERING]), "rendering", index, number)
    for provider in (<object>d[L_PROVIDERS]):
        _provider(batch, provider, None, index, number)
    if (<object>d[L_DRUG]) is not None:
        out.drug = add_drug(&batch.c)
        drug = &batch.c.drugs[out.drug]
        drug.ndc = symbol_of(batch, (<object>d[L_DRUG]).ndc.replace("-", ""), WIDTH_NDC)
        drug.sent = text_of(batch, (<object>d[L_DRUG]).ndc)
        drug.quantity_milli = scaled((<object>d[L_DRUG]).quantity, 3)
        drug.unit = symbol_of(batch, (<object>d[L_DRUG]).unit, 2)
        drug.qualifier = symbol_of(batch, (<object>d[L_DRUG]).qualifier, 2)
    return 0


cdef int _adjustments(ClaimBatch batch, adjustments, int32_t other, int32_t line) except -1:
    cdef int32_t index
    for adjustment in adjustments:
        index = add_adjustment(&batch.c)
        batch.c.adjustments[index].amount_cents = scaled(adjustment.amount, 2)
        batch.c.adjustments[index].group = symbol_of(batch, adjustment.group, 2)
        batch.c.adjustments[index].reason = symbol_of(batch, adjustment.reason, 5)
        batch.c.adjustments[index].other = other
        batch.c.adjustments[index].line = line
    return 0


cdef int _other(ClaimBatch batch, other, int32_t first_line) except -1:
    cdef int32_t index = add_other(&batch.c)
    cdef OtherPayerC* out = &batch.c.others[index]
    cdef int32_t number, line
    out.payer = text_of(batch, other.payer)
    out.paid_cents = scaled(other.paid, 2)
    out.paid_sent = other.paid is not None
    out.non_covered_cents = scaled(other.non_covered, 2)
    out.non_covered_sent = other.non_covered is not None
    out.filing_code = symbol_of(batch, other.filing_code, 2)
    out.responsibility = letter_of(other.responsibility)
    out.date = day_of_date(other.date)
    out.member = hash_of(other.member)
    out.claim_remaining = other.remaining is not None
    out.remark_count = min(len(other.remarks), <int>MAX_REMARKS)
    for number in range(out.remark_count):
        out.remarks[number] = symbol_of(batch, other.remarks[number], 5)
    _adjustments(batch, other.adjustments, index, -1)
    for adjudication in other.lines:
        line = first_line + adjudication.line - 1
        if not first_line <= line < batch.c.line_count:
            raise ClaimError(f"an adjudication is of line {adjudication.line}, but the claim has "
                             f"{batch.c.line_count - first_line} lines")
        number = add_adjudication(&batch.c)
        batch.c.adjudications[number].paid_cents = scaled(adjudication.paid, 2)
        batch.c.adjudications[number].code = symbol_of(batch, adjudication.code, WIDTH_CODE)
        batch.c.adjudications[number].other = index
        batch.c.adjudications[number].line = line
        batch.c.adjudications[number].date = day_of_date(adjudication.date)
        batch.c.adjudications[number].bundled_into = adjudication.bundled_into or 0
        if adjudication.date is not None:
            out.line_dates = 1
        if adjudication.remaining is not None:
            out.line_remaining = 1
        _adjustments(batch, adjudication.adjustments, index, line)
    _numbers(batch, other.numbers, -1, False, index)
    return 0


cdef int _facts(ClaimBatch batch, PyObject** d, PyObject** p, ClaimC* out) except -1:
    """The claim's own fields, without its lists."""
    cdef int i
    out.total_sent = 1
    out.patient_paid_cents = scaled((<object>d[C_PATIENT_PAID]), 2)
    out.paid_sent = (<object>d[C_PATIENT_PAID]) is not None
    out.pos = symbol_of(batch, (<object>d[C_POS]), WIDTH_POS)
    tob = ((<object>d[C_TOB]) or "").strip()
    out.tob = symbol_of(batch, tob[1:] if len(tob) == 4 and tob[0] == "0" else tob, 3)
    out.original = hash_of((<object>d[C_ORIGINAL]))
    out.control = hash_of((<object>d[C_CONTROL]))
    out.accident_state = symbol_of(batch, (<object>d[C_ACCIDENT_STATE]), 2)
    out.accident_abroad = bool((<object>d[C_ACCIDENT_COUNTRY]))
    out.filing_code = symbol_of(batch, (<object>d[C_FILING_CODE]), 2)
    out.msp_type = symbol_of(batch, (<object>d[C_MSP_TYPE]), 2)
    out.delay_reason = symbol_of(batch, (<object>d[C_DELAY_REASON]), 2)
    out.auth_exception = symbol_of(batch, (<object>d[C_AUTH_EXCEPTION]), 2)
    for i in range(min(3, len((<object>d[C_ACCIDENT_CAUSES])))):
        out.accident_causes[i] = symbol_of(batch, (<object>d[C_ACCIDENT_CAUSES])[i], 2)
    out.birth = day_of_date((<object>p[P_BIRTH]))
    out.death = day_of_date((<object>p[P_DEATH]))
    out.onset = day_of_date((<object>d[C_ONSET]))
    out.initial_treatment = day_of_date((<object>d[C_INITIAL_TREATMENT]))
    out.last_seen = day_of_date((<object>d[C_LAST_SEEN]))
    out.accident = day_of_date((<object>d[C_ACCIDENT]))
    out.lmp = day_of_date((<object>d[C_LMP]))
    out.admit = day_of_date((<object>d[C_ADMIT]))
    out.admit_sent = (<object>d[C_ADMIT]) is not None
    out.discharge = day_of_date((<object>d[C_DISCHARGE]))
    out.care_from = day_of_date((<object>d[C_CARE_FROM]))
    out.care_to = day_of_date((<object>d[C_CARE_TO]))
    out.statement_from = day_of_date((<object>d[C_STATEMENT_FROM]))
    out.statement_thru = day_of_date((<object>d[C_STATEMENT_THRU]))
    out.kind = KINDS[(<object>d[C_KIND])]
    out.frequency = letter_of((<object>d[C_FREQUENCY]))
    out.state = STATES[(<object>d[C_STATE])]
    out.sex = letter_of((<object>p[P_SEX]))
    _people(d, p, out)
    out.eligible = ELIGIBLE[(<object>d[C_ELIGIBLE])]
    out.responsibility = letter_of((<object>d[C_RESPONSIBILITY]))
    out.signature = letter_of((<object>d[C_SIGNATURE]))
    out.assignment = letter_of((<object>d[C_ASSIGNMENT]))
    out.benefits = letter_of((<object>d[C_BENEFITS]))
    out.release = letter_of((<object>d[C_RELEASE]))
    out.marks = bool((<object>d[C_SIGNATURE]) or (<object>d[C_ASSIGNMENT]) or (<object>d[C_BENEFITS]) or (<object>d[C_RELEASE]))
    out.note = (<object>d[C_NOTE])
    out.attachment = (<object>d[C_ATTACHMENT]) or len((<object>d[C_ATTACHMENTS])) > 0
    out.attachment_fault = _attachments((<object>d[C_ATTACHMENTS]), False, out.kind == DENTAL)
    out.mammo = (<object>d[C_MAMMO])
    out.transport = (<object>d[C_AMBULANCE]) is not None and (<object>d[C_AMBULANCE]).transport
    out.transport_conditions = (<object>d[C_AMBULANCE]) is not None and len((<object>d[C_AMBULANCE]).conditions) > 0
    out.admission_type = letter_of((<object>d[C_ADMISSION_TYPE]))
    out.admission_source = letter_of((<object>d[C_ADMISSION_SOURCE]))
    out.patient_status = symbol_of(batch, (<object>d[C_PATIENT_STATUS]), 2)
    out.lab_cert = CERTIFICATES[(<object>d[C_LAB_CERTIFICATE])]
    out.therapy_cents = scaled((<object>d[C_THERAPY_USED]), 2)
    out.therapy_sent = (<object>d[C_THERAPY_USED]) is not None
    out.locum_days = min((<object>d[C_LOCUM_DAYS]) or 0, 1000000)
    out.surgical = bool((<object>d[C_PROCEDURES])) and any([code.strip().startswith("0") for code in (<object>d[C_PROCEDURES])])
    return 0


cdef int64_t _patient(PyObject** d, PyObject** p, int32_t file_index, int32_t position) except? -1:
    cdef bytes member = ((<object>d[C_MEMBER]) or "").encode()
    cdef bytes first = ((<object>p[P_FIRST]) or "").encode()
    if (<object>p[P_KEY]):
        return hash_of(<object>p[P_KEY])
    return patient_of(member, len(member), b"", 0, first, len(first), day_of_date((<object>p[P_BIRTH])),
                      letter_of((<object>p[P_SEX])), file_index, position)


cdef int _fill(ClaimBatch batch, PyObject** d, int32_t index, int32_t file_index, int32_t position) except -1:
    cdef BatchC* c = &batch.c
    cdef bytes payer = (<object>d[C_PAYER]).encode()
    cdef int32_t number, payer_number
    cdef int64_t total = 0
    cdef dict poa = None
    cdef PyObject* p[PATIENT_FIELDS]
    cdef TextC text
    spread_patient(<object>d[C_PATIENT], p)
    if (<object>d[C_PRESENT_ON_ADMISSION]):
        poa = {code.replace(".", "").upper(): value for code, value in (<object>d[C_PRESENT_ON_ADMISSION]).items()}
    # `id` must be the first text: drop_claim takes back everything from there on.
    text = text_of(batch, (<object>d[C_ID]))
    c.claims[index].id = text
    text = text_of(batch, ((<object>d[C_MEMBER]) or "").strip())
    c.claims[index].member = text
    text = text_of(batch, (<object>d[C_CLIA]))
    c.claims[index].clia = text
    payer_number = batch.payer_number(payer, len(payer))
    c.claims[index].payer = payer_number
    c.claims[index].patient = _patient(d, p, file_index, position)
    _facts(batch, d, p, &c.claims[index])
    for number, code in enumerate((<object>d[C_DIAGNOSES])):
        _diagnosis(batch, (<object>d[C_DOTTED]), code, poa, number + 1, 0 if number == 0 else 1)
    if (<object>d[C_ADMITTING]):
        _diagnosis(batch, (<object>d[C_DOTTED]), (<object>d[C_ADMITTING]), poa, 1, 2)
    for number, code in enumerate((<object>d[C_EXTERNAL_CAUSES])):
        _diagnosis(batch, (<object>d[C_DOTTED]), code, poa, number + 1, 3)
    for number, code in enumerate((<object>d[C_VISIT_REASONS])):
        _diagnosis(batch, (<object>d[C_DOTTED]), code, poa, number + 1, 4)
    c.claims[index].diagnosis_count = c.diagnosis_count - c.claims[index].first_diagnosis
    if (<object>d[C_RENDERING]) is not None:
        number = _provider(batch, (<object>d[C_RENDERING]), "rendering", index, -1)
        c.claims[index].rendering = number
    for provider in (<object>d[C_PROVIDERS]):
        _provider(batch, provider, None, index, -1)
    _numbers(batch, (<object>d[C_NUMBERS]), -1, True)
    for number, line in enumerate((<object>d[C_LINES])):
        _line(batch, (<object>d[C_STATE]), line, index, number + 1)
        total += c.lines[c.line_count - 1].charge_cents
    for code in (<object>d[C_CONDITION_CODES]):
        _list_code(batch, "condition_codes", code)
    for occurrence in (<object>d[C_OCCURRENCES]):
        _list_code(batch, "occurrence_spans" if occurrence.thru is not None or occurrence.span else "occurrence_codes",
                   occurrence.code)
    for value in (<object>d[C_VALUE_CODES]):
        _list_code(batch, "value_codes", value.code, value.amount)
    c.claims[index].list_code_count = c.list_code_count - c.claims[index].first_list_code
    for other in (<object>d[C_OTHERS]):
        _other(batch, other, c.claims[index].first_line)
    c.claims[index].total_cents = total if (<object>d[C_TOTAL]) is None else scaled((<object>d[C_TOTAL]), 2)
    c.claims[index].line_count = c.line_count - c.claims[index].first_line
    c.claims[index].provider_count = c.provider_count - c.claims[index].first_provider
    c.claims[index].number_count = c.number_count - c.claims[index].first_number
    c.claims[index].other_count = c.other_count - c.claims[index].first_other
    for number in range(c.claims[index].first_number, c.number_count):
        if c.numbers[number].own and c.numbers[number].qualifier == symbol_of(batch, "9F", 2):
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
    cdef PyObject* d[CLAIM_FIELDS]
    spread_claim(claim, d)
    if (<object>d[C_BILLING]) is not None:
        billing = _provider(batch, <object>d[C_BILLING], "billing", -1, -1)
    index = add_claim(&batch.c)
    if index < 0:
        raise MemoryError
    batch.c.claims[index].file = file_index
    batch.c.claims[index].position = position
    batch.c.claims[index].as_of = as_of_day
    batch.c.claims[index].billing = billing
    try:
        _fill(batch, d, index, file_index, position)
    except ClaimError:
        drop_claim(&batch.c, index)
        raise
    return index
