"""Which settings of a payer profile a rule depends on: those it names, and those behind the words it uses."""

from scrubber.rules.conditions import Literal, Test, quantifiers
from scrubber.rules.loaded import LoadedRule
from scrubber.rules.settings import SETTINGS

_SCOPE = ("provider_scope", "physician_identity")
_KINDS = {"ncd": "ncd", "lcd": "lcd", "payer": "payer_policies", "screening": "screening", "drug": "drug_labels"}
_COVERAGE = ("kind", *_KINDS.values(), "coverage_first_pointer_only")

# What compiled code asks of a profile on the way to a value: by attribute, by the name before the dot, by grain and by
# related set (whose items are complete, or there at all, only under these settings).
BEHIND = {
    "pair": ("ptp_tables", *_SCOPE),
    "day": ("mue_tables", *_SCOPE),
    "mue": ("mue_tables",),
    "limit": ("frequency_table",),
    "coverage": _COVERAGE,
    "line.coverage": _COVERAGE,
    "aoc": ("physician_identity", "split_days"),
    "other": ("split_days",),
    "next": ("split_days",),
    "repeat": ("split_days",),
    "window": ("physician_identity",),
    "seen": ("physician_identity",),
    "relation.same_group": ("physician_identity",),
    "claim.filing_deadline": ("timely_rule", "timely_days", "timely_basis_professional", "corrected_days",
                              "secondary_days"),
    "subscriber.id_fault": ("member_id",),
    "auth.format_fault": ("auth_pattern",),
    "auth.pos_match": ("pos_groups",),
    "line.locum_days": ("locum_days",),
    "line.telehealth": ("telehealth_list",),
    "line.audio": ("audio_list",),
    "line.therapy_threshold": ("therapy_threshold",),
    "line.payable": ("fee_schedule",),
    "modifier.conflict": ("kind",),
    "modifier.conflict_with": ("kind",),
    "order.enrolled": ("kind",),
    "cob.msp_type_missing": ("kind",),
}


def settings_read(loaded: LoadedRule) -> tuple[str, ...]:
    """Names of the settings that may change what a rule says, in the order of `SETTINGS`."""
    keys = {attribute.key for attribute in loaded.logic.attributes()} | {each.attribute.key for each in loaded.fields}
    related = {each.related for condition in loaded.logic.conditions() for each in quantifiers(condition)}
    words = keys | {key.partition(".")[0] for key in keys} | related | {loaded.rule.applies.grain}
    found = {key.partition(".")[2] for key in keys if key.startswith("payer.")}
    found.update(setting for word in words for setting in BEHIND.get(word, ()))
    if kinds := _coverage_kinds(loaded):
        found -= {setting for kind, setting in _KINDS.items() if kind not in kinds}
    return tuple(name for name in SETTINGS if name in found)


def _coverage_kinds(loaded: LoadedRule) -> set[str]:
    """The one kind of policy that a rule of that grain is about; empty: it does not say."""
    return {test.operand.text for test in loaded.logic.when.items if isinstance(test, Test)
            and test.attribute.key == "coverage.kind" and test.operator == "eq" and isinstance(test.operand, Literal)}
