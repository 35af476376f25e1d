"""Flags of claims as patterns: what policies compare of them, without whose they are.

The flags of a claim fall into parts. Two parts that are alike to every policy are one pattern, which is decided once
and remembered; what was decided is written on all hits that have it, without a Python object for a claim.
"""

import numpy as np

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport free
from libc.string cimport memset

from scrubber._batch cimport ClaimBatch
from scrubber._hits cimport HitC
from scrubber._keys cimport KeysC, free_keys, init_keys, key_number, key_size
from scrubber._parts cimport (
    CELLS, PartC, RowsC, add_cell, begin_rows, free_rows, init_rows, make_parts, part_key,
)
from scrubber.grow cimport grow
from scrubber.words cimport FLAGGED

from scrubber._hits import HIT_DTYPE

cdef enum:
    DIAGNOSES = 4
    NONE = -1

# What was found out of a pattern, by its number.
cdef struct KnownC:
    int32_t first                # of its decisions, -1 undecided
    int64_t run                  # the last that met it
    uint8_t asked                # in this run, which got no answer yet

# What becomes of one of the different rows of a pattern.
cdef struct DecisionC:
    int32_t root                 # another of them, -1 none
    int32_t silenced             # policy, -1 none
    int32_t asks                 # number of what it asks, -1 nothing
    int8_t queue                 # -1 none
    uint8_t at_least
    uint8_t at_most


