"""What many units share, as a key, and which conditions the key decides."""

from libc.stdint cimport int32_t, int64_t

from scrubber.run cimport NodeC, RunC, UnitC

cdef enum:
    TRAITS = 8                   # words of a key

# What an attribute is read from, as bits.
cdef enum Basis:
    BY_PAYER = 1                 # the payer's profile and the kind of claim
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
    BY_PAIR = 8192
    LX_IN_ORDER = 1 << 18        # of every line of a claim
    LINKS_DIFFER = 1 << 19
    ALL_CHARGED = 1 << 20
    ALL_PAST = 1 << 21           # no line ends after the claim is sent
    NO_DOTS = 1 << 22            # of every diagnosis
    BALANCED = 1 << 23           # the lines add up to the claim
    SINGLE_CODE = 1 << 17        # no diagnosis before it has the code
    NO_REPEAT = 1 << 14          # no other line of the day has the code
    NO_PAIR = 1 << 15            # no other code of the day makes a pair with the line
    NO_OTHER = 1 << 16           # the line is alone on its day
    BY_MODIFIER = 4096           # a modifier that is the unit

# Fills the bases that together tell each attribute.
cdef void fill_needs(int32_t* needs) noexcept
# Fills the key of a unit and gives the bases that it tells.
cdef int traits_of(RunC* run, int grain, const UnitC* unit, int64_t* key) noexcept nogil
# Whether the bases tell that no line or diagnosis of the claim passes a test of items.
cdef bint is_ruled_out(const RunC* run, const NodeC* node, int bases) noexcept nogil
# Whether the bases tell the answer to a test of the unit's attributes.
cdef bint is_told(RunC* run, const NodeC* node, const UnitC* unit, int bases) noexcept nogil
