"""The grain coverage: laboratory NCD lists, and the policies that a payer's profile brings."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from scrubber._claims cimport age_on, pointed_count, pointed_diagnosis
from scrubber._articles cimport next_article
from scrubber._facts cimport in_set, known, line_facts, unknown
from scrubber._hits cimport OWN_ROWS
from scrubber._intervals cimport append_intervals, holds, intervals_of, range_holds
from scrubber._lines cimport effective_pos, rendering_of
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.run cimport CoverageC, RunC, UnitC, ValueC
from scrubber.structs cimport DENTAL, MAX_MODIFIERS, ClaimC, LineC
from scrubber.words cimport *

from scrubber.symbols import NO_DAY as EARLIEST, OPEN_DAY, WIDTHS, bounds, day_number

cdef enum:
    PAYER_STEP = 63              # of the cursor: the NCD lists of a code, its policies, its articles, two more kinds
    LCD_STEP = 64
    SCREENING_STEP = 128
    DRUG_STEP = 129
    KINDS = 3                    # lists of a payer's own rows, one after the other
    COVERED = 1                  # resolutions of the NCD lists
    DENIED_ALWAYS = 2
    # Bits of PoliciesC.steps: what a payer reads.
    READS_NCD = 1
    READS_OWN = 2
    READS_LCD = 4
    READS_SCREENING = 8
    READS_LABELS = 16

cdef int64_t DX_SIZE = 37 ** 7

LISTS = ("policies", "screening", "drug_labels")      # of a profile, as many as KINDS
READ = (("ncd", READS_NCD), ("payer_policies", READS_OWN), ("lcd", READS_LCD), ("screening", READS_SCREENING),
        ("drug_labels", READS_LABELS))             # settings, each with its bit


cdef bint first_only(const RunC* run, int32_t claim) noexcept nogil:
    """Whether the payer reads the first pointer alone."""
    cdef ValueC only = _setting(run, run.batch.claims[claim].payer, A_PAYER_COVERAGE_FIRST_POINTER_ONLY)
    return only.state == 0 and only.value != 0


cdef bint is_pointed(const RunC* run, int32_t line, int32_t dx) noexcept nogil:
    cdef int i
    for i in range(pointed_count(run, line)):
        if pointed_diagnosis(run, line, i) == dx:
            return True
    return False


cdef inline ValueC _setting(const RunC* run, int32_t payer, int attribute) noexcept nogil:
    return run.profiles[run.payer_profile[payer]].settings[attribute - A_PAYER_KIND]


cdef bint next_coverage(const RunC* run, UnitC* unit) noexcept nogil:
    """The next policy of unit.line; payers that read no NCD have no unit of that kind, nor are policies made up."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    cdef const PoliciesC* policies = <const PoliciesC*>run.policies
    cdef int steps = 0 if claim.kind == DENTAL else policies.steps[claim.payer] if unit.line == claim.first_line else (
        policies.further_steps[claim.payer])
    while unit.cursor < DRUG_STEP and steps:
        unit.cursor += 1
        memset(&unit.own.coverage, 0, sizeof(CoverageC))
        unit.own.coverage.row.slot = -1
        unit.own.coverage.policy = -1
        if unit.cursor < PAYER_STEP:
            if steps & READS_NCD and _ncd(run, unit, unit.cursor):
                return True
            unit.cursor = PAYER_STEP - 1
        elif unit.cursor == PAYER_STEP:
            if steps & READS_OWN and _payer(run, unit, V_COVERAGE_KIND_PAYER, A_PAYER_PAYER_POLICIES, 0):
                return True
        elif unit.cursor < SCREENING_STEP:
            if steps & READS_LCD and next_article(run, unit, unit.cursor - LCD_STEP):
                return True
            unit.cursor = SCREENING_STEP - 1
        elif unit.cursor == SCREENING_STEP:
            if steps & READS_SCREENING and _payer(run, unit, V_COVERAGE_KIND_SCREENING, A_PAYER_SCREENING, 1):
                return True
        elif steps & READS_LABELS and _payer(run, unit, V_COVERAGE_KIND_DRUG, A_PAYER_DRUG_LABELS, 2):
            return True
    return False


