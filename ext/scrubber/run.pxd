"""What a run holds and what a unit is: shared by the program and every grain."""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from scrubber._batch cimport BatchC
from scrubber._tables cimport EditionC, TablesC
from scrubber.words cimport ATTRIBUTE_COUNT

cdef enum:
    # State of a value: known, absent (a fact), or above 0 a Reason (unknown).
    KNOWN = 0
    ABSENT = -1
    NO_ROW = -1
    MAX_REGIONS = 32
    SET_WORDS = 8
    GLOB_BITS = 8                # the last bits: global days of a code, flags of a diagnosis
    SET_BITS = 504               # sets beyond their bits are searched
    MOST_ASKED = 6
    MOST_NOTED = 256             # diagnoses of a claim; of more each is looked up anew
    UNPAIRED_BITS = 14           # of the places of RunC.unpaired

cdef struct ValueC:
    int64_t value
    int32_t state

# One row of one edition, as evidence; slot -1 is none.
cdef struct RowRefC:
    int32_t slot
    int32_t table
    int64_t row

# A dated member range of a set: lo <= symbol <= hi from from_day up to to_day.
cdef struct MemberC:
    int64_t lo
    int64_t hi
    int32_t from_day
    int32_t to_day

# Members are sorted by lo; intervals may overlap when their dates do not.
cdef struct SetC:
    int32_t first
    int32_t count

# One node of a condition, in prefix order: its children are node+1 and what each child's `end` points at.
cdef struct NodeC:
    int16_t op           # N_ALL ...
    int16_t operator     # O_* of a test
    int16_t scope        # of the attribute: 0 the unit, 1 the item of the quantifier around it
    int16_t operand      # OPERAND_*
    int32_t attribute
    int32_t end          # node after this subtree
    int64_t value        # literal, set number or attribute number
    int16_t value_scope  # of an attribute operand
    int16_t related      # of a quantifier: the related set; of a test: How
    int32_t window       # of a quantifier over history: days back, 0 none; of a test: the place of a field

# How a test is answered.
cdef enum How:
    HOW_ANY = 0
    HOW_CODE_IN_SET = 1          # the facts of the code say it
    HOW_FIELD = 2                # a field of a struct against a number

cdef enum NodeOp:
    N_TEST = 0
    N_ALL = 1
    N_ANY = 2
    N_NOT = 3
    N_SOME = 4
    N_NO = 5

cdef enum Operand:
    OPERAND_NONE = 0
    OPERAND_LITERAL = 1
    OPERAND_SET = 2
    OPERAND_ATTRIBUTE = 3

cdef struct CaseC:
    int32_t node         # -1: always
    uint8_t severity

cdef struct RuleC:
    int32_t grain
    int32_t when         # node
    int32_t first_case
    int32_t case_count
    int32_t first_escape  # nodes of `unless`, in ProgramC.escapes
    int32_t escape_count
    int32_t first_field  # attributes whose values messages show, in ProgramC.fields
    int32_t field_count
    int32_t from_day
    int32_t to_day
    uint8_t claim_kinds  # bit per ClaimKind
    uint8_t pick_each
    uint8_t target       # T_UNIT ...

cdef enum Target:
    TARGET_UNIT = 0
    TARGET_LINE = 1
    TARGET_DIAGNOSIS = 2
    TARGET_CLAIM = 3

# A value that a message shows: an attribute of the unit (scope 0) or of the witness of related set scope - 1.
# In the pair grain `other.*` is the unit's partner: scope 1 + S_PAIR.
cdef struct FieldC:
    int32_t attribute
    int32_t scope

# Where an attribute stands that is a field of a struct.
cdef struct DirectC:
    uint16_t offset              # of a payer's setting its number
    uint8_t owner                # Owner
    uint8_t width                # bytes: 1, 4 or 8
    uint8_t empty                # Empty

cdef enum Owner:
    COMPUTED = 0
    OF_LINE = 1
    OF_CLAIM = 2
    OF_DIAGNOSIS = 3
    OF_PROVIDER = 4
    OF_PAYER = 5

cdef enum Empty:
    EMPTY_NEVER = 0
    EMPTY_ZERO = 1
    EMPTY_NO_DAY = 2

