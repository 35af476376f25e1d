"""The Scrubber: rules and tables compiled once, claims scrubbed many times."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._blocks import NoneWaits
from scrubber._breaches import Breaches
from scrubber._tables import Tables
from scrubber.desk import Desk, Desks
from scrubber.example import example_edition, with_rows
from scrubber.flags import ClaimRefs, EngineHits, as_columns, decide
from scrubber.gathering import append_history, batch_of, column_maps, is_chosen, paths_of, sources_of
from scrubber.model.authorization import Authorization
from scrubber.model.case import Case
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag, Unreadable
from scrubber.payers import Match, Payers
from scrubber.plan import Plan, insured
from scrubber.policy.apply import Outcome, Policies
from scrubber.policy.dialect import KINDS
from scrubber.prepared import fingerprint, prepare
from scrubber.readers.files import Meter, Progress, Source, read_into, windows
from scrubber.record import answers_by_rule, edition_record, noted, run_record, syntax_record
from scrubber.rendering import BYPASSED, Found, Renderer
from scrubber.report import Report
from scrubber.rules.loaded import Catalogue, RulesById
from scrubber.sharing import counted, finish
from scrubber.symbols import date_of, day_number, pack
from scrubber.tables.edition import EditionData
from scrubber.tables.opening import open_tables
from scrubber.threads import Crew, Crews
from scrubber.verdicts import UNTOUCHED, Verdicts
from scrubber.version import VERSION

if TYPE_CHECKING:
    from scrubber._auth_run import Authorizations
    from scrubber._columns import Drafts
    from scrubber._coverage import Coverage
    from scrubber._engine import Run
    from scrubber.preview import Preview
    from scrubber.spool import Spool
    from scrubber.stream import Results
    from scrubber.whole import Known

WHOLE = 1 << 15                # claims of an input that is judged in one
WINDOW = 1 << 13               # claims of a part of a larger one
LARGE = WHOLE << 11            # bytes of inputs that are taken to be larger before they are read

# Classes of modifiers, in the order in which a line carries them.
MODIFIER_ORDER = ("pricing_modifiers", "distinct_modifiers", "informational_modifiers")

class Scrubber:
    """Scrubs claims against declarative rules and dated tables; safe to share between threads.

    Args:
        tables: Directory of imported editions; tables it lacks come from the starter edition. None: starter only.
        rules: Directories of rules over the bundled ones, later over earlier by id.
        payers: Directories of payer profiles over the bundled ones.
        auths: Authorizations of the practice; None: no file is loaded.
        history: Earlier claims, or files of them in any format that is read; those without a state were paid.
        columns: Files that say which columns of a CSV export are which (docs/csv.md): of each export the first that
            fits. An export whose columns bear our names needs none.
        history_from: First day from which the history is complete; by default the first date in it.
        as_of: The submission date; None is today, decided at each call and written into the run record.
        policies: Whether policies say what the flags of a claim mean together.
        select, ignore: Rule ids or prefixes of them.
        strict_editions: A date after an edition's coverage is not evaluated instead of answered as stale.
        snip: Whether the sets of 837 files are followed through their guides (SNIP types 1 and 2): what they break is
            the report's `syntax`, and flags of the rules ADM-ENV-01 to 03.
        window: Claims held in memory at once; an input with as many is judged in parts, with the same answers. None:
            inputs of 32,768 claims and more are judged in parts, those of more than 64 MB in parts of 8,192.

    Raises:
        RuleError, TableError: With everything that is wrong.
    """

    def __init__(self, *, tables: Path | str | None = None, rules: Sequence[Path | str] | Path | str = (),
                 payers: Sequence[Path | str] | Path | str = (), auths: Sequence[Authorization] | None = None,
                 history: Sequence[Claim | Path | str] = (), history_from: dt.date | None = None,
                 columns: Sequence[Path | str] | Path | str = (),
                 as_of: dt.date | None = None, policies: bool = True, workers: int = 1,
                 select: Iterable[str] | None = None, ignore: Iterable[str] = (),
                 strict_editions: bool = False, snip: bool = False, window: int | None = None) -> None:
        prepared = prepare(paths_of(rules), paths_of(payers))
        self.payers: Payers = prepared.payers
        self._editions = open_tables(Path(tables) if tables is not None else None)
        self._strict = strict_editions
        self.snip = snip
        self._tables = Tables(self._editions, strict=strict_editions)
        self._auths = auths
        self.history = tuple(history)
        self.history_from = history_from
        self.columns = column_maps(paths_of(columns))
        self._as_of = as_of
        self.policies = policies
        self.decider = Policies(prepared.policies)
        self._crews = Crews(workers)
        self.window = window or WINDOW
        self._whole = window or WHOLE
        self._made_of = (paths_of(rules), paths_of(payers))
        self._follow(prepared.catalogue, Plan(prepared.lowered, [self.payers[name] for name in self.payers.names]),
                     [number for number, rule in enumerate(prepared.catalogue.ids) if is_chosen(rule, select, ignore)])
        self._verdicts = Verdicts(self.decider.plan)

    def _follow(self, catalogue: Catalogue, plan: Plan, chosen: list[int]) -> None:
        """Goes by these rules from now on; what was learnt under others is forgotten."""
        self.catalogue = catalogue
        self._plan = plan
        self._chosen = chosen
        self._idle: list[Run] = []
        self._desks = Desks(plan, self._tables, self.payers, chosen, self._auths)
        self._renderer = Renderer(catalogue, self._tables, self.decider.plan.policies)

    @property
    def authorizations(self) -> Sequence[Authorization] | None:
        """Those of the practice; None: no file is loaded."""
        return self._auths

    @property
    def editions(self) -> list[EditionData]:
        """The open editions, in the order of the run record."""
        return self._tables.editions

    @property
    def as_of(self) -> dt.date:
        """The submission date of a scrub that begins now."""
        return self._as_of or dt.date.today()

    def scrub(self, source: Any, *, keep_all: bool = False, snip: bool | None = None,
              progress: Progress | None = None, spool: "Spool | None" = None) -> Report:
        """Scrubs a path, several paths (one batch), bytes, a Claim, Claims or a ClaimBatch.

        Args:
            keep_all: Report what was bypassed or not evaluated too.
            snip: Whether sets are followed through their guides; None: as the Scrubber does.
            progress: Called with the number of bytes read since the last call.
            spool: Where flags wait that are of an input larger than a window; None: a temporary file without a name.

        Raises:
            ClaimError: An input is no claim file.
        """
        breaches = Breaches() if (self.snip if snip is None else snip) else None
        with self._crews.crew() as crew:
            report = self._scrub(source, keep_all, progress, spool, crew, breaches)
        if breaches is not None:
            report.syntax = breaches
            report.run["syntax"] = syntax_record(breaches)
        return report

    def scrub_stream(self, chunks: Iterable[bytes], *, window: int = WINDOW, name: str = "stream",
                     keep_all: bool = False) -> "Results":
        """Results of the claims of one input, in its order, as its bytes come; `scrubber.stream` says how."""
        from scrubber.stream import Results

        return Results(self, chunks, window=window, name=name, keep_all=keep_all)

    def _scrub(self, source: Any, keep_all: bool, progress: Progress | None, spool: "Spool | None",
               crew: Crew, breaches: Breaches | None) -> Report:
        as_of = self.as_of
        started = time.perf_counter()
        sources: list[Source] = []
        if isinstance(source, ClaimBatch):
            batch = source
        elif isinstance(source, Claim) or (isinstance(source, list) and all(isinstance(one, Claim) for one in source)):
            batch = batch_of(source, as_of)
        else:
            sources = sources_of(source, self.columns)
            meter = Meter(progress)
            size = self.window if sum(source.size() for source in sources) > LARGE else self._whole
            lender = ClaimBatch()
            batches = windows(lender, sources, day_number(as_of), size, meter.read, crew, breaches)
            batch = next(batches)
            if len(batch) + len(batch.unreadable) >= size - 1:      # the last of a full batch may have been set aside
                batches = chain([batch], batches)
                del batch
                with NoneWaits():
                    return noted(self._windowed(batches, lender, sources, as_of, keep_all, meter, spool, crew,
                                                breaches is not None), sources)
            meter.tell()
        seconds = {"read": time.perf_counter() - started}
        return noted(self._run(batch, as_of, self.history_from, self._plan, self._tables, None, self._desks.file,
                               keep_all, seconds, crew), sources)

    def _windowed(self, batches: Iterator[ClaimBatch], lender: ClaimBatch, sources: list[Source], as_of: dt.date,
                  keep_all: bool, meter: Meter, spool: "Spool | None", crew: Crew, snip: bool) -> Report:
        """Scrubs an input that is too large to be held whole, by its windows."""
        from scrubber.spool import Spool
        from scrubber.whole import Known, Past
        from scrubber.windows import WindowedRun

        spool = spool or Spool()
        if spool.folder is not None:
            spool.begin(self._header(sources, as_of, keep_all, snip))
        else:
            spool.begin({})
        past = Past.read(self.history, lender, len(sources), day_number(as_of), self.columns)
        history_from = self.history_from or past.begins

        def judge(batch: ClaimBatch, known: Known) -> Report:
            return self.judge(batch, known, as_of, history_from, keep_all)

        policies = [loaded.policy.id for loaded in self.decider.plan.policies]
        run = WindowedRun(judge, self.catalogue, policies, past, self._desks.file, spool, self.window,
                          self._renderer, crew)
        return run.report(batches, lender.files, meter)

    def judge(self, batch: ClaimBatch, known: "Known", as_of: dt.date, history_from: dt.date | None,
              keep_all: bool = False) -> Report:
        """Judges a part of a larger input: claims of whole patients, their earlier ones behind them.

        Args:
            known: What the whole tells of them.
            as_of: The submission date.
            history_from: First day from which the history is complete; None: there is none.
            keep_all: As `scrub`.
        """
        return self._run(batch, as_of, history_from, self._plan, self._tables, None, self._desks.file, keep_all, {},
                         Crew(1), part=True, known=known)

    def judge_window(self, batch: ClaimBatch, as_of: dt.date, history_from: dt.date | None, keep_all: bool) -> Report:
        """Judges a window of a stream, the earlier claims behind its own, by what it tells itself."""
        with self._crews.crew() as crew:
            return self._run(batch, as_of, history_from, self._plan, self._tables, None, self._desks.file, keep_all, {},
                             crew, part=True)

    def _header(self, sources: list[Source], as_of: dt.date, keep_all: bool, snip: bool) -> dict[str, Any]:
        """All that decides what a run over some inputs gives; nothing of the claims but a hash."""
        history = [Source(item).described() if isinstance(item, Path | str) else item.model_dump_json()
                   for item in self.history]
        auths = [auth.model_dump_json() for auth in self._auths or ()]
        said = {"history": history, "authorizations": auths}
        return {
            "version": VERSION, "as-of": as_of.isoformat(), "inputs": [source.described() for source in sources],
            "rules and payers": fingerprint(*self._made_of),
            "policies": self.decider.plan.sha256 if self.policies else None,
            "columns": [columns.sha256 for columns in self.columns],
            "tables": [edition.sha256 for edition in self._editions], "strict editions": self._strict,
            "snip": snip,
            **{name: hashlib.sha256(json.dumps(value).encode()).hexdigest() for name, value in said.items()},
            "history from": str(self.history_from), "rules chosen": self._chosen, "window": self.window,
            "all": keep_all,
        }

    def check(self, claim: Claim, *, keep_all: bool = False) -> list[Flag]:
        """Flags of one claim: those that `scrub` gives, without a report and its run record."""
        if self.history or not isinstance(claim, Claim):
            return list(self.scrub(claim, keep_all=keep_all).flags)
        return self._check(claim, keep_all, self.policies)

    def answer(self, claim: Claim, *, keep_all: bool = False) -> tuple[list[Flag], dict[str, dict[str, int]]]:
        """Flags of one claim as `check` gives them, and what could not be evaluated, as in the run record."""
        if self.history:
            report = self.scrub(claim, keep_all=keep_all)
            return list(report.flags), report.run["not_evaluated"]
        gaps: dict[str, dict[str, int]] = {}
        return self._check(claim, keep_all, self.policies, gaps), gaps

    def _check(self, claim: Claim, keep_all: bool, policies: bool,
               gaps: dict[str, dict[str, int]] | None = None) -> list[Flag]:
        desk = self._desks.take()
        found = desk.scrub(claim, day_number(self.as_of), keep_all)
        if gaps is not None:
            gaps.update(desk.not_evaluated(self.catalogue.ids))
        flags = self._flags_of(desk, found, keep_all, policies) if found.hits else []
        self._desks.give(desk)
        return flags

    def _flags_of(self, desk: Desk, found: Found, keep_all: bool, policies: bool) -> list[Flag]:
        """What was found as flags; what policies silenced is shown only where all is kept."""
        payer = desk.known.payer
        judged = self._verdicts.of(found, desk.known.kind, lambda: self._decide(
            desk.batch, as_columns(found), [Match(payer, "id")], {})) if policies else None
        flag, batch, own = self._renderer.flag, desk.batch, desk.own
        if judged is None:
            return [flag(found, hit, batch, own, None) for hit in found.hits]
        flags = []
        for place, hit in enumerate(found.hits):
            verdict, severity = judged.get(place, (UNTOUCHED, hit[15]))
            if verdict.silenced >= 0 and not keep_all:
                continue
            if severity != hit[15] or verdict.silenced >= 0:
                hit = (*hit[:15], severity, BYPASSED if verdict.silenced >= 0 else hit[16], *hit[17:])
            flags.append(flag(found, hit, batch, own, verdict))
        return flags

    def preview(self, claim: Claim, flag: Flag) -> "Preview":
        """What the change of a flag would cure and cause, tried on a copy of the claim.

        Args:
            claim: The claim that the flag is of.
            flag: One of the flags that `check` gives for it.
        """
        from scrubber.preview import preview

        return preview(claim, flag, self._answers, self.rank)

    def _answers(self, claim: Claim) -> list[Flag]:
        """Every answer on one claim but clear ones, as the rules give them, before policies."""
        as_of = self.as_of
        return list(self._run(batch_of(claim, as_of), as_of, self.history_from, self._plan, self._tables, None,
                              self._desks.file, True, {}, Crew(1), raw=True).flags)

    def rank(self, modifier: str, day: dt.date) -> int:
        """The class of a modifier in the order of a line; what has none comes last."""
        held = [self.catalogue.sets.get(name) for name in MODIFIER_ORDER]
        return next((place for place, members in enumerate(held)
                     if members is not None and members.holds(pack(modifier, 2), day_number(day))), len(held))

    def scrub_case(self, case: Case) -> Report:
        """Scrubs an example with its own payer, tables, authorizations and history; every answer is kept."""
        base = self.payers[case.profile].with_settings(case.settings)
        payer = with_rows(base, case)
        plan = Plan(self._plan.lowered, [payer], program=self._plan)
        tables = self._tables
        if case.tables:
            own = [example_edition(name, rows) for name, rows in case.tables.items() if rows is not None]
            tables = Tables([edition for edition in self._editions if edition.table not in case.tables] + own,
                            strict=self._strict)
        if case.x12 is None:
            batch = batch_of(case.claims, case.as_of)
        else:
            batch = ClaimBatch()
            read_into(batch, case.x12.encode(), day_number(case.as_of), breaches=Breaches() if case.snip else None)
        return self._run(batch, case.as_of, case.history_from, plan, tables, 0,
                         None if case.auths is None else AuthFile(case.auths), True, {}, Crew(1))

    def _run(self, batch: ClaimBatch, as_of: dt.date, history_from: dt.date | None, plan: Plan, tables: Tables,
             profile: int | None, file: AuthFile | None, keep_all: bool,
             seconds: dict[str, float], crew: Crew, raw: bool = False, part: bool = False,
             known: "Known | None" = None) -> Report:
        from scrubber._cases import Cases
        from scrubber._columns import columns as columns_of
        from scrubber._columns import draft_claims
        from scrubber._engine import Run
        from scrubber._settle import Settling, copies, payer_filing_codes

        started = time.perf_counter()
        drafts = batch.claim_count
        if self.history and profile is None and not part:
            for item in self.history:
                append_history(batch, item, day_number(as_of), self.columns)
            batch.mark_history(drafts)
            history_from = history_from or date_of(batch.first_day(drafts))
        codes = payer_filing_codes(batch) if known is None else known.filing
        matches = [self.payers.match(payer, code) for payer, code in
                   zip(batch.payers, codes, strict=True)] if profile is None else []
        places = [self._desks.numbers[match.payer.name] for match in matches] or [0] * len(batch.payers)

        def look_over() -> "tuple[Authorizations, Coverage, Settling]":
            return (plan.authorizations(batch, file, places, None if profile is not None else self._desks.number_of),
                    plan.policies(batch.payers, places),
                    Settling(batch, [plan.member_ids(place) for place in places],
                             self._desks.insured if tables is self._tables else insured(tables.editions),
                             copies(batch) if known is None else known.copies))

        (cases, claims), (auths, coverage, settling) = crew.both(lambda: (Cases(batch), draft_claims(batch)), look_over)
        practice = counted(crew, batch, cases) if known is None else known.practice
        since = None if history_from is None else day_number(history_from)
        runs = []
        for _ in range(crew.threads):
            if profile is None and (run := self._idle_run()) is not None:
                run.bind(batch, places, since, auths, coverage, practice, cases, settling, keep_all)
            else:
                run = Run(batch, tables, plan.program, plan.profiles, places, plan.special, plan.conflicts, since,
                          self._chosen, auths, coverage, practice, cases, settling, keep_all)
            runs.append(run)
        finish(crew, runs)
        columns = columns_of(runs)
        if crowded := [number for run in runs for number in run.crowded]:
            from scrubber._bounds import set_aside

            set_aside(batch, crowded)
            claims = draft_claims(batch)
        if profile is None:
            self._put_by(runs)
        del runs                                     # what they learnt of codes takes room
        seconds["rules"] = time.perf_counter() - started
        outcome = None if raw or profile is not None or not self.policies else self._decide(batch, columns, matches,
                                                                                            seconds, part)
        return self._report(batch, claims, columns, outcome, tables, as_of, matches, keep_all, seconds,
                            (coverage.rows, auths.file.rows if auths.file else ()))

    def _idle_run(self) -> "Run | None":
        """A run of an earlier batch, which has learnt much of codes; nobody else has it until it is put by."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _put_by(self, runs: "Sequence[Run]") -> None:
        """Keeps runs for later batches, without the batch and the hits of this one."""
        for run in runs:
            if run.roomy:
                run.bind(*self._nothing)
                self._idle.append(run)

    @cached_property
    def _nothing(self) -> tuple[Any, ...]:
        """What a run is bound to that waits: a batch without claims, and all that goes with it."""
        from scrubber._cases import Cases
        from scrubber._practice import Practice

        batch = ClaimBatch()
        cases = Cases(batch)
        return (batch, [], None, self._plan.authorizations(batch, None, []), self._plan.policies([], []),
                Practice(batch, cases), cases, None)

    @cached_property
    def _edition_records(self) -> list[dict[str, Any]]:
        return list(map(edition_record, self._tables.editions))

    def _decide(self, batch: ClaimBatch, columns: Mapping[str, Any], matches: list[Match],
                seconds: dict[str, float], part: bool = False) -> Outcome | None:
        """What the policies make of the hits; None where they cannot be asked."""
        from scrubber._patterns import payer_kinds

        started = time.perf_counter()
        kinds = [KINDS.index(kind) if (kind := match.payer.settings.get("kind")) in KINDS else -1 for match in matches]
        outcome = self.decider.apply(columns, payer_kinds(batch, kinds, columns["hits"]["claim"]), part=part)
        seconds["policies"] = time.perf_counter() - started
        return outcome

    def _report(self, batch: ClaimBatch, claims: "Drafts", columns: Mapping[str, Any], outcome: Outcome | None,
                tables: Tables, as_of: dt.date, matches: list[Match], keep_all: bool, seconds: dict[str, float],
                own: Sequence[Sequence[Any]]) -> Report:
        drafts, lines = claims
        indices = None
        said: dict[str, Any] = {"status": "not_installed" if self.policies and matches else "off"}
        if outcome is not None:
            said = outcome.record
            decide(columns["hits"], outcome)
            if said["silenced"] and not keep_all:
                indices = (outcome.silenced < 0).nonzero()[0].tolist()
        renderer = self._renderer if tables is self._tables else Renderer(self.catalogue, tables,
                                                                          self.decider.plan.policies)
        hits = EngineHits(columns, batch, renderer, drafts, outcome, own)
        unreadable = [Unreadable.model_validate(record) for record in batch.unreadable]
        editions = self._edition_records if tables is self._tables else list(map(edition_record, tables.editions))
        record = run_record(batch, columns, editions, self.catalogue, as_of=as_of, matches=matches, claims=len(drafts),
                            clean=len(drafts) - hits.held_claims(), lines=lines, outcome=outcome, policies=said,
                            seconds=seconds)
        return Report(hits, claims=ClaimRefs(batch, drafts), run=record, unreadable=unreadable,
                      rules=RulesById(self.catalogue),
                      indices=indices, answers=partial(answers_by_rule, columns, self.catalogue))
