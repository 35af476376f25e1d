"""Claims as arrays of structs, and how they grow."""

from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset

from scrubber._blocks cimport give_block
from scrubber.grow cimport SCRUBBER_TIGHT, TIGHT_UNTIL, cleared, roomier
from scrubber.pack cimport WIDTH_CODE, WIDTH_DIAGNOSIS, WIDTH_MODIFIER, pack
from scrubber.structs cimport (
    DRAFT, MAX_MODIFIERS, MAX_POINTERS, NO_DAY, NOT_TOLD, NPI_MISSING, PAID, POINTER_MISSING, POINTER_OK,
    POINTER_OUT_OF_RANGE, POINTER_REPEATED,
)
from scrubber.words cimport V_PROVIDER_TAX_ID_FAULT_MISSING, V_SUBSCRIBER_ELIGIBLE_UNKNOWN

from scrubber.symbols import unpack


cdef void* _grown(void* items, int64_t count, int64_t* room, size_t size) noexcept nogil:
    """`items` with room for one more element of `size` bytes, or NULL when memory is out."""
    cdef int64_t wanted
    cdef void* moved
    if count < room[0]:
        return items
    wanted = roomier(count, room[0])
    moved = realloc(items, <size_t>wanted * size)
    if moved != NULL:
        room[0] = wanted
    return moved


cdef int32_t _add(void** items, int32_t* count, int32_t* room, size_t size) noexcept nogil:
    """Index of one more zeroed element, -1 when memory is out."""
    cdef int64_t wide = room[0]
    cdef void* moved = _grown(items[0], count[0], &wide, size)
    if moved == NULL or wide > 2147483647:
        return -1
    items[0] = moved
    room[0] = <int32_t>wide
    cleared(<char*>moved + <size_t>count[0] * size, size)
    count[0] += 1
    return count[0] - 1


cdef int32_t add_claim(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.claims, &batch.claim_count, &batch.claim_room, sizeof(ClaimC))
    cdef ClaimC* claim
    if index < 0:
        return -1
    claim = &batch.claims[index]
    claim.id.start = batch.arena_size
    claim.payer = -1
    claim.as_of = NO_DAY
    claim.first_line = batch.line_count
    claim.first_diagnosis = batch.diagnosis_count
    claim.first_provider = batch.provider_count
    claim.first_number = batch.number_count
    claim.first_other = batch.other_count
    claim.first_defect = batch.defect_count
    claim.first_list_code = batch.list_code_count
    claim.eligible = V_SUBSCRIBER_ELIGIBLE_UNKNOWN
    claim.name_fault = NOT_TOLD
    claim.id_fault = NOT_TOLD
    claim.billing = -1
    claim.rendering = -1
    claim.birth = NO_DAY
    claim.death = NO_DAY
    claim.onset = NO_DAY
    claim.initial_treatment = NO_DAY
    claim.last_seen = NO_DAY
    claim.acute = NO_DAY
    claim.accident = NO_DAY
    claim.lmp = NO_DAY
    claim.last_xray = NO_DAY
    claim.disability_from = NO_DAY
    claim.disability_to = NO_DAY
    claim.last_worked = NO_DAY
    claim.return_to_work = NO_DAY
    claim.admit = NO_DAY
    claim.discharge = NO_DAY
    claim.care_from = NO_DAY
    claim.care_to = NO_DAY
    claim.statement_from = NO_DAY
    claim.statement_thru = NO_DAY
    return index


cdef int32_t add_line(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.lines, &batch.line_count, &batch.line_room, sizeof(LineC))
    cdef LineC* line
    if index < 0:
        return -1
    line = &batch.lines[index]
    line.claim = batch.claim_count - 1
    line.from_day = NO_DAY
    line.thru_day = NO_DAY
    line.rendering = -1
    line.drug = -1
    line.first_number = batch.number_count
    line.care_from = NO_DAY
    line.care_to = NO_DAY
    line.visit_minutes = -1
    return index


cdef int32_t add_diagnosis(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.diagnoses, &batch.diagnosis_count, &batch.diagnosis_room,
                              sizeof(DiagnosisC))
    if index >= 0:
        batch.diagnoses[index].claim = batch.claim_count - 1
    return index


cdef int32_t add_provider(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.providers, &batch.provider_count, &batch.provider_room,
                              sizeof(ProviderC))
    if index >= 0:
        batch.providers[index].claim = -1
        batch.providers[index].line = -1
        batch.providers[index].npi_fault = NPI_MISSING
        batch.providers[index].tax_id_fault = V_PROVIDER_TAX_ID_FAULT_MISSING
    return index


