"""Made-up 837P batches that look like those of a billing office, for measuring. Nothing in them is a person's.

Encounters of 25 kinds of practices (`encounters.py`) become claims: about 870 bytes, 35 segments and 3 lines
each, dependants, other payers with their decisions, several claims a patient, several billing providers and ST sets.
The kind `clean` is in order but for one claim in ten; of `flagged` nine in ten carry one to three mistakes
(`slips.py`). The same arguments give the same bytes.

    python bench/generate.py 10000 > claims.837
    python bench/generate.py 10000 --kind flagged --lines 12 --days 1 > claims.837
    python bench/describe.py claims.837
"""

import argparse
import datetime as dt
import random
import sys
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from encounters import PRACTICES, RECIPES, Recipe
from rendering import Template, day_texts, draft, template, values_of
from slips import SLIPS, SMALL

Kind = Literal["correct", "clean", "flagged"]
FIRST, DAYS = dt.date(2024, 7, 1), 90
# Share of claims with a mistake, and how many claims one ST set holds at most.
MISTAKEN = {"correct": 0.0, "clean": 0.11, "flagged": 0.95}
LARGEST_SET = 1000
# Variants that are made of one encounter for one class of payers, in order and with mistakes.
VARIANTS = 64

# Name, filing code and id of payers, by class.
PAYERS = {
    "M": (("SAMPLE MEDICARE PART B", "MB", "SMPMCR"),),
    "A": (("SAMPLE ADVANTAGE", "16", "SMPADV1"), ("SAMPLE SENIOR PLAN", "16", "SMPADV2")),
    "D": (("SAMPLE STATE MEDICAID PROGRAM", "MC", "SMPMCD"),),
    "C": (("SAMPLE HEALTH PLAN OF THE STATE", "CI", "SMPCOM1"), ("SAMPLE BLUE PLAN OF THE STATE", "BL", "SMPCOM2"),
          ("SAMPLE HMO", "HM", "SMPCOM3"), ("SAMPLE MUTUAL", "CI", "SMPCOM4"), ("SAMPLE EMPLOYERS", "CI", "SMPCOM5")),
}
SHARES = {"M": 26, "A": 14, "D": 18, "C": 42}
CITIES = ("SPRINGFIELD*IL*627010001", "COLUMBUS*OH*432150001", "AUSTIN*TX*787010001", "SALEM*OR*973010001",
          "DOVER*DE*199010001")
PLANTS = ("ASPEN", "BIRCH", "CEDAR", "DOGWOOD", "ELDER", "FIR", "GINKGO", "HAZEL", "IVY", "JUNIPER", "LARCH", "MAPLE")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Letters that Medicare's numbers use.
MEDICARE_LETTERS = "ACDEFGHJKMNPQRTUVWXY"

# What may follow on an encounter: how often, which encounter, after how many days, how many times.
FOLLOWING: dict[str, tuple[tuple[float, str, tuple[int, int], int], ...]] = {
    "visit for chronic disease": ((0.25, "tests of a reference laboratory", (0, 0), 1),
                                  (0.18, "visit for chronic disease", (21, 45), 2),
                                  (0.06, "film of the chest, read", (1, 6), 1)),
    "acute visit": ((0.15, "acute visit", (10, 30), 1), (0.12, "image of the belly, read", (1, 3), 1)),
    "emergency visit": ((0.4, "image of the head, read", (0, 0), 1), (0.15, "hospital stay", (1, 1), 1)),
    "colonoscopy": ((0.7, "tissue", (0, 0), 1), (0.5, "anaesthesia for the gut", (0, 0), 1)),
    "knee replacement": ((0.6, "anaesthesia for a joint", (0, 0), 1),),
    "cataract": ((0.6, "anaesthesia for an eye", (0, 0), 1),),
    "psychotherapy": ((0.75, "psychotherapy", (7, 7), 4),),
    "therapy": ((0.7, "therapy", (3, 3), 4),),
    "spinal manipulation": ((0.7, "spinal manipulation", (4, 4), 3),),
    "sick child": ((0.15, "sick child", (12, 30), 1),),
    "heart visit": ((0.3, "one test of a reference laboratory", (1, 5), 1),),
}


@dataclass(frozen=True)
class Patient:
    """One made-up patient, with what the loops of the subscriber and the patient say."""

    payers: str
    payer: tuple[str, str, str]
    age: int
    sex: str
    subscriber: str
    dependent: str
    member: str


