"""Facts of a line that serve one rule each: the order of its modifiers, days of aftercare and of a substitute."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport in_set, known, unknown
from scrubber._lines cimport claim_of, has_any, npi_of
from scrubber.run cimport RunC, ValueC
from scrubber.structs cimport DENIED, MAX_MODIFIERS, NO_DAY, LineC
from scrubber.words cimport *


cdef ValueC detail_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """line.*, those attributes that one rule reads."""
    if attribute == A_LINE_MODIFIER_ORDER_BROKEN:
        return known(_order_broken(run, &run.batch.lines[line]))
    if attribute == A_LINE_DAYS_AFTER_SURGERY:
        return _days_after_surgery(run, line)
    return _locum_days(run, line)


cdef ValueC _setting(const RunC* run, int32_t line, int attribute) noexcept nogil:
    """A payer.* attribute of the line's payer."""
    return run.profiles[run.payer_profile[claim_of(run, line).payer]].settings[attribute - F_PAYER]


cdef int _rank(const RunC* run, int64_t modifier, int32_t day) noexcept nogil:
    """1 sets the price, 2 sets the service apart, 3 informs, 0 has no place of its own."""
    if in_set(run, run.special.pricing_modifiers, modifier, day):
        return 1
    if in_set(run, run.special.distinct_modifiers, modifier, day):
        return 2
    return 3 if in_set(run, run.special.informational_modifiers, modifier, day) else 0


cdef bint _order_broken(const RunC* run, const LineC* l) noexcept nogil:
    """Whether a modifier stands before one of a higher class.

    The plan of care (GP, GO, GN) and the assistant under it (CQ, CO) are taken in either order.
    """
    cdef int count = min(<int>l.modifier_count, MAX_MODIFIERS)
    cdef int i, j, early, late
    for i in range(count):
        early = _rank(run, l.modifiers[i], l.from_day)
        for j in range(i + 1, count):
            late = _rank(run, l.modifiers[j], l.from_day)
            if late == 0 or early <= late:
                continue
            if (in_set(run, run.special.plan_of_care, l.modifiers[i], l.from_day)
                    and in_set(run, run.special.therapy_assistants, l.modifiers[j], l.from_day)):
                continue
            return True
    return False


cdef ValueC _days_after_surgery(const RunC* run, int32_t line) noexcept nogil:
    """From the service date, which with 55 is that of the surgery, to the day the care was taken over (DTP*090)."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef int32_t taken = l.care_from if l.care_from != NO_DAY else claim_of(run, line).care_from
    if taken == NO_DAY or l.from_day == NO_DAY:
        return unknown(R_NO_FACT)
    return known(taken - l.from_day)


cdef ValueC _locum_days(const RunC* run, int32_t line) noexcept nogil:
    """For how many days in a row a substitute has stood in for the physician, this day included.

    The count runs over all patients of the physician, so what one patient's lines show is only a lower bound: it is an
    answer where it is above the payer's limit already. A line of the physician without Q5 or Q6 ends a run.
    """
    cdef const LineC* own = &run.batch.lines[line]
    cdef const LineC* l
    cdef ValueC limit = _setting(run, line, A_PAYER_LOCUM_DAYS)
    cdef int64_t npi = npi_of(run, line)
    cdef int32_t i, back = NO_DAY, first = own.from_day
    if claim_of(run, line).locum_days > 0:
        return known(claim_of(run, line).locum_days)
    if limit.state != 0 or npi == 0 or own.from_day == NO_DAY:
        return unknown(R_NO_FACT)
    for i in range(run.case_line_count):             # the last day on which the physician was there
        l = &run.batch.lines[run.case_lines[i]]
        if l.from_day >= own.from_day:
            break
        if (l.state != DENIED and npi_of(run, run.case_lines[i]) == npi
                and not has_any(run, l, run.special.substitutes, l.from_day)):
            back = l.from_day
    for i in range(run.case_line_count):             # the first day of the substitute since
        l = &run.batch.lines[run.case_lines[i]]
        if l.from_day >= own.from_day:
            break
        if (l.from_day > back and l.state != DENIED and npi_of(run, run.case_lines[i]) == npi
                and has_any(run, l, run.special.substitutes, l.from_day)):
            first = l.from_day
            break
    if own.from_day - first + 1 > limit.value:
        return known(own.from_day - first + 1)
    return unknown(R_NO_FACT)
