"""The grain dx: status, seventh character, age group and side of each diagnosis on the day that judges it."""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport (
    age_day, age_on, first_from, is_inpatient, last_thru, pointed_count, pointed_diagnosis,
)
from scrubber._facts cimport absent, in_set, known, unknown
from scrubber._hits cimport HitC, HitsC, add_row
from scrubber._lines cimport side_of
from scrubber._tables cimport ChainC, EditionC, edition_on, first_row, row_on
from scrubber.run cimport MAX_REGIONS, RunC, SpecialC, UnitC, ValueC
from scrubber.structs cimport (
    INSTITUTIONAL, MAX_POINTERS, NO_DAY, POINTER_OK, ClaimC, DiagnosisC, LineC,
)
from scrubber.words cimport *

cdef enum:
    AGE_GROUPS = 4               # the first flags of mce_dx name an age group, in the order of MCE_FLAGS
    POW_4 = 1874161              # 37**4: what stands behind a category of three characters
    SIDE_BOTH = 3                # left and right, as bits
    LETTER_X = 34
    FIRST_ICD10 = 16709          # 2015-10-01: since then no claim may carry ICD-9-CM

cdef int64_t WIDTHS[8]           # 37 ** (7 - n): the place of character n, counted from 1
WIDTHS[:] = [37 ** (7 - n) for n in range(8)]


cdef bint next_diagnosis(const RunC* run, UnitC* unit) noexcept nogil:
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    unit.cursor += 1
    if unit.cursor >= claim.diagnosis_count:
        return False
    unit.dx = claim.first_diagnosis + unit.cursor
    return True


cdef int32_t _judging_day(const RunC* run, int32_t dx, int32_t after) noexcept nogil:
    """The earliest day later than `after` on which the claim says this diagnosis held; NO_DAY when there is no more.

    Professional: the from-date of each line that points to it, of the claim where none does. Institutional: discharge
    or through date of an inpatient, else the first day of the statement.

    Source: ICD-10-CM has no grace period; the code set of the date of service (of discharge, inpatient) counts.
    """
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[dx]
    cdef const ClaimC* claim = &run.batch.claims[diagnosis.claim]
    cdef const LineC* line
    cdef int32_t i, day
    cdef int32_t best = NO_DAY
    cdef bint pointed = False
    cdef int k
    if claim.kind == INSTITUTIONAL:
        if is_inpatient(run, diagnosis.claim):
            day = claim.discharge if claim.discharge != NO_DAY else claim.statement_thru
            if day == NO_DAY:
                day = last_thru(run, diagnosis.claim)
        else:
            day = claim.statement_from if claim.statement_from != NO_DAY else first_from(run, diagnosis.claim)
        return day if day > after else NO_DAY
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        line = &run.batch.lines[i]
        for k in range(min(<int>line.pointer_count, <int>MAX_POINTERS)):
            if claim.first_diagnosis + line.pointers[k] - 1 == dx:
                pointed = True
                if line.from_day > after and (best == NO_DAY or line.from_day < best):
                    best = line.from_day
                break
    if pointed:
        return best
    day = first_from(run, diagnosis.claim)
    return day if day > after else NO_DAY


