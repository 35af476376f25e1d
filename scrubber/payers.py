"""Payer profiles, and which of them a claim is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from scrubber.errors import RuleError
from scrubber.model.flag import Severity
from scrubber.model.payer import AuthRule, PolicyRow
from scrubber.rules.problems import suggest
from scrubber.rules.settings import Setting, SettingError, read_setting

# SBR09: the kind of a payer whose id no profile names.
_FILING = {"MA": "medicare", "MB": "medicare", "16": "ma", "MC": "medicaid"}
DEFAULT = "commercial"


@dataclass(frozen=True, slots=True)
class Said:
    """Where a setting, or what becomes of a rule, was last said.

    Attributes:
        layer: `profile medicare`, or `payer id 00882` of what an id says for itself.
        says: Of a rule its severity or `off`; of a setting nothing, its value stands in the settings.
        because: The reason given for a severity or for `off`.
    """

    layer: str
    file: str
    line: int
    says: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Payer:
    """A profile with everything that it extends worked in.

    Attributes:
        name: Of the profile; of a payer id with its own say `PROFILE/ID`.
        profile: Name of the profile, by which rulesets know it.
        payers: Ids that it stands for.
        settings: Every setting that has a value; what is not here is unknown.
        off: Rule ids this payer does not use.
        auth_rules, policies, screening, drug_labels: None where no such list is loaded, which is not the same as an
            empty one.
        said: By setting or rule id, who spoke of it, the one that holds last.
        by_id: The payer ids of the profile that say something for themselves.
    """

    name: str
    profile: str
    about: str
    payers: tuple[str, ...]
    settings: Mapping[str, Setting]
    severity: Mapping[str, Severity]
    off: frozenset[str]
    auth_rules: tuple[AuthRule, ...] | None
    auth_families: tuple[tuple[str, ...], ...]
    policies: tuple[PolicyRow, ...] | None
    screening: tuple[PolicyRow, ...] | None = None
    drug_labels: tuple[PolicyRow, ...] | None = None
    said: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    by_id: tuple["Payer", ...] = ()

    def with_settings(self, overrides: Mapping[str, Any]) -> "Payer":
        """This payer with some settings changed, as an example asks for.

        Raises:
            RuleError: A setting or value there is none of.
        """
        settings = dict(self.settings)
        problems = []
        for name, value in overrides.items():
            try:
                keep_setting(settings, name, read_setting(name, value))
            except SettingError as error:
                problems.append(f"profile {self.name}: {error}")
        if problems:
            raise RuleError(problems)
        return replace(self, settings=settings)


@dataclass(frozen=True, slots=True)
class Match:
    """The profile of a payer and how it was found; anything but the id or the name is a default and is recorded."""

    payer: Payer
    by: Literal["id", "name", "filing code", "default"]

    @property
    def is_default(self) -> bool:
        """No profile names this payer; the defaults of its kind are used."""
        return self.by in ("filing code", "default")


class Payers:
    """All profiles of a run, by name."""

    def __init__(self, payers: Mapping[str, Payer], *, default: str = DEFAULT) -> None:
        """Takes resolved profiles.

        Raises:
            RuleError: There is no profile with the name `default`.
        """
        if default not in payers:
            raise RuleError([f"no payer profile {default}; {suggest(default, payers)}"])
        self._by_name = {payer_key(name): payer for name, payer in payers.items()}
        self._payers = {each.name: each for _, payer in sorted(payers.items()) for each in (payer, *payer.by_id)}
        self._by_id = {payer_key(identity): payer for payer in self._payers.values() for identity in payer.payers}
        self.default = default

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the profiles in order, each before its payer ids; the place of one is its number."""
        return tuple(self._payers)

    def __getitem__(self, name: str) -> Payer:
        """Profile by name.

        Raises:
            RuleError: There is none of that name.
        """
        if name not in self._payers:
            raise RuleError([f"no payer profile {name}; {suggest(name, self._payers)}"])
        return self._payers[name]

    def match(self, payer_id: str, filing_code: str | None = None) -> Match:
        """Profile of a payer: by its id, else its name, else the kind its filing code names, else the default."""
        key = payer_key(payer_id)
        if key in self._by_id:
            return Match(self._by_id[key], "id")
        if key in self._by_name:
            return Match(self._by_name[key], "name")
        kind = _FILING.get((filing_code or "").upper())
        if kind in self._payers:
            return Match(self._payers[kind], "filing code")
        return Match(self._payers[self.default], "default")


def keep_setting(settings: dict[str, Setting], name: str, value: Setting | None) -> None:
    """Puts a setting over an earlier one; None takes it away."""
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = value


def payer_key(identity: str) -> str:
    """A payer id as it is compared."""
    return identity.strip().upper()
