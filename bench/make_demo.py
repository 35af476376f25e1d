"""Writes rulesets/demo/demo.837: a made-up batch in which the classic slips occur among correct claims.

Run from the root of the project: `python bench/make_demo.py`. Every person, provider and payer is invented; NPIs
carry the right check digit and belong to nobody, except the one that is wrong on purpose. Dates of service lie in
the first quarter of 2026, for which the starter tables are made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

PAYERS = {
    "medicare": ("DEMO MEDICARE", "DEMOMCR", "MB"),
    "medicaid": ("DEMO MEDICAID", "DEMOMCD", "MC"),
    "commercial": ("DEMO HEALTH PLAN", "DEMOCOM", "CI"),
}


def npi(serial: int) -> str:
    """A made-up NPI with the right check digit."""
    body = f"19990{serial:04d}"
    total = 24
    for index, character in enumerate(reversed(body)):
        digit = int(character) * (2 if index % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


BILLING = npi(1)
PEOPLE = {
    "A": (npi(11), "207Q00000X", "FAMILY"),
    "C": (npi(13), "207RC0000X", "CARDIOLOGY"),
    "G": (npi(14), "207RG0100X", "GASTRO"),
    "S": (npi(15), "207X00000X", "SURGERY"),
    "E": (npi(16), "207W00000X", "EYE"),
    "P": (npi(17), "208VP0014X", "PAIN"),
    "T": (npi(18), "225100000X", "THERAPY"),
    "R": (npi(19), "207R00000X", "REFERRAL"),
    "W": ("1999000118", "207Q00000X", "WRONGDIGIT"),
}


@dataclass
class Service:
    """One line: `code` with modifiers joined by `-`, units, charge in dollars, pointers, place, date."""

    code: str
    charge: str
    units: str = "1"
    pointers: str = "1"
    pos: str = ""
    date: str = ""


@dataclass
class Demo:
    """One claim. `patient` is a number; `by` a letter of PEOPLE; `total` only where it is wrong on purpose."""

    about: str
    patient: int
    date: str
    dx: str
    services: list[Service]
    payer: str = "medicare"
    by: str = "A"
    pos: str = "11"
    sex: str = "F"
    birth: str = "19520415"
    total: str | None = None
    flags: list[str] = field(default_factory=list)


def claims() -> list[Demo]:
    """The batch, slips and correct claims mixed as in life."""
    line = Service
    return [
        Demo("office visit", 1, "20260105", "I10 E119", [line("99213", "145.00", pointers="1:2")]),
        Demo("visit with a joint injection, 25 missing", 2, "20260106", "M1711 I10",
             [line("99213", "145.00", pointers="2"), line("20610-RT", "190.00")], flags=["MOD-25-01", "NCCI-PTP-02"]),
        Demo("the same with 25", 3, "20260106", "M1711 I10",
             [line("99213-25", "145.00", pointers="2"), line("20610-RT", "190.00")]),
        Demo("unbundled colonoscopy", 4, "20260107", "D123 K635",
             [line("45385", "1350.00", pointers="1"), line("45380", "980.00", pointers="2")], by="G", pos="22",
             flags=["NCCI-PTP-01"]),
        Demo("two polyps at two sites, 59 on column 2", 5, "20260107", "D123 D125",
             [line("45385", "1350.00", pointers="1"), line("45380-59", "980.00", pointers="2")], by="G", pos="22"),
        Demo("59 on a pair that no modifier opens", 6, "20260108", "I10 E119",
             [line("80053", "48.00"), line("80048-59", "38.00", pointers="2")], flags=["MOD-59-02", "NCCI-PTP-01"]),
        Demo("metabolic panel alone", 7, "20260108", "I10", [line("80053", "48.00"), line("36415", "12.00")]),
        Demo("bilateral injection with two units", 8, "20260109", "M5416",
             [line("64483-50", "1240.00", "2")], by="P", flags=["MOD-50-02", "NCCI-MUE-01"]),
        Demo("bilateral injection on one line", 9, "20260109", "M5416", [line("64483-50", "1240.00")], by="P"),
        Demo("second level without the first", 10, "20260112", "M5416", [line("64484-RT", "410.00")], by="P",
             flags=["NCCI-AOC-01"]),
        Demo("second level with the first", 11, "20260112", "M5416",
             [line("64483-RT", "720.00"), line("64484-RT", "410.00")], by="P"),
        Demo("more therapy units than a day holds", 12, "20260113", "M25561",
             [line("97110-GP", "520.00", "8")], by="T", flags=["NCCI-MUE-01"]),
        Demo("therapy", 13, "20260113", "M25561", [line("97110-GP", "130.00", "2")], by="T"),
        Demo("code that was deleted a year ago", 14, "20260114", "I10", [line("G2012", "35.00")], flags=["CODE-01"]),
        Demo("injury code without its seventh character", 15, "20260115", "S93401", [line("99213", "145.00")],
             payer="medicaid", birth="19880610", flags=["DX-7TH-01"]),
        Demo("injury code, whole", 16, "20260115", "S93401A", [line("99213", "145.00")], payer="medicaid",
             birth="19880610"),
        Demo("left knee, right joint replaced", 17, "20260119", "M1712",
             [line("27447-RT", "8400.00")], by="S", pos="21", flags=["DX-LAT-01"]),
        Demo("right knee, right joint replaced", 18, "20260119", "M1711", [line("27447-RT", "8400.00")], by="S",
             pos="21"),
        Demo("other knee injected inside the global period of that surgery, 79 missing", 18, "20260209", "M1712",
             [line("20610-LT", "190.00")], by="S", flags=["MOD-79-01"]),
        Demo("visit", 19, "20260120", "J069", [line("99213", "110.00")], payer="medicaid", birth="20150302"),
        Demo("chest film", 20, "20260121", "R059", [line("71046", "92.00")], payer="commercial", birth="19790130"),
        Demo("chest film sent twice", 20, "20260121", "R059", [line("71046", "92.00")], payer="commercial",
             birth="19790130", flags=["HIST-DUP-01", "MOD-76-01"]),
        Demo("NPI with a wrong check digit", 21, "20260122", "I10", [line("99214", "205.00")], by="W",
             flags=["ADM-NPI-01"]),
        Demo("charges that do not add up", 22, "20260123", "I10 E785",
             [line("99213", "145.00"), line("36415", "12.00", pointers="2")], total="175.00", flags=["ADM-AMT-01"]),
        Demo("pointer to a diagnosis that is not there", 23, "20260126", "I10 E785",
             [line("99213", "145.00", pointers="1:5")], flags=["DX-PTR-01"]),
        Demo("A1c for a check-up", 24, "20260127", "Z0000", [line("83036", "32.00")], flags=["LINK-NCD-01"]),
        Demo("A1c for diabetes", 25, "20260127", "E1165", [line("83036", "32.00")]),
        Demo("A1c with the covering diagnosis not pointed to", 26, "20260128", "I10 E1165",
             [line("83036", "32.00", pointers="1")], flags=["LINK-PTR-01"]),
        Demo("lipids", 27, "20260128", "E785", [line("80061", "55.00")]),
        Demo("decision for surgery without 57", 28, "20260203", "S72001A",
             [line("99223", "420.00"), line("27236-RT", "6200.00")], by="S", pos="21",
             flags=["MOD-57-01", "NCCI-PTP-02"]),
        Demo("25 with nothing beside it", 29, "20260204", "I10", [line("99214-25", "205.00")], flags=["MOD-25-03"]),
        Demo("bundled service", 30, "20260205", "I10", [line("99213", "145.00"), line("99000", "18.00")],
             flags=["CODE-02", "NCCI-MUE-01"]),
        Demo("modifier that there is not", 31, "20260206", "I10", [line("99213-ZZ", "145.00")],
             flags=["MOD-GEN-01"]),
        Demo("electrocardiogram", 32, "20260210", "I10 R9431", [line("93000", "75.00", pointers="1:2")], by="C"),
        Demo("flu vaccine", 33, "20260211", "Z23", [line("90686", "40.00"), line("90471", "32.00")],
             payer="commercial", birth="19750911"),
        Demo("cataract", 34, "20260216", "H2511", [line("66984-RT", "2900.00")], by="E", pos="22"),
        Demo("ear wax on one side", 35, "20260217", "H6121", [line("69210", "95.00")]),
        Demo("actinic keratoses", 36, "20260218", "L570",
             [line("17000", "110.00"), line("17003", "60.00", "4")]),
        Demo("wax and a visit, 25 missing", 37, "20260219", "H6121 I10",
             [line("99213", "145.00", pointers="2"), line("69210", "95.00")], flags=["MOD-25-01", "NCCI-PTP-02"]),
        Demo("charge that is no number", 38, "20260220", "I10", [line("99213", "1A5.00")], total="145.00",
             flags=["unreadable"]),
        Demo("visit", 39, "20260224", "E119", [line("99214", "205.00")], payer="commercial", birth="19690527"),
        Demo("thyroid test", 40, "20260302", "E039", [line("84443", "60.00"), line("36415", "12.00")]),
        Demo("visit", 41, "20260305", "M5450", [line("99213", "110.00")], payer="medicaid", birth="19910818"),
    ]


def segments(batch: list[Demo]) -> Iterator[str]:
    """The segments from ISA to IEA, without terminators."""
    yield ("ISA*00*          *00*          *ZZ*DEMOPRACTICE   *ZZ*DEMOPAYER      *260331*0900*^*00501*000000001*0*T*:")
    yield "GS*HC*DEMOPRACTICE*DEMOPAYER*20260331*0900*1*X*005010X222A1"
    body = list(transaction(batch))
    yield "ST*837*0001*005010X222A1"
    yield from body
    yield f"SE*{len(body) + 2}*0001"
    yield "GE*1*1"
    yield "IEA*1*000000001"


def transaction(batch: list[Demo]) -> Iterator[str]:
    """Everything between ST and SE: one billing provider, one subscriber loop per claim."""
    yield "BHT*0019*00*DEMO0001*20260331*0900*CH"
    yield "NM1*41*2*DEMO PRACTICE*****46*DEMOPRACTICE"
    yield "PER*IC*DEMO OFFICE*TE*5555550100"
    yield "NM1*40*2*DEMO CLEARINGHOUSE*****46*DEMOPAYER"
    yield "HL*1**20*1"
    yield "PRV*BI*PXC*193200000X"
    yield f"NM1*85*2*DEMO PRACTICE*****XX*{BILLING}"
    yield "N3*1 DEMO STREET"
    yield "N4*SPRINGFIELD*IL*627010001"
    yield "REF*EI*999000001"
    for index, claim in enumerate(batch):
        yield f"HL*{index + 2}*1*22*0"
        yield from subscriber(claim)
        yield from claim_loop(index + 1, claim)


def subscriber(claim: Demo) -> Iterator[str]:
    """2000B with the patient as subscriber, and the payer."""
    name, identifier, filing = PAYERS[claim.payer]
    yield f"SBR*P*18*******{filing}"
    # In the form of a Medicare number, after the sample that CMS shows.
    member = f"1EG4TE5MK{claim.patient:02d}" if filing == "MB" else f"DEMO{claim.patient:06d}"
    yield f"NM1*IL*1*DEMO*PATIENT {claim.patient:02d}****MI*{member}"
    yield f"N3*{claim.patient} DEMO AVENUE"
    yield "N4*SPRINGFIELD*IL*627010001"
    yield f"DMG*D8*{claim.birth}*{claim.sex}"
    yield f"NM1*PR*2*{name}*****PI*{identifier}"


def claim_loop(number: int, claim: Demo) -> Iterator[str]:
    """2300 and its lines."""
    total = claim.total or charges(claim)
    yield f"CLM*DEMO-{number:04d}*{total}***{claim.pos}:B:1*Y*A*Y*Y"
    if claim.pos == "21":
        yield f"DTP*435*D8*{claim.date}"
    yield "HI*" + "*".join(f"{'ABF' if index else 'ABK'}:{code}" for index, code in enumerate(claim.dx.split()))
    if any(re.match("[78]", service.code) for service in claim.services):
        identifier, _, name = PEOPLE["R"]
        yield f"NM1*DN*1*DEMO*{name}****XX*{identifier}"
    identifier, taxonomy, name = PEOPLE[claim.by]
    yield f"NM1*82*1*DEMO*{name}****XX*{identifier}"
    yield f"PRV*PE*PXC*{taxonomy}"
    if claim.pos in ("21", "22"):
        yield f"NM1*77*2*DEMO HOSPITAL*****XX*{npi(2)}"
        yield "N3*2 DEMO STREET"
        yield "N4*SPRINGFIELD*IL*627010002"
    for index, service in enumerate(claim.services, start=1):
        yield f"LX*{index}"
        procedure = ":".join(["HC", *service.code.split("-")])
        yield f"SV1*{procedure}*{service.charge}*UN*{service.units}*{service.pos}**{service.pointers}"
        yield f"DTP*472*D8*{service.date or claim.date}"
        yield f"REF*6R*{number}{index:02d}"


def charges(claim: Demo) -> str:
    """The sum of the lines; what is no number counts as nothing."""
    return str(sum((Decimal(service.charge) for service in claim.services
                    if service.charge.replace(".", "").isdigit()), Decimal(0)))


def main() -> None:
    """Writes the batch, and which rules it must meet."""
    batch = claims()
    folder = Path(__file__).parent.parent / "rulesets" / "demo"
    folder.mkdir(exist_ok=True)
    text = "".join(f"{segment}~\n" for segment in segments(batch))
    (folder / "demo.837").write_text(text, encoding="ascii", newline="\n")
    rows = "".join(f"{number},DEMO-{number:04d},{' '.join(claim.flags)},{claim.about}\n"
                   for number, claim in enumerate(batch, start=1))
    (folder / "expected.csv").write_text("claim_position,claim,flags,about\n" + rows.replace(", ", "; "),
                                         encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
