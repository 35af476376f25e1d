"""The compiled rules, and the evaluation of one rule on one unit."""

from libc.stdint cimport int32_t, int64_t

from scrubber._hits cimport HitsC
from scrubber.run cimport ProfileC, ProgramC, RunC, UnitC, ValueC

cdef int judge(RunC* run, HitsC* hits, int32_t rule, const UnitC* unit, const UnitC* partner, int32_t case_start,
               bint keep_all) except -1 nogil


cdef class Program:
    """Rules, conditions, sets as flat arrays; immutable after construction."""
    cdef ProgramC c
    cdef readonly object lowered
    cdef list _keep


cdef class Profiles:
    """Settings and severities of payer profiles as flat arrays; immutable after construction."""
    cdef ProfileC* c
    cdef readonly int count
    cdef list _keep
