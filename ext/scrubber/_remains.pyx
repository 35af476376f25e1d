"""What remains of a rule when the traits of a unit have answered some of its conditions.

A condition that the traits answer is left out of the conjunction it stands in, or settles it. In three-valued logic
neither changes the answer, nor which gap is the first of those that are unknown; what stands inside a quantifier is
left as it is, since its gap is named by its first test. Remains of a rule from which the same was left out are one.
Where the traits tell that a rule cannot be evaluated, nothing remains but the reason.
"""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from scrubber._conditions cimport FALSE, TRUE, UNKNOWN, GapC, holds
from scrubber._demands cimport fill_demands
from scrubber._related cimport complete
from scrubber._told cimport is_ruled_out, is_told
from scrubber._traits cimport (
    ALL_BARE, BY_CLAIM, NO_EARLIER, NO_NEXT, NO_OTHER, NO_PAIR, NO_REPEAT, NO_SURGERY, PLAIN_FIRST, TraitsC, lines_sets,
)
from scrubber.bits cimport has_bit, mixed, set_bit
from scrubber.grow cimport grow
from scrubber.run cimport (
    HOW_ANY, HOW_CODE_IN_SET, HOW_FIELD, N_ALL, N_ANY, N_NO, N_NOT, N_SOME, N_TEST, OF_CLAIM, OF_DIAGNOSIS, OF_LINE,
    OF_PROVIDER, OPERAND_LITERAL, OPERAND_SET, SET_BITS, SET_WORDS, DirectC, NodeC, RemainC, RemainingCaseC, RuleC, RunC,
    UnitC,
)
from scrubber.structs cimport ClaimC
from scrubber.words cimport *

cdef enum:
    MOST_REMAINS = 1 << 15
    KEPT = UNKNOWN + 1           # of a condition that the traits leave open


cdef int _answered_by(const RunC* run, NodeC* node) noexcept nogil:
    """Sets how a test is answered, and where its field stands."""
    cdef const DirectC* direct = &run.program.direct[node.attribute]
    node.related = HOW_ANY
    if node.attribute == A_LINE_CODE and node.operand == OPERAND_SET and 0 <= node.value < SET_BITS:
        node.related = HOW_CODE_IN_SET
    elif node.operand == OPERAND_LITERAL and (
            direct.owner == OF_LINE or direct.owner == OF_CLAIM or direct.owner == OF_DIAGNOSIS
            or direct.owner == OF_PROVIDER) and (
            node.operator == O_EQ or node.operator == O_NE or node.operator == O_LT or node.operator == O_LE
            or node.operator == O_GT or node.operator == O_GE):
        node.related = HOW_FIELD
        node.window = direct.offset | direct.width << 16 | direct.empty << 20 | direct.owner << 24
    return 0


cdef void _note_asked(RunC* run, int32_t at) noexcept:
    """Notes the sets that a quantifier asks lines of a claim for."""
    cdef int32_t child = at + 1
    cdef const NodeC* node
    while run.nodes[at].related == S_LINES and child < run.nodes[at].end:
        node = &run.nodes[child]
        if _is_in_set(node, A_LINE_CODE):
            set_bit(run.asked_of_lines, node.value)
        child = node.end


cdef bint _is_in_set(const NodeC* node, int attribute) noexcept nogil:
    """Whether a test of items asks for a code, of a line or a diagnosis, in a set that has a bit."""
    return (node.op == N_TEST and node.scope == 1 and node.attribute == attribute and node.operand == OPERAND_SET
            and 0 <= node.value < SET_BITS and (node.operator == O_IN or node.operator == O_HAS))


cdef bint _is_of_first(const RunC* run, int32_t at) noexcept nogil:
    """Whether a quantifier asks nothing of a line's diagnoses but the first one."""
    cdef int32_t child = at + 1
    while run.nodes[at].related == S_POINTED and child < run.nodes[at].end:
        if (run.nodes[child].op == N_TEST and run.nodes[child].attribute == A_POINTED_POINTER
                and run.nodes[child].operator == O_EQ and run.nodes[child].operand == OPERAND_LITERAL
                and run.nodes[child].value == 1):
            return True
        child = run.nodes[child].end
    return False


cdef void _note_first(RunC* run, int32_t at) noexcept:
    """Notes the sets and flags that a quantifier asks the first diagnosis of a line for."""
    cdef int32_t i
    cdef const NodeC* node
    for i in range(at + 1, run.nodes[at].end if _is_of_first(run, at) else 0):
        node = &run.nodes[i]
        if _is_in_set(node, A_DX_CODE):
            set_bit(run.asked_of_dx, node.value)
        elif _has_flag(node):
            run.asked_flags_of_dx |= node.value


cdef bint _has_flag(const NodeC* node) noexcept nogil:
    return node.op == N_TEST and node.scope == 1 and node.attribute == A_DX_FLAGS and node.operator == O_HAS


