"""What a line is: who rendered and billed it, where, on which side, and the attributes that rules read of it."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, in_set, known, line_facts, unknown
from scrubber.pack cimport POW_37_6
from scrubber.run cimport CodeDayC, RunC, ValueC
from scrubber.structs cimport DENTAL, MAX_MODIFIERS, NO_DAY, ORGANIZATION, ClaimC, LineC
from scrubber.words cimport *

# Modifiers by symbol: first character times 37 plus second; digits are 1-10, letters 11-36.
cdef enum:
    M_50 = 6 * 37 + 1
    M_55 = 6 * 37 + 6
    M_80 = 9 * 37 + 1
    M_81 = 9 * 37 + 2
    M_82 = 9 * 37 + 3
    M_AS = 11 * 37 + 29
    M_LT = 22 * 37 + 30
    M_RT = 28 * 37 + 30
    M_E1 = 15 * 37 + 2
    M_E2 = 15 * 37 + 3
    M_E3 = 15 * 37 + 4
    M_E4 = 15 * 37 + 5
    M_FA = 16 * 37 + 11
    M_F1 = 16 * 37 + 2
    M_F4 = 16 * 37 + 5
    M_F5 = 16 * 37 + 6
    M_F9 = 16 * 37 + 10
    M_TA = 30 * 37 + 11
    M_T1 = 30 * 37 + 2
    M_T4 = 30 * 37 + 5
    M_T5 = 30 * 37 + 6
    M_T9 = 30 * 37 + 10
    POS_24 = 3 * 37 + 5

cdef int64_t ASC_TAXONOMY = 0            # 261QA1903X, set at import


cdef int64_t _symbol(bytes text, int width):
    cdef int64_t symbol = 0
    cdef int i
    for i in range(width):
        symbol *= 37
        if i < len(text):
            symbol += text[i] - 47 if text[i] <= 57 else text[i] - 54
    return symbol


ASC_TAXONOMY = _symbol(b"261QA1903X", 10)
cdef int64_t TAX_CRNA = _symbol(b"367500000X", 10)
cdef int64_t TAX_AA = _symbol(b"367H00000X", 10)


cdef int64_t effective_pos(const RunC* run, int32_t line) noexcept nogil:
    """Place of service of the line, else of its claim; 0 when neither sends one."""
    cdef int64_t pos = run.batch.lines[line].pos
    return pos if pos != 0 else claim_of(run, line).pos


cdef int32_t rendering_of(const RunC* run, int32_t line) noexcept nogil:
    """The rendering provider of the line, else of the claim, else the billing provider; -1 none."""
    cdef int32_t provider = run.batch.lines[line].rendering
    if provider >= 0:
        return provider
    provider = claim_of(run, line).rendering
    return provider if provider >= 0 else claim_of(run, line).billing


cdef int64_t npi_of(const RunC* run, int32_t line) noexcept nogil:
    """NPI of the effective rendering provider; 0 when absent."""
    cdef int32_t provider = rendering_of(run, line)
    return 0 if provider < 0 else run.batch.providers[provider].npi


cdef int64_t tin_of(const RunC* run, int32_t line) noexcept nogil:
    """Tax id under which the line is billed; the billing NPI where no tax id is sent; 0 when neither is."""
    cdef int32_t provider = rendering_of(run, line)
    cdef int32_t billing = claim_of(run, line).billing
    if provider >= 0 and run.batch.providers[provider].tax_id != 0:
        return run.batch.providers[provider].tax_id
    if billing < 0:
        return 0
    return run.batch.providers[billing].tax_id or run.batch.providers[billing].npi


cdef int64_t specialty_of(const RunC* run, int32_t line) noexcept nogil:
    """First four characters of the effective rendering provider's taxonomy; 0 when absent."""
    cdef int32_t provider = rendering_of(run, line)
    return 0 if provider < 0 or run.batch.providers[provider].taxonomy <= 0 else (
        run.batch.providers[provider].taxonomy // POW_37_6)


cdef ValueC taxonomy_value(const RunC* run, int32_t line) noexcept nogil:
    """Taxonomy of who rendered; that of a group or another organization is nobody's specialty."""
    cdef int32_t provider = rendering_of(run, line)
    cdef int64_t taxonomy = 0 if provider < 0 else run.batch.providers[provider].taxonomy
    if taxonomy <= 0 or run.batch.providers[provider].entity == ORGANIZATION or taxonomy // POW_37_6 // 37 == (
            2 * 37 + 10) * 37 + 4:                                   # 193
        return unknown(R_NO_FACT)
    return known(taxonomy)


