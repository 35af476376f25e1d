"""Patterns of member ids as tables of states: they take what `re` takes."""

import random
import re

import pytest

from scrubber._matcher import Matcher
from scrubber.automaton import automaton

SIMPLE = [
    "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJ][0-9][AC-HJ]{2}[0-9]{2}", r"\d{9}(-\d{2})?", "^A[0-9]+$", "(?:AB|A)(B|BB)*", "",
    "[A-Z]{1,3}[0-9]{2,}", r"[^A-C\d]*1", r".\.?[]A-]{0,2}", "A*?(B+?1?)+?", "(A|B|)1", r"\w+-?\W", "(A?){3}B", "[-A]+",
]
NOT_SIMPLE = ["(?i)ab", r"(A)\1", "A(?=B)B", r"\bA", "^A|B$", "A++", "A{,2}", "[a&&b]", "(?P<n>A)", "A{1,300}", "[[]",
              r"\x41", "A{"]


@pytest.mark.parametrize("pattern", SIMPLE)
def test_a_simple_pattern_takes_what_re_takes(pattern: str) -> None:
    matcher = Matcher(pattern)
    compiled = re.compile(pattern.encode())
    random_ = random.Random(1)
    texts = [bytes(random_.choices(b"AB1C029-.]Z\n\xc3", k=random_.randint(0, 9))) for _ in range(3000)]

    assert matcher.is_simple
    assert [matcher.fullmatch(text) for text in texts] == [compiled.fullmatch(text) is not None for text in texts]


@pytest.mark.parametrize("pattern", NOT_SIMPLE)
def test_a_pattern_that_is_not_simple_is_left_to_re(pattern: str) -> None:
    matcher = Matcher(pattern)

    assert not matcher.is_simple
    for text in (b"A", b"AB", b"B", b"AA", b"ab", b"", b"a&", b"A{", b"["):
        assert matcher.fullmatch(text) == (re.fullmatch(pattern.encode(), text.upper()) is not None)


def test_repetitions_of_repetitions_end() -> None:
    assert automaton(rb"((((A{1,9}){1,9}){1,9}B?){1,9}C){1,9}") is None
    assert automaton(rb"[A-Z0-9]{1,200}") is not None
