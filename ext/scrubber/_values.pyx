"""The value of any attribute of any unit or item: one place that knows which module computes what."""

from libc.stdint cimport int32_t, int64_t

from scrubber._addons cimport aoc_value
from scrubber._administrative cimport claim_value, defect_value
from scrubber._authorizations cimport authorization_value, line_authorization_value
from scrubber._cob cimport adjudication_value, cob_value
from scrubber._claims cimport in_hand
from scrubber._codes cimport code_set_value
from scrubber._coverage cimport coverage_value, line_coverage
from scrubber._days cimport day_value, mue_value
from scrubber._details cimport detail_value
from scrubber._diagnoses cimport diagnosis_value
from scrubber._drugs cimport drug_value, order_value
from scrubber._dxpairs cimport dx_pair_value
from scrubber._facts cimport fee_value, known, line_facts, unknown
from scrubber._frequency cimport frequency_value
from scrubber._history cimport in_stay, prior_value, seen_value
from scrubber._limits cimport limit_value
from scrubber._lines cimport line_value, taxonomy_value
from scrubber._modifiers cimport modifier_value
from scrubber._opportunities cimport claim_opportunity, payable
from scrubber._pairs cimport pair_value
from scrubber._partners cimport partner_value
from scrubber._patients cimport patient_value, subscriber_value
from scrubber._providers cimport companion_value, provider_value
from scrubber._peers cimport billed_code, period_value
from scrubber._ranks cimport mp_rank
from scrubber._relations cimport relation_value, repeat_value
from scrubber._sides cimport line_dx_side, line_region_fault
from scrubber.run cimport ProfileC, RunC, UnitC, ValueC
from scrubber.structs cimport MAX_MODIFIERS, NO_DAY
from scrubber.words cimport *


cdef int32_t unit_day(const RunC* run, const UnitC* unit) noexcept nogil:
    """The day a unit is judged on: its line's, else the claim's first service date."""
    if unit.line >= 0:
        return run.batch.lines[unit.line].from_day
    return NO_DAY if unit.claim < 0 else in_hand(run, unit.claim).day


