"""Two batches that were read apart made one, as if one reader had read both.

Texts, payers and odd values of the second are numbered anew, and so are its segments and claims, which its reader
counted from the header on; everything else keeps its order.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._readings cimport patient_of
from scrubber._spread cimport ARRAYS, ArrayC, spread_out
from scrubber.structs cimport MAX_MODIFIERS, MAX_REMARKS, NO_DAY, ClaimC

# What was before: segments, and those of them that are of the header, which both readers counted, and claims.
cdef struct BeforeC:
    int32_t header
    int32_t segments
    int32_t claims


cdef inline void _on(int32_t* index, int32_t by) noexcept nogil:
    if index[0] >= 0:
        index[0] += by


cdef inline void _odd(int64_t* symbol, const int64_t* odd) noexcept nogil:
    if symbol[0] < 0:
        symbol[0] = odd[-symbol[0] - 1]


cdef inline int64_t _alone(int32_t file, int32_t position) noexcept nogil:
    """The patient of a claim that names none."""
    return patient_of(NULL, 0, NULL, 0, NULL, 0, NO_DAY, 0, file, position)


cdef void _place(ClaimC* claim, int32_t before) noexcept nogil:
    """Moves a claim back in its file by so many; where it names no patient, it has one by its place."""
    cdef bint alone = claim.member.length == 0 and claim.patient == _alone(claim.file, claim.position)
    claim.position += before
    if alone:
        claim.patient = _alone(claim.file, claim.position)


cdef int _grow(BatchC* to, BatchC* other) except -1 nogil:
    """Appends the elements as they are."""
    cdef ArrayC mine[ARRAYS]
    cdef ArrayC theirs[ARRAYS]
    cdef int64_t wanted
    cdef void* moved
    cdef int i
    spread_out(to, mine)
    spread_out(other, theirs)
    for i in range(ARRAYS):
        if theirs[i].count[0] == 0:
            continue
        wanted = <int64_t>mine[i].count[0] + theirs[i].count[0]
        if wanted > mine[i].room[0]:
            moved = realloc(mine[i].items[0], <size_t>wanted * mine[i].size) if wanted <= 2147483647 else NULL
            if moved == NULL:
                with gil:
                    raise MemoryError
            mine[i].items[0] = moved
            mine[i].room[0] = <int32_t>wanted
        memcpy(<char*>mine[i].items[0] + <size_t>mine[i].count[0] * mine[i].size, theirs[i].items[0],
               <size_t>theirs[i].count[0] * mine[i].size)
        mine[i].count[0] = <int32_t>wanted
    if other.arena_size:
        moved = realloc(to.arena, <size_t>(to.arena_size + other.arena_size))
        if moved == NULL:
            with gil:
                raise MemoryError
        to.arena = <uint8_t*>moved
        memcpy(to.arena + to.arena_size, other.arena, other.arena_size)
        to.arena_size = to.arena_room = to.arena_size + other.arena_size
    return 0


cdef void _move(BatchC* to, const BatchC* was, const BeforeC* before, const int32_t* payers,
                const int64_t* odd) noexcept nogil:
    """Makes the elements after those that were there point to where what they point to stands now."""
    cdef int32_t i, k
    for i in range(was.claim_count, to.claim_count):
        _place(&to.claims[i], before.claims)
        to.claims[i].payer = payers[to.claims[i].payer] if to.claims[i].payer >= 0 else -1
        to.claims[i].first_line += was.line_count
        to.claims[i].first_diagnosis += was.diagnosis_count
        to.claims[i].first_provider += was.provider_count
        to.claims[i].first_number += was.number_count
        to.claims[i].first_other += was.other_count
        to.claims[i].first_defect += was.defect_count
        to.claims[i].first_list_code += was.list_code_count
        _on(&to.claims[i].billing, was.provider_count)
        _on(&to.claims[i].rendering, was.provider_count)
        to.claims[i].id.start += was.arena_size
        to.claims[i].member.start += was.arena_size
        to.claims[i].clia.start += was.arena_size
        _odd(&to.claims[i].pos, odd)
        _odd(&to.claims[i].tob, odd)
        _odd(&to.claims[i].accident_state, odd)
        _odd(&to.claims[i].filing_code, odd)
        _odd(&to.claims[i].msp_type, odd)
        _odd(&to.claims[i].delay_reason, odd)
        _odd(&to.claims[i].auth_exception, odd)
        _odd(&to.claims[i].patient_status, odd)
        for k in range(3):
            _odd(&to.claims[i].accident_causes[k], odd)
    for i in range(was.line_count, to.line_count):
        to.lines[i].claim += was.claim_count
        _on(&to.lines[i].rendering, was.provider_count)
        _on(&to.lines[i].drug, was.drug_count)
        to.lines[i].first_number += was.number_count
        to.lines[i].clia.start += was.arena_size
        to.lines[i].referring_clia.start += was.arena_size
        _odd(&to.lines[i].code, odd)
        _odd(&to.lines[i].revenue, odd)
        _odd(&to.lines[i].pos, odd)
        for k in range(MAX_MODIFIERS):
            _odd(&to.lines[i].modifiers[k], odd)
    for i in range(was.diagnosis_count, to.diagnosis_count):
        _on(&to.diagnoses[i].claim, was.claim_count)
        _odd(&to.diagnoses[i].code, odd)
    for i in range(was.provider_count, to.provider_count):
        _on(&to.providers[i].claim, was.claim_count)
        _on(&to.providers[i].line, was.line_count)
        to.providers[i].address.start += was.arena_size
        to.providers[i].zip.start += was.arena_size
        _odd(&to.providers[i].npi, odd)
        _odd(&to.providers[i].taxonomy, odd)
        _odd(&to.providers[i].state, odd)
    for i in range(was.drug_count, to.drug_count):
        to.drugs[i].sent.start += was.arena_size
        _odd(&to.drugs[i].ndc, odd)
        _odd(&to.drugs[i].unit, odd)
        _odd(&to.drugs[i].qualifier, odd)
    for i in range(was.number_count, to.number_count):
        _on(&to.numbers[i].claim, was.claim_count)
        _on(&to.numbers[i].line, was.line_count)
        _on(&to.numbers[i].other, was.other_count)
        to.numbers[i].text.start += was.arena_size
        _odd(&to.numbers[i].qualifier, odd)
    for i in range(was.other_count, to.other_count):
        _on(&to.others[i].claim, was.claim_count)
        to.others[i].payer.start += was.arena_size
        _odd(&to.others[i].filing_code, odd)
        for k in range(MAX_REMARKS):
            _odd(&to.others[i].remarks[k], odd)
    for i in range(was.adjustment_count, to.adjustment_count):
        _on(&to.adjustments[i].claim, was.claim_count)
        _on(&to.adjustments[i].line, was.line_count)
        _on(&to.adjustments[i].other, was.other_count)
        _odd(&to.adjustments[i].group, odd)
        _odd(&to.adjustments[i].reason, odd)
    for i in range(was.adjudication_count, to.adjudication_count):
        _on(&to.adjudications[i].claim, was.claim_count)
        _on(&to.adjudications[i].line, was.line_count)
        _on(&to.adjudications[i].other, was.other_count)
        _odd(&to.adjudications[i].code, odd)
    for i in range(was.defect_count, to.defect_count):
        _on(&to.defects[i].claim, was.claim_count)
        if to.defects[i].segment > before.header:
            to.defects[i].segment += before.segments
    for i in range(was.list_code_count, to.list_code_count):
        _on(&to.list_codes[i].claim, was.claim_count)
        _odd(&to.list_codes[i].code, odd)


def join(ClaimBatch to, ClaimBatch other, before=(0, 0, 0)):
    """Appends all that is in one batch to another, whose files it has.

    Args:
        to: What stands first.
        other: What was read by itself; it stays as it is.
        before: What the reader of the other one did not count, as `X12Reader.since` gives it.
    """
    cdef BatchC was
    cdef BeforeC counted
    cdef int32_t i
    cdef int32_t* payers = <int32_t*>malloc((len(other.payers) + 1) * sizeof(int32_t))
    cdef int64_t* odd = <int64_t*>malloc((len(other.odd) + 1) * sizeof(int64_t))
    try:
        if payers == NULL or odd == NULL:
            raise MemoryError
        for i in range(len(other.payers)):
            payers[i] = _number(to.payers, to._payer_numbers, other.payers[i])
        for i in range(len(other.odd)):
            odd[i] = -(<int64_t>_number(to.odd, to._odd_numbers, other.odd[i]) + 1)
        counted.header, counted.segments, counted.claims = before
        memcpy(&was, &to.c, sizeof(BatchC))
        with nogil:
            _grow(&to.c, &other.c)
            _move(&to.c, &was, &counted, payers, odd)
        to.unreadable.extend(_told_again(record, counted.segments, counted.claims) for record in other.unreadable)
    finally:
        free(payers)
        free(odd)


cdef dict _told_again(dict record, int32_t segments, int32_t claims):
    """A record of what was set aside, with the numbers that it has in the whole file."""
    position, segment = record["claim_position"], record["segment"]
    return {**record, "claim_position": position and position + claims, "segment": segment and segment + segments}


cdef int32_t _number(list texts, dict numbers, str text) except -1:
    """Number of a text, a new one where it has none."""
    number = numbers.get(text)
    if number is None:
        number = len(texts)
        numbers[text] = number
        texts.append(text)
    return number
