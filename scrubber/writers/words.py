"""How numbers, dates and reasons read, the same in every output form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scrubber.model.flag import ASK, Evidence, Flag, flag_name

REASONS = {
    "no_edition": "no edition of the table covers the date",
    "no_row": "the table has no row for the code",
    "no_history": "earlier claims are not loaded",
    "no_fact": "the claim does not say it",
    "no_setting": "the payer profile does not say it",
}
# Control characters of both sets, line separators, and what turns the direction of writing around.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text without control characters, so that a claim's own bytes cannot drive a terminal."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def reason(word: str) -> str:
    """A reason for not evaluating, or the name of an exception, for people; what it is about follows a colon."""
    kind, _, about = word.partition(": ")
    text = REASONS.get(kind, kind.replace("_", " "))
    return f"{text} ({about})" if about else text


def dollars(cents: int) -> str:
    """$1,234.50."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def count(number: int, noun: str) -> str:
    """1 claim, 2 claims."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def row(values: Mapping[str, Any]) -> str:
    """A table's row in one line; an open end is left out."""
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None and value != "")


def evidence(item: Evidence) -> str:
    """Table, edition and row in one line."""
    stale = " (stale)" if item.stale else ""
    return f"{item.table} {item.edition}{stale}: {row(item.row)}"


def denial(flag: Flag) -> str:
    """What the payer would answer: CARC 97, RARC M15, 277CA A7:…"""
    parts = []
    if flag.carc:
        parts.append("CARC " + " ".join(flag.carc))
    if flag.rarc:
        parts.append("RARC " + " ".join(flag.rarc))
    if flag.status_277:
        parts.append("277CA " + flag.status_277)
    return ", ".join(parts)


def related(flag: Flag) -> str:
    """The other lines that take part: line 1, line 2 of claim 1234."""
    return ", ".join(f"line {item.line}" if item.claim == flag.claim else f"line {item.line} of claim {item.claim}"
                     for item in flag.related)


def name(flag: Flag) -> str:
    """How a flag is named by those that stand under it."""
    return flag_name(flag.rule, flag.line, flag.diagnoses)


def by_root(flags: Iterable[Flag]) -> list[tuple[Flag, list[Flag]]]:
    """The flags of one claim that stand under no other of them, each with those under it; what stands under a flag
    that is not among them stands for itself."""
    members = list(flags)
    roots: dict[str, list[Flag]] = {}
    tops: list[tuple[Flag, list[Flag]]] = []
    for flag in members:
        if flag.root is None:
            under: list[Flag] = []
            roots.setdefault(name(flag), under)
            tops.append((flag, under))
    alone = []
    for flag in members:
        if flag.root is None:
            continue
        if flag.root in roots:
            roots[flag.root].append(flag)
        else:
            alone.append(flag)
    if not alone:
        return tops
    found = {id(flag): under for flag, under in tops}
    return [(flag, found.get(id(flag), [])) for flag in members
            if id(flag) in found or any(flag is each for each in alone)]


def question(flag: Flag) -> tuple[str, str]:
    """The fix without, and the question to the clinician that a policy put behind it; empty where there is none."""
    fix, _, asked = flag.fix.partition(f" {ASK} ")
    return fix, asked


def short_names(files: Iterable[str]) -> dict[str, str]:
    """Names of files without their folders, where that still tells them apart."""
    known = list(dict.fromkeys(files))
    bare = [name.replace("\\", "/").rpartition("/")[2] for name in known]
    return dict(zip(known, bare if len(set(bare)) == len(bare) else known, strict=True))


def place(parts: Sequence[tuple[str, object]]) -> str:
    """Where in a file: segment 12, loop 2400; parts that are None are left out."""
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None)
