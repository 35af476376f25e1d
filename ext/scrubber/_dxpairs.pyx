"""The grain dx_pair: two diagnoses of one claim that a note or a map speaks of together.

For each code the notes that can make a pair are known (`_dxnotes`); a claim with none of them costs a look at one bit
for each diagnosis.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from scrubber._codeset cimport code_head
from scrubber._dxnotes cimport (
    BIT_PAIR, CODE_BITS, NOTE_EXCLUDES1, NOTE_EXCLUDES2, NOTE_HISTORY, NOTE_REDUNDANT, READ, STRANGER_BITS, UNCLEAR,
    BookC, NoteC, covers, near_bit, noted_of, noted_on, related_day,
)
from scrubber._facts cimport absent, known, unknown
from scrubber._hits cimport HitC, HitsC, add_row
from scrubber._sides cimport diagnosis_side
from scrubber._tables cimport edition_on
from scrubber.bits cimport has_bit, slot_of
from scrubber.grow cimport grow
from scrubber.run cimport DxPairC, RunC, UnitC, ValueC
from scrubber.structs cimport INSTITUTIONAL, MAX_POINTERS, ClaimC, LineC
from scrubber.words cimport *

cdef enum:
    ROLE_ADMITTING = V_DX_ROLE_ADMITTING
    ROLE_REASON = V_DX_ROLE_REASON
    SIDE_BOTH = 3
    WIDTH_5 = 69343957           # 37 ** 5: a code without its last five characters


cdef int32_t prepare_dx_pairs(RunC* run, int32_t claim) except -1 nogil:
    cdef const ClaimC* c = &run.batch.claims[claim]
    cdef BookC* book = <BookC*>run.book
    cdef int32_t day = related_day(run, claim)
    cdef int32_t i, k, at, end = c.first_diagnosis + c.diagnosis_count
    cdef int32_t listed = 0
    cdef int64_t code
    run.dx_pair_count = 0
    for i in range(c.first_diagnosis, end):
        listed += _counts(run, i)
    if listed < 2:
        return 0
    if (edition_on(&run.tables.chains[T_DX_RELATION], day) == NULL
            or edition_on(&run.tables.chains[T_DX_MAP], day) == NULL):
        _add_gap(run, claim, R_NO_EDITION)
    for i in range(c.first_diagnosis, end):
        if not _counts(run, i):
            continue
        at = noted_of(run, claim, i)
        if not book.noted[at].bits & BIT_PAIR:
            continue
        for k in range(c.first_diagnosis, end):
            code = run.batch.diagnoses[k].code
            if code == run.batch.diagnoses[i].code or _are_strangers(book, at, code) or not _counts(run, k):
                continue
            _meet(run, claim, day, i, k, at)
    return run.dx_pair_count


cdef inline uint64_t _both(int32_t noted, int64_t code) noexcept nogil:
    """Notes and a code as one word."""
    return <uint64_t>code | <uint64_t>noted << CODE_BITS


cdef inline bint _are_strangers(const BookC* book, int32_t noted, int64_t code) noexcept nogil:
    """Whether none of the notes that can make a pair is known to name the code."""
    cdef int near = near_bit(code // WIDTH_5)
    if near >= 0 and not has_bit(book.noted[noted].near, near):
        return True
    return slot_of(book.strangers, STRANGER_BITS, _both(noted, code))[0] == _both(noted, code)


cdef bint _counts(const RunC* run, int32_t dx) noexcept nogil:
    """What was believed on arrival is no diagnosis beside the others."""
    cdef uint8_t role = run.batch.diagnoses[dx].role
    return role != ROLE_ADMITTING and role != ROLE_REASON and run.batch.diagnoses[dx].code > 0


cdef bint _together(const RunC* run, int32_t claim, int32_t a, int32_t b) noexcept nogil:
    """Whether some day of the claim has both; where one is not pointed to, it holds for every day."""
    cdef const ClaimC* c = &run.batch.claims[claim]
    cdef const LineC* line
    cdef const LineC* other
    cdef int32_t i, k
    cdef bint any_a = False, any_b = False
    if c.kind == INSTITUTIONAL:
        return True
    for i in range(c.first_line, c.first_line + c.line_count):
        line = &run.batch.lines[i]
        if _points(line, a - c.first_diagnosis + 1):
            any_a = True
            for k in range(c.first_line, c.first_line + c.line_count):
                other = &run.batch.lines[k]
                if other.from_day <= line.thru_day and line.from_day <= other.thru_day and _points(
                        other, b - c.first_diagnosis + 1):
                    return True
        any_b = any_b or _points(line, b - c.first_diagnosis + 1)
    return not (any_a and any_b)


cdef bint _points(const LineC* line, int32_t position) noexcept nogil:
    cdef int k
    for k in range(min(<int>line.pointer_count, <int>MAX_POINTERS)):
        if line.pointers[k] == position:
            return True
    return False


cdef int _meet(RunC* run, int32_t claim, int32_t day, int32_t a, int32_t b, int32_t at) except -1 nogil:
    """Pairs from the notes of `a`, which are `at`, about `b`: the first of each kind."""
    cdef BookC* book = <BookC*>run.book
    cdef int64_t code = run.batch.diagnoses[b].code
    cdef int32_t start = book.noted[at].start, count = book.noted[at].count
    cdef int32_t i
    cdef int done = 0
    cdef int kind
    for i in range(start, start + count):
        kind = book.notes[i].kind
        if (kind != NOTE_EXCLUDES1 and not NOTE_REDUNDANT <= kind < NOTE_HISTORY) or done & (1 << kind) or not covers(
                &book.notes[i], run.batch.diagnoses[b].code):
            continue
        if kind == NOTE_EXCLUDES1 and book.notes[i].reading == UNCLEAR and _has_clear(
                book, start, count, run.batch.diagnoses[b].code):
            continue
        if kind == NOTE_REDUNDANT and code_head(run.batch.diagnoses[b].code, book.notes[i].length) == code_head(
                run.batch.diagnoses[a].code, book.notes[i].length):
            continue                                 # the same unspecified code with another seventh character
        done |= 1 << kind
        if not _together(run, claim, a, b):
            return 0
        if kind == NOTE_EXCLUDES1:
            _exclude(run, claim, day, a, b, i)
        else:
            _make_needless(run, day, a, b, i)
    if not done:
        slot_of(book.strangers, STRANGER_BITS, _both(at, code))[0] = _both(at, code)
    return 0


cdef bint _has_clear(const BookC* book, int32_t start, int32_t count, int64_t code) noexcept nogil:
    cdef int32_t i
    for i in range(start, start + count):
        if book.notes[i].kind == NOTE_EXCLUDES1 and book.notes[i].reading == READ and covers(&book.notes[i], code):
            return True
    return False


cdef const NoteC* _found(const BookC* book, int32_t at, int kind, int64_t code, int level, int length) noexcept nogil:
    """A note of this kind about a code, as special as asked for: of a narrower level, or of the same one."""
    cdef int32_t i
    cdef const NoteC* note
    for i in range(book.noted[at].start, book.noted[at].start + book.noted[at].count):
        note = &book.notes[i]
        if note.kind == kind and note.reading == READ and covers(note, code) and (
                note.level < level or (note.level == level and note.length >= length)):
            return note
    return NULL


cdef int _exclude(RunC* run, int32_t claim, int32_t day, int32_t a, int32_t b, int32_t number) except -1 nogil:
    """An Excludes1 note of `a` that names `b`, against what the notes of `b` say of `a`.

    An Excludes2 note on the other side contradicts it unless it is of a wider level (the chapter's list of all other
    chapters says nothing of two codes); so does one on the same side that is closer to the code.
    """
    cdef BookC* book = <BookC*>run.book
    cdef int64_t x = run.batch.diagnoses[a].code, y = run.batch.diagnoses[b].code
    cdef int32_t other = noted_on(run, y, day), own = noted_on(run, x, day)
    cdef NoteC note = book.notes[number]
    cdef const NoteC* back = _found(book, other, NOTE_EXCLUDES1, x, 2, 0)
    cdef const NoteC* against
    cdef DxPairC* pair
    if back != NULL and b < a and note.reading == READ:
        return 0                                     # found from the other side already
    if back != NULL and note.reading != READ:
        return 0
    pair = _new(run, a, b, day)
    pair.relation = V_DX_PAIR_RELATION_EXCLUDES1
    pair.level = note.level
    pair.reason = 0 if note.reading == READ else R_NO_ROW
    pair.rows[0].table = T_DX_RELATION
    pair.rows[0].slot = book.noted[own].relations
    pair.rows[0].row = note.row
    if note.reading != READ:
        return 0
    against = _found(book, other, NOTE_EXCLUDES2, x, note.level, 0)
    if against == NULL:
        against = _found(book, own, NOTE_EXCLUDES2, y, note.level, note.length + 1)
    if against == NULL and back != NULL:
        against = _found(book, other, NOTE_EXCLUDES2, x, back.level, back.length + 1)
    pair.direction = V_DX_PAIR_DIRECTION_ONE
    if against != NULL:
        pair.direction = V_DX_PAIR_DIRECTION_CONTRADICTED
    elif back != NULL:
        pair.direction = V_DX_PAIR_DIRECTION_BOTH
        against = back
    if against != NULL:
        pair.rows[1].table = T_DX_RELATION
        pair.rows[1].slot = book.noted[own].relations
        pair.rows[1].row = against.row
    return 0


cdef int _make_needless(RunC* run, int32_t day, int32_t a, int32_t b, int32_t number) except -1 nogil:
    """`b` makes `a` needless."""
    cdef BookC* book = <BookC*>run.book
    cdef int32_t at = noted_on(run, run.batch.diagnoses[a].code, day)
    cdef NoteC note = book.notes[number]
    cdef DxPairC* pair = _new(run, a, b, day)
    pair.relation = <uint8_t>(V_DX_PAIR_RELATION_REDUNDANT + note.kind - NOTE_REDUNDANT)
    pair.drop = a
    pair.keep = b
    pair.rows[0].table = T_DX_MAP if note.number < 0 else T_DX_RELATION
    pair.rows[0].slot = book.noted[at].map if note.number < 0 else book.noted[at].relations
    pair.rows[0].row = note.row
    return 0


cdef DxPairC* _new(RunC* run, int32_t a, int32_t b, int32_t day) except NULL nogil:
    cdef DxPairC* pair
    cdef int x = diagnosis_side(run, a, day), y = diagnosis_side(run, b, day)
    grow(<void**>&run.dx_pairs, &run.dx_pair_room, run.dx_pair_count, sizeof(DxPairC))
    pair = &run.dx_pairs[run.dx_pair_count]
    run.dx_pair_count += 1
    pair.a = min(a, b)
    pair.b = max(a, b)
    pair.drop = pair.keep = -1
    pair.relation = 0
    pair.direction = V_DX_PAIR_DIRECTION_ONE
    pair.level = 0
    pair.reason = 0
    pair.sides = V_DX_PAIR_SIDES_NONE
    if 1 <= x <= SIDE_BOTH and 1 <= y <= SIDE_BOTH:
        pair.sides = V_DX_PAIR_SIDES_SAME if x & y else V_DX_PAIR_SIDES_DIFFERENT
    pair.rows[0].slot = pair.rows[1].slot = -1
    return pair


cdef int _add_gap(RunC* run, int32_t claim, int reason) except -1 nogil:
    """One unit for a claim whose notes cannot be looked up: rules about pairs are not evaluated."""
    cdef DxPairC* pair = _new(run, run.batch.claims[claim].first_diagnosis, run.batch.claims[claim].first_diagnosis + 1,
                              related_day(run, claim))
    pair.reason = <uint8_t>reason
    return 0


cdef void bind_dx_pair(const RunC* run, UnitC* unit, int32_t number) noexcept nogil:
    """The unit's own diagnosis is the one to drop, else the first of the two."""
    cdef const DxPairC* pair = &run.dx_pairs[number]
    unit.dx_pair = number
    unit.dx = pair.drop if pair.drop >= 0 else pair.a


