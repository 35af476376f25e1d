"""837P files made of parts, for the tests of the reader. Everybody in them is made up."""

from collections.abc import Sequence

from scrubber._batch import ClaimBatch
from scrubber._x12 import X12Reader
from scrubber.errors import ClaimError

ISA = "ISA*00*          *00*          *ZZ*S1             *ZZ*R1             *260820*1200*^*00501*000000101*0*P*:~"
GS = "GS*HC*S1*R1*20260820*1200*101*X*005010X222A1~"
BEFORE = (
    "BHT*0019*00*B1*20260820*1200*CH~", "NM1*41*2*SUBMITTER*****46*S1~", "PER*IC*DESK*TE*4045550100~",
    "NM1*40*2*RECEIVER*****46*R1~", "HL*1**20*1~", "PRV*BI*PXC*207Q00000X~", "NM1*85*2*CLINIC*****XX*1467000026~",
    "N3*12 OAK ST~", "N4*ATLANTA*GA*303031234~", "REF*EI*582345671~", "HL*2*1*22*0~", "SBR*P*18*******MB~",
    "NM1*IL*1*DOE*JANE****MI*M1~", "N3*1 ELM ST~", "N4*ATLANTA*GA*303031234~", "DMG*D8*19500102*F~",
    "NM1*PR*2*PAYER*****PI*MCR~",
)
CLAIM = (
    "CLM*P{n}*100***11:B:1*Y*A*Y*Y~", "HI*ABK:I10*ABF:M5450~", "NM1*82*1*ROE*RICHARD****XX*1234567893~", "LX*1~",
    "SV1*HC:99213:25*100*UN*1***1:2~", "DTP*472*D8*20260815~",
)


def claim(number: int = 1, **replaced: str) -> list[str]:
    """Segments of one claim; `replaced` puts text for the first segment that begins with that id."""
    segments = [segment.format(n=number) for segment in CLAIM]
    for tag, text in replaced.items():
        at = next(i for i, segment in enumerate(segments) if segment.startswith(tag))
        segments[at:at + 1] = [text] if text else []
    return segments


def file(claims: Sequence[list[str]], *, before: Sequence[str] = BEFORE, isa: str = ISA, gs: str = GS,
         st: str = "ST*837*0001*005010X222A1~", se: str | None = None, ge: str = "GE*1*101~",
         iea: str = "IEA*1*000000101~", between: str = "") -> bytes:
    """A whole file with one set; counts are right unless given."""
    inside = [*before, *(segment for segments in claims for segment in segments)]
    se = f"SE*{len(inside) + 2}*0001~" if se is None else se
    return between.join(part for part in (isa, gs, st, *inside, se, ge, iea) if part).encode("latin-1")


def read_in_blocks(data: bytes, block: int, as_of: int) -> tuple[ClaimBatch, str]:
    """The batch that a file of one name gives, read `block` bytes at a time, and why the file was refused."""
    batch = ClaimBatch()
    batch.files.append("a.837")
    reader = X12Reader(batch, 0, as_of)
    try:
        for at in range(0, len(data), block):
            reader.feed(data[at:at + block])
        reader.close()
    except ClaimError as refused:
        return batch, str(refused)
    assert reader.claims_in == len(batch) + reader.set_aside, "a claim is lost"
    return batch, ""
