"""What is true of a provider: numbers, addresses, and what a line brings along with a transport or equipment."""

import re
from typing import Any

from oracle.grains.world import ClaimView, Line, upper
from oracle.language import ABSENT, Unknown
from scrubber.model.claim import Provider
from scrubber.symbols import day_number

# USPS Publication 28, appendix B.
_STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP")
STATES = frozenset(_STATES.split())
_BOX = r"(?:BOX|BX|DRAWER)"
_NUMBER = r"(?:$| [A-Z0-9]?(?: |$)| NO\b| NUM\b| NUMBER\b| [A-Z]*[0-9])"
_BOXES = re.compile(
    rf"\b(?:POB|POBOX|POBX|P0BOX|LOCKBOX){_NUMBER}"
    rf"|\b(?:P[O0]|POSTOFFICE|LOCK|P [O0]|POST (?:OFFICE|OFC|OFF)) {_BOX}{_NUMBER}"
    rf"|\b(?:P [O0]|POST (?:OFFICE|OFC|OFF)) B(?= ){_NUMBER}"
    rf"|^BOX(?= ){_NUMBER}")


def providers_of(claim: ClaimView) -> list[tuple[str, Provider, Line | None]]:
    """Each role, number and level once; what a line repeats of its claim is left out."""
    sent = claim.sent
    everyone: list[tuple[str, Provider, Line | None]] = []
    if sent.billing:
        everyone.append(("billing", sent.billing, None))
    if sent.rendering:
        everyone.append(("rendering", sent.rendering, None))
    everyone += [(provider.role, provider, None) for provider in sent.providers]
    for line in claim.lines:
        if line.sent.rendering:
            everyone.append(("rendering", line.sent.rendering, line))
        everyone += [(provider.role, provider, line) for provider in line.sent.providers]
    own = {(role, provider.npi or "") for role, provider, line in everyone if line is None}
    found: dict[tuple[str, str, bool], tuple[str, Provider, Line | None]] = {}
    for role, provider, line in everyone:
        key = (role, provider.npi or "")
        if line is None or key not in own:
            found.setdefault((*key, line is None), (role, provider, line))
    return list(found.values())


def provider_value(claim: ClaimView, role: str, provider: Provider, line: Line | None, name: str) -> Any:
    """`provider.NAME`."""
    billing = claim.sent.billing
    beside = billing if role != "billing" else None
    match name:
        case "role":
            return role
        case "level":
            return "line" if line else "claim"
        case "entity":
            return provider.entity or "unknown"
        case "npi_fault":
            return npi_fault(provider.npi)
        case "npi_type":
            return _npi_type(claim, provider, line)
        case "same_as_billing":
            return bool(beside and beside.npi == provider.npi and npi_fault(provider.npi) not in ("missing", "length"))
        case "billing_entity":
            return (billing.entity if billing else None) or "unknown"
        case "same_address_as_billing":
            return beside is not None and _same_address(provider, beside)
        case "taxonomy":
            return upper(provider.taxonomy) or ABSENT
        case "taxonomy_sent":
            return bool(upper(provider.taxonomy))
        case "taxonomy_fault":
            return _taxonomy_fault(claim, provider, line)
        case "tax_id_fault":
            return "two" if provider.tax_id_kind == "both" else tax_id_fault(provider.tax_id)
        case "tax_id_kind":
            return provider.tax_id_kind or "none"
        case "street_box":
            return not abroad(provider) and street_box(provider.street)
        case "zip_fault":
            return _zip_fault(provider)
        case "state_fault":
            return _state_fault(claim, provider, line)
    said = getattr(provider, name)
    return Unknown("no_fact") if said is None else "yes" if said else "no"


def companion_value(line: Line, name: str) -> bool:
    """What goes with a transport by ambulance or with equipment; the claim's own stands for every line."""
    told = [each for each in (line.sent.ambulance, line.claim.sent.ambulance) if each]
    if name == "transport":
        return any(each.transport for each in told)
    if name == "transport_conditions":
        return any(each.conditions for each in told)
    if name == "certificate":
        return bool(line.sent.certificate) or any(each.kind == "CT" for each in line.sent.attachments)
    return any(each.role == name for each in (*line.sent.providers, *line.claim.sent.providers))


