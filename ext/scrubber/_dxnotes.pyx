"""What tables say of a diagnosis beside others, gathered once for each code of a run."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from scrubber._claims cimport first_from, is_inpatient, last_thru
from scrubber._codeset cimport code_head
from scrubber._facts cimport in_set_ever
from scrubber._tables cimport EditionC, edition_on, first_row, symbol_at
from scrubber.bits cimport bucket, fetch, set_bit
from scrubber.grow cimport grow
from scrubber.run cimport GLOB_BITS, MOST_NOTED, SET_BITS, SET_WORDS, RunC
from scrubber.structs cimport INSTITUTIONAL, NO_DAY, ClaimC, DiagnosisC
from scrubber.words cimport *

cdef enum:
    BUCKETS = 1 << 14
    LETTER_X = 34

cdef int64_t WIDTHS[8]           # 37 ** (7 - n): the place of character n, counted from 1
WIDTHS[:] = [37 ** (7 - n) for n in range(8)]

cdef uint8_t BITS[8]             # by Kind
BITS[:] = [BIT_PAIR, BIT_AGAINST, BIT_FIRST, BIT_ADDITIONAL, BIT_PAIR, BIT_PAIR, BIT_PAIR, BIT_HISTORY]


cdef BookC* new_book() except NULL:
    cdef BookC* book = <BookC*>calloc(1, sizeof(BookC))
    cdef int i
    if book == NULL:
        raise MemoryError
    book.buckets = <int32_t*>malloc(BUCKETS * sizeof(int32_t))
    book.strangers = <uint64_t*>calloc(1 << STRANGER_BITS, sizeof(uint64_t))
    if book.buckets == NULL or book.strangers == NULL:
        free_book(book)
        raise MemoryError
    for i in range(BUCKETS):
        book.buckets[i] = -1
    return book


cdef void free_book(BookC* book) noexcept:
    if book != NULL:
        free(book.noted)
        free(book.notes)
        free(book.buckets)
        free(book.strangers)
        free(book)


cdef int32_t related_day(const RunC* run, int32_t claim) noexcept nogil:
    """First day of a professional claim or of a statement; of an inpatient the discharge."""
    cdef const ClaimC* c = &run.batch.claims[claim]
    cdef int32_t day
    if c.kind != INSTITUTIONAL:
        return first_from(run, claim)
    if is_inpatient(run, claim):
        day = c.discharge if c.discharge != NO_DAY else c.statement_thru
        return day if day != NO_DAY else last_thru(run, claim)
    return c.statement_from if c.statement_from != NO_DAY else first_from(run, claim)


cdef bint covers(const NoteC* note, int64_t code) noexcept nogil:
    """Whether the note names the code; prose names none."""
    cdef int place = note.place
    cdef int64_t character
    if not note.low <= code <= note.high or note.reading == PROSE:
        return False
    if place == 0:
        return True
    if place == 56:
        place = 5 if (code // WIDTHS[6]) % 37 == LETTER_X else 6
    character = (code // WIDTHS[place]) % 37
    return note.first <= character <= note.last


cdef uint8_t _digit(int32_t character) noexcept nogil:
    """A character as the digit that symbols have for it."""
    return <uint8_t>(character - 47 if character < 58 else character - 54)


cdef int64_t _end(int64_t last) noexcept nogil:
    """The last symbol that has these characters in front."""
    cdef int n = 7
    while n > 1 and (last // WIDTHS[n]) % 37 == 0:
        n -= 1
    return last + WIDTHS[n] - 1


cdef void _mark_near(NotedC* noted, const NoteC* note) noexcept nogil:
    """Notes with what the codes begin that a note names."""
    cdef int64_t beginning
    if BITS[note.kind] != BIT_PAIR:
        return
    for beginning in range(note.low // WIDTHS[2], note.high // WIDTHS[2] + 1):
        if near_bit(beginning) >= 0:
            set_bit(noted.near, near_bit(beginning))


cdef int _add_relations(BookC* book, NotedC* noted, const EditionC* edition, int64_t node, int length) except -1 nogil:
    cdef int64_t row = first_row(edition, node)
    cdef NoteC* note
    while 0 <= row < edition.rows and edition.key[row] == node:
        grow(<void**>&book.notes, &book.note_room, book.note_count, sizeof(NoteC))
        note = &book.notes[book.note_count]
        note.kind = <uint8_t>edition.column[C_DX_RELATION_RELATION][row]
        note.level = <uint8_t>edition.column[C_DX_RELATION_LEVEL][row]
        note.low = symbol_at(edition, C_DX_RELATION_FIRST, row)
        note.high = _end(symbol_at(edition, C_DX_RELATION_LAST, row))
        note.place = <uint8_t>edition.column[C_DX_RELATION_PLACE][row]
        note.first = _digit(edition.column[C_DX_RELATION_LOW][row])
        note.last = _digit(edition.column[C_DX_RELATION_HIGH][row])
        note.reading = <uint8_t>edition.column[C_DX_RELATION_READING][row]
        note.optional = <uint8_t>edition.column[C_DX_RELATION_OPTIONAL][row]
        note.number = edition.column[C_DX_RELATION_NOTE][row]
        note.length = <uint8_t>length
        note.row = <int32_t>row
        if note.kind <= NOTE_REDUNDANT:
            book.note_count += 1
            noted.bits |= BITS[note.kind]
            _mark_near(noted, note)
        row += 1
    return 0


cdef int _add_map(BookC* book, NotedC* noted, const EditionC* edition, int64_t node, int length) except -1 nogil:
    cdef int64_t row = first_row(edition, node)
    cdef NoteC* note
    while 0 <= row < edition.rows and edition.key[row] == node:
        grow(<void**>&book.notes, &book.note_room, book.note_count, sizeof(NoteC))
        note = &book.notes[book.note_count]
        note.kind = <uint8_t>(NOTE_REDUNDANT + edition.column[C_DX_MAP_RELATION][row])
        note.level = 0
        note.low = symbol_at(edition, C_DX_MAP_FIRST, row)
        note.high = _end(symbol_at(edition, C_DX_MAP_LAST, row))
        note.place = note.first = note.last = 0
        note.reading = READ
        note.optional = 0
        note.number = -1
        note.length = <uint8_t>length
        note.row = <int32_t>row
        if note.kind <= NOTE_HISTORY:
            book.note_count += 1
            noted.bits |= BITS[note.kind]
            _mark_near(noted, note)
        row += 1
    return 0


cdef void _fetch_notes(const RunC* run, const ClaimC* claim) noexcept nogil:
    """Has fetched what the book has of the diagnoses of a claim."""
    cdef const BookC* book = <const BookC*>run.book
    cdef const DiagnosisC* diagnoses = run.batch.diagnoses
    cdef int32_t i, at
    for i in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        fetch(&book.buckets[bucket(diagnoses[i].code, BUCKETS - 1)])
    for i in range(claim.first_diagnosis, claim.first_diagnosis + claim.diagnosis_count):
        at = book.buckets[bucket(diagnoses[i].code, BUCKETS - 1)]
        if at >= 0:
            fetch(&book.noted[at])
            fetch(&book.noted[at].sets[0])
            fetch(&book.noted[at].sets[SET_WORDS - 1])


cdef int prepare_notes(RunC* run, int32_t claim) except -1 nogil:
    cdef const ClaimC* c = &run.batch.claims[claim]
    cdef int32_t day = related_day(run, claim)
    cdef int32_t i, at
    cdef NotedC* noted
    cdef int w
    memset(run.dx_sets, 0, sizeof(run.dx_sets))
    run.dx_flags = 0 if _flags_known(run, claim) else -1
    run.dx_sets_of = claim
    _fetch_notes(run, c)
    for i in range(c.first_diagnosis, c.first_diagnosis + c.diagnosis_count):
        at = noted_on(run, run.batch.diagnoses[i].code, day)
        if at < 0:
            _gather(run, run.batch.diagnoses[i].code, day)
            at = noted_on(run, run.batch.diagnoses[i].code, day)
        if i - c.first_diagnosis < MOST_NOTED:
            run.dx_noted[i - c.first_diagnosis] = at
        noted = &(<BookC*>run.book).noted[at]
        run.dx_flags |= noted.flags
        for w in range(SET_WORDS):
            run.dx_sets[w] |= noted.sets[w]
    run.dx_sets[SET_WORDS - 1] |= <uint64_t>(run.dx_flags & (1 << GLOB_BITS) - 1) << (64 - GLOB_BITS)
    return 0


cdef bint _flags_known(const RunC* run, int32_t claim) noexcept nogil:
    """Whether the flags of diagnoses can be looked up on the first and on the last day of a claim."""
    cdef int32_t first = first_from(run, claim), last = last_thru(run, claim)
    return (run.batch.claims[claim].kind != INSTITUTIONAL and first != NO_DAY
            and edition_on(&run.tables.chains[T_MCE_DX], first) != NULL
            and edition_on(&run.tables.chains[T_MCE_DX], last) != NULL)


cdef void _mark(const RunC* run, NotedC* noted) noexcept nogil:
    """Sets and flags of the code on any day: what it is in on none, it is not in on the day of a claim."""
    cdef const EditionC* edition
    cdef int64_t row
    cdef int32_t i
    noted.flags = 0
    memset(noted.sets, 0, sizeof(noted.sets))
    for i in range(min(run.program.set_count, SET_BITS)):
        if in_set_ever(run, i, noted.code):
            set_bit(noted.sets, i)
    noted.plain = noted.code > 0
    for i in range(SET_WORDS):
        noted.plain = noted.plain and noted.sets[i] & run.asked_of_dx[i] == 0
    for i in range(run.tables.chains[T_MCE_DX].count):
        edition = run.tables.chains[T_MCE_DX].editions[i]
        row = first_row(edition, noted.code)
        if row < 0 and edition.partial:
            noted.flags = -1
        while 0 <= row < edition.rows and edition.key[row] == noted.code:
            noted.flags |= edition.column[C_MCE_DX_FLAGS][row]
            row += 1


cdef int32_t noted_on(const RunC* run, int64_t code, int32_t day) noexcept nogil:
    cdef const BookC* book = <const BookC*>run.book
    cdef const EditionC* relations = edition_on(&run.tables.chains[T_DX_RELATION], day)
    cdef const EditionC* mapped = edition_on(&run.tables.chains[T_DX_MAP], day)
    cdef int32_t slot = -1 if relations == NULL else relations.slot
    cdef int32_t other = -1 if mapped == NULL else mapped.slot
    cdef int32_t at = book.buckets[bucket(code, BUCKETS - 1)]
    while at >= 0:
        if book.noted[at].code == code and book.noted[at].relations == slot and book.noted[at].map == other:
            return at
        at = book.noted[at].next
    return -1


cdef int _gather(RunC* run, int64_t code, int32_t day) except -1 nogil:
    cdef BookC* book = <BookC*>run.book
    cdef const EditionC* relations = edition_on(&run.tables.chains[T_DX_RELATION], day)
    cdef const EditionC* mapped = edition_on(&run.tables.chains[T_DX_MAP], day)
    cdef int length
    cdef int64_t node = 0
    cdef NotedC* noted
    grow(<void**>&book.noted, &book.noted_room, book.noted_count, sizeof(NotedC))
    noted = &book.noted[book.noted_count]
    noted.code = code
    noted.relations = -1 if relations == NULL else relations.slot
    noted.map = -1 if mapped == NULL else mapped.slot
    noted.bits = 0
    memset(noted.near, 0, sizeof(noted.near))
    _mark(run, noted)
    noted.start = book.note_count
    for length in range(7, 2, -1):
        if code <= 0 or node == code_head(code, length):
            continue                                 # no code at all, or shorter than that
        node = code_head(code, length)
        if relations != NULL:
            _add_relations(book, noted, relations, node, length)
        if mapped != NULL:
            _add_map(book, noted, mapped, node, length)
    noted.count = book.note_count - noted.start
    noted.next = book.buckets[bucket(code, BUCKETS - 1)]
    book.buckets[bucket(code, BUCKETS - 1)] = book.noted_count
    book.noted_count += 1
    return 0
