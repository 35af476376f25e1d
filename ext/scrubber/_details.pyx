"""Facts of a line that serve one rule each: order of its modifiers, days of aftercare, rows of the small lists."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, in_set, known, unknown
from scrubber._lines cimport claim_of, has_any, has_modifier, npi_of
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber.run cimport RunC, ValueC
from scrubber.structs cimport DENIED, MAX_MODIFIERS, NO_DAY, LineC
from scrubber.words cimport *


cdef enum:
    M_GP = 17 * 37 + 26
    M_GO = 17 * 37 + 25
    M_GN = 17 * 37 + 24
    PT_SLP = 1                   # keys of therapy_threshold
    OT = 2


cdef ValueC detail_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """line.*, those attributes that one rule reads."""
    if attribute == A_LINE_MODIFIER_ORDER_BROKEN:
        return known(_order_broken(run, &run.batch.lines[line]))
    if attribute == A_LINE_DAYS_AFTER_SURGERY:
        return _days_after_surgery(run, line)
    if attribute == A_LINE_LOCUM_DAYS:
        return _locum_days(run, line)
    if attribute == A_LINE_TELEHEALTH:
        return _listed(run, line, A_PAYER_TELEHEALTH_LIST, T_TELEHEALTH)
    if attribute == A_LINE_AUDIO:
        return _listed(run, line, A_PAYER_AUDIO_LIST, T_AUDIO_LIST)
    if attribute == A_LINE_WAIVED:
        return _worded(run, line, T_CLIA_WAIVED, C_CLIA_WAIVED_QW, V_LINE_WAIVED_QW, V_LINE_WAIVED_PLAIN)
    if attribute == A_LINE_THERAPY:
        return _worded(run, line, T_THERAPY_CODES, C_THERAPY_CODES_ALWAYS, V_LINE_THERAPY_ALWAYS, V_LINE_THERAPY_SOMETIMES)
    if attribute == A_LINE_THERAPY_CENTS:
        if not claim_of(run, line).therapy_sent:
            return unknown(R_NO_FACT)
        return known(claim_of(run, line).therapy_cents)
    if attribute == A_LINE_THERAPY_THRESHOLD:
        return _therapy_threshold(run, line)
    if attribute == A_LINE_SINGLE_DOSE:
        return _has_row(run, line, T_SINGLE_DOSE_DRUGS)
    return _fee_ratio(run, line)


cdef ValueC _has_row(const RunC* run, int32_t line, int table) noexcept nogil:
    """Whether a list of codes holds the line's; a partial one that lacks it does not tell."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[table], l.from_day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if l.code > 0 and row_on(edition, l.code, l.from_day) >= 0:
        return known(1)
    return unknown(R_NO_ROW) if edition.partial else known(0)


cdef ValueC _listed(const RunC* run, int32_t line, int setting, int table) noexcept nogil:
    """Whether the list that the payer's setting names holds the code."""
    cdef ValueC list_ = _setting(run, line, setting)
    if list_.state != 0:
        return list_
    return known(1) if list_.value == V_PAYER_TELEHEALTH_LIST_ANY else _has_row(run, line, table)


cdef ValueC _worded(const RunC* run, int32_t line, int table, int column, int yes, int no) noexcept nogil:
    """One of two words by a flag of the code's row; 0, the first word, where the list lacks it."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[table], l.from_day)
    cdef ValueC found = _has_row(run, line, table)
    if found.state != 0 or found.value == 0:
        return found
    return known(yes if edition.column[column][row_on(edition, l.code, l.from_day)] else no)


cdef ValueC _therapy_threshold(const RunC* run, int32_t line) noexcept nogil:
    """The year's amount in cents for the plan of care that the line names."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_THERAPY_THRESHOLD], l.from_day)
    cdef ValueC whose = _setting(run, line, A_PAYER_THERAPY_THRESHOLD)
    cdef int64_t row
    if whose.state != 0:
        return whose
    if whose.value == V_PAYER_THERAPY_THRESHOLD_NONE:
        return absent()
    if not (has_modifier(l, M_GP) or has_modifier(l, M_GN) or has_modifier(l, M_GO)):
        return absent()
    if edition == NULL or l.from_day >= edition.ends:
        return unknown(R_NO_EDITION)                 # each year has an amount of its own
    row = row_on(edition, OT if has_modifier(l, M_GO) else PT_SLP, l.from_day)
    return unknown(R_NO_ROW) if row < 0 else known(edition.column[C_THERAPY_THRESHOLD_AMOUNT][row] // 10)


cdef ValueC _fee_ratio(const RunC* run, int32_t line) noexcept nogil:
    """Charge in percent of the practice's own charge of one side, rounded down."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_OWN_FEE_SCHEDULE], l.from_day)
    cdef int64_t row
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = row_on(edition, l.code, l.from_day) if l.code > 0 else -1
    if row < 0 or not l.charge_sent or edition.column[C_OWN_FEE_SCHEDULE_CHARGE][row] <= 0:
        return unknown(R_NO_ROW) if row < 0 and edition.partial else absent()
    return known(l.charge_cents * 1000 // edition.column[C_OWN_FEE_SCHEDULE_CHARGE][row])


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
