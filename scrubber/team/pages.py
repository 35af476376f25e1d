"""The pages of a team as HTML, from templates in which what came with a claim stays text."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scrubber.store.accounts import Visitor
from scrubber.store.tables import Role
from scrubber.version import VERSION
from scrubber.workbench import pages as bench
from scrubber.workbench.assets import Assets
from scrubber.writers import words

HERE = Path(__file__).parent
# Where the pages are: address, name, the least role.
PLACES: tuple[tuple[str, str, Role], ...] = (
    ("/work", "Work", "viewer"), ("/batches", "Batches", "viewer"), ("/claim", "One claim", "viewer"),
    ("/numbers", "Numbers", "viewer"), ("/log", "Log", "lead"), ("/clients", "Clients", "administrator"),
    ("/people", "People", "administrator"))


class Pages:
    """Renders what the routes of a team answer.

    Attributes:
        token: Makes the token of a form.
    """

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
            loader=FileSystemLoader([HERE / "templates", bench.HERE / "templates"]))
        self._environment.filters |= {"dollars": words.dollars, "count": words.count, "reason": words.reason,
                                      "moment": _moment}
        self._environment.globals |= {"version": VERSION, "static": assets.url}
        self.token: Callable[[Visitor], str] = lambda _: ""

    @property
    def environment(self) -> Environment:
        """For filters and globals of a page of its own."""
        return self._environment

    def write(self, name: str, visitor: Visitor | None, /, here: str = "", **given: Any) -> str:
        """A page.

        Args:
            name: Of the template.
            here: Address of the place that it belongs to, as in PLACES.
        """
        places = [(path, label) for path, label, role in PLACES
                  if visitor is not None and visitor.complete and visitor.may(role)]

        def token() -> str:
            return self.token(visitor) if visitor is not None else ""

        return self._environment.get_template(name).render(given, visitor=visitor, here=here, places=places,
                                                           token=token)

    def notice(self, visitor: Visitor | None, text: str, link: str = "") -> str:
        """A page that says one thing.

        Args:
            link: Where to go on, "" for back.
        """
        return self.write("message.html", visitor, text=text, link=link)


def _moment(at: dt.datetime) -> str:
    """2026-03-31 12:00, in UTC."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"
