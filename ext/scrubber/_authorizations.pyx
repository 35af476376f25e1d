"""The grain auth: each authorization or referral number with each line it governs, against the practice's records."""

from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.string cimport memset

from scrubber._auth_file cimport AuthC, AuthFileC, find_auth, look_alike
from scrubber._auth_run cimport AuthRunC, LotC, code_match, governs, lot_of
from scrubber._batch cimport hash_text
from scrubber._claims cimport is_inpatient, pointed_count, pointed_diagnosis
from scrubber._facts cimport absent, known, unknown
from scrubber._intervals cimport ListC, holds, range_holds
from scrubber._lines cimport effective_pos, npi_of, tin_of
from scrubber._needs cimport NeedC
from scrubber.run cimport AuthFactsC, RunC, UnitC, ValueC
from scrubber.structs cimport INSTITUTIONAL, MAX_MODIFIERS, NO_DAY, ClaimC, LineC, NumberC
from scrubber.words cimport *

cdef enum:
    POW_4 = 1874161              # 37**4: what stands behind a category of three characters
    POW_5 = 69343957
    QUALIFIER_G1 = 17 * 37 + 2
    QUALIFIER_9F = 10 * 37 + 16
    POS_21 = 3 * 37 + 2
    POS_23 = 3 * 37 + 4
    POS_31 = 4 * 37 + 2
    POS_51 = 6 * 37 + 2
    POS_61 = 7 * 37 + 2
    NONE_HERE = -2               # AuthFactsC.percent of a line that is not the last one


cdef bint next_authorization(const RunC* run, UnitC* unit) noexcept nogil:
    """Fills unit.number, unit.line (-1 where the number governs none) and unit.own.auth.

    The cursor walks number by number; in each, step 0 is the number by itself and step k the claim's k-th line.
    """
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const NumberC* number
    cdef int32_t steps = claim.line_count + 1
    cdef int32_t step, i
    cdef bint alone
    while True:
        unit.cursor += 1
        if unit.cursor >= claim.number_count * steps:
            return False
        unit.number = claim.first_number + unit.cursor // steps
        step = unit.cursor % steps
        number = &run.batch.numbers[unit.number]
        unit.line = -1
        if step == 0:
            if number.line >= 0 or not number.own:
                unit.line = number.line
                unit.cursor += steps - 1          # a line's number, or another payer's, is one unit
            else:
                alone = True
                for i in range(claim.first_line, claim.first_line + claim.line_count):
                    if governs(run, claim, number, i):
                        alone = False
                        break
                if not alone:
                    continue
                unit.cursor += steps - 1
        else:
            unit.line = claim.first_line + step - 1
            if not governs(run, claim, number, unit.line):
                continue
        _fill(run, unit)
        return True


cdef int _modifier_match(const AuthFileC* file, const AuthC* auth, const LineC* line) noexcept nogil:
    cdef int i
    if auth.modifiers.count == 0:
        return V_AUTH_MODIFIER_MATCH_NONE
    for i in range(min(<int>line.modifier_count, <int>MAX_MODIFIERS)):
        if holds(file.intervals, auth.modifiers, line.modifiers[i]):
            return V_AUTH_MODIFIER_MATCH_YES
    return V_AUTH_MODIFIER_MATCH_NO


cdef int _dx_match(const RunC* run, const AuthFileC* file, const AuthC* auth, int32_t line) noexcept nogil:
    """The closest of the pointed diagnoses: equal but for the 7th character, same category, same letter and ten."""
    cdef int best = V_AUTH_DX_MATCH_NONE
    cdef int64_t code, other
    cdef int32_t i, dx, k
    if auth.diagnoses.count == 0:
        return V_AUTH_DX_MATCH_NO_LIST
    for i in range(pointed_count(run, line)):
        dx = pointed_diagnosis(run, line, i)
        if dx < 0:
            continue
        code = run.batch.diagnoses[dx].code
        for k in range(auth.diagnoses.first, auth.diagnoses.first + auth.diagnoses.count):
            other = file.intervals[k].lo
            if code // 37 == other // 37 or other <= code <= file.intervals[k].hi:
                return V_AUTH_DX_MATCH_EXACT
            if code // POW_4 == other // POW_4:
                best = V_AUTH_DX_MATCH_CATEGORY
            elif code // POW_5 == other // POW_5 and best == V_AUTH_DX_MATCH_NONE:
                best = V_AUTH_DX_MATCH_BLOCK
    return best


