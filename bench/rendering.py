"""Turns encounters into loops 2300 and 2400 of 837P: templates that are filled for each claim.

A template is made once for each variant of an encounter and filled many times: what differs from claim to claim (its
number, days, providers, payers) stands in it as `<name>`.
"""

import datetime as dt
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from encounters import LATER, PRACTICES, VISIT, Line, Recipe, read_line

# Slots of a template: what a claim is filled with, then the days around the day of service.
NAMES = ("number", "rendering", "other_rendering", "referring", "referrer", "facility", "authorization", "payer",
         "other_payer", "other_name", "other_member", "last", "first", "legacy")
DAYS_BEFORE, DAYS_AFTER = 40, 40
_SLOT = re.compile(r"<([a-z_]+|d[+-]\d+)>")
MOST_DIAGNOSES, MOST_POINTERS = 12, 4


@dataclass
class Service:
    """A line of a claim that is being made."""

    code: str
    modifiers: list[str]
    charge: int
    units: int
    dx: list[str]
    day: int = 0
    minutes: bool = False
    ndc: tuple[str, ...] = ()
    pointers: list[int] = field(default_factory=list)


@dataclass
class Draft:
    """A claim that is being made, before it is written; slips change it."""

    recipe: Recipe
    payers: str
    lines: list[Service]
    dx: list[str]
    place: str
    needs: set[str]
    total_off: int = 0
    bad_rendering: bool = False
    other: str = ""         # "" none, "named" a later payer is named, "paid" an earlier payer has paid
    paid_off: int = 0


@dataclass(frozen=True)
class Template:
    """Loops of one claim, ready to be filled.

    Attributes:
        fill: Takes the values of NAMES and the days around the day of service.
        segments: How many segments it has.
        order: Place of the payer among the payers of the patient: P or S.
        span: Days after the day of service that it uses.
    """

    fill: Callable[[list[str]], str]
    segments: int
    order: str
    span: int


def template(draft: Draft, chance: random.Random) -> Template:
    """The template of a draft."""
    segments = _claim(draft, chance)
    text = "".join(f"{segment}~\n" for segment in segments)
    parts = _SLOT.split(text)
    pattern = "%s".join(parts[::2])
    get = itemgetter(*[_place(name) for name in parts[1::2]])
    return Template(lambda values: pattern % get(values), len(segments), "S" if draft.other == "paid" else "P",
                    max(line.day for line in draft.lines))


def _place(name: str) -> int:
    if name.startswith("d") and name[1] in "+-":
        return len(NAMES) + DAYS_BEFORE + int(name[1:])
    return NAMES.index(name)


def draft(recipe: Recipe, payers: str, chance: random.Random, lines: int | None, one_day: bool) -> Draft:
    """A claim of a kind of encounter for a payer of the class given.

    Args:
        lines: Exactly that many lines; None: as many as such encounters have.
        one_day: All lines on one day.
    """
    dx = list(_primary(recipe, chance))
    services: list[Service] = []
    for line, day in _base(recipe, lines, one_day):
        services += _services(line, payers, chance, day, dx)
    wanted = lines or len(services) + _more(chance)
    for line in chance.sample(recipe.extra, len(recipe.extra)):
        if len(services) + line.count(";") < wanted:
            services += _services(line, payers, chance, 0, dx)
    some = [code for code in recipe.more if not _clashes(code, dx)]
    for code in chance.sample(some, min(len(some), chance.choices((0, 1, 2, 3, 5), (15, 25, 25, 20, 15))[0])):
        if len(dx) < MOST_DIAGNOSES and not _clashes(code, dx):
            dx.append(code)
    made = Draft(recipe, payers, services, dx, recipe.place, set(recipe.needs))
    point(made, chance)
    _apart(made)
    roll = chance.random()
    if payers in "DC" and roll < 0.26 and recipe.ages[1] > 17:
        made.other = "paid"
    elif roll > (0.55 if payers == "M" else 0.92):
        made.other = "named"
    return made


def point(draft: Draft, chance: random.Random) -> None:
    """Gives each line its pointers: to its own diagnoses, else to the first ones of the claim."""
    for line in draft.lines:
        own = [code for code in line.dx if code in draft.dx]
        if own:
            line.pointers = [draft.dx.index(code) + 1 for code in own[:MOST_POINTERS]]
        else:
            most = min(MOST_POINTERS, len(draft.dx))
            line.pointers = list(range(1, 1 + min(most, chance.choices((1, 2, 3, 4), (45, 30, 15, 10))[0])))