cdef struct ProgramC:
    DirectC direct[ATTRIBUTE_COUNT]
    int32_t needs[ATTRIBUTE_COUNT]   # Basis, of _traits
    RuleC* rules
    NodeC* nodes
    CaseC* cases
    int32_t* escapes
    FieldC* fields
    SetC* sets
    MemberC* members
    int64_t* reach               # by member: the largest hi of its set up to and with it
    int32_t rule_count
    int32_t node_count
    int32_t case_count
    int32_t set_count
    int32_t* breaks              # sorted days on which a set or a rule changes
    int32_t break_count

# What a payer profile says, other than the `payer.*` attributes.
cdef struct ProfileC:
    const ValueC* settings       # by attribute number less the first `payer.*` attribute
    const int8_t* severities     # by rule: -1 the rule's own, -2 off, else the severity
    uint8_t provider_scope       # 0 rendering 1 group 2 tin: whose lines PTP and MUE join
    uint8_t physician_identity   # 0 group and specialty 1 rendering
    uint8_t split_days           # claims of one day come in several inputs
    uint8_t timely_rule          # 0 unset 1 calendar year 2 days
    uint8_t timely_basis         # professional: 0 from 1 thru
    uint8_t frequency            # table of frequency limits: 0 unset 1 none 2 medicare 3 own
    uint8_t ptp                  # 1: PTP tables apply (Medicare's)
    uint8_t mue
    int32_t timely_days
    int32_t corrected_days       # 0 none
    int32_t secondary_days       # 0 none
    int32_t number               # of the profile

# What a code is from one day up to another, over which no set, edition or row of it changes: computed once.
cdef struct CodeDayC:
    int64_t code
    int32_t from_day
    int32_t to_day
    int32_t day                  # the one it was computed for
    uint32_t next                # in its hash chain
    const EditionC* fee          # NULL: no edition reaches the day
    int64_t fee_row              # blank modifier; -1 no row
    const EditionC* aoc
    int64_t aoc_row              # first row of the add-on in force on the day, -1 none
    const EditionC* hcpcs
    int64_t hcpcs_row            # in force on the day
    int64_t mue_row              # of practitioners; -1 no row, or no edition
    const EditionC* ptp
    uint64_t sets[SET_WORDS]     # bit per set of the program that holds the code, then one for its global days
    int8_t code_status           # index of line.code_status; -1 no edition
    int8_t code_source
    uint8_t surgery              # it has 10 or 90 global days: it can open a period
    uint8_t ncd                  # some list of a national determination names it, on whichever day
    uint8_t lcd                  # and some local article
    uint8_t ordered              # some rule asks who ordered it
    uint8_t vaccine              # a vaccine or its administration

# A pair of codes of one patient, day and provider that has a PTP row in force.
cdef struct PairC:
    int32_t line                 # to act on
    int32_t other                # its partner, the least lifted one
    int32_t column1              # lines by column
    int32_t column2
    int32_t first_related        # all partners, in RunC.partners
    int32_t related_count
    int64_t row
    const EditionC* edition
    uint8_t role                 # of `line`: V_PAIR_ROLE_*
    uint8_t indicator
    uint8_t lift
    uint8_t anatomic
    uint8_t has_59
    uint8_t reason               # not 0: whether the pair has a row is unknown, for this Reason

# Two diagnoses of a claim that a note or a map speaks of together.
cdef struct DxPairC:
    int32_t a                    # diagnoses, the earlier one first
    int32_t b
    int32_t drop                 # the one that the other makes needless, -1 none
    int32_t keep
    RowRefC rows[2]              # the note, and the one on the other side
    uint8_t relation
    uint8_t direction
    uint8_t level
    uint8_t sides
    uint8_t reason               # not 0: what they are to each other is unknown, for this Reason

# Lines of one day that are alike in code, claim kind and provider.
cdef struct SlotC:
    int64_t code
    int32_t first                # line that stands for the provider
    int32_t kind                 # ClaimKind
    int32_t start                # into RunC.partners
    int32_t count
    int32_t drafts               # of its lines

cdef struct DayC:
    int32_t line                 # to act on
    int32_t first_related
    int32_t related_count
    int64_t units_milli
    int64_t max_line_milli       # of the drafts
    int64_t paired_milli         # a right and a left line of the code counted once
    int64_t limit_milli          # -1 no limit known

cdef struct CoverageC:
    uint8_t kind
    uint8_t outcome
    uint8_t dimension
    uint8_t severity
    int32_t state                # of outcome: KNOWN or a reason
    int32_t unpointed            # position of a diagnosis of the claim that would cover, 0 none
    RowRefC row                  # the row that decided
    int32_t policy               # row of the payer's policy list, -1 none