cdef int _provider_match(const RunC* run, const AuthC* auth, int32_t claim, int32_t line) noexcept nogil:
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t provider = c_claim.rendering if c_claim.rendering >= 0 else c_claim.billing
    cdef int64_t billing = run.batch.providers[c_claim.billing].npi if c_claim.billing >= 0 else 0
    cdef int64_t npi, tin
    if line >= 0:
        npi = npi_of(run, line)
        tin = tin_of(run, line)
    else:
        npi = run.batch.providers[provider].npi if provider >= 0 else 0
        tin = run.batch.providers[provider].tax_id if provider >= 0 else 0
        if tin == 0 and c_claim.billing >= 0:
            tin = run.batch.providers[c_claim.billing].tax_id
    if auth.npi == 0 and auth.facility_npi == 0 and auth.tin == 0:
        return -1
    if auth.npi != 0 and auth.npi == npi:
        return V_AUTH_PROVIDER_MATCH_NPI
    if billing != 0 and (auth.npi == billing or auth.facility_npi == billing):
        return V_AUTH_PROVIDER_MATCH_GROUP
    return V_AUTH_PROVIDER_MATCH_TIN if auth.tin != 0 and auth.tin == tin else V_AUTH_PROVIDER_MATCH_NONE


cdef int _window(const AuthC* auth, const LineC* line) noexcept nogil:
    """Whether every day of the line lies within; an empty end is open, two empty ends are unknown."""
    cdef int32_t thru = max(line.thru_day, line.from_day)
    if (auth.from_day == NO_DAY and auth.to_day == NO_DAY) or line.from_day == NO_DAY:
        return -1
    if thru < auth.from_day or (auth.to_day != NO_DAY and line.from_day > auth.to_day):
        return V_AUTH_WINDOW_OUT
    if line.from_day < auth.from_day or (auth.to_day != NO_DAY and thru > auth.to_day):
        return V_AUTH_WINDOW_PARTIAL
    return V_AUTH_WINDOW_IN


cdef bint _is_stay(int64_t pos) noexcept nogil:
    return pos == POS_21 or pos == POS_31 or pos == POS_51 or pos == POS_61


cdef int _pos_match(const RunC* run, const AuthRunC* auths, const AuthC* auth, int32_t line) noexcept nogil:
    """V_AUTH_POS_MATCH_*; -1 where the claim says no place.

    A type of bill tells a stay from all else and no more, so institutional claims are held against that alone.
    """
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[c_line.claim]
    cdef ListC mine = auths.needs.groups[run.payer_profile[claim.payer]]
    cdef int64_t pos
    cdef int32_t i, k
    cdef bint stay
    if auth.pos.count == 0:
        return V_AUTH_POS_MATCH_NO_LIST
    if claim.kind == INSTITUTIONAL:
        if claim.tob <= 0:
            return -1
        stay = is_inpatient(run, c_line.claim)
        for i in range(auth.pos.first, auth.pos.first + auth.pos.count):
            if _is_stay(auths.file.intervals[i].lo) == stay:
                return V_AUTH_POS_MATCH_YES
        return V_AUTH_POS_MATCH_NO
    pos = effective_pos(run, line)
    if pos <= 0:
        return -1
    if holds(auths.file.intervals, auth.pos, pos):
        return V_AUTH_POS_MATCH_YES
    for i in range(mine.first, mine.first + mine.count):
        if not holds(auths.needs.intervals, auths.needs.group_lists[i], pos):
            continue
        for k in range(auth.pos.first, auth.pos.first + auth.pos.count):
            if holds(auths.needs.intervals, auths.needs.group_lists[i], auths.file.intervals[k].lo):
                return V_AUTH_POS_MATCH_GROUPED
    return V_AUTH_POS_MATCH_NO


