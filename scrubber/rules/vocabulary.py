"""The words a rule may use: grains, their names, the attributes of each name with type and absence.

This page is data and imports nothing: the build reads it to write the numbers the compiled code switches on,
the loader checks every rule against it, the oracle and docs/grains.md follow it. A line here is a promise that
`ext/` computes the attribute.

Types: bool int code mod mods dx pos taxonomy mark units cents day, and `a|b|c` for an enumeration (the first is 0).
`a&b&c` is several of these words at once, asked with has and has_none. A mark is a short code of the claim form, of one
to five characters. `set` is a profile's list of codes, `marks` one of marks.

Absence, after the type: `!` unknown with reason no_fact when absent (a test of it is not evaluated), `%` a row
attribute (no row is a fact, no edition for the day is unknown), nothing: absence is itself a fact.
"""

STATE = "draft|paid|denied|open|rejected|void"
SIDE = "none|left|right|both"
TRIMESTER = "none|first|second|third|unspecified"
ANATOMIC = "none|one|same|different"

LINE = {
    "number": "int",
    "code": "code",
    "modifiers": "mods",
    "modifier_1": "mod",
    "modifier_count": "int",
    "units": "units",
    "fractional": "bool",
    "uneven": "bool",
    "per_day_units": "units",
    "unit_kind": "UN|MJ|other|DA",
    "charge": "cents",
    "date": "day",
    "thru": "day",
    "days": "int",
    "pos": "pos!",
    "dx1": "dx!",
    "rendering_kind": "physician|npp|crna|aa|therapist|other!",
    "note": "bool",
    "description": "bool",
    "care_dates": "bool",
    "days_after_surgery": "int!", "locum_days": "int!", "telehealth": "bool%", "audio": "bool%",
    "waived": "none|qw|plain%", "therapy": "none|sometimes|always%", "therapy_cents": "cents!",
    "therapy_threshold": "cents%", "single_dose": "bool%", "fee_ratio": "int%",
    "coverage": "none|supported|unsupported!",
    "state": STATE,
    "side": SIDE,
    "side_conflict": "bool",
    "modifier_gap": "bool",
    "modifier_repeated": "bool",
    "modifier_order_broken": "bool",
    "addon": "bool%",
    "facility": "bool!",
    "asc": "bool!",
    "mp_rank": "int!",
    "code_status": "ok|unknown|not_yet|ended|malformed%",
    "code_source": "hcpcs|cpt|proxy",
    "pointer_fault": "none|missing|not_a_number|out_of_range|repeated",
    "dx_side": "none|same|opposite|part|unspecified!",
    "age": "int!",
    "emergency": "bool",
    "in_stay": "bool!",
    "auth_sent": "bool",
    "auth_need": "none|required|notice|referral%",
    "auth_exempt": "none|emergency|exception|dx",
    "age_fault": "none|low|high!",
    "sex_fault": "none|wrong!",
    "region_fault": "none|disjoint!",
    "specialty": "taxonomy!",
    "pos_status": "ok|unknown|not_yet|ended%",
    "same_month": "bool",
    "same_year": "bool",
    "mammo": "bool",
    "sunset": "day%",
    "revenue": "code",
    "revenue_status": "ok|malformed|unknown|not_yet|ended%",
    "revenue_needs_code": "bool%",
    "clia_need": "none|number|waived|qw|ppm|full%",
    "clia_sent": "none|ok|format",
    "clia_fault": "none|not_active|level",
    "referring_clia": "bool",
    "lx_fault": "none|not_a_number|out_of_sequence",
    "link_repeated": "bool",
}