cdef bint _is_never_plain(const RunC* run, int32_t at) noexcept nogil:
    """Whether a condition on the first diagnosis cannot hold for one in none of the sets and with none of the flags."""
    cdef const NodeC* node = &run.nodes[at]
    cdef int32_t child = at + 1
    if node.op != N_ALL and node.op != N_ANY:
        return _is_in_set(node, A_DX_CODE) or _has_flag(node)
    while child < node.end:
        if _is_never_plain(run, child) == (node.op == N_ALL):
            return node.op == N_ALL
        child = run.nodes[child].end
    return node.op == N_ANY


cdef bint _asks_for_orders(const RunC* run, const RuleC* rule) noexcept:
    cdef int32_t i
    for i in range(rule.first_case, rule.first_case + rule.case_count):
        if run.program.cases[i].node >= 0 and _has_order(run, run.program.cases[i].node):
            return True
    return _has_order(run, rule.when)


cdef bint _has_order(const RunC* run, int32_t at) noexcept:
    cdef int32_t i
    for i in range(at, run.nodes[at].end):
        if run.nodes[i].op == N_TEST and A_ORDER_FOUND <= run.nodes[i].attribute < F_CLAIM:
            return True
    return False


cdef void _note_ordered(RunC* run, const RuleC* rule) noexcept:
    """Notes the sets whose codes the rule is about."""
    cdef int32_t i
    cdef const NodeC* node
    for i in range(rule.when, run.nodes[rule.when].end):
        node = &run.nodes[i]
        if node.op == N_TEST and node.related == HOW_CODE_IN_SET and node.scope == 0:
            set_bit(run.asked_with_orders, node.value)


cdef int prepare_remains(RunC* run) except -1:
    """Copies the program's conditions, and makes the whole of each rule its first remain."""
    cdef int32_t i, k
    cdef const RuleC* rule
    cdef NodeC* node
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
        node = &run.nodes[i]
        if node.op == N_TEST:
            _answered_by(run, node)
        if node.op == N_SOME or node.op == N_NO:
            _note_asked(run, i)
            _note_first(run, i)
        if node.op == N_TEST and node.attribute == A_LINE_DX1 and node.operand == OPERAND_SET and (
                0 <= node.value < SET_BITS):
            set_bit(run.asked_of_dx, node.value)
    for i in range(run.program.rule_count):
        rule = &run.program.rules[i]
        if _asks_for_orders(run, rule):
            _note_ordered(run, rule)
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


cdef bint _is_empty(int related, int truths) noexcept nogil:
    """Whether the traits say that a related set has no items."""
    return (related == S_REPEAT and truths & NO_REPEAT) or (related == S_PAIR and truths & NO_PAIR) or (
        related == S_OTHER and truths & NO_OTHER) or (related == S_NEXT and truths & NO_NEXT) or (
        related == S_PRIOR and truths & NO_EARLIER) or (related == S_WINDOW and truths & NO_SURGERY)


cdef bint _is_passed_by_none(const RunC* run, const NodeC* node, int32_t at, const UnitC* unit, const TraitsC* traits
                             ) noexcept nogil:
    """Whether the traits say that nothing of the claim passes one of the conditions on items."""
    cdef int32_t child = at + 1
    cdef bint plain = traits.truths & PLAIN_FIRST and _is_of_first(run, at)
    cdef bint told = node.related == S_ADJUDICATIONS or (traits.bases & BY_CLAIM and (
        node.related == S_LINES or node.related == S_DIAGNOSES or node.related == S_PROVIDERS))
    while child < node.end:
        if plain and _is_never_plain(run, child):
            return True
        if told and run.nodes[child].op == N_TEST and is_ruled_out(run, &run.nodes[child], unit.claim, traits):
            return True
        child = run.nodes[child].end
    return False


cdef int _of_lines(RunC* run, int32_t at, const ClaimC* claim, int truths) noexcept nogil:
    """Whether some line of the claim passes conditions on items; KEPT where the sets of its codes do not tell."""
    cdef const NodeC* node
    cdef int32_t child = at + 1
    cdef uint64_t held[SET_WORDS]
    cdef int sets = 0, passed = 0, count = 0
    lines_sets(run, claim, held)
    while child < run.nodes[at].end:
        node = &run.nodes[child]
        if _is_in_set(node, A_LINE_CODE):
            if not has_bit(held, node.value):
                return FALSE
            sets += 1
        elif (truths & ALL_BARE and node.op == N_TEST and node.scope == 1 and node.attribute == A_LINE_MODIFIERS
              and node.operator == O_HAS_NONE):
            passed += 1
        count += 1
        child = node.end
    return TRUE if sets == 1 and sets + passed == count else KEPT    # of two sets each may have its own line


cdef void _sign(uint64_t* signature, int32_t at, int answer) noexcept nogil:
    signature[0] = mixed(signature[0] ^ <uint64_t>(4 * at + answer))