cdef int32_t _numbers_at_claim(const RunC* run, const NumberC* number) noexcept nogil:
    """Numbers of this kind for this payer that stand at the level of the claim."""
    cdef const ClaimC* claim = &run.batch.claims[number.claim]
    cdef const NumberC* other
    cdef int32_t i, count = 0
    for i in range(claim.first_number, claim.first_number + claim.number_count):
        other = &run.batch.numbers[i]
        if other.own and other.line < 0 and other.qualifier == number.qualifier:
            count += 1
    return count


cdef bint _covers(const RunC* run, const NumberC* number, int32_t line) noexcept nogil:
    """Whether the record of a number is for the line's code."""
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[c_line.claim]
    cdef int32_t auth, match
    auth = find_auth(auths.file, auths.hashes[<int32_t>(number - run.batch.numbers)],
                     hash_text(run.batch.arena + claim.member.start, claim.member.length) if claim.member.length else 0,
                     auths.auth_payers[claim.payer], c_line.code, c_line.from_day)
    if auth < 0:
        return False
    match = code_match(auths, &auths.file.auths[auth], run.payer_profile[claim.payer], c_line.code)
    return match == V_AUTH_CODE_MATCH_EXACT or match == V_AUTH_CODE_MATCH_RANGE or match == V_AUTH_CODE_MATCH_CATEGORY


cdef int _meant(const RunC* run, const UnitC* unit) noexcept nogil:
    """Whether a number of the claim is meant for this line, whose code it does not cover.

    A visit beside an authorized scan carries the scan's number only because the claim does.
    """
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const NumberC* number = &run.batch.numbers[unit.number]
    cdef const NumberC* other
    cdef ValueC need
    cdef int32_t i
    cdef bint covers = False
    if number.line >= 0 or unit.own.auth.code_match != V_AUTH_CODE_MATCH_NONE:
        return V_AUTH_MEANT_YES
    for i in range(claim.first_number, claim.first_number + claim.number_count):
        other = &run.batch.numbers[i]
        if other != number and other.own and other.line < 0 and other.qualifier == number.qualifier and (
                _covers(run, other, unit.line)):
            return V_AUTH_MEANT_NO
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if i != unit.line and governs(run, claim, number, i) and _covers(run, number, i):
            covers = True
            break
    need = _need(run, unit.line)
    if not covers or (need.state == 0 and need.value == V_LINE_AUTH_NEED_REQUIRED):
        return V_AUTH_MEANT_YES
    return V_AUTH_MEANT_NO if need.state == 0 else V_AUTH_MEANT_PERHAPS


