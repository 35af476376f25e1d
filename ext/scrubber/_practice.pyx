"""What each provider of a batch bills: which codes, and how much of what in a quarter.

Counted once over all claims, of the past and to be sent alike, before the cases are shared out: the same for any number
of workers and of parts of the input. What was voided, refused, denied or replaced does not count.
"""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t, uint32_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memcpy, memset

import numpy as np

from scrubber.symbols import pack

from scrubber._batch cimport ClaimBatch
from scrubber._bounds cimport is_crowded
from scrubber._cases cimport Cases, mark_live
from scrubber._lines cimport npi_of, specialty_of
from scrubber._turns cimport Turns, next_piece
from scrubber.bits cimport fetch, fetch_all
from scrubber.days cimport CivilC, civil_of
from scrubber.run cimport RunC
from scrubber.structs cimport DENIED, DRAFT, NO_DAY, PROFESSIONAL, REJECTED, VOID, ClaimC, LineC

# Services and the add-ons that often go with them.
_WATCHED = (("17000", "17003"), ("96365", "96366"), ("99291", "99292"), ("22612", "22614"), ("90471", "90472"),
            ("77067", "77063"))
cdef enum:
    BLOCK = 512                  # claims that one thread counts in a row
    AHEAD = 4                    # claims whose memory is asked for before it is looked at
    FETCHED = 3                  # of their lines
cdef int64_t PRIMARIES[WATCHED]
cdef int64_t ADDONS[WATCHED]
PRIMARIES[:] = [pack(primary, 5) for primary, _ in _WATCHED]
ADDONS[:] = [pack(addon, 5) for _, addon in _WATCHED]
cdef int64_t CODE_99211 = pack("99211", 5)
cdef int64_t CODE_99213 = pack("99213", 5)
cdef int64_t CODE_99215 = pack("99215", 5)


cdef int64_t primary_of(int pair) noexcept nogil:
    return PRIMARIES[pair]


cdef int64_t addon_of(int pair) noexcept nogil:
    return ADDONS[pair]


cdef int _by_code(const void* a, const void* b) noexcept nogil:
    cdef const BilledC* x = <const BilledC*>a
    cdef const BilledC* y = <const BilledC*>b
    if x.npi != y.npi:
        return -1 if x.npi < y.npi else 1
    return -1 if x.code < y.code else (1 if x.code > y.code else 0)


cdef int _by_quarter(const void* a, const void* b) noexcept nogil:
    cdef const PeriodC* x = <const PeriodC*>a
    cdef const PeriodC* y = <const PeriodC*>b
    if x.npi != y.npi:
        return -1 if x.npi < y.npi else 1
    if x.specialty != y.specialty:
        return -1 if x.specialty < y.specialty else 1
    return -1 if x.quarter < y.quarter else (1 if x.quarter > y.quarter else 0)


cdef uint64_t _mixed(int64_t a, int64_t b, int64_t c) noexcept nogil:
    cdef uint64_t h = <uint64_t>a * <uint64_t>0x9E3779B97F4A7C15
    h = (h ^ (h >> 29) ^ <uint64_t>b) * <uint64_t>0xBF58476D1CE4E5B9
    h = (h ^ (h >> 31) ^ <uint64_t>c) * <uint64_t>0x94D049BB133111EB
    return h ^ (h >> 32)


cdef int _start(IndexC* index, void** items, size_t size) except -1 nogil:
    memset(index, 0, sizeof(IndexC))
    index.mask = 1023
    index.room = 512
    index.slot = <uint32_t*>calloc(1024, sizeof(uint32_t))
    items[0] = calloc(512, size)
    if index.slot == NULL or items[0] == NULL:
        with gil:
            raise MemoryError
    return 0


cdef int _add_billed(IndexC* index, BilledC** items, int64_t npi, int64_t code) except -1 nogil:
    """Notes that a provider bills a code."""
    cdef uint64_t at = _mixed(npi, code, 0) & index.mask
    cdef BilledC* one
    cdef int32_t i
    while index.slot[at] != 0:
        one = &items[0][index.slot[at] - 1]
        if one.npi == npi and one.code == code:
            return 0
        at = (at + 1) & index.mask
    if index.count == index.room:
        _grow(index, <void**>items, sizeof(BilledC))
        for i in range(index.count):
            at = _mixed(items[0][i].npi, items[0][i].code, 0) & index.mask
            while index.slot[at] != 0:
                at = (at + 1) & index.mask
            index.slot[at] = i + 1
        at = _mixed(npi, code, 0) & index.mask
        while index.slot[at] != 0:
            at = (at + 1) & index.mask
    items[0][index.count].npi = npi
    items[0][index.count].code = code
    index.count += 1
    index.slot[at] = index.count
    return 0


