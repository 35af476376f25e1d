"""The rows of tables a hit rests on: those behind the attributes that its rule's condition reads."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._cob cimport add_cob_rows
from scrubber._diagnoses cimport add_diagnosis_rows
from scrubber._drugs cimport package_of
from scrubber._dxpairs cimport add_dx_pair_rows
from scrubber._facts cimport line_facts
from scrubber._hits cimport AUTH_ROWS, HitC, HitsC, add_code, add_row
from scrubber._days cimport mue_edition, mue_table
from scrubber._lines cimport effective_pos
from scrubber._partners cimport add_partner_rows
from scrubber._peers cimport peer_edition, peer_row
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.run cimport N_NO, N_SOME, N_TEST, CodeDayC, NodeC, PairC, RuleC, RunC, UnitC
from scrubber.structs cimport INSTITUTIONAL, ClaimC, LineC
from scrubber.words cimport *


cdef int add_evidence(RunC* run, HitsC* hits, HitC* hit, int32_t rule, int case_, const UnitC* unit,
                      const UnitC* witnesses, const uint8_t* bound) except -1 nogil:
    cdef const RuleC* r = &run.program.rules[rule]
    _walk(run, hits, hit, r.when, unit, witnesses, bound)
    if case_ >= 0 and run.program.cases[r.first_case + case_].node >= 0:
        _walk(run, hits, hit, run.program.cases[r.first_case + case_].node, unit, witnesses, bound)
    return 0


cdef int _walk(RunC* run, HitsC* hits, HitC* hit, int32_t root, const UnitC* unit, const UnitC* witnesses,
               const uint8_t* bound) except -1 nogil:
    cdef int32_t at, inside = -1, related = -1
    cdef const NodeC* node
    for at in range(root, run.nodes[root].end):
        node = &run.nodes[at]
        if at >= inside:
            related = -1
        if node.op == N_SOME or node.op == N_NO:
            inside = node.end
            related = node.related
        if node.op != N_TEST:
            continue
        if node.scope == 0:
            _rows(run, hits, hit, node.attribute, unit)
        elif related >= 0 and bound[related]:
            _rows(run, hits, hit, node.attribute, &witnesses[related])
        elif related < 0 and bound[S_PAIR]:
            _rows(run, hits, hit, node.attribute, &witnesses[S_PAIR])
    return 0


cdef int _rows(RunC* run, HitsC* hits, HitC* hit, int attribute, const UnitC* unit) except -1 nogil:
    """Adds the rows behind one attribute of a unit or a witness."""
    cdef CodeDayC* facts
    cdef const PairC* pair
    cdef const EditionC* edition
    cdef int64_t symbol
    cdef int32_t day
    if F_PAIR <= attribute < F_DAY:
        pair = &run.pairs[unit.pair]
        if pair.edition != NULL:
            add_row(hits, hit, T_NCCI_PTP_HOSPITAL if run.batch.claims[unit.claim].kind == INSTITUTIONAL
                    else T_NCCI_PTP_PRACTITIONER, pair.edition.slot, pair.row)
        return 0
    if F_PROVIDER_PERIOD <= attribute <= A_PROVIDER_PERIOD_PEER_RATE:
        edition = peer_edition(run, unit)
        if edition != NULL:
            add_row(hits, hit, T_PEER_RATE, edition.slot, peer_row(run, unit, attribute))
        return 0
    if F_DX_PAIR <= attribute < F_RELATION:
        return add_dx_pair_rows(run, hits, hit, unit)
    if (attribute == A_DX_CODE_FIRST or attribute == A_DX_NEEDS_ALSO or attribute == A_DX_HISTORY_ACTIVE
            or attribute == A_DX_TRIMESTER or attribute == A_DX_TRIMESTER_EXPECTED):
        return add_partner_rows(run, hits, hit, unit.dx, attribute)
    if F_DX <= attribute < F_COVERAGE:
        return add_diagnosis_rows(run, hits, hit, unit, attribute)
    if F_LIMIT <= attribute < F_SEEN and unit.own.limit.row >= 0:
        add_row(hits, hit, unit.own.limit.table, unit.own.limit.edition.slot, unit.own.limit.row)
        return 0
    if F_COVERAGE <= attribute < F_PROVIDER:
        add_row(hits, hit, unit.own.coverage.row.table, unit.own.coverage.row.slot, unit.own.coverage.row.row)
        return _pointed(run, hits, hit, unit)
    if attribute == A_AUTH_FOUND and unit.own.auth.look_alike >= 0:
        return add_row(hits, hit, 0, AUTH_ROWS, unit.own.auth.look_alike)
    if F_COB <= attribute < F_DEFECT:
        return add_cob_rows(run, hits, hit, unit, attribute)
    if unit.line < 0:
        return 0
    facts = line_facts(run, unit.line)
    day = run.batch.lines[unit.line].from_day
    if F_FEE <= attribute < F_MUE or attribute == A_LINE_ADDON or attribute == A_LINE_MP_RANK or attribute == A_LINE_PAYABLE:
        if facts.fee_row >= 0:
            add_row(hits, hit, T_PFS, facts.fee.slot, facts.fee_row)
    if F_MUE <= attribute < F_AOC or attribute == A_DAY_LIMIT:
        edition = mue_edition(run, unit.line)
        if edition != NULL:
            add_row(hits, hit, mue_table(run, unit.line), edition.slot, first_row(edition, facts.code))
    if attribute == A_DAY_ADDON_MAX:
        edition = edition_on(&run.tables.chains[T_LIMITED_ADDON], day)
        if edition != NULL and row_on(edition, facts.code, day) >= 0:
            add_row(hits, hit, T_LIMITED_ADDON, edition.slot, row_on(edition, facts.code, day))
    if (F_AOC <= attribute < F_NDC or attribute == A_LINE_ADDON) and facts.aoc_row >= 0:
        add_row(hits, hit, T_AOC, facts.aoc.slot, facts.aoc_row)
    if attribute == A_NDC_MAPS or attribute == A_NDC_DIFF:
        edition = edition_on(&run.tables.chains[T_ASP_NDC], day)
        if edition != NULL:
            add_row(hits, hit, T_ASP_NDC, edition.slot, row_on(edition, package_of(run, unit.line), day))
    if attribute == A_LINE_POS_STATUS:
        edition = edition_on(&run.tables.chains[T_POS], day)
        if edition != NULL:
            add_row(hits, hit, T_POS, edition.slot, first_row(edition, effective_pos(run, unit.line)))
    if attribute == A_LINE_SUNSET:
        edition = edition_on(&run.tables.chains[T_CATEGORY_III], day)
        if edition != NULL:
            add_row(hits, hit, T_CATEGORY_III, edition.slot, first_row(edition, facts.code))
    if attribute == A_LINE_REVENUE_STATUS or attribute == A_LINE_REVENUE_NEEDS_CODE:
        edition = edition_on(&run.tables.chains[T_REVENUE], day)
        if edition != NULL:
            add_row(hits, hit, T_REVENUE, edition.slot, first_row(edition, run.batch.lines[unit.line].revenue))
    if attribute == A_LINE_CODE_STATUS:
        if facts.code_source == V_LINE_CODE_SOURCE_HCPCS and facts.hcpcs != NULL:
            add_row(hits, hit, T_HCPCS, facts.hcpcs.slot, first_row(facts.hcpcs, facts.code))
        else:
            edition = edition_on(&run.tables.chains[T_CPT_PRESENCE], day)
            if edition != NULL:
                add_row(hits, hit, T_CPT_PRESENCE, edition.slot, first_row(edition, facts.code))
    if F_MODIFIER <= attribute < F_PAIR:
        symbol = run.batch.lines[unit.line].modifiers[unit.modifier]
        edition = edition_on(&run.tables.chains[T_HCPCS], day)
        if edition != NULL and symbol > 0:
            add_row(hits, hit, T_HCPCS, edition.slot, first_row(edition, symbol * 50653))
        edition = edition_on(&run.tables.chains[T_MODIFIER], day)
        if edition != NULL and symbol > 0:
            add_row(hits, hit, T_MODIFIER, edition.slot, row_on(edition, symbol, day))
    if attribute == A_LINE_AGE_FAULT or attribute == A_LINE_SEX_FAULT:
        edition = edition_on(&run.tables.chains[T_CODE_AGE_SEX], day)
        if edition != NULL and facts.code > 0:
            add_row(hits, hit, T_CODE_AGE_SEX, edition.slot, row_on(edition, facts.code, day))
    if attribute == A_LINE_DX_SIDE or attribute == A_LINE_DX1 or attribute == A_LINE_REGION_FAULT:
        return _pointed(run, hits, hit, unit)
    return 0


cdef int _pointed(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit) except -1 nogil:
    """Adds the diagnoses that the unit's line points to."""
    cdef const LineC* l
    cdef const ClaimC* claim
    cdef int i
    if unit.line < 0:
        return 0
    l = &run.batch.lines[unit.line]
    claim = &run.batch.claims[l.claim]
    for i in range(l.pointer_count):
        if 0 < l.pointers[i] <= claim.diagnosis_count:
            add_code(hits, hit, run.batch.diagnoses[claim.first_diagnosis + l.pointers[i] - 1].code)
    return 0
