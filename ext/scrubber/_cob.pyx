"""The grain cob: each other payer of a claim, and what it decided.

Source: 837 005010X222A1 and X223A2, s.1.4.1 (balancing); X12 RFI 1294 (the third equation needs line adjudication),
RFI 1353 (AMT*A8 stands for a payer that was never billed).
"""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._auth_run cimport AuthRunC
from scrubber._authorizations cimport other_needs
from scrubber._batch cimport BatchC, hash_text
from scrubber._facts cimport absent, known, unknown
from scrubber._hits cimport HitC, HitsC, add_row
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.run cimport DecisionsC, RunC, UnitC, ValueC
from scrubber.structs cimport NO_DAY, AdjudicationC, AdjustmentC, ClaimC, NumberC, OtherPayerC
from scrubber.words cimport *

cdef enum:
    QUALIFIER_G1 = 17 * 37 + 2
    GROUP_CO = 13 * 37 + 25
    GROUP_CR = 13 * 37 + 28
    GROUP_OA = 25 * 37 + 11
    GROUP_PI = 26 * 37 + 19
    GROUP_PR = 26 * 37 + 28
    MSP_12 = 2 * 37 + 3          # why Medicare pays second: 12-16, 41-43, 47
    MSP_16 = 2 * 37 + 7
    MSP_41 = 5 * 37 + 2
    MSP_43 = 5 * 37 + 4
    MSP_47 = 5 * 37 + 8


cdef bint next_other(const RunC* run, UnitC* unit) noexcept nogil:
    unit.cursor += 1
    unit.other = run.batch.claims[unit.claim].first_other + unit.cursor
    return unit.cursor < run.batch.claims[unit.claim].other_count


cdef int32_t first_adjudication(const BatchC* batch, int32_t claim) noexcept nogil:
    cdef int32_t low = 0, high = batch.adjudication_count, middle
    while low < high:
        middle = (low + high) >> 1
        if batch.adjudications[middle].claim < claim:
            low = middle + 1
        else:
            high = middle
    return low


cdef int32_t first_adjustment(const BatchC* batch, int32_t claim) noexcept nogil:
    cdef int32_t low = 0, high = batch.adjustment_count, middle
    while low < high:
        middle = (low + high) >> 1
        if batch.adjustments[middle].claim < claim:
            low = middle + 1
        else:
            high = middle
    return low


cdef void _locate(const RunC* run, int32_t claim) noexcept nogil:
    """Sets where the decisions and adjustments of a claim stand in the batch; asked many times of one claim."""
    cdef DecisionsC* at = &(<RunC*>run).decisions
    cdef const BatchC* batch = run.batch
    if at.claim == claim + 1:
        return
    at.claim = claim + 1
    at.first_adjudication = at.end_adjudication = first_adjudication(batch, claim)
    while at.end_adjudication < batch.adjudication_count and batch.adjudications[at.end_adjudication].claim == claim:
        at.end_adjudication += 1
    at.first_adjustment = at.end_adjustment = first_adjustment(batch, claim)
    while at.end_adjustment < batch.adjustment_count and batch.adjustments[at.end_adjustment].claim == claim:
        at.end_adjustment += 1


cdef bint next_adjudication(const RunC* run, UnitC* item) noexcept nogil:
    """The next line that the unit's payer decided on; several decisions on one line are one item."""
    cdef const UnitC* unit = item.parent
    cdef const AdjudicationC* row
    cdef int32_t first, i
    cdef bint again
    _locate(run, unit.claim)
    first = run.decisions.first_adjudication
    while True:
        item.cursor += 1
        if first + item.cursor >= run.decisions.end_adjudication:
            return False
        row = &run.batch.adjudications[first + item.cursor]
        if row.other != unit.other:
            continue
        again = False
        for i in range(first, first + item.cursor):
            if run.batch.adjudications[i].other == row.other and run.batch.adjudications[i].line == row.line:
                again = True
                break
        if not again:
            item.line = row.line
            item.other = row.other
            return True


cdef bint all_balance(const RunC* run, const UnitC* unit) noexcept nogil:
    """Whether no line is off that the payer decided on."""
    cdef UnitC item = unit[0]
    item.parent = unit
    item.cursor = -1
    while next_adjudication(run, &item):
        if adjudication_value(run, &item, A_ADJUDICATIONS_DIFFERENCE).value != 0:
            return False
    return True


