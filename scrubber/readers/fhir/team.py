"""Who took part in a claim: the care team by role, for all lines or for those that name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.claim import Provider
from scrubber.readers.fhir.codes import word
from scrubber.readers.fhir.items import Sequences
from scrubber.readers.fhir.people import provider_of
from scrubber.readers.fhir.references import Scope

# Roles of the standard (claimcareteamrole), of the CARIN guide (C4BBClaimCareTeamRole), and of X12 98, which the guide
# for prior authorization takes. A primary provider is the one who leads: who renders, on a hospital's bill who attends.
_ROLES = {
    "primary": "lead", "rendering": "rendering", "performing": "rendering", "attending": "attending",
    "operating": "operating", "otheroperating": "other_operating", "referring": "referring",
    "prescribing": "ordering", "ordering": "ordering", "supervisor": "supervising", "supervising": "supervising",
    "assist": "assistant", "purchasedservice": "purchased", "pcp": "primary_care",
    "82": "rendering", "71": "attending", "72": "operating", "zz": "other_operating", "dn": "referring",
    "dk": "ordering", "dq": "supervising", "p3": "primary_care", "dd": "assistant", "qb": "purchased",
}


class Team:
    """The care team of a claim.

    Args:
        items: Which of them name whom.

    Raises:
        Fault: An item names nobody of the team, or two have one sequence.
    """

    def __init__(self, listed: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]], scope: Scope,
                 place: str, *, institutional: bool) -> None:
        sequences = Sequences(listed, "careTeam", place)
        named = [set(sequences.places(item.get("careTeamSequence", []), f"{place}.item[{index}].careTeamSequence"))
                 for index, item in enumerate(items)]
        self._everywhere: list[Provider] = []
        self._by_item: list[list[Provider]] = [[] for _ in items]
        for index, entry in enumerate(listed):
            role = word(entry.get("role"), _ROLES) if "role" in entry else "lead"
            if role == "lead":
                role = "attending" if institutional else "rendering"
            at = f"{place}.careTeam[{index}].provider"
            who = None if role is None else provider_of(entry.get("provider"), role, scope, at,
                                                        entry.get("qualification"))
            if who is None:
                continue
            naming = [number for number, members in enumerate(named) if index in members]
            if len(naming) in (0, len(items)) or role == "attending":      # who attended is said of a whole bill
                self._everywhere.append(who)
                continue
            for number in naming:
                self._by_item[number].append(who)

    def of_claim(self) -> dict[str, Any]:
        """`rendering` and `providers` of the claim."""
        rendering = self._rendering(self._everywhere)
        return {"rendering": rendering, "providers": tuple(one for one in self._everywhere if one is not rendering)}

    def of_item(self, index: int) -> tuple[Provider | None, list[Provider]]:
        """Who renders one item where it differs from the claim, and who else is named for it alone."""
        own = self._by_item[index]
        rendering = self._rendering(own)
        return rendering, [one for one in own if one is not rendering]

    @staticmethod
    def _rendering(providers: Sequence[Provider]) -> Provider | None:
        return next((one for one in providers if one.role == "rendering"), None)
