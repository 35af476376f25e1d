"""Calendar arithmetic on day numbers (days since 1970-01-01, proleptic Gregorian)."""

from libc.stdint cimport int32_t

cdef struct CivilC:
    int32_t year
    int32_t month        # 1-12
    int32_t day          # 1-31


cdef inline CivilC civil_of(int32_t number) noexcept nogil:
    """Year, month and day of a day number; years begin in March inside, so that the leap day comes last."""
    cdef CivilC civil
    cdef int32_t z = number + 719468
    cdef int32_t era = (z if z >= 0 else z - 146096) // 146097
    cdef int32_t doe = z - era * 146097
    cdef int32_t yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    cdef int32_t doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    cdef int32_t mp = (5 * doy + 2) // 153
    civil.day = doy - (153 * mp + 2) // 5 + 1
    civil.month = mp + 3 if mp < 10 else mp - 9
    civil.year = yoe + era * 400 + (1 if civil.month <= 2 else 0)
    return civil


cdef inline int32_t number_of(CivilC civil) noexcept nogil:
    """Inverse of `civil_of`."""
    cdef int32_t y = civil.year - 1 if civil.month <= 2 else civil.year
    cdef int32_t era = (y if y >= 0 else y - 399) // 400
    cdef int32_t yoe = y - era * 400
    cdef int32_t mp = civil.month - 3 if civil.month > 2 else civil.month + 9
    cdef int32_t doy = (153 * mp + 2) // 5 + civil.day - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


cdef inline int32_t add_years(int32_t number, int32_t years) noexcept nogil:
    """The same day `years` later (or earlier); 29 February becomes 28 where there is none."""
    cdef CivilC civil = civil_of(number)
    civil.year += years
    if civil.month == 2 and civil.day == 29 and not (
            civil.year % 4 == 0 and (civil.year % 100 != 0 or civil.year % 400 == 0)):
        civil.day = 28
    return number_of(civil)


cdef inline int32_t completed_years(int32_t birth, int32_t day) noexcept nogil:
    """Age on a day; a birthday on 29 February comes on 1 March in other years. Below 0 before birth."""
    cdef CivilC born = civil_of(birth)
    cdef CivilC now = civil_of(day)
    cdef int32_t years = now.year - born.year
    if now.month < born.month or (now.month == born.month and now.day < born.day):
        years -= 1
    return years
