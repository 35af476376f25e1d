"""What only the whole of an input tells, where no process has the whole: counted part by part, and put together.

It is the same as what `whole.py` finds in one sweep: how many claims bear a number, what each provider bills, the
filing code of a payer's first claim, who shares an authorization, from which day the history is complete. Facts are
shared out by what they are about, so that each share can be put together by itself and stays small.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._parcels import first_claims, hashes, numbers_of
from scrubber._practice import BILLED_DTYPE, PERIOD_DTYPE, Practice
from scrubber._windows import authorization_numbers, filing_codes, keys, marks, places
from scrubber.parcels import Gathered, part_of
from scrubber.symbols import NO_DAY
from scrubber.whole import PAST, Known

Array = npt.NDArray[Any]

COUNT_DTYPE = np.dtype([("number", np.int64), ("claims", np.int64)])
NAMED_DTYPE = np.dtype([("number", np.int64), ("patient", np.int64)])
LAST_DTYPE = np.dtype([("source", np.int32), ("position", np.int32)])        # of `sources`, -1 none
KEY = ("npi", "specialty", "quarter")
SUMS = ("visits", "low", "high", "primaries", "addons")
KINDS = {"counts": COUNT_DTYPE, "billed": BILLED_DTYPE, "periods": PERIOD_DTYPE, "last": LAST_DTYPE,
         "named": NAMED_DTYPE}


def _none(name: str) -> Array:
    return np.empty(0, KINDS[name])


@dataclass
class Facts:
    """Facts of some parts.

    Attributes:
        counts: Hashes of claim numbers, ascending, each with how many drafts bear it.
        billed: Codes of each provider. An NPI that is none is the hash of its text, negative.
        periods: What each provider bills in a quarter.
        last: The last draft of each of them.
        sources: Names of rows that those are of.
        filing: By payer the place of its first claim (earlier claim or not, row, position), and that one's filing code.
        named: Numbers of the authorization file, with the patients whose claims send them.
        twice: Rows whose name another row has too.
        first_day: Of the earlier claims; NO_DAY none.
        claims: How many there are, without those of the history.
    """

    counts: Array = field(default_factory=lambda: _none("counts"))
    billed: Array = field(default_factory=lambda: _none("billed"))
    periods: Array = field(default_factory=lambda: _none("periods"))
    last: Array = field(default_factory=lambda: _none("last"))
    named: Array = field(default_factory=lambda: _none("named"))
    sources: list[str] = field(default_factory=list)
    filing: dict[str, tuple[int, str, int, str]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    first_day: int = NO_DAY
    claims: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told."""
        return not (self.claims or self.filing or self.twice or self.first_day != NO_DAY
                    or any(len(getattr(self, name)) for name in KINDS))

    def to_bytes(self) -> bytes:
        """As bytes, for another process."""
        arrays = [getattr(self, name).tobytes() for name in KINDS]
        said = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in KINDS}
        head = json.dumps([said, [len(array) for array in arrays]]).encode()
        return b"".join([len(head).to_bytes(4, "little"), head, *arrays])

    @classmethod
    def from_bytes(cls, data: bytes | memoryview) -> "Facts":
        """What another process told."""
        view = memoryview(data)
        end = 4 + int.from_bytes(view[:4], "little")
        said, sizes = json.loads(bytes(view[4:end]))
        said["filing"] = {payer: tuple(place) for payer, place in said["filing"].items()}
        found = cls(**said)
        for (name, kind), size in zip(KINDS.items(), sizes, strict=True):
            setattr(found, name, np.frombuffer(view[end:end + size], kind))
            end += size
        return found


