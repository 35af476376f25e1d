"""Interchange, groups, sets and levels of an 837 file: counts, control numbers, order.

Source: ASC X12.5 (interchange), X12.6 (segments), X12N 005010X222A1, 005010X223A2 and 005010X224A2 appendix C
(delimiters).
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.string cimport memcmp, memcpy

from scrubber._batch cimport ClaimBatch
from scrubber._breach_notes cimport note_breaches
from scrubber._fields cimport Fields
from scrubber._notes cimport (
    AT_BILLING, AT_DEPENDENT, AT_HEADER, AT_SUBSCRIBER, CUT, OUTSIDE, TOO_LONG, UNCLOSED, unread_set, word_of,
)
from scrubber._seen cimport add_to_rest, forget, seen_before
from scrubber.edi cimport (
    MAX_ELEMENTS, SEGMENT_LIMIT, TAG_CLM, TAG_GE, TAG_GS, TAG_HL, TAG_IEA, TAG_SE, TAG_ST, TAG_TA1, DelimitersC,
    PieceC, SegmentC, id_of, is_alphanumeric, same, set_kinds, split, trimmed, whole,
)
from scrubber.structs cimport DENTAL, INSTITUTIONAL, NO_DAY, PROFESSIONAL
from scrubber.words cimport (
    V_DEFECT_CLASS_CHARACTER, V_DEFECT_CLASS_CONTROL, V_DEFECT_CLASS_COUNT, V_DEFECT_CLASS_DELIMITER,
    V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_ORDER, V_DEFECT_CLASS_PARENT, V_DEFECT_CLASS_SEGMENT,
    V_DEFECT_CLASS_TRAILING, V_DEFECT_CLASS_VERSION, V_DEFECT_SCOPE_GROUP, V_DEFECT_SCOPE_INTERCHANGE,
    V_DEFECT_SCOPE_SET,
)

cdef enum:
    ISA_LENGTH = 106
    NO_KIND = -1


cdef void _keep(ControlC* control, PieceC piece, int32_t segment) noexcept nogil:
    piece = trimmed(piece)
    control.n = min(piece.n, 16)
    if control.n:
        memcpy(control.text, piece.s, control.n)
    control.segment = segment


cdef bint _matches(ControlC* control, PieceC piece) noexcept nogil:
    piece = trimmed(piece)
    return piece.n == control.n and (piece.n == 0 or memcmp(piece.s, control.text, piece.n) == 0)


cdef int64_t _number(ControlC* control) noexcept nogil:
    cdef PieceC piece
    piece.s = control.text
    piece.n = control.n
    return whole(piece)


cdef int _kind_of(PieceC version) noexcept nogil:
    """ClaimKind of a guide that is read: 005010X222A1, A2; 005010X223A1 to A3; 005010X224A1 to A3."""
    version = trimmed(version)
    if version.n != 12 or memcmp(version.s, b"005010X22", 9) != 0 or version.s[10] != c'A':
        return NO_KIND
    if version.s[9] == c'2' and c'1' <= version.s[11] <= c'2':
        return PROFESSIONAL
    if not c'1' <= version.s[11] <= c'3':
        return NO_KIND
    return INSTITUTIONAL if version.s[9] == c'3' else DENTAL if version.s[9] == c'4' else NO_KIND


cdef class Envelope:
    def __cinit__(self, ClaimBatch batch, int32_t file_index, int32_t as_of_day=NO_DAY):
        self.loops = Fields(batch, file_index, as_of_day)
        self.set_kind = self.set_guide = ""
        self.group_kind = NO_KIND

    cdef int begin_interchange(self, const uint8_t* s, int32_t n, uint8_t component,
                               uint8_t terminator) except -1 nogil:
        """An ISA of `n` bytes before its terminator: the delimiters are its own."""
        cdef DelimitersC* delimiters = &self.loops.delimiters
        self._close_interchange()
        self.segments += 1
        self.in_isa = True
        self.groups = 0
        forget(&self.seen_st)
        self.apart.in_interchange = False
        delimiters.element = s[3]
        delimiters.component = component
        delimiters.terminator = terminator
        delimiters.repetition = 0
        self.loops.isa_segment = self.segments
        self.loops.separator_told = False
        set_kinds(delimiters)
        # ISA16 names the component separator and is no data: it stays out.
        split(&self.segment, s, n - 1, n - 1, delimiters)
        self.segment.number = self.segments
        self._interchange_faults(n + 1, component)
        return 0 if self.walk is None else self.walk.begin_interchange(delimiters)

    cdef int _interchange_faults(self, int64_t length, uint8_t component) except -1 nogil:
        """What is wrong with ISA itself. Its elements are split, its delimiters known."""
        cdef SegmentC* segment = &self.segment
        cdef PieceC piece = trimmed(segment.element[11])
        if length != ISA_LENGTH:
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_COUNT, 0, ISA_LENGTH, length)
        if segment.forbidden or self.stray:
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CHARACTER, segment.forbidden_at, -1, -1)
        self.stray = False
        if is_alphanumeric(component) or component <= 32 or component == self.loops.delimiters.terminator:
            self.loops.separator_told = True
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_DELIMITER, 16, -1, -1)
        if not same(trimmed(segment.element[12]), b"00501"):
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_VERSION, 12, 501, whole(segment.element[12]))
        elif piece.n == 1 and not is_alphanumeric(piece.s[0]):
            self.loops.delimiters.repetition = piece.s[0]
            set_kinds(&self.loops.delimiters)
        piece = trimmed(segment.element[13])
        _keep(&self.isa, piece, self.segments)
        if piece.n == 0 or seen_before(&self.seen_isa, piece):
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, 13, -1, whole(piece))
        piece = trimmed(segment.element[15])
        if not same(piece, b"P") and not same(piece, b"T"):
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, 15, -1, -1)
        return 0

    cdef int _fault(self, int scope, int cls, int element, int64_t expected, int64_t found) except -1 nogil:
        """A defect of the envelope at the segment at hand."""
        cdef char id[4]
        id_of(self.segment.tag, id)
        return self.loops.envelope(scope, cls, self.segment.number, id, element, expected, found)

    cdef int too_long(self, const uint8_t* s) except -1 nogil:
        """A segment beyond SEGMENT_LIMIT is not kept: the claim it belongs to is set aside, whichever it is."""
        self.segments += 1
        split(&self.segment, s, 4, 4, &self.loops.delimiters)
        if self.walk is not None:
            self.walk.pass_by(&self.segment)
        self.segment.number = self.segments
        self.loops.segment = &self.segment
        if self.in_st and not self.readable:
            self.unread_claims += self.segment.tag == TAG_CLM
        elif self.segment.tag == TAG_CLM:
            self.loops.finish()
            self.segment.element[1].n = 0
            self.loops.count_aside(&self.segment, TOO_LONG)
        elif self.loops.claim >= 0:
            self.loops.spoil(TOO_LONG, 0)
        else:
            self.loops.spoiled = self.segments
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ELEMENT, 0, SEGMENT_LIMIT, -1)
        return 0

    cdef int take_segment(self, const uint8_t* s, int32_t n, int64_t readable) except -1 nogil:
        """One segment, without its terminator; `readable` bytes there may be looked at."""
        n -= ends_in_return(s, n, &self.loops.delimiters)
        split(&self.segment, s, n, readable, &self.loops.delimiters)
        return self.take_split()

    cdef int take_split(self) except -1 nogil:
        """The next segment, as its elements. Where it belongs is looked up before it is read, and they are after it."""
        if self.walk is None:
            return self.read_split()
        self.segment.number = self.segments + 1
        self.walk.step(&self.segment, self.in_st)
        note_breaches(self.loops, &self.segment, self.walk, self.in_st and self.readable, False)
        self.read_split()
        self.walk.look(&self.loops.delimiters)
        return note_breaches(self.loops, &self.segment, self.walk, self.in_st and self.readable, True)

    cdef int read_split(self) except -1 nogil:
        """The same where no walk follows it: the way of nearly all segments."""
        cdef uint32_t tag = self.segment.tag
        self.segments += 1
        self.segment.number = self.segments
        if self.stray:
            self.stray = False
            self.segment.forbidden += 1
            self.segment.marked = True
        if tag & 0xFF and tag != TAG_IEA and self.in_st and self.readable:
            return self.loops.take(&self.segment)      # three letters: none of the envelope's but IEA
        if self.in_st and tag != TAG_SE and tag != TAG_GE and tag != TAG_IEA and tag != TAG_ST and tag != TAG_GS:
            if not self.readable:
                self.unread_claims += tag == TAG_CLM
            elif tag == TAG_HL:
                self._level()
            else:
                self.loops.take(&self.segment)
            return 0
        if tag == TAG_ST:
            self._open_set()
        elif tag == TAG_SE:
            self._end_set()
        elif tag == TAG_GS:
            self._open_group()
        elif tag == TAG_GE:
            self._end_group()
        elif tag == TAG_IEA:
            self._end_interchange()
        elif tag == TAG_CLM:
            self.loops.count_aside(&self.segment, OUTSIDE)
        elif tag != TAG_TA1:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_SEGMENT, 0, -1, -1)
        self._marks()
        return 0

    cdef int _marks(self) except -1 nogil:
        """Characters and empty elements at the end of an envelope segment."""
        cdef SegmentC* segment = &self.segment
        if segment.forbidden:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CHARACTER, segment.forbidden_at, -1, -1)
        if segment.count and segment.count <= MAX_ELEMENTS and segment.element[segment.count].n == 0:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_TRAILING, segment.count, -1, -1)
        return 0

    cdef int _open_group(self) except -1 nogil:
        self._close_group()
        if not self.in_isa:
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, 0, -1, -1)
        self.in_gs = True
        self.groups += 1
        self.sets = 0
        _keep(&self.gs, self.segment.element[6], self.segments)
        _keep(&self.version, self.segment.element[8], self.segments)
        self.group_kind = _kind_of(self.segment.element[8])
        if self.gs.n == 0:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CONTROL, 6, -1, -1)
        return 0

    cdef int _open_set(self) except -1 nogil:
        cdef PieceC kind = trimmed(self.segment.element[1])
        cdef PieceC version = trimmed(self.segment.element[3])
        cdef int claims = _kind_of(version)
        self._close_set()
        if claims == NO_KIND:
            claims = self.group_kind
        if not self.in_gs:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CONTROL, 0, -1, -1)
        self.in_st = True
        self.sets += 1
        self.unread_claims = 0
        self.level_count = 0
        self.billing_level = 0
        self.subscriber_level = 0
        _keep(&self.st, self.segment.element[2], self.segments)
        if self.st.n == 0 or self._is_known():
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_CONTROL, 2, -1, _number(&self.st))
        self.readable = not self.bare and same(kind, b"837") and claims != NO_KIND
        if self.bare:
            return 0
        if not self.readable:
            with gil:
                self.set_kind, self.set_guide = word_of(kind.s, kind.n), word_of(version.s, version.n)
                if not self.set_guide:
                    self.set_guide = word_of(self.version.text, self.version.n)
            # An 837 of any other guide is one that nobody takes any more.
            if same(kind, b"837"):
                self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_VERSION, 3, -1, -1)
            return 0
        if not _matches(&self.version, version):
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_VERSION, 3, -1, -1)
        return self.loops.follow(claims)

    cdef bint _is_known(self) except -1 nogil:
        """Whether the interchange has another set with the control number, as far as this reader knows."""
        cdef PieceC control = trimmed(self.segment.element[2])
        cdef bint known = seen_before(&self.seen_st, control)
        if self.apart.in_interchange:
            add_to_rest(&self.apart.rest, control, known)
        return known

    cdef int _end_set(self) except -1 nogil:
        cdef int64_t found
        if not self.in_st:
            return self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_CONTROL, 0, -1, -1)
        self.in_st = False
        self._leave_set()
        found = whole(self.segment.element[1])
        if found != self.segments - self.st.segment + 1:
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_COUNT, 1, self.segments - self.st.segment + 1, found)
        if not _matches(&self.st, self.segment.element[2]):
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_CONTROL, 2, _number(&self.st),
                        whole(self.segment.element[2]))
        return 0

    cdef int _end_group(self) except -1 nogil:
        cdef int64_t found
        self._close_set()
        if not self.in_gs:
            return self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CONTROL, 0, -1, -1)
        self.in_gs = False
        found = whole(self.segment.element[1])
        if self.apart.in_group:
            self.apart.in_group = False
            self.apart.counted = True
            self.apart.sets = found - self.sets
        elif found != self.sets:
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_COUNT, 1, self.sets, found)
        if not _matches(&self.gs, self.segment.element[2]):
            self._fault(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CONTROL, 2, _number(&self.gs),
                        whole(self.segment.element[2]))
        return 0

    cdef int _end_interchange(self) except -1 nogil:
        cdef int64_t found
        self._close_group()
        if not self.in_isa:
            return self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, 0, -1, -1)
        self.in_isa = False
        found = whole(self.segment.element[1])
        if found != self.groups:
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_COUNT, 1, self.groups, found)
        if not _matches(&self.isa, self.segment.element[2]):
            self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, 2, _number(&self.isa),
                        whole(self.segment.element[2]))
        return 0

    # A trailer that never came: told once, at the header it belongs to.

    cdef int _close_set(self) except -1 nogil:
        if not self.in_st:
            return 0
        self.in_st = False
        self._leave_set()
        return self.loops.envelope(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_CONTROL, self.st.segment, b"SE", 0,
                                   _number(&self.st), -1)

    cdef int _close_group(self) except -1 nogil:
        self._close_set()
        if not self.in_gs:
            return 0
        self.in_gs = False
        self.apart.in_group = False
        return self.loops.envelope(V_DEFECT_SCOPE_GROUP, V_DEFECT_CLASS_CONTROL, self.gs.segment, b"GE", 0,
                                   _number(&self.gs), -1)

    cdef int _close_interchange(self) except -1 nogil:
        self._close_group()
        if not self.in_isa:
            return 0
        self.in_isa = False
        return self.loops.envelope(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_CONTROL, self.isa.segment, b"IEA", 0,
                                   _number(&self.isa), -1)

    cdef int _leave_set(self) except -1 nogil:
        """Ends what the set leaves open. A set of another kind is told in one record."""
        if self.readable:
            self._leave_subscriber()
            self._leave_billing()
            return self.loops.end_set()
        self.loops.claims += self.unread_claims
        if self.bare:
            return 0
        self.loops.set_aside += self.unread_claims
        with gil:
            self.loops.tell(None, 0, self.st.segment, "ST", "ST03" if self.set_kind == "837" else "ST01",
                            unread_set(self.set_kind, self.set_guide, self.unread_claims))
        return 0

    # Hierarchy.

    cdef int _level(self) except -1 nogil:
        """HL: numbers in order, 20 over 22 over 23, HL04 true to what follows."""
        cdef SegmentC* segment = &self.segment
        cdef int64_t number = whole(segment.element[1])
        cdef int64_t parent = whole(segment.element[2])
        cdef int64_t kind = whole(segment.element[3])
        cdef int64_t flag = whole(segment.element[4])
        if number != self.level_count + 1:
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, 1, self.level_count + 1, number)
        self.level_count = number if number > 0 else self.level_count + 1
        if flag != 0 and flag != 1:
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, 4, -1, flag)
        if kind == 23:
            self.subscriber_children += 1
            self._parent(parent, self.subscriber_level)
            if flag == 1:
                self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, 4, 0, 1)
            self.loops.level(AT_DEPENDENT)
        elif kind == 22:
            self._leave_subscriber()
            self.billing_children += 1
            self._parent(parent, self.billing_level)
            self.subscriber_level = self.level_count
            self.subscriber_segment = self.segments
            self.subscriber_children = 0
            self.subscriber_flag = <int>flag if 0 <= flag <= 1 else -1
            self.loops.level(AT_SUBSCRIBER)
        elif kind == 20:
            self._leave_subscriber()
            self._leave_billing()
            if trimmed(segment.element[2]).n:
                self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_PARENT, 2, -1, parent)
            self.billing_level = self.level_count
            self.billing_segment = self.segments
            self.billing_children = 0
            self.billing_flag = <int>flag if 0 <= flag <= 1 else -1
            self.loops.level(AT_BILLING)
        else:
            self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, 3, -1, kind)
            self.loops.level(AT_HEADER)
        return self._marks()

    cdef int _parent(self, int64_t sent, int64_t right) except -1 nogil:
        if right == 0:
            return self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, 3, -1, -1)
        if sent != right:
            return self._fault(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_PARENT, 2, right, sent)
        return 0

    cdef int _leave_subscriber(self) except -1 nogil:
        if self.subscriber_level == 0:
            return 0
        self.subscriber_level = 0
        return self._children(self.subscriber_flag, self.subscriber_children, self.subscriber_segment)

    cdef int _leave_billing(self) except -1 nogil:
        if self.billing_level == 0:
            return 0
        self.billing_level = 0
        return self._children(self.billing_flag, self.billing_children, self.billing_segment)

    cdef int _children(self, int flag, int32_t children, int32_t segment) except -1 nogil:
        if flag >= 0 and flag != (children > 0):
            return self.loops.envelope(V_DEFECT_SCOPE_SET, V_DEFECT_CLASS_ORDER, segment, b"HL", 4, children > 0,
                                       flag)
        return 0

    # The end of the file.

    cdef int end(self, const uint8_t* rest, int32_t n) except -1 nogil:
        """The file ends, with `n` bytes of a segment that has no terminator."""
        cdef int problem = UNCLOSED
        if n:
            split(&self.segment, rest, n, n, &self.loops.delimiters)
            self.segment.number = self.segments + 1
            if self.segment.tag == TAG_IEA and self.segment.count == 2:
                self._fault(V_DEFECT_SCOPE_INTERCHANGE, V_DEFECT_CLASS_DELIMITER, 0, -1, -1)
                return self.take_segment(rest, n, n)
            problem = CUT
            if self.in_st and not self.readable:
                self.unread_claims += self.segment.tag == TAG_CLM
            elif self.segment.tag == TAG_CLM:
                # What is cut is not shown: the claim's number may be.
                self.loops.finish()
                self.segment.element[self.segment.count if self.segment.count < MAX_ELEMENTS else 0].n = 0
                self.loops.count_aside(&self.segment, CUT)
        self._cut(problem)
        if self.in_st:
            self._leave_set()
        # One cause, one defect: that IEA is missing says that SE and GE are.
        self.in_st = False
        self.in_gs = self.in_gs and not self.in_isa
        return self._close_interchange()

    cdef int _cut(self, int problem) except -1 nogil:
        """The file ends while a claim is open: the claim may lack lines, so it is not judged."""
        if self.in_st and self.readable and self.loops.claim >= 0:
            self.loops.segment = &self.segment
            self.loops.spoil(problem, 0)
            self.loops.finish()
        return 0
