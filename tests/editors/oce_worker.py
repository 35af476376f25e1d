"""Runs pyoce in the Python that it needs, 3.12 or later; knows nothing of the package that is tested.

    python3.12 oce_worker.py codes           one JSON object: what its tables hold, by version of the editor
    python3.12 oce_worker.py pairs N SEED    one JSON list: N pairs that the NCCI table holds, drawn with a seed
    python3.12 oce_worker.py claims          a claim as JSON a line in, its edits as JSON a line out
"""

import json
import marshal
import random
import sys
from collections.abc import Iterator
from typing import Any

from pyoce import IoceComponent
from pyoce.dao.provider import LmdbDataProvider

KEPT = {
    "data_hcpcs": ("lo_age", "hi_age", "status_indicator", "bilateral_conditional", "bilateral_independent",
                   "bilateral_inherent", "date_approved", "date_terminated", "mid_quarter_date_edit"),
    "data_modifier": ("ncci", "date_activated"),
    "data_revenue": ("bypass_e48", "not_recognized", "status_indicator"),
    "data_dx10": ("lo_age", "hi_age", "external_cause", "manifestation", "unacceptable_pdx",
                  "unacceptable_pdx_exclusion"),
    "map_modifier_conflict": (),
    "map_addon_type1": (),
    "map_addon_type3": (),
}


def rows(table: str) -> Iterator[tuple[str, Any]]:
    env = LmdbDataProvider.get_instance().env
    database = env.open_db(table.encode(), create=False)
    with env.begin(db=database) as transaction:
        for key, value in transaction.cursor():
            yield key.decode(), marshal.loads(value)


def codes() -> dict[str, Any]:
    """By table and key: rows of first version, last version and what KEPT names."""
    found: dict[str, Any] = {"versions": {row["version"]: [row["date_started"], row["date_ended"]]
                                          for _, row in rows("version_range")}}
    for table, columns in KEPT.items():
        held = found[table] = {}
        for key, row in rows(table):
            parts = key.split("|")
            name = "|".join(parts[:2]) if table.startswith("map_") else parts[0]
            held.setdefault(name, []).append([row["lo_version"], row["hi_version"], *(row[each] for each in columns)])
    return found


def pairs(count: int, seed: int) -> list[list[Any]]:
    """Column 1, column 2, first version, last version, whether a modifier may set them apart."""
    drawn = random.Random(seed)
    found = []
    held = list(rows("map_ncci"))
    for _ in range(count):
        column1, entries = drawn.choice(held)
        column2, entry = drawn.choice(entries)
        row = marshal.loads(entry)
        found.append([column1, column2.decode(), row["lo_version"], row["hi_version"], bool(row["mod_indicator"])])
    return found


def numbers(*lists: list[str]) -> list[int]:
    return sorted({int(edit) for edits in lists for edit in edits})


def edits(engine: IoceComponent, claim: dict[str, Any]) -> dict[str, Any]:
    """What the editor says: of the whole claim, of each diagnosis in its order, of each line and its modifiers."""
    answer = engine.process(claim)
    diagnoses = [answer["principalDiagnosisCode"], *answer["secondaryDiagnosisCodeList"]]
    lists = ("claimRejectionEditList", "claimDenialEditList", "claimReturnToProviderEditList",
             "claimSuspensionEditList", "lineRejectionEditList", "lineDenialEditList")
    return {
        "id": answer["claimId"],
        "version": answer["processingInformation"]["internalVersion"],
        "return_code": answer["processingInformation"]["returnCode"],
        "all": numbers(*(answer[name] for name in lists)),
        "diagnoses": [numbers(each["editList"]) for each in diagnoses],
        "lines": [numbers(line["hcpcsEditList"], line["serviceDateEditList"], line["revenueEditList"],
                          *(each["editList"] for each in line["hcpcsModifierInputList"]))
                  for line in answer["lineItemList"]],
        "status": [line["statusIndicator"] for line in answer["lineItemList"]],
    }


def main() -> None:
    if sys.argv[1] == "codes":
        json.dump(codes(), sys.stdout)
    elif sys.argv[1] == "pairs":
        json.dump(pairs(int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
    else:
        engine = IoceComponent()
        for line in sys.stdin:
            print(json.dumps(edits(engine, json.loads(line))))


if __name__ == "__main__":
    main()
