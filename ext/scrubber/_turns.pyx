"""Work that threads take piece by piece; see _turns.pxd."""

from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free


cdef class Turns:

    def __cinit__(self, int threads=1):
        self.threads = threads
        self.taken = <int32_t*>calloc(<size_t>threads * APART, sizeof(int32_t))
        if self.taken == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.taken)
