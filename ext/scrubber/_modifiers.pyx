"""The modifiers on a line: whether there is such a one on its day, and which do not go together."""

from libc.stdint cimport int32_t, int64_t

from scrubber._facts cimport absent, known, unknown
from scrubber._lines cimport claim_of
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport LineC
from scrubber.words cimport *


cdef ValueC modifier_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """modifier.*: the unit's modifier on its line."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int64_t m = l.modifiers[unit.modifier]
    cdef const EditionC* own = edition_on(&run.tables.chains[T_MODIFIER], l.from_day)
    cdef const EditionC* hcpcs = edition_on(&run.tables.chains[T_HCPCS], l.from_day)
    cdef int64_t as_code = m * 50653                 # the same text, left-aligned to five characters
    cdef bint cpt, listed
    cdef ValueC v
    cdef int i, best
    cdef int64_t partner
    if attribute == A_MODIFIER_CODE:
        return known(m)
    if attribute == A_MODIFIER_POSITION:
        return known(unit.modifier + 1)
    if attribute == A_MODIFIER_WELL_FORMED:
        return known(m > 0 and m % 37 != 0)
    if attribute == A_MODIFIER_KIND or attribute == A_MODIFIER_IN_FORCE:
        cpt = _in_cpt_list(own, m, l.from_day)
        listed = hcpcs != NULL and m > 0 and first_row(hcpcs, as_code) >= 0
        if attribute == A_MODIFIER_KIND:
            if listed:
                return known(V_MODIFIER_KIND_HCPCS)
            if cpt:
                return known(V_MODIFIER_KIND_CPT)
            if own == NULL or hcpcs == NULL:
                return unknown(R_NO_EDITION)
            if l.from_day >= hcpcs.ends:
                return unknown(R_NO_EDITION)         # it may have come since
            if hcpcs.partial:
                return unknown(R_NO_ROW)
            return known(V_MODIFIER_KIND_UNKNOWN)
        if cpt:
            return known(1)
        if listed:
            return known(row_on(hcpcs, as_code, l.from_day) >= 0)
        if own == NULL or hcpcs == NULL or l.from_day >= hcpcs.ends:
            return unknown(R_NO_EDITION)
        return unknown(R_NO_ROW) if hcpcs.partial else known(0)
    partner = 0
    best = _worst_conflict(run, unit, &partner)
    if attribute == A_MODIFIER_CONFLICT:
        return known(best)
    return known(partner) if partner != 0 else absent()


cdef bint _in_cpt_list(const EditionC* own, int64_t m, int32_t day) noexcept nogil:
    """Whether CPT lists the modifier; a HCPCS one in the same list says nothing about its dates."""
    cdef int64_t row = -1 if own == NULL or m <= 0 else first_row(own, m)
    while 0 <= row < own.rows and own.key[row] == m:
        if own.column[C_MODIFIER_KIND][row] == V_MODIFIER_KIND_CPT and own.from_day[row] <= day < own.to_day[row]:
            return True
        row += 1
    return False


cdef int _worst_conflict(const RunC* run, const UnitC* unit, int64_t* partner) noexcept nogil:
    """The strongest conflict of the unit's modifier with an earlier one on the line."""
    cdef const LineC* l = &run.batch.lines[unit.line]
    cdef int64_t m = l.modifiers[unit.modifier]
    cdef int kind = _payer_kind(run, unit.line)
    cdef int i, k, worst = V_MODIFIER_CONFLICT_NONE
    for i in range(unit.modifier):
        for k in range(run.conflict_count):
            if not ((run.conflicts[k].a == m and run.conflicts[k].b == l.modifiers[i])
                    or (run.conflicts[k].b == m and run.conflicts[k].a == l.modifiers[i])):
                continue
            if not run.conflicts[k].from_day <= l.from_day < run.conflicts[k].to_day:
                continue
            if kind >= 0 and not (run.conflicts[k].kinds >> kind) & 1:
                continue
            if worst == V_MODIFIER_CONFLICT_NONE or run.conflicts[k].cls == V_MODIFIER_CONFLICT_DENY:
                if worst != V_MODIFIER_CONFLICT_DENY:
                    partner[0] = l.modifiers[i]
                worst = run.conflicts[k].cls
            if worst == V_MODIFIER_CONFLICT_DENY:
                return worst
    return worst


cdef int _payer_kind(const RunC* run, int32_t line) noexcept nogil:
    """Index in payer.kind of the claim's payer; -1 unset."""
    cdef ValueC v = run.profiles[run.payer_profile[claim_of(run, line).payer]].settings[A_PAYER_KIND - A_PAYER_KIND]
    return <int>v.value if v.state == 0 else -1
