"""Batches that are parts of a larger input: taken from a reader, copied from one another, told what the whole knows.

Parts of one input share the lists of files, payers and odd texts, so that their numbers mean the same everywhere.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

import numpy as np

from scrubber.symbols import unpack

from scrubber._auth_file cimport AuthFile, has_number, number_hash
from scrubber._batch cimport (
    BatchC, ClaimBatch, add_adjudication, add_adjustment, add_claim, add_defect, add_diagnosis, add_drug, add_line,
    add_list_code, add_number, add_other, add_provider, add_text,
)
from scrubber._blocks cimport take_block
from scrubber._cob cimport first_adjudication, first_adjustment
from scrubber._notes cimport index_of
from scrubber._readings cimport hash_bytes
from scrubber.grow cimport SCRUBBER_TIGHT
from scrubber.pages cimport on_large_pages
from scrubber.structs cimport (
    DRAFT, REJECTED, VOID, AdjudicationC, AdjustmentC, ClaimC, DiagnosisC, LineC, NumberC, OtherPayerC, ProviderC, TextC,
)

cdef enum:
    MANY = 1 << 22               # elements that no room is made for before they come
    MOST_TEXT = 1 << 28          # bytes, the same
    # Marks of a claim, for the sweep over the whole input.
    REPLACES = 1                 # it replaces or removes another
    PAST = 2                     # it is no draft


cdef double MARGIN = 1.15        # what comes is never quite like what came


cdef ClaimBatch sibling_of(ClaimBatch batch):
    cdef ClaimBatch other = ClaimBatch.__new__(ClaimBatch)
    other.files = batch.files
    other.payers = batch.payers
    other.odd = batch.odd
    other._payer_numbers = batch._payer_numbers
    other._odd_numbers = batch._odd_numbers
    return other


cdef ClaimBatch taken_from(ClaimBatch batch):
    cdef ClaimBatch taken = sibling_of(batch)
    memcpy(&taken.c, &batch.c, sizeof(BatchC))
    memset(&batch.c, 0, sizeof(BatchC))
    taken.unreadable = batch.unreadable
    batch.unreadable = []
    return taken


cdef void reserve(BatchC* batch, const BatchC* like, double times) noexcept:
    """Makes room for so many times what a batch holds, and some more, so that growing copies nothing.

    What is not filled takes no memory.

    Args:
        like: That batch: the same, or one before it.
    """
    cdef int64_t wanted
    times *= MARGIN
    _room(<void**>&batch.claims, batch.claim_count, like.claim_count, &batch.claim_room, sizeof(ClaimC), times)
    _room(<void**>&batch.lines, batch.line_count, like.line_count, &batch.line_room, sizeof(LineC), times)
    _room(<void**>&batch.diagnoses, batch.diagnosis_count, like.diagnosis_count, &batch.diagnosis_room,
          sizeof(DiagnosisC), times)
    _room(<void**>&batch.providers, batch.provider_count, like.provider_count, &batch.provider_room, sizeof(ProviderC),
          times)
    _room(<void**>&batch.others, batch.other_count, like.other_count, &batch.other_room, sizeof(OtherPayerC), times)
    _room(<void**>&batch.numbers, batch.number_count, like.number_count, &batch.number_room, sizeof(NumberC), times)
    _room(<void**>&batch.adjustments, batch.adjustment_count, like.adjustment_count, &batch.adjustment_room,
          sizeof(AdjustmentC), times)
    _room(<void**>&batch.adjudications, batch.adjudication_count, like.adjudication_count, &batch.adjudication_room,
          sizeof(AdjudicationC), times)
    if batch.arena_room < like.arena_size * times < MOST_TEXT:
        wanted = _enlarge(<void**>&batch.arena, <size_t>batch.arena_size, <size_t>(like.arena_size * times))
        batch.arena_room = max(batch.arena_room, wanted)


cdef void _room(void** items, int32_t held, int32_t count, int32_t* room, size_t size, double times) noexcept:
    cdef size_t wanted
    if room[0] < count * times < MANY:
        wanted = _enlarge(items, held * size, <size_t>(count * times) * size)
        room[0] = max(room[0], <int32_t>(wanted // size))


cdef size_t _enlarge(void** items, size_t held, size_t wanted) noexcept:
    """How many bytes there is room for now; 0 where memory lacks, or is to be tight: an array grows as far as it can."""
    cdef size_t holds = wanted
    cdef void* moved
    if SCRUBBER_TIGHT:
        return 0
    moved = take_block(wanted, &holds)
    if moved != NULL:
        if held:
            memcpy(moved, items[0], held)
        free(items[0])
    else:
        moved = realloc(items[0], wanted)
        if moved == NULL:
            return 0
        on_large_pages(moved, wanted)
    items[0] = moved
    return holds


def sibling(ClaimBatch batch, files=None):
    """An empty batch of the same input.

    Args:
        files: Names of files of its own.
    """
    cdef ClaimBatch other = sibling_of(batch)
    if files is not None:
        other.files = files
    return other


def take(ClaimBatch batch):
    """All that is in a batch as another one; it is empty afterwards."""
    return taken_from(batch)


cdef TextC _text(BatchC* to, const BatchC* source, TextC text) noexcept nogil:
    return add_text(to, source.arena + text.start, text.length)


cdef int32_t copy_provider(BatchC* to, const BatchC* source, int32_t number) except -1 nogil:
    """Index of a copy, with the claim and the line of the original."""
    cdef int32_t at = index_of(add_provider(to))
    cdef TextC address = _text(to, source, source.providers[number].address)
    cdef TextC zip = _text(to, source, source.providers[number].zip)
    to.providers[at] = source.providers[number]
    to.providers[at].address = address
    to.providers[at].zip = zip
    return at


cdef int32_t _moved(int32_t index, int32_t first, int32_t count, int32_t now) noexcept nogil:
    """Where an element of a range that was copied to `now` stands; -1 for what is not in the range."""
    return index - first + now if first <= index < first + count else -1


cdef int32_t _copy(BatchC* to, const BatchC* source, int32_t number, int32_t billing) except -1 nogil:
    """Copies a claim with all that belongs to it; its billing provider is `billing` there."""
    cdef const ClaimC* old = &source.claims[number]
    cdef int32_t at = index_of(add_claim(to))
    cdef ClaimC claim = to.claims[at]
    cdef int32_t lines = to.line_count, providers = to.provider_count, others = to.other_count, i, one
    cdef TextC text
    text = _text(to, source, old.id)             # first, as drop_claim wants it
    memcpy(&to.claims[at], old, sizeof(ClaimC))
    to.claims[at].id = text
    to.claims[at].member = _text(to, source, old.member)
    to.claims[at].clia = _text(to, source, old.clia)
    to.claims[at].first_line = claim.first_line
    to.claims[at].first_diagnosis = claim.first_diagnosis
    to.claims[at].first_provider = claim.first_provider
    to.claims[at].first_number = claim.first_number
    to.claims[at].first_other = claim.first_other
    to.claims[at].first_defect = claim.first_defect
    to.claims[at].first_list_code = claim.first_list_code
    to.claims[at].billing = billing
    to.claims[at].rendering = _moved(old.rendering, old.first_provider, old.provider_count, providers)
    for i in range(old.first_provider, old.first_provider + old.provider_count):
        one = copy_provider(to, source, i)
        to.providers[one].claim = at
        to.providers[one].line = _moved(to.providers[one].line, old.first_line, old.line_count, lines)
    for i in range(old.first_diagnosis, old.first_diagnosis + old.diagnosis_count):
        one = index_of(add_diagnosis(to))
        to.diagnoses[one] = source.diagnoses[i]
        to.diagnoses[one].claim = at
    for i in range(old.first_line, old.first_line + old.line_count):
        one = index_of(add_line(to))
        to.lines[one] = source.lines[i]
        to.lines[one].claim = at
        to.lines[one].clia = _text(to, source, source.lines[i].clia)
        to.lines[one].rendering = _moved(source.lines[i].rendering, old.first_provider, old.provider_count, providers)
        to.lines[one].first_number = source.lines[i].first_number - old.first_number + to.claims[at].first_number
        if source.lines[i].drug >= 0:
            to.lines[one].drug = index_of(add_drug(to))
            to.drugs[to.lines[one].drug] = source.drugs[source.lines[i].drug]
            text = _text(to, source, source.drugs[source.lines[i].drug].sent)
            to.drugs[to.lines[one].drug].sent = text
    for i in range(old.first_number, old.first_number + old.number_count):
        one = index_of(add_number(to))
        text = _text(to, source, source.numbers[i].text)
        to.numbers[one] = source.numbers[i]
        to.numbers[one].text = text
        to.numbers[one].claim = at
        to.numbers[one].line = _moved(source.numbers[i].line, old.first_line, old.line_count, lines)
        to.numbers[one].other = _moved(source.numbers[i].other, old.first_other, old.other_count, others)
    for i in range(old.first_other, old.first_other + old.other_count):
        one = index_of(add_other(to))
        text = _text(to, source, source.others[i].payer)
        to.others[one] = source.others[i]
        to.others[one].payer = text
        to.others[one].claim = at
    for i in range(old.first_list_code, old.first_list_code + old.list_code_count):
        one = index_of(add_list_code(to))
        to.list_codes[one] = source.list_codes[i]
        to.list_codes[one].claim = at
    for i in range(old.first_defect, old.first_defect + old.defect_count):
        one = index_of(add_defect(to))
        to.defects[one] = source.defects[i]
        to.defects[one].claim = at
    _copy_payments(to, source, number, at, lines, others)
    return at


cdef int _copy_payments(BatchC* to, const BatchC* source, int32_t number, int32_t at, int32_t lines,
                        int32_t others) except -1 nogil:
    cdef const ClaimC* old = &source.claims[number]
    cdef int32_t i = first_adjustment(source, number), one
    while i < source.adjustment_count and source.adjustments[i].claim == number:
        one = index_of(add_adjustment(to))
        to.adjustments[one] = source.adjustments[i]
        to.adjustments[one].claim = at
        to.adjustments[one].line = _moved(source.adjustments[i].line, old.first_line, old.line_count, lines)
        to.adjustments[one].other = _moved(source.adjustments[i].other, old.first_other, old.other_count, others)
        i += 1
    i = first_adjudication(source, number)
    while i < source.adjudication_count and source.adjudications[i].claim == number:
        one = index_of(add_adjudication(to))
        to.adjudications[one] = source.adjudications[i]
        to.adjudications[one].claim = at
        to.adjudications[one].line = _moved(source.adjudications[i].line, old.first_line, old.line_count, lines)
        to.adjudications[one].other = _moved(source.adjudications[i].other, old.first_other, old.other_count, others)
        i += 1
    return 0


def copy_claims(ClaimBatch to, ClaimBatch source, const int32_t[::1] numbers):
    """Appends copies of some claims of one batch to another of the same input.

    Args:
        numbers: Of the claims in `source`, ascending.
    """
    cdef int32_t i, billing = -1, copied = -1
    with nogil:
        for i in range(numbers.shape[0]):
            if source.c.claims[numbers[i]].billing != billing or i == 0:
                billing = source.c.claims[numbers[i]].billing
                copied = copy_provider(&to.c, &source.c, billing) if billing >= 0 else -1
            _copy(&to.c, &source.c, numbers[i], copied)


def withdraw(ClaimBatch batch, const int32_t[::1] numbers):
    """Makes claims take no part: they are judged in another batch."""
    cdef int32_t i, k
    cdef ClaimC* claim
    for i in range(numbers.shape[0]):
        claim = &batch.c.claims[numbers[i]]
        claim.state = VOID
        claim.patient = 0
        claim.frequency = 0
        for k in range(claim.first_line, claim.first_line + claim.line_count):
            batch.c.lines[k].state = VOID


def keys(ClaimBatch batch):
    """What the whole input is searched for, by claim: the patient, and a hash of number and payer.

    Returns:
        Two arrays; 0 stands for a claim that stands alone, and for what is no draft with a number.
    """
    cdef int32_t i, n = batch.c.claim_count
    cdef const ClaimC* claim
    patients, numbers = np.empty(n, np.int64), np.zeros(n, np.int64)
    cdef int64_t[::1] patient = patients
    cdef int64_t[::1] number = numbers
    with nogil:
        for i in range(n):
            claim = &batch.c.claims[i]
            patient[i] = claim.patient
            if claim.state == DRAFT and claim.id.length:
                number[i] = hash_bytes(batch.c.arena + claim.id.start, claim.id.length, claim.payer)
    return patients, numbers


def marks(ClaimBatch batch):
    """Bits by claim: 1 it replaces or removes another one, 2 it is no draft."""
    cdef int32_t i, n = batch.c.claim_count
    cdef const ClaimC* claim
    found = np.zeros(n, np.uint8)
    cdef uint8_t[::1] mark = found
    with nogil:
        for i in range(n):
            claim = &batch.c.claims[i]
            if claim.state != DRAFT:
                mark[i] |= PAST
            if (claim.frequency == c'7' or claim.frequency == c'8') and claim.state != VOID and claim.state != REJECTED:
                mark[i] |= REPLACES
    return found


def places(ClaimBatch batch):
    """The file of each claim, and its place in it."""
    cdef int32_t i, n = batch.c.claim_count
    files, positions = np.empty(n, np.int32), np.empty(n, np.int32)
    cdef int32_t[::1] file = files
    cdef int32_t[::1] position = positions
    with nogil:
        for i in range(n):
            file[i] = batch.c.claims[i].file
            position[i] = batch.c.claims[i].position
    return files, positions


def filing_codes(ClaimBatch batch):
    """SBR09 of the first claim of each payer that has one in the batch, "" where it sends none."""
    cdef int32_t i
    cdef int64_t code
    first = np.full(len(batch.payers), -1, np.int32)
    cdef int32_t[::1] claim = first
    with nogil:
        for i in range(batch.c.claim_count - 1, -1, -1):
            claim[batch.c.claims[i].payer] = i
    codes = {}
    for i in np.flatnonzero(first >= 0):
        code = batch.c.claims[claim[i]].filing_code
        codes[batch.payers[i]] = unpack(code, 2) if code > 0 else ""
    return codes


def names(ClaimBatch batch):
    """CLM01 of the drafts of a batch, one after the other, and the length of each in bytes."""
    cdef int32_t i, drafts = 0
    cdef int64_t size = 0
    cdef const ClaimC* claim
    cdef bytes text
    cdef char* out
    for i in range(batch.c.claim_count):
        claim = &batch.c.claims[i]
        if claim.state == DRAFT:
            drafts += 1
            size += claim.id.length
    lengths = np.empty(drafts, np.int32)
    cdef int32_t[::1] length = lengths
    text = PyBytes_FromStringAndSize(NULL, size)
    out = PyBytes_AS_STRING(text)
    with nogil:
        drafts = 0
        for i in range(batch.c.claim_count):
            claim = &batch.c.claims[i]
            if claim.state == DRAFT:
                memcpy(out, batch.c.arena + claim.id.start, claim.id.length)
                out += claim.id.length
                length[drafts] = claim.id.length
                drafts += 1
    return text, lengths


def authorization_numbers(ClaimBatch batch, AuthFile file):
    """Claims that send a number of the file, and a hash of the number, in pairs."""
    cdef int32_t i, found = 0
    cdef const NumberC* number
    cdef int64_t hashed
    claims, hashes = np.empty(batch.c.number_count, np.int32), np.empty(batch.c.number_count, np.int64)
    cdef int32_t[::1] claim = claims
    cdef int64_t[::1] sent = hashes
    with nogil:
        for i in range(batch.c.number_count):
            number = &batch.c.numbers[i]
            if not number.own:
                continue
            hashed = number_hash(batch.c.arena + number.text.start, number.text.length)
            if has_number(&file.c, hashed):
                claim[found] = number.claim
                sent[found] = hashed
                found += 1
    return claims[:found], hashes[:found]


cdef int copy_envelope(BatchC* to, BatchC* source, int32_t file) except -1 nogil:
    """Moves the defects of the envelope, of one file or (-1) of all; in `source` nobody judges them any more.

    Two that stood apart stand apart again: only of neighbours the second is not told.
    """
    cdef bint apart = False
    cdef int32_t i, one
    for i in range(source.defect_count):
        if source.defects[i].claim >= 0 or (file >= 0 and source.defects[i].file != file):
            apart = True
            continue
        if apart:
            one = index_of(add_defect(to))
            to.defects[one].claim = NOBODY
        one = index_of(add_defect(to))
        to.defects[one] = source.defects[i]
        source.defects[i].claim = NOBODY
        apart = False
    if apart:
        one = index_of(add_defect(to))
        to.defects[one].claim = NOBODY
    return 0


def move_envelope(ClaimBatch to, ClaimBatch source):
    """Moves the defects that are of no claim from one batch to another of the same input."""
    with nogil:
        copy_envelope(&to.c, &source.c, -1)
