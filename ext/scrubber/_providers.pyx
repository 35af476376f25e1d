"""The grain provider: who took part, by which numbers, from where; and what a transport or equipment brings along."""

from libc.stdint cimport int32_t, int64_t, uint8_t

from scrubber._claims cimport first_from
from scrubber._drugs cimport npi_key
from scrubber._facts cimport absent, known, unknown
from scrubber._tables cimport EditionC, edition_on, first_row, row_on
from scrubber.pack cimport WIDTH_MODIFIER, digit_of, pack
from scrubber.run cimport RunC, UnitC, ValueC
from scrubber.structs cimport (
    BILLING, DROP_OFF, NPI_LENGTH, NPI_MISSING, NPI_OK, PICK_UP, ClaimC, LineC, ProviderC, TextC,
)
from scrubber.words cimport *

cdef enum:
    POW_37_2 = 1369
    LETTER_X = 34                # digit_of X
    TAXONOMY_LENGTH = 10
    ZIP_LENGTH = 9
    PREFIX_LENGTH = 3
    BASIC_LENGTH = 5             # of a ZIP without the four digits after it

# States, the district, territories, freely associated states and the three of military mail.
# Source: USPS Publication 28, appendix B.
cdef const char* STATES = (
    b"ALAKASAZARCACOCTDEDCFMFLGAGUHIIDILINIAKSKYLAMEMHMDMAMIMNMSMOMTNENVNHNJNMNYNCNDMPOHOKORPWPAPRRISCSDTNTXUTVTVIVA"
    b"WAWVWIWYAAAEAP")


cdef int32_t _provider_at(const ClaimC* claim, int32_t place) noexcept nogil:
    """The billing provider, which claims share, then those of the claim and its lines; -1: none at that place."""
    return claim.billing if place == 0 else claim.first_provider + place - 1


cdef bint _emitted(const RunC* run, const ClaimC* claim, int32_t place) noexcept nogil:
    """Whether the same role and NPI came before, at the same level or at claim level."""
    cdef const ProviderC* provider = &run.batch.providers[_provider_at(claim, place)]
    cdef const ProviderC* other
    cdef int32_t i, index
    for i in range(claim.provider_count + 1):
        index = _provider_at(claim, i)
        if i == place or index < 0:
            continue
        other = &run.batch.providers[index]
        if other.role != provider.role or other.npi != provider.npi:
            continue
        if other.line < 0 and (provider.line >= 0 or i < place):
            return True
        if other.line >= 0 and provider.line >= 0 and i < place:
            return True
    return False


cdef bint next_provider(const RunC* run, UnitC* unit) noexcept nogil:
    """Each distinct role, NPI and level into unit.provider; a line's copy of the claim's own is none."""
    cdef const ClaimC* claim = &run.batch.claims[unit.claim]
    while unit.cursor < claim.provider_count:
        unit.cursor += 1
        unit.provider = _provider_at(claim, unit.cursor)
        if unit.provider >= 0 and not _emitted(run, claim, unit.cursor):
            unit.line = run.batch.providers[unit.provider].line
            return True
    return False


cdef int32_t _day_of(const RunC* run, const UnitC* unit) noexcept nogil:
    """The day of the line that names the provider, else the claim's first."""
    if run.batch.providers[unit.provider].line >= 0:
        return run.batch.lines[run.batch.providers[unit.provider].line].from_day
    return first_from(run, unit.claim)


# ---------------------------------------------------------------- numbers

cdef ValueC _npi_type(const RunC* run, const UnitC* unit) noexcept nogil:
    """What the registry gave the number to. It has numbers that are newer than its copy, so no row tells nothing."""
    cdef const ProviderC* provider = &run.batch.providers[unit.provider]
    cdef int32_t day = _day_of(run, unit)
    cdef const EditionC* edition = edition_on(&run.tables.chains[T_NPPES], day)
    cdef int64_t row
    cdef int kind
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if provider.npi_fault != NPI_OK:
        return unknown(R_NO_FACT)
    row = row_on(edition, npi_key(provider.npi), day)
    if row < 0:
        return unknown(R_NO_ROW)
    kind = edition.column[C_NPPES_TYPE][row]
    if kind != 1 and kind != 2:
        return unknown(R_NO_ROW)
    return known(V_PROVIDER_NPI_TYPE_1 if kind == 1 else V_PROVIDER_NPI_TYPE_2)


