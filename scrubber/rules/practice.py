"""Facts of conformance examples about a practice, as the claims and table rows that say the same."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

FACTS = ("locality", "provider_bills", "provider_period")
_LOW, _MIDDLE, _HIGH = "99213", "99214", "99215"
_PLACE = {"mac": "10212", "locality": "01", "state": "GA"}
_ZIPS = ("30303", "31201")           # of the groups of scrubber.rules.letters
_DEVIATION = 10
_DAYS_BEFORE = 40


def practice_claims(claim: Mapping[str, Any], lines: tuple[Mapping[str, Any], ...]) -> list[dict[str, Any]]:
    """Earlier claims from which the counts of an example follow."""
    facts = claim.get("facts") or {}
    found = []
    if facts.get("provider_bills"):
        day = dt.date.fromisoformat(lines[0]["from"]) - dt.timedelta(days=_DAYS_BEFORE)
        found.append(_paid(facts["provider_bills"], day, lines[0].get("rendering", "A")))
    if facts.get("provider_period"):
        period = facts["provider_period"]
        codes = _codes(period)
        for line in lines:
            if line.get("code") in codes:
                codes.remove(line["code"])
        year, quarter = int(period["quarter"][:4]), int(period["quarter"][-1])
        found.append(_paid(codes, dt.date(year, quarter * 3 - 2, 1), period["rendering"]))
    return found


def practice_tables(claim: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of places and peers; the standard deviation is made up so that the distance comes out."""
    facts = claim.get("facts") or {}
    found: dict[str, Any] = {}
    if "locality" in facts:
        indices = facts["locality"]
        found["gpci"] = None if indices is None else [
            {**_PLACE, "work": indices["work"], "practice": indices["pe"], "malpractice": indices["mp"]}]
        found["zip_locality"] = None if indices is None else [{**_PLACE, "zip": each} for each in _ZIPS]
    if "peer_rate" in tables:
        rows = tables["peer_rate"]
        found["peer_rate"] = None if rows is None else [_peer(row, facts.get("provider_period") or {}) for row in rows]
    return found


def _codes(period: Mapping[str, Any]) -> list[str]:
    """The services of a quarter."""
    if "visits" not in period:
        return [period["code"]] * period["primaries"] + [period["addon"]] * period["addons"]
    low, high = _levels(period)
    return [_LOW] * low + [_HIGH] * high + [_MIDDLE] * (period["visits"] - low - high)


def _levels(period: Mapping[str, Any]) -> tuple[int, int]:
    visits: int = period["visits"]
    low = round(visits * period["share_low"] / 100)
    return low, min(round(visits * period["share_high"] / 100), visits - low)


def _peer(row: Mapping[str, Any], period: Mapping[str, Any]) -> dict[str, Any]:
    if "measure" not in row:
        return {"specialty": row["specialty"], "item": row["addon"], "code": row["code"], "percent": row["percent"]}
    found = {"specialty": row["specialty"], "item": "LOW" if row["measure"] == "share_low" else "HIGH",
             "percent": row["p90"]}
    if row["measure"] == "share_low" and period.get("visits"):
        share = _levels(period)[0] * 100_000 // period["visits"]
        found["mean"] = str((share - period["z_milli"] * _DEVIATION) / 1000)
        found["deviation"] = _DEVIATION
    return found


def _paid(codes: list[str], day: dt.date, rendering: str) -> dict[str, Any]:
    lines = [{"code": code, "mods": [], "units": 1, "charge": 100, "from": day.isoformat(), "ptr": [1],
              "rendering": rendering} for code in codes]
    return {"state": "paid", "type": "P", "claim": {"pos": "11", "dx": ["I10"], "facts": {}}, "lines": lines}
