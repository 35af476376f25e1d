"""Conditions on units: Kleene logic over attributes, with the first gap in written order."""

from libc.stdint cimport int32_t
from libc.string cimport memset

from scrubber._facts cimport code_in, in_set, known, line_facts
from scrubber._related cimport complete, first_item, next_item
from scrubber._values cimport unit_day, value_of
from scrubber.run cimport (
    ABSENT, N_ALL, N_NO, N_NOT, N_SOME, N_TEST, OPERAND_ATTRIBUTE, OPERAND_LITERAL, NodeC, RunC, UnitC, ValueC,
)
from scrubber.structs cimport MAX_MODIFIERS, LineC
from scrubber.words cimport *


cdef int _modifiers_test(const RunC* run, const NodeC* node, const UnitC* target) noexcept nogil:
    """has, has_none, has_two, empty on the modifiers of a line."""
    cdef const LineC* l = &run.batch.lines[target.line]
    cdef int i, found = 0, n = min(<int>l.modifier_count, MAX_MODIFIERS)
    if node.operator == O_EMPTY:
        return (n == 0) == (node.value != 0)
    for i in range(n):
        if node.operand == OPERAND_LITERAL:
            found += l.modifiers[i] == node.value
        else:
            found += in_set(run, <int32_t>node.value, l.modifiers[i], l.from_day)
    if node.operator == O_HAS_NONE:
        return found == 0
    if node.operator == O_HAS_TWO:
        return found >= 2
    return found > 0


cdef int _test(RunC* run, const NodeC* node, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    cdef const UnitC* target = item if node.scope == 1 else unit
    cdef ValueC value, other
    cdef int op = node.operator
    cdef bint member
    if node.attribute == A_LINE_MODIFIERS and target.line >= 0:
        return _modifiers_test(run, node, target)
    value = value_of(run, target, node.attribute)
    if value.state > 0:
        gap.attribute = node.attribute
        gap.reason = value.state
        return UNKNOWN
    if node.attribute == A_DX_FLAGS:
        return ((value.value & node.value) != 0) == (op == O_HAS)
    if op == O_EMPTY:
        return (value.state == ABSENT) == (node.value != 0)
    if op == O_FOUND:
        return (value.state != ABSENT) == (node.value != 0)
    if node.operand == OPERAND_ATTRIBUTE:
        other = value_of(run, item if node.value_scope == 1 else unit, <int>node.value)
        if other.state > 0:
            gap.attribute = <int32_t>node.value
            gap.reason = other.state
            return UNKNOWN
    else:
        other = known(node.value)
    if value.state == ABSENT or other.state == ABSENT:
        return op == O_NE or op == O_NOT_IN or op == O_HAS_NONE
    if op == O_EQ:
        return value.value == other.value
    if op == O_NE:
        return value.value != other.value
    if op == O_LT:
        return value.value < other.value
    if op == O_LE:
        return value.value <= other.value
    if op == O_GT:
        return value.value > other.value
    if op == O_GE:
        return value.value >= other.value
    if node.operand == OPERAND_LITERAL:
        member = value.value == other.value
    elif node.attribute == A_LINE_CODE and target.line >= 0:
        member = code_in(run, line_facts(run, target.line), <int32_t>other.value)
    else:
        member = in_set(run, <int32_t>other.value, value.value, unit_day(run, target))
    return member if op == O_IN or op == O_HAS else not member


cdef int _quantified(RunC* run, int32_t at, const UnitC* unit, GapC* gap) noexcept nogil:
    """some: a true item makes it true; else an unknown item, or items that may be missing, make it unknown."""
    cdef const NodeC* node = &run.program.nodes[at]
    cdef UnitC item
    cdef GapC first, here
    cdef int answer
    cdef bint doubt = False
    memset(&first, 0, sizeof(GapC))
    first_item(run, unit, node.related, node.window, &item)
    while next_item(run, &item):
        answer = all_hold(run, at + 1, node.end, unit, &item, &here)
        if answer == TRUE:
            return FALSE if node.op == N_NO else TRUE
        if answer == UNKNOWN and not doubt:
            doubt = True
            first = here
    if doubt:
        gap[0] = first
        return UNKNOWN
    if not complete(run, unit, node.related, node.window):
        gap.attribute = run.program.nodes[at + 1].attribute if node.end > at + 1 else -1
        gap.reason = R_NO_HISTORY
        return UNKNOWN
    return TRUE if node.op == N_NO else FALSE


cdef int all_hold(RunC* run, int32_t at, int32_t end, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    cdef int answer
    cdef bint doubt = False
    cdef GapC first, here
    memset(&first, 0, sizeof(GapC))
    while at < end:
        answer = holds(run, at, unit, item, &here)
        if answer == FALSE:
            return FALSE
        if answer == UNKNOWN and not doubt:
            doubt = True
            first = here
        at = run.program.nodes[at].end
    if doubt:
        gap[0] = first
        return UNKNOWN
    return TRUE


cdef int holds(RunC* run, int32_t at, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    """Truth of the condition at a node: FALSE, TRUE or UNKNOWN with the first gap in written order."""
    cdef const NodeC* node = &run.program.nodes[at]
    cdef int answer
    cdef bint doubt = False
    cdef GapC first, here
    cdef int32_t child
    if node.op == N_TEST:
        return _test(run, node, unit, item, gap)
    if node.op == N_ALL:
        return all_hold(run, at + 1, node.end, unit, item, gap)
    if node.op == N_NOT:
        answer = all_hold(run, at + 1, node.end, unit, item, gap)
        return answer if answer == UNKNOWN else 1 - answer
    if node.op == N_SOME or node.op == N_NO:
        return _quantified(run, at, unit, gap)
    memset(&first, 0, sizeof(GapC))
    child = at + 1
    while child < node.end:
        answer = holds(run, child, unit, item, &here)
        if answer == TRUE:
            return TRUE
        if answer == UNKNOWN and not doubt:
            doubt = True
            first = here
        child = run.program.nodes[child].end
    if doubt:
        gap[0] = first
        return UNKNOWN
    return FALSE
