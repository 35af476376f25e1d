"""The compiled rules, and the evaluation of one rule on one unit: Kleene logic over attributes."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

import numpy as np

from scrubber._administrative cimport claim_value, defect_value, patient_value, provider_value
from scrubber._authorizations cimport authorization_value, line_authorization_value
from scrubber._coverage cimport coverage_value
from scrubber._diagnoses cimport diagnosis_value, line_dx_side
from scrubber._evidence cimport add_evidence
from scrubber._facts cimport absent, code_in, fee_value, in_set, known, line_facts, unknown
from scrubber._hits cimport HitC, HitsC, add_code, add_hit, add_related, add_value, move_related
from scrubber._lines cimport comes_before, line_value
from scrubber._modifiers cimport modifier_value
from scrubber._addons cimport aoc_value
from scrubber._days cimport day_value, mue_value
from scrubber._pairs cimport pair_value
from scrubber._ranks cimport mp_rank
from scrubber._relations cimport relation_value, repeat_value
from scrubber._related cimport complete, first_item, next_item
from scrubber.run cimport (
    ABSENT, N_ALL, N_ANY, N_NO, N_NOT, N_SOME, N_TEST, OPERAND_ATTRIBUTE, OPERAND_LITERAL, OPERAND_SET, TARGET_CLAIM,
    TARGET_DIAGNOSIS, TARGET_LINE, CaseC, FieldC, MemberC, NodeC, ProfileC, RuleC, RunC, SetC, UnitC, ValueC,
)
from scrubber.structs cimport MAX_MODIFIERS, NO_DAY, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    FALSE = 0
    TRUE = 1
    UNKNOWN = 2
    SET_COUNT = 16               # more than there are related sets
    STATUS_COUNT = 4
    REASON_COUNT = 8

# The first unknown attribute met, in written order.
cdef struct GapC:
    int32_t attribute
    int32_t reason

# The item that made a positive quantifier true, by related set.
cdef struct WitnessesC:
    UnitC items[SET_COUNT]
    uint8_t bound[SET_COUNT]


cdef int32_t unit_day(const RunC* run, const UnitC* unit) noexcept nogil:
    """The day a unit is judged on: its line's, else the claim's first service date."""
    cdef const ClaimC* claim
    cdef int32_t i, day = NO_DAY
    if unit.line >= 0:
        return run.batch.lines[unit.line].from_day
    if unit.claim < 0:
        return NO_DAY
    claim = &run.batch.claims[unit.claim]
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if day == NO_DAY or run.batch.lines[i].from_day < day:
            day = run.batch.lines[i].from_day
    return day


cdef ValueC value_of(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """The value of an attribute of a unit or an item."""
    cdef const ProfileC* profile
    if attribute < F_CLAIM and unit.line < 0:
        return unknown(R_NO_FACT)                    # an authorization number that governs no line
    if attribute < F_FEE:
        if attribute == A_LINE_DX_SIDE:
            return line_dx_side(run, unit.line)
        if attribute == A_LINE_AUTH_SENT or attribute == A_LINE_AUTH_NEED or attribute == A_LINE_AUTH_EXEMPT:
            return line_authorization_value(run, unit.line, attribute)
        if attribute == A_LINE_MP_RANK:
            return mp_rank(run, unit.line)
        if attribute == A_LINE_AGE:
            return patient_value(run, unit, A_PATIENT_AGE)
        return line_value(run, unit.line, attribute)
    if attribute < F_MUE:
        return fee_value(run, line_facts(run, unit.line), attribute)
    if attribute < F_AOC:
        return mue_value(run, unit.line, attribute)
    if attribute < F_CLAIM:
        return aoc_value(run, unit.line, attribute)
    if attribute < F_PATIENT:
        return claim_value(run, unit, attribute)
    if attribute < F_PAYER:
        return patient_value(run, unit, attribute)
    if attribute < F_MODIFIER:
        profile = &run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]]
        return profile.settings[attribute - F_PAYER]
    if attribute < F_PAIR:
        return modifier_value(run, unit, attribute)
    if attribute < F_DAY:
        return pair_value(run, unit, attribute)
    if attribute < F_DX:
        return day_value(run, unit, attribute)
    if attribute < F_COVERAGE:
        return diagnosis_value(run, unit, attribute)
    if attribute < F_PROVIDER:
        return coverage_value(run, unit, attribute)
    if attribute < F_AUTH:
        return provider_value(run, unit, attribute)
    if attribute < F_DEFECT:
        return authorization_value(run, unit, attribute)
    if attribute < F_RELATION:
        return defect_value(run, unit, attribute)
    if attribute < F_REPEAT:
        return relation_value(run, unit.parent.line, unit.line, attribute)
    if attribute < F_WINDOW:
        return repeat_value(run, unit.parent.line, unit.line, attribute)
    if attribute == A_WINDOW_DAY:
        return known(unit.days_after)
    if attribute == A_WINDOW_LENGTH:
        return _window_length(run, unit.line)
    if attribute == A_WINDOW_TRANSFERRED:
        return known(_has(run, unit.line, 6 * 37 + 5))
    if attribute == A_POINTED_POINTER:
        return known(unit.pointer)
    return unknown(R_NO_FACT)


cdef bint _has(const RunC* run, int32_t line, int64_t modifier) noexcept nogil:
    cdef int i
    for i in range(min(<int>run.batch.lines[line].modifier_count, MAX_MODIFIERS)):
        if run.batch.lines[line].modifiers[i] == modifier:
            return True
    return False


cdef ValueC _window_length(RunC* run, int32_t line) noexcept nogil:
    cdef ValueC glob = fee_value(run, line_facts(run, line), A_FEE_GLOB)
    return glob                          # 000 010 090 stand at the same places in both enumerations


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
    first_item(run, unit, node.related, &item)
    while next_item(run, &item):
        answer = _all(run, at + 1, node.end, unit, &item, &here)
        if answer == TRUE:
            return FALSE if node.op == N_NO else TRUE
        if answer == UNKNOWN and not doubt:
            doubt = True
            first = here
    if doubt:
        gap[0] = first
        return UNKNOWN
    if not complete(run, unit, node.related):
        gap.attribute = run.program.nodes[at + 1].attribute if node.end > at + 1 else -1
        gap.reason = R_NO_HISTORY
        return UNKNOWN
    return TRUE if node.op == N_NO else FALSE


cdef int _all(RunC* run, int32_t at, int32_t end, const UnitC* unit, const UnitC* item, GapC* gap) noexcept nogil:
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
        return _all(run, at + 1, node.end, unit, item, gap)
    if node.op == N_NOT:
        answer = _all(run, at + 1, node.end, unit, item, gap)
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


cdef int _witness(RunC* run, HitsC* hits, HitC* hit, int32_t at, const UnitC* unit, const UnitC* partner,
                  WitnessesC* witnesses) except -1 nogil:
    """Binds the items that made positive quantifiers true: the latest as witness, all of them as related."""
    cdef const NodeC* node = &run.program.nodes[at]
    cdef UnitC item
    cdef GapC gap
    cdef int32_t child = at + 1
    if node.op == N_SOME:
        first_item(run, unit, node.related, &item)
        while next_item(run, &item):
            if _all(run, at + 1, node.end, unit, &item, &gap) != TRUE:
                continue
            if item.line >= 0:
                add_related(hits, hit, item.line)
            if item.dx >= 0:
                add_code(hits, hit, run.batch.diagnoses[item.dx].code)
            if not witnesses.bound[node.related] or (
                    item.line >= 0 and comes_before(run, witnesses.items[node.related].line, item.line)):
                witnesses.items[node.related] = item
                witnesses.bound[node.related] = 1
    elif node.op == N_ALL or node.op == N_ANY:
        while child < node.end:
            if holds(run, child, unit, partner, &gap) == TRUE:
                _witness(run, hits, hit, child, unit, partner, witnesses)
            child = run.program.nodes[child].end
    return 0


cdef int _find(const HitsC* hits, int32_t start, int32_t rule, int case_, int32_t claim, int32_t target, int status
               ) noexcept nogil:
    """The hit of the case in hand that is about the same thing, -1 if there is none yet."""
    cdef int32_t i
    for i in range(hits.hit_count - 1, start - 1, -1):
        if (hits.hits[i].rule == rule and hits.hits[i].claim == claim and hits.hits[i].target == target
                and hits.hits[i].status == status and (case_ < 0 or hits.hits[i].case_ == case_)):
            return i
    return -1


cdef int _add_lines(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit) except -1 nogil:
    """The lines of a unit as related ones; a flag of its own line does not relate to it."""
    cdef int32_t i
    add_related(hits, hit, unit.line)
    if unit.pair >= 0:
        for i in range(run.pairs[unit.pair].related_count):
            add_related(hits, hit, run.partners[run.pairs[unit.pair].first_related + i])
    if unit.day >= 0:
        for i in range(run.days[unit.day].related_count):
            add_related(hits, hit, run.partners[run.days[unit.day].first_related + i])
    return 0


cdef int _record(RunC* run, HitsC* hits, int32_t rule, int case_, int status, int severity, const UnitC* unit,
                 const UnitC* partner, int32_t case_start, int escape, GapC gap) except -1 nogil:
    """Adds a hit, or joins it to the one that is about the same thing."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef int32_t target, i, seen, at
    cdef HitC* hit
    cdef HitC old
    cdef WitnessesC witnesses
    cdef const FieldC* field
    if r.target == TARGET_LINE:
        target = unit.line
    elif r.target == TARGET_DIAGNOSIS:
        target = unit.dx
    elif r.target == TARGET_CLAIM:
        target = -1
    else:
        target = -2 - hits.hit_count                 # a flag of its own
    seen = _find(hits, case_start, rule, case_ if r.pick_each else -1, unit.claim, target, status)
    if seen >= 0 and hits.hits[seen].severity >= severity:
        # The stronger (or first) one stays as it is but for the lines it is about.
        hit = &hits.hits[seen]
        move_related(hits, hit)
        _add_lines(run, hits, hit, unit)
        return 0
    if seen >= 0:
        hits.hits[seen].status = 255                 # replaced by a stronger one below
    at = add_hit(hits)
    hit = &hits.hits[at]
    hit.claim = unit.claim
    hit.file = run.batch.defects[unit.defect].file if unit.defect >= 0 else run.batch.claims[unit.claim].file
    hit.line = unit.line if r.target != TARGET_CLAIM and r.target != TARGET_DIAGNOSIS else -1
    hit.rule = rule
    hit.case_ = case_
    hit.target = target
    hit.status = <uint8_t>status
    hit.severity = <uint8_t>severity
    hit.escape = escape
    hit.attribute = gap.attribute
    hit.reason = <uint8_t>gap.reason
    memset(&witnesses, 0, sizeof(WitnessesC))
    if partner != NULL:
        witnesses.items[S_PAIR] = partner[0]
        witnesses.bound[S_PAIR] = 1
    if seen >= 0:
        for i in range(hits.hits[seen].first_related, hits.hits[seen].first_related + hits.hits[seen].related_count):
            add_related(hits, hit, hits.related[i])
    _add_lines(run, hits, hit, unit)
    if unit.dx >= 0:
        add_code(hits, hit, run.batch.diagnoses[unit.dx].code)
    if status != NOT_EVALUATED:
        _witness(run, hits, &hits.hits[at], r.when, unit, partner, &witnesses)
        if case_ >= 0 and run.program.cases[r.first_case + case_].node >= 0:
            _witness(run, hits, &hits.hits[at], run.program.cases[r.first_case + case_].node, unit, partner, &witnesses)
        add_evidence(run, hits, &hits.hits[at], rule, case_, unit, witnesses.items, witnesses.bound)
    for i in range(r.field_count):
        field = &run.program.fields[r.first_field + i]
        if field.scope == 0:
            add_value(hits, _field(run, unit, field.attribute))
        elif witnesses.bound[field.scope - 1]:
            add_value(hits, _field(run, &witnesses.items[field.scope - 1], field.attribute))
        else:
            add_value(hits, absent())
    return 0


