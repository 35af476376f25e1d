"""What is wrong with names, tax ids and attachments: told as a word of the vocabulary, so that the value need not be kept."""

from libc.stdint cimport int32_t, int64_t, uint8_t

# Index of subscriber.name_fault.
cdef uint8_t name_fault(const uint8_t* last, int64_t n, bint person) noexcept nogil

# Index of claim.attachment_fault: report type (PWK01), way of sending (PWK02), control number (PWK05, PWK06).
cdef uint8_t attachment_fault(const uint8_t* kind, int64_t kind_n, const uint8_t* way, int64_t way_n, bint numbered,
                              bint at_line, bint dental) noexcept nogil

# Index of provider.tax_id_fault, of one number.
cdef uint8_t tax_id_fault(const uint8_t* s, int64_t n) noexcept nogil
