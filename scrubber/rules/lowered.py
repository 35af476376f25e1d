"""A program as arrays: the structs of ext/scrubber/run.pxd, byte for byte, and the names behind their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scrubber.rules.codeset import CodeSet
from scrubber.rules.loaded import Catalogue, Shown
from scrubber.rules.vocabulary import REASONS

Structs = npt.NDArray[np.void]

NODE = np.dtype([("op", "<i2"), ("operator", "<i2"), ("scope", "<i2"), ("operand", "<i2"), ("attribute", "<i4"),
                 ("end", "<i4"), ("value", "<i8"), ("value_scope", "<i2"), ("related", "<i2"), ("window", "<i4")],
                align=True)
RULE = np.dtype([("grain", "<i4"), ("when", "<i4"), ("first_case", "<i4"), ("case_count", "<i4"),
                 ("first_escape", "<i4"), ("escape_count", "<i4"), ("first_field", "<i4"), ("field_count", "<i4"),
                 ("from_day", "<i4"), ("to_day", "<i4"), ("claim_kinds", "u1"), ("pick_each", "u1"),
                 ("target", "u1")], align=True)
CASE = np.dtype([("node", "<i4"), ("severity", "u1")], align=True)
FIELD = np.dtype([("attribute", "<i4"), ("scope", "<i4")], align=True)
SET = np.dtype([("first", "<i4"), ("count", "<i4")], align=True)
MEMBER = np.dtype([("lo", "<i8"), ("hi", "<i8"), ("from_day", "<i4"), ("to_day", "<i4")], align=True)
VALUE = np.dtype([("value", "<i8"), ("state", "<i4")], align=True)

STRUCTS = {"NodeC": NODE, "RuleC": RULE, "CaseC": CASE, "FieldC": FIELD, "SetC": SET, "MemberC": MEMBER,
           "ValueC": VALUE}

N_TEST, N_ALL, N_ANY, N_NOT, N_SOME, N_NO = range(6)
OPERAND_NONE, OPERAND_LITERAL, OPERAND_SET, OPERAND_ATTRIBUTE = range(4)
TARGETS = ("unit", "line", "diagnosis", "claim")
CLAIM_KINDS = ("professional", "institutional", "dental")

KEEPS_OWN = -1
IS_OFF = -2
KNOWN = 0
NO_SETTING = REASONS.index("no_setting") + 1


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program's arrays and the names behind their numbers.

    Nodes stand in prefix order. A node's children are the nodes from the next one up to its `end`, each skipped by its
    own `end`; those of N_NOT, N_SOME and N_NO are a conjunction. A rule without cases has one, that always holds.
    Sets of codes come first, those that rules name before all others, so that the first 256 can have a bit each.

    Attributes:
        catalogue: What was lowered; rules keep its order.
        escapes: Nodes, int32.
        numbers: Number of each set; equal sets share theirs.
        set_numbers: Number of each named set.
        code_sets: How many of the sets hold codes; they are the first.
        payers: Names of the profiles, in the order of the rows of the next three.
        severities: int8 by profile and rule: -1 the rule's own, -2 off, else the severity.
        settings: ValueC by profile and `payer.*` attribute, in the order of their numbers; a list of codes is the
            number of its set, what is not set is unknown with reason no_setting.
        facts: The other fields of ProfileC, by name.
        conflicts: (a, b, from_day, to_day, bits of payer.kind, class) of modifiers that do not go together.
    """

    catalogue: Catalogue
    rules: Structs
    nodes: Structs
    cases: Structs
    escapes: npt.NDArray[np.int32]
    fields: Structs
    sets: Structs
    members: Structs
    numbers: Mapping[CodeSet, int]
    set_numbers: dict[str, int]
    code_sets: int
    payers: tuple[str, ...]
    severities: npt.NDArray[np.int8]
    settings: Structs
    facts: list[dict[str, int]]
    conflicts: list[tuple[int, int, int, int, int, int]]

    def case_names(self, rule: int) -> tuple[str | None, ...]:
        """Names of a rule's cases, in order; the one case of a rule without cases has none."""
        return tuple(case.name for case in self.catalogue.rules[rule].rule.cases) or (None,)

    def escape_names(self, rule: int) -> tuple[str, ...]:
        """Names of a rule's escapes, in order."""
        return tuple(escape.because for escape in self.catalogue.rules[rule].logic.escapes)

    def shown(self, rule: int) -> tuple[Shown, ...]:
        """Values that a rule's messages show, in the order of its fields."""
        return self.catalogue.rules[rule].fields
