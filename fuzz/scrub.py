"""837 bytes to flags: reader and engine, all rules, starter tables."""

from common import start
from judge import judged, warm
from mutate import x12


def check(data: bytes) -> None:
    if data[:3].upper() == b"ISA":                     # what is no X12 goes to readers that are another target
        judged(data, data)


if __name__ == "__main__":
    warm()
    start(check, x12)
