"""What an earlier line of the patient is: a visit, a procedure, a surgery, and how long ago."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport code_in, known, line_facts, unknown
from scrubber._lines cimport claim_of, has_modifier
from scrubber.run cimport CodeDayC, RunC, UnitC, ValueC
from scrubber.structs cimport PAID, PROFESSIONAL, LineC
from scrubber.words cimport *

cdef enum:
    M_26 = 3 * 37 + 7
    M_55 = 6 * 37 + 6
    M_80 = 9 * 37 + 1
    M_81 = 9 * 37 + 2
    M_82 = 9 * 37 + 3
    M_AS = 11 * 37 + 29
    M_TC = 30 * 37 + 13


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
    cdef const LineC* l = &run.batch.lines[line]
    cdef ValueC glob
    if (claim_of(run, line).kind != PROFESSIONAL or has_modifier(l, M_55) or has_modifier(l, M_80)
            or has_modifier(l, M_81) or has_modifier(l, M_82) or has_modifier(l, M_AS)):
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
