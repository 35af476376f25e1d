"""Made-up institutional claims for both editors, the same for the same seed.

Each theme draws what one kind of edit turns on, on both sides of every border: dates, ages, sexes, units, modifiers,
revenue codes. `visits` and `stays` mix all of it on claims as hospitals send them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import TypeVar

from editors.codes import DAY, FIRST, LAST, Known
from scrubber import Claim, Line
from scrubber.model.claim import Patient, Provider, ValueCode

HOSPITAL = ("131",) * 8 + ("851",) * 5 + ("141", "141", "121", "711", "221")
# Departments that any procedure may stand under without an edit of its own.
REVENUE = ("0360", "0450", "0500", "0510", "0761")
PROFESSIONAL = ("0960", "0975", "0983", "0989")
ORDINARY = ("J189", "E119", "M1711", "R079", "N390", "I10", "K5730", "S52501A", "Z1211", "C61")
BILLING = Provider(role="billing", entity="organization", npi="1467000026", tax_id="582345671", taxonomy="282N00000X")
ATTENDING = Provider(role="attending", entity="person", npi="1234567893", taxonomy="207R00000X")
BILATERAL = ("50", "RT", "LT", "")
PER_CLAIM = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """A claim and the theme that made it."""

    theme: str
    claim: Claim


def outpatient(known: Known, seed: int, share: float = 1.0, pairs: Sequence[Sequence[object]] = ()) -> list[Made]:
    """Claims of outpatient departments; `share` is that of all codes."""
    return _numbered(Random(seed), "O", {
        "procedures": lambda random: procedures(known, random, share),
        "modifiers": lambda random: modifiers(known, random, share),
        "pairs": lambda random: bundled(known, random, pairs),
        "sides": lambda random: sides(known, random, share),
        "revenue codes": lambda random: revenues(known, random, share),
        "diagnoses": lambda random: diagnoses(known, random, share),
        "ages": lambda random: ages(known, random, share),
        "visits": lambda random: visits(known, random, share, pairs),
    })


def inpatient(known: Known, seed: int, share: float = 1.0) -> list[Made]:
    """Claims of hospital stays."""
    return _numbered(Random(seed), "I", {
        "principal": lambda random: principals(known, random, share),
        "secondary": lambda random: secondaries(known, random, share),
        "ages and sexes": lambda random: ages_of_stays(known, random, share),
        "stays": lambda random: stays(known, random, share),
    })


def procedures(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Every code on the days around its own borders and a day between, some that never were."""
    days: dict[dt.date, list[str]] = {}
    for code, edges in _some(known.procedures.items(), random, share):
        for day in {*random.sample(edges, min(2, len(edges))), _any_day(random)}:
            days.setdefault(day, []).append(code)
    for code in ("99999", "ABCDE", "J0000", "9921", "99 13", "0000T", "Z9999", "1234F", "Q9999X"):
        days.setdefault(_any_day(random), []).append(code)
    for day, codes in sorted(days.items()):
        for some in _pieces(codes, random):
            yield _visit(random, day, [_line(random, day, code) for code in some])


