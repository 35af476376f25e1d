"""The pages and their parts as HTML, from templates in which a claim's own text stays text."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scrubber.engine import Scrubber
from scrubber.model.rule import Rule
from scrubber.preview import Preview
from scrubber.version import VERSION
from scrubber.why import Why
from scrubber.workbench.assets import Assets
from scrubber.workbench.facts import Facts, Found
from scrubber.workbench.form import LETTERS, MOST_DX, MOST_ROWS, Row
from scrubber.workbench.judge import ONLY, Judged, Shown
from scrubber.workbench.timeline import Timeline
from scrubber.writers import words

HERE = Path(__file__).parent
_CHARGE = re.compile(r" \$[0-9.]+")
BLANK = "rX"                     # key of the row that scripts copy to add one
OUTCOMES = {"cured": "cured", "stays": "not cured by it", "not checked": "cannot be told after it"}
BY = {"id": "", "name": "", "filing code": ", by default", "default": ", by default"}
LABELS = {"payer": "Payer", "dos": "Date of service", "pos": "Place of service", "as_of": "Submission", "sex": "Sex",
          "age": "Age", "frequency": "Frequency"}


class Pages:
    """Renders what the routes answer.

    Args:
        rules: In the order of lists.
        has_team: Whether there are pages of a team beside these.
    """

    def __init__(self, assets: Assets, facts: Facts, scrubber: Scrubber, rules: Sequence[Rule], *,
                 has_team: bool) -> None:
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                                  loader=FileSystemLoader(HERE / "templates"), auto_reload=False)
        environment.filters |= {"dollars": words.dollars, "count": words.count, "reason": words.reason,
                                "long": _long, "pairs": _pairs}
        environment.globals |= {
            "version": VERSION, "letters": LETTERS, "blank": Row(BLANK), "outcomes": OUTCOMES, "only": ONLY, "by": BY,
            "claim_fields": LABELS,
            "most_rows": MOST_ROWS, "most_dx": MOST_DX, "row_facts": self._row_facts, "dx_facts": self._dx_facts,
            "place_fact": self._place_fact, "static": assets.url, "has_team": has_team,
        }
        self._environment = environment
        self._facts = facts
        self._scrubber = scrubber
        self._rules = rules

    def lend(self, environment: Environment) -> None:
        """Gives another page what the fields and flags of a claim are rendered with."""
        environment.filters |= {name: self._environment.filters[name] for name in ("count", "dollars", "reason", "long",
                                                                                   "pairs")}
        environment.globals |= self._environment.globals

    def whole(self, judged: Judged, first: dt.date, last: dt.date, name: str) -> str:
        """The whole page.

        Args:
            first, last: Days that the slider reaches.
            name: Of who is logged in, "" where nobody logs in.
        """
        return self._render("claim.html", judged=judged, form=judged.form.with_room(), first=first, last=last,
                            user=name, rules=self._rules, profiles=self._scrubber.payers.names, said="",
                            editions=len(self._scrubber.editions), rules_sha256=self._scrubber.catalogue.sha256)

    def editor(self, judged: Judged, said: str = "") -> str:
        """The fields anew, with all that is beside them."""
        return self._render("editor.html", judged=judged, form=judged.form.with_room(), said=said, whole=False)

    def results(self, judged: Judged) -> str:
        """What changed beside the fields."""
        return self._render("results.html", judged=judged, form=judged.form)

    def hints(self, judged: Judged) -> str:
        """What the tables say, and no flags."""
        return self._render("hints.html", judged=judged, form=judged.form)

    def timeline(self, found: Timeline | None, looked: bool) -> str:
        """Other days.

        Args:
            looked: Whether they are looked at on this server.
        """
        return self._render("timeline.html", timeline=found, looked=looked)

    def preview(self, judged: Judged, shown: Shown | None, tried: Preview | None) -> str:
        before, after = (tried.before, tried.after) if tried is not None else ((), ())
        if not judged.draft.charged:                 # what a line costs was not typed, and is made up
            before, after = (tuple(_CHARGE.sub("", line) for line in lines) for lines in (before, after))
        return self._render("preview.html", shown=shown, tried=tried, before=before, after=after)

    def link(self, path: str, left: Sequence[str], lost: Sequence[str]) -> str:
        """A link.

        Args:
            left: What it leaves out.
            lost: Flags that are not the same without that.
        """
        return self._render("link.html", path=path, left=left, lost=lost)

    def why(self, id: str, told: Why | None, judged: Judged, near: Sequence[str]) -> str:
        return self._render("why.html", id=id, told=told, judged=judged, near=near)

    def code(self, found: Found | None, day: dt.date) -> str:
        return self._render("code.html", found=found, day=day)

    def notice(self, text: str) -> str:
        return self._render("notice.html", text=text)

    def _render(self, name: str, **given: Any) -> str:
        return self._environment.get_template(name).render(given)

    def _day(self, judged: Judged) -> dt.date:
        return judged.draft.day or judged.as_of

    def _row_facts(self, judged: Judged, row: Row) -> tuple[list[str], bool]:
        return self._facts.line(row.code.upper(), self._day(judged)) if len(row.code) == 5 else ([], False)

    def _dx_facts(self, judged: Judged, text: str) -> Found | None:
        return self._facts.diagnosis(text, self._day(judged)) if len(text) >= 3 else None

    def _place_fact(self, judged: Judged) -> str:
        pos = judged.form.pos
        return self._facts.place(pos, self._day(judged)) if len(pos) == 2 else ""


def _long(day: dt.date | None) -> str:
    """Monday, March 2, 2026."""
    return f"{day:%A, %B} {day.day}, {day.year}" if day is not None else ""


def _pairs(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in row.items() if value is not None and value != ""]
