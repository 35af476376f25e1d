"""Columns without what repeats: most fields of most claims are as in the claim before, and what is not written costs
no time.

Words of eight bytes, less those of the element before, stand in blocks of sixty-four: which of them are not zero, as
bits, and then those. What is left of the last word stands at the end as it is.
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

from scrubber.bits cimport fetch_all

cdef enum:
    WORD = 8             # bytes
    BLOCK = 64           # words
    UNROLLED = 8         # words whose loop the compiler writes out
    AHEAD = 4096         # bytes that are on their way: the columns of a window have left what is near

SLACK = WORD * (BLOCK + 1)


def most(int64_t size):
    """Bytes that a buffer needs for what so many bytes are squeezed into, whatever they are."""
    return size + WORD * (size // (WORD * BLOCK) + 1) + SLACK


def squeeze(const uint8_t[::1] data not None, int64_t stride, uint8_t[::1] out not None):
    """Writes bytes without what repeats into a buffer of `most` of them.

    Args:
        stride: Bytes of an element, whole words; 0 of what has none.

    Returns:
        How many bytes that are.
    """
    cdef int64_t size = data.shape[0], written = 0
    if stride < 0 or stride % WORD:
        raise ValueError("an element is no whole words")
    if out.shape[0] < most(size):
        raise ValueError("the buffer is too small")
    if size:
        with nogil:
            written = _squeeze(&data[0], size, stride or size, &out[0])
    return written


def expand(const uint8_t[::1] data not None, int64_t size, int64_t stride, uint8_t[::1] out not None):
    """Writes the bytes that were squeezed into the first `size` of a buffer, which has SLACK more.

    Args:
        stride: As it was.

    Raises:
        ValueError: They are others, or more or fewer.
    """
    cdef int64_t read = 0
    if stride < 0 or stride % WORD:
        raise ValueError("an element is no whole words")
    if not 0 <= size <= data.shape[0] - SLACK:
        raise ValueError("the buffer is too small")
    if out.shape[0]:
        with nogil:
            read = _expand(&data[0], size, stride or out.shape[0], &out[0], out.shape[0])
    if read != size:
        raise ValueError("the bytes are not those that were written")


cdef int64_t _squeeze(const uint8_t* s, int64_t size, int64_t stride, uint8_t* out) noexcept nogil:
    cdef int64_t words = size // WORD, at = 0, end = 0
    while at < words:
        if WORD * at >= stride and at + BLOCK <= words:
            end += _squeeze_block(s + WORD * at, stride, out + end)
        else:
            end += _squeeze_some(s, at, min(words, at + BLOCK), stride, out + end)
        at += BLOCK
    memcpy(out + end, s + WORD * words, size - WORD * words)
    return end + size - WORD * words


cdef inline int64_t _squeeze_block(const uint8_t* s, int64_t stride, uint8_t* out) noexcept nogil:
    """Writes a block of words that each have one to be taken from; how many bytes that are."""
    cdef int64_t here = WORD
    cdef uint64_t word, before, sent = 0
    cdef int i, k, at
    fetch_all(s + AHEAD, WORD * BLOCK)
    for i in range(BLOCK // UNROLLED):
        for k in range(UNROLLED):
            at = UNROLLED * i + k
            memcpy(&word, s + WORD * at, WORD)
            memcpy(&before, s + WORD * at - stride, WORD)
            word ^= before
            memcpy(out + here, &word, WORD)          # the next one goes over a zero
            here += WORD * (word != 0)
            sent |= <uint64_t>(word != 0) << at
    memcpy(out, &sent, WORD)
    return here


cdef int64_t _squeeze_some(const uint8_t* s, int64_t at, int64_t end, int64_t stride, uint8_t* out) noexcept nogil:
    """The same of a block in which there are fewer words, or some have none to be taken from."""
    cdef int64_t here = WORD, i
    cdef uint64_t word, sent = 0, before = 0
    for i in range(at, end):
        memcpy(&word, s + WORD * i, WORD)
        if WORD * i >= stride:
            memcpy(&before, s + WORD * i - stride, WORD)
        word ^= before
        memcpy(out + here, &word, WORD)
        here += WORD * (word != 0)
        sent |= <uint64_t>(word != 0) << (i - at)
    memcpy(out, &sent, WORD)
    return here


cdef int64_t _expand(const uint8_t* s, int64_t size, int64_t stride, uint8_t* out, int64_t wanted) noexcept nogil:
    """How many bytes were read; -1 where there are fewer than the words need."""
    cdef int64_t words = wanted // WORD, at = 0, here = 0
    while at < words:
        if here + WORD > size:
            return -1
        if WORD * at >= stride and at + BLOCK <= words:
            here += _expand_block(s + here, stride, out + WORD * at)
        else:
            here += _expand_some(s + here, at, min(words, at + BLOCK), stride, out)
        if here > size:
            return -1
        at += BLOCK
    if here + wanted - WORD * words > size:
        return -1
    memcpy(out + WORD * words, s + here, wanted - WORD * words)
    return here + wanted - WORD * words


cdef inline int64_t _expand_block(const uint8_t* s, int64_t stride, uint8_t* out) noexcept nogil:
    """Reads a block of words that each had one to be taken from; how many bytes that are."""
    cdef int64_t here = WORD
    cdef uint64_t word, before, sent
    cdef int i, k, at
    memcpy(&sent, s, WORD)
    for i in range(BLOCK // UNROLLED):
        for k in range(UNROLLED):
            at = UNROLLED * i + k
            memcpy(&word, s + here, WORD)
            memcpy(&before, out + WORD * at - stride, WORD)
            word = (word & (<uint64_t>0 - (sent & 1))) ^ before
            memcpy(out + WORD * at, &word, WORD)
            here += WORD * <int64_t>(sent & 1)
            sent >>= 1
    return here


cdef int64_t _expand_some(const uint8_t* s, int64_t at, int64_t end, int64_t stride, uint8_t* out) noexcept nogil:
    """The same of a block in which there are fewer words, or some had none to be taken from."""
    cdef int64_t here = WORD, i
    cdef uint64_t word, sent, before = 0
    memcpy(&sent, s, WORD)
    for i in range(at, end):
        memcpy(&word, s + here, WORD)
        word &= <uint64_t>0 - (sent & 1)
        if WORD * i >= stride:
            memcpy(&before, out + WORD * i - stride, WORD)
        word ^= before
        memcpy(out + WORD * i, &word, WORD)
        here += WORD * <int64_t>(sent & 1)
        sent >>= 1
    return here