cdef bint _ncd(const RunC* run, UnitC* unit, int32_t step) noexcept nogil:
    """The `step`-th NCD list of the line's code; False when there is no further one.

    Without the lists every line is an unknown unit; with only part of them a laboratory code that has none is.
    """
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef const EditionC* codes = edition_on(&run.tables.chains[T_NCD_CODE], line.from_day)
    cdef const EditionC* lists = edition_on(&run.tables.chains[T_NCD_DX], line.from_day)
    cdef ValueC reads = _setting(run, run.batch.claims[line.claim].payer, A_PAYER_NCD)
    cdef int64_t row
    cdef int32_t found = 0
    if line.code <= 0:
        return False
    unit.own.coverage.kind = V_COVERAGE_KIND_NCD
    if codes == NULL:
        unit.own.coverage.state = R_NO_EDITION
        return step == 0
    row = first_row(codes, line.code) if line_facts(run, unit.line).ncd else -1
    while 0 <= row < codes.rows and codes.key[row] == line.code:
        if codes.from_day[row] <= line.from_day < codes.to_day[row]:
            if found == step:
                if reads.state != 0:
                    unit.own.coverage.state = R_NO_SETTING
                elif lists == NULL:
                    unit.own.coverage.state = R_NO_EDITION
                else:
                    _judge_list(run, unit, lists, codes.column[C_NCD_CODE_LIST][row])
                return True
            found += 1
        row += 1
    unit.own.coverage.state = R_NO_ROW
    return step == 0 and codes.partial and in_set(run, run.special.lab, line.code, line.from_day)


cdef int64_t _resolution_row(const EditionC* lists, int64_t list_number, int64_t dx, int32_t day) noexcept nogil:
    """The row of the diagnosis, else the wildcard's; -1 where the list has neither.

    Source: CMS laboratory NCD code lists; the wildcard row stands for every diagnosis that has no row.
    """
    cdef int64_t row = row_on(lists, list_number * DX_SIZE + dx, day) if dx > 0 else -1
    return row if row >= 0 else row_on(lists, list_number * DX_SIZE, day)


cdef void _judge_list(const RunC* run, UnitC* unit, const EditionC* lists, int64_t list_number) noexcept nogil:
    """Covered by any pointed diagnosis; denied when every one is; else not supported by the list."""
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef CoverageC* coverage = &unit.own.coverage
    cdef int64_t row
    cdef int32_t resolution, dx, i
    cdef int32_t judged = 0, denied = 0, gaps = 0
    for i in range(pointed_count(run, unit.line)):
        dx = pointed_diagnosis(run, unit.line, i)
        if dx < 0:
            continue
        if judged and first_only(run, line.claim):
            break
        judged += 1
        if lists.partial and row_on(lists, list_number * DX_SIZE + run.batch.diagnoses[dx].code, line.from_day) < 0:
            gaps += 1
            continue
        row = _resolution_row(lists, list_number, run.batch.diagnoses[dx].code, line.from_day)
        resolution = lists.column[C_NCD_DX_RESOLUTION][row] if row >= 0 else 0
        if row >= 0 and (coverage.row.slot < 0 or resolution == COVERED):
            coverage.row.slot = lists.slot
            coverage.row.table = T_NCD_DX
            coverage.row.row = row
        if resolution == COVERED:
            coverage.outcome = V_COVERAGE_OUTCOME_COVERED
            return
        denied += resolution == DENIED_ALWAYS
    if judged == 0 or gaps:
        coverage.state = R_NO_ROW if gaps else R_NO_FACT
        return
    coverage.outcome = V_COVERAGE_OUTCOME_DENIED if denied == judged else V_COVERAGE_OUTCOME_UNLISTED
    coverage.dimension = V_COVERAGE_DIMENSION_DX
    coverage.severity = V_COVERAGE_SEVERITY_DENY
    for i in range(run.batch.claims[line.claim].diagnosis_count):
        dx = run.batch.claims[line.claim].first_diagnosis + i
        if run.batch.diagnoses[dx].role > 1 or is_pointed(run, unit.line, dx):
            continue
        row = _resolution_row(lists, list_number, run.batch.diagnoses[dx].code, line.from_day)
        if row >= 0 and lists.column[C_NCD_DX_RESOLUTION][row] == COVERED:
            coverage.unpointed = run.batch.diagnoses[dx].position
            return


