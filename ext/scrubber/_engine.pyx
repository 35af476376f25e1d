"""A run: cases in turn, units of every grain in turn, every rule of the grain on each."""

from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memset

import numpy as np

from scrubber._administrative cimport next_defect
from scrubber._auth_run cimport Authorizations
from scrubber._authorizations cimport next_authorization
from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._billers cimport bills_again, forget_billers, note_biller
from scrubber._bounds cimport is_crowded
from scrubber._cases cimport Cases
from scrubber._cob cimport next_other
from scrubber._coverage cimport Coverage, next_coverage
from scrubber._diagnoses cimport next_diagnosis
from scrubber._demands cimport is_met
from scrubber._dxnotes cimport BookC, free_book, new_book, prepare_notes
from scrubber._dxpairs cimport bind_dx_pair, prepare_dx_pairs
from scrubber._facts cimport code_day, fetch_code_days
from scrubber._frequency cimport next_limit
from scrubber.bits cimport fetch_all
from scrubber.grow cimport SCRUBBER_TIGHT
from scrubber._hits cimport free_hits, init_hits
from scrubber._pairs cimport bind_pair, bind_partner, prepare_pairs
from scrubber._peers cimport next_period
from scrubber._practice cimport Practice
from scrubber._judge cimport applies, judge
from scrubber._program cimport Profiles, Program
from scrubber._providers cimport next_provider
from scrubber._related cimport bind_to_nothing
from scrubber._remains cimport free_remains, prepare_remains
from scrubber._screens cimport (
    WORDS, AppliedC, AskedC, ScreensC, ask, count_screened, fetch_remains, fetch_screen, find_screen, forget_units,
    free_screens, has_room, hold, new_screens,
)
from scrubber._settle cimport Settling, settle
from scrubber._special cimport fill_special
from scrubber._tables cimport Tables
from scrubber._turns cimport Turns, next_piece
from scrubber.run cimport SET_WORDS, UNPAIRED_BITS, CodeDayC, ConflictC, RemainC, RunC, UnitC
from scrubber.structs cimport (
    DRAFT, INSTITUTIONAL, MAX_MODIFIERS, NO_DAY, REJECTED, VOID, ClaimC, DiagnosisC, LineC, ProviderC,
)
from scrubber.words cimport *


cdef int _by_day(const void* a, const void* b) noexcept nogil:
    cdef const PlaceC* x = <const PlaceC*>a
    cdef const PlaceC* y = <const PlaceC*>b
    if x.day != y.day:
        return -1 if x.day < y.day else 1
    if x.history != y.history:
        return -1 if x.history < y.history else 1
    return -1 if x.line < y.line else (1 if x.line > y.line else 0)


cdef bint _is_by_day(const PlaceC* places, int32_t count) noexcept nogil:
    cdef int32_t i
    for i in range(1, count):
        if _by_day(&places[i - 1], &places[i]) > 0:
            return False
    return True


