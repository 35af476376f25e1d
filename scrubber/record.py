"""The run record: what ran, on which editions, how much, and what was not checked."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scrubber._batch import ClaimBatch
from scrubber._breaches import Breaches
from scrubber.payers import Match
from scrubber.policy.apply import Outcome
from scrubber.readers.files import Source, notes_of
from scrubber.report import Report
from scrubber.rules.loaded import Catalogue
from scrubber.rules.vocabulary import REASONS, STATUSES
from scrubber.tables.edition import EditionData
from scrubber.tables.values import iso_day
from scrubber.version import VERSION

FLAGGED, BYPASSED, NOT_EVALUATED = (STATUSES.index(word) for word in ("flagged", "bypassed", "not_evaluated"))


def run_record(batch: ClaimBatch, columns: Mapping[str, Any], editions: Sequence[Mapping[str, Any]],
               catalogue: Catalogue, *, as_of: dt.date, matches: Sequence[Match], claims: int, clean: int, lines: int,
               outcome: Outcome | None, policies: Mapping[str, Any], seconds: Mapping[str, float]) -> dict[str, Any]:
    """The record as docs/commands.md describes it; equal runs give equal records but for `seconds`.

    Args:
        columns: As the policies left them; what they silenced is bypassed.
        editions: The record of each edition of the tables.
        outcome: What they made of the hits, None where they did not run.
        policies: What is said of them.
    """
    ids = catalogue.ids
    counts, reasons = columns["counts"], columns["reasons"]
    hits = columns["hits"]
    bypassed = counts[:, BYPASSED].copy()
    if outcome is not None:
        bypassed += np.bincount(hits["rule"][outcome.silenced >= 0], minlength=len(ids))
    flags = np.bincount(hits["rule"][hits["status"] == FLAGGED], minlength=len(ids))
    return {
        "type": "run",
        "version": VERSION,
        "as_of": as_of.isoformat(),
        "rules_sha256": catalogue.sha256,
        "editions": [dict(edition) for edition in editions],
        "payer_defaults": sorted({f"{payer}: {match.payer.name} (by {match.by})"
                                  for payer, match in zip(batch.payers, matches, strict=False) if match.is_default}),
        "claims": claims,
        "lines": lines,
        "clean_claims": clean,
        "set_aside": len(batch.unreadable),
        "history_repeated": int(columns["repeated"]),
        "flags_by_rule": {rule: count for rule, count in zip(ids, flags.tolist(), strict=True) if count},
        "bypassed": {rule: count for rule, count in zip(ids, bypassed.tolist(), strict=True) if count},
        "not_evaluated": {ids[number]: {word: int(reasons[number, place])
                                        for place, word in enumerate(REASONS, 1) if reasons[number, place]}
                          for number in counts[:, NOT_EVALUATED].nonzero()[0].tolist()},
        "policies": dict(policies),
        "seconds": {name: round(value, 6) for name, value in seconds.items()},
    }


def syntax_record(breaches: Breaches) -> dict[str, int]:
    """What the record says of sets that were followed through their guides, and of those that none is known of."""
    return {"breaches": len(breaches) + breaches.beyond, "sets_without_guide": len(breaches.unguided)}


def noted(report: Report, sources: Sequence[Source]) -> Report:
    """The report, its run record with what was not read of the inputs although their claims were."""
    if notes := notes_of(sources):
        report.run["notes"] = notes
    return report


def edition_record(edition: EditionData) -> dict[str, Any]:
    """An edition by name, hash and the days it covers, both included."""
    return {"table": edition.table, "edition": edition.edition, "sha256": edition.sha256,
            "from": iso_day(edition.begins), "to": iso_day(edition.ends, last=True)}


def answers_by_rule(columns: Mapping[str, Any], catalogue: Catalogue) -> dict[str, dict[str, int]]:
    """How many units each rule gave each answer; a rule that looked at nothing is not there."""
    found: dict[str, dict[str, int]] = {}
    for rule, counts in zip(catalogue.ids, columns["counts"].tolist(), strict=True):
        if any(counts):
            if before := found.get(rule):            # an id stands twice where an override narrows it for some payers
                counts = map(int.__add__, before.values(), counts)
            found[rule] = dict(zip(STATUSES, counts, strict=True))
    return found