cdef ValueC _field(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """A value to show; the modifiers of a line are one symbol of width 10."""
    cdef const LineC* l
    cdef int64_t symbol = 0
    cdef int i
    if attribute != A_LINE_MODIFIERS or unit.line < 0:
        return value_of(run, unit, attribute)
    l = &run.batch.lines[unit.line]
    for i in range(MAX_MODIFIERS):
        symbol *= 1369
        if i < l.modifier_count and l.modifiers[i] > 0:
            symbol += l.modifiers[i]
    return known(symbol)


cdef int judge(RunC* run, HitsC* hits, int32_t rule, const UnitC* unit, const UnitC* partner, int32_t case_start,
               bint keep_all) except -1 nogil:
    """Evaluates one rule on one unit, counts the answer and records what is to be shown.

    The rule holds where its condition and one of its cases do. A case that is unknown is passed over; if none is
    true and one is unknown, the rule is not evaluated.
    """
    cdef const RuleC* r = &run.program.rules[rule]
    cdef const CaseC* cases = &run.program.cases[r.first_case]
    cdef GapC gap, here
    cdef int when, answer, i, own
    cdef bint doubt, fired = False
    cdef int32_t day
    own = run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].severities[rule] if unit.claim >= 0 else -1
    if own == -2 or (r.target == TARGET_LINE and unit.line < 0):
        return 0                          # switched off; or a number that governs no line
    day = unit_day(run, unit)
    if day != NO_DAY and not r.from_day <= day < r.to_day:
        return 0
    when = holds(run, r.when, unit, partner, &gap)
    if when == FALSE:
        hits.counts[rule * STATUS_COUNT + CLEAR] += 1
        return 0
    doubt = when == UNKNOWN
    for i in range(r.case_count):
        answer = TRUE if cases[i].node < 0 else holds(run, cases[i].node, unit, partner, &here)
        if answer == FALSE:
            continue
        if when == UNKNOWN:
            _count(run, hits, rule, i, NOT_EVALUATED, own, unit, partner, case_start, -1, gap, keep_all)
            return 0
        if answer == UNKNOWN:
            if not doubt:
                gap = here
            doubt = True
            continue
        fired = True
        _fire(run, hits, rule, i, own, unit, partner, case_start, keep_all)
        if not r.pick_each:
            return 0
    if fired:
        return 0
    if doubt and when == TRUE:
        _count(run, hits, rule, -1, NOT_EVALUATED, own, unit, partner, case_start, -1, gap, keep_all)
    else:
        hits.counts[rule * STATUS_COUNT + CLEAR] += 1
    return 0