cdef struct AuthFactsC:
    int32_t authorization        # into the loaded authorizations; -1 not found
    int32_t look_alike           # -1 none
    int8_t format_fault
    int8_t found                 # 0 no 1 yes -1 no file for the payer
    int8_t kind                  # -1 unknown, here and below
    int8_t status
    int8_t member_ok
    int8_t payer_ok
    int8_t provider_match
    int8_t code_match
    int8_t meant                 # -1 without a line
    int8_t modifier_match
    int8_t dx_match
    int8_t window
    int8_t pos_match
    int64_t approved_milli       # -1 unknown
    int64_t over_milli           # -1 unknown
    int32_t percent              # -1 unknown

# A frequency limit of a line's code; the reasons are those of unknown attributes, 0 where they are known.
cdef struct LimitC:
    const EditionC* edition
    int32_t table
    int64_t row                  # -1: there is no row to be looked up
    int32_t reason               # of all of it
    int32_t used
    int32_t last                 # the latest service counted, NO_DAY none
    int32_t eligible_from        # NO_DAY none
    int32_t eligible
    int32_t eligible_reason
    int32_t age_ok
    int32_t age_reason
    int32_t exempt

# What units of some grains, and items of some sets, carry beside places in the batch.
cdef union OwnC:
    CoverageC coverage
    AuthFactsC auth
    LimitC limit

# One unit of a grain, or one item of a related set of a unit. `cursor` is the enumerator's own.
cdef struct UnitC:
    int32_t cursor
    int32_t claim
    int32_t line                 # -1 none
    int32_t dx
    int32_t provider
    int32_t number
    int32_t defect
    int32_t other                # payer, of the grain cob
    int32_t modifier             # position in the line's modifiers, from 0
    int32_t pair                 # into RunC.pairs
    int32_t dx_pair              # into RunC.dx_pairs
    int32_t day                  # into RunC.days
    int32_t period               # into PracticeC.periods
    int32_t addon                # watched pair of a period, -1 its visits
    int32_t pointer              # of an item of `pointed`, from 1
    int32_t related              # set of an item, -1 for a unit
    int32_t days_after           # window.day
    int32_t count                # repeat.count
    int32_t window               # of an item of `prior`: how many days back the quantifier looks
    int32_t anchor               # of an item: the line of its unit, else the first of the claim; -1 none
    const UnitC* parent          # the unit of an item
    OwnC own

# Numbers of the sets that compiled code itself reads, by their names in rulesets/sets; -1 where there is none.
cdef struct SpecialC:
    int32_t anatomic_modifiers
    int32_t x59
    int32_t ptp_em_modifiers
    int32_t ptp_global_modifiers
    int32_t em_like
    int32_t lab
    int32_t anes
    int32_t facility_pos
    int32_t crosses_midnight
    int32_t vacprod
    int32_t vacadm
    int32_t cervical_risk
    int32_t bone_risk
    int32_t pricing_modifiers
    int32_t distinct_modifiers
    int32_t informational_modifiers
    int32_t plan_of_care
    int32_t therapy_assistants
    int32_t substitutes
    int32_t em
    int32_t price_unclear
    int32_t chronic_conditions
    int32_t hcc_conditions
    int32_t regions[MAX_REGIONS]     # sets region_X, procedures of a body region
    int32_t dx_regions[MAX_REGIONS]  # sets dx_region_X, diagnoses of the same region
    int32_t region_count
    int32_t sites[MAX_REGIONS]       # sets site_X, procedures that are done on one site of the body alone
    int32_t dx_sites[MAX_REGIONS]    # sets dx_site_X, diagnoses of the same site
    int32_t site_count

# Two modifiers that do not go together on one line.
cdef struct ConflictC:
    int64_t a
    int64_t b
    int32_t from_day
    int32_t to_day
    uint32_t kinds               # bit per payer.kind
    uint8_t cls                  # V_MODIFIER_CONFLICT_*

# Of some sets one must hold a code of the case, or a diagnosis of the claim; of none the count is 0.
cdef struct DemandC:
    int16_t bits[MOST_ASKED]
    int16_t count
    int16_t related              # the related set that must be known whole