def npi_fault(npi: str | None) -> str:
    """Check digit by Luhn over 80840 and the number.

    Source: 45 CFR 162.406.
    """
    if not npi:
        return "missing"
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        return "length"
    if npi[0] not in "12":
        return "first_digit"
    doubled = [int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed("80840" + npi))]
    return "none" if sum(each // 10 + each % 10 for each in doubled) % 10 == 0 else "luhn"


def tax_id_fault(number: str | None) -> str:
    """Nine digits; not nine equal ones, not those in order."""
    number = (number or "").strip(" ")
    if not number:
        return "missing"
    if "-" in number:
        return "hyphen"
    if not re.fullmatch(r"[0-9]{9}", number):
        return "length"
    return "constant" if len(set(number)) == 1 or number == "123456789" else "none"


def street_box(street: str | None) -> bool:
    """A box of a post office, or a lockbox."""
    words = re.sub(r"[^A-Z0-9]+", " ", (street or "").upper().replace(".", "")).strip()
    return bool(_BOXES.search(words))


def abroad(provider: Provider) -> bool:
    return (provider.country or "US").strip().upper() != "US"


def _day(claim: ClaimView, line: Line | None) -> int:
    return line.day if line else day_number(claim.first_from)


def _npi_type(claim: ClaimView, provider: Provider, line: Line | None) -> Any:
    edition = claim.world.tables.on("nppes", _day(claim, line))
    if edition is None:
        return Unknown("no_edition")
    if npi_fault(provider.npi) != "none":
        return Unknown("no_fact")
    row = edition.on(_day(claim, line), provider.npi)
    return str(row["type"]) if row and row["type"] in (1, 2) else Unknown("no_row")


def _taxonomy_fault(claim: ClaimView, provider: Provider, line: Line | None) -> Any:
    code = upper(provider.taxonomy)
    day = _day(claim, line)
    if not code:
        return "none"
    if not re.fullmatch(r"[0-9A-Z]{9}X", code):
        return "format"
    edition = claim.world.tables.on("taxonomy", day)
    if edition is None:
        return Unknown("no_edition")
    rows = edition.rows(code)
    if rows:
        return "none" if any(day < row["to"] for row in rows) else "retired"
    return Unknown("no_row") if edition.partial or day >= edition.ends else "unlisted"


def _bare(text: str | None) -> str:
    return re.sub(r"[^A-Z0-9]", "", (text or "").upper())


def _zip(provider: Provider) -> str | None:
    """The digits; None where it holds something else than digits and what parts them."""
    text = (provider.zip or "").strip()
    return None if re.search(r"[A-Za-z]|[^\x00-\x7f]", text) else re.sub(r"[^0-9]", "", text)


def _same_address(one: Provider, two: Provider) -> bool:
    codes = [_zip(one) or "", _zip(two) or ""]
    return ((one.street or "").strip() != "" and _bare(one.street) == _bare(two.street)
            and _bare(one.city) == _bare(two.city) and min(map(len, codes)) >= 5 and codes[0][:5] == codes[1][:5])


def _addressed(provider: Provider) -> bool:
    return any((provider.street, provider.city, provider.state, provider.zip))


def _zip_fault(provider: Provider) -> Any:
    if not _addressed(provider):
        return Unknown("no_fact")
    if abroad(provider):
        return "none"
    if not (provider.zip or "").strip():
        return "missing"
    return "none" if len(_zip(provider) or "") == 9 else "short"


def _state_fault(claim: ClaimView, provider: Provider, line: Line | None) -> Any:
    state = upper(provider.state)
    code = _zip(provider) or ""
    if not _addressed(provider) or abroad(provider):
        return "none"
    if not state:
        return "missing"
    if state not in STATES:
        return "unknown"
    if len(code) < 5:
        return "none"
    edition = claim.world.tables.on("state_zip", _day(claim, line))
    if edition is None:
        return Unknown("no_edition")
    prefix = int(code[:3])
    if edition.on(_day(claim, line), prefix, state):
        return "none"
    return "zip" if any(edition.on(_day(claim, line), prefix, each) for each in STATES) else Unknown("no_row")
