"""Local coverage articles as people write them, as rows of the tables that hold them."""

from collections.abc import Mapping, Sequence
from typing import Any

TABLES = ("lcd_article", "lcd_code", "lcd_dx", "lcd_state")


def article_number(text: object) -> int:
    """Number of an article: 52369 of A52369."""
    return int(str(text).lstrip("Aa"))


def article_tables(articles: Sequence[Mapping[str, Any]] | None) -> dict[str, list[dict[str, Any]] | None]:
    """Rows of the four tables; None, no articles loaded, is none of them.

    Args:
        articles: Each with article, version, from, to, states, codes (code, group) and dx (group, kind, codes,
            asterisk).
    """
    if articles is None:
        return dict.fromkeys(TABLES)
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for each in articles:
        days = {"article": article_number(each["article"]), "from": each.get("from"), "to": each.get("to")}
        kinds = {kind: {list_.get("group", 1) for list_ in each.get("dx") or () if list_["kind"] == kind}
                 for kind in ("covered", "noncovered")}
        tables["lcd_article"].append({
            **days, "version": int(each.get("version") or 1),
            "code_groups": len({code.get("group", 1) for code in each["codes"]}),
            "covered_groups": len(kinds["covered"]), "noncovered_groups": len(kinds["noncovered"])})
        tables["lcd_code"] += [{**days, "code": code["code"], "group": int(code.get("group", 1))}
                               for code in each["codes"]]
        tables["lcd_state"] += [{**days, "state": state} for state in each["states"]]
        for list_ in each.get("dx") or ():
            stars = list_.get("asterisk") or ()
            tables["lcd_dx"] += [{**days, "code": code, "group": int(list_.get("group", 1)), "kind": list_["kind"],
                                  "asterisk": int(code in stars)} for code in list_["codes"]]
    return dict(tables)