cdef bint _payer(const RunC* run, UnitC* unit, int kind, int setting, int list_) noexcept nogil:
    """The unit of one list of the payer's rows. A payer that reads it and has no rows gives one unknown unit a claim."""
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef int32_t payer = run.batch.claims[line.claim].payer
    cdef const PoliciesC* policies = <const PoliciesC*>run.policies
    cdef ValueC reads = _setting(run, payer, setting)
    cdef bint first_line = unit.line == run.batch.claims[unit.claim].first_line
    cdef const PolicyC* policy
    cdef const PolicyC* best = NULL
    cdef CoverageC judged
    cdef int32_t i
    payer = payer * KINDS + list_
    unit.own.coverage.kind = <uint8_t>kind
    if reads.state != 0 or policies == NULL or not policies.has_rows[payer]:
        unit.own.coverage.state = R_NO_SETTING
        return first_line
    for i in range(policies.payers[payer].first, policies.payers[payer].first + policies.payers[payer].count):
        policy = &policies.policies[i]
        if not (range_holds(&policy.codes, line.code) and policy.from_day <= line.from_day < policy.to_day):
            continue
        if best == NULL:
            best = policy
            unit.own.coverage = _judge_policy(run, policies, policy, unit.line, kind)
        elif not _as_specific(best, policy):
            break
        else:
            judged = _judge_policy(run, policies, policy, unit.line, kind)
            if _beats(&judged, &unit.own.coverage):
                unit.own.coverage = judged
    return best != NULL


cdef bint _as_specific(const PolicyC* a, const PolicyC* b) noexcept nogil:
    return a.own == b.own and a.codes.hi - a.codes.lo == b.codes.hi - b.codes.lo


cdef bint _beats(const CoverageC* a, const CoverageC* b) noexcept nogil:
    """Of rows equally specific an exclusion decides, then a row that covers."""
    if b.state == 0 and b.outcome == V_COVERAGE_OUTCOME_EXCLUDED:
        return False
    if a.state == 0 and a.outcome == V_COVERAGE_OUTCOME_EXCLUDED:
        return True
    if b.state == 0 and b.outcome == V_COVERAGE_OUTCOME_COVERED:
        return False
    return a.state == 0 and a.outcome == V_COVERAGE_OUTCOME_COVERED


cdef CoverageC _judge_policy(const RunC* run, const PoliciesC* policies, const PolicyC* policy, int32_t line,
                             int kind) noexcept nogil:
    """Exclusion beats inclusion; the first dimension known to fail decides, before any that is unknown."""
    cdef const LineC* c_line = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[c_line.claim]
    cdef CoverageC c
    cdef ValueC age
    cdef int64_t symbol
    cdef int32_t dx, i, provider
    cdef int32_t judged = 0, covered = 0, only = 0, missing = 0
    cdef ListC wanted = policy.dx_first if policy.dx_first.count else policy.dx_any
    cdef bint first = policy.dx_first.count > 0 or first_only(run, c_line.claim)
    memset(&c, 0, sizeof(CoverageC))
    c.kind = <uint8_t>kind
    c.severity = policy.severity
    c.row.slot = OWN_ROWS
    c.row.row = policy.row
    c.policy = policy.row
    c.outcome = V_COVERAGE_OUTCOME_COVERED
    for i in range(pointed_count(run, line)):
        dx = pointed_diagnosis(run, line, i)
        if dx < 0:
            continue
        judged += 1
        if holds(policies.intervals, policy.dx_excluded, run.batch.diagnoses[dx].code):
            c.outcome = V_COVERAGE_OUTCOME_EXCLUDED
            c.dimension = V_COVERAGE_DIMENSION_DX
            return c
        only += holds(policies.intervals, policy.dx_only, run.batch.diagnoses[dx].code)
        if judged == 1 or not first:
            covered += holds(policies.intervals, wanted, run.batch.diagnoses[dx].code)
    if policy.dx_only.count and judged == 0:
        missing += 1
    elif policy.dx_only.count and only == judged:
        c.outcome = V_COVERAGE_OUTCOME_EXCLUDED
        c.dimension = V_COVERAGE_DIMENSION_DX
        return c
    if wanted.count and judged == 0:
        missing += 1
    elif wanted.count and covered == 0:
        c.outcome = V_COVERAGE_OUTCOME_UNLISTED
        c.dimension = V_COVERAGE_DIMENSION_DX
        for i in range(claim.diagnosis_count):
            dx = claim.first_diagnosis + i
            if (run.batch.diagnoses[dx].role <= 1 and not is_pointed(run, line, dx)
                    and holds(policies.intervals, wanted, run.batch.diagnoses[dx].code)):
                c.unpointed = run.batch.diagnoses[dx].position
                break
        return c
    if policy.age_low >= 0 or policy.age_high >= 0:
        age = age_on(run, c_line.claim, c_line.from_day)
        if age.state != 0:
            missing += 1
        elif age.value < policy.age_low or (policy.age_high >= 0 and age.value > policy.age_high):
            return _fails(c, V_COVERAGE_DIMENSION_AGE)
    if policy.sex:
        if claim.sex != c'F' and claim.sex != c'M':
            missing += 1
        elif claim.sex != policy.sex:
            return _fails(c, V_COVERAGE_DIMENSION_SEX)
    if policy.pos.count:
        symbol = effective_pos(run, line)
        if symbol == 0:
            missing += 1
        elif not holds(policies.intervals, policy.pos, symbol):
            return _fails(c, V_COVERAGE_DIMENSION_POS)
    if policy.specialty.count:
        provider = rendering_of(run, line)
        symbol = run.batch.providers[provider].taxonomy if provider >= 0 else 0
        if symbol == 0:
            missing += 1
        elif not holds(policies.intervals, policy.specialty, symbol):
            return _fails(c, V_COVERAGE_DIMENSION_SPECIALTY)
    if policy.modifiers.count:
        for i in range(min(<int>c_line.modifier_count, <int>MAX_MODIFIERS)):
            if holds(policies.intervals, policy.modifiers, c_line.modifiers[i]):
                break
        else:
            return _fails(c, V_COVERAGE_DIMENSION_MODIFIER)
    if missing:
        c.state = R_NO_FACT
    return c