FEE = {
    "found": "bool",
    "status": "A|B|C|D|E|F|G|H|I|J|L|M|N|P|Q|R|S|T|X|other%",
    "glob": "000|010|090|MMM|XXX|YYY|ZZZ|none%",
    "pctc": "0|1|2|3|4|5|6|7|8|9|none%",
    "mult": "0|1|2|3|4|5|6|7|9|none%",
    "bilateral": "0|1|2|3|9|none%",
    "assistant": "0|1|2|9|none%",
    "cosurgeon": "0|1|2|9|none%",
    "team": "0|1|2|9|none%",
    "has_53": "bool%",
    "has_26": "bool%",
    "has_tc": "bool%",
    "nonfacility_na": "bool%",
    "facility_na": "bool%",
}

RELATION = {
    "same_provider": "bool!",
    "same_group": "bool!",
    "same_tin": "bool!",
    "same_specialty": "bool!",
    "same_claim": "bool",
    "same_code": "bool",
    "earlier": "bool",
    "same_dx3": "bool!",
    "anatomic": ANATOMIC,
    "opposite_side": "bool",
}

DX = {
    "code": "dx",
    "category": "dx",
    "position": "int",
    "role": "principal|other|admitting|external|reason",
    "status": "ok|unknown|not_yet|ended|header%",
    "seventh": "ok|short|wrong|placeholder|extra%",
    "age_fault": "none|newborn|pediatric|maternity|adult!",
    "side": "none|left|right|both|unspecified%",
    "dotted": "bool",
    "flags": "newborn&pediatric&maternity&adult&manifestation&ecodepdx&unacceptable&unspecified&male&female&qadm&"
             "reqsdx&wrngproc%",
    "sex_fault": "none|wrong!",
    "copies": "int",
    "poa": "blank|Y|N|U|W|other",
    "poa_exempt": "bool%",
    "seventh_char": "none|0|1|2|3|4|5|6|7|8|9|A|B|C|D|E|F|G|H|I|J|K|L|M|N|O|P|Q|R|S|T|U|V|W|X|Y|Z",
    "code_first": "none|earlier|later|missing%",
    "needs_also": "none|present|missing%",
    "history_active": "bool%",
    "trimester": TRIMESTER + "%",
    "trimester_expected": TRIMESTER + "!",
}

PROVIDER = {
    "role": "billing|pay_to|rendering|referring|primary_care|ordering|supervising|facility|purchased|"
            "attending|operating|other_operating|pick_up|drop_off|assistant",
    "level": "claim|line",
    "npi_fault": "none|missing|length|first_digit|luhn",
    "entity": "unknown|person|organization",
}

