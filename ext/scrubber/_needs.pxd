"""Of which services payers want an authorization, and which codes they take for one another."""

from libc.stdint cimport int32_t, uint8_t

from scrubber._intervals cimport IntervalC, ListC

# What one payer asks for one code range.
cdef struct NeedC:
    IntervalC codes
    ListC pos
    ListC dx_exempt
    int32_t from_day
    int32_t to_day               # exclusive
    uint8_t need                 # V_LINE_AUTH_NEED_*
    uint8_t own                  # names the payer, not `*`

cdef struct NeedsC:
    ListC* payers                # by payer, other payers behind those of the batch: its needs
    uint8_t* has_rules           # by payer
    ListC* families              # by profile: its families, in `family_lists`
    ListC* family_lists
    ListC* groups                # by profile: places that count as one, in `group_lists`
    ListC* group_lists
    NeedC* needs                 # by payer, sorted from the most to the least specific
    IntervalC* intervals         # of needs, families and groups


cdef class Needs:
    """What some payers ask for; immutable, so that batches share it."""
    cdef NeedsC c
    cdef ListC* _lists(self, ListC* of_profile, list groups, list intervals, int width) except NULL
