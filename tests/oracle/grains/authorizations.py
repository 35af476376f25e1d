"""Authorization numbers on claims against the practice's records and the payer's rules."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.grains.coverage import same_class, within
from oracle.grains.world import CaseView, ClaimView, Line, digits, upper
from oracle.language import ABSENT, Unknown
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Number
from scrubber.model.payer import AuthRule
from scrubber.symbols import bounds, pack

NO_FACT = Unknown("no_fact")
WORDS = frozenset((
    "NA", "NONE", "NO", "NULL", "PENDING", "PEND", "UNKNOWN", "UNK", "TBD", "NOAUTH", "NOAUTHREQUIRED", "NOTREQUIRED",
    "NOTREQ", "NOTNEEDED", "NOTAPPLICABLE", "NONEREQUIRED", "NONREQUIRED", "VERBAL", "ONFILE", "WAITING", "REQUESTED",
    "SUBMITTED", "APPROVED", "AUTH", "AUTHORIZED", "SEEATTACHED", "SEENOTE", "TEST",
))
NEEDS = ("required", "referral", "notice", "none")


@dataclass(eq=False)
class Sent:
    """A number as sent: on a line, or (line None) for the whole claim."""

    claim: ClaimView
    number: Number
    line: Line | None
    own: bool

    def governs(self, line: Line) -> bool:
        """A line's number governs it; a claim's the lines that send none of its kind."""
        if self.line is not None:
            return self.line is line
        return not any(each.line is line and each.own and each.number.qualifier == self.number.qualifier
                       for each in numbers_of(self.claim))


def numbers_of(claim: ClaimView) -> list[Sent]:
    """Every number of a claim; other payers' are not its own."""
    found = [Sent(claim, number, None, number.own) for number in claim.sent.numbers]
    for line in claim.lines:
        found += [Sent(claim, number, line, number.own) for number in line.sent.numbers]
    for other in claim.sent.others:
        found += [Sent(claim, number, None, False) for number in other.numbers]
    return found


def plain(number: str) -> str:
    return number.replace(" ", "").replace("-", "").upper()


def format_fault(number: str, pattern: str | None) -> str:
    """What is wrong with the form of a number."""
    text = number.strip()
    bare = "".join(each for each in text.upper() if each.isalnum())
    if not bare:
        return "blank"
    if bare in WORDS:
        return "word"
    if set(bare) == {"0"}:
        return "zeros"
    if len(text) > 50:
        return "length"
    return "pattern" if pattern and not re.fullmatch(pattern, text) else "none"


