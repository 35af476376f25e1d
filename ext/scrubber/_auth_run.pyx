"""The authorization numbers of one batch: their form, what the payers ask for, and units used up over the batch."""

import re

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, qsort
from libc.string cimport memcmp, memset

from scrubber._auth_file cimport COUNT_DAYS, COUNT_UNKNOWN, COUNT_VISITS, find_auth, number_hash
from scrubber._batch cimport hash_bytes, hash_text
from scrubber._intervals cimport IntervalC, ListC, holds, range_holds
from scrubber._lines cimport npi_of
from scrubber._needs cimport NeedsC
from scrubber.grow cimport grow
from scrubber.structs cimport DENIED, DRAFT, NO_DAY, REJECTED, VOID, LineC, OtherPayerC
from scrubber.words cimport *

from scrubber.symbols import unpack

cdef enum:
    MAX_SPAN = 400               # days of one line that count as visits
    LONGEST = 50                 # characters of REF02
    HEARD = 64                   # other payers whose numbers are kept at hand, a power of two

# What stands where a number should, without blanks and signs.
WORDS = frozenset((
    "NA", "NONE", "NO", "NULL", "PENDING", "PEND", "UNKNOWN", "UNK", "TBD", "NOAUTH", "NOAUTHREQUIRED", "NOTREQUIRED",
    "NOTREQ", "NOTNEEDED", "NOTAPPLICABLE", "NONEREQUIRED", "NONREQUIRED", "VERBAL", "ONFILE", "WAITING", "REQUESTED",
    "SUBMITTED", "APPROVED", "AUTH", "AUTHORIZED", "SEEATTACHED", "SEENOTE", "TEST",
))


cdef struct HeardC:
    const uint8_t* id            # as sent; NULL free
    int32_t length
    int32_t number


cdef int32_t _other_payer(bytes sent, int64_t filing_code, list payers, dict numbers, match) except? -1:
    """Number of another payer, a new one where nobody has named it yet; -1 where no id is sent."""
    name = sent.decode("utf-8", "replace").strip()
    key = name.upper()
    if not key:
        return -1
    if key not in numbers:
        numbers[key] = len(payers)
        payers.append((name, 0 if match is None else match(name, unpack(max(0, filing_code), 2))))
    return numbers[key]


cdef bint governs(const RunC* run, const ClaimC* claim, const NumberC* number, int32_t line) noexcept nogil:
    """A number on a line governs it; one of the claim governs the lines that send none of its kind.

    Source: 837 REF*G1, REF*9F at 2300 and 2400: the line overrides the claim.
    """
    cdef const NumberC* other
    cdef int32_t i
    if number.line >= 0:
        return number.line == line
    for i in range(claim.first_number, claim.first_number + claim.number_count):
        other = &run.batch.numbers[i]
        if other.line == line and other.own and other.qualifier == number.qualifier:
            return False
    return True


cdef int code_match(const AuthRunC* auths, const AuthC* auth, int32_t profile, int64_t code) noexcept nogil:
    """V_AUTH_CODE_MATCH_*; -1 where the file does not say which codes."""
    cdef const AuthFileC* file = auths.file
    cdef const NeedsC* needs = auths.needs
    cdef const IntervalC* span
    cdef ListC family
    cdef int32_t i, k, f
    cdef int match = V_AUTH_CODE_MATCH_NONE
    if auth.codes.count == 0:
        return -1
    for i in range(auth.codes.first, auth.codes.first + auth.codes.count):
        span = &file.intervals[i]
        if span.lo == span.hi and span.lo == code:
            return V_AUTH_CODE_MATCH_EXACT
        if range_holds(span, code):
            match = V_AUTH_CODE_MATCH_RANGE
    if match == V_AUTH_CODE_MATCH_RANGE:
        return match
    for f in range(needs.families[profile].first, needs.families[profile].first + needs.families[profile].count):
        family = needs.family_lists[f]
        if not holds(needs.intervals, family, code):
            continue
        for i in range(auth.codes.first, auth.codes.first + auth.codes.count):
            for k in range(family.first, family.first + family.count):
                if file.intervals[i].lo <= needs.intervals[k].hi and needs.intervals[k].lo <= file.intervals[i].hi:
                    return V_AUTH_CODE_MATCH_FAMILY
    return match


