"""What the flags of a batch show of its claims, copied out of it: place, number, charges, days, codes."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy

import numpy as np

from scrubber._batch cimport ClaimBatch
from scrubber.structs cimport ClaimC, LineC


def excerpt(ClaimBatch batch, const int32_t[::1] claims, const int32_t[::1] lines, const int32_t[::1] related):
    """Copies the claims that flags are of or name.

    Args:
        claims, lines: Of each flag, -1 none.
        related: Lines that flags name.

    Returns:
        Of each claim copied its place in its file, its charge in cents, its first line here and the end of its number
        in the texts; of each line its claim, number, charge in cents, day and code; the numbers of the claims, one
        after the other, as an array of bytes; and `claims`, `lines` and `related` as numbers of what was copied.
    """
    cdef int32_t i, k, count = 0, line_count = 0
    cdef int64_t size = 0
    cdef const ClaimC* claim
    cdef const LineC* line
    places, firsts = np.full(batch.c.claim_count + 1, -1, np.int32), np.zeros(batch.c.claim_count + 1, np.int32)
    cdef int32_t[::1] place = places
    cdef int32_t[::1] first = firsts
    for i in range(claims.shape[0]):
        if claims[i] >= 0:
            place[claims[i]] = 0
        if lines[i] >= 0:
            place[batch.c.lines[lines[i]].claim] = 0
    for i in range(related.shape[0]):
        place[batch.c.lines[related[i]].claim] = 0
    for i in range(batch.c.claim_count):
        if place[i] == 0:
            place[i] = count
            first[i] = line_count
            count += 1
            line_count += batch.c.claims[i].line_count
            size += batch.c.claims[i].id.length
    claim_rows, line_rows = np.empty((count, 4), np.int64), np.empty((line_count, 5), np.int64)
    texts = np.empty(size, np.uint8)
    cdef int64_t[:, ::1] told = claim_rows
    cdef int64_t[:, ::1] row = line_rows
    cdef unsigned char[::1] text = texts
    size = 0
    line_count = 0
    for i in range(batch.c.claim_count):
        if place[i] < 0:
            continue
        claim = &batch.c.claims[i]
        if claim.id.length:
            memcpy(&text[size], batch.c.arena + claim.id.start, claim.id.length)
            size += claim.id.length
        told[place[i], 0] = claim.position
        told[place[i], 1] = claim.total_cents
        told[place[i], 2] = first[i]
        told[place[i], 3] = size
        for k in range(claim.first_line, claim.first_line + claim.line_count):
            line = &batch.c.lines[k]
            row[line_count, 0] = place[i]
            row[line_count, 1] = line.number
            row[line_count, 2] = line.charge_cents
            row[line_count, 3] = line.from_day
            row[line_count, 4] = line.code
            line_count += 1
    return (claim_rows, line_rows, texts, _claims_of(claims, place), _lines_of(batch, lines, place, first),
            _lines_of(batch, related, place, first))


cdef _claims_of(const int32_t[::1] claims, int32_t[::1] place):
    cdef int32_t i
    moved = np.full(claims.shape[0], -1, np.int32)
    cdef int32_t[::1] out = moved
    for i in range(claims.shape[0]):
        if claims[i] >= 0:
            out[i] = place[claims[i]]
    return moved


cdef _lines_of(ClaimBatch batch, const int32_t[::1] lines, int32_t[::1] place, int32_t[::1] first):
    cdef int32_t i, claim
    moved = np.full(lines.shape[0], -1, np.int32)
    cdef int32_t[::1] out = moved
    for i in range(lines.shape[0]):
        if lines[i] >= 0:
            claim = batch.c.lines[lines[i]].claim
            out[i] = lines[i] - batch.c.claims[claim].first_line + first[claim]
    return moved
