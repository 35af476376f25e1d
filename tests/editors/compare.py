"""Holds what the editors say of claims against our flags, place by place."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from editors import differences
from editors.codes import Known
from editors.generate import Made
from editors.mapping import INPATIENT, OUTPATIENT, Subject
from editors.outpatient import Edits
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag

Place = int | str


@dataclass(slots=True)
class Tally:
    """How often both, only we and only they answered one question, by the class that explains it.

    Attributes:
        unexplained: What stands in no class, as text without anything of the patient.
    """

    both: int = 0
    ours: Counter[str] = field(default_factory=Counter)
    theirs: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


Result = dict[str, Tally]


def outpatient(made: Sequence[Made], flags: Iterable[Flag], edits: Sequence[Edits], known: Known) -> Result:
    """By subject: places that the outpatient editor and we flag."""
    result: Result = {subject.name: Tally() for subject in OUTPATIENT}
    by_claim = _by_claim(flags)
    for number, (one, given) in enumerate(zip(made, edits, strict=True)):
        for subject in OUTPATIENT:
            answers = _answers(subject, by_claim[number])
            ours = {place for place, those in answers.items() if any(_flagged(subject, flag) for flag in those)}
            theirs = _edited(subject, one.claim, given)
            tally = result[subject.name]
            tally.both += len(ours & theirs)
            for place in sorted(ours ^ theirs, key=str):
                seen = differences.Seen(one.claim, given, subject, place, answers.get(place, []), known)
                side = "ours" if place in ours else "theirs"
                text = f"{one.theme}: {_shown(one.claim, place, given)}"
                _sort(tally, side, differences.of_outpatient(seen, side), text)
    return result


def inpatient(made: Sequence[Made], flags: Iterable[Flag], edits: Sequence[Counter[str]]) -> Result:
    """By subject: how often the inpatient editor, which only counts, and we flag a claim."""
    result: Result = {subject.name: Tally() for subject in INPATIENT}
    by_claim = _by_claim(flags)
    for number, (one, given) in enumerate(zip(made, edits, strict=True)):
        for subject in INPATIENT:
            answers = [flag for those in _answers(subject, by_claim[number]).values() for flag in those]
            excused = [differences.of_flag(one.claim, subject, flag, by_claim[number]) for flag in answers
                       if _flagged(subject, flag) and _is_asked(subject, one.claim, flag)]
            tally = result[subject.name]
            tally.ours.update(name for name in excused if name)
            ours = sum(name is None for name in excused)
            theirs = sum(given[str(edit)] for edit in subject.edits)
            tally.both += min(ours, theirs)
            side = "ours" if ours > theirs else "theirs"
            for _ in range(abs(ours - theirs)):
                _sort(tally, side, differences.of_stay(one.claim, subject, side, answers),
                      f"{one.theme}: {_shown_stay(one.claim)}, ours {ours}, theirs {theirs}")
    return result


def _sort(tally: Tally, side: str, name: str | None, text: str) -> None:
    counted = tally.ours if side == "ours" else tally.theirs
    counted[name or "unexplained"] += 1
    if name is None:
        tally.unexplained.append(f"only {side}: {text}")


def _by_claim(flags: Iterable[Flag]) -> dict[int, list[Flag]]:
    found: dict[int, list[Flag]] = defaultdict(list)
    for flag in flags:
        found[flag.claim_position - 1].append(flag)
    return found


def _answers(subject: Subject, flags: Sequence[Flag]) -> dict[Place, list[Flag]]:
    """Answers of the subject's rules by place, also those that were bypassed or not evaluated."""
    found: dict[Place, list[Flag]] = defaultdict(list)
    for flag in flags:
        if flag.rule in subject.rules:
            for place in _places(subject, flag):
                found[place].append(flag)
    return found


def _places(subject: Subject, flag: Flag) -> list[Place]:
    if subject.place == "line":
        return [] if flag.line is None else [flag.line]
    return list(flag.diagnoses) if subject.place == "diagnosis" else [0]


def _flagged(subject: Subject, flag: Flag) -> bool:
    cases = subject.rules[flag.rule]
    return flag.status == "flagged" and (not cases or flag.case in cases)


def _is_asked(subject: Subject, claim: Claim, flag: Flag) -> bool:
    """Whether a flag of the subject's rules is about the diagnoses that the subject is about."""
    if subject.name not in ("diagnosis not valid", "admitting diagnosis"):
        return True
    admitting = claim.admitting is not None and flag.diagnoses == (claim.admitting,)
    if admitting and claim.admitting in claim.diagnoses:
        return True
    return admitting == (subject.name == "admitting diagnosis")


def _edited(subject: Subject, claim: Claim, given: Edits) -> set[Place]:
    if subject.place == "line":
        return {number for number, edits in enumerate(given.lines, 1) if edits & subject.edits}
    if subject.place == "diagnosis":
        codes = (*claim.diagnoses, *claim.external_causes)
        return {code for code, edits in zip(codes, given.diagnoses, strict=False) if edits & subject.edits}
    return {0} if given.all & subject.edits else set()


def _shown(claim: Claim, place: Place, given: Edits) -> str:
    """What somebody needs to look at it."""
    lines = [f"{number} {line.code}{''.join(f'-{each}' for each in line.modifiers)} {line.revenue} x{line.units} "
             f"{line.date} {sorted(edits)}"
             for number, (line, edits) in enumerate(zip(claim.lines, given.lines, strict=False), 1)]
    return f"{claim.tob} place {place}, {claim.diagnoses}, edits {sorted(given.all)}, lines {'; '.join(lines)}"


def _shown_stay(claim: Claim) -> str:
    return f"{claim.id} {claim.admit} to {claim.discharge}, {claim.diagnoses}, admitting {claim.admitting}, " \
           f"causes {claim.external_causes}"
