"""Claims that were read apart, by many processes, told apart and put together: names that are the same everywhere."""

from libc.stdint cimport int32_t, int64_t

import numpy as np

from scrubber._batch cimport ClaimBatch, hash_bytes
from scrubber._readings cimport patient_of
from scrubber.structs cimport DRAFT, NO_DAY, ClaimC


def stand_alone(ClaimBatch batch, names):
    """Gives each claim that names no patient one by the name of its file: by its number two files would have the same.

    Args:
        names: By file, such as no other has.
    """
    cdef int32_t i
    cdef ClaimC* claim
    cdef int64_t[::1] seeds = hashes(names)
    if len(names) < len(batch.files):
        raise ValueError("a file has no name")
    with nogil:
        for i in range(batch.c.claim_count):
            claim = &batch.c.claims[i]
            if claim.member.length == 0 and claim.patient == patient_of(NULL, 0, NULL, 0, NULL, 0, NO_DAY, 0, claim.file,
                                                                        claim.position):
                claim.patient = hash_bytes(<unsigned char*>&claim.position, sizeof(claim.position), seeds[claim.file])


def number_files(ClaimBatch batch, const int32_t[::1] numbers not None):
    """Gives the files of a batch other numbers.

    Args:
        numbers: By file, each of a file of the batch that this one is joined to.
    """
    cdef int32_t i
    if numbers.shape[0] < len(batch.files):
        raise ValueError("a file has no number")
    for i in range(batch.c.claim_count):
        batch.c.claims[i].file = numbers[batch.c.claims[i].file]
    for i in range(batch.c.defect_count):
        batch.c.defects[i].file = numbers[batch.c.defects[i].file]


def numbers_of(ClaimBatch batch):
    """int64 by claim: a hash of number and payer of a draft, by their texts; 0 of one that has none, and of others."""
    cdef int32_t i, n = batch.c.claim_count
    cdef const ClaimC* claim
    cdef int64_t[::1] seeds = hashes(batch.payers)
    found = np.zeros(n, np.int64)
    cdef int64_t[::1] number = found
    with nogil:
        for i in range(n):
            claim = &batch.c.claims[i]
            if claim.state == DRAFT and claim.id.length:
                number[i] = hash_bytes(batch.c.arena + claim.id.start, claim.id.length,
                                       seeds[claim.payer] if claim.payer >= 0 else 0)
    return found


def first_claims(ClaimBatch batch):
    """int32 by payer: the number of its first claim, -1 where it has none."""
    cdef int32_t i
    found = np.full(len(batch.payers) + 1, -1, np.int32)
    cdef int32_t[::1] first = found
    with nogil:
        for i in range(batch.c.claim_count - 1, -1, -1):
            if batch.c.claims[i].payer >= 0:
                first[batch.c.claims[i].payer] = i
    return found[:len(batch.payers)]


def hashes(texts):
    """int64: a hash of each text, the same on every machine, and one more."""
    cdef bytes text
    cdef int32_t i
    found = np.zeros(len(texts) + 1, np.int64)
    cdef int64_t[::1] hashed = found
    for i, each in enumerate(texts):
        text = each.encode("utf-8", "surrogatepass")
        hashed[i] = hash_bytes(text, len(text), 0)
    return found