def facts_of(given: Gathered, auths: AuthFile | None) -> Facts:
    """The facts of claims of whole patients."""
    batch = given.batch
    files, positions = places(batch)
    practice = Practice()
    practice.add(batch)
    practice.finish()
    billed, periods = practice.told()
    odd = _hashed(batch.odd)
    for told in (billed, periods):
        told["npi"] = np.where(told["npi"] < 0, odd[-1 - np.minimum(told["npi"], -1)], told["npi"])
    last = np.full(len(periods), -1, LAST_DTYPE)
    some = periods["claim"] >= 0
    last["source"][some], last["position"][some] = files[periods["claim"][some]], positions[periods["claim"][some]]
    periods["claim"] = -1
    numbers = numbers_of(batch)
    values, claims = np.unique(numbers[numbers != 0], return_counts=True)
    counts = np.empty(len(values), COUNT_DTYPE)
    counts["number"], counts["claims"] = values, claims
    first, codes = first_claims(batch), filing_codes(batch)
    filing = {payer: (int(files[claim] >= given.inputs), batch.files[files[claim]], int(positions[claim]), codes[payer])
              for payer, claim in zip(batch.payers, first.tolist(), strict=True) if claim >= 0}
    count = int(np.searchsorted(files, given.inputs))
    rows, seen = np.unique(given.told.rows, return_counts=True) if given.told.rows else ((), np.empty(0))
    return merged([Facts(
        counts, billed, periods, last, _named(batch, auths), batch.files, filing,
        [str(row) for row, times in zip(rows, seen, strict=True) if times > 1], batch.first_day(count), count)])


def _hashed(odd: Sequence[str]) -> Array:
    """By number of an odd text: what stands for it in facts, negative."""
    found: Array = -(hashes(odd) & np.int64(0x7FFFFFFFFFFFFFFF)) - 1
    return found


def _named(batch: ClaimBatch, auths: AuthFile | None) -> Array:
    if auths is None:
        return _none("named")
    claims, numbers = authorization_numbers(batch, auths)
    named = np.empty(len(claims), NAMED_DTYPE)
    named["number"], named["patient"] = numbers, keys(batch)[0][claims]
    found: Array = named[named["patient"] != 0]
    return found


def shared_out(facts: Facts, shares: int) -> list[Facts]:
    """The same in so many shares; what one is about stands in one alone."""
    by_number, by_npi = part_of(facts.counts["number"], shares), part_of(facts.billed["npi"], shares)
    by_period, by_named = part_of(facts.periods["npi"], shares), part_of(facts.named["number"], shares)
    by_payer = part_of(hashes(list(facts.filing))[:-1], shares).tolist()
    found = []
    for share in range(shares):
        last = facts.last[by_period == share]
        used, which = np.unique(last["source"], return_inverse=True)
        none = int(np.count_nonzero(used < 0))
        last["source"] = which - none                # -1 comes first, if it is there
        found.append(Facts(
            facts.counts[by_number == share], facts.billed[by_npi == share], facts.periods[by_period == share], last,
            facts.named[by_named == share], [facts.sources[place] for place in used[none:].tolist()],
            {payer: place for (payer, place), own in zip(facts.filing.items(), by_payer, strict=True) if own == share},
            facts.twice if share == 0 else [], facts.first_day if share == 0 else NO_DAY,
            facts.claims if share == 0 else 0))
    return found


def merged(some: Iterable[Facts]) -> Facts:
    """Facts of several parts as one."""
    given = list(some)
    sources, periods, last = _periods(given)
    counted = np.concatenate([each.counts for each in given])
    order, starts = _alike(counted, "number")
    counts = counted[order[starts]]
    if len(counts):
        counts["claims"] = np.add.reduceat(counted["claims"][order], starts)
    filing: dict[str, tuple[int, str, int, str]] = {}
    for each in given:
        for payer, place in each.filing.items():
            filing[payer] = min(filing.get(payer, place), place)
    days = [each.first_day for each in given if each.first_day != NO_DAY]
    return Facts(
        counts, _distinct(np.concatenate([each.billed for each in given])), periods, last,
        _distinct(np.concatenate([each.named for each in given])), sources, dict(sorted(filing.items())),
        sorted({row for each in given for row in each.twice}), min(days, default=NO_DAY),
        sum(each.claims for each in given))


def settled(facts: Facts) -> Facts:
    """Without what tells nothing: numbers that stand once, authorizations of one patient."""
    numbers, patients = np.unique(facts.named["number"], return_counts=True)
    facts.counts = facts.counts[facts.counts["claims"] > 1]
    facts.named = facts.named[np.isin(facts.named["number"], numbers[patients > 1])]
    return facts


def _alike(rows: Array, *names: str) -> tuple[Array, Array]:
    """The order of rows by some of their fields, and where in that order others begin."""
    order = np.lexsort([rows[name] for name in reversed(names)])
    differs = np.zeros(max(len(rows) - 1, 0), bool)
    for name in names:
        differs |= np.diff(rows[name][order]) != 0
    return order, np.flatnonzero(np.concatenate([np.ones(min(len(rows), 1), bool), differs]))


