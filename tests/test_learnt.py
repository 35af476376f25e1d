"""What a run has learnt of other claims changes no answer: those of a run that knows nothing yet are the same."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from scrubber.engine import Scrubber
from scrubber.report import Report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from generate import Kind, text

AS_OF = dt.date(2024, 11, 15)
BATCHES = 60
CLAIMS = 6


def said(report: Report) -> tuple[list[str], object, object]:
    return [flag.model_dump_json() for flag in report.flags], report.answers, report.run["not_evaluated"]


@pytest.mark.parametrize("keep_all", [False, True])
@pytest.mark.parametrize("kind", ["clean", "flagged"])
def test_what_was_learnt_of_other_claims_changes_no_answer(kind: Kind, keep_all: bool) -> None:
    learnt, forgetful = Scrubber(as_of=AS_OF), Scrubber(as_of=AS_OF)
    learnt.scrub(text(2_000, seed=1, kind="clean"))
    learnt.scrub(text(2_000, seed=2, kind="flagged"))
    for seed in range(BATCHES):
        batch = text(CLAIMS, seed=100 + seed, kind=kind)
        forgetful._idle.clear()

        answers = said(learnt.scrub(batch, keep_all=keep_all)), said(forgetful.scrub(batch, keep_all=keep_all))

        assert answers[0] == answers[1], f"seed {100 + seed}"
