"""The providers that examples name by letter, and how they are put on a claim. All their numbers are made up."""

from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.claim import Claim, Line, Provider

# Letter: group (TIN) and taxonomy. A and B family medicine, C cardiology, D another group, S and T surgeons,
# P physician assistant, N nurse anaesthetist, H anaesthesiologist.
_LETTERS = {
    "A": ("1", "207Q00000X"), "B": ("1", "207Q00000X"), "C": ("1", "207RC0000X"), "D": ("2", "207Q00000X"),
    "S": ("1", "207X00000X"), "T": ("1", "207X00000X"), "P": ("1", "363A00000X"), "N": ("1", "367500000X"),
    "H": ("1", "207L00000X"),
}
MULTI_SPECIALTY = "193200000X"
_STREETS = {"1": ("12 OAK ST", "ATLANTA", "GA", "303031234"), "2": ("8 ELM ST", "MACON", "GA", "312011234")}


def with_check_digit(nine: str) -> str:
    """NPI of nine digits and the check digit that makes it valid.

    Source:
        Luhn over 80840 and the number, as the NPI standard says.
    """
    total = 0
    for index, character in enumerate(reversed("80840" + nine)):
        digit = int(character) * (2 if index % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return nine + str(-total % 10)


def group_tin(group: str) -> str:
    """Tax id of group 1, 2, ...; any other text stands for itself."""
    return f"58234567{group}" if len(group) == 1 else group


def group_npi(group: str) -> str:
    """NPI of a group, as its billing provider sends it."""
    return "1467000026" if group == "1" else with_check_digit(f"1568{_number(group):05d}")


def person_npi(letter: str) -> str:
    """NPI of a provider by letter (or any word)."""
    return with_check_digit(f"1777{_number(letter.upper()):05d}")


def _number(word: str) -> int:
    number = 0
    for character in word:
        number = (number * 37 + ord(character) - 48) % 100_000
    return number


def billing(group: str, taxonomy: str | None = MULTI_SPECIALTY) -> Provider:
    """Billing provider of a group."""
    street, city, state, postal = _STREETS.get(group, _STREETS["1"])
    return Provider(role="billing", entity="organization", npi=group_npi(group), tax_id=group_tin(group),
                    tax_id_kind="EI", taxonomy=taxonomy, street=street, city=city, state=state, zip=postal)


def rendering(letter: str, group: str, taxonomy: str | None) -> Provider:
    """Rendering provider with the NPI of its letter."""
    return Provider(role="rendering", entity="person", npi=person_npi(letter), tax_id=group_tin(group),
                    taxonomy=taxonomy)


class Letters:
    """Who each letter is in one example: the built-in ones, and those the example adds or changes."""

    def __init__(self, extra: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Takes `{letter: {tin, taxonomy, npi}}`; what is not given is the built-in letter's, or A's group."""
        self._group = {letter: group for letter, (group, _) in _LETTERS.items()}
        self.providers = {letter: rendering(letter, *facts) for letter, facts in _LETTERS.items()}
        for letter, given in (extra or {}).items():
            group, taxonomy = _LETTERS.get(letter, ("1", None))
            self._group[letter] = str(given.get("tin") or group)
            provider = rendering(letter, self._group[letter], given.get("taxonomy", taxonomy))
            if "npi" in given:
                provider = provider.model_copy(update={"npi": given["npi"]})
            self.providers[letter] = provider

    def group(self, provider: Provider | None) -> str:
        """Group of a rendering provider; 1 where there is none."""
        for letter, known in self.providers.items():
            if known == provider:
                return self._group[letter]
        return "1"

    def put_on(self, claim: Claim, *, billing_taxonomy: str | None = MULTI_SPECIALTY) -> Claim:
        """The claim with billing and rendering providers; what it already names stays.

        The provider of the first line is the claim's (A where it names none), lines send their own where they
        differ, and the group of the claim's provider bills.
        """
        first = claim.lines[0].rendering if claim.lines else None
        own = claim.rendering or first or self.providers["A"]
        lines = tuple(_line(line, own) for line in claim.lines)
        biller = claim.billing or billing(self.group(own), billing_taxonomy)
        return claim.model_copy(update={"rendering": own, "billing": biller, "lines": lines})


def _line(line: Line, own: Provider) -> Line:
    return line.model_copy(update={"rendering": None}) if line.rendering == own else line


def place_providers(claim: Claim, given: Sequence[Mapping[str, Any]]) -> Claim:
    """The claim with providers listed by role, before letters are put on.

    A billing provider and a claim-level rendering one get their own fields (the latter in place of the letter of the
    first line), a line-level one goes on the line that `line` numbers from 1, the others to `providers`.
    """
    lines = list(claim.lines)
    update: dict[str, Any] = {}
    others = list(claim.providers)
    for row in given:
        provider = Provider.model_validate({key: row[key] for key in row if key in Provider.model_fields})
        if row.get("level") == "line" and row.get("line") is not None:
            index = int(row["line"]) - 1
            field = ({"rendering": provider} if provider.role == "rendering"
                     else {"providers": (*lines[index].providers, provider)})
            lines[index] = lines[index].model_copy(update=field)
        elif provider.role == "rendering":
            update["rendering"] = provider
            lines = _without(lines, lines[0].rendering if lines else None)
        elif provider.role == "billing":
            update["billing"] = provider
        else:
            others.append(provider)
    return claim.model_copy(update={**update, "lines": tuple(lines), "providers": tuple(others)})


def _without(lines: Sequence[Line], provider: Provider | None) -> list[Line]:
    return [line.model_copy(update={"rendering": None}) if line.rendering == provider else line for line in lines]
