"""What only the whole input, a pattern or a client's list can tell of a claim: written on the claims before they are
judged."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

import numpy as np

from cpython.ref cimport PyObject

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._matcher cimport Matcher, takes
from scrubber._readings cimport hash_bytes
from scrubber.bits cimport fetch
from scrubber.pack cimport WIDTH_PAYER, digit_of, pack
from scrubber.structs cimport DRAFT, NO_DAY, NOT_TOLD, ClaimC
from scrubber.words cimport (
    V_SUBSCRIBER_ELIGIBLE_NO, V_SUBSCRIBER_ELIGIBLE_UNKNOWN, V_SUBSCRIBER_ELIGIBLE_YES, V_SUBSCRIBER_ID_FAULT_MISSING,
    V_SUBSCRIBER_ID_FAULT_NONE, V_SUBSCRIBER_ID_FAULT_PATTERN,
)

from scrubber.rules.pattern_cost import LONGEST
from scrubber.symbols import unpack

cdef int32_t longest_id = LONGEST

cdef enum:
    AHEAD = 8                    # claims whose memory is asked for before it is looked at

cdef struct SeenC:
    int64_t hash                 # of number and payer; 0 free
    int32_t count


cdef class Settling:

    def __cinit__(self, ClaimBatch batch, matchers, eligibility, const int32_t[::1] copies not None):
        cdef int32_t i, count = <int32_t>len(batch.payers)
        cdef Matcher matcher
        self.c.payers = <PayerC*>calloc(count + 1, sizeof(PayerC))
        if self.c.payers == NULL:
            raise MemoryError
        self._kept = (batch.payers, list(matchers), eligibility, copies)
        self.c.copied = <int32_t>copies.shape[0]
        self.c.copies = &copies[0] if copies.shape[0] else NULL
        self.c.payer_ids = <PyObject*>batch.payers
        self.c.eligibility = NULL if eligibility is None else <PyObject*>eligibility
        for i in range(count):
            self.c.payers[i].key = _payer_key(batch.payers[i])
            matcher = self._kept[1][i]
            self.c.payers[i].matcher = NULL if matcher is None else &matcher.c

    def __dealloc__(self):
        free(self.c.payers)


def settle_claim(ClaimBatch batch, int64_t payer_key, Matcher matcher, eligibility):
    """The same of a batch of one claim.

    Args:
        payer_key: As `payer_key` gives it for the payer of the claim.
        matcher: Of the payer's member ids.
    """
    cdef PayerC payer
    cdef SettlingC settling
    if batch.c.claims[0].state == DRAFT:
        payer.key = payer_key
        payer.matcher = NULL if matcher is None else &matcher.c
        settling.payers = &payer
        settling.payer_ids = <PyObject*>batch.payers
        settling.eligibility = NULL if eligibility is None else <PyObject*>eligibility
        settling.copied = 0
        with nogil:
            settle(&batch.c, 0, &settling)


def payer_key(str payer):
    """A payer's id as an integer."""
    return _payer_key(payer)


cdef int settle(const BatchC* batch, int32_t number, const SettlingC* settling) except -1 nogil:
    """What the claim itself tells, and the client's list."""
    cdef ClaimC* claim = &batch.claims[number]
    cdef const PayerC* payer = &settling.payers[claim.payer]
    cdef const uint8_t* member = batch.arena + claim.member.start
    cdef int64_t length = claim.member.length
    claim.payer_key = payer.key
    claim.copies = settling.copies[number] if number < settling.copied else 1
    if length == 0:
        claim.id_fault = V_SUBSCRIBER_ID_FAULT_NONE if claim.employer else V_SUBSCRIBER_ID_FAULT_MISSING
        return 0
    if payer.matcher == NULL and settling.eligibility == NULL:
        claim.id_fault = NOT_TOLD
        return 0
    while length and (member[0] == c' ' or 9 <= member[0] <= 13):
        member += 1
        length -= 1
    while length and (member[length - 1] == c' ' or 9 <= member[length - 1] <= 13):
        length -= 1
    if length == 0:
        claim.id_fault = V_SUBSCRIBER_ID_FAULT_MISSING
        return 0
    if payer.matcher == NULL:
        claim.id_fault = NOT_TOLD
    elif length > longest_id:
        claim.id_fault = V_SUBSCRIBER_ID_FAULT_PATTERN
    elif payer.matcher.steps != NULL:
        claim.id_fault = (V_SUBSCRIBER_ID_FAULT_NONE if takes(payer.matcher, member, length)
                          else V_SUBSCRIBER_ID_FAULT_PATTERN)
    else:
        with gil:
            claim.id_fault = (V_SUBSCRIBER_ID_FAULT_NONE
                              if (<Matcher>payer.matcher.owner).matches(member, length)
                              else V_SUBSCRIBER_ID_FAULT_PATTERN)
    if settling.eligibility != NULL and claim.eligible == V_SUBSCRIBER_ELIGIBLE_UNKNOWN:
        with gil:
            _look_up(batch, claim, (<bytes>member[:length]).upper(), settling)
    return 0


