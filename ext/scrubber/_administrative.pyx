"""The grains claim and defect: dates, money, deadlines, and what the reader objected to."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport strlen

from scrubber._claims cimport encounters, first_from, hospital_kind, is_inpatient, last_thru
from scrubber._cob cimport first_adjudication
from scrubber._facts cimport absent, known, unknown
from scrubber._institutional cimport institutional_value
from scrubber._lines cimport npi_of
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber.days cimport add_years
from scrubber.pack cimport WIDTH_CODE, pack
from scrubber.run cimport ProfileC, RunC, UnitC, ValueC
from scrubber.structs cimport INSTITUTIONAL, NO_DAY, ClaimC, DefectC, LineC
from scrubber.words cimport *

cdef enum:
    CALENDAR_YEAR = 1            # ProfileC.timely_rule; else days
    TRANSACTIONS = 4             # what a key of payer_directory counts a payer by
    MANY = 64
    POW_37_3 = 50653


cdef inline ValueC _present(int64_t value) noexcept nogil:
    return known(value) if value != 0 else absent()


cdef inline ValueC _day(int32_t day) noexcept nogil:
    return known(day) if day != NO_DAY else absent()


cdef inline int _digit(uint8_t character) noexcept nogil:
    """A character as a number, where the standard has one digit."""
    return character - 48 if 48 <= character <= 57 else character


cdef int64_t _lines_total(const RunC* run, const ClaimC* claim) noexcept nogil:
    cdef int64_t total = 0
    cdef int32_t i
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        total += run.batch.lines[i].charge_cents
    return total


cdef bint _attachment(const RunC* run, const ClaimC* claim) noexcept nogil:
    """PWK of the claim or of any of its lines."""
    cdef int32_t i
    if claim.attachment:
        return True
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if run.batch.lines[i].attachment:
            return True
    return False


cdef int32_t _diagnosis_count(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Principal and other diagnoses; admitting, external and reason for visit have places of their own."""
    cdef int32_t i
    cdef int32_t count = 0
    for i in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        count += run.batch.diagnoses[i].role <= 1
    return count


cdef bint is_secondary(const ClaimC* claim) noexcept nogil:
    """Another payer comes first (SBR01)."""
    return claim.responsibility != 0 and claim.responsibility != c'P' and claim.responsibility != c'U'


cdef inline ValueC _wide(int64_t symbol, int64_t factor) noexcept nogil:
    """A short symbol at the width of a code."""
    return absent() if symbol == 0 else known(symbol * factor if symbol > 0 else symbol)


cdef inline ValueC _letter_code(uint8_t letter) noexcept nogil:
    return absent() if letter == 0 else known(pack(&letter, 1, WIDTH_CODE))


cdef ValueC _mark(const ClaimC* claim, uint8_t letter, const char* letters) noexcept nogil:
    """One of CLM06 to CLM09 by its place among the letters allowed, which `missing` and `other` follow."""
    cdef int i = 0
    if not claim.marks:
        return unknown(R_NO_FACT)
    while letters[i] != 0:
        if letter == <uint8_t>letters[i]:
            return known(i)
        i += 1
    return known(i + (letter != 0))


cdef bint caused_by(const ClaimC* claim, int64_t cause) noexcept nogil:
    return claim.accident_causes[0] == cause or claim.accident_causes[1] == cause or claim.accident_causes[2] == cause


