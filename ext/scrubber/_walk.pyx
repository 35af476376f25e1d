"""The walk through a guide that a transaction set is: where it is, how often it was where, what it broke.

A segment is the first loop or segment of the guide that it matches, from the place of the one before it on: in the loop
that is open, then in the one around it, and so on. What is required and passed over on the way is missing; a segment
that matches nothing is left out, and the walk goes on from where it was. What is of one position may come in any order:
it is missing once the walk leaves the position.

Source: 005010X222A1 and 005010X223A2 section 2.2 (loops, repeats, usage), X12.6 (order of segments); the way is the one
of pyx12's map_walker, and docs/snip.md says where this one turns off.
"""

cimport cython
from libc.stdint cimport int16_t, int32_t, uint16_t, uint32_t
from libc.string cimport memcmp, memcpy, memset

from scrubber._breaches cimport (
    Breaches, LOOP_TOO_OFTEN, SEGMENT_MISSING, SEGMENT_NOT_USED, SEGMENT_TOO_OFTEN, UNEXPECTED_SEGMENT,
    UNKNOWN_SEGMENT,
)
from scrubber._elements cimport Elements
from scrubber._guide cimport (
    FIRST_COMPONENT, NO_KEY, NOT_USED, REQUIRED, THIRD_ELEMENT, FormC, Guide, GuideC, NodeC, is_among, number_of,
    packed,
)
from scrubber._rightness cimport is_right
from scrubber.edi cimport (
    TAG_CLM, TAG_GE, TAG_GS, TAG_IEA, TAG_ST, DelimitersC, PieceC, SegmentC, next_component, trimmed,
)

cdef enum:
    ENOUGH = 65535           # more are not counted
    THE_SET = 0              # node of the whole
    FIRST = 1                # node of ST


