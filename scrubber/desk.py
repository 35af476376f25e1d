"""One claim after another, each by itself: what a run needs is made once and kept between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrubber._append import append_claim
from scrubber._auth_file import AuthFile
from scrubber._auth_run import Authorizations
from scrubber._batch import ClaimBatch
from scrubber._bounds import TOO_MUCH
from scrubber._cases import Cases
from scrubber._coverage import Coverage
from scrubber._matcher import Matcher
from scrubber._practice import Practice
from scrubber._settle import payer_key, settle_claim
from scrubber._single import Single
from scrubber._tables import Tables
from scrubber.errors import ClaimError
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim
from scrubber.payers import Payer, Payers
from scrubber.plan import Plan, insured
from scrubber.policy.dialect import KINDS
from scrubber.rendering import Found
from scrubber.rules.vocabulary import REASONS
from scrubber.symbols import unpack

if TYPE_CHECKING:
    from scrubber._settle import Insured

KEPT_PAYERS = 1024           # payers whose rows stay compiled
KEPT_CODES = 50_000          # codes on days, and diagnoses, that a desk remembers


@dataclass(frozen=True, slots=True)
class Known:
    """What does not change between claims of one payer.

    Attributes:
        payer: Its profile.
        profile: Number of that.
        kind: Number of its kind, -1 none.
        auths: Of a claim without numbers and other payers, where no authorization file is loaded.
        member_id: Pattern of its member ids, None where none is set.
        key: Its id as an integer.
    """

    payer: Payer
    profile: int
    kind: int
    coverage: Coverage
    auths: Authorizations
    member_id: Matcher | None
    key: int


class Desks:
    """Desks for as many threads as ask at one time; safe to share.

    Args:
        rules: Numbers of the rules to run.
        auths: Of the practice; None: no file is loaded.
    """

    def __init__(self, plan: Plan, tables: Tables, payers: Payers, rules: Sequence[int],
                 auths: Sequence[Authorization] | None) -> None:
        self.plan = plan
        self.tables = tables
        self.payers = payers
        self.rules = rules
        self.numbers = {name: number for number, name in enumerate(payers.names)}
        self.known: dict[tuple[str, int], Known] = {}
        self._auths = auths
        self._file: AuthFile | None = None
        self._insured: Insured | None = None
        self._is_read = False
        self._idle: list[Desk] = []

    @property
    def file(self) -> AuthFile | None:
        """The authorization file, compiled when the first claim comes."""
        if self._file is None and self._auths is not None:
            self._file = AuthFile(self._auths)
        return self._file

    @property
    def insured(self) -> "Insured | None":
        """Who is insured when, None without a list; read when the first claim comes."""
        if not self._is_read:
            self._insured = insured(self.tables.editions)
            self._is_read = True
        return self._insured

    def take(self) -> "Desk":
        """A desk that nobody else has until it is given back."""
        try:
            return self._idle.pop()
        except IndexError:
            return Desk(self)

    def give(self, desk: "Desk") -> None:
        """Takes back a desk whose claim is done with; one on which something failed is better left."""
        if desk.run.remembered < KEPT_CODES:
            self._idle.append(desk)

    def about(self, payer: str, filing_code: int) -> Known:
        """What is known of a payer, by its id and the filing code of a claim."""
        found = self.known.get((payer, filing_code))
        if found is None:
            profile = self.number_of(payer, unpack(filing_code, 2) if filing_code > 0 else "")
            told = self.plan.payers[profile]
            kind = told.settings.get("kind")
            batch = ClaimBatch()
            batch.payers.append(payer)
            found = Known(told, profile, KINDS.index(kind) if kind in KINDS else -1,
                          self.plan.policies(batch.payers, [profile]), self.authorizations(batch, profile),
                          self.plan.member_ids(profile), payer_key(payer))
            if len(self.known) >= KEPT_PAYERS:
                self.known.clear()
            self.known[payer, filing_code] = found
        return found

    def authorizations(self, batch: ClaimBatch, profile: int) -> Authorizations:
        """The authorizations of a batch of one payer, as its claims name them."""
        return self.plan.authorizations(batch, self.file, [profile], self.number_of)

    def number_of(self, payer: str, filing_code: str) -> int:
        """Number of the profile of a payer."""
        return self.numbers[self.payers.match(payer, filing_code).payer.name]


class Desk:
    """Where one claim lies at a time. Not to be shared between threads.

    Attributes:
        batch: The claim.
        known: Of its payer.
        auths: Of its numbers.
    """

    def __init__(self, desks: Desks) -> None:
        plan = desks.plan
        self._desks = desks
        self.batch = ClaimBatch()
        self.batch.files.append("claim")
        self.known = Known(plan.payers[0], 0, -1, plan.policies([], []), plan.authorizations(self.batch, None, []),
                           None, 0)
        self.auths = self.known.auths
        cases = Cases(self.batch)
        self.run = Single(self.batch, desks.tables, plan.program, plan.profiles, [], plan.special, plan.conflicts, None,
                          desks.rules, self.auths, self.known.coverage, Practice(self.batch, cases), cases, None)

    @property
    def own(self) -> tuple[Sequence[Any], Sequence[Any]]:
        """Rows of no table that evidence may show: of the payer's profile, and of the authorization file."""
        return self.known.coverage.rows, self.auths.file.rows if self.auths.file else ()

    def scrub(self, claim: Claim, as_of_day: int, keep_all: bool) -> Found:
        """What the rules find on a claim, in place of what was found before.

        Raises:
            ClaimError: The claim contradicts itself, or holds more than any claim does.
        """
        batch, run = self.batch, self.run
        batch.clear()
        append_claim(batch, claim, 0, 1, as_of_day)
        filing_code, is_plain = run.about()
        self.known = known = self._desks.about(batch.payers[0], filing_code)
        self.auths = known.auths if is_plain else self._desks.authorizations(batch, known.profile)
        settle_claim(batch, known.key, known.member_id, self._desks.insured)
        run.run_one(self.auths, known.coverage, known.profile, keep_all)
        if run.crowded:
            raise ClaimError(f"claim: {TOO_MUCH}")
        return Found(*run.found())

    def not_evaluated(self, ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """What could not be evaluated of the claim, as in the run record; to be asked once for each claim.

        Args:
            ids: Of the rules, by their numbers.
        """
        found: dict[str, dict[str, int]] = {}
        for rule, reason, count in self.run.gaps():
            found.setdefault(ids[rule], {})[REASONS[reason - 1]] = count
        return found
