"""What loading gives: rules with their conditions, sets, conflicts and profiles, checked against each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrubber.model.payer import Profile
from scrubber.model.rule import Rule
from scrubber.rules.attributes import Attribute
from scrubber.rules.conditions import InSet, Literal, Logic
from scrubber.rules.sets import CodeSet, Conflict


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule that holds together. One id may stand twice, where an override narrows it for some payers.

    Attributes:
        rule: As its file says.
        logic: Its conditions.
        fields: What its messages and fixes show, each value once.
        field_of: Index into `fields` by the text of a placeholder, `line.code`.
        path: Where it stands.
        sha256: Of all that decides or explains, examples aside.
        off: Profiles that do not use it.
        severities: By profile, instead of the rule's own and its cases'.
    """

    rule: Rule
    logic: Logic
    fields: tuple[Attribute, ...]
    field_of: Mapping[str, int]
    path: str
    sha256: str
    off: frozenset[str] = frozenset()
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A payer profile with what it extends merged in.

    Attributes:
        profile: Merged; `payers` are its own only.
        values: What it sets of the `payer.*` attributes, by name without `payer.`.
        others: Its other settings, by name, with their types.
    """

    profile: Profile
    values: Mapping[str, Literal | InSet]
    others: Mapping[str, int | str | bool | None]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a program is lowered from.

    Attributes:
        rules: By id, then in the order in which overrides narrowed them.
        sets: By name.
        conflicts: Modifiers that do not go together.
        profiles: By name.
        notices: What an author should look at although it is no error.
        sha256: Of everything above; equal files give equal hashes.
    """

    rules: tuple[LoadedRule, ...]
    sets: Mapping[str, CodeSet]
    conflicts: tuple[Conflict, ...]
    profiles: Mapping[str, LoadedProfile]
    notices: tuple[str, ...]
    sha256: str
