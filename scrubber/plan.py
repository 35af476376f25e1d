"""What a run needs besides claims and tables: the program, payer profiles as arrays, the payers' own rows."""

from collections.abc import Sequence

import numpy as np

from scrubber._auth_file import AuthFile
from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._coverage import Coverage
from scrubber._program import Profiles, Program
from scrubber.model.authorization import Authorization
from scrubber.payers import Payer
from scrubber.rules.loaded import Catalogue
from scrubber.rules.lower import IS_OFF, KEEPS_OWN, NO_SETTING, VALUE, lower
from scrubber.rules.vocabulary import NAMES, SEVERITIES
from scrubber.symbols import pack

_CLASSES = ("none", "deny", "review")
_SCOPES = ("rendering", "group", "tin")


class Plan:
    """Catalogue and payers as arrays, made once for many runs.

    Args:
        payers: In the order of their numbers.
        program: Another plan of the same catalogue, whose program serves.
    """

    def __init__(self, catalogue: Catalogue, payers: Sequence[Payer], program: "Plan | None" = None) -> None:
        if program is None:
            self.lowered = lower(catalogue)
            self.program = Program(self.lowered)
        else:
            self.lowered, self.program = program.lowered, program.program
        self.payers = payers
        self.special: dict[str, int] = self.lowered.set_numbers
        kinds = NAMES["payer"]["kind"].split("|")
        self.conflicts = [
            (each.a, each.b, each.from_day, each.to_day,
             sum(1 << kinds.index(kind) for kind in each.payers) or (1 << len(kinds)) - 1, _CLASSES.index(each.outcome))
            for each in catalogue.conflicts]
        settings = np.array([self._settings(payer) for payer in payers], VALUE).reshape(len(payers), -1)
        severities = np.array([[_severity(payer, loaded) for loaded in catalogue.rules] for payer in payers], np.int8)
        self.profiles = Profiles(settings, severities, [_facts(payer) for payer in payers])

    def _settings(self, payer: Payer) -> list[tuple[int, int]]:
        return [self._setting(payer, name, kind) for name, kind in NAMES["payer"].items()]

    def _setting(self, payer: Payer, name: str, kind: str) -> tuple[int, int]:
        """Value and state of one `payer.*` attribute."""
        value = payer.settings.get(name)
        if value is None:
            return 0, NO_SETTING
        if kind == "set":
            return self.lowered.number_of_members(value), 0
        if "|" in kind:
            return kind.split("|").index(str(value)), 0
        return int(value), 0  # type: ignore[arg-type]

    def authorizations(self, batch: ClaimBatch, auths: Sequence[Authorization] | None,
                       places: Sequence[int]) -> Authorizations:
        """The practice's authorizations and the payers' requirements, for one batch."""
        return Authorizations(None if auths is None else AuthFile(auths), self.payers, batch, places)

    def policies(self, batch: ClaimBatch, places: Sequence[int]) -> Coverage:
        """The payers' coverage policies, for one batch."""
        return Coverage(self.payers, batch.payers, places)


def _severity(payer: Payer, loaded: object) -> int:
    rule = loaded.rule  # type: ignore[attr-defined]
    if rule.id in payer.off or payer.name in loaded.off:  # type: ignore[attr-defined]
        return IS_OFF
    severity = payer.severity.get(rule.id) or loaded.severities.get(payer.name)  # type: ignore[attr-defined]
    return KEEPS_OWN if severity is None else SEVERITIES.index(severity)


def _facts(payer: Payer) -> dict[str, int]:
    """The fields of ProfileC that are no attributes."""
    said = payer.settings
    return {
        "provider_scope": _SCOPES.index(str(said.get("provider_scope", "rendering"))),
        "physician_identity": int(said.get("physician_identity") == "rendering"),
        "split_days": int(bool(said.get("split_days"))),
        "timely_rule": {"calendar_year": 1, "days": 2}.get(str(said.get("timely_rule")), 0),
        "timely_basis": int(said.get("timely_basis_professional") == "thru"),
        "ptp": int(said.get("ptp_tables") == "medicare"),
        "mue": int(said.get("mue_tables") == "medicare"),
        "timely_days": _number(said.get("timely_days")),
        "corrected_days": _number(said.get("corrected_days")),
        "secondary_days": _number(said.get("secondary_days")),
        "pos_groups": -1,
    }


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) else 0


def profile_rows(text: str) -> int:
    """Symbol of a code, for rows that payers give."""
    return pack(text, 5)
