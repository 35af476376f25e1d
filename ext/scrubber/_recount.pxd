"""What the only claim of a batch bills."""

from scrubber._practice cimport Practice
from scrubber.run cimport RunC

cdef int recount(Practice practice, RunC* run) except -1 nogil