cdef int64_t _adjusted(const RunC* run, int32_t claim, int32_t other, int32_t line, bint everywhere) noexcept nogil:
    """CAS amounts of a payer on one line (-1: those of the claim), or everywhere."""
    cdef int32_t i
    cdef int64_t cents = 0
    _locate(run, claim)
    i = run.decisions.first_adjustment
    while i < run.decisions.end_adjustment:
        if run.batch.adjustments[i].other == other and (everywhere or run.batch.adjustments[i].line == line):
            cents += run.batch.adjustments[i].amount_cents
        i += 1
    return cents


cdef bint _paid_lines(const RunC* run, int32_t claim, int32_t other, int32_t line, int64_t* cents) noexcept nogil:
    """Whether a payer decided on a line (-1: on any), and what it paid there."""
    cdef int32_t i
    cdef bint found = False
    _locate(run, claim)
    i = run.decisions.first_adjudication
    cents[0] = 0
    while i < run.decisions.end_adjudication:
        if run.batch.adjudications[i].other == other and (line < 0 or run.batch.adjudications[i].line == line):
            found = True
            cents[0] += run.batch.adjudications[i].paid_cents
        i += 1
    return found


cdef bint _adjudicated(const RunC* run, const UnitC* unit) noexcept nogil:
    """It says what it paid, or why not."""
    cdef int64_t cents
    cdef int32_t i
    _locate(run, unit.claim)
    i = run.decisions.first_adjustment
    if run.batch.others[unit.other].paid_sent or _paid_lines(run, unit.claim, unit.other, -1, &cents):
        return True
    while i < run.decisions.end_adjustment:
        if run.batch.adjustments[i].other == unit.other:
            return True
        i += 1
    return False


cdef ValueC _paid_difference(const RunC* run, const UnitC* unit) noexcept nogil:
    """What it paid for the claim, less what it paid for the lines with the claim's own adjustments taken off."""
    cdef int64_t lines
    if not _paid_lines(run, unit.claim, unit.other, -1, &lines) or not run.batch.others[unit.other].paid_sent:
        return absent()
    return known(run.batch.others[unit.other].paid_cents - lines + _adjusted(run, unit.claim, unit.other, -1, False))


cdef bint _same_payer(const RunC* run, const UnitC* unit) noexcept nogil:
    """The payer that the claim goes to, and the same member where both are sent: a family may have one payer twice."""
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef int64_t member = hash_text(run.batch.arena + claim.member.start, claim.member.length)
    cdef int64_t other = run.batch.others[unit.other].member
    return auths.other_payers[unit.other] == claim.payer and (other == 0 or member == 0 or other == member)


cdef bint _sequence_repeated(const RunC* run, const UnitC* unit) noexcept nogil:
    """Another payer stands at the same place in the order; the claim's own too, where this one has decided before it."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef uint8_t place = run.batch.others[unit.other].responsibility
    cdef int32_t i
    if place == 0 or place == c'U':
        return False
    for i in range(claim.first_other, claim.first_other + claim.other_count):
        if i != unit.other and run.batch.others[i].responsibility == place:
            return True
    return claim.responsibility == place and _adjudicated(run, unit)


cdef ValueC _msp_type_missing(const RunC* run, const UnitC* unit) noexcept nogil:
    """Whether Medicare comes second without saying why; told once a claim.

    Source: 837 SBR05; CMS Medicare Secondary Payer Manual ch. 5.
    """
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef ValueC kind = run.profiles[run.payer_profile[claim.payer]].settings[A_PAYER_KIND - F_PAYER]
    cdef int64_t why = claim.msp_type
    if unit.other != claim.first_other or (claim.responsibility != c'S' and claim.responsibility != c'T'):
        return known(0)
    if kind.state != 0:
        return unknown(R_NO_SETTING)
    return known(kind.value == V_PAYER_KIND_MEDICARE and not (
        MSP_12 <= why <= MSP_16 or MSP_41 <= why <= MSP_43 or why == MSP_47))


cdef bint _is_group(int64_t group) noexcept nogil:
    return group == GROUP_CO or group == GROUP_CR or group == GROUP_OA or group == GROUP_PI or group == GROUP_PR


cdef int64_t _wrong_group(const RunC* run, const UnitC* unit) noexcept nogil:
    """The first group code of the payer's adjustments that there is none of; 0: all are."""
    cdef int32_t i
    _locate(run, unit.claim)
    i = run.decisions.first_adjustment
    while i < run.decisions.end_adjustment:
        if run.batch.adjustments[i].other == unit.other and not _is_group(run.batch.adjustments[i].group):
            return run.batch.adjustments[i].group
        i += 1
    return 0