@dataclass(frozen=True)
class Group:
    """One made-up billing provider."""

    number: int
    practice: str
    segments: str
    names: tuple[str, ...]


def npi(serial: int) -> str:
    """A made-up NPI with a right check digit."""
    body = f"1999{serial:05d}"
    total = 24
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


class Batch:
    """Draws the claims of one batch.

    Args:
        seed: The same seed gives the same batch.
        kind: Mostly in order, or mostly with mistakes.
        lines: That many lines in every claim; None: as life has it.
        first, days: Days of service.
    """

    def __init__(self, seed: int, kind: Kind, lines: int | None, first: dt.date, days: int) -> None:
        self._seed, self._kind, self._lines, self._days = seed, kind, lines, days
        self._random = random.Random(seed)
        self._first = first
        self._texts = day_texts(first, days)
        self._templates: dict[tuple[int, str, bool], list[Template | None]] = {}
        self._recipes = [recipe for recipe in RECIPES if _suits(recipe, lines, days)]
        self._numbers = {id(recipe): number for number, recipe in enumerate(self._recipes)}
        self._limits = list(accumulate(recipe.share for recipe in self._recipes))
        self._groups = _groups()
        self._patients = self._claims = 0

    def sets(self, claims: int) -> Iterator[str]:
        """The ST sets, each as pieces of text that hold whole segments."""
        size = min(LARGEST_SET, max(1, -(-claims // 3)))
        carried: list[tuple[Patient, Recipe, int]] = []
        number = 0
        while self._claims < claims:
            number += 1
            yield from self._set(number, min(size, claims - self._claims), carried)

    def _set(self, number: int, claims: int, carried: list[tuple[Patient, Recipe, int]]) -> Iterator[str]:
        wanted = carried[:claims]
        del carried[:claims]
        later: list[tuple[Patient, Recipe, int]] = []
        while len(wanted) < claims:
            course = self._course()
            if len(course) > 1 and self._random.random() < 0.2:
                later.append(course.pop())
            room = claims - len(wanted)
            wanted += course[:room]
            carried += course[room:]
        carried += later
        by_group: dict[int, list[tuple[Patient, Recipe, int]]] = {}
        for each in wanted:
            groups = self._groups[each[1].practice]
            # A patient goes to one practice of each kind.
            by_group.setdefault(groups[sum(each[0].member.encode()) % len(groups)].number, []).append(each)
        yield (f"ST*837*{number:04d}*005010X222A1~\nBHT*0019*00*B{number:06d}*{self._sent()}*1200*CH~\n"
               "NM1*41*2*SAMPLE BILLING*****46*SAMPLESUB~\nPER*IC*SAMPLE DESK*TE*5555550100~\n"
               "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*SAMPLERCV~\n")
        segments, level = 5, 0
        for place in sorted(by_group):
            group = next(group for groups in self._groups.values() for group in groups if group.number == place)
            level += 1
            billing = level
            yield f"HL*{level}**20*1~\n{group.segments}"
            segments += 1 + group.segments.count("~")
            for text, count, levels in self._patients_of(group, by_group[place], level, billing):
                segments += count
                level += levels
                yield text
        yield f"SE*{segments + 1}*{number:04d}~\n"

    def _sent(self) -> str:
        return f"{self._first + dt.timedelta(self._days + 15):%Y%m%d}"

    def _patients_of(self, group: Group, wanted: list[tuple[Patient, Recipe, int]], level: int,
                     billing: int) -> Iterator[tuple[str, int, int]]:
        """Loops of one patient each: text, number of segments, levels used."""
        previous: tuple[Patient | None, str] = None, ""
        text, count, levels = "", 0, 0
        for patient, recipe, day in wanted:
            mistaken = self._random.random() < MISTAKEN[self._kind]
            made = self._template(recipe, patient.payers, mistaken)
            if previous != (patient, made.order):
                if text:
                    yield text, count, levels
                subscriber = level + 1
                levels = 2 if patient.dependent else 1
                level += levels
                text = _subscriber(patient, subscriber, billing, made.order)
                count = text.count("~")
                previous = patient, made.order
            self._claims += 1
            number = self._claims
            one = int(self._random.random() * 4)
            other = PAYERS["M" if patient.payers == "D" else "C"][-1]
            values = [f"SB24{number:08d}", group.names[one], group.names[(one + 1) % 4], group.names[4 + one],
                      "REFERRER" + LETTERS[one], group.names[8], f"A{number:09d}", patient.payer[2], other[2], other[0],
                      f"1EG4TE5MK{number % 90 + 10}" if other[1] == "MB" else f"X{number:08d}",
                      "DOCTOR" + LETTERS[group.number % 26], PLANTS[one], f"L{group.number:05d}"]
            text += made.fill(values_of(self._texts, min(day, self._days - 1 - min(made.span, self._days - 1)), values))
            count += made.segments
        if text:
            yield text, count, levels

    def _course(self) -> list[tuple[Patient, Recipe, int]]:
        """Encounters of a new patient, with their days."""
        chance = self._random.random
        recipe = self._recipes[bisect(self._limits, chance() * self._limits[-1])]
        patient = self._patient(recipe)
        day = int(chance() * self._days)
        course = [(patient, recipe, day)]
        for often, name, (low, high), most in FOLLOWING.get(recipe.name, ()):
            at = day
            for _ in range(most):
                at += low + int(chance() * (high - low + 1))
                following = next((each for each in self._recipes if each.name == name
                                  and (name != recipe.name or each is recipe)), None)
                if at >= self._days or chance() >= often or following is None \
                        or patient.payers not in following.payers or following.sex not in ("", patient.sex) \
                        or not following.ages[0] <= patient.age <= following.ages[1]:
                    break
                course.append((patient, following, at))
        return course

    def _patient(self, recipe: Recipe) -> Patient:
        chance = self._random.random
        self._patients += 1
        number = self._patients
        low, high = recipe.ages
        fitting = [each for each in recipe.payers if (high >= 66 if each in "MA" else low <= 64)]
        limits = list(accumulate(SHARES[each] for each in fitting))
        payers = fitting[bisect(limits, chance() * limits[-1])]
        payer = PAYERS[payers][int(chance() * len(PAYERS[payers]))]
        low, high = (max(low, 66), high) if payers in "MA" else (low, min(high, 64))
        age = low + int(chance() * (high - low + 1))
        sex = recipe.sex or "FM"[int(chance() * 2)]
        birth = f"{self._first.year - age}{1 + number % 6:02d}{1 + number % 28:02d}"
        name = "TESTER" + "".join(LETTERS[number // 26 ** place % 26] for place in (3, 2, 1, 0))
        home = f"N3*{number % 900 + 1} SAMPLE STREET*UNIT {number % 40 + 1}~\nN4*{CITIES[number % 5]}~\n"
        member = _member(payers, number)
        demographics = f"DMG*D8*{birth}*{sex}~\n"
        child = age < 19
        own = payers != "C" or not (child or chance() < 0.4)
        group = f"G{number % 800:05d}" if payers == "C" else ""
        first = PLANTS[number % 12]
        insured = (f"NM1*IL*1*{name}*{first}*{LETTERS[number % 26]}***MI*{member}~\n"
                   + (home + demographics if own else "")
                   + f"NM1*PR*2*{payer[0]}*****PI*{payer[2]}~\nN3*9 SAMPLE PLAZA~\nN4*{CITIES[number % 3]}~\n")
        dependent = "" if own else (f"PAT*{'19' if child else '01'}~\nNM1*QC*1*{name}*{PLANTS[number % 11]}~\n{home}"
                                    f"{demographics}")
        relation = "18" if own else ""
        return Patient(payers, payer, age, sex, f"*{relation}*{group}******{payer[1]}~\n{insured}", dependent, member)

    def _template(self, recipe: Recipe, payers: str, mistaken: bool) -> Template:
        number = self._numbers[id(recipe)]
        held = self._templates.setdefault((number, payers, mistaken), [None] * VARIANTS)
        place = int(self._random.random() * VARIANTS)
        made = held[place]
        if made is None:
            chance = random.Random(f"{self._seed} {number} {payers} {mistaken} {place}")
            claim = draft(recipe, payers, chance, self._lines, self._days == 1)
            while self._lines and len(claim.lines) != self._lines:
                claim = draft(recipe, payers, chance, self._lines, self._days == 1)
            if mistaken:
                slips = SMALL if self._lines else SLIPS
                for slip in chance.sample(slips, 1 if self._kind == "clean" else chance.choice((1, 1, 2, 3))):
                    slip(claim, chance)
            made = held[place] = template(claim, chance)
        return made


def _subscriber(patient: Patient, level: int, billing: int, order: str) -> str:
    text = f"HL*{level}*{billing}*22*{int(bool(patient.dependent))}~\nSBR*{order}{patient.subscriber}"
    return text + (f"HL*{level + 1}*{level}*23*0~\n{patient.dependent}" if patient.dependent else "")


def _member(payers: str, number: int) -> str:
    if payers != "M":
        return {"A": "H", "D": "", "C": "W"}[payers] + f"9{number:09d}"
    text = ""
    for kind in reversed("NAXNAXNAANN"):
        signs = {"N": "0123456789", "A": MEDICARE_LETTERS, "X": "0123456789" + MEDICARE_LETTERS}[kind]
        number, place = divmod(number, len(signs))
        text = signs[place] + text
    return "9" + text[1:]


def _groups() -> dict[str, list[Group]]:
    """The billing providers, by kind of practice."""
    found: dict[str, list[Group]] = {}
    number = 0
    for practice, (_, taxonomy, count) in PRACTICES.items():
        for _ in range(count):
            number += 1
            segments = (f"PRV*BI*PXC*{taxonomy}~\nNM1*85*2*SAMPLE {practice.upper()} {number}*****XX*{npi(number)}~\n"
                        f"N3*{number} SAMPLE ROAD~\nN4*{CITIES[number % 5]}~\nREF*EI*9990{number:05d}~\n"
                        "PER*IC*SAMPLE OFFICE*TE*5555550199~\n")
            if number % 3 == 0:
                segments += f"NM1*87*2~\nN3*PO BOX {number}~\nN4*{CITIES[number % 5]}~\n"
            names = [npi(1000 + 10 * number + place) for place in range(9)]
            found.setdefault(practice, []).append(Group(number, practice, segments, tuple(names)))
    return found


def _suits(recipe: Recipe, lines: int | None, days: int) -> bool:
    """Whether an encounter can have that many lines and fits into the days."""
    if lines == 1:
        return recipe.alone and len(recipe.base) == 1
    if days == 1 and len(recipe.days) > 1:
        return False
    most = sum(len(text.split(";")) for text in (*recipe.base, *recipe.extra) if "~" not in text)
    return lines is None or most >= lines + 2 or (len(recipe.days) > 1 and lines % len(recipe.base) == 0)


def pieces(claims: int, seed: int = 7, first: dt.date | None = None, days: int = DAYS, kind: Kind = "clean",
           lines: int | None = None) -> Iterator[str]:
    """One interchange as pieces of text of whole segments, each with its terminator and a line feed.

    Args:
        claims: How many.
        seed: The same seed gives the same batch.
        first, days: Days of service; without a first day they lie in the middle of the third quarter of 2024.
        kind: `correct`, `clean` or `flagged`.
        lines: That many lines in every claim, 1 or 12; None: as life has it.
    """
    first = first or FIRST + dt.timedelta((DAYS - min(days, DAYS)) // 2)
    batch = Batch(seed, kind, lines, first, days)
    sent = first + dt.timedelta(days + 15)
    yield (f"ISA*00*          *00*          *ZZ*SAMPLESUB      *ZZ*SAMPLERCV      *{sent:%y%m%d}*1200*^*00501*000000001"
           f"*0*P*:~\nGS*HC*SAMPLESUB*SAMPLERCV*{sent:%Y%m%d}*1200*1*X*005010X222A1~\n")
    sets = 0
    for piece in batch.sets(claims):
        sets += piece.startswith("ST*")
        yield piece
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n"


def segments(claims: int, seed: int = 7, first: dt.date | None = None, days: int = DAYS, kind: Kind = "clean",
             lines: int | None = None) -> Iterator[str]:
    """Segments of one interchange with that many claims, without terminators."""
    for piece in pieces(claims, seed, first, days, kind, lines):
        yield from piece.replace("\n", "").split("~")[:-1]


def text(claims: int, seed: int = 7, first: dt.date | None = None, days: int = DAYS, kind: Kind = "clean",
         lines: int | None = None) -> bytes:
    """The batch as bytes, one segment a line."""
    return "".join(pieces(claims, seed, first, days, kind, lines)).encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kind", choices=tuple(MISTAKEN), default="clean")
    parser.add_argument("--lines", type=int, help="that many lines in every claim")
    parser.add_argument("--days", type=int, default=DAYS, help="days of service; 1 for a single date")
    arguments = parser.parse_args()
    for each in pieces(arguments.claims, arguments.seed, days=arguments.days, kind=arguments.kind,
                       lines=arguments.lines):
        sys.stdout.write(each)
