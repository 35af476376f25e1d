"""Editions of tables for look-ups by key and day; see _tables.pxd."""

from array import array

from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport calloc, free

from scrubber.structs cimport NO_DAY

from scrubber.errors import TableError
from scrubber.symbols import day_number
from scrubber.tables.edition import pack_key
from scrubber.tables.schema import TABLES
from scrubber.tables.values import decode, iso_day, size_of

_ORDER = {name: number for number, name in enumerate(TABLES)}
_KINDS = {name: tuple(kind for _, kind in table.key) for name, table in TABLES.items()}


# Tables whose rows' days break the spans in which an answer holds; their rows share few days.
_DATED = {"pos", "taxonomy", "state_zip", "icd10cm", "icd10cm_seventh", "mce_dx", "mce_age", "hcpcs", "modifier",
          "code_age_sex", "dx_relation", "dx_map", "limited_addon", "hcpcs_laboratory", "clia_exempt", "clia_waived",
          "clia_ppm", "therapy_codes", "telehealth", "audio_list", "single_dose_drugs"}


cdef set _days_of(const EditionC* edition):
    """The days on which rows of an edition begin or end."""
    cdef int64_t i
    cdef int32_t first = NO_DAY, last = NO_DAY
    days = set()
    for i in range(edition.rows):
        if edition.from_day[i] != first:
            first = edition.from_day[i]
            days.add(first)
        if edition.to_day[i] != last:
            last = edition.to_day[i]
            days.add(last)
    return days


def _release_order(edition):
    return _ORDER[edition.table], edition.ends, edition.begins, edition.edition, edition.revision


