"""The hits of several runs over one batch as one."""

from typing import Any

import numpy as np

# The arrays that hits point into, with the field that holds the place of a hit's first element.
PARTS = (("related", "first_related"), ("diagnoses", "first_diagnosis"), ("rows", "first_row"),
         ("values", "first_value"))
REPLACED = 255                   # status of a hit that a stronger one about the same thing replaced


def joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Columns of several runs over one batch as one, in output order: file, claim position, line number, rule."""
    hits = [part["hits"].copy() for part in parts]
    for name, first in PARTS:
        start = 0
        for each, part in zip(hits, parts, strict=True):
            each[first] += start
            start += len(part[name])
    found = np.concatenate(hits)
    keys = np.concatenate([part["keys"] for part in parts])
    order = np.lexsort((np.arange(len(found)), keys[:, 3], keys[:, 2], keys[:, 1], keys[:, 0]))
    found = found[order]
    columns = {name: np.concatenate([part[name] for part in parts]) for name, _ in PARTS}
    columns["hits"] = found[found["status"] != REPLACED]
    columns["repeated"] = sum(part["repeated"] for part in parts)
    columns["counts"] = sum(part["counts"] for part in parts)
    columns["reasons"] = sum(part["reasons"] for part in parts)
    return columns
