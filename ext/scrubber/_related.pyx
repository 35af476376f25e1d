"""Related sets: the items a quantifier walks, and whether history reaches far enough to know them all."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from scrubber._cob cimport next_adjudication
from scrubber._facts cimport line_facts
from scrubber._lines cimport claim_of, first_on, has_modifier, is_helper
from scrubber._providers cimport next_provider
from scrubber._peers cimport next_billed
from scrubber._values cimport unit_day
from scrubber.run cimport CodeDayC, PairC, RunC, UnitC
from scrubber.structs cimport DENIED, INSTITUTIONAL, NO_DAY, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    M_78 = 8 * 37 + 9


cdef void bind_to_nothing(UnitC* unit) noexcept nogil:
    memset(unit, 0, sizeof(UnitC))
    unit.cursor = -1
    unit.claim = -1
    unit.line = -1
    unit.dx = -1
    unit.provider = -1
    unit.number = -1
    unit.defect = -1
    unit.other = -1
    unit.modifier = -1
    unit.pair = -1
    unit.dx_pair = -1
    unit.day = -1
    unit.period = -1
    unit.related = -1


cdef void first_item(const RunC* run, const UnitC* unit, int related, int32_t window, UnitC* item) noexcept nogil:
    """Puts an item before the first one of a related set of a unit."""
    cdef const ClaimC* claim
    item.parent = unit
    item.related = related
    item.claim = unit.claim
    item.line = -1
    item.dx = -1
    item.provider = -1
    item.number = -1
    item.defect = -1
    item.other = -1
    item.modifier = -1
    item.pair = -1
    item.day = -1
    item.pointer = 0
    item.days_after = 0
    item.count = 1
    item.cursor = -1
    item.window = window
    item.anchor = unit.line
    if unit.line < 0 and unit.claim >= 0:
        claim = &run.batch.claims[unit.claim]
        item.anchor = claim.first_line if claim.line_count > 0 else -1


cdef bint next_item(RunC* run, UnitC* item) noexcept nogil:
    """Moves to the next item; False at the end."""
    cdef int related = item.related
    if related == S_OTHER:
        return _next_on_day(run, item, 0, False)
    if related == S_REPEAT:
        return _next_on_day(run, item, 0, True)
    if related == S_NEXT:
        return _next_on_day(run, item, 1, False)
    if related == S_WINDOW:
        return _next_surgery(run, item)
    if related == S_PAIR:
        return _next_pair(run, item)
    if related == S_PRIOR:
        return _next_prior(run, item)
    if related == S_POINTED:
        return _next_pointed(run, item)
    if related == S_POINTING:
        return _next_pointing(run, item)
    if related == S_ELSEWHERE:
        return next_billed(run, item)
    if related == S_ADJUDICATIONS:
        return next_adjudication(run, item)
    if related == S_PROVIDERS:
        return _next_involved(run, item)
    if related == S_LINES:
        item.cursor += 1
        item.line = run.batch.claims[item.claim].first_line + item.cursor
        return item.cursor < run.batch.claims[item.claim].line_count
    item.cursor += 1
    item.dx = run.batch.claims[item.claim].first_diagnosis + item.cursor
    return item.cursor < run.batch.claims[item.claim].diagnosis_count


cdef bint _next_on_day(RunC* run, UnitC* item, int32_t offset, bint same_code) noexcept nogil:
    """Lines of the same day (or the next), of the same claim kind; denied ones only as repeats."""
    cdef int32_t line = item.parent.line
    cdef const LineC* own = &run.batch.lines[line]
    cdef const LineC* l
    cdef int32_t other
    if same_code and own.code == 0:
        return False                                 # revenue lines without a code repeat nothing
    if item.cursor < 0:
        item.cursor = first_on(run, own.from_day + offset) - 1
    while True:
        item.cursor += 1
        if item.cursor >= run.case_line_count:
            return False
        other = run.case_lines[item.cursor]
        l = &run.batch.lines[other]
        if l.from_day != own.from_day + offset:
            return False
        if other == line or claim_of(run, other).kind != claim_of(run, line).kind:
            continue
        if same_code:
            if l.code != own.code:
                continue
        elif l.state == DENIED:
            continue
        item.line = other
        item.claim = l.claim
        return True


cdef bint _next_prior(RunC* run, UnitC* item) noexcept nogil:
    """Lines of earlier days, history and drafts alike, of the same claim kind; no denied ones."""
    cdef int32_t day = unit_day(run, item.parent)
    cdef const LineC* l
    if day == NO_DAY:
        return False
    if item.cursor < 0:
        item.cursor = first_on(run, day - item.window) - 1
    while True:
        item.cursor += 1
        if item.cursor >= run.case_line_count:
            return False
        item.line = run.case_lines[item.cursor]
        l = &run.batch.lines[item.line]
        if l.from_day >= day:
            return False
        if l.state == DENIED or claim_of(run, item.line).kind != run.batch.claims[item.parent.claim].kind:
            continue
        item.claim = l.claim
        item.days_after = day - l.from_day
        return True


cdef bint _opens_window(RunC* run, int32_t line) noexcept nogil:
    """A surgery with a global period of its own: not an assistant's, not follow-up only, no return to the room."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef CodeDayC* facts = line_facts(run, line)
    cdef int glob
    if l.state == DENIED or facts.fee_row < 0 or claim_of(run, line).kind == INSTITUTIONAL:
        return False
    glob = facts.fee.column[C_PFS_GLOBAL][facts.fee_row]
    if glob != V_FEE_GLOB_010 and glob != V_FEE_GLOB_090:
        return False
    return not (is_helper(l) or has_modifier(l, M_78))


