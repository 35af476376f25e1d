"""Sequences of integers, each numbered once."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef struct KeysC:
    int64_t* words               # of all keys, one after the other
    int64_t* starts              # by number: where its words begin
    uint64_t* hashes             # by number
    uint32_t* slots              # by hash: number and 1; 0 is free
    uint64_t mask
    int64_t used, words_room
    int32_t count, room

cdef int init_keys(KeysC* keys) except -1
cdef void free_keys(KeysC* keys) noexcept
cdef int32_t key_number(KeysC* keys, const int64_t* words, int64_t n) except -1 nogil
cdef int64_t key_size(const KeysC* keys, int32_t number) noexcept nogil
