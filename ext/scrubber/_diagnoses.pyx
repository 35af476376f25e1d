"""The grain dx: what each diagnosis is on the day that judges it."""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport (
    age_day, age_on, first_from, is_inpatient, last_thru, pointed_count, pointed_diagnosis,
)
from scrubber._codeset cimport billable_on, code_head, code_status, codeset_of, seventh_fault, sevenths_on, spoken_row
from scrubber._facts cimport absent, known, unknown
from scrubber._hits cimport HitC, HitsC, add_row
from scrubber._sides cimport diagnosis_side
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber._traits cimport OLDEST, YOUNGEST
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport (
    DENTAL, FIRST_ICD10, INSTITUTIONAL, MAX_POINTERS, NO_DAY, POINTER_OK, ClaimC, DiagnosisC, LineC,
)
from scrubber.words cimport *

cdef enum:
    AGE_GROUPS = 4               # the first flags of mce_dx name an age group, in the order of MCE_FLAGS
    POW_4 = 1874161              # 37**4: what stands behind a category of three characters


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
        if edition == NULL or not billable_on(edition, code, day):
            return day
        day = _judging_day(run, dx, day)
    return first


cdef ValueC _status_value(const RunC* run, int32_t dx) noexcept nogil:
    cdef int32_t day = _day_of_fault(run, dx)
    cdef const EditionC* edition = codeset_of(run, dx, day)
    cdef int status
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if run.batch.diagnoses[dx].icd9 and day >= FIRST_ICD10:
        # A dentist may code by SNODENT instead, which is licensed, and marked alike.
        return unknown(R_NO_ROW) if run.batch.claims[run.batch.diagnoses[dx].claim].kind == DENTAL else (
            known(V_DX_STATUS_ENDED))
    if edition == NULL:
        return unknown(R_NO_EDITION)
    status = code_status(edition, run.batch.diagnoses[dx].code, day)
    if status == V_DX_STATUS_UNKNOWN and (edition.partial or day >= edition.ends):
        return unknown(R_NO_ROW if edition.partial else R_NO_EDITION)
    return known(status)


cdef ValueC _seventh_value(const RunC* run, int32_t dx) noexcept nogil:
    cdef int64_t code = run.batch.diagnoses[dx].code
    cdef int32_t day = _day_of_fault(run, dx)
    cdef const EditionC* edition = codeset_of(run, dx, day)
    cdef const EditionC* sevenths
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if run.batch.diagnoses[dx].icd9 and day >= FIRST_ICD10:
        return known(V_DX_SEVENTH_OK)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if code <= 0 or billable_on(edition, code, day):
        return known(V_DX_SEVENTH_OK)
    sevenths = sevenths_on(run, day)
    if sevenths == NULL:
        return unknown(R_NO_EDITION)
    return known(seventh_fault(edition, sevenths, code, day))


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


cdef bint is_same_for_adults(const RunC* run, int32_t dx) noexcept nogil:
    """Whether the age groups of the code hold every adult or none (see `is_adult`), whichever row is in force."""
    cdef int32_t day = _judging_day(run, dx, NO_DAY)
    cdef const EditionC* groups = edition_on(&run.tables.chains[T_MCE_AGE], day)
    cdef ValueC flags = _flags(run, dx)
    cdef int64_t row
    cdef int group
    if groups == NULL or flags.state != 0:
        return False
    for group in range(AGE_GROUPS):
        row = first_row(groups, group + 1) if flags.value & (1 << group) else -1
        while 0 <= row < groups.rows and groups.key[row] == group + 1:
            if YOUNGEST < groups.column[C_MCE_AGE_LOW][row] <= OLDEST or (
                    YOUNGEST < groups.column[C_MCE_AGE_HIGH][row] < OLDEST):
                return False
            row += 1
    return True


