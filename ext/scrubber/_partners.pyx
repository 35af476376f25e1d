"""What a diagnosis needs beside it, before it or in place of it, by the notes of the tabular list and the title."""

from libc.stdint cimport int32_t, int64_t

from scrubber._codeset cimport code_head
from scrubber._dxnotes cimport (
    BIT_ADDITIONAL, BIT_FIRST, BIT_HISTORY, NOTE_CODE_FIRST, NOTE_HISTORY, NOTE_USE_ADDITIONAL, READ, BookC, NoteC,
    covers, noted_on, related_day,
)
from scrubber._facts cimport known, unknown
from scrubber._hits cimport HitC, HitsC, add_row
from scrubber._tables cimport EditionC, edition_on, first_row
from scrubber.run cimport RunC, ValueC
from scrubber.structs cimport ClaimC
from scrubber.words cimport *

cdef enum:
    POW_4 = 1874161              # 37**4: what stands behind a category of three characters
    Z3A = (36 * 37 + 4) * 37 + 11
    SECOND_FROM = 14             # weeks
    THIRD_FROM = 28


cdef ValueC partner_value(RunC* run, int32_t dx, int attribute) noexcept nogil:
    cdef int32_t day = related_day(run, run.batch.diagnoses[dx].claim)
    cdef BookC* book = <BookC*>run.book
    cdef int32_t at
    if attribute == A_DX_TRIMESTER:
        return _trimester(run, dx, day)
    if attribute == A_DX_TRIMESTER_EXPECTED:
        return _expected(run, dx)
    if edition_on(&run.tables.chains[T_DX_MAP if attribute == A_DX_HISTORY_ACTIVE else T_DX_RELATION], day) == NULL:
        return unknown(R_NO_EDITION)
    at = noted_on(run, run.batch.diagnoses[dx].code, day)
    if attribute == A_DX_CODE_FIRST:
        return known(V_DX_CODE_FIRST_NONE) if not book.noted[at].bits & BIT_FIRST else _code_first(run, dx, at)
    if attribute == A_DX_NEEDS_ALSO:
        return known(V_DX_NEEDS_ALSO_NONE) if not book.noted[at].bits & BIT_ADDITIONAL else _needs_also(run, dx, at)
    return known(book.noted[at].bits & BIT_HISTORY and _partner(run, dx, at, NOTE_HISTORY, -1, False) >= 0)


cdef int32_t _partner(RunC* run, int32_t dx, int32_t at, int kind, int32_t number, bint earlier) noexcept nogil:
    """The first diagnosis of the claim that a note of this kind (and number) names; -1 if there is none."""
    cdef const BookC* book = <BookC*>run.book
    cdef const ClaimC* claim = &run.batch.claims[run.batch.diagnoses[dx].claim]
    cdef const NoteC* note
    cdef int32_t i, k
    for k in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        if k == dx or not _listed(run, k) or (earlier and k > dx):
            continue
        for i in range(book.noted[at].start, book.noted[at].start + book.noted[at].count):
            note = &book.notes[i]
            if note.kind == kind and note.reading == READ and (number < 0 or note.number == number) and covers(
                    note, run.batch.diagnoses[k].code):
                return k
    return -1


cdef bint _listed(const RunC* run, int32_t dx) noexcept nogil:
    """A diagnosis of the list proper, where order says something."""
    cdef int role = run.batch.diagnoses[dx].role
    return (role == V_DX_ROLE_PRINCIPAL or role == V_DX_ROLE_OTHER) and run.batch.diagnoses[dx].code > 0


cdef ValueC _code_first(RunC* run, int32_t dx, int32_t at) noexcept nogil:
    """Whether what is to be coded first stands before it; where a note only describes it, nobody can tell that it
    is missing."""
    cdef const BookC* book = <BookC*>run.book
    cdef const NoteC* note
    cdef int32_t i
    if not _listed(run, dx):
        return known(V_DX_CODE_FIRST_NONE)
    if _partner(run, dx, at, NOTE_CODE_FIRST, -1, True) >= 0:
        return known(V_DX_CODE_FIRST_EARLIER)
    if _partner(run, dx, at, NOTE_CODE_FIRST, -1, False) >= 0:
        return known(V_DX_CODE_FIRST_LATER)
    for i in range(book.noted[at].start, book.noted[at].start + book.noted[at].count):
        note = &book.notes[i]
        if note.kind == NOTE_CODE_FIRST and note.reading != READ:
            return unknown(R_NO_FACT)
    return known(V_DX_CODE_FIRST_MISSING)


