"""Flags for people at a terminal: by claim, with what to do, then what the batch comes down to."""

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TextIO

from scrubber.model.flag import Flag, Unreadable, is_opportunity
from scrubber.report import Report
from scrubber.writers import words
from scrubber.writers.summary import Summary, summarize

COLORS = {"reject": "1;35", "deny": "1;31", "review": "33", "info": "36", "bypassed": "2", "not_evaluated": "2",
          "bold": "1", "dim": "2", "good": "32"}
TOP = 8


class TextWriter:
    """Writes reports as text, wrapped to a width.

    Args:
        stream: Where to.
        color: Whether ANSI colours may be used; true only on a terminal.
        width: Columns; by default those of the terminal, 100 elsewhere, so that a file does not depend on a window.
    """

    def __init__(self, stream: TextIO, *, color: bool = False, width: int | None = None) -> None:
        self._stream = stream
        self._color = color
        if width is None:
            width = shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100
        self._width = max(40, min(width, 140))
        self._names: dict[str, str] = {}

    def write(self, report: Report, *, statistics: bool = False) -> None:
        """Everything: flags by claim, what could not be read, the summary; with `statistics` only the counts."""
        if statistics:
            self.statistics(report)
            return
        self.answers(report)
        self.summary(summarize(report))
        self.notes(report)

    def answers(self, report: Report, names: Mapping[str, str] | None = None) -> None:
        """Flags by claim, and what could not be read; `names` says what to call the files."""
        self._names = dict(words.short_names(report.files) if names is None else names)
        self.flags(flag for flag in report.flags if not is_opportunity(flag.rule))
        self.opportunities(flag for flag in report.flags if is_opportunity(flag.rule))
        self.unreadable(report.unreadable)

    def flags(self, flags: Iterable[Flag]) -> None:
        """Flags grouped by claim."""
        for (file, position, claim), group in groupby(flags, lambda flag: (flag.file, flag.claim_position, flag.claim)):
            members = list(group)
            self._heading(file, position, claim, members)
            for flag, under in words.by_root(members):
                self._flag(flag)
                for each in under:
                    self._under(each)
            self._line()

    def opportunities(self, flags: Iterable[Flag]) -> None:
        """Charges that may have been missed, by claim, apart from what is wrong."""
        begun = False
        for (file, position, claim), group in groupby(flags, lambda flag: (flag.file, flag.claim_position, flag.claim)):
            if not begun:
                self._line(self._paint("bold", "Opportunities")
                           + self._paint("dim", "  may be billed only where the record documents them"))
                self._line()
                begun = True
            members = list(group)
            worth = {flag.line: flag.charge_at_risk_cents for flag in members if flag.status == "flagged"}
            self._titled(f"{self._names.get(file, file)}  claim {position}  {claim}",
                         f"{words.dollars(sum(worth.values()))} by the fee schedule" if sum(worth.values()) else "")
            for flag in members:
                self._flag(flag)
            self._line()

    def unreadable(self, records: Iterable[Unreadable]) -> None:
        """Claims that were set aside."""
        for record in records:
            where = words.plain(words.place((("claim", record.claim_position), ("segment", record.segment),
                                             ("loop", record.loop), ("element", record.element))))
            file = self._names.get(record.file, record.file)
            head = words.plain("  ".join(part for part in (file, record.claim or "") if part))
            self._line(f"{self._paint('bold', head)}  {self._paint('reject', 'cannot be read')}"
                       f"{'  ' + self._paint('dim', where) if where else ''}")
            self._wrapped("  ", words.plain(record.problem))
            self._line()

    def summary(self, summary: Summary) -> None:
        """What the batch comes down to: causes, dollars, what was not checked, stale editions."""
        self._line(self._paint("dim", "─" * self._width))
        clean = f"{summary.clean:,} of {words.count(summary.claims, 'claim')} clean"
        parts = [self._paint("good", clean) if summary.clean else clean]
        parts += [self._paint(word, f"{number:,} {word}") for word, number in summary.severities.items() if number]
        if summary.set_aside:
            parts.append(self._paint("reject", f"{summary.set_aside:,} could not be read"))
        if summary.at_risk:
            parts.append(self._paint("bold", f"{words.dollars(summary.at_risk)} at risk"))
        self._line("  ".join(parts))
        if summary.causes:
            self._causes(summary)
        if summary.opportunities or summary.opportunities_not_checked:
            self._opportunities(summary)
        if summary.without_policies:
            self._line()
            self._line(summary.without_policies)
        if summary.bypassed:
            self._line()
            self._line(f"Bypassed by a modifier, an exception or a policy: {summary.bypassed:,}"
                       + self._paint("dim", "  (--all shows them)"))
        if summary.not_checked:
            total = sum(number for _, _, number in summary.not_checked)
            self._line()
            self._line(self._paint("bold", "Not checked") + self._paint("dim", f"  {words.count(total, 'time')}"))
            for why, rules in _by_reason(summary.not_checked):
                self._line(f"  {sum(rules.values()):>7,}  {words.reason(why)}")
                self._wrapped("           ", ", ".join(f"{rule} {number:,}" for rule, number in rules.items()))
        if summary.stale:
            self._line()
            self._line(self._paint("bold", "Stale editions") + self._paint("dim", "  the newest there is, but it ended "
                                                                           "before the date of service"))
            for stale in summary.stale:
                ended = f" covers to {stale.covers_to}" if stale.covers_to else ""
                self._line(f"  {stale.table} {stale.edition}{ended}: {words.count(stale.flags, 'flag')}")

    def notes(self, report: Report) -> None:
        """What of the inputs was not read although their claims were."""
        notes = report.run.get("notes", [])
        if notes:
            self._line()
            self._line(self._paint("bold", "Not read"))
        for each in notes:
            file = self._names.get(each["file"], each["file"])
            times = f" ({words.count(each['times'], 'claim')})" if each["times"] > 1 else ""
            self._wrapped("  ", words.plain(f"{file}: {each['note']}{times}"))

    def statistics(self, report: Report) -> None:
        """Counts by rule, the most frequent first."""
        summary = summarize(report)
        causes = sorted(summary.rules, key=lambda cause: (-cause.flags, cause.rule))
        widest = max((len(cause.rule) for cause in causes), default=0)
        for cause in causes:
            self._line(f"{cause.flags:>7,}  {self._paint(cause.severity, f'{cause.severity:<6}')}  "
                       f"{self._paint('bold', f'{cause.rule:<{widest}}')}  "
                       f"{self._short(cause.title, self._width - widest - 19)}".rstrip())
        self._line(f"{summary.flags:>7,}  flags on {words.count(summary.claims, 'claim')}, {summary.clean:,} clean"
                   + (f", {summary.set_aside:,} could not be read" if summary.set_aside else ""))

    def _heading(self, file: str, position: int, claim: str, flags: list[Flag]) -> None:
        lines = {flag.line: max(flag.charge_at_risk_cents, 0) for flag in flags
                 if flag.status == "flagged" and flag.severity in ("reject", "deny")}
        cents = lines[None] if None in lines else sum(lines.values())
        self._titled(f"{self._names.get(file, file)}  claim {position}  {claim}",
                     f"{words.dollars(cents)} at risk" if cents else "")

    def _titled(self, left: str, right: str) -> None:
        """A claim and its dollars at the end of the line."""
        left = words.plain(left.strip())
        gap = " " * max(2, self._width - len(left) - len(right))
        self._line(self._paint("bold", left) + (gap + right if right else ""))

    def _flag(self, flag: Flag) -> None:
        word = flag.severity if flag.status == "flagged" else flag.status
        where = "claim" if flag.line is None else f"line {flag.line}"
        case = f" ({flag.case})" if flag.case else ""
        head = f"  {self._paint(word, f'{word:<6}')}  {where:<7}  {self._paint('bold', flag.rule)}"
        queue = f"  → {flag.queue.replace('_', ' ')}" if flag.queue and flag.status == "flagged" else ""
        self._line(head + self._paint("dim", case + queue))
        inner = "          "
        self._wrapped(inner, words.plain(flag.message))
        if any(item.claim != flag.claim for item in flag.related):
            self._wrapped(inner, f"With {words.plain(words.related(flag))}.")
        if flag.root:
            self._wrapped(inner, f"Follows from {words.plain(flag.root)}.")
        if flag.reason:
            self._wrapped(inner, f"{'Because' if flag.status == 'bypassed' else 'Not checked'}: "
                                 f"{words.reason(flag.reason)}.")
        if flag.status == "flagged":
            fix, asked = words.question(flag)
            self._wrapped(inner, f"Fix ({flag.fix_class}): {words.plain(fix)}")
            if asked:
                self._wrapped(inner, f"Ask: {words.plain(asked)}")
        if denial := words.denial(flag):
            self._wrapped(inner, denial, "dim")
        for item in flag.evidence:
            self._line(inner + self._paint("dim", self._short(words.plain(words.evidence(item)),
                                                              self._width - len(inner))))

    def _under(self, flag: Flag) -> None:
        """A flag that follows from the one above it, in a few words: what to do stands there."""
        word = flag.severity if flag.status == "flagged" else flag.status.replace("_", " ")
        case = f" ({flag.case})" if flag.case else ""
        reason = f" ({words.reason(flag.reason)})" if flag.reason else ""
        self._wrapped("            ", f"and so {flag.rule}{case}, {word}{reason}: {words.plain(flag.message)}", "dim")

    def _opportunities(self, summary: Summary) -> None:
        parts = [words.count(summary.opportunities, "prompt")]
        if summary.worth:
            parts.append(f"{words.dollars(summary.worth)} by the fee schedule")
        if summary.opportunities_not_checked:
            parts.append(f"{words.count(summary.opportunities_not_checked, 'question')} not answered")
        self._line()
        self._line(self._paint("bold", "Opportunities") + "  " + ", ".join(parts))

    def _causes(self, summary: Summary) -> None:
        self._line()
        shown = summary.causes[:TOP]
        widest = max(len(cause.rule) for cause in shown)
        money = max(len(words.dollars(cause.at_risk)) for cause in shown)
        room = max(self._width - widest - money - 24, 12)
        self._line(self._paint("bold", "Top causes")
                   + self._paint("dim", f"{'flags':>{widest + room + 3}} claims {'at risk':>{money + 3}}"))
        for cause in shown:
            title = self._short(cause.title, room - 4)
            self._line(f"  {self._paint(cause.severity, f'{cause.rule:<{widest}}')}  {title:<{room - 4}}"
                       f"{cause.flags:>7,}{cause.claims:>7,} {words.dollars(cause.at_risk):>{money + 3}}")
        if len(summary.causes) > TOP:
            rest = summary.causes[TOP:]
            self._line(self._paint("dim", f"  and {words.count(sum(cause.flags for cause in rest), 'flag')} "
                                          f"of {words.count(len(rest), 'other rule')} (--statistics lists them)"))

    def _short(self, text: str, width: int) -> str:
        return textwrap.shorten(text, max(width, 8), placeholder=" …")

    def _wrapped(self, indent: str, text: str, paint: str | None = None) -> None:
        for line in self._wrap(indent, text):
            self._line(self._paint(paint, line) if paint else line)

    def _wrap(self, indent: str, text: str) -> Iterator[str]:
        yield from textwrap.wrap(text, self._width, initial_indent=indent, subsequent_indent=indent,
                                 break_on_hyphens=False)

    def _paint(self, name: str, text: str) -> str:
        return f"\x1b[{COLORS[name]}m{text}\x1b[0m" if self._color else text

    def _line(self, text: str = "") -> None:
        self._stream.write(text + "\n")


def _by_reason(not_checked: list[tuple[str, str, int]]) -> list[tuple[str, dict[str, int]]]:
    """Rules and how often by reason, the most frequent first."""
    found: dict[str, dict[str, int]] = {}
    for rule, why, number in not_checked:
        found.setdefault(why, {})[rule] = number
    return sorted(found.items(), key=lambda entry: (-sum(entry[1].values()), entry[0]))
