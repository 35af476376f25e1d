"""What else can be done with the same bytes, for comparison: the plain split, validators, a join of two of the tables.

None of them is needed to run or to test the project; they are the extra `bench`. One that is not installed is named in
the record with the reason.
"""

import importlib.metadata
import io
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

# One core for everybody; read when polars is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

CODE = 37 ** 5
DISTINCT = frozenset({"59", "XE", "XS", "XP", "XU", "25", "24", "57", "91", "RT", "LT", "58", "78", "79"})


def plain_split(data: bytes) -> int:
    """What plain Python needs only to take the segments and elements apart."""
    return sum(len(segment.split("*")) for segment in data.decode().split("~"))


def version(name: str) -> str | None:
    """Version of an installed distribution; None where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def pyx12(data: bytes) -> Callable[[], bool]:
    """Validation of the structure by pyx12; its own claims only, read from a file as it wants it."""
    from pyx12.params import params
    from pyx12.x12n_document import x12n_document

    path = _kept(data)
    return lambda: bool(x12n_document(params(), str(path), io.StringIO(), None, None))


def x12sdk(data: bytes) -> Callable[[], int]:
    """Models of x12sdk, the successor of linuxforhealth-x12, which itself wants pydantic 1."""
    from x12sdk.io import X12ModelReader

    path = _kept(data)

    def read() -> int:
        with X12ModelReader(str(path)) as reader:
            return sum(1 for _ in reader.models())

    return read


def lines_of(data: bytes) -> dict[str, list[Any]]:
    """Columns of the lines of a batch, as plain Python parses them: what the two joins need and no more."""
    patient, provider, code, day, units, told, names = [], [], [], [], [], [], {}
    who = whom = 0
    billing = rendering = ""
    within = False
    for segment in data.decode().replace("\n", "").split("~"):
        part = segment.split("*")
        name = part[0]
        if name == "SV1":
            procedure = part[1].split(":")
            known = names.get(procedure[1])
            if known is None:
                known = names[procedure[1]] = _symbol(procedure[1])
            code.append(known)
            told.append(not DISTINCT.isdisjoint(procedure[2:]))
            units.append(float(part[4] or 1))
            patient.append(who)
            provider.append(whom)
        elif name == "DTP":
            if part[1] == "472":
                day.append(int(part[3][:8]))
        elif name == "NM1":
            if part[1] == "82":
                rendering = part[9]
                whom = hash(rendering)
            elif part[1] == "85":
                billing = part[9]
            elif part[1] == "IL" and not within:
                who = hash(part[9])
            elif part[1] == "QC":
                who = hash((who, part[4]))
        elif name == "CLM":
            within = True
            whom = hash(billing)
        elif name == "HL":
            within = False
    return {"patient": patient, "provider": provider, "code": code, "day": day, "units": units, "told": told}


def _symbol(code: str) -> int:
    number = 0
    for character in code.ljust(5, "/"):
        number = number * 37 + "/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(character)
    return number


class Joined:
    """Polars: pairs of one patient, provider and day against the PTP pairs, and units of a day against the limits.

    Args:
        editions: The open editions of a Scrubber; the newest practitioner tables of them are exported beforehand.
    """

    def __init__(self, editions: list[Any]) -> None:
        import polars

        self._polars = polars
        held = {edition.table: edition for edition in editions if not edition.partial
                or edition.table not in {other.table for other in editions if not other.partial}}
        pairs, limits = held["ncci_ptp_practitioner"], held["mue_practitioner"]
        for edition in editions:
            if edition.table == "mue_practitioner" and edition.edition == "2024q3":
                limits = edition
        self.rows = pairs.rows
        self._pairs = polars.DataFrame({name: pairs.arrays[source].copy() for name, source in (
            ("pair", "key"), ("from", "from_day"), ("to", "to_day"), ("indicator", "indicator"))})
        self._limits = polars.DataFrame({"code": limits.arrays["key"].copy(), "most": limits.arrays["value"].copy()})

    def __call__(self, data: bytes) -> int:
        """Parses and joins; how many pairs and limits are met."""
        import pyarrow

        polars = self._polars
        # By way of Arrow, whose conversion of lists is faster.
        lines = polars.from_arrow(pyarrow.table(lines_of(data))).with_row_index("line").with_columns(
            polars.col("day").cast(polars.String).str.to_date("%Y%m%d").cast(polars.Int32).alias("date"))
        by = ["patient", "provider", "date"]
        several = lines.filter(polars.len().over(by) > 1)
        pairs = several.join(several.select(*by, "line", "code", "told"), on=by).filter(
            polars.col("line") != polars.col("line_right")).with_columns(
            (polars.col("code") * CODE + polars.col("code_right")).alias("pair"))
        met = pairs.join(self._pairs, on="pair").filter(
            (polars.col("from") <= polars.col("date")) & (polars.col("date") < polars.col("to"))
            & ((polars.col("indicator") == 0) | ((polars.col("indicator") == 1) & ~polars.col("told")
                                                         & ~polars.col("told_right"))))
        over = lines.group_by(*by, "code").agg(polars.col("units").sum()).join(self._limits, on="code").filter(
            polars.col("units") > polars.col("most"))
        return int(met.height + over.height)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes when the process ends."""
    return tempfile.TemporaryDirectory()


def _kept(data: bytes) -> Path:
    """The bytes in a file, for tools that want one."""
    folder = Path(_folder().name)
    path = folder / f"{len(list(folder.iterdir()))}.837"
    path.write_bytes(data)
    return path
