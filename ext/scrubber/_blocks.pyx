"""Large blocks of memory that wait for the next batch; see _blocks.pxd.

The last ones that were given back wait, no more than MOST_BYTES of them. Who scrubs batch after batch of one size gets
the same blocks each time, with their pages. While an input is scrubbed that is larger than what is held at once, nothing
waits: there memory counts.
"""

from libc.stdlib cimport free

from scrubber.grow cimport SCRUBBER_TIGHT

cdef enum:
    LARGE = 1 << 20              # bytes of a block that waits
    MOST = 32                    # blocks
    MOST_BYTES = 96 << 20
    WASTE = 4                    # a block is not taken for less than a part of so many

cdef struct BlockC:
    void* start
    size_t size

cdef BlockC waiting[MOST]        # in the order in which they were given
cdef int count = 0
cdef size_t held = 0
cdef int paused = 0              # who has asked that nothing waits


cdef void* take_block(size_t size, size_t* holds) noexcept:
    """The smallest one that will do."""
    cdef int i, best = -1
    cdef void* start
    for i in range(count):
        if size <= waiting[i].size <= WASTE * size and (best < 0 or waiting[i].size < waiting[best].size):
            best = i
    if best < 0:
        return NULL
    start = waiting[best].start
    holds[0] = waiting[best].size
    _drop(best)
    return start


cdef void give_block(void* block, size_t size) noexcept:
    global count, held
    if SCRUBBER_TIGHT or paused or not LARGE <= size <= MOST_BYTES:
        free(block)
        return
    while count == MOST or held + size > MOST_BYTES:
        free(waiting[0].start)
        _drop(0)
    waiting[count].start = block
    waiting[count].size = size
    count += 1
    held += size


cdef void _drop(int number) noexcept:
    global count, held
    cdef int i
    held -= waiting[number].size
    count -= 1
    for i in range(number, count):
        waiting[i] = waiting[i + 1]


cdef class NoneWaits:
    """As long as a `with` lasts no block waits, in the whole process."""

    def __enter__(self):
        global paused
        paused += 1
        while count:
            free(waiting[count - 1].start)
            _drop(count - 1)

    def __exit__(self, *_):
        global paused
        paused -= 1


def waiting_bytes():
    """How many bytes wait."""
    return held
