"""YAML as text: what an ordinary loader would turn into something else, and what could hurt."""

from pathlib import Path

import pytest

from scrubber.rules.problems import Problems, suggest
from scrubber.rules.yaml import MAX_BYTES, MAX_DEPTH, Node, line_at, plain, read_yaml


def read(path: Path, data: str | bytes) -> tuple[Node | None, list[str]]:
    file = path / "x.yaml"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    problems = Problems()
    return read_yaml(file, "x.yaml", problems), problems.texts()


@pytest.mark.parametrize("text", [
    "050", "010", "0x10", "1:30", "1e5", "1_000", "NO", "no", "yes", "on", "Y", "true", "2026-01-01", ".5", "+1", "=",
    "Null", ".inf", "0o7",
])
def test_a_plain_scalar_stays_the_text_it_is(tmp_path: Path, text: str) -> None:
    tree, problems = read(tmp_path, f"a: [{text}]\nb: {text}\n{text}: c\n")

    assert problems == []
    assert tree is not None
    assert plain(tree) == {"a": [text], "b": text, text: "c"}


def test_nothing_and_a_plain_null_are_none_and_quoted_ones_are_text(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "a:\nb: null\nc: ~\nd: ''\ne: 'null'\nf: [~, \"\"]\n")

    assert tree is not None
    assert plain(tree) == {"a": None, "b": None, "c": None, "d": "", "e": "null", "f": [None, ""]}


def test_every_node_knows_its_line(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "# comment\na:\n  - b\n  - c:\n      d: e\nf: >\n  long\n  text\ng: h\n")

    assert tree is not None
    assert [line_at(tree, place) for place in (("a",), ("a", 0), ("a", 1, "c", "d"), ("f",), ("g",))] == [2, 3, 5, 6, 9]
    assert line_at(tree, ("a", 1, "missing", "deeper")) == 4


@pytest.mark.parametrize(("data", "problem"), [
    ("a: 1\nb: 2\na: 3\n", "x.yaml:3: key a a second time; the first is on line 1; keep one"),
    ("a: &x 1\n", "x.yaml:1: anchor or alias x; write the value out; rules use neither"),
    ("b: *x\n", "x.yaml:1: anchor or alias x; write the value out; rules use neither"),
    ("a: 1\nb: !!int 3\n", "x.yaml:2: tag tag:yaml.org,2002:int; leave it out; every scalar is text"),
    ("a: !!python/object/apply:os.system [ls]\n",
     "x.yaml:1: tag tag:yaml.org,2002:python/object/apply:os.system; leave it out; every scalar is text"),
    ("a: 1\n---\nb: 2\n", "x.yaml:2: a second document; one file, one document"),
    ("", "x.yaml:1: the file is empty; write a rule, or delete the file"),
    ("# only a comment\n", "x.yaml:1: the file is empty; write a rule, or delete the file"),
    ("? [a]\n: b\n", "x.yaml:1: a key that is no text; keys are words"),
    (b"a: 1\nb: \xff\n", "x.yaml:2: not UTF-8; save the file as UTF-8"),
    ("a: 1\nb: \x00\n", "x.yaml:2: character #x0000 is not allowed; remove it"),
    ("a: [1\nb: 2\n", "x.yaml:2: not YAML: did not find expected ',' or ']'; check indentation, quotes and brackets"),
    ("a: b\n  c: d\n",
     "x.yaml:2: not YAML: mapping values are not allowed in this context; check indentation, quotes and brackets"),
    ("[" * 100_000, f"x.yaml:1: nested deeper than {MAX_DEPTH} levels; say it flatter"),
    ("- " * 100_000, f"x.yaml:1: nested deeper than {MAX_DEPTH} levels; say it flatter"),
    ("#" * (MAX_BYTES + 1), "x.yaml:1: 2,000,001 bytes are too many for a rule file; at most 2,000,000"),
    ("a: [" + "1," * 200_001 + "]", "x.yaml:1: more than 200,000 values; split the file"),
])
def test_what_cannot_be_read_says_where_and_what_is_right(tmp_path: Path, data: str | bytes, problem: str) -> None:
    _, problems = read(tmp_path, data)

    assert problems == [problem]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]

    tree, problems = read(tmp_path, "\n".join(lines))

    assert tree is None
    assert problems == ["x.yaml:1: anchor or alias a0; write the value out; rules use neither"]


def test_a_merge_key_is_a_key_like_any_other(tmp_path: Path) -> None:
    tree, _ = read(tmp_path, "<<: {a: b}\n")

    assert tree is not None
    assert plain(tree) == {"<<": {"a": "b"}}


@pytest.mark.parametrize(("word", "words", "right"), [
    ("modifers", ["modifiers", "units"], "did you mean modifiers?"),
    ("zzz", ["a", "b"], "one of a, b"),
    ("zzz", [str(n) for n in range(25)], "one of " + ", ".join(map(str, range(20))) + " ..."),
    ("zzz", [], "there is none"),
])
def test_a_suggestion_is_the_closest_word_or_all_of_them(word: str, words: list[str], right: str) -> None:
    assert suggest(word, words) == right


def test_problems_come_by_path_and_line_and_once() -> None:
    problems = Problems()
    problems.add("b", 1, "x", "y")
    problems.add("a", 10, "x", "y")
    problems.add("a", 9, "x", "y")
    problems.add("a", 9, "x", "y")

    assert problems.texts() == ["a:9: x; y", "a:10: x; y", "b:1: x; y"]
    assert len(problems) == 3
