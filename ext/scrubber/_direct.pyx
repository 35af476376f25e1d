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
    _put(direct, A_LINE_CODE, OF_LINE, <size_t>&l.code - line, sizeof(l.code), EMPTY_ZERO)
    _put(direct, A_LINE_NUMBER, OF_LINE, <size_t>&l.number - line, sizeof(l.number), EMPTY_NEVER)
    _put(direct, A_LINE_UNITS, OF_LINE, <size_t>&l.units_milli - line, sizeof(l.units_milli), EMPTY_NEVER)
    _put(direct, A_LINE_DATE, OF_LINE, <size_t>&l.from_day - line, sizeof(l.from_day), EMPTY_NO_DAY)
    _put(direct, A_LINE_THRU, OF_LINE, <size_t>&l.thru_day - line, sizeof(l.thru_day), EMPTY_NO_DAY)
    _put(direct, A_LINE_MODIFIER_COUNT, OF_LINE, <size_t>&l.modifier_count - line,
         sizeof(l.modifier_count), EMPTY_NEVER)
    _put(direct, A_LINE_UNIT_KIND, OF_LINE, <size_t>&l.unit_kind - line, sizeof(l.unit_kind), EMPTY_NEVER)
    _put(direct, A_LINE_NOTE, OF_LINE, <size_t>&l.note - line, sizeof(l.note), EMPTY_NEVER)
    _put(direct, A_LINE_DESCRIPTION, OF_LINE, <size_t>&l.description - line, sizeof(l.description), EMPTY_NEVER)
    _put(direct, A_LINE_STATE, OF_LINE, <size_t>&l.state - line, sizeof(l.state), EMPTY_NEVER)
    _put(direct, A_LINE_MODIFIER_GAP, OF_LINE, <size_t>&l.modifier_gap - line, sizeof(l.modifier_gap), EMPTY_NEVER)
    _put(direct, A_LINE_EMERGENCY, OF_LINE, <size_t>&l.emergency - line, sizeof(l.emergency), EMPTY_NEVER)
    _put(direct, A_LINE_LX_FAULT, OF_LINE, <size_t>&l.lx_fault - line, sizeof(l.lx_fault), EMPTY_NEVER)
    _put(direct, A_LINE_POINTER_FAULT, OF_LINE, <size_t>&l.pointer_fault - line, sizeof(l.pointer_fault), EMPTY_NEVER)
    _put(direct, A_CLAIM_TYPE, OF_CLAIM, <size_t>&c.kind - claim, sizeof(c.kind), EMPTY_NEVER)
    _put(direct, A_CLAIM_POS, OF_CLAIM, <size_t>&c.pos - claim, sizeof(c.pos), EMPTY_ZERO)
    _put(direct, A_CLAIM_LINE_COUNT, OF_CLAIM, <size_t>&c.line_count - claim, sizeof(c.line_count), EMPTY_NEVER)
    _put(direct, A_CLAIM_ADMIT, OF_CLAIM, <size_t>&c.admit - claim, sizeof(c.admit), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_DISCHARGE, OF_CLAIM, <size_t>&c.discharge - claim, sizeof(c.discharge), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_ONSET, OF_CLAIM, <size_t>&c.onset - claim, sizeof(c.onset), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_LAST_SEEN, OF_CLAIM, <size_t>&c.last_seen - claim, sizeof(c.last_seen), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_INITIAL_TREATMENT, OF_CLAIM, <size_t>&c.initial_treatment - claim,
         sizeof(c.initial_treatment), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_ACCIDENT, OF_CLAIM, <size_t>&c.accident - claim, sizeof(c.accident), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_AS_OF, OF_CLAIM, <size_t>&c.as_of - claim, sizeof(c.as_of), EMPTY_NO_DAY)
    _put(direct, A_CLAIM_DELAY_REASON, OF_CLAIM, <size_t>&c.delay_reason - claim, sizeof(c.delay_reason), EMPTY_ZERO)
    _put(direct, A_CLAIM_ACCIDENT_STATE, OF_CLAIM, <size_t>&c.accident_state - claim,
         sizeof(c.accident_state), EMPTY_ZERO)
    _put(direct, A_CLAIM_ACCIDENT_ABROAD, OF_CLAIM, <size_t>&c.accident_abroad - claim,
         sizeof(c.accident_abroad), EMPTY_NEVER)
    _put(direct, A_CLAIM_PCN_LENGTH, OF_CLAIM, <size_t>&c.id.length - claim, 4, EMPTY_NEVER)
    _put(direct, A_CLAIM_PCN_COPIES, OF_CLAIM, <size_t>&c.copies - claim, sizeof(c.copies), EMPTY_NEVER)
    _put(direct, A_PATIENT_SEX_FAULT, OF_CLAIM, <size_t>&c.sex_fault - claim, sizeof(c.sex_fault), EMPTY_NEVER)
    _put(direct, A_PATIENT_BIRTH, OF_CLAIM, <size_t>&c.birth - claim, sizeof(c.birth), EMPTY_NO_DAY)
    _put(direct, A_PATIENT_DEATH, OF_CLAIM, <size_t>&c.death - claim, sizeof(c.death), EMPTY_NO_DAY)
    _put(direct, A_SUBSCRIBER_RELATION_FAULT, OF_CLAIM, <size_t>&c.relation_fault - claim,
         sizeof(c.relation_fault), EMPTY_NEVER)
    _put(direct, A_SUBSCRIBER_ELIGIBLE, OF_CLAIM, <size_t>&c.eligible - claim, sizeof(c.eligible), EMPTY_NEVER)
    _put(direct, A_DX_CODE, OF_DIAGNOSIS, <size_t>&d.code - dx, sizeof(d.code), EMPTY_ZERO)
    _put(direct, A_DX_POSITION, OF_DIAGNOSIS, <size_t>&d.position - dx, sizeof(d.position), EMPTY_NEVER)
    _put(direct, A_DX_ROLE, OF_DIAGNOSIS, <size_t>&d.role - dx, sizeof(d.role), EMPTY_NEVER)
    _put(direct, A_DX_DOTTED, OF_DIAGNOSIS, <size_t>&d.dotted - dx, sizeof(d.dotted), EMPTY_NEVER)
    _put(direct, A_PROVIDER_ROLE, OF_PROVIDER, <size_t>&p.role - provider, sizeof(p.role), EMPTY_NEVER)
    _put(direct, A_PROVIDER_NPI_FAULT, OF_PROVIDER, <size_t>&p.npi_fault - provider, sizeof(p.npi_fault), EMPTY_NEVER)
    _put(direct, A_PROVIDER_ENTITY, OF_PROVIDER, <size_t>&p.entity - provider, sizeof(p.entity), EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAX_ID_FAULT, OF_PROVIDER, <size_t>&p.tax_id_fault - provider,
         sizeof(p.tax_id_fault), EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAX_ID_KIND, OF_PROVIDER, <size_t>&p.tax_id_kind - provider,
         sizeof(p.tax_id_kind), EMPTY_NEVER)
    _put(direct, A_PROVIDER_TAXONOMY, OF_PROVIDER, <size_t>&p.taxonomy - provider, sizeof(p.taxonomy), EMPTY_ZERO)
