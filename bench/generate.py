"""Synthetic 837P batches whose shape is that of a family practice's, for measuring.

About 3 lines a claim (1 to 12), 15 % dependents, 8 % of claims of a patient already seen in the batch, modifiers where
the code takes them, 1 to 4 diagnoses, one payer in four Medicare. Nothing in it is a person's.

    python bench/generate.py 10000 > claims.837
"""

import argparse
import datetime as dt
import random
import sys
from collections.abc import Iterator

VISITS = ("99202", "99203", "99204", "99211", "99212", "99213", "99214", "99215", "99396", "G0439")
SERVICES = (
    "20610", "20605", "11042", "11721", "17000", "17003", "17110", "11200", "12001", "10060", "36415", "69210", "93000",
    "93010", "71046", "73030", "73562", "72100", "76942", "77067", "80053", "80061", "82947", "83036", "84443", "85025",
    "85610", "87086", "87880", "81002", "90471", "90472", "90686", "96372", "96365", "97110", "97140", "97530", "94640",
    "J1100", "J1885", "J3301", "G0008", "G0444", "45378", "45380", "45385", "43239", "64483", "64484", "66984", "92014",
)
MODIFIERS = {"20610": ("RT", "LT", "50"), "71046": ("26",), "97110": ("GP",), "97140": ("GP", "59"), "97530": ("GP",),
             "45380": ("59",), "66984": ("RT", "LT"), "64483": ("RT", "LT"), "73562": ("RT", "LT"), "93010": ("76",)}
DIAGNOSES = ("I10", "E119", "E1165", "E785", "M1711", "M1712", "M5450", "J069", "Z0000", "Z23", "R059", "N390", "K219",
             "F329", "G43709", "L570", "H2511", "Z1231", "D649", "E039")
PAYERS = ("MEDICARE|MB|00882", "BCBS|BL|BCBS1", "AETNA|CI|60054", "STATE MEDICAID|MC|MCD01")


def npi(number: int) -> str:
    """A synthetic NPI with a right check digit."""
    body = f"1{number:08d}"
    total = 24
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def segments(claims: int, seed: int = 7, first: dt.date = dt.date(2024, 7, 1), days: int = 90) -> Iterator[str]:
    """Segments of one interchange with that many claims."""
    random_ = random.Random(seed)
    yield "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       *240930*1200*^*00501*000000001*0*P*:"
    yield "GS*HC*SUBMITTER*RECEIVER*20240930*1200*1*X*005010X222A1"
    count = 0
    for segment in _set(claims, random_, first, days):
        count += 1
        yield segment
    yield f"SE*{count + 1}*0001"
    yield "GE*1*1"
    yield "IEA*1*000000001"


def _set(claims: int, random_: random.Random, first: dt.date, days: int) -> Iterator[str]:
    yield "ST*837*0001*005010X222A1"
    yield "BHT*0019*00*1*20240930*1200*CH"
    yield "NM1*41*2*SUBMITTER*****46*123456789"
    yield "PER*IC*CONTACT*TE*8005550100"
    yield "NM1*40*2*RECEIVER*****46*987654321"
    level = 0
    made = 0
    patients: list[tuple[int, str]] = []
    while made < claims:
        level += 1
        billing = level
        group = made % 97
        yield f"HL*{level}**20*1"
        yield "PRV*BI*PXC*207Q00000X"
        yield f"NM1*85*2*GROUP {group}*****XX*{npi(1000 + group)}"
        yield "N3*1 MAIN ST"
        yield "N4*ATLANTA*GA*303031234"
        yield f"REF*EI*58{group:07d}"
        for _ in range(min(claims - made, random_.randint(20, 60))):
            again = patients and random_.random() < 0.08
            person, payer = random_.choice(patients) if again else (made, random_.choice(PAYERS))
            if not again:
                patients.append((person, payer))
            dependent = person % 20 < 3
            name, filing, payer_id = payer.split("|")
            level += 1
            subscriber = level
            yield f"HL*{level}*{billing}*22*{int(dependent)}"
            yield f"SBR*P*{'' if dependent else '18'}*******{filing}"
            yield f"NM1*IL*1*PATIENT{person}*TEST****MI*M{person:08d}"
            if not dependent:
                yield "N3*2 OAK ST"
                yield "N4*ATLANTA*GA*303031234"
                yield f"DMG*D8*19{50 + person % 49}0{1 + person % 9}15*{'FM'[person % 2]}"
            yield f"NM1*PR*2*{name}*****PI*{payer_id}"
            if dependent:
                level += 1
                yield f"HL*{level}*{subscriber}*23*0"
                yield "PAT*19"
                yield f"NM1*QC*1*PATIENT{person}*CHILD"
                yield "N3*2 OAK ST"
                yield "N4*ATLANTA*GA*303031234"
                yield f"DMG*D8*2012{1 + person % 9:02d}15*{'FM'[person % 2]}"
            yield from _claim(made, random_, first, days, group)
            made += 1


def _claim(number: int, random_: random.Random, first: dt.date, days: int, group: int) -> Iterator[str]:
    day = first + dt.timedelta(days=random_.randrange(days))
    diagnoses = random_.sample(DIAGNOSES, random_.choices((1, 2, 3, 4), (4, 3, 2, 1))[0])
    visit = random_.random() < 0.6
    codes = ([random_.choice(VISITS)] if visit else []) + random_.sample(
        SERVICES, random_.choices((0 if visit else 1, 1, 2, 3, 4, 6, 11), (10, 10, 12, 9, 6, 3, 1))[0])
    charges = [random_.randrange(20, 400) for _ in codes]
    yield f"CLM*C{number:07d}*{sum(charges)}***11:B:1*Y*A*Y*Y"
    yield "HI*" + "*".join(f"{'ABF' if i else 'ABK'}:{code}" for i, code in enumerate(diagnoses))
    if number % 3 == 0:
        yield f"NM1*DN*1*REFERRER*A****XX*{npi(500 + group)}"
    yield f"NM1*82*1*RENDERER*B****XX*{npi(2000 + group * 5 + number % 5)}"
    yield "PRV*PE*PXC*207Q00000X"
    for place, (code, charge) in enumerate(zip(codes, charges, strict=True), 1):
        modifier = ""
        if code in MODIFIERS and random_.random() < 0.8:
            modifier = ":" + random_.choice(MODIFIERS[code])
        elif code in VISITS and len(codes) > 1 and random_.random() < 0.6:
            modifier = ":25"
        pointers = ":".join(str(p) for p in sorted(random_.sample(range(1, len(diagnoses) + 1),
                                                                  random_.randint(1, min(2, len(diagnoses))))))
        yield f"LX*{place}"
        yield f"SV1*HC:{code}{modifier}*{charge}*UN*1***{pointers}"
        yield f"DTP*472*D8*{day:%Y%m%d}"
        yield f"REF*6R*{number}-{place}"


def text(claims: int, seed: int = 7) -> bytes:
    """The batch as bytes, one segment a line."""
    return "".join(f"{segment}~\n" for segment in segments(claims, seed)).encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("claims", type=int)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    for each in segments(arguments.claims, arguments.seed):
        sys.stdout.write(each + "~\n")
