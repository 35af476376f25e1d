"""What prompts about missed charges read: vaccines counted, long-term conditions, the fee schedule's amount."""

from libc.stdint cimport int32_t, int64_t

from scrubber.symbols import pack

from scrubber._claims cimport first_from
from scrubber._dxnotes cimport BookC, noted_of
from scrubber._facts cimport absent, code_in, fee_key, in_set, known, line_facts, unknown
from scrubber._lines cimport claim_of, effective_pos, has_any, has_modifier, line_value, tin_of
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.bits cimport has_bit
from scrubber.days cimport civil_of
from scrubber.pack cimport digit_of
from scrubber.run cimport SET_BITS, CodeDayC, RunC, ValueC
from scrubber.structs cimport DENIED, FACILITY, NO_DAY, PROFESSIONAL, ClaimC, DiagnosisC, LineC, ProviderC, TextC
from scrubber.words cimport *

cdef enum:
    M_26 = 3 * 37 + 7
    M_50 = 6 * 37 + 1
    M_53 = 6 * 37 + 4
    M_TC = 30 * 37 + 13
    LETTER_A = 11
    POW_37_2 = 1369
    POW_37_4 = 1874161
    HISTORY_DAYS = 365
    NPP_PERCENT = 85             # of the schedule, for nurse practitioners and assistants

cdef int64_t CODE_90461 = pack("90461", 5)
cdef int64_t CODE_M0201 = pack("M0201", 5)
cdef int64_t CODE_91300 = pack("91300", 5)
cdef int64_t CODE_91399 = pack("91399", 5)


cdef ValueC claim_opportunity(RunC* run, int32_t claim, int attribute) noexcept nogil:
    """claim.*, those attributes that prompts read; counselling, operative report and encounters are on no claim."""
    if attribute == A_CLAIM_VACCINE_GAP:
        return _vaccine_gap(run, claim)
    if attribute == A_CLAIM_CHRONIC_CONDITIONS:
        return known(_chronic(run, claim))
    if attribute == A_CLAIM_LAPSED_CHRONIC:
        return _lapsed(run, claim)
    return unknown(R_NO_FACT)


cdef ValueC _vaccine_gap(RunC* run, int32_t claim) noexcept nogil:
    """Administrations less products of the first day of the claim on which they differ; 0 where they agree."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const LineC* l
    cdef int32_t k
    cdef int64_t gap
    for k in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        l = &run.batch.lines[k]
        if not (code_in(run, line_facts(run, k), run.special.vacadm)
                or code_in(run, line_facts(run, k), run.special.vacprod)):
            continue
        if l.from_day == NO_DAY:
            return unknown(R_NO_FACT)
        gap = _gap_on(run, k)
        if gap != 0:
            return known(gap)
    return known(0)


cdef int64_t _gap_on(RunC* run, int32_t line) noexcept nogil:
    """Administrations less products of the line's day and tax id, in units.

    A further component (90461) and the visit at home (M0201) are no vaccine of their own. Numbers of administration that
    end in A stood for one vaccine each, which was given to the provider: they count with no product, nor do the products
    against that disease on their day.
    """
    cdef const LineC* own = &run.batch.lines[line]
    cdef const LineC* l
    cdef int64_t given = 0, products = 0, covid = 0
    cdef bint free_vaccine = False
    cdef int32_t i, item
    for i in range(run.case_line_count):
        item = run.case_lines[i]
        l = &run.batch.lines[item]
        if l.from_day > own.from_day:
            break
        if (l.from_day != own.from_day or l.state == DENIED or claim_of(run, item).kind != claim_of(run, line).kind
                or tin_of(run, item) != tin_of(run, line)):
            continue
        if code_in(run, line_facts(run, item), run.special.vacprod):
            if CODE_91300 <= l.code <= CODE_91399:
                covid += l.units_milli
            else:
                products += l.units_milli
        elif code_in(run, line_facts(run, item), run.special.vacadm):
            if l.code % 37 == LETTER_A:
                free_vaccine = True
            elif l.code != CODE_90461 and l.code != CODE_M0201:
                given += l.units_milli
    return (given - products - (0 if free_vaccine else covid)) // 1000


cdef int64_t _category(int64_t code) noexcept nogil:
    return code // POW_37_4


cdef bint _may_be_in(const RunC* run, int32_t number, int32_t dx) noexcept nogil:
    """Whether a set holds a diagnosis on any day, as far as is noted."""
    cdef int32_t claim = run.batch.diagnoses[dx].claim
    if claim != run.dx_sets_of or not 0 <= number < SET_BITS:
        return True
    return has_bit((<const BookC*>run.book).noted[noted_of(run, claim, dx)].sets, number)


cdef bint _is_chronic(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    """Whether a diagnosis, the principal or another one, is a long-term condition."""
    cdef const DiagnosisC* diagnosis = &run.batch.diagnoses[dx]
    return diagnosis.role <= 1 and _may_be_in(run, run.special.chronic_conditions, dx) and in_set(
        run, run.special.chronic_conditions, diagnosis.code, day)


cdef int _chronic(const RunC* run, int32_t claim) noexcept nogil:
    """How many long-term conditions the claim's diagnoses name, by category."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t day = first_from(run, claim), i, k
    cdef int count = 0
    for i in range(c_claim.first_diagnosis, c_claim.first_diagnosis + c_claim.diagnosis_count):
        if not _is_chronic(run, i, day):
            continue
        k = c_claim.first_diagnosis
        while k < i and not (_category(run.batch.diagnoses[k].code) == _category(run.batch.diagnoses[i].code)
                             and _is_chronic(run, k, day)):
            k += 1
        count += k == i
    return count


