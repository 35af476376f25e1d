"""What rules ask of a practice: which codes a provider bills on any claim, a provider's quarter, and what peers bill."""

from libc.stdint cimport int32_t, int64_t

from scrubber.symbols import pack

from scrubber._facts cimport absent, known, unknown
from scrubber._lines cimport npi_of
from scrubber._practice cimport WATCHED, PeriodC, PracticeC, addon_of, primary_of
from scrubber._tables cimport EditionC, edition_on, row_on
from scrubber.days cimport CivilC, number_of
from scrubber.run cimport MemberC, RunC, SetC, UnitC, ValueC
from scrubber.words cimport *

cdef enum:
    POW_37_5 = 69343957
cdef int64_t ITEM_LOW = pack("LOW", 5), ITEM_HIGH = pack("HIGH", 5)


cdef int32_t _first_billed(const PracticeC* practice, int64_t npi, int64_t code) noexcept nogil:
    """Place of the first code that a provider bills from a code on, if it is the provider's."""
    cdef int32_t low = 0, high = practice.billed_count, middle
    while low < high:
        middle = (low + high) >> 1
        if practice.billed[middle].npi < npi or (
                practice.billed[middle].npi == npi and practice.billed[middle].code < code):
            low = middle + 1
        else:
            high = middle
    return low


cdef inline bint _is_of(const PracticeC* practice, int32_t place, int64_t npi) noexcept nogil:
    return place < practice.billed_count and practice.billed[place].npi == npi


cdef bint next_billed(const RunC* run, UnitC* item) noexcept nogil:
    """The codes that the rendering provider of the line bills anywhere; an item has no line, because it is of any patient."""
    cdef const PracticeC* practice = <const PracticeC*>run.practice
    cdef int64_t npi = npi_of(run, item.parent.line)
    if npi == 0:
        return False
    item.cursor = _first_billed(practice, npi, 0) if item.cursor < 0 else item.cursor + 1
    return _is_of(practice, item.cursor, npi)


cdef bint bills_one_of(const RunC* run, int32_t line, int32_t number) noexcept nogil:
    """Whether the rendering provider of a line bills a code that a set holds on any day."""
    cdef const PracticeC* practice = <const PracticeC*>run.practice
    cdef const SetC* s = &run.program.sets[number]
    cdef const MemberC* member
    cdef int64_t npi = npi_of(run, line)
    cdef int32_t i, place
    for i in range(s.count if npi else 0):
        member = &run.program.members[s.first + i]
        place = _first_billed(practice, npi, member.lo)
        if _is_of(practice, place, npi) and practice.billed[place].code <= member.hi:
            return True
    return False


cdef int64_t billed_code(const RunC* run, int32_t place) noexcept nogil:
    return (<const PracticeC*>run.practice).billed[place].code


cdef bint next_period(const RunC* run, UnitC* unit) noexcept nogil:
    """Each period with something to be sent: first its visits, then each watched pair of which it has any."""
    cdef const PracticeC* practice = <const PracticeC*>run.practice
    cdef const PeriodC* period
    while True:
        if unit.period < 0:
            unit.period = 0
            unit.addon = -1
        else:
            unit.addon += 1
        if unit.addon >= WATCHED:
            unit.period += 1
            unit.addon = -1
        if unit.period >= practice.period_count:
            return False
        period = &practice.periods[unit.period]
        if period.claim < 0:
            unit.addon = WATCHED
            continue
        unit.claim = period.claim
        if period.visits > 0 if unit.addon < 0 else period.primaries[unit.addon] > 0:
            return True


cdef int32_t _first_day(const PeriodC* period) noexcept nogil:
    cdef CivilC civil
    civil.year = period.quarter // 4
    civil.month = period.quarter % 4 * 3 + 1
    civil.day = 1
    return number_of(civil)


cdef const PeriodC* _period(const RunC* run, const UnitC* unit) noexcept nogil:
    return &(<const PracticeC*>run.practice).periods[unit.period]


cdef const EditionC* peer_edition(const RunC* run, const UnitC* unit) noexcept nogil:
    """What peers bill, on the first day of the unit's quarter; NULL where nothing tells."""
    return edition_on(&run.tables.chains[T_PEER_RATE], _first_day(_period(run, unit)))


