"""What a scrub gives back: flags made when someone reads them, what could not be read, and the run record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, overload

from scrubber.model.flag import Flag, Severity, Unreadable
from scrubber.model.rule import Rule

if TYPE_CHECKING:
    import pyarrow as pa

    from scrubber._breaches import Breaches

SEVERITIES: tuple[Severity, ...] = ("reject", "deny", "review", "info")
Answers = Mapping[str, Mapping[str, int]]

RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class ClaimRef(NamedTuple):
    """A claim by its place: file, place in it from 1, CLM01."""

    file: str
    claim_position: int
    claim: str


class Hits(Protocol):
    """What the engine found, in output order, without a Python object per hit.

    `severity(i)` is the place in SEVERITIES, `claim(i)` the index of the claim in the report's `claims`,
    `flagged(i)` is false for what was bypassed or not evaluated.
    """

    def __len__(self) -> int: ...

    def flag(self, index: int) -> Flag: ...

    def severity(self, index: int) -> int: ...

    def claim(self, index: int) -> int: ...

    def flagged(self, index: int) -> bool: ...


class FlagHits:
    """Hits that are flags already: of one claim, of a test, read back from a file."""

    def __init__(self, flags: Sequence[Flag], claims: Sequence[ClaimRef]) -> None:
        place = {(ref.file, ref.claim_position): index for index, ref in enumerate(claims)}
        self._flags = flags
        self._claims = [place.get((flag.file, flag.claim_position), -1) for flag in flags]

    def __len__(self) -> int:
        return len(self._flags)

    def flag(self, index: int) -> Flag:
        return self._flags[index]

    def severity(self, index: int) -> int:
        return RANK[self._flags[index].severity]

    def claim(self, index: int) -> int:
        return self._claims[index]

    def flagged(self, index: int) -> bool:
        return self._flags[index].status == "flagged"


class Flags(Sequence[Flag]):
    """The flags in output order, (file, claim position, line, rule id); each is made when it is read."""

    def __init__(self, hits: Hits, indices: Sequence[int]) -> None:
        self._hits = hits
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Flag: ...

    @overload
    def __getitem__(self, index: slice) -> "Flags": ...

    def __getitem__(self, index: int | slice) -> "Flag | Flags":
        if isinstance(index, slice):
            return Flags(self._hits, self._indices[index])
        return self._hits.flag(self._indices[index])

    def __iter__(self) -> Iterator[Flag]:
        return map(self._hits.flag, self._indices)

    def __repr__(self) -> str:
        return f"<{len(self)} flags>"


class Report:
    """The outcome of one scrub.

    Attributes:
        flags: Lazy sequence of Flag in output order.
        unreadable: Claims that were set aside, with their place and what is wrong.
        run: The run record, as the last line of the JSON Lines output.
        claims: Every claim that was scrubbed, in input order.
        rules: The rules that ran, by id.
        answers: By rule that looked at anything, how many units it gave each of the four answers, in their order.
        syntax: What the X12 sets break of their guides, in file order (scrubber.syntax.Breach); None where the Scrubber
            was not to look.
        hits, indices: What the flags are made of, and the places of those that are shown.
    """

    def __init__(self, hits: Hits, *, claims: Sequence[ClaimRef], run: dict[str, Any],
                 unreadable: Sequence[Unreadable] = (), rules: Mapping[str, Rule] | None = None,
                 indices: Sequence[int] | None = None, answers: Callable[[], Answers] = dict) -> None:
        self.hits = hits
        self.indices: Sequence[int] = range(len(hits)) if indices is None else indices
        self.flags = Flags(hits, self.indices)
        self.claims = claims
        self.unreadable: Sequence[Unreadable] = tuple(unreadable)
        self.run = run
        self.rules: Mapping[str, Rule] = rules or {}
        self.syntax: Breaches | None = None
        self._answers = answers

    @cached_property
    def answers(self) -> Answers:
        return self._answers()

    @property
    def files(self) -> list[str]:
        """Names of the inputs, in order."""
        return list(dict.fromkeys([ref.file for ref in self.claims] + [record.file for record in self.unreadable]))

    @property
    def clean(self) -> list[ClaimRef]:
        """Claims without a flag at or above deny, in input order."""
        held = {self.hits.claim(index) for index in range(len(self.hits))
                if self.hits.flagged(index) and self.hits.severity(index) <= RANK["deny"]}
        return [ref for index, ref in enumerate(self.claims) if index not in held]

    def at_least(self, severity: Severity) -> "Report":
        """The same report with only the flags at or above a severity; what is clean does not change."""
        rank = RANK[severity]
        kept = [index for index in self.indices if self.hits.severity(index) <= rank]
        shown = Report(self.hits, claims=self.claims, run=self.run, unreadable=self.unreadable, rules=self.rules,
                       indices=kept, answers=self._answers)
        shown.syntax = self.syntax
        return shown

    def has(self, severity: Severity) -> bool:
        """Whether a claim is flagged at or above a severity, shown or not."""
        rank = RANK[severity]
        return any(self.hits.flagged(index) and self.hits.severity(index) <= rank
                   for index in range(len(self.hits)))

    def to_arrow(self) -> "pa.Table":
        """The flags as an Arrow table; the columns are those of docs/commands.md, the run record is metadata."""
        from scrubber.writers.parquet import to_arrow

        return to_arrow(self)

    def __repr__(self) -> str:
        return f"<Report: {len(self.claims)} claims, {len(self.flags)} flags, {len(self.unreadable)} unreadable>"
