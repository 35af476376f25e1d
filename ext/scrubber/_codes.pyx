"""What the code sets of place, revenue and laboratory say of a line."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._facts cimport absent, code_in, known, line_facts, unknown
from scrubber._lines cimport claim_of, effective_pos, has_modifier
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.days cimport CivilC, civil_of
from scrubber.pack cimport pack
from scrubber.run cimport CodeDayC, RunC, ValueC
from scrubber.structs cimport NO_DAY, LineC, TextC
from scrubber.words cimport *

cdef enum:
    CLIA_LENGTH = 10
    DIGIT_9 = 10                 # symbols of one character: 0 is 1, 9 is 10, A is 11
    LETTER_T = 30
    M_QW = 27 * 37 + 33
    POW_37_4 = 1874161
    # Where a row stands to a day.
    IN_FORCE = 0
    NOT_LISTED = 1
    BEFORE = 2
    AFTER = 3
    NO_TABLE = -1
    GAP = -2
    TYPE_WAIVER = 1              # of clia_lab.type
    TYPE_PPM = 2


cdef inline const EditionC* _edition(const RunC* run, int table, int32_t day) noexcept nogil:
    return edition_on(&run.tables.chains[table], day)


cdef int _standing(const EditionC* edition, int64_t key, int32_t day) noexcept nogil:
    """Where the rows of a key stand to a day; GAP where a partial edition lacks them."""
    cdef int64_t i
    cdef int answer = NOT_LISTED
    if edition == NULL:
        return NO_TABLE
    if row_on(edition, key, day) >= 0:
        return IN_FORCE
    i = first_row(edition, key)
    while 0 <= i < edition.rows and edition.key[i] == key:
        if edition.to_day[i] <= day:
            return AFTER
        answer = BEFORE
        i += 1
    return GAP if answer == NOT_LISTED and edition.partial else answer


cdef inline ValueC _missing(int standing) noexcept nogil:
    return unknown(R_NO_EDITION if standing == NO_TABLE else R_NO_ROW)


cdef ValueC _pos_status(RunC* run, int32_t line) noexcept nogil:
    """A number that cannot be packed is on no list."""
    cdef int64_t pos = effective_pos(run, line)
    cdef int32_t day = run.batch.lines[line].from_day
    cdef int standing
    if pos == 0:
        return unknown(R_NO_FACT)
    standing = _standing(_edition(run, T_POS, day), pos, day)
    if standing < 0:
        return _missing(standing)
    if standing == IN_FORCE:
        return known(V_LINE_POS_STATUS_OK)
    if standing == BEFORE:
        return known(V_LINE_POS_STATUS_NOT_YET)
    return known(V_LINE_POS_STATUS_ENDED if standing == AFTER else V_LINE_POS_STATUS_UNKNOWN)


cdef ValueC _sunset(RunC* run, const LineC* l) noexcept nogil:
    """The day a category III code, which ends in T, is archived; absent of other codes and of one not listed."""
    cdef const EditionC* edition
    cdef int64_t row
    cdef int standing
    if l.code <= 0 or l.code % 37 != LETTER_T:
        return absent()
    edition = _edition(run, T_CATEGORY_III, l.from_day)
    standing = _standing(edition, l.code, l.from_day)
    if standing < 0:
        return _missing(standing)
    row = first_row(edition, l.code)
    if row < 0 or edition.column[C_CATEGORY_III_SUNSET][row] == NO_DAY:
        return absent()
    return known(edition.column[C_CATEGORY_III_SUNSET][row])


cdef bint _same_span(const LineC* l, bint month) noexcept nogil:
    """Whether the first and the last day lie in one year, and in one month."""
    cdef CivilC first, last
    if l.from_day == NO_DAY or l.thru_day == NO_DAY:
        return True
    first = civil_of(l.from_day)
    last = civil_of(l.thru_day)
    return first.year == last.year and (not month or first.month == last.month)


# ---------------------------------------------------------------- revenue codes

cdef bint _four_digits(int64_t revenue) noexcept nogil:
    cdef int i
    if revenue <= 0:
        return False
    for i in range(4):
        if not 1 <= revenue % 37 <= DIGIT_9:
            return False
        revenue //= 37
    return True


cdef ValueC _revenue_status(RunC* run, const LineC* l) noexcept nogil:
    cdef int standing
    if l.revenue == 0:
        return absent()
    if not _four_digits(l.revenue):
        return known(V_LINE_REVENUE_STATUS_MALFORMED)
    standing = _standing(_edition(run, T_REVENUE, l.from_day), l.revenue, l.from_day)
    if standing < 0:
        return _missing(standing)
    if standing == IN_FORCE:
        return known(V_LINE_REVENUE_STATUS_OK)
    if standing == BEFORE:
        return known(V_LINE_REVENUE_STATUS_NOT_YET)
    return known(V_LINE_REVENUE_STATUS_ENDED if standing == AFTER else V_LINE_REVENUE_STATUS_UNKNOWN)


cdef ValueC _revenue_needs_code(RunC* run, const LineC* l) noexcept nogil:
    cdef const EditionC* edition = _edition(run, T_REVENUE, l.from_day)
    cdef int64_t row
    if l.revenue == 0:
        return absent()
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = row_on(edition, l.revenue, l.from_day)
    if row < 0:
        return unknown(R_NO_ROW) if edition.partial else known(0)
    return known(edition.column[C_REVENUE_NEEDS_CODE][row])


# ---------------------------------------------------------------- laboratories

cdef TextC _clia(const RunC* run, int32_t line) noexcept nogil:
    """The number that the line sends, else its claim."""
    return run.batch.lines[line].clia if run.batch.lines[line].clia.length else claim_of(run, line).clia


cdef bint _is_clia(const uint8_t* s, int32_t n) noexcept nogil:
    """Two digits, D, seven digits.

    Source:
        CMS, CLIA identification numbers: the state's number, D, seven digits.
    """
    cdef int32_t i
    if n != CLIA_LENGTH:
        return False
    for i in range(n):
        if i == 2:
            if s[i] != c'D' and s[i] != c'd':
                return False
        elif not 48 <= s[i] <= 57:
            return False
    return True


cdef bint _is_laboratory(RunC* run, CodeDayC* facts, int32_t day, int* standing) noexcept nogil:
    """Whether a code is a laboratory test; `standing` is below 0 where nobody can tell.

    A HCPCS code (a letter first) is one where the HCPCS file names certifications for it; another by its number, less
    those that the list of exempt codes holds.
    """
    cdef const EditionC* listed
    standing[0] = IN_FORCE
    if facts.code <= 0:
        return False
    if facts.code // POW_37_4 > DIGIT_9:
        listed = _edition(run, T_HCPCS_LABORATORY, day)
        if listed != NULL and row_on(listed, facts.code, day) >= 0:
            return True
        if code_in(run, facts, run.special.lab) and (listed == NULL or listed.partial):
            standing[0] = NO_TABLE if listed == NULL else GAP
        return False
    if not code_in(run, facts, run.special.lab):
        return False
    standing[0] = _standing(_edition(run, T_CLIA_EXEMPT, day), facts.code, day)
    return standing[0] != IN_FORCE


cdef ValueC _clia_need(RunC* run, int32_t line) noexcept nogil:
    """What certificate the line's test asks for; `number` where the lists that tell are not loaded.

    A waived test billed without the QW that its row wants was done by a method that is not waived.
    """
    cdef const LineC* l = &run.batch.lines[line]
    cdef CodeDayC* facts = line_facts(run, line)
    cdef const EditionC* waived
    cdef const EditionC* ppm
    cdef int64_t row
    cdef int standing
    if not _is_laboratory(run, facts, l.from_day, &standing):
        return known(V_LINE_CLIA_NEED_NONE) if standing >= 0 else _missing(standing)
    if standing < 0:
        return _missing(standing)
    waived = _edition(run, T_CLIA_WAIVED, l.from_day)
    if waived == NULL:
        return known(V_LINE_CLIA_NEED_NUMBER)
    row = row_on(waived, l.code, l.from_day)
    if row >= 0 and waived.column[C_CLIA_WAIVED_QW][row] == 0:
        return known(V_LINE_CLIA_NEED_WAIVED)
    if row >= 0 and has_modifier(l, M_QW):
        return known(V_LINE_CLIA_NEED_QW)
    if row < 0 and waived.partial:
        return known(V_LINE_CLIA_NEED_NUMBER)
    ppm = _edition(run, T_CLIA_PPM, l.from_day)
    if ppm == NULL or row_on(ppm, l.code, l.from_day) >= 0:
        return known(V_LINE_CLIA_NEED_PPM)       # at least; the waiver is too little either way
    return known(V_LINE_CLIA_NEED_FULL)


cdef ValueC _clia_fault(RunC* run, int32_t line) noexcept nogil:
    """What the certificate on file says of the number sent; one that is not on file is not judged."""
    cdef int32_t day = run.batch.lines[line].from_day
    cdef const EditionC* edition = _edition(run, T_CLIA_LAB, day)
    cdef TextC sent = _clia(run, line)
    cdef ValueC need
    cdef int64_t key, row
    cdef int32_t kind
    if edition == NULL or sent.length == 0:
        return known(V_LINE_CLIA_FAULT_NONE)
    key = pack(<const uint8_t*>run.batch.arena + sent.start, sent.length, CLIA_LENGTH)
    if first_row(edition, key) < 0:
        return known(V_LINE_CLIA_FAULT_NONE)
    row = row_on(edition, key, day)
    if row < 0:
        return known(V_LINE_CLIA_FAULT_NOT_ACTIVE)
    kind = edition.column[C_CLIA_LAB_TYPE][row]
    need = _clia_need(run, line)
    if need.state == 0 and ((kind == TYPE_WAIVER and need.value >= V_LINE_CLIA_NEED_PPM) or (
            kind == TYPE_PPM and need.value == V_LINE_CLIA_NEED_FULL)):
        return known(V_LINE_CLIA_FAULT_LEVEL)
    return known(V_LINE_CLIA_FAULT_NONE)


cdef ValueC code_set_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """line.*: the attributes of this module."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef TextC sent
    if attribute == A_LINE_POS_STATUS:
        return _pos_status(run, line)
    if attribute == A_LINE_SAME_MONTH:
        return known(_same_span(l, True))
    if attribute == A_LINE_SAME_YEAR:
        return known(_same_span(l, False))
    if attribute == A_LINE_MAMMO:
        return known(l.mammo != 0)
    if attribute == A_LINE_SUNSET:
        return _sunset(run, l)
    if attribute == A_LINE_REVENUE:
        return known(l.revenue * 37) if l.revenue > 0 else absent()    # four characters as a code of five
    if attribute == A_LINE_REVENUE_STATUS:
        return _revenue_status(run, l)
    if attribute == A_LINE_REVENUE_NEEDS_CODE:
        return _revenue_needs_code(run, l)
    if attribute == A_LINE_CLIA_NEED:
        return _clia_need(run, line)
    if attribute == A_LINE_CLIA_SENT:
        sent = _clia(run, line)
        if sent.length == 0:
            return known(V_LINE_CLIA_SENT_NONE)
        return known(V_LINE_CLIA_SENT_OK if _is_clia(<const uint8_t*>run.batch.arena + sent.start, sent.length)
                     else V_LINE_CLIA_SENT_FORMAT)
    if attribute == A_LINE_CLIA_FAULT:
        return _clia_fault(run, line)
    return known(l.referring_clia)
