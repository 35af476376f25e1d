"""Side and region of the body: what the pointed diagnoses name against what the line does."""

from libc.stdint cimport int32_t, int64_t, uint32_t

from scrubber._claims cimport pointed_count, pointed_diagnosis
from scrubber._codeset cimport codeset_of
from scrubber._facts cimport in_set, known, unknown
from scrubber._lines cimport side_of
from scrubber._tables cimport EditionC, first_row, row_on
from scrubber.run cimport MAX_REGIONS, RunC, SpecialC, ValueC
from scrubber.structs cimport LineC
from scrubber.words cimport *

cdef enum:
    SIDE_BOTH = 3                # left and right, as bits


cdef int diagnosis_side(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    """dx.side by the row of the code; a code that is not listed has none."""
    cdef const EditionC* edition = codeset_of(run, dx, day)
    cdef int64_t row
    if edition == NULL:
        return V_DX_SIDE_NONE
    row = row_on(edition, run.batch.diagnoses[dx].code, day)
    if row < 0:
        row = first_row(edition, run.batch.diagnoses[dx].code)
    return V_DX_SIDE_NONE if row < 0 else edition.column[C_ICD10CM_SIDE][row]


cdef ValueC line_dx_side(const RunC* run, int32_t line) noexcept nogil:
    """Sides of the pointed diagnoses of the procedure's region against the side that the line's modifiers name.

    opposite: every one with a side has the other; part: some have; for both sides billed, part means that one side has
    no diagnosis. A code of no known region is unknown.
    """
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const SpecialC* special = &run.special
    cdef int side = side_of(c_line)
    cdef bint regional[MAX_REGIONS]
    cdef bint any_region = False
    cdef bint within
    cdef int agree = 0, against = 0, unspecified = 0, sides = 0
    cdef int i, r, dx_side
    cdef int32_t dx
    if side == 0:
        return known(V_LINE_DX_SIDE_NONE)
    for r in range(special.region_count):
        regional[r] = in_set(run, special.regions[r], c_line.code, c_line.from_day)
        any_region = any_region or regional[r]
    if not any_region:
        return unknown(R_NO_FACT)
    for i in range(pointed_count(run, line)):
        dx = pointed_diagnosis(run, line, i)
        if dx < 0:
            continue
        dx_side = diagnosis_side(run, dx, c_line.from_day)
        if dx_side == V_DX_SIDE_NONE:
            continue
        within = False
        for r in range(special.region_count):
            if regional[r] and in_set(run, special.dx_regions[r], run.batch.diagnoses[dx].code, c_line.from_day):
                within = True
                break
        if not within:
            continue
        if dx_side == V_DX_SIDE_UNSPECIFIED:
            unspecified += 1
            continue
        sides |= dx_side
        if dx_side & side:
            agree += 1
        else:
            against += 1
    if side == SIDE_BOTH:
        if sides == 0:
            return known(V_LINE_DX_SIDE_UNSPECIFIED if unspecified else V_LINE_DX_SIDE_NONE)
        return known(V_LINE_DX_SIDE_SAME if sides == SIDE_BOTH or unspecified else V_LINE_DX_SIDE_PART)
    if agree and against:
        return known(V_LINE_DX_SIDE_PART)
    if agree:
        return known(V_LINE_DX_SIDE_SAME)
    if against and not unspecified:
        return known(V_LINE_DX_SIDE_OPPOSITE)
    if against:
        return known(V_LINE_DX_SIDE_PART)
    return known(V_LINE_DX_SIDE_UNSPECIFIED if unspecified else V_LINE_DX_SIDE_NONE)


cdef ValueC line_region_fault(const RunC* run, int32_t line) noexcept nogil:
    """disjoint: the procedure belongs to one or more sites, and each pointed diagnosis to others.

    One diagnosis whose site nobody knows is enough to say nothing: it may be what the procedure is for. The sets of
    diagnoses hold only for codes that name a side, or leave it open.
    """
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const SpecialC* special = &run.special
    cdef const EditionC* edition
    cdef uint32_t sites = 0, elsewhere
    cdef int i, s
    cdef int32_t dx
    cdef int64_t code
    cdef bint any_pointed = False
    for s in range(special.site_count):
        if in_set(run, special.sites[s], c_line.code, c_line.from_day):
            sites |= <uint32_t>1 << s
    if sites == 0:
        return known(V_LINE_REGION_FAULT_NONE)
    for i in range(pointed_count(run, line)):
        dx = pointed_diagnosis(run, line, i)
        if dx < 0:
            continue
        any_pointed = True
        code = run.batch.diagnoses[dx].code
        edition = codeset_of(run, dx, c_line.from_day)
        if edition == NULL:
            return unknown(R_NO_EDITION)
        if edition.partial and first_row(edition, code) < 0:
            return unknown(R_NO_ROW)
        if diagnosis_side(run, dx, c_line.from_day) == V_DX_SIDE_NONE:
            return known(V_LINE_REGION_FAULT_NONE)
        elsewhere = 0
        for s in range(special.site_count):
            if in_set(run, special.dx_sites[s], code, c_line.from_day):
                elsewhere |= <uint32_t>1 << s
        if elsewhere == 0 or elsewhere & sites:
            return known(V_LINE_REGION_FAULT_NONE)
    return known(V_LINE_REGION_FAULT_DISJOINT if any_pointed else V_LINE_REGION_FAULT_NONE)


cdef int fill_regions(SpecialC* special, dict numbers) except -1:
    """Pairs every set `region_X` with `dx_region_X`, and `site_X` with `dx_site_X`.

    Args:
        special: Where their numbers go.
        numbers: Number of each set of the program by name.
    """
    cdef int count = 0
    for name in sorted(numbers):
        if name.startswith("region_") and f"dx_{name}" in numbers and count < MAX_REGIONS:
            special.regions[count] = numbers[name]
            special.dx_regions[count] = numbers[f"dx_{name}"]
            count += 1
    special.region_count = count
    count = 0
    for name in sorted(numbers):
        if name.startswith("site_") and f"dx_{name}" in numbers and count < MAX_REGIONS:
            special.sites[count] = numbers[name]
            special.dx_sites[count] = numbers[f"dx_{name}"]
            count += 1
    special.site_count = count
    return 0