cdef CoverageC _fails(CoverageC c, int dimension) noexcept nogil:
    c.outcome = V_COVERAGE_OUTCOME_DENIED
    c.dimension = <uint8_t>dimension
    return c


cdef ValueC line_coverage(const RunC* run, int32_t line) noexcept nogil:
    """What every policy of the line says together: one that does not support it outweighs one that does.

    Screening rows and drug lists are no coverage, and local articles that are not loaded, or that want a reader, say
    nothing beside the others.
    """
    cdef UnitC unit
    cdef int32_t reason = 0
    cdef int answer = V_LINE_COVERAGE_NONE
    memset(&unit, 0, sizeof(UnitC))
    unit.line = line
    unit.claim = run.batch.lines[line].claim
    unit.cursor = -1
    while next_coverage(run, &unit):
        if unit.own.coverage.kind == V_COVERAGE_KIND_SCREENING or unit.own.coverage.kind == V_COVERAGE_KIND_DRUG or (
                unit.own.coverage.kind == V_COVERAGE_KIND_LCD and (
                    unit.own.coverage.state != 0 or unit.own.coverage.outcome >= V_COVERAGE_OUTCOME_COMPANION)):
            continue
        if unit.own.coverage.state != 0:
            reason = unit.own.coverage.state if reason == 0 else reason
        elif unit.own.coverage.outcome != V_COVERAGE_OUTCOME_COVERED:
            return known(V_LINE_COVERAGE_UNSUPPORTED)
        else:
            answer = V_LINE_COVERAGE_SUPPORTED
    return unknown(reason) if reason != 0 else known(answer)


cdef ValueC coverage_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    if attribute == A_COVERAGE_KIND:
        return known(unit.own.coverage.kind)
    if attribute == A_COVERAGE_LOOKED_UP:
        return known(unit.own.coverage.state == 0)
    if unit.own.coverage.state != 0:
        return unknown(unit.own.coverage.state)
    if attribute == A_COVERAGE_OUTCOME:
        return known(unit.own.coverage.outcome)
    if attribute == A_COVERAGE_UNPOINTED:
        return known(unit.own.coverage.unpointed)
    if attribute == A_COVERAGE_DIMENSION:
        return known(unit.own.coverage.dimension)
    return known(unit.own.coverage.severity)


