"""Add-on codes: whether a primary that the table wants stands beside them."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, code_in, known, line_facts, unknown
from scrubber._lines cimport claim_of, same_group
from scrubber._tables cimport EditionC, edition_on, first_row
from scrubber.run cimport CodeDayC, RunC, ValueC
from scrubber.structs cimport DENIED, INSTITUTIONAL, NO_DAY, LineC
from scrubber.words cimport *

cdef enum:
    CHAIN_DEPTH = 8

cdef enum:                       # aoc.note
    V_NOTE_NONE = 0
    V_NOTE_PRACTITIONER = 1
    V_NOTE_FACILITY = 2
    V_NOTE_SUSPENDED = 3

cdef enum:                       # how far a search for a primary came, the best last
    NOT_THERE, ELSEWHERE, UNSURE, REACHED


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


cdef bint _needs_listed(const EditionC* aoc, int64_t code, int32_t day) noexcept nogil:
    """Whether the code is an add-on of type 1; the primaries of the others are the contractor's to define."""
    cdef int64_t row = first_row(aoc, code)
    while 0 <= row < aoc.rows and aoc.key[row] == code:
        if (aoc.from_day[row] <= day < aoc.to_day[row] and aoc.column[C_AOC_NOTE][row] != V_NOTE_SUSPENDED
                and aoc.column[C_AOC_TYPE][row] == 1):
            return True
        row += 1
    return False


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
