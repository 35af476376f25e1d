"""Local coverage articles: the kind lcd of the grain coverage.

Source: Medicare Coverage Database exports. Codes stand in articles; which group of diagnoses goes with which group of
codes is said in prose, so that only an article with one of each ties them.
"""

from libc.stdint cimport int32_t, int64_t

from scrubber._claims cimport pointed_count, pointed_diagnosis
from scrubber._coverage cimport first_only, is_pointed
from scrubber._facts cimport line_facts
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.run cimport CoverageC, RunC, UnitC, ValueC
from scrubber.structs cimport FACILITY, ClaimC, LineC
from scrubber.words cimport *

cdef int64_t DX_SIZE = 37 ** 7
cdef enum:
    STATE_SIZE = 1369            # 37**2
    COVERED = 0                  # C_LCD_DX_KIND
    NONCOVERED = 1


cdef int64_t _state(const RunC* run, int32_t claim) noexcept nogil:
    """State of the service facility, else of the billing provider: it decides which contractor's articles bind."""
    cdef const ClaimC* c_claim = &run.batch.claims[claim]
    cdef int32_t i
    for i in range(c_claim.first_provider, c_claim.first_provider + c_claim.provider_count):
        if run.batch.providers[i].role == FACILITY and run.batch.providers[i].line < 0 and run.batch.providers[i].state > 0:
            return run.batch.providers[i].state
    return run.batch.providers[c_claim.billing].state if c_claim.billing >= 0 else 0


cdef bint next_article(const RunC* run, UnitC* unit, int32_t step) noexcept nogil:
    """The `step`-th article that lists the line's code on its day and binds its contractor; False: no further one.

    Where no articles are loaded every line is an unknown unit, and where the state is unknown every listed code is.
    """
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef const EditionC* codes = edition_on(&run.tables.chains[T_LCD_CODE], line.from_day)
    cdef const EditionC* states = edition_on(&run.tables.chains[T_LCD_STATE], line.from_day)
    cdef ValueC reads = run.profiles[run.payer_profile[run.batch.claims[unit.claim].payer]].settings[A_PAYER_LCD - F_PAYER]
    cdef int64_t state, row, article, before
    cdef int32_t found = 0
    if line.code <= 0:
        return False
    unit.own.coverage.kind = V_COVERAGE_KIND_LCD
    if reads.state != 0 or codes == NULL or states == NULL:
        unit.own.coverage.state = R_NO_SETTING if reads.state != 0 else R_NO_EDITION
        return step == 0
    if not line_facts(run, unit.line).lcd:
        return False
    state = _state(run, unit.claim)
    before = row = first_row(codes, line.code)
    while 0 <= row < codes.rows and codes.key[row] == line.code:
        article = codes.column[C_LCD_CODE_ARTICLE][row]
        if codes.from_day[row] <= line.from_day < codes.to_day[row] and not _told(codes, before, row, line.from_day):
            if state <= 0:
                unit.own.coverage.state = R_NO_FACT
                return step == 0
            if row_on(states, article * STATE_SIZE + state, line.from_day) >= 0:
                if found == step:
                    _judge(run, unit, article)
                    return True
                found += 1
        row += 1
    return False


cdef bint _told(const EditionC* codes, int64_t first, int64_t row, int32_t day) noexcept nogil:
    """Whether an earlier row names the article already: a code may stand in several of its groups."""
    cdef int64_t i
    for i in range(first, row):
        if codes.column[C_LCD_CODE_ARTICLE][i] == codes.column[C_LCD_CODE_ARTICLE][row] and (
                codes.from_day[i] <= day < codes.to_day[i]):
            return True
    return False


