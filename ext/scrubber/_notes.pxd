"""The state of a reader of 837, and what is wrong with the claims it reads."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

from scrubber._batch cimport BatchC, ClaimBatch
from scrubber.edi cimport DelimitersC, PieceC, SegmentC, trimmed
from scrubber.pack cimport pack
from scrubber.structs cimport ClaimC, DefectC, LineC, ProviderC, TextC

cdef enum:
    MAX_PENDING = 16
    MAX_DEFECTS = 100
    PAYER_CACHE = 256            # payers kept at hand, a power of two
    PAYER_PLACES = 8             # where one of them may stand, from the place of its hash
    PAYER_ID = 56                # bytes of an id that is kept; so one takes a line of memory

# Where in the set the next segment belongs.
cdef enum Place:
    AT_HEADER = 0
    AT_BILLING = 1
    AT_SUBSCRIBER = 2
    AT_DEPENDENT = 3
    AT_CLAIM = 4
    AT_OTHER = 5
    AT_LINE = 6
    AT_ADJUDICATION = 7

# What an institutional claim lists in HI, each in segments of its own.
cdef enum CodeList:
    DIAGNOSES = 0                # principal and other
    ADMITTING = 1
    REASONS = 2                  # for the visit
    EXTERNAL = 3                 # causes
    PROCEDURES = 4
    SPANS = 5
    OCCURRENCES = 6
    VALUES = 7
    CONDITIONS = 8
    TREATMENTS = 9
    GROUPS = 10                  # diagnosis-related
    CODE_LISTS = 11

# Why a claim is set aside; PROBLEMS has the sentence for each.
cdef enum Problem:
    NO_PROBLEM = 0
    NO_ID = 1
    BAD_TOTAL = 2
    NO_FACILITY = 3
    NO_LINES = 4
    NO_SERVICE = 5
    TWO_SERVICES = 6
    SERVICE_WITHOUT_LINE = 7
    OTHER_SERVICE = 8
    BAD_CHARGE = 9
    BAD_UNITS = 10
    NO_DATE = 11
    BAD_DATE = 12
    TOO_LONG = 13
    CUT = 14
    UNCLOSED = 15
    OUTSIDE = 16
    MERGED = 17
    PREDETERMINED = 18

cdef struct PersonC:
    uint8_t last[64]
    uint8_t first[40]
    int32_t last_n
    int32_t first_n
    int32_t birth
    int32_t death
    uint8_t sex
    uint8_t sex_fault    # index of patient.sex_fault
    uint8_t organization  # NM102 = 2
    uint8_t relation_sent  # PAT01 of a dependent, SBR02 of the subscriber
    uint8_t relation_self  # it says that the patient is the subscriber

cdef struct SubscriberC:
    PersonC person
    uint8_t member[80]
    int32_t member_n
    int32_t payer        # -1 not yet known
    int64_t filing_code
    int64_t msp_type
    uint8_t responsibility
    uint8_t relation_self

cdef struct PayerC:
    int32_t number       # of the batch, from 1; 0 free
    int32_t n
    uint8_t id[PAYER_ID]

cdef struct TroubleC:
    int32_t problem      # Problem
    int32_t segment
    int32_t element      # 0 the whole segment
    char id[4]
    char loop[8]


# An index as it is; MemoryError when there was no room for it.
cdef int32_t index_of(int32_t index) except -1 nogil
cdef str word_of(const uint8_t* s, int32_t n)
cdef str unread_set(str kind, str guide, int32_t claims)


cdef class Notes:
    cdef ClaimBatch batch
    cdef BatchC* c
    cdef int32_t file
    cdef int32_t as_of
    cdef DelimitersC delimiters
    cdef const SegmentC* segment      # the one at hand
    cdef const char* loop
    cdef int kind                     # ClaimKind of the set
    cdef int place
    cdef int32_t level_place          # AT_BILLING, AT_SUBSCRIBER or AT_DEPENDENT: where CLM was met
    cdef int32_t sent_day             # BHT04
    cdef int32_t claims               # CLM segments met in the file
    cdef int32_t set_aside
    cdef int32_t tells                # records of what was set aside
    cdef int32_t claim                # -1 none open
    cdef int32_t line                 # -1 none open
    cdef int32_t line_segment
    cdef int32_t lines_before         # LX met in the claim
    cdef bint service                 # SV1 met in the line
    cdef bint date                    # DTP*472 met in the line
    cdef bint stay                    # CL1 met in the claim
    cdef bint left                    # DTP*096, the hour of discharge, met in the claim
    cdef bint planned                 # CLM19: nothing of it was done yet
    cdef int32_t from_day             # dental: DTP*472 of the claim, for lines without; NO_DAY
    cdef int32_t thru_day
    cdef int32_t listed[CODE_LISTS]   # institutional: codes of the claim, by list
    cdef int32_t other
    cdef int32_t adjudication
    cdef int32_t provider             # the one N3, N4, PRV and REF are about; -1 none
    cdef int32_t billing
    cdef int64_t billing_taxonomy
    cdef SubscriberC subscriber
    cdef PersonC dependent
    cdef uint8_t address[256]
    cdef int32_t address_n
    cdef TroubleC trouble
    cdef int32_t spoiled              # segment of the level that was too long to read; 0 none
    cdef DefectC pending[MAX_PENDING]
    cdef int32_t pending_count
    cdef int32_t suppressed           # defects of the claim beyond MAX_DEFECTS
    cdef int32_t isa_segment
    cdef bint separator_told
    cdef PayerC payers[PAYER_CACHE]
    cdef int32_t claim_segment        # number of the open claim's CLM
    cdef int32_t envelope_count       # envelope defects of the file
    cdef int32_t envelope_last        # the last of them

    cdef int too_many(self, int64_t expected, int64_t found) except -1 nogil
    cdef int note(self, int cls, int element, int part) except -1 nogil
    cdef int note_at(self, const SegmentC* segment, uint32_t tag, int cls, int element, int part) except -1 nogil
    cdef int mend_separator(self, PieceC piece) except -1 nogil
    cdef int64_t odd_symbol(self, PieceC piece, int width) except? -1 nogil
    cdef TextC text(self, PieceC piece) noexcept nogil
    cdef int32_t payer(self, PieceC piece) except -1 nogil
    cdef int32_t one_day(self, PieceC value, int element) except? -1 nogil
    cdef int64_t money(self, PieceC value, int element) except? -1 nogil
    cdef DefectC _defect(self, int scope, int cls, int element, int part) noexcept nogil
    cdef int _keep(self, DefectC* defect) except -1 nogil
    cdef int _keep_or_wait(self, DefectC* defect) except -1 nogil
    cdef int _tell_trouble(self, ClaimC* claim) except -1
    cdef int envelope(self, int scope, int cls, int32_t number, const char* id, int element, int64_t expected,
                      int64_t found) except -1 nogil
    cdef int count_aside(self, const SegmentC* segment, int problem) except -1 nogil
    cdef void spoil(self, int problem, int element) noexcept nogil
    cdef int tell(self, str claim_id, int32_t position, int32_t segment, str loop, str element,
                  str problem) except -1


cdef inline int64_t symbol_of(Notes notes, PieceC piece, int width) except? -1 nogil:
    cdef int64_t packed
    if piece.n == 0:
        return 0
    piece = trimmed(piece)
    packed = pack(piece.s, piece.n, width)
    return packed if packed >= 0 else notes.odd_symbol(piece, width)
