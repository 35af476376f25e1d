"""From flags to causes: what a team works on of a claim, what it holds back, and what is kept of its flags."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from scrubber.model.claim import Claim
from scrubber.model.flag import Flag, flag_name, is_opportunity
from scrubber.report import RANK
from scrubber.store.tables import BLOCKING, OPEN, CauseState, ClaimState
from scrubber.store.vault import Key

WORKED = ("reject", "deny", "review")
_FLAGS = TypeAdapter(list[Flag])
FILE = "batch"                 # what flags that are kept call their file
# A code whose last day is before the day of service.
DELETED = ("CODE-01", "ended")


@dataclass(slots=True)
class Found:
    """A cause as the flags of a claim show it; the fields but `name` are those of tables.Cause."""

    name: str
    rule: str
    case: str
    line: int | None
    queue: str
    severity: str
    cents: int
    followers: int
    state: CauseState = "open"


def name_of(flag: Flag) -> str:
    """By what a flag is told from the others of its claim."""
    return json.dumps([flag.rule, flag.case or "", flag.line, flag.diagnoses])


def key_of(flag: Flag, key: Key) -> str:
    """By what a flag is found again in the store (`hashed`)."""
    return hashed(name_of(flag), key)


def hashed(name: str, key: Key) -> str:
    """What is kept of a name: a keyed hash, for diagnoses are in it. Sixteen hexadecimal digits."""
    return key.index(name, "cause")[:16]


def causes_of(flags: Iterable[Flag]) -> list[Found]:
    """The causes among the flags of one claim, in their order.

    Flags that cannot be told apart by rule, case, line and diagnoses are one cause. A flag whose root is not among
    the flags is a cause of its own: nothing that holds a claim back is without one.
    """
    flagged = [flag for flag in flags if flag.status == "flagged"]
    names = {flag_name(flag.rule, flag.line, flag.diagnoses) for flag in flagged}
    followers: dict[str, int] = {}
    for flag in flagged:
        if flag.root in names:
            followers[flag.root] = followers.get(flag.root, 0) + 1
    found: dict[str, Found] = {}
    for flag in flagged:
        if flag.root in names or flag.severity not in WORKED or is_opportunity(flag.rule):
            continue
        name = name_of(flag)
        known = found.get(name)
        if known is None:
            found[name] = Found(name, flag.rule, flag.case or "", flag.line, flag.queue or "", flag.severity,
                               max(flag.charge_at_risk_cents, 0),
                               followers.get(flag_name(flag.rule, flag.line, flag.diagnoses), 0))
        elif RANK[flag.severity] < RANK[known.severity]:  # type: ignore[index]
            known.severity = flag.severity
    return list(found.values())


def row_of(found: Found, key: Key) -> dict[str, Any]:
    """What is kept of a cause, by column."""
    row = asdict(found)
    return {"key": hashed(row.pop("name"), key), **row}


def risk_of(causes: Iterable[Any], lines: Mapping[int, int], cents: int) -> int:
    """The charge that open causes at or above deny are about: each line once, and no more than the claim's.

    Args:
        causes: With severity, state and line: Found, or rows of tables.Cause.
        lines: By number of a line its charge in cents.
        cents: The claim's.
    """
    holding = [cause for cause in causes if holds(cause)]
    if any(cause.line is None for cause in holding):
        return max(cents, 0)
    return max(0, min(cents, sum(max(lines.get(line, 0), 0) for line in {cause.line for cause in holding})))


def holds(cause: Any) -> bool:
    """Whether a cause holds its claim back."""
    return cause.severity in BLOCKING and cause.state in OPEN


def state_of(causes: Iterable[Any]) -> ClaimState:
    """What becomes of a claim by its causes, unless it is released."""
    return "held" if any(map(holds, causes)) else "clean"


def is_clean(flags: Iterable[Flag]) -> bool:
    """Whether no flag is at or above deny."""
    return not any(flag.status == "flagged" and flag.severity in BLOCKING for flag in flags)


def charges(claim: Claim) -> tuple[dict[int, int], int]:
    """In cents: of each line by its number, and of the claim."""
    lines: dict[int, int] = {}
    for place, line in enumerate(claim.lines, 1):
        number = line.number or place
        lines[number] = lines.get(number, 0) + cents_of(line.charge)
    return lines, sum(lines.values()) if claim.total is None else cents_of(claim.total)


def cents_of(dollars: Decimal | None) -> int:
    return 0 if dollars is None else int(dollars.scaleb(2).to_integral_value())


def provider_of(claim: Mapping[str, Any]) -> str:
    """NPI of who rendered the first line, else the claim, else of who bills; "" where none is one.

    Args:
        claim: As a record of the model.
    """
    first: Mapping[str, Any] = next(iter(claim.get("lines", ())), {})
    for provider in (first.get("rendering"), claim.get("rendering"), claim.get("billing")):
        npi = str((provider or {}).get("npi") or "")
        if len(npi) == 10 and npi.isascii() and npi.isdigit():
            return npi
    return ""


def plain(payer: str) -> str:
    """A payer's id as it stands in a column: bounded, and without what a database does not take."""
    return payer.replace("\0", "")[:80]


def written(flags: Sequence[Flag]) -> bytes:
    """Flags as JSON, with the change that a fix comes to; `read` gives them back."""
    return b"[" + b",".join(map(_written, flags)) + b"]"


def read(data: bytes) -> list[Flag]:
    """Flags that `written` wrote."""
    return _FLAGS.validate_json(data)


def _written(flag: Flag) -> bytes:
    body = flag.model_dump_json(exclude_defaults=True).encode()
    if not flag.change:
        return body
    change = json.dumps([each.model_dump() for each in flag.change], ensure_ascii=False).encode()
    return body[:-1] + b',"change":' + change + b"}"
