"""Sums of the units of one code, day and provider, and the limit they are held against."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, code_in, known, line_facts, unknown
from scrubber._lines cimport claim_of, is_asc, per_day_milli, same_scope, side_of, tin_of
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.grow cimport grow
from scrubber.pack cimport POW_37_6
from scrubber.run cimport CodeDayC, DayC, RunC, UnitC, ValueC
from scrubber.structs cimport DENIED, DRAFT, INSTITUTIONAL, NO_DAY, LineC
from scrubber.words cimport *

cdef enum:
    SUPPLIER_332B = ((4 * 37 + 4) * 37 + 3) * 37 + 12
    CODE_90461 = (((10 * 37 + 1) * 37 + 5) * 37 + 7) * 37 + 2
    CODE_M0201 = (((23 * 37 + 1) * 37 + 3) * 37 + 1) * 37 + 2
    LETTER_A = 11
    SUPPLIER_335E = ((4 * 37 + 4) * 37 + 6) * 37 + 15


cdef int sum_day(RunC* run, const SlotC* slot, int32_t start) except -1 nogil:
    """Adds the sums of a slot's code and day, when a draft takes part."""
    cdef DayC* day
    cdef int32_t i, line, date
    cdef int64_t units, left = 0, right = 0, rest = 0, running = 0
    cdef int mai = 0, side
    cdef const LineC* l
    cdef const EditionC* edition
    cdef int64_t row
    cdef int32_t value_column
    if slot.drafts == 0:
        return 0
    date = run.batch.lines[slot.first].from_day
    grow(<void**>&run.days, &run.day_room, run.day_count, sizeof(DayC))
    day = &run.days[run.day_count]
    run.day_count += 1
    day.units_milli = 0
    day.max_line_milli = 0
    day.line = -1
    day.limit_milli = -1
    edition = mue_edition(run, slot.first)
    if edition != NULL:
        row = _mue_row(run, edition, slot.first)
        if row >= 0:
            day.limit_milli = <int64_t>edition.column[C_MUE_PRACTITIONER_VALUE][row] * 1000
            mai = edition.column[C_MUE_PRACTITIONER_MAI][row]
            if is_asc(run, slot.first) and _bilateral(run, slot.first):
                day.limit_milli *= 2
    # Spans that began earlier count on this day too.
    for i in range(start):
        line = run.case_lines[i]
        l = &run.batch.lines[line]
        if (l.thru_day != NO_DAY and l.thru_day >= date and l.code == slot.code and l.state != DENIED
                and claim_of(run, line).kind == slot.kind and same_scope(run, slot.first, line) == 1):
            units = per_day_milli(l)
            running += units
            rest += units
    for i in range(slot.start, slot.start + slot.count):
        line = run.partners[i]
        l = &run.batch.lines[line]
        units = per_day_milli(l)
        running += units
        side = side_of(l) if l.modifier_count else V_LINE_SIDE_NONE
        if side == V_LINE_SIDE_LEFT:
            left += units
        elif side == V_LINE_SIDE_RIGHT:
            right += units
        else:
            rest += units
        if l.state != DRAFT:
            continue
        day.max_line_milli = max(day.max_line_milli, units)
        if day.line < 0 and day.limit_milli >= 0 and (units if mai == 1 else running) > day.limit_milli:
            day.line = line
    if day.line < 0:
        for i in range(slot.start, slot.start + slot.count):
            if run.batch.lines[run.partners[i]].state == DRAFT:
                day.line = run.partners[i]
    day.units_milli = running
    day.paired_milli = max(left, right) + rest
    day.first_related = slot.start
    day.related_count = slot.count
    return 0