cdef int attachment_fault_of(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Of the claim, else of its first line that has one."""
    cdef int32_t i
    if claim.attachment_fault:
        return claim.attachment_fault
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if run.batch.lines[i].attachment_fault:
            return run.batch.lines[i].attachment_fault
    return V_CLAIM_ATTACHMENT_FAULT_NONE


cdef int32_t _renderings(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Different NPIs of those who rendered its lines, counted up to MANY."""
    cdef int64_t seen[MANY]
    cdef int64_t npi
    cdef int32_t i, k, count = 0
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        npi = npi_of(run, i)
        k = 0
        while k < count and seen[k] != npi:
            k += 1
        if npi != 0 and k == count and count < MANY:
            seen[count] = npi
            count += 1
    return count


cdef ValueC _payer_known(const RunC* run, int32_t claim) noexcept nogil:
    """Whether the directory lists the payer's id for this kind of claim on its first day."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t day = first_from(run, claim)
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_PAYER_DIRECTORY], day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if c_claim.payer_key < 0:
        return unknown(R_NO_ROW)                 # an id that is too long for the table
    if c_claim.payer_key > 0 and row_on(edition, c_claim.payer_key * TRANSACTIONS + c_claim.kind + 1, day) >= 0:
        return known(1)
    return unknown(R_NO_ROW) if edition.partial else known(0)


# ---------------------------------------------------------------- timely filing

cdef int32_t _earliest(const RunC* run, int32_t claim, bint thru) noexcept nogil:
    """The line date that runs out first: each line has its own limit."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const LineC* line
    cdef int32_t i, day
    cdef int32_t first = NO_DAY
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        line = &run.batch.lines[i]
        day = max(line.thru_day, line.from_day) if thru else line.from_day
        if day != NO_DAY and (first == NO_DAY or day < first):
            first = day
    return first


cdef int32_t _basis(const RunC* run, int32_t claim, const ProfileC* profile) noexcept nogil:
    """The day from which filing counts.

    Source: Medicare Claims Processing Manual ch. 1 s.70.7: From date of professional, Through date of institutional
    claims.
    """
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    if c_claim.kind == INSTITUTIONAL:
        return c_claim.statement_thru if c_claim.statement_thru != NO_DAY else last_thru(run, claim)
    return _earliest(run, claim, profile.timely_basis == 1)


cdef int32_t _primary_decision(const RunC* run, int32_t claim) noexcept nogil:
    """The latest day on which a payer before this one decided (DTP*573 of the claim or a line); NO_DAY: none sent."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t i
    cdef int32_t latest = NO_DAY
    for i in range(c_claim.first_other, c_claim.first_other + c_claim.other_count):
        latest = max(latest, run.batch.others[i].date)
    i = first_adjudication(run.batch, claim)
    while i < run.batch.adjudication_count and run.batch.adjudications[i].claim == claim:
        latest = max(latest, run.batch.adjudications[i].date)
        i += 1
    return latest


cdef ValueC _filing_deadline(const RunC* run, int32_t claim) noexcept nogil:
    """Last day on time. A corrected claim and a secondary one may have limits of their own."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const ProfileC* profile = &run.profiles[run.payer_profile[c_claim.payer]]
    cdef int32_t day
    if profile.timely_rule == 0:
        return unknown(R_NO_SETTING)
    if is_secondary(c_claim) and profile.secondary_days > 0:
        day = _primary_decision(run, claim)
        return unknown(R_NO_FACT) if day == NO_DAY else known(day + profile.secondary_days)
    day = _basis(run, claim, profile)
    if day == NO_DAY:
        return unknown(R_NO_FACT)
    if (c_claim.frequency == c'7' or c_claim.frequency == c'8') and profile.corrected_days > 0:
        return known(day + profile.corrected_days)
    if profile.timely_rule == CALENDAR_YEAR:
        return known(add_years(day, 1))
    return known(day + profile.timely_days)


# ---------------------------------------------------------------- claim

cdef ValueC claim_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """claim.*; what a claim does not send is absent, which is a fact."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    if attribute == A_CLAIM_TYPE:
        return known(claim.kind)
    if attribute == A_CLAIM_FREQUENCY:
        return _letter_code(claim.frequency)
    if attribute == A_CLAIM_POS:
        return _present(claim.pos)
    if attribute == A_CLAIM_ATTACHMENT:
        return known(_attachment(run, claim))
    if attribute == A_CLAIM_NOTE:
        return known(claim.note != 0)
    if attribute == A_CLAIM_TOTAL:
        return known(claim.total_cents) if claim.total_sent else absent()
    if attribute == A_CLAIM_PATIENT_PAID:
        return known(claim.patient_paid_cents) if claim.paid_sent else absent()
    if attribute == A_CLAIM_LINES_TOTAL:
        return known(_lines_total(run, claim))
    if attribute == A_CLAIM_LINE_COUNT:
        return known(claim.line_count)
    if attribute == A_CLAIM_DX_COUNT:
        return known(_diagnosis_count(run, claim))
    if attribute == A_CLAIM_FIRST_FROM:
        return _day(first_from(run, unit.claim))
    if attribute == A_CLAIM_LAST_THRU:
        return _day(last_thru(run, unit.claim))
    if attribute == A_CLAIM_ADMIT:
        return _day(claim.admit)
    if attribute == A_CLAIM_ADMIT_SENT:
        return known(claim.admit_sent != 0)
    if attribute == A_CLAIM_DISCHARGE:
        return _day(claim.discharge)
    if attribute == A_CLAIM_ONSET:
        return _day(claim.onset)
    if attribute == A_CLAIM_LAST_SEEN:
        return _day(claim.last_seen)
    if attribute == A_CLAIM_INITIAL_TREATMENT:
        return _day(claim.initial_treatment)
    if attribute == A_CLAIM_ACCIDENT:
        return _day(claim.accident)
    if attribute == A_CLAIM_AS_OF:
        return _day(claim.as_of)
    if attribute == A_CLAIM_INPATIENT:
        return known(is_inpatient(run, unit.claim))
    if attribute == A_CLAIM_FILING_DEADLINE:
        return _filing_deadline(run, unit.claim)
    if attribute == A_CLAIM_DELAY_REASON:
        return _present(claim.delay_reason)
    if attribute == A_CLAIM_AUTH_EXCEPTION:
        return known(claim.auth_exception != 0)
    if attribute == A_CLAIM_REFERRAL_SENT:
        return known(claim.referral_sent != 0)
    if attribute == A_CLAIM_ADMISSION_TYPE:
        return known(_digit(claim.admission_type)) if claim.admission_type else absent()
    if attribute == A_CLAIM_LAB_CERT:
        return known(claim.lab_cert - 1) if claim.lab_cert else unknown(R_NO_FACT)
    if attribute == A_CLAIM_ORIGINAL_NUMBER:
        return known(claim.original != 0)
    if attribute == A_CLAIM_ENCOUNTERS:
        return known(encounters(run, unit.claim))
    if attribute == A_CLAIM_HOSPITAL_KIND:
        return hospital_kind(run, unit.claim)
    if attribute == A_CLAIM_TOB:
        return known(claim.tob * 37 * 37) if claim.tob > 0 else absent()     # three characters as a code of five
    if attribute == A_CLAIM_MAMMO:
        return known(claim.mammo != 0)
    if A_CLAIM_ADMISSION_SOURCE <= attribute <= A_CLAIM_DAYS_DIFFERENCE:
        return institutional_value(run, unit, attribute)
    return _said(run, unit, claim, attribute)


cdef ValueC _said(const RunC* run, const UnitC* unit, const ClaimC* claim, int attribute) noexcept nogil:
    """What a claim tells of itself beside dates, money and lines."""
    if attribute == A_CLAIM_AUTO_ACCIDENT:
        return known(caused_by(claim, CAUSE_AA))
    if attribute == A_CLAIM_OTHER_ACCIDENT:
        return known(caused_by(claim, CAUSE_OA))
    if attribute == A_CLAIM_EMPLOYMENT:
        return known(caused_by(claim, CAUSE_EM))
    if attribute == A_CLAIM_ACCIDENT_STATE:
        return _present(claim.accident_state)
    if attribute == A_CLAIM_ACCIDENT_ABROAD:
        return known(claim.accident_abroad)
    if attribute == A_CLAIM_FILING_CODE:
        return _wide(claim.filing_code, POW_37_3)
    if attribute == A_CLAIM_SECONDARY:
        return known(is_secondary(claim))
    if attribute == A_CLAIM_SIGNATURE:
        return _mark(claim, claim.signature, b"YN")
    if attribute == A_CLAIM_ASSIGNMENT:
        return _mark(claim, claim.assignment, b"ABC")
    if attribute == A_CLAIM_BENEFITS:
        return _mark(claim, claim.benefits, b"WYN")
    if attribute == A_CLAIM_RELEASE:
        return _mark(claim, claim.release, b"IY")
    if attribute == A_CLAIM_ATTACHMENT_FAULT:
        return known(attachment_fault_of(run, claim))
    if attribute == A_CLAIM_PCN_LENGTH:
        return known(claim.id.length)
    if attribute == A_CLAIM_PCN_COPIES:
        return known(claim.copies)
    if attribute == A_CLAIM_RENDERINGS:
        return known(_renderings(run, claim))
    if attribute == A_CLAIM_PAYER_KNOWN:
        return _payer_known(run, unit.claim)
    return absent()


# ---------------------------------------------------------------- defects

cdef bint _told(const RunC* run, int32_t index) noexcept nogil:
    """Whether the defect before is of the same kind in the same segment: one thing to mend, one unit."""
    cdef const DefectC* defect = &run.batch.defects[index]
    cdef const DefectC* before
    if index == 0:
        return False
    before = &run.batch.defects[index - 1]
    return (before.claim == defect.claim and before.file == defect.file and before.segment == defect.segment
            and before.cls == defect.cls)


cdef bint next_defect(const RunC* run, UnitC* unit) noexcept nogil:
    cdef const ClaimC* claim
    if unit.claim >= 0:
        claim = &run.batch.claims[unit.claim]
        unit.cursor += 1
        while unit.cursor < claim.defect_count and _told(run, claim.first_defect + unit.cursor):
            unit.cursor += 1
        unit.defect = claim.first_defect + unit.cursor
        return unit.cursor < claim.defect_count
    while unit.cursor + 1 < run.batch.defect_count:
        unit.cursor += 1
        if run.batch.defects[unit.cursor].claim < 0 and not _told(run, unit.cursor):
            unit.defect = unit.cursor
            return True
    return False


cdef ValueC defect_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    cdef const DefectC* defect = &run.batch.defects[unit.defect]
    if attribute == A_DEFECT_SCOPE:
        return known(defect.scope)
    if attribute == A_DEFECT_CLASS:
        return known(defect.cls)
    if attribute == A_DEFECT_SEGMENT:
        return known(defect.segment)
    if attribute == A_DEFECT_ELEMENT:
        return known(defect.element) if defect.element else absent()
    if attribute == A_DEFECT_TAG:
        return known(pack(<const uint8_t*>defect.tag, strlen(defect.tag), WIDTH_CODE))
    if attribute == A_DEFECT_EXPECTED:
        return known(defect.expected) if defect.expected >= 0 else absent()
    return known(defect.found) if defect.found >= 0 else absent()