cdef int _fold(RunC* run, int32_t at, const UnitC* unit, const TraitsC* traits, uint64_t* signature, int* reason
               ) noexcept nogil:
    """The answer to a condition where the traits tell it, else KEPT; of UNKNOWN the reason.

    Which conditions were found to be true or false goes into the signature.
    """
    cdef const NodeC* node = &run.nodes[at]
    cdef int32_t child = at + 1
    cdef int answer, here, why, ends = TRUE if node.op == N_ANY else FALSE    # the answer that settles it
    cdef GapC gap
    if node.op == N_TEST:
        if not is_told(run, node, unit, traits):
            return KEPT
        answer = holds(run, at, unit, traits.partner, &gap)
        reason[0] = gap.reason
    elif node.op == N_SOME or node.op == N_NO:
        if node.related == S_LINES and traits.bases & BY_CLAIM:
            answer = _of_lines(run, at, &run.batch.claims[unit.claim], traits.truths)
            if answer != KEPT:
                answer = answer if node.op == N_SOME else 1 - answer
                _sign(signature, at, answer)
                return answer
        if not _is_empty(node.related, traits.truths) and not _is_passed_by_none(run, node, at, unit, traits):
            return KEPT
        answer = node.op == N_NO
        if not complete(run, unit, node.related, node.window):
            answer = UNKNOWN
            reason[0] = R_NO_HISTORY
    else:
        answer = 1 - ends
        while child < node.end:
            here = _fold(run, child, unit, traits, signature, &why)
            if here == ends:
                answer = ends
                break
            if here == UNKNOWN and answer == 1 - ends:
                reason[0] = why
            if here != 1 - ends:
                answer = max(answer, here)
            child = run.nodes[child].end
        if node.op == N_NOT and answer <= TRUE:
            answer = 1 - answer
    if answer <= TRUE:
        _sign(signature, at, answer)
    return answer


cdef int _write(RunC* run, int32_t at, const UnitC* unit, const TraitsC* traits) except -1 nogil:
    """Puts what the traits leave of a condition at the end; some of it is left."""
    cdef NodeC node = run.nodes[at]
    cdef int32_t child = at + 1, start = run.node_count
    cdef uint64_t ignored = 0
    cdef int reason
    if node.op == N_TEST:
        return _keep(run, at, at + 1)
    if node.op == N_SOME or node.op == N_NO:
        return _keep(run, at, node.end)
    _keep(run, at, at + 1)
    while child < node.end:
        if _fold(run, child, unit, traits, &ignored, &reason) > TRUE:
            _write(run, child, unit, traits)
        child = run.nodes[child].end
    run.nodes[start].end = run.node_count
    return KEPT


cdef int _add_case(RunC* run, int32_t case_, int32_t node) except -1 nogil:
    grow(<void**>&run.remaining_cases, &run.remaining_case_room, run.remaining_case_count, sizeof(RemainingCaseC))
    run.remaining_cases[run.remaining_case_count].case_ = case_
    run.remaining_cases[run.remaining_case_count].node = node
    run.remaining_case_count += 1
    return 0


cdef int32_t reduce_rule(RunC* run, RemainTableC* table, int32_t rule, const UnitC* unit, const TraitsC* traits
                         ) except -3 nogil:
    """Number of what remains of a rule for a unit; CANNOT_HOLD, NO_ROOM, or CANNOT_TELL less the reason."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef int32_t case_ = run.remaining_case_count
    cdef int32_t i, at
    cdef uint64_t bucket, signature = <uint64_t>rule << 32
    cdef RemainC* remain
    cdef int reason = 0, why = 0, doubt = 0, own
    cdef bint open_ = False, told = False
    cdef int answer = _fold(run, r.when, unit, traits, &signature, &reason)
    if answer == FALSE:
        return CANNOT_HOLD
    for i in range(r.case_count):
        at = run.program.cases[r.first_case + i].node
        own = TRUE if at < 0 else _fold(run, at, unit, traits, &signature, &why)
        if own == FALSE:
            continue
        if own == UNKNOWN and doubt == 0:
            doubt = why
        open_ = open_ or own != UNKNOWN
        told = told or own != KEPT
        _add_case(run, i, -1 if own == TRUE else at)
    if run.remaining_case_count == case_:
        return CANNOT_HOLD
    if (answer == UNKNOWN and told) or (answer == TRUE and not open_):
        run.remaining_case_count = case_
        return CANNOT_TELL - (reason if answer == UNKNOWN else doubt)
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
    remain.signature = signature
    remain.first_case = case_
    remain.case_count = run.remaining_case_count - case_
    remain.when = -1 if answer == TRUE else run.node_count
    if answer != TRUE:
        _write(run, r.when, unit, traits)
    for i in range(case_, run.remaining_case_count):
        at = run.remaining_cases[i].node
        if at >= 0:
            run.remaining_cases[i].node = run.node_count
            _write(run, at, unit, traits)
    fill_demands(run, &run.remains[run.remain_count])
    run.remain_count += 1
    table.buckets[bucket] = run.remain_count
    return run.remain_count - 1
