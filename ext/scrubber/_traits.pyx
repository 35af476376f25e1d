"""What many units share, as a key; which conditions it decides says _told.

A key holds everything that the attributes it tells are computed from, but for rows of tables, whose days bound the
span in which it holds. A number of which only the size counts (how many lines, how old) is kept as whether it lies
between two bounds: a comparison with a number outside them has one answer for all between.
"""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from scrubber._administrative cimport CAUSE_AA, CAUSE_EM, CAUSE_OA, attachment_fault_of, caused_by, is_secondary
from scrubber._authorizations cimport line_authorization_value
from scrubber._claims cimport first_from, in_hand, is_inpatient
from scrubber._cob cimport all_balance
from scrubber._codes cimport code_set_value
from scrubber._days cimport mue_table
from scrubber._dxnotes cimport BookC, noted_of
from scrubber._drugs cimport order_word
from scrubber._facts cimport code_in, find_span, line_facts
from scrubber._lines cimport effective_pos
from scrubber._opportunities cimport has_few_chronic
from scrubber._providers cimport is_elsewhere
from scrubber._readings cimport hash_bytes
from scrubber._related cimport WINDOW_DAYS
from scrubber._values cimport unit_day, value_of
from scrubber.bits cimport hash_key
from scrubber.run cimport SET_WORDS, AuthFactsC, CodeDayC, DayC, PairC, RunC, UnitC, ValueC
from scrubber.structs cimport (
    BILLING, MAX_MODIFIERS, NO_DAY, NPI_LENGTH, NPI_MISSING, PROFESSIONAL, ClaimC, DiagnosisC, LineC, ProviderC,
)
from scrubber.words cimport *

cdef enum:
    FEW_UNITS = 1000
    MODIFIER_BITS = 11           # a modifier's symbol is below 37 * 37, and there are five at most
    FEW_LINES = 48               # of a patient: more are not compared with each other


cdef void fill_traits(RunC* run, int grain, const UnitC* unit, const UnitC* partner, TraitsC* traits) noexcept nogil:
    """Bases and truths are a word of the key, so that units which tell different things never share one."""
    traits.partner = partner
    traits.bases = BY_PAYER
    traits.truths = HAS_HISTORY if run.history_from != NO_DAY else 0
    traits.long_key = False
    memset(traits.key, 0, sizeof(traits.key))
    _fill(run, grain, unit, traits)
    traits.key[1] = traits.bases | <int64_t>traits.truths << 32


cdef inline int64_t* _own(TraitsC* traits, bint long_key) noexcept nogil:
    """The words of a key after those that every key has: two, or six."""
    traits.long_key = long_key
    return &traits.key[COMMON]


cdef void _fill(RunC* run, int grain, const UnitC* unit, TraitsC* traits) noexcept nogil:
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef int64_t* key = traits.key
    cdef int32_t day
    if unit.line >= 0 and run.batch.lines[unit.line].from_day != NO_DAY:
        traits.truths |= DATED
    if grain == G_LINE or grain == G_MODIFIER or grain == G_DAY:
        key[0] = shared_word(run, grain, claim, True) | _at(run.line_code_day[unit.line], 32)
    else:
        day = unit_day(run, unit)
        find_span(run, day)
        key[0] = spanned_word(run, grain, claim, unit.line >= 0)
        if unit.line < 0 and day != first_from(run, unit.claim):
            return                                   # a line without a day, or none
    if grain == G_LINE:
        _line(run, unit, traits)
    elif grain == G_CLAIM:
        _claim(run, claim, unit.claim, day, traits)
        traits.truths |= ((IN_TIME if _in_time(run, unit, claim) else 0)
                          | (PAID_WITHIN if claim.total_sent and claim.patient_paid_cents <= claim.total_cents else 0)
                          | (ONSET_IN_TIME if claim.onset <= day and claim.onset != NO_DAY else 0)
                          | (FEW_CHRONIC if has_few_chronic(run, unit.claim) else 0))
    elif grain == G_PROVIDER:
        _provider(run, claim, unit, traits)
    elif grain == G_DX:
        _diagnosis(run, claim, unit, day, traits)
    elif grain == G_PAIR:
        _pair(run, unit, traits)
    elif grain == G_DAY:
        _day(run, unit, traits)
    elif grain == G_COB:
        _other_payer(run, unit, traits)
    elif grain == G_AUTH:
        _authorization(run, unit, traits)
    elif grain == G_COVERAGE:
        key = _own(traits, False)
        key[0] = (unit.own.coverage.kind | <int64_t>unit.own.coverage.outcome << 8 | <int64_t>unit.own.coverage.dimension << 16
                  | <int64_t>unit.own.coverage.severity << 24 | <int64_t>(unit.own.coverage.unpointed > 0) << 28
                  | _at(unit.own.coverage.state, 32))
        traits.bases |= BY_COVERAGE
    elif grain == G_MODIFIER:
        key = _own(traits, False)
        key[0] = _at(run.batch.lines[unit.line].modifiers[unit.modifier], 1) | (unit.modifier == 0)
        traits.bases |= BY_CODE | (BY_MODIFIER if run.batch.lines[unit.line].modifiers[unit.modifier] > 0 else 0)


