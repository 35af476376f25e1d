"""What only dental claims say: services on teeth, orthodontics, teeth that are missing.

No rule asks which tooth it is: what is wrong with the way teeth are told becomes a note, the rest is not kept.

Source: ASC X12N 005010X224A2; numbers of loops and elements as there.
"""

from libc.stdint cimport int64_t
from libc.string cimport memchr

from scrubber._bills cimport Bills
from scrubber._notes cimport AT_CLAIM, symbol_of
from scrubber.common cimport begun_line, read_charge, read_units
from scrubber.edi cimport NO_NUMBER, PieceC, SegmentC, amount, next_component, same, trimmed
from scrubber.pack cimport WIDTH_POS
from scrubber.structs cimport UNITS, LineC
from scrubber.words cimport (
    V_DEFECT_CLASS_ELEMENT, V_DEFECT_CLASS_QUALIFIER, V_DEFECT_CLASS_SEGMENT, V_DEFECT_CLASS_USAGE,
)

cdef enum:
    FEW = 5                      # surfaces of a tooth, areas of the mouth


cdef class Teeth(Bills):
    cdef int _dental_service(self) except -1 nogil:
        """SV3. Without a quantity the service was done once."""
        cdef const SegmentC* segment = self.segment
        cdef LineC* line = begun_line(self)
        cdef PieceC piece
        if line == NULL:
            return 0
        self._procedure(line, 1)
        read_charge(self, line, 2)
        line.pos = <int>symbol_of(self, segment.element[3], WIDTH_POS)
        self._few(4, NULL)
        piece = trimmed(segment.element[5])
        if piece.n and not same(piece, b"I") and not same(piece, b"R"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 5, 0)
        line.unit_kind = UNITS
        line.units_milli = 1000
        if trimmed(segment.element[6]).n:
            read_units(self, line, 6)
        self._pointers(line, 11)
        return 0

    cdef int _few(self, int element, const char* letters) except -1 nogil:
        """Notes what a composite has beyond its five components, and components that are none of the letters."""
        cdef PieceC rest = trimmed(self.segment.element[element])
        cdef PieceC part
        cdef int count = 0
        if rest.n == 0:
            return 0
        while next_component(&rest, self.delimiters.component, &part):
            count += 1
            part = trimmed(part)
            if count > FEW:
                return self.note(V_DEFECT_CLASS_USAGE, element, count)
            if letters != NULL and part.n and (part.n > 1 or memchr(letters, part.s[0], 7) == NULL):
                self.note(V_DEFECT_CLASS_QUALIFIER, element, count)
        return 0

    cdef int _tooth(self) except -1 nogil:
        """TOO of a line: a tooth and its surfaces."""
        if self.line < 0:
            return 0 if self.claim < 0 else self.note(V_DEFECT_CLASS_SEGMENT, 0, 0)
        if not same(trimmed(self.segment.element[1]), b"JP"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 1, 0)
        return self._few(3, b"BDFILMO")

    cdef int _orthodontics(self) except -1 nogil:
        """DN1: months of treatment, and those that are left."""
        cdef int64_t value
        cdef int i
        for i in range(1, 3):
            if amount(self.segment.element[i], 0, &value) == NO_NUMBER:
                self.note(V_DEFECT_CLASS_ELEMENT, i, 0)
        return 0

    cdef int _tooth_status(self) except -1 nogil:
        """DN2: a tooth that is missing, or to be extracted."""
        cdef PieceC status = trimmed(self.segment.element[2])
        if self.claim < 0 or self.place != AT_CLAIM:
            return self.note(V_DEFECT_CLASS_SEGMENT, 0, 0)
        if trimmed(self.segment.element[1]).n == 0:
            self.note(V_DEFECT_CLASS_USAGE, 1, 0)
        if not same(status, b"E") and not same(status, b"M"):
            self.note(V_DEFECT_CLASS_QUALIFIER, 2, 0)
        return 0