cdef int _standing(const RunC* run, int table, int64_t code, int32_t day) noexcept nogil:
    """V_COB_REASON_FAULT_* of a code of a list on a day; below 0 the reason (negative) why nobody can tell.

    The lists grow three times a year: after the time that one covers, a code that it lacks may be a newer one.
    """
    cdef const EditionC* edition = edition_on(&run.tables.chains[table], day)
    cdef int64_t row
    if code <= 0:
        return V_COB_REASON_FAULT_UNKNOWN
    if edition == NULL:
        return -R_NO_EDITION
    if row_on(edition, code, day) >= 0:
        return V_COB_REASON_FAULT_NONE
    row = first_row(edition, code)
    if row >= 0 and row < edition.rows and edition.key[row] == code:
        return V_COB_REASON_FAULT_NOT_YET if day < edition.from_day[row] else V_COB_REASON_FAULT_ENDED
    if edition.partial:
        return -R_NO_ROW
    return -R_NO_EDITION if day >= edition.ends else V_COB_REASON_FAULT_UNKNOWN


cdef int32_t _decided_on(const RunC* run, const UnitC* unit, int32_t line) noexcept nogil:
    """The day of the payer's decision on a line or the claim, else the day of submission."""
    cdef int32_t i
    _locate(run, unit.claim)
    i = run.decisions.first_adjudication
    while line >= 0 and i < run.decisions.end_adjudication:
        if (run.batch.adjudications[i].other == unit.other and run.batch.adjudications[i].line == line
                and run.batch.adjudications[i].date != NO_DAY):
            return run.batch.adjudications[i].date
        i += 1
    if run.batch.others[unit.other].date != NO_DAY:
        return run.batch.others[unit.other].date
    return run.batch.claims[unit.claim].as_of


cdef ValueC _reason(const RunC* run, const UnitC* unit, bint shown) noexcept nogil:
    """The first reason code that was in force on no day of the decision: what is wrong with it, or the code itself."""
    cdef int32_t i
    cdef const AdjustmentC* row
    cdef int fault, doubt = 0
    _locate(run, unit.claim)
    i = run.decisions.first_adjustment
    while i < run.decisions.end_adjustment:
        row = &run.batch.adjustments[i]
        i += 1
        if row.other != unit.other:
            continue
        fault = _standing(run, T_CARC, row.reason, _decided_on(run, unit, row.line))
        if fault > 0:
            return known(row.reason if shown else fault)
        if fault < 0 and doubt == 0:
            doubt = -fault
    if doubt:
        return unknown(doubt)
    return absent() if shown else known(V_COB_REASON_FAULT_NONE)


cdef int add_cob_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit, int attribute) except -1 nogil:
    """Adds the row of the code that a test of the reason or remark codes found."""
    cdef int table = T_CARC if attribute == A_COB_REASON_FAULT else T_RARC
    cdef ValueC code
    cdef const EditionC* edition
    cdef int64_t row
    if attribute != A_COB_REASON_FAULT and attribute != A_COB_REMARK_FAULT:
        return 0
    code = _reason(run, unit, True) if attribute == A_COB_REASON_FAULT else _remark(run, unit, True)
    edition = edition_on(&run.tables.chains[table], _decided_on(run, unit, -1))
    if code.state == 0 and code.value > 0 and edition != NULL:
        row = first_row(edition, code.value)
        if 0 <= row < edition.rows and edition.key[row] == code.value:
            return add_row(hits, hit, table, edition.slot, row)
    return 0


cdef ValueC _remark(const RunC* run, const UnitC* unit, bint shown) noexcept nogil:
    """The same of the remark codes of MOA and MIA."""
    cdef const OtherPayerC* other = &run.batch.others[unit.other]
    cdef int fault, i, doubt = 0
    for i in range(other.remark_count):
        fault = _standing(run, T_RARC, other.remarks[i], _decided_on(run, unit, -1))
        if fault > 0:
            return known(other.remarks[i] if shown else fault)
        if fault < 0 and doubt == 0:
            doubt = -fault
    if doubt:
        return unknown(doubt)
    return absent() if shown else known(V_COB_REMARK_FAULT_NONE)


