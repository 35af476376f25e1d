"""Flags that somebody says are wrong, each with an example for the rule that fails until the rule is put right."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.engine import Scrubber
from scrubber.errors import ScrubberError
from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.model.rule import Example
from scrubber.rules.examples import read_example
from scrubber.store import judging, rejudging
from scrubber.store.acts import NotDone, Seen, acting, written
from scrubber.store.database import Store
from scrubber.store.deidentified import Mask, words
from scrubber.store.log import Who
from scrubber.store.tables import BLOCKING, Cause, Claim, Wrong

LEAST = 10                     # characters of what is wrong about a flag
KIN = 8                        # other claims of the patient that come along in an example


def mark(store: Store, scrubber: Scrubber, who: Who, seen: Seen, cause: int, note: str, *, lead: bool) -> None:
    """Says that a flag is wrong, and keeps an example that shows it.

    A flag that holds its claim back goes on doing so until a lead says so too (`accept`).

    Raises:
        NotDone: The flag is not open, or nothing is said of what is wrong.
    """
    note = written(note, "what is wrong about the flag", LEAST)
    text = _example(store, scrubber, seen, cause)        # before the claim is locked: it takes a while
    with acting(store, who, seen) as doing:
        row = doing.chosen(cause)[0]
        wrong = Wrong(cause_id=row.id, claim_id=row.claim_id, client_id=row.client_id, rule=row.rule, case=row.case,
                      user_id=doing.user, at=doing.now, example=text)
        doing.seal(wrong, "sealed_note", note)
        doing.session.add(wrong)
        passes = lead or row.severity not in BLOCKING
        if passes:
            doing.put(row, "wrong")
        doing.note("cause.wrong", rule=row.rule, line=row.line, passes=passes)


def accept(store: Store, who: Who, seen: Seen, cause: int) -> None:
    """Lets a flag pass that somebody says is wrong: for leads.

    Raises:
        NotDone: Nobody says so, or the flag is not open.
    """
    with acting(store, who, seen) as doing:
        row = doing.chosen(cause)[0]
        if doing.session.scalar(select(Wrong.id).where(Wrong.cause_id == row.id).limit(1)) is None:
            raise NotDone("nobody has said that this flag is wrong")
        doing.put(row, "wrong")
        doing.note("cause.accepted", rule=row.rule, line=row.line)


def latest(session: Session, most: int = 200) -> list[Wrong]:
    """The newest first."""
    return list(session.scalars(select(Wrong).order_by(Wrong.id.desc()).limit(most)))


def example(scrubber: Scrubber, record: Record, flag: Flag, profile: str,
            kin: Sequence[Record] = ()) -> tuple[dict[str, Any], bool]:
    """An example that says that a flag should not be there, with as little in it as shows the flag.

    Args:
        kin: Other claims of the patient.

    Returns:
        The example as a rule file has it, and whether the rule flags it, so that it fails.
    """
    found: dict[str, Any] = {}
    rows = _rows(flag)
    for personal, others, tables in ((False, (), rows), (False, (), {}), (True, (), rows), (True, (), {}),
                                     (False, kin, rows), (True, kin, {})):
        found = _written(scrubber, record, flag, profile, personal=personal, others=others, tables=tables)
        if _is_flagged(scrubber, found, record, flag):
            return found, True
    return _written(scrubber, record, flag, profile, personal=False, others=(), tables=rows), False


def as_yaml(flag: Flag, found: Mapping[str, Any], *, fails: bool) -> str:
    """The example as it stands in a rule file, under `examples:`."""
    told = (f"# {flag.rule} flags this, and somebody who works claims says that it should not: the example fails until "
            "the rule\n# is put right.\n") if fails else (
                f"# {flag.rule} flagged a claim, and somebody who works claims says that it should not. What the rule "
                "saw is not\n# all in this example (earlier claims, authorizations, faults of the file): it holds as "
                "it stands.\n")
    body: str = yaml.safe_dump([dict(found)], sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return told + "".join(f"  {line}\n" for line in body.splitlines())


def _example(store: Store, scrubber: Scrubber, seen: Seen, cause: int) -> str:
    """The example of a claim as it stands; acting on the version that was seen makes sure that it is that one."""
    with store.reading() as session:
        claim, row = session.get(Claim, seen.claim), session.get(Cause, cause)
        if claim is None or row is None or row.claim_id != claim.id:
            raise NotDone("the claim has no such flag")
        key = store.key_of(session, claim.client_id)
        flag = next((each for each in rejudging.flags_of(claim, key)
                     if judging.key_of(each, key) == row.key), None)
        if flag is None:
            raise NotDone("the claim has no such flag any more")
        kin = [] if claim.person_index is None else [
            rejudging.record_of(each, key) for each in session.scalars(
                select(Claim).where(Claim.batch_id == claim.batch_id, Claim.person_index == claim.person_index,
                                    Claim.id != claim.id).order_by(Claim.position).limit(KIN))]
        record = rejudging.record_of(claim, key)
    profile = scrubber.payers.match(record.payer, record.filing_code).payer.profile
    found, fails = example(scrubber, record, flag, profile, kin)
    return as_yaml(flag, found, fails=fails)


def _written(scrubber: Scrubber, record: Record, flag: Flag, profile: str, *, personal: bool,
             others: Sequence[Record], tables: Mapping[str, Any]) -> dict[str, Any]:
    mask = Mask()
    found: dict[str, Any] = {"name": f"flagged, and should not be ({profile})"}
    name = judging.name_of(flag)
    same = [each for each in scrubber.check(record) if each.rule == flag.rule and each.status == "flagged"
            and judging.name_of(each) != name]
    if flag.line is not None:
        found["flags"] = sorted({_place(record, each.line) for each in same
                                 if each.line is not None and each.line != flag.line})
    elif flag.diagnoses:
        found["diagnoses"] = sorted({code for each in same for code in each.diagnoses} - set(flag.diagnoses))
    else:
        found["claim_flag"] = False
    found["claim"] = {"profile": profile, **words(record, mask, personal=personal)}
    if others:
        found["others"] = [words(each, mask, personal=personal) for each in others]
    if tables:
        found["tables"] = dict(tables)
    found["as_of"] = scrubber.as_of.isoformat()
    found["history_from"] = scrubber.history_from.isoformat() if scrubber.history_from else None
    return found


def _rows(flag: Flag) -> dict[str, list[dict[str, Any]]]:
    """The rows that decided, so that the example stays true when the publisher has new ones."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in flag.evidence:
        found.setdefault(item.table, []).append({name: value for name, value in item.row.items()
                                                 if value is not None and name not in ("from", "to")})
    return found


def _is_flagged(scrubber: Scrubber, found: Mapping[str, Any], record: Record, flag: Flag) -> bool:
    try:
        case = read_example(Example.model_validate(found))
        answers = scrubber.scrub_case(case).flags
    except (ScrubberError, ValueError):          # it is no example so; perhaps with less or more in it
        return False
    place = None if flag.line is None else _place(record, flag.line)
    return any(each.rule == flag.rule and each.status == "flagged" and each.claim_position <= 1
               and each.case == flag.case and each.line == place and each.diagnoses == flag.diagnoses
               for each in answers)


def _place(record: Record, number: int) -> int:
    """Place of a line by its number: an example counts its lines from 1."""
    return next((place for place, line in enumerate(record.lines, 1) if (line.number or place) == number), number)

