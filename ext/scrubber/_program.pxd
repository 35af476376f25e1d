"""The compiled rules and payer profiles."""

from scrubber.run cimport ProfileC, ProgramC

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