cdef int64_t _item_row(const RunC* run, const UnitC* unit, int64_t item) noexcept nogil:
    """The row of the specialty and an item, -1 none."""
    cdef const PeriodC* period = _period(run, unit)
    cdef const EditionC* edition = peer_edition(run, unit)
    if edition == NULL or period.specialty <= 0:
        return -1
    return row_on(edition, period.specialty * 37 * POW_37_5 + item, _first_day(period))


cdef int64_t peer_row(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """The row behind an attribute, as evidence."""
    if attribute == A_PROVIDER_PERIOD_PEER_RATE and unit.addon >= 0:
        return _item_row(run, unit, addon_of(unit.addon))
    if attribute == A_PROVIDER_PERIOD_PEER_SHARE_LOW:
        return _item_row(run, unit, ITEM_LOW)
    return _item_row(run, unit, ITEM_HIGH) if attribute == A_PROVIDER_PERIOD_PEER_SHARE_HIGH else -1


cdef ValueC _peer(const RunC* run, const UnitC* unit, int64_t item, int column) noexcept nogil:
    """A column of the peers' row."""
    cdef const EditionC* edition = peer_edition(run, unit)
    cdef int64_t row = _item_row(run, unit, item)
    if edition == NULL:
        return unknown(R_NO_EDITION)
    if row < 0:
        return unknown(R_NO_ROW) if edition.partial else absent()
    return known(edition.column[column][row])


cdef int64_t _share(int32_t part, int32_t whole) noexcept nogil:
    """Percent in thousandths."""
    return <int64_t>part * 100000 // whole if whole > 0 else 0


cdef ValueC _distance(const RunC* run, const UnitC* unit, int64_t item, int64_t share) noexcept nogil:
    """How many standard deviations a share lies above the peers' mean, in thousandths."""
    cdef ValueC mean = _peer(run, unit, item, C_PEER_RATE_MEAN)
    cdef ValueC deviation = _peer(run, unit, item, C_PEER_RATE_DEVIATION)
    if mean.state != 0:
        return mean
    if deviation.state != 0 or deviation.value <= 0:
        return absent()
    return known((share - mean.value) * 1000 // deviation.value)


cdef ValueC period_value(const RunC* run, const UnitC* unit, int attribute) noexcept nogil:
    """provider_period.*; the visits unit has no pair, and that of a pair no visits."""
    cdef const PeriodC* period = _period(run, unit)
    cdef int pair = unit.addon
    cdef int32_t visits = period.visits if pair < 0 else 0
    cdef int64_t low = _share(period.low, visits), high = _share(period.high, visits)
    cdef ValueC a, b
    if attribute == A_PROVIDER_PERIOD_YEAR:
        return known(period.quarter // 4)
    if attribute == A_PROVIDER_PERIOD_QUARTER:
        return known(period.quarter % 4 + 1)
    if attribute == A_PROVIDER_PERIOD_VISITS:
        return known(visits)
    if attribute == A_PROVIDER_PERIOD_SHARE_LOW:
        return known(low)
    if attribute == A_PROVIDER_PERIOD_SHARE_HIGH:
        return known(high)
    if attribute == A_PROVIDER_PERIOD_PEER_SHARE_LOW:
        return _peer(run, unit, ITEM_LOW, C_PEER_RATE_PERCENT)
    if attribute == A_PROVIDER_PERIOD_PEER_SHARE_HIGH:
        return _peer(run, unit, ITEM_HIGH, C_PEER_RATE_PERCENT)
    if attribute == A_PROVIDER_PERIOD_Z:
        a = _distance(run, unit, ITEM_LOW, low)
        b = _distance(run, unit, ITEM_HIGH, high)
        if a.state > 0:
            return a
        return b if a.state != 0 or (b.state == 0 and b.value > a.value) else a
    if pair < 0:
        return known(0) if attribute in (A_PROVIDER_PERIOD_PRIMARIES, A_PROVIDER_PERIOD_ADDONS) else absent()
    if attribute == A_PROVIDER_PERIOD_CODE:
        return known(primary_of(pair))
    if attribute == A_PROVIDER_PERIOD_ADDON:
        return known(addon_of(pair))
    if attribute == A_PROVIDER_PERIOD_PRIMARIES:
        return known(period.primaries[pair])
    if attribute == A_PROVIDER_PERIOD_ADDONS:
        return known(period.addons[pair])
    return _peer(run, unit, addon_of(pair), C_PEER_RATE_PERCENT)