NAMES = {
    "line": LINE,
    "fee": FEE,
    "mue": {"found": "bool", "value": "units!", "mai": "none|1|2|3!"},
    "aoc": {
        "found": "bool%",
        "type": "1|2|3|none",
        "primary": "listed|chain|any_procedure|other_group|none",
        "suspended": "bool",
    },
    "ndc": {
        "found": "bool",
        "fault": "none|length|hyphen|qualifier|digits",
        "quantity": "units",
        "unit": "mod",
        "maps": "yes|no%",
        "expected": "units%",
        "diff": "units%",
    },
    "order": {
        "found": "bool",
        "role": "referring|ordering",
        "level": "claim|line",
        "person": "bool!",
        "npi_ok": "bool",
        "enrolled": "bool%",
    },
    "claim": {
        "type": "P|I|D",
        "frequency": "mark",
        "pos": "pos",
        "attachment": "bool",
        "note": "bool",
        "total": "cents",
        "lines_total": "cents",
        "patient_paid": "cents",
        "line_count": "int",
        "dx_count": "int",
        "first_from": "day",
        "last_thru": "day",
        "admit": "day",
        "admit_sent": "bool",
        "discharge": "day",
        "onset": "day",
        "last_seen": "day",
        "initial_treatment": "day",
        "accident": "day",
        "auto_accident": "bool",
        "other_accident": "bool",
        "employment": "bool",
        "accident_state": "mod",
        "accident_abroad": "bool",
        "as_of": "day",
        "inpatient": "bool",
        "filing_deadline": "day!",
        "delay_reason": "mod",
        "auth_exception": "bool",
        "referral_sent": "bool",
        "admission_type": "int",
        "original_number": "bool",
        "encounters": "int",
        "hospital_kind": "acute|critical_access|long_term|psychiatric|rehabilitation|childrens|other!",
        "lab_cert": "waiver|other!",
        "mammo": "bool",
        "tob": "code",
        "filing_code": "mark",
        "secondary": "bool",
        "signature": "Y|N|missing|other!",
        "assignment": "A|B|C|missing|other!",
        "benefits": "W|Y|N|missing|other!",
        "release": "I|Y|missing|other!",
        "attachment_fault": "none|kind|way|number",
        "pcn_length": "int",
        "pcn_copies": "int",
        "renderings": "int",
        "payer_known": "bool%",
        "admission_source": "mod",
        "patient_status": "mod",
        "admission_type_listed": "bool%",
        "admission_source_listed": "bool%",
        "patient_status_listed": "bool%",
        "conditions_listed": "bool%",
        "occurrences_listed": "bool%",
        "values_listed": "bool%",
        "value_amounts": "bool",
        "correction_reason": "bool",
        "statement_from": "day",
        "statement_thru": "day",
        "attending": "bool",
        "operating": "bool",
        "surgery": "none|revenue|procedure",
        "transport_only": "bool",
        "covered_days": "int",
        "noncovered_days": "int",
        "days_difference": "int!",
    },
    "patient": {
        "age": "int!",
        "sex": "F|M|U!",
        "sex_fault": "none|missing|other",
        "birth": "day",
        "death": "day",
    },
    "subscriber": {
        "id_fault": "none|missing|pattern!",
        "name_fault": "none|missing|suffix!",
        "relation_fault": "none|both|missing",
        "eligible": "yes|no|unknown",
    },
    "payer": {
        "kind": "medicare|ma|medicaid|commercial|wc|auto",
        "column_59": "either|column2",
        "extra_25": "set",
        "new_patient_needs_25": "bool",
        "accepts_25_for_57": "bool",
        "bilateral_style": "one_line_50_x1|one_line_50_x2|two_lines_rt_lt|two_lines_second_50",
        "prefers_x": "bool",
        "rt_lt_one_line": "bool",
        "modifier_51": "never|ignored|required",
        "modifier_order": "off|review", "modifier_99": "bool", "anes_un": "bool",
        "physical_status": "ignored|optional|required", "screening_modifier": "PT|33|none", "locum_days": "int",
        "therapy_modifiers": "bool", "therapy_threshold": "none|medicare", "telehealth_list": "any|medicare",
        "audio_list": "any|medicare", "tele_pos_11": "bool", "abn": "bool", "qw_required": "bool",
        "drug_waste": "optional|required",
        "pfs_status": "bool",
        "age_conflict_professional": "off|info|review",
        "excludes1": "off|review|deny",
        "zero_charge_ok": "set",
        "decimals": "set",
        "referral_plan": "bool",
        "ncd": "bool",
        "payer_policies": "bool",
        "lcd": "bool",
        "screening": "bool",
        "screening_style": "hcpcs|cpt",
        "drug_labels": "bool",
        "coverage_first_pointer_only": "bool",
        "sex_conflict": "bool",
        "first_listed_only": "off|review|deny",
        "unspecified_side": "off|review|deny",
        "ndc": "off|unlisted|drugs|all",
        "clia": "off|reject|review",
        "order_required": "set",
        "enrollment_required": "bool",
        "asc_form": "professional|institutional",
        "frequencies_professional": "marks",
        "filing_codes": "marks",
        "accident_hint": "bool",
        "one_rendering": "bool",
    },
    "modifier": {
        "code": "mod",
        "position": "int",
        "well_formed": "bool",
        "kind": "unknown|cpt|hcpcs",
        "in_force": "bool%",
        "conflict": "none|deny|review",
        "conflict_with": "mod",
    },
    "pair": {
        "role": "column1|column2",
        "indicator": "0|1",
        "lift": "none|column2|column1_59|em|anatomic",
        "anatomic": ANATOMIC,
        "has_59": "bool",
    },
    "day": {
        "units": "units",
        "max_line_units": "units",
        "limit": "units!",
        "paired_units": "units",
        "addon_max": "units",
        "vaccine_admins": "int!",
        "vaccine_products": "int!",
    },
    "dx": DX,
    "coverage": {
        "kind": "lcd|ncd|payer|screening|drug",
        "looked_up": "bool",
        "outcome": "covered|denied|unlisted|excluded|companion|prose_group|no_list",
        "unpointed": "int",
        "dimension": "dx|age|sex|pos|specialty|modifier",
        "severity": "deny|review|info",
    },
    "provider": PROVIDER,
    "auth": {
        "qualifier": "G1|9F",
        "own": "bool",
        "format_fault": "none|blank|word|zeros|length|pattern",
        "found": "bool%",
        "kind": "authorization|referral!",
        "status": "A|P|D|E|C!",
        "member_ok": "yes|no!",
        "payer_ok": "yes|no!",
        "provider_match": "npi|group|tin|none!",
        "code_match": "exact|range|family|category|none!",
        "meant": "yes|perhaps|no",
        "modifier_match": "yes|no|none",
        "dx_match": "exact|category|block|none|no_list",
        "window": "in|out|partial!",
        "pos_match": "yes|grouped|no|no_list!",
        "numbers_at_claim": "int",
        "approved": "units!",
        "over": "units!",
        "percent": "int!",
    },
    "cob": {
        "position": "int",
        "adjudicated": "bool",
        "total": "cents!",
        "paid": "cents",
        "adjusted": "cents",
        "claim_difference": "cents!",
        "paid_difference": "cents",
        "non_covered_only": "bool",
        "date_levels": "none|claim|line|both",
        "remaining_levels": "none|claim|line|both",
        "group_fault": "bool",
        "group": "mod",
        "reason_fault": "none|unknown|not_yet|ended%",
        "reason": "code%",
        "remark_fault": "none|unknown|not_yet|ended%",
        "remark": "code%",
        "sequence_repeated": "bool",
        "is_current_payer": "bool",
        "msp_type_missing": "bool",
        "auth_number": "bool",
        "auth_need": "none|required%",
    },
    "defect": {
        "scope": "interchange|group|set|claim",
        "class": "count|control|order|parent|version|delimiter|character|element|segment|repeat|qualifier|"
                 "usage|date|trailing",
        "segment": "int",
        "tag": "code",
        "element": "int",
        "expected": "int",
        "found": "int",
    },
    "limit": {
        "max": "int!",
        "period": "months|days|lifetime!",
        "length": "int!",
        "used": "int!",
        "last": "day",
        "eligible_from": "day",
        "eligible": "bool!",
        "age_ok": "bool!",
        "exempt_dx": "bool!",
    },
    "seen": {"found": "bool", "within_3_years": "bool", "code": "code", "date": "day", "kind": "visit|procedure"},
    "dx_pair": {
        "relation": "excludes1|redundant|combination|symptom%",
        "direction": "one|both|contradicted",
        "level": "code|section|chapter",
        "sides": "none|same|different",
        "a": "dx",
        "b": "dx",
        "keep": "dx",
        "drop": "dx",
    },
}

