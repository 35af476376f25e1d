"""What one line of a patient is to another."""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport pointed_count, pointed_diagnosis
from scrubber._facts cimport known, unknown
from scrubber._lines cimport (
    anatomic, claim_of, comes_before, effective_pos, first_pointed, has_modifier, npi_of, same_group, side_of,
    specialty_of, tin_of,
)
from scrubber.run cimport RunC, ValueC
from scrubber.structs cimport DENIED, MAX_MODIFIERS, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    M_26 = 3 * 37 + 7
    M_TC = 30 * 37 + 13
    POW_37_4 = 1874161


cdef ValueC relation_value(RunC* run, int32_t line, int32_t item, int attribute) noexcept nogil:
    """What the item is to the line."""
    cdef const LineC* a = &run.batch.lines[line]
    cdef const LineC* b = &run.batch.lines[item]
    cdef int64_t x, y
    if attribute == A_RELATION_SAME_GROUP:
        return same_group(run, line, item)
    if attribute == A_RELATION_SAME_PROVIDER:
        x = npi_of(run, line)
        y = npi_of(run, item)
        return unknown(R_NO_FACT) if x == 0 or y == 0 else known(x == y)
    if attribute == A_RELATION_SAME_TIN:
        x = tin_of(run, line)
        y = tin_of(run, item)
        return unknown(R_NO_FACT) if x == 0 or y == 0 else known(x == y)
    if attribute == A_RELATION_SAME_SPECIALTY:
        x = npi_of(run, line)
        if x != 0 and x == npi_of(run, item):
            return known(1)
        x = specialty_of(run, line)
        y = specialty_of(run, item)
        return unknown(R_NO_FACT) if x == 0 or y == 0 else known(x == y)
    if attribute == A_RELATION_SAME_CLAIM:
        return known(a.claim == b.claim)
    if attribute == A_RELATION_SAME_CODE:
        return known(a.code == b.code)
    if attribute == A_RELATION_EARLIER:
        return known(comes_before(run, item, line))
    if attribute == A_RELATION_SAME_DX3:
        x = first_pointed(run, line)
        y = first_pointed(run, item)
        return unknown(R_NO_FACT) if x <= 0 or y <= 0 else known(x // POW_37_4 == y // POW_37_4)
    if attribute == A_RELATION_SHARES_DX:
        return _shares_dx(run, line, item)
    if attribute == A_RELATION_ANATOMIC:
        return known(anatomic(run, line, item))
    return known((side_of(a) == V_LINE_SIDE_LEFT and side_of(b) == V_LINE_SIDE_RIGHT)
                 or (side_of(a) == V_LINE_SIDE_RIGHT and side_of(b) == V_LINE_SIDE_LEFT))


cdef ValueC _shares_dx(const RunC* run, int32_t line, int32_t item) noexcept nogil:
    """Whether both point to one diagnosis; unknown where either points to none."""
    cdef int32_t a, b
    cdef int i, k
    cdef bint first = False, second = False
    for i in range(pointed_count(run, line)):
        a = pointed_diagnosis(run, line, i)
        first = first or a >= 0
        for k in range(pointed_count(run, item)):
            b = pointed_diagnosis(run, item, k)
            second = second or b >= 0
            if a >= 0 and b >= 0 and run.batch.diagnoses[a].code == run.batch.diagnoses[b].code:
                return known(1)
    return known(0) if first and second else unknown(R_NO_FACT)


cdef bint _same_modifiers(const LineC* a, const LineC* b) noexcept nogil:
    """Equal as sets."""
    cdef int i
    for i in range(min(<int>a.modifier_count, MAX_MODIFIERS)):
        if not has_modifier(b, a.modifiers[i]):
            return False
    for i in range(min(<int>b.modifier_count, MAX_MODIFIERS)):
        if not has_modifier(a, b.modifiers[i]):
            return False
    return True


cdef bint _other_drug(const RunC* run, const LineC* a, const LineC* b) noexcept nogil:
    """Both lines name a drug, by its NDC, and not the same one."""
    return a.drug >= 0 and b.drug >= 0 and run.batch.drugs[a.drug].ndc != run.batch.drugs[b.drug].ndc


cdef ValueC repeat_value(RunC* run, int32_t line, int32_t item, int attribute) noexcept nogil:
    """repeat.*: what an equal code on the same day is to the line."""
    cdef const LineC* a = &run.batch.lines[line]
    cdef const LineC* b = &run.batch.lines[item]
    cdef const ClaimC* x = claim_of(run, line)
    cdef const ClaimC* y = claim_of(run, item)
    cdef int part_a, part_b
    if attribute == A_REPEAT_EXACT:
        return known(x.payer == y.payer and _billing_npi(run, line) == _billing_npi(run, item)
                     and npi_of(run, line) == npi_of(run, item) and a.thru_day == b.thru_day
                     and a.units_milli == b.units_milli and a.charge_cents == b.charge_cents
                     and effective_pos(run, line) == effective_pos(run, item) and _same_modifiers(a, b)
                     and not _other_drug(run, a, b))
    if attribute == A_REPEAT_COUNT:
        return known(1)
    if attribute == A_REPEAT_COMPONENT:
        part_a = has_modifier(a, M_26) + 2 * has_modifier(a, M_TC)
        part_b = has_modifier(b, M_26) + 2 * has_modifier(b, M_TC)
        if part_a == part_b:
            return known(V_REPEAT_COMPONENT_NONE)
        if part_a != 0 and part_b != 0:
            return known(V_REPEAT_COMPONENT_COMPLEMENT)
        return known(V_REPEAT_COMPONENT_OVERLAP)
    if attribute == A_REPEAT_REPLACES:
        return known(x.original != 0 and x.original == y.control)
    if attribute == A_REPEAT_OTHER_DRUG:
        return known(_other_drug(run, a, b))
    return known(y.state == DENIED or b.state == DENIED)


cdef int64_t _billing_npi(const RunC* run, int32_t line) noexcept nogil:
    cdef int32_t billing = claim_of(run, line).billing
    return 0 if billing < 0 else run.batch.providers[billing].npi