cdef int32_t add_drug(BatchC* batch) noexcept nogil:
    return _add(<void**>&batch.drugs, &batch.drug_count, &batch.drug_room, sizeof(DrugC))


cdef int32_t add_number(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.numbers, &batch.number_count, &batch.number_room, sizeof(NumberC))
    if index >= 0:
        batch.numbers[index].claim = batch.claim_count - 1
        batch.numbers[index].line = -1
        batch.numbers[index].other = -1
    return index


cdef int32_t add_other(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.others, &batch.other_count, &batch.other_room, sizeof(OtherPayerC))
    if index >= 0:
        batch.others[index].claim = batch.claim_count - 1
        batch.others[index].date = NO_DAY
    return index


cdef int32_t add_adjustment(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.adjustments, &batch.adjustment_count, &batch.adjustment_room,
                              sizeof(AdjustmentC))
    if index >= 0:
        batch.adjustments[index].claim = batch.claim_count - 1
        batch.adjustments[index].other = -1
        batch.adjustments[index].line = -1
    return index


cdef int32_t add_adjudication(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.adjudications, &batch.adjudication_count, &batch.adjudication_room,
                              sizeof(AdjudicationC))
    if index >= 0:
        batch.adjudications[index].claim = batch.claim_count - 1
        batch.adjudications[index].other = -1
        batch.adjudications[index].line = -1
        batch.adjudications[index].date = NO_DAY
    return index


cdef int32_t add_defect(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.defects, &batch.defect_count, &batch.defect_room, sizeof(DefectC))
    if index >= 0:
        batch.defects[index].claim = -1
        batch.defects[index].count = 1
        batch.defects[index].expected = -1
        batch.defects[index].found = -1
    return index


cdef int32_t add_list_code(BatchC* batch) noexcept nogil:
    cdef int32_t index = _add(<void**>&batch.list_codes, &batch.list_code_count, &batch.list_code_room,
                              sizeof(ListCodeC))
    if index >= 0:
        batch.list_codes[index].claim = batch.claim_count - 1
    return index


cdef TextC add_text(BatchC* batch, const uint8_t* s, int32_t n) noexcept nogil:
    cdef TextC text
    cdef int64_t wanted = max(4096, batch.arena_room)
    cdef void* moved
    memset(&text, 0, sizeof(TextC))
    text.start = batch.arena_size
    if n <= 0:
        return text
    if batch.arena_size + n > batch.arena_room:
        while batch.arena_size + n > wanted:
            wanted *= 2
        if SCRUBBER_TIGHT and batch.arena_size < TIGHT_UNTIL:
            wanted = batch.arena_size + n
        moved = realloc(batch.arena, <size_t>wanted)
        if moved == NULL:
            return text
        batch.arena = <uint8_t*>moved
        batch.arena_room = wanted
    memcpy(batch.arena + batch.arena_size, s, n)
    batch.arena_size += n
    text.length = n
    return text


cdef void drop_claim(BatchC* batch, int32_t claim) noexcept nogil:
    """`claim` must be the last one. Its texts go too: `id` is the first text of a claim."""
    cdef ClaimC* gone = &batch.claims[claim]
    cdef int32_t i
    for i in range(gone.first_line, batch.line_count):
        if batch.lines[i].drug >= 0:
            batch.drug_count = min(batch.drug_count, batch.lines[i].drug)
    batch.line_count = gone.first_line
    batch.diagnosis_count = gone.first_diagnosis
    batch.provider_count = gone.first_provider
    batch.number_count = gone.first_number
    batch.other_count = gone.first_other
    batch.list_code_count = gone.first_list_code
    while batch.adjustment_count and batch.adjustments[batch.adjustment_count - 1].claim == claim:
        batch.adjustment_count -= 1
    while batch.adjudication_count and batch.adjudications[batch.adjudication_count - 1].claim == claim:
        batch.adjudication_count -= 1
    while batch.defect_count and batch.defects[batch.defect_count - 1].claim == claim:
        batch.defect_count -= 1
    batch.arena_size = gone.id.start
    batch.claim_count = claim


