"""What remains of each rule for a unit, by what many units share.

A screen is kept per key of shared traits: the rules that can still hold, each without the conditions that the traits
answer. A unit is judged by those alone; the others are counted by the number of units, clear or not to be evaluated.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from scrubber._dxnotes cimport BookC
from scrubber._hits cimport HitsC
from scrubber._judge cimport applies
from scrubber._keys cimport free_keys, init_keys, key_number
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
    try:
        init_keys(&screens.kinds)
    except MemoryError:
        free_screens(screens)
        raise
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
        free_keys(&screens.kinds)
        free(screens)


cdef int32_t _applied(ScreensC* screens, const AppliedC* applied) except -1 nogil:
    """Number of what applies, whose gaps stand behind those that are kept; they are kept if it is new."""
    cdef int64_t[1 + WORDS + 64 * WORDS] key
    cdef int32_t number
    key[0] = applied.grain
    memcpy(&key[1], applied.rules.bits, sizeof(MaskC))
    if applied.gap_count:
        memcpy(&key[1 + WORDS], &screens.gaps[applied.first_gap], applied.gap_count * sizeof(GapOfC))
    grow(<void**>&screens.applied, &screens.applied_room, screens.applied_count, sizeof(AppliedC))
    number = key_number(&screens.kinds, key, 1 + WORDS + applied.gap_count)
    if number == screens.applied_count:
        screens.applied[number] = applied[0]
        screens.applied_count += 1
        screens.gap_count += applied.gap_count
    return number


cdef int _fill(RunC* run, const PlanC* plan, const UnitC* unit, const TraitsC* traits, ScreenC* screen) except -1 nogil:
    """Fills what applies and what remains of it; False where there is no more room for it."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef int32_t i, remain, n = screens.gap_count
    cdef AppliedC applied
    memset(&applied, 0, sizeof(AppliedC))
    applied.grain = plan.grain
    applied.first_gap = n
    screen.first = screens.left_count
    for i in range(min(plan.count, 64 * WORDS)):
        if not applies(run, plan.rules[i], unit):
            continue
        set_bit(applied.rules.bits, i)
        remain = reduce_rule(run, &screens.table, plan.rules[i], unit, traits)
        if remain == NO_ROOM:
            screens.left_count = screen.first
            return False
        if remain >= 0:
            grow(<void**>&screens.lefts, &screens.left_room, screens.left_count, sizeof(int32_t))
            screens.lefts[screens.left_count] = remain
            screens.left_count += 1
        elif remain <= CANNOT_TELL:
            grow(<void**>&screens.gaps, &screens.gap_room, n, sizeof(GapOfC))
            screens.gaps[n].rule = plan.rules[i]
            screens.gaps[n].reason = CANNOT_TELL - remain
            n += 1
    applied.gap_count = n - applied.first_gap
    screen.applied = _applied(screens, &applied)
    screen.count = screens.left_count - screen.first
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
    cdef const AppliedC* applied
    cdef const PlanC* plan
    cdef const GapOfC* gap
    cdef int32_t n, i
    for n in range(screens.applied_count):
        applied = &screens.applied[n]
        if applied.units == 0:
            continue
        plan = &plans[applied.grain]
        for i in range(min(plan.count, 64 * WORDS)):
            if has_bit(applied.rules.bits, i):
                hits.judged[plan.rules[i]] += applied.units
        for i in range(applied.first_gap, applied.first_gap + (applied.gap_count if gaps else 0)):
            gap = &screens.gaps[i]
            hits.open[gap.rule] += applied.units
            hits.counts[gap.rule * STATUS_COUNT + NOT_EVALUATED] += applied.units
            hits.reasons[gap.rule * REASON_COUNT + gap.reason] += applied.units
    for i in range(run.program.rule_count):
        hits.counts[i * STATUS_COUNT + CLEAR] = hits.judged[i] - hits.open[i]


cdef void forget_units(ScreensC* screens) noexcept nogil:
    """Forgets how many units were screened, before another batch."""
    cdef int32_t i
    for i in range(screens.applied_count):
        screens.applied[i].units = 0


cdef bint has_room(const RunC* run) noexcept:
    """Whether most of what can be remembered is still free."""
    return (<const ScreensC*>run.screens).count < MOST_SCREENS // 2 and run.code_day_count < MOST_CODE_DAYS and (
        (<const BookC*>run.book).noted_count < MOST_CODE_DAYS)
