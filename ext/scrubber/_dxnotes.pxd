"""What tables say of a diagnosis beside others: the intervals of codes that the notes of its node and those above name."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from scrubber.run cimport MOST_NOTED, SET_WORDS, RunC

cdef enum:
    STRANGER_BITS = 13
    NEAR_WORDS = 5               # a bit for every letter and digit that a code may begin with
    FIRST_LETTER = 11            # A, as the symbols have it
    CODE_BITS = 37               # of a diagnosis: seven characters of 37
    BIT_PAIR = 1                 # excludes1, redundant, combination or symptom: it may make a pair
    BIT_AGAINST = 2              # excludes2
    BIT_FIRST = 4                # code_first
    BIT_ADDITIONAL = 8           # use_additional
    BIT_HISTORY = 16             # history

cdef enum Kind:
    NOTE_EXCLUDES1 = 0           # those of dx_relation, in its order
    NOTE_EXCLUDES2 = 1
    NOTE_CODE_FIRST = 2
    NOTE_USE_ADDITIONAL = 3
    NOTE_REDUNDANT = 4
    NOTE_COMBINATION = 5
    NOTE_SYMPTOM = 6
    NOTE_HISTORY = 7

cdef enum Reading:
    READ = 0
    PROSE = 1
    UNCLEAR = 2

cdef struct NoteC:
    int64_t low                  # the codes it names: low <= code <= high
    int64_t high
    int32_t row                  # of the edition
    int32_t number               # of the note; rows of one note share it
    uint8_t kind                 # Kind
    uint8_t level                # 0 code 1 section 2 chapter
    uint8_t place                # character that must lie between the next two; 0 none, 56 the sixth, else the fifth
    uint8_t first
    uint8_t last
    uint8_t reading              # Reading
    uint8_t optional
    uint8_t length               # characters of the node that owns it

# All notes of one code on the editions of a day.
cdef struct NotedC:
    int64_t code
    int32_t relations            # slot of the edition of dx_relation, -1 none
    int32_t map                  # slot of the edition of dx_map, -1 none
    int32_t next                 # in its hash chain
    int32_t start
    int32_t count
    int32_t flags                # of the Medicare Code Editor, on any day; -1 where a partial edition lacks the code
    uint8_t bits
    uint8_t plain                # in no set that a rule asks the first diagnosis of a line for
    uint64_t near[NEAR_WORDS]    # beginnings of the codes that a note which can make a pair names (near_bit)
    uint64_t sets[SET_WORDS]     # bit per set that holds the code on any day

cdef struct BookC:
    uint64_t* strangers          # a NotedC and a code that none of its notes which can make a pair names (slot_of)
    NotedC* noted
    NoteC* notes
    int32_t* buckets
    int32_t noted_count
    int32_t noted_room
    int32_t note_count
    int32_t note_room


cdef inline int near_bit(int64_t beginning) noexcept nogil:
    """The bit of a letter and a digit, as their symbol of width 2; -1 of anything else."""
    cdef int64_t first = beginning // 37 - FIRST_LETTER, second = beginning % 37 - 1
    return <int>(first * 10 + second) if 0 <= first < 26 and 0 <= second < 10 else -1


cdef BookC* new_book() except NULL
cdef void free_book(BookC* book) noexcept
# Gathers the notes of every diagnosis of a claim; from then on `noted_on` finds them.
cdef int prepare_notes(RunC* run, int32_t claim) except -1 nogil
# The number of a NotedC in the book of the run, for a diagnosis on a day.
cdef int32_t noted_on(const RunC* run, int64_t code, int32_t day) noexcept nogil
# The day on which the diagnoses of a claim are held against each other.
cdef int32_t related_day(const RunC* run, int32_t claim) noexcept nogil


cdef inline int32_t noted_of(const RunC* run, int32_t claim, int32_t dx) noexcept nogil:
    """The same for a diagnosis of the claim in hand."""
    cdef int32_t place = dx - run.batch.claims[claim].first_diagnosis
    if claim == run.dx_sets_of and place < MOST_NOTED:
        return run.dx_noted[place]
    return noted_on(run, run.batch.diagnoses[dx].code, related_day(run, claim))


cdef bint covers(const NoteC* note, int64_t code) noexcept nogil