# Items of a related set: every attribute of a line, its fee-schedule row without a prefix, and its relations
# to the line of the unit.
_LINE_ITEM = {**LINE, **{k: v for k, v in FEE.items() if k not in ("found", "status")}, "fee_status": FEE["status"],
              **RELATION}

ITEMS = {
    "other": _LINE_ITEM,
    "next": _LINE_ITEM,
    "repeat": {**_LINE_ITEM, "exact": "bool", "count": "int", "component": "none|complement|overlap",
               "replaces": "bool", "claim_denied": "bool", "other_drug": "bool"},
    "surgery": _LINE_ITEM,
    "window": {"day": "int", "length": "000|010|090", "transferred": "bool"},
    "prior": {**_LINE_ITEM, "days_ago": "int", "paid": "bool", "face_to_face": "bool%", "is_surgery": "bool%"},
    "lines": LINE,
    "pointed": {**DX, "pointer": "int"},
    "pointing": {**LINE, "pointer": "int"},
    "diagnoses": DX,
    "providers": PROVIDER,
    "adjudications": {"line": "int", "difference": "cents", "bundled_into": "int"},
}

# Items that are what the units of a grain are: they share its numbers, name by name.
ALIASES = {"providers": "provider"}

# Related sets: the names each binds inside its tests, and the attributes that make it cheap (one must be tested).
SETS = {
    "other": ("other",),
    "next": ("next",),
    "repeat": ("repeat",),
    "window": ("window", "surgery"),
    "pair": ("pair", "other"),
    "prior": ("prior",),
    "lines": ("lines",),
    "pointed": ("pointed",),
    "pointing": ("pointing",),
    "diagnoses": ("diagnoses",),
    "providers": ("providers",),
    "adjudications": ("adjudications",),
}

