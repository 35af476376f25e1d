"""Control numbers that a reader of an 837 met."""

from libc.stdint cimport int32_t, int64_t

from scrubber.edi cimport PieceC

cdef enum:
    SEEN_ROOM = 8192     # control numbers remembered, a power of two
    SEEN_MOST = SEEN_ROOM * 3 // 4

cdef struct SeenC:
    int64_t hash[SEEN_ROOM]   # 0 free
    int32_t count

# Those of sets in the rest of an interchange, of which another reader read the beginning.
cdef struct RestC:
    int64_t* hash
    int32_t count
    int32_t room
    bint repeated        # one of them was met before in the rest


# Whether a control number was met; it is remembered while there is room.
cdef bint seen_before(SeenC* seen, PieceC piece) noexcept nogil
cdef void forget(SeenC* seen) noexcept nogil
cdef int add_to_rest(RestC* rest, PieceC piece, bint repeated) except -1 nogil
# Whether who met those of the beginning would have found the same of those of the rest to be met before.
cdef bint is_apart(const RestC* rest, const SeenC* beginning) noexcept nogil