cdef bint _auth_number(const RunC* run, const UnitC* unit) noexcept nogil:
    """An authorization number of this payer is sent, or one of another payer that does not say whose."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const NumberC* number
    cdef int32_t i
    for i in range(claim.first_number, claim.first_number + claim.number_count):
        number = &run.batch.numbers[i]
        if not number.own and number.qualifier == QUALIFIER_G1 and (number.other == unit.other or number.other < 0):
            return True
    return False


cdef inline int _level(bint claim, bint line) noexcept nogil:
    return (V_COB_DATE_LEVELS_CLAIM if claim else 0) + (V_COB_DATE_LEVELS_LINE if line else 0)


cdef ValueC cob_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """cob.*; money of the whole claim is in cents."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const OtherPayerC* other = &run.batch.others[unit.other]
    cdef int64_t group
    if attribute == A_COB_POSITION:
        return known(unit.other - claim.first_other + 1)
    if attribute == A_COB_ADJUDICATED:
        return known(_adjudicated(run, unit))
    if attribute == A_COB_TOTAL:
        return known(claim.total_cents) if claim.total_sent else unknown(R_NO_FACT)
    if attribute == A_COB_PAID:
        return known(other.paid_cents) if other.paid_sent else absent()
    if attribute == A_COB_ADJUSTED:
        return known(_adjusted(run, unit.claim, unit.other, -1, True))
    if attribute == A_COB_CLAIM_DIFFERENCE:
        if not claim.total_sent or not (other.paid_sent or other.non_covered_sent):
            return unknown(R_NO_FACT)
        return known(claim.total_cents - other.paid_cents - _adjusted(run, unit.claim, unit.other, -1, True))
    if attribute == A_COB_PAID_DIFFERENCE:
        return _paid_difference(run, unit)
    if attribute == A_COB_NON_COVERED_ONLY:
        return known(other.non_covered_sent and other.non_covered_cents == claim.total_cents)
    if attribute == A_COB_DATE_LEVELS:
        return known(_level(other.date != NO_DAY, other.line_dates != 0))
    if attribute == A_COB_REMAINING_LEVELS:
        return known(_level(other.claim_remaining != 0, other.line_remaining != 0))
    if attribute == A_COB_GROUP_FAULT:
        return known(_wrong_group(run, unit) != 0)
    if attribute == A_COB_GROUP:
        group = _wrong_group(run, unit)
        return known(group) if group != 0 else absent()
    if attribute == A_COB_REASON_FAULT or attribute == A_COB_REASON:
        return _reason(run, unit, attribute == A_COB_REASON)
    if attribute == A_COB_REMARK_FAULT or attribute == A_COB_REMARK:
        return _remark(run, unit, attribute == A_COB_REMARK)
    if attribute == A_COB_SEQUENCE_REPEATED:
        return known(_sequence_repeated(run, unit))
    if attribute == A_COB_IS_CURRENT_PAYER:
        return known(_same_payer(run, unit))
    if attribute == A_COB_MSP_TYPE_MISSING:
        return _msp_type_missing(run, unit)
    if attribute == A_COB_AUTH_NUMBER:
        return known(_auth_number(run, unit))
    return other_needs(run, unit.claim, unit.other)


cdef ValueC adjudication_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """adjudications.*; a line is in balance where what was paid and adjusted makes up its charge."""
    cdef int64_t paid
    cdef int32_t i
    _locate(run, unit.claim)
    i = run.decisions.first_adjudication
    if attribute == A_ADJUDICATIONS_LINE:
        return known(run.batch.lines[unit.line].number)
    if attribute == A_ADJUDICATIONS_DIFFERENCE:
        _paid_lines(run, unit.claim, unit.other, unit.line, &paid)
        return known(run.batch.lines[unit.line].charge_cents - paid
                     - _adjusted(run, unit.claim, unit.other, unit.line, False))
    while i < run.decisions.end_adjudication:
        if (run.batch.adjudications[i].other == unit.other and run.batch.adjudications[i].line == unit.line
                and run.batch.adjudications[i].bundled_into > 0):
            return known(run.batch.adjudications[i].bundled_into)
        i += 1
    return absent()
