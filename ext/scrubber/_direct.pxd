"""Attributes that are a field of a struct, as they stand there."""

from scrubber.run cimport DirectC

# Sets the place of each attribute; those that have to be computed are COMPUTED.
cdef void fill_direct(DirectC* direct) noexcept
