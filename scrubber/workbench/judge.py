"""A form judged: its flags, each beside the field that it is about, and what was not checked."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.flag import Flag, Severity, is_opportunity
from scrubber.model.rule import Rule
from scrubber.preview import Preview
from scrubber.report import RANK, SEVERITIES
from scrubber.symbols import dotted
from scrubber.variants import submitted
from scrubber.workbench.draft import Draft, read_draft
from scrubber.workbench.form import Form
from scrubber.writers import words

# The field that a flag is about: by what its fix changes, else by the start of its rule's id.
OF_CHANGE = {"set_units": "units", "drop_modifier": "modifiers", "add_modifier": "modifiers",
             "reorder_modifiers": "modifiers", "add_pointer": "pointers", "replace_code": "code"}
OF_RULE = (("MOD-", "modifiers"), ("NCCI-MUE", "units"), ("NCCI-UNIT", "units"), ("CODE-POS", "pos"),
           ("CODE-ASC", "pos"), ("CODE-DATE", "date"), ("CODE-NDC", "more"), ("CODE-CLIA", "more"),
           ("ADM-AMT", "charge"), ("ADM-DATE", "date"), ("ADM-SPAN", "date"), ("ADM-TF", "date"), ("LINK-", "pointers"),
           ("DX-PTR", "pointers"), ("DX-LAT", "pointers"), ("OPP-CHG", "charge"), ("", "code"))
OF_CLAIM = (("ADM-TF", "as_of"), ("ADM-DATE", "dos"), ("ADM-FREQ", "frequency"), ("ADM-PAYER", "payer"),
            ("ADM-FAC", "pos"), ("DX-", "dx-1"), ("ADM-LINES", "lines"))
ONLY = {"mechanical": "A slip of form", "documentation": "Only if the record supports it",
        "judgement": "A judgement to make"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A flag on the page.

    Attributes:
        key: By which the page names it: rule, case, row and diagnoses.
        place: Where it stands: a row's key, `dx` or `claim`.
        field: Id of the field that it is about, "" for none.
        under: What follows from it.
        at_risk: Dollars, "" where the charge was not typed.
    """

    key: str
    flag: Flag
    rule: Rule
    place: str
    field: str
    dismissed: bool
    at_risk: str
    under: tuple["Shown", ...] = ()

    @property
    def id(self) -> str:
        """Of its elements on the page."""
        return "f" + hashlib.sha256(self.key.encode()).hexdigest()[:12]

    @property
    def fix(self) -> str:
        return words.question(self.flag)[0]

    @property
    def ask(self) -> str:
        return words.question(self.flag)[1]

    @property
    def denial(self) -> str:
        return words.denial(self.flag)

    @property
    def related(self) -> str:
        return words.related(self.flag)

    @property
    def why(self) -> str:
        return " ".join(self.rule.why.split())

    @property
    def where(self) -> str:
        return "claim" if self.flag.line is None else f"line {self.flag.line}"

    @property
    def only(self) -> str:
        return ONLY[self.flag.fix_class]

    @property
    def opportunity(self) -> bool:
        return is_opportunity(self.flag.rule)


@dataclass(frozen=True, slots=True)
class Judged:
    """A form with what was found.

    Attributes:
        shown: Flags that follow from no other, in the order of the page.
        gaps: How often a rule could not be evaluated, by rule and reason.
        profile: Of the payer; `by`: how it was found.
        as_of: The submission date that was used.
    """

    draft: Draft
    as_of: dt.date
    profile: str
    by: str
    shown: tuple[Shown, ...] = ()
    gaps: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unreadable: str = ""

    @property
    def form(self) -> Form:
        return self.draft.form

    @property
    def is_judged(self) -> bool:
        return self.draft.claim is not None and not self.unreadable

    def at(self, place: str) -> list[Shown]:
        """The flags of a place, the gravest first and those put aside last."""
        return sorted((each for each in self.shown if each.place == place),
                      key=lambda each: (each.dismissed, each.opportunity, RANK[each.flag.severity]))

    @property
    def counts(self) -> dict[Severity, int]:
        """Flags by severity, what follows from them included; without those put aside and without opportunities."""
        found: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        for each in self._open():
            found[each.flag.severity] += 1
        return {severity: number for severity, number in found.items() if number}

    @property
    def unread(self) -> int:
        """Lines that cannot be read, and are not judged."""
        return sum(not row.is_empty for row in self.form.rows) - len(self.draft.rows)

    @property
    def opportunities(self) -> int:
        return sum(each.opportunity and not each.dismissed for each in self.shown)

    @property
    def dismissed(self) -> int:
        return sum(each.dismissed for each in self.shown)

    @property
    def at_risk(self) -> int:
        """Cents on lines flagged reject or deny, each once, as far as charges were typed."""
        lines = {each.flag.line: each.flag.charge_at_risk_cents for each in self._open()
                 if each.at_risk and RANK[each.flag.severity] <= RANK["deny"]}
        return sum(lines.values())

    @property
    def at_least(self) -> bool:
        """Whether more is at risk than that: a line that is flagged has no charge."""
        return any(not each.at_risk and RANK[each.flag.severity] <= RANK["deny"] for each in self._open())

    @property
    def not_checked(self) -> int:
        return sum(sum(reasons.values()) for reasons in self.gaps.values())

    @property
    def held(self) -> bool:
        """Whether a flag at or above deny would hold the claim back."""
        return any(RANK[severity] <= RANK["deny"] for severity in self.counts)

    def _open(self) -> Iterable[Shown]:
        for each in self.shown:
            if not each.dismissed and not each.opportunity:
                yield each
                yield from each.under


