"""837 files with something changed in them: segments, elements, components, codes, dates, order of loops."""

import random

WRONG = ("ZZ", "XX", "Q", "99", "20241350", "1A", "-5", ".5", "5.", "a b ", "20240101-20240230", "2561", "\x07", "US",
         "5.55", "N1", "12345678901234567890", "-", "0")
STRAY = ("XYZ*1", "NTE*ADD*X", "REF*ZZ*1", "HL*9*1*22*0", "LX*7", "NM1*82*1*A*B", "TOO*2", "N3*X",
         "PWK*OZ*BM***AC*1", "DTP*472*RD8*20240101-20240102", "DTP*434*RD8*20240101-20240102", "CRC*07*Y*01",
         "CAS*CO*1*5*1*2*6", "CR1*LB**A*DH*12", "AMT*F5*5.5", "K3*X", "SV5*HC:E0*DAYS*3*5**6", "SVD*1*5*HC:99213**1",
         "HI*BE:01::::5", "HI*BH:11:D8:20240101", "OI***Y***Y", "MEA*TR*HT*70.00", "LQ*UT*02", "CN1*02*5")
FILLED = ("X", "1", "Y", "20240101")
LONGEST = 80                     # segments of a set that is compared; of a longer one, a part


def mutated(rng: random.Random, data: bytes) -> bytes:
    """A file with one set, with one to three changes in it."""
    terminator, component = data[105:106].decode(), data[104:105].decode()
    segments = [segment.strip("\r\n") for segment in data.decode("latin-1").split(terminator)]
    segments = _shortened(rng, [segment for segment in segments if segment])
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        first = next(at for at, segment in enumerate(segments) if segment.startswith("ST*")) + 1
        last = next(at for at, segment in enumerate(segments) if segment.startswith("SE*"))
        if last - first > 1:
            _change(rng, segments, first, last, component)
    return (terminator.join(segments) + terminator).encode("latin-1")


def _shortened(rng: random.Random, segments: list[str]) -> list[str]:
    """Of a long set, the header, the first level and some others."""
    end = next(at for at, segment in enumerate(segments) if segment.startswith("SE*"))
    levels = [at for at in range(end) if segments[at].startswith("HL*")]
    if end < LONGEST:
        return segments
    place = rng.randrange(1, len(levels))
    until = levels[place + 4] if place + 4 < len(levels) else end
    return segments[:levels[1]] + segments[levels[place]:until] + segments[end:]


def _change(rng: random.Random, segments: list[str], first: int, last: int, component: str) -> None:
    """Changes one thing in the segments from `first` up to, not with, `last`."""
    at, to = rng.randrange(first, last), rng.randrange(first, last)
    kind = rng.randrange(8)
    if kind == 0:
        del segments[at]
    elif kind == 1:
        segments.insert(at, rng.choice((segments[at], rng.choice(STRAY).replace(":", component))))
    elif kind == 2:
        segments[at], segments[to] = segments[to], segments[at]
    elif kind == 3:                  # some segments elsewhere, or a second time
        block = segments[at:min(at + rng.randrange(1, 9), last)]
        if rng.random() < 0.5:
            del segments[at:at + len(block)]
            to = min(to, last - len(block))
        segments[to:to] = block
    elif kind == 4:
        segments[at] += "*" * rng.choice((1, 2, 12)) + rng.choice(("", "X"))
    else:
        segments[at] = _with_element_changed(rng, segments[at], component)


def _with_element_changed(rng: random.Random, segment: str, component: str) -> str:
    elements = segment.split("*")
    if len(elements) < 2:
        return segment
    place = rng.randrange(1, len(elements))
    old = elements[place]
    parts = old.split(component)
    part = rng.randrange(len(parts))
    changed = [*parts[:part], rng.choice(("", "ZZ", parts[part] * 3, "X" * 60, parts[part] + " ")), *parts[part + 1:]]
    elements[place] = rng.choice((
        "", old * rng.choice((2, 3, 10, 40)), old[:1], rng.choice(WRONG), old or rng.choice(FILLED),
        old + component + rng.choice(("", "X", f"X{component}Y")), component.join(changed)))
    return "*".join(elements)
