"""Two batches that were read apart made one, as if one reader had read both; several threads can move what there is.

Texts, payers and odd values of the second are numbered anew, and so are its segments and claims, which its reader
counted from the header on; everything else keeps its order.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy, memset

import numpy as np

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._readings cimport patient_of
from scrubber._spread cimport ARRAYS, ArrayC, spread_out
from scrubber._windows cimport NOBODY
from scrubber.structs cimport (
    MAX_MODIFIERS, MAX_REMARKS, NO_DAY, AdjudicationC, AdjustmentC, ClaimC, DefectC, DiagnosisC, DrugC, LineC, ListCodeC,
    NumberC, OtherPayerC, ProviderC,
)

# What was before: segments, and those of them that are of the header, which both readers counted, and claims.
cdef struct BeforeC:
    int32_t header
    int32_t segments
    int32_t claims


cdef enum:
    BLOCK = 64                   # elements that are copied, and then changed while they are near

cdef struct JoinC:
    BatchC* to
    BatchC* other
    BatchC was                   # `to`, before there was room for the other
    BeforeC before
    int32_t* payers              # number of each payer of the other
    int64_t* odd                 # symbol of each odd value of the other
    uint8_t* used                # which of those were met; NULL nobody asks


cdef inline void _on(int32_t* index, int32_t by) noexcept nogil:
    if index[0] >= 0:
        index[0] += by


cdef inline void _odd(int64_t* symbol, const JoinC* j) noexcept nogil:
    if symbol[0] < 0:
        if j.used != NULL:
            j.used[-symbol[0] - 1] = 1
        symbol[0] = j.odd[-symbol[0] - 1]


cdef inline void _odd_short(int32_t* symbol, const JoinC* j) noexcept nogil:
    cdef int64_t wide = symbol[0]
    _odd(&wide, j)
    symbol[0] = <int32_t>wide


cdef inline int64_t _alone(int32_t file, int32_t position) noexcept nogil:
    """The patient of a claim that names none."""
    return patient_of(NULL, 0, NULL, 0, NULL, 0, NO_DAY, 0, file, position)


cdef void _place(ClaimC* claim, int32_t before) noexcept nogil:
    """Moves a claim back in its file by so many; where it names no patient, it has one by its place."""
    cdef bint alone = claim.member.length == 0 and claim.patient == _alone(claim.file, claim.position)
    claim.position += before
    if alone:
        claim.patient = _alone(claim.file, claim.position)


cdef int _make_room(BatchC* to, BatchC* other) except -1 nogil:
    """Makes the first batch as large as both are."""
    cdef ArrayC mine[ARRAYS]
    cdef ArrayC theirs[ARRAYS]
    cdef int64_t wanted
    cdef void* moved
    cdef int i
    spread_out(to, mine)
    spread_out(other, theirs)
    for i in range(ARRAYS):
        wanted = <int64_t>mine[i].count[0] + theirs[i].count[0]
        if wanted > mine[i].room[0]:
            moved = realloc(mine[i].items[0], <size_t>wanted * mine[i].size) if wanted <= 2147483647 else NULL
            if moved == NULL:
                with gil:
                    raise MemoryError
            mine[i].items[0] = moved
            mine[i].room[0] = <int32_t>wanted
    wanted = to.arena_size + other.arena_size
    if wanted > to.arena_room:
        moved = realloc(to.arena, <size_t>wanted)
        if moved == NULL:
            with gil:
                raise MemoryError
        to.arena = <uint8_t*>moved
        to.arena_room = wanted
    for i in range(ARRAYS):
        mine[i].count[0] += theirs[i].count[0]
    to.arena_size = wanted
    return 0


cdef void _claims(const JoinC* j, ClaimC* claims, int32_t count) noexcept nogil:
    cdef int32_t i, k
    for i in range(count):
        _place(&claims[i], j.before.claims)
        claims[i].payer = j.payers[claims[i].payer] if claims[i].payer >= 0 else -1
        claims[i].first_line += j.was.line_count
        claims[i].first_diagnosis += j.was.diagnosis_count
        claims[i].first_provider += j.was.provider_count
        claims[i].first_number += j.was.number_count
        claims[i].first_other += j.was.other_count
        claims[i].first_defect += j.was.defect_count
        claims[i].first_list_code += j.was.list_code_count
        _on(&claims[i].billing, j.was.provider_count)
        _on(&claims[i].rendering, j.was.provider_count)
        claims[i].id.start += j.was.arena_size
        claims[i].member.start += j.was.arena_size
        claims[i].clia.start += j.was.arena_size
        _odd(&claims[i].pos, j)
        _odd(&claims[i].tob, j)
        _odd(&claims[i].accident_state, j)
        _odd(&claims[i].filing_code, j)
        _odd_short(&claims[i].msp_type, j)
        _odd_short(&claims[i].delay_reason, j)
        _odd(&claims[i].auth_exception, j)
        _odd(&claims[i].patient_status, j)
        for k in range(3):
            _odd(&claims[i].accident_causes[k], j)


cdef void _lines(const JoinC* j, LineC* lines, int32_t count) noexcept nogil:
    cdef int32_t i, k
    for i in range(count):
        lines[i].claim += j.was.claim_count
        _on(&lines[i].rendering, j.was.provider_count)
        _on(&lines[i].drug, j.was.drug_count)
        lines[i].first_number += j.was.number_count
        lines[i].clia.start += j.was.arena_size
        _odd(&lines[i].code, j)
        _odd_short(&lines[i].revenue, j)
        _odd_short(&lines[i].pos, j)
        for k in range(MAX_MODIFIERS):
            _odd_short(&lines[i].modifiers[k], j)


cdef void _diagnoses(const JoinC* j, DiagnosisC* diagnoses, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&diagnoses[i].claim, j.was.claim_count)
        _odd(&diagnoses[i].code, j)


cdef void _providers(const JoinC* j, ProviderC* providers, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&providers[i].claim, j.was.claim_count)
        _on(&providers[i].line, j.was.line_count)
        providers[i].address.start += j.was.arena_size
        providers[i].zip.start += j.was.arena_size
        _odd(&providers[i].npi, j)
        _odd(&providers[i].taxonomy, j)
        _odd(&providers[i].state, j)


cdef void _drugs(const JoinC* j, DrugC* drugs, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        drugs[i].sent.start += j.was.arena_size
        _odd(&drugs[i].ndc, j)
        _odd(&drugs[i].unit, j)
        _odd(&drugs[i].qualifier, j)


cdef void _numbers(const JoinC* j, NumberC* numbers, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&numbers[i].claim, j.was.claim_count)
        _on(&numbers[i].line, j.was.line_count)
        _on(&numbers[i].other, j.was.other_count)
        numbers[i].text.start += j.was.arena_size
        _odd(&numbers[i].qualifier, j)


cdef void _others(const JoinC* j, OtherPayerC* others, int32_t count) noexcept nogil:
    cdef int32_t i, k
    for i in range(count):
        _on(&others[i].claim, j.was.claim_count)
        others[i].payer.start += j.was.arena_size
        _odd(&others[i].filing_code, j)
        for k in range(MAX_REMARKS):
            _odd(&others[i].remarks[k], j)


cdef void _adjustments(const JoinC* j, AdjustmentC* adjustments, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&adjustments[i].claim, j.was.claim_count)
        _on(&adjustments[i].line, j.was.line_count)
        _on(&adjustments[i].other, j.was.other_count)
        _odd(&adjustments[i].group, j)
        _odd(&adjustments[i].reason, j)


cdef void _adjudications(const JoinC* j, AdjudicationC* adjudications, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&adjudications[i].claim, j.was.claim_count)
        _on(&adjudications[i].line, j.was.line_count)
        _on(&adjudications[i].other, j.was.other_count)
        _odd(&adjudications[i].code, j)


cdef void _defects(const JoinC* j, DefectC* defects, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        if defects[i].claim != NOBODY:
            _on(&defects[i].claim, j.was.claim_count)
        if defects[i].segment > j.before.header:
            defects[i].segment += j.before.segments


cdef void _list_codes(const JoinC* j, ListCodeC* list_codes, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(count):
        _on(&list_codes[i].claim, j.was.claim_count)
        _odd(&list_codes[i].code, j)


cdef void _change(const JoinC* j, int array, void* items, int32_t count) noexcept nogil:
    """Makes elements point to where what they point to stands now. Arrays come in the order of `spread_out`."""
    if array == 0:
        _claims(j, <ClaimC*>items, count)
    elif array == 1:
        _lines(j, <LineC*>items, count)
    elif array == 2:
        _diagnoses(j, <DiagnosisC*>items, count)
    elif array == 3:
        _providers(j, <ProviderC*>items, count)
    elif array == 4:
        _drugs(j, <DrugC*>items, count)
    elif array == 5:
        _numbers(j, <NumberC*>items, count)
    elif array == 6:
        _others(j, <OtherPayerC*>items, count)
    elif array == 7:
        _adjustments(j, <AdjustmentC*>items, count)
    elif array == 8:
        _adjudications(j, <AdjudicationC*>items, count)
    elif array == 9:
        _defects(j, <DefectC*>items, count)
    elif array == 10:
        _list_codes(j, <ListCodeC*>items, count)


cdef void _move(const JoinC* j, int part, int parts) noexcept nogil:
    """Copies one of several parts of each array of the other batch."""
    cdef ArrayC mine[ARRAYS]
    cdef ArrayC old[ARRAYS]
    cdef ArrayC theirs[ARRAYS]
    cdef int64_t at, end, count
    cdef char* to
    cdef int i
    spread_out(j.to, mine)
    spread_out(<BatchC*>&j.was, old)
    spread_out(j.other, theirs)
    for i in range(ARRAYS):
        count = theirs[i].count[0]
        at = count * part // parts
        end = count * (part + 1) // parts
        while at < end:
            count = min(BLOCK, end - at)
            to = <char*>mine[i].items[0] + (old[i].count[0] + at) * mine[i].size
            memcpy(to, <char*>theirs[i].items[0] + at * mine[i].size, count * mine[i].size)
            _change(j, i, to, <int32_t>count)
            at += count
    at = j.other.arena_size * part // parts
    end = j.other.arena_size * (part + 1) // parts
    if end > at:
        memcpy(j.to.arena + j.was.arena_size + at, j.other.arena + at, end - at)


cdef class Join:
    """Appends all that is in one batch to another, whose files it has: once every part is moved.

    Args:
        to: What stands first.
        other: What was read by itself; it stays as it is.
        before: What the reader of the other one did not count, as `X12Reader.since` gives it.
    """
    cdef JoinC c
    cdef ClaimBatch to
    cdef ClaimBatch other

    def __cinit__(self, ClaimBatch to, ClaimBatch other, before):
        cdef int32_t i
        self.to = to
        self.other = other
        self.c.to = &to.c
        self.c.other = &other.c
        self.c.before.header, self.c.before.segments, self.c.before.claims = before
        self.c.payers = <int32_t*>malloc((len(other.payers) + 1) * sizeof(int32_t))
        self.c.odd = <int64_t*>malloc((len(other.odd) + 1) * sizeof(int64_t))
        if self.c.payers == NULL or self.c.odd == NULL:
            raise MemoryError
        for i in range(len(other.payers)):
            self.c.payers[i] = _number(to.payers, to._payer_numbers, other.payers[i])
        for i in range(len(other.odd)):
            self.c.odd[i] = -(<int64_t>_number(to.odd, to._odd_numbers, other.odd[i]) + 1)
        memcpy(&self.c.was, &to.c, sizeof(BatchC))
        _make_room(&to.c, &other.c)
        to.unreadable.extend(_told_again(record, self.c.before.segments, self.c.before.claims)
                             for record in other.unreadable)

    def __dealloc__(self):
        free(self.c.payers)
        free(self.c.odd)

    def move(self, int part=0, int parts=1):
        """Moves one of several parts, without the interpreter's lock: threads can move one each."""
        with nogil:
            _move(&self.c, part, parts)


