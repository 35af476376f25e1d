"""Claims made up from a fixed seed: real codes of the published files, where rows meet and where they just miss."""

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from independent.published import store
from scrubber.model.claim import Claim, Line, Patient, Provider

FIRST, LAST = dt.date(2019, 6, 29), dt.date(2026, 12, 30)
# NPI (None: not sent), taxonomy, tax id of its own. Two surgeons of one specialty, another one, a general physician,
# an assistant, a therapist, and those of whom the claim does not tell who or what they are.
PEOPLE: tuple[tuple[str | None, str | None, str | None], ...] = (
    ("1000000001", "207X00000X", None), ("1000000002", "207XS0106X", None), ("1000000003", "208600000X", None),
    ("1000000004", "207Q00000X", None), ("1000000005", "363A00000X", None), ("1000000006", "225100000X", None),
    ("1000000007", None, None), (None, "207X00000X", None), ("1000000008", "207X00000X", "990000009"))
USUAL = (0, 0, 0, 0, 1, 2, 3, 4)
# NPI, tax id, taxonomy of who bills: two groups, a surgery centre, a supplier, a group of which nothing else is known.
BILLERS: tuple[tuple[str, str | None, str | None], ...] = (
    ("2000000001", "990000001", "193200000X"), ("2000000002", "990000002", "193200000X"),
    ("2000000003", "990000003", "261QA1903X"), ("2000000004", "990000004", "332B00000X"), ("2000000005", None, None))
HOSPITAL = ("2000000006", "990000006", "282N00000X")
ANATOMIC = ("LT", "RT", "F1", "F2", "TA", "T5", "E1", "LC", "RC")
DISTINCT = ("59", "XE", "XS", "XP", "XU")
OTHERS = ("25", "57", "24", "58", "78", "79", "91", "26", "TC", "76", "77", "22", "GP", "27")
TESTED = ("50", "51", "80", "81", "82", "AS", "62", "66")


@dataclass
class Service:
    """A line to be."""

    code: str
    modifiers: list[str] = field(default_factory=list)
    units: Decimal = Decimal(1)
    day: dt.date = FIRST
    thru: dt.date | None = None
    person: int | None = None
    pointers: tuple[int, ...] = (1,)


