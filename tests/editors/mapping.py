"""Which edit of the editors asks what which rule of ours asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Subject:
    """One question that both ask.

    Attributes:
        name: The question in few words.
        edits: Their edits: numbers of the outpatient editor, names of the inpatient one.
        rules: Rules of ours, each with the cases that are meant; none is all of them.
        place: What an answer is about.
    """

    name: str
    edits: frozenset[int | str]
    rules: Mapping[str, frozenset[str]]
    place: Literal["line", "diagnosis", "claim"]


def _subject(name: str, place: Literal["line", "diagnosis", "claim"], edits: tuple[int | str, ...],
             *rules: str) -> Subject:
    """Rules are written as RULE or RULE:case,case."""
    held = {}
    for rule in rules:
        name_of, _, cases = rule.partition(":")
        held[name_of] = frozenset(cases.split(",")) if cases else frozenset()
    return Subject(name, frozenset(edits), held, place)


OUTPATIENT = (
    _subject("diagnosis not valid", "diagnosis", (1,), "DX-VAL-01", "DX-VAL-02", "DX-7TH-01"),
    _subject("diagnosis of another age", "diagnosis", (2,), "DX-AGE-01"),
    _subject("diagnosis of the other sex", "diagnosis", (3,), "DX-SEX-01"),
    _subject("external cause as principal diagnosis", "diagnosis", (5,), "DX-EXT-01"),
    _subject("manifestation as principal diagnosis", "diagnosis", (86,), "DX-SEQ-01:principal,first"),
    _subject("unacceptable principal diagnosis", "diagnosis", (113,), "DX-ZSEC-01:outpatient"),
    _subject("procedure code not valid", "line", (6,), "CODE-01"),
    _subject("procedure of another age", "line", (7,), "LINK-AGESEX-01:too_young,too_old"),
    _subject("procedure of the other sex", "line", (8,), "LINK-AGESEX-01:sex"),
    _subject("pair of procedures", "line", (20, 40), "NCCI-PTP-01:never,unmodified",
             "NCCI-PTP-02:never,unmodified,unmodified_clinic"),
    _subject("modifier not valid", "line", (22,), "MOD-GEN-01"),
    _subject("modifiers that exclude each other", "line", (102,), "MOD-GEN-05"),
    _subject("modifier 50 with several units", "line", (74,), "MOD-50-02"),
    _subject("bilateral by itself, several times", "line", (17,), "NCCI-MUE-01"),
    _subject("revenue code not valid", "line", (41,), "CODE-REV-01:no_revenue_code"),
    _subject("revenue code without procedure code", "line", (48,), "CODE-REV-01:no_procedure_code"),
    _subject("code that hospitals do not bill", "line", (28, 62), "CODE-INST-01"),
    _subject("add-on without its primary service", "line", (106, 107, 108),
             "NCCI-AOC-01:listed_missing,nothing_to_add_to,contractor_defined"),
    _subject("age", "claim", (25,), "ADM-DEM-01:no_birth,born_after_service,too_old"),
    _subject("sex", "claim", (26,), "ADM-DEM-01:sex"),
)

INPATIENT = (
    _subject("diagnosis not valid", "claim", ("INVALID_CODE",), "DX-VAL-01", "DX-VAL-02", "DX-7TH-01"),
    _subject("external cause as principal diagnosis", "claim", ("E_CODE_AS_PDX",), "DX-EXT-01"),
    _subject("principal diagnosis again", "claim", ("DUPLICATE_OF_PDX",), "DX-DUPDX-01"),
    _subject("diagnosis of another age", "claim", ("AGE_CONFLICT",), "DX-AGE-01"),
    _subject("diagnosis of the other sex", "claim", ("SEX_CONFLICT",), "DX-SEX-01"),
    _subject("manifestation as principal diagnosis", "claim", ("MANIFESTATION_AS_PDX",), "DX-SEQ-01:principal"),
    _subject("unacceptable principal diagnosis", "claim", ("UNACCEPTABLE_PDX", "REQUIRES_SDX"), "DX-ZSEC-01"),
    _subject("admitting diagnosis", "claim", ("INVALID_ADMIT_DX",), "DX-VAL-01", "DX-VAL-02", "DX-7TH-01"),
    _subject("side not specified", "claim", ("UNSPECIFIED",), "DX-UNSP-01"),
    _subject("age", "claim", ("INVALID_AGE",), "ADM-DEM-01:no_birth,born_after_service,too_old"),
    _subject("sex", "claim", ("INVALID_SEX",), "ADM-DEM-01:sex"),
    _subject("discharge status", "claim", ("INVALID_DISCHARGE_STATUS",), "ADM-837I-01:status_unlisted"),
)
