"""What remains of each rule for a unit, by what many units share.

A screen is kept per key of shared traits: the rules that can still hold, each without the conditions that the traits
answer. A unit is judged by those alone; the others are counted by the number of units, clear or not to be evaluated.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

from scrubber._dxnotes cimport BookC
from scrubber._hits cimport HitsC
from scrubber._judge cimport applies
from scrubber._remains cimport CANNOT_TELL, NO_ROOM, reduce_rule
from scrubber._traits cimport TraitsC
from scrubber.bits cimport fetch, has_bit, hash_key, set_bit
from scrubber.grow cimport grow
from scrubber.run cimport RunC, UnitC
from scrubber.words cimport *

cdef enum:
    REMAIN_BUCKETS = 1 << 17     # four times as many as there are remains at most
    MOST_SCREENS = 1 << 18       # a million generated claims have some 94,000; beyond half a run is not used again
    MOST_CODE_DAYS = 1 << 15     # codes on days, and diagnoses, beyond which a run is not used again
    STATUS_COUNT = 4
    REASON_COUNT = 8


cdef ScreensC* new_screens() except NULL:
    cdef ScreensC* screens = <ScreensC*>calloc(1, sizeof(ScreensC))
    if screens == NULL:
        raise MemoryError
    screens.mask = 1023
    screens.buckets = <uint64_t*>calloc(screens.mask + 1, sizeof(uint64_t))
    screens.table.mask = REMAIN_BUCKETS - 1
    screens.table.buckets = <uint32_t*>calloc(REMAIN_BUCKETS, sizeof(uint32_t))
    if screens.buckets == NULL or screens.table.buckets == NULL:
        free_screens(screens)
        raise MemoryError
    return screens


cdef void free_screens(ScreensC* screens) noexcept:
    if screens != NULL:
        free(screens.screens)
        free(screens.buckets)
        free(screens.lefts)
        free(screens.gaps)
        free(screens.applied)
        free(screens.table.buckets)
        free(screens)


cdef int32_t _applied(ScreensC* screens, int grain, const MaskC* rules) except -1 nogil:
    """Number of a set of rules that apply; many screens share one."""
    cdef int32_t i
    for i in range(screens.applied_count):
        if screens.applied[i].grain == grain and memcmp(&screens.applied[i].rules, rules, sizeof(MaskC)) == 0:
            return i
    grow(<void**>&screens.applied, &screens.applied_room, screens.applied_count, sizeof(AppliedC))
    screens.applied[screens.applied_count].rules = rules[0]
    screens.applied[screens.applied_count].grain = grain
    screens.applied[screens.applied_count].units = 0
    screens.applied_count += 1
    return screens.applied_count - 1


cdef int _fill(RunC* run, const PlanC* plan, const UnitC* unit, const TraitsC* traits, ScreenC* screen) except -1 nogil:
    """Fills what applies and what remains of it; False where there is no more room for it."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int32_t i, remain
    cdef MaskC rules
    memset(&rules, 0, sizeof(MaskC))
    screen.first = screens.left_count
    screen.first_gap = screens.gap_count
    for i in range(min(plan.count, 64 * WORDS)):
        if not applies(run, plan.rules[i], unit):
            continue
        set_bit(rules.bits, i)
        remain = reduce_rule(run, &screens.table, plan.rules[i], unit, traits)
        if remain == NO_ROOM:
            screens.left_count = screen.first
            screens.gap_count = screen.first_gap
            return False
        if remain >= 0:
            grow(<void**>&screens.lefts, &screens.left_room, screens.left_count, sizeof(int32_t))
            screens.lefts[screens.left_count] = remain
            screens.left_count += 1
        elif remain <= CANNOT_TELL:
            grow(<void**>&screens.gaps, &screens.gap_room, screens.gap_count, sizeof(GapOfC))
            screens.gaps[screens.gap_count].rule = plan.rules[i]
            screens.gaps[screens.gap_count].reason = CANNOT_TELL - remain
            screens.gap_count += 1
    screen.applied = _applied(screens, plan.grain, &rules)
    screen.count = screens.left_count - screen.first
    screen.gap_count = screens.gap_count - screen.first_gap
    return True


