"""Named sets of codes, modifiers, diagnoses and places of service, and modifiers that do not go together."""

import datetime as dt
from collections.abc import Iterable
from collections.abc import Mapping as Entries
from dataclasses import dataclass

from scrubber.rules.codeset import CodeSet, Conflict, Member
from scrubber.rules.problems import Problems, suggest
from scrubber.rules.vocabulary import NAMES
from scrubber.rules.yaml import Mapping, Node, Scalar, Sequence, plain
from scrubber.symbols import NO_DAY, OPEN_DAY, WIDTHS, bounds, day_number, pack

KINDS = {
    "code": "a code of five characters",
    "mod": "a modifier of two characters",
    "dx": "a diagnosis",
    "pos": "a place of service of two digits",
    "taxonomy": "a taxonomy code of ten characters",
    "mark": "a mark of the claim form of one to five characters",
}
PAYER_KINDS = NAMES["payer"]["kind"].split("|")
EXACT = {"code": 5, "mod": 2, "pos": 2, "taxonomy": 10}


def normalized(members: Iterable[Member]) -> tuple[Member, ...]:
    """The same members, cut at each other's ends, without overlaps, by `lo` and day."""
    given = sorted(set(members))
    cuts = sorted({member.lo for member in given} | {member.hi + 1 for member in given})
    pieces: list[list[tuple[int, int]]] = []
    current: list[Member] = []
    upcoming = 0
    for lo in cuts:
        while upcoming < len(given) and given[upcoming].lo <= lo:
            current.append(given[upcoming])
            upcoming += 1
        current = [member for member in current if member.hi >= lo]
        pieces.append(_days(current))
    result: list[Member] = []
    first = 0
    for place in range(1, len(cuts)):
        if pieces[place] != pieces[first]:
            result.extend(Member(cuts[first], cuts[place] - 1, *days) for days in pieces[first])
            first = place
    return tuple(result)


def _days(members: list[Member]) -> list[tuple[int, int]]:
    """Union of the members' periods."""
    union: list[tuple[int, int]] = []
    for begin, end in sorted({(member.from_day, member.to_day) for member in members}):
        if union and begin <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((begin, end))
    return union


def read_symbol(text: str, kind: str) -> int | None:
    """Symbol of one code, modifier, diagnosis or place of service; None if the text is none."""
    bare = text.replace(".", "") if kind == "dx" else text
    if len(bare) != EXACT.get(kind, max(len(bare), 1 if kind == "mark" else 3)):
        return None
    symbol = pack(bare, WIDTHS[kind])
    return symbol if symbol > 0 else None


def read_member(text: str, kind: str) -> tuple[int, int] | None:
    """Interval of one code, a range `97110-97140` or a prefix `M25.5-`; None if the text is none of them."""
    low, dash, high = text.partition("-")
    if not dash:
        symbol = read_symbol(text, kind)
        return None if symbol is None else (symbol, symbol)
    if high and kind in EXACT and not len(low) == len(high) == EXACT[kind]:
        return None
    return bounds(text, WIDTHS[kind])


