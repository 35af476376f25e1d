"""Work that threads take piece by piece; see _turns.pxd."""


cdef class Turns:
    pass
