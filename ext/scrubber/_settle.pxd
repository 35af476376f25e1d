"""What a pattern or a client's list tells of a claim, and what it is known by: written on it before it is judged."""

from cpython.ref cimport PyObject
from libc.stdint cimport int32_t, int64_t

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._matcher cimport MatcherC

cdef struct PayerC:
    int64_t key
    const MatcherC* matcher      # of its member ids, NULL none

cdef struct SettlingC:
    PayerC* payers               # of the batch
    PyObject* payer_ids          # their list
    PyObject* eligibility        # the client's list, NULL none
    const int32_t* copies        # by claim
    int32_t copied               # claims of which they are told; the others have none

# Writes copies, payer_key, id_fault and eligible of a draft.
cdef int settle(const BatchC* batch, int32_t number, const SettlingC* settling) except -1 nogil


cdef class Settling:
    """What the payers of a batch let be told of its claims; shared read-only between threads.

    Args:
        matchers: By payer of the batch, of its member ids: a Matcher, or None where no pattern is set.
        eligibility: {(member, payer): [(first day, first day out)]} in capital letters and digits, payer "" for any;
            None where no snapshot is loaded.
        copies: int32 by claim, up to the last draft: how many drafts of the input bear its number and payer.
    """
    cdef SettlingC c
    cdef object _kept
