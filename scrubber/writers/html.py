"""A report as one page that needs nothing else: no network, no server, no second file."""

import heapq
import json
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from scrubber.model.flag import Flag, is_opportunity
from scrubber.report import RANK, Report
from scrubber.symbols import dotted
from scrubber.writers import words
from scrubber.writers.summary import Cause, Summary, summarize

LIMIT = 10_000
BARS = 10
HERE = Path(__file__).parent


def write(report: Report, stream: TextIO) -> None:
    """Writes the page. More than LIMIT flags would choke a browser: the page then lists the gravest and dearest."""
    summary = summarize(report)
    prompts, others = _opportunities(report)
    shown = _shown(report)
    names = words.short_names(report.files)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"dollars": words.dollars, "count": words.count, "reason": words.reason}
    template = environment.from_string((HERE / "report.html").read_text(encoding="utf-8"))
    stream.write(template.render(
        style=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        script=Markup((HERE / "report.js").read_text(encoding="utf-8")),
        data=_embedded({"flags": [{**_flag(flag, names.get(flag.file, flag.file)), "under": root}
                                  for flag, root in zip(shown, _roots(shown), strict=True)],
                        "rules": _rules(report, shown)}),
        run=report.run, summary=summary, unreadable=report.unreadable, shown=len(shown),
        total=others,
        opportunities=[_flag(flag, names.get(flag.file, flag.file)) for flag in prompts],
        by_dollars=_bars(summary.causes, "at_risk"), by_count=_bars(summary.causes, "flags"),
        split=_split(summary), files=names, titles={key: rule.title for key, rule in report.rules.items()},
        stale={(item.table, item.edition) for item in summary.stale},
        number=lambda value: f"{value:,}", place=words.place,
    ))


def _opportunities(report: Report) -> tuple[list[Flag], int]:
    """Prompts about missed charges, the first LIMIT of them, and how many flags are none."""
    prompts: list[Flag] = []
    others = 0
    for flag in report.flags:
        if not is_opportunity(flag.rule):
            others += 1
        elif len(prompts) < LIMIT:
            prompts.append(flag)
    return prompts, others


def _shown(report: Report) -> list[Flag]:
    flags = (item for item in enumerate(report.flags) if not is_opportunity(item[1].rule))
    if len(report.flags) <= LIMIT:
        return [flag for _, flag in flags]
    gravest = heapq.nsmallest(LIMIT, flags, key=lambda item: (
        item[1].status != "flagged", RANK[item[1].severity], -item[1].charge_at_risk_cents, item[0]))
    return [flag for _, flag in sorted(gravest, key=lambda item: item[0])]


def _roots(flags: list[Flag]) -> list[int | None]:
    """For each flag the place of the one that it stands under, where that is among them."""
    place = {id(flag): number for number, flag in enumerate(flags)}
    roots: list[int | None] = [None] * len(flags)
    for _, group in groupby(flags, lambda flag: (flag.file, flag.claim_position)):
        for top, under in words.by_root(group):
            for flag in under:
                roots[place[id(flag)]] = place[id(top)]
    return roots


def _flag(flag: Flag, file: str) -> dict[str, Any]:
    fix, asked = words.question(flag)
    return {
        "file": file, "position": flag.claim_position, "claim": flag.claim, "line": flag.line, "rule": flag.rule,
        "case": flag.case, "severity": flag.severity if flag.status == "flagged" else flag.status,
        "reason": words.reason(flag.reason) if flag.reason else None, "message": flag.message, "fix": fix, "ask": asked,
        "class": flag.fix_class, "denial": words.denial(flag), "cents": flag.charge_at_risk_cents,
        "dx": [dotted(code) for code in flag.diagnoses], "related": words.related(flag),
        "evidence": [{"table": item.table, "edition": item.edition, "stale": item.stale, "to": item.covers_to,
                      "row": [[name, str(value)] for name, value in item.row.items() if value is not None]}
                     for item in flag.evidence],
        "source": [source.cite for source in flag.source], "root": flag.root, "queue": flag.queue,
    }


def _rules(report: Report, flags: list[Flag]) -> dict[str, dict[str, str]]:
    used = sorted({flag.rule for flag in flags} & report.rules.keys())
    return {id: {"title": report.rules[id].title, "why": " ".join(report.rules[id].why.split())} for id in used}


def _embedded(data: dict[str, Any]) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _bars(causes: list[Cause], measure: str) -> list[dict[str, Any]]:
    """The longest bars by a measure, each with its length in per cent of the longest."""
    ranked = sorted((cause for cause in causes if getattr(cause, measure) > 0),
                    key=lambda cause: (-getattr(cause, measure), cause.rule))[:BARS]
    longest = max((getattr(cause, measure) for cause in ranked), default=1)
    return [{"cause": cause, "per_cent": round(100 * getattr(cause, measure) / longest, 1)} for cause in ranked]


def _split(summary: Summary) -> list[dict[str, Any]]:
    """Claims by their gravest flag, from clean to unreadable, with the place of each part of the bar in per cent."""
    by = summary.claims_by_severity
    none = max(summary.claims - sum(by.values()), 0)
    parts = [("none", "no flag", none), *((name, f"at worst {name}", by[name]) for name in ("info", "review")),
             *((name, f"held: {name}", by[name]) for name in ("deny", "reject")),
             ("unreadable", "could not be read", summary.set_aside)]
    total = sum(number for _, _, number in parts) or 1
    placed = []
    start = 0.0
    for name, text, number in parts:
        width = 100 * number / total
        placed.append({"name": name, "text": text, "number": number, "x": round(start, 2), "width": round(width, 2)})
        start += width
    return [part for part in placed if part["number"]]

