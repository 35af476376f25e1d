"""What the fields of a model say, as integers."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._batch cimport ClaimBatch
from scrubber.structs cimport TextC

cdef int64_t symbol_of(ClaimBatch batch, text, int width) except? -1
cdef TextC text_of(ClaimBatch batch, text) except *
cdef int64_t hash_of(text) except? -1
# A decimal times 10 ** places as a whole number, rounded half to even beyond it.
cdef int64_t scaled(value, int places) except? -1
cdef uint8_t letter_of(text) except? 255
cdef int32_t day_of_date(value) except? -1
