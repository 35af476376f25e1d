"""What the fields of a model say, as integers; most are plain short texts, and those are read where they lie."""

from cpython.datetime cimport PyDate_Check, date_day, date_month, date_year, import_datetime
from cpython.dict cimport PyDict_GetItemWithError, PyDict_Next, PyDict_Size
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from scrubber._batch cimport ClaimBatch, add_text
from scrubber._readings cimport hash_text, patient_of
from scrubber.days cimport CivilC, number_of
from scrubber.pack cimport pack
from scrubber.structs cimport NO_DAY, TextC

cdef enum:
    CARRIED = 17                 # bytes of a hash that is carried
    MOST_DIGITS = 15             # of a number that is read digit by digit

import_datetime()

# As the model declares them: then one walk over its values finds them all.
cdef tuple CLAIM_NAMES = (
    "id", "kind", "payer", "member", "state", "frequency", "pos", "tob", "total", "patient_paid", "patient",
    "subscriber", "eligible", "diagnoses", "admitting", "external_causes", "visit_reasons", "dotted",
    "present_on_admission", "lines",
    "billing", "rendering", "providers", "numbers", "others", "responsibility", "filing_code", "msp_type", "original",
    "control", "delay_reason", "auth_exception", "accident_causes", "accident_state", "accident_country", "onset",
    "initial_treatment", "last_seen", "accident", "lmp", "admit", "discharge", "care_from", "care_to",
    "statement_from", "statement_thru", "admission_type", "admission_source", "patient_status", "procedures",
    "condition_codes", "occurrences", "value_codes", "clia", "mammo", "note", "attachment", "ambulance", "locum_days",
    "therapy_used", "attachments", "lab_certificate", "signature", "assignment", "benefits", "release",
)
cdef tuple LINE_NAMES = (
    "number", "code", "modifiers", "units", "unit_kind", "charge", "date", "thru", "pos", "pointers", "revenue",
    "rendering", "providers", "numbers", "drug", "clia", "referring_clia", "mammo", "note", "description",
    "attachment", "emergency", "ambulance", "certificate", "visit_minutes", "care_from", "care_to", "attachments",
    "link", "state",
)
cdef tuple PATIENT_NAMES = (
    "key", "birth", "death", "sex", "relation_self", "dependent", "relation", "last", "first",
)
cdef tuple PROVIDER_NAMES = (
    "role", "entity", "npi", "tax_id", "tax_id_kind", "taxonomy", "street", "city", "state", "zip", "country",
    "enrolled", "affiliated",
)


cdef int _spread(dict fields, tuple names, PyObject** out) except -1:
    """The values of these fields; where they do not come in this order, each is looked up."""
    cdef Py_ssize_t at = 0, i = 0, n = PyTuple_GET_SIZE(names)
    cdef PyObject* key
    cdef PyObject* value
    if PyDict_Size(fields) == n:
        while PyDict_Next(fields, &at, &key, &value) and key == <PyObject*>PyTuple_GET_ITEM(names, i):
            out[i] = value
            i += 1
    if i < n:
        for i in range(n):
            out[i] = PyDict_GetItemWithError(fields, names[i])
            if out[i] == NULL:
                raise AttributeError(names[i])
    return 0


cdef int spread_claim(model, PyObject** out) except -1:
    return _spread(model.__dict__, CLAIM_NAMES, out)


cdef int spread_line(model, PyObject** out) except -1:
    return _spread(model.__dict__, LINE_NAMES, out)


cdef int spread_patient(model, PyObject** out) except -1:
    return _spread(model.__dict__, PATIENT_NAMES, out)


cdef int spread_provider(model, PyObject** out) except -1:
    return _spread(model.__dict__, PROVIDER_NAMES, out)


cdef int64_t symbol_of(ClaimBatch batch, text, int width) except? -1:
    cdef const char* s
    cdef Py_ssize_t n
    cdef int64_t packed
    cdef bytes data
    if not text:
        return 0
    if type(text) is str:
        s = PyUnicode_AsUTF8AndSize(text, &n)
        if s[0] > 32 and s[n - 1] > 32:      # nothing to strip, and neither end is beyond ASCII
            packed = pack(<const uint8_t*>s, n, width)
            if packed >= 0:
                return packed
    data = str(text).strip().encode()
    return batch.symbol(data, len(data), width)


cdef TextC text_of(ClaimBatch batch, text) except *:
    cdef const char* s
    cdef Py_ssize_t n
    s = PyUnicode_AsUTF8AndSize(text or "", &n)
    return add_text(&batch.c, <const uint8_t*>s, <int32_t>n)


cdef int64_t hash_of(text) except? -1:
    cdef const char* s
    cdef Py_ssize_t n
    cdef int64_t found
    s = PyUnicode_AsUTF8AndSize(text or "", &n)
    return found if carried(s, n, &found) else hash_text(<const uint8_t*>s, n)


cdef bint carried(const char* s, Py_ssize_t n, int64_t* out) noexcept:
    cdef uint64_t value = 0
    cdef Py_ssize_t i
    if n != CARRIED or s[0] != c'#':
        return False
    for i in range(1, CARRIED):
        if c'0' <= s[i] <= c'9':
            value = value << 4 | <uint64_t>(s[i] - c'0')
        elif c'a' <= s[i] <= c'f':
            value = value << 4 | <uint64_t>(s[i] - c'a' + 10)
        else:
            return False
    out[0] = <int64_t>value
    return True


cdef int64_t scaled(value, int places) except? -1:
    cdef const char* s
    cdef Py_ssize_t n, i
    cdef int64_t whole = 0
    cdef int after = -1
    cdef bint negative = False
    cdef str text                            # holds what `s` points at
    if value is None:
        return 0
    text = str(value)
    s = PyUnicode_AsUTF8AndSize(text, &n)
    for i in range(n):
        if c'0' <= s[i] <= c'9' and n <= MOST_DIGITS:
            whole = whole * 10 + s[i] - c'0'
            if after >= 0:
                after += 1
        elif s[i] == c'.' and after < 0:
            after = 0
        elif s[i] == c'-' and i == 0:
            negative = True
        else:
            after = places + 1               # too long, or with an exponent
            break
    if after > places:
        return int(value.scaleb(places).to_integral_value())
    for i in range(places - (after if after > 0 else 0)):
        whole *= 10
    return -whole if negative else whole


cdef uint8_t letter_of(text) except? 255:
    return ord(text[0]) if text else 0


cdef int32_t day_of_date(value) except? -1:
    cdef CivilC civil
    if value is None:
        return NO_DAY
    if not PyDate_Check(value):
        raise TypeError(f"a day is a date, not {type(value).__name__}")
    civil.year = date_year(value)
    civil.month = date_month(value)
    civil.day = date_day(value)
    return number_of(civil)


def stands_alone(ClaimBatch batch not None, int32_t claim):
    """Whether nothing on a claim says whose it is, so that it is the only one of its patient."""
    if not 0 <= claim < batch.c.claim_count:
        raise IndexError(claim)
    return batch.c.claims[claim].patient == patient_of(NULL, 0, NULL, 0, NULL, 0, NO_DAY, 0, batch.c.claims[claim].file,
                                                       batch.c.claims[claim].position)
