"""What claims and lines of an 837 have alike, corrected: amounts, dates, reference numbers, providers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from scrubber.model.claim import Number, Provider
from scrubber.writers.loops import Delimiters, Loop, Refused, Segment, element, put

LONGEST_REFERENCE = 50
NPI = 10
TAXONOMY = 10
# Entity codes of NM1 by the roles of providers.
ROLES = {b"82": "rendering", b"DN": "referring", b"77": "facility", b"71": "attending", b"72": "operating",
         b"ZZ": "other_operating", b"DQ": "supervising", b"P3": "primary_care", b"DK": "ordering", b"DD": "assistant",
         b"QB": "purchased", b"PW": "pick_up", b"45": "drop_off"}
OTHER_PAYER = b"2U"


def cannot(what: str) -> Refused:
    """That a field is none of those that are written."""
    return Refused(f"{what} cannot be corrected here; correct it where the claim is made")


def number(value: Decimal | None, like: bytes, decimals: int, what: str) -> bytes:
    """An amount as X12 has it, with as many decimals as the one it replaces has.

    Args:
        decimals: That are kept.

    Raises:
        Refused: There is none, or it has more decimals.
    """
    if value is None:
        raise Refused(f"{what} is missing, and needed")
    plain = format(value.normalize(), "f") if value else "0"
    needed = len(plain.partition(".")[2])
    if needed > decimals:
        raise Refused(f"{what} has more than {decimals} decimals")
    return f"{value:.{max(needed, min(len(like.partition(b'.')[2].strip()), decimals))}f}".encode()


def day(value: dt.date) -> bytes:
    """A date as CCYYMMDD."""
    return value.isoformat().replace("-", "").encode()


def put_date(loop: Loop, code: bytes, value: dt.date | None) -> None:
    """Writes the date of a DTP, adds one, or takes it out; hours, and the last day of a span, stay."""
    found = [each for each in loop.of(b"DTP", code) if element(each, 2).strip() != b"TM"]
    if value is None:
        loop.remove(found)
    elif found:
        rest = element(found[-1], 3).strip()[8:]
        put(found[-1], 3, day(value) + rest)
    else:
        loop.insert([b"DTP", code, b"D8", day(value)])


def put_reference(loop: Loop, code: bytes, value: str | None, what: str, delimiters: Delimiters,
                  longest: int = LONGEST_REFERENCE) -> None:
    """Writes the number of a REF, adds one, or takes it out.

    Raises:
        Refused: The number is known by its hash, or cannot stand in an 837.
    """
    found = loop.of(b"REF", code)
    if value is None:
        loop.remove(found)
        return
    if value.startswith("#") or value == "*":
        raise Refused(f"{what} is not held as it was sent; type the number itself")
    text = delimiters.value(value, what, longest)
    if found:
        put(found[-1], 2, text)
    else:
        loop.insert([b"REF", code, text])


def put_numbers(loop: Loop, before: Sequence[Number], after: Sequence[Number], what: str,
                delimiters: Delimiters) -> None:
    """Writes the own authorizations and referrals of a claim or line (REF*G1, REF*9F) in their order.

    Raises:
        Refused: Another payer's changed, they stand where the guide has none, or one cannot stand in an 837.
    """
    if [each for each in before if not each.own] != [each for each in after if not each.own]:
        raise cannot(f"{what}, where they are another payer's,")
    own = [each for each in before if each.own]
    slots = [each for each in loop.of(b"REF", b"G1", b"9F")
             if element(each, 4).split(delimiters.component)[0].strip() != OTHER_PAYER]
    if len(slots) != len(own):
        raise Refused(f"{what} stand where the guide has none; correct them where the claim is made")
    wanted = [each for each in after if each.own]
    loop.remove(slots[len(wanted):])
    for place, each in enumerate(wanted):
        text = each.number.encode() if place < len(own) and own[place].number == each.number else delimiters.value(
            each.number, what, LONGEST_REFERENCE)
        qualifier = each.qualifier.encode()
        if place >= len(slots):
            loop.insert([b"REF", qualifier, text])
        elif own[place] != each:
            put(slots[place], 1, qualifier)
            put(slots[place], 2, text)


def put_providers(loops: Iterable[Loop], rendering: tuple[Provider | None, Provider | None],
                  others: tuple[Sequence[Provider], Sequence[Provider]], what: str, delimiters: Delimiters) -> None:
    """Writes the NPI and the specialty of providers whose NM1 is of the claim or line.

    Args:
        rendering, others: Before and after; others in the order sent.

    Raises:
        Refused: Anything else changed, as a name, which no claim of the model has.
    """
    known = [each for each in loops if element(each.segments[0], 1).strip() in ROLES]
    last = next((each for each in reversed(known) if element(each.segments[0], 1).strip() == b"82"), None)
    rest = [each for each in known if each is not last]
    if rendering[0] != rendering[1]:
        if rendering[0] is None or rendering[1] is None or last is None:
            raise Refused(f"{what}'s rendering provider has a name, which no claim here holds; add or remove it where "
                          "the claim is made")
        _put_provider(last, rendering[0], rendering[1], f"{what}'s rendering provider", delimiters)
    before, after = others
    if before == after:
        return
    if [each.role for each in before] != [each.role for each in after] or [
            each.role for each in before] != [ROLES[element(each.segments[0], 1).strip()] for each in rest]:
        raise Refused(f"{what}'s providers have names, which no claim here holds; add or remove one where the claim is "
                      "made")
    for loop, one, other in zip(rest, before, after, strict=True):
        if one != other:
            _put_provider(loop, one, other, f"{what}'s {one.role.replace('_', ' ')} provider", delimiters)


def _put_provider(loop: Loop, before: Provider, after: Provider, what: str, delimiters: Delimiters) -> None:
    for name in Provider.model_fields:
        if getattr(before, name) != getattr(after, name) and name not in ("npi", "taxonomy"):
            raise cannot(f"{what}'s {name}")
    segment = loop.segments[0]
    if before.npi != after.npi:
        if after.npi is not None and not (after.npi.isascii() and after.npi.isdigit() and len(after.npi) == NPI):
            raise Refused(f"{what}'s NPI is no number of ten digits")
        put(segment, 9, (after.npi or "").encode())
        put(segment, 8, b"XX" if after.npi else b"")
    if before.taxonomy != after.taxonomy:
        found: list[Segment] = loop.of(b"PRV")
        if not found or after.taxonomy is None:
            raise cannot(f"{what}'s taxonomy, which is not in the file,")
        put(found[-1], 3, delimiters.value(after.taxonomy, f"{what}'s taxonomy", TAXONOMY))
