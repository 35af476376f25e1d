"""What processes get that tests start."""

import os
import sys
from collections.abc import Mapping


def inherited(changed: Mapping[str, str | None] = {}) -> dict[str, str]:
    """The environment with changes, None takes a name away; and where we look for modules, in the same order.

    A package that was built apart (ext/variant.py) is the one that is tested, though another one lies in the checkout.
    """
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1", **changed}
    return {name: value for name, value in given.items() if value is not None}
