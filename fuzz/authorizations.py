"""The practice's list of authorizations, as CSV or JSON: read, and put before claims that ask for one."""

import datetime as dt
from decimal import Decimal

import atheris
from common import one_in, says_nothing_of_people, start
from judge import DAY
from mutate import lines, tree

with atheris.instrument_imports(include=["scrubber.readers", "scrubber.model.authorization"]):
    from scrubber.readers.authorizations import read_authorizations

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError
from scrubber.model.claim import Claim, Line, Number

CLAIM = Claim(id="C1", payer="DEMOPAYER", member="M1", pos="11", diagnoses=("I10",), numbers=(Number(number="A1"),),
              lines=tuple(Line(code=code, charge=Decimal(100), date=dt.date(2026, 3, 2), pointers=(1,))
                          for code in ("72148", "97110", "99213")))
BASE = Scrubber(as_of=DAY, policies=False, select=("AUTH",))
CSV = lines("authorizations")


def check(data: bytes) -> None:
    try:
        held = read_authorizations(data)
    except ClaimError as refused:
        for line in str(refused).split("\n"):
            if "unknown column" not in line and "names column" not in line:     # headers, which are no patient's
                says_nothing_of_people(line)
        return
    assert held == read_authorizations(data)
    if one_in(4, data, 4):
        BASE._auths = held
        report = BASE.scrub(CLAIM, keep_all=True)
        assert report.run["claims"] == 1
        list(report.flags)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    return (tree if data.lstrip()[:1] in (b"[", b"{") else CSV)(data, max_size, seed)


if __name__ == "__main__":
    start(check, mutate)
