"""Whether nothing is wrong with the elements of a segment; what is wrong, `_elements` finds out.

Most segments are as they should be. This is the quick way to see that: what is sent is a bit of a word, and so is what
must be, what may not be, and what goes together. It says no as soon as it is not sure.
"""

from libc.stdint cimport int32_t, uint8_t, uint64_t

from scrubber._datatypes cimport is_date, is_of_form, is_time
from scrubber._guide cimport (
    CODE, COMPOSITE, CONDITIONAL, DATE, DECIMAL, EXCLUDING, FORM_D8, FORM_RD8, LIST_CONDITIONAL, NOT_USED,
    ONE_AT_LEAST, PAIRED, REQUIRED, TEXT, WHOLE, ElementC, FormC, GuideC, NoteC, is_among, packed,
)
from scrubber.edi cimport MAX_ELEMENTS, PieceC, SegmentC
from scrubber.marks cimport lowest

cdef inline bint _is_plain(PieceC piece, uint8_t component) noexcept nogil:
    cdef int32_t i
    for i in range(piece.n):
        if piece.s[i] == component:
            return False
    return True


cdef inline bint _is_amount(PieceC piece, const ElementC* element) noexcept nogil:
    """Digits with at most one point in them, as long as the element may be."""
    cdef int32_t i, points = 0
    for i in range(piece.n):
        if piece.s[i] == 46 and i + 1 < piece.n and element.type == DECIMAL:
            points += 1
        elif not 48 <= piece.s[i] <= 57:
            return False
    return points <= 1 and element.shortest <= piece.n - points <= element.longest


cdef inline bint _is_value(const GuideC* guide, const ElementC* element, PieceC piece, uint8_t component, int forms,
                           bint separated) noexcept nogil:
    """Whether a value that is sent, and not blank, is right."""
    if element.asked:
        return False
    if element.type == TEXT or element.type == CODE:
        if piece.n < element.shortest or piece.n > element.longest or piece.s[piece.n - 1] == 32:
            return False
        if element.code_count:
            if not is_among(&guide.codes[element.first_code], element.code_count, packed(piece)):
                return False
        elif separated and not _is_plain(piece, component):
            return False
        return not (element.is_formed and forms) or is_of_form(piece, forms)
    if element.type == DECIMAL or element.type == WHOLE:
        if element.code_count and not is_among(&guide.codes[element.first_code], element.code_count, packed(piece)):
            return False
        return _is_amount(piece, element)
    if piece.n < element.shortest or piece.n > element.longest or element.code_count:
        return False
    return is_date(piece) if element.type == DATE else is_time(piece)


cdef inline bint _is_composite(const GuideC* guide, const ElementC* element, PieceC piece,
                               uint8_t component) noexcept nogil:
    """The same of a composite, of which something is sent."""
    cdef const ElementC* part
    cdef PieceC sent
    cdef int32_t i, start = 0, count = 0
    for i in range(piece.n + 1):
        if i < piece.n and piece.s[i] != component:
            continue
        if count >= element.part_count:
            return False
        part = &guide.elements[guide.parts[element.first_part + count]]
        count += 1
        if i == start:
            if part.usage == REQUIRED:
                return False
        else:
            sent.s = piece.s + start
            sent.n = i - start
            # Dates in a composite are left to the other.
            if part.usage == NOT_USED or part.forms or not _is_value(guide, part, sent, component, 0, False):
                return False
        start = i + 1
    return count >= element.needed


cdef bint is_right(const GuideC* guide, const FormC* form, const SegmentC* segment, uint8_t component) noexcept nogil:
    cdef const ElementC* element
    cdef const int32_t* parts = &guide.parts[form.first] - 1
    cdef uint64_t present = 0, left
    cdef int32_t i, count = segment.count
    cdef int forms = 0
    if count > form.count or count > MAX_ELEMENTS or segment.forbidden or segment.repetition_at:
        return False
    for i in range(1, count + 1):
        present |= <uint64_t>(segment.element[i].n > 0) << i
    if form.required & ~present or form.unused & present:
        return False
    left = present
    while left:
        i = lowest(left)
        left &= left - 1
        element = &guide.elements[parts[i]]
        if segment.element[i].s[0] == component:
            return False         # it may be blank
        if element.type == COMPOSITE:
            if not _is_composite(guide, element, segment.element[i], component):
                return False
            continue
        forms |= element.forms
        if form.dated and i == 3:
            forms = _form_of(segment.element[2])
            if forms == 0:
                return False
        if not _is_value(guide, element, segment.element[i], component, forms,
                         segment.component_at != 0 and i >= segment.component_at):
            return False
    return form.note_count == 0 or _is_together(guide, form, present)


cdef inline int _form_of(PieceC qualifier) noexcept nogil:
    """Of the two that nearly all dates have; the rest is left to the other."""
    if qualifier.n == 2 and qualifier.s[0] == c'D' and qualifier.s[1] == c'8':
        return FORM_D8
    if qualifier.n == 3 and qualifier.s[0] == c'R' and qualifier.s[1] == c'D' and qualifier.s[2] == c'8':
        return FORM_RD8
    return 0


cdef inline bint _is_together(const GuideC* guide, const FormC* form, uint64_t present) noexcept nogil:
    """Whether every syntax note is met by what is sent."""
    cdef const NoteC* note
    cdef uint64_t sent
    cdef int32_t i
    for i in range(form.note_count):
        note = &guide.notes[form.first_note + i]
        sent = present & note.all
        if note.kind == PAIRED:
            if sent != 0 and sent != note.all:
                return False
        elif note.kind == ONE_AT_LEAST:
            if sent == 0:
                return False
        elif note.kind == EXCLUDING:
            if sent & (sent - 1):
                return False
        elif sent & note.first:
            if note.kind == CONDITIONAL and sent != note.all:
                return False
            if note.kind == LIST_CONDITIONAL and sent == note.first:
                return False
    return True