def read_day(node: Node, path: str, problems: Problems) -> dt.date | None:
    """A date, or None with the reason in `problems`."""
    text = node.text if isinstance(node, Scalar) else None
    try:
        if text and len(text) == 10:
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    problems.add(path, node.line, f"{plain(node)!r} is no date", "a date is written 2026-01-31")
    return None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A set before its unions are resolved."""

    name: str
    kind: str
    source: str
    members: tuple[Member, ...]
    unions: tuple[tuple[str, int], ...]
    path: str
    line: int


class SetReader:
    """Reads set files; later directories replace sets of earlier ones by name."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._drafts: dict[str, _Draft] = {}
        self._layer: dict[str, str] = {}

    def new_layer(self) -> None:
        """What follows belongs to another directory, which may replace sets of the ones before."""
        self._layer = {}

    def read(self, tree: Node, path: str) -> None:
        """Takes one file of `name: {kind, source, members}`."""
        if not isinstance(tree, Mapping):
            self._problems.add(path, tree.line, "no sets", "write name: {kind: code, source: ..., members: [...]}")
            return
        for name, node in tree.entries.items():
            line = tree.key_lines[name]
            if name in self._layer:
                self._problems.add(path, line, f"set {name} a second time",
                                   f"the first is at {self._layer[name]}; names of sets are global")
                continue
            self._layer[name] = f"{path}:{line}"
            draft = self._draft(name, node, path, line)
            if draft:
                self._drafts[name] = draft

    def _draft(self, name: str, node: Node, path: str, line: int) -> _Draft | None:
        add = self._problems.add
        if not name.replace("_", "").isalnum() or name != name.lower():
            add(path, line, f"{name} is no name for a set", "lower case letters, digits and _")
        if not isinstance(node, Mapping):
            add(path, line, f"set {name} is not described", "write kind, source and members")
            return None
        for key in node.entries:
            if key not in ("kind", "source", "members", "about"):
                add(path, node.key_lines[key], f"unknown key {key} in set {name}",
                    suggest(key, ("kind", "source", "members", "about")))
        kind_node = node.entries.get("kind")
        kind = kind_node.text if isinstance(kind_node, Scalar) and kind_node.text else ""
        if kind not in KINDS:
            add(path, kind_node.line if kind_node else line,
                f"set {name} has kind {kind}" if kind else f"set {name} has no kind", f"one of {', '.join(KINDS)}")
            return None
        source = node.entries.get("source")
        if source is None or not plain(source):
            add(path, line, f"set {name} has no source", "say where its members come from")
        members = node.entries.get("members")
        if not isinstance(members, Sequence):
            add(path, members.line if members else line, f"set {name} has no list of members",
                'write members: ["99213", "97110-97140"]')
            return None
        found, unions = self._members(members, kind, name, path)
        return _Draft(name, kind, _source_text(source), tuple(found), tuple(unions), path, line)

    def _members(self, node: Sequence, kind: str, name: str, path: str) -> tuple[list[Member],
                                                                                 list[tuple[str, int]]]:
        members: list[Member] = []
        unions: list[tuple[str, int]] = []
        for item in node.items:
            if isinstance(item, Scalar) and item.text and item.text.startswith("@"):
                unions.append((item.text[1:], item.line))
                continue
            member = _member(item, kind, f"set {name}", path, self._problems)
            if member:
                members.append(member)
        return members, unions

    def sets(self) -> dict[str, CodeSet]:
        """Every set by name, unions resolved."""
        return {name: CodeSet(draft.kind, normalized(self._resolve(draft, ())), name, draft.source)
                for name, draft in sorted(self._drafts.items())}

    def _resolve(self, draft: _Draft, above: tuple[str, ...]) -> list[Member]:
        members = list(draft.members)
        for name, line in draft.unions:
            other = self._drafts.get(name)
            if other is None:
                if name not in self._layer:
                    self._problems.add(draft.path, line, f"no set @{name}",
                                       suggest("@" + name, ["@" + known for known in self._drafts]))
            elif name in (*above, draft.name):
                self._problems.add(draft.path, line, f"set {draft.name} holds itself by way of @{name}",
                                   "leave one of them out")
            elif other.kind != draft.kind:
                self._problems.add(draft.path, line, f"@{name} holds kind {other.kind}, set {draft.name} {draft.kind}",
                                   "one set, one kind")
            else:
                members += self._resolve(other, (*above, draft.name))
        return members


def _source_text(node: Node | None) -> str:
    if isinstance(node, Sequence):
        return "; ".join(_source_text(item) for item in node.items)
    if isinstance(node, Mapping):
        return str(plain(node.entries["cite"])) if "cite" in node.entries else ""
    return (node.text or "") if node else ""


def _member(node: Node, kind: str, owner: str, path: str, problems: Problems) -> Member | None:
    """A member: a text, or `{code, from, to}` with inclusive dates."""
    text_node: Node | None = node
    period = (NO_DAY, OPEN_DAY)
    if isinstance(node, Mapping):
        for key in node.entries:
            if key not in ("code", "from", "to"):
                problems.add(path, node.key_lines[key], f"unknown key {key} in a member of {owner}",
                             suggest(key, ("code", "from", "to")))
        text_node = node.entries.get("code")
        period = read_period(node, path, problems)
    text = text_node.text if isinstance(text_node, Scalar) else None
    interval = read_member(text, kind) if text else None
    if interval is None:
        problems.add(path, node.line, f"member {text!r} of {owner} is not {KINDS[kind]}",
                     "one code, a range 97110-97140, a prefix M25.5- or @another_set")
        return None
    return Member(*interval, *period)


