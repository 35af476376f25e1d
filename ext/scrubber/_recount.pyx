"""What the only claim of a batch bills, in place of what was counted before: a few lines need no index."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memmove, memset

from scrubber._lines cimport npi_of, specialty_of
from scrubber._practice cimport BilledC, PeriodC, Practice, PracticeC, count_line, is_billed, is_counted
from scrubber.days cimport CivilC, civil_of
from scrubber.grow cimport grow
from scrubber.run cimport RunC
from scrubber.structs cimport DENIED, DRAFT, NO_DAY, PROFESSIONAL, ClaimC, LineC


cdef int recount(Practice practice, RunC* run) except -1 nogil:
    """Counts the claim anew; `run.live` of it is known."""
    cdef const ClaimC* claim = &run.batch.claims[0]
    cdef const LineC* l
    cdef PeriodC* period
    cdef int64_t npi
    cdef int32_t k
    practice.c.billed_count = 0
    practice.c.period_count = 0
    if not run.live[0] or claim.kind != PROFESSIONAL or claim.state == DENIED:
        return 0
    for k in range(claim.first_line, claim.first_line + claim.line_count):
        l = &run.batch.lines[k]
        npi = npi_of(run, k)
        if npi == 0 or not is_billed(l):
            continue
        _add_billed(practice, npi, l.code)
        if l.from_day != NO_DAY and is_counted(l.code):
            period = _period_of(practice, npi, specialty_of(run, k), l.from_day)
            count_line(period, l)
            if l.state == DRAFT:
                period.claim = 0
    return 0


cdef int _add_billed(Practice practice, int64_t npi, int64_t code) except -1 nogil:
    """Notes that a provider bills a code, in order."""
    cdef PracticeC* c = &practice.c
    cdef int32_t at = 0
    while at < c.billed_count and (c.billed[at].npi < npi or (c.billed[at].npi == npi and c.billed[at].code < code)):
        at += 1
    if at < c.billed_count and c.billed[at].npi == npi and c.billed[at].code == code:
        return 0
    grow(<void**>&c.billed, &practice.billed_room, c.billed_count, sizeof(BilledC))
    memmove(&c.billed[at + 1], &c.billed[at], <size_t>(c.billed_count - at) * sizeof(BilledC))
    c.billed[at].npi = npi
    c.billed[at].code = code
    c.billed_count += 1
    return 0


cdef bint _is_before(const PeriodC* period, int64_t npi, int64_t specialty, int32_t quarter) noexcept nogil:
    if period.npi != npi:
        return period.npi < npi
    if period.specialty != specialty:
        return period.specialty < specialty
    return period.quarter < quarter


cdef PeriodC* _period_of(Practice practice, int64_t npi, int64_t specialty, int32_t day) except NULL nogil:
    """The period of a provider, a new one in its place where there is none yet."""
    cdef PracticeC* c = &practice.c
    cdef CivilC civil = civil_of(day)
    cdef int32_t quarter = civil.year * 4 + (civil.month - 1) // 3, at = 0
    cdef PeriodC* period
    while at < c.period_count and _is_before(&c.periods[at], npi, specialty, quarter):
        at += 1
    if (at < c.period_count and c.periods[at].npi == npi and c.periods[at].specialty == specialty
            and c.periods[at].quarter == quarter):
        return &c.periods[at]
    grow(<void**>&c.periods, &practice.period_room, c.period_count, sizeof(PeriodC))
    period = &c.periods[at]
    memmove(period + 1, period, <size_t>(c.period_count - at) * sizeof(PeriodC))
    memset(period, 0, sizeof(PeriodC))
    period.npi = npi
    period.specialty = specialty
    period.quarter = quarter
    period.claim = -1
    c.period_count += 1
    return period