cdef int _grow(IndexC* index, void** items, size_t size) except -1 nogil:
    """Twice the room; the places of the old items have to be filled anew."""
    cdef void* grown = realloc(items[0], <size_t>index.room * 2 * size)
    if grown != NULL:
        items[0] = grown
        free(index.slot)
        index.slot = <uint32_t*>calloc((index.mask + 1) * 2, sizeof(uint32_t))
    if grown == NULL or index.slot == NULL:
        with gil:
            raise MemoryError
    index.room *= 2
    index.mask = index.mask * 2 + 1
    return 0


cdef PeriodC* _period_of(IndexC* index, PeriodC** items, int64_t npi, int64_t specialty, int32_t quarter
                         ) except NULL nogil:
    """The period of a provider, a new one where there is none yet."""
    cdef uint64_t at = _mixed(npi, specialty, quarter) & index.mask
    cdef PeriodC* one
    cdef int32_t i
    while index.slot[at] != 0:
        one = &items[0][index.slot[at] - 1]
        if one.npi == npi and one.specialty == specialty and one.quarter == quarter:
            return one
        at = (at + 1) & index.mask
    if index.count == index.room:
        _grow(index, <void**>items, sizeof(PeriodC))
        for i in range(index.count):
            one = &items[0][i]
            at = _mixed(one.npi, one.specialty, one.quarter) & index.mask
            while index.slot[at] != 0:
                at = (at + 1) & index.mask
            index.slot[at] = i + 1
        at = _mixed(npi, specialty, quarter) & index.mask
        while index.slot[at] != 0:
            at = (at + 1) & index.mask
    one = &items[0][index.count]
    memset(one, 0, sizeof(PeriodC))
    one.npi = npi
    one.specialty = specialty
    one.quarter = quarter
    one.claim = -1
    index.count += 1
    index.slot[at] = index.count
    return one


cdef bint is_billed(const LineC* l) noexcept nogil:
    """Whether a line is a code that is billed: not one that was voided, refused or denied."""
    return l.code > 0 and l.state != VOID and l.state != REJECTED and l.state != DENIED


cdef bint is_counted(int64_t code) noexcept nogil:
    """Whether a code is a visit of an established patient, or one of a watched pair."""
    cdef int i
    if CODE_99211 <= code <= CODE_99215:
        return True
    for i in range(WATCHED):
        if code == PRIMARIES[i] or code == ADDONS[i]:
            return True
    return False


cdef void count_line(PeriodC* period, const LineC* l) noexcept nogil:
    cdef int i
    if CODE_99211 <= l.code <= CODE_99215:
        period.visits += 1
        period.low += l.code <= CODE_99213
        period.high += l.code == CODE_99215
    for i in range(WATCHED):
        period.primaries[i] += l.code == PRIMARIES[i]
        period.addons[i] += l.code == ADDONS[i]


cdef void _sum(void* to, const void* other) noexcept nogil:
    """Adds a period to the same one."""
    cdef PeriodC* period = <PeriodC*>to
    cdef const PeriodC* more = <const PeriodC*>other
    cdef int w
    period.claim = max(period.claim, more.claim)
    period.visits += more.visits
    period.low += more.low
    period.high += more.high
    for w in range(WATCHED):
        period.primaries[w] += more.primaries[w]
        period.addons[w] += more.addons[w]


