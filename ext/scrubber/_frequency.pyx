"""How often a service is covered: the row of the frequency table, what was done before, and from when it is due again."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from scrubber._claims cimport age_day, age_on
from scrubber._facts cimport absent, in_set, known, unknown
from scrubber._lines cimport claim_of, first_on, has_modifier
from scrubber._tables cimport edition_on, first_row
from scrubber.days cimport CivilC, civil_of, number_of
from scrubber.run cimport LimitC, RunC, UnitC, ValueC
from scrubber.structs cimport DENIED, NO_DAY, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    M_26 = 3 * 37 + 7
    M_TC = 30 * 37 + 13
    FREQUENCY_UNSET = 0
    FREQUENCY_NONE = 1
    FREQUENCY_OWN = 3

cdef enum:                       # frequency.exempt
    EXEMPT_NONE = 0
    EXEMPT_CERVICAL_RISK = 1
    EXEMPT_BONE_RISK = 2


cdef bint next_limit(RunC* run, UnitC* unit) noexcept nogil:
    """The limit of a line's code in its payer's table; False where there is none."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int chosen = run.profiles[run.payer_profile[claim_of(run, unit.line).payer]].frequency
    cdef LimitC* limit = &unit.own.limit
    cdef int64_t row
    if chosen == FREQUENCY_NONE or l.code <= 0 or l.from_day == NO_DAY:
        return False
    memset(limit, 0, sizeof(LimitC))
    limit.reason = 0 if chosen != FREQUENCY_UNSET else R_NO_SETTING
    limit.row = -1
    limit.table = T_OWN_FREQUENCY if chosen == FREQUENCY_OWN else T_FREQUENCY
    limit.edition = edition_on(&run.tables.chains[limit.table], l.from_day)
    if limit.edition == NULL:
        limit.reason = R_NO_EDITION
        return True                                  # any code may have one
    row = first_row(limit.edition, l.code)
    while 0 <= row < limit.edition.rows and limit.edition.key[row] == l.code:
        if limit.edition.from_day[row] <= l.from_day < limit.edition.to_day[row] and _is_closer(run, unit, row):
            limit.row = row
        row += 1
    if limit.row < 0:
        return False
    if limit.reason == 0:
        _count(run, unit)
    return True


cdef bint _is_closer(RunC* run, UnitC* unit, int64_t row) noexcept nogil:
    """Of several rows the first, but for one whose ages hold the patient's; sets whether the age is right."""
    cdef LimitC* limit = &unit.own.limit
    cdef int32_t low = limit.edition.column[C_FREQUENCY_AGE_LOW][row]
    cdef int32_t high = limit.edition.column[C_FREQUENCY_AGE_HIGH][row]
    cdef int32_t claim = run.batch.lines[unit.line].claim
    cdef ValueC age = age_on(run, claim, age_day(run, claim, run.batch.lines[unit.line].from_day))
    cdef bint holds = low == 0 and high == 0
    cdef bint first = limit.row < 0
    if not holds and age.state == 0:
        holds = low <= age.value and (high == 0 or age.value <= high)
    elif not holds:
        if first:
            limit.age_ok = 0
            limit.age_reason = age.state
        return first
    if first or (holds and (limit.age_reason != 0 or not limit.age_ok)):
        limit.age_ok = holds
        limit.age_reason = 0
        return True
    return False


cdef int32_t _month_start(int32_t day, int32_t months) noexcept nogil:
    """The first day of the month so many months after that of the day."""
    cdef CivilC civil = civil_of(day)
    cdef int32_t month = civil.year * 12 + civil.month - 1 + months
    civil.year = month // 12
    civil.month = month % 12 + 1
    civil.day = 1
    return number_of(civil)


