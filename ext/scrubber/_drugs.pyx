"""Drugs and orders of a line: the package and its units, and who ordered the service."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._claims cimport in_hand
from scrubber._facts cimport absent, known, unknown
from scrubber._lines cimport claim_of, has_modifier
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.pack cimport WIDTH_NDC, pack
from scrubber.run cimport HandC, RunC, ValueC
from scrubber.structs cimport NPI_OK, ORDERING, ORGANIZATION, PERSON, REFERRING, UNITS, ClaimC, DrugC, LineC, ProviderC
from scrubber.words cimport *

cdef enum:
    QUALIFIER_N4 = 24 * 37 + 5
    M_JW = 20 * 37 + 33
    HYPHEN = 45
    NDC_DIGITS = 11
    LETTER_A = 11                # symbols of one character: 0 is 1, A is 11
    POW_37_3 = 50653
    POW_37_4 = 1874161
    MOST = 1_000_000_000         # thousandths: more of a drug is no dose, and products stay in 64 bits

# Symbols of the units a package can be counted in, by index of asp_ndc.package_unit.
cdef int64_t UNIT_SYMBOLS[6]
UNIT_SYMBOLS[:] = [0, 16 * 37 + 3, 17 * 37 + 28, 23 * 37 + 15, 23 * 37 + 22, 31 * 37 + 24]    # - F2 GR ME ML UN


cdef const DrugC* _drug(const RunC* run, int32_t line) noexcept nogil:
    return NULL if run.batch.lines[line].drug < 0 else &run.batch.drugs[run.batch.lines[line].drug]


cdef int _fault(const RunC* run, const DrugC* drug) noexcept nogil:
    """What is wrong with the number as sent: LIN03 takes eleven digits and nothing else.

    Source:
        X12 005010X222A1 loop 2410 LIN: N4 and the 5-4-2 form without hyphens.
    """
    cdef const uint8_t* s = <const uint8_t*>run.batch.arena + drug.sent.start
    cdef int32_t i
    cdef bint hyphen = False, strange = False
    if drug.qualifier != QUALIFIER_N4:
        return V_NDC_FAULT_QUALIFIER
    for i in range(drug.sent.length):
        hyphen |= s[i] == HYPHEN
        strange |= s[i] != HYPHEN and not 48 <= s[i] <= 57
    if hyphen:
        return V_NDC_FAULT_HYPHEN
    if strange:
        return V_NDC_FAULT_DIGITS
    return V_NDC_FAULT_NONE if drug.sent.length == NDC_DIGITS else V_NDC_FAULT_LENGTH


cdef int64_t package_of(const RunC* run, int32_t line) noexcept nogil:
    """The package's number in eleven digits as a symbol; 0 where the number sent cannot be read as one.

    A label's ten digits, with their hyphens, are padded: 4-4-2 in the labeler, 5-3-2 in the product, 5-4-1 in the
    package. Ten digits without hyphens may be any of them.
    """
    cdef const DrugC* drug = _drug(run, line)
    cdef const uint8_t* s
    cdef uint8_t digits[NDC_DIGITS]
    cdef int widths[3]
    cdef int32_t i, n = 0
    cdef int part = 0, width = 0
    if drug == NULL:
        return 0
    s = <const uint8_t*>run.batch.arena + drug.sent.start
    widths[0], widths[1], widths[2] = 5, 4, 2
    for i in range(drug.sent.length + 1):
        if i < drug.sent.length and 48 <= s[i] <= 57:
            width += 1
            continue
        if i < drug.sent.length and s[i] != HYPHEN:
            return 0
        if i == drug.sent.length and part == 0:                       # no hyphens
            return pack(s, width, WIDTH_NDC) if width == NDC_DIGITS else 0
        if part > 2 or not widths[part] - 1 <= width <= widths[part] or n + widths[part] > NDC_DIGITS:
            return 0
        if width < widths[part]:
            digits[n] = 48
            n += 1
        while width > 0:
            digits[n] = s[i - width]
            n += 1
            width -= 1
        part += 1
    if part != 3 or drug.sent.length < NDC_DIGITS + 1:                # at most one part may be short
        return 0
    return pack(digits, NDC_DIGITS, WIDTH_NDC)


cdef ValueC _maps(RunC* run, int32_t line) noexcept nogil:
    """Whether the crosswalk gives the package to the line's code."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_ASP_NDC], l.from_day)
    cdef int64_t key = package_of(run, line)
    if key == 0:
        return unknown(R_NO_FACT)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if row_on(edition, key, l.from_day) < 0:
        return unknown(R_NO_ROW)
    return known(V_NDC_MAPS_YES if _package_row(edition, key, l) >= 0 else V_NDC_MAPS_NO)


