"""YAML whose every scalar is text, with the line of each node.

An ordinary YAML loader turns 050 into 40, 010 into 8, NO into false and 2026-01-01 into a date. Codes, modifiers and
dates survive here as they are written; the models give them types. A plain `null`, or nothing at all, is None.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from scrubber.errors import reading
from scrubber.rules.problems import Problems

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
MAX_NODES = 200_000

# Without implicit types. The events of its parser are read rather than its tree, because building that recurses as
# deep as the file says.
_LOADER: type[yaml.CBaseLoader | yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NOTHING = ("", "null", "~")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, or None for a plain `null` or an empty value. Lines count from 1."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in written order; `key_lines` has the line of each key."""

    line: int
    entries: dict[str, "Node"] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


class _Refused(Exception):
    """A file that cannot be read on; carries line, what is wrong and what would be right."""

    def __init__(self, line: int, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.line = line
        self.wrong = wrong
        self.right = right


def read_yaml(path: Path, shown: str, problems: Problems) -> Node | None:
    """Tree of one file, or None with the reason in `problems`.

    Args:
        path: The file.
        shown: How messages name it.
        problems: Where duplicate keys and everything else that is wrong goes.
    """
    with reading(shown):
        data = path.read_bytes()
    try:
        if len(data) > MAX_BYTES:
            raise _Refused(1, f"{len(data):,} bytes are too many for a rule file", f"at most {MAX_BYTES:,}")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data[:error.start].count(b"\n") + 1
            raise _Refused(line, "not UTF-8", "save the file as UTF-8") from None
        return _Builder(shown, problems).build(text)
    except _Refused as refused:
        problems.add(shown, refused.line, refused.wrong, refused.right)
        return None


class _Builder:
    """Builds a tree from the events of the parser, within bounds."""

    def __init__(self, path: str, problems: Problems) -> None:
        self._path = path
        self._problems = problems
        self._count = 0
        self._root: Node | None = None

    def build(self, text: str) -> Node:
        try:
            self._read(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _Refused(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}",
                           "check indentation, quotes and brackets") from None
        except yaml.reader.ReaderError as error:
            line = text[:error.position].count("\n") + 1
            raise _Refused(line, f"character #x{int(error.character):04x} is not allowed", "remove it") from None
        if self._root is None:
            raise _Refused(1, "the file is empty", "write a rule, or delete the file")
        return self._root

    def _read(self, text: str) -> None:
        """Places every event of the text; `around` and `key` are the collection that is open and its waiting key."""
        above: list[tuple[Sequence | Mapping | None, tuple[str, int] | None]] = []
        around: Sequence | Mapping | None = None
        key: tuple[str, int] | None = None
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                around, key = above.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                if isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
                    raise _Refused(_line(event), "a second document", "one file, one document")
                continue
            node = self._node(event)
            if isinstance(around, Mapping):
                if key is None:
                    if not isinstance(event, yaml.ScalarEvent):
                        raise _Refused(node.line, "a key that is no text", "keys are words")
                    key = (event.value, node.line)
                    continue
                self._add(around, key, node)
                key = None
            elif around is not None:
                around.items.append(node)
            else:
                self._root = node
            if not isinstance(node, Scalar):
                if len(above) >= MAX_DEPTH:
                    raise _Refused(node.line, f"nested deeper than {MAX_DEPTH} levels", "say it flatter")
                above.append((around, key))
                around, key = node, None

    def _add(self, mapping: Mapping, key: tuple[str, int], node: Node) -> None:
        name, line = key
        if name in mapping.entries:
            self._problems.add(self._path, line, f"key {name} a second time",
                               f"the first is on line {mapping.key_lines[name]}; keep one")
        else:
            mapping.entries[name] = node
            mapping.key_lines[name] = line

    def _node(self, event: yaml.NodeEvent) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Refused(line, f"anchor or alias {event.anchor}", "write the value out; rules use neither")
        self._count += 1
        if self._count > MAX_NODES:
            raise _Refused(line, f"more than {MAX_NODES:,} values", "split the file")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise _Refused(line, f"tag {tag}", "leave it out; every scalar is text")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(line, None if event.value in _NOTHING and event.implicit[0] else event.value)
        return Sequence(line) if isinstance(event, yaml.SequenceStartEvent) else Mapping(line)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def plain(node: Node) -> object:
    """The same as lists, dicts, texts and None."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def line_at(node: Node, place: tuple[str | int, ...]) -> int:
    """Line of what `place` (keys and indices, as pydantic gives them) leads to, or of the nearest that is there."""
    line = node.line
    for step in place:
        if isinstance(node, Mapping) and step in node.entries:
            line = node.key_lines[str(step)]
            node = node.entries[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            line = node.line
        else:
            break
    return line