cdef ValueC _side_value(const RunC* run, int32_t dx) noexcept nogil:
    cdef int32_t day = _judging_day(run, dx, NO_DAY)
    cdef const EditionC* edition
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    edition = codeset_of(run, dx, day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if edition.partial and first_row(edition, run.batch.diagnoses[dx].code) < 0:
        return unknown(R_NO_ROW)
    return known(diagnosis_side(run, dx, day))


cdef ValueC _flags(const RunC* run, int32_t dx) noexcept nogil:
    """Flags of the Medicare Code Editor on the day, as bits; a code without a row has none."""
    cdef int32_t day = _judging_day(run, dx, NO_DAY)
    cdef const EditionC* edition
    cdef int64_t row
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    edition = edition_on(&run.tables.chains[T_MCE_DX], day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = row_on(edition, run.batch.diagnoses[dx].code, day)
    if row < 0 and edition.partial and first_row(edition, run.batch.diagnoses[dx].code) < 0:
        return unknown(R_NO_ROW)
    return known(edition.column[C_MCE_DX_FLAGS][row] if row >= 0 else 0)


cdef ValueC _sex_fault(const RunC* run, int32_t dx) noexcept nogil:
    """Source: Medicare Code Editor, edit 5, whose flags end on 2024-09-30."""
    cdef ValueC flags = _flags(run, dx)
    cdef int sex = run.batch.claims[run.batch.diagnoses[dx].claim].sex
    if flags.state != 0 or not flags.value & (V_DX_FLAGS_MALE | V_DX_FLAGS_FEMALE):
        return flags if flags.state != 0 else known(V_DX_SEX_FAULT_NONE)
    if sex != c'F' and sex != c'M':
        return unknown(R_NO_FACT)
    return known(not flags.value & (V_DX_FLAGS_FEMALE if sex == c'F' else V_DX_FLAGS_MALE))


cdef bint _listed(int role) noexcept nogil:
    """Whether a role belongs to the list of principal and other diagnoses."""
    return role == V_DX_ROLE_PRINCIPAL or role == V_DX_ROLE_OTHER


cdef int _copies(const RunC* run, int32_t dx) noexcept nogil:
    """How often the code has come, up to this diagnosis, in the list that the diagnosis belongs to."""
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[dx]
    cdef const DiagnosisC* other
    cdef int32_t i
    cdef int count = 1
    for i in range(run.batch.claims[diagnosis.claim].first_diagnosis, dx):
        other = &run.batch.diagnoses[i]
        if other.code == diagnosis.code and diagnosis.code != 0 and (
                other.role == diagnosis.role or (_listed(other.role) and _listed(diagnosis.role))):
            count += 1
    return count


cdef int _poa(int letter) noexcept nogil:
    if letter == 0:
        return V_DX_POA_BLANK
    if letter == c'Y':
        return V_DX_POA_Y
    if letter == c'N':
        return V_DX_POA_N
    if letter == c'U':
        return V_DX_POA_U
    return V_DX_POA_W if letter == c'W' else V_DX_POA_OTHER


cdef ValueC _poa_exempt(const RunC* run, int32_t dx) noexcept nogil:
    """Whether the list of the fiscal year exempts the code from the indicator."""
    cdef int32_t day = _judging_day(run, dx, NO_DAY)
    cdef const EditionC* edition
    cdef int64_t row
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    edition = edition_on(&run.tables.chains[T_POA_EXEMPT], day)
    if edition == NULL or day >= edition.ends:       # each year has a list of its own
        return unknown(R_NO_EDITION)
    row = row_on(edition, run.batch.diagnoses[dx].code, day)
    return unknown(R_NO_ROW) if row < 0 and edition.partial else known(row >= 0)


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
        return _side_value(run, unit.dx)
    if attribute == A_DX_FLAGS:
        return _flags(run, unit.dx)
    if attribute == A_DX_SEX_FAULT:
        return _sex_fault(run, unit.dx)
    if attribute == A_DX_COPIES:
        return known(_copies(run, unit.dx))
    if attribute == A_DX_POA:
        return known(_poa(diagnosis.poa))
    if attribute == A_DX_POA_EXEMPT:
        return _poa_exempt(run, unit.dx)
    if attribute == A_DX_SEVENTH_CHAR:
        return known(diagnosis.code % 37 if diagnosis.code > 0 else V_DX_SEVENTH_CHAR_NONE)
    return known(diagnosis.dotted)


cdef int add_diagnosis_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil:
    """Adds the rows of icd10cm, mce_dx or icd10cm_seventh that an attribute of unit.dx rests on."""
    cdef int64_t code = run.batch.diagnoses[unit.dx].code
    cdef int32_t day
    cdef int n
    cdef const EditionC* edition
    if attribute == A_DX_AGE_FAULT or attribute == A_DX_SEX_FAULT or attribute == A_DX_FLAGS:
        day = _judging_day(run, unit.dx, NO_DAY)
        edition = edition_on(&run.tables.chains[T_MCE_DX], day)
        if edition != NULL:
            add_row(hits, hit, T_MCE_DX, edition.slot, row_on(edition, code, day))
        return 0
    if attribute == A_DX_POA_EXEMPT:
        edition = edition_on(&run.tables.chains[T_POA_EXEMPT], _judging_day(run, unit.dx, NO_DAY))
        if edition != NULL:
            add_row(hits, hit, T_POA_EXEMPT, edition.slot, first_row(edition, code))
        return 0
    if attribute != A_DX_STATUS and attribute != A_DX_SEVENTH and attribute != A_DX_SIDE:
        return 0
    day = _day_of_fault(run, unit.dx)
    edition = codeset_of(run, unit.dx, day)
    if edition != NULL:
        add_row(hits, hit, T_ICD10CM, edition.slot, spoken_row(edition, code, day))
    edition = sevenths_on(run, day)
    if attribute == A_DX_SEVENTH and edition != NULL:
        for n in range(7, 2, -1):
            if first_row(edition, code_head(code, n)) >= 0:
                add_row(hits, hit, T_ICD10CM_SEVENTH, edition.slot, first_row(edition, code_head(code, n)))
                break
    return 0


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


