"""The 277CA (005010X214): for each set of a file who sent it, what was accepted of it, and why a claim was not.

Names and ids of patients are those of the 837, as the guide wants them; they are read again while this is written.

Source: ASC X12 005010X214; its examples on x12.org.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from scrubber.writers.acknowledgement.interchange import Part, Reply
from scrubber.writers.acknowledgement.noted import Noted, Reason
from scrubber.writers.acknowledgement.outline import GroupOutline, Outline, SetOutline, Totals
from scrubber.writers.acknowledgement.sent import INSTITUTIONAL, Claim, Header, Line, Reader, amount, days, money
from scrubber.writers.acknowledgement.statuses import ACCEPTED, MOST, SEE_999, SEE_LINES, Statuses, together
from scrubber.writers.acknowledgement.walk import Walk, element

VERSION = "005010X214"
TEXT = 264                     # characters of STC12
UNKNOWN = b"UNKNOWN"           # where the guide wants a name or an id, and the 837 has none that can be sent back
NO_DATE = b"19000101"          # where it wants a date of service, and the 837 has none that is one
SOURCE = "AY"                  # who answers: whoever stands between the sender and the payer
# Dates of a claim as a whole that say when it was for, the best first.
_CLAIM_DATES = (b"434", b"472", b"435", b"454", b"431", b"096")
_QUALIFIERS = (b"AD", b"ER", b"HC", b"HP", b"IV", b"WK")


class ClaimsWriter:
    """Writes the 277CA of one file.

    Args:
        walk: Over the file, from its start again.
        outline: What was found the first time.
        reasons: Why flags reject claims, by number.
    """

    def __init__(self, stream: BinaryIO, walk: Walk, outline: Outline, noted: Noted, statuses: Statuses,
                 reasons: list[Reason], as_of: dt.date) -> None:
        self._stream = stream
        self._walk = walk
        self._outline = outline
        self._noted = noted
        self._statuses = statuses
        self._reasons = reasons
        self._as_of = as_of
        self._reply: Reply | None = None
        self._group: GroupOutline | None = None
        self._set = self._provider = -1
        self._levels = self._of_provider = 0

    def write(self) -> bool:
        """Writes it; false where the file has no claim in a set that goes on."""
        reader = Reader(self._walk, self._noted, self._statuses)
        for segment in self._walk:
            claim = reader.take(segment)
            if claim is not None:
                self._claim(claim)
        claim = reader.finish()
        if claim is not None:
            self._claim(claim)
        reply = self._reply
        self._leave(None)
        return reply is not None

    def _claim(self, claim: Claim) -> None:
        """A claim, behind what it stands under; a set that was rejected as a whole is the 999's."""
        found = self._outline.sets[claim.set]
        if found.rejected:
            return
        reply = self._enter(claim, found)
        if claim.provider != self._provider:
            self._provider = claim.provider
            self._begin_provider(reply, claim, found.providers[claim.provider])
        self._patient(reply, claim)

    def _enter(self, claim: Claim, found: SetOutline) -> Reply:
        """Begins the answer to the claim's interchange, group and set, where it is another."""
        if claim.set != self._set or self._reply is None:
            self._leave(found.group)
            if self._reply is None:
                asked = found.group.interchange
                self._reply = Reply(self._stream, asked.header, asked.ordinal, asked.delimiters, self._as_of,
                                    kind="277CA", functional="HN", version=VERSION)
            if self._group is not found.group:
                self._group = found.group
                self._reply.begin_group(found.group.header)
            self._set, self._provider = claim.set, -1
            self._begin_set(self._reply, claim.header, found)
        return self._reply

    def _leave(self, following: GroupOutline | None) -> None:
        """Ends the set, and the group and the interchange where another one follows."""
        if self._reply is None or self._group is None:
            return
        self._reply.end_set()
        if following is not self._group:
            self._reply.end_group()
            if following is None or following.interchange is not self._group.interchange:
                self._reply.end()
                self._reply = None
            self._group = None

    def _begin_set(self, reply: Reply, header: Header, found: SetOutline) -> None:
        """Loops 2000A and 2000B: who answers, and whom."""
        number = reply.begin_set("277")
        reply.put("BHT", "0085", "08", number, reply.day, "0000", "TH")
        reply.put("HL", 1, "", "20", 1)
        name = reply.fit(element(header.receiver, 3), 1, 60) or reply.party(sender=False)
        id = reply.fit(element(header.receiver, 9), 2, 80) or reply.party(sender=False)
        reply.put("NM1", SOURCE, 2, name, "", "", "", "", "46", id)
        reply.put("TRN", 1, number)
        reply.put("DTP", "050", "D8", reply.day)
        reply.put("DTP", "009", "D8", reply.day)
        self._levels = 2
        reply.put("HL", 2, 1, "21", 1)
        self._name(reply, "41", header.submitter, b"46", reply.fit(element(header.submitter, 9), 2, 80)
                   or reply.party(sender=True))
        reply.put("TRN", 2, reply.clean(header.batch, 50) or reply.clean(found.control, 50) or "0")
        self._status(reply, (f"A1:19:{SOURCE}",), reply.day, "WQ", money(found.totals.amount))
        _totals(reply, found.totals, "90", "AA")

    def _begin_provider(self, reply: Reply, claim: Claim, totals: Totals) -> None:
        """Loop 2000C: the billing provider."""
        self._levels += 1
        self._of_provider = self._levels
        reply.put("HL", self._levels, 2, "19", 1)
        sent = reply.fit(element(claim.billing, 9), 2, 80)
        tax = reply.fit(claim.tax_id, 2, 80)
        if sent and element(claim.billing, 8) == b"XX":
            self._name(reply, "85", claim.billing, b"XX", sent)
        elif tax:
            self._name(reply, "85", claim.billing, b"FI", tax)
        else:
            self._name(reply, "85", claim.billing, b"SV", sent or UNKNOWN)
        reply.put("TRN", 1, 0)
        self._status(reply, (f"A1:19:{SOURCE}",), "", "WQ", money(totals.amount))
        _totals(reply, totals, "QA", "QC")

    def _patient(self, reply: Reply, claim: Claim) -> None:
        """Loops 2000D and 2200D: one patient, one claim."""
        self._levels += 1
        reply.put("HL", self._levels, self._of_provider, "PT")
        person = claim.patient or claim.subscriber
        qualifier = element(claim.subscriber, 8)
        id = reply.fit(element(claim.subscriber, 9), 2, 80) or reply.fit(element(claim.patient, 9), 2, 80) or UNKNOWN
        self._name(reply, "QC", [b"NM1", b"QC", b"1", *person[3:]], qualifier if qualifier == b"II" else b"MI", id)
        reply.put("TRN", 2, reply.clean(claim.id, 50) or UNKNOWN)
        of_lines = self._claim_statuses(reply, claim)
        if trace := reply.clean(claim.trace, 50):
            reply.put("REF", "D9", trace)
        if claim.header.version.startswith(INSTITUTIONAL):
            bill = reply.clean(claim.place[0] + b"".join(claim.place[2:3]), 50)
            if bill:
                reply.put("REF", "BLT", bill)
        first, last = _period(claim)
        reply.put("DTP", "472", *_dates(first, last))
        for number, statuses in of_lines.items():
            self._line(reply, claim.lines[number - 1], number, statuses)

    def _claim_statuses(self, reply: Reply, claim: Claim) -> dict[int, list[tuple[str, ...]]]:
        """The STC of the claim; gives those of its lines, by which line it is."""
        charge = money(claim.amount)
        if not claim.rejected:
            self._status(reply, ACCEPTED, reply.day, "WQ", charge)
            return {}
        places: dict[int, list[int]] = {}
        for place, line in enumerate(claim.lines, 1):
            places.setdefault(line.number, []).append(place)
        own: dict[tuple[str, ...], list[str]] = {}
        of_lines: dict[int, dict[tuple[str, ...], None]] = {}
        texts: list[str] = []
        for line_number, number in self._noted.claims.get(claim.position, ()):
            reason = self._reasons[number]
            at = places.get(line_number, ())
            for place in at:
                of_lines.setdefault(place, {})[reason.statuses] = None
            if at:
                texts.append(f"Line {line_number} {reason.text}")
            else:
                own.setdefault(reason.statuses, []).append(reason.text)
        wrong: dict[tuple[str, ...], list[str]] = {}     # what the 999 says
        for place, statuses in claim.faults:
            if place:
                of_lines.setdefault(place, {})[statuses] = None
            else:
                wrong[statuses] = []
        if claim.faults or (claim.position in self._noted.aside and not own and not of_lines):
            own = {SEE_999: [], **wrong, **own}
        if texts and not own:
            own[SEE_LINES] = texts
        for statuses, said in own.items():
            self._status(reply, statuses, reply.day, "U", charge, "; ".join(dict.fromkeys(said)))
        return {place: list(found) for place, found in sorted(of_lines.items())}

    def _line(self, reply: Reply, line: Line, place: int, reasons: Iterable[tuple[str, ...]]) -> None:
        """Loop 2220D: a line that something is wrong with; the guide has one STC there, with three statuses."""
        procedure, sent, charge, count = line.service()
        code = [reply.clean(part, 48) for part in procedure[:6]]
        revenue = reply.clean(sent, 48)
        service: list[bytes] = [b"HC", UNKNOWN]
        if len(code) > 1 and code[0] in _QUALIFIERS and code[1]:
            service = code
        elif revenue:
            service, revenue = [b"NU", revenue], b""
        units = reply.clean(count, 15)
        reply.put("SVC", service, money(amount(charge)), "", revenue, "", "", units if amount(units) > 0 else "")
        self._status(reply, together(reasons), reply.day, "U")
        reply.put("REF", "FJ", reply.clean(line.control, 50) or str(line.number or place))
        if prescription := reply.clean(line.prescription, 50):
            reply.put("REF", "XZ", prescription)
        if period := line.period:
            reply.put("DTP", "472", *_dates(*period))

    def _status(self, reply: Reply, statuses: Sequence[str], day: str, action: str, charge: str = "",
                text: str = "") -> None:
        """STC: up to three statuses, and words for people."""
        parts: list[Sequence[Part]] = [status.split(":") for status in statuses[:MOST]]
        more: list[Part | Sequence[Part]] = [*parts[1:], *[""] * (MOST - len(parts))]
        reply.put("STC", parts[0], day, action, charge, "", "", "", "", "", *more,
                  reply.clean(text.encode("ascii", "replace"), TEXT))

    @staticmethod
    def _name(reply: Reply, party: str, sent: list[bytes], qualifier: bytes, id: bytes) -> None:
        """NM1 with the name as it was sent."""
        last, first, middle, suffix = (reply.clean(element(sent, place), most)
                                       for place, most in ((3, 60), (4, 35), (5, 25), (7, 10)))
        kind = element(sent, 2) if element(sent, 2) in (b"1", b"2") else b"2"
        reply.put("NM1", party, kind, last or UNKNOWN, *((first, middle, "", suffix) if kind == b"1" else [""] * 4),
                  qualifier, id)


def _totals(reply: Reply, totals: Totals, accepted: str, rejected: str) -> None:
    """QTY and AMT, where there is something to count."""
    for qualifier, count in ((accepted, totals.accepted), (rejected, totals.rejected)):
        if count:
            reply.put("QTY", qualifier, count)
    if totals.accepted:
        reply.put("AMT", "YU", money(totals.accepted_amount))
    if totals.rejected:
        reply.put("AMT", "YY", money(totals.rejected_amount))


def _period(claim: Claim) -> tuple[bytes, bytes]:
    """First and last day that a claim is for: of the claim as a whole where it says so, else of its lines."""
    if statement := days(*claim.dates.get(b"434", (b"", b""))):
        return statement
    found = [period for line in claim.lines if (period := line.period)]
    if not found:
        found = [period for qualifier in _CLAIM_DATES if (period := days(*claim.dates.get(qualifier, (b"", b""))))][:1]
    if not found:
        return NO_DATE, NO_DATE
    return min(first for first, _ in found), max(last for _, last in found)


def _dates(first: bytes, last: bytes) -> tuple[str, bytes]:
    return ("D8", first) if first == last else ("RD8", first + b"-" + last)
