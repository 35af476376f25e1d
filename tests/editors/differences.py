"""Why the editors and we answer differently: every disagreement belongs to one of these classes, or is a bug.

A class names the side that answered alone, the subjects it is about (none is all of them), a test, and the reason as
docs/peers.md prints it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from editors.codes import DAY, Known
from editors.mapping import Subject
from editors.outpatient import Edits
from scrubber.model.claim import Claim, Line
from scrubber.model.flag import Flag
from scrubber.rules.codeset import CodeSet
from scrubber.rules.loader import load_catalogue
from scrubber.symbols import day_number, pack

Side = Literal["ours", "theirs"]
# A procedure paid only for inpatients is denied (18), another of the day with it (49), one beside it (45).
INPATIENT_ONLY = {18, 45, 49}
NO_CODE = ("DX-VAL-01", "DX-VAL-02", "DX-7TH-01")


@dataclass(frozen=True, slots=True)
class Seen:
    """A place on a claim where only one side answered.

    Attributes:
        answers: What our rules of the subject say there, also what was bypassed or not evaluated.
    """

    claim: Claim
    edits: Edits
    subject: Subject
    place: int | str
    answers: Sequence[Flag]
    known: Known

    @property
    def line(self) -> Line:
        return self.claim.lines[int(self.place) - 1]

    @property
    def line_edits(self) -> frozenset[int]:
        return self.edits.lines[int(self.place) - 1] if self.edits.lines else frozenset()

    @property
    def of_line(self) -> bool:
        return self.subject.place == "line"


@dataclass(frozen=True, slots=True)
class Difference:
    """A class of differences."""

    name: str
    side: Side
    why: str
    holds: Callable[[Seen], bool]
    subjects: tuple[str, ...] = ()


OUTPATIENT = (
    Difference("day of a stay", "ours",
               "A procedure that is paid only for inpatients denies its whole day (edits 18, 45, 49); the editor asks "
               "nothing more of these lines. We say what else is wrong.",
               lambda seen: seen.of_line and bool(seen.line_edits & INPATIENT_ONLY)),
    Difference("only packaged services", "ours",
               "A claim with nothing but packaged services is rejected as a whole (edit 27), and the editor stops "
               "there. We go on.", lambda seen: 27 in seen.edits.all),
    Difference("code not valid", "ours",
               "Of a diagnosis that is no code the editor asks nothing more. We also say where it stands wrong.",
               lambda seen: seen.subject.place == "diagnosis" and not _valid(seen)),
    Difference("age not valid", "ours",
               "With an age above 124 the editor looks at no age limit (edit 25 alone).",
               lambda seen: 25 in seen.edits.all, ("diagnosis of another age", "procedure of another age")),
    Difference("quarter of the first day", "ours",
               "The editor judges all lines by the quarter in which the statement begins, we each by its own date.",
               lambda seen: _crosses(seen), ("procedure code not valid", "pair of procedures",
                                             "add-on without its primary service", "modifier not valid",
                                             "code that hospitals do not bill")),
    Difference("quarter of the first day", "theirs",
               "The editor judges all lines by the quarter in which the statement begins, we each by its own date.",
               lambda seen: _crosses(seen), ("procedure code not valid", "pair of procedures", "modifier not valid",
                                             "add-on without its primary service", "procedure of another age",
                                             "code that hospitals do not bill")),
    Difference("day within a quarter", "ours",
               "The HCPCS file has the exact first and last day of a code, the editor whole quarters; what lies "
               "between it denies under other numbers (67 to 69, 83, 110, 124, 134), or pays.",
               lambda seen: _letter(seen) and seen.answers[0].case in ("not_yet", "ended"),
               ("procedure code not valid",)),
    Difference("codes that CMS never issued", "ours",
               "The editor still holds M1072 to M1105 of a radiation oncology model that never began; the HCPCS file "
               "does not.", lambda seen: "M1072" <= (seen.line.code or "") <= "M1105", ("procedure code not valid",)),
    Difference("dental codes", "theirs",
               "CDT is licensed and the HCPCS file leaves it out: of a code with D we say that we cannot tell "
               "(not evaluated).", lambda seen: (seen.line.code or "").startswith("D") and _not_evaluated(seen),
               ("procedure code not valid",)),
    Difference("age by definition", "ours",
               "Our list also has codes whose definition names an age that the editor does not limit, newborn and "
               "paediatric care, counselling at vaccinations.",
               lambda seen: _limits(seen) is None or _limits(seen) == (0, 124), ("procedure of another age",)),
    Difference("age not on our list", "theirs",
               "Our list of ages is drawn from the definitions of codes, the editor's is longer (maternity, vaccines, "
               "casts for children).", lambda seen: not seen.known.has_age(seen.line.code or ""),
               ("procedure of another age",)),
    Difference("modifiers of ambulance lines", "ours",
               "Under revenue code 0540 the editor looks at no modifier. We take the letters of places and "
               "nothing else.", lambda seen: seen.line.revenue == "0540", ("modifier not valid",)),
    Difference("modifiers of the payer", "ours",
               "Modifiers that begin with # are put on by the payer; no provider may send them.",
               lambda seen: any(each.startswith("#") for each in seen.line.modifiers), ("modifier not valid",)),
    Difference("type of bill that is not asked", "ours",
               "The editor asks for modifiers that exclude each other on other types of bill only.",
               lambda seen: (seen.claim.tob or "")[:2] in ("22", "23", "34", "73"),
               ("modifiers that exclude each other",)),
    Difference("sides by another list", "ours",
               "Which procedures have two sides we read from the fee schedule, the editor from a list of its own.",
               lambda seen: not _sided(seen), ("modifier 50 with several units",)),
    Difference("sides by another list", "theirs",
               "Which procedures have two sides we read from the fee schedule, the editor from a list of its own.",
               lambda seen: _sided(seen), ("modifier 50 with several units",)),
    Difference("no fee schedule of the day", "theirs",
               "No fee schedule at hand reaches the day, and so we say that we cannot tell (not evaluated).",
               lambda seen: _not_evaluated(seen), ("modifier 50 with several units",)),
    Difference("limits of units", "ours",
               "The editor has no medically unlikely edits; payers apply them after it.", lambda seen: True,
               ("bilateral by itself, several times",)),
    Difference("no limits of the day", "theirs",
               "Units of a code that stands for both sides already we hold against its medically unlikely edit, and "
               "the two quarters at hand do not reach the day (not evaluated).",
               lambda seen: _not_evaluated(seen), ("bilateral by itself, several times",)),
    Difference("limit of two", "theirs",
               "The same, and the limit of the code is above one, or counts lines apart.", lambda seen: True,
               ("bilateral by itself, several times",)),
    Difference("visits only", "theirs",
               "We know of visits that a hospital does not bill so; all that the outpatient payment system does not "
               "take (status B, E1) is in its addendum B, which we do not read.",
               lambda seen: not _is_visit(seen.line) or _professional(seen.line),
               ("code that hospitals do not bill",)),
    Difference("consultations", "ours",
               "Consultations and a few other visits the editor calls billed elsewhere or lets pass; a physician's "
               "visit they are all the same.", lambda seen: _is_visit(seen.line), ("code that hospitals do not bill",)),
    Difference("modifiers without a date", "theirs",
               "Modifiers of CPT stand on our list without their first day.",
               lambda seen: not any(flag.status == "flagged" for flag in seen.answers) and all(
                   each[:1].isdigit() for each in seen.line.modifiers), ("modifier not valid",)),
    Difference("added later for earlier days", "theirs",
               "The HCPCS file dates a code back to a day before the quarter in which the editor first has it.",
               lambda seen: _letter(seen), ("procedure code not valid",)),
    Difference("visits before G0463", "theirs",
               "Visits of clinics of critical access hospitals and others that bill visits are no fault to us.",
               lambda seen: (seen.claim.tob or "")[:2] not in ("11", "12", "13", "14"),
               ("code that hospitals do not bill",)),
    Difference("add-ons of infusions", "theirs",
               "The editor asks once more for the primary service of an infusion or injection, by the claim.",
               lambda seen: _is_addon_of_drug(seen), ("add-on without its primary service",)),
    Difference("add-ons of any service", "theirs",
               "On a physician's line the editor always stops an add-on whose primary services the contractor defines "
               "(edit 107), for the contractor to look at. We want a procedure beside it.",
               lambda seen: 107 in seen.line_edits, ("add-on without its primary service",)),
    Difference("physician's and hospital's lines", "theirs",
               "On bills of critical access hospitals a physician's add-on needs a physician's primary service, a "
               "hospital's a hospital's. We take either.",
               lambda seen: (seen.claim.tob or "").startswith("85") and len({_professional(line) for line
                                                                           in seen.claim.lines}) == 2,
               ("add-on without its primary service",)),
    Difference("one of several lines", "theirs",
               "Where the other procedure stands on several lines, with a modifier and without, we look at one of "
               "them; it may be that with the modifier, and then it is a review rather than a denial.",
               lambda seen: any(flag.case == "editor_lets_through" and flag.status == "flagged"
                                for flag in seen.answers), ("pair of procedures",)),
    Difference("Part B of inpatients", "theirs",
               "On bills of inpatients' Part B services (12x, 22x, 81x, 82x) the editor does not accept some more "
               "principal diagnoses.", lambda seen: (seen.claim.tob or "")[:2] in ("12", "22", "81", "82"),
               ("unacceptable principal diagnosis",)),
    Difference("primary service of the day before", "ours",
               "The editor takes a primary service of the day before for any add-on, we for those that may go past "
               "midnight.", lambda seen: _primary_before(seen), ("add-on without its primary service",)),
    Difference("add-ons that the file lacks", "theirs",
               "The add-on file does not hold C7902, mental health at a distance.",
               lambda seen: seen.line.code == "C7902", ("add-on without its primary service",)),
    Difference("list of a later quarter", "ours",
               "The outpatient editor took over some of the inpatient editor's list (body mass index) only in October "
               "2020; our list says since when the inpatient editor has it.",
               lambda seen: seen.claim.lines[0].date < dt.date(2020, 10, 1), ("unacceptable principal diagnosis",)),
    Difference("add-ons of the newest list", "ours",
               "Our list of add-ons is that of April 2026 with its dates; the editor's has fewer or other rows in "
               "earlier quarters.", lambda seen: not _addon_then(seen), ("add-on without its primary service",)),
    Difference("sex as sent", "ours",
               "The editor knows only numbers for the sex; a letter that is none of F, M and U is nothing it can be "
               "asked.", lambda seen: seen.claim.patient.sex not in ("F", "M", "U"), ("sex",)),
)



@dataclass(frozen=True, slots=True)
class Counted:
    """A class of differences from the inpatient editor, which only counts."""

    name: str
    side: Side
    why: str


STAYS = (
    Counted("code not valid", "ours",
            "Of a diagnosis that is no code the editor asks nothing more. We also say where it stands wrong."),
    Counted("external causes alone", "ours",
            "Where nothing but external causes is sent we say it of each, the editor of the principal one."),
    Counted("another diagnosis again", "ours",
            "The editor asks whether the principal diagnosis stands again, we of every diagnosis."),
    Counted("sex unknown", "theirs",
            "The standard knows U, and nobody is judged by it. The editor takes it for a fault and for the other sex "
            "of every diagnosis of one."),
    Counted("no list of statuses", "theirs",
            "The list of discharge statuses is NUBC's and licensed; without it we cannot tell (not evaluated)."),
)


def of_outpatient(seen: Seen, side: Side) -> str | None:
    """The class that a difference belongs to; None is a bug."""
    for each in OUTPATIENT:
        if each.side == side and (not each.subjects or seen.subject.name in each.subjects) and each.holds(seen):
            return each.name
    return None


def of_flag(claim: Claim, subject: Subject, flag: Flag, all_flags: Sequence[Flag]) -> str | None:
    """The class of a flag that the inpatient editor does not count."""
    if subject.name == "principal diagnosis again" and flag.diagnoses != claim.diagnoses[:1]:
        return "another diagnosis again"
    if subject.name == "external cause as principal diagnosis":
        if flag.diagnoses != claim.diagnoses[:1]:
            return "external causes alone"
        if any(other.rule in NO_CODE and other.diagnoses == flag.diagnoses and other.status == "flagged"
               for other in all_flags):
            return "code not valid"
    return None


def of_stay(claim: Claim, subject: Subject, side: str, answers: Sequence[Flag]) -> str | None:
    """The class of what is left when counts are compared."""
    if side == "theirs" and subject.name in ("sex", "diagnosis of the other sex") \
            and claim.patient.sex not in ("F", "M"):
        return "sex unknown"
    if side == "ours" and subject.name == "external cause as principal diagnosis" \
            and claim.diagnoses.count(claim.diagnoses[0]) > 1:
        return "external causes alone"
    if subject.name == "discharge status" and any(flag.status == "not_evaluated" for flag in answers):
        return "no list of statuses"
    return None


def _valid(seen: Seen) -> bool:
    codes = (*seen.claim.diagnoses, *seen.claim.external_causes)
    return not any(1 in edits for code, edits in zip(codes, seen.edits.diagnoses, strict=False) if code == seen.place)


def _crosses(seen: Seen) -> bool:
    first = seen.claim.statement_from
    assert first is not None
    return (seen.line.date.year, (seen.line.date.month - 1) // 3) != (first.year, (first.month - 1) // 3)


def _letter(seen: Seen) -> bool:
    return (seen.line.code or "")[:1].isalpha()


def _not_evaluated(seen: Seen) -> bool:
    return any(flag.status == "not_evaluated" for flag in seen.answers)


def _limits(seen: Seen) -> tuple[int, int] | None:
    row = seen.known.theirs("data_hcpcs", seen.line.code or "", seen.line.date)
    return (int(row[0]), int(row[1])) if row else None


def _sided(seen: Seen) -> bool:
    row = seen.known.theirs("data_hcpcs", seen.line.code or "", seen.line.date)
    return bool(row and (row[3] or row[4]))


def _addon_then(seen: Seen) -> bool:
    """Whether the editor has any row of the add-on on the day."""
    return any(seen.known.theirs(table, key, seen.line.date)
               is not None for table in ("map_addon_type1", "map_addon_type3")
               for key in seen.known.addons.get((table, seen.line.code or ""), ()))


def _primary_before(seen: Seen) -> bool:
    """Whether a primary service of the editor's list stands on the day before."""
    wanted = {f"{seen.line.code}|{line.code}" for line in seen.claim.lines if line.date == seen.line.date - DAY}
    return any(wanted.intersection(keys) for (_, addon), keys in seen.known.addons.items() if addon == seen.line.code)


def _is_addon_of_drug(seen: Seen) -> bool:
    return (seen.line.code or "") in ("96361", "96366", "96367", "96368", "96370", "96371", "96375", "96376", "96411",
                                      "96415", "96417", "96423")


def _professional(line: Line) -> bool:
    return "0960" <= (line.revenue or "") <= "0989"


@cache
def _sets() -> Mapping[str, CodeSet]:
    return load_catalogue().sets


def _is_visit(line: Line) -> bool:
    return _sets()["professional_em"].holds(pack(line.code or "", 5), day_number(line.date))