cdef void _count(RunC* run, UnitC* unit) noexcept nogil:
    """Services on earlier days that still count, and from when another one is covered.

    Source:
        Medicare Claims Processing Manual ch. 18: so many full months must have passed after the month of the last
        service, so that the next one is due on the first of the month after them.
    """
    cdef LimitC* limit = &unit.own.limit
    cdef const LineC* own = &run.batch.lines[unit.line]
    cdef int64_t row = limit.row
    cdef int64_t also = limit.edition.column[C_FREQUENCY_ALSO][row]
    cdef int32_t most = limit.edition.column[C_FREQUENCY_MAX][row]
    cdef int32_t period = limit.edition.column[C_FREQUENCY_PERIOD][row]
    cdef int32_t length = limit.edition.column[C_FREQUENCY_LENGTH][row]
    cdef int32_t low = first_on(run, own.from_day), day, since
    cdef const LineC* l
    limit.used = 0
    limit.last = NO_DAY
    limit.eligible_from = NO_DAY
    limit.exempt = _is_exempt(run, unit)
    if period == V_LIMIT_PERIOD_MONTHS:
        since = _month_start(own.from_day, -length)
    elif period == V_LIMIT_PERIOD_DAYS:
        since = own.from_day - length + 1
    else:
        since = NO_DAY + 1
    while low > 0:
        low -= 1
        l = &run.batch.lines[run.case_lines[low]]
        day = l.from_day
        if day < since:
            break
        if (l.state == DENIED or (l.code != own.code and (also <= 0 or l.code != also))
                or not _counts(run, unit.line, run.case_lines[low])):
            continue
        if limit.last == NO_DAY:
            limit.last = day
        limit.used += 1
        if limit.used == most and period == V_LIMIT_PERIOD_MONTHS:
            limit.eligible_from = _month_start(day, length + 1)
        elif limit.used == most and period == V_LIMIT_PERIOD_DAYS:
            limit.eligible_from = day + length
    limit.eligible = limit.used < most
    limit.eligible_reason = 0
    if period == V_LIMIT_PERIOD_LIFETIME:
        since = claim_of(run, unit.line).birth
    if limit.eligible and (run.history_from == NO_DAY or since == NO_DAY or run.history_from > since):
        limit.eligible_reason = R_NO_HISTORY


cdef bint _counts(const RunC* run, int32_t line, int32_t item) noexcept nogil:
    """Whether an earlier line is a service of the same kind of claim and payer, and not the other part of one."""
    cdef const LineC* a = &run.batch.lines[line]
    cdef const LineC* b = &run.batch.lines[item]
    cdef const ClaimC* x = claim_of(run, line)
    cdef const ClaimC* y = claim_of(run, item)
    if x.kind != y.kind or run.payer_profile[x.payer] != run.payer_profile[y.payer]:
        return False
    return not ((has_modifier(a, M_26) and has_modifier(b, M_TC)) or (has_modifier(a, M_TC) and has_modifier(b, M_26)))


cdef bint _is_exempt(const RunC* run, const UnitC* unit) noexcept nogil:
    """Whether the line points to a diagnosis that the limit is not meant for."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef const ClaimC* claim = claim_of(run, unit.line)
    cdef int32_t exempt = unit.own.limit.edition.column[C_FREQUENCY_EXEMPT][unit.own.limit.row]
    cdef int32_t number, i
    if exempt == EXEMPT_NONE:
        return False
    number = run.special.cervical_risk if exempt == EXEMPT_CERVICAL_RISK else run.special.bone_risk
    for i in range(l.pointer_count):
        if 0 < l.pointers[i] <= claim.diagnosis_count and in_set(
                run, number, run.batch.diagnoses[claim.first_diagnosis + l.pointers[i] - 1].code, l.from_day):
            return True
    return False


cdef ValueC frequency_value(const UnitC* unit, int attribute) noexcept nogil:
    """limit.*"""
    cdef const LimitC* limit = &unit.own.limit
    if limit.reason != 0:
        return unknown(limit.reason)
    if attribute == A_LIMIT_MAX:
        return known(limit.edition.column[C_FREQUENCY_MAX][limit.row])
    if attribute == A_LIMIT_PERIOD:
        return known(limit.edition.column[C_FREQUENCY_PERIOD][limit.row])
    if attribute == A_LIMIT_LENGTH:
        return known(limit.edition.column[C_FREQUENCY_LENGTH][limit.row])
    if attribute == A_LIMIT_USED:
        return known(limit.used)
    if attribute == A_LIMIT_LAST:
        return known(limit.last) if limit.last != NO_DAY else absent()
    if attribute == A_LIMIT_ELIGIBLE_FROM:
        return known(limit.eligible_from) if limit.eligible_from != NO_DAY else absent()
    if attribute == A_LIMIT_ELIGIBLE:
        return known(limit.eligible) if limit.eligible_reason == 0 else unknown(limit.eligible_reason)
    if attribute == A_LIMIT_AGE_OK:
        return known(limit.age_ok) if limit.age_reason == 0 else unknown(limit.age_reason)
    return known(limit.exempt)