cdef bint _next_surgery(RunC* run, UnitC* item) noexcept nogil:
    """Surgeries whose window covers the line: 010 the day and ten on, 090 the day before and ninety on."""
    cdef int32_t line = item.parent.line
    cdef const LineC* own = &run.batch.lines[line]
    cdef const LineC* l
    cdef int32_t other, start, after
    cdef int glob
    if own.from_day == NO_DAY:
        return False
    if item.cursor < 0:
        item.cursor = first_on(run, own.from_day - 90) - 1
    while True:
        item.cursor += 1
        if item.cursor >= run.case_line_count:
            return False
        other = run.case_lines[item.cursor]
        l = &run.batch.lines[other]
        if l.from_day > own.thru_day + 1:
            return False
        if other == line or claim_of(run, other).kind != claim_of(run, line).kind or not _opens_window(run, other):
            continue
        glob = line_facts(run, other).fee.column[C_PFS_GLOBAL][line_facts(run, other).fee_row]
        start = l.from_day - 1 if glob == V_FEE_GLOB_090 else l.from_day
        after = max(own.from_day, start) - l.from_day    # a span counts from the first of its days inside
        if own.thru_day < start or after > (90 if glob == V_FEE_GLOB_090 else 10):
            continue
        item.line = other
        item.claim = l.claim
        item.days_after = after
        return True


cdef bint _next_pair(RunC* run, UnitC* item) noexcept nogil:
    """Pairs that the line takes part in, one item per partner line. The cursor counts pairs, `count` partners."""
    cdef int32_t line = item.parent.line
    cdef const PairC* pair
    if item.cursor < 0:
        item.cursor = 0
        item.count = 0
    while item.cursor < run.pair_count:
        pair = &run.pairs[item.cursor]
        item.pair = item.cursor
        if pair.column2 == line:
            if pair.role == V_PAIR_ROLE_COLUMN2 and item.count < pair.related_count:
                item.line = run.partners[pair.first_related + item.count]
                item.claim = run.batch.lines[item.line].claim
                item.count += 1
                return True
            if pair.role == V_PAIR_ROLE_COLUMN1 and item.count == 0:
                item.line = pair.column1
                item.claim = run.batch.lines[item.line].claim
                item.count = 1
                return True
        elif item.count == 0 and _is_partner(run, pair, line):
            item.line = pair.column2
            item.claim = run.batch.lines[item.line].claim
            item.count = 1
            return True
        item.cursor += 1
        item.count = 0
    return False


cdef bint _is_partner(const RunC* run, const PairC* pair, int32_t line) noexcept nogil:
    cdef int32_t i
    if pair.column1 == line or pair.line == line:
        return True
    if pair.role != V_PAIR_ROLE_COLUMN2:
        return False
    for i in range(pair.first_related, pair.first_related + pair.related_count):
        if run.partners[i] == line:
            return True
    return False


cdef bint _next_pointed(RunC* run, UnitC* item) noexcept nogil:
    """Diagnoses the line points to, in pointer order."""
    cdef const LineC* l = &run.batch.lines[item.parent.line]
    cdef const ClaimC* claim = &run.batch.claims[l.claim]
    while True:
        item.cursor += 1
        if item.cursor >= l.pointer_count:
            return False
        if 0 < l.pointers[item.cursor] <= claim.diagnosis_count:
            item.pointer = item.cursor + 1
            item.dx = claim.first_diagnosis + l.pointers[item.cursor] - 1
            return True


cdef bint _next_pointing(RunC* run, UnitC* item) noexcept nogil:
    """Lines that point to the diagnosis, in the order of the claim; those of a claim without pointers do not point."""
    cdef const ClaimC* claim = &run.batch.claims[item.claim]
    cdef const LineC* l
    cdef int i
    while True:
        item.cursor += 1
        if item.cursor >= claim.line_count:
            return False
        l = &run.batch.lines[claim.first_line + item.cursor]
        for i in range(l.pointer_count):
            if claim.first_diagnosis + l.pointers[i] - 1 == item.parent.dx:
                item.pointer = i + 1
                item.line = claim.first_line + item.cursor
                return True


cdef bint _next_involved(RunC* run, UnitC* item) noexcept nogil:
    """Providers of the claim; around a line not those that another line names."""
    cdef int32_t line = item.parent.line
    while next_provider(run, item):
        if line < 0 or item.line < 0 or item.line == line:
            return True
    return False


cdef bint complete(RunC* run, const UnitC* unit, int related, int32_t window) noexcept nogil:
    """Whether all items are known: the input is taken as whole days, history must reach back for windows."""
    cdef const LineC* l
    cdef int32_t day
    if related == S_PRIOR:
        day = unit_day(run, unit)
        return run.history_from != NO_DAY and day != NO_DAY and run.history_from <= day - window
    if related == S_ELSEWHERE:
        return run.history_from != NO_DAY
    if unit.line < 0:
        return True
    l = &run.batch.lines[unit.line]
    if related == S_WINDOW:
        return run.history_from != NO_DAY and run.history_from <= l.from_day - WINDOW_DAYS
    if related == S_NEXT and run.batch.claims[unit.claim].as_of <= l.from_day:
        return False                                 # the next day has not come when the claim is submitted
    if related == S_OTHER or related == S_NEXT or related == S_REPEAT:
        return run.history_from != NO_DAY or not run.profiles[
            run.payer_profile[run.batch.claims[unit.claim].payer]].split_days
    return True
