"""What remains of a rule when the traits of a unit have answered some of its conditions.

A condition that the traits answer is left out of the conjunction it stands in, or settles it. In three-valued logic
neither changes the answer, nor which gap is the first of those that are unknown; what stands inside a quantifier is
left as it is, since its gap is named by its first test. Remains of a rule from which the same was left out are one.
"""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from scrubber._conditions cimport FALSE, TRUE, UNKNOWN, GapC, holds
from scrubber._related cimport complete
from scrubber._traits cimport BY_CLAIM, NO_OTHER, NO_PAIR, NO_REPEAT, is_ruled_out, is_told
from scrubber.grow cimport grow
from scrubber.run cimport (
    HOW_ANY, HOW_CODE_IN_SET, HOW_FIELD, N_ANY, N_NO, N_NOT, N_SOME, N_TEST, OF_CLAIM, OF_DIAGNOSIS, OF_LINE, OF_PROVIDER,
    OPERAND_ATTRIBUTE, OPERAND_LITERAL, OPERAND_SET, SET_WORDS, DirectC, NodeC, RemainC, RemainingCaseC, RuleC, RunC,
    UnitC,
)
from scrubber.words cimport *

cdef enum:
    MOST_REMAINS = 1 << 15
    KEPT = UNKNOWN               # of a condition that the traits leave open


cdef int _answered_by(const RunC* run, NodeC* node) noexcept nogil:
    """Sets how a test is answered, and where its field stands."""
    cdef const DirectC* direct = &run.program.direct[node.attribute]
    node.related = HOW_ANY
    if node.attribute == A_LINE_CODE and node.operand == OPERAND_SET and 0 <= node.value < 64 * SET_WORDS:
        node.related = HOW_CODE_IN_SET
    elif node.operand == OPERAND_LITERAL and (
            direct.owner == OF_LINE or direct.owner == OF_CLAIM or direct.owner == OF_DIAGNOSIS
            or direct.owner == OF_PROVIDER) and (
            node.operator == O_EQ or node.operator == O_NE or node.operator == O_LT or node.operator == O_LE
            or node.operator == O_GT or node.operator == O_GE):
        node.related = HOW_FIELD
        node.window = direct.offset | direct.width << 16 | direct.empty << 20 | direct.owner << 24
    return 0


cdef int prepare_remains(RunC* run) except -1:
    """Copies the program's conditions, and makes the whole of each rule its first remain."""
    cdef int32_t i, k
    cdef const RuleC* rule
    run.node_count = run.node_room = run.program.node_count
    run.nodes = <NodeC*>malloc(max(1, run.node_room) * sizeof(NodeC))
    run.remain_count = run.remain_room = run.program.rule_count
    run.remains = <RemainC*>calloc(max(1, run.remain_room), sizeof(RemainC))
    run.remaining_case_count = run.remaining_case_room = run.program.case_count
    run.remaining_cases = <RemainingCaseC*>calloc(max(1, run.remaining_case_room), sizeof(RemainingCaseC))
    if run.nodes == NULL or run.remains == NULL or run.remaining_cases == NULL:
        raise MemoryError
    memcpy(run.nodes, run.program.nodes, run.node_count * sizeof(NodeC))
    for i in range(run.node_count):
        if run.nodes[i].op == N_TEST:
            _answered_by(run, &run.nodes[i])
    for i in range(run.program.rule_count):
        rule = &run.program.rules[i]
        run.remains[i].rule = i
        run.remains[i].when = rule.when
        run.remains[i].first_case = rule.first_case
        run.remains[i].case_count = rule.case_count
        for k in range(rule.case_count):
            run.remaining_cases[rule.first_case + k].case_ = k
            run.remaining_cases[rule.first_case + k].node = run.program.cases[rule.first_case + k].node
    return 0


cdef void free_remains(RunC* run) noexcept:
    free(run.nodes)
    free(run.remains)
    free(run.remaining_cases)


cdef int _keep(RunC* run, int32_t at, int32_t end) except -1 nogil:
    """Copies conditions to the end."""
    cdef int32_t shift = run.node_count - at
    while at < end:
        grow(<void**>&run.nodes, &run.node_room, run.node_count, sizeof(NodeC))
        run.nodes[run.node_count] = run.nodes[at]
        run.nodes[run.node_count].end += shift
        run.node_count += 1
        at += 1
    return KEPT


cdef bint _is_empty(int related, int bases) noexcept nogil:
    """Whether the traits say that a related set has no items."""
    return (related == S_REPEAT and bases & NO_REPEAT) or (related == S_PAIR and bases & NO_PAIR) or (
        related == S_OTHER and bases & NO_OTHER)


cdef bint _is_passed_by_none(const RunC* run, const NodeC* node, int32_t at, int bases) noexcept nogil:
    """Whether the traits say that no line or diagnosis of the claim passes one of the conditions on items."""
    cdef int32_t child = at + 1
    if not (node.related == S_LINES or node.related == S_DIAGNOSES) or not bases & BY_CLAIM:
        return False
    while child < node.end:
        if run.nodes[child].op == N_TEST and is_ruled_out(run, &run.nodes[child], bases):
            return True
        child = run.nodes[child].end
    return False


