"""The claims of each patient, and which of them count: not what was voided, refused or replaced, and what stands twice
once."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from scrubber._batch cimport ClaimBatch, hash_text
from scrubber._bounds cimport is_crowded
from scrubber._claims cimport first_from
from scrubber.bits cimport fetch
from scrubber.run cimport RunC
from scrubber.structs cimport DRAFT, MAX_MODIFIERS, REJECTED, VOID, ClaimC, LineC

cdef enum:
    REPLACEMENT = 55             # frequency 7
    REMOVAL = 56                 # frequency 8
    AHEAD = 8                    # claims whose memory is asked for before it is looked at


cdef inline uint64_t _mixed(int64_t patient) noexcept nogil:
    return <uint64_t>patient * <uint64_t>0x9E3779B97F4A7C15 >> 20


cdef class Cases:
    """The claims of a batch by patient, in the order of their first ones, and which of them count.

    Args:
        batch: Claims to be sent, then those of the past.
        left: uint8 by claim: patients that are looked at elsewhere; of theirs none counts here.
    """

    def __cinit__(self, ClaimBatch batch, const uint8_t[::1] left=None):
        cdef size_t n = <size_t>batch.c.claim_count
        memset(&self.c, 0, sizeof(CasesC))
        self.c.order = <int32_t*>malloc((n + 1) * sizeof(int32_t))
        self.c.starts = <int32_t*>calloc(n + 2, sizeof(int32_t))
        self.c.live = <uint8_t*>calloc(n + 1, sizeof(uint8_t))
        if self.c.order == NULL or self.c.starts == NULL or self.c.live == NULL:
            raise MemoryError
        with nogil:
            self._group(batch)
            self._mark(batch, NULL if left is None or n == 0 else &left[0])

    def __dealloc__(self):
        free(self.c.order)
        free(self.c.starts)
        free(self.c.live)

    cdef int _group(self, ClaimBatch batch) except -1 nogil:
        """Claims of equal patients together; one without an identity is a case of its own."""
        cdef const ClaimC* claims = batch.c.claims
        cdef int32_t n = batch.c.claim_count, i, case_
        cdef int32_t* case_of = <int32_t*>malloc((<size_t>n + 1) * sizeof(int32_t))
        cdef int32_t* first = <int32_t*>malloc((<size_t>n + 1) * sizeof(int32_t))    # claim of each case
        cdef uint64_t room = 64, at
        cdef int32_t* slots                        # case and 1; 0 is free
        while room < <uint64_t>n * 2:
            room *= 2
        slots = <int32_t*>calloc(room, sizeof(int32_t))
        if case_of == NULL or first == NULL or slots == NULL:
            free(case_of)
            free(first)
            free(slots)
            with gil:
                raise MemoryError
        for i in range(n):
            case_ = -1
            if i + 2 * AHEAD < n:
                fetch(&claims[i + 2 * AHEAD].patient)
                fetch(&slots[_mixed(claims[i + AHEAD].patient) & (room - 1)])
            if claims[i].patient != 0:
                at = _mixed(claims[i].patient) & (room - 1)
                while slots[at] != 0 and claims[first[slots[at] - 1]].patient != claims[i].patient:
                    at = (at + 1) & (room - 1)
                case_ = slots[at] - 1
            if case_ < 0:
                case_ = self.c.count
                first[case_] = i
                self.c.count += 1
                if claims[i].patient != 0:
                    slots[at] = case_ + 1
            case_of[i] = case_
            self.c.starts[case_ + 1] += 1
        for case_ in range(self.c.count):
            self.c.starts[case_ + 1] += self.c.starts[case_]
            first[case_] = self.c.starts[case_]    # from here on where its next claim goes
        for i in range(n):
            self.c.order[first[case_of[i]]] = i
            first[case_of[i]] += 1
        free(case_of)
        free(first)
        free(slots)
        return 0

    cdef int _mark(self, ClaimBatch batch, const uint8_t* left) except -1 nogil:
        """What holds more than any patient does is set aside, and takes no part."""
        cdef RunC run
        cdef const int32_t* claims
        cdef int32_t i, count
        memset(&run, 0, sizeof(RunC))
        run.batch = &batch.c
        run.live = self.c.live
        for i in range(self.c.count):
            claims = self.c.order + self.c.starts[i]
            count = self.c.starts[i + 1] - self.c.starts[i]
            if left != NULL and left[claims[0]]:
                continue
            if is_crowded(&run, claims, count):
                self.c.crowded += 1
            else:
                mark_live(&run, claims, count)
        self.c.repeated = run.repeated
        return 0


cdef int mark_live(RunC* run, const int32_t* claims, int32_t count) except -1 nogil:
    """Fills `run.live` of the claims of one patient, in input order with history last."""
    cdef const ClaimC* claim
    cdef int32_t i, k
    for i in range(count):
        claim = &run.batch.claims[claims[i]]
        run.live[claims[i]] = claim.state != VOID and claim.state != REJECTED and claim.frequency != REMOVAL
    if count == 1:
        return 0
    _drop_repeated(run, claims, count)
    for i in range(count):
        claim = &run.batch.claims[claims[i]]
        if ((claim.frequency != REPLACEMENT and claim.frequency != REMOVAL) or claim.state == VOID
                or claim.state == REJECTED):
            continue
        for k in range(count):
            if k != i and _is_named(run, claims[i], claims[k]):
                run.live[claims[k]] = 0
    return 0


cdef bint _is_named(const RunC* run, int32_t number, int32_t other) noexcept nogil:
    """Whether a replacement or removal is of another claim: by the payer's number, else by the practice's own.

    The practice's own number (CLM01) is often the patient's account, so that the first day has to be the same.
    """
    cdef const ClaimC* a = &run.batch.claims[number]
    cdef const ClaimC* b = &run.batch.claims[other]
    if a.original != 0 and b.control != 0:
        return a.original == b.control
    if (a.state == DRAFT) == (b.state == DRAFT):
        if other > number:
            return False                             # of two drafts, or two of history, the later one replaces
    elif b.state == DRAFT:
        return False
    return (a.payer == b.payer and a.kind == b.kind and a.id.length > 0
            and _id_hash(run, a) == _id_hash(run, b) and first_from(run, number) == first_from(run, other))


cdef int64_t _id_hash(const RunC* run, const ClaimC* claim) noexcept nogil:
    return hash_text(run.batch.arena + claim.id.start, claim.id.length)


cdef int64_t _content_hash(const RunC* run, int32_t number) noexcept nogil:
    """Of all that makes a claim this one: its number, payer, provider and lines; 0 without a number."""
    cdef const ClaimC* claim = &run.batch.claims[number]
    cdef const LineC* l
    cdef uint64_t hashed          # wraps around, as hashes do
    cdef int32_t i, m
    if claim.id.length == 0:
        return 0
    hashed = <uint64_t>_id_hash(run, claim) * 31 + claim.payer
    hashed = (hashed * 31 + claim.kind) * 31 + claim.frequency
    hashed = hashed * 31 + (run.batch.providers[claim.billing].npi if claim.billing >= 0 else 0)
    hashed = hashed * 31 + claim.line_count
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        l = &run.batch.lines[i]
        hashed = ((((hashed * 1000003 + l.code) * 31 + l.from_day) * 31 + l.thru_day) * 31 + l.units_milli) * 31
        hashed = (hashed + l.charge_cents) * 31 + l.revenue
        for m in range(min(<int>l.modifier_count, MAX_MODIFIERS)):
            hashed = hashed * 1009 + l.modifiers[m]
    return <int64_t>hashed if hashed != 0 else 1


cdef int _drop_repeated(RunC* run, const int32_t* claims, int32_t count) except -1 nogil:
    """Of two claims of the past that are the same one, by the payer's number or else by all they say, the last counts."""
    cdef int64_t* content = <int64_t*>malloc(<size_t>count * sizeof(int64_t))
    cdef const ClaimC* a
    cdef const ClaimC* b
    cdef int32_t i, k
    if content == NULL:
        with gil:
            raise MemoryError
    for i in range(count):
        content[i] = _content_hash(run, claims[i]) if run.batch.claims[claims[i]].state != DRAFT else 0
    for i in range(count):
        a = &run.batch.claims[claims[i]]
        if a.state == DRAFT:
            continue
        for k in range(i + 1, count):
            b = &run.batch.claims[claims[k]]
            if b.state == DRAFT:
                continue
            if a.payer == b.payer and (a.control == b.control if a.control != 0 and b.control != 0
                                       else content[i] != 0 and content[i] == content[k]):
                run.live[claims[i]] = 0
                run.repeated += 1
                break
    free(content)
    return 0
