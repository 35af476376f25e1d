"""What remains of each rule for a unit, by what many units share.

A screen is kept per key of shared traits: the rules that can still hold, each without the conditions that the traits
answer. A unit is judged by those alone, and the others are counted clear by the number of units.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from scrubber._dxnotes cimport BookC
from scrubber._facts cimport find_span
from scrubber._hits cimport HitsC
from scrubber._judge cimport applies
from scrubber._remains cimport CANNOT_HOLD, NO_ROOM, reduce_rule
from scrubber._traits cimport BY_MODIFIERS, TRAITS, traits_of
from scrubber.grow cimport grow
from scrubber.run cimport RunC, UnitC
from scrubber.structs cimport MAX_MODIFIERS, LineC
from scrubber.words cimport *

cdef enum:
    DRESSES = 4096
    REMAIN_BUCKETS = 1 << 17     # four times as many as there are remains at most
    MOST_SCREENS = 1 << 17
    MOST_CODE_DAYS = 1 << 15     # codes on days, and diagnoses, beyond which a run is not used again
    STATUS_COUNT = 4
    MODIFIER_BITS = 11           # a modifier's symbol is below 37 * 37
    COUNT_BITS = 4


cdef ScreensC* new_screens() except NULL:
    cdef ScreensC* screens = <ScreensC*>calloc(1, sizeof(ScreensC))
    if screens == NULL:
        raise MemoryError
    screens.mask = 1023
    screens.buckets = <uint32_t*>calloc(screens.mask + 1, sizeof(uint32_t))
    screens.dresses = <DressC*>calloc(DRESSES, sizeof(DressC))
    screens.table.mask = REMAIN_BUCKETS - 1
    screens.table.buckets = <uint32_t*>calloc(REMAIN_BUCKETS, sizeof(uint32_t))
    if screens.buckets == NULL or screens.dresses == NULL or screens.table.buckets == NULL:
        free_screens(screens)
        raise MemoryError
    return screens


cdef void free_screens(ScreensC* screens) noexcept:
    if screens != NULL:
        free(screens.screens)
        free(screens.buckets)
        free(screens.dresses)
        free(screens.lefts)
        free(screens.table.buckets)
        free(screens)


cdef int _fill(RunC* run, const PlanC* plan, const UnitC* unit, int bases, ScreenC* screen) except -1 nogil:
    """Fills what applies and what remains of it; False where there is no more room for it."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int32_t i, remain
    screen.first = screens.left_count
    for i in range(min(plan.count, 64 * WORDS)):
        if not applies(run, plan.rules[i], unit):
            continue
        screen.judged.bits[i >> 6] |= <uint64_t>1 << (i & 63)
        remain = reduce_rule(run, &screens.table, plan.rules[i], i, unit, bases)
        if remain == NO_ROOM:
            screens.left_count = screen.first
            return False
        if remain >= 0:
            grow(<void**>&screens.lefts, &screens.left_room, screens.left_count, sizeof(int32_t))
            screens.lefts[screens.left_count] = remain
            screens.left_count += 1
    screen.count = screens.left_count - screen.first
    return True


