"""Facts of a code between two days: the memo that makes a look-up cost one probe per line."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memset

from scrubber._tables cimport ChainC, EditionC, edition_on, first_row, row_on
from scrubber.bits cimport bucket, fetch, set_bit
from scrubber.grow cimport roomier
from scrubber.run cimport GLOB_BITS, SET_BITS, SET_WORDS, CodeDayC, MemberC, RunC, SetC, ValueC
from scrubber.structs cimport NO_DAY, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    LETTER_D = 14
    POW_37_2 = 1369
    POW_37_4 = 1874161
    NO_NEXT = 0xFFFFFFFF
    LAST_DAY = 2147483647
    NOTE_SUSPENDED = 3           # of aoc.note


cdef inline int32_t _last_before(const MemberC* members, int32_t count, int64_t symbol) noexcept nogil:
    """Place of the last member with lo <= symbol, -1 if there is none."""
    cdef int32_t low = 0, high = count, middle
    while low < high:
        middle = (low + high) >> 1
        if members[middle].lo <= symbol:
            low = middle + 1
        else:
            high = middle
    return low - 1


cdef bint in_set(const RunC* run, int32_t number, int64_t symbol, int32_t day) noexcept nogil:
    """Whether a set holds a symbol on a day. Members are sorted by `lo`; those of one symbol differ by date."""
    cdef const SetC* s
    cdef const MemberC* members
    cdef int32_t i
    if number < 0 or symbol < 0:
        return False
    s = &run.program.sets[number]
    members = &run.program.members[s.first]
    i = _last_before(members, s.count, symbol)
    while i >= 0 and run.program.reach[s.first + i] >= symbol:
        if members[i].hi >= symbol and members[i].from_day <= day < members[i].to_day:
            return True
        i -= 1
    return False


cdef bint in_set_ever(const RunC* run, int32_t number, int64_t symbol) noexcept nogil:
    """Whether a set holds a symbol on any day."""
    cdef const SetC* s = &run.program.sets[number]
    cdef int32_t i = -1 if symbol < 0 else _last_before(&run.program.members[s.first], s.count, symbol)
    return i >= 0 and run.program.reach[s.first + i] >= symbol


cdef int64_t fee_key(int64_t code, int64_t modifier) noexcept nogil:
    return -1 if code <= 0 else code * POW_37_2 + modifier


cdef inline int64_t _row(const EditionC* edition, int64_t key, int32_t day) noexcept nogil:
    return -1 if edition == NULL or key <= 0 else row_on(edition, key, day)


cdef void _code_status(const RunC* run, CodeDayC* facts) noexcept nogil:
    """Sets code_status and code_source.

    A HCPCS code (a letter first) is judged by the HCPCS file. A CPT code has no public list: the fee schedules that
    held it stand in ("proxy"); where no such list reaches the day the answer is no edition.
    """
    cdef int64_t first = facts.code // POW_37_4
    cdef int64_t last = facts.code % 37
    cdef const EditionC* presence
    cdef const EditionC* fee
    cdef int32_t i, later
    cdef int64_t row
    facts.code_source = V_LINE_CODE_SOURCE_PROXY
    if facts.code <= 0 or last == 0 or not _well_formed(facts.code):
        facts.code_status = V_LINE_CODE_STATUS_MALFORMED
        return
    if first > 10:                                   # a letter first: HCPCS Level II
        facts.code_source = V_LINE_CODE_SOURCE_HCPCS
        if facts.hcpcs == NULL:
            facts.code_status = -1
        elif facts.hcpcs_row >= 0:
            facts.code_status = V_LINE_CODE_STATUS_OK
        else:
            facts.code_status = <int>_history(facts.hcpcs, facts.code, facts.day)
            # The CMS file leaves out the dental codes (D), which are licensed, and codes that ended long ago: before the
            # first end it holds, a code it lacks may have been good.
            if facts.code_status == V_LINE_CODE_STATUS_UNKNOWN and (
                    facts.hcpcs.partial or facts.day >= facts.hcpcs.ends or first == LETTER_D
                    or facts.day < facts.hcpcs.first_end):
                facts.code_status = -2
        return
    # The presence list knows when a code went, even in a quarter whose schedule is not loaded.
    presence = edition_on(&run.tables.chains[T_CPT_PRESENCE], facts.day)
    if presence != NULL:
        facts.code_status = <int>_history(presence, facts.code, facts.day)
        if row_on(presence, facts.code, facts.day) >= 0:
            facts.code_status = V_LINE_CODE_STATUS_OK
        if facts.code_status != V_LINE_CODE_STATUS_UNKNOWN:
            return
    if facts.fee_row >= 0:
        facts.code_status = V_LINE_CODE_STATUS_OK
        return
    if presence != NULL and not presence.partial and facts.day < presence.ends:
        return                                       # unknown to a list that is whole
    fee = facts.fee
    if fee == NULL or fee.partial or facts.day >= fee.ends:
        facts.code_status = -1 if fee == NULL and presence == NULL else -2
        return
    # Not on the schedule of the day. An earlier one that held it says it ended, a later one that it is not yet.
    later = V_LINE_CODE_STATUS_UNKNOWN
    for i in range(run.tables.chains[T_PFS].count):
        if first_row(run.tables.chains[T_PFS].editions[i], fee_key(facts.code, 0)) >= 0:
            if run.tables.chains[T_PFS].editions[i].begins < facts.day:
                facts.code_status = V_LINE_CODE_STATUS_ENDED
                return
            later = V_LINE_CODE_STATUS_NOT_YET
    facts.code_status = <int>later


cdef bint _well_formed(int64_t code) noexcept nogil:
    """Five characters: a digit or letter, three digits, a digit or letter."""
    cdef int i
    cdef int64_t rest = code // 37
    for i in range(3):
        if not 1 <= rest % 37 <= 10:
            return False
        rest //= 37
    return True


cdef int _history(const EditionC* edition, int64_t key, int32_t day) noexcept nogil:
    """What rows that are not in force on the day say: ended, not yet, or unknown when there is none."""
    cdef int64_t i = first_row(edition, key)
    cdef int answer = V_LINE_CODE_STATUS_UNKNOWN
    while 0 <= i < edition.rows and edition.key[i] == key:
        if edition.to_day[i] <= day:
            answer = V_LINE_CODE_STATUS_ENDED
        elif answer == V_LINE_CODE_STATUS_UNKNOWN:
            answer = V_LINE_CODE_STATUS_NOT_YET
        i += 1
    return answer


cdef int64_t _addon_row(const EditionC* aoc, int64_t code, int32_t day) noexcept nogil:
    """First add-on row in force on the day that is not suspended, -1 if there is none."""
    cdef int64_t i = -1 if aoc == NULL or code <= 0 else first_row(aoc, code)
    while 0 <= i < aoc.rows and aoc.key[i] == code:
        if aoc.from_day[i] <= day < aoc.to_day[i] and aoc.column[C_AOC_NOTE][i] != NOTE_SUSPENDED:
            return i
        i += 1
    return -1


cdef void _narrow_to(const int32_t* breaks, int32_t count, int32_t day, int32_t* from_day, int32_t* to_day
                     ) noexcept nogil:
    """Narrows the days about `day` to those between two breaks."""
    cdef int32_t low = 0, high = count, middle
    while low < high:                                # first break after the day
        middle = (low + high) >> 1
        if breaks[middle] <= day:
            low = middle + 1
        else:
            high = middle
    if low > 0 and breaks[low - 1] > from_day[0]:
        from_day[0] = breaks[low - 1]
    if low < count and breaks[low] < to_day[0]:
        to_day[0] = breaks[low]


cdef void find_span(RunC* run, int32_t day) noexcept nogil:
    """Sets span_from and span_to: the days about a day between which no set, rule or edition begins or ends."""
    if run.span_from <= day < run.span_to:
        return
    run.span_from = NO_DAY
    run.span_to = NO_DAY + 1
    if day == NO_DAY:
        return
    run.span_from = NO_DAY + 1
    run.span_to = LAST_DAY
    _narrow_to(run.program.breaks, run.program.break_count, day, &run.span_from, &run.span_to)
    _narrow_to(run.tables.breaks, run.tables.break_count, day, &run.span_from, &run.span_to)


cdef void _narrow_to_rows(const EditionC* edition, CodeDayC* facts) noexcept nogil:
    """Narrows the days of the facts to those on which the same rows of the code are in force."""
    cdef int64_t i = -1 if edition == NULL or facts.code <= 0 else first_row(edition, facts.code)
    cdef int32_t bounds[2]
    cdef int k
    while 0 <= i < edition.rows and edition.key[i] == facts.code:
        bounds[0] = edition.from_day[i]
        bounds[1] = edition.to_day[i]
        for k in range(2):
            if bounds[k] <= facts.day:
                facts.from_day = max(facts.from_day, bounds[k])
            else:
                facts.to_day = min(facts.to_day, bounds[k])
        i += 1


cdef inline int64_t _any_row(const EditionC* edition, int64_t code) noexcept nogil:
    return -1 if edition == NULL else first_row(edition, code)


cdef inline bint _is_named(const EditionC* edition, int64_t code) noexcept nogil:
    return _any_row(edition, code) >= 0


cdef int _fill(RunC* run, CodeDayC* facts) noexcept nogil:
    cdef const ChainC* chains = run.tables.chains
    cdef int32_t i
    find_span(run, facts.day)
    facts.from_day = run.span_from
    facts.to_day = run.span_to
    facts.fee = edition_on(&chains[T_PFS], facts.day)
    facts.fee_row = _row(facts.fee, fee_key(facts.code, 0), facts.day if facts.fee == NULL else facts.fee.begins)
    if facts.fee_row >= 0:
        facts.surgery = (facts.fee.column[C_PFS_GLOBAL][facts.fee_row] == V_FEE_GLOB_010
                         or facts.fee.column[C_PFS_GLOBAL][facts.fee_row] == V_FEE_GLOB_090)
    facts.aoc = edition_on(&chains[T_AOC], facts.day)
    facts.aoc_row = _addon_row(facts.aoc, facts.code, facts.day)
    facts.hcpcs = edition_on(&chains[T_HCPCS], facts.day)
    facts.hcpcs_row = _row(facts.hcpcs, facts.code, facts.day)
    facts.ptp = edition_on(&chains[T_NCCI_PTP_PRACTITIONER], facts.day)
    facts.mue_row = _any_row(edition_on(&chains[T_MUE_PRACTITIONER], facts.day), facts.code)
    facts.ncd = _is_named(edition_on(&chains[T_NCD_CODE], facts.day), facts.code)
    facts.lcd = _is_named(edition_on(&chains[T_LCD_CODE], facts.day), facts.code)
    for i in range(run.program.set_count):
        if i >= SET_BITS:
            break
        if in_set(run, i, facts.code, facts.day):
            set_bit(facts.sets, i)
    for i in range(GLOB_BITS):                       # where they are not known, any may be
        if facts.fee_row < 0 or facts.fee.column[C_PFS_GLOBAL][facts.fee_row] == i:
            set_bit(facts.sets, SET_BITS + i)
    for i in range(SET_WORDS):
        facts.ordered = facts.ordered or facts.sets[i] & run.asked_with_orders[i] != 0
    facts.vaccine = code_in(run, facts, run.special.vacadm) or code_in(run, facts, run.special.vacprod)
    _code_status(run, facts)
    if facts.day != NO_DAY:
        _narrow_to_rows(facts.aoc, facts)
        _narrow_to_rows(facts.hcpcs, facts)
        _narrow_to_rows(edition_on(&chains[T_CPT_PRESENCE], facts.day), facts)
    return 0


cdef void fetch_code_days(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Has the facts fetched of the codes of a claim, as far as they are known."""
    cdef const LineC* lines = run.batch.lines
    cdef uint32_t known_
    cdef int32_t i
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        fetch(&run.code_day_buckets[bucket(lines[i].code, run.code_day_mask)])
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        known_ = run.code_day_buckets[bucket(lines[i].code, run.code_day_mask)]
        if known_ != NO_NEXT:
            fetch(&run.code_days[known_])
            fetch(&run.code_days[known_].sets)