cdef const LotC* lot_of(const AuthRunC* auths, int32_t line, int32_t auth) noexcept nogil:
    cdef int32_t low = 0, high = auths.lot_count, middle
    while low < high:
        middle = (low + high) >> 1
        if auths.lots[middle].line < line or (auths.lots[middle].line == line and auths.lots[middle].auth < auth):
            low = middle + 1
        else:
            high = middle
    if low < auths.lot_count and auths.lots[low].line == line and auths.lots[low].auth == auth:
        return &auths.lots[low]
    return NULL


cdef int _by_time(const void* a, const void* b) noexcept nogil:
    """History first, then by date, claim and line, within each authorization."""
    cdef const LotC* x = <const LotC*>a
    cdef const LotC* y = <const LotC*>b
    if x.auth != y.auth:
        return -1 if x.auth < y.auth else 1
    if x.draft != y.draft:
        return -1 if x.draft < y.draft else 1
    if x.day != y.day:
        return -1 if x.day < y.day else 1
    if x.claim != y.claim:
        return -1 if x.claim < y.claim else 1
    return -1 if x.line < y.line else (1 if x.line > y.line else 0)


cdef int _by_line(const void* a, const void* b) noexcept nogil:
    """Draft lines first, by line and authorization."""
    cdef const LotC* x = <const LotC*>a
    cdef const LotC* y = <const LotC*>b
    if x.draft != y.draft:
        return 1 if x.draft < y.draft else -1
    if x.line != y.line:
        return -1 if x.line < y.line else 1
    return -1 if x.auth < y.auth else (1 if x.auth > y.auth else 0)


