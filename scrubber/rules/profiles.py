"""Settings of payer profiles as the engine's numbers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from scrubber.errors import RuleError
from scrubber.rules.codeset import CodeSet, Member
from scrubber.rules.problems import suggest
from scrubber.rules.sets import normalized, read_member
from scrubber.rules.settings import CODE_SETTINGS, Setting
from scrubber.rules.vocabulary import NAMES

# In the order of their numbers.
PAYER_ATTRIBUTES = tuple(NAMES["payer"])


class PayerLike(Protocol):
    """What lowering reads of a profile."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def profile(self) -> str:
        """The name by which rulesets know it."""

    @property
    def settings(self) -> Mapping[str, Setting]:
        """Those that have a value, by name."""

    @property
    def severity(self) -> Mapping[str, str]:
        """By rule id."""

    @property
    def off(self) -> Collection[str]:
        """Rule ids it does not use."""


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """A profile's `payer.*` attributes as numbers or sets of codes."""

    payer: PayerLike
    values: Mapping[str, int | CodeSet]


def read_settings(payers: Iterable[PayerLike], sets: Mapping[str, CodeSet]) -> list[ReadProfile]:
    """The profiles in the order given.

    Raises:
        RuleError: One names a set of codes that there is none of.
    """
    problems: list[str] = []
    profiles = []
    for payer in payers:
        values: dict[str, int | CodeSet] = {}
        for name in PAYER_ATTRIBUTES:
            setting = payer.settings.get(name)
            kind = NAMES["payer"][name]
            if isinstance(setting, tuple):
                values[name] = _codes(payer.name, name, setting, sets, problems, "mark" if kind == "marks" else "code")
            elif setting is not None:
                values[name] = kind.split("|").index(str(setting)) if "|" in kind else int(setting)
        profiles.append(ReadProfile(payer, values))
    if problems:
        raise RuleError(problems)
    return profiles


def _codes(payer: str, name: str, members: Iterable[object], sets: Mapping[str, CodeSet],
           problems: list[str], kind: str) -> CodeSet:
    """A list of codes (or marks), ranges and `@sets`."""
    found: list[Member] = []
    codes = {f"@{known}": held for known, held in sets.items() if held.kind == kind}
    for member in map(str, members):
        interval = read_member(member, kind)
        if member in codes:
            found.extend(codes[member].members)
        elif interval:
            found.append(Member(*interval))
        else:
            problems.append(f"profile {payer}: setting {name} names {member}; {suggest(member, codes)}")
    return CodeSet(kind, normalized(found))


def profile_facts(payer: PayerLike) -> dict[str, int]:
    """The fields of ProfileC that no rule reads; days 0 and rules 0 where nothing is set."""
    settings = payer.settings

    def index(name: str, words: str) -> int:
        return words.split("|").index(str(settings.get(name, words.split("|")[0])))

    def days(name: str) -> int:
        value = settings.get(name, 0)
        return value if isinstance(value, int) else 0

    return {
        "provider_scope": index("provider_scope", CODE_SETTINGS["provider_scope"]),
        "physician_identity": index("physician_identity", CODE_SETTINGS["physician_identity"]),
        "split_days": int(settings.get("split_days") is True),
        "timely_rule": index("timely_rule", "unset|" + CODE_SETTINGS["timely_rule"]),
        "timely_basis": index("timely_basis_professional", CODE_SETTINGS["timely_basis_professional"]),
        "frequency": index("frequency_table", "unset|" + CODE_SETTINGS["frequency_table"]),
        "ptp": int(settings.get("ptp_tables") == "medicare"),
        "mue": int(settings.get("mue_tables") == "medicare"),
        "timely_days": days("timely_days"),
        "corrected_days": days("corrected_days"),
        "secondary_days": days("secondary_days"),
    }
