"""A guide as arrays: loops and segments in the order in which they may come, and what each element must be."""

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from scrubber.edi cimport PieceC

cdef enum:
    MAX_NODES = 512          # loops and segments of a guide
    TAGS = 256
    FEW = 8                  # codes that are looked at one after the other

cdef enum Usage:
    NOT_USED = 0
    SITUATIONAL = 1
    REQUIRED = 2

cdef enum DataType:
    COMPOSITE = 0
    TEXT = 1                 # AN
    CODE = 2                 # ID
    WHOLE = 3                # N0
    DECIMAL = 4              # R
    DATE = 5                 # DT
    TIME = 6                 # TM

# What else an element must be.
cdef enum Asked:
    NOTHING = 0
    NINE_DIGITS = 1          # somewhere in it
    REMARK_CODE = 2

# What data element 1250 says of the form of a date; in a word, what it may say.
cdef enum Form:
    FORM_D8 = 1
    FORM_RD8 = 2
    FORM_D6 = 4
    FORM_DT = 8
    FORM_TM = 16
    FORM_OTHER = 32

# Where the code stands by which segments of one id are told apart.
cdef enum Key:
    NO_KEY = 0
    FIRST_ELEMENT = 1
    FIRST_COMPONENT = 2
    THIRD_ELEMENT = 3
    KEYS = 4

cdef enum Note:
    PAIRED = 1               # P: all or none
    ONE_AT_LEAST = 2         # R
    EXCLUDING = 3            # E: one at most
    CONDITIONAL = 4          # C: with the first all others
    LIST_CONDITIONAL = 5     # L: with the first one of the others

cdef struct ElementC:
    uint8_t usage
    uint8_t type
    uint8_t asked
    uint8_t forms            # of data element 1250, which its codes allow
    bint is_formed           # data element 1251
    int32_t shortest
    int32_t longest
    int32_t first_code       # of `codes`
    int32_t code_count       # 0 any
    int32_t first_part       # of `parts`, of a composite
    uint8_t part_count
    uint8_t needed           # components up to the last that is required
    uint8_t repeat           # of a composite
    char reference[4]        # number of the data element, zero-padded

cdef struct NoteC:
    uint8_t kind             # Note
    uint8_t count
    uint8_t elements[6]
    uint64_t all             # the elements as bits
    uint64_t first           # the first of them

cdef struct FormC:           # a segment, wherever it may stand
    uint32_t tag
    int32_t first            # of `parts`
    uint8_t count
    uint8_t key              # Key
    bint dated               # a DTP: its second element says what its third is
    uint64_t required        # elements, as bits from 1 on
    uint64_t unused
    int32_t first_code       # of the key
    int32_t code_count
    int32_t first_note
    int32_t note_count

cdef struct NodeC:
    bint is_loop
    uint8_t usage
    bint in_claim            # a loop 2300, or in one
    int16_t parent           # -1 of the whole
    int16_t end              # the first node that is not in it
    int16_t form             # of a segment; of a loop, of its first segment, -1 if it begins with a loop
    int16_t way              # what may come after it: of `ways`
    int32_t position
    uint16_t most            # 0 any number
    char loop[8]             # id of the loop, its own or the one that it stands in; "" where it has none in the guide

cdef struct WayC:
    int16_t loop             # node
    int16_t around           # the way on behind that loop, in the one around it; -1 none
    int32_t position         # the first that is not passed

cdef struct GuideC:
    NodeC nodes[MAX_NODES]
    int32_t node_count
    FormC* forms
    int32_t form_count
    ElementC* elements
    int32_t* parts           # numbers of elements, of segments and of composites
    NoteC* notes
    uint64_t* codes          # ascending within a list
    # The ways on from a place in a loop: for each id of a segment the nodes that it may be or that it would pass over.
    WayC* ways
    int32_t way_count
    uint8_t tags[TAGS]       # by hash of an id: its number, from 1; 0 none
    uint32_t tag[TAGS]       # by number
    int32_t tag_count
    uint16_t* starts         # by way and number of the id: of `steps`
    int16_t* steps           # nodes, -1 ends them
    int32_t step_count
    int32_t step_room


cdef inline uint32_t hash_of(uint32_t tag) noexcept nogil:
    """A number below TAGS, another one for each id of the guides."""
    return (tag * <uint32_t>0xF3C64AF7) >> 24


cdef inline int32_t number_of(const GuideC* guide, uint32_t tag) noexcept nogil:
    """Number of a segment's id; 0 where the guide has none such, which passes over what is required all the same."""
    cdef int32_t number = guide.tags[hash_of(tag)]
    return number if guide.tag[number] == tag else 0


cdef inline uint64_t packed(PieceC piece) noexcept nogil:
    """A code as a number; unlike codes give unlike ones up to eight bytes, and longer ones hardly ever the same."""
    cdef uint64_t code = 0
    cdef int32_t i
    if piece.n <= 8:
        for i in range(piece.n):
            code = code << 8 | piece.s[i]
        return code
    for i in range(piece.n):
        code = (code ^ piece.s[i]) * <uint64_t>1099511628211
    return code | <uint64_t>1 << 63


cdef inline bint is_among(const uint64_t* codes, int32_t count, uint64_t code) noexcept nogil:
    """Whether a code is one of an ascending list; of none, none is."""
    cdef int32_t low = 0, middle
    if count <= FEW:
        for middle in range(count):
            if codes[middle] == code:
                return True
        return False
    # Without a branch that could be guessed wrong: one half goes, whichever it is.
    while count > 1:
        middle = count // 2
        low = low + middle if codes[low + middle] <= code else low
        count -= middle
    return codes[low] == code


cdef class Guide:
    cdef GuideC c
    cdef readonly tuple versions
    cdef readonly str name
    cdef readonly str made_of
    cdef list _lay_codes(self, list codes)
    cdef int _lay_elements(self, list rows, list codes, list starts, int32_t part) except -1
    cdef int _lay_forms(self, list rows) except -1
    cdef int _lay_tags(self) except -1
    cdef int _lay_ways(self) except -1
    cdef int _way(self, int loop, int32_t position) except -1
    cdef int _lay_steps(self, int way, int number) except -1
    cdef int _step(self, int node) except -1
    cdef bint _leads(self, int node, uint32_t tag) noexcept
    cdef int _lay_node(self, list row, int parent, bytes loop, bint in_claim) except -1
