"""Procedures for an age or a sex, against the patient."""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport age_on
from scrubber._facts cimport known, unknown
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport LineC
from scrubber.words cimport *

cdef enum:
    FOR_WOMEN = 1                # of code_age_sex.sex
    FOR_MEN = 2


cdef ValueC limit_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """line.age_fault and line.sex_fault: a code without a row is for everybody."""
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_CODE_AGE_SEX], line.from_day)
    cdef int64_t row
    cdef int32_t least, under, sex
    cdef int sent
    cdef ValueC age
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = -1 if line.code <= 0 else row_on(edition, line.code, line.from_day)
    if row < 0:
        return known(0)
    if attribute == A_LINE_SEX_FAULT:
        sex = edition.column[C_CODE_AGE_SEX_SEX][row]
        sent = run.batch.claims[line.claim].sex
        if sex == 0:
            return known(V_LINE_SEX_FAULT_NONE)
        if sent != c'F' and sent != c'M':
            return unknown(R_NO_FACT)
        return known((sex == FOR_WOMEN) != (sent == c'F'))
    least = edition.column[C_CODE_AGE_SEX_LEAST][row]
    under = edition.column[C_CODE_AGE_SEX_UNDER][row]
    if least == 0 and under == 0:
        return known(V_LINE_AGE_FAULT_NONE)
    age = age_on(run, line.claim, line.from_day)
    if age.state != 0:
        return age
    if age.value < least:
        return known(V_LINE_AGE_FAULT_LOW)
    return known(V_LINE_AGE_FAULT_HIGH if under and age.value >= under else V_LINE_AGE_FAULT_NONE)
