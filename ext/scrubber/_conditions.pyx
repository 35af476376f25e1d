"""Conditions on units: Kleene logic over attributes, with the first gap in written order."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memset

from scrubber._facts cimport absent, code_in, in_set, known, line_facts, unknown
from scrubber._peers cimport bills_one_of
from scrubber._related cimport complete, first_item, next_item
from scrubber._values cimport unit_day, value_of
from scrubber.bits cimport has_bit
from scrubber.run cimport (
    ABSENT, COMPUTED, EMPTY_NO_DAY, EMPTY_ZERO, HOW_CODE_IN_SET, HOW_FIELD, N_ALL, N_ANY, N_NO, N_NOT, N_SOME, N_TEST,
    OF_CLAIM, OF_DIAGNOSIS, OF_LINE, OF_PAYER, OPERAND_ATTRIBUTE, OPERAND_LITERAL, OPERAND_SET, SET_BITS, CodeDayC,
    DirectC, MemoC, NodeC, RunC, UnitC, ValueC,
)
from scrubber.structs cimport MAX_MODIFIERS, NO_DAY, LineC
from scrubber.words cimport *

cdef enum:                       # as _remains packs EMPTY_ZERO and EMPTY_NO_DAY into NodeC.window
    EMPTY_IS_ZERO = 1 << 20
    EMPTY_IS_NO_DAY = 2 << 20


cdef inline const char* _owner(const RunC* run, const UnitC* unit, int owner) noexcept nogil:
    """The struct of a unit that holds a field, NULL where there is no line."""
    if owner == OF_LINE:
        return NULL if unit.line < 0 else <const char*>&run.batch.lines[unit.line]
    if owner == OF_CLAIM:
        return <const char*>&run.batch.claims[unit.claim]
    if owner == OF_DIAGNOSIS:
        return <const char*>&run.batch.diagnoses[unit.dx]
    return <const char*>&run.batch.providers[unit.provider]


cdef inline int64_t _field(const char* at, int width) noexcept nogil:
    if width == 1:
        return (<const uint8_t*>at)[0]
    return (<const int32_t*>at)[0] if width == 4 else (<const int64_t*>at)[0]


cdef inline bint _compared(int operator, int64_t a, int64_t b) noexcept nogil:
    if operator == O_EQ:
        return a == b
    if operator == O_NE:
        return a != b
    if operator == O_LT:
        return a < b
    if operator == O_LE:
        return a <= b
    if operator == O_GT:
        return a > b
    return a >= b


cdef inline ValueC _value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """The value of an attribute of a unit or an item: a field as it stands, else computed, of the unit in hand once."""
    cdef const DirectC* direct = &run.program.direct[attribute]
    cdef const char* owner
    cdef int64_t value
    cdef MemoC* memo
    if direct.owner == COMPUTED:
        if unit != run.unit_in_hand:
            return value_of(run, unit, attribute)
        memo = &run.memo[attribute]
        if memo.turn != run.turn:
            memo.value = value_of(run, unit, attribute)
            memo.turn = run.turn
        return memo.value
    if direct.owner == OF_PAYER:
        return run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].settings[direct.offset]
    owner = _owner(run, unit, direct.owner)
    if owner == NULL:
        return unknown(R_NO_FACT)                    # an authorization number that governs no line
    value = _field(owner + direct.offset, direct.width)
    if (direct.empty == EMPTY_ZERO and value == 0) or (direct.empty == EMPTY_NO_DAY and value == NO_DAY):
        return absent()
    return known(value)


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


cdef inline int _test(RunC* run, const NodeC* node, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    """A test, the frequent kinds first."""
    cdef const UnitC* target = item if node.scope == 1 else unit
    cdef const CodeDayC* facts
    cdef const char* owner
    cdef int64_t value
    if node.related == HOW_CODE_IN_SET and target.line >= 0:
        facts = line_facts(run, target.line)
        if facts.code == 0:
            return node.operator == O_NOT_IN or node.operator == O_HAS_NONE
        return has_bit(facts.sets, node.value) == (
            node.operator == O_IN or node.operator == O_HAS)
    if node.related == HOW_FIELD:
        owner = _owner(run, target, node.window >> 24)
        if owner != NULL:
            value = _field(owner + (node.window & 0xFFFF), node.window >> 16 & 15)
            if (node.window & EMPTY_IS_ZERO and value == 0) or (node.window & EMPTY_IS_NO_DAY and value == NO_DAY):
                return node.operator == O_NE
            return _compared(node.operator, value, node.value)
    return _other_test(run, node, unit, item, gap)


cdef int _other_test(RunC* run, const NodeC* node, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    cdef const UnitC* target = item if node.scope == 1 else unit
    cdef ValueC value, other
    cdef int op = node.operator
    cdef bint member
    if node.attribute == A_LINE_MODIFIERS and target.line >= 0:
        return _modifiers_test(run, node, target)
    value = _value(run, target, node.attribute)
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
        other = _value(run, item if node.value_scope == 1 else unit, <int>node.value)
        if other.state > 0:
            gap.attribute = <int32_t>node.value
            gap.reason = other.state
            return UNKNOWN
    else:
        other = known(node.value)
    if value.state == ABSENT or other.state == ABSENT:
        return op == O_NE or op == O_NOT_IN or op == O_HAS_NONE
    if op == O_EQ or op == O_NE or op == O_LT or op == O_LE or op == O_GT or op == O_GE:
        return _compared(op, value.value, other.value)
    if node.operand == OPERAND_LITERAL:
        member = value.value == other.value
    elif node.attribute == A_LINE_CODE and target.line >= 0:
        member = code_in(run, line_facts(run, target.line), <int32_t>other.value)
    else:
        member = in_set(run, <int32_t>other.value, value.value, unit_day(run, target))
    return member if op == O_IN or op == O_HAS else not member


cdef bint _may_hold(const RunC* run, int32_t at, const UnitC* unit, int related) noexcept nogil:
    """Whether a condition on items can hold for one, by the sets that codes and diagnoses are in."""
    cdef const NodeC* node = &run.nodes[at]
    cdef int32_t child = at + 1
    if node.op == N_TEST:
        if node.scope != 1 or not (node.operator == O_IN or node.operator == O_HAS):
            return True
        if node.related == HOW_CODE_IN_SET:
            return not (related <= S_LINES or related == S_POINTING) or (
                has_bit(run.case_sets, node.value))
        if related == S_ELSEWHERE and unit.line >= 0 and (
                node.attribute == A_ELSEWHERE_SERVICE and node.operand == OPERAND_SET):
            return bills_one_of(run, unit.line, <int32_t>node.value)
        if unit.claim != run.dx_sets_of or not (related == S_POINTED or related == S_DIAGNOSES):
            return True
        if node.attribute == A_DX_FLAGS:
            return run.dx_flags & node.value != 0
        if node.attribute == A_DX_CODE and node.operand == OPERAND_SET and node.value < SET_BITS:
            return has_bit(run.dx_sets, node.value)
        return True
    if node.op != N_ALL and node.op != N_ANY:
        return True
    while child < node.end:
        if _may_hold(run, child, unit, related) == (node.op == N_ANY):
            return node.op == N_ANY
        child = run.nodes[child].end
    return node.op == N_ALL


cdef bint _is_ruled_out(RunC* run, int32_t at, const UnitC* item) noexcept nogil:
    """Whether the code of a line makes a condition on it false, whatever the others are."""
    cdef const CodeDayC* facts = line_facts(run, item.line)
    cdef const NodeC* node
    cdef int32_t child = at + 1, end = run.nodes[at].end
    while child < end:
        node = &run.nodes[child]
        child = node.end
        if node.op != N_TEST or node.scope != 1:
            continue
        if node.related == HOW_CODE_IN_SET:
            if has_bit(facts.sets, node.value) != (
                    node.operator == O_IN or node.operator == O_HAS) and facts.code != 0:
                return True
        elif node.attribute == A_FEE_GLOB and node.operator == O_EQ and node.operand == OPERAND_LITERAL:
            if not has_bit(facts.sets, SET_BITS + node.value):
                return True
    return False


cdef int _quantified(RunC* run, int32_t at, const UnitC* unit, GapC* gap) noexcept nogil:
    """some: a true item makes it true; else an unknown item, or items that may be missing, make it unknown."""
    cdef const NodeC* node = &run.nodes[at]
    cdef UnitC item
    cdef GapC first, here
    cdef int answer
    cdef bint doubt = False
    cdef int32_t child = at + 1
    while child < node.end and _may_hold(run, child, unit, node.related):
        child = run.nodes[child].end
    if child < node.end:
        if complete(run, unit, node.related, node.window):
            return TRUE if node.op == N_NO else FALSE
        gap.attribute = run.nodes[at + 1].attribute
        gap.reason = R_NO_HISTORY
        return UNKNOWN
    memset(&first, 0, sizeof(GapC))
    first_item(run, unit, node.related, node.window, &item)
    while next_item(run, &item):
        if item.line >= 0 and _is_ruled_out(run, at, &item):
            continue
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
        gap.attribute = run.nodes[at + 1].attribute if node.end > at + 1 else -1
        gap.reason = R_NO_HISTORY
        return UNKNOWN
    return TRUE if node.op == N_NO else FALSE


cdef int all_hold(RunC* run, int32_t at, int32_t end, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    cdef const NodeC* nodes = run.nodes
    cdef int answer
    cdef bint doubt = False
    cdef GapC here
    while at < end:
        if nodes[at].op == N_TEST:
            answer = _test(run, &nodes[at], unit, item, &here)
        else:
            answer = holds(run, at, unit, item, &here)
        if answer == FALSE:
            return FALSE
        if answer == UNKNOWN and not doubt:
            doubt = True
            gap[0] = here
        at = nodes[at].end
    return UNKNOWN if doubt else TRUE


cdef int holds(RunC* run, int32_t at, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
    """Truth of the condition at a node: FALSE, TRUE or UNKNOWN with the first gap in written order."""
    cdef const NodeC* node = &run.nodes[at]
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
        child = run.nodes[child].end
    if doubt:
        gap[0] = first
        return UNKNOWN
    return FALSE
