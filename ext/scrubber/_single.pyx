"""A run over one claim after another: what it needs is made once, what it learnt of codes is kept."""

from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memset

from scrubber._auth_run cimport Authorizations
from scrubber._batch cimport ClaimBatch
from scrubber._billers cimport forget_billers
from scrubber._cases cimport mark_live
from scrubber._coverage cimport Coverage
from scrubber._dxnotes cimport BookC
from scrubber._engine cimport Run
from scrubber._hits cimport HitC, HitsC
from scrubber._recount cimport recount
from scrubber._screens cimport ScreensC, count_screened, forget_units
from scrubber.run cimport RunC

cdef enum:
    REPLACED = 255               # status of a hit that a stronger one about the same thing replaced
    STATUS_COUNT = 4
    REASON_COUNT = 8

cdef struct OrderC:
    int32_t line
    int32_t rule
    int32_t hit


cdef int _in_order(const void* a, const void* b) noexcept nogil:
    cdef const OrderC* x = <const OrderC*>a
    cdef const OrderC* y = <const OrderC*>b
    if x.line != y.line:
        return -1 if x.line < y.line else 1
    if x.rule != y.rule:
        return -1 if x.rule < y.rule else 1
    return -1 if x.hit < y.hit else (1 if x.hit > y.hit else 0)


cdef class Single(Run):
    """A run whose batch holds one claim at a time; not to be shared between threads.

    It is made as a Run is, of an empty batch.
    """
    cdef int32_t line_room
    cdef int32_t profile

    @property
    def remembered(self):
        """How many codes, diagnoses and combinations of traits it has learnt about."""
        return (self.c.code_day_count + (<const BookC*>self.c.book).noted_count
                + (<const ScreensC*>self.c.screens).count)

    def about(self):
        """SBR09 of the claim as a symbol, and whether it names no number and no other payer."""
        return self.batch.c.claims[0].filing_code, self.batch.c.number_count == 0 and self.batch.c.other_count == 0

    def run_one(self, Authorizations auths, Coverage policies, int32_t profile, bint keep_all):
        """Scrubs the claim of the batch, in place of what was there before.

        Args:
            auths: Of this batch.
            policies: Of the payer of the claim, which is the only one of the batch.
            profile: Number of its profile.
        """
        cdef int32_t only = 0
        cdef RunC* run = &self.c
        self.auths = auths
        self.policies = policies
        self.profile = profile
        self.keep_all = keep_all
        forget_billers(self.billers)
        run.auths = &auths.c
        run.policies = &policies.c
        run.payer_profile = &self.profile
        self._make_room(self.batch.c.line_count)
        with nogil:
            self._forget_counts()
            mark_live(run, &only, 1)
            recount(self.practice, run)
            self._case(&only, 1, True)
            self._periods()

    cdef int _make_room(self, int32_t lines) except -1:
        cdef HitsC* hits = &self.hits
        cdef int32_t* grown
        hits.hit_count = hits.related_count = hits.diagnosis_count = hits.row_count = hits.value_count = 0
        if lines > self.line_room:
            grown = <int32_t*>realloc(self.c.line_code_day, 2 * <size_t>lines * sizeof(int32_t))
            if grown == NULL:
                raise MemoryError
            self.c.line_code_day = grown
            self.line_room = 2 * lines
        return 0

    cdef void _forget_counts(self) noexcept nogil:
        """Forgets how the rules answered about the claim before."""
        cdef size_t rules = <size_t>self.program.c.rule_count
        memset(self.hits.counts, 0, rules * STATUS_COUNT * sizeof(int64_t))
        memset(self.hits.reasons, 0, rules * REASON_COUNT * sizeof(int64_t))
        memset(self.hits.judged, 0, rules * sizeof(int64_t))
        memset(self.hits.open, 0, rules * sizeof(int64_t))
        forget_units(<ScreensC*>self.c.screens)

    def gaps(self):
        """What could not be evaluated of the claim: number of the rule, number of the reason from 1, how often. To be asked
        once for each claim.
        """
        cdef int32_t rule, reason
        count_screened(&self.c, self.plans, &self.hits, not self.keep_all)
        return [(rule, reason, self.hits.reasons[rule * REASON_COUNT + reason])
                for rule in range(self.program.c.rule_count) for reason in range(1, REASON_COUNT)
                if self.hits.reasons[rule * REASON_COUNT + reason]]

    def found(self):
        """The hits in output order, and what they point into: lists of what `columns` has as arrays.

        Returns:
            hits, related, diagnoses, slots and rows of evidence, values and their states; a hit is a tuple in the order of
            its fields.
        """
        cdef HitsC* h = &self.hits
        cdef int32_t i, n = 0
        cdef OrderC* order
        if h.hit_count == 0:
            return [], [], [], [], [], [], []
        order = <OrderC*>malloc(<size_t>h.hit_count * sizeof(OrderC))
        if order == NULL:
            raise MemoryError
        for i in range(h.hit_count):
            if h.hits[i].status != REPLACED:
                order[n].line = self.c.batch.lines[h.hits[i].line].number if h.hits[i].line >= 0 else -1
                order[n].rule = h.hits[i].rule
                order[n].hit = i
                n += 1
        if n > 1:
            qsort(order, n, sizeof(OrderC), _in_order)
        hits = [_hit(&h.hits[order[i].hit]) for i in range(n)]
        free(order)
        return (hits, [h.related[i] for i in range(h.related_count)], [h.diagnoses[i] for i in range(h.diagnosis_count)],
                [h.rows[i].slot for i in range(h.row_count)], [h.rows[i].row for i in range(h.row_count)],
                [h.values[i].value for i in range(h.value_count)], [h.values[i].state for i in range(h.value_count)])


cdef tuple _hit(const HitC* hit):
    return (hit.claim, hit.file, hit.line, hit.rule, hit.case_, hit.escape, hit.attribute, hit.target, hit.first_related,
            hit.related_count, hit.first_diagnosis, hit.diagnosis_count, hit.first_row, hit.row_count, hit.first_value,
            hit.severity, hit.status, hit.reason, 0)