cdef int64_t _package_row(const EditionC* edition, int64_t key, const LineC* l) noexcept nogil:
    """The package's row for the line's code; one package may belong to several codes."""
    cdef int64_t i = first_row(edition, key)
    while 0 <= i < edition.rows and edition.key[i] == key:
        if edition.from_day[i] <= l.from_day < edition.to_day[i] and edition.column[C_ASP_NDC_CODE][i] == l.code:
            return i
        i += 1
    return -1


cdef int _group(const RunC* run, int32_t line, int64_t* units, int64_t* quantity) noexcept nogil:
    """Adds the discarded part (JW) that belongs to a line; a reason where it cannot be told whose it is."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const ClaimC* claim = claim_of(run, line)
    cdef const LineC* other
    cdef int64_t key = package_of(run, line)
    cdef int32_t i
    cdef bint shared = False, loose = False
    units[0] = l.units_milli
    quantity[0] = _drug(run, line).quantity_milli
    for i in range(claim.first_line, claim.first_line + claim.line_count):
        other = &run.batch.lines[i]
        if i == line or other.code != l.code or other.from_day != l.from_day:
            continue
        if not has_modifier(other, M_JW):
            shared |= other.drug >= 0
        elif other.drug < 0:
            loose = True
            units[0] += other.units_milli
        elif package_of(run, i) == key:
            if _drug(run, i).unit != _drug(run, line).unit:
                return R_NO_FACT
            units[0] += other.units_milli
            quantity[0] += _drug(run, i).quantity_milli
    return R_NO_FACT if shared and loose else 0


cdef inline int64_t _ceiling(int64_t value, int64_t step) noexcept nogil:
    return (value + step - 1) // step


cdef ValueC _units(RunC* run, int32_t line, bint difference) noexcept nogil:
    """Units that the quantity holds, rounded up to whole ones; or by how many the units billed differ.

    Units up to whole packages are no difference: what is left of a single-dose package is billed too.
    """
    cdef const LineC* l = &run.batch.lines[line]
    cdef const DrugC* drug = _drug(run, line)
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_ASP_NDC], l.from_day)
    cdef int64_t row, billed, quantity, size, each, low, high
    cdef int reason
    if drug == NULL or has_modifier(l, M_JW) or package_of(run, line) == 0:
        return unknown(R_NO_FACT)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    row = _package_row(edition, package_of(run, line), l)
    if row < 0:
        return unknown(R_NO_ROW)
    size = edition.column[C_ASP_NDC_PACKAGE_SIZE][row]
    each = edition.column[C_ASP_NDC_BILLING_UNITS][row]
    reason = edition.column[C_ASP_NDC_PACKAGE_UNIT][row]
    if reason < 0 or reason > 5 or UNIT_SYMBOLS[reason] == 0 or UNIT_SYMBOLS[reason] != drug.unit:
        return unknown(R_NO_FACT)
    reason = _group(run, line, &billed, &quantity)
    if reason != 0:
        return unknown(reason)
    if size <= 0 or each <= 0 or l.unit_kind != UNITS or not 0 < quantity <= MOST or not 0 <= billed <= MOST:
        return unknown(R_NO_FACT)
    low = _ceiling(quantity * each, size * 1000) * 1000
    if not difference:
        return known(low)
    high = max(low, _ceiling(_ceiling(quantity, size) * each, 1000) * 1000)
    if billed < low:
        return known(billed - low)
    return known(billed - high if billed > high else 0)


cdef ValueC drug_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """ndc.*: loop 2410 of the line; absent without one, which is a fact, but for how its units compare."""
    cdef const DrugC* drug = _drug(run, line)
    if attribute == A_NDC_FOUND:
        return known(drug != NULL)
    if attribute == A_NDC_EXPECTED or attribute == A_NDC_DIFF:
        return _units(run, line, attribute == A_NDC_DIFF)
    if drug == NULL:
        return absent()
    if attribute == A_NDC_FAULT:
        return known(_fault(run, drug))
    if attribute == A_NDC_QUANTITY:
        return known(drug.quantity_milli)
    if attribute == A_NDC_UNIT:
        return known(drug.unit) if drug.unit != 0 else absent()
    return _maps(run, line)


# ---------------------------------------------------------------- orders

cdef int32_t _best_orderer(const RunC* run, int32_t line) noexcept nogil:
    """Who ordered the line: its own ordering or referring provider, else the claim's; -1 where none is sent."""
    cdef const ClaimC* claim = claim_of(run, line)
    cdef const ProviderC* provider
    cdef int32_t i, best = -1
    cdef int rank, least = 4
    for i in range(claim.first_provider, claim.first_provider + claim.provider_count):
        provider = &run.batch.providers[i]
        if provider.line >= 0 and provider.line != line:
            continue
        if provider.role != ORDERING and provider.role != REFERRING:
            continue
        rank = (0 if provider.line >= 0 else 2) + (provider.role == REFERRING)
        if rank < least:
            best = i
            least = rank
    return best


