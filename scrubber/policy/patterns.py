"""Flags of claims as patterns: what policies compare of them, without whose they are.

Two claims whose flags are alike to every policy have one pattern, which is decided once.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scrubber.policy.plan import PolicyPlan, marks_in, words_of

Ints = npt.NDArray[np.int64]
NONE = -1
DIAGNOSES = 4


class Row(NamedTuple):
    """A flag as policies see it. Lines and diagnoses are numbered within the claim, -1 where there is none, or where
    no policy that could be met compares them."""

    marks: int
    line: int
    partner: int
    diagnoses: tuple[int, ...]


class Pattern(NamedTuple):
    """The flags of some claims of one run.

    Attributes:
        rows: One for each flag that matters, in output order.
        payer: Kind of payer by its number; -1 where no policy that could be met asks.
        hits: By claim and row: the place of its hit.
    """

    rows: tuple[Row, ...]
    payer: int
    hits: npt.NDArray[np.int64]


def patterns(plan: PolicyPlan, columns: Mapping[str, Any], flagged: npt.NDArray[np.bool_],
             payer_kind: Callable[[int], int]) -> Iterator[Pattern]:
    """The patterns of all claims that some policy could be met on, in an order that depends on nothing but the hits.

    Args:
        columns: What `scrubber._engine.joined` gives: hits, related, diagnoses.
        flagged: Which hits are flags.
        payer_kind: Kind of the payer of a claim of the batch, -1 for none.
    """
    hits = columns["hits"]
    width = plan.marks.shape[-1]
    marks = plan.marks[hits["rule"], hits["case"] + 1, hits["severity"]]
    places = np.flatnonzero(flagged & marks.any(axis=1))
    if not len(places):
        return
    # The envelope belongs to no claim; that of each file stands for itself.
    claims = np.where(hits["claim"] >= 0, hits["claim"], -1 - hits["file"])[places].astype(np.int64)
    order = np.argsort(claims, kind="stable")
    places, claims = places[order], claims[order]
    starts = _starts(claims)
    number = np.cumsum(np.isin(np.arange(len(claims)), starts)) - 1
    payers, live = _live(plan, np.bitwise_or.reduceat(marks[places], starts, axis=0), claims[starts], payer_kind)
    marks = marks[places] & live[number]
    kept = marks.any(axis=1)
    places, claims, marks, payers = places[kept], claims[kept], marks[kept], payers[number[kept]]
    if not len(places):
        return
    rows = np.concatenate([payers[:, None], marks, _places(plan, columns, places, claims, marks, width)], axis=1)
    yield from _distinct(rows, places, claims, width)


def _starts(claims: Ints) -> npt.NDArray[np.intp]:
    """Places at which the flags of another claim begin."""
    return np.flatnonzero(np.concatenate([[True], claims[1:] != claims[:-1]]))


def _live(plan: PolicyPlan, marks: Ints, claims: Ints, payer_kind: Callable[[int], int]) -> tuple[Ints, Ints]:
    """By claim: its kind of payer where that matters, and the marks of the policies that could be met on it."""
    has = [((marks & one.marks) == one.marks).all(axis=1) for one in plan.possible]
    asked = np.zeros(len(claims), bool)
    for met, one in zip(has, plan.possible, strict=True):
        if one.payers:
            asked |= met
    payers = np.full(len(claims), NONE, np.int64)
    for place in np.flatnonzero(asked):
        payers[place] = payer_kind(int(claims[place]))
    live = np.zeros_like(marks)
    for policy in plan.order:
        one = plan.possible[policy]
        if one.payers:
            has[policy] &= np.isin(payers, one.payers)
        for producers in one.facts:
            has[policy] &= np.any([has[producer] for producer in producers], axis=0)
        live[has[policy]] |= one.marks
    matters = np.zeros(len(claims), bool)
    for met, one in zip(has, plan.possible, strict=True):
        if one.payers:
            matters |= met
    # The engine refuses a fact that nothing asks for.
    return np.where(matters, payers, NONE), live


def _places(plan: PolicyPlan, columns: Mapping[str, Any], places: Ints, claims: Ints, marks: Ints, width: int) -> Ints:
    """Line, related line and diagnoses of each flag, as numbers within its claim."""
    hits = columns["hits"][places]
    related, diagnoses = columns["related"], columns["diagnoses"]

    def asked(some: int) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = ((marks & words_of(some, width)) != 0).any(axis=1)
        return found

    lines = np.full((len(places), 2), NONE, np.int64)
    lines[:, 0] = np.where(asked(plan.line), hits["line"], NONE)
    of = np.flatnonzero(asked(plan.partner) & (hits["related_count"] > 0))
    lines[of, 1] = related[hits["first_related"][of]]
    codes = np.full((len(places), DIAGNOSES), NONE, np.int64)
    for place in range(DIAGNOSES):
        of = np.flatnonzero(asked(plan.diagnosis) & (hits["diagnosis_count"] > place))
        codes[of, place] = diagnoses[hits["first_diagnosis"][of] + place]
    # A code may be any integer, one that could not be packed a negative one.
    known = codes != NONE
    numbers = np.full_like(codes, NONE)
    numbers[known] = np.unique(codes[known], return_inverse=True)[1]
    alone = np.zeros_like(lines, bool)
    alone[:, 0] = asked(plan.concluding)           # what is concluded from a flag may be for that flag itself
    return np.concatenate([_within(claims, lines, alone), _within(claims, numbers, np.zeros_like(known))], axis=1)


def _within(claims: Ints, values: Ints, alone: npt.NDArray[np.bool_]) -> Ints:
    """Values as numbers from 0 within each claim, -1 where there is none, or where it stands but once in its claim and
    nothing can be compared with it; `alone` says where it matters even so."""
    shape = values.shape
    owner = np.repeat(np.unique(claims, return_inverse=True)[1], shape[1])
    flat = values.reshape(-1)
    wide = int(flat.max(initial=0)) + 1
    known = np.flatnonzero(flat >= 0)
    _, inverse, counts = np.unique(owner[known] * wide + flat[known], return_inverse=True, return_counts=True)
    known = known[(counts[inverse] > 1) | alone.reshape(-1)[known]]
    distinct, inverse = np.unique(owner[known] * wide + flat[known], return_inverse=True)
    found = np.full_like(flat, NONE)
    found[known] = inverse - np.searchsorted(distinct, owner[known] * wide)
    return found.reshape(shape)


def _distinct(rows: Ints, places: Ints, claims: Ints, width: int) -> Iterator[Pattern]:
    """Each pattern once, with the hits of all claims that have it; by number of flags, then by what they are."""
    starts = _starts(claims)
    counts = np.diff(np.concatenate([starts, [len(claims)]]))
    for count in np.unique(counts):
        begin = starts[counts == count]
        members = begin[:, None] + np.arange(count)
        block = rows[members].reshape(len(begin), -1)
        distinct, inverse = np.unique(block, axis=0, return_inverse=True)
        inverse = inverse.reshape(-1)
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(np.bincount(inverse, minlength=len(distinct)))
        for one, chosen in zip(distinct.reshape(len(distinct), count, -1), np.split(order, ends[:-1]), strict=True):
            yield Pattern(
                tuple(Row(marks_in(row[1:1 + width]), row[1 + width], row[2 + width], tuple(row[3 + width:]))
                      for row in one.tolist()),
                int(one[0, 0]), places[members[chosen]])
