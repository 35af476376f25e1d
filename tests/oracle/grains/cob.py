"""Other payers of a claim and what they decided."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from oracle.grains.authorizations import other_needs
from oracle.grains.world import ClaimView, Line, rounded, upper
from oracle.language import ABSENT, Unknown
from scrubber.model.claim import Adjustment, OtherPayer
from scrubber.symbols import day_number, pack

NO_FACT = Unknown("no_fact")
MSP = ("12", "13", "14", "15", "16", "41", "42", "43", "47")
GROUPS = ("CO", "CR", "OA", "PI", "PR")


def _cents(amount: Decimal | None) -> Decimal:
    return rounded(amount, "0.01")


def _sum(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((_cents(each.amount) for each in adjustments), Decimal(0))


class Cob:
    """One other payer of a claim; `place` from 0."""

    def __init__(self, claim: ClaimView, place: int) -> None:
        self.claim = claim
        self.place = place
        self.payer: OtherPayer = claim.sent.others[place]
        self.adjustments = [(None, each) for each in self.payer.adjustments] + [
            (line, each) for line in self.payer.lines for each in line.adjustments]

    @property
    def total(self) -> Decimal:
        sent = self.claim.sent
        charges = sum((line.charge or Decimal(0) for line in self.claim.lines), Decimal(0))
        return charges if sent.total is None else _cents(sent.total)

    @property
    def adjudicated(self) -> bool:
        return self.payer.paid is not None or bool(self.payer.lines) or bool(self.adjustments)

    def value(self, name: str) -> Any:
        """`cob.NAME`."""
        payer, claim = self.payer, self.claim
        adjusted = _sum([each for _, each in self.adjustments])
        match name:
            case "position":
                return self.place + 1
            case "adjudicated":
                return self.adjudicated
            case "total":
                return self.total
            case "paid":
                return ABSENT if payer.paid is None else _cents(payer.paid)
            case "adjusted":
                return adjusted
            case "claim_difference":
                sent = payer.paid is not None or payer.non_covered is not None
                return self.total - _cents(payer.paid) - adjusted if sent else NO_FACT
            case "paid_difference":
                return self._paid_difference()
            case "non_covered_only":
                return payer.non_covered is not None and _cents(payer.non_covered) == self.total
            case "date_levels":
                return _level(payer.date is not None, any(line.date for line in payer.lines))
            case "remaining_levels":
                return _level(payer.remaining is not None, any(line.remaining is not None for line in payer.lines))
            case "group_fault" | "group":
                wrong = [each.group for _, each in self.adjustments if upper(each.group) not in GROUPS]
                return bool(wrong) if name == "group_fault" else wrong[0] if wrong else ABSENT
            case "reason_fault" | "reason":
                return self._listed("carc", [(each.reason, self._decided(line and line.line))
                                             for line, each in self.adjustments], name == "reason")
            case "remark_fault" | "remark":
                return self._listed("rarc", [(code, self._decided(None)) for code in payer.remarks[:5]],
                                    name == "remark")
            case "sequence_repeated":
                return self._repeated()
            case "is_current_payer":
                members = upper(payer.member), upper(claim.sent.member)
                return bool(upper(payer.payer)) and upper(payer.payer) == upper(claim.sent.payer) and (
                    not all(members) or members[0] == members[1])
            case "msp_type_missing":
                kind = claim.world.setting("kind")
                return self.place == 0 and (claim.sent.responsibility or "") in ("S", "T") and (
                    kind == "medicare" and upper(claim.sent.msp_type) not in MSP)
            case "auth_number":
                numbers = [*payer.numbers, *(each for sent in (claim.sent, *claim.sent.lines) for each in sent.numbers
                                             if not each.own)]
                return any(each.qualifier == "G1" for each in numbers)
        return other_needs(claim, payer.payer)

    def _paid_difference(self) -> Any:
        if not self.payer.lines or self.payer.paid is None:
            return ABSENT
        paid = sum((_cents(line.paid) for line in self.payer.lines), Decimal(0))
        return _cents(self.payer.paid) - paid + _sum(self.payer.adjustments)

    def _repeated(self) -> bool:
        place = self.payer.responsibility
        if not place or place == "U":
            return False
        others = [each.responsibility for number, each in enumerate(self.claim.sent.others) if number != self.place]
        return place in others or (self.adjudicated and self.claim.sent.responsibility == place)

    def _decided(self, line: int | None) -> int:
        """The day of its decision on a line, else on the claim, else the day of submission."""
        day = next((row.date for row in self.payer.lines if row.line == line and row.date), None)
        return day_number(day or self.payer.date or self.claim.world.as_of)

    def _listed(self, table: str, codes: Sequence[tuple[str, int]], shown: bool) -> Any:
        """The first code that the list does not hold on its day."""
        doubt: Unknown | None = None
        for code, day in codes:
            fault = self._fault(table, code, day)
            if isinstance(fault, Unknown):
                doubt = doubt or fault
            elif fault != "none":
                return code if shown else fault
        return doubt or (ABSENT if shown else "none")

    def _fault(self, table: str, code: str, day: int) -> str | Unknown:
        if pack(code, 5) <= 0:
            return "unknown"
        edition = self.claim.world.tables.on(table, day)
        if edition is None:
            return Unknown("no_edition")
        if edition.on(day, code) is not None:
            return "none"
        rows = edition.rows(code)
        if rows:
            return "not_yet" if day < rows[0]["from"] else "ended"
        if edition.partial:
            return Unknown("no_row")
        return Unknown("no_edition") if day >= edition.ends else "unknown"    # a code newer than the list

    def decisions(self) -> list["Decision"]:
        """Each line that it decided on, once."""
        numbers = dict.fromkeys(line.line for line in self.payer.lines)
        return [Decision(self, number) for number in numbers]


class Decision:
    """One line that another payer decided on."""

    def __init__(self, cob: Cob, number: int) -> None:
        self.line: Line = cob.claim.lines[number - 1]
        self.rows = [row for row in cob.payer.lines if row.line == number]

    def value(self, name: str) -> Any:
        """`adjudications.NAME`."""
        if name == "line":
            return self.line.number
        if name == "difference":
            return (self.line.charge or Decimal(0)) - sum(
                (_cents(row.paid) + _sum(row.adjustments) for row in self.rows), Decimal(0))
        return next((row.bundled_into for row in self.rows if row.bundled_into), ABSENT)


def _level(claim: bool, line: bool) -> str:
    return "both" if claim and line else "claim" if claim else "line" if line else "none"