cdef int _fold(RunC* run, int32_t at, const UnitC* unit, int bases, uint64_t* signature) noexcept nogil:
    """TRUE or FALSE where the bases answer a condition, else KEPT; what they answered goes into the signature."""
    cdef const NodeC* node = &run.nodes[at]
    cdef int32_t child = at + 1
    cdef int answer, here, ends = TRUE if node.op == N_ANY else FALSE    # the answer that settles it
    cdef GapC gap
    if node.op == N_TEST:
        if node.scope != 0 or (node.operand == OPERAND_ATTRIBUTE and node.value_scope != 0) or (
                not is_told(run, node, unit, bases)):
            return KEPT
        answer = holds(run, at, unit, NULL, &gap)
    elif node.op == N_SOME or node.op == N_NO:
        if not (_is_empty(node.related, bases) or _is_passed_by_none(run, node, at, bases)) or (
                not complete(run, unit, node.related, node.window)):
            return KEPT
        answer = node.op == N_NO
    else:
        answer = 1 - ends
        while child < node.end:
            here = _fold(run, child, unit, bases, signature)
            if here == ends:
                answer = ends
                break
            if here == KEPT:
                answer = KEPT
            child = run.nodes[child].end
        if node.op == N_NOT and answer != KEPT:
            answer = 1 - answer
    if answer != KEPT:
        signature[0] = (signature[0] ^ <uint64_t>(4 * at + answer)) * <uint64_t>0x9E3779B97F4A7C15
        signature[0] ^= signature[0] >> 29
    return answer


cdef int _write(RunC* run, int32_t at, const UnitC* unit, int bases) except -1 nogil:
    """Puts what the bases leave of a condition at the end; some of it is left."""
    cdef NodeC node = run.nodes[at]
    cdef int32_t child = at + 1, start = run.node_count
    cdef uint64_t ignored = 0
    if node.op == N_TEST:
        return _keep(run, at, at + 1)
    if node.op == N_SOME or node.op == N_NO:
        return _keep(run, at, node.end)
    _keep(run, at, at + 1)
    while child < node.end:
        if _fold(run, child, unit, bases, &ignored) == KEPT:
            _write(run, child, unit, bases)
        child = run.nodes[child].end
    run.nodes[start].end = run.node_count
    return KEPT


cdef int _add_case(RunC* run, int32_t case_, int32_t node) except -1 nogil:
    grow(<void**>&run.remaining_cases, &run.remaining_case_room, run.remaining_case_count, sizeof(RemainingCaseC))
    run.remaining_cases[run.remaining_case_count].case_ = case_
    run.remaining_cases[run.remaining_case_count].node = node
    run.remaining_case_count += 1
    return 0


cdef int32_t reduce_rule(RunC* run, RemainTableC* table, int32_t rule, int32_t place, const UnitC* unit, int bases
                         ) except -3 nogil:
    """Number of what remains of a rule for a unit, CANNOT_HOLD or NO_ROOM."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef int32_t case_ = run.remaining_case_count
    cdef int32_t i, at
    cdef uint64_t bucket, signature = <uint64_t>rule << 32
    cdef RemainC* remain
    cdef int answer = _fold(run, r.when, unit, bases, &signature), own
    if answer == FALSE:
        return CANNOT_HOLD
    for i in range(r.case_count):
        at = run.program.cases[r.first_case + i].node
        own = TRUE if at < 0 else _fold(run, at, unit, bases, &signature)
        if own != FALSE:
            _add_case(run, i, at if own == KEPT else -1)
    if run.remaining_case_count == case_:
        return CANNOT_HOLD
    bucket = signature & table.mask
    while table.buckets[bucket] != 0:
        remain = &run.remains[table.buckets[bucket] - 1]
        if remain.rule == rule and remain.signature == signature:
            run.remaining_case_count = case_
            return table.buckets[bucket] - 1
        bucket = (bucket + 1) & table.mask
    if run.remain_count >= MOST_REMAINS:
        run.remaining_case_count = case_
        return NO_ROOM
    grow(<void**>&run.remains, &run.remain_room, run.remain_count, sizeof(RemainC))
    remain = &run.remains[run.remain_count]
    remain.rule = rule
    remain.place = place
    remain.signature = signature
    remain.first_case = case_
    remain.case_count = run.remaining_case_count - case_
    remain.when = run.node_count if answer == KEPT else -1
    if answer == KEPT:
        _write(run, r.when, unit, bases)
    for i in range(case_, run.remaining_case_count):
        at = run.remaining_cases[i].node
        if at >= 0:
            run.remaining_cases[i].node = run.node_count
            _write(run, at, unit, bases)
    run.remain_count += 1
    table.buckets[bucket] = run.remain_count
    return run.remain_count - 1
