"""A run, and how a run over one claim after another is made of it."""

from libc.stdint cimport int32_t

from scrubber._auth_run cimport Authorizations
from scrubber._batch cimport ClaimBatch
from scrubber._billers cimport BILLERS, BillerC
from scrubber._cases cimport Cases
from scrubber._coverage cimport Coverage
from scrubber._hits cimport HitsC
from scrubber._practice cimport Practice
from scrubber._program cimport Profiles, Program
from scrubber._screens cimport AskedC, PlanC
from scrubber._settle cimport Settling
from scrubber._tables cimport Tables
from scrubber.run cimport RunC, UnitC

cdef enum:
    GRAIN_COUNT = 16
    BLOCK = 16                   # cases that one thread judges in a row: what lies together is read together
    MOST_WAITING = 32            # units
    AHEAD = 3                    # units whose keys are filled while a bucket is on its way
    FETCHED = 8                  # lines, diagnoses or providers of the next claim

cdef struct PlaceC:
    int32_t day
    int32_t history              # 0 history, 1 draft: history first
    int32_t line


cdef class Run:
    """One run over one batch.

    Args:
        batch: Drafts and history.
        tables, program, profiles: What the claims meet.
        payer_profile: int32 per payer of the batch.
        special: Set numbers by name, for sets that compiled code reads.
        conflicts: Tuples (a, b, from_day, to_day, kinds, class).
        history_from: First day from which history is complete, or None.
        rules: Numbers of the rules to run.
        auths, policies, practice, cases, settling: Of the batch.
        keep_all: Record bypassed and not evaluated answers too.

    Attributes:
        crowded: Numbers of the claims of patients that hold more than any patient does; they were not judged.
    """
    cdef RunC c
    cdef HitsC hits
    cdef ClaimBatch batch
    cdef Program program
    cdef Tables tables
    cdef Profiles profiles
    cdef Authorizations auths
    cdef Coverage policies
    cdef Practice practice
    cdef Cases cases
    cdef Settling settling       # None: what is judged is settled
    cdef list _keep
    cdef object payers           # profile by payer, int32
    cdef readonly list crowded
    cdef PlanC plans[GRAIN_COUNT]
    cdef bint keep_all
    cdef PlaceC* places
    cdef int32_t place_room
    cdef UnitC nothing           # a unit that is bound to nothing
    cdef AskedC[MOST_WAITING] waiting
    cdef UnitC[MOST_WAITING] partners  # of those waiting that are pairs
    cdef int32_t waiting_count
    cdef BillerC[BILLERS] billers      # of the last claims

    cdef void* _array(self, values, dtype) except NULL
    cdef void _fetch(self, int32_t next_, int32_t after) noexcept nogil
    cdef int _defects(self) except -1 nogil
    cdef int _periods(self) except -1 nogil
    cdef int _case(self, const int32_t* claims, int32_t count, bint maybe_crowded) except -1 nogil
    cdef int _gather(self, const int32_t* claims, int32_t count) except -1 nogil
    cdef int _ask(self, int grain, const UnitC* unit, int32_t start) except -1 nogil
    cdef int _answer(self, int32_t start) except -1 nogil
    cdef int _judge_left(self, const AskedC* asked, const UnitC* partner, int32_t start) except -1 nogil
    cdef int _each_unscreened(self, int grain, const UnitC* unit, const UnitC* partner, int32_t start) except -1 nogil
    cdef int _whole(self, int32_t rule, const UnitC* unit, const UnitC* partner, int32_t start) except -1 nogil
    cdef int _claim(self, int32_t number, int32_t start) except -1 nogil
    cdef int _together(self, int32_t start) except -1 nogil