cdef int _company(RunC* run, const UnitC* unit) noexcept nogil:
    """What the line has no company of; of a patient with many lines nobody looks."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef const LineC* other
    cdef const PairC* pair
    cdef int32_t i, k
    cdef int alone = NO_REPEAT | NO_PAIR | NO_OTHER
    if run.case_line_count > FEW_LINES or run.pair_count > FEW_LINES or l.from_day == NO_DAY:
        return 0
    if run.case_surgeries == line_facts(run, unit.line).surgery and (
            run.history_from == NO_DAY or run.history_from <= l.from_day - WINDOW_DAYS):
        alone |= NO_SURGERY
    if run.history_from == NO_DAY:
        alone |= NO_EARLIER
    if l.from_day < run.batch.claims[unit.claim].as_of:
        alone |= NO_NEXT
    for i in range(run.case_line_count):
        if run.case_lines[i] == unit.line:
            continue
        other = &run.batch.lines[run.case_lines[i]]
        if other.from_day == l.from_day:
            alone &= ~NO_OTHER
            if other.code == l.code:
                alone &= ~NO_REPEAT
        elif other.from_day < l.from_day:
            alone &= ~NO_EARLIER
        elif other.from_day == l.from_day + 1:
            alone &= ~NO_NEXT
    for i in range(run.pair_count):
        pair = &run.pairs[i]
        if pair.column1 == unit.line or pair.column2 == unit.line or pair.line == unit.line:
            return alone & ~NO_PAIR
        for k in range(pair.first_related, pair.first_related + pair.related_count):
            if run.partners[k] == unit.line:
                return alone & ~NO_PAIR
    return alone


cdef bint _has_plain_dx(const RunC* run, const UnitC* unit) noexcept nogil:
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int pointer = l.pointers[0] if l.pointer_count else 0
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    if not 0 < pointer <= claim.diagnosis_count or unit.claim != run.dx_sets_of:
        return False
    return (<const BookC*>run.book).noted[noted_of(run, unit.claim, claim.first_diagnosis + pointer - 1)].plain


cdef bint _must_be_ordered(RunC* run, const UnitC* unit) noexcept nogil:
    """Whether the payer wants to know who ordered the code."""
    cdef ValueC number = run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].settings[
        A_PAYER_ORDER_REQUIRED - F_PAYER]
    return number.state == 0 and code_in(run, line_facts(run, unit.line), <int32_t>number.value)


cdef inline int64_t _at(int64_t value, int place) noexcept nogil:
    """A value moved up within a word; what has a sign, or is a truth, cannot be shifted as it is."""
    return <int64_t>(<uint64_t>value << place)


cdef inline int64_t _low(int64_t value) noexcept nogil:
    """The lower half of a word; a code of odd letters is negative, and would fill the other."""
    return <uint32_t>value


cdef int64_t _state(ValueC value) noexcept nogil:
    """A small value and its state, told apart."""
    return _at(value.value, 4) | (value.state + 1)


cdef bint _add_modifiers(const LineC* l, int64_t* key) noexcept nogil:
    """Makes a key of the modifiers; False where they have letters that no modifier has, or are too many."""
    cdef int i
    if l.modifier_count > MAX_MODIFIERS:
        return False
    for i in range(l.modifier_count):
        if l.modifiers[i] <= 0:
            return False
        key[0] = key[0] << MODIFIER_BITS | l.modifiers[i]
    key[0] = key[0] << 1 | (l.modifier_gap != 0)
    return True


cdef void _line(RunC* run, const UnitC* unit, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, True)
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int64_t units = l.units_milli // 1000
    cdef bint few = 0 <= units < FEW_UNITS and units * 1000 == l.units_milli
    cdef bint one_day = l.from_day == l.thru_day and l.from_day != NO_DAY
    key[0] = effective_pos(run, unit.line)
    key[1] = (l.unit_kind | l.pointer_fault << 2 | l.lx_fault << 5 | (l.note != 0) << 8 | (l.description != 0) << 9
              | (l.emergency != 0) << 10 | (l.drug >= 0) << 11 | (l.mammo != 0) << 12 | (l.certificate != 0) << 13
              | <int64_t>(units if few else 0) << 16)
    traits.bases |= (BY_CODE | BY_PLACE | BY_FORM | (BY_UNITS if few else 0) | (BY_DAY if one_day else 0)
                     | (BY_MODIFIERS if _add_modifiers(l, &key[4]) else 0))
    traits.truths |= _company(run, unit)
    if run.history_from == NO_DAY and run.case_stays == 0:
        traits.truths |= NO_STAY
    key[2] = (_state(line_authorization_value(run, unit.line, A_LINE_AUTH_NEED))
                     | _at(_state(line_authorization_value(run, unit.line, A_LINE_AUTH_SENT)), 16))
    if _has_plain_dx(run, unit):
        traits.truths |= PLAIN_DX | (PLAIN_FIRST if run.dx_flags & run.asked_flags_of_dx == 0 else 0)
    if code_in(run, line_facts(run, unit.line), run.special.lab):
        key[3] = (_state(code_set_value(run, unit.line, A_LINE_CLIA_SENT))
                         | _at(_state(value_of(run, unit, A_CLAIM_LAB_CERT)), 16))
        traits.bases |= BY_CLIA
    if line_facts(run, unit.line).ordered or _must_be_ordered(run, unit):
        key[5] = order_word(run, unit.line)
        traits.bases |= BY_ORDER


cdef bint is_adult(const ClaimC* claim, int32_t day) noexcept nogil:
    return (claim.kind == PROFESSIONAL and claim.birth != NO_DAY and day != NO_DAY
            and (YOUNGEST + 1) * 366 < <int64_t>day - claim.birth < (OLDEST - 1) * 365)


cdef int _orderly(RunC* run, const ClaimC* claim) noexcept nogil:
    """What every line and diagnosis of a claim passes."""
    cdef const LineC* l
    cdef int32_t i, k
    cdef int64_t total = 0
    cdef int orderly = LX_IN_ORDER | LINKS_DIFFER | ALL_CHARGED | ALL_PAST | NO_DOTS | NO_VACCINE | ALL_BARE
    if claim.line_count > MOST_LINES:
        return 0
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        l = &run.batch.lines[i]
        total += l.charge_cents
        if l.lx_fault:
            orderly &= ~LX_IN_ORDER
        if not l.charge_sent or l.charge_cents <= 0:
            orderly &= ~ALL_CHARGED
        if l.from_day == NO_DAY or l.thru_day == NO_DAY or max(l.from_day, l.thru_day) > claim.as_of:
            orderly &= ~ALL_PAST
        if not _bare(l):
            orderly &= ~ALL_BARE
        if line_facts(run, i).vaccine:
            orderly &= ~NO_VACCINE
        if l.link_id:
            for k in range(claim.first_line, i):
                if run.batch.lines[k].link_id == l.link_id:
                    orderly &= ~LINKS_DIFFER
    for i in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        if run.batch.diagnoses[i].dotted:
            orderly &= ~NO_DOTS
    return orderly | (BALANCED if claim.total_sent and total == claim.total_cents else 0)


cdef int64_t roles_of(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Bit per role that a provider of the claim has."""
    cdef int64_t roles = 0 if claim.billing < 0 else 1 << run.batch.providers[claim.billing].role
    cdef int32_t i
    for i in range(claim.first_provider, claim.first_provider + claim.provider_count):
        roles |= 1 << run.batch.providers[i].role
    return roles


