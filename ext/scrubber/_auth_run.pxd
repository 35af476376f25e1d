"""The authorization numbers of one batch: their form, what the payers ask for, and units used up over the batch."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._auth_file cimport AuthC, AuthFile, AuthFileC
from scrubber._batch cimport ClaimBatch
from scrubber._needs cimport Needs, NeedsC
from scrubber.run cimport RunC
from scrubber.structs cimport ClaimC, NumberC

# What one draft line takes from one authorization.
cdef struct LotC:
    int64_t units_milli
    int64_t over_milli           # beyond what is approved; -1 approved unknown
    int64_t npi
    int32_t auth
    int32_t line
    int32_t claim
    int32_t day
    int32_t thru
    int32_t percent              # of the approved amount, on the last draft line; -2 on the others, -1 unknown
    uint8_t draft
    uint8_t past                 # our own history counts on this number

cdef struct AuthRunC:
    const AuthFileC* file        # NULL: none loaded
    uint8_t* faults              # by number of the batch: V_AUTH_FORMAT_FAULT_*
    int64_t* hashes              # by number of the batch
    int32_t* other_payers        # by other payer of the batch: number of its id, the batch's payers first; -1 none
    int32_t* auth_payers         # by payer of the batch: its number in the file, -1 none
    uint8_t* on_file             # by payer: the file has rows that may be its own
    const NeedsC* needs
    LotC* lots                   # of draft lines, by line, then authorization
    int32_t lot_count

cdef bint governs(const RunC* run, const ClaimC* claim, const NumberC* number, int32_t line) noexcept nogil
cdef int code_match(const AuthRunC* auths, const AuthC* auth, int32_t profile, int64_t code) noexcept nogil
cdef const LotC* lot_of(const AuthRunC* auths, int32_t line, int32_t auth) noexcept nogil


cdef class Authorizations:
    """The numbers of one batch; one run uses it, and it must outlive the run."""
    cdef AuthRunC c
    cdef readonly AuthFile file
    cdef Needs needs
    cdef tuple _payers_of(self, ClaimBatch batch, payer_profile, match)
    cdef int _judge_numbers(self, ClaimBatch batch, profiles, payer_profile) except -1
    cdef int _bind_payers(self, ClaimBatch batch) except -1
    cdef int _allot(self, ClaimBatch batch, payer_profile) except -1
    cdef int _add_lot(self, ClaimBatch batch, int32_t auth, int32_t line, int32_t* room) except -1
    cdef int _add_up(self, int32_t count) except -1
