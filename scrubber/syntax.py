"""What a transaction set breaks of the published guide it names: where, and by which codes a 999 tells it."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Breach(NamedTuple):
    """One requirement of the guide that a segment, or the lack of one, does not meet.

    Places are in file order. No value of the claim is kept.

    Attributes:
        file, interchange, group, set: Each from 0: the file in the batch, and which ISA, GS and ST of that file.
        segment: Position in the transaction set, ST is 1. What is missing is told at the segment before which it
            should stand.
        tag: Id of the segment that is wrong or missing, `NM1`.
        loop: Loop of the guide, `2010AA`; '' where the segment belongs to none.
        code: IK304. 1 unrecognized, 2 unexpected, 3 required segment missing, 4 loop occurs too often, 5 segment
            occurs too often, 6 not in the set, 8 has element errors, I4 not used in the guide, I6 required by the
            guide but missing, and so on.
        element: From 1; 0 where the whole segment is meant.
        component: From 1 within a composite; 0 none.
        repeat: From 1 within an element that repeats; 0 where it does not.
        reference: Number of the data element, `1035`; '' none.
        element_code: IK403. 1 required element missing, 2 conditional element missing, 3 too many elements, 4 too
            short, 5 too long, 6 invalid character, 7 invalid code, 8 invalid date, 9 invalid time, 10 exclusion,
            12 too many repetitions, 13 too many components, I10 not used, I12 not of the form of the guide; '' none.
        claim: Position of the claim in the file, from 1; 0 where the segment is of no single claim.

    Source: ASC X12 005010X231A1 (999), IK304 and IK403.
    """

    file: int
    interchange: int
    group: int
    set: int
    segment: int
    tag: str
    loop: str
    code: str
    element: int
    component: int
    repeat: int
    reference: str
    element_code: str
    claim: int


def not_followed(unguided: Iterable[tuple[int, int, int, int, str]]) -> list[str]:
    """What is said of sets that no guide is known of, a sentence for each version."""
    return [f"no guide is known of {version or 'sets without a version'}: "
            f"{'one transaction set was' if count == 1 else f'{count:,} transaction sets were'} not followed; what the "
            "reader looks at by itself is told (ADM-ENV-01 to 03)"
            for version, count in Counter(each[4] for each in unguided).items()]
