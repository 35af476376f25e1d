"""Short codes as integers: the Python side of ext/scrubber/pack.pxd.

A symbol packs 0-9A-Z in base 37, left-aligned to the width of its kind, so that symbols of one kind sort as their
texts do, a range of codes is an interval, and so is a prefix.
"""

import datetime as dt
from functools import lru_cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VALUES = {character: index + 1 for index, character in enumerate(DIGITS)}

WIDTHS = {"code": 5, "mod": 2, "dx": 7, "pos": 2, "revenue": 4, "taxonomy": 10, "ndc": 11, "carc": 5, "tob": 3,
          "npi": 10, "clia": 10, "mac": 5,
          "mark": 5, "payer": 11, "member": 12}

NO_DAY = -(2**31)
OPEN_DAY = 2**31 - 1
FOREIGN = " (another code system)"     # behind a code that is of none of the lists a claim takes it from
EPOCH = dt.date(1970, 1, 1).toordinal()


def pack(text: str, width: int) -> int:
    """Symbol of a text: 0 for an empty one, -1 for one that is too long or has other characters."""
    if len(text) > width:
        return -1
    symbol = 0
    for character in text.upper():
        value = VALUES.get(character)
        if value is None:
            return -1
        symbol = symbol * 37 + value
    return symbol * int(37 ** (width - len(text)))


@lru_cache(maxsize=65_536)
def unpack(symbol: int, width: int) -> str:
    """Text of a symbol >= 0."""
    characters = []
    for _ in range(width):
        symbol, digit = divmod(symbol, 37)
        if digit:
            characters.append(DIGITS[digit - 1])
    return "".join(reversed(characters))


def bounds(member: str, width: int) -> tuple[int, int] | None:
    """Interval of symbols (both ends included) of a code, a range `a-b` or a prefix `a-`; None if it is none.

    The upper end of a range takes in what it is a prefix of: `Z55-Z65` holds Z65.8.
    """
    low, dash, high = member.replace(".", "").partition("-")
    first = pack(low, width)
    last = pack(high or low, width)
    if first <= 0 or last <= 0:
        return None
    if dash:
        last += int(37 ** (width - len(high or low))) - 1
    return (first, last) if first <= last else None


def ncd_list(text: str) -> int:
    """Number of a laboratory NCD list (`190.21B`): digits times 32 plus the letter's place."""
    digits = text.strip().replace(".", "")
    letter = digits[-1].upper() if digits and digits[-1].isalpha() else ""
    number = digits[:-1] if letter else digits
    return int(number) * 32 + (ord(letter) - 64 if letter else 0)


def ncd_list_text(number: int) -> str:
    """Inverse of `ncd_list`."""
    digits, letter = divmod(number, 32)
    return f"{digits // 100}.{digits % 100:02d}" + (chr(64 + letter) if letter else "")


def day_number(day: dt.date | None) -> int:
    """Days since 1970-01-01; NO_DAY for None."""
    return NO_DAY if day is None else day.toordinal() - EPOCH


def date_of(number: int) -> dt.date | None:
    """Inverse of `day_number`; None for NO_DAY and OPEN_DAY."""
    return None if number in (NO_DAY, OPEN_DAY) else dt.date.fromordinal(number + EPOCH)


def dotted(diagnosis: str) -> str:
    """A diagnosis as people write it: M54.50."""
    return diagnosis if len(diagnosis) <= 3 else f"{diagnosis[:3]}.{diagnosis[3:]}"
