"""How much one patient may hold: within a case everything is held against everything, so that its time grows with the
square of it. What is larger than any patient's record is refused, and the rest of the input costs what it did.

Professional claims have at most 50 lines and 12 diagnoses, institutional ones 999 lines and some forty diagnoses.
"""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc, qsort

from scrubber._batch cimport ClaimBatch
from scrubber.run cimport RunC
from scrubber.structs cimport DRAFT, REJECTED, ClaimC

cdef enum:
    DAY_LINES = 2000             # of one patient and day: two of the largest hospital claims
    CASE_LINES = 20000           # of one patient in the input and the history
    CLAIM_DIAGNOSES = 255
    CLAIM_OTHERS = 255           # other payers
    CLAIM_PROVIDERS = 10000      # of its lines, too
    CLAIM_NUMBERS = 10000        # authorizations and referrals


TOO_MUCH = (f"the patient has more than {DAY_LINES:,} lines on one day or {CASE_LINES:,} in all, or the claim more than "
            f"{CLAIM_DIAGNOSES} diagnoses or other payers; give every patient a member id of their own")


cdef int _by_value(const void* a, const void* b) noexcept nogil:
    cdef int32_t x = (<const int32_t*>a)[0], y = (<const int32_t*>b)[0]
    return -1 if x < y else (1 if x > y else 0)


cdef bint is_crowded(const RunC* run, const int32_t* claims, int32_t count) except -1 nogil:
    """Whether the claims of one patient hold more than any patient's do."""
    cdef const ClaimC* claim
    cdef int64_t lines = 0
    cdef int32_t i
    for i in range(count):
        claim = &run.batch.claims[claims[i]]
        lines += claim.line_count
        if (claim.diagnosis_count > CLAIM_DIAGNOSES or claim.other_count > CLAIM_OTHERS
                or claim.provider_count > CLAIM_PROVIDERS or claim.number_count > CLAIM_NUMBERS):
            return True
    if lines <= DAY_LINES and count <= DAY_LINES:
        return False
    return lines > CASE_LINES or count > CASE_LINES or _has_crowded_day(run, claims, count, <int32_t>lines)


cdef bint _has_crowded_day(const RunC* run, const int32_t* claims, int32_t count, int32_t lines) except -1 nogil:
    cdef const ClaimC* claim
    cdef int32_t* days = <int32_t*>malloc(<size_t>max(lines, 1) * sizeof(int32_t))
    cdef int32_t i, k, n = 0
    cdef bint found = False
    if days == NULL:
        with gil:
            raise MemoryError
    for i in range(count):
        claim = &run.batch.claims[claims[i]]
        for k in range(claim.first_line, claim.first_line + claim.line_count):
            days[n] = run.batch.lines[k].from_day
            n += 1
    qsort(days, n, sizeof(int32_t), _by_value)
    for i in range(DAY_LINES, n):
        found = found or days[i] == days[i - DAY_LINES]
    free(days)
    return found


def set_aside(ClaimBatch batch, numbers):
    """Takes claims that hold too much out of what is scrubbed, and tells of each, in input order."""
    cdef int32_t number
    for each in sorted(numbers):
        number = each
        if batch.c.claims[number].state == DRAFT:
            batch.c.claims[number].state = REJECTED
            batch.unreadable.append({
                "file": batch.file_of(number), "claim_position": batch.claim_position(number),
                "claim": batch.claim_id(number) or None, "problem": TOO_MUCH,
            })