cdef int _fire(RunC* run, HitsC* hits, int32_t rule, int case_, int own, const UnitC* unit, const UnitC* partner,
               int32_t case_start, bint keep_all) except -1 nogil:
    """The rule holds: bypassed by the first escape that is true, not evaluated if one is unknown, else flagged."""
    cdef const RuleC* r = &run.program.rules[rule]
    cdef GapC gap, here
    cdef int i, answer
    cdef bint doubt = False
    memset(&gap, 0, sizeof(GapC))
    for i in range(r.escape_count):
        answer = holds(run, run.program.escapes[r.first_escape + i], unit, partner, &here)
        if answer == TRUE:
            return _count(run, hits, rule, case_, BYPASSED, own, unit, partner, case_start, i, gap, keep_all)
        if answer == UNKNOWN and not doubt:
            doubt = True
            gap = here
    return _count(run, hits, rule, case_, NOT_EVALUATED if doubt else FLAGGED, own, unit, partner, case_start, -1, gap,
                  keep_all or not doubt)


cdef int _count(RunC* run, HitsC* hits, int32_t rule, int case_, int status, int own, const UnitC* unit,
                const UnitC* partner, int32_t case_start, int escape, GapC gap, bint keep) except -1 nogil:
    cdef int severity = own if own >= 0 else run.program.cases[run.program.rules[rule].first_case + max(0, case_)].severity
    hits.counts[rule * STATUS_COUNT + status] += 1
    if status == NOT_EVALUATED:
        hits.reasons[rule * REASON_COUNT + gap.reason] += 1
    if keep:
        _record(run, hits, rule, case_, status, severity, unit, partner, case_start, escape, gap)
    return 0