# A rule as far as a unit's traits leave it open: conditions that they answer are gone.
cdef struct RemainC:
    int32_t rule
    int32_t when                 # node, -1: it holds
    int32_t first_case           # of RunC.remaining_cases
    int32_t case_count
    uint64_t signature           # hash of what was answered
    DemandC demands[2]

cdef struct RemainingCaseC:
    int32_t case_                # within the rule
    int32_t node                 # -1: it holds

# What is asked many times of one claim.
cdef struct HandC:
    int32_t claim                # counted from 1, 0 none
    int32_t first_from
    int32_t day                  # the earliest from-date of its lines as they stand
    int32_t ordered              # line whose orderer is next, counted from 1, 0 none
    int32_t orderer              # provider, -1 none
    uint8_t inpatient
    uint8_t one_day              # every line begins on it

# Where what other payers decided of one claim stands in the batch.
cdef struct DecisionsC:
    int32_t claim                # counted from 1, 0 none
    int32_t first_adjudication
    int32_t end_adjudication
    int32_t first_adjustment
    int32_t end_adjustment

cdef struct MemoC:
    ValueC value
    uint32_t turn                # in which it was computed

cdef struct RunC:
    const BatchC* batch
    SpecialC special
    const ConflictC* conflicts
    int32_t conflict_count
    const TablesC* tables
    const ProgramC* program
    const ProfileC* profiles
    const int32_t* payer_profile  # by payer
    int32_t history_from          # NO_DAY: no history loaded
    int32_t has_auths             # an authorization file is loaded
    int32_t span_from            # the days about the last one asked for, between which nothing changes
    int32_t span_to
    # code-days
    CodeDayC* code_days
    int32_t code_day_count
    int32_t code_day_room
    uint32_t* code_day_buckets
    uint32_t code_day_mask
    int32_t* line_code_day        # by line
    # conditions: those of the program, then what remains of them
    NodeC* nodes
    int32_t node_count
    int32_t node_room
    RemainC* remains              # of each rule the whole, then what remains
    int32_t remain_count
    int32_t remain_room
    RemainingCaseC* remaining_cases
    int32_t remaining_case_count
    int32_t remaining_case_room
    # values of the unit in hand, each computed once
    const UnitC* unit_in_hand
    uint32_t turn                 # counts units in hand
    MemoC memo[ATTRIBUTE_COUNT]
    # the case in hand
    const int32_t* case_claims    # all claims of the case, in input order
    int32_t case_claim_count
    int32_t* case_lines           # live lines of the case, by day, then claim, then number
    int32_t case_line_count
    int32_t case_surgeries        # lines whose code can open a global period
    int32_t case_stays            # claims of hospitals
    uint64_t case_sets[SET_WORDS]  # of all its lines, those left out too
    uint64_t case_twice[SET_WORDS]  # of two of them or more
    int64_t repeated              # claims of the past that stood twice
    uint8_t* live                 # by claim: 0 removed (void, rejected, replaced)
    PairC* pairs
    int32_t pair_count
    int32_t pair_room
    DayC* days
    int32_t day_count
    int32_t day_room
    int32_t* partners
    int32_t partner_count
    int32_t partner_room
    void* slots                   # of _pairs
    uint64_t* unpaired            # two codes and an edition that has no row of them on any day (slot_of)
    int32_t slot_room
    void* auths                   # of _authorizations
    void* policies                # of _coverage
    void* book                    # of _dxnotes
    uint64_t dx_sets[SET_WORDS]   # sets that hold a diagnosis of a claim on any day, then flags it may have
    int32_t dx_flags              # MCE flags of its diagnoses on any day; -1 where they may be unknown
    int32_t dx_sets_of            # that claim
    DecisionsC decisions          # of the claim last asked about
    HandC hand                    # the same
    uint64_t asked_of_dx[SET_WORDS]  # sets that rules ask the first diagnosis of a line for,
    int64_t asked_flags_of_dx     # flags, the same,
    uint64_t asked_of_lines[SET_WORDS]  # the lines of a claim,
    uint64_t asked_with_orders[SET_WORDS]  # and lines of which they ask who ordered them
    int32_t[MOST_NOTED] dx_noted  # by diagnosis of the claim that dx_sets is of: in the book
    void* screens                 # of _screens
    const void* practice          # of _practice
    DxPairC* dx_pairs             # of the claim in hand
    int32_t dx_pair_count
    int32_t dx_pair_room