cdef CodeDayC* code_day(RunC* run, int64_t code, int32_t day) noexcept nogil:
    """The facts of a code on a day; NULL when memory is out. The pointer lives until the next call."""
    cdef uint64_t b = bucket(code, run.code_day_mask)
    cdef uint32_t i = run.code_day_buckets[b]
    cdef int64_t room
    cdef CodeDayC* facts
    while i != NO_NEXT:
        if run.code_days[i].code == code and run.code_days[i].from_day <= day < run.code_days[i].to_day:
            return &run.code_days[i]
        i = run.code_days[i].next
    if run.code_day_count == run.code_day_room:
        room = roomier(run.code_day_count, run.code_day_room)
        facts = <CodeDayC*>realloc(run.code_days, <size_t>room * sizeof(CodeDayC))
        if facts == NULL:
            return NULL
        run.code_days = facts
        run.code_day_room = <int32_t>room
    facts = &run.code_days[run.code_day_count]
    memset(facts, 0, sizeof(CodeDayC))
    facts.code = code
    facts.day = day
    facts.next = run.code_day_buckets[b]
    run.code_day_buckets[b] = <uint32_t>run.code_day_count
    run.code_day_count += 1
    _fill(run, facts)
    return facts


cdef ValueC _no_row(const EditionC* edition, int64_t row) noexcept nogil:
    return unknown(R_NO_EDITION if edition == NULL else R_NO_ROW)


