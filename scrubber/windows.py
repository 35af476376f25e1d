"""An input of any size, scrubbed window by window: the answers are those of one run over the whole.

A sweep over the input finds what only the whole tells (`whole.py`). Then each window is judged, but for the claims of
patients who come again in another one: those are gathered, some at a time, and judged together. The flags of each part
go to a spool (`spool.py`), from which the report reads them in output order.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from scrubber._auth_file import AuthFile
from scrubber._batch import ClaimBatch
from scrubber._bounds import TOO_MUCH
from scrubber._windows import copy_claims, keys, move_envelope, names, sibling, withdraw
from scrubber.readers.files import Progress, Source, windows
from scrubber.report import Report
from scrubber.rules.loaded import Catalogue, RulesById
from scrubber.rules.vocabulary import REASONS, STATUSES
from scrubber.spool import ENTRY, KEY, Spool
from scrubber.spooled import ClaimStore, Column, Records, SpooledHits, SpooledReport, merged
from scrubber.whole import HERE, PAST, Ints, Known, Past, Whole

ENVELOPE = "envelope"
NOTHING = np.empty(0, np.int32)


class WindowedRun:
    """A run over an input of which more than one window has been read.

    Args:
        judge: Judges one batch, given what the whole tells of it.
        catalogue, policies: The rules, and the ids of the policies in their order.
        past: Earlier claims.
        auths: The authorizations of the practice.
        spool: Where flags go.
        as_of_day: The submission day.
        size: Claims of a window.
    """

    def __init__(self, judge: Callable[[ClaimBatch, Known], Report], catalogue: Catalogue, policies: Sequence[str],
                 past: Past, auths: AuthFile | None, spool: Spool, as_of_day: int, size: int) -> None:
        self._judge = judge
        self._catalogue = catalogue
        self._policies = policies
        self._past = past
        self._auths = auths
        self._spool = spool
        self._as_of_day = as_of_day
        self._size = size

    def report(self, lender: ClaimBatch, sources: list[Source], progress: Progress | None) -> Report:
        """The report on all inputs.

        Args:
            lender: An empty batch, which lends its names.
            sources: The inputs.
            progress: Called with the number of bytes judged since the last call.

        Raises:
            ClaimError: An input changed meanwhile.
        """
        records = Records()

        def again(progress: Progress | None = None) -> Iterator[ClaimBatch]:
            del lender.files[:]
            return windows(sibling(lender), sources, self._as_of_day, self._size, progress)

        whole = Whole(again(), again, self._past, self._auths, self._size, records.append)
        for record in self._past.unreadable:
            records.append(record)
        store = ClaimStore(lender.files)
        last = self._windows(whole, again(progress), store)
        for number in range(1, whole.parts):
            self._gathered(whole, again(), number)
        self._part(ENVELOPE, whole.envelope, whole, NOTHING)
        store.finish()
        for each in store.drop(sorted(tuple(each) for part in self._spool.parts.values()
                                      for each in part.found["crowded"])):
            records.append({**each._asdict(), "claim": each.claim or None, "problem": TOO_MUCH})
        order = Column(ENTRY)
        for rows in merged(self._spool, last, [ENVELOPE, *(f"patients {number}" for number in range(whole.parts))]):
            order.append(rows)
        run = summed([part.found["run"] for part in self._spool.parts.values()], self._catalogue,
                     self._policies)
        run["set_aside"] = len(records)
        run["history_repeated"] += whole.repeated
        answers = summed_answers([part.found["answers"] for part in self._spool.parts.values()], self._catalogue)
        rules = RulesById(self._catalogue)
        return SpooledReport(SpooledHits(self._spool, order.rows(), store), store, run, records, rules, answers)

    def _windows(self, whole: Whole, batches: Iterator[ClaimBatch], store: ClaimStore) -> list[tuple[str, int]]:
        """Judges each window but for the claims that wait, and the first of those that were gathered.

        Returns:
            The parts, each with the place of its last claim.
        """
        gathered, ordinals = sibling(whole.envelope), [NOTHING]
        last: list[tuple[str, int]] = []
        place = -1
        for number, batch in enumerate(batches):
            patients, _, marks, files, positions = keys(batch)
            whole.check(number, patients)
            places = np.arange(len(patients), dtype=np.int32) + np.int32(whole.starts[number])
            drafts = marks & PAST == 0
            store.append(files[drafts], positions[drafts], *names(batch))
            if len(places):
                place = (int(files[-1]) << 32) + int(positions[-1])
            part = whole.part[whole.starts[number]:whole.starts[number + 1]]
            self._gather(batch, np.flatnonzero(part == 0).astype(np.int32), places, gathered, ordinals)
            move_envelope(sibling(batch), batch)     # judged once, by itself
            withdraw(batch, np.flatnonzero(part != HERE).astype(np.int32))
            self._part(f"window {number}", batch, whole, places)
            last.append((f"window {number}", place))
        if whole.parts:
            self._part("patients 0", gathered, whole, np.concatenate(ordinals))
        return last

    def _gathered(self, whole: Whole, batches: Iterator[ClaimBatch], number: int) -> None:
        """Judges the claims of some patients, wherever they stand."""
        if f"patients {number}" in self._spool.parts:
            return
        gathered, ordinals = sibling(whole.envelope), [NOTHING]
        for window, batch in enumerate(batches):
            whole.check(window, keys(batch)[0])
            part = whole.part[whole.starts[window]:whole.starts[window + 1]]
            places = np.arange(len(part), dtype=np.int32) + np.int32(whole.starts[window])
            self._gather(batch, np.flatnonzero(part == number).astype(np.int32), places, gathered, ordinals)
        self._part(f"patients {number}", gathered, whole, np.concatenate(ordinals))

    def _gather(self, batch: ClaimBatch, chosen: Ints, places: Ints, gathered: ClaimBatch,
                ordinals: list[Ints]) -> None:
        copy_claims(gathered, batch, chosen)
        ordinals.append(places[chosen])

    def _part(self, name: str, batch: ClaimBatch, whole: Whole, ordinals: Ints) -> None:
        """Judges a batch whose claims have these places in the input, and spools what comes out."""
        if name in self._spool.parts:
            return
        del batch.unreadable[:]
        known = whole.known(batch, ordinals)
        patients, _, marks, files, positions = keys(batch)
        self._past.append(batch, whole.with_linked(patients))
        report = self._judge(batch, known)
        crowded = np.flatnonzero((marks & PAST == 0) & (keys(batch)[2][:len(marks)] & PAST != 0))
        hits: Any = report.hits
        rows = hits.columns["hits"][np.asarray(report.indices, np.int64)]
        own = np.zeros(len(rows), KEY)
        own["file"] = rows["file"]
        if len(positions):
            own["position"] = np.where(rows["claim"] >= 0, positions[rows["claim"]], 0)
        own["severity"] = [hits.severity(index) for index in report.indices]
        own["flagged"] = [hits.flagged(index) for index in report.indices]
        self._spool.add(name, _lines(report), own, {
            "run": report.run, "answers": report.answers,
            "crowded": [[int(files[each]), int(positions[each])] for each in crowded.tolist()]})


def _lines(report: Report) -> Iterator[tuple[bytes, bytes]]:
    """Each flag as a line of JSON, and what that leaves out."""
    from scrubber.writers.jsonl import FlagLines

    lines = FlagLines()
    for flag in report.flags:
        change = json.dumps([one.model_dump(mode="json") for one in flag.change]) if flag.change else ""
        yield (lines.line(flag) + "\n").encode(), change.encode()


def summed(runs: list[dict[str, Any]], catalogue: Catalogue, policies: Sequence[str]) -> dict[str, Any]:
    """The run records of parts as that of the whole; rules and policies, by id, stand in their own order."""
    total = dict(runs[0])
    ids = list(dict.fromkeys(catalogue.ids))
    for name in ("claims", "lines", "clean_claims", "history_repeated"):
        total[name] = sum(run[name] for run in runs)
    total["payer_defaults"] = sorted({each for run in runs for each in run["payer_defaults"]})
    for name in ("flags_by_rule", "bypassed"):
        counts = {rule: sum(run[name].get(rule, 0) for run in runs) for rule in ids}
        total[name] = {rule: count for rule, count in counts.items() if count}
    reasons = {rule: {reason: sum(run["not_evaluated"].get(rule, {}).get(reason, 0) for run in runs)
                      for reason in REASONS} for rule in ids}
    total["not_evaluated"] = {rule: {reason: count for reason, count in found.items() if count}
                              for rule, found in reasons.items() if any(rule in run["not_evaluated"] for run in runs)}
    total["policies"] = _policies([run["policies"] for run in runs], policies)
    total["seconds"] = {name: round(sum(run["seconds"].get(name, 0) for run in runs), 6)
                        for name in dict.fromkeys(name for run in runs for name in run["seconds"])}
    return total


def _policies(said: list[dict[str, Any]], policies: Sequence[str]) -> dict[str, Any]:
    applied = [each for each in said if each["status"] == "applied"]
    if not applied or len({each["status"] for each in said}) > 1:
        return next((each for each in said if each["status"] != "applied"), said[0])
    total = dict(applied[0])
    for name in ("claims", "under_a_root", "not_applied", "restarts"):
        total[name] = sum(each[name] for each in applied)
    total["patterns"] = len({pattern for each in applied for pattern in each["met"]})
    total["memo_hits"] = sum(each["patterns"] + each["memo_hits"] for each in applied) - total["patterns"]
    del total["met"]
    counts = {name: sum(each["silenced"].get(name, 0) for each in applied) for name in policies}
    total["silenced"] = {name: count for name, count in counts.items() if count}
    return total


def summed_answers(answers: list[Mapping[str, Mapping[str, int]]], catalogue: Catalogue) -> dict[str, dict[str, int]]:
    """How many units each rule gave each answer, over all parts."""
    ids = list(dict.fromkeys(catalogue.ids))
    return {rule: {status: sum(each[rule][status] for each in answers if rule in each) for status in STATUSES}
            for rule in ids if any(rule in each for each in answers)}
