"""Elements of one segment against what the guide says of them: usage, length, character, code, date, syntax notes.

Source: 005010X222A1 and 005010X223A2 (usage, codes), X12.5 and X12.6 (lengths, types, syntax notes); the order of the
checks, and which of them end the others, is the one of pyx12's map_if.
"""

from libc.stdint cimport int32_t, uint8_t
from libc.string cimport memchr, memcpy, memset

from scrubber._breaches cimport (
    BAD_CHARACTER, BAD_CODE, BAD_DATE, BAD_TIME, CONDITION_MISSED, ELEMENT_MISSING, ELEMENT_NOT_USED, ELEMENT_PATTERN,
    ELEMENTS_WRONG, EXCLUDED, TOO_LONG, TOO_MANY_COMPONENTS, TOO_MANY_ELEMENTS, TOO_MANY_REPEATS, TOO_SHORT, BreachC,
)
from scrubber._datatypes cimport (
    digits_long, has_nine_digits, holds_control, is_date, is_decimal, is_of_form, is_remark_code, is_text, is_time,
    is_whole,
)
from scrubber._guide cimport (
    CODE, COMPOSITE, CONDITIONAL, DATE, DECIMAL, EXCLUDING, FORM_D6, FORM_D8, FORM_DT, FORM_RD8, FORM_TM,
    LIST_CONDITIONAL, NINE_DIGITS, NOT_USED, ONE_AT_LEAST, PAIRED, REMARK_CODE, REQUIRED, TEXT, TIME, WHOLE, ElementC,
    FormC, NoteC, is_among, packed,
)
from scrubber.edi cimport MAX_ELEMENTS, PieceC, SegmentC, next_component, same


cdef int _form_of(PieceC qualifier) noexcept nogil:
    """Which form a qualifier of a date (data element 1250) names; 0 none of those that can be told."""
    if same(qualifier, b"D8"):
        return FORM_D8
    if same(qualifier, b"RD8"):
        return FORM_RD8
    if same(qualifier, b"TM"):
        return FORM_TM
    if same(qualifier, b"DT"):
        return FORM_DT
    return FORM_D6 if same(qualifier, b"D6") else 0


