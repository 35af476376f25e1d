"""What an earlier line of the patient is: a visit, a procedure, a surgery, and how long ago."""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport is_inpatient, last_thru
from scrubber._facts cimport absent, code_in, known, line_facts, unknown
from scrubber._lines cimport claim_of, first_on, has_modifier, is_helper, same_group
from scrubber.days cimport add_years
from scrubber.run cimport CodeDayC, RunC, UnitC, ValueC
from scrubber.structs cimport DENIED, INSTITUTIONAL, NO_DAY, PAID, PROFESSIONAL, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    M_26 = 3 * 37 + 7
    M_TC = 30 * 37 + 13
    STILL_A_PATIENT = 4 * 37 + 1     # patient status 30

# The last time that the group and specialty of a line met the patient.
cdef struct SeenC:
    int32_t line                 # -1: never, as far as is known
    int32_t reason               # not 0: unknown
    int32_t within               # in the three years before the line
    int32_t visit


cdef ValueC _global_days(const CodeDayC* facts) noexcept nogil:
    """fee.glob; a code that a whole fee schedule lacks has none."""
    if facts.fee == NULL:
        return unknown(R_NO_EDITION)
    if facts.fee_row < 0:
        return unknown(R_NO_ROW) if facts.fee.partial else known(V_FEE_GLOB_NONE)
    return known(facts.fee.column[C_PFS_GLOBAL][facts.fee_row])


cdef ValueC face_to_face(RunC* run, int32_t line) noexcept nogil:
    """Whether the physician met the patient: a visit, or a procedure; not a reading, a laboratory test or a supply."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const CodeDayC* facts = line_facts(run, line)
    cdef ValueC glob
    if claim_of(run, line).kind != PROFESSIONAL or has_modifier(l, M_26) or has_modifier(l, M_TC):
        return known(0)
    if code_in(run, <CodeDayC*>facts, run.special.em_like):
        return known(1)
    if code_in(run, <CodeDayC*>facts, run.special.lab):
        return known(0)
    glob = _global_days(facts)
    if glob.state > 0:
        return glob
    return known(glob.value == V_FEE_GLOB_000 or glob.value == V_FEE_GLOB_010 or glob.value == V_FEE_GLOB_090
                 or glob.value == V_FEE_GLOB_MMM)


cdef ValueC _is_surgery(RunC* run, int32_t line) noexcept nogil:
    """A procedure with 10 or 90 global days, neither an assistant's nor its aftercare alone."""
    cdef ValueC glob
    if claim_of(run, line).kind != PROFESSIONAL or is_helper(&run.batch.lines[line]):
        return known(0)
    glob = _global_days(line_facts(run, line))
    if glob.state > 0:
        return glob
    return known(glob.value == V_FEE_GLOB_010 or glob.value == V_FEE_GLOB_090)


cdef ValueC prior_value(RunC* run, const UnitC* item, int attribute) noexcept nogil:
    """prior.*: what an earlier line is to the unit."""
    if attribute == A_PRIOR_DAYS_AGO:
        return known(item.days_after)
    if attribute == A_PRIOR_PAID:
        return known(run.batch.lines[item.line].state == PAID)
    if attribute == A_PRIOR_FACE_TO_FACE:
        return face_to_face(run, item.line)
    return _is_surgery(run, item.line)


cdef SeenC _last_seen(RunC* run, int32_t line) noexcept nogil:
    """The latest visit of the three years before the line, else the latest procedure, else what was before.

    Source:
        Medicare Claims Processing Manual ch. 12 s. 30.6.7: a patient is new who had no face-to-face service of the
        physician, or of one of the same group and specialty, in the previous three years. The same day three years
        earlier is no longer within them; of 29 February it is the 28th. Lines of the same claim are no earlier service.
    """
    cdef int32_t day = run.batch.lines[line].from_day
    cdef int32_t since = add_years(day, -3) if day != NO_DAY else NO_DAY
    cdef int32_t low = first_on(run, day), item
    cdef ValueC met, group
    cdef SeenC seen
    cdef bint visit
    seen.line = -1
    seen.reason = 0
    seen.within = 0
    seen.visit = 0
    if day == NO_DAY:
        seen.reason = R_NO_FACT
        return seen
    while low > 0:
        low -= 1
        item = run.case_lines[low]
        if run.batch.lines[item].from_day == NO_DAY:
            break
        if run.batch.lines[item].from_day <= since and (seen.line >= 0 or seen.reason != 0):
            break
        if run.batch.lines[item].state == DENIED or run.batch.lines[item].claim == run.batch.lines[line].claim:
            continue
        met = face_to_face(run, item)
        if met.state == 0 and met.value == 0:
            continue
        group = same_group(run, line, item)
        if group.state == 0 and group.value == 0:
            continue
        if met.state > 0 or group.state > 0:
            if run.batch.lines[item].from_day > since and seen.reason == 0:
                seen.reason = met.state if met.state > 0 else group.state
            continue
        visit = code_in(run, line_facts(run, item), run.special.em_like)
        if run.batch.lines[item].from_day <= since:
            seen.line = item
            seen.visit = visit
            break
        if seen.line < 0 or visit:
            seen.line = item
            seen.within = 1
            seen.visit = visit
            if visit:
                break
    if seen.within:
        seen.reason = 0
    elif seen.reason == 0 and (run.history_from == NO_DAY or run.history_from > since + 1):
        seen.reason = R_NO_HISTORY
    return seen


cdef ValueC seen_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """seen.*"""
    cdef SeenC seen = _last_seen(run, line)
    if seen.reason != 0:
        return unknown(seen.reason)
    if attribute == A_SEEN_FOUND:
        return known(seen.line >= 0)
    if attribute == A_SEEN_WITHIN_3_YEARS:
        return known(seen.within)
    if seen.line < 0:
        return absent()
    if attribute == A_SEEN_CODE:
        return known(run.batch.lines[seen.line].code)
    if attribute == A_SEEN_DATE:
        return known(run.batch.lines[seen.line].from_day)
    return known(V_SEEN_KIND_VISIT if seen.visit else V_SEEN_KIND_PROCEDURE)


cdef ValueC in_stay(RunC* run, int32_t line) noexcept nogil:
    """Whether a hospital's claim says that the patient was an inpatient on the line's day.

    The days of admission and discharge are not counted: before the one and after the other the patient may have been
    anywhere. Of a claim that ends while the patient stays (status 30) the last day counts.
    """
    cdef int32_t day = run.batch.lines[line].from_day
    cdef const ClaimC* claim
    cdef int32_t i, begin, end
    for i in range(run.case_claim_count):
        claim = &run.batch.claims[run.case_claims[i]]
        if (claim.kind != INSTITUTIONAL or not run.live[run.case_claims[i]] or claim.state == DENIED
                or not is_inpatient(run, run.case_claims[i])):
            continue
        begin = claim.admit if claim.admit != NO_DAY else claim.statement_from
        end = claim.discharge
        if end == NO_DAY:
            end = claim.statement_thru if claim.statement_thru != NO_DAY else last_thru(run, run.case_claims[i])
            if end != NO_DAY and claim.patient_status == STILL_A_PATIENT:
                end += 1
        if begin != NO_DAY and begin < day < end:
            return known(1)
    return known(0) if run.history_from != NO_DAY and run.history_from <= day else unknown(R_NO_HISTORY)
