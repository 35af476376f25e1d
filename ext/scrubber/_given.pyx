"""What the fields of a model say, as integers; most are plain short texts, and those are read where they lie."""

from cpython.datetime cimport PyDate_Check, date_day, date_month, date_year, import_datetime
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport ClaimBatch, add_text
from scrubber._readings cimport hash_text
from scrubber.days cimport CivilC, number_of
from scrubber.pack cimport pack
from scrubber.structs cimport NO_DAY, TextC

cdef enum:
    MOST_DIGITS = 15             # of a number that is read digit by digit

import_datetime()


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
    s = PyUnicode_AsUTF8AndSize(text or "", &n)
    return hash_text(<const uint8_t*>s, n)


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
