"""Named sets that compiled code itself reads."""

from scrubber.run cimport SpecialC

cdef int fill_special(SpecialC* special, dict numbers) except -1
