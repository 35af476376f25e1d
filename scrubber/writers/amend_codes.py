"""The codes of a claim of an 837 (HI), corrected: each list has segments of its own; a code that stays is as it was.

Source: ASC X12N 005010X222A1, 005010X223A2, 005010X224A2: HI of loop 2300.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scrubber.model.claim import Claim
from scrubber.writers.loops import Delimiters, Loop, Refused, Segment, put

# Fields of a claim that diagnoses are made of.
DIAGNOSED = ("diagnoses", "admitting", "external_causes", "visit_reasons", "dotted", "present_on_admission")
IN_SEGMENT = 12                  # codes of one HI
DIAGNOSIS, CONDITION = 7, 2      # longest codes
PRESENT = 9                      # component that says whether a diagnosis was there on admission


@dataclass(frozen=True, slots=True)
class List:
    """A list of codes: what it is called, its qualifiers of ICD-10 and of ICD-9, and how many there may be."""

    name: str
    qualifiers: tuple[bytes, bytes]
    most: int
    first: tuple[bytes, bytes] | None = None       # qualifiers of the first code, where it has one of its own


PRINCIPAL = List("diagnoses", (b"ABK", b"BK"), 1)
OTHER = List("diagnoses", (b"ABF", b"BF"), 24)
ALL = List("diagnoses", (b"ABF", b"BF"), 12, first=(b"ABK", b"BK"))
DENTAL = List("diagnoses", (b"ABF", b"BF"), 4, first=(b"ABK", b"BK"))
DENTISTS = List("diagnoses", (b"TQ", b"TQ"), 4)
ADMITTING = List("admitting", (b"ABJ", b"BJ"), 1)
REASONS = List("visit_reasons", (b"APR", b"PR"), 3)
EXTERNAL = List("external_causes", (b"ABN", b"BN"), 12)
CONDITIONS = List("condition_codes", (b"BG", b"BG"), 24)


def put_diagnoses(loop: Loop, before: Claim, after: Claim, delimiters: Delimiters) -> None:
    """Writes those lists of diagnoses that changed.

    Raises:
        Refused: There are more than an 837 has room for, or one cannot stand there.
    """
    writer = _Codes(loop, before, after, delimiters)
    if before.kind != "institutional":
        for name in ("admitting", "external_causes", "visit_reasons", "present_on_admission"):
            if getattr(before, name) != getattr(after, name):
                raise Refused(f"the claim's {name} is of institutional claims alone")
        if before.kind == "dental":
            dentists = any(each.startswith(b"TQ" + delimiters.component) for segment in loop.of(b"HI")
                           for each in segment[1:])
            writer.put(DENTISTS if dentists else DENTAL, after.diagnoses)
        else:
            writer.put(ALL, after.diagnoses)
        return
    writer.put(PRINCIPAL, after.diagnoses[:1])
    writer.put(ADMITTING, after.diagnoses[:0] if after.admitting is None else (after.admitting,))
    writer.put(REASONS, after.visit_reasons)
    writer.put(EXTERNAL, after.external_causes)
    writer.put(OTHER, after.diagnoses[1:])


def put_conditions(loop: Loop, codes: Sequence[str], delimiters: Delimiters) -> None:
    """Writes the condition codes of an institutional claim.

    Raises:
        Refused: There are more than an 837 has room for, or one cannot stand there.
    """
    _Codes(loop, Claim(), Claim(), delimiters).put(CONDITIONS, codes, CONDITION)


class _Codes:
    def __init__(self, loop: Loop, before: Claim, after: Claim, delimiters: Delimiters) -> None:
        self.loop, self.before, self.after, self.delimiters = loop, before, after, delimiters
        # Of an institutional claim a principal diagnosis may become another one.
        self._known = {_code(parts): parts for segment in loop.of(b"HI") for parts in self._split(segment)}

    def put(self, kind: List, codes: Sequence[str], longest: int = DIAGNOSIS) -> None:
        """Writes one list where it is not as it was."""
        names = {*kind.qualifiers, *(kind.first or ())}
        segments = [each for each in self.loop.of(b"HI") if any(parts[0].strip() in names
                                                                for parts in self._split(each))]
        old = [parts for segment in segments for parts in self._split(segment)]
        if any(parts[0].strip() not in names for parts in old):
            raise Refused(f"the claim's {kind.name} stand in one HI with other codes; correct them where the claim is "
                          "made")
        if len(codes) > kind.most and len(codes) >= len(old):
            raise Refused(f"the claim's {kind.name} are more than the {kind.most} that an 837 has room for")
        style = int(bool(old) and len(old[0][0].strip()) == 2)                     # as the file has them
        left = list(old)
        new = [self._element(kind, code, style, place == 0, left, longest) for place, code in enumerate(codes)]
        if new == [self.delimiters.component.join(parts) for parts in old]:
            return
        for start in range(0, max(len(new), 1), IN_SEGMENT):
            fresh = [b"HI", *new[start:start + IN_SEGMENT]]
            place = start // IN_SEGMENT
            if place < len(segments) and len(fresh) > 1:
                segments[place][:] = fresh
            elif len(fresh) > 1:
                self.loop.insert(fresh)
        self.loop.remove(segments[-(-len(new) // IN_SEGMENT):])

    def _element(self, kind: List, code: str, style: int, is_first: bool, left: list[Segment], longest: int) -> bytes:
        qualifier = (kind.first if kind.first and is_first else kind.qualifiers)[style]
        found = next((parts for parts in left if _code(parts) == code), None)
        if found is not None:
            left.remove(found)
        parts = list(found or self._known.get(code) or [qualifier])
        if parts[0].strip() != qualifier:
            parts[0] = qualifier
        if len(parts) == 1 or (b"." in parts[1] and code not in self.after.dotted):
            put(parts, 1, self.delimiters.value(code, f"the claim's {kind.name}", longest))
        told = self.after.present_on_admission.get(code)
        if kind.name != CONDITIONS.name and (found is None or told != self.before.present_on_admission.get(code)):
            allowed = kind in (PRINCIPAL, OTHER, EXTERNAL)
            put(parts, PRESENT - 1, (told or "").encode() if allowed else b"")
        return self.delimiters.component.join(parts)

    def _split(self, segment: Segment) -> list[Segment]:
        return [each.split(self.delimiters.component) for each in segment[1:] if each.strip()]


def _code(parts: Segment) -> str:
    """The code of an element as a claim of the model has it."""
    return parts[1].decode("ascii", "replace").replace(".", "").strip().upper() if len(parts) > 1 else ""
