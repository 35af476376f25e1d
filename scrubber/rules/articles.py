"""Local coverage articles as people write them, as rows of the tables that hold them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from scrubber.model.base import Frozen

TABLES = ("lcd_article", "lcd_code", "lcd_dx", "lcd_state")
Group = Annotated[int, Field(ge=1, le=9999)]


class ArticleCode(Frozen):
    """A procedure that an article is about."""

    code: str
    group: Group = 1


class ArticleList(Frozen):
    """Diagnoses that an article covers, or does not, for a group of procedures."""

    group: Group = 1
    kind: Literal["covered", "noncovered"]
    codes: tuple[str, ...]
    asterisk: tuple[str, ...] | None = None


class Article(Frozen):
    """A local coverage article; its number is written A52369 or 52369, and null is what is not there."""

    article: Annotated[str, BeforeValidator(str), Field(pattern=r"^[Aa]?[0-9]{1,9}$")]
    version: Annotated[int, Field(ge=1, le=99999)] | None = None
    from_: Any = Field(default=None, alias="from")
    to: Any = None
    states: tuple[str, ...]
    codes: tuple[ArticleCode, ...]
    dx: tuple[ArticleList, ...] | None = None


def article_tables(articles: Sequence[Article] | None) -> dict[str, list[dict[str, Any]] | None]:
    """Rows of the four tables; None, no articles loaded, is none of them."""
    if articles is None:
        return dict.fromkeys(TABLES)
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for each in articles:
        days = {"article": int(each.article.lstrip("Aa")), "from": each.from_, "to": each.to}
        groups = {kind: len({listed.group for listed in each.dx or () if listed.kind == kind})
                  for kind in ("covered", "noncovered")}
        tables["lcd_article"].append({
            **days, "version": each.version or 1, "code_groups": len({code.group for code in each.codes}),
            "covered_groups": groups["covered"], "noncovered_groups": groups["noncovered"]})
        tables["lcd_code"] += [{**days, "code": code.code, "group": code.group} for code in each.codes]
        tables["lcd_state"] += [{**days, "state": state} for state in each.states]
        for listed in each.dx or ():
            tables["lcd_dx"] += [{**days, "code": code, "group": listed.group, "kind": listed.kind,
                                  "asterisk": int(code in (listed.asterisk or ()))} for code in listed.codes]
    return dict(tables)