cdef void settle_pointers(BatchC* batch, int32_t claim) noexcept nogil:
    """Source: 837 SV107: positions in the order of HI; only principal and other diagnoses can be pointed at."""
    cdef ClaimC* c_claim = &batch.claims[claim]
    cdef LineC* line
    cdef int32_t i
    cdef int32_t known = 0
    cdef int j, k, kept
    cdef uint8_t pointer, fault
    for i in range(c_claim.first_diagnosis, c_claim.first_diagnosis + c_claim.diagnosis_count):
        if batch.diagnoses[i].role <= 1:
            known += 1
    for i in range(c_claim.first_line, c_claim.first_line + c_claim.line_count):
        line = &batch.lines[i]
        kept = 0
        for j in range(line.pointer_count):
            pointer = line.pointers[j]
            fault = POINTER_OUT_OF_RANGE if pointer == 0 or pointer > known else POINTER_OK
            for k in range(kept):
                if line.pointers[k] == pointer:
                    fault = POINTER_REPEATED
            if fault == POINTER_OK:
                line.pointers[kept] = pointer
                kept += 1
            elif line.pointer_fault == POINTER_OK:
                line.pointer_fault = fault
        for j in range(kept, MAX_POINTERS):
            line.pointers[j] = 0
        line.pointer_count = kept
        if kept == 0 and line.pointer_fault == POINTER_OK:
            line.pointer_fault = POINTER_MISSING