cdef class Elements:
    cdef int tell(self, int code) except -1 nogil:
        """A breach at the place at hand."""
        cdef BreachC* one = self.breaches.add()
        if one != NULL:
            memcpy(one, &self.place, sizeof(BreachC))
            one.code = code
        return 0

    cdef int check(self, const FormC* form) except -1 nogil:
        """Tells what is wrong with the elements of the segment at hand, which is of this form."""
        cdef SegmentC* segment = self.segment
        cdef const ElementC* element
        cdef PieceC none
        cdef int32_t i
        none.s = NULL
        none.n = 0
        self.dated = 0
        self.separated = self.mended or segment.component_at != 0
        if segment.count > form.count:
            self.place.element = form.count + 1
            self._told(NULL, TOO_MANY_ELEMENTS)
        for i in range(1, form.count + 1):
            element = &self.guide.elements[self.guide.parts[form.first + i - 1]]
            self.place.element = i
            if i > segment.count or i > MAX_ELEMENTS:
                if element.usage == REQUIRED:
                    self._told(element, ELEMENT_MISSING)
                continue
            if element.forms:
                self.dated |= element.forms
            if form.dated and i == 3:
                self.dated = _form_of(segment.element[2])
            self._element(element, segment.element[i], element.type != COMPOSITE)
        self.place.element = 0
        return self._notes(form) if form.note_count else 0

    cdef int _element(self, const ElementC* element, PieceC piece, bint simple) except -1 nogil:
        """One element as it is sent, with its repetitions and components."""
        cdef PieceC rest = piece
        cdef int32_t repeats = 0
        if self.segment.repetition_at == 0 or self.repetition == 0 or piece.n == 0:
            return self._value(element, piece) if simple else self._composite(element, piece)
        while next_component(&rest, self.repetition, &piece):
            repeats += 1
            if repeats > max(element.repeat, 1):
                self.place.repeat = repeats
                self._told(element, TOO_MANY_REPEATS)
                break
            self.place.repeat = repeats if element.repeat > 1 else 0
            if simple:
                self._value(element, piece)
            else:
                self._composite(element, piece)
        self.place.repeat = 0
        return 0

    cdef int _composite(self, const ElementC* element, PieceC piece) except -1 nogil:
        """A composite: its components, of those that are sent and those that are not."""
        cdef const ElementC* part
        cdef PieceC rest = piece, sent
        cdef int32_t i
        cdef bint more = True
        if _is_blank(piece, self.component):
            return self._told(element, ELEMENT_MISSING) if element.usage == REQUIRED else 0
        if element.usage == NOT_USED:
            return self._told(element, ELEMENT_NOT_USED)
        self.dated = 0
        for i in range(element.part_count):
            part = &self.guide.elements[self.guide.parts[element.first_part + i]]
            more = more and next_component(&rest, self.component, &sent)
            if not more:
                sent.n = 0
            if part.forms:
                self.dated = _form_of(sent)
            self.place.component = i + 1
            self._value(part, sent)
        if more and rest.s != NULL:
            self.place.component = element.part_count + 1
            self._told(NULL, TOO_MANY_COMPONENTS)
        self.place.component = 0
        return 0

    cdef int _value(self, const ElementC* element, PieceC piece) except -1 nogil:
        """One value: a simple element, or a component."""
        cdef int32_t n = piece.n
        if n == 0:
            return self._told(element, ELEMENT_MISSING) if element.usage == REQUIRED else 0
        if self.separated and memchr(piece.s, self.component, n) != NULL:
            return self._told(element, TOO_MANY_COMPONENTS)
        if element.usage == NOT_USED:
            return self._told(element, ELEMENT_NOT_USED)
        if element.type == WHOLE or element.type == DECIMAL:
            n = digits_long(piece)
        if n < element.shortest:
            self._told(element, TOO_SHORT)
        if n > element.longest:
            self._told(element, TOO_LONG)
        if self.segment.forbidden and holds_control(piece):
            return self._told(element, BAD_CHARACTER)
        if piece.s[piece.n - 1] == 32 and (element.type == TEXT or element.type == CODE):
            if _without_blanks(piece) >= element.shortest:
                self._told(element, BAD_CHARACTER)
        if element.code_count:
            if not is_among(&self.guide.codes[element.first_code], element.code_count, packed(piece)):
                self._told(element, BAD_CODE)
        self._type(element, piece)
        if element.is_formed and self.dated and not is_of_form(piece, self.dated):
            if self.dated & FORM_TM:
                self._told(element, BAD_TIME)
            elif self.dated & (FORM_D8 | FORM_RD8 | FORM_D6 | FORM_DT):
                self._told(element, BAD_DATE)
        if element.asked == NINE_DIGITS and not has_nine_digits(piece):
            self._told(element, ELEMENT_PATTERN)
        elif element.asked == REMARK_CODE and not is_remark_code(piece):
            self._told(element, BAD_CODE)
        return 0

    cdef int _type(self, const ElementC* element, PieceC piece) except -1 nogil:
        if element.type == TEXT or element.type == CODE:
            if self.segment.forbidden and not is_text(piece):
                self._told(element, BAD_CHARACTER)
        elif element.type == WHOLE:
            if not is_whole(piece):
                self._told(element, BAD_CHARACTER)
        elif element.type == DECIMAL:
            if not is_decimal(piece):
                self._told(element, BAD_CHARACTER)
        elif element.type == DATE:
            if not is_date(piece):
                self._told(element, BAD_DATE)
        elif element.type == TIME and not is_time(piece):
            self._told(element, BAD_TIME)
        return 0

    cdef int _told(self, const ElementC* element, int code) except -1 nogil:
        """A breach of an element; NULL is one that the guide does not have."""
        self.place.element_code = code
        if element != NULL:
            memcpy(self.place.reference, element.reference, 4)
        self.tell(ELEMENTS_WRONG)
        self.place.element_code = 0
        memset(self.place.reference, 0, 4)
        return 0

    # Syntax notes: which elements are sent together.

    cdef int _notes(self, const FormC* form) except -1 nogil:
        cdef const NoteC* note
        cdef int32_t i, k, sent, first, absent, second
        cdef bint present
        for i in range(form.note_count):
            note = &self.guide.notes[form.first_note + i]
            sent = 0
            absent = 0           # the first element after the first one that is not sent
            second = 0           # the second one that is sent
            first = self._is_sent(note.elements[0])
            for k in range(note.count):
                present = self._is_sent(note.elements[k])
                sent += present
                if present and sent == 2:
                    second = note.elements[k]
                if not present and not absent and (k or note.kind == PAIRED):
                    absent = note.elements[k]
            if note.kind == PAIRED and 0 < sent < note.count:
                self._missed(form, absent, CONDITION_MISSED)
            elif note.kind == ONE_AT_LEAST and sent == 0:
                self._missed(form, note.elements[0], CONDITION_MISSED)
            elif note.kind == EXCLUDING and sent > 1:
                self._missed(form, second, EXCLUDED)
            elif note.kind == CONDITIONAL and first and sent < note.count:
                self._missed(form, absent, CONDITION_MISSED)
            elif note.kind == LIST_CONDITIONAL and first and sent == 1:
                self._missed(form, note.elements[1], CONDITION_MISSED)
        return 0

    cdef int _missed(self, const FormC* form, int element, int code) except -1 nogil:
        """A syntax note that is not met, told at one element of it."""
        self.place.element = element
        self._told(&self.guide.elements[self.guide.parts[form.first + element - 1]] if element <= form.count else NULL,
                   code)
        self.place.element = 0
        return 0

    cdef bint _is_sent(self, int element) noexcept nogil:
        if element > self.segment.count or element > MAX_ELEMENTS:
            return False
        return not _is_blank(self.segment.element[element], self.component)


cdef bint _is_blank(PieceC piece, uint8_t separator) noexcept nogil:
    """Whether nothing but separators is sent."""
    cdef int32_t i
    for i in range(piece.n):
        if piece.s[i] != separator:
            return False
    return True


cdef int32_t _without_blanks(PieceC piece) noexcept nogil:
    while piece.n and piece.s[piece.n - 1] == 32:
        piece.n -= 1
    return piece.n
