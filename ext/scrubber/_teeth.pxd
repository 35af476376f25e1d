"""What only dental claims say: services on teeth, orthodontics, teeth that are missing."""

from scrubber._bills cimport Bills

cdef class Teeth(Bills):
    cdef int _dental_service(self) except -1 nogil
    cdef int _few(self, int element, const char* letters) except -1 nogil
    cdef int _tooth(self) except -1 nogil
    cdef int _orthodontics(self) except -1 nogil
    cdef int _tooth_status(self) except -1 nogil