cdef class Patterns:
    """The patterns of a set of policies and what was decided on them; for one run at a time.

    Args:
        plan: A PolicyPlan.

    Attributes:
        claims: Of the run, on which some policy could be met.
        parts: Of those claims.
        patterns: Different parts among them.
        waiting: Claims with a part that is not decided.
    """
    cdef KeysC keys
    cdef KnownC* known           # by number of the key
    cdef DecisionC* decisions
    cdef KeysC lives             # marks of a claim and the kind of its payer
    cdef int64_t* live           # by number of those: marks of the policies that could be met, and the payer if it counts
    cdef RowsC rows              # the claim in hand
    cdef int64_t* pending        # where claims begin that wait
    cdef int32_t known_count, known_room, decision_count, decision_room, live_count, live_room, pending_room
    cdef int64_t number          # of the run
    cdef readonly int32_t claims, parts, patterns, waiting
    cdef list _keep, _run
    # The plan; sets of marks are `width` words.
    cdef const int64_t* marks    # by rule, case and severity
    cdef const int64_t* needs    # by policy
    cdef const int64_t* loose
    cdef const int64_t* compared  # whose line, related line and diagnoses count, and whose line even where it is alone
    cdef const int32_t* payers   # by policy: kinds as bits, 0 every one
    # Policies in order: number, how many facts it needs, and for each how many policies conclude it, and which.
    cdef const int32_t* producers
    cdef uint8_t* met            # by policy, of the claim in hand
    cdef int policies, loose_count, width
    cdef int32_t cases, severities
    # The hits of the run, and what is written beside each.
    cdef const HitC* hits
    cdef const int32_t* related
    cdef const int64_t* diagnoses
    cdef const int8_t* kinds
    cdef int32_t* root
    cdef int32_t* silenced
    cdef int32_t* asks
    cdef int8_t* queue
    cdef uint8_t* severity
    cdef int64_t hit_count

    def __cinit__(self, plan):
        producers = []
        for policy in plan.order:
            facts = plan.possible[policy].facts
            producers += [policy, len(facts), *(number for each in facts for number in (len(each), *each))]
        self._keep = []
        self._run = []
        self.width = plan.marks.shape[3]
        self.cases = plan.marks.shape[1]
        self.severities = plan.marks.shape[2]
        self.policies = <int>len(plan.possible)
        init_keys(&self.keys)
        init_keys(&self.lives)
        init_rows(&self.rows, self.width)
        loose = [self._words(one.loose) for one in plan.possible if one.loose]
        self.loose_count = <int>len(loose)
        self.marks = <const int64_t*>self._array(plan.marks, np.int64, self._keep)
        self.needs = <const int64_t*>self._array([one.marks for one in plan.possible], np.int64, self._keep)
        self.loose = <const int64_t*>self._array(loose, np.int64, self._keep)
        self.compared = <const int64_t*>self._array(
            [self._words(some) for some in (plan.line, plan.partner, plan.diagnosis, plan.concluding)], np.int64, self._keep)
        self.payers = <const int32_t*>self._array(
            [sum(1 << kind for kind in one.payers) for one in plan.possible], np.int32, self._keep)
        self.producers = <const int32_t*>self._array(producers, np.int32, self._keep)
        self.met = <uint8_t*>self._array([0] * self.policies, np.uint8, self._keep)

    def __dealloc__(self):
        free_keys(&self.keys)
        free_keys(&self.lives)
        free_rows(&self.rows)
        free(self.known)
        free(self.decisions)
        free(self.live)
        free(self.pending)

    cdef void* _array(self, values, dtype, list keep) except NULL:
        """The numbers of an array, which is kept; of one of their kind no copy is made."""
        array = np.ascontiguousarray(values, dtype)
        if array.size == 0:
            array = np.zeros(1, dtype)
        keep.append(array)
        return <void*><size_t>array.ctypes.data

    def _words(self, marks):
        """A set of marks as words."""
        return [marks >> 63 * place & (1 << 63) - 1 for place in range(self.width)]

    def __len__(self):
        """How much is remembered."""
        return max(self.keys.count, self.lives.count)

    def found(self):
        """Hashes of the different patterns of the run: the same ones in any run."""
        cdef int32_t i
        return [self.keys.hashes[i] for i in range(self.known_count) if self.known[i].run == self.number]

    def forget(self):
        """Remembers nothing any more."""
        free_keys(&self.keys)
        free_keys(&self.lives)
        init_keys(&self.keys)
        init_keys(&self.lives)
        self.known_count = 0
        self.live_count = 0
        self.decision_count = 0

    def read(self, columns, kinds, outcome):
        """Writes what is known on the hits of a run, and gives the patterns that are to be decided first, by number.

        Args:
            columns: Hits, those of a claim one after the other, related and diagnoses.
            kinds: int8 by claim of the batch: kind of its payer, -1 for none.
            outcome: The arrays to be written; all of them are held until `release`.
        """
        cdef int64_t i = 0
        hits = columns["hits"]
        if hits.dtype != HIT_DTYPE:
            raise TypeError("hits are no hits")
        self.release()
        self.hit_count = len(hits)
        self.hits = <const HitC*>self._array(hits, HIT_DTYPE, self._run)
        self.related = <const int32_t*>self._array(columns["related"], np.int32, self._run)
        self.diagnoses = <const int64_t*>self._array(columns["diagnoses"], np.int64, self._run)
        self.kinds = <const int8_t*>self._array(kinds, np.int8, self._run)
        self.root = <int32_t*>self._array(outcome.root, np.int32, self._run)
        self.silenced = <int32_t*>self._array(outcome.silenced, np.int32, self._run)
        self.asks = <int32_t*>self._array(outcome.asks, np.int32, self._run)
        self.queue = <int8_t*>self._array(outcome.queue, np.int8, self._run)
        self.severity = <uint8_t*>self._array(outcome.severity, np.uint8, self._run)
        self.number += 1
        self.claims = self.parts = self.patterns = self.waiting = 0
        with nogil:
            while i < self.hit_count:
                i = self._claim(i, True)
        return [number for number in range(self.keys.count) if self.known[number].asked] if self.waiting else []

    def size(self, int32_t number):
        """How many rows a pattern has."""
        if not 0 <= number < self.keys.count:
            raise IndexError(number)
        return (key_size(&self.keys, number) - 1) // (self.width + CELLS // 2)

    def pattern(self, int32_t number):
        """The kind of payer of a pattern, -1 where it does not matter, and its rows: words of marks, then numbers of
        line, related line and diagnoses."""
        cdef const int64_t* words
        cdef const int32_t* numbers
        cdef int64_t i, size = self.width + CELLS // 2, count = self.size(number)
        rows = []
        words = self.keys.words + self.keys.starts[number]
        for i in range(count):
            numbers = <const int32_t*>(words + 1 + i * size + self.width)
            rows.append(([words[1 + i * size + k] for k in range(self.width)], [numbers[k] for k in range(CELLS)]))
        return words[0], rows

    def learn(self, int32_t number, decisions):
        """Remembers what becomes of each row of a pattern: root, silenced, asks, queue, and bounds of the severity."""
        cdef DecisionC* decision
        cdef int32_t first = self.decision_count
        if not 0 <= number < self.keys.count:
            raise IndexError(number)
        for root, silenced, asks, queue, at_least, at_most in decisions:
            grow(<void**>&self.decisions, &self.decision_room, self.decision_count, sizeof(DecisionC))
            decision = &self.decisions[self.decision_count]
            decision.root = root
            decision.silenced = silenced
            decision.asks = asks
            decision.queue = queue
            decision.at_least = at_least
            decision.at_most = at_most
            self.decision_count += 1
        self.known[number].first = first
        self.known[number].asked = 0

    def write(self):
        """Writes what was learned on the claims that waited for it; those that wait still are left as they were."""
        cdef int32_t i, count = self.waiting
        self.waiting = 0
        with nogil:
            for i in range(count):
                self._claim(self.pending[i], False)

    def release(self):
        """Lets go of the arrays of a run; what got no answer is asked again in the next."""
        cdef int32_t i
        self._run = []
        for i in range(self.keys.count if self.waiting else 0):
            self.known[i].asked = 0
        self.waiting = 0
        self.hit_count = 0

    cdef int64_t _claim(self, int64_t start, bint first) except -1 nogil:
        """Writes what is decided on the flags of the claim that begins at a hit; where the next one begins.

        Args:
            first: The claim is met for the first time in this run, and counted.
        """
        cdef int32_t claim = self.hits[start].claim, file = self.hits[start].file
        cdef int64_t end = start
        cdef int32_t i, number, payer
        cdef int64_t size
        cdef bint open = False
        # The envelope belongs to no claim; that of each file stands for itself.
        while end < self.hit_count and self.hits[end].claim == claim and (claim >= 0 or self.hits[end].file == file):
            end += 1
        payer = self._rows(start, end, self.kinds[claim] if claim >= 0 else NONE)
        if self.rows.count == 0:
            return end
        make_parts(&self.rows, self.compared + 3 * self.width, self.loose, self.loose_count)
        for i in range(self.rows.part_count):
            size = part_key(&self.rows, &self.rows.parts[i], payer)
            number = key_number(&self.keys, self.rows.key, size)
            self.rows.parts[i].number = number
            if number >= self.known_count:
                grow(<void**>&self.known, &self.known_room, number, sizeof(KnownC))
                memset(&self.known[number], 0, sizeof(KnownC))
                self.known[number].first = NONE
                self.known_count = number + 1
            if self.known[number].run != self.number:
                self.known[number].run = self.number
                self.patterns += 1
            if self.known[number].first < 0:
                self.known[number].asked = 1
                open = True
        if first:
            self.claims += 1
            self.parts += self.rows.part_count
        if open:
            grow(<void**>&self.pending, &self.pending_room, self.waiting, sizeof(int64_t))
            self.pending[self.waiting] = start
            self.waiting += 1
        else:
            self._write_rows()
        return end

    cdef int32_t _rows(self, int64_t start, int64_t end, int32_t kind) except -2 nogil:
        """The flags of a claim that matter to a policy that could be met on it; the kind of payer, -1 where none asks.

        Lines and diagnoses are added where some such policy compares them.
        """
        cdef RowsC* rows = &self.rows
        cdef const HitC* hit
        cdef const int64_t* marks
        cdef const int64_t* live
        cdef int64_t* mine
        cdef int64_t i
        cdef int32_t count = 0, kept = 0, k
        cdef int w
        cdef bint any
        rows.count = 0
        for i in range(start, end):
            hit = &self.hits[i]
            if hit.status == FLAGGED and _any(self._marks(hit), NULL, self.width):
                if count == 0:
                    begin_rows(rows, <int32_t>(end - start))
                    memset(rows.key, 0, (self.width + 1) * sizeof(int64_t))
                marks = self._marks(hit)
                for w in range(self.width):
                    rows.key[w] |= marks[w]
                rows.rows[count].hit = <int32_t>i
                count += 1
        if count == 0:
            return NONE
        rows.key[self.width] = kind
        live = self.live + <size_t>self._live() * (self.width + 1)
        for k in range(count):
            hit = &self.hits[rows.rows[k].hit]
            marks = self._marks(hit)
            if not _any(marks, live, self.width):
                continue
            mine = rows.marks + <size_t>kept * self.width
            for w in range(self.width):
                mine[w] = marks[w] & live[w]
            rows.rows[kept].hit = rows.rows[k].hit
            self._cells(hit, kept)
            kept += 1
        rows.count = kept
        return <int32_t>live[self.width]

    cdef int _cells(self, const HitC* hit, int32_t row) noexcept nogil:
        """Names the line, the related line and the diagnoses of a row, as far as they are compared."""
        cdef const int64_t* marks = self.rows.marks + <size_t>row * self.width
        cdef int k
        for k in range(CELLS):
            self.rows.rows[row].cells[k] = NONE
        if hit.line >= 0 and _any(marks, self.compared, self.width):
            add_cell(&self.rows, row, 0, hit.line)
        if hit.related_count > 0 and _any(marks, self.compared + self.width, self.width):
            add_cell(&self.rows, row, 1, self.related[hit.first_related])
        if hit.diagnosis_count > 0 and _any(marks, self.compared + 2 * self.width, self.width):
            for k in range(min(DIAGNOSES, hit.diagnosis_count)):
                add_cell(&self.rows, row, 2 + k, self.diagnoses[hit.first_diagnosis + k])
        return 0

    cdef const int64_t* _marks(self, const HitC* hit) noexcept nogil:
        return self.marks + ((<size_t>hit.rule * self.cases + hit.case_ + 1) * self.severities + hit.severity) * self.width

    cdef int32_t _live(self) except -1 nogil:
        """Number of the marks of the policies that could be met on a claim whose marks and payer stand in the key."""
        cdef int32_t number = key_number(&self.lives, self.rows.key, self.width + 1)
        cdef const int64_t* marks = self.rows.key
        cdef int64_t kind = marks[self.width]
        cdef const int32_t* at = self.producers
        cdef int64_t* live
        cdef int32_t i, k, policy, facts, count
        cdef int w
        cdef bint met, concluded
        if number < self.live_count:
            return number
        grow(<void**>&self.live, &self.live_room, number, (self.width + 1) * sizeof(int64_t))
        live = self.live + <size_t>number * (self.width + 1)
        memset(live, 0, self.width * sizeof(int64_t))
        live[self.width] = NONE
        for i in range(self.policies):
            policy = at[0]
            facts = at[1]
            at += 2
            met = _holds(marks, self.needs + policy * self.width, self.width)
            if self.payers[policy] != 0 and (kind < 0 or not (self.payers[policy] >> kind) & 1):
                met = False
            for k in range(facts):
                concluded = False
                for count in range(at[0]):
                    concluded = concluded or self.met[at[1 + count]]
                met = met and concluded
                at += 1 + at[0]
            self.met[policy] = met
            if met:
                for w in range(self.width):
                    live[w] |= self.needs[policy * self.width + w]
                if self.payers[policy] != 0:       # the engine refuses a fact that nothing asks for
                    live[self.width] = kind
        self.live_count = number + 1
        return number

    cdef void _write_rows(self) noexcept nogil:
        """What was decided on the parts of the claim in hand."""
        cdef RowsC* rows = &self.rows
        cdef const PartC* part
        cdef const DecisionC* decision
        cdef int32_t i, at, hit
        for i in range(rows.part_count):
            part = &rows.parts[i]
            at = part.first
            while at >= 0:
                decision = &self.decisions[self.known[part.number].first + rows.rows[at].fact]
                hit = rows.rows[at].hit
                if decision.root >= 0:
                    # Of equal rows the first stands for all of them as a root.
                    self.root[hit] = rows.rows[rows.facts[part.facts + decision.root]].hit
                self.silenced[hit] = decision.silenced
                self.asks[hit] = decision.asks
                self.queue[hit] = decision.queue
                self.severity[hit] = max(min(self.severity[hit], decision.at_most), decision.at_least)
                at = rows.rows[at].next


cdef bint _any(const int64_t* a, const int64_t* b, int width) noexcept nogil:
    """Whether two sets of marks meet; without a second one, whether there are any."""
    cdef int w
    for w in range(width):
        if a[w] & (b[w] if b != NULL else -1):
            return True
    return False


cdef bint _holds(const int64_t* a, const int64_t* b, int width) noexcept nogil:
    """Whether all marks of the second set are in the first."""
    cdef int w
    for w in range(width):
        if a[w] & b[w] != b[w]:
            return False
    return True


def payer_kinds(ClaimBatch batch, by_payer, const int32_t[:] claims not None):
    """int8 by claim: what is given by payer of the batch, for some of its claims; -1 for the others.

    Args:
        claims: Numbers of those; -1 is none.
    """
    cdef Py_ssize_t i
    cdef const int8_t[::1] kinds = np.ascontiguousarray([*by_payer, NONE], np.int8)
    found = np.full(batch.c.claim_count, NONE, np.int8)
    cdef int8_t[::1] out = found
    with nogil:
        for i in range(claims.shape[0]):
            if claims[i] >= 0:
                out[claims[i]] = kinds[batch.c.claims[claims[i]].payer]
    return found