cdef bint has_few_chronic(const RunC* run, int32_t claim) noexcept nogil:
    """Whether the claim names one long-term condition at most."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const DiagnosisC* dx
    cdef int32_t number = run.special.chronic_conditions, i
    cdef int64_t one = 0
    if claim == run.dx_sets_of and 0 <= number < SET_BITS and not has_bit(run.dx_sets, number):
        return True
    for i in range(c_claim.first_diagnosis, c_claim.first_diagnosis + c_claim.diagnosis_count):
        dx = &run.batch.diagnoses[i]
        if _category(dx.code) == one or not _is_chronic(run, i, first_from(run, claim)):
            continue
        if one != 0:
            return False
        one = _category(dx.code)
    return True


cdef bint _has_visit(RunC* run, int32_t claim) noexcept nogil:
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t k
    if c_claim.kind != PROFESSIONAL:
        return False
    for k in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        if run.batch.lines[k].state != DENIED and code_in(run, line_facts(run, k), run.special.em):
            return True
    return False


cdef int32_t _year(int32_t day) noexcept nogil:
    return civil_of(day).year


cdef bint _named_in(const RunC* run, int32_t year, int64_t category) noexcept nogil:
    """Whether any claim of the patient names the category in a year."""
    cdef const ClaimC* claim
    cdef int32_t i, k, day
    for i in range(run.case_claim_count):
        claim = &run.batch.claims[run.case_claims[i]]
        day = first_from(run, run.case_claims[i])
        if not run.live[run.case_claims[i]] or day == NO_DAY or _year(day) != year:
            continue
        for k in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
            if run.batch.diagnoses[k].role <= 1 and _category(run.batch.diagnoses[k].code) == category:
                return True
    return False


cdef ValueC _lapsed(RunC* run, int32_t claim) noexcept nogil:
    """A long-term condition that a visit of the calendar year before was for, and no claim of this one names.

    Unknown where history does not reach back a year. Of several the first code by number.
    """
    cdef const ClaimC* other
    cdef const DiagnosisC* dx
    cdef int32_t day = first_from(run, claim), year, then, i, k
    cdef int64_t found = 0
    if day == NO_DAY or run.history_from == NO_DAY or run.history_from > day - HISTORY_DAYS:
        return unknown(R_NO_HISTORY)
    year = _year(day)
    for i in range(run.case_claim_count):
        other = &run.batch.claims[run.case_claims[i]]
        then = first_from(run, run.case_claims[i])
        if (not run.live[run.case_claims[i]] or other.state == DENIED or then == NO_DAY or _year(then) != year - 1
                or not _has_visit(run, run.case_claims[i])):
            continue
        for k in range(other.first_diagnosis, other.first_diagnosis + other.diagnosis_count):
            dx = &run.batch.diagnoses[k]
            if (dx.role <= 1 and (found == 0 or dx.code < found)
                    and in_set(run, run.special.hcc_conditions, dx.code, then)
                    and not _named_in(run, year, _category(dx.code))):
                found = dx.code
    return known(found) if found > 0 else absent()


cdef int64_t _zip(const RunC* run, int32_t claim) noexcept nogil:
    """Five digits of where the service was done: the facility's, else the biller's; 0 where neither is sent."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef const ProviderC* provider = NULL
    cdef const TextC* text
    cdef int64_t symbol = 0
    cdef int32_t i
    cdef int d
    for i in range(c_claim.first_provider, c_claim.first_provider + c_claim.provider_count):
        if (run.batch.providers[i].role == FACILITY and run.batch.providers[i].line < 0
                and run.batch.providers[i].zip.length >= 5):
            provider = &run.batch.providers[i]
    if provider == NULL and c_claim.billing >= 0:
        provider = &run.batch.providers[c_claim.billing]
    if provider == NULL or provider.zip.length < 5:
        return 0
    text = &provider.zip
    for i in range(5):
        d = digit_of(run.batch.arena[text.start + i])
        if not 1 <= d <= 10:
            return 0
        symbol = symbol * 37 + d
    return symbol


