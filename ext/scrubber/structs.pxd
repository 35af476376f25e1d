"""Every struct of the compiled path, with unit and range of each field.

Conventions, everywhere below:

* A *day* is int32 days since 1970-01-01; NO_DAY where the claim sends none (or none that is a date).
* Money is int64 cents. Units are int64 thousandths (`*_milli`).
* A *symbol* is an int64: up to 12 characters of 0-9A-Z packed in base 37 (five fit into an int32), left-aligned
  to the width of its kind (pack.pxd), so that symbols of one kind sort as their text does; 0 is absent. A value
  that cannot be packed (other characters, too long) is a negative symbol: -(index + 1) into the batch's `odd` texts. No
  table and no set ever matches a negative symbol.
* A *text* is an offset and a length into the batch's arena of bytes; length 0 is absent.
* Indices are int32 into the array of that kind in the batch; -1 is none.
* One claim's lines, diagnoses, providers, authorization numbers, other payers and defects are contiguous.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

cdef enum:
    NO_DAY = -2147483648
    FIRST_ICD10 = 16709      # 2015-10-01: since then no claim may carry ICD-9-CM
    MAX_MODIFIERS = 5
    MAX_POINTERS = 4
    MAX_REMARKS = 5
    NOT_TOLD = 255           # of a fault that nothing on the claim decides

cdef enum ClaimKind:
    PROFESSIONAL = 0
    INSTITUTIONAL = 1
    DENTAL = 2

# State of a claim or line: drafts are what is scrubbed, the others are history.
cdef enum State:
    DRAFT = 0
    PAID = 1
    DENIED = 2
    OPEN = 3
    REJECTED = 4
    VOID = 5

cdef enum UnitKind:
    UNITS = 0
    MINUTES = 1
    OTHER_UNIT = 2
    DAYS = 3

# A value that the claim sends, but not in a form that can be read.
cdef enum PointerFault:
    POINTER_OK = 0
    POINTER_MISSING = 1
    POINTER_NOT_A_NUMBER = 2
    POINTER_OUT_OF_RANGE = 3
    POINTER_REPEATED = 4

cdef enum NpiFault:
    NPI_OK = 0
    NPI_MISSING = 1
    NPI_LENGTH = 2
    NPI_FIRST_DIGIT = 3
    NPI_LUHN = 4

cdef enum Role:
    BILLING = 0
    PAY_TO = 1
    RENDERING = 2
    REFERRING = 3
    PRIMARY_CARE = 4
    ORDERING = 5
    SUPERVISING = 6
    FACILITY = 7
    PURCHASED = 8
    ATTENDING = 9
    OPERATING = 10
    OTHER_OPERATING = 11
    PICK_UP = 12
    DROP_OFF = 13
    ASSISTANT = 14

cdef enum Entity:
    ENTITY_UNKNOWN = 0
    PERSON = 1
    ORGANIZATION = 2

cdef struct TextC:
    int64_t start        # byte offset into the arena
    int32_t length       # bytes; 0 absent

cdef struct ProviderC:
    int64_t npi          # the ten digits as a number; a negative symbol if not digits; 0 absent
    int64_t tax_id       # hash of the tax id's digits, never 0 when sent; 0 absent
    int64_t taxonomy     # symbol of width 10
    TextC address        # street, city, state, zip joined by "|"; for comparison, never shown
    int32_t claim        # -1 when shared by many claims (billing, pay-to of 2000A)
    int32_t line         # -1 at claim level
    uint8_t role         # Role
    uint8_t entity       # Entity
    uint8_t npi_fault    # NpiFault
    uint8_t tax_id_kind  # index of provider.tax_id_kind
    uint8_t tax_id_fault # index of provider.tax_id_fault
    uint8_t abroad       # a country other than the United States is sent
    uint8_t enrolled     # 0 not told, else 1 + index of provider.enrolled
    uint8_t affiliated   # the same of provider.affiliated
    int64_t state        # symbol of width 2
    TextC zip

cdef struct DiagnosisC:
    int64_t code         # symbol of width 7, dots removed
    int32_t claim
    uint8_t position     # from 1, in the order sent
    uint8_t role         # 0 principal 1 other 2 admitting 3 external 4 reason for visit
    uint8_t poa          # letter, 0 blank
    uint8_t dotted       # sent with a decimal point
    uint8_t icd9         # qualifier BK or BF
    uint8_t pad[3]

cdef struct DrugC:
    int64_t ndc          # symbol of width 11
    int64_t quantity_milli
    TextC sent           # the number as sent
    int64_t unit         # symbol of width 2: F2 GR ME ML UN
    int64_t qualifier    # symbol of width 2: N4

cdef struct LineC:
    int64_t code                      # symbol of width 5
    int64_t units_milli
    int64_t charge_cents
    int64_t link_id                   # hash of REF*6R, 0 none
    TextC clia                        # REF*X4
    int32_t modifiers[MAX_MODIFIERS]  # symbols of width 2, in the order sent, empty positions skipped
    int32_t revenue                   # symbol of width 4, institutional
    int32_t pos                       # symbol of width 2; as sent on the line, 0 when the claim's holds
    int32_t claim
    int32_t number                    # LX01; position in the claim where LX is no number
    int32_t from_day
    int32_t thru_day                  # = from_day for a single day
    int32_t rendering                 # provider that sent 2420A; -1: the claim's holds
    int32_t drug                      # into drugs; -1 none
    int32_t first_number              # authorization numbers sent on this line
    int32_t care_from                 # day
    int32_t care_to                   # day
    int32_t visit_minutes             # time of the visit; -1 not said
    uint8_t number_count
    uint8_t modifier_count            # as sent, may exceed MAX_MODIFIERS
    uint8_t modifier_gap              # an empty position before a filled one
    uint8_t unit_kind                 # UnitKind
    uint8_t pointers[MAX_POINTERS]    # diagnosis positions from 1; 0 none
    uint8_t pointer_count             # valid pointers
    uint8_t pointer_fault             # PointerFault, the first found
    uint8_t state                     # State
    uint8_t note                      # NTE sent
    uint8_t description               # SV101-7 sent
    uint8_t attachment                # PWK sent
    uint8_t emergency                 # SV109 = Y
    uint8_t charge_sent
    uint8_t lx_fault                  # index of line.lx_fault
    uint8_t attachment_fault          # index of claim.attachment_fault, the first found
    uint8_t mammo                     # REF*EW sent
    uint8_t transport                 # CR1 sent
    uint8_t transport_conditions      # CRC*07 sent with a condition
    uint8_t certificate               # a certificate of medical necessity: LQ*UT, PWK*CT
    uint8_t referring_clia            # REF*F4 sent

cdef struct ClaimC:
    # What the passes over all claims read, in one line of memory:
    int64_t patient          # hash of the patient's identity; claims with equal values are one case
    TextC id                 # CLM01
    int32_t payer            # into payers
    int32_t file             # which input
    int32_t position         # in its file, from 1
    int32_t copies           # claims of the input with this number and payer; _settle
    int32_t first_line
    int32_t line_count
    int64_t filing_code      # symbol of width 2, SBR09
    uint8_t kind             # ClaimKind
    uint8_t state            # State
    uint8_t frequency        # character, 0 none
    uint8_t id_fault         # index of subscriber.id_fault; NOT_TOLD without a pattern; _settle
    uint8_t eligible         # index of subscriber.eligible
    uint8_t employer         # the subscriber is an organization
    uint8_t total_sent
    uint8_t dependent        # the patient is in 2000C
    # What is read of a claim next:
    TextC member             # subscriber's member id
    int64_t payer_key        # symbol of width 11 of the payer's letters and digits; -1 not packable; _settle
    int32_t billing          # provider, -1 none
    int32_t rendering        # provider of 2310B, -1 none
    int32_t first_diagnosis
    int32_t diagnosis_count
    int32_t first_provider   # claim- and line-level providers, not the shared billing provider
    int32_t provider_count
    int32_t as_of            # the submission day
    int32_t birth            # day
    # And the rest:
    int64_t total_cents      # CLM02
    int64_t patient_paid_cents
    int64_t pos              # symbol of width 2
    int64_t tob              # symbol of width 3, institutional
    int64_t original         # hash of REF*F8, 0 none
    int64_t control          # hash of the payer's own number of this claim (history), 0 none
    int64_t accident_state   # symbol of width 2
    int64_t auth_exception   # symbol of width 2, REF*4N
    int64_t accident_causes[3]  # symbols of width 2, CLM11-1..3
    TextC clia               # REF*X4
    int64_t patient_status   # symbol of width 2
    int64_t therapy_cents    # allowed therapy of the year
    int32_t first_number     # authorization numbers of claim and lines
    int32_t number_count
    int32_t first_other
    int32_t other_count
    int32_t first_defect
    int32_t defect_count
    int32_t first_list_code  # condition, occurrence and value codes
    int32_t list_code_count
    int32_t msp_type         # symbol of width 2, SBR05
    int32_t delay_reason     # symbol of width 2, CLM20
    int32_t death            # day
    int32_t onset            # 431
    int32_t initial_treatment  # 454
    int32_t last_seen        # 304
    int32_t acute            # 453
    int32_t accident         # 439
    int32_t lmp              # 484
    int32_t last_xray        # 455
    int32_t disability_from  # 314, 360
    int32_t disability_to    # 314, 361
    int32_t last_worked      # 297
    int32_t return_to_work   # 296
    int32_t admit            # 435
    int32_t discharge        # 096
    int32_t care_from        # 090
    int32_t care_to          # 091
    int32_t statement_from   # 434
    int32_t statement_thru   # 434
    int32_t locum_days       # days that a substitute has stood in; 0 not said
    uint8_t sex              # 'F' 'M' 'U', 0 absent
    uint8_t relation_self    # SBR02 = 18
    uint8_t responsibility   # SBR01
    uint8_t signature        # CLM06
    uint8_t assignment       # CLM07
    uint8_t benefits         # CLM08
    uint8_t release          # CLM09
    uint8_t note
    uint8_t attachment
    uint8_t mammo            # REF*EW
    uint8_t transport        # CR1
    uint8_t transport_conditions  # CRC*07 with a condition
    uint8_t admission_type   # digit, institutional CL101
    uint8_t admission_source
    uint8_t admit_sent       # DTP*435 sent, whether or not it could be read
    uint8_t referral_sent    # REF*9F at claim or line
    uint8_t lab_cert         # 0 unknown 1 waiver 2 other
    uint8_t therapy_sent     # it is said
    uint8_t paid_sent        # AMT*F5
    uint8_t accident_abroad  # CLM11-5
    uint8_t marks            # CLM06 to CLM09 are told: one that is empty is missing
    uint8_t sex_fault        # index of patient.sex_fault
    uint8_t name_fault       # index of subscriber.name_fault; NOT_TOLD
    uint8_t relation_fault   # index of subscriber.relation_fault
    uint8_t attachment_fault  # index of claim.attachment_fault, the first found
    uint8_t surgical         # a surgical ICD-10-PCS procedure is sent

# A code of one of the lists of the National Uniform Billing Committee, other than those a claim sends once.
cdef struct ListCodeC:
    int64_t code             # symbol of width 2
    int64_t amount_cents     # of a value code
    int32_t claim
    uint8_t list             # index in nubc_codes.list, from 1 as in its key
    uint8_t amount_sent

cdef struct NumberC:
    TextC text           # the number as sent, spaces at the ends removed
    int32_t claim
    int32_t line         # -1: sent at claim level
    int64_t qualifier    # symbol of width 2: G1 or 9F
    int32_t other        # whose it is, where another payer's: into others; -1 not said
    uint8_t own          # 0: another payer's (REF04 2U, or loop 2330B)

cdef struct OtherPayerC:
    TextC payer
    int64_t paid_cents       # AMT*D
    int64_t non_covered_cents  # AMT*A8
    int64_t filing_code
    int32_t claim
    int32_t date             # DTP*573 at claim level
    int64_t member           # hash of the member id with this payer (2330A), 0 absent
    int64_t remarks[MAX_REMARKS]  # symbols of width 5: MOA03 to MOA07, MIA05, MIA20 to MIA23
    uint8_t remark_count
    uint8_t claim_remaining  # AMT*EAF in 2320
    uint8_t line_remaining   # AMT*EAF in a 2430 of this payer
    uint8_t responsibility
    uint8_t paid_sent
    uint8_t non_covered_sent
    uint8_t line_dates       # a 2430 of this payer sends DTP*573

cdef struct AdjustmentC:
    int64_t amount_cents
    int64_t group            # symbol of width 2
    int64_t reason           # symbol of width 5
    int32_t other            # into others
    int32_t line             # -1 at claim level
    int32_t claim

cdef struct AdjudicationC:
    int64_t paid_cents       # SVD02
    int64_t code             # symbol of width 5
    int32_t other
    int32_t line
    int32_t claim
    int32_t date
    int32_t bundled_into     # SVD06

# What a reader saw that the standard does not allow. Never holds the value.
cdef struct DefectC:
    int32_t claim        # -1: of the envelope
    int32_t file
    int32_t segment      # number of the segment in the file, ISA is 1
    int32_t count        # how often, when one cause repeats
    uint8_t scope        # index in vocabulary defect.scope
    uint8_t cls          # index in vocabulary defect.class
    uint8_t element      # from 1, 0 the whole segment
    uint8_t component    # from 1, 0 the whole element
    char tag[4]          # segment id, zero-ended
    char loop[8]         # loop id, zero-ended
    int64_t expected     # a count or a control number that would be right; -1 not applicable
    int64_t found        # the count that stands there; -1 not applicable
