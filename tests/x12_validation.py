"""pyx12 as a second opinion on X12 that is written: its maps of the 999, the 277CA and the 837 say what is allowed."""

import io
import json
import logging
from typing import Any

import pyx12.params
from pyx12.x12n_document import x12n_document


class _Kept(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def problems(data: bytes) -> list[str]:
    """Everything that pyx12 finds wrong with a file of interchanges."""
    told, kept = io.StringIO(), _Kept()
    logger = logging.getLogger("pyx12")
    logger.addHandler(kept)
    before, logger.propagate = logger.propagate, False
    try:
        valid = x12n_document(pyx12.params.params(), io.StringIO(data.decode("latin-1"), newline=""), io.StringIO(),
                              None, None, told)
    finally:
        logger.removeHandler(kept)
        logger.propagate = before
    found = [*kept.messages, *_errors(json.loads(told.getvalue()))]
    return found if valid or found else ["pyx12 says that it is not valid, and not why"]


def _errors(value: Any) -> list[str]:
    """What stands in lists named errors, wherever they are, and groups or sets that are not accepted."""
    found = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "errors":
                found += [str(error) for error in inner]
            elif key == "ack_code" and inner != "A":
                found.append(f"ack_code {inner}")
            else:
                found += _errors(inner)
    elif isinstance(value, list):
        for inner in value:
            found += _errors(inner)
    return found
