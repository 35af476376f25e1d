"""What remains of each rule for a unit, by what many units share."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from scrubber._hits cimport HitsC
from scrubber._keys cimport KeysC
from scrubber._remains cimport RemainTableC
from scrubber._traits cimport TRAITS, TraitsC, fill_traits
from scrubber.bits cimport fetch, fetch_all, hash_key, is_same_key
from scrubber.run cimport RunC, UnitC

cdef enum:
    WORDS = 4                    # rules of a grain beyond their bits are never passed over

# Rules of one grain, in the order in which they are judged.
cdef struct PlanC:
    int32_t* rules
    int32_t count
    int32_t grain

cdef struct MaskC:
    uint64_t bits[WORDS]

# A rule that cannot be evaluated for a unit, and why.
cdef struct GapOfC:
    int32_t rule
    int32_t reason

# Rules of a grain that apply at all (switched on, of the claim's kind and the day), and of them those that cannot be
# evaluated. There are few; many screens share one.
cdef struct AppliedC:
    int64_t units                # how many were screened
    MaskC rules
    int32_t grain
    int32_t first_gap            # of ScreensC.gaps
    int32_t gap_count

# What is looked at of each unit, in two lines of memory at most.
cdef struct ScreenC:
    int32_t applied              # of ScreensC.applied
    int32_t first                # of ScreensC.lefts
    int32_t count
    int32_t long_key             # eight words, not four
    int64_t key[TRAITS]

cdef struct ScreensC:
    ScreenC* screens
    int32_t count
    int32_t room
    uint64_t* buckets            # the upper half of a hash, then the place of its screen, from 1; 0 is free
    uint64_t mask
    int32_t* lefts               # places in RunC.remains
    int32_t left_count
    int32_t left_room
    GapOfC* gaps
    int32_t gap_count
    int32_t gap_room
    KeysC kinds                  # grain, rules and gaps of each that follows, as it is numbered
    AppliedC* applied
    int32_t applied_count
    int32_t applied_room
    RemainTableC table

# A unit, what it shares with others, and what is left to ask for it.
cdef struct AskedC:
    UnitC unit
    TraitsC traits
    const PlanC* plan
    uint64_t hash_
    int32_t screen               # of ScreensC.screens
    int32_t first                # remains, in ScreensC.lefts
    int32_t count
    bint found                   # else no more could be remembered

# Takes a unit in hand: what is computed of it is kept until the next.
cdef inline void hold(RunC* run, const UnitC* unit) noexcept nogil:
    run.unit_in_hand = unit
    run.turn += 1


cdef ScreensC* new_screens() except NULL
cdef void free_screens(ScreensC* screens) noexcept
# Reduces the rules for a unit that has no screen yet, whose place among the buckets is `at`; NULL where no more can be
# remembered.
cdef ScreenC* add_screen(RunC* run, AskedC* asked, uint64_t at) except? NULL nogil

# A screen is found in three steps, so that the memory of some units is on its way while others are looked at.

cdef inline void ask(RunC* run, const PlanC* plan, AskedC* asked, const UnitC* partner) noexcept nogil:
    """Finds what the unit shares with others, and has the place fetched where the number of its screen may stand."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    asked.plan = plan
    fill_traits(run, plan.grain, &asked.unit, partner, &asked.traits)
    asked.hash_ = hash_key(asked.traits.key, asked.traits.long_key)
    fetch(&screens.buckets[asked.hash_ & screens.mask])


cdef inline void fetch_screen(const RunC* run, const AskedC* asked) noexcept nogil:
    """Has the screen fetched that is likely the unit's."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    cdef uint64_t at = asked.hash_ & screens.mask
    while screens.buckets[at] != 0:
        if screens.buckets[at] >> 32 == asked.hash_ >> 32:
            fetch_all(&screens.screens[<uint32_t>screens.buckets[at] - 1], sizeof(ScreenC))
            return
        at = (at + 1) & screens.mask


cdef inline bint _has_key(const ScreenC* screen, const TraitsC* traits) noexcept nogil:
    return screen.long_key == traits.long_key and is_same_key(screen.key, traits.key, traits.long_key)


cdef inline bint find_screen(RunC* run, AskedC* asked) except -1 nogil:
    """Gives what remains of the rules of a plan for a unit of a claim; False where no more can be remembered."""
    cdef ScreensC* screens = <ScreensC*>run.screens
    cdef uint64_t at = asked.hash_ & screens.mask
    cdef ScreenC* found
    while screens.buckets[at] != 0:
        found = &screens.screens[<uint32_t>screens.buckets[at] - 1]
        if screens.buckets[at] >> 32 == asked.hash_ >> 32 and _has_key(found, &asked.traits):
            break
        at = (at + 1) & screens.mask
    else:
        found = add_screen(run, asked, at)
        if found == NULL:
            return False
    asked.screen = <int32_t>(found - screens.screens)
    count_unit(run, asked.screen)
    asked.first = found.first
    asked.count = found.count
    fetch(&screens.lefts[found.first])
    return True


cdef inline void count_unit(const RunC* run, int32_t screen) noexcept nogil:
    """Counts a unit more whose screen is known."""
    cdef const ScreensC* screens = <const ScreensC*>run.screens
    screens.applied[screens.screens[screen].applied].units += 1


cdef void fetch_remains(const RunC* run, const AskedC* asked) noexcept nogil
# Forgets how many units were screened, before another batch.
cdef void forget_units(ScreensC* screens) noexcept nogil
# Whether most of what can be remembered is still free.
cdef bint has_room(const RunC* run) noexcept
# Counts what screens answered: the clear units, and where `gaps` those that cannot be evaluated; once, when all cases
# are judged.
cdef void count_screened(const RunC* run, const PlanC* plans, HitsC* hits, bint gaps) noexcept nogil