cdef int mue_table(const RunC* run, int32_t line) noexcept nogil:
    """The table of limits of the line's setting: outpatient hospital, supplier (by the billing taxonomy), practitioner."""
    cdef int32_t billing = claim_of(run, line).billing
    cdef int64_t taxonomy = 0 if billing < 0 else run.batch.providers[billing].taxonomy
    if claim_of(run, line).kind == INSTITUTIONAL:
        return T_MUE_OUTPATIENT_HOSPITAL
    if taxonomy > 0 and (taxonomy // POW_37_6 == SUPPLIER_332B or taxonomy // POW_37_6 == SUPPLIER_335E):
        return T_MUE_DME
    return T_MUE_PRACTITIONER


cdef const EditionC* mue_edition(RunC* run, int32_t line) noexcept nogil:
    """The edition of these limits on the line's day; NULL where the payer does not use Medicare's."""
    if run.profiles[run.payer_profile[claim_of(run, line).payer]].mue == 0:
        return NULL
    return edition_on(&run.tables.chains[mue_table(run, line)], run.batch.lines[line].from_day)


cdef inline int64_t _mue_row(RunC* run, const EditionC* edition, int32_t line) noexcept nogil:
    """The row of the line's code in the edition of its setting."""
    if mue_table(run, line) == T_MUE_PRACTITIONER:
        return line_facts(run, line).mue_row
    return first_row(edition, run.batch.lines[line].code)


cdef ValueC mue_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """mue.*: no row is unknown, because some limits are not published."""
    cdef const EditionC* edition = mue_edition(run, line)
    cdef int64_t row
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = _mue_row(run, edition, line)
    if attribute == A_MUE_FOUND:
        return known(row >= 0)
    if row < 0:
        return unknown(R_NO_ROW)
    if attribute == A_MUE_VALUE:
        return known(<int64_t>edition.column[C_MUE_PRACTITIONER_VALUE][row] * 1000)
    return known(edition.column[C_MUE_PRACTITIONER_MAI][row])


cdef bint _bilateral(RunC* run, int32_t line) noexcept nogil:
    cdef CodeDayC* facts = line_facts(run, line)
    return facts.fee_row >= 0 and facts.fee.column[C_PFS_BILATERAL][facts.fee_row] == 49


cdef ValueC _addon_max(RunC* run, int32_t line) noexcept nogil:
    """day.addon_max: most units of an add-on that the code set allows."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_LIMITED_ADDON], l.from_day)
    cdef int64_t row
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = row_on(edition, l.code, l.from_day)
    return known(<int64_t>edition.column[C_LIMITED_ADDON_MAX][row] * 1000) if row >= 0 else absent()


cdef ValueC _vaccines(RunC* run, int32_t line, int32_t number) noexcept nogil:
    """Vaccine products or administrations of the line's day and tax id, in units.

    The codes of administration that stand for one vaccine each are left out (numbers ending in A: their vaccine was
    given to the provider, and often not billed), and so is the visit at home. Codes that count components cannot be
    compared, because no claim tells the components; without any product nothing can.
    """
    cdef const LineC* own = &run.batch.lines[line]
    cdef const LineC* l
    cdef int64_t sum = 0
    cdef int32_t i, item
    if own.code == CODE_90461:
        return unknown(R_NO_FACT)
    for i in range(run.case_line_count):
        item = run.case_lines[i]
        l = &run.batch.lines[item]
        if l.from_day > own.from_day:
            break
        if (l.from_day != own.from_day or l.state == DENIED or claim_of(run, item).kind != claim_of(run, line).kind
                or tin_of(run, item) != tin_of(run, line) or not code_in(run, line_facts(run, item), number)):
            continue
        if l.code == CODE_90461 or l.code == CODE_M0201 or l.code % 37 == LETTER_A:
            continue
        sum += l.units_milli
    if sum // 1000 == 0 and number == run.special.vacprod:
        return unknown(R_NO_FACT)
    return known(sum // 1000)


cdef ValueC day_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """day.*"""
    cdef const DayC* day = &run.days[unit.day]
    if attribute == A_DAY_UNITS:
        return known(day.units_milli)
    if attribute == A_DAY_MAX_LINE_UNITS:
        return known(day.max_line_milli)
    if attribute == A_DAY_PAIRED_UNITS:
        return known(day.paired_milli)
    if attribute == A_DAY_ADDON_MAX:
        return _addon_max(run, unit.line)
    if attribute == A_DAY_VACCINE_ADMINS:
        return _vaccines(run, unit.line, run.special.vacadm)
    if attribute == A_DAY_VACCINE_PRODUCTS:
        return _vaccines(run, unit.line, run.special.vacprod)
    if day.limit_milli >= 0:
        return known(day.limit_milli)
    return unknown(R_NO_EDITION if mue_edition(run, unit.line) == NULL else R_NO_ROW)