cdef ValueC value_of(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """The value of an attribute of a unit or an item."""
    cdef const ProfileC* profile
    if attribute < F_CLAIM and unit.line < 0:
        return unknown(R_NO_FACT)                    # an authorization number that governs no line
    if attribute < F_FEE:
        if attribute == A_LINE_DX_SIDE:
            return line_dx_side(run, unit.line)
        if attribute == A_LINE_REGION_FAULT:
            return line_region_fault(run, unit.line)
        if attribute == A_LINE_AGE_FAULT or attribute == A_LINE_SEX_FAULT:
            return limit_value(run, unit, attribute)
        if attribute == A_LINE_AUTH_SENT or attribute == A_LINE_AUTH_NEED or attribute == A_LINE_AUTH_EXEMPT:
            return line_authorization_value(run, unit.line, attribute)
        if attribute == A_LINE_SPECIALTY:
            return taxonomy_value(run, unit.line)
        if attribute == A_LINE_MP_RANK:
            return mp_rank(run, unit.line)
        if attribute == A_LINE_COVERAGE:
            return line_coverage(run, unit.line)
        if attribute == A_LINE_MODIFIER_ORDER_BROKEN or A_LINE_DAYS_AFTER_SURGERY <= attribute <= A_LINE_FEE_RATIO:
            return detail_value(run, unit.line, attribute)
        if A_LINE_TRANSPORT <= attribute <= A_LINE_CERTIFICATE:
            return companion_value(run, unit.line, attribute)
        if attribute == A_LINE_PAYABLE:
            return payable(run, unit.line)
        if attribute == A_LINE_IN_STAY:
            return in_stay(run, unit.line)
        if attribute == A_LINE_AGE:
            return patient_value(run, unit, A_PATIENT_AGE)
        if A_LINE_POS_STATUS <= attribute <= A_LINE_REFERRING_CLIA:
            return code_set_value(run, unit.line, attribute)
        return line_value(run, unit.line, attribute)
    if attribute < F_MUE:
        return fee_value(run, line_facts(run, unit.line), attribute)
    if attribute < F_AOC:
        return mue_value(run, unit.line, attribute)
    if attribute < F_NDC:
        return aoc_value(run, unit.line, attribute)
    if attribute < F_ORDER:
        return drug_value(run, unit.line, attribute)
    if attribute < F_CLAIM:
        return order_value(run, unit.line, attribute)
    if A_CLAIM_VACCINE_GAP <= attribute <= A_CLAIM_ENCOUNTER_FEED:
        return claim_opportunity(run, unit.claim, attribute)
    if attribute < F_PATIENT:
        return claim_value(run, unit, attribute)
    if attribute < F_SUBSCRIBER:
        return patient_value(run, unit, attribute)
    if attribute < F_PAYER:
        return subscriber_value(run, unit, attribute)
    if attribute < F_MODIFIER:
        profile = &run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]]
        return profile.settings[attribute - F_PAYER]
    if attribute < F_PAIR:
        return modifier_value(run, unit, attribute)
    if attribute < F_DAY:
        return pair_value(run, unit, attribute)
    if attribute < F_DX:
        return day_value(run, unit, attribute)
    if attribute < F_COVERAGE:
        if (attribute == A_DX_CODE_FIRST or attribute == A_DX_NEEDS_ALSO or attribute == A_DX_HISTORY_ACTIVE
                or attribute == A_DX_TRIMESTER or attribute == A_DX_TRIMESTER_EXPECTED):
            return partner_value(run, unit.dx, attribute)
        return diagnosis_value(run, unit, attribute)
    if attribute < F_PROVIDER:
        return coverage_value(run, unit, attribute)
    if attribute < F_AUTH:
        return provider_value(run, unit, attribute)
    if attribute < F_COB:
        return authorization_value(run, unit, attribute)
    if attribute < F_DEFECT:
        return cob_value(run, unit, attribute)
    if F_LIMIT <= attribute < F_SEEN:
        return frequency_value(unit, attribute)
    if F_SEEN <= attribute <= A_SEEN_KIND:
        return seen_value(run, unit.line, attribute)
    if attribute < F_DX_PAIR:
        return defect_value(run, unit, attribute)
    if F_PROVIDER_PERIOD <= attribute <= A_PROVIDER_PERIOD_PEER_RATE:
        return period_value(run, unit, attribute)
    if attribute < F_RELATION:
        return dx_pair_value(run, unit, attribute)
    if attribute < F_REPEAT:
        if unit.anchor < 0:
            return unknown(R_NO_FACT)                # a claim without a line
        return relation_value(run, unit.anchor, unit.line, attribute)
    if attribute < F_WINDOW:
        return repeat_value(run, unit.parent.line, unit.line, attribute)
    if attribute == A_WINDOW_DAY:
        return known(unit.days_after)
    if attribute == A_WINDOW_LENGTH:
        return _window_length(run, unit.line)
    if attribute == A_WINDOW_TRANSFERRED:
        return known(_has(run, unit.line, 6 * 37 + 5))
    if F_PRIOR <= attribute <= A_PRIOR_IS_SURGERY:
        return prior_value(run, unit, attribute)
    if F_ADJUDICATIONS <= attribute <= A_ADJUDICATIONS_BUNDLED_INTO:
        return adjudication_value(run, unit, attribute)
    if attribute == A_ELSEWHERE_SERVICE:
        return known(billed_code(run, unit.cursor))
    if attribute == A_POINTED_POINTER or attribute == A_POINTING_POINTER:
        return known(unit.pointer)
    return unknown(R_NO_FACT)


cdef bint _has(const RunC* run, int32_t line, int64_t modifier) noexcept nogil:
    cdef int i
    for i in range(min(<int>run.batch.lines[line].modifier_count, MAX_MODIFIERS)):
        if run.batch.lines[line].modifiers[i] == modifier:
            return True
    return False


cdef ValueC _window_length(RunC* run, int32_t line) noexcept nogil:
    cdef ValueC glob = fee_value(run, line_facts(run, line), A_FEE_GLOB)
    return glob                          # 000 010 090 stand at the same places in both enumerations