cdef int _renumber(ClaimBatch batch, const int32_t[::1] payers, const int64_t[::1] odd, uint8_t[::1] used) except -1:
    """Changes what a batch points to among its payers and odd values, where it stands, and notes which of those it
    uses."""
    cdef ArrayC arrays[ARRAYS]
    cdef JoinC j
    cdef int i
    memset(&j, 0, sizeof(JoinC))
    j.payers = <int32_t*>&payers[0]
    j.odd = <int64_t*>&odd[0]
    j.used = &used[0]
    spread_out(&batch.c, arrays)
    with nogil:
        for i in range(ARRAYS):
            _change(&j, i, arrays[i].items[0], arrays[i].count[0])
    return 0


def compact(ClaimBatch batch, bint payers=True):
    """Gives a batch names of its own: of the files, payers and odd values that it shares with others those that it
    uses.

    Args:
        payers: False: it keeps all payers.
    """
    cdef int32_t i
    cdef Py_ssize_t most = max(len(batch.files), len(batch.payers), len(batch.odd)) + 1
    cdef uint8_t[::1] files = np.zeros(most, np.uint8), billed = np.zeros(most, np.uint8)
    cdef uint8_t[::1] used = np.zeros(most, np.uint8)
    cdef int32_t[::1] place
    for i in range(batch.c.claim_count):
        files[batch.c.claims[i].file] = 1
        if batch.c.claims[i].payer >= 0:
            billed[batch.c.claims[i].payer] = 1
    for i in range(batch.c.defect_count):
        if batch.c.defects[i].claim != NOBODY:
            files[batch.c.defects[i].file] = 1
    place = _places(files)
    batch.files = _used(batch.files, files)
    for i in range(batch.c.claim_count):
        batch.c.claims[i].file = place[batch.c.claims[i].file]
    for i in range(batch.c.defect_count):
        batch.c.defects[i].file = place[batch.c.defects[i].file]
    if not payers:
        billed[:] = 1
    batch.payers = _used(batch.payers, billed)
    same = np.arange(most)
    _renumber(batch, _places(billed), -same - 1, used)
    if batch.odd:
        batch.odd = _used(batch.odd, used)
        _renumber(batch, same.astype(np.int32), -np.asarray(_places(used), np.int64) - 1, np.zeros(most, np.uint8))
    batch._payer_numbers = {text: number for number, text in enumerate(batch.payers)}
    batch._odd_numbers = {text: number for number, text in enumerate(batch.odd)}


cdef _places(const uint8_t[::1] used):
    """int32: where each stands among those that are used; where another does, if it is none."""
    return np.maximum(np.cumsum(used, dtype=np.int64) - 1, 0).astype(np.int32)


cdef list _used(list texts, const uint8_t[::1] used):
    return [text for number, text in enumerate(texts) if used[number]]


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
