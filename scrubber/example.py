"""What an example brings of its own: rows of its payer, and whole tables."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from scrubber.model.case import Case
from scrubber.payers import Payer
from scrubber.tables.edition import EditionData, build_edition

_EVER = (dt.date(1996, 1, 1), dt.date(2099, 12, 31))


def with_rows(payer: Payer, case: Case) -> Payer:
    """The payer with the rows that an example gives it."""
    from dataclasses import replace

    return replace(
        payer,
        auth_rules=payer.auth_rules if case.auth_rules is None else case.auth_rules,
        auth_families=payer.auth_families if case.auth_families is None else case.auth_families,
        policies=payer.policies if case.policies is None else case.policies,
        screening=payer.screening if case.screening is None else case.screening,
        drug_labels=payer.drug_labels if case.drug_labels is None else case.drug_labels,
    )


def example_edition(name: str, rows: Sequence[Mapping[str, Any]]) -> EditionData:
    """Rows of an example as a whole table; a key that they leave out (the modifier of a fee row) is blank."""
    columns = {key for row in rows for key in row} | set(_no_rows(name))
    return build_edition(name, "example", {column: [row.get(column) for row in rows] for column in sorted(columns)}
                         if rows else _no_rows(name), *_EVER)


def _no_rows(name: str) -> dict[str, list[Any]]:
    from scrubber.tables.schema import TABLES

    return {column: [] for column, _ in TABLES[name].key}
