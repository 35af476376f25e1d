"""The compiled rules and payer profiles, as flat arrays that outlive every run."""

from libc.stdint cimport int8_t, int32_t, int64_t
from libc.stdlib cimport calloc, free

import numpy as np

from scrubber._direct cimport fill_direct
from scrubber._told cimport fill_needs
from scrubber.run cimport (
    N_TEST, OPERAND_LITERAL, CaseC, FieldC, MemberC, NodeC, ProfileC, RuleC, SetC, ValueC,
)
from scrubber.structs cimport FIRST_ICD10
from scrubber.words cimport A_LINE_DATE


cdef void* _pointer(object array, list keep):
    """Address of a contiguous array that is kept alive."""
    array = np.ascontiguousarray(array)
    keep.append(array)
    return <void*><size_t>array.ctypes.data


cdef set _days_compared(nodes):
    """The days on which a comparison of a line's date with a day in a rule changes its answer."""
    compared = nodes[(nodes["op"] == N_TEST) & (nodes["attribute"] == A_LINE_DATE)
                     & (nodes["operand"] == OPERAND_LITERAL)]
    return {int(day) + after for day in compared["value"] for after in (0, 1)}


cdef class Program:
    """Rules, conditions, sets as flat arrays; immutable after construction.

    Args:
        lowered: What `scrubber.rules.lower` makes of a catalogue.
    """

    def __cinit__(self, lowered):
        cdef list reach = []
        self.lowered = lowered
        self._keep = []
        fill_direct(self.c.direct)
        fill_needs(self.c.needs)
        for dtype, size in ((lowered.rules, sizeof(RuleC)), (lowered.nodes, sizeof(NodeC)),
                            (lowered.cases, sizeof(CaseC)), (lowered.fields, sizeof(FieldC)),
                            (lowered.sets, sizeof(SetC)), (lowered.members, sizeof(MemberC))):
            assert dtype.dtype.itemsize == size
        self.c.rules = <RuleC*>_pointer(lowered.rules, self._keep)
        self.c.nodes = <NodeC*>_pointer(lowered.nodes, self._keep)
        self.c.cases = <CaseC*>_pointer(lowered.cases, self._keep)
        self.c.escapes = <int32_t*>_pointer(lowered.escapes.astype(np.int32), self._keep)
        self.c.fields = <FieldC*>_pointer(lowered.fields, self._keep)
        self.c.sets = <SetC*>_pointer(lowered.sets, self._keep)
        self.c.members = <MemberC*>_pointer(lowered.members, self._keep)
        for first, count in zip(lowered.sets["first"].tolist(), lowered.sets["count"].tolist(), strict=True):
            reach.extend(np.maximum.accumulate(lowered.members["hi"][first:first + count]).tolist())
        self.c.reach = <int64_t*>_pointer(np.array(reach or [0], np.int64), self._keep)
        days = {day for source in (lowered.members, lowered.rules) for name in ("from_day", "to_day")
                for day in source[name].tolist()}
        days.add(FIRST_ICD10)
        days |= _days_compared(lowered.nodes)
        self.c.breaks = <int32_t*>_pointer(np.array(sorted(days), np.int32), self._keep)
        self.c.break_count = len(days)
        self.c.rule_count = len(lowered.rules)
        self.c.node_count = len(lowered.nodes)
        self.c.case_count = len(lowered.cases)
        self.c.set_count = len(lowered.sets)


cdef class Profiles:
    """Settings and severities of payer profiles as flat arrays; immutable after construction.

    Args:
        settings: Structured array [profile, payer attribute] of value and state.
        severities: int8 array [profile, rule]: -1 the rule's own, -2 off, else the severity.
        facts: One dict per profile of the other fields of ProfileC.
    """

    def __cinit__(self, settings, severities, list facts):
        cdef int i
        self._keep = []
        self.count = len(facts)
        self.c = <ProfileC*>calloc(max(1, self.count), sizeof(ProfileC))
        if self.c == NULL:
            raise MemoryError
        assert settings.dtype.itemsize == sizeof(ValueC)
        for i in range(self.count):
            self.c[i].settings = <const ValueC*>_pointer(settings[i], self._keep)
            self.c[i].severities = <const int8_t*>_pointer(severities[i].astype(np.int8), self._keep)
            self.c[i].provider_scope = facts[i]["provider_scope"]
            self.c[i].physician_identity = facts[i]["physician_identity"]
            self.c[i].split_days = facts[i]["split_days"]
            self.c[i].timely_rule = facts[i]["timely_rule"]
            self.c[i].timely_basis = facts[i]["timely_basis"]
            self.c[i].frequency = facts[i]["frequency"]
            self.c[i].ptp = facts[i]["ptp"]
            self.c[i].mue = facts[i]["mue"]
            self.c[i].timely_days = facts[i]["timely_days"]
            self.c[i].corrected_days = facts[i]["corrected_days"]
            self.c[i].secondary_days = facts[i]["secondary_days"]
            self.c[i].number = i

    def __dealloc__(self):
        free(self.c)


STRUCT_SIZES = {
    "RuleC": sizeof(RuleC), "NodeC": sizeof(NodeC), "CaseC": sizeof(CaseC), "FieldC": sizeof(FieldC),
    "SetC": sizeof(SetC), "MemberC": sizeof(MemberC), "ValueC": sizeof(ValueC),
}
