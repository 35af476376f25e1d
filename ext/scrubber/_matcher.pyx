"""The pattern of a whole text, matched without Python where it is simple."""

import re

from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memset

from scrubber.automaton import automaton


cdef bint takes(const MatcherC* matcher, const uint8_t* s, int64_t n) noexcept nogil:
    cdef int state = 0
    cdef int64_t i
    for i in range(n):
        state = matcher.steps[state * matcher.width + matcher.classes[s[i] - 32 if c'a' <= s[i] <= c'z' else s[i]]]
    return matcher.accepts[state]


cdef class Matcher:
    """The pattern of a whole text in capitals.

    Args:
        pattern: A regular expression.
    """

    def __cinit__(self, str pattern):
        cdef bytes encoded = pattern.encode()
        memset(&self.c, 0, sizeof(MatcherC))
        self.c.owner = <void*>self
        self._compiled = re.compile(encoded)
        self._automaton = found = automaton(encoded)
        if found is not None:
            self.c.classes = found.classes
            self.c.steps = found.steps
            self.c.accepts = found.accepts
            self.c.width = max(found.classes) + 1

    cdef bint matches(self, const uint8_t* s, int64_t n) except -1:
        """As `re` says."""
        return self._compiled.fullmatch((<bytes>s[:n]).upper()) is not None

    @property
    def is_simple(self):
        """Whether it is matched without Python."""
        return self.c.steps != NULL

    def fullmatch(self, bytes text):
        """Whether the whole of a text in capitals is what the pattern takes."""
        return takes(&self.c, text, len(text)) if self.c.steps != NULL else self.matches(text, len(text))