@dataclass(eq=False)
class AuthUnit:
    """A number with a line that it governs, or alone."""

    case: CaseView
    sent: Sent
    line: Line | None

    def __post_init__(self) -> None:
        claim = self.sent.claim
        self.found = find(claim, self.sent, self.line) if self.sent.own else None

    def value(self, name: str) -> Any:
        """`auth.NAME`."""
        sent, claim, auth = self.sent, self.sent.claim, self.found
        match name:
            case "qualifier":
                return sent.number.qualifier
            case "own":
                return sent.own
            case "format_fault":
                pattern = claim.world.setting("auth_pattern")
                return format_fault(sent.number.number, pattern) if sent.own else "none"
            case "found":
                return self._is_found()
        if name == "meant":
            return "yes" if auth is None or self.line is None else meant(claim, sent, auth, self.line)
        if name == "numbers_at_claim":
            return sum(other.own and other.line is None and other.number.qualifier == sent.number.qualifier
                       for other in numbers_of(claim))
        if auth is None:
            return NO_FACT
        match name:
            case "kind" | "status":
                return getattr(auth, name) or NO_FACT
            case "member_ok":
                members = upper(auth.member), upper(claim.sent.member)
                return _yes(members[0] == members[1]) if all(members) else NO_FACT
            case "payer_ok":
                return _yes(upper(auth.payer) == upper(claim.sent.payer)) if upper(auth.payer) else NO_FACT
            case "provider_match":
                return provider_match(claim, auth, self.line)
            case "approved":
                return NO_FACT if auth.units is None else auth.units
        if self.line is None:
            return NO_FACT
        match name:
            case "code_match":
                return code_match(auth, self.line)
            case "modifier_match":
                if not auth.modifiers:
                    return "none"
                return _yes(any(within(auth.modifiers, each, "mod") for each in self.line.modifiers))
            case "dx_match":
                return dx_match(auth, self.line)
            case "window":
                return window(auth, self.line)
            case "pos_match":
                return pos_match(auth, self.line)
        return self._units(auth, self.line, name)

    def _is_found(self) -> bool | Unknown:
        auths = self.sent.claim.world.auths
        if auths is None or not self.sent.own:
            return Unknown("no_edition")
        if self.found is not None:
            return True
        about = any(upper(auth.payer) in ("", upper(self.sent.claim.sent.payer)) for auth in auths)
        return False if about else Unknown("no_edition")

    def _units(self, auth: Authorization, line: Line, name: str) -> Any:
        """`over` and `percent`; a claim that voids uses nothing."""
        if self.sent.claim.sent.frequency == "8" and auth.units is not None:
            return Decimal(0) if name == "over" else ABSENT
        account = Account(self.case, auth)
        taken = account.over.get(line)
        if taken is None or (auth.used is None and not account.past and self.case.world.history_from is None):
            return NO_FACT
        if auth.units is None or auth.uom is None:
            return NO_FACT
        if name == "over":
            return taken
        if line is not account.last:
            return ABSENT
        return int(Fraction(account.total) * 100 // Fraction(auth.units)) if auth.units else 100


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def units_of(case: CaseView, claim: ClaimView) -> list[AuthUnit]:
    """Each number with each line it governs; alone where it governs none or is another payer's."""
    found = []
    for sent in numbers_of(claim):
        if sent.line is not None or not sent.own:
            found.append(AuthUnit(case, sent, sent.line))
            continue
        governed = [line for line in claim.lines if sent.governs(line)]
        found += [AuthUnit(case, sent, line) for line in governed or [None]]
    return found


def find(claim: ClaimView, sent: Sent, line: Line | None) -> Authorization | None:
    """The row of the number that fits best: by member, then payer, then code, then day."""
    best: tuple[int, Authorization] | None = None
    for auth in claim.world.auths or ():
        if plain(auth.number) != plain(sent.number.number.strip()) or not plain(auth.number):
            continue
        code = line.code if line else ""
        fit = 4 * any(within([each], code, "code") and same_class(each, code) for each in auth.codes)
        if not auth.codes:
            fit = 2
        if upper(auth.member) and upper(auth.member) == upper(claim.sent.member):
            fit += 16
        if upper(auth.payer) and upper(auth.payer) == upper(claim.sent.payer):
            fit += 8
        if line is not None and (auth.from_ or dt.date.min) <= line.date <= (auth.to or dt.date.max):
            fit += 1
        if best is None or fit > best[0]:
            best = (fit, auth)
    return best[1] if best else None


def provider_match(claim: ClaimView, auth: Authorization, line: Line | None) -> Any:
    """The person, the group's number, another of the group, or somebody else."""
    if not (auth.npi or auth.facility_npi or auth.tin):
        return NO_FACT
    sent = claim.sent
    person = sent.rendering or sent.billing
    npi = line.npi if line else (person.npi or "" if person else "")
    biller_tin = digits(sent.billing.tax_id) if sent.billing else ""
    tin = line.tin if line else (digits(person.tax_id) if person else "") or biller_tin
    group = (sent.billing.npi or "") if sent.billing else ""
    if auth.npi and auth.npi == npi:
        return "npi"
    if group and group in (auth.npi, auth.facility_npi):
        return "group"
    return "tin" if auth.tin and digits(auth.tin) == tin else "none"


def code_match(auth: Authorization, line: Line) -> Any:
    """How the code stands in the authorization."""
    if not auth.codes:
        return NO_FACT
    code = line.code
    spans = [(member, bounds(member, 5)) for member in auth.codes]
    if any(span and span[0] == span[1] == pack(code, 5) for _, span in spans):
        return "exact"
    for member, _ in spans:
        if within([member], code, "code") and same_class(member, code):
            return "range"
    for family in line.world.payer.auth_families:
        kin = [bounds(member, 5) for member in family]
        overlaps = any(mine and theirs and mine[0] <= theirs[1] and theirs[0] <= mine[1]
                       for _, mine in spans for theirs in kin)
        if within(family, code, "code") and overlaps:
            return "family"
    return "none"


def meant(claim: ClaimView, sent: Sent, auth: Authorization, line: Line) -> str:
    """Whether a claim's number is for this line too, whose code it does not cover."""
    def covers(other: Sent, each: Line) -> bool:
        row = find(claim, other, each)
        return row is not None and code_match(row, each) in ("exact", "range")

    if sent.line is not None or code_match(auth, line) != "none":
        return "yes"
    if any(other.number is not sent.number and other.own and other.line is None
           and other.number.qualifier == sent.number.qualifier and covers(other, line) for other in numbers_of(claim)):
        return "no"
    elsewhere = any(each is not line and sent.governs(each) and covers(sent, each) for each in claim.lines)
    need = line_authorization(line, "auth_need")
    if not elsewhere or need == "required":
        return "yes"
    return "perhaps" if isinstance(need, Unknown) else "no"


def dx_match(auth: Authorization, line: Line) -> str:
    """The closest of the pointed diagnoses; the seventh character does not matter."""
    if not auth.diagnoses:
        return "no_list"
    best = "none"
    for code in (dx.code for dx in line.pointed):
        for member in auth.diagnoses:
            base = upper(member).replace(".", "").partition("-")[0]
            if within([member], code, "dx") or code[:6] == base[:6]:
                return "exact"
            if code[:3] == base[:3]:
                best = "category"
            elif code[:2] == base[:2] and best == "none":
                best = "block"
    return best


def window(auth: Authorization, line: Line) -> Any:
    """Whether every day of the line lies in the window of the authorization."""
    if auth.from_ is None and auth.to is None:
        return NO_FACT
    first, last = line.date, max(line.date, line.thru)
    begin, end = auth.from_ or dt.date.min, auth.to or dt.date.max
    if last < begin or first > end:
        return "out"
    return "in" if begin <= first and last <= end else "partial"


def pos_match(auth: Authorization, line: Line) -> Any:
    """How the place stands in the authorization; of an institutional claim whether both are stays or neither."""
    if not auth.pos:
        return "no_list"
    if line.claim.kind == "I":
        if not line.claim.sent.tob:
            return NO_FACT
        return _yes(any((pos in ("21", "31", "51", "61")) == line.claim.inpatient for pos in auth.pos))
    if not line.pos:
        return NO_FACT
    if line.pos in auth.pos:
        return "yes"
    groups = line.world.setting("pos_groups") or ()
    return "grouped" if any(line.pos in group and set(group) & set(auth.pos) for group in groups) else "no"


class Account:
    """What lines take from one authorization, history first, then drafts by date, claim and line.

    Attributes:
        over: Of each draft line, what it takes beyond the approved amount.
        total: Taken in all.
        last: The last draft line.
        past: Whether history counts on it.
    """

    def __init__(self, case: CaseView, auth: Authorization) -> None:
        takers = [line for claim in case.claims for line in _takers(case, claim, auth)]
        takers.sort(key=lambda line: (line.claim.is_draft, line.date, line.claim.order, line.place))
        self.over: dict[Line, Decimal] = {}
        self.total = Decimal(0)
        self.last: Line | None = None
        self.past = any(not line.claim.is_draft for line in takers)
        self._seen: dict[Any, Decimal] = {}
        self._auth = auth
        for line in takers:
            if line.claim.is_draft and not self.over:
                self.total = max(self.total, auth.used or Decimal(0))
            self._take(line)
            if line.claim.is_draft:
                self.last = line

    def _take(self, line: Line) -> None:
        approved = self._auth.units or Decimal(0)
        judged = line.claim.is_draft
        if self._auth.uom not in ("visit", "day"):
            before, self.total = self.total, self.total + line.units
            if judged:
                self.over[line] = max(Decimal(0), min(line.units, before + line.units - approved))
            return
        over = Decimal(0)
        for offset in range(line.days):
            key = (line.date + dt.timedelta(days=offset), line.npi if self._auth.uom == "visit" else "")
            if key not in self._seen:
                self.total += 1
                self._seen[key] = min(Decimal(1), max(Decimal(0), self.total - approved)) if judged else Decimal(0)
            over += self._seen[key]
        if judged:
            self.over[line] = over


def _takers(case: CaseView, claim: ClaimView, auth: Authorization) -> list[Line]:
    """Lines of a claim that count on an authorization."""
    counted = claim.sent.state not in ("denied", "rejected", "void") and claim.sent.frequency != "8"
    replaced = any(
        other is not claim and other.sent.frequency in ("7", "8") and other.sent.original and claim.sent.control
        and upper(other.sent.original) == upper(claim.sent.control)
        and other.sent.state not in ("denied", "rejected", "void") for other in case.claims)
    if not counted or replaced:
        return []
    # A claim may send one number twice; its lines take their units once.
    return [line for line in claim.lines if line.state not in ("denied", "rejected", "void") and any(
        sent.own and sent.governs(line) and find(claim, sent, line) is auth and code_match(auth, line) != "none"
        for sent in numbers_of(claim))]


# What the payer asks for.

def line_authorization(line: Line, name: str) -> Any:
    """`line.auth_sent`, `line.auth_need`, `line.auth_exempt`."""
    claim = line.claim
    if name == "auth_sent":
        return any(sent.own and sent.number.qualifier == "G1" and sent.line in (None, line)
                   for sent in numbers_of(claim))
    rules = rules_of(claim, claim.sent.payer)
    rule = _rule_for(line, rules)
    if name == "auth_need":
        return Unknown("no_setting") if not rules else "none" if rule is None else rule.need
    return _exempt(line, rule)


def rules_of(claim: ClaimView, payer: str) -> list[AuthRule]:
    """What one payer asks for."""
    return [rule for rule in claim.world.payer.auth_rules or () if rule.payer in ("*", payer)]


def other_needs(claim: ClaimView, payer: str | None) -> str | Unknown:
    """Whether another payer requires an authorization of a line that nothing lets off."""
    if not payer:
        return NO_FACT
    rules = rules_of(claim, payer)
    if not rules:
        return Unknown("no_setting")
    found = ((line, _rule_for(line, rules)) for line in claim.lines)
    return "required" if any(rule is not None and rule.need == "required" and _exempt(line, rule) == "none"
                             for line, rule in found) else "none"


def _exempt(line: Line, rule: AuthRule | None) -> str:
    """What lets a line off."""
    if line.sent.emergency or line.pos == "23":
        return "emergency"
    if line.claim.sent.auth_exception:
        return "exception"
    if rule and any(within(rule.dx_exempt, dx.code, "dx") for dx in line.pointed):
        return "dx"
    return "none"


def _rule_for(line: Line, rules: Sequence[AuthRule]) -> AuthRule | None:
    """The most specific one; of equals the one that asks for more."""
    groups: dict[Any, list[AuthRule]] = defaultdict(list)
    for rule in rules:
        if rule.plan != "*" or (rule.from_ or dt.date.min) > line.date or line.date > (rule.to or dt.date.max):
            continue
        if rule.pos and not within(rule.pos, line.pos, "pos"):
            continue
        for member in rule.codes:
            span = bounds(member, 5)
            if span and within([member], line.code, "code") and same_class(member, line.code):
                groups[rule.payer == "*", span[1] - span[0], not rule.pos, NEEDS.index(rule.need)].append(rule)
    return groups[min(groups)][0] if groups else None
