"""What only institutional claims send: code lists of the billing committee, statement dates, days, who attended."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._claims cimport first_from
from scrubber._facts cimport absent, known, unknown
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber.pack cimport pack
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport ATTENDING, NO_DAY, OPERATING, ClaimC, LineC, ListCodeC
from scrubber.words cimport *

cdef enum:
    LIST_SIZE = 1369             # symbols of width 2: what a key of nubc_codes counts a list by
    # Lists as keys of nubc_codes have them.
    ADMISSION_TYPES = 1
    ADMISSION_SOURCES = 2
    PATIENT_STATUSES = 3
    CONDITIONS = 4
    OCCURRENCES = 5
    SPANS = 6
    VALUES = 7
    STILL_A_PATIENT = 4 * 37 + 1     # 30
    COVERED = 9 * 37 + 1             # 80
    NOT_COVERED = 9 * 37 + 2         # 81
    LETTER_D = 14
    E0 = 15 * 37 + 1
    CODE_45 = 5 * 37 + 6
    REVENUE_054 = 0 + 1 * 50653 + 6 * 1369 + 5 * 37   # 054 and a digit: ambulance
    REVENUE_036 = 0 + 1 * 50653 + 4 * 1369 + 7 * 37   # 036 and a digit: operating room


cdef bint _has_list(const EditionC* edition, int list) noexcept nogil:
    cdef int64_t i
    for i in range(edition.rows):
        if edition.key[i] // LIST_SIZE == list:
            return True
    return False


cdef ValueC _listed(const RunC* run, int32_t claim, int list, int64_t code) noexcept nogil:
    """Whether a list holds a code on the first day of the claim; a list that no edition has is unknown."""
    cdef int32_t day = first_from(run, claim)
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_NUBC_CODES], day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if code > 0 and row_on(edition, list * LIST_SIZE + code, day) >= 0:
        return known(1)
    if edition.partial or not _has_list(edition, list):
        return unknown(R_NO_ROW)
    return known(0)


cdef ValueC _all_listed(const RunC* run, int32_t claim, int list, int other) noexcept nogil:
    """Whether every code of a list (or of the other one) is known; the first that is not decides."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const ListCodeC* code
    cdef int32_t i
    cdef ValueC doubt = known(1), found
    for i in range(c_claim.first_list_code, c_claim.first_list_code + c_claim.list_code_count):
        code = &run.batch.list_codes[i]
        if code.list != list and code.list != other:
            continue
        found = _listed(run, claim, code.list, code.code)
        if found.state == 0 and found.value == 0:
            return found
        if found.state != 0 and doubt.state == 0:
            doubt = found
    return doubt


cdef inline ValueC _letter_listed(const RunC* run, int32_t claim, int list, uint8_t letter) noexcept nogil:
    return known(1) if letter == 0 else _listed(run, claim, list, pack(&letter, 1, 2))


cdef bint _sent_by(const RunC* run, const ClaimC* claim, int role) noexcept nogil:
    cdef int32_t i
    for i in range(claim.first_provider, claim.first_provider + claim.provider_count):
        if run.batch.providers[i].role == role:
            return True
    return False


cdef bint _is_revenue(const LineC* line, int64_t group) noexcept nogil:
    return group < line.revenue < group + 37


cdef int _surgery(const RunC* run, const ClaimC* claim) noexcept nogil:
    """How the claim says that it is for surgery: by a procedure, or by the revenue code of an operating room."""
    cdef int32_t i
    if claim.surgical:
        return V_CLAIM_SURGERY_PROCEDURE
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if _is_revenue(&run.batch.lines[i], REVENUE_036):
            return V_CLAIM_SURGERY_REVENUE
    return V_CLAIM_SURGERY_NONE


cdef bint _transport_only(const RunC* run, const ClaimC* claim) noexcept nogil:
    cdef int32_t i
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if not _is_revenue(&run.batch.lines[i], REVENUE_054):
            return False
    return claim.line_count > 0