cdef class ClaimBatch:
    def __cinit__(self):
        memset(&self.c, 0, sizeof(BatchC))
        self.files = []
        self.payers = []
        self.odd = []
        self.unreadable = []
        self._payer_numbers, self._odd_numbers = {}, {}

    def __dealloc__(self):
        give_block(self.c.claims, self.c.claim_room * sizeof(ClaimC))
        give_block(self.c.lines, self.c.line_room * sizeof(LineC))
        give_block(self.c.diagnoses, self.c.diagnosis_room * sizeof(DiagnosisC))
        give_block(self.c.providers, self.c.provider_room * sizeof(ProviderC))
        give_block(self.c.others, self.c.other_room * sizeof(OtherPayerC))
        give_block(self.c.numbers, self.c.number_room * sizeof(NumberC))
        give_block(self.c.adjustments, self.c.adjustment_room * sizeof(AdjustmentC))
        give_block(self.c.adjudications, self.c.adjudication_room * sizeof(AdjudicationC))
        give_block(self.c.arena, <size_t>self.c.arena_room)
        free(self.c.drugs)
        free(self.c.defects)
        free(self.c.list_codes)

    cdef int32_t payer_number(self, const uint8_t* s, int64_t n) except -1:
        key = s[:n].decode("utf-8", "replace").strip()
        number = self._payer_numbers.get(key)
        if number is None:
            number = len(self.payers)
            self._payer_numbers[key] = number
            self.payers.append(key)
        return number

    cdef int64_t symbol(self, const uint8_t* s, int64_t n, int width) except? -1:
        cdef int64_t packed = pack(s, n, width)
        if packed >= 0:
            return packed
        text = s[:n].decode("utf-8", "replace")
        number = self._odd_numbers.get(text)
        if number is None:
            number = len(self.odd)
            self._odd_numbers[text] = number
            self.odd.append(text)
        return -(<int64_t>number + 1)

    cdef str _text(self, TextC text):
        return self.c.arena[text.start:text.start + text.length].decode("utf-8", "replace") if text.length else ""

    cdef int _check(self, int64_t index, int64_t count) except -1:
        if not 0 <= index < count:
            raise IndexError(index)
        return 0

    def clear(self):
        """Takes out every claim and payer; the room they had stays, and so do the names of the files."""
        self.c.claim_count = self.c.line_count = self.c.diagnosis_count = self.c.provider_count = self.c.drug_count = 0
        self.c.number_count = self.c.other_count = self.c.adjustment_count = self.c.adjudication_count = 0
        self.c.defect_count = self.c.list_code_count = 0
        self.c.arena_size = 0
        for each in (self.payers, self.odd, self.unreadable, self._payer_numbers, self._odd_numbers):
            each.clear()

    def __len__(self):
        return self.c.claim_count

    @property
    def claim_count(self):
        return self.c.claim_count

    @property
    def line_count(self):
        return self.c.line_count

    @property
    def diagnosis_count(self):
        return self.c.diagnosis_count

    @property
    def defect_count(self):
        return self.c.defect_count

    def symbol_text(self, symbol, width):
        """Text of a symbol of the batch, odd ones as they were sent."""
        return self.odd[-symbol - 1] if symbol < 0 else unpack(symbol, width)

    def mark_history(self, int32_t first):
        """Makes drafts from claim number `first` on claims of the past, that were paid; other states stay."""
        cdef int32_t i, k
        for i in range(first, self.c.claim_count):
            if self.c.claims[i].state == DRAFT:
                self.c.claims[i].state = PAID
            for k in range(self.c.claims[i].first_line, self.c.claims[i].first_line + self.c.claims[i].line_count):
                if self.c.lines[k].state == DRAFT:
                    self.c.lines[k].state = PAID

    def first_day(self, int32_t first):
        """The earliest service day of the claims from number `first` on, NO_DAY if there is none."""
        cdef int32_t i, k, day = NO_DAY
        for i in range(first, self.c.claim_count):
            for k in range(self.c.claims[i].first_line, self.c.claims[i].first_line + self.c.claims[i].line_count):
                if day == NO_DAY or self.c.lines[k].from_day < day:
                    day = self.c.lines[k].from_day
        return day

    def is_draft(self, int32_t claim):
        """Whether a claim is to be scrubbed, rather than history."""
        self._check(claim, self.c.claim_count)
        return self.c.claims[claim].state == DRAFT

    def claim_id(self, int32_t claim):
        self._check(claim, self.c.claim_count)
        return self._text(self.c.claims[claim].id)

    def file_of(self, int32_t claim):
        self._check(claim, self.c.claim_count)
        return self.files[self.c.claims[claim].file]

    def payer_of(self, int32_t claim):
        self._check(claim, self.c.claim_count)
        return self.payers[self.c.claims[claim].payer] if self.c.claims[claim].payer >= 0 else ""

    def claim_position(self, int32_t claim):
        self._check(claim, self.c.claim_count)
        return self.c.claims[claim].position

    def claim_lines(self, int32_t claim):
        """Indices of the claim's lines."""
        self._check(claim, self.c.claim_count)
        return range(self.c.claims[claim].first_line, self.c.claims[claim].first_line + self.c.claims[claim].line_count)

    def total_cents(self, int32_t claim):
        self._check(claim, self.c.claim_count)
        return self.c.claims[claim].total_cents

    def line_number(self, int32_t line):
        self._check(line, self.c.line_count)
        return self.c.lines[line].number

    def line_claim(self, int32_t line):
        self._check(line, self.c.line_count)
        return self.c.lines[line].claim

    def line_code_text(self, int32_t line):
        self._check(line, self.c.line_count)
        return self.symbol_text(self.c.lines[line].code, WIDTH_CODE)

    def line_modifiers(self, int32_t line):
        self._check(line, self.c.line_count)
        return [self.symbol_text(self.c.lines[line].modifiers[i], WIDTH_MODIFIER)
                for i in range(MAX_MODIFIERS) if self.c.lines[line].modifiers[i]]

    def line_day(self, int32_t line):
        self._check(line, self.c.line_count)
        return self.c.lines[line].from_day

    def charge_cents(self, int32_t line):
        self._check(line, self.c.line_count)
        return self.c.lines[line].charge_cents

    def diagnosis_text(self, int32_t diagnosis):
        """The diagnosis without its dot."""
        self._check(diagnosis, self.c.diagnosis_count)
        return self.symbol_text(self.c.diagnoses[diagnosis].code, WIDTH_DIAGNOSIS)

    def rows(self, str kind):
        """Every element of one array as dicts, texts as strings: for looking at, not for speed."""
        cdef int32_t i
        if kind == "claims":
            return [self._shown(self.c.claims[i]) for i in range(self.c.claim_count)]
        if kind == "lines":
            return [self._shown(self.c.lines[i]) for i in range(self.c.line_count)]
        if kind == "diagnoses":
            return [self._shown(self.c.diagnoses[i]) for i in range(self.c.diagnosis_count)]
        if kind == "providers":
            return [self._shown(self.c.providers[i]) for i in range(self.c.provider_count)]
        if kind == "drugs":
            return [self._shown(self.c.drugs[i]) for i in range(self.c.drug_count)]
        if kind == "numbers":
            return [self._shown(self.c.numbers[i]) for i in range(self.c.number_count)]
        if kind == "others":
            return [self._shown(self.c.others[i]) for i in range(self.c.other_count)]
        if kind == "adjustments":
            return [self._shown(self.c.adjustments[i]) for i in range(self.c.adjustment_count)]
        if kind == "adjudications":
            return [self._shown(self.c.adjudications[i]) for i in range(self.c.adjudication_count)]
        if kind == "defects":
            return [self._shown(self.c.defects[i]) for i in range(self.c.defect_count)]
        if kind == "list_codes":
            return [self._shown(self.c.list_codes[i]) for i in range(self.c.list_code_count)]
        raise KeyError(kind)

    def _shown(self, row):
        return {key: self.c.arena[value["start"]:value["start"] + value["length"]].decode("utf-8", "replace")
                if isinstance(value, dict) else value for key, value in row.items()}

    def append_claim(self, claim, file_index=0, position=1, as_of_day=NO_DAY):
        """Appends one `scrubber.model.claim.Claim` and returns its index."""
        from scrubber._append import append_claim
        return append_claim(self, claim, file_index, position, as_of_day)
