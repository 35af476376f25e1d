"""Who bills the claims at hand: most are of the one who billed the last, of whom nothing new is to be asked."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from scrubber._claims cimport first_from
from scrubber._facts cimport find_span
from scrubber._screens cimport WORDS, AskedC, count_unit
from scrubber._traits cimport BY_PROVIDER, spanned_word
from scrubber._values cimport unit_day
from scrubber.run cimport RunC, UnitC
from scrubber.structs cimport ClaimC
from scrubber.words cimport G_PROVIDER

cdef enum:
    BILLERS = 8                  # remembered, by the payer's profile

# Who billed the last claim to such a payer, as a unit of which no rule was left to ask.
cdef struct BillerC:
    int64_t shared               # first word of its key
    int32_t provider             # -1 none
    int32_t screen


cdef inline void forget_billers(BillerC* billers) noexcept nogil:
    """Before other claims."""
    memset(billers, 255, BILLERS * sizeof(BillerC))


cdef inline bint bills_again(RunC* run, const BillerC* billers, const UnitC* unit) noexcept nogil:
    """Counts a provider that is such a unit once more; False where it is another."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const BillerC* biller = &billers[run.payer_profile[claim.payer] & (BILLERS - 1)]
    cdef int32_t day
    if biller.provider != unit.provider:
        return False
    day = unit_day(run, unit)
    find_span(run, day)
    if day != first_from(run, unit.claim) or biller.shared != spanned_word(run, G_PROVIDER, claim, False):
        return False
    count_unit(run, biller.screen)
    return True


cdef inline void note_biller(const RunC* run, BillerC* billers, const AskedC* asked) noexcept nogil:
    """Remembers a provider whose screen is found, if it bills and nothing is left to ask."""
    cdef const ClaimC* claim = &run.batch.claims[asked.unit.claim]
    cdef BillerC* biller = &billers[run.payer_profile[claim.payer] & (BILLERS - 1)]
    if (asked.found and asked.unit.provider == claim.billing and asked.unit.line < 0
            and asked.traits.bases & BY_PROVIDER and asked.count == 0 and asked.plan.count <= 64 * WORDS):
        biller.shared = asked.traits.key[0]
        biller.provider = asked.unit.provider
        biller.screen = asked.screen
