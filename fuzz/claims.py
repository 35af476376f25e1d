"""Claims as JSON or NDJSON to flags: reader, model, the way into the batch, engine."""

import atheris
from common import says_nothing_of_people, start
from judge import judged, warm
from mutate import tree

with atheris.instrument_imports(include=["scrubber.readers", "scrubber.model.claim"]):
    import scrubber.readers.json
    from scrubber.errors import ClaimError
    from scrubber.readers import sniff


def check(data: bytes) -> None:
    try:
        if sniff(data) == "x12":
            return
    except ClaimError as refused:
        says_nothing_of_people(str(refused))
        return
    report = judged(data, data)
    if report is not None:
        for record in report.unreadable:
            says_nothing_of_people(record.problem)


if __name__ == "__main__":
    warm()
    assert scrubber.readers.json
    start(check, tree)