cdef bint _billable_on(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    cdef int64_t row = row_on(edition, code, day)
    return row >= 0 and edition.column[C_ICD10CM_BILLABLE][row] == 1


cdef int _status(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    """ended or not_yet where it was billable on another day, header where it only ever was one."""
    cdef int64_t i = first_row(edition, code)
    cdef bint ended = False
    cdef bint later = False
    if i < 0:
        return V_DX_STATUS_UNKNOWN
    while i < edition.rows and edition.key[i] == code:
        if edition.column[C_ICD10CM_BILLABLE][i] == 1:
            if edition.from_day[i] <= day < edition.to_day[i]:
                return V_DX_STATUS_OK
            if edition.to_day[i] <= day:
                ended = True
            else:
                later = True
        i += 1
    if ended:
        return V_DX_STATUS_ENDED
    return V_DX_STATUS_NOT_YET if later else V_DX_STATUS_HEADER


cdef int _length(int64_t code) noexcept nogil:
    """Number of characters of a symbol of width 7."""
    cdef int n
    for n in range(7, 0, -1):
        if (code // WIDTHS[n]) % 37:
            return n
    return 0


cdef inline int64_t _head(int64_t code, int n) noexcept nogil:
    """The first `n` characters of a symbol of width 7."""
    return code - code % WIDTHS[n]


cdef int64_t _padded(int64_t code, int n) noexcept nogil:
    """The first `n` characters, filled with X to six."""
    cdef int64_t base = _head(code, n)
    cdef int i
    for i in range(n + 1, 7):
        base += LETTER_X * WIDTHS[i]
    return base


cdef bint _takes_seventh(const EditionC* edition, const EditionC* sevenths, int64_t code, int n, int32_t day) noexcept nogil:
    """Whether the first `n` characters, filled with X, are a code but for the seventh character.

    A node above must say that its codes take one, and the code set of the day must hold one of them: S93.4 is under
    such a node too, but S93.4XXA is none.
    """
    cdef int64_t base, row
    cdef int i
    cdef bint defined = False
    if n < 3:
        return False
    for i in range(3, n + 1):
        row = first_row(sevenths, _head(code, i))
        if row >= 0 and sevenths.column[C_ICD10CM_SEVENTH_CHARACTERS][row] != 0:    # text 0 is the empty one
            defined = True
    if not defined:
        return False
    base = _padded(code, n)
    for i in range(1, 37):
        if _billable_on(edition, base + i, day):
            return True
    return False


cdef bint _lacks_inner(const EditionC* edition, int64_t code, int n, int32_t day) noexcept nogil:
    """Whether an X put between characters four and six makes the code whole: T36.01A is T36.0X1A without it."""
    cdef int i
    if n != 6:
        return False
    for i in range(3, 5):
        if _billable_on(edition, _head(code, i) + LETTER_X * WIDTHS[i + 1] + code % WIDTHS[i] // 37, day):
            return True
    return False


cdef const EditionC* _sevenths(const RunC* run, int32_t day) noexcept nogil:
    """The edition of the day, else the oldest: which categories take a seventh character changes less than codes do."""
    cdef const ChainC* chain = &run.tables.chains[T_ICD10CM_SEVENTH]
    cdef const EditionC* edition = edition_on(chain, day)
    if edition == NULL and chain.count and day < chain.editions[0].begins:
        return chain.editions[0]
    return edition


cdef int _seventh(const EditionC* edition, const EditionC* sevenths, int64_t code, int32_t day) noexcept nogil:
    """dx.seventh of a code that is not billable on the day.

    Source: ICD-10-CM Official Guidelines I.A.4, I.A.5 (placeholder X, seventh characters).
    """
    cdef int n = _length(code)
    cdef int bare = n
    cdef int64_t last = (code // WIDTHS[n]) % 37
    if code <= 0 or n < 3:
        return V_DX_SEVENTH_OK
    while bare > 3 and (code // WIDTHS[bare]) % 37 == LETTER_X:
        bare -= 1
    if n < 7 and (_takes_seventh(edition, sevenths, code, n, day)
                  or (bare < n and _takes_seventh(edition, sevenths, code, bare, day))):
        return V_DX_SEVENTH_SHORT
    if first_row(edition, code) >= 0:
        return V_DX_SEVENTH_OK               # listed on another day, or a header
    if n == 7:
        if _takes_seventh(edition, sevenths, code, 6, day):
            return V_DX_SEVENTH_WRONG
    elif _lacks_inner(edition, code, n, day):
        return V_DX_SEVENTH_PLACEHOLDER
    elif n > 3 and last != LETTER_X and _takes_seventh(edition, sevenths, code, n - 1, day) and (
            last > 10 or _billable_on(edition, _padded(code, n - 1) + last, day)):
        return V_DX_SEVENTH_PLACEHOLDER
    # A letter behind a code that is complete without it; digits would be a code of another kind, not yet known.
    if last > 10:
        bare = n - 1
        while bare > 3 and (code // WIDTHS[bare]) % 37 == LETTER_X:
            bare -= 1
        if bare >= 3 and (_billable_on(edition, _head(code, bare), day) or _billable_on(edition, _head(code, n - 1), day)):
            return V_DX_SEVENTH_EXTRA
    return V_DX_SEVENTH_OK


cdef int32_t _day_of_fault(const RunC* run, int32_t dx) noexcept nogil:
    """The first day on which the diagnosis is not billable, else its first day; NO_DAY without any.

    A claim that crosses a change of the code set is judged where the code does not hold.
    """
    cdef int64_t code = run.batch.diagnoses[dx].code
    cdef const EditionC* edition
    cdef int32_t first = _judging_day(run, dx, NO_DAY)
    cdef int32_t day = first
    while day != NO_DAY:
        edition = edition_on(&run.tables.chains[T_ICD10CM], day)
        if edition == NULL or not _billable_on(edition, code, day):
            return day
        day = _judging_day(run, dx, day)
    return first


cdef const EditionC* _edition(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    """The code set in force; NULL for a code sent as ICD-9 and for days before ICD-10-CM."""
    return NULL if run.batch.diagnoses[dx].icd9 else edition_on(&run.tables.chains[T_ICD10CM], day)


cdef ValueC _status_value(const RunC* run, int32_t dx) noexcept nogil:
    cdef int32_t day = _day_of_fault(run, dx)
    cdef const EditionC* edition = _edition(run, dx, day)
    cdef int status
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if run.batch.diagnoses[dx].icd9 and day >= FIRST_ICD10:
        return known(V_DX_STATUS_ENDED)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    status = _status(edition, run.batch.diagnoses[dx].code, day)
    if status == V_DX_STATUS_UNKNOWN and (edition.partial or day >= edition.ends):
        return unknown(R_NO_ROW if edition.partial else R_NO_EDITION)
    return known(status)


cdef ValueC _seventh_value(const RunC* run, int32_t dx) noexcept nogil:
    cdef int64_t code = run.batch.diagnoses[dx].code
    cdef int32_t day = _day_of_fault(run, dx)
    cdef const EditionC* edition = _edition(run, dx, day)
    cdef const EditionC* sevenths
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if run.batch.diagnoses[dx].icd9 and day >= FIRST_ICD10:
        return known(V_DX_SEVENTH_OK)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if code <= 0 or _billable_on(edition, code, day):
        return known(V_DX_SEVENTH_OK)
    sevenths = _sevenths(run, day)
    if sevenths == NULL:
        return unknown(R_NO_EDITION)
    return known(_seventh(edition, sevenths, code, day))


cdef ValueC _age_fault(const RunC* run, int32_t dx) noexcept nogil:
    """The first age group of the code that the patient is not in.

    Source: Medicare Code Editor, edit 4; age in completed years on the date of service, of admission for inpatients.
    """
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[dx]
    cdef int32_t day = _judging_day(run, dx, NO_DAY)
    cdef const EditionC* flagged = edition_on(&run.tables.chains[T_MCE_DX], day)
    cdef const EditionC* groups = edition_on(&run.tables.chains[T_MCE_AGE], day)
    cdef int64_t row
    cdef int32_t flags
    cdef int group
    cdef ValueC age
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if flagged == NULL or groups == NULL:
        return unknown(R_NO_EDITION)
    row = row_on(flagged, diagnosis.code, day)
    flags = flagged.column[C_MCE_DX_FLAGS][row] if row >= 0 else 0
    if not flags & ((1 << AGE_GROUPS) - 1):
        return known(V_DX_AGE_FAULT_NONE)
    age = age_on(run, diagnosis.claim, age_day(run, diagnosis.claim, day))
    if age.state != 0:
        return age
    for group in range(AGE_GROUPS):
        if flags & (1 << group):
            row = row_on(groups, group + 1, day)
            if row < 0:
                return unknown(R_NO_ROW)
            if not groups.column[C_MCE_AGE_LOW][row] <= age.value <= groups.column[C_MCE_AGE_HIGH][row]:
                return known(V_DX_AGE_FAULT_NEWBORN + group)
    return known(V_DX_AGE_FAULT_NONE)


cdef int _side(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    """dx.side by the row of the code; a code that is not listed has none."""
    cdef const EditionC* edition = _edition(run, dx, day)
    cdef int64_t row
    if edition == NULL:
        return V_DX_SIDE_NONE
    row = row_on(edition, run.batch.diagnoses[dx].code, day)
    if row < 0:
        row = first_row(edition, run.batch.diagnoses[dx].code)
    return V_DX_SIDE_NONE if row < 0 else edition.column[C_ICD10CM_SIDE][row]


cdef ValueC diagnosis_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[unit.dx]
    if attribute == A_DX_CODE:
        return known(diagnosis.code) if diagnosis.code else absent()
    if attribute == A_DX_CATEGORY:
        return known(diagnosis.code - diagnosis.code % POW_4) if diagnosis.code > 0 else absent()
    if attribute == A_DX_POSITION:
        return known(diagnosis.position)
    if attribute == A_DX_ROLE:
        return known(diagnosis.role)
    if attribute == A_DX_STATUS:
        return _status_value(run, unit.dx)
    if attribute == A_DX_SEVENTH:
        return _seventh_value(run, unit.dx)
    if attribute == A_DX_AGE_FAULT:
        return _age_fault(run, unit.dx)
    if attribute == A_DX_SIDE:
        return known(_side(run, unit.dx, _judging_day(run, unit.dx, NO_DAY)))
    return known(diagnosis.dotted)


cdef int add_diagnosis_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil:
    """Adds the rows of icd10cm, mce_dx or icd10cm_seventh that an attribute of unit.dx rests on."""
    cdef int64_t code = run.batch.diagnoses[unit.dx].code
    cdef int32_t day
    cdef int n
    cdef const EditionC* edition
    if attribute == A_DX_AGE_FAULT:
        day = _judging_day(run, unit.dx, NO_DAY)
        edition = edition_on(&run.tables.chains[T_MCE_DX], day)
        if edition != NULL:
            add_row(hits, hit, T_MCE_DX, edition.slot, row_on(edition, code, day))
        return 0
    if attribute != A_DX_STATUS and attribute != A_DX_SEVENTH and attribute != A_DX_SIDE:
        return 0
    day = _day_of_fault(run, unit.dx)
    edition = _edition(run, unit.dx, day)
    if edition != NULL:
        add_row(hits, hit, T_ICD10CM, edition.slot, _spoken_row(edition, code, day))
    edition = _sevenths(run, day)
    if attribute == A_DX_SEVENTH and edition != NULL:
        for n in range(7, 2, -1):
            if first_row(edition, _head(code, n)) >= 0:
                add_row(hits, hit, T_ICD10CM_SEVENTH, edition.slot, first_row(edition, _head(code, n)))
                break
    return 0


cdef int64_t _spoken_row(const EditionC* edition, int64_t code, int32_t day) noexcept nogil:
    """The row in force, else the last one that was, else any; -1 for a code never listed."""
    cdef int64_t row = row_on(edition, code, day)
    cdef int64_t i
    if row >= 0:
        return row
    i = row = first_row(edition, code)
    while 0 <= i < edition.rows and edition.key[i] == code:
        if edition.to_day[i] <= day and edition.column[C_ICD10CM_BILLABLE][i] == 1:
            row = i
        i += 1
    return row


cdef ValueC line_pointer_fault(const RunC* run, int32_t line) noexcept nogil:
    """Only professional claims point."""
    cdef const LineC* c_line = &run.batch.lines[line]
    if run.batch.claims[c_line.claim].kind == INSTITUTIONAL:
        return known(POINTER_OK)
    return known(c_line.pointer_fault)


cdef ValueC line_dx1(const RunC* run, int32_t line) noexcept nogil:
    cdef int32_t dx
    if pointed_count(run, line) == 0:
        return unknown(R_NO_FACT)
    dx = pointed_diagnosis(run, line, 0)
    if dx < 0 or run.batch.diagnoses[dx].code == 0:
        return unknown(R_NO_FACT)
    return known(run.batch.diagnoses[dx].code)


cdef ValueC line_dx_side(const RunC* run, int32_t line) noexcept nogil:
    """Sides of the pointed diagnoses of the procedure's region against the side that the line's modifiers name.

    opposite: every one with a side has the other; part: some have; for both sides billed, part means that one side has
    no diagnosis. A code of no known region is unknown.
    """
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const SpecialC* special = &run.special
    cdef int side = side_of(c_line)
    cdef bint regional[MAX_REGIONS]
    cdef bint any_region = False
    cdef bint within
    cdef int agree = 0, against = 0, unspecified = 0, sides = 0
    cdef int i, r, dx_side
    cdef int32_t dx
    if side == 0:
        return known(V_LINE_DX_SIDE_NONE)
    for r in range(special.region_count):
        regional[r] = in_set(run, special.regions[r], c_line.code, c_line.from_day)
        any_region = any_region or regional[r]
    if not any_region:
        return unknown(R_NO_FACT)
    for i in range(pointed_count(run, line)):
        dx = pointed_diagnosis(run, line, i)
        if dx < 0:
            continue
        dx_side = _side(run, dx, c_line.from_day)
        if dx_side == V_DX_SIDE_NONE:
            continue
        within = False
        for r in range(special.region_count):
            if regional[r] and in_set(run, special.dx_regions[r], run.batch.diagnoses[dx].code, c_line.from_day):
                within = True
                break
        if not within:
            continue
        if dx_side == V_DX_SIDE_UNSPECIFIED:
            unspecified += 1
            continue
        sides |= dx_side
        if dx_side & side:
            agree += 1
        else:
            against += 1
    if side == SIDE_BOTH:
        if sides == 0:
            return known(V_LINE_DX_SIDE_UNSPECIFIED if unspecified else V_LINE_DX_SIDE_NONE)
        return known(V_LINE_DX_SIDE_SAME if sides == SIDE_BOTH or unspecified else V_LINE_DX_SIDE_PART)
    if agree and against:
        return known(V_LINE_DX_SIDE_PART)
    if agree:
        return known(V_LINE_DX_SIDE_SAME)
    if against and not unspecified:
        return known(V_LINE_DX_SIDE_OPPOSITE)
    if against:
        return known(V_LINE_DX_SIDE_PART)
    return known(V_LINE_DX_SIDE_UNSPECIFIED if unspecified else V_LINE_DX_SIDE_NONE)


cdef int fill_regions(SpecialC* special, dict numbers) except -1:
    """Pairs every set `region_X` with `dx_region_X`.

    Args:
        special: Where their numbers go.
        numbers: Number of each set of the program by name.
    """
    cdef int count = 0
    for name in sorted(numbers):
        if name.startswith("region_") and f"dx_{name}" in numbers and count < MAX_REGIONS:
            special.regions[count] = numbers[name]
            special.dx_regions[count] = numbers[f"dx_{name}"]
            count += 1
    special.region_count = count
    return 0