cdef class Coverage:

    def __cinit__(self, profiles, payers, payer_profile):
        """Compiles the rows that concern the payers of one batch.

        Args:
            profiles: Every Profile, in the order of the run's profiles.
            payers: Payer ids of the batch as sent.
            payer_profile: Number of the profile of each of them.
        """
        cdef int32_t payer, i
        cdef list intervals = []
        cdef list compiled = []
        cdef list spans = []
        cdef PolicyC* policy
        self.rows = []
        self.c.payers = <ListC*>calloc(KINDS * len(payers) + 1, sizeof(ListC))
        self.c.has_rows = <uint8_t*>calloc(KINDS * len(payers) + 1, 1)
        self.c.steps = <uint8_t*>calloc(len(payers) + 1, 1)
        self.c.further_steps = <uint8_t*>calloc(len(payers) + 1, 1)
        if self.c.payers == NULL or self.c.has_rows == NULL or self.c.steps == NULL or self.c.further_steps == NULL:
            raise MemoryError
        for payer in range(len(payers)):
            for name, bit in READ:
                reads = profiles[payer_profile[payer]].settings.get(name)
                if reads is None or reads:           # where it is not told, the policies say so
                    self.c.steps[payer] |= bit
        for payer, (name, profile, list_) in enumerate(
                (name, profiles[payer_profile[number]], list_) for number, name in enumerate(payers) for list_ in LISTS):
            kind = profile.settings.get("kind")
            applicable = [row for row in getattr(profile, list_) or ()
                          if row.payer in ("*", name) and (not row.kinds or kind in row.kinds)]
            self.c.has_rows[payer] = bool(applicable)
            spans = []
            for row in applicable:
                if row.plan != "*":                 # claims do not say which plan the member has
                    continue
                for member in row.codes:
                    interval = bounds(member, WIDTHS["code"])
                    if interval is not None:
                        spans.append((interval, row, len(self.rows)))
                self.rows.append((profile.name, list_, row))
            spans.sort(key=lambda span: (span[1].payer == "*", span[0][1] - span[0][0]))
            self.c.payers[payer].first = len(compiled)
            self.c.payers[payer].count = len(spans)
            compiled.extend(spans)
        for payer in range(len(payers)):
            self.c.further_steps[payer] = self.c.steps[payer]
            for i, bit in enumerate((READS_OWN, READS_SCREENING, READS_LABELS)):      # as LISTS
                if not self.c.has_rows[KINDS * payer + i]:                            # said once a claim
                    self.c.further_steps[payer] &= ~bit
        self.c.policies = <PolicyC*>calloc(len(compiled) + 1, sizeof(PolicyC))
        if self.c.policies == NULL:
            raise MemoryError
        for i, (interval, row, number) in enumerate(compiled):
            policy = &self.c.policies[i]
            policy.codes.lo, policy.codes.hi = interval
            policy.dx_any = append_intervals(intervals, row.dx_any, WIDTHS["dx"])
            policy.dx_first = append_intervals(intervals, row.dx_first, WIDTHS["dx"])
            policy.dx_only = append_intervals(intervals, row.dx_only, WIDTHS["dx"])
            policy.dx_excluded = append_intervals(intervals, row.dx_excluded, WIDTHS["dx"])
            policy.pos = append_intervals(intervals, row.pos, WIDTHS["pos"])
            policy.specialty = append_intervals(intervals, row.specialty, WIDTHS["taxonomy"])
            policy.modifiers = append_intervals(intervals, row.modifiers, WIDTHS["mod"])
            policy.age_low = -1 if row.age_low is None else row.age_low
            policy.age_high = -1 if row.age_high is None else row.age_high
            policy.from_day = EARLIEST if row.from_ is None else day_number(row.from_)
            policy.to_day = OPEN_DAY if row.to is None else day_number(row.to) + 1
            policy.row = number
            policy.sex = ord(row.sex) if row.sex else 0
            policy.severity = {"info": V_COVERAGE_SEVERITY_INFO, "review": V_COVERAGE_SEVERITY_REVIEW}.get(
                row.severity, V_COVERAGE_SEVERITY_DENY)
            policy.own = row.payer != "*"
        self.c.intervals = intervals_of(intervals)

    def __dealloc__(self):
        free(self.c.policies)
        free(self.c.intervals)
        free(self.c.payers)
        free(self.c.has_rows)
        free(self.c.steps)
        free(self.c.further_steps)