cdef ValueC _days(const RunC* run, const ClaimC* claim, int64_t value_code) noexcept nogil:
    """Days as a value code counts them."""
    cdef const ListCodeC* code
    cdef int32_t i
    for i in range(claim.first_list_code, claim.first_list_code + claim.list_code_count):
        code = &run.batch.list_codes[i]
        if code.list == VALUES and code.code == value_code and code.amount_sent:
            return known(code.amount_cents // 100)
    return absent()


cdef ValueC _days_difference(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Covered and not covered days less the days of the statement; of a patient who stays the last day counts too."""
    cdef ValueC covered = _days(run, claim, COVERED), rest = _days(run, claim, NOT_COVERED)
    cdef int64_t stay
    if (covered.state != 0 and rest.state != 0) or claim.statement_from == NO_DAY or claim.statement_thru == NO_DAY:
        return unknown(R_NO_FACT)
    stay = claim.statement_thru - claim.statement_from + (claim.patient_status == STILL_A_PATIENT)
    return known((covered.value if covered.state == 0 else 0) + (rest.value if rest.state == 0 else 0) - max(stay, 1))


cdef bint _value_amounts(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Every value code has an amount, and none is below zero."""
    cdef int32_t i
    for i in range(claim.first_list_code, claim.first_list_code + claim.list_code_count):
        if run.batch.list_codes[i].list == VALUES and (
                not run.batch.list_codes[i].amount_sent or run.batch.list_codes[i].amount_cents < 0):
            return False
    return True


cdef bint _correction_reason(const RunC* run, const ClaimC* claim) noexcept nogil:
    """A condition code D0 to D9 or E0."""
    cdef const ListCodeC* code
    cdef int32_t i
    for i in range(claim.first_list_code, claim.first_list_code + claim.list_code_count):
        code = &run.batch.list_codes[i]
        if code.list == CONDITIONS and code.code > 0 and (
                code.code == E0 or (code.code // 37 == LETTER_D and 1 <= code.code % 37 <= 10)):
            return True
    return False


cdef bint _sex_meant(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Condition code 45."""
    cdef const ListCodeC* code
    cdef int32_t i
    for i in range(claim.first_list_code, claim.first_list_code + claim.list_code_count):
        code = &run.batch.list_codes[i]
        if code.list == CONDITIONS and code.code == CODE_45:
            return True
    return False


cdef ValueC institutional_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """claim.admission_source to claim.days_difference."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef uint8_t letter
    if attribute == A_CLAIM_ADMISSION_SOURCE:
        letter = claim.admission_source
        return known(pack(&letter, 1, 2)) if letter else absent()
    if attribute == A_CLAIM_PATIENT_STATUS:
        return known(claim.patient_status) if claim.patient_status else absent()
    if attribute == A_CLAIM_ADMISSION_TYPE_LISTED:
        return _letter_listed(run, unit.claim, ADMISSION_TYPES, claim.admission_type)
    if attribute == A_CLAIM_ADMISSION_SOURCE_LISTED:
        return _letter_listed(run, unit.claim, ADMISSION_SOURCES, claim.admission_source)
    if attribute == A_CLAIM_PATIENT_STATUS_LISTED:
        return _listed(run, unit.claim, PATIENT_STATUSES, claim.patient_status) if claim.patient_status else known(1)
    if attribute == A_CLAIM_CONDITIONS_LISTED:
        return _all_listed(run, unit.claim, CONDITIONS, CONDITIONS)
    if attribute == A_CLAIM_OCCURRENCES_LISTED:
        return _all_listed(run, unit.claim, OCCURRENCES, SPANS)
    if attribute == A_CLAIM_VALUES_LISTED:
        return _all_listed(run, unit.claim, VALUES, VALUES)
    if attribute == A_CLAIM_VALUE_AMOUNTS:
        return known(_value_amounts(run, claim))
    if attribute == A_CLAIM_CORRECTION_REASON:
        return known(_correction_reason(run, claim))
    if attribute == A_CLAIM_SEX_MEANT:
        return known(_sex_meant(run, claim))
    if attribute == A_CLAIM_STATEMENT_FROM:
        return known(claim.statement_from) if claim.statement_from != NO_DAY else absent()
    if attribute == A_CLAIM_STATEMENT_THRU:
        return known(claim.statement_thru) if claim.statement_thru != NO_DAY else absent()
    if attribute == A_CLAIM_ATTENDING:
        return known(_sent_by(run, claim, ATTENDING))
    if attribute == A_CLAIM_OPERATING:
        return known(_sent_by(run, claim, OPERATING))
    if attribute == A_CLAIM_SURGERY:
        return known(_surgery(run, claim))
    if attribute == A_CLAIM_TRANSPORT_ONLY:
        return known(_transport_only(run, claim))
    if attribute == A_CLAIM_COVERED_DAYS:
        return _days(run, claim, COVERED)
    if attribute == A_CLAIM_NONCOVERED_DAYS:
        return _days(run, claim, NOT_COVERED)
    return _days_difference(run, claim)