def _base(recipe: Recipe, lines: int | None, one_day: bool) -> list[tuple[str, int]]:
    days = recipe.days
    if one_day:
        days = (0,)
    if "stay" in recipe.needs:
        last = lines - 1 if lines else days[-1]
        return [(recipe.base[0 if not day else 2 if day == last else 1], day) for day in range(last + 1)]
    if lines and len(days) > 1:
        days = tuple(range(0, 2 * (lines // len(recipe.base)), 2))
    return [(text, day) for day in days for text in recipe.base]


def _more(chance: random.Random) -> int:
    return chance.choices((0, 1, 2, 3, 4, 5, 6, 8, 11), (10, 16, 17, 15, 13, 11, 8, 6, 4))[0]


def _services(text: str, payers: str, chance: random.Random, day: int, dx: list[str]) -> list[Service]:
    """Lines that come together, none where one of them does not fit; their diagnoses join those of the claim."""
    lines = [read_line(part) for part in text.split(";")]
    made: list[Service] = []
    joined = list(dx)
    for line in lines:
        own = _own(line, joined, chance)
        if payers not in line.payers or own is None:
            return []
        joined += [code for code in own if code not in joined]
        code, *modifiers = chance.choice(line.codes)
        made.append(Service(code, modifiers + ["!"] * line.apart, line.charge, chance.randint(*line.units), own, day,
                            line.minutes, line.ndc))
    if len(joined) > MOST_DIAGNOSES:
        return []
    dx[:] = joined
    return made


def _own(line: Line, dx: list[str], chance: random.Random) -> list[str] | None:
    """Diagnoses of a line: such as the claim has, else such as may join them; None where there are none."""
    if not line.dx:
        return []
    held = [each for each in line.dx if set(each) <= set(dx)]
    if held:
        return list(held[0])
    free = [each for each in line.dx if not any(_clashes(code, dx) for code in each if code not in dx)]
    return list(chance.choice(free)) if free and not line.fitting else None


def _primary(recipe: Recipe, chance: random.Random) -> list[str]:
    first = [each for each in recipe.first if each not in LATER]
    return chance.choice(first).split("+") if first else []


def _clashes(code: str, dx: list[str]) -> bool:
    """Codes of one category do not stand together unless an encounter says so."""
    return any(code[:3] == other[:3] for other in dx)


def _apart(draft: Draft) -> None:
    """25 on the visit where a line beside it calls for it."""
    apart = False
    for line in draft.lines:
        if "!" in line.modifiers:
            line.modifiers.remove("!")
            apart = True
    for line in draft.lines:
        if apart and VISIT.fullmatch(line.code) and "25" not in line.modifiers:
            line.modifiers.insert(0, "25")


def _claim(draft: Draft, chance: random.Random) -> list[str]:
    recipe, needs = draft.recipe, draft.needs
    total = sum(line.charge for line in draft.lines) + draft.total_off
    related = "*OA" if "accident" in needs else ""
    out = [f"CLM*<number>*{total}***{draft.place}:B:1*Y*A*Y*Y{'*' if related else ''}{related}"]
    if "onset" in needs or chance.random() < 0.08:
        out.append("DTP*431*D8*<d-9>")
        if recipe.practice == "chiropractic":
            out.append("DTP*454*D8*<d-9>")
    if "accident" in needs:
        out.append("DTP*439*D8*<d+0>")
    if "admission" in needs:
        out.append("DTP*435*D8*<d+0>")
    if "stay" in needs:
        out.append(f"DTP*096*D8*<d+{max(line.day for line in draft.lines)}>")
    if draft.payers == "C" and chance.random() < 0.4:
        out.append(f"AMT*F5*{min(total, chance.choice((10, 20, 25, 40)))}")
    if "mammography" in needs:
        out.append("REF*EW*999001")
    if draft.payers == "C" and chance.random() < 0.15:
        out.append("REF*9F*R<number>")
    if "authorization" in needs:
        out.append("REF*G1*<authorization>")
    if needs_clia(draft):
        out.append("REF*X4*99D9990001")
    if chance.random() < 0.95:
        out.append("REF*D9*99<number>")
    if chance.random() < 0.75:
        out.append("REF*EA*MR<number>")
    if chance.random() < 0.06:
        out.append("NTE*ADD*" + chance.choice(("SEEN WITH THE FAMILY", "SECOND OPINION ON REQUEST", "RECORDS ON FILE")))
    out.append("HI*" + "*".join(f"{'ABF' if place else 'ABK'}:{code}" for place, code in enumerate(draft.dx)))
    out += _providers(draft, chance, draft.place == "11" and chance.random() < 0.8)
    out += _other_payer(draft, total)
    ranges, control = chance.random() < 0.08, chance.random() < 0.9
    second = len(draft.lines) > 1 and recipe.practice in ("family", "internal") and chance.random() < 0.1
    for place, line in enumerate(draft.lines, 1):
        out += _line(draft, line, place, ranges, control)
        if second and place == len(draft.lines):
            out.append("NM1*82*1*SECOND*DOCTOR****XX*<other_rendering>")
            out.append(f"PRV*PE*PXC*{PRACTICES[recipe.practice][0]}")
        if draft.other == "paid":
            out += _decision(line)
    return out


def needs_clia(draft: Draft) -> bool:
    """Whether a line is a test for which a laboratory needs a certificate."""
    return "no_clia" not in draft.needs and any(
        line.code[0] == "8" and line.code.isdigit() and "26" not in line.modifiers for line in draft.lines)


def _providers(draft: Draft, chance: random.Random, elsewhere: bool) -> list[str]:
    taxonomy = PRACTICES[draft.recipe.practice][0]
    out = []
    ordered = any(line.code[0] in "78" and line.code.isdigit() for line in draft.lines)
    if "unreferred" not in draft.needs and ("referral" in draft.needs or ordered):
        out.append("NM1*DN*1*<referrer>*DOCTOR****XX*<referring>")
    if taxonomy:
        out.append("NM1*82*1*<last>*<first>****XX*" + ("1999000118" if draft.bad_rendering else "<rendering>"))
        out.append(f"PRV*PE*PXC*{taxonomy}")
        if draft.payers in "DC" and chance.random() < 0.5:
            out.append("REF*G2*<legacy>")
    if elsewhere:
        out += ["NM1*77*2*SAMPLE OFFICE EAST*****XX*<facility>", "N3*3 SAMPLE AVENUE", "N4*SPRINGFIELD*IL*627010003"]
    elif "facility" in draft.needs:
        out += ["NM1*77*2*SAMPLE HOSPITAL*****XX*<facility>", "N3*2 SAMPLE AVENUE", "N4*SPRINGFIELD*IL*627010002"]
    return out


def _other_payer(draft: Draft, total: int) -> list[str]:
    if not draft.other:
        return []
    paid = draft.other == "paid"
    out = [f"SBR*{'P' if paid else 'S'}*18*******{'MB' if draft.payers == 'D' and paid else 'CI'}"]
    if paid:
        out.append(f"AMT*D*{sum(_paid(line) for line in draft.lines) + draft.paid_off}")
    return [*out, "OI***Y***Y", "NM1*IL*1*TESTER*OTHER****MI*<other_member>", "N3*5 SAMPLE STREET",
            "N4*SPRINGFIELD*IL*627010001", "NM1*PR*2*<other_name>*****PI*<other_payer>"]


def _paid(line: Service) -> int:
    return line.charge * 52 // 100


def _decision(line: Service) -> list[str]:
    """2430: what the earlier payer made of the line."""
    paid = _paid(line)
    share = (line.charge - paid) // 4
    procedure = ":".join(["HC", line.code, *line.modifiers])
    return [f"SVD*<other_payer>*{paid}*{procedure}**{line.units}", f"CAS*CO*45*{line.charge - paid - share}",
            f"CAS*PR*2*{share}", "DTP*573*D8*<d+14>"]


def _line(draft: Draft, line: Service, place: int, ranges: bool, control: bool) -> list[str]:
    procedure = ":".join(["HC", line.code, *line.modifiers])
    day = f"<d+{line.day}>"
    out = [f"LX*{place}",
           f"SV1*{procedure}*{line.charge}*{'MJ' if line.minutes else 'UN'}*{45 if line.minutes else line.units}***"
           + ":".join(str(pointer) for pointer in line.pointers),
           f"DTP*472*RD8*{day}-{day}" if ranges else f"DTP*472*D8*{day}"]
    if control:
        out.append(f"REF*6R*<number>{place:02d}")
    if line.ndc:
        number, unit, quantity = line.ndc
        out += [f"LIN**N4*{number}", f"CTP****{quantity}*{unit}"]
    if "order" in draft.needs:
        out.append("NM1*DK*1*<referrer>*DOCTOR****XX*<referring>")
    return out


def day_texts(first: dt.date, days: int) -> list[str]:
    """Days as the format writes them, with those around the span that claims may name."""
    start = first - dt.timedelta(DAYS_BEFORE)
    return [f"{start + dt.timedelta(day):%Y%m%d}" for day in range(days + DAYS_BEFORE + DAYS_AFTER + 1)]


def values_of(texts: list[str], day: int, values: list[Any]) -> list[Any]:
    """The values of a template's slots, for a day counted from the first one."""
    return values + texts[day:day + DAYS_BEFORE + DAYS_AFTER + 1]
