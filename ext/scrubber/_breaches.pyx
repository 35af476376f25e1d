"""What a set breaks of its guide, as a growing array of records; a Breach is made of one when it is read."""

cimport cython
from libc.stdint cimport int32_t
from libc.stdlib cimport free
from libc.string cimport memcpy, memset

from scrubber.edi cimport id_of
from scrubber.grow cimport grow

from scrubber.syntax import Breach

SEGMENT_CODES = {SEGMENT_NOT_USED: "I4"}
ELEMENT_CODES = {ELEMENT_RIGHT: "", ELEMENT_NOT_USED: "I10", ELEMENT_PATTERN: "I12"}


@cython.final
cdef class Breaches:
    """The breaches of some inputs, in file order, as a sequence of Breach.

    Attributes:
        beyond: How many there are more than are kept.
        unguided: Sets that no guide is known of: file, interchange, group and set, each from 0, and their version.
    """

    def __cinit__(self):
        self.unguided = []

    def __dealloc__(self):
        free(self.items)

    cdef BreachC* add(self) except? NULL nogil:
        """Room for one more, zeroed; NULL where no more are kept."""
        if self.count >= KEPT:
            self.beyond += 1
            return NULL
        grow(<void**>&self.items, &self.room, self.count, sizeof(BreachC))
        memset(&self.items[self.count], 0, sizeof(BreachC))
        self.count += 1
        return &self.items[self.count - 1]

    def extend(self, Breaches other not None, int32_t sets, int32_t claims):
        """Appends those of the rest of a file, read apart.

        Args:
            sets, claims: How many stand before it, and were not counted in it.
        """
        cdef BreachC* one
        cdef int32_t i
        for i in range(other.count):
            one = self.add()
            if one != NULL:
                memcpy(one, &other.items[i], sizeof(BreachC))
                one.set += sets
                one.claim += claims if one.claim else 0
        self.beyond += other.beyond
        self.unguided.extend((file, interchange, group, number + sets, version)
                             for file, interchange, group, number, version in other.unguided)

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self._made(i) for i in range(*index.indices(self.count))]
        if index < 0:
            index += self.count
        if not 0 <= index < self.count:
            raise IndexError(index)
        return self._made(index)

    def __iter__(self):
        return map(self._made, range(self.count))

    def __repr__(self):
        return f"<{self.count + self.beyond} breaches>"

    def _made(self, int32_t index):
        """One as a record."""
        cdef const BreachC* one = &self.items[index]
        cdef char tag[4]
        id_of(one.tag, tag)
        return Breach(
            one.file, one.interchange, one.group, one.set, one.segment, tag.decode("ascii", "replace"),
            one.loop[:8].rstrip(b"\0").decode("ascii"), SEGMENT_CODES.get(one.code, str(one.code)), one.element,
            one.component, one.repeat, one.reference[:4].rstrip(b"\0").decode("ascii"),
            ELEMENT_CODES.get(one.element_code, str(one.element_code)), one.claim)