_CLAIM = ("claim", "patient", "subscriber", "payer")
_LINE = (*_CLAIM, "line", "fee", "mue", "aoc", "ndc", "order")

# Related sets that may be walked only as far back as the rule says (`window: {days: n}`).
WINDOWED = ("prior",)

# grain: the names a unit binds, the related sets it offers, what one flag may be about.
GRAINS = {
    "line": ((*_LINE, "seen"), ("other", "next", "repeat", "window", "pair", "prior", "lines", "pointed", "diagnoses",
                     "providers"), ("line", "unit", "claim")),
    "modifier": ((*_LINE, "modifier"), ("other", "repeat", "pointed"), ("unit", "line")),
    "pair": ((*_LINE, "pair", "other"), (), ("unit", "line")),
    "day": ((*_LINE, "day"), (), ("line",)),
    "limit": ((*_LINE, "limit"), (), ("line", "unit")),
    "claim": (_CLAIM, ("prior", "lines", "diagnoses", "providers"), ("claim",)),
    "dx": ((*_CLAIM, "dx"), ("prior", "diagnoses", "lines", "pointing"), ("diagnosis",)),
    "dx_pair": ((*_CLAIM, "dx_pair"), ("diagnoses", "lines"), ("unit", "diagnosis")),
    "coverage": ((*_LINE, "coverage"), ("pointed", "diagnoses"), ("line", "unit")),
    "provider": ((*_CLAIM, "provider"), (), ("unit", "claim")),
    "auth": ((*_LINE, "auth"), (), ("unit", "line", "claim")),
    "cob": ((*_CLAIM, "cob"), ("adjudications", "lines"), ("unit", "claim")),
    "defect": (("defect",), (), ("unit",)),
}

OPERATORS = ("eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "has", "has_none", "has_two", "empty", "found")

REASONS = ("no_edition", "no_row", "no_history", "no_fact", "no_setting")

SEVERITIES = ("info", "review", "deny", "reject")

STATUSES = ("flagged", "clear", "bypassed", "not_evaluated")


def attribute_numbers() -> dict[str, int]:
    """Number of each attribute, as `owner.attribute`, in the order of this page.

    An item of a related set shares the numbers of what it is made of (a line's, the fee row's, the relations'),
    so that one piece of code computes `line.code` and `other.code`.
    """
    shared = {**LINE, **FEE, **RELATION, **DX, "fee_status": ""}
    owners = {**NAMES, "relation": RELATION}
    for name, members in ITEMS.items():
        if name in ALIASES:
            continue
        owners[name] = {attribute: kind for attribute, kind in members.items() if attribute not in shared}
    keys = [f"{owner}.{attribute}" for owner, members in owners.items() for attribute in members]
    return {key: number for number, key in enumerate(keys)}