cdef void* _pointer(object array, list keep):
    """Address of a contiguous array that is kept alive."""
    array = np.ascontiguousarray(array)
    keep.append(array)
    return <void*><size_t>array.ctypes.data


cdef class Program:
    """Rules, conditions, sets as flat arrays; immutable after construction.

    Args:
        lowered: What `scrubber.rules.lower` makes of a catalogue.
    """

    def __cinit__(self, lowered):
        cdef list reach = []
        self.lowered = lowered
        self._keep = []
        for dtype, size in ((lowered.rules, sizeof(RuleC)), (lowered.nodes, sizeof(NodeC)),
                            (lowered.cases, sizeof(CaseC)), (lowered.fields, sizeof(FieldC)),
                            (lowered.sets, sizeof(SetC)), (lowered.members, sizeof(MemberC))):
            assert dtype.dtype.itemsize == size
        self.c.rules = <RuleC*>_pointer(lowered.rules, self._keep)
        self.c.nodes = <NodeC*>_pointer(lowered.nodes, self._keep)
        self.c.cases = <CaseC*>_pointer(lowered.cases, self._keep)
        self.c.escapes = <int32_t*>_pointer(lowered.escapes.astype(np.int32), self._keep)
        self.c.fields = <FieldC*>_pointer(lowered.fields, self._keep)
        self.c.sets = <SetC*>_pointer(lowered.sets, self._keep)
        self.c.members = <MemberC*>_pointer(lowered.members, self._keep)
        for first, count in zip(lowered.sets["first"].tolist(), lowered.sets["count"].tolist(), strict=True):
            reach.extend(np.maximum.accumulate(lowered.members["hi"][first:first + count]).tolist())
        self.c.reach = <int64_t*>_pointer(np.array(reach or [0], np.int64), self._keep)
        self.c.rule_count = len(lowered.rules)
        self.c.set_count = len(lowered.sets)


