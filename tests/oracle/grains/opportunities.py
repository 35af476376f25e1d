"""What prompts about missed charges read of a claim, a line and a provider's quarter."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oracle.grains.lines import facility, rendering_kind
from oracle.grains.tables import Row
from oracle.grains.world import CaseView, ClaimView, Line
from oracle.language import ABSENT, Unknown
from scrubber.symbols import day_number, pack

CLAIM_NAMES = ("vaccine_gap", "chronic_conditions", "lapsed_chronic", "counselling", "operative_report",
               "encounter_feed")
WATCHED = (("17000", "17003"), ("96365", "96366"), ("99291", "99292"), ("22612", "22614"), ("90471", "90472"),
           ("77067", "77063"))


def claim_opportunity(case: CaseView, claim: ClaimView, name: str) -> Any:
    """`claim.NAME`; counselling, operative report and encounters stand on no claim."""
    match name:
        case "vaccine_gap":
            return _vaccine_gap(case, claim)
        case "chronic_conditions":
            return len({code[:3] for code in _codes(claim, "chronic_conditions")})
        case "lapsed_chronic":
            return _lapsed(case, claim)
    return Unknown("no_fact")


def _vaccine_gap(case: CaseView, claim: ClaimView) -> int:
    """Of the first day on which administrations and products differ."""
    for line in claim.lines:
        if line.in_set("vacadm") or line.in_set("vacprod"):
            gap = _gap_on(case, line)
            if gap:
                return gap
    return 0


def _gap_on(case: CaseView, line: Line) -> int:
    """Administrations less products, of the biller's day."""
    around = [other for other in case.lines if other.date == line.date and other.state != "denied"
              and other.claim.kind == line.claim.kind and other.tin == line.tin]
    products = [other for other in around if other.in_set("vacprod")]
    given = [other for other in around if other.in_set("vacadm") and not other.in_set("vacprod")]
    if any(other.code.endswith("A") for other in given):
        products = [other for other in products if not "91300" <= other.code <= "91399"]
    count = [other for other in given if not other.code.endswith("A") and other.code not in ("90461", "M0201")]
    gap = sum(int(other.units * 1000) for other in count) - sum(int(other.units * 1000) for other in products)
    return int(gap / 1000)


def _codes(claim: ClaimView, name: str) -> list[str]:
    day = day_number(claim.first_from)
    return [dx.code for dx in claim.diagnoses if dx.role in ("principal", "other")
            and claim.world.within(name, dx.code, day)]


def _lapsed(case: CaseView, claim: ClaimView) -> Any:
    """A condition that a visit of last year was for and nothing of this year names, with a year of history."""
    day, known_from = claim.first_from, case.world.history_from
    if day is None or known_from is None or (day - known_from).days < 365:
        return Unknown("no_history")
    live = [each for each in case.claims if each.is_live and each.first_from]
    named = {dx.code[:3] for each in live if each.first_from and each.first_from.year == day.year
             for dx in each.diagnoses if dx.role in ("principal", "other")}
    lapsed = {code for each in live if each.first_from and each.first_from.year == day.year - 1
              and each.sent.state != "denied" and each.kind == "P"
              and any(line.in_set("em") and line.state != "denied" for line in each.lines)
              for code in _codes(each, "hcc_conditions") if code[:3] not in named}
    return min(lapsed) if lapsed else ABSENT


def payable(line: Line) -> Any:
    """`line.payable`: by relative values, the locality and the conversion factor."""
    schedule, tables = line.schedule, line.world.tables
    match line.world.setting("fee_schedule"):
        case None:
            return Unknown("no_setting")
        case "none":
            return ABSENT
    if schedule is None:
        return Unknown("no_edition")
    if line.fee is None:
        return Unknown("no_row") if schedule.partial else ABSENT
    if line.fee["status"] not in ("A", "R", "T"):
        return Unknown("no_row") if line.fee["status"] == "C" else ABSENT
    places, indices = tables.on("zip_locality", line.day), tables.on("gpci", line.day)
    if places is None or indices is None:
        return Unknown("no_edition")
    postal = _zip(line.claim)
    if not line.pos or line.has_of("price_unclear") or _is_reduced(line) or not postal:
        return Unknown("no_fact")
    place = places.on(line.day, postal)
    index = indices.on(line.day, place["mac"], place["locality"]) if place else None
    if index is None:
        return Unknown("no_row")
    row: Row | None = line.fee
    part = next((each for each in ("26", "TC") if line.has(each)), None)
    if part:
        row = next(iter(schedule.rows(line.code, part)), None)
    if row is None:
        return Unknown("no_row")
    return _amount(line, row, index)


