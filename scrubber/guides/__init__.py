"""Implementation guides: what a transaction set must hold, as tables made of the published maps of pyx12."""

import json
from functools import cache

from scrubber._guide import Guide
from scrubber.bundled import bundled

FILES = ("837P.json", "837I.json")


@cache
def guides() -> tuple[Guide, ...]:
    """The guides that are known; read when they are first asked for."""
    return tuple(Guide(json.loads(bundled("guides", name).read_text(encoding="ascii"))) for name in FILES)