def _distinct(rows: Array) -> Array:
    order, starts = _alike(rows, *(rows.dtype.names or ()))
    return rows[order[starts]]


def _periods(given: Sequence[Facts]) -> tuple[list[str], Array, Array]:
    """Periods that several have, summed, each with the last of its drafts; and the rows that those are of."""
    used = [each.sources[place] for each in given for place in np.unique(each.last["source"]).tolist() if place >= 0]
    sources = sorted(set(used))
    rank = {name: place for place, name in enumerate(sources)}
    at = []
    for each in given:
        ranks = np.array([rank.get(name, -1) for name in each.sources] + [-1], np.int64)
        at.append(np.where(each.last["source"] >= 0, (ranks[each.last["source"]] << 32) + each.last["position"], -1))
    rows, place = np.concatenate([each.periods for each in given]), np.concatenate(at)
    order, starts = _alike(rows, *KEY)
    periods, last = rows[order[starts]], np.full(len(starts), -1, LAST_DTYPE)
    if len(starts):
        for name in SUMS:
            periods[name] = np.add.reduceat(rows[name][order], starts)
        latest = np.maximum.reduceat(place[order], starts)
        last["source"], last["position"] = latest >> 32, np.where(latest >= 0, latest & 0x7FFFFFFF, -1)
    return sources, periods, last


class Told:
    """What the whole tells each part.

    Args:
        facts: Of all parts, merged.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._is_odd = facts.billed["npi"] < 0, facts.periods["npi"] < 0

    def known(self, batch: ClaimBatch) -> Known:
        """What the whole tells of the claims of a part."""
        counts = self._facts.counts
        numbers = numbers_of(batch)
        copies = np.ones(len(numbers), np.int32)
        if len(counts):
            place = np.minimum(np.searchsorted(counts["number"], numbers), len(counts) - 1)
            copies = np.where((counts["number"][place] == numbers) & (numbers != 0), counts["claims"][place], 1)
        filing = self._facts.filing
        return Known([filing[payer][3] if payer in filing else "" for payer in batch.payers], self._practice(batch),
                     copies.astype(np.int32))

    def _practice(self, batch: ClaimBatch) -> Practice:
        """What each provider bills; periods whose last draft is of the batch name it."""
        facts = self._facts
        billed, _ = self._numbered(facts.billed, self._is_odd[0], batch)
        periods, chosen = self._numbered(facts.periods, self._is_odd[1], batch)
        last = facts.last[chosen]
        files, positions = places(batch)
        number = {name: place for place, name in reversed(list(enumerate(batch.files)))}
        own = np.array([number.get(name, -1) for name in facts.sources] + [-1], np.int64)[last["source"]]
        at = (files.astype(np.int64) << 32) + positions
        wanted = np.where(own >= 0, (own << 32) + last["position"], -1)
        if len(at):
            found = np.minimum(np.searchsorted(at, wanted), len(at) - 1)
            is_draft = marks(batch) & PAST == 0          # not one that is judged elsewhere
            periods["claim"] = np.where((at[found] == wanted) & is_draft[found], found, -1)
        return Practice.of(billed, periods)

    def _numbered(self, told: Array, is_odd: npt.NDArray[np.bool_], batch: ClaimBatch) -> tuple[Array, Array]:
        """Rows with the batch's own symbols of what is no NPI, in order, and which those are."""
        if not is_odd.any():
            return told.copy(), np.arange(len(told))
        symbol = {int(hashed): -1 - place for place, hashed in enumerate(_hashed(batch.odd)[:-1].tolist())}
        own = [(place, symbol[npi]) for place, npi in
               zip(np.flatnonzero(is_odd).tolist(), told["npi"][is_odd].tolist(), strict=True) if npi in symbol]
        chosen = np.concatenate([np.array([place for place, _ in own], np.int64), np.flatnonzero(~is_odd)])
        rows = told[chosen]
        rows["npi"][:len(own)] = [npi for _, npi in own]
        order, _ = _alike(rows, *(KEY if "quarter" in (rows.dtype.names or ()) else ("npi", "code")))
        return rows[order], chosen[order]
