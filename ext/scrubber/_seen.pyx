"""Control numbers that a reader of an 837 met; see _seen.pxd."""

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memset

from scrubber._readings cimport hash_bytes
from scrubber.edi cimport PieceC
from scrubber.grow cimport grow


cdef uint32_t _slot(const SeenC* seen, int64_t key) noexcept nogil:
    """Where a number is, or would be."""
    cdef uint32_t slot = <uint32_t>key & (SEEN_ROOM - 1)
    while seen.hash[slot] and seen.hash[slot] != key:
        slot = (slot + 1) & (SEEN_ROOM - 1)
    return slot


cdef bint seen_before(SeenC* seen, PieceC piece) noexcept nogil:
    cdef int64_t key = hash_bytes(piece.s, piece.n, 0)
    cdef uint32_t slot = _slot(seen, key)
    if seen.hash[slot]:
        return True
    if seen.count < SEEN_MOST:
        seen.hash[slot] = key
        seen.count += 1
    return False


cdef void forget(SeenC* seen) noexcept nogil:
    if seen.count:
        memset(seen, 0, sizeof(SeenC))


cdef int add_to_rest(RestC* rest, PieceC piece, bint repeated) except -1 nogil:
    grow(<void**>&rest.hash, &rest.room, rest.count, sizeof(int64_t))
    rest.hash[rest.count] = hash_bytes(piece.s, piece.n, 0)
    rest.count += 1
    rest.repeated = rest.repeated or repeated
    return 0


cdef bint is_apart(const RestC* rest, const SeenC* beginning) noexcept nogil:
    cdef int32_t i
    if rest.repeated and beginning.count + rest.count > SEEN_MOST:
        return False             # one reader might have had no room to remember it
    for i in range(rest.count):
        if beginning.hash[_slot(beginning, rest.hash[i])]:
            return False
    return True