def modifiers(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Every modifier around its borders, every other pair of characters once, two that may not stand together."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for modifier, edges in _some(known.modifiers.items(), random, share):
        for day in {*edges, _any_day(random)}:
            yield _visit(random, day, [_line(random, day, "20610", modifier)])
    unknown = [one + two for one, two in product(letters, letters) if one + two not in known.modifiers]
    for some in _pieces(_some(unknown, random, share), random):
        day = _any_day(random)
        yield _visit(random, day, [_line(random, day, "20610", each) for each in some])
    for pair in known.outpatient.get("map_modifier_conflict", {}):
        day = _any_day(random)
        yield _visit(random, day, [_line(random, day, "70450", *pair.split("|"))])
    for letter in letters[::5]:
        day = _any_day(random)
        yield _visit(random, day, [_line(random, day, "20610", letter)])
        yield _visit(random, day, [_line(random, day, "A0428", letter + "H", revenue="0540")])


def bundled(known: Known, random: Random, pairs: Sequence[Sequence[object]]) -> Iterator[Claim]:
    """Pairs of either table in either order, with and without what sets them apart, on one day and on two."""
    theirs = [(str(one), str(two), known.edges(int(str(low)), int(str(high))))
              for one, two, low, high, _ in pairs]
    ours = known.pairs(random, len(theirs) or 1000)
    lifting = ("59", "XE", "XS", "XP", "XU", "25", "27", "24", "57", "58", "78", "79", "91", "LT", "RT", "E1", "F5",
               "TA", "LC", "LM", "RI")
    for one, two, edges in theirs + ours:
        day = random.choice([*edges, _any_day(random)])
        kind = random.random()
        first, second = random.choice((("", ""), ("", ""), ("", random.choice(lifting)), (random.choice(lifting), ""),
                                       (random.choice(lifting), random.choice(lifting)), ("", "76"), ("GP", "GP"),
                                       ("RT", "LT"), ("LT", "LT")))
        other = min(day + DAY, LAST) if kind < 0.1 else day
        lines = [_line(random, day, one, first), _line(random, other, two, second)]
        if kind > 0.9:
            lines = [_line(random, day, one, first, revenue=random.choice(PROFESSIONAL)), lines[1]]
        random.shuffle(lines)
        yield _visit(random, day, lines, tob="851" if kind > 0.9 else None)


def sides(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Procedures that can be done on both sides, or always are: 50, RT and LT, one unit and more, lines and days."""
    held = known.outpatient.get("data_hcpcs", {})
    chosen = [code for code, rows in held.items() if any(row[5] or row[6] or row[7] for row in rows)]
    for code in _some(sorted(chosen), random, share):
        day = _any_day(random)
        lines = [_line(random, day, code, random.choice((*BILATERAL, "76", "77")), units=random.choice((1, 1, 2, 3)))]
        if random.random() < 0.5:
            lines.append(_line(random, random.choice((day, day, min(day + DAY, LAST))), code,
                               random.choice((*BILATERAL, "76"))))
        yield _visit(random, day, lines)


def revenues(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Every revenue code, and numbers that are none, with a procedure code and without."""
    drawn = [(code, day) for code, edges in known.revenues.items() for day in {*edges, _any_day(random)}]
    drawn += [(f"{random.randrange(10_000):04}", _any_day(random)) for _ in range(600)]
    days: dict[dt.date, list[str]] = {}
    for code, day in _some(drawn, random, share):
        days.setdefault(day.replace(day=1), []).append(code)
    for day, codes in sorted(days.items()):
        for some in _pieces(codes, random):
            yield _visit(random, max(day, FIRST), [
                _line(random, max(day, FIRST), random.choice((None, None, "36415")), revenue=code) for code in some])


def diagnoses(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Diagnoses around their borders in first and later place: headings, slips, external causes, manifestations."""
    for code, edges in _some(known.diagnoses.items(), random, share / 4):
        day = random.choice([*edges, _any_day(random)])
        others = random.sample(ORDINARY, 2)
        yield _visit(random, day, [_line(random, day, "36415", revenue="0300")],
                     dx=random.choice(((code,), (code, *others), (others[0], code))))
    for flag, codes in known.flagged.items():
        for code in _some(codes, random, share / (1 if flag in ("manifestation", "wrngproc") else 8)):
            day = _any_day(random)
            yield _visit(random, day, [_line(random, day, "36415", revenue="0300")],
                         dx=random.choice(((code,), (code, "I10"), ("I10", code))))
    for code in _some(sorted(known.diagnoses), random, share / 40):
        slip = random.choice((code[:-1], code + "A", code + "X", code[:3], code[:-1] + random.choice("0123456789XQ")))
        day = _any_day(random)
        yield _visit(random, day, [_line(random, day, "36415", revenue="0300")], dx=("I10", slip))


def ages(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Procedures and diagnoses for an age, at the birthdays that bound them; ages that nobody has."""
    held = known.outpatient
    limited = [("code", code, low, high) for code, rows in held.get("data_hcpcs", {}).items()
               for _, _, low, high, *_ in rows[-1:] if (low, high) != (0, 124)]
    limited += [("dx", code, low, high) for code, rows in held.get("data_dx10", {}).items()
                for _, _, low, high, *_ in rows[-1:] if (low, high) != (0, 124)]
    for kind, code, low, high in _some(sorted(limited), random, share):
        for birthday in _some([int(low), int(high) + 1], random, 0.75):
            day = _any_day(random)
            birth = _birthday(day, birthday) + random.choice((0, 1)) * DAY
            line = _line(random, day, code) if kind == "code" else _line(random, day, "36415", revenue="0300")
            yield _visit(random, day, [line], birth=min(birth, day), dx=("I10", code) if kind == "dx" else ("I10",))
    old = dt.date(1950, 1, 1)
    for birth, sex in ((dt.date(1890, 1, 1), "F"), (None, "M"), (old, "X"), (old, None)):
        day = _any_day(random)
        yield _visit(random, day, [_line(random, day, "36415", revenue="0300")], birth=birth, sex=sex)


def visits(known: Known, random: Random, share: float, pairs: Sequence[Sequence[object]]) -> Iterator[Claim]:
    """Visits and courses of several days with what hospitals bill together, here and there with a fault."""
    common = ("36415", "80053", "85025", "80061", "71046", "93005", "96372", "96374", "96361", "J1885", "J2405",
              "Q9967", "99283", "99284", "G0463", "99213", "97110", "97140", "20610", "45385", "45380", "45378",
              "11042", "97597", "77067", "77063", "70450", "74177", "93017", "90471", "90686", "G0378", "64483",
              "66984", "29881", "29877")
    faults = ("99201", "G2012", "J9999", "27447", "ABCDE", "0001A", "C9803", "99441", "U0005", "90472")
    procedures, mods = sorted(known.procedures), sorted(known.modifiers)
    for _ in range(int(1500 * share)):
        day = _any_day(random)
        last = min(day + random.choice((0, 0, 0, 1, 2, 20)) * DAY, LAST)
        lines = []
        for _ in range(random.randint(1, 12)):
            chance = random.random()
            code = random.choice(faults if chance < 0.05 else procedures if chance < 0.1 else common)
            given = random.choice(("", "", "", "", "59", "25", "GP", "RT", "LT", "50", "76", "XU", random.choice(mods)))
            lines.append(_line(random, day + random.randint(0, (last - day).days) * DAY,
                               None if random.random() < 0.08 else code, given, units=random.choice((1, 1, 1, 2, 4)),
                               revenue=random.choice((*REVENUE, "0250", "0270", "0300", "0636", "0710", "0320"))))
        if pairs and random.random() < 0.2:
            one, two = random.choice(pairs)[:2]
            lines += [_line(random, day, str(one)), _line(random, day, str(two))]
        dx = random.sample(ORDINARY, random.randint(1, 4))
        if random.random() < 0.1:
            dx.insert(random.choice((0, 1)), random.choice(sorted(known.diagnoses)))
        yield _visit(random, day, lines, dx=tuple(dx), last=last, birth=_birthday(day, random.randint(0, 100)),
                     sex=random.choice("MF"))


def principals(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Every diagnosis as principal one around its borders; what leaves the side open, and what needs a second."""
    for code, edges in _some(known.diagnoses.items(), random, share):
        for day in {random.choice([*edges, _any_day(random)])}:
            yield _stay(random, day, (code,) if random.random() < 0.5 else (code, "I10"))
    for flag, codes in known.flagged.items():
        for code in _some(codes, random, share / (1 if flag in ("manifestation", "reqsdx", "wrngproc") else 4)):
            yield _stay(random, _any_day(random), (code, *random.choice(((), ("I10",), (code,)))))


def secondaries(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Diagnoses in later places, repeated ones, as admitting diagnosis and as external cause."""
    codes = sorted(known.diagnoses)
    for _ in range(int(6000 * share)):
        day = _any_day(random)
        some = random.sample(codes, random.randint(1, 8)) + random.sample(ORDINARY, 2)
        random.shuffle(some)
        if random.random() < 0.2:
            some.append(some[random.choice((0, 0, 1))])
        yield _stay(random, day, ("J189", *some), admitting=random.choice((None, "R079", random.choice(codes), "ZZZ")),
                    causes=random.choice(((), ("W19XXXA",), ("W19XXXA", "Y92009"))))


def ages_of_stays(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Diagnoses of an age group at the birthdays that bound it; of a sex with either."""
    for group in ("newborn", "pediatric", "maternity", "adult"):
        for code in _some(known.flagged[group], random, share):
            for years in random.sample((0, 1, 8, 9, 11, 12, 13, 14, 15, 17, 18, 55, 56, 64, 65, 124), 4):
                day = _any_day(random)
                birth = _birthday(day, years) + random.choice((0, 1)) * DAY
                yield _stay(random, day, ("I10", code), birth=min(birth, day))
    for years in (123, 124, 125, 126):
        for _ in range(5):
            day = _any_day(random)
            yield _stay(random, day, ("I10", "J189"), birth=_birthday(day, years))
    for sex in ("male", "female"):
        for code in _some(known.flagged[sex], random, share):
            yield _stay(random, _any_day(random), ("I10", code), sex=random.choice("MFU"))


def stays(known: Known, random: Random, share: float) -> Iterator[Claim]:
    """Stays with several diagnoses of all kinds, of patients of any age and sex, over borders of the code set."""
    codes = sorted(known.diagnoses)
    odd = [code for flag in known.flagged.values() for code in flag]
    for _ in range(int(6000 * share)):
        day = random.choice((_any_day(random), _any_day(random).replace(month=10, day=1)))
        some = [random.choice(random.choice((ORDINARY, codes, odd))) for _ in range(random.randint(1, 9))]
        yield _stay(random, min(day, LAST), tuple(some), birth=_birthday(min(day, LAST), random.randint(0, 110)),
                    sex=random.choice("MFU"), days=random.choice((1, 3, 7, 40)),
                    status=random.choice(("01", "01", "03", "20", "30", "08", "99")))


def _numbered(random: Random, letter: str, themes: dict[str, Callable[[Random], Iterator[Claim]]]) -> list[Made]:
    """Claims of the themes, each theme with random numbers of its own, each claim with a number and a patient."""
    made = []
    for theme, make in themes.items():
        for claim in make(Random(random.random())):
            name = f"{letter}{len(made) + 1}"
            patient = claim.patient.model_copy(update={"key": name})
            made.append(Made(theme, claim.model_copy(update={"id": name, "patient": patient})))
    return made


def _visit(random: Random, day: dt.date, lines: Sequence[Line], *, dx: tuple[str, ...] = ("I10",),
           tob: str | None = None, last: dt.date | None = None, birth: dt.date | None = dt.date(1952, 3, 4),
           sex: str | None = "F") -> Claim:
    last = last or max([day, *(line.date for line in lines)])
    return Claim(kind="institutional", payer="medicare", billing=BILLING, providers=(ATTENDING,),
                 tob=tob or random.choice(HOSPITAL), diagnoses=dx, patient=Patient(birth=birth, sex=sex),
                 statement_from=day, statement_thru=last, patient_status="01", lines=tuple(lines))


def _stay(random: Random, discharge: dt.date, dx: tuple[str, ...], *, birth: dt.date = dt.date(1952, 3, 4),
          sex: str = "F", admitting: str | None = None, causes: tuple[str, ...] = (), days: int = 3,
          status: str = "01") -> Claim:
    admit = max(discharge - days * DAY, birth, FIRST)
    return Claim(kind="institutional", payer="medicare", billing=BILLING, providers=(ATTENDING,), tob="111",
                 diagnoses=dx, admitting=admitting,
                 external_causes=causes, patient=Patient(birth=birth, sex=sex), admit=admit, discharge=discharge,
                 statement_from=admit, statement_thru=discharge, patient_status=status, admission_type="1",
                 admission_source="1", value_codes=(ValueCode(code="80", amount=max(1, (discharge - admit).days)),),
                 lines=(Line(revenue="0120", units=days, charge=1000, date=admit),))


def _line(random: Random, day: dt.date, code: str | None, *modifiers: str, units: int = 1,
          revenue: str | None = None) -> Line:
    return Line(code=code, modifiers=tuple(each for each in modifiers if each), units=units, charge=100, date=day,
                revenue=revenue or random.choice(REVENUE))


def _birthday(day: dt.date, years: int) -> dt.date:
    """Birth date of somebody who becomes so old on the day."""
    year = day.year - years
    return dt.date(year, 3, 1) if (day.month, day.day) == (2, 29) and year % 4 else day.replace(year=year)


def _any_day(random: Random) -> dt.date:
    return FIRST + random.randint(0, (LAST - FIRST).days) * DAY


def _some(items: Iterable[T], random: Random, share: float) -> list[T]:
    held = list(items)
    return held if share >= 1 else [each for each in held if random.random() < share]


def _pieces(codes: Sequence[str], random: Random) -> Iterator[list[str]]:
    """Codes in shuffled pieces of at most PER_CLAIM."""
    shuffled = list(codes)
    random.shuffle(shuffled)
    for start in range(0, len(shuffled), PER_CLAIM):
        yield shuffled[start:start + PER_CLAIM]