cdef ValueC _sibling(RunC* run, const CodeDayC* facts, int64_t modifier) noexcept nogil:
    """Whether the fee schedule has a row of the code with this modifier."""
    if facts.fee == NULL:
        return unknown(R_NO_EDITION)
    if facts.fee_row < 0:
        return unknown(R_NO_ROW)
    return known(first_row(facts.fee, fee_key(facts.code, modifier)) >= 0)


cdef int _status_index(int character) noexcept nogil:
    """Index in fee.status of a status letter."""
    # A B C D E F G H I J L M N P Q R S T X other
    if 65 <= character <= 74:
        return character - 65
    if character == 76:
        return V_FEE_STATUS_L
    if character == 77:
        return V_FEE_STATUS_M
    if character == 78:
        return V_FEE_STATUS_N
    if 80 <= character <= 84:
        return V_FEE_STATUS_P + character - 80
    if character == 88:
        return V_FEE_STATUS_X
    return V_FEE_STATUS_OTHER


cdef bint _judged(const CodeDayC* facts, bint component) noexcept nogil:
    """Whether an indicator 9 says something: most rows that hold one are of services not paid by the schedule."""
    cdef int32_t status = facts.fee.column[C_PFS_STATUS][facts.fee_row]
    return status == 65 or status == 82 or status == 84 or status == 67 or (component and status == 88)    # A R T C, X


