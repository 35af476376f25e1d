"""A diagnosis code against the code set of a day."""

from libc.stdint cimport int32_t, int64_t

from scrubber._tables cimport EditionC
from scrubber.run cimport RunC

# The code set in force on the day; NULL for a code sent as ICD-9 and for days before ICD-10-CM.
cdef const EditionC* codeset_of(const RunC* run, int32_t dx, int32_t day) noexcept nogil
cdef bint billable_on(const EditionC* edition, int64_t code, int32_t day) noexcept nogil
# dx.status of a code on the day.
cdef int code_status(const EditionC* edition, int64_t code, int32_t day) noexcept nogil
# The first `n` characters of a symbol of width 7.
cdef int64_t code_head(int64_t code, int n) noexcept nogil
# Which categories take a seventh character: the edition of the day, else the oldest.
cdef const EditionC* sevenths_on(const RunC* run, int32_t day) noexcept nogil
# dx.seventh of a code that is not billable on the day.
cdef int seventh_fault(const EditionC* edition, const EditionC* sevenths, int64_t code, int32_t day) noexcept nogil
# The row to show: in force, else the last one that was, else any; -1 for a code never listed.
cdef int64_t spoken_row(const EditionC* edition, int64_t code, int32_t day) noexcept nogil
