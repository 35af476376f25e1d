"""What lines of one patient and day are together: pairs of codes with a PTP row, sums of units, add-ons."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport realloc

from scrubber._facts cimport absent, code_in, known, line_facts, unknown
from scrubber._lines cimport (
    anatomic, claim_of, has_any, has_modifier, is_asc, per_day_milli, same_group, same_scope, side_of,
)
from scrubber._tables cimport EditionC, edition_on, first_row
from scrubber.run cimport CodeDayC, DayC, PairC, ProfileC, RunC, UnitC, ValueC
from scrubber.structs cimport DENIED, DRAFT, INSTITUTIONAL, MINUTES, NO_DAY, LineC
from scrubber.words cimport *

cdef enum:
    POW_37_5 = 69343957
    M_91 = 10 * 37 + 2
    M_27 = 3 * 37 + 8
    CHAIN_DEPTH = 8
    NO_ROW = -1
    WITHDRAWN = -2
    SUPPLIER_332B = ((4 * 37 + 4) * 37 + 3) * 37 + 12
    SUPPLIER_335E = ((4 * 37 + 4) * 37 + 6) * 37 + 15

cdef int64_t POW_37_6 = 2565726409


cdef int _room(void** array, int32_t* room, int32_t count, size_t size) except -1 nogil:
    """Makes room for one more element."""
    cdef void* grown
    if count < room[0]:
        return 0
    grown = realloc(array[0], <size_t>(2 * room[0] + 64) * size)
    if grown == NULL:
        with gil:
            raise MemoryError
    array[0] = grown
    room[0] = 2 * room[0] + 64
    return 0


cdef int prepare_pairs(RunC* run) except -1 nogil:
    """Fills pairs and days of the case in hand.

    The lines of a day are grouped into slots, one per code, claim kind and provider; only slots are compared with
    each other, so that equal lines cost nothing, and lines are looked at again only for pairs that have a row.
    """
    cdef int32_t i = 0, j
    cdef int32_t day
    run.pair_count = 0
    run.day_count = 0
    run.partner_count = 0
    while i < run.case_line_count:
        day = run.batch.lines[run.case_lines[i]].from_day
        j = i
        while j < run.case_line_count and run.batch.lines[run.case_lines[j]].from_day == day:
            j += 1
        _one_day(run, i, j)
        i = j
    return 0


cdef int _one_day(RunC* run, int32_t start, int32_t end) except -1 nogil:
    cdef SlotC* slots
    cdef int32_t n = 0, i, k, line
    cdef const LineC* l
    cdef bint drafts = False
    for i in range(start, end):
        drafts = drafts or run.batch.lines[run.case_lines[i]].state == DRAFT
    if not drafts:
        return 0
    for i in range(start, end):
        line = run.case_lines[i]
        l = &run.batch.lines[line]
        if l.state == DENIED or l.code <= 0:
            continue
        slots = <SlotC*>run.slots
        for k in range(n):
            if (slots[k].code == l.code and slots[k].kind == claim_of(run, line).kind
                    and same_scope(run, slots[k].first, line) == 1):
                slots[k].count += 1
                break
        else:
            _room(&run.slots, &run.slot_room, n, sizeof(SlotC))
            slots = <SlotC*>run.slots
            slots[n].code = l.code
            slots[n].first = line
            slots[n].kind = claim_of(run, line).kind
            slots[n].count = 1
            n += 1
    slots = <SlotC*>run.slots
    for k in range(n):
        slots[k].start = run.partner_count
        for i in range(start, end):
            line = run.case_lines[i]
            l = &run.batch.lines[line]
            if l.state != DENIED and l.code == slots[k].code and claim_of(run, line).kind == slots[k].kind and (
                    line == slots[k].first or same_scope(run, slots[k].first, line) == 1):
                _room(<void**>&run.partners, &run.partner_room, run.partner_count, sizeof(int32_t))
                run.partners[run.partner_count] = line
                run.partner_count += 1
        slots[k].count = run.partner_count - slots[k].start
        _sum(run, &slots[k], start)
    for i in range(n):
        for k in range(i + 1, n):
            if slots[i].kind == slots[k].kind and slots[i].code != slots[k].code:
                _compare(run, &slots[i], &slots[k])
    return 0


cdef bint _has_draft(const RunC* run, const SlotC* slot) noexcept nogil:
    cdef int32_t i
    for i in range(slot.start, slot.start + slot.count):
        if run.batch.lines[run.partners[i]].state == DRAFT:
            return True
    return False


cdef int _compare(RunC* run, const SlotC* a, const SlotC* b) except -1 nogil:
    """Adds the pairs of two codes of one day, in whichever direction the table has a row."""
    cdef int scope = same_scope(run, a.first, b.first)
    cdef const ProfileC* profile = &run.profiles[run.payer_profile[claim_of(run, a.first).payer]]
    cdef int32_t day = run.batch.lines[a.first].from_day
    cdef const EditionC* edition
    cdef int64_t row, back
    cdef int column = C_NCCI_PTP_HOSPITAL_INDICATOR if a.kind == INSTITUTIONAL else C_NCCI_PTP_PRACTITIONER_INDICATOR
    if scope == 0 or not (_has_draft(run, a) or _has_draft(run, b)):
        return 0
    edition = edition_on(&run.tables.chains[
        T_NCCI_PTP_HOSPITAL if a.kind == INSTITUTIONAL else T_NCCI_PTP_PRACTITIONER], day)
    if profile.ptp == 0 or edition == NULL:
        return _add_unknown(run, a, b, R_NO_EDITION)
    row = _governing(edition, a.code * POW_37_5 + b.code, day, column)
    back = _governing(edition, b.code * POW_37_5 + a.code, day, column)
    if row >= 0:
        _add(run, a, b, edition, row, R_NO_FACT if scope < 0 else 0)
    if back >= 0:
        _add(run, b, a, edition, back, R_NO_FACT if scope < 0 else 0)
    if row == NO_ROW and back == NO_ROW and edition.partial and not (_covered(run, a.first) and _covered(run, b.first)):
        return _add_unknown(run, a, b, R_NO_ROW)
    return 0


cdef int64_t _governing(const EditionC* edition, int64_t key, int32_t day, int column) noexcept nogil:
    """Of the rows in force the one that ends first; WITHDRAWN where all are withdrawn (9), NO_ROW where none is."""
    cdef int64_t row = first_row(edition, key)
    cdef int64_t found = NO_ROW
    while 0 <= row < edition.rows and edition.key[row] == key:
        if edition.from_day[row] <= day < edition.to_day[row]:
            if edition.column[column][row] <= 1:
                return row
            found = WITHDRAWN
        row += 1
    return found


cdef bint _covered(RunC* run, int32_t line) noexcept nogil:
    """Whether a partial edition knows the code, so that its silence about a pair is an answer."""
    return line_facts(run, line).fee_row >= 0


cdef int _add_unknown(RunC* run, const SlotC* a, const SlotC* b, int reason) except -1 nogil:
    """One unit for two codes whose row cannot be looked up: rules about it are not evaluated."""
    cdef PairC* pair
    cdef const SlotC* act = b if _has_draft(run, b) else a
    cdef const SlotC* other = a if act == b else b
    _room(<void**>&run.pairs, &run.pair_room, run.pair_count, sizeof(PairC))
    pair = &run.pairs[run.pair_count]
    run.pair_count += 1
    pair.line = _first_draft(run, act)
    pair.other = other.first
    pair.column2 = pair.line
    pair.column1 = other.first
    pair.first_related = other.start
    pair.related_count = other.count
    pair.row = -1
    pair.edition = NULL
    pair.role = V_PAIR_ROLE_COLUMN2
    pair.indicator = 0
    pair.lift = V_PAIR_LIFT_NONE
    pair.anatomic = 0
    pair.has_59 = 0
    pair.reason = <unsigned char>reason
    return 0


cdef int32_t _first_draft(const RunC* run, const SlotC* slot) noexcept nogil:
    cdef int32_t i
    for i in range(slot.start, slot.start + slot.count):
        if run.batch.lines[run.partners[i]].state == DRAFT:
            return run.partners[i]
    return slot.first


cdef int _add(RunC* run, const SlotC* one, const SlotC* two, const EditionC* edition, int64_t row,
              int reason) except -1 nogil:
    """Adds one unit per column-2 line; `one` holds the column-1 lines of the row."""
    cdef PairC* pair
    cdef int32_t i, k, line, draft
    cdef int lift, least
    cdef int column
    column = C_NCCI_PTP_HOSPITAL_INDICATOR if one.kind == INSTITUTIONAL else C_NCCI_PTP_PRACTITIONER_INDICATOR
    for i in range(two.start, two.start + two.count):
        line = run.partners[i]
        draft = -1
        for k in range(one.start, one.start + one.count):
            if run.batch.lines[run.partners[k]].state == DRAFT:
                draft = run.partners[k]
                break
        if run.batch.lines[line].state != DRAFT and draft < 0:
            continue
        _room(<void**>&run.pairs, &run.pair_room, run.pair_count, sizeof(PairC))
        pair = &run.pairs[run.pair_count]
        run.pair_count += 1
        pair.column2 = line
        pair.column1 = run.partners[one.start]
        least = 99
        pair.has_59 = has_any(run, &run.batch.lines[line], run.special.x59, run.batch.lines[line].from_day)
        for k in range(one.start, one.start + one.count):
            pair.has_59 |= has_any(run, &run.batch.lines[run.partners[k]], run.special.x59,
                                   run.batch.lines[line].from_day)
            lift = _lift(run, run.partners[k], line)
            if _strength(lift) < least:
                least = _strength(lift)
                pair.lift = <unsigned char>lift
                pair.column1 = run.partners[k]
        pair.row = row
        pair.edition = edition
        pair.indicator = <unsigned char>edition.column[column][row]
        pair.reason = <unsigned char>reason
        pair.anatomic = <unsigned char>anatomic(run, pair.column1, line)
        if run.batch.lines[line].state == DRAFT:
            pair.role = V_PAIR_ROLE_COLUMN2
            pair.line = line
            pair.other = pair.column1
            pair.first_related = one.start
            pair.related_count = one.count
        else:
            pair.role = V_PAIR_ROLE_COLUMN1
            pair.line = draft
            pair.other = line
            pair.first_related = i
            pair.related_count = 1
    return 0


cdef int _strength(int lift) noexcept nogil:
    return 0 if lift == V_PAIR_LIFT_NONE else (1 if lift == V_PAIR_LIFT_COLUMN1_59 else 2)


cdef int _lift(RunC* run, int32_t column1, int32_t column2) noexcept nogil:
    """What on the two lines an indicator 1 pair would be lifted by: an index in pair.lift.

    Source:
        NCCI Policy Manual ch. I s. E: 24 25 57 count on a visit, 58 78 79 on a procedure, 91 on a laboratory test,
        27 on a hospital visit, anatomic ones where they stand; 59 and X modifiers on either line since 2019-07-01
        (CR 11168), which the rules decide by payer and date.
    """
    cdef const LineC* one = &run.batch.lines[column1]
    cdef const LineC* two = &run.batch.lines[column2]
    cdef bint em1 = code_in(run, line_facts(run, column1), run.special.em_like)
    cdef bint em2 = code_in(run, line_facts(run, column2), run.special.em_like)
    cdef int32_t day = two.from_day
    if has_any(run, two, run.special.x59, day):
        return V_PAIR_LIFT_COLUMN2
    if has_any(run, two, run.special.anatomic_modifiers, day):
        return V_PAIR_LIFT_ANATOMIC
    if em2 and has_any(run, two, run.special.ptp_em_modifiers, day):
        return V_PAIR_LIFT_EM
    if not em2 and em1 and has_any(run, one, run.special.ptp_em_modifiers, day):
        return V_PAIR_LIFT_EM
    if not em2 and has_any(run, two, run.special.ptp_global_modifiers, day):
        return V_PAIR_LIFT_COLUMN2
    if has_modifier(two, M_91) and code_in(run, line_facts(run, column2), run.special.lab):
        return V_PAIR_LIFT_COLUMN2
    if em2 and has_modifier(two, M_27) and claim_of(run, column2).kind == INSTITUTIONAL:
        return V_PAIR_LIFT_COLUMN2
    if has_any(run, one, run.special.x59, day):
        return V_PAIR_LIFT_COLUMN1_59
    return V_PAIR_LIFT_NONE


cdef ValueC pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """pair.*, of a unit of the pair grain and of an item of the set `pair` (whose role is that of the parent's line)."""
    cdef const PairC* pair = &run.pairs[unit.pair]
    if pair.reason != 0:
        return unknown(pair.reason)
    if attribute == A_PAIR_ROLE:
        if unit.parent != NULL:
            return known(V_PAIR_ROLE_COLUMN2 if pair.column2 == unit.parent.line else V_PAIR_ROLE_COLUMN1)
        return known(pair.role)
    if attribute == A_PAIR_INDICATOR:
        return known(pair.indicator)
    if attribute == A_PAIR_LIFT:
        return known(pair.lift)
    if attribute == A_PAIR_ANATOMIC:
        return known(pair.anatomic)
    return known(pair.has_59)


cdef int _sum(RunC* run, const SlotC* slot, int32_t start) except -1 nogil:
    """Adds the sums of a slot's code and day, when a draft takes part."""
    cdef DayC* day
    cdef int32_t i, line, date
    cdef int64_t units, left = 0, right = 0, rest = 0, running = 0
    cdef int mai = 0
    cdef const LineC* l
    cdef const EditionC* edition
    cdef int64_t row
    cdef int32_t value_column
    if not _has_draft(run, slot):
        return 0
    date = run.batch.lines[slot.first].from_day
    _room(<void**>&run.days, &run.day_room, run.day_count, sizeof(DayC))
    day = &run.days[run.day_count]
    run.day_count += 1
    day.units_milli = 0
    day.max_line_milli = 0
    day.line = -1
    day.limit_milli = -1
    edition = mue_edition(run, slot.first)
    if edition != NULL:
        row = first_row(edition, slot.code)
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
        if side_of(l) == V_LINE_SIDE_LEFT:
            left += units
        elif side_of(l) == V_LINE_SIDE_RIGHT:
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


cdef ValueC mue_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """mue.*: no row is unknown, because some limits are not published."""
    cdef const EditionC* edition = mue_edition(run, line)
    cdef int64_t row
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = first_row(edition, run.batch.lines[line].code)
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


cdef ValueC day_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """day.*"""
    cdef const DayC* day = &run.days[unit.day]
    if attribute == A_DAY_UNITS:
        return known(day.units_milli)
    if attribute == A_DAY_MAX_LINE_UNITS:
        return known(day.max_line_milli)
    if attribute == A_DAY_PAIRED_UNITS:
        return known(day.paired_milli)
    if day.limit_milli >= 0:
        return known(day.limit_milli)
    return unknown(R_NO_EDITION if mue_edition(run, unit.line) == NULL else R_NO_ROW)


cdef bint _live_on(const RunC* run, int32_t line, int32_t item, int32_t day) noexcept nogil:
    """Whether the item can be a primary of the line: another line of the patient and claim kind, not denied."""
    return (item != line and run.batch.lines[item].state != DENIED and run.batch.lines[item].from_day == day
            and claim_of(run, item).kind == claim_of(run, line).kind)


cdef bint _row_applies(const RunC* run, const EditionC* aoc, int64_t row, int32_t line) noexcept nogil:
    """A row for practitioners or facilities only applies to their claims; a suspended one to none."""
    cdef int note = aoc.column[C_AOC_NOTE][row]
    if note == V_NOTE_PRACTITIONER:
        return claim_of(run, line).kind != INSTITUTIONAL
    if note == V_NOTE_FACILITY:
        return claim_of(run, line).kind == INSTITUTIONAL
    return note != V_NOTE_SUSPENDED


cdef enum:
    V_NOTE_NONE = 0
    V_NOTE_PRACTITIONER = 1
    V_NOTE_FACILITY = 2
    V_NOTE_SUSPENDED = 3


cdef bint _needs_listed(const EditionC* aoc, int64_t code, int32_t day) noexcept nogil:
    """Whether the code is an add-on of type 1; the primaries of the others are the contractor's to define."""
    cdef int64_t row = first_row(aoc, code)
    while 0 <= row < aoc.rows and aoc.key[row] == code:
        if (aoc.from_day[row] <= day < aoc.to_day[row] and aoc.column[C_AOC_NOTE][row] != V_NOTE_SUSPENDED
                and aoc.column[C_AOC_TYPE][row] == 1):
            return True
        row += 1
    return False


cdef enum:
    NOT_THERE, ELSEWHERE, UNSURE, REACHED            # how far a search for a primary came, the best last


cdef int _group_of(const RunC* run, int32_t line, int32_t item) noexcept nogil:
    cdef ValueC group = same_group(run, line, item)
    if group.state != 0:
        return UNSURE
    return REACHED if group.value != 0 else ELSEWHERE


cdef int _primary(RunC* run, int32_t line, int64_t addon, int32_t day, int depth) noexcept nogil:
    """Whether a listed primary of the add-on stands on the day and is, or leads to, a code that is no add-on."""
    cdef const EditionC* aoc = edition_on(&run.tables.chains[T_AOC], day)
    cdef int64_t row
    cdef int32_t i, item
    cdef int64_t primary
    cdef int found, best = NOT_THERE
    if aoc == NULL or depth > CHAIN_DEPTH:
        return NOT_THERE
    row = first_row(aoc, addon)
    while 0 <= row < aoc.rows and aoc.key[row] == addon:
        primary = aoc.column[C_AOC_PRIMARY][row]
        if aoc.from_day[row] <= day < aoc.to_day[row] and primary > 0 and _row_applies(run, aoc, row, line):
            for i in range(run.case_line_count):
                item = run.case_lines[i]
                if run.batch.lines[item].code != primary or not _live_on(run, line, item, day):
                    continue
                found = _group_of(run, line, item)
                if primary != addon and _needs_listed(aoc, primary, day):
                    found = min(found, _primary(run, item, primary, day, depth + 1))
                best = max(best, found)
                if best == REACHED:
                    return best
        row += 1
    return best


cdef ValueC aoc_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """aoc.*: the add-on rows of the line's code in force on its day."""
    cdef CodeDayC* facts = line_facts(run, line)
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* aoc = facts.aoc
    cdef int64_t row, code
    cdef int32_t i, item, day
    cdef int best
    if aoc == NULL:
        return unknown(R_NO_EDITION)
    if attribute == A_AOC_FOUND:
        if facts.aoc_row < 0 and aoc.partial and facts.fee_row < 0:
            return unknown(R_NO_ROW)
        return known(facts.aoc_row >= 0)
    if attribute == A_AOC_SUSPENDED:
        # Rows there are, but none on the day: the edit was suspended, or begins later.
        return known(facts.aoc_row < 0 and first_row(aoc, l.code) >= 0)
    if attribute == A_AOC_TYPE:
        if facts.aoc_row < 0:
            return absent()
        return known(aoc.column[C_AOC_TYPE][facts.aoc_row] - 1)
    code = l.code
    day = l.from_day
    if facts.aoc_row < 0:
        return absent()
    best = _primary(run, line, code, day, 0)
    if best != REACHED and code_in(run, facts, run.special.crosses_midnight):
        best = max(best, _primary(run, line, code, day - 1, 0))
    if best == REACHED:
        return known(V_AOC_PRIMARY_LISTED)
    if aoc.column[C_AOC_TYPE][facts.aoc_row] == 2:
        for i in range(run.case_line_count):
            item = run.case_lines[i]
            if (_live_on(run, line, item, day) and line_facts(run, item).aoc_row < 0
                    and not code_in(run, line_facts(run, item), run.special.em_like)):
                best = max(best, _group_of(run, line, item))
        if best == REACHED:
            return known(V_AOC_PRIMARY_ANY_PROCEDURE)
    if best == UNSURE:
        return unknown(R_NO_FACT)
    if best == ELSEWHERE:
        return known(V_AOC_PRIMARY_OTHER_GROUP)
    if run.profiles[run.payer_profile[claim_of(run, line).payer]].split_days and run.history_from == NO_DAY:
        return unknown(R_NO_HISTORY)
    return known(V_AOC_PRIMARY_NONE)