cdef ValueC _needs_also(RunC* run, int32_t dx, int32_t at) noexcept nogil:
    """Whether each note that asks for another code without an `if` finds one."""
    cdef const BookC* book = <BookC*>run.book
    cdef const NoteC* note
    cdef int32_t i
    cdef bint asked = False
    for i in range(book.noted[at].start, book.noted[at].start + book.noted[at].count):
        note = &book.notes[i]
        if note.kind == NOTE_USE_ADDITIONAL and note.reading == READ and not note.optional:
            asked = True
            if _partner(run, dx, at, NOTE_USE_ADDITIONAL, note.number, False) < 0:
                return known(V_DX_NEEDS_ALSO_MISSING)
    return known(V_DX_NEEDS_ALSO_PRESENT if asked else V_DX_NEEDS_ALSO_NONE)


cdef int64_t _trimester_row(const RunC* run, int32_t dx, const EditionC* edition) noexcept nogil:
    cdef int64_t code = run.batch.diagnoses[dx].code
    cdef int64_t row
    cdef int n
    if code <= 0:
        return -1
    for n in range(7, 2, -1):
        row = first_row(edition, code_head(code, n))
        if row >= 0:
            return row
    return -1


cdef ValueC _trimester(const RunC* run, int32_t dx, int32_t day) noexcept nogil:
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_DX_TRIMESTER], day)
    cdef int64_t row
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = _trimester_row(run, dx, edition)
    return known(V_DX_TRIMESTER_NONE if row < 0 else edition.column[C_DX_TRIMESTER_TRIMESTER][row])


cdef ValueC _expected(const RunC* run, int32_t dx) noexcept nogil:
    """The trimester of the weeks that the claim gives; unknown without any, or where they are in two trimesters.

    Source: ICD-10-CM Official Guidelines I.C.15.a.3, tabular list chapter 15: first less than 14 weeks 0 days, second
    14 weeks 0 days to less than 28 weeks 0 days, third from 28 weeks 0 days on.
    """
    cdef const ClaimC* claim = &run.batch.claims[run.batch.diagnoses[dx].claim]
    cdef int64_t code
    cdef int32_t k
    cdef int tens, weeks, trimester, found = V_DX_TRIMESTER_NONE
    for k in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        code = run.batch.diagnoses[k].code
        if code <= 0 or code // POW_4 != Z3A:
            continue
        tens = <int>((code // 50653) % 37 - 1)
        weeks = <int>((code // 1369) % 37 - 1)
        if not (0 <= tens < 10 and 0 <= weeks < 10) or code % 1369 or tens + weeks == 0:
            continue
        weeks += 10 * tens
        trimester = V_DX_TRIMESTER_FIRST if weeks < SECOND_FROM else (
            V_DX_TRIMESTER_SECOND if weeks < THIRD_FROM else V_DX_TRIMESTER_THIRD)
        if found != V_DX_TRIMESTER_NONE and found != trimester:
            return unknown(R_NO_FACT)
        found = trimester
    return unknown(R_NO_FACT) if found == V_DX_TRIMESTER_NONE else known(found)


cdef int add_partner_rows(RunC* run, HitsC* hits, HitC* hit, int32_t dx, int attribute) except -1 nogil:
    """Adds the rows of the notes that name a diagnosis of the claim, else the first that asks for one."""
    cdef const BookC* book = <BookC*>run.book
    cdef int32_t day = related_day(run, run.batch.diagnoses[dx].claim)
    cdef int32_t at, i
    cdef int kind, table
    cdef const EditionC* edition
    cdef const NoteC* note
    cdef const NoteC* shown = NULL
    if attribute == A_DX_TRIMESTER:
        edition = edition_on(&run.tables.chains[T_DX_TRIMESTER], day)
        if edition != NULL:
            add_row(hits, hit, T_DX_TRIMESTER, edition.slot, _trimester_row(run, dx, edition))
        return 0
    if attribute == A_DX_CODE_FIRST:
        kind = NOTE_CODE_FIRST
    elif attribute == A_DX_NEEDS_ALSO:
        kind = NOTE_USE_ADDITIONAL
    elif attribute == A_DX_HISTORY_ACTIVE:
        kind = NOTE_HISTORY
    else:
        return 0
    table = T_DX_MAP if kind == NOTE_HISTORY else T_DX_RELATION
    at = noted_on(run, run.batch.diagnoses[dx].code, day)
    book = <BookC*>run.book
    for i in range(book.noted[at].start, book.noted[at].start + book.noted[at].count):
        note = &book.notes[i]
        if note.kind != kind or note.reading != READ or (kind == NOTE_USE_ADDITIONAL and note.optional):
            continue
        if shown == NULL or _names_one(run, dx, note):
            shown = note
        if _names_one(run, dx, note):
            break
    if shown != NULL:
        add_row(hits, hit, table, book.noted[at].map if table == T_DX_MAP else book.noted[at].relations, shown.row)
    return 0


cdef bint _names_one(const RunC* run, int32_t dx, const NoteC* note) noexcept nogil:
    cdef const ClaimC* claim = &run.batch.claims[run.batch.diagnoses[dx].claim]
    cdef int32_t k
    for k in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        if k != dx and _listed(run, k) and covers(note, run.batch.diagnoses[k].code):
            return True
    return False