cdef bint has_modifier(const LineC* line, int64_t modifier) noexcept nogil:
    cdef int i
    for i in range(min(<int>line.modifier_count, MAX_MODIFIERS)):
        if line.modifiers[i] == modifier:
            return True
    return False


cdef bint has_any(const RunC* run, const LineC* line, int32_t number, int32_t day) noexcept nogil:
    """Whether a modifier of the line is in a set."""
    cdef int i
    for i in range(min(<int>line.modifier_count, MAX_MODIFIERS)):
        if in_set(run, number, line.modifiers[i], day):
            return True
    return False


cdef int _modifier_side(int64_t m) noexcept nogil:
    """1 left, 2 right, 0 neither. Eyelids E1-E2 left, E3-E4 right; FA F1-F4, TA T1-T4 left, F5-F9, T5-T9 right."""
    if m == M_LT or m == M_E1 or m == M_E2 or m == M_FA or m == M_TA or M_F1 <= m <= M_F4 or M_T1 <= m <= M_T4:
        return 1
    if m == M_RT or m == M_E3 or m == M_E4 or M_F5 <= m <= M_F9 or M_T5 <= m <= M_T9:
        return 2
    return 0


cdef int side_of(const LineC* line) noexcept nogil:
    """Index in line.side."""
    cdef int i, sides = 0
    for i in range(min(<int>line.modifier_count, MAX_MODIFIERS)):
        if line.modifiers[i] == M_50:
            return V_LINE_SIDE_BOTH
        sides |= _modifier_side(line.modifiers[i])
    return sides                      # none, left, right, both are 0 to 3, as the bits are


cdef bint _side_conflict(const LineC* line) noexcept nogil:
    """LT with a right digit or lid, or RT with a left one."""
    cdef int i, side, hands = 0, digits = 0
    for i in range(min(<int>line.modifier_count, MAX_MODIFIERS)):
        side = _modifier_side(line.modifiers[i])
        if line.modifiers[i] == M_LT or line.modifiers[i] == M_RT:
            hands |= side
        else:
            digits |= side
    return hands != 3 and digits != 0 and hands != 0 and (hands & digits) != digits


cdef int anatomic(const RunC* run, int32_t a, int32_t b) noexcept nogil:
    """How the anatomic modifiers of two lines compare: an index in relation.anatomic."""
    cdef const LineC* x = &run.batch.lines[a]
    cdef const LineC* y = &run.batch.lines[b]
    cdef int i, n = 0, shared = 0
    cdef bint other = has_any(run, y, run.special.anatomic_modifiers, y.from_day)
    for i in range(min(<int>x.modifier_count, MAX_MODIFIERS)):
        if in_set(run, run.special.anatomic_modifiers, x.modifiers[i], x.from_day):
            n += 1
            shared += has_modifier(y, x.modifiers[i])
    if n == 0 and not other:
        return V_RELATION_ANATOMIC_NONE
    if n == 0 or not other:
        return V_RELATION_ANATOMIC_ONE
    return V_RELATION_ANATOMIC_SAME if shared else V_RELATION_ANATOMIC_DIFFERENT


cdef bint is_helper(const LineC* line) noexcept nogil:
    """An assistant at a surgery (80, 81, 82, AS), or its aftercare alone (55): the surgery is another's."""
    return (has_modifier(line, M_55) or has_modifier(line, M_80) or has_modifier(line, M_81) or has_modifier(line, M_82)
            or has_modifier(line, M_AS))


