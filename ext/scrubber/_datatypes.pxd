"""Data types of X12: what a value may look like."""

from libc.stdint cimport int32_t, uint8_t

from scrubber.edi cimport PieceC

cdef bint holds_control(PieceC piece) noexcept nogil     # a character that ends every other check
cdef bint is_text(PieceC piece) noexcept nogil           # AN and ID: the extended character set
cdef bint is_whole(PieceC piece) noexcept nogil          # N0
cdef bint is_decimal(PieceC piece) noexcept nogil        # R
cdef bint is_date(PieceC piece) noexcept nogil           # DT: YYMMDD, CCYYMMDD or CCYYMMDDHHMM
cdef bint is_time(PieceC piece) noexcept nogil           # TM: HHMM, HHMMSS, HHMMSSD, HHMMSSDD
cdef int32_t digits_long(PieceC piece) noexcept nogil    # without sign and point
cdef bint is_of_form(PieceC piece, int forms) noexcept nogil     # of one of some (_guide.Form)
cdef bint has_nine_digits(PieceC piece) noexcept nogil
cdef bint is_remark_code(PieceC piece) noexcept nogil