@cython.final
cdef class Walk(Elements):
    """Follows transaction sets through the guides they name, and notes what they break.

    Args:
        breaches: Where to; walks through several files, one after the other, can share them.
        guides: Those that are known.
        file: Number of the file.
        thorough: Not to see at once that a segment is right.

    Attributes:
        sets: How many there were.
    """

    def __cinit__(self, Breaches breaches not None, list guides not None, int32_t file=0, bint thorough=False):
        self.breaches = breaches
        self.guides = guides
        self.guide = NULL
        self.noted = breaches.count
        self.thorough = thorough
        self.place.file = file
        self.place.interchange = self.place.group = self.place.set = -1

    @property
    def sets(self):
        return self.place.set + 1

    cdef int begin_interchange(self, const DelimitersC* delimiters) except -1 nogil:
        self.guide = NULL
        self.matched = False
        self.place.interchange += 1
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        return 0

    cdef int step(self, SegmentC* segment, bint in_set) except -1 nogil:
        """Finds where a segment belongs, and tells what is missing before it, or is too much."""
        self.segment = segment
        self.matched = False
        if segment.tag == TAG_ST:
            return self._begin_set(segment)
        if segment.tag == TAG_GS:
            return self._begin_group(segment)
        if segment.tag == TAG_GE or segment.tag == TAG_IEA:
            self.guide = NULL
        elif self.guide != NULL and in_set:
            self.place.segment += 1
            self._find(segment.tag)
            return 0
        self.claims += segment.tag == TAG_CLM
        return 0

    cdef int _find(self, uint32_t tag) except -1 nogil:
        self.missing_count = 0
        self.known = 0
        self.matched = self._scan()
        self.claims += tag == TAG_CLM
        self.astray = 0 if self.matched else self.astray + 1
        return 0 if self.matched else self._tell_unmatched()

    cdef int look(self, const DelimitersC* delimiters) except -1 nogil:
        """Tells what is wrong with the elements of the segment at hand."""
        cdef const NodeC* node
        if not self.matched:
            return 0
        node = &self.guide.nodes[self.at]
        self.mended = delimiters.component != self.component
        if not (self.mended or self.thorough) and is_right(self.guide, &self.guide.forms[node.form], self.segment,
                                                           self.component):
            return 0
        self.place.tag = self.segment.tag
        self.place.claim = self.claims if node.in_claim else 0
        memcpy(self.place.loop, node.loop, 8)
        return self.check(&self.guide.forms[node.form])

    cdef void pass_by(self, const SegmentC* segment) noexcept nogil:
        self.matched = False
        self.place.segment += 1
        self.claims += segment.tag == TAG_CLM

    cdef int _begin_group(self, SegmentC* segment) except -1 nogil:
        self.guide = NULL
        self.place.group += 1
        _keep(&self.group, trimmed(segment.element[8]))
        return 0

    cdef int _begin_set(self, SegmentC* segment) except -1 nogil:
        """A set goes by the guide that it names, or else its group."""
        cdef VersionC version
        _keep(&version, trimmed(segment.element[3]))
        self.place.set += 1
        self.place.segment = 1
        if memcmp(&version, &self.named, sizeof(VersionC)) != 0 or memcmp(&self.group, &self.of, sizeof(VersionC)) != 0:
            self.named = version
            self.of = self.group
            with gil:
                self._choose()
        self.guide = self.chosen
        if self.guide == NULL:
            with gil:
                self.breaches.unguided.append((self.place.file, self.place.interchange, self.place.group,
                                               self.place.set, _shown(&version) or _shown(&self.group)))
            return 0
        memset(self.counts, 0, sizeof(self.counts))
        self.counts[FIRST] = 1
        self.at = FIRST
        self.astray = 0
        self.matched = True
        return 0

    cdef int _choose(self) except -1:
        """The guide of sets that are named so, in a group that is."""
        cdef Guide guide
        names = [bytes(self.named.text[:self.named.n]), bytes(self.of.text[:self.of.n])]
        self.chosen = NULL
        for name in names:
            for guide in self.guides:
                if self.chosen == NULL and name.decode("latin-1") in guide.versions:
                    self.chosen = &guide.c
        return 0

    # The way.

    cdef int _scan(self) except -1 nogil:
        """Goes to what the segment is; False where it is nothing that may come."""
        cdef const GuideC* guide = self.guide
        cdef int32_t number = number_of(guide, self.segment.tag)
        cdef int32_t way = guide.nodes[self.at].way
        cdef const int16_t* step
        cdef const NodeC* node
        while way >= 0:
            step = &guide.steps[guide.starts[way * (guide.tag_count + 1) + number]]
            while step[0] >= 0:
                node = &guide.nodes[step[0]]
                if node.form < 0:
                    if self._begins(step[0]):
                        self._enter(step[0])
                        return True
                elif self._matches(node):
                    if node.is_loop:
                        self._enter(step[0])
                        return True
                    if guide.nodes[node.parent].form >= 0 and self._matches(&guide.nodes[node.parent + 1]):
                        self._repeat(node.parent, guide.ways[way].position)
                    else:
                        self._meet(step[0])
                    return True
                elif node.usage == REQUIRED and self.counts[step[0]] == 0:
                    self._miss(step[0])
                step += 1
            way = guide.ways[way].around
        return False

    cdef inline bint _matches(self, const NodeC* node) noexcept nogil:
        """Whether the segment at hand is one of the guide, or begins a loop of it."""
        cdef const FormC* form = &self.guide.forms[node.form]
        cdef PieceC rest, key
        if form.tag != self.segment.tag:
            return False
        if form.key == NO_KEY:
            return True
        if not self.known >> form.key & 1:
            self.known |= 1 << form.key
            key = self.segment.element[3 if form.key == THIRD_ELEMENT else 1]
            if form.key == FIRST_COMPONENT and key.n:
                rest = key
                next_component(&rest, self.component, &key)
            while key.n and key.s[key.n - 1] == self.component:
                key.n -= 1
            self.keys[form.key] = packed(key)
        return is_among(&self.guide.codes[form.first_code], form.code_count, self.keys[form.key])

    cdef bint _begins(self, int32_t loop) noexcept nogil:
        """Whether the segment at hand begins a loop, or one in it that stands for a table; a required one is missed."""
        cdef const NodeC* nodes = self.guide.nodes
        cdef int32_t inner
        if nodes[loop].form >= 0:
            if self._matches(&nodes[loop]):
                return True
            if nodes[loop].usage == REQUIRED and self.counts[loop] == 0:
                self._miss(loop)
            return False
        inner = loop + 1
        while inner < nodes[loop].end:
            if nodes[inner].is_loop and self._begins(inner):
                return True
            inner = nodes[inner].end
        return False

    cdef int _miss(self, int32_t node) noexcept nogil:
        if self.missing_count < MAX_MISSING:
            self.missing[self.missing_count] = node
            self.missing_count += 1
        return 0

    cdef int _enter(self, int32_t loop) except -1 nogil:
        """A loop begins with the segment at hand."""
        cdef const NodeC* nodes = self.guide.nodes
        cdef int32_t inner = loop + 1
        if nodes[loop].form < 0:
            while not (nodes[inner].is_loop and nodes[inner].form >= 0 and self._matches(&nodes[inner])):
                inner = nodes[inner].end
            return self._enter(inner)
        self._tell_missing(loop)
        memset(&self.counts[loop + 1], 0, (nodes[loop].end - loop - 1) * sizeof(uint16_t))
        self.counts[loop + 1] = 1
        self.counts[loop] += self.counts[loop] < ENOUGH
        self.at = loop + 1
        if nodes[loop].most and self.counts[loop] > nodes[loop].most:
            self._tell_place(loop, LOOP_TOO_OFTEN)
        return 0

    cdef int _repeat(self, int32_t loop, int32_t position) except -1 nogil:
        """The open loop begins anew: what was still to come in it is missing."""
        cdef const NodeC* nodes = self.guide.nodes
        cdef int32_t node = loop + 2
        while node < nodes[loop].end:
            if nodes[node].position >= position and nodes[node].usage == REQUIRED and self.counts[node] == 0:
                self._miss(node)
            node = nodes[node].end
        return self._enter(loop)

    cdef int _meet(self, int32_t node) except -1 nogil:
        """The segment at hand is one of the open loop."""
        self._tell_missing(node)
        self.counts[node] += self.counts[node] < ENOUGH
        self.at = node
        if self.guide.nodes[node].usage == NOT_USED:
            return self._tell_place(node, SEGMENT_NOT_USED)
        if self.guide.nodes[node].most and self.counts[node] > self.guide.nodes[node].most:
            return self._tell_place(node, SEGMENT_TOO_OFTEN)
        return 0

    # What it breaks.

    cdef int _tell_missing(self, int32_t reached) except -1 nogil:
        """What was passed over is missing, unless it is of the position that was reached: it may still come."""
        cdef const NodeC* nodes = self.guide.nodes
        cdef int32_t i, node
        for i in range(self.missing_count):
            node = self.missing[i]
            if nodes[node].parent != nodes[reached].parent or nodes[node].position != nodes[reached].position:
                self._tell_place(node, SEGMENT_MISSING)
        self.missing_count = 0
        return 0

    cdef int _tell_place(self, int32_t node, int code) except -1 nogil:
        """A breach of a loop or a segment of the guide, at the segment at hand."""
        cdef const NodeC* place = &self.guide.nodes[node]
        cdef bint begins = self.segment.tag == TAG_CLM and code != SEGMENT_MISSING
        self.place.tag = self.guide.forms[place.form].tag
        self.place.claim = self.claims + begins if place.in_claim else 0
        memcpy(self.place.loop, place.loop, 8)
        return self.tell(code)

    cdef int _tell_unmatched(self) except -1 nogil:
        cdef const NodeC* place = &self.guide.nodes[self.at]
        cdef int32_t i
        cdef int code = UNKNOWN_SEGMENT
        for i in range(self.guide.form_count):
            if self.guide.forms[i].tag == self.segment.tag:
                code = UNEXPECTED_SEGMENT
                break
        self.place.tag = self.segment.tag
        self.place.claim = self.claims if place.in_claim or self.segment.tag == TAG_CLM else 0
        memcpy(self.place.loop, place.loop, 8)
        return self.tell(code)


cdef void _keep(VersionC* version, PieceC piece) noexcept nogil:
    memset(version, 0, sizeof(VersionC))
    version.n = min(piece.n, 16)
    if version.n:
        memcpy(version.text, piece.s, version.n)


cdef str _shown(const VersionC* version):
    """A version as far as it can be shown."""
    return "".join(c for c in version.text[:version.n].decode("ascii", "replace") if c.isalnum())
