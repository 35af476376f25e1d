"""What the title of an ICD-10-CM code names: a side, a trimester, that nothing more is known."""

import re

SIDES = ("none", "left", "right", "both", "unspecified")
TRIMESTERS = ("none", "first", "second", "third", "unspecified")

# "unspecified" is about the side only where the title goes on to name something that has two.
_WORD = re.compile(r"\b(left|right|bilateral|both)\b", re.IGNORECASE)
_PAIRED = re.compile(
    r"\bunspecified (?:(?:index|middle|ring|little) finger|side|ear|eye|eyelid|breast|shoulder|upper arm|elbow|forearm|"
    r"wrist|hand|finger|thumb|hip|thigh|"
    r"knee|lower leg|leg|ankle|foot|toe|great toe|lesser toe|limb|upper limb|lower limb|upper extremity|"
    r"lower extremity|arm|kidney|ureter|ovary|testis|lung|bronchus|carotid|orbit|cornea|site of breast|"
    r"fallopian tube|humerus|radius|ulna|femur|tibia|fibula|patella|clavicle|scapula|ilium|ischium|pubis|acetabulum|"
    r"calcaneus|talus|tarsal|metatarsal|metacarpal|carpal|axilla|buttock|cheek|temple|nostril)\b",
    re.IGNORECASE,
)

# Here left and right are no side of the body: heart chambers, coronary arteries, abdominal quadrants, handedness.
_NOT_A_SIDE = re.compile(
    r"\b(?:left|right)[ -](?:"
    r"(?:upper|lower) quadrant|ventric\w+|atri\w+|main coronary|anterior descending|circumflex|coronary|heart|"
    r"bundle|anterior fascicular|posterior fascicular|sided? (?:colitis|heart)|handed|dominant|non-?dominant|"
    r"to[ -]left|to[ -]right|colon|lobe of liver|iliac fossa)",
    re.IGNORECASE,
)
_AFFECTING = re.compile(r"\baffecting (?:left|right) (?:non-?)?dominant side\b", re.IGNORECASE)


def side_of(title: str) -> str:
    """Side of a title, one of `SIDES`.

    Both words in one title are both sides (`blindness right eye, low vision left eye`), and so is a bilateral
    condition, whatever side of the field it also names.
    """
    plain = _AFFECTING.sub("", _NOT_A_SIDE.sub("", title))
    words = {word.lower() for word in _WORD.findall(plain)}
    if words & {"bilateral", "both"} or words >= {"left", "right"}:
        return "both"
    if words:
        return "left" if "left" in words else "right"
    return "unspecified" if _PAIRED.search(plain) else "none"


_TRIMESTER = re.compile(r"\b(first|second|third|unspecified) trimester\b", re.IGNORECASE)
_UNSPECIFIED = re.compile(r",? ?\bunspecified\b", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)|\[[^][]*\]")


def trimester_of(title: str) -> str:
    """Trimester of a title, one of `TRIMESTERS`; labor in one with delivery in another is of neither."""
    found = {word.lower() for word in _TRIMESTER.findall(title)}
    return found.pop() if len(found) == 1 else "none"


def leaves_open(title: str, above: str) -> bool:
    """Whether a code says no more than the node above it, but that it is unspecified.

    M17.9 `Osteoarthritis of knee, unspecified` under M17 `Osteoarthritis of knee` does; R07.9 `Chest pain,
    unspecified` under `Pain in throat and chest` does not.
    """
    if len(_UNSPECIFIED.findall(title)) != 1:
        return False
    return _words(_UNSPECIFIED.sub(" ", title)) == _words(above)


def _words(title: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _ASIDE.sub(" ", title).lower())