cdef ValueC fee_value(RunC* run, const CodeDayC* facts, int attribute) noexcept nogil:
    """fee.*: the fee schedule's row of the code, blank modifier, of the quarter of the date."""
    cdef int32_t c
    if attribute == A_FEE_FOUND:
        if facts.fee == NULL:
            return unknown(R_NO_EDITION)
        if facts.fee_row < 0 and facts.fee.partial:
            return unknown(R_NO_ROW)
        return known(facts.fee_row >= 0)
    if attribute == A_FEE_HAS_53:
        return _sibling(run, facts, 6 * 37 + 4)
    if attribute == A_FEE_HAS_26:
        return _sibling(run, facts, 3 * 37 + 7)
    if attribute == A_FEE_HAS_TC:
        return _sibling(run, facts, 30 * 37 + 13)
    if facts.fee_row < 0:
        return _no_row(facts.fee, facts.fee_row)
    if attribute == A_FEE_NONFACILITY_NA:
        return known(facts.fee.column[C_PFS_NONFACILITY_NA][facts.fee_row])
    if attribute == A_FEE_FACILITY_NA:
        return known(facts.fee.column[C_PFS_FACILITY_NA][facts.fee_row])
    if attribute == A_FEE_STATUS:
        return known(_status_index(facts.fee.column[C_PFS_STATUS][facts.fee_row]))
    if attribute == A_FEE_GLOB:
        return known(facts.fee.column[C_PFS_GLOBAL][facts.fee_row])
    if attribute == A_FEE_PCTC:
        c = facts.fee.column[C_PFS_PCTC][facts.fee_row]
        if c == 57 and not _judged(facts, True):
            return unknown(R_NO_ROW)
        return known(c - 48 if 48 <= c <= 57 else V_FEE_PCTC_NONE)
    if attribute == A_FEE_MULT:
        c = facts.fee.column[C_PFS_MULT][facts.fee_row]
        return known(c - 48 if 48 <= c <= 55 else (V_FEE_MULT_9 if c == 57 else V_FEE_MULT_NONE))
    if attribute == A_FEE_BILATERAL:
        c = facts.fee.column[C_PFS_BILATERAL][facts.fee_row]
        if c == 57 and not _judged(facts, False):
            return unknown(R_NO_ROW)
        return known(c - 48 if 48 <= c <= 51 else (V_FEE_BILATERAL_9 if c == 57 else V_FEE_BILATERAL_NONE))
    if attribute == A_FEE_ASSISTANT:
        c = facts.fee.column[C_PFS_ASSISTANT][facts.fee_row]
    elif attribute == A_FEE_COSURGEON:
        c = facts.fee.column[C_PFS_COSURGEON][facts.fee_row]
    else:
        c = facts.fee.column[C_PFS_TEAM][facts.fee_row]
    if c == 57 and not _judged(facts, False):
        return unknown(R_NO_ROW)
    return known(c - 48 if 48 <= c <= 50 else (V_FEE_TEAM_9 if c == 57 else V_FEE_TEAM_NONE))