cdef int _fill_dress(RunC* run, const PlanC* plan, const UnitC* unit, MaskC* left) except -1 nogil:
    """Sets the bits of the rules that can hold with the modifiers of a line."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int32_t i
    memset(left, 0, sizeof(MaskC))
    for i in range(min(plan.count, 64 * WORDS)):
        if reduce_rule(run, &screens.table, plan.rules[i], i, unit, BY_MODIFIERS) != CANNOT_HOLD:
            left.bits[i >> 6] |= <uint64_t>1 << (i & 63)
    return 0


cdef inline uint64_t _hash(const int64_t* key) noexcept nogil:
    cdef uint64_t h = 0
    cdef int i
    for i in range(TRAITS):
        h = (h ^ <uint64_t>key[i]) * <uint64_t>0x9E3779B97F4A7C15
        h ^= h >> 32
    return h


cdef int _rehash(ScreensC* screens) except -1 nogil:
    """Twice the buckets."""
    cdef uint64_t mask = screens.mask * 2 + 1, at
    cdef uint32_t* buckets = <uint32_t*>calloc(mask + 1, sizeof(uint32_t))
    cdef int32_t i
    if buckets == NULL:
        with gil:
            raise MemoryError
    for i in range(screens.count):
        at = _hash(screens.screens[i].key) & mask
        while buckets[at] != 0:
            at = (at + 1) & mask
        buckets[at] = i + 1
    free(screens.buckets)
    screens.buckets = buckets
    screens.mask = mask
    return 0


cdef const MaskC* _dress(RunC* run, const PlanC* plan, const UnitC* unit) except? NULL nogil:
    """The rules that can hold with the modifiers of the line; NULL where nothing is remembered of such ones."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int64_t key = 0
    cdef int i
    cdef DressC* dress
    if l.modifier_count >> COUNT_BITS:
        return NULL
    for i in range(MAX_MODIFIERS):
        if i < l.modifier_count and l.modifiers[i] <= 0:
            return NULL                              # of letters that no modifier has
        key = key << MODIFIER_BITS | (l.modifiers[i] if i < l.modifier_count else 0)
    key = (key << COUNT_BITS | l.modifier_count) << 1 | (l.modifier_gap != 0)
    dress = &screens.dresses[(<uint64_t>key * <uint64_t>11400714819323198485ULL) >> 52]
    if dress.modifiers != key or not dress.from_day <= l.from_day < dress.to_day:
        find_span(run, l.from_day)
        dress.modifiers = key
        dress.from_day = run.span_from
        dress.to_day = run.span_to
        _fill_dress(run, plan, unit, &dress.left)
    return &dress.left


cdef bint screen(RunC* run, const PlanC* plan, const UnitC* unit, LeftC* left) except -1 nogil:
    """Gives what remains of the rules of a plan for a unit of a claim; False where no more can be remembered."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int64_t key[TRAITS]
    cdef int bases = traits_of(run, plan.grain, unit, key)
    cdef uint64_t at = _hash(key) & screens.mask
    cdef ScreenC* found
    while screens.buckets[at] != 0:
        found = &screens.screens[screens.buckets[at] - 1]
        if memcmp(found.key, key, sizeof(key)) == 0:
            break
        at = (at + 1) & screens.mask
    else:
        if screens.count == MOST_SCREENS:
            return False
        grow(<void**>&screens.screens, &screens.room, screens.count, sizeof(ScreenC))
        found = &screens.screens[screens.count]
        memset(found, 0, sizeof(ScreenC))
        memcpy(found.key, key, sizeof(key))
        found.grain = plan.grain
        if not _fill(run, plan, unit, bases, found):
            return False
        screens.count += 1
        screens.buckets[at] = screens.count
        if <uint64_t>screens.count * 2 > screens.mask:
            _rehash(screens)
    found.units += 1
    left.dress = NULL
    if plan.grain == G_LINE and not bases & BY_MODIFIERS:
        left.dress = _dress(run, plan, unit)
    left.remains = &screens.lefts[found.first]
    left.count = found.count
    return True


cdef void count_clear(const RunC* run, const PlanC* plans, HitsC* hits) noexcept nogil:
    """Counts the clear answers: of the units that a rule applies to all but those that it says something of."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    cdef const ScreenC* screen
    cdef const PlanC* plan
    cdef int32_t n, i
    for n in range(screens.count):
        screen = &screens.screens[n]
        plan = &plans[screen.grain]
        for i in range(min(plan.count, 64 * WORDS)):
            if screen.judged.bits[i >> 6] >> (i & 63) & 1:
                hits.judged[plan.rules[i]] += screen.units
    for i in range(run.program.rule_count):
        hits.counts[i * STATUS_COUNT + CLEAR] = hits.judged[i] - hits.open[i]


cdef void forget_units(ScreensC* screens) noexcept:
    """Forgets how many units were screened, before another batch."""
    cdef int32_t i
    for i in range(screens.count):
        screens.screens[i].units = 0


cdef bint has_room(const RunC* run) noexcept:
    """Whether most of what can be remembered is still free."""
    return (<const ScreensC*>run.screens).count < MOST_SCREENS // 2 and run.code_day_count < MOST_CODE_DAYS and (
        (<const BookC*>run.book).noted_count < MOST_CODE_DAYS)
