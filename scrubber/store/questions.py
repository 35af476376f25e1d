"""Questions to the clinician about what the record says, and their answers.

A question does not lead: it says what is billed and what is not clear, asks what the record supports, and names neither
money nor the answer that would help (ACDIS and AHIMA, Guidelines for Achieving a Compliant Query Practice).
"""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from scrubber.model.claim import Claim as Record
from scrubber.model.flag import Flag
from scrubber.store.acts import NotDone, Seen, Which, acting, written
from scrubber.store.database import Store
from scrubber.store.log import Who
from scrubber.store.seals import place
from scrubber.store.tables import Cause, Claim, Question
from scrubber.symbols import dotted
from scrubber.writers import words

LEAST = 20                     # characters of a question
# What a question must not speak of: it would say which answer is worth more.
_MONEY = re.compile(r"\$|\b(paid|pays?|payments?|payers?|reimburs\w*|den(y|ied|ial\w*)|reject\w*|revenue|"
                    r"bill(ing)? higher|upcod\w*|audits?|penalt\w*)\b", re.IGNORECASE)
# What asks for a certain answer.
_LEADING = re.compile(r"\b(please (add|document that|change|confirm that)|can you (add|change|document that)|"
                      r"(isn't|wasn't|would you agree|do you agree|should be documented as))\b", re.IGNORECASE)
OPEN_QUESTION = ("Please state from the record what was done and why, as you judge it yourself. If it cannot be "
                 "determined, please say so.")


def wording(record: Record, flag: Flag) -> str:
    """What a question may say, to begin with: the facts of the line, and an open question."""
    asked = words.question(flag)[1]
    line = next((each for place, each in enumerate(record.lines, 1) if (each.number or place) == flag.line), None)
    if line is not None:
        codes = [record.diagnoses[pointer - 1] for pointer in line.pointers
                 if isinstance(pointer, int) and 0 < pointer <= len(record.diagnoses)]
        about = f"Service of {line.date.isoformat()}: {'-'.join((line.code or line.revenue or '', *line.modifiers))}"
        about += f", {words.count(int(line.units), 'unit')}"
        about += f", for {', '.join(map(dotted, codes))}." if codes else "."
    else:
        days = sorted({each.date for each in record.lines})
        about = "Services of " + ", ".join(day.isoformat() for day in days[:5]) + "."
        if flag.diagnoses:
            about += f" Diagnoses: {', '.join(map(dotted, flag.diagnoses))}."
    return f"{about}\n\n{asked or OPEN_QUESTION}"


def check(text: str) -> None:
    """Raises:
        NotDone: A question would lead.
    """
    found = _MONEY.search(text) or _LEADING.search(text)
    if found is not None:
        raise NotDone(f"the question says “{found[0]}”: a question to the clinician speaks of the record, neither "
                      "of payment nor of the answer that is wanted. Ask openly what the record supports")


def ask(store: Store, who: Who, seen: Seen, which: Which, text: str) -> None:
    """Asks the clinician about a flag; it waits for the answer.

    Raises:
        NotDone: The question leads, or the flag is not open.
    """
    text = written(text, "the question", LEAST)
    check(text)
    with acting(store, who, seen) as doing:
        for cause in doing.chosen(which, ("open",)):
            row = Question(cause_id=cause.id, claim_id=cause.claim_id, client_id=cause.client_id,
                           user_id=doing.user, at=doing.now)
            doing.seal(row, "sealed_text", text)
            doing.session.add(row)
            doing.put(cause, "asked")
            doing.note("question.asked", rule=cause.rule, line=cause.line)


def answer(store: Store, who: Who, seen: Seen, question: int, text: str) -> None:
    """Keeps the answer; the flag is open again, to be worked with it.

    Raises:
        NotDone: There is no such question, or it is answered.
    """
    text = written(text, "the answer")
    with acting(store, who, seen) as doing:
        row = doing.session.get(Question, question)
        if row is None or row.claim_id != doing.claim.id:
            raise NotDone("there is no such question")
        if row.answered_at is not None:
            raise NotDone("the question is answered already")
        doing.seal(row, "sealed_answer", text)
        row.answered_by, row.answered_at = doing.user, doing.now
        cause = doing.chosen(row.cause_id, ("open", "asked", "overridden", "wrong", "cured", "sent"))[0]
        if cause.state == "asked":
            doing.put(cause, "open")
        doing.note("question.answered", rule=cause.rule, line=cause.line)


def questions_of(store: Store, session: Session, claim: Claim) -> list[tuple[Question, Cause, str, str]]:
    """The questions about a claim with their texts and answers, the newest first."""
    key = store.key_of(session, claim.client_id)
    return [(row, cause, key.open_text(row.sealed_text, place(row, "sealed_text")),
             key.open_text(row.sealed_answer, place(row, "sealed_answer")) if row.sealed_answer is not None else "")
            for row, cause in session.execute(select(Question, Cause).join(Cause, Cause.id == Question.cause_id)
                                              .where(Question.claim_id == claim.id).order_by(Question.id.desc()))]