cdef bint _well_formed(int64_t taxonomy) noexcept nogil:
    """Ten letters and digits, the last an X."""
    cdef int i
    if taxonomy <= 0 or taxonomy % 37 != LETTER_X:
        return False
    for i in range(TAXONOMY_LENGTH):
        if taxonomy % 37 == 0:
            return False
        taxonomy //= 37
    return True


cdef ValueC _taxonomy_fault(const RunC* run, const UnitC* unit) noexcept nogil:
    """Against the list of its day; a list whose time has passed may lack the codes that came after it."""
    cdef int64_t taxonomy = run.batch.providers[unit.provider].taxonomy
    cdef int32_t day = _day_of(run, unit)
    cdef const EditionC* edition
    cdef int64_t i
    if taxonomy == 0:
        return known(V_PROVIDER_TAXONOMY_FAULT_NONE)
    if not _well_formed(taxonomy):
        return known(V_PROVIDER_TAXONOMY_FAULT_FORMAT)
    edition = edition_on(&run.tables.chains[T_TAXONOMY], day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    i = first_row(edition, taxonomy)
    if i < 0:
        if edition.partial or day >= edition.ends:
            return unknown(R_NO_ROW)
        return known(V_PROVIDER_TAXONOMY_FAULT_UNLISTED)
    while i < edition.rows and edition.key[i] == taxonomy:
        if edition.to_day[i] > day:
            return known(V_PROVIDER_TAXONOMY_FAULT_NONE)
        i += 1
    return known(V_PROVIDER_TAXONOMY_FAULT_RETIRED)


# ---------------------------------------------------------------- addresses

cdef inline bint _wordy(uint8_t c) noexcept nogil:
    return 48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122


cdef TextC _part(const RunC* run, const ProviderC* provider, int part) noexcept nogil:
    """Street (0), city (1) or state (2) of the address, as it lies in the arena."""
    cdef const uint8_t* arena = run.batch.arena
    cdef TextC text = provider.address
    cdef int64_t end = text.start + text.length
    cdef int64_t at = text.start
    while part:
        while at < end and arena[at] != 124:
            at += 1
        at += at < end
        part -= 1
    text.start = at
    while at < end and arena[at] != 124:
        at += 1
    text.length = <int32_t>(at - text.start)
    return text


cdef bint _alike(const RunC* run, TextC one, TextC two) noexcept nogil:
    """Whether two texts hold the same letters and digits."""
    cdef const uint8_t* a = run.batch.arena + one.start
    cdef const uint8_t* b = run.batch.arena + two.start
    cdef int32_t i = 0, j = 0
    while True:
        while i < one.length and not _wordy(a[i]):
            i += 1
        while j < two.length and not _wordy(b[j]):
            j += 1
        if i == one.length or j == two.length:
            return i == one.length and j == two.length
        if digit_of(a[i]) != digit_of(b[j]):
            return False
        i += 1
        j += 1


cdef int _zip_digits(const RunC* run, const ProviderC* provider, uint8_t* digits) noexcept nogil:
    """How many digits the ZIP has, the first nine of them into `digits`; -1: it holds letters."""
    cdef const uint8_t* s = run.batch.arena + provider.zip.start
    cdef int32_t i
    cdef int count = 0
    for i in range(provider.zip.length):
        if 48 <= s[i] <= 57:
            if count < ZIP_LENGTH:
                digits[count] = s[i]
            count += 1
        elif s[i] > 127 or _wordy(s[i]):
            return -1
    return count


cdef bint _same_address(const RunC* run, const ProviderC* one, const ProviderC* two) noexcept nogil:
    """Street, city and five digits of the ZIP; an address without a street is like no other."""
    cdef uint8_t a[9]
    cdef uint8_t b[9]
    cdef int i
    cdef TextC street
    if _zip_digits(run, one, a) < BASIC_LENGTH or _zip_digits(run, two, b) < BASIC_LENGTH:
        return False
    for i in range(BASIC_LENGTH):
        if a[i] != b[i]:
            return False
    street = _part(run, one, 0)
    if street.length == 0 or not _alike(run, street, _part(run, two, 0)):
        return False
    return _alike(run, _part(run, one, 1), _part(run, two, 1))


cdef bint is_elsewhere(const RunC* run, const ProviderC* one, const ProviderC* two) noexcept nogil:
    """Whether the first five digits of the ZIPs, or the first one of the house, tell that two addresses differ."""
    cdef const uint8_t* a = run.batch.arena
    cdef int32_t i
    cdef bint differ = False
    if one.zip.length < BASIC_LENGTH or two.zip.length < BASIC_LENGTH or (
            one.address.length < one.zip.length or two.address.length < two.zip.length):
        return False
    for i in range(BASIC_LENGTH):
        if not (_is_digit(a[one.zip.start + i]) and _is_digit(a[two.zip.start + i])):
            return False
        differ = differ or a[one.zip.start + i] != a[two.zip.start + i]
    return differ or (_is_digit(a[one.address.start]) and _is_digit(a[two.address.start])
                      and a[one.address.start] != a[two.address.start])


cdef inline bint _is_digit(uint8_t c) noexcept nogil:
    return 48 <= c <= 57


cdef bint _is_word(const uint8_t* s, int32_t n, const char* words) noexcept nogil:
    """Whether the word is one of those between blanks."""
    cdef int32_t i = 0, j
    while words[i] != 0:
        j = 0
        while j < n and words[i + j] == s[j] and words[i + j] != 32 and words[i + j] != 0:
            j += 1
        if j == n and (words[i + j] == 32 or words[i + j] == 0):
            return True
        while words[i] != 32 and words[i] != 0:
            i += 1
        i += words[i] == 32
    return False


cdef bint _numbered(const uint8_t* s, int32_t n) noexcept nogil:
    """Whether the word after BOX is its number, or none follows: BOX LN is a street."""
    cdef int32_t i
    for i in range(n):
        if 48 <= s[i] <= 57:
            return True
    return n < 2 or _is_word(s, n, b"NO NUM NUMBER")


cdef bint _street_box(const RunC* run, const ProviderC* provider) noexcept nogil:
    """A post office box or lockbox by the words of the street, dots taken off.

    BOX with its number alone is one where the street begins so; after RR, HC, PSC, UNIT or CMR it is a place of
    delivery.
    """
    cdef TextC street = _part(run, provider, 0)
    cdef const uint8_t* s = run.batch.arena + street.start
    cdef uint8_t text[160]
    cdef int32_t starts[81]
    cdef int32_t sizes[81]
    cdef int32_t i, n = 0, count = 0
    cdef bint inside = False
    for i in range(min(street.length, 159)):
        if s[i] == 46:
            continue                         # P.O. is PO
        if _wordy(s[i]):
            if not inside:
                starts[count] = n
                sizes[count] = 0
                count += 1
                inside = True
            text[n] = s[i] - 32 if s[i] >= 97 else s[i]
            n += 1
            sizes[count - 1] += 1
        else:
            inside = False
    starts[count] = n
    sizes[count] = 0
    for i in range(count):
        if _begins_box(text, starts, sizes, count, i):
            return True
    return False


cdef bint _begins_box(const uint8_t* text, const int32_t* starts, const int32_t* sizes, int32_t count,
                      int32_t i) noexcept nogil:
    """Whether the words from the i-th on name a box."""
    cdef int32_t at = i
    if _is_word(text + starts[i], sizes[i], b"POB POBOX POBX P0BOX LOCKBOX"):
        return _numbered(text + starts[i + 1], sizes[i + 1])
    if i == 0 and _is_word(text + starts[i], sizes[i], b"BOX"):
        return count > 1 and _numbered(text + starts[1], sizes[1])
    if _is_word(text + starts[i], sizes[i], b"PO P0 POSTOFFICE LOCK"):
        at = i + 1
    elif i + 1 < count and _is_word(text + starts[i], sizes[i], b"P") and _is_word(
            text + starts[i + 1], sizes[i + 1], b"O 0"):
        at = i + 2
    elif i + 1 < count and _is_word(text + starts[i], sizes[i], b"POST") and _is_word(
            text + starts[i + 1], sizes[i + 1], b"OFFICE OFC OFF"):
        at = i + 2
    if at == i or at >= count:
        return False
    if _is_word(text + starts[at], sizes[at], b"B") and at == i + 2:
        return at + 1 < count and _numbered(text + starts[at + 1], sizes[at + 1])       # P O B 12
    return _is_word(text + starts[at], sizes[at], b"BOX BX DRAWER") and _numbered(
        text + starts[at + 1], sizes[at + 1])


cdef bint _is_state(int64_t state) noexcept nogil:
    cdef int i = 0
    while STATES[i] != 0:
        if pack(<const uint8_t*>STATES + i, 2, WIDTH_MODIFIER) == state:
            return True
        i += 2
    return False


cdef ValueC _zip_fault(const RunC* run, const ProviderC* provider) noexcept nogil:
    """Nine digits. Of no address at all nothing is said, and abroad the postal codes are others."""
    cdef uint8_t digits[9]
    if provider.address.length == 0:
        return unknown(R_NO_FACT)
    if provider.abroad:
        return known(V_PROVIDER_ZIP_FAULT_NONE)
    if provider.zip.length == 0:
        return known(V_PROVIDER_ZIP_FAULT_MISSING)
    if _zip_digits(run, provider, digits) != ZIP_LENGTH:
        return known(V_PROVIDER_ZIP_FAULT_SHORT)
    return known(V_PROVIDER_ZIP_FAULT_NONE)


cdef ValueC _state_fault(const RunC* run, const UnitC* unit) noexcept nogil:
    """A state there is none of, or one that the first three digits of the ZIP do not lie in.

    Prefixes that serve several states have a row for each; of one without any row nothing is said.
    """
    cdef const ProviderC* provider = &run.batch.providers[unit.provider]
    cdef const EditionC* edition
    cdef uint8_t digits[9]
    cdef int32_t day = _day_of(run, unit)
    cdef int64_t prefix
    cdef int i = 0
    if provider.address.length == 0 or provider.abroad:
        return known(V_PROVIDER_STATE_FAULT_NONE)
    if provider.state == 0:
        return known(V_PROVIDER_STATE_FAULT_MISSING)
    if not _is_state(provider.state):
        return known(V_PROVIDER_STATE_FAULT_UNKNOWN)
    if _zip_digits(run, provider, digits) < BASIC_LENGTH:
        return known(V_PROVIDER_STATE_FAULT_NONE)
    edition = edition_on(&run.tables.chains[T_STATE_ZIP], day)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    prefix = ((digits[0] - 48) * 100 + (digits[1] - 48) * 10 + (digits[2] - 48)) * POW_37_2
    if row_on(edition, prefix + provider.state, day) >= 0:
        return known(V_PROVIDER_STATE_FAULT_NONE)
    while STATES[i] != 0:
        if row_on(edition, prefix + pack(<const uint8_t*>STATES + i, 2, WIDTH_MODIFIER), day) >= 0:
            return known(V_PROVIDER_STATE_FAULT_ZIP)
        i += 2
    return unknown(R_NO_ROW)


# ---------------------------------------------------------------- attributes

cdef inline ValueC _told(uint8_t answer) noexcept nogil:
    return known(answer - 1) if answer else unknown(R_NO_FACT)


cdef ValueC provider_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """provider.*"""
    cdef const ProviderC* provider = &run.batch.providers[unit.provider]
    cdef const ProviderC* billing = NULL
    if run.batch.claims[unit.claim].billing >= 0:
        billing = &run.batch.providers[run.batch.claims[unit.claim].billing]
    if attribute == A_PROVIDER_ROLE:
        return known(provider.role)
    if attribute == A_PROVIDER_LEVEL:
        return known(V_PROVIDER_LEVEL_LINE if provider.line >= 0 else V_PROVIDER_LEVEL_CLAIM)
    if attribute == A_PROVIDER_NPI_FAULT:
        return known(provider.npi_fault)
    if attribute == A_PROVIDER_ENTITY:
        return known(provider.entity)
    if attribute == A_PROVIDER_NPI_TYPE:
        return _npi_type(run, unit)
    if attribute == A_PROVIDER_SAME_AS_BILLING:
        return known(provider.role != BILLING and billing != NULL and provider.npi == billing.npi
                     and provider.npi_fault != NPI_MISSING and provider.npi_fault != NPI_LENGTH)
    if attribute == A_PROVIDER_BILLING_ENTITY:
        return known(0 if billing == NULL else billing.entity)
    if attribute == A_PROVIDER_SAME_ADDRESS_AS_BILLING:
        return known(provider.role != BILLING and billing != NULL and _same_address(run, provider, billing))
    if attribute == A_PROVIDER_TAXONOMY:
        return known(provider.taxonomy) if provider.taxonomy else absent()
    if attribute == A_PROVIDER_TAXONOMY_SENT:
        return known(provider.taxonomy != 0)
    if attribute == A_PROVIDER_TAXONOMY_FAULT:
        return _taxonomy_fault(run, unit)
    if attribute == A_PROVIDER_TAX_ID_FAULT:
        return known(provider.tax_id_fault)
    if attribute == A_PROVIDER_TAX_ID_KIND:
        return known(provider.tax_id_kind)
    if attribute == A_PROVIDER_STREET_BOX:
        return known(provider.address.length > 0 and not provider.abroad and _street_box(run, provider))
    if attribute == A_PROVIDER_ZIP_FAULT:
        return _zip_fault(run, provider)
    if attribute == A_PROVIDER_STATE_FAULT:
        return _state_fault(run, unit)
    if attribute == A_PROVIDER_ENROLLED:
        return _told(provider.enrolled)
    return _told(provider.affiliated)


cdef bint _named(const RunC* run, int32_t line, int role) noexcept nogil:
    """Whether the line, or its claim, names somebody of a role."""
    cdef const ClaimC* claim = &run.batch.claims[run.batch.lines[line].claim]
    cdef const ProviderC* provider
    cdef int32_t i
    for i in range(claim.first_provider, claim.first_provider + claim.provider_count):
        provider = &run.batch.providers[i]
        if provider.role == role and (provider.line < 0 or provider.line == line):
            return True
    return False


cdef ValueC companion_value(const RunC* run, int32_t line, int attribute) noexcept nogil:
    """line.*: what a transport by ambulance and equipment bring along."""
    cdef const LineC* l = &run.batch.lines[line]
    cdef const ClaimC* claim = &run.batch.claims[l.claim]
    if attribute == A_LINE_TRANSPORT:
        return known(l.transport or claim.transport)
    if attribute == A_LINE_TRANSPORT_CONDITIONS:
        return known(l.transport_conditions or claim.transport_conditions)
    if attribute == A_LINE_PICK_UP:
        return known(_named(run, line, PICK_UP))
    if attribute == A_LINE_DROP_OFF:
        return known(_named(run, line, DROP_OFF))
    return known(l.certificate)