cdef int32_t first_on(const RunC* run, int32_t day) noexcept nogil:
    """Place of the first line of the case on or after a day."""
    cdef int32_t low = 0, high = run.case_line_count, middle
    while low < high:
        middle = (low + high) >> 1
        if run.batch.lines[run.case_lines[middle]].from_day < day:
            low = middle + 1
        else:
            high = middle
    return low


cdef int64_t per_day_milli(const LineC* line) noexcept nogil:
    """Units per day of a span, rounded half up to whole units; units of a single day as sent."""
    cdef int64_t days = line.thru_day - line.from_day + 1
    if line.from_day == NO_DAY or line.thru_day == NO_DAY or days <= 1:
        return line.units_milli
    return (line.units_milli + 500 * days) // (1000 * days) * 1000


cdef int same_scope(const RunC* run, int32_t a, int32_t b) noexcept nogil:
    """Whether PTP and MUE join two lines under the payer's scope: 1 yes, 0 no, -1 a provider is missing."""
    cdef int scope = run.profiles[run.payer_profile[claim_of(run, a).payer]].provider_scope
    cdef int64_t x, y
    cdef ValueC group
    if scope == 0:
        x = npi_of(run, a)
        y = npi_of(run, b)
        if x == 0 or y == 0:
            return -1
        return x == y
    if scope == 1:
        group = same_group(run, a, b)
        return -1 if group.state != 0 else <int>group.value
    x = tin_of(run, a)
    y = tin_of(run, b)
    return -1 if x == 0 or y == 0 else <int>(x == y)


cdef bint is_asc(const RunC* run, int32_t line) noexcept nogil:
    """Billed by an ambulatory surgical center: its taxonomy, place of service 24."""
    cdef int32_t billing = claim_of(run, line).billing
    return (billing >= 0 and run.batch.providers[billing].taxonomy == ASC_TAXONOMY
            and effective_pos(run, line) == POS_24)


cdef ValueC _asc(const RunC* run, int32_t line) noexcept nogil:
    """In place 24 the biller's taxonomy tells a surgical center from who works there."""
    cdef int32_t billing = claim_of(run, line).billing
    if effective_pos(run, line) == POS_24 and (billing < 0 or run.batch.providers[billing].taxonomy == 0):
        return unknown(R_NO_FACT)
    return known(is_asc(run, line))


cdef bint comes_before(const RunC* run, int32_t a, int32_t b) noexcept nogil:
    """The total order of lines: date, history before drafts, claim, number."""
    cdef const LineC* x = &run.batch.lines[a]
    cdef const LineC* y = &run.batch.lines[b]
    if x.from_day != y.from_day:
        return x.from_day < y.from_day
    if (x.state == 0) != (y.state == 0):
        return x.state != 0
    return a < b


cdef ValueC same_group(const RunC* run, int32_t a, int32_t b) noexcept nogil:
    """Same tax id and same specialty, or by the payer's profile the same rendering provider."""
    cdef int64_t npi_a = npi_of(run, a), npi_b = npi_of(run, b)
    cdef int64_t tin_a = tin_of(run, a), tin_b = tin_of(run, b)
    cdef int64_t s_a, s_b
    if run.profiles[run.payer_profile[claim_of(run, a).payer]].physician_identity == 1:
        return unknown(R_NO_FACT) if npi_a == 0 or npi_b == 0 else known(npi_a == npi_b)
    if tin_a == 0 or tin_b == 0:
        return unknown(R_NO_FACT)
    if tin_a != tin_b:
        return known(0)
    if npi_a != 0 and npi_a == npi_b:
        return known(1)
    s_a = specialty_of(run, a)
    s_b = specialty_of(run, b)
    if s_a == 0 or s_b == 0:
        return unknown(R_NO_FACT)
    return known(s_a == s_b)


