"""A batch of claims as arrays of structs, and the few calls by which readers fill it."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from scrubber.structs cimport (
    AdjudicationC, AdjustmentC, ClaimC, DefectC, DiagnosisC, DrugC, LineC, NumberC, OtherPayerC, ProviderC, TextC,
)

cdef struct BatchC:
    ClaimC* claims
    LineC* lines
    DiagnosisC* diagnoses
    ProviderC* providers
    DrugC* drugs
    NumberC* numbers
    OtherPayerC* others
    AdjustmentC* adjustments
    AdjudicationC* adjudications
    DefectC* defects
    uint8_t* arena
    int32_t claim_count
    int32_t line_count
    int32_t diagnosis_count
    int32_t provider_count
    int32_t drug_count
    int32_t number_count
    int32_t other_count
    int32_t adjustment_count
    int32_t adjudication_count
    int32_t defect_count
    int64_t arena_size
    int32_t claim_room
    int32_t line_room
    int32_t diagnosis_room
    int32_t provider_room
    int32_t drug_room
    int32_t number_room
    int32_t other_room
    int32_t adjustment_room
    int32_t adjudication_room
    int32_t defect_room
    int64_t arena_room


# Each appends one zeroed element (days NO_DAY, indices -1) and returns its index, or -1 when memory is out.
cdef int32_t add_claim(BatchC* batch) noexcept nogil
cdef int32_t add_line(BatchC* batch) noexcept nogil
cdef int32_t add_diagnosis(BatchC* batch) noexcept nogil
cdef int32_t add_provider(BatchC* batch) noexcept nogil
cdef int32_t add_drug(BatchC* batch) noexcept nogil
cdef int32_t add_number(BatchC* batch) noexcept nogil
cdef int32_t add_other(BatchC* batch) noexcept nogil
cdef int32_t add_adjustment(BatchC* batch) noexcept nogil
cdef int32_t add_adjudication(BatchC* batch) noexcept nogil
cdef int32_t add_defect(BatchC* batch) noexcept nogil
cdef TextC add_text(BatchC* batch, const uint8_t* s, int32_t n) noexcept nogil
# Takes everything a claim appended back out, the claim too: a claim that cannot be read leaves nothing behind.
cdef void drop_claim(BatchC* batch, int32_t claim) noexcept nogil

cdef int64_t hash_bytes(const uint8_t* s, int64_t n, int64_t seed) noexcept nogil
cdef uint8_t npi_fault(const uint8_t* s, int64_t n) noexcept nogil
cdef int32_t day_of(const uint8_t* s, int64_t n) noexcept nogil   # CCYYMMDD, NO_DAY if it is no date
cdef int64_t hash_digits(const uint8_t* s, int64_t n) noexcept nogil  # of the digits alone (tax ids); 0 if none
cdef int64_t hash_text(const uint8_t* s, int64_t n) noexcept nogil    # of a number, any case, blanks at the ends off
# Who the patient is. Without a member id both names count; without either the claim is a case of its own.
cdef int64_t patient_of(const uint8_t* member, int64_t member_n, const uint8_t* last, int64_t last_n,
                        const uint8_t* first, int64_t first_n, int32_t birth, uint8_t sex,
                        int32_t file, int32_t position) noexcept nogil
# Settles pointers once all diagnoses are known: keeps the valid ones, notes the first fault.
cdef void settle_pointers(BatchC* batch, int32_t claim) noexcept nogil


cdef class ClaimBatch:
    """Claims as columns; readers append, the engine reads.

    Attributes:
        files: Name of each input, by `ClaimC.file`.
        payers: Payer id as sent, by `ClaimC.payer`.
        odd: Texts of values that could not be packed, by -(symbol + 1).
        unreadable: Records of claims set aside, in the order met.
    """
    cdef BatchC c
    cdef readonly list files
    cdef readonly list payers
    cdef readonly list odd
    cdef readonly list unreadable
    cdef dict _payer_numbers
    cdef dict _odd_numbers
    cdef int32_t payer_number(self, const uint8_t* s, int64_t n) except -1
    cdef int64_t symbol(self, const uint8_t* s, int64_t n, int width) except? -1
    cdef str _text(self, TextC text)
    cdef int _check(self, int64_t index, int64_t count) except -1