def judge(scrubber: Scrubber, form: Form) -> Judged:
    """What the rules say of a form."""
    draft = read_draft(form, scrubber.payers)
    match = scrubber.payers.match(form.payer.strip() or "medicare")
    chosen = dated(scrubber, draft)
    judged = Judged(draft, chosen.as_of, match.payer.profile, match.by)
    if draft.claim is None:
        return judged
    try:
        flags, gaps = chosen.answer(draft.claim)
    except ClaimError as error:
        return Judged(draft, chosen.as_of, match.payer.profile, match.by,
                      unreadable=str(error).removeprefix("claim: "))
    return Judged(draft, chosen.as_of, match.payer.profile, match.by, tuple(_shown(draft, scrubber, flags)), gaps)


def dated(scrubber: Scrubber, draft: Draft) -> Scrubber:
    """The scrubber for the submission date of a form, where it gives one."""
    return scrubber if draft.as_of is None else submitted(scrubber, draft.as_of)


def found(judged: Judged, key: str) -> Shown | None:
    """The flag of a key, which may stand under another one."""
    every = (each for top in judged.shown for each in (top, *top.under))
    return next((each for each in every if each.key == key), None)


def previewed(scrubber: Scrubber, judged: Judged, shown: Shown) -> Preview | None:
    """What the change of a flag would come to."""
    claim = judged.draft.claim
    return None if claim is None else dated(scrubber, judged.draft).preview(claim, shown.flag)


def _shown(draft: Draft, scrubber: Scrubber, flags: Sequence[Flag]) -> Iterable[Shown]:
    rules = {loaded.rule.id: loaded.rule for loaded in scrubber.catalogue.rules}

    def shown(flag: Flag, under: Sequence[Flag] = ()) -> Shown:
        row = draft.key_of(flag.line) if flag.line is not None else None
        key = "|".join((flag.rule, flag.case or "", row or "", "+".join(flag.diagnoses)))
        place = row or ("dx" if flag.rule.startswith("DX-") else "claim")
        known = flag.charge_at_risk_cents > 0 and (
            flag.line in draft.charged if flag.line is not None else len(draft.charged) == len(draft.lines))
        worth = is_opportunity(flag.rule) and flag.charge_at_risk_cents > 0
        return Shown(key, flag, rules[flag.rule], place, _field(draft, flag, row), key in draft.form.dismissed,
                     words.dollars(flag.charge_at_risk_cents) if known or worth else "",
                     tuple(map(shown, under)))

    return [shown(flag, under) for flag, under in words.by_root(flags)]


def _field(draft: Draft, flag: Flag, row: str | None) -> str:
    """Id of the field that a flag is about."""
    codes = {dotted(code.replace(".", "")): place for place, code in draft.dx.items()}
    if row is None:
        of = next((codes[dotted(code)] for code in flag.diagnoses if dotted(code) in codes), None)
        if of is not None:
            return f"dx-{of}"
        return next((name for start, name in OF_CLAIM if flag.rule.startswith(start)), "")
    name = next((OF_CHANGE[change.action] for change in flag.change if change.action in OF_CHANGE), None)
    name = name or next(name for start, name in OF_RULE if flag.rule.startswith(start))
    its = next(each for each in draft.rows if each.key == row)
    if name == "date" and not its.date:
        return "dos"
    if name == "pos" and not its.pos:
        return "pos"
    return f"{row}-{name}"