cdef int64_t first_pointed(const RunC* run, int32_t line) noexcept nogil:
    """Symbol of the first pointed diagnosis; 0 when the line points to none."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[l.claim]
    if l.pointer_count == 0 or l.pointers[0] == 0 or l.pointers[0] > claim.diagnosis_count:
        return 0
    return run.batch.diagnoses[claim.first_diagnosis + l.pointers[0] - 1].code


cdef int _rendering_kind(const RunC* run, int32_t line) noexcept nogil:
    """Index in line.rendering_kind by NUCC taxonomy; -1 without one.

    Source:
        NUCC: 20 allopathic and osteopathic physicians (also 111N, 1223, 152W, 213E, 204), 363L/363A/364S nurse
        practitioners, assistants and clinical nurse specialists, 367A midwives, 3675 nurse anesthetists, 367H
        anesthesiologist assistants, 2251 2252 2355 therapists (235Z, 225X, 2251).
    """
    cdef int32_t provider = rendering_of(run, line)
    cdef int64_t taxonomy, two, three, four
    if provider < 0 or run.batch.providers[provider].taxonomy <= 0:
        return -1
    taxonomy = run.batch.providers[provider].taxonomy
    if taxonomy == TAX_CRNA:
        return V_LINE_RENDERING_KIND_CRNA
    if taxonomy == TAX_AA:
        return V_LINE_RENDERING_KIND_AA
    four = taxonomy // POW_37_6
    three = four // 37
    two = three // 37
    if two == 3 * 37 + 1:                                            # 20
        return V_LINE_RENDERING_KIND_PHYSICIAN
    if four == ((2 * 37 + 2) * 37 + 2) * 37 + 24 or four == ((2 * 37 + 2) * 37 + 3) * 37 + 4 or \
            four == ((2 * 37 + 6) * 37 + 3) * 37 + 33 or four == ((3 * 37 + 2) * 37 + 4) * 37 + 15:
        return V_LINE_RENDERING_KIND_PHYSICIAN                       # 111N 1223 152W 213E
    if four == ((4 * 37 + 7) * 37 + 4) * 37 + 22 or four == ((4 * 37 + 7) * 37 + 4) * 37 + 11 or \
            four == ((4 * 37 + 7) * 37 + 5) * 37 + 29 or four == ((4 * 37 + 7) * 37 + 8) * 37 + 11:
        return V_LINE_RENDERING_KIND_NPP                             # 363L 363A 364S 367A
    if three == (3 * 37 + 3) * 37 + 6 or three == (3 * 37 + 4) * 37 + 6:
        return V_LINE_RENDERING_KIND_THERAPIST                       # 225 235
    return V_LINE_RENDERING_KIND_OTHER


cdef ValueC _addon(const CodeDayC* facts) noexcept nogil:
    """ZZZ on the fee schedule, or an add-on row in force; no edition only when neither table reaches the day."""
    if facts.aoc_row >= 0 or (facts.fee_row >= 0 and facts.fee.column[C_PFS_GLOBAL][facts.fee_row] == V_FEE_GLOB_ZZZ):
        return known(1)
    if facts.aoc == NULL and facts.fee == NULL:
        return unknown(R_NO_EDITION)
    if facts.fee_row < 0 and facts.aoc != NULL and facts.aoc.partial:
        return unknown(R_NO_ROW)
    return known(0)


cdef bint _link_repeated(const RunC* run, const LineC* l) noexcept nogil:
    """Another line of the claim has the same line control number (REF*6R)."""
    cdef const ClaimC* claim = &run.batch.claims[l.claim]
    cdef int32_t i
    cdef int same = 0
    if l.link_id == 0:
        return False
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        same += run.batch.lines[i].link_id == l.link_id
    return same > 1


cdef ValueC line_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """line.*, for the unit's line and for a line that is an item."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const ClaimC* claim
    cdef CodeDayC* facts
    cdef int64_t v
    cdef int i, j
    if attribute == A_LINE_CODE:
        return known(l.code) if l.code != 0 else absent()
    if attribute == A_LINE_NUMBER:
        return known(l.number)
    if attribute == A_LINE_UNITS:
        return known(l.units_milli)
    if attribute == A_LINE_FRACTIONAL:
        return known(l.units_milli % 1000 != 0)
    if attribute == A_LINE_UNEVEN:
        return known(l.units_milli % (1000 * <int64_t>max(1, l.thru_day - l.from_day + 1)) != 0)
    if attribute == A_LINE_PER_DAY_UNITS:
        return known(per_day_milli(l))
    if attribute == A_LINE_DATE:
        return known(l.from_day) if l.from_day != NO_DAY else absent()
    if attribute == A_LINE_THRU:
        return known(l.thru_day) if l.thru_day != NO_DAY else absent()
    if attribute == A_LINE_DAYS:
        return known(max(1, l.thru_day - l.from_day + 1))
    if attribute == A_LINE_CHARGE:
        return known(l.charge_cents) if l.charge_sent else absent()
    if attribute == A_LINE_POS:
        v = effective_pos(run, line)
        return known(v) if v != 0 else unknown(R_NO_FACT)
    if attribute == A_LINE_MODIFIER_1:
        return known(l.modifiers[0]) if l.modifier_count > 0 else absent()
    if attribute == A_LINE_MODIFIER_COUNT:
        return known(l.modifier_count)
    if attribute == A_LINE_UNIT_KIND:
        return known(l.unit_kind)
    if attribute == A_LINE_DX1:
        v = first_pointed(run, line)
        return known(v) if v != 0 else unknown(R_NO_FACT)
    if attribute == A_LINE_RENDERING_KIND:
        i = _rendering_kind(run, line)
        return known(i) if i >= 0 else unknown(R_NO_FACT)
    if attribute == A_LINE_NOTE:
        return known(l.note)
    if attribute == A_LINE_DESCRIPTION:
        return known(l.description)
    if attribute == A_LINE_CARE_DATES:
        claim = claim_of(run, line)
        return known(l.care_from != NO_DAY or l.care_to != NO_DAY or claim.care_from != NO_DAY or claim.care_to != NO_DAY)
    if attribute == A_LINE_STATE:
        return known(l.state)
    if attribute == A_LINE_SIDE:
        return known(side_of(l))
    if attribute == A_LINE_SIDE_CONFLICT:
        return known(_side_conflict(l))
    if attribute == A_LINE_MODIFIER_GAP:
        return known(l.modifier_gap)
    if attribute == A_LINE_MODIFIER_REPEATED:
        for i in range(min(<int>l.modifier_count, MAX_MODIFIERS)):
            for j in range(i):
                if l.modifiers[i] == l.modifiers[j]:
                    return known(1)
        return known(0)
    if attribute == A_LINE_EMERGENCY:
        return known(l.emergency)
    if attribute == A_LINE_ASC:
        return _asc(run, line)
    if attribute == A_LINE_FACILITY:
        v = effective_pos(run, line)
        return unknown(R_NO_FACT) if v == 0 else known(in_set(run, run.special.facility_pos, v, l.from_day))
    if attribute == A_LINE_VISIT_MINUTES:
        return known(l.visit_minutes) if l.visit_minutes >= 0 else unknown(R_NO_FACT)
    if attribute == A_LINE_LX_FAULT:
        return known(l.lx_fault)
    if attribute == A_LINE_LINK_REPEATED:
        return known(_link_repeated(run, l))
    if attribute == A_LINE_POINTER_FAULT:
        return known(l.pointer_fault)
    facts = line_facts(run, line)
    if attribute == A_LINE_ADDON:
        return _addon(facts)
    if attribute == A_LINE_CODE_STATUS:
        if l.code == 0:
            return absent()
        if run.batch.claims[l.claim].kind == DENTAL:     # CDT is licensed, and no list at hand holds it
            return unknown(R_NO_ROW)
        if facts.code_status < 0:
            return unknown(R_NO_EDITION if facts.code_status == -1 else R_NO_ROW)
        return known(facts.code_status)
    if attribute == A_LINE_CODE_SOURCE:
        return known(facts.code_source)
    return unknown(R_NO_FACT)