def read_period(node: Mapping, path: str, problems: Problems) -> tuple[int, int]:
    """`from` and `to` (inclusive) of a mapping as days, the second excluded; open where they are not given."""
    begin, end = NO_DAY, OPEN_DAY
    if "from" in node.entries:
        begin = day_number(read_day(node.entries["from"], path, problems))
    if "to" in node.entries:
        last = read_day(node.entries["to"], path, problems)
        end = OPEN_DAY if last is None else day_number(last) + 1
    if begin >= end:
        problems.add(path, node.line, "`to` is before `from`", "both are days that belong to the period")
    return begin, end


def read_conflicts(tree: Node, path: str, sets: Entries[str, CodeSet], problems: Problems) -> list[Conflict]:
    """Modifiers that do not go together: `modifier_conflicts: [{a, b, class, payers, from, to}]`.

    `a` and `b` are a modifier, a list of modifiers or a set of them; every pair of theirs conflicts.
    """
    rows = tree.entries.get("modifier_conflicts") if isinstance(tree, Mapping) else None
    if not isinstance(rows, Sequence):
        problems.add(path, tree.line, "no modifier_conflicts",
                     "write modifier_conflicts: [{a: ..., b: ..., class: ...}]")
        return []
    found: list[Conflict] = []
    for row in rows.items:
        if not isinstance(row, Mapping):
            problems.add(path, row.line, "a conflict that is no mapping", "write {a: LT, b: RT, class: deny}")
            continue
        for key in row.entries:
            if key not in ("a", "b", "class", "payers", "from", "to", "source", "why"):
                problems.add(path, row.key_lines[key], f"unknown key {key} in a conflict",
                             suggest(key, ("a", "b", "class", "payers", "from", "to", "source", "why")))
        outcome = _text(row, "class")
        if outcome not in ("deny", "review"):
            problems.add(path, row.line, f"class {outcome} of a conflict", "deny or review")
            continue
        payers = row.entries.get("payers")
        names = tuple(str(plain(item)) for item in payers.items) if isinstance(payers, Sequence) else ()
        for name in names:
            if name not in PAYER_KINDS:
                problems.add(path, row.line, f"payers: no kind {name}", suggest(name, PAYER_KINDS))
        period = read_period(row, path, problems)
        sides = [_modifiers(row.entries.get(side), row.line, path, sets, problems) for side in ("a", "b")]
        found.extend(Conflict(min(a, b), max(a, b), outcome, names, *period)
                     for a in sides[0] for b in sides[1] if a != b)
    return sorted(set(found), key=lambda conflict: (conflict.a, conflict.b, conflict.from_day, conflict.outcome,
                                                    conflict.payers))


def _text(node: Mapping, key: str) -> str | None:
    value = node.entries.get(key)
    return value.text if isinstance(value, Scalar) else None


def _modifiers(node: Node | None, line: int, path: str, sets: Entries[str, CodeSet], problems: Problems) -> list[int]:
    if isinstance(node, Sequence):
        return [symbol for item in node.items for symbol in _modifiers(item, item.line, path, sets, problems)]
    text = node.text if isinstance(node, Scalar) else None
    if text and text.startswith("@"):
        found = sets.get(text[1:])
        if found is None or found.kind != "mod":
            problems.add(path, line, f"no set of modifiers {text}",
                         suggest(text, ["@" + name for name, known in sets.items() if known.kind == "mod"]))
            return []
        return [symbol for member in found.members for symbol in range(member.lo, member.hi + 1)]
    symbol = read_symbol(text, "mod") if text else None
    if symbol is None:
        problems.add(path, line, f"{text!r} is not {KINDS['mod']}", "write LT, or [LT, RT], or @a_set")
        return []
    return [symbol]