cdef int _merge(void** items, int32_t* count, const void* others, int32_t other_count, size_t size,
                int (*compare)(const void*, const void*) noexcept nogil,
                void (*add)(void*, const void*) noexcept nogil) except -1 nogil:
    """Makes items of two that are in order those of one; of what both have one stands for both.

    Args:
        compare: As for qsort.
        add: Adds an item of the other to the same one; NULL: there is nothing to add.
    """
    cdef char* both = <char*>malloc((<size_t>count[0] + other_count) * size + 1)
    cdef const char* mine = <const char*>items[0]
    cdef const char* theirs = <const char*>others
    cdef const char* end = mine + count[0] * size
    cdef const char* their_end = theirs + other_count * size
    cdef char* to = both
    cdef int which
    if both == NULL:
        with gil:
            raise MemoryError
    while mine < end or theirs < their_end:
        which = -1 if theirs == their_end else 1 if mine == end else compare(mine, theirs)
        memcpy(to, mine if which <= 0 else theirs, size)
        if which == 0 and add != NULL:
            add(to, theirs)
        mine += size if which <= 0 else 0
        theirs += size if which >= 0 else 0
        to += size
    free(items[0])
    items[0] = both
    count[0] = <int32_t>((to - both) // <ptrdiff_t>size)
    return 0


# The same as arrays.
BILLED_DTYPE = np.dtype([("npi", np.int64), ("code", np.int64)], align=True)
PERIOD_DTYPE = np.dtype([
    ("npi", np.int64), ("specialty", np.int64), ("quarter", np.int32), ("claim", np.int32), ("visits", np.int32),
    ("low", np.int32), ("high", np.int32), ("primaries", np.int32, (WATCHED,)), ("addons", np.int32, (WATCHED,)),
    ("pad", np.int32),
], align=True)
if BILLED_DTYPE.itemsize != sizeof(BilledC) or PERIOD_DTYPE.itemsize != sizeof(PeriodC):
    raise ImportError("the arrays of what a provider bills are not laid out as they are here")


cdef void _copy(array, const void* start):
    cdef uint8_t[::1] to = array.view(np.uint8)
    if to.shape[0]:
        memcpy(&to[0], start, to.shape[0])


cdef class Practice:
    """What each provider of a batch bills.

    Args:
        batch: Claims to be sent and of the past; None: they are added part by part, and `finish` ends it.
        cases: Of the batch.
    """

    def __cinit__(self, ClaimBatch batch=None, Cases cases=None):
        memset(&self.c, 0, sizeof(PracticeC))
        memset(&self.billed, 0, sizeof(IndexC))
        memset(&self.periods, 0, sizeof(IndexC))
        _start(&self.billed, <void**>&self.c.billed, sizeof(BilledC))
        _start(&self.periods, <void**>&self.c.periods, sizeof(PeriodC))
        if batch is not None:
            self.count(batch, cases, Turns())

    def __dealloc__(self):
        free(self.billed.slot)
        free(self.periods.slot)
        if self.whole is None:
            free(self.c.billed)
        free(self.c.periods)

    def add(self, ClaimBatch batch, ordinals=None, left=None):
        """Counts the claims of a batch that holds all claims of its patients, or whose claims replace none elsewhere.

        Args:
            ordinals: int32: the place of each claim in the whole input; None: its number in the batch.
            left: uint8: claims that are counted elsewhere.

        Returns:
            How many claims of the past stand twice among them.
        """
        return self._add(batch, Cases(batch, left), Turns(), 0, ordinals, left)

    def count(self, ClaimBatch batch, Cases cases, Turns turns, int own=0):
        """Counts claims of a batch, block by block, as long as there are any left, and ends the counting.

        Args:
            turns: Of all that count the batch; what they counted is to be joined.
            own: Number of this one among them.
        """
        self._add(batch, cases, turns, own, None, None)
        self.finish()

    def join(self, Practice other):
        """Adds what another counted of other claims; both have ended."""
        with nogil:
            _merge(<void**>&self.c.billed, &self.c.billed_count, other.c.billed, other.c.billed_count, sizeof(BilledC),
                   _by_code, NULL)
            _merge(<void**>&self.c.periods, &self.c.period_count, other.c.periods, other.c.period_count,
                   sizeof(PeriodC), _by_quarter, _sum)

    cdef int32_t _add(self, ClaimBatch batch, Cases cases, Turns turns, int own, const int32_t[::1] ordinals,
                      const uint8_t[::1] left) except -1:
        cdef RunC run
        cdef int32_t begin = 0, end = 0, n = batch.c.claim_count, i
        memset(&run, 0, sizeof(RunC))
        run.batch = &batch.c
        run.live = <uint8_t*>malloc(<size_t>n + 1)
        if run.live == NULL:
            raise MemoryError
        try:
            with nogil:
                memcpy(run.live, cases.c.live, n)
                if cases.c.crowded:
                    self._mark_crowded(&run, cases)
                while next_piece(turns, own, n, BLOCK, &begin, &end):
                    for i in range(begin, end):
                        if i + 2 * AHEAD < n:
                            fetch(&batch.c.claims[i + 2 * AHEAD].first_line)
                            fetch_all(&batch.c.lines[batch.c.claims[i + AHEAD].first_line], FETCHED * sizeof(LineC))
                        if run.live[i] and (left is None or not left[i]):
                            self._count(&run, i, i if ordinals is None else ordinals[i])
        finally:
            free(run.live)
        return cases.c.repeated + run.repeated

    cdef int _mark_crowded(self, RunC* run, Cases cases) except -1 nogil:
        """What is set aside as too large for one patient is billed all the same."""
        cdef const int32_t* claims
        cdef int32_t i, count
        for i in range(cases.c.count):
            claims = cases.c.order + cases.c.starts[i]
            count = cases.c.starts[i + 1] - cases.c.starts[i]
            if is_crowded(run, claims, count):
                mark_live(run, claims, count)
        return 0

    def finish(self):
        """Ends the counting."""
        self.c.billed_count = self.billed.count
        self.c.period_count = self.periods.count
        with nogil:
            qsort(self.c.billed, self.billed.count, sizeof(BilledC), _by_code)
            qsort(self.c.periods, self.periods.count, sizeof(PeriodC), _by_quarter)

    def part(self, ClaimBatch batch, ordinals):
        """The same for one batch of the input: each period with its last claim, if that is a draft of the batch.

        Args:
            ordinals: int32, ascending: the places in the input of the first claims of the batch.
        """
        cdef Practice own = Practice.__new__(Practice)
        cdef const int32_t[::1] places = ordinals
        cdef int32_t i, low, high, middle, n = places.shape[0]
        free(own.c.billed)
        free(own.c.periods)
        own.c = self.c
        own.whole = self
        own.c.periods = <PeriodC*>malloc(max(1, self.c.period_count) * sizeof(PeriodC))
        if own.c.periods == NULL:
            raise MemoryError
        memcpy(own.c.periods, self.c.periods, self.c.period_count * sizeof(PeriodC))
        for i in range(self.c.period_count):
            low, high = 0, n
            while low < high:
                middle = (low + high) >> 1
                if places[middle] < self.c.periods[i].claim:
                    low = middle + 1
                else:
                    high = middle
            if low == n or places[low] != self.c.periods[i].claim or batch.c.claims[low].state != DRAFT:
                low = -1
            own.c.periods[i].claim = low
        return own

    def told(self):
        """What was counted: the codes of each provider, and their periods, as arrays in their order."""
        billed, periods = np.empty(self.c.billed_count, BILLED_DTYPE), np.empty(self.c.period_count, PERIOD_DTYPE)
        _copy(billed, self.c.billed)
        _copy(periods, self.c.periods)
        return billed, periods

    @staticmethod
    def of(billed, periods):
        """The practice that arrays tell, which are in order: those of a part of it, or of many put together."""
        cdef Practice own = Practice.__new__(Practice)
        cdef uint8_t[::1] first = np.ascontiguousarray(billed, BILLED_DTYPE).view(np.uint8)
        cdef uint8_t[::1] second = np.ascontiguousarray(periods, PERIOD_DTYPE).view(np.uint8)
        free(own.c.billed)
        free(own.c.periods)
        own.c.billed = <BilledC*>malloc(first.shape[0] + 1)
        own.c.periods = <PeriodC*>malloc(second.shape[0] + 1)
        if own.c.billed == NULL or own.c.periods == NULL:
            raise MemoryError
        if first.shape[0]:
            memcpy(own.c.billed, &first[0], first.shape[0])
        if second.shape[0]:
            memcpy(own.c.periods, &second[0], second.shape[0])
        own.c.billed_count = <int32_t>(first.shape[0] // sizeof(BilledC))
        own.c.period_count = <int32_t>(second.shape[0] // sizeof(PeriodC))
        return own

    cdef int _count(self, const RunC* run, int32_t number, int32_t place) except -1 nogil:
        """Every line of a claim that counts; `place` is where the claim stands in the whole input."""
        cdef const ClaimC* claim = &run.batch.claims[number]
        cdef const LineC* l
        cdef PeriodC* period
        cdef CivilC civil
        cdef int64_t npi
        cdef int32_t k
        if claim.kind != PROFESSIONAL or claim.state == DENIED:
            return 0
        for k in range(claim.first_line, claim.first_line + claim.line_count):
            l = &run.batch.lines[k]
            npi = npi_of(run, k)
            if npi == 0 or not is_billed(l):
                continue
            _add_billed(&self.billed, &self.c.billed, npi, l.code)
            if l.from_day == NO_DAY or not is_counted(l.code):
                continue
            civil = civil_of(l.from_day)
            period = _period_of(&self.periods, &self.c.periods, npi, specialty_of(run, k),
                                civil.year * 4 + (civil.month - 1) // 3)
            count_line(period, l)
            if l.state == DRAFT:
                period.claim = max(period.claim, place)
        return 0
