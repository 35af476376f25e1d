"""The walk agrees with pyx12 itself: on the published samples, on the demo, and on both with something changed.

Compared are position, segment, element, component and kind of each error. Where the two differ on purpose is listed in
docs/snip.md; each of these differences is told apart here by what pyx12 does, not by what this project says.
"""

import random
from collections import Counter
from pathlib import Path

import pytest
from guide_mutations import mutated
from guide_reference import Said, Verdict, said

from scrubber.bundled import bundled
from scrubber.readers.walking import walk
from scrubber.syntax import Breach

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
FILES = sorted(SAMPLES.glob("x12-837[pi]/*"))
SEEDS = 40
MANY = 4000
A_TURN = 100

without_samples = pytest.mark.skipif(not FILES, reason="no published samples in ../shared/samples")


def content(path: Path) -> bytes:
    """A file as pyx12 takes it: it knows one version of each guide."""
    return path.read_bytes().replace(b"005010X222A2", b"005010X222A1").replace(b"005010X223A3", b"005010X223A2")


def sources() -> list[bytes]:
    return [content(path) for path in (*FILES, bundled("demo", "demo.837"))]


def as_verdict(breach: Breach) -> Verdict:
    """A breach in the words of pyx12: it has one code for every segment that it does not find."""
    kind = breach.element_code or ("S1" if breach.code in ("1", "2") else f"S{breach.code}")
    return Verdict(breach.set, breach.segment, breach.tag, breach.element, breach.component, kind)


def agreed(data: bytes) -> Said:
    """Asserts that both say the same of a file, the listed differences aside."""
    theirs = said(data)
    ours = Counter(map(as_verdict, walk([data])))
    expected = Counter(theirs.verdicts) - Counter(theirs.early)

    more, less = ours - expected, expected - ours

    assert not less
    assert all(_is_listed(verdict, theirs) for verdict in more), [v for v in more if not _is_listed(v, theirs)]
    return theirs


def _is_listed(verdict: Verdict, theirs: Said) -> bool:
    """Whether pyx12 does not look for what was found."""
    place = verdict[:2]
    if place in theirs.crashed:
        return True
    if verdict.kind == "S3":
        return place in theirs.anew
    # A composite that need not be sent, but is: its first component is not asked for.
    return verdict.kind == "1" and verdict.component == 1


@without_samples
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_of_a_published_sample_both_say_the_same(path: Path) -> None:
    theirs = agreed(content(path))

    assert not theirs.crashed


def test_of_the_demo_both_say_the_same() -> None:
    theirs = agreed(content(bundled("demo", "demo.837")))

    assert theirs.verdicts


def _agree_on_changed(seeds: range) -> int:
    """Compares files with something changed; returns how many of them pyx12 finds something wrong with."""
    known, wrong = sources(), 0
    for seed in seeds:
        rng = random.Random(seed)
        wrong += bool(agreed(mutated(rng, rng.choice(known))).verdicts)
    return wrong


def test_of_a_changed_file_both_say_the_same() -> None:
    assert _agree_on_changed(range(SEEDS)) > SEEDS // 2


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(MANY // A_TURN))
def test_of_thousands_of_changed_files_both_say_the_same(turn: int) -> None:
    first = SEEDS + turn * A_TURN

    assert _agree_on_changed(range(first, first + A_TURN)) > A_TURN // 2