cdef int _look_up(const BatchC* batch, ClaimC* claim, bytes member, const SettlingC* settling) except -1:
    """Whether the client's list has the member insured on the first day of the claim."""
    cdef int32_t day = _first_day(batch, claim)
    if day != NO_DAY:
        claim.eligible = _eligible(<object>settling.eligibility, _plain(member.decode("utf-8", "replace")),
                                   _plain((<list>settling.payer_ids)[claim.payer]), day)
    return 0


def _plain(str text):
    """Capital letters and digits alone."""
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


cdef int64_t _payer_key(str payer) except? -1:
    cdef bytes plain = _plain(payer).encode()
    return pack(plain, len(plain), WIDTH_PAYER)


cdef int32_t _first_day(const BatchC* batch, const ClaimC* claim):
    cdef int32_t i, day = NO_DAY
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if day == NO_DAY or NO_DAY < batch.lines[i].from_day < day:
            day = batch.lines[i].from_day
    return claim.statement_from if day == NO_DAY else day


cdef uint8_t _eligible(eligibility, str member, str payer, int32_t day) except 255:
    spans = [*eligibility.get((member, payer), ()), *eligibility.get((member, ""), ())]
    if not spans:
        return V_SUBSCRIBER_ELIGIBLE_UNKNOWN
    for first, last in spans:
        if first <= day < last:
            return V_SUBSCRIBER_ELIGIBLE_YES
    return V_SUBSCRIBER_ELIGIBLE_NO


def copies(ClaimBatch batch):
    """int32 by claim: how many drafts of the batch bear its number and payer; a claim without a number is alone."""
    found = np.ones(batch.c.claim_count + 1, np.int32)
    cdef int32_t[::1] counts = found
    with nogil:
        _count_copies(batch, &counts[0])
    return found


cdef int _count_copies(ClaimBatch batch, int32_t* copies) except -1 nogil:
    cdef uint64_t room = 64, at
    cdef int32_t i
    cdef const ClaimC* claim
    cdef SeenC* seen
    cdef uint32_t* places        # of what was seen of each claim; 0 is none
    cdef int64_t key
    while room < <uint64_t>batch.c.claim_count * 2:
        room *= 2
    seen = <SeenC*>calloc(room + 1, sizeof(SeenC))
    places = <uint32_t*>calloc(<size_t>batch.c.claim_count + 1, sizeof(uint32_t))
    if seen == NULL or places == NULL:
        free(seen)
        free(places)
        with gil:
            raise MemoryError
    for i in range(batch.c.claim_count):
        claim = &batch.c.claims[i]
        if i + 2 * AHEAD < batch.c.claim_count:
            fetch(&batch.c.claims[i + 2 * AHEAD].id)
            fetch(batch.c.arena + batch.c.claims[i + AHEAD].id.start)
        if claim.state != DRAFT or claim.id.length == 0:
            continue
        key = hash_bytes(batch.c.arena + claim.id.start, claim.id.length, claim.payer)
        at = (<uint64_t>key & (room - 1)) + 1
        while seen[at].hash != 0 and seen[at].hash != key:
            at = (at & (room - 1)) + 1
        seen[at].hash = key
        seen[at].count += 1
        places[i] = <uint32_t>at
    for i in range(batch.c.claim_count):
        if places[i]:
            copies[i] = seen[places[i]].count
    free(seen)
    free(places)
    return 0


def payer_filing_codes(ClaimBatch batch):
    """SBR09 of the first claim of each payer of a batch, "" where it sends none."""
    cdef int32_t i
    codes = [None] * len(batch.payers)
    missing = len(codes)
    for i in range(batch.c.claim_count):
        if missing == 0:
            break
        if codes[batch.c.claims[i].payer] is None:
            code = batch.c.claims[i].filing_code
            codes[batch.c.claims[i].payer] = unpack(code, 2) if code > 0 else ""
            missing -= 1
    return [code or "" for code in codes]
