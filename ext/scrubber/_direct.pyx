"""Attributes that are a field of a struct, as they stand there: read without asking the module they belong to."""

from libc.string cimport memset

from scrubber.run cimport (
    EMPTY_NEVER, EMPTY_NO_DAY, EMPTY_ZERO, OF_CLAIM, OF_DIAGNOSIS, OF_LINE, OF_PAYER, OF_PROVIDER, DirectC,
)
from scrubber.structs cimport ClaimC, DiagnosisC, LineC, ProviderC
from scrubber.words cimport *


cdef void _put(DirectC* direct, int attribute, int owner, size_t offset, size_t width, int empty) noexcept:
    direct[attribute].owner = owner
    direct[attribute].offset = <unsigned short>offset
    direct[attribute].width = <unsigned char>width
    direct[attribute].empty = empty


cdef void fill_direct(DirectC* direct) noexcept:
    cdef LineC l
    cdef ClaimC c
    cdef DiagnosisC d
    cdef ProviderC p
    cdef size_t line = <size_t>&l, claim = <size_t>&c, dx = <size_t>&d, provider = <size_t>&p
    cdef int attribute
    memset(direct, 0, ATTRIBUTE_COUNT * sizeof(DirectC))
    for attribute in range(F_PAYER, F_MODIFIER):
        _put(direct, attribute, OF_PAYER, attribute - F_PAYER, 0, EMPTY_NEVER)
    _put(direct, A_LINE_CODE, OF_LINE, <size_t>&l.code - line, 8, EMPTY_ZERO)
    _put(direct, A_LINE_NUMBER, OF_LINE, <size_t>&l.number - line, 4, EMPTY_NEVER)
    _put(direct, A_LINE_UNITS, OF_LINE, <size_t>&l.units_milli - line, 8, EMPTY_NEVER)
    _put(direct, A_LINE_DATE, OF_LINE, <size_t>&l.from_day - line, 4, EMPTY_NO_DAY)
    _put(direct, A_LINE_THRU, OF_LINE, <size_t>&l.thru_day - line, 4, EMPTY_NO_DAY)
    _put(direct, A_LINE_MODIFIER_COUNT, OF_LINE, <size_t>&l.modifier_count - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_UNIT_KIND, OF_LINE, <size_t>&l.unit_kind - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_NOTE, OF_LINE, <size_t>&l.note - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_DESCRIPTION, OF_LINE, <size_t>&l.description - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_STATE, OF_LINE, <size_t>&l.state - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_MODIFIER_GAP, OF_LINE, <size_t>&l.modifier_gap - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_EMERGENCY, OF_LINE, <size_t>&l.emergency - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_LX_FAULT, OF_LINE, <size_t>&l.lx_fault - line, 1, EMPTY_NEVER)
    _put(direct, A_LINE_POINTER_FAULT, OF_LINE, <size_t>&l.pointer_fault - line, 1, EMPTY_NEVER)
    _put(direct, A_CLAIM_TYPE, OF_CLAIM, <size_t>&c.kind - claim, 1, EMPTY_NEVER)
    _put(direct, A_CLAIM_POS, OF_CLAIM, <size_t>&c.pos - claim, 8, EMPTY_ZERO)
    _put(direct, A_CLAIM_LINE_COUNT, OF_CLAIM, <size_t>&c.line_count - claim, 4, EMPTY_NEVER)
    _put(direct, A_CLAIM_ADMIT, OF_CLAIM, <size_t>&c.admit - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_DISCHARGE, OF_CLAIM, <size_t>&c.discharge - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_ONSET, OF_CLAIM, <size_t>&c.onset - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_LAST_SEEN, OF_CLAIM, <size_t>&c.last_seen - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_INITIAL_TREATMENT, OF_CLAIM, <size_t>&c.initial_treatment - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_ACCIDENT, OF_CLAIM, <size_t>&c.accident - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_AS_OF, OF_CLAIM, <size_t>&c.as_of - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_CLAIM_DELAY_REASON, OF_CLAIM, <size_t>&c.delay_reason - claim, 8, EMPTY_ZERO)
    _put(direct, A_CLAIM_ACCIDENT_STATE, OF_CLAIM, <size_t>&c.accident_state - claim, 8, EMPTY_ZERO)
    _put(direct, A_CLAIM_ACCIDENT_ABROAD, OF_CLAIM, <size_t>&c.accident_abroad - claim, 1, EMPTY_NEVER)
    _put(direct, A_CLAIM_PCN_LENGTH, OF_CLAIM, <size_t>&c.id.length - claim, 4, EMPTY_NEVER)
    _put(direct, A_CLAIM_PCN_COPIES, OF_CLAIM, <size_t>&c.copies - claim, 4, EMPTY_NEVER)
    _put(direct, A_PATIENT_SEX_FAULT, OF_CLAIM, <size_t>&c.sex_fault - claim, 1, EMPTY_NEVER)
    _put(direct, A_PATIENT_BIRTH, OF_CLAIM, <size_t>&c.birth - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_PATIENT_DEATH, OF_CLAIM, <size_t>&c.death - claim, 4, EMPTY_NO_DAY)
    _put(direct, A_SUBSCRIBER_RELATION_FAULT, OF_CLAIM, <size_t>&c.relation_fault - claim, 1, EMPTY_NEVER)
    _put(direct, A_SUBSCRIBER_ELIGIBLE, OF_CLAIM, <size_t>&c.eligible - claim, 1, EMPTY_NEVER)
    _put(direct, A_DX_CODE, OF_DIAGNOSIS, <size_t>&d.code - dx, 8, EMPTY_ZERO)
    _put(direct, A_DX_POSITION, OF_DIAGNOSIS, <size_t>&d.position - dx, 1, EMPTY_NEVER)
    _put(direct, A_DX_ROLE, OF_DIAGNOSIS, <size_t>&d.role - dx, 1, EMPTY_NEVER)
    _put(direct, A_DX_DOTTED, OF_DIAGNOSIS, <size_t>&d.dotted - dx, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_ROLE, OF_PROVIDER, <size_t>&p.role - provider, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_NPI_FAULT, OF_PROVIDER, <size_t>&p.npi_fault - provider, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_ENTITY, OF_PROVIDER, <size_t>&p.entity - provider, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAX_ID_FAULT, OF_PROVIDER, <size_t>&p.tax_id_fault - provider, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAX_ID_KIND, OF_PROVIDER, <size_t>&p.tax_id_kind - provider, 1, EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAXONOMY, OF_PROVIDER, <size_t>&p.taxonomy - provider, 8, EMPTY_ZERO)