cdef class Run:

    def __cinit__(self, ClaimBatch batch, Tables tables, Program program, Profiles profiles, payer_profile, dict special,
                  conflicts, history_from, rules, Authorizations auths, Coverage policies,
                  Practice practice, Cases cases, Settling settling, bint keep_all=False):
        cdef int32_t i, grain
        memset(&self.c, 0, sizeof(RunC))
        memset(self.plans, 0, sizeof(self.plans))
        bind_to_nothing(&self.nothing)
        self.tables = tables
        self.program = program
        self.profiles = profiles
        self._keep = []
        init_hits(&self.hits, program.c.rule_count)
        self.c.tables = &tables.c
        self.c.program = &program.c
        self.c.profiles = profiles.c
        fill_special(&self.c.special, special)
        self._conflicts(conflicts)
        self.c.book = new_book()
        self.c.screens = new_screens()
        prepare_remains(&self.c)
        self.c.span_from = self.c.span_to = NO_DAY
        self.c.code_day_room = 1 if SCRUBBER_TIGHT else 1024
        self.c.code_days = <CodeDayC*>malloc(self.c.code_day_room * sizeof(CodeDayC))
        self.c.code_day_mask = (1 << 13) - 1
        self.c.code_day_buckets = <uint32_t*>malloc((<size_t>self.c.code_day_mask + 1) * sizeof(uint32_t))
        self.c.unpaired = <uint64_t*>calloc(1 << UNPAIRED_BITS, sizeof(uint64_t))
        if self.c.code_days == NULL or self.c.code_day_buckets == NULL or self.c.unpaired == NULL:
            raise MemoryError
        memset(self.c.code_day_buckets, 255, (<size_t>self.c.code_day_mask + 1) * sizeof(uint32_t))
        by_grain = {}
        for rule in sorted(rules):
            by_grain.setdefault(program.c.rules[<int32_t>rule].grain, []).append(rule)
        for grain, numbers in by_grain.items():
            self.plans[grain].grain = grain
            self.plans[grain].rules = <int32_t*>self._array(numbers, np.int32)
            self.plans[grain].count = len(numbers)
        self.bind(batch, payer_profile, history_from, auths, policies, practice, cases, settling, keep_all)

    def bind(self, ClaimBatch batch, payer_profile, history_from, Authorizations auths, Coverage policies,
             Practice practice, Cases cases, Settling settling, bint keep_all=False):
        """Puts a batch in the place of the last one; what was learnt of codes and traits is kept."""
        self.batch = batch
        self.auths = auths
        self.policies = policies
        self.practice = practice
        self.cases = cases
        self.settling = settling
        self.keep_all = keep_all
        self.crowded = []
        self.payers = np.ascontiguousarray([*payer_profile, 0], np.int32)
        free(self.c.line_code_day)
        self.c.line_code_day = <int32_t*>calloc(max(1, batch.c.line_count), sizeof(int32_t))
        if self.c.line_code_day == NULL:
            raise MemoryError
        self.c.batch = &batch.c
        self.c.payer_profile = <const int32_t*><size_t>self.payers.ctypes.data
        self.c.history_from = NO_DAY if history_from is None else history_from
        self.c.auths = &auths.c
        self.c.policies = &policies.c
        self.c.practice = &practice.c
        self.c.decisions.claim = self.c.hand.claim = 0
        self.waiting_count = 0
        forget_billers(self.billers)
        self.c.live = cases.c.live
        self.c.repeated = cases.c.repeated
        free_hits(&self.hits)
        init_hits(&self.hits, self.program.c.rule_count)

    @property
    def roomy(self):
        """Whether there is room to learn more."""
        return has_room(&self.c)

    cdef void* _array(self, values, dtype) except NULL:
        array = np.ascontiguousarray(values, dtype)
        if array.size == 0:
            array = np.zeros(1, dtype)
        self._keep.append(array)
        return <void*><size_t>array.ctypes.data

    def _conflicts(self, conflicts):
        cdef ConflictC* c = <ConflictC*>malloc(max(1, len(conflicts)) * sizeof(ConflictC))
        if c == NULL:
            raise MemoryError
        for i, (a, b, from_day, to_day, kinds, cls) in enumerate(conflicts):
            c[i].a, c[i].b = a, b
            c[i].from_day, c[i].to_day = from_day, to_day
            c[i].kinds, c[i].cls = kinds, cls
        self.c.conflicts = c
        self.c.conflict_count = len(conflicts)

    def __dealloc__(self):
        free(self.c.code_days)
        free(self.c.code_day_buckets)
        free(self.c.line_code_day)
        free(self.c.case_lines)
        free(self.c.pairs)
        free(self.c.days)
        free(self.c.partners)
        free(self.c.slots)
        free(self.c.unpaired)
        free(self.c.dx_pairs)
        free_book(<BookC*>self.c.book)
        free_screens(<ScreensC*>self.c.screens)
        free_remains(&self.c)
        free(<void*>self.c.conflicts)
        free(self.places)
        free_hits(&self.hits)

    def begin(self):
        """Judges what is of no case, which one of several runs does before its cases: envelopes, quarters of providers."""
        with nogil:
            self._defects()
            self._periods()

    def run(self, Turns turns not None, int own=0):
        """Scrubs cases, block by block, as long as there are any left; a case is the claims of one patient, in input order.

        Runs without the interpreter's lock, so that threads with a Run each share the work.

        Args:
            turns: Of all runs over the batch.
            own: Number of the run among them.
        """
        cdef const int32_t* order = self.cases.c.order
        cdef const int32_t* starts = self.cases.c.starts
        cdef int32_t count = self.cases.c.count, begin = 0, end = 0, number
        with nogil:
            forget_units(<ScreensC*>self.c.screens)
            while next_piece(turns, own, count, BLOCK, &begin, &end):
                for number in range(begin, end):
                    if number + 2 < count:
                        self._fetch(order[starts[number + 1]], order[starts[number + 2]])
                    self._case(order + starts[number], starts[number + 1] - starts[number], self.cases.c.crowded > 0)
            count_screened(&self.c, self.plans, &self.hits, not self.keep_all)

    cdef void _fetch(self, int32_t next_, int32_t after) noexcept nogil:
        """Has what is read of the next claim fetched, and the one after it itself."""
        cdef const BatchC* batch = self.c.batch
        cdef const ClaimC* claim = &batch.claims[next_]
        fetch_all(&batch.claims[after], sizeof(ClaimC))
        fetch_all(&batch.lines[claim.first_line], min(claim.line_count, FETCHED) * sizeof(LineC))
        fetch_all(&batch.diagnoses[claim.first_diagnosis], min(claim.diagnosis_count, FETCHED) * sizeof(DiagnosisC))
        fetch_all(&batch.providers[claim.first_provider], min(claim.provider_count, FETCHED) * sizeof(ProviderC))

    cdef int _defects(self) except -1 nogil:
        """Defects of the envelope belong to no claim."""
        cdef UnitC unit
        unit = self.nothing
        while next_defect(&self.c, &unit):
            self._each_unscreened(G_DEFECT, &unit, NULL, self.hits.hit_count)
        return 0

    cdef int _periods(self) except -1 nogil:
        """Quarters of a provider, each with the last of their claims in the input."""
        cdef UnitC unit
        cdef int32_t start = self.hits.hit_count
        unit = self.nothing
        while self.plans[G_PROVIDER_PERIOD].count and next_period(&self.c, &unit):
            self._each_unscreened(G_PROVIDER_PERIOD, &unit, NULL, start)
        return 0

    cdef int _case(self, const int32_t* claims, int32_t count, bint maybe_crowded) except -1 nogil:
        """One patient: live claims and lines, what they are together, then every unit of every draft claim."""
        cdef RunC* run = &self.c
        cdef int32_t i, start = self.hits.hit_count
        if maybe_crowded and is_crowded(run, claims, count):
            with gil:
                self.crowded += [claims[i] for i in range(count)]
            return 0
        run.decisions.claim = run.hand.claim = 0         # of another batch, it may be
        for i in range(count if self.settling is not None else 0):
            if run.batch.claims[claims[i]].state == DRAFT:
                settle(run.batch, claims[i], &self.settling.c)
        run.case_claims = claims
        run.case_claim_count = count
        self._gather(claims, count)
        prepare_pairs(run)
        for i in range(count):
            if run.batch.claims[claims[i]].state == DRAFT:
                self._claim(claims[i], start)
        self._together(start)
        return 0

    cdef int _gather(self, const int32_t* claims, int32_t count) except -1 nogil:
        """Lines of the case by day; those of claims that do not count are out."""
        cdef RunC* run = &self.c
        cdef const ClaimC* claim
        cdef const LineC* l
        cdef int32_t i, k, n = 0, lines = 0, stays = 0
        cdef int w
        cdef void* grown
        cdef CodeDayC* facts
        for i in range(count):
            claim = &run.batch.claims[claims[i]]
            lines += claim.line_count
            stays += claim.kind == INSTITUTIONAL
        memset(run.case_sets, 0, sizeof(run.case_sets))
        memset(run.case_twice, 0, sizeof(run.case_twice))
        run.case_surgeries = 0
        run.case_stays = stays
        if lines > self.place_room:
            grown = realloc(self.places, <size_t>lines * sizeof(PlaceC))
            if grown == NULL:
                with gil:
                    raise MemoryError
            self.places = <PlaceC*>grown
            grown = realloc(run.case_lines, <size_t>lines * sizeof(int32_t))
            if grown == NULL:
                with gil:
                    raise MemoryError
            run.case_lines = <int32_t*>grown
            self.place_room = lines
        for i in range(count):
            claim = &run.batch.claims[claims[i]]
            fetch_code_days(run, claim)
            for k in range(claim.first_line, claim.first_line + claim.line_count):
                l = &run.batch.lines[k]
                facts = code_day(run, l.code, l.from_day)
                if facts == NULL:
                    with gil:
                        raise MemoryError
                run.line_code_day[k] = <int32_t>(facts - run.code_days)
                run.case_surgeries += facts.surgery
                for w in range(SET_WORDS):
                    run.case_twice[w] |= run.case_sets[w] & facts.sets[w]
                    run.case_sets[w] |= facts.sets[w]
                if run.live[claims[i]] and l.state != VOID and l.state != REJECTED:
                    self.places[n].day = l.from_day
                    self.places[n].history = l.state == DRAFT
                    self.places[n].line = k
                    n += 1
        if n > 1 and not _is_by_day(self.places, n):
            qsort(self.places, n, sizeof(PlaceC), _by_day)
        for i in range(n):
            run.case_lines[i] = self.places[i].line
        run.case_line_count = n
        return 0

    cdef int _ask(self, int grain, const UnitC* unit, int32_t start) except -1 nogil:
        """Has every rule of a grain that can hold judged on a unit, when some have come together."""
        cdef int32_t n
        if self.plans[grain].count == 0:
            return 0
        if self.waiting_count == MOST_WAITING:
            self._answer(start)
        n = self.waiting_count
        self.waiting[n].unit = unit[0]
        if grain == G_PAIR:
            self.partners[n] = self.nothing
            bind_partner(&self.c, &self.waiting[n].unit, &self.partners[n])
        ask(&self.c, &self.plans[grain], &self.waiting[n], &self.partners[n] if grain == G_PAIR else NULL)
        if n >= AHEAD:
            fetch_screen(&self.c, &self.waiting[n - AHEAD])
        self.waiting_count += 1
        return 0

    cdef int _answer(self, int32_t start) except -1 nogil:
        """Judges the units that wait, in turn; first the memory of all of them is asked for."""
        cdef AskedC* asked
        cdef int32_t i, count = self.waiting_count
        self.waiting_count = 0
        for i in range(max(0, count - AHEAD), count):
            fetch_screen(&self.c, &self.waiting[i])
        for i in range(count):
            self.waiting[i].found = find_screen(&self.c, &self.waiting[i])
        for i in range(count):
            fetch_remains(&self.c, &self.waiting[i])
        for i in range(count):
            asked = &self.waiting[i]
            if asked.plan.grain == G_PROVIDER:
                note_biller(&self.c, self.billers, asked)
            if not asked.found:
                self._each_unscreened(asked.plan.grain, &asked.unit, asked.traits.partner, start)
            elif asked.count or self.keep_all or asked.plan.count > 64 * WORDS:
                self._judge_left(asked, asked.traits.partner, start)
        return 0

    cdef int _judge_left(self, const AskedC* asked, const UnitC* partner, int32_t start) except -1 nogil:
        """What the screen of a unit leaves of the rules."""
        cdef const ScreensC* screens = <const ScreensC*>self.c.screens
        cdef const AppliedC* applied
        cdef const RemainC* remain
        cdef int32_t i
        hold(&self.c, &asked.unit)
        for i in range(asked.first, asked.first + asked.count):
            remain = &self.c.remains[screens.lefts[i]]
            if is_met(&self.c, remain, &asked.unit):
                judge(&self.c, &self.hits, remain, &asked.unit, partner, start, self.keep_all)
        if self.keep_all:                                # each of them is to be told
            applied = &screens.applied[screens.screens[asked.screen].applied]
            for i in range(applied.first_gap, applied.first_gap + applied.gap_count):
                judge(&self.c, &self.hits, &self.c.remains[screens.gaps[i].rule], &asked.unit, partner, start, True)
        for i in range(64 * WORDS, asked.plan.count):
            self._whole(asked.plan.rules[i], &asked.unit, partner, start)
        return 0

    cdef int _each_unscreened(self, int grain, const UnitC* unit, const UnitC* partner, int32_t start) except -1 nogil:
        """Every rule of a grain on a unit that need not have a line, or whose claim is but the last of many."""
        cdef int32_t i
        hold(&self.c, unit)
        for i in range(self.plans[grain].count):
            self._whole(self.plans[grain].rules[i], unit, partner, start)
        return 0

    cdef int _whole(self, int32_t rule, const UnitC* unit, const UnitC* partner, int32_t start) except -1 nogil:
        """A whole rule on one unit."""
        if applies(&self.c, rule, unit):
            self.hits.judged[rule] += 1
            judge(&self.c, &self.hits, &self.c.remains[rule], unit, partner, start, self.keep_all)
        return 0

    cdef int _claim(self, int32_t number, int32_t start) except -1 nogil:
        """Units of the grains that belong to one claim."""
        cdef RunC* run = &self.c
        cdef const ClaimC* claim = &run.batch.claims[number]
        cdef UnitC unit
        cdef int32_t k, m
        prepare_notes(run, number)
        unit = self.nothing
        unit.claim = number
        self._ask(G_CLAIM, &unit, start)
        for k in range(claim.first_line, claim.first_line + claim.line_count):
            if run.batch.lines[k].state != DRAFT:
                continue
            unit.line = k
            self._ask(G_LINE, &unit, start)
            for m in range(min(<int>run.batch.lines[k].modifier_count, MAX_MODIFIERS)):
                unit.modifier = m
                self._ask(G_MODIFIER, &unit, start)
            unit.modifier = -1
            if self.plans[G_LIMIT].count and next_limit(run, &unit):
                self._ask(G_LIMIT, &unit, start)
            unit.cursor = -1
            if self.plans[G_COVERAGE].count:
                while next_coverage(run, &unit):
                    self._ask(G_COVERAGE, &unit, start)
                unit.cursor = -1
        unit = self.nothing
        unit.claim = number
        while next_diagnosis(run, &unit):
            self._ask(G_DX, &unit, start)
        for k in range(prepare_dx_pairs(run, number) if self.plans[G_DX_PAIR].count else 0):
            bind_dx_pair(run, &unit, k)
            self._ask(G_DX_PAIR, &unit, start)
        unit = self.nothing
        unit.claim = number
        while next_provider(run, &unit):
            if self.keep_all or not bills_again(run, self.billers, &unit):
                self._ask(G_PROVIDER, &unit, start)
        unit = self.nothing
        unit.claim = number
        while next_authorization(run, &unit):
            self._ask(G_AUTH, &unit, start)
        unit = self.nothing
        unit.claim = number
        while next_other(run, &unit):
            self._ask(G_COB, &unit, start)
        unit = self.nothing
        unit.claim = number
        self._answer(start)
        while next_defect(run, &unit):
            self._each_unscreened(G_DEFECT, &unit, NULL, start)
        return 0

    cdef int _together(self, int32_t start) except -1 nogil:
        """Units of the grains that belong to the case: pairs and days."""
        cdef RunC* run = &self.c
        cdef UnitC unit
        cdef int32_t i
        for i in range(run.pair_count):
            unit = self.nothing
            bind_pair(run, i, &unit)
            self._ask(G_PAIR, &unit, start)
        for i in range(run.day_count):
            unit = self.nothing
            unit.day = i
            unit.line = run.days[i].line
            unit.claim = run.batch.lines[unit.line].claim
            self._ask(G_DAY, &unit, start)
        return self._answer(start)
