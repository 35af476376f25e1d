"""Passwords: which are taken (as NIST SP 800-63B has it), and what is kept of one (Argon2id, as OWASP has it)."""

import os
import re
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from scrubber.errors import ScrubberError

SHORTEST, LONGEST = 12, 200    # characters
ENVIRONMENT = "SCRUBBER_ARGON2"
MEMORY, ROUNDS, LANES = 19_456, 2, 1          # KiB, passes, lanes: OWASP's smallest
_COST = re.compile(r"m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_PIECE = 4                     # characters that are repeated, as in abcdabcdabcd
_RUNS = ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm",
         "1qaz2wsx3edc4rfv5tgb6yhn", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn")
# Words that common passwords are made of, with digits and signs around them.
_WORDS = frozenset((
    "password", "passwort", "passphrase", "welcome", "administrator", "admin", "letmein", "iloveyou", "changeme",
    "changemenow", "changethis", "qwerty", "qwertyuiop", "monkey", "dragon", "football", "baseball", "basketball",
    "sunshine", "princess", "superman", "starwars", "trustno", "whatever", "secret", "topsecret", "default",
    "temporary", "scrubber", "claimscrubber", "workbench", "medicare", "medicaid", "billing", "hospital", "spring",
    "summer", "autumn", "winter", "january", "february", "monday", "passwordpassword", "letmeinplease",
    "correcthorsebatterystaple", "iloveyouforever", "mypassword", "thisismypassword", "newpassword", "yourpassword",
    "nopassword", "adminadmin", "welcomewelcome", "qwertyqwerty", "computer", "internet", "michaeljordan",
    "unbelievable", "manchesterunited", "liverpool", "jesuschrist", "godisgood", "ilovejesus", "blessed",
))


class Passwords:
    """Makes and verifies hashes.

    Args:
        hasher: How; the parameters of the environment (SCRUBBER_ARGON2=m=KIB,t=PASSES,p=LANES), else OWASP's.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(*_cost())
        self._nobody = self._hasher.hash("nobody's")

    @property
    def is_weak(self) -> bool:
        """Whether a hash costs less memory than it ought to."""
        return self._hasher.memory_cost < MEMORY

    def hash(self, password: str) -> str:
        return self._hasher.hash(normal(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether it is the password.

        Args:
            kept: None: there is none; as much is done as if there were.
        """
        text = password if len(password) <= LONGEST else ""
        try:
            return self._hasher.verify(kept or self._nobody, normal(text)) and kept is not None and text != ""
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(kept)


def normal(password: str) -> str:
    """A password as it is hashed: one form for what looks the same."""
    return unicodedata.normalize("NFKC", password)


def problem_of(password: str, name: str) -> str:
    """Why a password is not taken, "" where it is.

    Args:
        name: Of the user.
    """
    text = normal(password)
    if len(text) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; some words in a row are easy to keep in mind."
    if len(password) > LONGEST or len(text) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    low = text.casefold()
    for part in {name.casefold(), name.casefold().partition("@")[0]}:
        if len(part) > 2 and part in low:
            return "The password has your name in it, which is tried first. Choose another."
    if _is_common(low):
        return "The password is one of those that are tried first: a common one, a row of keys or the same over again."
    return ""


def _is_common(low: str) -> bool:
    core = _AROUND.sub("", low)
    letters = "".join(each for each in core.translate(str.maketrans("@0135$", "aoiess")) if each.isalpha())
    plain = "".join(each for each in low if each.isalpha())
    if letters in _WORDS or plain in _WORDS or len(set(low)) < 4:
        return True
    if any(low == (low[:size] * len(low))[:len(low)] for size in range(1, _PIECE + 1)):
        return True
    half = low[:len(low) // 2]
    return _in_runs(low, _RUNS) or (low == half * 2 and _in_runs(half, _RUNS))


def _in_runs(low: str, runs: Sequence[str]) -> bool:
    return any(low in run or low in run[::-1] for run in runs)


def _cost() -> tuple[int, int, int]:
    """Passes, memory in KiB, lanes.

    Raises:
        ScrubberError: The environment does not say them.
    """
    said = os.environ.get(ENVIRONMENT, "")
    if not said:
        return ROUNDS, MEMORY, LANES
    found = _COST.fullmatch(said)
    memory, rounds, lanes = map(int, found.groups()) if found is not None else (0, 0, 0)
    if rounds < 1 or lanes < 1 or not 8 * lanes <= memory <= 1 << 22:
        raise ScrubberError(f"{ENVIRONMENT} must be like m={MEMORY},t={ROUNDS},p={LANES}: KiB of memory, passes, lanes")
    return rounds, memory, lanes
