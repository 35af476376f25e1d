"""A batch of claims as arrays of structs, and the few calls by which readers fill it."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._readings cimport day_of, hash_bytes, hash_digits, hash_text, npi_fault, patient_of
from scrubber.structs cimport (
    AdjudicationC, AdjustmentC, ClaimC, DefectC, DiagnosisC, DrugC, LineC, ListCodeC, NumberC, OtherPayerC, ProviderC, TextC,
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
    ListCodeC* list_codes
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
    int32_t list_code_count
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
    int32_t list_code_room
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
cdef int32_t add_list_code(BatchC* batch) noexcept nogil
cdef TextC add_text(BatchC* batch, const uint8_t* s, int32_t n) noexcept nogil
# Takes everything a claim appended back out, the claim too: a claim that cannot be read leaves nothing behind.
cdef void drop_claim(BatchC* batch, int32_t claim) noexcept nogil

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
