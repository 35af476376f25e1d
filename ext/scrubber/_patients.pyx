"""The names patient and subscriber: age and sex, and what is wrong with what is told of them."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._claims cimport age_day, age_on, first_from
from scrubber._facts cimport absent, known, unknown
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport NO_DAY, NOT_TOLD, ClaimC
from scrubber.words cimport *


cdef inline ValueC _day(int32_t day) noexcept nogil:
    return known(day) if day != NO_DAY else absent()


cdef inline ValueC _fault(uint8_t fault, int reason) noexcept nogil:
    return unknown(reason) if fault == NOT_TOLD else known(fault)


cdef ValueC patient_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """patient.*; a sex sent as unknown is unknown."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef int32_t day
    if attribute == A_PATIENT_SEX:
        if claim.sex == c'F':
            return known(V_PATIENT_SEX_F)
        return known(V_PATIENT_SEX_M) if claim.sex == c'M' else unknown(R_NO_FACT)
    if attribute == A_PATIENT_SEX_FAULT:
        return known(claim.sex_fault)
    if attribute == A_PATIENT_BIRTH:
        return _day(claim.birth)
    if attribute == A_PATIENT_DEATH:
        return _day(claim.death)
    day = run.batch.lines[unit.line].from_day if unit.line >= 0 else first_from(run, unit.claim)
    return age_on(run, unit.claim, age_day(run, unit.claim, day))


cdef ValueC subscriber_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """subscriber.*; a member id has a form only where the profile says which."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    if attribute == A_SUBSCRIBER_ID_FAULT:
        return _fault(claim.id_fault, R_NO_SETTING)
    if attribute == A_SUBSCRIBER_NAME_FAULT:
        return _fault(claim.name_fault, R_NO_FACT)
    if attribute == A_SUBSCRIBER_RELATION_FAULT:
        return known(claim.relation_fault)
    return known(claim.eligible)
