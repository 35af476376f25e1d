"""What many units share, as a key."""

from libc.stdint cimport int32_t, int64_t, uint64_t

from scrubber.run cimport RunC, UnitC
from scrubber.structs cimport ClaimC

cdef enum:
    TRAITS = 8                   # words of a key; short ones have four
    COMMON = 2                   # of them every key has: what the grain's are read from, then bases and truths
    MOST_LINES = 10              # and diagnoses: within the bounds that a key keeps
    LONGEST_ID = 19
    YOUNGEST = 19                # in years
    OLDEST = 119

# What an attribute is read from, as bits.
cdef enum Basis:
    BY_PAYER = 1                 # the payer's profile, the kind of claim and the span of days
    BY_CODE = 2                  # the facts of the line's code
    BY_PLACE = 4
    BY_MODIFIERS = 8             # of the line
    BY_FORM = 16                 # small fields of a line
    BY_UNITS = 32                # of a line, where they are few and whole
    BY_DAY = 64                  # of a line of one day
    BY_CLAIM = 128               # small fields of a claim
    BY_PROVIDER = 256
    BY_DIAGNOSIS = 512
    BY_CODE_SET = 1024           # of a diagnosis of a claim of one day
    BY_COVERAGE = 2048
    BY_MODIFIER = 4096           # a modifier that is the unit
    BY_PAIR = 8192               # and of both its lines
    BY_SUM = 16384               # limits, and the sums of a day beside them
    BY_AUTH = 32768              # what is known of an authorization
    BY_CLIA = 65536              # of a laboratory test: the number sent
    BY_ORDER = 131072            # of what must be ordered: who ordered it
    BY_COB = 262144              # what another payer decided

# What is so of a unit, as bits.
cdef enum Truth:
    NO_REPEAT = 1                # no other line of the day has the code
    NO_PAIR = 2                  # no other code of the day makes a pair with the line
    NO_OTHER = 4                 # the line is alone on its day
    SINGLE_CODE = 8              # no diagnosis before it has the code
    LX_IN_ORDER = 16             # of every line of a claim
    LINKS_DIFFER = 32
    ALL_CHARGED = 64
    ALL_PAST = 128               # no line ends after the claim is sent
    NO_DOTS = 256                # of every diagnosis
    BALANCED = 512               # the lines add up to the claim
    HAS_HISTORY = 1024           # history is loaded
    DATED = 2048                 # a line that has a day
    NO_EARLIER = 4096            # no line of an earlier day, and no history is loaded
    NO_NEXT = 8192               # none of the next day, which is past
    NO_SURGERY = 16384           # no other line can open a global period, as far as history is loaded at all
    NO_STAY = 32768              # no hospital's claim among those of the patient, and no history is loaded
    NO_VACCINE = 65536           # neither a vaccine nor its administration on the claim
    IN_TIME = 131072             # sent before the payer's limit
    PLAIN_DX = 262144            # the line's first diagnosis is in no set that one is asked for
    APART = 524288               # nobody the claim names has the address of who bills
    ADULT = 1048576              # the patient of a diagnosis
    PAID_WITHIN = 2097152        # the patient paid no more than the total
    ONSET_IN_TIME = 4194304      # the illness began no later than its treatment
    FEW_CHRONIC = 8388608        # the claim names one long-term condition at most
    PLAIN_FIRST = 16777216       # the same of what lines are asked that their first pointer names, flags too
    ALL_BARE = 33554432          # no line of the claim has a modifier
    ALL_BALANCE = 67108864       # no line is off that another payer decided on

# What a unit shares with others: a key that holds everything which its bases and truths are told by.
cdef struct TraitsC:
    int64_t key[TRAITS]          # of a short one the other words are 0
    bint long_key
    int bases
    int truths
    const UnitC* partner         # of a pair, else NULL

cdef inline int64_t shared_word(const RunC* run, int grain, const ClaimC* claim, bint of_line) noexcept nogil:
    """The first word of every key, but for the days that it holds for."""
    return grain | <int64_t>claim.kind << 8 | <int64_t>of_line << 12 | <int64_t>run.payer_profile[claim.payer] << 16


cdef inline int64_t spanned_word(const RunC* run, int grain, const ClaimC* claim, bint of_line) noexcept nogil:
    """The same with the days about the one that was asked for last (find_span)."""
    return shared_word(run, grain, claim, of_line) | <int64_t>(<uint64_t>run.span_from << 32)


cdef void fill_traits(RunC* run, int grain, const UnitC* unit, const UnitC* partner, TraitsC* traits) noexcept nogil
cdef bint is_adult(const ClaimC* claim, int32_t day) noexcept nogil
# Sets that hold a code of a line of the claim; SET_WORDS words.
cdef void lines_sets(RunC* run, const ClaimC* claim, uint64_t* held) noexcept nogil
cdef bint is_word_of_cob(int attribute) noexcept nogil
# Bit per role that a provider of the claim has.
cdef int64_t roles_of(const RunC* run, const ClaimC* claim) noexcept nogil
