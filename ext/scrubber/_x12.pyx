"""837 bytes to segments: chunks of any size, delimiters as ISA names them; what they mean is `_envelope`.

Nothing but an unfinished segment is kept between chunks.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memchr, memcmp, memcpy, memmove

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber._breaches cimport Breaches
from scrubber._envelope cimport ControlC, Envelope, ends_in_return
from scrubber._fields cimport Fields
from scrubber._seen cimport SeenC, is_apart
from scrubber._walk cimport Walk
from scrubber._windows cimport copy_envelope, copy_provider, reserve, taken_from
from scrubber.edi cimport SEGMENT_LIMIT, DelimitersC, is_alphanumeric, split_short
from scrubber.grow cimport SCRUBBER_TIGHT
from scrubber.marks cimport AT_ONCE, MarksC, look, lowest
from scrubber.structs cimport NO_DAY

from scrubber.errors import ClaimError

cdef enum:
    ISA_SEARCH = 4096    # bytes in which an ISA, however wrong its widths, must end
    NO_ISA = -2

cdef enum Failure:
    FINE = 0
    NOT_X12 = 1
    UTF_16 = 2
    DAMAGED_ISA = 3
    FOREIGN = 4

FAILURES = {
    NOT_X12: "is no X12 file; an 837 begins with an ISA segment",
    UTF_16: "is UTF-16 text; save it as plain ASCII, one byte a character",
    DAMAGED_ISA: "has an ISA segment that cannot be read; it must be 106 characters, each element of its fixed width",
    FOREIGN: "after the last interchange comes what is no X12, and is not read; give it as a file of its own",
}

@cython.final
cdef class X12Reader(Envelope):
    cdef readonly ClaimBatch batch
    cdef public int32_t limit     # claims of the batch at which reading stops, before the next begins; 0 none
    cdef readonly bint full       # it stopped there: `take` the batch, then `go_on`
    cdef public int64_t expected  # bytes that will be fed, as far as anybody knows; 0 nobody does
    cdef int64_t fed
    cdef bint alone               # the batch was empty before
    cdef str name
    cdef int32_t file
    cdef uint8_t* waiting         # the unfinished segment
    cdef int64_t waiting_n
    cdef int64_t waiting_room
    cdef int64_t searched         # bytes of it without a terminator
    cdef bint skipping            # in the rest of a segment that is too long
    cdef bint started             # an ISA was read
    cdef bint foreign_told, closed
    cdef int failure

    def __cinit__(self, ClaimBatch batch, int32_t file_index, int32_t as_of_day=NO_DAY):
        self.batch = batch
        self.alone = batch.c.claim_count == 0
        self.file = file_index
        self.name = batch.files[file_index]

    def __dealloc__(self):
        free(self.waiting)
        free(self.apart.rest.hash)

    def walk_through(self, list guides not None, Breaches breaches not None, *, bint bare=False, bint thorough=False):
        """Follows the sets to come through their guides.

        Args:
            guides: Those that are known.
            breaches: Is given what they break.
            bare: Nothing else: no claim is read.
            thorough: Look at what is right as closely as at what is wrong; what is found is the same.
        """
        self.walk = Walk(breaches, guides, self.file, thorough)
        self.bare = bare

    @property
    def sets(self):
        """Transaction sets that were followed through a guide, or had none."""
        return 0 if self.walk is None else self.walk.sets

    @property
    def claims_in(self):
        return self.loops.claims

    @property
    def set_aside(self):
        return self.loops.set_aside

    @property
    def segments_in(self):
        return self.segments

    def feed(self, const uint8_t[::1] data not None):
        """Reads the next bytes of the file.

        Raises:
            ClaimError: The file is no X12.
        """
        if data.shape[0]:
            with nogil:
                self._take(&data[0], data.shape[0])
        self.fed += data.shape[0]
        if self.expected > self.fed and self.batch.c.claim_count:
            self._reserve()
        self._complain()

    def go_on(self):
        """Reads on after `take`.

        Raises:
            ClaimError: The file is no X12.
        """
        with nogil:
            self._rescan(False)
        self._complain()

    def take(self):
        """The claims read since the last time as a batch of their own; what is of no claim stays to the end."""
        cdef ClaimBatch taken = taken_from(self.batch)
        cdef BatchC* c = &self.batch.c
        copy_envelope(c, &taken.c, self.file)
        self.loops.envelope_last = c.defect_count - 1
        while self.loops.envelope_last > 0 and c.defects[self.loops.envelope_last].claim >= 0:
            self.loops.envelope_last -= 1
        if self.loops.billing >= 0:
            self.loops.billing = copy_provider(c, &taken.c, self.loops.billing)
        self.loops.provider = -1
        reserve(c, &taken.c, 1)
        self.full = False
        return taken

    def close(self):
        """Ends the file: what is still open is told as cut off. It may be `full` again, and is to be closed again then.

        Raises:
            ClaimError: There was nothing in it, or it is no X12.
        """
        if self.closed:
            return
        if not self.started and not self.waiting_n:
            raise ClaimError(f"{self.name}: is empty; an 837 begins with an ISA segment")
        with nogil:
            self._end()
        self._complain()
        if self.full:
            return
        self.closed = True
        if self.loops.claims == 0 and not self.loops.tells and not self.bare:
            self.loops.tell(None, 0, self.segments, None, None, "the file holds no claim; each begins with CLM")

    # Two readers abreast: the second one begins in the middle, as if nothing but the header stood before.

    def stand_apart(self):
        """What stands between the segments fed so far and those to come, others read."""
        self.apart.in_group = self.apart.in_interchange = True

    def leads_to(self, X12Reader header not None, X12Reader other not None):
        """Whether reading on would give what another reader made of the rest: this one is between two sets.

        Args:
            header: Of the segments before the first set, and no more.
            other: That was fed the same, then stood apart, and came to the end.
        """
        cdef Fields mine = self.loops
        cdef Fields first = header.loops
        return (not self.failure and not header.failure and self.waiting_n == 0 and not self.skipping
                and self.in_isa and header.in_isa and self.in_gs and header.in_gs and not self.in_st
                and self.groups == header.groups and not self.stray and not header.stray
                and mine.claim < 0 and mine.pending_count == 0
                and mine.provider < 0 and mine.other < 0 and mine.adjudication < 0
                and mine.envelope_count == 0 and first.envelope_count == 0 and first.tells == 0
                and mine.isa_segment == first.isa_segment and mine.separator_told == first.separator_told
                and memcmp(&self.isa, &header.isa, sizeof(ControlC)) == 0
                and memcmp(&self.gs, &header.gs, sizeof(ControlC)) == 0
                and memcmp(&self.version, &header.version, sizeof(ControlC)) == 0
                and memcmp(&self.seen_isa, &header.seen_isa, sizeof(SeenC)) == 0
                and memcmp(&mine.delimiters, &first.delimiters, sizeof(DelimitersC)) == 0
                and other.loops.claims > first.claims    # else it told that the file holds none
                and (not other.apart.counted or other.apart.sets == self.sets - header.sets)
                and is_apart(&other.apart.rest, &self.seen_st))

    def since(self, X12Reader header not None):
        """How many segments the header has, and how many segments and claims came after it."""
        return header.segments, self.segments - header.segments, self.loops.claims - header.loops.claims

    cdef void _reserve(self) noexcept:
        """Room for the rest of the file, if it goes on as it began."""
        cdef double times = <double>self.expected / self.fed if self.alone else 1
        times = min(times, <double>self.limit / self.batch.c.claim_count) if self.limit else times
        self.expected = 0
        reserve(&self.batch.c, &self.batch.c, times)

    cdef int _complain(self) except -1:
        if self.failure:
            self.closed = True
            raise ClaimError(f"{self.name}: {FAILURES[self.failure]}")
        return 0

    # Bytes to segments.

    cdef int _take(self, const uint8_t* s, int64_t n) except -1 nogil:
        cdef int64_t used
        cdef const uint8_t* hit = NULL
        cdef bint waited              # what is unfinished is put together; all that follows is read where it lies
        if self.failure:
            return 0
        if self.waiting_n and self.started and not self.full:
            hit = <const uint8_t*>memchr(s, self.loops.delimiters.terminator, n)
        if hit != NULL:
            used = hit - s + 1
            self._keep(s, used)
            self._rescan(False)
            s += used
            n -= used
        if self.waiting_n == 0 and n:
            used = self._scan(s, n, False)
            s += used
            n -= used
            used = 0
        if n == 0 or self.failure:
            return 0
        waited = self.waiting_n > 0
        self._keep(s, n)
        return self._rescan(False) if waited else 0

    cdef int _keep(self, const uint8_t* s, int64_t n) except -1 nogil:
        """Puts bytes behind those that wait."""
        cdef int64_t wanted = self.waiting_n + n
        cdef void* moved
        if wanted > self.waiting_room:
            wanted = wanted if SCRUBBER_TIGHT else max(wanted, 4096) * 2
            moved = realloc(self.waiting, <size_t>wanted)
            if moved == NULL:
                with gil:
                    raise MemoryError
            self.waiting = <uint8_t*>moved
            self.waiting_room = wanted
        memcpy(self.waiting + self.waiting_n, s, n)
        self.waiting_n += n
        return 0

    cdef int _rescan(self, bint last) except -1 nogil:
        """Reads what waits, as far as it goes."""
        cdef int64_t used = self._scan(self.waiting, self.waiting_n, last)
        self.waiting_n -= used
        if self.waiting_n:
            memmove(self.waiting, self.waiting + used, self.waiting_n)
        return 0

    cdef bint _ends_claim(self, const uint8_t* s, int64_t n) noexcept nogil:
        """Whether the segment at `s` begins another claim or ends the set."""
        if n < 3:
            return False
        return memcmp(s, b"CLM", 3) == 0 or (s[0] == 72 and s[1] == 76) or (s[0] == 83 and s[1] == 69)

    cdef int64_t _scan(self, const uint8_t* s, int64_t n, bint last) except -1 nogil:
        """Reads the whole segments in `n` bytes; returns how many bytes they took."""
        cdef const DelimitersC* delimiters = &self.loops.delimiters
        cdef int64_t at = 0
        cdef int64_t length
        cdef const uint8_t* hit
        while at < n and not self.failure and not self.full:
            if self.skipping:
                hit = <const uint8_t*>memchr(s + at, delimiters.terminator, n - at)
                if hit == NULL:
                    return n
                at = hit - s + 1
                self.skipping = False
                continue
            if self.searched == 0:
                if s[at] <= 32:
                    at += self._blanks(s + at, n - at)
                    if at == n:
                        return n
                if not self.started or s[at] == 73:
                    length = self._interchange(s + at, n - at, last)
                    if self.failure:
                        return n
                    if length == 0:
                        return at
                    if length > 0:
                        at += length
                        continue
                else:
                    at = self._marked(s, at, n)
                    if at == n or self.full:
                        return at
                    if s[at] <= 32 or s[at] == 73:
                        continue
            hit = <const uint8_t*>memchr(s + at + self.searched, delimiters.terminator, n - at - self.searched)
            length = n - at if hit == NULL else hit - (s + at)
            if length > SEGMENT_LIMIT:
                self.skipping = hit == NULL
                self.searched = 0
                self._tell_foreign()
                self.too_long(s + at)
                at += length if hit == NULL else length + 1
                continue
            if hit == NULL:
                self.searched = length
                return at
            self.searched = 0
            if self.limit and self.batch.c.claim_count >= self.limit and self._ends_claim(s + at, length):
                self.loops.finish()
                self.full = True
                return at
            self.take_segment(s + at, <int32_t>length, n - at)
            at += length + 1
        return n if self.failure else at

    cdef int64_t _marked(self, const uint8_t* s, int64_t at, int64_t n) except -1 nogil:
        """Reads segments from `at` on that end within the bytes already looked at, or else within the next 64.

        Returns:
            Where one begins that does not, or that may be an ISA, or blanks that are no line end.
        """
        cdef const DelimitersC* delimiters = &self.loops.delimiters
        cdef MarksC marks                        # of the bytes from `seen` on
        cdef uint64_t stops
        cdef uint8_t component = delimiters.component  # the one delimiter that changes before an ISA: mend_separator
        cdef int64_t seen = -AT_ONCE
        cdef int64_t shift
        cdef int32_t length
        cdef bint walked = self.walk is not None
        while at < n:
            if s[at] <= 32 or s[at] == 73:
                if s[at] != 10 and s[at] != 13:
                    return at
                at += 1
                continue
            shift = at - seen
            stops = marks.stops >> shift if shift < AT_ONCE else 0
            if stops == 0:
                look(&marks, s + at, n - at, delimiters.element, delimiters.component, delimiters.repetition,
                     delimiters.terminator)
                seen = at
                shift = 0
                stops = marks.stops
                if stops == 0:
                    return at
            length = lowest(stops)
            if self.limit and self.batch.c.claim_count >= self.limit and self._ends_claim(s + at, length):
                self.loops.finish()
                self.full = True
                return at
            split_short(&self.segment, s + at, length - ends_in_return(s + at, length, delimiters),
                        marks.ends >> shift, marks.components >> shift, marks.odd >> shift, delimiters)
            if walked:
                self.take_split()
            else:
                self.read_split()
            at += length + 1
            if at < n and s[at] == 10:
                at += 1
            if component != delimiters.component:
                component = delimiters.component
                seen = at - AT_ONCE
        return at

    cdef int64_t _blanks(self, const uint8_t* s, int64_t n) noexcept nogil:
        """Bytes between segments that are none: line ends, and (noted) anything else that is blank."""
        cdef int64_t i = 0
        while i < n and s[i] <= 32:
            if s[i] != 10 and s[i] != 13 and self.in_isa:
                self.stray = True
            elif not self.started and s[i] == 0:
                return i
            i += 1
        return i

    cdef int64_t _interchange(self, const uint8_t* s, int64_t n, bint last) except -1 nogil:
        """Reads an ISA at `s`: bytes taken, 0 when more are needed, NO_ISA when it is none."""
        cdef int64_t i, end = 0
        cdef int seps = 0
        cdef int64_t next_at
        if n < 4 and not last:
            return 0
        if not self.started:
            if n >= 2 and ((s[0] == 0xFF and s[1] == 0xFE) or (s[0] == 0xFE and s[1] == 0xFF)
                           or (s[0] == 73 and s[1] == 0) or (s[0] == 0 and s[1] == 73)):
                self.failure = UTF_16
                return NO_ISA
            if n >= 3 and s[0] == 0xEF and s[1] == 0xBB and s[2] == 0xBF:
                self.stray = True
                return 3
        if n < 4 or memcmp(s, b"ISA", 3) != 0 or is_alphanumeric(s[3]) or s[3] <= 32 or s[3] > 126:
            if not self.started:
                self.failure = NOT_X12
            return NO_ISA
        for i in range(3, min(n, ISA_SEARCH)):
            if s[i] == s[3]:
                seps += 1
                if seps == 16:
                    end = i
                    break
        # The terminator, a line end and the next segment's id must be there to judge a wrong width.
        if not last and (n < ISA_SEARCH if seps < 16 else n < max(end, 103) + 8):
            return 0
        if end != 103:
            next_at = end + 3 + self._line_ends(s, n, end + 3)
            if seps < 16 or not self._begins_group(s, n, next_at):
                # Widths are as they should be, only a delimiter inside is not.
                end = 103
                next_at = 106 + self._line_ends(s, n, 106)
                if not self._begins_group(s, n, next_at):
                    if not self.started:
                        self.failure = DAMAGED_ISA
                    return NO_ISA
        if end + 2 >= n or is_alphanumeric(s[end + 2]) or s[end + 2] == s[3] or s[end + 2] == 32:
            if not self.started:
                self.failure = DAMAGED_ISA
            return NO_ISA
        self.started = True
        self.begin_interchange(s, <int32_t>end + 2, s[end + 1], s[end + 2])
        return end + 3

    cdef int64_t _line_ends(self, const uint8_t* s, int64_t n, int64_t at) noexcept nogil:
        cdef int64_t i = at
        while i < n and (s[i] == 10 or s[i] == 13):
            i += 1
        return i - at

    cdef bint _begins_group(self, const uint8_t* s, int64_t n, int64_t at) noexcept nogil:
        if at + 2 < n and s[at] == 71 and s[at + 1] == 83 and s[at + 2] == s[3]:
            return True
        return at + 3 < n and memcmp(s + at, b"TA1", 3) == 0 and s[at + 3] == s[3]

    # The end of the file.

    cdef int _tell_foreign(self) except -1 nogil:
        """Says once that after an interchange the file goes on as another format."""
        if not self.in_isa and not self.foreign_told:
            self.foreign_told = True
            with gil:
                self.loops.tell(None, 0, self.segments + 1, None, None, FAILURES[FOREIGN])
        return 0

    cdef int _end(self) except -1 nogil:
        self._rescan(True)
        if self.full:
            return 0
        cdef const uint8_t* rest = self.waiting
        cdef int64_t n = self.waiting_n
        self.waiting_n = 0
        if self.failure:
            return 0
        while n and (rest[n - 1] <= 32):
            n -= 1
        if n:
            self._tell_foreign()
        return self.end(rest, <int32_t>n)
