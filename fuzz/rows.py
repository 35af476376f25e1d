"""CSV to flags: rows, cells, column maps, the model, the engine; and claims written down and read again.

An input is a file of rows; with a line `%%` in it, what stands before is a column map.
"""

import io
import tempfile
from pathlib import Path
from typing import Any

import atheris
from common import AS_OF, batch_columns, one_in, says_nothing_of_people, start
from judge import judged, warm
from mutate import table

with atheris.instrument_imports(include=["scrubber.readers", "scrubber.model.claim", "scrubber.writers.claims"]):
    import scrubber.readers.csv
    from scrubber.errors import ClaimError
    from scrubber.model.claim import Claim
    from scrubber.model.flag import Unreadable
    from scrubber.readers import sniff
    from scrubber.readers.column_map import ColumnMap, read_column_map
    from scrubber.readers.csv import row_claims
    from scrubber.writers.claims import records, write_lines

from scrubber._batch import ClaimBatch
from scrubber.readers.files import read_into

SEPARATOR = b"\n%%\n"
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-rows-"))
# What a batch holds besides: names that each gives out anew, and where a claim stood.
NOT_HELD = ("odd", "payers", "unreadable", "defects")


def check(data: bytes) -> None:
    written, separator, rows = data.partition(SEPARATOR)
    maps: tuple[ColumnMap, ...] = ()
    if separator:
        path = FOLDER / "columns.yaml"
        path.write_bytes(written)
        try:
            maps = (read_column_map(path),)
        except ClaimError as refused:
            told = str(refused)
        else:
            told = ""
        if told:
            assert all(str(path) in line for line in told.split("\n")), "a refusal names the map"
            return
    else:
        rows = data
    try:
        found = list(row_claims([rows], file="a.csv", columns=maps))
    except ClaimError as refused:
        told = str(refused)
    else:
        told = ""
    if told:
        assert told.startswith("a.csv"), "a refusal names its file"
        if not maps:                                 # a map's own headers are shown, which are no patient's
            says_nothing_of_people(told)
        return
    for position, each in enumerate(found, 1):
        if isinstance(each, Unreadable):
            assert each.claim_position == position
            assert each.element, "what is set aside names its row"
            if not maps:
                says_nothing_of_people(each.problem)
    size = 1 + len(rows) % 97
    assert found == list(row_claims([rows[at:at + size] for at in range(0, len(rows), size)], file="a.csv",
                                    columns=maps)), "a file in pieces is another one"
    claims = [each for each in found if isinstance(each, Claim)]
    if one_in(2, rows, 8):
        comes_back(claims)
    if not maps and one_in(2, rows, 9):
        try:
            kind = sniff(rows)
        except ClaimError:
            return
        if kind == "csv":
            report = judged(rows, rows)
            assert report is None or report.run["set_aside"] >= len(found) - len(claims)


def comes_back(claims: list[Claim]) -> None:
    """Claims as the engine holds them are the same once they are written and read again."""
    batch = ClaimBatch()
    batch.files.append("bytes")
    for position, claim in enumerate(claims, 1):
        batch.append_claim(claim, 0, position, AS_OF)
    if not claims:
        return
    stream = io.StringIO()
    write_lines((each for each in records(batch) if not isinstance(each, Unreadable)), stream)
    again = ClaimBatch()
    read_into(again, stream.getvalue().encode(), AS_OF)
    assert held(again) == held(batch), "a claim comes back as another one"


def held(batch: ClaimBatch) -> dict[str, Any]:
    columns = batch_columns(batch)
    odd = {-number - 1: text for number, text in enumerate(columns["odd"])}
    found: dict[str, Any] = {kind: [{name: text(value, odd) if name not in PLACES else value
                                     for name, value in row.items()} for row in rows]
                             for kind, rows in columns.items() if kind not in NOT_HELD}
    for provider in found["providers"]:              # a bar in a part of it is held as a blank
        provider["address"] = "|".join(map(str.strip, provider["address"].split("|")))
    found["adjustments"].sort(key=lambda each: (each["other"], each["line"]))
    return found


PLACES = ("other", "line", "claim", "rendering", "billing", "drug", "visit_minutes", "payer", "charge_cents",
          "total_cents", "amount_cents", "paid_cents", "units_milli", "quantity_milli", "patient_paid_cents",
          "therapy_cents", "non_covered_cents", "tax_id", "patient", "original", "control", "member", "link_id")


def text(value: Any, odd: dict[int, str]) -> Any:
    if isinstance(value, list):
        return [odd.get(each, each) for each in value]
    return odd.get(value, value) if isinstance(value, int) else value


if __name__ == "__main__":
    warm()
    assert scrubber.readers.csv
    start(check, table)