cdef class Profiles:
    """Settings and severities of payer profiles as flat arrays; immutable after construction.

    Args:
        settings: Structured array [profile, payer attribute] of value and state.
        severities: int8 array [profile, rule]: -1 the rule's own, -2 off, else the severity.
        facts: One dict per profile of the other fields of ProfileC.
    """

    def __cinit__(self, settings, severities, list facts):
        cdef int i
        self._keep = []
        self.count = len(facts)
        self.c = <ProfileC*>calloc(max(1, self.count), sizeof(ProfileC))
        if self.c == NULL:
            raise MemoryError
        assert settings.dtype.itemsize == sizeof(ValueC)
        for i in range(self.count):
            self.c[i].settings = <const ValueC*>_pointer(settings[i], self._keep)
            self.c[i].severities = <const int8_t*>_pointer(severities[i].astype(np.int8), self._keep)
            self.c[i].provider_scope = facts[i]["provider_scope"]
            self.c[i].physician_identity = facts[i]["physician_identity"]
            self.c[i].split_days = facts[i]["split_days"]
            self.c[i].timely_rule = facts[i]["timely_rule"]
            self.c[i].timely_basis = facts[i]["timely_basis"]
            self.c[i].ptp = facts[i]["ptp"]
            self.c[i].mue = facts[i]["mue"]
            self.c[i].timely_days = facts[i]["timely_days"]
            self.c[i].corrected_days = facts[i]["corrected_days"]
            self.c[i].secondary_days = facts[i]["secondary_days"]
            self.c[i].pos_groups = facts[i]["pos_groups"]
            self.c[i].number = i

    def __dealloc__(self):
        free(self.c)


STRUCT_SIZES = {
    "RuleC": sizeof(RuleC), "NodeC": sizeof(NodeC), "CaseC": sizeof(CaseC), "FieldC": sizeof(FieldC),
    "SetC": sizeof(SetC), "MemberC": sizeof(MemberC), "ValueC": sizeof(ValueC),
}