cdef void _fill(const RunC* run, UnitC* unit) noexcept nogil:
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const NumberC* number = &run.batch.numbers[unit.number]
    cdef const uint8_t* text = run.batch.arena + number.text.start
    cdef const uint8_t* member_text = run.batch.arena + claim.member.start
    cdef AuthFactsC* facts = &unit.own.auth
    cdef const AuthC* auth
    cdef const LotC* lot
    cdef const LineC* line
    cdef int64_t member = hash_text(member_text, claim.member.length) if claim.member.length else 0
    cdef int32_t payer = auths.auth_payers[claim.payer]
    memset(facts, 0xFF, sizeof(AuthFactsC))            # everything unknown
    facts.format_fault = <int8_t>auths.faults[unit.number] if number.own else V_AUTH_FORMAT_FAULT_NONE
    if auths.file == NULL or not number.own:
        return
    facts.authorization = find_auth(auths.file, auths.hashes[unit.number], member, payer,
                                    run.batch.lines[unit.line].code if unit.line >= 0 else 0,
                                    run.batch.lines[unit.line].from_day if unit.line >= 0 else NO_DAY)
    if facts.authorization < 0:
        facts.found = 0 if auths.on_file[claim.payer] else -1
        facts.look_alike = look_alike(auths.file, text, number.text.length, member)
        return
    auth = &auths.file.auths[facts.authorization]
    facts.found = 1
    facts.kind = auth.kind
    facts.status = auth.status
    if auth.member != 0 and member != 0:
        facts.member_ok = V_AUTH_MEMBER_OK_YES if auth.member == member else V_AUTH_MEMBER_OK_NO
    if auth.payer >= 0:
        facts.payer_ok = V_AUTH_PAYER_OK_YES if auth.payer == payer else V_AUTH_PAYER_OK_NO
    facts.provider_match = <int8_t>_provider_match(run, auth, unit.claim, unit.line)
    facts.approved_milli = auth.approved_milli
    if unit.line < 0:
        return
    line = &run.batch.lines[unit.line]
    facts.code_match = <int8_t>code_match(auths, auth, run.payer_profile[claim.payer], line.code)
    facts.meant = <int8_t>_meant(run, unit)
    facts.modifier_match = <int8_t>_modifier_match(auths.file, auth, line)
    facts.dx_match = <int8_t>_dx_match(run, auths.file, auth, unit.line)
    facts.window = <int8_t>_window(auth, line)
    facts.pos_match = <int8_t>_pos_match(run, auths, auth, unit.line)
    lot = lot_of(auths, unit.line, facts.authorization)
    if claim.frequency == c'8' and auth.approved_milli >= 0:
        facts.over_milli = 0                           # a void uses nothing
        facts.percent = NONE_HERE
    elif lot != NULL and (auth.used_milli >= 0 or lot.past or run.history_from != NO_DAY):
        facts.over_milli = lot.over_milli
        facts.percent = lot.percent


cdef inline ValueC _enumeration(int value) noexcept nogil:
    return unknown(R_NO_FACT) if value < 0 else known(value)


cdef ValueC authorization_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """auth.*; what the file says is unknown where the number is not on file."""
    cdef const NumberC* number = &run.batch.numbers[unit.number]
    cdef const AuthFactsC* facts = &unit.own.auth
    if attribute == A_AUTH_QUALIFIER:
        return known(V_AUTH_QUALIFIER_9F if number.qualifier == QUALIFIER_9F else V_AUTH_QUALIFIER_G1)
    if attribute == A_AUTH_OWN:
        return known(number.own != 0)
    if attribute == A_AUTH_FORMAT_FAULT:
        return known(facts.format_fault)
    if attribute == A_AUTH_FOUND:
        return unknown(R_NO_EDITION) if facts.found < 0 else known(facts.found)
    if attribute == A_AUTH_KIND:
        return _enumeration(facts.kind)
    if attribute == A_AUTH_STATUS:
        return _enumeration(facts.status)
    if attribute == A_AUTH_MEMBER_OK:
        return _enumeration(facts.member_ok)
    if attribute == A_AUTH_PAYER_OK:
        return _enumeration(facts.payer_ok)
    if attribute == A_AUTH_PROVIDER_MATCH:
        return _enumeration(facts.provider_match)
    if attribute == A_AUTH_MEANT:
        return known(V_AUTH_MEANT_YES if facts.meant < 0 else facts.meant)
    if attribute == A_AUTH_CODE_MATCH:
        return _enumeration(facts.code_match)
    if attribute == A_AUTH_MODIFIER_MATCH:
        return _enumeration(facts.modifier_match)
    if attribute == A_AUTH_DX_MATCH:
        return _enumeration(facts.dx_match)
    if attribute == A_AUTH_WINDOW:
        return _enumeration(facts.window)
    if attribute == A_AUTH_POS_MATCH:
        return _enumeration(facts.pos_match)
    if attribute == A_AUTH_NUMBERS_AT_CLAIM:
        return known(_numbers_at_claim(run, number))
    if attribute == A_AUTH_APPROVED:
        return unknown(R_NO_FACT) if facts.approved_milli < 0 else known(facts.approved_milli)
    if attribute == A_AUTH_OVER:
        return unknown(R_NO_FACT) if facts.over_milli < 0 else known(facts.over_milli)
    if facts.percent == NONE_HERE:
        return absent()
    return unknown(R_NO_FACT) if facts.percent < 0 else known(facts.percent)


