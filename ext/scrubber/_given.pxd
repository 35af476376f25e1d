"""What the fields of a model say, as integers."""

from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport ClaimBatch
from scrubber.structs cimport TextC

cdef enum:                       # fields of a claim, in its order
    C_ID, C_KIND, C_PAYER, C_MEMBER, C_STATE, C_FREQUENCY, C_POS, C_TOB, C_TOTAL, C_PATIENT_PAID, C_PATIENT,
    C_SUBSCRIBER, C_ELIGIBLE, C_DIAGNOSES, C_ADMITTING, C_EXTERNAL_CAUSES, C_VISIT_REASONS, C_DOTTED,
    C_PRESENT_ON_ADMISSION, C_LINES,
    C_BILLING, C_RENDERING, C_PROVIDERS, C_NUMBERS, C_OTHERS, C_RESPONSIBILITY, C_FILING_CODE, C_MSP_TYPE, C_ORIGINAL,
    C_CONTROL, C_DELAY_REASON, C_AUTH_EXCEPTION, C_ACCIDENT_CAUSES, C_ACCIDENT_STATE, C_ACCIDENT_COUNTRY, C_ONSET,
    C_INITIAL_TREATMENT, C_LAST_SEEN, C_ACCIDENT, C_LMP, C_ADMIT, C_DISCHARGE, C_CARE_FROM, C_CARE_TO,
    C_STATEMENT_FROM, C_STATEMENT_THRU, C_ADMISSION_TYPE, C_ADMISSION_SOURCE, C_PATIENT_STATUS, C_PROCEDURES,
    C_CONDITION_CODES, C_OCCURRENCES, C_VALUE_CODES, C_CLIA, C_MAMMO, C_NOTE, C_ATTACHMENT, C_AMBULANCE, C_LOCUM_DAYS,
    C_THERAPY_USED, C_ATTACHMENTS, C_LAB_CERTIFICATE, C_SIGNATURE, C_ASSIGNMENT, C_BENEFITS, C_RELEASE, CLAIM_FIELDS

cdef enum:                       # fields of a line, in its order
    L_NUMBER, L_CODE, L_MODIFIERS, L_UNITS, L_UNIT_KIND, L_CHARGE, L_DATE, L_THRU, L_POS, L_POINTERS, L_REVENUE,
    L_RENDERING, L_PROVIDERS, L_NUMBERS, L_DRUG, L_CLIA, L_REFERRING_CLIA, L_MAMMO, L_NOTE, L_DESCRIPTION,
    L_ATTACHMENT, L_EMERGENCY, L_AMBULANCE, L_CERTIFICATE, L_VISIT_MINUTES, L_CARE_FROM, L_CARE_TO, L_ATTACHMENTS,
    L_LINK, L_STATE, LINE_FIELDS

cdef enum:                       # fields of a patient, in its order
    P_KEY, P_BIRTH, P_DEATH, P_SEX, P_RELATION_SELF, P_DEPENDENT, P_RELATION, P_LAST, P_FIRST, PATIENT_FIELDS

cdef enum:                       # fields of a provider, in its order
    R_ROLE, R_ENTITY, R_NPI, R_TAX_ID, R_TAX_ID_KIND, R_TAXONOMY, R_STREET, R_CITY, R_STATE, R_ZIP, R_COUNTRY,
    R_ENROLLED, R_AFFILIATED, PROVIDER_FIELDS

# The fields of a model, borrowed from it: in the order of the enums above.
cdef int spread_claim(model, PyObject** out) except -1
cdef int spread_line(model, PyObject** out) except -1
cdef int spread_patient(model, PyObject** out) except -1
cdef int spread_provider(model, PyObject** out) except -1

cdef int64_t symbol_of(ClaimBatch batch, text, int width) except? -1
cdef TextC text_of(ClaimBatch batch, text) except *
cdef int64_t hash_of(text) except? -1
# What `#` and sixteen hexadecimal digits carry: a hash as it was made by another reading. False where it is none.
cdef bint carried(const char* s, Py_ssize_t n, int64_t* out) noexcept
# A decimal times 10 ** places as a whole number, rounded half to even beyond it.
cdef int64_t scaled(value, int places) except? -1
cdef uint8_t letter_of(text) except? 255
cdef int32_t day_of_date(value) except? -1
