"""What the made-up claims are about: encounters of 25 kinds of practices, as a billing office sees them.

Codes, diagnoses and charges are chosen so that a claim made from an encounter is one that most payers pay. Codes stand
as numbers only. A line is written

    CODE[-MODIFIER...] $CHARGE [:DX|DX+DX] [xUNITS] [!] [~] [minutes] [ndc=NDC,UNIT,QUANTITY]

where `/` separates codes of which one is taken, `|` diagnoses, and `+` joins diagnoses that go together; without a
diagnosis the line points at those of the claim. `!` says that a visit beside it carries 25, `~` that the line comes
only where the claim has its diagnosis. Lines joined by `;` come together. `@MA` before a line keeps it to those payers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Classes of payers: Medicare, Medicare Advantage, Medicaid, commercial.
EVERY = "MADC"


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


# Standing conditions of which any two go together on a claim, as long as they are not of one category.
QUIET = words("""
    I10 E119 E785 E039 E782 I2510 I480 M810 F411 G4733 M1990 E559 G2581 G43909 L409 M109 E876 D509 G4700 I872 E781
    E1169 E6601 N3281 M797 E538 F3341 L309 H9190 I4820 E042 E213 D519 F4310 F4322 F902 G20A1 G5601 G629 H409 I340
    I350 I6523 I8390 K7460 L810 M0579 M1611 M353 M4802 M47812 M48061 N318 R7989 D126 D563 D696 D72829 E0590 E1121
    E1142 E1165 F1020 F5101 G2111 G309 G40909 G894 I071 I2720 I951 L4050 M0609 M329 M4316 N2581
""")
STATUS = words("""
    Z794 Z7984 Z8679 Z87891 Z8673 Z955 Z7982 Z86010 Z880 Z9049 Z7901 Z7951 Z7952 Z85828 Z853 Z8719 Z87440
    Z87442 Z950 Z951 Z952 Z9081 Z96641 Z96651 Z9884 Z992 Z6835 Z6831
""")
CHRONIC = (*QUIET, "K219", "J449", "J45909", "K5900", "K589", "K760", "I739", *STATUS)
# Not for the first place.
LATER = frozenset(STATUS)
ACUTE = words("""
    J069 J0190 J029 N390 J209 B349 L0390 R519 R42 K529 L237 J0140 A084 M5450 M542 R1030 R109 R0602 J40 H6590 R110
    R509 R0789 L509 B0229 K5792 M62838 R5383 R051 H1033 H6121 L600 R3121 R6881 M7061 M7711 S61411A S93401A S83401A
    T7840XA L03115 L02416 J101 U071 R130 R1310 N3000 N760 B370 B354 K645 M25511 M25561 M79604 R002
""")
CHILD = words("""
    J069 J029 J020 H6691 B349 J209 J4520 L209 R509 A084 B084 J050 H1033 L0100 R051 R110 K529 L22 B852 J101