class Pools:
    """Codes to draw from."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        def rows(query: str) -> list[Any]:
            return db.execute(query).fetchall()

        some = "WHERE kind = '{}' AND hash(one || two || begins::TEXT) % {} = 0 AND ends >= DATE '2019-06-01'"
        self.pairs = {kind: rows(f"SELECT one, two, begins, ends FROM ptp {some.format(kind, share)} ORDER BY ALL")
                      for kind, share in (("P", 300), ("I", 300))}
        visits = ("SELECT one, two, begins, ends FROM ptp WHERE kind = '{}' AND ends >= DATE '2020-01-01' AND two IN "
                  "('99213', '99214', '92014', '99232', '99291', 'G0463') AND hash(one || two) % 20 = 0 ORDER BY ALL")
        self.visits = {kind: rows(visits.format(kind)) for kind in "PI"}
        self.addons = rows("SELECT addon, main, begins, ends FROM aoc_file WHERE main <> 'CCCCC' ORDER BY ALL")
        self.loose = rows("SELECT DISTINCT addon FROM aoc_file WHERE type <> '1' ORDER BY ALL")
        self.orphans = [code for code, in rows("SELECT DISTINCT code FROM fee WHERE days = 'ZZZ' AND code NOT IN "
                                               "(SELECT addon FROM aoc_known) ORDER BY 1")]
        self.crossing = rows("SELECT addon, main, begins, ends FROM aoc WHERE addon IN "
                             "('96361', '96366', '96370', '96415', '96423', '99292') ORDER BY ALL")
        self.limits = rows("SELECT DISTINCT code, value FROM mue WHERE hash(code) % 4 = 0 OR mai = '1' ORDER BY ALL")
        self.indicators = rows("""
            SELECT list(code ORDER BY hash(code))[1:12] FROM fee WHERE begins >= DATE '2023-01-01'
            GROUP BY bilateral, assistant, cosurgeon, team, mult, status IN ('A', 'R', 'T', 'C') ORDER BY ALL""")
        self.named = [code for code, in rows("SELECT DISTINCT low FROM named WHERE name IN "
                                             "('cpt_exempt_51', 'spinal_instrumentation') ORDER BY 1")]
        self.ended = rows("SELECT code, begins, ends FROM presence WHERE ends < DATE '2026-01-01' "
                          "OR begins > DATE '2020-01-01' UNION SELECT code, begins, ends FROM hcpcs "
                          "WHERE ends BETWEEN '2019-01-01' AND '2026-12-31' OR begins > '2019-06-01' ORDER BY ALL")
        self.any = [code for code, in rows("SELECT DISTINCT code FROM fee WHERE hash(code) % 6 = 0 ORDER BY 1")]
        self.visit_codes = ["99202", "99213", "99214", "99232", "99284", "99291", "92014", "G0463", "99441", "99417"]
        self.well = [code for code, in rows("SELECT code FROM listed WHERE hash(code) % 20 = 0 ORDER BY 1")]
        self.turning = rows("""
            SELECT code, begins, ends FROM mce WHERE begins > DATE '2018-01-01' OR ends < DATE '2027-01-01'
            UNION SELECT code, DATE '2026-10-01', DATE '2026-09-30' FROM addenda ORDER BY ALL""")
        self.headers = [code for code, in rows("SELECT DISTINCT code FROM header ORDER BY 1")]


def make(db: duckdb.DuckDBPyConnection, count: int, seed: int) -> list[Claim]:
    """So many claims, one or two (seldom three) a patient and day."""
    pools, made, patient = Pools(db), list[Claim](), 0
    while len(made) < count:
        patient += 1
        # A seed of its own for each patient, so that a claim that differs can be made again alone.
        made += _Visit(random.Random(f"{seed} {patient}"), pools, patient).claims(len(made))
    return made[:count]


class _Visit:
    """What happens to one patient on one day and the next."""

    def __init__(self, chance: random.Random, pools: Pools, patient: int) -> None:
        self.chance = chance
        self.pools = pools
        self.patient = patient
        self.kind = "I" if chance.random() < 0.15 else "P"
        self.payer = chance.choice(("medicare", "commercial"))
        # A supplier has limits of its own; it bills alone on its day.
        self.supplied = chance.random() < 0.08
        self.day = self._edge() if chance.random() < 0.4 else _between(chance.random())

    def _edge(self) -> dt.date:
        first = dt.date(self.chance.randint(2020, 2026), self.chance.choice((1, 4, 7, 10)), 1)
        return first - dt.timedelta(days=self.chance.choice((0, 1)))

    def _near(self, begins: dt.date, ends: dt.date) -> None:
        """Moves the day to where the row begins or ends, if that can be."""
        if self.chance.random() < 0.4:
            wanted = self.chance.choice((begins, ends))
            if FIRST + dt.timedelta(days=2) < wanted < LAST:
                self.day = wanted + dt.timedelta(days=self.chance.choice((-1, 0, 0, 1)))

    def claims(self, place: int) -> list[Claim]:
        chance = self.chance
        services: list[Service] = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            theme = chance.choice((self._pair, self._pair, self._visit, self._addon, self._addon, self._limit,
                                   self._indicator, self._indicator, self._ended, self._plain))
            services += theme()
        if chance.random() < 0.15:
            self._near(*chance.choice(self.pools.turning)[1:])
        services = services[:8]
        chance.shuffle(services)
        for service in services:
            if service.day == FIRST:
                service.day = self.day
            self._touch(service)
        parts = min(len(services), chance.choice((1, 1, 1, 2, 2, 3)))
        split: list[list[Service]] = [services[part::parts] for part in range(parts)]
        return [self._claim(place + number, part) for number, part in enumerate(split)]

    # What is done.

    def _pair(self) -> list[Service]:
        one, two, begins, ends = self.chance.choice(self.pools.pairs[self.kind])
        self._near(begins, ends)
        found = [Service(one), Service(two)]
        for service in found:
            if self.chance.random() < 0.35:
                service.modifiers.append(self.chance.choice((*DISTINCT, *ANATOMIC, *OTHERS)))
        if self.chance.random() < 0.15:
            found.append(Service(self.chance.choice((one, two)), [self.chance.choice((*DISTINCT, "76"))]))
        return found

    def _visit(self) -> list[Service]:
        one, two, begins, ends = self.chance.choice(self.pools.visits[self.kind])
        self._near(begins, ends)
        return [Service(one, self._some(("25", "59", "LT", "26", "27"), 0.3)),
                Service(two, self._some(("25", "25", "57", "24", "59", "LT", "27"), 0.6))]

    def _addon(self) -> list[Service]:
        chance = self.chance
        if chance.random() < 0.2:
            return [Service(chance.choice(self.pools.loose)[0]), *([self._plain()[0]] if chance.random() < 0.6 else [])]
        if chance.random() < 0.05:
            return [Service(chance.choice(self.pools.orphans))]
        crosses = chance.random() < 0.15
        addon, main, begins, ends = chance.choice(self.pools.crossing if crosses else self.pools.addons)
        self._near(begins, ends)
        found = [Service(addon, self._some(("51", "50", "59"), 0.2))]
        if chance.random() < 0.6:
            found.append(Service(main))
            if crosses and chance.random() < 0.7:
                found[-1].day = self.day - dt.timedelta(days=chance.choice((1, 1, 2)))
            further = [row for row in self.pools.addons if row[0] == main]
            if further and chance.random() < 0.6:
                found.append(Service(chance.choice(further)[1]))
        return found

    def _limit(self) -> list[Service]:
        chance = self.chance
        code, limit = chance.choice(self.pools.limits)
        total = max(1, limit + chance.choice((-1, 0, 0, 1, 1, 2)))
        parts = min(total, chance.choice((1, 1, 2, 3)))
        found = [Service(code, self._some(("LT", "RT", "50", "76", "59"), 0.3), Decimal(total // parts))
                 for _ in range(parts)]
        found[0].units += total % parts
        if chance.random() < 0.08:
            days = chance.choice((2, 3))
            found[0].units *= days
            found[0].units += chance.choice((0, 0, 1))
            found[0].day = self.day - dt.timedelta(days=chance.choice((0, 0, 1)))
            found[0].thru = found[0].day + dt.timedelta(days=days - 1)
        return found

    def _indicator(self) -> list[Service]:
        chance = self.chance
        code = chance.choice(chance.choice(self.pools.indicators)[0])
        modifiers = chance.sample(TESTED, chance.choice((1, 1, 1, 2)))
        if chance.random() < 0.05:
            code, modifiers = chance.choice(self.pools.named), [chance.choice(("51", "62"))]
        found = [Service(code, modifiers)]
        if modifiers[0] == "50" and chance.random() < 0.3:
            found[0].units = Decimal(2)
        if modifiers[0] == "62" and chance.random() < 0.5:
            found.append(Service(code, ["62"], person=chance.choice((0, 1, 2))))
        elif chance.random() < 0.35:
            found.append(Service(code, self._some((modifiers[0], "62", "LT", "RT", "78", "80"), 0.6)))
            found[-1].person = chance.randrange(len(PEOPLE))
        return found

    def _ended(self) -> list[Service]:
        code, begins, ends = self.chance.choice(self.pools.ended)
        self._near(begins, ends + dt.timedelta(days=1) if ends < LAST else ends)
        return [Service(code, self._some(("51", "50", "80"), 0.2))]

    def _plain(self) -> list[Service]:
        chance = self.chance
        if chance.random() < 0.08:
            return [Service(chance.choice(("1234", "ABCDE", "99A13", "D0120", "J9998", "Z9999", "12345", "9921X")))]
        return [Service(chance.choice(self.pools.any if chance.random() < 0.7 else self.pools.visit_codes))]

    def _some(self, among: tuple[str, ...], share: float) -> list[str]:
        return [self.chance.choice(among)] if self.chance.random() < share else []

    def _touch(self, service: Service) -> None:
        chance = self.chance
        if chance.random() < 0.08:
            service.modifiers.append(chance.choice((*TESTED, *OTHERS, *DISTINCT, *ANATOMIC)))
        service.modifiers = list(dict.fromkeys(service.modifiers))[:4]
        if service.person is None and chance.random() < 0.12:
            service.person = chance.randrange(len(PEOPLE))
        if chance.random() < 0.03 and service.thru is None:
            service.day += dt.timedelta(days=1)

    # The claim.

    def _claim(self, place: int, services: list[Service]) -> Claim:
        chance = self.chance
        hospital = self.kind == "I"
        npi, tin, taxonomy = HOSPITAL if hospital else BILLERS[
            3 if self.supplied else chance.choice((0, 0, 0, 0, 0, 0, 1, 2, 2, 4))]
        codes = tuple(self._diagnosis() for _ in range(chance.randint(1, 4)))
        lines = []
        for service in services:
            pointers = tuple(chance.sample(range(1, len(codes) + 1), chance.randint(1, min(2, len(codes)))))
            lines.append(Line(
                code=service.code, modifiers=tuple(service.modifiers), units=service.units, charge=Decimal(100),
                date=service.day, thru=service.thru, pointers=pointers,
                rendering=None if service.person is None or hospital else _person(service.person)))
        past = chance.random() < 0.06
        return Claim(
            id=f"C{place + 1}", kind="institutional" if hospital else "professional", payer=self.payer,
            state="paid" if past else "draft", patient=Patient(key=f"P{self.patient}"), diagnoses=codes,
            lines=tuple(lines), tob="131" if hospital else None,
            pos=None if hospital else chance.choice(("11", "11", "22", "24", "24")),
            attachment=chance.random() < 0.3,
            billing=Provider(role="billing", entity="organization", npi=npi, tax_id=tin, taxonomy=taxonomy),
            rendering=None if hospital or chance.random() < 0.05 else _person(
                chance.randrange(len(PEOPLE)) if chance.random() < 0.1 else chance.choice(USUAL)))

    def _diagnosis(self) -> str:
        chance, pools = self.chance, self.pools
        kind = chance.random()
        if kind < 0.4:
            return chance.choice(pools.well)
        if kind < 0.75:
            code, _, _ = chance.choice(pools.turning)
            return code if len(code) == 3 or chance.random() < 0.6 else code[:-1]
        if kind < 0.9:
            return chance.choice(pools.headers)
        code = chance.choice(pools.well)
        letter = chance.choice("0189AXD")
        wrong = (code + letter, code[:-1] + letter, code[:-1], code[:4] + "X" + code[4:], "B99Z", "U9999")
        return chance.choice(wrong)[:7]


def _person(number: int) -> Provider:
    npi, taxonomy, tin = PEOPLE[number]
    return Provider(role="rendering", entity="person", npi=npi, taxonomy=taxonomy, tax_id=tin)


def _between(share: float) -> dt.date:
    return dt.date(2020, 1, 1) + dt.timedelta(days=int(share * (dt.date(2026, 12, 28) - dt.date(2020, 1, 1)).days))


def load(db: duckdb.DuckDBPyConnection, claims: list[Claim]) -> None:
    """The claims as SQL tables `line` and `dx`; `place` is the total order of lines: by day, past first, as sent."""
    lines, diagnoses = [], []
    for order, claim in enumerate(claims):
        billing = claim.billing
        assert billing is not None
        for number, line in enumerate(claim.lines, 1):
            who = line.rendering or claim.rendering or billing
            lines.append((
                claim.id, claim.patient.key, order, number, claim.kind[0].upper(), claim.payer, claim.state == "draft",
                line.code, ",".join(line.modifiers), line.units, line.date, line.thru or line.date, claim.pos or "",
                who.npi, who.tax_id or billing.tax_id or billing.npi, who.taxonomy, billing.taxonomy or "",
                claim.attachment))
        for place, code in enumerate(claim.diagnoses, 1):
            days = {line.date for line in claim.lines if place in line.pointers and claim.kind == "professional"}
            for day in days or {min(line.date for line in claim.lines)}:
                diagnoses.append((claim.id, claim.state == "draft", place, code, day))
    store(db, "sent", "claim TEXT, patient TEXT, claim_order INT, number INT, kind TEXT, payer TEXT, draft BOOL,"
                      " code TEXT, sent_mods TEXT, units DECIMAL(12,3), day DATE, thru DATE, pos TEXT, npi TEXT,"
                      " tin TEXT, taxonomy TEXT, biller TEXT, attachment BOOL", lines)
    store(db, "dx", "claim TEXT, draft BOOL, position INT, code TEXT, day DATE", diagnoses)
