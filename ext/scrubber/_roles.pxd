"""Providers by their entity codes, and the loops that each guide gives them."""

from scrubber.edi cimport PieceC

# Role of an entity code at claim or line, and its loop, of a claim of this kind; -1 where the guide has none.
cdef int role_of(int kind, PieceC code, bint at_line, const char** loop) noexcept nogil

# The loop of 2330 in which another payer's provider stands.
cdef const char* loop_of_other(int kind, PieceC code) noexcept nogil
