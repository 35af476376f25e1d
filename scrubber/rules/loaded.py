"""What loading gives: rules with their conditions, sets and conflicts, checked against each other."""

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from scrubber.model.rule import Rule
from scrubber.rules.attributes import Attribute
from scrubber.rules.codeset import CodeSet, Conflict

if TYPE_CHECKING:
    from scrubber.rules.conditions import Logic


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that a message or fix shows.

    Attributes:
        attribute: Whose value.
        related: The related set whose witness it is of; None for the unit itself. In the grain of pairs the other
            line is the witness of `pair`.
    """

    attribute: Attribute
    related: str | None


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule that holds together. One id may stand twice, where an override narrows it for some payers.

    Attributes:
        rule: As its file says.
        logic: Its conditions.
        fields: What its messages and fixes show, each value once.
        field_of: For each case (one for a rule without cases): index into `fields` by the text of a placeholder,
            `line.code`.
        path: Where it stands.
        sha256: Of all that decides or explains, examples aside.
        only: Profiles that use it; None is every one.
        off: Profiles that do not.
        severities: By profile, `*` for every other, instead of the rule's own and its cases'.
    """

    rule: Rule
    logic: "Logic"
    fields: tuple[Shown, ...]
    field_of: tuple[Mapping[str, int], ...]
    path: str
    sha256: str
    only: frozenset[str] | None = None
    off: frozenset[str] = frozenset()
    severities: Mapping[str, str] = field(default_factory=dict)

    def is_used_by(self, payer: str) -> bool:
        """Whether overrides leave it on for a profile."""
        return payer not in self.off and (self.only is None or payer in self.only)

    def texts(self, case: int) -> tuple[str, str]:
        """Templates of message and fix of a case; of the rule itself for -1 or a rule without cases."""
        own = self.rule.cases[case] if 0 <= case < len(self.rule.cases) else None
        message = own.message if own and own.message else self.rule.message
        return message, own.fix.text if own and own.fix else self.rule.fix.text


class KeptRules(Sequence[LoadedRule]):
    """Rules as a cache keeps them: each is made again when someone asks for it, for a run needs few of them."""

    def __init__(self, rules: Iterable[LoadedRule]) -> None:
        rules = tuple(rules)
        self.ids = tuple(loaded.rule.id for loaded in rules)
        self._kept = [pickle.dumps(loaded, protocol=5) for loaded in rules]
        self._made: list[LoadedRule | None] = [None] * len(rules)

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> LoadedRule: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[LoadedRule, ...]: ...

    def __getitem__(self, index: int | slice) -> LoadedRule | tuple[LoadedRule, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(len(self))[index])
        made = self._made[index]
        if made is None:
            made = pickle.loads(self._kept[index])       # the hash of the whole cache was checked when it was read
            self._made[index] = made
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[tuple[str, ...], list[bytes]]:
        return self.ids, self._kept

    def __setstate__(self, state: tuple[tuple[str, ...], list[bytes]]) -> None:
        self.ids, self._kept = state
        self._made = [None] * len(self._kept)


class RulesById(Mapping[str, Rule]):
    """The rules of a catalogue by id; of one that stands twice the last."""

    def __init__(self, catalogue: "Catalogue") -> None:
        self._rules = catalogue.rules
        self._places = {id: number for number, id in enumerate(catalogue.ids)}

    def __getitem__(self, id: str) -> Rule:
        return self._rules[self._places[id]].rule

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an entry of an overrides file does to a rule.

    Attributes:
        place: `file:line`.
        payers: Profiles that it is for; None is every one.
        off: It takes the rule out.
        severity: The one that it gives, or None.
        narrows: It adds conditions.
        why: As the entry says, often nothing.
    """

    rule: str
    place: str
    payers: frozenset[str] | None
    off: bool
    severity: str | None
    narrows: bool
    why: str

    def is_for(self, payer: str) -> bool:
        """Whether it speaks of a profile."""
        return self.payers is None or payer in self.payers


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a program is lowered from.

    Attributes:
        rules: By id, then in the order in which overrides narrowed them.
        sets: By name.
        conflicts: Modifiers that do not go together.
        notices: What an author should look at although it is no error.
        sha256: Of everything that decides; equal rules, overrides, sets and conflicts give equal hashes.
        overlays: What overrides do, in the order in which they apply.
        removed: Rules that they take out for every payer.
    """

    rules: Sequence[LoadedRule]
    sets: Mapping[str, CodeSet]
    conflicts: tuple[Conflict, ...]
    notices: tuple[str, ...]
    sha256: str
    overlays: tuple[Overlay, ...] = ()
    removed: tuple[LoadedRule, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the rules, in their order."""
        return self.rules.ids if isinstance(self.rules, KeptRules) else tuple(each.rule.id for each in self.rules)