cdef class Tables:
    """Open editions of every table, shared read-only; safe between threads.

    Args:
        editions: Any number of EditionData or Edition objects, in any order. Of one edition only its newest
            revision answers.
        strict: An edition does not answer for days after its coverage.
    """

    def __cinit__(self, editions=(), *, bint strict=False):
        cdef int32_t slot
        cdef int number, first, count
        cdef EditionC* edition
        newest = {}
        for item in sorted(editions, key=_release_order):
            newest[item.table, item.edition] = item
        self.editions = sorted(newest.values(), key=_release_order)
        self._keep = []
        count = len(self.editions)
        self._c_editions = <EditionC*>calloc(count + 1, sizeof(EditionC))
        self._c_order = <const EditionC**>calloc(count + 1, sizeof(EditionC*))
        if self._c_editions is NULL or self._c_order is NULL:
            raise MemoryError()
        for slot in range(count):
            self._fill(slot, self.editions[slot])
            self._c_order[slot] = &self._c_editions[slot]
        first = 0
        for number in range(TABLE_COUNT):
            self.c.chains[number].strict = strict
            self.c.chains[number].editions = self._c_order + first
            while first < count and _ORDER[self.editions[first].table] == number:
                self.c.chains[number].count += 1
                first += 1
        days = {self._c_editions[slot].begins for slot in range(count)}
        days.update(self._c_editions[slot].ends for slot in range(count))
        days.update(self._c_editions[slot].first_end for slot in range(count))
        for slot in range(count):
            if self.editions[slot].table in _DATED:
                days |= _days_of(&self._c_editions[slot])
        self._breaks = array("i", sorted(days) or [0])
        self.c.breaks = &self._breaks[0]
        self.c.break_count = len(days)

    def __dealloc__(self):
        free(self._c_order)
        free(self._c_editions)

    cdef int _fill(self, int32_t slot, item) except -1:
        """Points an EditionC at the arrays of an edition, which is kept alive."""
        cdef EditionC* edition = &self._c_editions[slot]
        cdef const uint32_t[::1] bucket
        cdef const int64_t[::1] key
        cdef const int32_t[::1] column
        cdef const int64_t[::1] wide
        cdef int i
        arrays = item.arrays
        names = ["from_day", "to_day"] + [name for name, _ in TABLES[item.table].columns]
        bucket = arrays["bucket"]
        key = arrays["key"]
        edition.rows = key.shape[0]
        edition.buckets = bucket.shape[0] - 1
        if (bucket.shape[0] < 2 or edition.buckets & (edition.buckets - 1) or bucket[bucket.shape[0] - 1] != edition.rows
                or any(len(arrays[name]) != edition.rows for name in names) or len(names) > MAX_COLUMNS + 2):
            raise TableError(f"{item.table} {item.name}: the index does not match the rows; import the file again")
        edition.bucket = &bucket[0]
        edition.key = &key[0] if edition.rows else NULL
        for i, name in enumerate(names):
            if edition.rows == 0:
                continue
            if arrays[name].itemsize == 8:
                wide = arrays[name]
                edition.column[i - 2] = <const int32_t*>&wide[0]
                continue
            column = arrays[name]
            if i == 0:
                edition.from_day = &column[0]
            elif i == 1:
                edition.to_day = &column[0]
            else:
                edition.column[i - 2] = &column[0]
        oldest = slot == 0 or self.editions[slot - 1].table != item.table
        edition.begins = NO_DAY + 1 if oldest and TABLES[item.table].reaches_back else item.begins
        edition.ends = item.ends
        edition.partial = item.partial
        edition.first_end = arrays["to_day"].min() if item.table == "hcpcs" and edition.rows else NO_DAY
        edition.slot = slot
        self._keep.append(arrays)
        return 0

    def slot_on(self, str table, day):
        """Slot of the edition that answers for a day, -1 if none reaches back to it."""
        cdef const EditionC* edition = edition_on(&self.c.chains[_ORDER[table]], day_number(day))
        return -1 if edition is NULL else edition.slot

    def is_stale(self, int slot, day):
        """Whether a day lies after what the edition covers."""
        return day_number(day) >= self.editions[slot].ends

    def rows_on(self, str table, key_values, day):
        """Slot and rows with this key in force on a day, the one that ends first leading; slot -1: no edition."""
        cdef int32_t number = day_number(day)
        cdef int64_t key = pack_key(_KINDS[table], key_values)
        cdef const EditionC* edition = edition_on(&self.c.chains[_ORDER[table]], number)
        cdef int64_t row
        if edition is NULL:
            return -1, []
        rows = []
        row = row_on(edition, key, number)
        while 0 <= row < edition.rows and edition.key[row] == key:
            if edition.from_day[row] <= number < edition.to_day[row]:
                rows.append(row)
            row += 1
        return edition.slot, rows

    def lookup(self, str table, key_values, day):
        """The row in force on a day that ends first, as `row_of` shows it; None if there is none."""
        slot, rows = self.rows_on(table, key_values, day)
        return self.row_of(slot, rows[0]) if rows else None

    def row_of(self, int slot, int64_t row):
        """A row as evidence shows it: columns by name, `from` and `to` as inclusive ISO dates or None."""
        if not 0 <= slot < len(self.editions) or not 0 <= row < self._c_editions[slot].rows:
            raise IndexError((slot, row))
        item = self.editions[slot]
        arrays, texts = item.arrays, item.texts
        table = TABLES[item.table]
        shown = {}
        key = int(arrays["key"][row])
        for name, kind in reversed(table.key):
            first = name == table.key[0][0]
            key, number = (0, key) if first else divmod(key, size_of(kind))
            shown[name] = decode(name, kind, number - 1 if kind.startswith("enum:") else number, texts)
        shown = dict(reversed(shown.items()))
        for name, kind in table.columns:
            try:
                shown[name] = decode(name, kind, int(arrays[name][row]), texts)
            except (IndexError, UnicodeDecodeError):
                raise TableError(f"{item.table} {item.name}: row {row + 1} has a damaged {name}; "
                                 "import the file again") from None
        shown["from"] = iso_day(int(arrays["from_day"][row]))
        shown["to"] = iso_day(int(arrays["to_day"][row]), last=True)
        return shown