cdef int _rehash(ScreensC* screens) except -1 nogil:
    """Twice the buckets."""
    cdef uint64_t mask = screens.mask * 2 + 1, at, hash_
    cdef uint64_t* buckets = <uint64_t*>calloc(mask + 1, sizeof(uint64_t))
    cdef int32_t i
    if buckets == NULL:
        with gil:
            raise MemoryError
    for i in range(screens.count):
        hash_ = hash_key(screens.screens[i].key, screens.screens[i].long_key)
        at = hash_ & mask
        while buckets[at] != 0:
            at = (at + 1) & mask
        buckets[at] = _bucket(hash_, i + 1)
    free(screens.buckets)
    screens.buckets = buckets
    screens.mask = mask
    return 0


cdef inline uint64_t _bucket(uint64_t hash_, int32_t place) noexcept nogil:
    """The upper half of a hash before the place of its screen."""
    return hash_ >> 32 << 32 | <uint32_t>place


cdef ScreenC* add_screen(RunC* run, AskedC* asked, uint64_t at) except? NULL nogil:
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef ScreenC* added
    if screens.count == MOST_SCREENS:
        return NULL
    grow(<void**>&screens.screens, &screens.room, screens.count, sizeof(ScreenC))
    added = &screens.screens[screens.count]
    memset(added, 0, sizeof(ScreenC))
    added.long_key = asked.traits.long_key
    memcpy(added.key, asked.traits.key, sizeof(added.key))
    hold(run, &asked.unit)
    if not _fill(run, asked.plan, &asked.unit, &asked.traits, added):
        return NULL
    screens.count += 1
    screens.buckets[at] = _bucket(asked.hash_, screens.count)
    if <uint64_t>screens.count * 2 > screens.mask:
        _rehash(screens)
    return added


cdef void fetch_remains(const RunC* run, const AskedC* asked) noexcept nogil:
    """Has what is left of the rules fetched."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    cdef int32_t i
    for i in range(asked.first, asked.first + (asked.count if asked.found else 0)):
        fetch(&run.remains[screens.lefts[i]])


cdef void count_screened(const RunC* run, const PlanC* plans, HitsC* hits, bint gaps) noexcept nogil:
    """Of the units that a rule applies to all are clear but those that it says something of."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    cdef const ScreenC* screen
    cdef const AppliedC* applied
    cdef const PlanC* plan
    cdef const GapOfC* gap
    cdef int32_t n, i
    for n in range(screens.applied_count):
        applied = &screens.applied[n]
        plan = &plans[applied.grain]
        for i in range(min(plan.count, 64 * WORDS)):
            if has_bit(applied.rules.bits, i):
                hits.judged[plan.rules[i]] += applied.units
    for n in range(screens.count if gaps else 0):
        screen = &screens.screens[n]
        if screen.units == 0:
            continue
        for i in range(screen.first_gap, screen.first_gap + screen.gap_count):
            gap = &screens.gaps[i]
            hits.open[gap.rule] += screen.units
            hits.counts[gap.rule * STATUS_COUNT + NOT_EVALUATED] += screen.units
            hits.reasons[gap.rule * REASON_COUNT + gap.reason] += screen.units
    for i in range(run.program.rule_count):
        hits.counts[i * STATUS_COUNT + CLEAR] = hits.judged[i] - hits.open[i]


cdef void forget_units(ScreensC* screens) noexcept nogil:
    """Forgets how many units were screened, before another batch."""
    cdef int32_t i
    for i in range(screens.count):
        screens.screens[i].units = 0
    for i in range(screens.applied_count):
        screens.applied[i].units = 0


cdef bint has_room(const RunC* run) noexcept:
    """Whether most of what can be remembered is still free."""
    return (<const ScreensC*>run.screens).count < MOST_SCREENS // 2 and run.code_day_count < MOST_CODE_DAYS and (
        (<const BookC*>run.book).noted_count < MOST_CODE_DAYS)
