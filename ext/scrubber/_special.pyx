"""Named sets that compiled code itself reads: their numbers, by the names they have in rulesets/sets."""

from scrubber._sides cimport fill_regions
from scrubber.run cimport SpecialC


cdef int fill_special(SpecialC* special, dict numbers) except -1:
    """Finds the sets; -1 where the rules have none of that name.

    Args:
        special: Where their numbers go.
        numbers: Number of each named set.
    """
    special.anatomic_modifiers = numbers.get("anatomic_modifiers", -1)
    special.x59 = numbers.get("x59", -1)
    special.ptp_em_modifiers = numbers.get("ptp_em_modifiers", -1)
    special.ptp_global_modifiers = numbers.get("ptp_global_modifiers", -1)
    special.em_like = numbers.get("em_like", -1)
    special.lab = numbers.get("lab", -1)
    special.anes = numbers.get("anes", -1)
    special.facility_pos = numbers.get("facility_pos", -1)
    special.crosses_midnight = numbers.get("crosses_midnight", -1)
    special.vacprod = numbers.get("vacprod", -1)
    special.vacadm = numbers.get("vacadm", -1)
    special.cervical_risk = numbers.get("cervical_risk", -1)
    special.bone_risk = numbers.get("bone_risk", -1)
    special.pricing_modifiers = numbers.get("pricing_modifiers", -1)
    special.distinct_modifiers = numbers.get("distinct_modifiers", -1)
    special.informational_modifiers = numbers.get("informational_modifiers", -1)
    special.plan_of_care = numbers.get("plan_of_care", -1)
    special.therapy_assistants = numbers.get("therapy_assistants", -1)
    special.substitutes = numbers.get("substitutes", -1)
    special.em = numbers.get("em", -1)
    special.price_unclear = numbers.get("price_unclear", -1)
    special.chronic_conditions = numbers.get("chronic_conditions", -1)
    special.hcc_conditions = numbers.get("hcc_conditions", -1)
    fill_regions(special, numbers)
    return 0