def _amount(line: Line, row: Row, index: Row) -> Any:
    total = row["facility_total"] if facility(line) else row["nonfacility_total"]
    if total <= 0:
        return ABSENT
    value = row["work"] * index["work"] + (total - row["work"]) * min(index["practice"], index["malpractice"])
    cents = (value * row["conversion_factor"] + 50_000_000) // 100_000_000
    if line.has("50"):
        cents = cents * 3 // 2
    if rendering_kind(line) == "npp":
        cents = cents * 85 // 100
    return Decimal(cents * max(0, int(line.units * 1000)) // 1000) / 100


def _is_reduced(line: Line) -> bool:
    """Whether another procedure of the claim's day may take something off."""
    def several(each: Line) -> bool:
        return each.fee is not None and each.fee["mult"] in tuple("234567")

    return several(line) and any(several(other) for other in line.claim.lines
                                 if other is not line and other.date == line.date)


def _zip(claim: ClaimView) -> str:
    """Of the facility, else of the biller."""
    zips = [each.zip or "" for each in claim.sent.providers if each.role == "facility"]
    found = [each for each in zips if len(each.encode()) >= 5][-1:] or [
        (claim.sent.billing.zip or "") if claim.sent.billing else ""]
    return found[0][:5] if len(found[0]) >= 5 and found[0][:5].isascii() and found[0][:5].isdigit() else ""


def billed(case: CaseView, line: Line) -> list[str]:
    """Codes that the line's provider bills on any claim."""
    return sorted({other.code for other in _counted(case) if other.npi == line.npi}) if line.npi else []


def _counted(case: CaseView) -> list[Line]:
    return [line for line in case.lines if line.claim.kind == "P" and pack(line.code, 5) > 0 and line.npi
            and "denied" not in (line.state, line.claim.sent.state)]


@dataclass
class Period:
    """A provider's quarter, or one watched pair of it."""

    claim: ClaimView
    lines: list[Line]
    pair: tuple[str, str] | None

    def value(self, name: str) -> Any:
        """`provider_period.NAME`."""
        codes = [line.code for line in self.lines]
        visits = [code for code in codes if "99211" <= code <= "99215"] if self.pair is None else []
        low, high = (_share(sum(code in some for code in visits), len(visits))
                     for some in (("99211", "99212", "99213"), ("99215",)))
        own: dict[str, Callable[[], Any]] = {
            "year": lambda: self.lines[0].date.year,
            "quarter": lambda: (self.lines[0].date.month + 2) // 3,
            "visits": lambda: len(visits),
            "share_low": lambda: low,
            "share_high": lambda: high,
            "peer_share_low": lambda: self._peer("LOW", "percent"),
            "peer_share_high": lambda: self._peer("HIGH", "percent"),
            "z": lambda: self._distance(low, high),
            "code": lambda: self.pair[0] if self.pair else ABSENT,
            "addon": lambda: self.pair[1] if self.pair else ABSENT,
            "primaries": lambda: codes.count(self.pair[0]) if self.pair else 0,
            "addons": lambda: codes.count(self.pair[1]) if self.pair else 0,
            "peer_rate": lambda: self._peer(self.pair[1], "percent") if self.pair else ABSENT,
        }
        return own[name]()

    def _peer(self, item: str, column: str) -> Any:
        first = self.lines[0]
        day = day_number(first.date.replace(month=(first.date.month - 1) // 3 * 3 + 1, day=1))
        edition = first.world.tables.on("peer_rate", day)
        if edition is None:
            return Unknown("no_edition")
        row = edition.on(day, _specialty(first), item) if _specialty(first) else None
        if row is None:
            return Unknown("no_row") if edition.partial else ABSENT
        return Decimal(row[column]) / 1000

    def _distance(self, low: Decimal, high: Decimal) -> Any:
        told = [self._from_mean(item, share) for item, share in (("LOW", low), ("HIGH", high))]
        if isinstance(told[0], Unknown):
            return told[0]
        numbers = [each for each in told if isinstance(each, Decimal)]
        return max(numbers) if numbers else told[1]

    def _from_mean(self, item: str, share: Decimal) -> Any:
        mean, deviation = self._peer(item, "mean"), self._peer(item, "deviation")
        if not isinstance(mean, Decimal):
            return mean
        if not isinstance(deviation, Decimal) or deviation <= 0:
            return ABSENT
        thousandths = (share - mean) * 1000 * 1000 / (deviation * 1000) * 1000
        return Decimal(int(thousandths / 1000)) / 1000


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part * 100_000 // whole) / 1000 if whole else Decimal(0)


def _specialty(line: Line) -> str:
    return line.taxonomy[:4] if pack(line.taxonomy, 10) > 0 else ""


def periods_of(case: CaseView) -> list[Period]:
    """Each provider, specialty and quarter with something to be sent: its visits, then its watched pairs."""
    groups: dict[Any, list[Line]] = {}
    for line in _counted(case):
        if "99211" <= line.code <= "99215" or any(line.code in pair for pair in WATCHED):
            key = (line.npi, _specialty(line), line.date.year, (line.date.month - 1) // 3)
            groups.setdefault(key, []).append(line)
    found = []
    for lines in groups.values():
        drafts = [line.claim for line in lines if line.is_draft]
        if not drafts:
            continue
        claim = max(drafts, key=lambda each: each.order)
        codes = [line.code for line in lines]
        if any("99211" <= code <= "99215" for code in codes):
            found.append(Period(claim, lines, None))
        found += [Period(claim, lines, pair) for pair in WATCHED if pair[0] in codes]
    return found