cdef ValueC line_authorization_value(const RunC* run, int32_t line, int attribute) noexcept nogil:
    if attribute == A_LINE_AUTH_SENT:
        return known(_sent(run, line))
    if attribute == A_LINE_AUTH_NEED:
        return _need(run, line)
    return known(_exempt(run, line, run.batch.claims[run.batch.lines[line].claim].payer))


cdef bint _sent(const RunC* run, int32_t line) noexcept nogil:
    """Whether an authorization number of this payer is on the line or its claim."""
    cdef const ClaimC* claim = &run.batch.claims[run.batch.lines[line].claim]
    cdef const NumberC* number
    cdef int32_t i
    for i in range(claim.first_number, claim.first_number + claim.number_count):
        number = &run.batch.numbers[i]
        if number.own and number.qualifier == QUALIFIER_G1 and (number.line < 0 or number.line == line):
            return True
    return False


cdef const NeedC* _rule_for(const RunC* run, int32_t line, int32_t payer) noexcept nogil:
    """A payer's most specific rule for the line; of rules equally specific the one that asks for more. NULL: none."""
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef ListC mine = auths.needs.payers[payer]
    cdef const NeedC* need
    cdef int64_t pos = effective_pos(run, line)
    cdef int32_t i
    for i in range(mine.first, mine.first + mine.count):
        need = &auths.needs.needs[i]
        if (range_holds(&need.codes, c_line.code) and need.from_day <= c_line.from_day < need.to_day
                and (need.pos.count == 0 or holds(auths.needs.intervals, need.pos, pos))):
            return need
    return NULL


cdef ValueC _need(const RunC* run, int32_t line) noexcept nogil:
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const NeedC* need
    cdef int32_t payer = run.batch.claims[run.batch.lines[line].claim].payer
    if not auths.needs.has_rules[payer]:
        return unknown(R_NO_SETTING)
    need = _rule_for(run, line, payer)
    return known(V_LINE_AUTH_NEED_NONE if need == NULL else need.need)


cdef int _exempt(const RunC* run, int32_t line, int32_t payer) noexcept nogil:
    """Emergency room or emergency, an exception code (REF*4N), or a diagnosis that the payer's rule lets off."""
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const NeedC* need
    cdef int32_t i, dx
    if c_line.emergency or effective_pos(run, line) == POS_23:
        return V_LINE_AUTH_EXEMPT_EMERGENCY
    if run.batch.claims[c_line.claim].auth_exception != 0:
        return V_LINE_AUTH_EXEMPT_EXCEPTION
    need = _rule_for(run, line, payer)
    if need != NULL and need.dx_exempt.count:
        for i in range(pointed_count(run, line)):
            dx = pointed_diagnosis(run, line, i)
            if dx >= 0 and holds(auths.needs.intervals, need.dx_exempt, run.batch.diagnoses[dx].code):
                return V_LINE_AUTH_EXEMPT_DX
    return V_LINE_AUTH_EXEMPT_NONE


cdef ValueC other_needs(const RunC* run, int32_t claim, int32_t other) noexcept nogil:
    """cob.auth_need: whether another payer of the claim requires an authorization of a line that is not let off."""
    cdef const AuthRunC* auths = <const AuthRunC*>run.auths
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const NeedC* need
    cdef int32_t payer = auths.other_payers[other], i
    if payer < 0:
        return unknown(R_NO_FACT)
    if not auths.needs.has_rules[payer]:
        return unknown(R_NO_SETTING)
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        need = _rule_for(run, i, payer)
        if need != NULL and need.need == V_LINE_AUTH_NEED_REQUIRED and (
                _exempt(run, i, payer) == V_LINE_AUTH_EXEMPT_NONE):
            return known(V_COB_AUTH_NEED_REQUIRED)
    return known(V_COB_AUTH_NEED_NONE)
