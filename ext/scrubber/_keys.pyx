"""Sequences of integers, each numbered once in the order in which they come."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

cdef enum:
    FIRST_ROOM = 256             # keys; slots are twice as many


cdef int init_keys(KeysC* keys) except -1:
    memset(keys, 0, sizeof(KeysC))
    keys.room = FIRST_ROOM
    keys.words_room = FIRST_ROOM
    keys.mask = 2 * FIRST_ROOM - 1
    keys.words = <int64_t*>malloc(FIRST_ROOM * sizeof(int64_t))
    keys.starts = <int64_t*>malloc((FIRST_ROOM + 1) * sizeof(int64_t))
    keys.hashes = <uint64_t*>malloc(FIRST_ROOM * sizeof(uint64_t))
    keys.slots = <uint32_t*>calloc(2 * FIRST_ROOM, sizeof(uint32_t))
    if keys.words == NULL or keys.starts == NULL or keys.hashes == NULL or keys.slots == NULL:
        free_keys(keys)
        raise MemoryError
    keys.starts[0] = 0
    return 0


cdef void free_keys(KeysC* keys) noexcept:
    free(keys.words)
    free(keys.starts)
    free(keys.hashes)
    free(keys.slots)
    memset(keys, 0, sizeof(KeysC))


cdef int64_t key_size(const KeysC* keys, int32_t number) noexcept nogil:
    return keys.starts[number + 1] - keys.starts[number]


cdef int32_t key_number(KeysC* keys, const int64_t* words, int64_t n) except -1 nogil:
    """The number of a key, a new one where it was not seen before."""
    cdef uint64_t hashed = _hash(words, n)
    cdef uint64_t at = hashed & keys.mask
    cdef int32_t number
    while keys.slots[at] != 0:
        number = <int32_t>(keys.slots[at] - 1)
        if keys.hashes[number] == hashed and key_size(keys, number) == n and (
                memcmp(keys.words + keys.starts[number], words, n * sizeof(int64_t)) == 0):
            return number
        at = (at + 1) & keys.mask
    if keys.count == keys.room or keys.used + n > keys.words_room:
        _grow(keys, n)
        at = _free_slot(keys, hashed)
    number = keys.count
    memcpy(keys.words + keys.used, words, n * sizeof(int64_t))
    keys.used += n
    keys.count += 1
    keys.starts[keys.count] = keys.used
    keys.hashes[number] = hashed
    keys.slots[at] = <uint32_t>number + 1
    return number


cdef uint64_t _hash(const int64_t* words, int64_t n) noexcept nogil:
    cdef uint64_t h = <uint64_t>n
    cdef int64_t i
    for i in range(n):
        h = (h ^ <uint64_t>words[i]) * <uint64_t>0x9E3779B97F4A7C15
        h ^= h >> 29
    return h


cdef uint64_t _free_slot(const KeysC* keys, uint64_t hashed) noexcept nogil:
    cdef uint64_t at = hashed & keys.mask
    while keys.slots[at] != 0:
        at = (at + 1) & keys.mask
    return at


cdef int _grow(KeysC* keys, int64_t n) except -1 nogil:
    """Makes room for one more key of n integers. What fails leaves the keys as they were."""
    cdef int64_t words_room = keys.words_room
    cdef int32_t room = 2 * keys.room, i
    cdef void* words
    cdef void* starts
    cdef void* hashes
    cdef uint32_t* slots
    if keys.used + n > words_room:
        while keys.used + n > words_room:
            words_room *= 2
        words = realloc(keys.words, <size_t>words_room * sizeof(int64_t))
        if words == NULL:
            with gil:
                raise MemoryError
        keys.words = <int64_t*>words
        keys.words_room = words_room
    if keys.count < keys.room:
        return 0
    starts = realloc(keys.starts, (<size_t>room + 1) * sizeof(int64_t))
    if starts != NULL:
        keys.starts = <int64_t*>starts
    hashes = realloc(keys.hashes, <size_t>room * sizeof(uint64_t))
    if hashes != NULL:
        keys.hashes = <uint64_t*>hashes
    slots = <uint32_t*>calloc(2 * <size_t>room, sizeof(uint32_t))
    if starts == NULL or hashes == NULL or slots == NULL:
        free(slots)
        with gil:
            raise MemoryError
    free(keys.slots)
    keys.slots = slots
    keys.mask = 2 * <uint64_t>room - 1
    keys.room = room
    for i in range(keys.count):
        slots[_free_slot(keys, keys.hashes[i])] = <uint32_t>i + 1
    return 0