cdef ValueC dx_pair_value(RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    cdef const DxPairC* pair = &run.dx_pairs[unit.dx_pair]
    cdef int32_t dx
    if attribute == A_DX_PAIR_A:
        return known(run.batch.diagnoses[pair.a].code)
    if attribute == A_DX_PAIR_B:
        return known(run.batch.diagnoses[pair.b].code)
    if pair.reason != 0:
        return unknown(pair.reason)
    if attribute == A_DX_PAIR_RELATION:
        return known(pair.relation)
    if attribute == A_DX_PAIR_DIRECTION:
        return known(pair.direction)
    if attribute == A_DX_PAIR_LEVEL:
        return known(pair.level)
    if attribute == A_DX_PAIR_SIDES:
        return known(pair.sides)
    dx = pair.keep if attribute == A_DX_PAIR_KEEP else pair.drop
    return absent() if dx < 0 else known(run.batch.diagnoses[dx].code)




cdef int add_dx_pair_rows(RunC* run, HitsC* hits, HitC* hit, const UnitC* unit) except -1 nogil:
    """Adds the notes or the row of the map that the pair rests on."""
    cdef const DxPairC* pair = &run.dx_pairs[unit.dx_pair]
    cdef int i
    for i in range(2):
        if pair.rows[i].slot >= 0:
            add_row(hits, hit, pair.rows[i].table, pair.rows[i].slot, pair.rows[i].row)
    return 0
