"""What a rule cannot hold without: codes of the case, diagnoses of the claim.

A condition on some item of a related set is false where no code of the case, or no diagnosis of the claim, is in the set
that it asks for. That is one bit to look at, before any condition is: most rules about other lines fall here.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from scrubber._facts cimport in_set_ever, line_facts
from scrubber._related cimport complete
from scrubber.bits cimport has_bit
from scrubber.run cimport (
    GLOB_BITS, MOST_ASKED, N_ALL, N_ANY, N_SOME, N_TEST, OPERAND_LITERAL, OPERAND_SET, SET_BITS, SET_WORDS, DemandC,
    NodeC, RemainC, RunC, UnitC,
)
from scrubber.words cimport *

cdef enum:
    OF_DX = 64 * SET_WORDS       # bits of the claim's diagnoses stand after those of the case's codes,
    OF_OTHERS = 2 * OF_DX        # and after them those of the codes of lines that are not the unit's own


cdef inline void _ask(DemandC* demand, int bit) noexcept nogil:
    demand.bits[demand.count] = <short>bit
    demand.count += 1


cdef bint _of_lines(int related) noexcept nogil:
    """Related sets of lines of the case that can be known to be whole."""
    return (related == S_OTHER or related == S_NEXT or related == S_REPEAT or related == S_LINES or related == S_PAIR
            or related == S_POINTING)


cdef inline int _beside(int related) noexcept nogil:
    """What is added to the bit of a code of lines that are, or are not, all but the unit's own."""
    return OF_OTHERS if related == S_OTHER or related == S_NEXT or related == S_REPEAT or related == S_PAIR else 0


cdef DemandC _of_test(const RunC* run, const NodeC* node, int related) noexcept nogil:
    """The sets of which one must hold a code, or a diagnosis, for a test of items to be true."""
    cdef DemandC demand
    cdef int64_t value
    cdef bint one = node.operand == OPERAND_LITERAL and node.operator == O_EQ
    cdef bint listed = node.operand == OPERAND_SET and (node.operator == O_IN or node.operator == O_HAS)
    memset(&demand, 0, sizeof(DemandC))
    if node.scope != 1:
        return demand
    if _of_lines(related) and node.attribute == A_LINE_CODE and listed and 0 <= node.value < SET_BITS:
        _ask(&demand, <int>node.value + _beside(related))
    elif _of_lines(related) and node.attribute == A_FEE_GLOB and (one or listed):
        for value in range(GLOB_BITS):
            if (value == node.value) if one else in_set_ever(run, <int32_t>node.value, value):
                if demand.count == MOST_ASKED:
                    demand.count = 0
                    return demand
                _ask(&demand, <int>(SET_BITS + value) + _beside(related))
    elif related == S_POINTED or related == S_DIAGNOSES:
        if node.attribute == A_DX_CODE and listed and 0 <= node.value < SET_BITS:
            _ask(&demand, <int>(OF_DX + node.value))
        elif node.attribute == A_DX_FLAGS and node.operator == O_HAS:
            for value in range(GLOB_BITS):
                if node.value == 1 << value:
                    _ask(&demand, <int>(OF_DX + SET_BITS + value))
    return demand


cdef DemandC _of(const RunC* run, int32_t at, int related) noexcept nogil:
    """What a condition cannot be true without; of none the count is 0."""
    cdef const NodeC* node = &run.nodes[at]
    cdef int32_t child = at + 1
    cdef DemandC demand, here
    memset(&demand, 0, sizeof(DemandC))
    if node.op == N_TEST:
        return _of_test(run, node, related)
    if node.op == N_SOME:
        related = node.related
    if node.op == N_ALL or node.op == N_SOME:        # the narrowest of what it is made of
        while child < node.end:
            here = _of(run, child, related)
            if here.count and (demand.count == 0 or here.count < demand.count):
                demand = here
            child = run.nodes[child].end
        if node.op == N_SOME:
            demand.related = node.related
        return demand
    if node.op != N_ANY:
        return demand
    while child < node.end:                          # any of what it is made of
        here = _of(run, child, related)
        if not _join(&demand, &here):
            demand.count = 0
            return demand
        child = run.nodes[child].end
    return demand


cdef bint _join(DemandC* demand, const DemandC* other) noexcept nogil:
    """Makes it the demand of one or the other; False where there is none, or no room."""
    cdef int i
    if other.count == 0 or demand.count + other.count > MOST_ASKED:
        return False
    if demand.count == 0:
        demand[0] = other[0]
        return True
    for i in range(other.count):
        _ask(demand, other.bits[i])
    if demand.related != S_NEXT and (other.related == S_OTHER or other.related == S_REPEAT or other.related == S_NEXT):
        demand.related = other.related               # the one that is hardest to know whole
    return True


cdef void fill_demands(RunC* run, RemainC* remain) noexcept nogil:
    cdef DemandC demand
    cdef int32_t i
    memset(remain.demands, 0, sizeof(remain.demands))
    if remain.when >= 0:
        remain.demands[0] = _of(run, remain.when, -1)
    for i in range(remain.first_case, remain.first_case + remain.case_count):
        memset(&demand, 0, sizeof(DemandC))
        if run.remaining_cases[i].node >= 0:
            demand = _of(run, run.remaining_cases[i].node, -1)
        if not _join(&remain.demands[1], &demand):
            remain.demands[1].count = 0
            break
    if remain.demands[0].count == 0:
        remain.demands[0] = remain.demands[1]
        remain.demands[1].count = 0


cdef inline bint _has(RunC* run, const UnitC* unit, int bit) noexcept nogil:
    if bit < OF_DX:
        return has_bit(run.case_sets, bit)
    if bit < OF_OTHERS:
        return has_bit(run.dx_sets, bit - OF_DX)
    bit -= OF_OTHERS
    return has_bit(run.case_twice, bit) or (
        has_bit(run.case_sets, bit) and (unit.line < 0 or not has_bit(line_facts(run, unit.line).sets, bit)))


cdef bint is_met(RunC* run, const RemainC* remain, const UnitC* unit) noexcept nogil:
    cdef const DemandC* demand
    cdef int d, i
    for d in range(2):
        demand = &remain.demands[d]
        if demand.count == 0:
            return True
        i = 0
        while i < demand.count and not _has(run, unit, demand.bits[i]):
            if OF_DX <= demand.bits[i] < OF_OTHERS and unit.claim != run.dx_sets_of:
                return True
            i += 1
        if i == demand.count and complete(run, unit, demand.related, 0):
            return False
    return True