cdef bint _is_apart(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Whether no provider of the claim can have the address of who bills."""
    cdef const ProviderC* billing
    cdef int32_t i
    if claim.billing < 0:
        return True
    billing = &run.batch.providers[claim.billing]
    for i in range(claim.first_provider, claim.first_provider + claim.provider_count):
        if run.batch.providers[i].address.length > 0 and not is_elsewhere(run, &run.batch.providers[i], billing):
            return False
    return True


cdef int64_t _hash_of_lines(RunC* run, const ClaimC* claim) noexcept nogil:
    """Of the sets that rules ask the lines of a claim for, those that hold a code of one."""
    cdef uint64_t held[SET_WORDS]
    cdef int w
    lines_sets(run, claim, held)
    for w in range(SET_WORDS):
        held[w] &= run.asked_of_lines[w]
    return <int64_t>hash_key(<const int64_t*>held, True)


cdef void lines_sets(RunC* run, const ClaimC* claim, uint64_t* held) noexcept nogil:
    cdef const CodeDayC* facts
    cdef int32_t i
    cdef int w
    memset(held, 0, SET_WORDS * sizeof(uint64_t))
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        facts = line_facts(run, i)
        for w in range(SET_WORDS):
            held[w] |= facts.sets[w]


cdef bint _in_time(RunC* run, const UnitC* unit, const ClaimC* claim) noexcept nogil:
    cdef ValueC deadline = value_of(run, unit, A_CLAIM_FILING_DEADLINE)
    return deadline.state == 0 and claim.as_of <= deadline.value


cdef void _claim(RunC* run, const ClaimC* claim, int32_t number, int32_t day, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, True)
    cdef int64_t sent = (
        (claim.birth != NO_DAY) | (claim.death != NO_DAY) << 1 | (claim.onset != NO_DAY) << 2
        | (claim.initial_treatment != NO_DAY) << 3 | (claim.last_seen != NO_DAY) << 4 | (claim.accident != NO_DAY) << 5
        | (claim.admit != NO_DAY) << 6 | (claim.discharge != NO_DAY) << 7 | (claim.paid_sent != 0) << 8
        | (claim.total_sent != 0) << 9 | (claim.total_cents > 0) << 10 | (claim.original != 0) << 11
        | (claim.admit_sent != 0) << 12 | (claim.accident_state != 0) << 13 | (claim.accident_abroad != 0) << 14
        | (claim.marks != 0) << 15 | (claim.note != 0) << 16 | (claim.delay_reason != 0) << 17
        | (claim.referral_sent != 0) << 18 | (claim.employer != 0) << 19 | is_inpatient(run, number) << 20
        | is_secondary(claim) << 21 | (1 <= claim.line_count <= MOST_LINES) << 22
        | (1 <= claim.diagnosis_count <= MOST_LINES) << 23 | (1 <= claim.id.length <= LONGEST_ID) << 24
        | (claim.copies == 1) << 25 | is_adult(claim, day) << 26
        | caused_by(claim, CAUSE_AA) << 27 | caused_by(claim, CAUSE_OA) << 28 | caused_by(claim, CAUSE_EM) << 29)
    key[0] = sent
    key[1] = (claim.frequency | <int64_t>claim.signature << 8 | <int64_t>claim.assignment << 16
              | <int64_t>claim.benefits << 24 | <int64_t>claim.release << 32 | <int64_t>claim.sex_fault << 40
              | <int64_t>claim.name_fault << 48)
    key[2] = (claim.relation_fault | <int64_t>claim.id_fault << 8 | <int64_t>claim.eligible << 16
              | <int64_t>attachment_fault_of(run, claim) << 24 | <int64_t>claim.admission_type << 32
              | <int64_t>claim.admission_source << 40)
    key[3] = _low(claim.pos) | _at(claim.tob, 32)
    key[4] = _low(claim.filing_code) | roles_of(run, claim) << 32
    key[5] = _hash_of_lines(run, claim)
    traits.bases |= BY_CLAIM
    traits.truths |= _orderly(run, claim) | (APART if _is_apart(run, claim) else 0)


cdef void _provider(RunC* run, const ClaimC* claim, const UnitC* unit, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, True)
    cdef const ProviderC* provider = &run.batch.providers[unit.provider]
    cdef const ProviderC* billing = &run.batch.providers[claim.billing] if claim.billing >= 0 else NULL
    key[0] = (provider.role | <int64_t>provider.entity << 8 | <int64_t>provider.npi_fault << 16
              | <int64_t>provider.tax_id_fault << 24 | <int64_t>provider.tax_id_kind << 32
              | <int64_t>(0 if billing == NULL else billing.entity) << 40 | <int64_t>provider.abroad << 48
              | <int64_t>(provider.line >= 0) << 49
              | <int64_t>(provider.role != BILLING and billing != NULL and provider.npi == billing.npi
                          and provider.npi_fault != NPI_MISSING and provider.npi_fault != NPI_LENGTH) << 50)
    key[1] = provider.taxonomy
    key[2] = provider.state
    key[3] = provider.enrolled | <int64_t>provider.affiliated << 8
    if provider.address.length > 0:
        key[4] = hash_bytes(run.batch.arena + provider.address.start, provider.address.length, 0)
    if provider.address.start <= provider.zip.start and (
            provider.zip.start + provider.zip.length == provider.address.start + provider.address.length):
        key[5] = provider.zip.length
    elif provider.zip.length > 0:
        key[5] = hash_bytes(run.batch.arena + provider.zip.start, provider.zip.length, 0)
    traits.bases |= BY_PROVIDER


cdef void _diagnosis(RunC* run, const ClaimC* claim, const UnitC* unit, int32_t day, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, False)
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[unit.dx]
    cdef int32_t i
    cdef bint single = True
    cdef bint one_day = claim.kind == PROFESSIONAL and day != NO_DAY and in_hand(run, unit.claim).one_day
    key[0] = diagnosis.code
    key[1] = (diagnosis.role | diagnosis.icd9 << 8 | (diagnosis.position == 1) << 9
                     | is_inpatient(run, unit.claim) << 10)
    for i in range(claim.first_diagnosis, unit.dx):
        single = single and run.batch.diagnoses[i].code != diagnosis.code
    traits.bases |= BY_DIAGNOSIS | (BY_CODE_SET if one_day and diagnosis.code > 0 else 0)
    traits.truths |= (SINGLE_CODE if single else 0) | (ADULT if is_adult(claim, day) else 0)


cdef bint _bare(const LineC* l) noexcept nogil:
    return l.modifier_count == 0 and l.modifier_gap == 0


cdef void _pair(RunC* run, const UnitC* unit, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, False)
    cdef const PairC* pair = &run.pairs[unit.pair]
    key[0] = (pair.role | <int64_t>pair.indicator << 8 | <int64_t>pair.lift << 16 | <int64_t>pair.anatomic << 24
                     | <int64_t>pair.has_59 << 32 | <int64_t>pair.reason << 40
                     | <int64_t>is_inpatient(run, unit.claim) << 48)
    key[1] = run.line_code_day[pair.line] | _at(run.line_code_day[pair.other], 32)
    traits.bases |= BY_PAIR | BY_CODE
    if _bare(&run.batch.lines[pair.line]) and _bare(&run.batch.lines[pair.other]):
        traits.bases |= BY_MODIFIERS


cdef void _day(RunC* run, const UnitC* unit, TraitsC* traits) noexcept nogil:
    """Sums are kept as whether they are above the limit."""
    cdef int64_t* key = _own(traits, False)
    cdef const DayC* day = &run.days[unit.day]
    key[0] = ((day.units_milli > day.limit_milli) | (day.paired_milli > day.limit_milli) << 1
                     | (day.max_line_milli > day.limit_milli) << 2 | is_inpatient(run, unit.claim) << 3
                     | mue_table(run, unit.line) << 8)
    key[1] = day.limit_milli
    traits.bases |= BY_SUM | BY_CODE


cdef void _other_payer(RunC* run, const UnitC* unit, TraitsC* traits) noexcept nogil:
    """What its decision adds up to is kept as whether that is nothing."""
    cdef int64_t* key = _own(traits, True)
    cdef ValueC claim = value_of(run, unit, A_COB_CLAIM_DIFFERENCE), paid = value_of(run, unit, A_COB_PAID_DIFFERENCE)
    cdef int i, n = 0
    for i in range(F_COB, F_DEFECT):
        if is_word_of_cob(i):
            key[n >> 2] |= _at(_state(value_of(run, unit, i)), 16 * (n & 3))
            n += 1
    key[4] = (claim.state + 1) | (claim.value != 0) << 8 | (paid.state + 1) << 16 | (paid.value != 0) << 24 | _at(
        run.batch.others[unit.other].paid_sent != 0, 32)
    traits.bases |= BY_COB
    traits.truths |= ALL_BALANCE if all_balance(run, unit) else 0


cdef bint is_word_of_cob(int attribute) noexcept nogil:
    """Attributes of another payer that have few values."""
    return (attribute == A_COB_ADJUDICATED or attribute == A_COB_NON_COVERED_ONLY or attribute == A_COB_DATE_LEVELS
            or attribute == A_COB_REMAINING_LEVELS or attribute == A_COB_GROUP_FAULT or attribute == A_COB_REASON_FAULT
            or attribute == A_COB_REMARK_FAULT or attribute == A_COB_SEQUENCE_REPEATED
            or attribute == A_COB_IS_CURRENT_PAYER or attribute == A_COB_MSP_TYPE_MISSING
            or attribute == A_COB_AUTH_NUMBER or attribute == A_COB_AUTH_NEED)


cdef void _authorization(RunC* run, const UnitC* unit, TraitsC* traits) noexcept nogil:
    cdef int64_t* key = _own(traits, True)
    cdef const AuthFactsC* auth = &unit.own.auth
    cdef int i = 0
    cdef int8_t[13] facts
    facts[:] = [auth.format_fault, auth.found, auth.kind, auth.status, auth.member_ok, auth.payer_ok,
                auth.provider_match, auth.code_match, auth.meant, auth.modifier_match, auth.dx_match, auth.window,
                auth.pos_match]
    for i in range(13):
        key[i >> 3] |= _at(<uint8_t>facts[i], 8 * (i & 7))
    key[2] = (_state(value_of(run, unit, A_AUTH_OWN)) | _at(_state(value_of(run, unit, A_AUTH_QUALIFIER)), 16)
                     | _at(auth.approved_milli < 0, 32) | _at(auth.over_milli < 0, 33)
                     | _at(value_of(run, unit, A_AUTH_NUMBERS_AT_CLAIM).value, 40))
    key[3] = min(auth.percent, 0)
    traits.bases |= BY_AUTH
    if unit.line >= 0:
        key[4] = run.line_code_day[unit.line]
        traits.bases |= BY_CODE
