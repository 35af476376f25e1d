"""What lines of one patient and day are together: one slot per code and provider, and the pairs with a PTP row."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from scrubber._days cimport sum_day
from scrubber._facts cimport code_in, known, line_facts, unknown
from scrubber._lines cimport anatomic, claim_of, has_any, has_modifier, same_scope
from scrubber._tables cimport EditionC, bucket_of, edition_on, first_row
from scrubber.bits cimport fetch, slot_of
from scrubber.grow cimport grow
from scrubber.run cimport UNPAIRED_BITS, PairC, ProfileC, RunC, SlotC, UnitC, ValueC
from scrubber.structs cimport DENIED, DRAFT, INSTITUTIONAL, LineC
from scrubber.words cimport *

cdef enum:
    POW_37_5 = 69343957
    M_91 = 10 * 37 + 2
    M_27 = 3 * 37 + 8
    NO_ROW = -1                  # on any day
    ELSEWHEN = -2                # rows, but none of them in force
    WITHDRAWN = -3
    PAIR_BITS = 53               # of two codes: ten characters of 37


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
    cdef bint drafts = False, distinct = True        # codes
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
            if slots[k].code != l.code:
                continue
            distinct = False
            if slots[k].kind == claim_of(run, line).kind and same_scope(run, slots[k].first, line) == 1:
                slots[k].count += 1
                break
        else:
            grow(&run.slots, &run.slot_room, n, sizeof(SlotC))
            slots = <SlotC*>run.slots
            slots[n].code = l.code
            slots[n].first = line
            slots[n].kind = claim_of(run, line).kind
            slots[n].count = 1
            n += 1
    slots = <SlotC*>run.slots
    for k in range(n):
        slots[k].start = run.partner_count
        slots[k].drafts = 0
        if distinct:
            _add_to(run, &slots[k], slots[k].first)
        for i in range(end if distinct else start, end):
            line = run.case_lines[i]
            l = &run.batch.lines[line]
            if l.state != DENIED and l.code == slots[k].code and claim_of(run, line).kind == slots[k].kind and (
                    line == slots[k].first or same_scope(run, slots[k].first, line) == 1):
                _add_to(run, &slots[k], line)
        slots[k].count = run.partner_count - slots[k].start
        sum_day(run, &slots[k], start)
    for i in range(n):
        for k in range(i + 1, n):
            if slots[i].kind == slots[k].kind and slots[i].code != slots[k].code and slots[i].drafts + slots[k].drafts:
                _compare(run, &slots[i], &slots[k])
    return 0


cdef inline int _add_to(RunC* run, SlotC* slot, int32_t line) except -1 nogil:
    grow(<void**>&run.partners, &run.partner_room, run.partner_count, sizeof(int32_t))
    run.partners[run.partner_count] = line
    run.partner_count += 1
    slot.drafts += run.batch.lines[line].state == DRAFT
    return 0


cdef int _compare(RunC* run, const SlotC* a, const SlotC* b) except -1 nogil:
    """Adds the pairs of two codes of one day, in whichever direction the table has a row."""
    cdef int scope
    cdef const ProfileC* profile = &run.profiles[run.payer_profile[claim_of(run, a.first).payer]]
    cdef int32_t day = run.batch.lines[a.first].from_day
    cdef const EditionC* edition
    cdef int64_t row, back
    cdef uint64_t both
    cdef uint64_t* unpaired
    cdef int column = C_NCCI_PTP_HOSPITAL_INDICATOR if a.kind == INSTITUTIONAL else C_NCCI_PTP_PRACTITIONER_INDICATOR
    edition = NULL if profile.ptp == 0 else edition_on(&run.tables.chains[
        T_NCCI_PTP_HOSPITAL if a.kind == INSTITUTIONAL else T_NCCI_PTP_PRACTITIONER], day)
    if edition != NULL:
        both = <uint64_t>(min(a.code, b.code) * POW_37_5 + max(a.code, b.code)) | <uint64_t>edition.slot << PAIR_BITS
        unpaired = slot_of(run.unpaired, UNPAIRED_BITS, both)
        if unpaired[0] == both:
            return 0
    scope = same_scope(run, a.first, b.first)
    if scope == 0:
        return 0
    if edition == NULL:
        return _add_unknown(run, a, b, R_NO_EDITION)
    fetch(&edition.bucket[bucket_of(b.code * POW_37_5 + a.code, edition.buckets)])
    row = _governing(edition, a.code * POW_37_5 + b.code, day, column)
    back = _governing(edition, b.code * POW_37_5 + a.code, day, column)
    if row >= 0:
        _add(run, a, b, edition, row, R_NO_FACT if scope < 0 else 0)
    if back >= 0:
        _add(run, b, a, edition, back, R_NO_FACT if scope < 0 else 0)
    if row < 0 and back < 0 and row != WITHDRAWN and back != WITHDRAWN:
        if edition.partial:
            return 0 if _covered(run, a.first) and _covered(run, b.first) else _add_unknown(run, a, b, R_NO_ROW)
        if row == NO_ROW and back == NO_ROW and edition.slot < 1 << 63 - PAIR_BITS:
            unpaired[0] = both
    return 0


cdef int64_t _governing(const EditionC* edition, int64_t key, int32_t day, int column) noexcept nogil:
    """Of the rows in force the one that ends first; WITHDRAWN where all are withdrawn (9)."""
    cdef int64_t row = first_row(edition, key)
    cdef int64_t found = NO_ROW if row < 0 else ELSEWHEN
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
    cdef const SlotC* act = b if b.drafts else a
    cdef const SlotC* other = a if act == b else b
    grow(<void**>&run.pairs, &run.pair_room, run.pair_count, sizeof(PairC))
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
        grow(<void**>&run.pairs, &run.pair_room, run.pair_count, sizeof(PairC))
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


cdef void bind_pair(const RunC* run, int32_t number, UnitC* unit) noexcept nogil:
    """The unit of a pair is the line to act on."""
    unit.pair = number
    unit.line = run.pairs[number].line
    unit.claim = run.batch.lines[unit.line].claim


cdef void bind_partner(const RunC* run, const UnitC* unit, UnitC* partner) noexcept nogil:
    """The other line of a pair is an item of it."""
    partner.pair = unit.pair
    partner.line = run.pairs[unit.pair].other
    partner.claim = run.batch.lines[partner.line].claim
    partner.related = S_PAIR
    partner.parent = unit
    partner.anchor = unit.line


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
