"""The published 837 samples beside the checkout give the flags in samples.yaml, each true of them, and no others.

Policies are off: every flag is listed, also what follows from another. A sample goes out on the day on which its own
BHT04 says that it was written, so that a limit of days is asked as it would have been then.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml

from scrubber import Scrubber

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
SNAPSHOT = yaml.safe_load(Path(__file__).with_name("samples.yaml").read_text())
FILES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("x12-837?/*"))

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no published samples in ../shared/samples")


def flags_of(sample: Path, *, tables: Path | None = None) -> list[dict[str, object]]:
    """The flags of one sample as the snapshot writes them."""
    written = re.search(r"BHT\*0019\*00\*[^*]*\*(\d{8})", sample.read_text())
    assert written is not None, f"{sample.name} does not say when it was written"
    as_of = dt.datetime.strptime(written[1], "%Y%m%d").date()
    report = Scrubber(tables=tables, policies=False, as_of=as_of).scrub(sample)
    assert list(report.unreadable) == []
    return [{"claim": flag.claim_position, "line": flag.line, "rule": flag.rule, "case": flag.case,
             "severity": flag.severity} for flag in report.flags]


def listed(name: str) -> list[dict[str, object]]:
    return [{key: flag.get(key) for key in ("claim", "line", "rule", "case", "severity")} for flag in SNAPSHOT[name]]


def order(flag: dict[str, object]) -> str:
    return str(list(flag.values()))


def test_the_snapshot_names_the_samples_and_says_why_each_flag_is_right() -> None:
    assert sorted(SNAPSHOT) == FILES
    assert [flag for flags in SNAPSHOT.values() for flag in flags if not flag.get("why")] == []


@pytest.mark.parametrize("name", FILES)
def test_a_sample_gives_the_flags_that_are_true_of_it_and_no_others(name: str) -> None:
    assert sorted(flags_of(SAMPLES / name), key=order) == sorted(listed(name), key=order)