cdef bint _reduced_beside(RunC* run, int32_t line) noexcept nogil:
    """Whether a reduction for several procedures may touch the line: its indicator has one, and so has another's of the day."""
    cdef const ClaimC* claim = claim_of(run, line)
    cdef CodeDayC* facts = line_facts(run, line)
    cdef CodeDayC* other
    cdef int32_t own = facts.fee.column[C_PFS_MULT][facts.fee_row], k
    if not 50 <= own <= 55:
        return False
    for k in range(claim.first_line, claim.first_line + claim.line_count):
        other = line_facts(run, k)
        if (k != line and run.batch.lines[k].from_day == run.batch.lines[line].from_day and other.fee_row >= 0
                and 50 <= other.fee.column[C_PFS_MULT][other.fee_row] <= 55):
            return True
    return False


cdef ValueC payable(RunC* run, int32_t line) noexcept nogil:
    """line.payable: the least that the fee schedule pays for the line where it was done, in cents.

    Relative values times the locality's indices times the conversion factor and the units. The schedule's table does not
    hold practice expense and malpractice apart, so that the smaller of their two indices is taken for both: at least so
    much is paid. Absent of a service that has no price there.
    """
    cdef const LineC* l = &run.batch.lines[line]
    cdef CodeDayC* facts = line_facts(run, line)
    cdef ValueC setting = run.profiles[run.payer_profile[claim_of(run, line).payer]].settings[
        A_PAYER_FEE_SCHEDULE - F_PAYER]
    cdef const EditionC* places
    cdef const EditionC* indices
    cdef int64_t row = facts.fee_row, place, index, total, work, adjusted, cents, zip_code
    cdef int64_t modifier = 0
    cdef int32_t status
    if setting.state != 0:
        return setting
    if setting.value == V_PAYER_FEE_SCHEDULE_NONE:
        return absent()
    if facts.fee == NULL:
        return unknown(R_NO_EDITION)
    if row < 0:
        return unknown(R_NO_ROW) if facts.fee.partial else absent()
    status = facts.fee.column[C_PFS_STATUS][row]
    if status != 65 and status != 82 and status != 84:               # A, R and T are priced
        return unknown(R_NO_ROW) if status == 67 else absent()
    places = edition_on(&run.tables.chains[T_ZIP_LOCALITY], l.from_day)
    indices = edition_on(&run.tables.chains[T_GPCI], l.from_day)
    if places == NULL or indices == NULL:
        return unknown(R_NO_EDITION)
    if effective_pos(run, line) == 0 or has_any(run, l, run.special.price_unclear, l.from_day) or _reduced_beside(run, line):
        return unknown(R_NO_FACT)
    zip_code = _zip(run, l.claim)
    if zip_code == 0:
        return unknown(R_NO_FACT)
    place = row_on(places, zip_code, l.from_day)
    if place < 0:
        return unknown(R_NO_ROW)
    index = row_on(indices, <int64_t>places.column[C_ZIP_LOCALITY_MAC][place] * POW_37_2
                   + places.column[C_ZIP_LOCALITY_LOCALITY][place], l.from_day)
    if index < 0:
        return unknown(R_NO_ROW)
    modifier = M_26 if has_modifier(l, M_26) else M_TC if has_modifier(l, M_TC) else 0
    if modifier:
        row = first_row(facts.fee, fee_key(l.code, modifier))
        if row < 0:
            return unknown(R_NO_ROW)
    work = facts.fee.column[C_PFS_WORK][row]
    if in_set(run, run.special.facility_pos, effective_pos(run, line), l.from_day):
        total = facts.fee.column[C_PFS_FACILITY_TOTAL][row]
    else:
        total = facts.fee.column[C_PFS_NONFACILITY_TOTAL][row]
    if total <= 0:
        return absent()
    adjusted = work * indices.column[C_GPCI_WORK][index] + (total - work) * min(
        indices.column[C_GPCI_PRACTICE][index], indices.column[C_GPCI_MALPRACTICE][index])
    cents = (adjusted * facts.fee.column[C_PFS_CONVERSION_FACTOR][row] + 50000000) // 100000000
    if has_modifier(l, M_50):
        cents = cents * 3 // 2
    if line_value(run, line, A_LINE_RENDERING_KIND).value == V_LINE_RENDERING_KIND_NPP:
        cents = cents * NPP_PERCENT // 100
    return known(cents * max(0, l.units_milli) // 1000)