cdef int _listing(const EditionC* lists, int64_t article, int64_t dx, int32_t day, int64_t* place) noexcept nogil:
    """3 covered, 2 covered with a star, 1 not covered, 0 not listed; the row in `place`."""
    cdef int64_t key = article * DX_SIZE + dx
    cdef int64_t row = first_row(lists, key) if dx > 0 else -1
    cdef int best = 0, here
    while 0 <= row < lists.rows and lists.key[row] == key:
        if lists.from_day[row] <= day < lists.to_day[row]:
            if lists.column[C_LCD_DX_KIND][row] == NONCOVERED:
                here = 1
            else:
                here = 2 if lists.column[C_LCD_DX_ASTERISK][row] else 3
            if here > best:
                best = here
                place[0] = row
        row += 1
    return best


cdef void _judge(const RunC* run, UnitC* unit, int64_t article) noexcept nogil:
    """What one article says of the pointed diagnoses; any that it covers is enough."""
    cdef const LineC* line = &run.batch.lines[unit.line]
    cdef const ClaimC* claim = &run.batch.claims[line.claim]
    cdef const EditionC* articles = edition_on(&run.tables.chains[T_LCD_ARTICLE], line.from_day)
    cdef const EditionC* lists = edition_on(&run.tables.chains[T_LCD_DX], line.from_day)
    cdef CoverageC* coverage = &unit.own.coverage
    cdef int64_t row, place = -1
    cdef int32_t i, dx
    cdef int best = 0, here, judged = 0, refused = 0
    row = row_on(articles, article, line.from_day) if articles != NULL else -1
    if row < 0 or lists == NULL:
        coverage.state = R_NO_EDITION
        return
    coverage.row.table = T_LCD_ARTICLE
    coverage.row.slot = articles.slot
    coverage.row.row = row
    coverage.dimension = V_COVERAGE_DIMENSION_DX
    coverage.severity = V_COVERAGE_SEVERITY_DENY
    if articles.column[C_LCD_ARTICLE_COVERED_GROUPS][row] + articles.column[C_LCD_ARTICLE_NONCOVERED_GROUPS][row] == 0:
        coverage.outcome = V_COVERAGE_OUTCOME_NO_LIST
        return
    for i in range(pointed_count(run, unit.line)):
        dx = pointed_diagnosis(run, unit.line, i)
        if dx < 0:
            continue
        if judged and first_only(run, line.claim):
            break
        judged += 1
        here = _listing(lists, article, run.batch.diagnoses[dx].code, line.from_day, &place)
        refused += here == 1
        if here > best:
            best = here
    if judged == 0:
        coverage.state = R_NO_FACT
        return
    if best > 1 and place >= 0:
        coverage.row.table = T_LCD_DX
        coverage.row.slot = lists.slot
        coverage.row.row = place
    if articles.column[C_LCD_ARTICLE_COVERED_GROUPS][row] == 0:
        coverage.outcome = V_COVERAGE_OUTCOME_DENIED if refused == judged else V_COVERAGE_OUTCOME_COVERED
    elif best == 2:
        coverage.outcome = V_COVERAGE_OUTCOME_COMPANION
    elif best == 3 and (articles.column[C_LCD_ARTICLE_COVERED_GROUPS][row] > 1
                        or articles.column[C_LCD_ARTICLE_CODE_GROUPS][row] > 1):
        coverage.outcome = V_COVERAGE_OUTCOME_PROSE_GROUP
    elif best == 3:
        coverage.outcome = V_COVERAGE_OUTCOME_COVERED
    else:
        coverage.outcome = V_COVERAGE_OUTCOME_DENIED if refused == judged else V_COVERAGE_OUTCOME_UNLISTED
    if coverage.outcome != V_COVERAGE_OUTCOME_DENIED and coverage.outcome != V_COVERAGE_OUTCOME_UNLISTED:
        return
    for dx in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        if run.batch.diagnoses[dx].role > 1 or is_pointed(run, unit.line, dx):
            continue
        here = _listing(lists, article, run.batch.diagnoses[dx].code, line.from_day, &place)
        if here == 3 or (here == 0 and articles.column[C_LCD_ARTICLE_COVERED_GROUPS][row] == 0):
            coverage.unpointed = run.batch.diagnoses[dx].position
            return