""")

# Tests that cover one another nowhere, each with a diagnosis that the national lists take.
LABS = (
    "80053 $48 :E119|I10|E785", "85025 $32 :D509|D696", "80061 $55 :E785|E782|E781", "83036 $36 :E119|E1169|E1165",
    "84443 $62 :E039", "82306 $88 :E559", "82607 $54 :E538|D519", "82728 $50 :D509", "83540 $30 :D509",
    "84550 $26 :M109", "82043 $28 :E119|E1169|E1121", "82570 $24 :E119|E1169|E1121", "86140 $27 :M1990|M0579",
    "84439 $45 :E039", "83735 $31 :E876", "82746 $52 :D509|E538", "85652 $18 :M1990|M353", "86431 $29 :M1990|M0579",
    "84100 $24 :M810|E213", "83970 $96 :M810|E213", "82550 $33 :M797", "83690 $35 :R1030", "86038 $42 :M797|M329",
    "87086 $37 :N390", "81001 $16 :N390", "84165 $46 :D696", "84403 $78 :E213", "82533 $49 :E6601", "83880 $102 :I2720",
    "84484 $41 :I2510", "82105 $53 :K7460", "86200 $44 :M0579", "83090 $47 :E538", "82977 $19 :K7460",
    "85379 $38 :I8390", "86235 $52 :M353|M329", "80162 $44 :I480", "80185 $44 :G40909", "82150 $22 :R1030",
)
VENIPUNCTURE = "36415 $14"

# One vaccine with its administration, by class of payer.
VACCINES = (
    "@MA 90662 $92 :Z23;@MA G0008 $38 :Z23 !", "@MA 90677 $310 :Z23;@MA G0009 $38 :Z23 !",
    "@DC 90686/90674/90715/90732/90677 $64 :Z23;@DC 90471 $36 :Z23 !",
)


@dataclass(frozen=True)
class Recipe:
    """A kind of encounter.

    Attributes:
        name: What it is called in the description of a batch.
        practice: Kind of the practice that bills it, one of PRACTICES.
        share: How often it occurs, against the others.
        base: Lines that it always has.
        extra: Lines that it may have.
        first: Diagnoses of which the first one is taken; `+` joins those that go together.
        more: Diagnoses that may follow.
        payers: Classes of payers that it goes to.
        ages: Years of age, first and last.
        sex: F, M or either.
        place: Place of service.
        days: Days of each run of the base lines: 0 is the day of service; several make a series.
        needs: What the claim carries besides: referral, authorization, admission, accident, onset, mammography, order.
        alone: Whether one line of it makes a claim.
    """

    name: str
    practice: str
    share: float
    base: tuple[str, ...]
    extra: tuple[str, ...] = ()
    first: Sequence[str] = ()
    more: Sequence[str] = ()
    payers: str = EVERY
    ages: tuple[int, int] = (19, 88)
    sex: str = ""
    place: str = "11"
    days: tuple[int, ...] = (0,)
    needs: tuple[str, ...] = ()
    alone: bool = True


# Taxonomies of groups: of one specialty, of several.
ALIKE, MIXED = "193400000X", "193200000X"

# Kind of practice: taxonomy of its people, taxonomy of the group, how many groups of it there are among forty.
PRACTICES = {
    "family": ("207Q00000X", "261QP2300X", 7), "internal": ("207R00000X", MIXED, 5),
    "children": ("208000000X", ALIKE, 3), "heart": ("207RC0000X", ALIKE, 2),
    "gut": ("207RG0100X", ALIKE, 1), "bones": ("207X00000X", ALIKE, 2),
    "eyes": ("207W00000X", ALIKE, 2), "pain": ("208VP0014X", ALIKE, 1),
    "skin": ("207N00000X", ALIKE, 2), "women": ("207V00000X", ALIKE, 2),
    "imaging": ("2085R0202X", ALIKE, 2), "pathology": ("207ZP0102X", ALIKE, 1),
    "laboratory": ("", "291U00000X", 2), "therapy": ("225100000X", ALIKE, 2),
    "chiropractic": ("111N00000X", ALIKE, 1), "mind": ("103TC0700X", MIXED, 2),
    "emergency": ("207P00000X", ALIKE, 1), "hospital": ("208M00000X", ALIKE, 1),
    "anaesthesia": ("207L00000X", ALIKE, 1), "cancer": ("207RX0202X", ALIKE, 1),
    "feet": ("213E00000X", ALIKE, 1), "surgery": ("208600000X", ALIKE, 1),
    "urology": ("208800000X", ALIKE, 1), "ear": ("207Y00000X", ALIKE, 1),
    "equipment": ("", "332B00000X", 1),
}


# Readings of a hospital's radiologists, by what is looked at.
CHEST = "71045-26/71046-26/71250-26/71260-26/71275-26 $110"
BELLY = "74018-26/74019-26/74176-26/74177-26/76705-26/76700-26 $160"
HEAD = "70450-26/70551-26/70553-26/70486-26 $190"
SPINE = "72040-26/72070-26/72100-26/72110-26/72141-26/72148-26/72158-26 $150"

RECIPES = (
    Recipe("visit for chronic disease", "family", 42, ("99213/99214/99214/99212 $148",), (VENIPUNCTURE, *LABS[:27],
           *VACCINES, "93000 $64 :I10|I2510|I480"), QUIET, CHRONIC, ages=(30, 88)),
    Recipe("visit for chronic disease", "internal", 32, ("99214/99213/99215 $176",), (VENIPUNCTURE, *LABS, *VACCINES,
           "93000 $64 :I10|I2510|I480"), QUIET, CHRONIC, ages=(30, 88)),
    Recipe("acute visit", "family", 16, ("99213/99212/99214 $139",), ("81002 $9 :N390 ~",
           "96372 $42 :M5450 ! ~;J1885 $12 :M5450 x2-4 ~ ndc=00409379501,ML,1", "87880-QW $28 :J029 ~",
           "87880-QW $28 :J020 ~", "94640 $39 :J209|J40 ! ~", VENIPUNCTURE + ";85025 $32 :R509|R5383 ~",
           "71046 $78 :R0602|J209|R051 ~", "69210 $88 :H6121 ! ~", "87804-QW $30 :J101|R509 ~",
           "87635 $86 :J069|R051|U071 ~", "12001 $260 :S61411A ! ~", "73610-RT $84 :S93401A ~",
           "73562-RT $86 :M25561|S83401A ~", "20552 $120 :M62838 ! ~", "10060 $230 :L02416 ! ~",
           "93000 $64 :R0789|R002 ~", "20610-RT $205 :M25511 ! ~;J1010 $18 :M25511 x8 ~ ndc=00009028003,ML,1",
           "80053 $48 :R5383|R109 ~", "84443 $62 :R5383 ~", "87086 $37 :N390|N3000 ~", "81025 $15 :R110 ~"), ACUTE,
           QUIET),
    Recipe("new patient", "family", 5, ("99203/99202/99204 $205",), (VENIPUNCTURE, *LABS[:12]), QUIET, CHRONIC,
           ages=(25, 88)),
    Recipe("yearly visit", "family", 6, ("99396 $212 :Z0000",), (VENIPUNCTURE, "80053 $48", "80061 $55 :Z0000+E785",
           "85025 $32 :Z0000", *VACCINES[2:], "84443 $62 :E039", "83036 $36 :R7303", "82306 $88 :E559",
           "81001 $16 :Z0000"), ("Z0000",), QUIET, payers="DC", ages=(41, 63)),
    Recipe("yearly wellness visit", "internal", 5, ("G0439 $186 :Z0000",), ("99213 $148 :I10|E119|E785 !",
           VENIPUNCTURE, *LABS[:10], *VACCINES[:2], "G0444 $24 :Z0000"), ("Z0000",), QUIET, payers="MA", ages=(67,
           88)),
    Recipe("well child", "children", 6, ("99393 $168 :Z00129",), ("90686/90707/90715 $30 :Z23;90460 $32 :Z23 !",
           "92551 $22 :Z00129", "99173 $12 :Z00129", "96110 $28 :Z00129", "85018 $11 :Z00129", "83655 $34 :Z00129",
           "96127 $12 :Z00129"), ("Z00129",), ("L209", "Z6852"), payers="DC", ages=(5, 10)),
    Recipe("sick child", "children", 10, ("99213/99212/99214 $132",), ("87880-QW $28 :J029|J020 ~",
           "87804-QW $30 :R509|J101 ~", "94640 $39 :J4520|J050 ! ~", "81002 $9 :R509 ~", "87635 $86 :R051|J069 ~",
           "71046 $78 :R051 ~", "87081 $21 :J029 ~"), CHILD, (), payers="DC", ages=(1, 17)),
    Recipe("injection into a knee", "bones", 4, ("99213-25 $155", "20610-RT $210 :M1711",
           "J3301 $9 :M1711 x4 ndc=00003029305,ML,1"), ("73562-RT $92 :M1711",
           "J1010 $14 :M1711 x8 ndc=00009028003,ML,1"), ("M1711",), QUIET, alone=False),
    Recipe("visit about a joint", "bones", 5, ("99213/99203/99214 $158",), ("73562-LT $92 :M1712|M25562 ~",
           "73030-LT $84 :M7542|M19012 ~", "73030-RT $84 :M25511 ~", "72100 $89 :M5450 ~",
           "20605-LT $150 :M25522 ! ~", "73130-RT $78 :M79641 ~", "73110-LT $80 :M25532 ~",
           "20550-RT $140 :M65311 ! ~", "73502-RT $96 :M1611 ~", "73630-LT $78 :M79672 ~"),
           words("M1712 M25562 M7542 M19012 M25511 M5450 M25522 M79641 M25532 M65311 M79672"), QUIET),
    Recipe("knee replacement", "bones", 0.8, ("27447-RT $6900",), (), ("M1711",), QUIET, place="21",
           needs=("admission", "facility", "authorization"), ages=(55, 85)),
    Recipe("hip replacement", "bones", 0.5, ("27130-LT $6900",), (), ("M1612",), QUIET, place="21",
           needs=("admission", "facility", "authorization"), ages=(55, 85)),
    Recipe("knee arthroscopy", "bones", 0.7, ("29881-RT/29880-RT $3100",), (), words("S83241A M2241 M23221"), QUIET,
           place="24", needs=("facility", "authorization"), ages=(20, 60)),
    Recipe("carpal tunnel", "bones", 0.5, ("64721-RT $1450",), (), ("G5601",), QUIET, place="24",
           needs=("facility",)),
    Recipe("heart visit", "heart", 7, ("99214/99213/99204 $189",), ("93000 $64 :I2510|I480|I4820",
           "93306 $640 :I2510|I480|I350", "93880 $420 :I6523", "93922 $180 :I739"),
           words("I2510 I480 I4820 I10 I350 I340 R002"), QUIET, ages=(40, 88), needs=("referral",)),
    Recipe("stress test", "heart", 1.2, ("93015 $360",), (), words("I2510 R0789"), QUIET, needs=("referral",),
           ages=(40, 85)),
    Recipe("reading of an electrocardiogram", "heart", 4, ("93010 $26",), (), words("R079 I480 R55 R002"), (),
           place="23", needs=("facility",)),
    Recipe("catheter", "heart", 0.6, ("93458-26 $980",), (), words("I25110 I2510"), QUIET, place="22",
           needs=("facility", "authorization"), ages=(45, 85)),
    Recipe("colonoscopy", "gut", 2, ("45385 $1150",), ("45380-59 $560 :D124", "45381 $380 :D122"),
           words("D123 D122 K635"), words("K648 K5730 Z86010"), place="24", needs=("facility", "authorization"),
           ages=(50, 80)),
    Recipe("colonoscopy with biopsy", "gut", 1, ("45380 $980",), (), words("K529 D124 K5190 R195"),
           words("K648 K5730"), place="24", needs=("facility", "authorization"), ages=(30, 80)),
    Recipe("upper endoscopy", "gut", 1.5, ("43239/43235/43248 $840",), (), words("K219 K2970 K449 K222"), QUIET,
           place="24", needs=("facility",)),
    Recipe("eye visit", "eyes", 5, ("92014/92012/92004 $165",), ("92134 $68 :H353131|E113293 ~",
           "92083 $82 :H401131 ~", "92133 $66 :H401131 ~", "92250 $74 :H3554 ~", "@DC 92015 $24 :H5213 ~"),
           words("H2513 H401131 H353131 H04123 H524 E113293 H5213 H25013 H43813"), QUIET, ages=(30, 88)),
    Recipe("cataract", "eyes", 1.5, ("66984-RT $2100",), (), words("H2511 H25011"), QUIET, place="24",
           needs=("facility",), ages=(62, 85)),
    Recipe("injection into the spine", "pain", 2, ("64483-RT $820",), ("64484-RT $410",), words("M5416 M5417"),
           words("M48061 G894"), needs=("authorization",), ages=(35, 85)),
    Recipe("injection into spinal joints", "pain", 1, ("64493-LT $640", "64494-LT $340"), ("64495-LT $330",),
           words("M47816 M47817"), ("G894",), needs=("authorization",), ages=(35, 85), alone=False),
    Recipe("keratoses", "skin", 4, ("99213-25 $128 :L821|D229", "17000 $96 :L570"), ("17003 $18 :L570 x2-6",),
           ("L570",), words("L821 L578 Z85828"), alone=False, ages=(45, 88)),
    Recipe("skin biopsy", "skin", 2, ("99213-25 $128 :L821|L219", "11102 $140 :D485"), ("11103 $70 :D485",
           "17110-59 $150 :B079"), ("D485",), words("Z85828"), alone=False, ages=(35, 88)),
    Recipe("skin visit", "skin", 4, ("99213/99203/99212 $128",), ("17110 $150 :B079 ! ~", "11200 $120 :L918 ! ~",
           "11900 $88 :L910 ! ~"), words("L700 L309 L409 L219 L821 B079 L918 L910 L501 L648 L304"),
           words("L853 L299")),
    Recipe("visit to a gynaecologist", "women", 3, ("99213/99203 $142",), ("81002 $9 :N390 ~",
           "76830 $240 :N926|D259 ~", "87491 $64 :Z113;87591 $64 :Z113",
           "58300 $210 :Z30430 ! ~;J7298 $980 :Z30430 ~", "58100 $190 :N926 ! ~", "87210 $12 :N760 ~"),
           words("N926 N951 D259 N390 N760 N946 N946 N83201 Z30430"), words("I10 E039 E6601"), sex="F", ages=(21, 60),
           payers="DC"),
    Recipe("yearly visit to a gynaecologist", "women", 2, ("99395 $205 :Z01419",), ("87624 $72 :Z1151",
           "Q0091 $38 :Z01419"), ("Z01419",), (), sex="F", ages=(21, 38), payers="C"),
    Recipe("care before birth", "women", 2, ("76805/76815/76816 $260",), (), words("Z3482+Z3A20 Z3402+Z3A21"), (),
           sex="F", ages=(19, 38), payers="DC"),
    Recipe("screening mammogram", "imaging", 4, ("77067 $265 :Z1231",), ("77063 $92 :Z1231",), ("Z1231",), (),
           sex="F", ages=(41, 80), needs=("referral", "mammography")),
    Recipe("film of the chest, read", "imaging", 4, (CHEST,), (), words("R0602 R051 R918 J189 R911 R042"), (),
           place="22", needs=("referral", "facility")),
    Recipe("image of the belly, read", "imaging", 3, (BELLY,), (), words("R109 R1030 R1011 K5792 N200 R1900"), QUIET,
           place="22", needs=("referral", "facility")),
    Recipe("image of the head, read", "imaging", 2, (HEAD,), (), words("R519 G43909 R42 R55 S0990XA"), (), place="23",
           needs=("referral", "facility")),
    Recipe("image of the spine, read", "imaging", 3, (SPINE,), (), words("M5450 M5416 M542 M48061 M47812"), (),
           place="22", needs=("referral", "facility")),
    Recipe("film of a limb, read", "imaging", 3, ("73610-26-RT/73630-26-RT/73562-26-RT/73030-26-RT/73110-26-RT $34",),
           (), words("M25571 M79671 M25561 M25511 M25531"), (), place="23", needs=("referral", "facility")),
    Recipe("bone density", "imaging", 1.5, ("77080 $190",), (), words("M810 Z780"), (), sex="F", ages=(66, 85),
           needs=("referral",)),
    Recipe("ultrasound", "imaging", 3, ("76700 $245",), (), words("R1011 K760 R109"), QUIET, needs=("referral",)),
    Recipe("ultrasound of the neck", "imaging", 1.5, ("76536 $210",), (), words("E042 E041 R221"), QUIET,
           needs=("referral",)),
    Recipe("ultrasound of the legs", "imaging", 1.5, ("93970 $330",), (), words("I8393 R600 I872"), QUIET,
           needs=("referral",)),
    Recipe("tissue", "pathology", 6, ("88305 $145",), ("88312 $96 :K2970 ~", "88342 $130 :C61 ~"),
           words("D123 K2970 D225 C61 D485 N870 L570 D241"), (), needs=("referral", "laboratory"), place="81"),
    Recipe("tests of a reference laboratory", "laboratory", 26, ("80053 $38 :I10|E119",), (*LABS[1:],
           "85610 $14 :Z7901+I480|I480", "87340 $30 :K7460", "86803 $38 :K7460", "84481 $42 :E0590",
           "82670 $66 :E213", "83001 $52 :E213", "80178 $28 :F3341", "83615 $22 :D696", "82784 $40 :M329",
           "86160 $36 :M329", "86225 $44 :M329", "85730 $20 :Z7901+I480"), words("E119 I10 E785"), QUIET, place="81",
           needs=("referral", "laboratory"), alone=False),
    Recipe("one test of a reference laboratory", "laboratory", 4, ("83036 $32 :E119",), (), ("E119",), QUIET,
           place="81", needs=("referral", "laboratory")),
    Recipe("therapy", "therapy", 6, ("97110-GP $132 x2",), ("97530-GP $64 x1", "97140-GP $58 x1", "97112-GP $62 x1",
           "97116-GP $60 x1", "97035-GP $28"), words("M25561 M5450 M25511 M542 M25562 M7542"), words("M6281 R262"),
           needs=("referral", "authorization", "onset")),
    Recipe("course of therapy", "therapy", 4, ("97110-GP $132 x2", "97140-GP $58 x1"), (),
           words("M25561 M5450 M25511 M542"), words("M6281 R262"), needs=("referral", "authorization", "onset"),
           days=(0, 2, 5, 7), alone=False),
    Recipe("first day of therapy", "therapy", 1.5, ("97161-GP/97162-GP $140",), ("97110-GP $66 x1",),
           words("M25561 M5450 M25511 M542"), words("M6281 R262"), needs=("referral", "onset")),
    Recipe("spinal manipulation", "chiropractic", 4, ("98941-AT/98940-AT $58",), (), words("M9903+M5450 M9901+M542"),
           ("M9902",), needs=("onset",), ages=(25, 80)),
    Recipe("psychotherapy", "mind", 7, ("90834/90837/90832 $162",), (),
           words("F411 F331 F4310 F4323 F3341 F410 F429 F4312"), words("F5101 Z630"), ages=(19, 80)),
    Recipe("first talk", "mind", 1, ("90791 $210",), (), words("F411 F331 F4310 F4323"), ("F5101",), ages=(19, 80)),
    Recipe("psychotherapy by video", "mind", 2, ("90834-95/90837-95 $162",), (), words("F411 F331 F4310"), (),
           place="10", ages=(19, 80)),
    Recipe("emergency visit", "emergency", 7, ("99284/99283/99285 $620",), ("93010 $26 :R079|R0789|R55 ! ~",
           "12001 $310 :S61411A ! ~", "31500 $420 :J9601 ! ~"),
           words("R0789 R109 R519 N390 J189 S61411A R55 J9601 T7840XA K5792 N200 R112"), QUIET, place="23",
           needs=("facility",)),
    Recipe("critical care", "emergency", 0.7, ("99291 $980",), ("99292 $430",), words("J9601 A419 I213"), (),
           place="23", needs=("facility",)),
    Recipe("ankle sprain after a fall", "emergency", 1.5, ("99283 $480",), (), ("S93401A+W1830XA",), (), place="23",
           needs=("facility", "accident"), payers="DC"),
    Recipe("hospital stay", "hospital", 4.5, ("99223/99222 $410", "99232/99231/99233 $165", "99239/99238 $230"), (),
           words("J189 N390 K5792 J441 I4891 A419 I639 K8590"), QUIET, place="21", needs=("admission", "facility",
           "stay"), days=(0, 1, 2, 3), alone=False),
    Recipe("a day in hospital", "hospital", 4, ("99232/99233/99231 $165",), (),
           words("J189 N390 K5792 J441 I4891 A419 I639"), QUIET, place="21", needs=("admission", "facility")),
    Recipe("anaesthesia for the gut", "anaesthesia", 1.5, ("00811-AA-P2/00812-AA-P2 $980 minutes",), (),
           words("D123 K635"), (), place="24", needs=("facility",), ages=(50, 80)),
    Recipe("anaesthesia for a joint", "anaesthesia", 1, ("01402-AA-P3/01400-AA-P2 $1400 minutes",), (), ("M1711",),
           (), place="22", needs=("facility",), ages=(40, 85)),
    Recipe("anaesthesia for an eye", "anaesthesia", 1, ("00142-AA-P2 $620 minutes",), (), ("H2511",), (), place="24",
           needs=("facility",), ages=(60, 85)),
    Recipe("infusion", "cancer", 3.5, ("96413 $390", "96415 $95 x1", "96375 $62 x2",
           "J1100 $8 x10 ndc=63323016501,ML,1", "J2405 $12 x8 ndc=00409475503,ML,4",
           "J9267 $240 x120 ndc=00703321801,ML,20"), ("99214-25 $189 :C50911", VENIPUNCTURE, "85025 $32 :C50911",
           "80053 $48 :C50911", "96367 $88", "J1885 $12 x2 ndc=00409379501,ML,1"), ("Z5111+C50911",), ("D6481",
           "R112"), sex="F", alone=False),
    Recipe("nails and foot pain", "feet", 3, ("99213/99203 $118",), ("73630-RT $78 :M79671 ~",
           "11730-T5 $145 :L600 ! ~", "20550-RT $140 :M722 ! ~"), words("M79671 L600 M722 B351 M2011 L84"), QUIET),
    Recipe("gall bladder", "surgery", 0.8, ("47562 $2900",), (), words("K8020 K8010"), QUIET, place="22",
           needs=("facility", "authorization")),
    Recipe("hernia", "surgery", 0.6, ("49505-RT $1900",), (), ("K4090",), QUIET, place="22", needs=("facility",
           "authorization")),
    Recipe("visit to a surgeon", "surgery", 2.5, ("99203/99213 $178",), ("10060 $230 :L0291 ! ~",
           "46600 $130 :K645 ! ~"), words("K4090 K8020 L0291 D1722 K645 K432"), QUIET, needs=("referral",)),
    Recipe("visit to a urologist", "urology", 3, ("99213/99214/99203 $162",), ("81003 $10 :N401|R310 ~",
           "51798 $58 :N401 ! ~", "52000 $420 :R310 ! ~", "84153 $58 :N401 ~"),
           words("N401 R310 N529 N200 N411 R350"), QUIET, sex="M", ages=(50, 86)),
    Recipe("visit about ears and throat", "ear", 3, ("99213/99203 $160",), ("69210 $88 :H6121 ! ~",
           "31231 $390 :J329 ! ~", "92557 $82 :H903 ~", "31575 $260 :R490 ! ~", "92567 $34 :H6521 ~"),
           words("J329 H6121 H903 J342 R490 H6521"), QUIET),
    Recipe("breathing device", "equipment", 2, ("E0601-RR-KX $95",), ("A7030-NU-KX $130", "A7034-NU-KX $88",
           "A7037-NU-KX $32", "A7038-NU-KX $9 x2"), ("G4733",), (), place="12", needs=("order",)),
    Recipe("walker", "equipment", 1, ("E0143-NU-KX/E0114-NU $140",), (), words("R2689 M1711"), (), place="12",
           needs=("order",)),
)

# Visits, which carry 25 beside another service.
VISIT = re.compile(r"99[2-3]\d\d|920[01]\d|G043[89]")

_LINE = re.compile(r"(?:@(?P<payers>\w+) )?(?P<codes>\S+) \$(?P<charge>\d+)(?P<rest>.*)")


@dataclass(frozen=True)
class Line:
    """One line of a recipe, read."""

    payers: str
    codes: tuple[tuple[str, ...], ...]
    charge: int
    dx: tuple[tuple[str, ...], ...]
    units: tuple[int, int]
    apart: bool
    fitting: bool
    minutes: bool
    ndc: tuple[str, ...]


def read_line(text: str) -> Line:
    """A line from its notation."""
    found = _LINE.fullmatch(text)
    if found is None:
        raise ValueError(f"no line of a recipe: {text}")
    dx: tuple[tuple[str, ...], ...] = ()
    units, apart, fitting, minutes, ndc = (1, 1), False, False, False, ()
    for word in found["rest"].split():
        if word.startswith(":"):
            dx = tuple(tuple(one.split("+")) for one in word[1:].split("|"))
        elif word.startswith("x"):
            low, _, high = word[1:].partition("-")
            units = int(low), int(high or low)
        elif word.startswith("ndc="):
            ndc = tuple(word[4:].split(","))
        elif word == "!":
            apart = True
        elif word == "~":
            fitting = True
        elif word == "minutes":
            minutes = True
        else:
            raise ValueError(f"unknown word {word} in a line of a recipe: {text}")
    return Line(found["payers"] or EVERY, tuple(tuple(code.split("-")) for code in found["codes"].split("/")),
                int(found["charge"]), dx, units, apart, fitting, minutes, ndc)