cdef const ProviderC* _orderer(const RunC* run, int32_t line) noexcept nogil:
    """The same, made once for the line last asked about; NULL where none is sent."""
    cdef HandC* hand = in_hand(run, run.batch.lines[line].claim)
    if hand.ordered != line + 1:
        hand.ordered = line + 1
        hand.orderer = _best_orderer(run, line)
    return NULL if hand.orderer < 0 else &run.batch.providers[hand.orderer]


cdef int64_t npi_key(int64_t npi) noexcept nogil:
    """Symbol of ten digits."""
    cdef int64_t symbol = 0, place = 1
    cdef int i
    for i in range(10):
        symbol += (npi % 10 + 1) * place
        place *= 37
        npi //= 10
    return symbol


cdef bint _is_equipment(int64_t code) noexcept nogil:
    """Equipment and supplies by chapter: A4 to A9, B, E, K, L."""
    cdef int64_t first = code // POW_37_4
    if code <= 0:
        return False
    return (first == LETTER_A and 5 <= code // POW_37_3 % 37 <= 10) or first == LETTER_A + 1 or (
        first == LETTER_A + 4 or first == LETTER_A + 10 or first == LETTER_A + 11)


cdef ValueC _enrolled(RunC* run, int32_t line, const ProviderC* provider) noexcept nogil:
    """Whether Medicare's list lets the provider order; other payers have no list of that kind."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_ORDERING], l.from_day)
    cdef ValueC kind = run.profiles[run.payer_profile[claim_of(run, line).payer]].settings[A_PAYER_KIND - F_PAYER]
    cdef int64_t row
    if edition == NULL or kind.state != 0 or kind.value != V_PAYER_KIND_MEDICARE:
        return unknown(R_NO_EDITION)
    if provider.npi <= 0:
        return known(0)
    row = row_on(edition, npi_key(provider.npi), l.from_day)
    if row < 0:
        return unknown(R_NO_ROW) if edition.partial else known(0)
    return known(edition.column[C_ORDERING_DME if _is_equipment(l.code) else C_ORDERING_PARTB][row] != 0)


cdef int64_t order_word(RunC* run, int32_t line) noexcept nogil:
    """All that order.* says of a line, eight bits each: a small value and its state."""
    cdef int64_t word = 0
    cdef ValueC value
    cdef int attribute
    for attribute in range(A_ORDER_FOUND, F_CLAIM):
        value = order_value(run, line, attribute)
        word = word << 8 | value.value << 4 | (value.state + 1)
    return word


cdef ValueC order_value(RunC* run, int32_t line, int attribute) noexcept nogil:
    """order.*: the provider who ordered or referred; absent where none is sent."""
    cdef const ProviderC* provider = _orderer(run, line)
    if attribute == A_ORDER_FOUND:
        return known(provider != NULL)
    if provider == NULL:
        return absent()
    if attribute == A_ORDER_ROLE:
        return known(V_ORDER_ROLE_ORDERING if provider.role == ORDERING else V_ORDER_ROLE_REFERRING)
    if attribute == A_ORDER_LEVEL:
        return known(V_ORDER_LEVEL_LINE if provider.line >= 0 else V_ORDER_LEVEL_CLAIM)
    if attribute == A_ORDER_PERSON:
        if provider.entity != PERSON and provider.entity != ORGANIZATION:
            return unknown(R_NO_FACT)
        return known(provider.entity == PERSON)
    if attribute == A_ORDER_NPI_OK:
        return known(provider.npi_fault == NPI_OK)
    return _enrolled(run, line, provider)