cdef class Authorizations:

    def __cinit__(self, AuthFile file, profiles, ClaimBatch batch, payer_profile, needs, match=None):
        """Judges the form of every number and allots the units of every authorization.

        Args:
            file: The records, None where none are loaded.
            profiles: Every Profile, in the order of the run's profiles.
            batch: All claims of the run, history included.
            payer_profile: Number of the profile of each payer of the batch.
            needs: The Needs of some payers, from tuples of name and number of the profile.
            match: The number of the profile of another payer, by its id and filing code.
        """
        self.file = file
        self.c.file = NULL if file is None else &file.c
        self._judge_numbers(batch, profiles, payer_profile)
        self.needs = needs(self._payers_of(batch, payer_profile, match))
        self.c.needs = &self.needs.c
        self._bind_payers(batch)
        if file is not None:
            self._allot(batch, payer_profile)

    cdef int _judge_numbers(self, ClaimBatch batch, profiles, payer_profile) except -1:
        """Each distinct number once per profile: patterns never reach the compiled path."""
        cdef int32_t i
        cdef const NumberC* number
        cdef const uint8_t* sent
        cdef bytes text
        cdef dict faults = {}
        patterns = [profile.settings.get("auth_pattern") for profile in profiles]
        compiled = [re.compile(pattern) if pattern else None for pattern in patterns]
        self.c.faults = <uint8_t*>calloc(batch.c.number_count + 1, 1)
        self.c.hashes = <int64_t*>calloc(batch.c.number_count + 1, sizeof(int64_t))
        if self.c.faults == NULL or self.c.hashes == NULL:
            raise MemoryError
        for i in range(batch.c.number_count):
            number = &batch.c.numbers[i]
            sent = batch.c.arena + number.text.start
            profile = payer_profile[batch.c.claims[number.claim].payer]
            self.c.hashes[i] = number_hash(sent, number.text.length)
            if compiled[profile] is None and _is_plain(sent, number.text.length):
                self.c.faults[i] = V_AUTH_FORMAT_FAULT_NONE
                continue
            text = sent[:number.text.length] if number.text.length else b""
            key = (text, profile)
            if key not in faults:
                faults[key] = _format_fault(text.decode("utf-8", "replace").strip(), compiled[key[1]])
            self.c.faults[i] = faults[key]
        return 0

    cdef tuple _payers_of(self, ClaimBatch batch, payer_profile, match):
        """Name and profile of each payer of the batch, then of those that claims name as another payer only."""
        cdef const OtherPayerC* other
        cdef const uint8_t* sent
        cdef HeardC heard[HEARD]
        cdef HeardC* slot
        cdef int32_t i
        cdef list payers = [(name, payer_profile[number]) for number, name in enumerate(batch.payers)]
        cdef dict numbers = {}
        for i, name in enumerate(batch.payers):
            numbers.setdefault(name.strip().upper(), i)
        self.c.other_payers = <int32_t*>calloc(batch.c.other_count + 1, sizeof(int32_t))
        if self.c.other_payers == NULL:
            raise MemoryError
        memset(heard, 0, sizeof(heard))
        for i in range(batch.c.other_count):
            other = &batch.c.others[i]
            sent = batch.c.arena + other.payer.start
            slot = &heard[hash_bytes(sent, other.payer.length, 0) & (HEARD - 1)]
            if slot.id == NULL or slot.length != other.payer.length or memcmp(slot.id, sent, slot.length) != 0:
                slot.number = _other_payer(sent[:other.payer.length], other.filing_code, payers, numbers, match)
                slot.id = sent
                slot.length = other.payer.length
            self.c.other_payers[i] = slot.number
        return tuple(payers)

    cdef int _bind_payers(self, ClaimBatch batch) except -1:
        cdef int32_t payer, i
        cdef dict numbers = {} if self.file is None else {name: i for i, name in enumerate(self.file.payers)}
        cdef bint anyone = False
        self.c.auth_payers = <int32_t*>calloc(len(batch.payers) + 1, sizeof(int32_t))
        self.c.on_file = <uint8_t*>calloc(len(batch.payers) + 1, 1)
        if self.c.auth_payers == NULL or self.c.on_file == NULL:
            raise MemoryError
        if self.file is not None:
            for i in range(self.file.c.count):
                if self.file.c.auths[i].payer < 0:
                    anyone = True
        for payer, name in enumerate(batch.payers):
            self.c.auth_payers[payer] = numbers.get(name.strip().upper(), -1)
            self.c.on_file[payer] = anyone or self.c.auth_payers[payer] >= 0
        return 0

    cdef int _allot(self, ClaimBatch batch, payer_profile) except -1:
        """Finds what every live line takes from which authorization, and adds it up in order.

        A claim that a later one replaces or voids takes nothing, nor does the one that voids.
        """
        cdef const ClaimC* claim
        cdef const NumberC* number
        cdef const LineC* c_line
        cdef RunC run
        cdef int32_t i, k, line, auth, profile, room = 0, kept = 0
        cdef int64_t member
        cdef set replaced = set()
        memset(&run, 0, sizeof(RunC))
        run.batch = &batch.c
        for i in range(batch.c.claim_count):
            claim = &batch.c.claims[i]
            if (claim.frequency == c'7' or claim.frequency == c'8') and claim.original != 0 and _counts(claim.state):
                replaced.add((claim.patient, claim.original))
        for i in range(batch.c.claim_count):
            claim = &batch.c.claims[i]
            if claim.number_count == 0 or not _counts(claim.state) or claim.frequency == c'8':
                continue
            if claim.control != 0 and replaced and (claim.patient, claim.control) in replaced:
                continue
            profile = payer_profile[claim.payer]
            member = hash_text(batch.c.arena + claim.member.start, claim.member.length)
            for k in range(claim.first_number, claim.first_number + claim.number_count):
                number = &batch.c.numbers[k]
                if not number.own:
                    continue
                for line in range(claim.first_line, claim.first_line + claim.line_count):
                    c_line = &batch.c.lines[line]
                    if c_line.from_day == NO_DAY or not _counts(c_line.state) or not governs(&run, claim, number, line):
                        continue
                    auth = find_auth(self.c.file, self.c.hashes[k], member, self.c.auth_payers[claim.payer],
                                     c_line.code, c_line.from_day)
                    if auth >= 0 and code_match(&self.c, &self.c.file.auths[auth], profile,
                                                c_line.code) != V_AUTH_CODE_MATCH_NONE:
                        self._add_lot(batch, auth, line, &room)
                        self.c.lots[self.c.lot_count - 1].npi = npi_of(&run, line)
        if self.c.lot_count == 0:
            return 0
        qsort(self.c.lots, self.c.lot_count, sizeof(LotC), _by_time)
        # A claim may send one number twice; its lines take their units once.
        for i in range(self.c.lot_count):
            if i == 0 or self.c.lots[i].auth != self.c.lots[i - 1].auth or self.c.lots[i].line != self.c.lots[i - 1].line:
                self.c.lots[kept] = self.c.lots[i]
                kept += 1
        self.c.lot_count = kept
        self._add_up(self.c.lot_count)
        qsort(self.c.lots, self.c.lot_count, sizeof(LotC), _by_line)
        while self.c.lot_count and not self.c.lots[self.c.lot_count - 1].draft:
            self.c.lot_count -= 1
        return 0

    cdef int _add_lot(self, ClaimBatch batch, int32_t auth, int32_t line, int32_t* room) except -1:
        cdef const LineC* c_line = &batch.c.lines[line]
        cdef LotC* lot
        grow(<void**>&self.c.lots, room, self.c.lot_count, sizeof(LotC))
        lot = &self.c.lots[self.c.lot_count]
        memset(lot, 0, sizeof(LotC))
        lot.auth = auth
        lot.line = line
        lot.claim = c_line.claim
        lot.day = c_line.from_day
        lot.thru = max(c_line.from_day, c_line.thru_day)
        lot.units_milli = c_line.units_milli
        lot.draft = batch.c.claims[c_line.claim].state == DRAFT
        self.c.lot_count += 1
        return 0

    cdef int _add_up(self, int32_t count) except -1:
        """Units beyond what is approved, lot by lot; what a visit overdraws counts for each line of the visit."""
        cdef const AuthC* auth
        cdef LotC* lot
        cdef int32_t i, first = 0, last_draft = -1
        cdef int64_t total = 0, amount
        cdef bint past = False
        cdef dict seen = {}
        for i in range(count):
            lot = &self.c.lots[i]
            auth = &self.c.file.auths[lot.auth]
            if i == first:
                total = 0
                past = False
                seen = {}
            if not lot.draft:
                past = True
                total += _take(lot, auth, total, seen, False)
            else:
                if i == first or not self.c.lots[i - 1].draft:
                    total = max(total, auth.used_milli)
                amount = _take(lot, auth, total, seen, True)
                total += amount
                lot.past = past
                lot.percent = -2
                if auth.approved_milli < 0 or auth.count == COUNT_UNKNOWN:
                    lot.over_milli = -1
                    lot.percent = -1
            if i + 1 == count or self.c.lots[i + 1].auth != lot.auth:
                if lot.draft and lot.percent == -2:
                    lot.percent = <int32_t>(total * 100 // auth.approved_milli) if auth.approved_milli else 100
                first = i + 1
        return 0

    def __dealloc__(self):
        free(self.c.faults)
        free(self.c.hashes)
        free(self.c.other_payers)
        free(self.c.auth_payers)
        free(self.c.on_file)
        free(self.c.lots)


cdef bint _counts(int state) noexcept nogil:
    return state != DENIED and state != REJECTED and state != VOID


cdef int64_t _take(LotC* lot, const AuthC* auth, int64_t before, dict seen, bint judged) except -1:
    """Thousandths that a lot takes; notes in the lot how many of them are beyond what is approved.

    Args:
        before: Taken so far.
        seen: Visits or days taken so far, with what each is over; added to.
        judged: False for history, which nobody can correct any more.
    """
    cdef int64_t taken = 0, over = 0
    cdef int32_t day
    if auth.count != COUNT_VISITS and auth.count != COUNT_DAYS:
        if judged:
            lot.over_milli = max(<int64_t>0, min(lot.units_milli, before + lot.units_milli - auth.approved_milli))
        return lot.units_milli
    for day in range(lot.day, min(lot.thru, lot.day + MAX_SPAN) + 1):
        key = (day, lot.npi if auth.count == COUNT_VISITS else 0)
        if key not in seen:
            taken += 1000
            seen[key] = min(<int64_t>1000, max(<int64_t>0, before + taken - auth.approved_milli)) if judged else 0
        over += seen[key]
    lot.over_milli = over
    return taken


cdef bint _is_plain(const uint8_t* s, int32_t n) noexcept nogil:
    """Whether `_format_fault` finds nothing without a pattern: a digit above zero stands in no word, and is no blank."""
    cdef int32_t i
    if n > LONGEST:
        return False
    for i in range(n):
        if c'1' <= s[i] <= c'9':
            return True
    return False


def _format_fault(text, pattern):
    """V_AUTH_FORMAT_FAULT_* of a number as sent."""
    bare = "".join(character for character in text.upper() if character.isalnum())
    if not bare:
        return V_AUTH_FORMAT_FAULT_BLANK
    if bare in WORDS:
        return V_AUTH_FORMAT_FAULT_WORD
    if not bare.strip("0"):
        return V_AUTH_FORMAT_FAULT_ZEROS
    if len(text) > LONGEST:
        return V_AUTH_FORMAT_FAULT_LENGTH
    if pattern is not None and pattern.fullmatch(text) is None:
        return V_AUTH_FORMAT_FAULT_PATTERN
    return V_AUTH_FORMAT_FAULT_NONE
