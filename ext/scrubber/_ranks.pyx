"""Ranking of procedures for the multiple-procedure reduction."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, in_set, known, line_facts, unknown
from scrubber._lines cimport claim_of, effective_pos, has_modifier, npi_of
from scrubber.run cimport CodeDayC, RunC, ValueC
from scrubber.structs cimport ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    M_50 = 6 * 37 + 1


cdef int64_t _weight(RunC* run, int32_t line) noexcept nogil:
    """Relative value units of the place's side of the row, times 1.5 for both sides, in thousandths; -1 no row."""
    cdef CodeDayC* facts = line_facts(run, line)
    cdef int64_t total
    if facts.fee_row < 0:
        return -1
    if in_set(run, run.special.facility_pos, effective_pos(run, line), facts.day):
        total = facts.fee.column[C_PFS_FACILITY_TOTAL][facts.fee_row]
    else:
        total = facts.fee.column[C_PFS_NONFACILITY_TOTAL][facts.fee_row]
    return total * 3 // 2 if has_modifier(&run.batch.lines[line], M_50) else total


cdef bint _ranked(RunC* run, int32_t line) noexcept nogil:
    """Whether the multiple-procedure reduction concerns the line: indicator 2 or 3."""
    cdef CodeDayC* facts = line_facts(run, line)
    return facts.fee_row >= 0 and facts.fee.column[C_PFS_MULT][facts.fee_row] in (50, 51)


cdef ValueC mp_rank(RunC* run, int32_t line) noexcept nogil:
    """Rank of the line among the procedures of its claim, day and provider that the reduction concerns; 1 highest.

    Endoscopies of one family (indicator 3, same base code) are one procedure with the family's highest value: they
    rank by that value first, then among themselves.
    """
    cdef const LineC* l = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[l.claim]
    cdef int64_t own, family, weight, other_family
    cdef int32_t i, rank = 1
    if line_facts(run, line).fee_row < 0:
        return unknown(R_NO_EDITION if line_facts(run, line).fee == NULL else R_NO_ROW)
    if not _ranked(run, line):
        return absent()
    own = _weight(run, line)
    family = _family_weight(run, line)
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        if i == line or run.batch.lines[i].from_day != l.from_day or npi_of(run, i) != npi_of(run, line):
            continue
        if line_facts(run, i).fee_row < 0:
            return unknown(R_NO_ROW)
        if not _ranked(run, i):
            continue
        weight = _weight(run, i)
        other_family = _family_weight(run, i)
        if other_family > family or (other_family == family and (weight > own or (weight == own and i < line))):
            rank += 1
    return known(rank)


cdef int64_t _family_weight(RunC* run, int32_t line) noexcept nogil:
    """The highest value in the line's endoscopy family on its claim and day; its own outside a family."""
    cdef CodeDayC* facts = line_facts(run, line)
    cdef CodeDayC* other
    cdef const ClaimC* claim = claim_of(run, line)
    cdef int64_t best = _weight(run, line)
    cdef int32_t base = facts.fee.column[C_PFS_ENDO_BASE][facts.fee_row]
    cdef int32_t i
    if base == 0 or facts.fee.column[C_PFS_MULT][facts.fee_row] != 51:
        return best
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        other = line_facts(run, i)
        if (other.fee_row >= 0 and run.batch.lines[i].from_day == run.batch.lines[line].from_day
                and other.fee.column[C_PFS_ENDO_BASE][other.fee_row] == base):
            best = max(best, _weight(run, i))
    return best
