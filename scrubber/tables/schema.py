"""The tables there are: key, columns and dates of each.

A row is in force from `from_day` (inclusive) up to `to_day` (exclusive); files of CMS give inclusive last days,
which the importers turn into exclusive ones, once.

Kinds of a column: code mod dx pos revenue carc taxonomy ndc npi clia mac (symbols, see `scrubber.symbols.WIDTHS`),
ncd (list number, see `ncd_list`), int, milli (thousandths), day (exclusive end where its name ends in `_to`), flag (0
or 1), char (one character as its number), enum:a|b|c (index), text (index into the edition's texts). Value columns are
int32, those of kind dx int64; other symbols of more than six characters are too wide. A key is one int64.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: Its name everywhere.
        key: (column, kind) pairs that a look-up gives, packed into one int64 (`pack_key`).
        columns: (column, kind) pairs of the values.
        cumulative: A newer edition holds the whole past, so that only the newest one that reaches back to the day
            is asked; otherwise an edition answers for its own quarter.
        reaches_back: The oldest edition there is answers for earlier days, too, because what it says hardly ever
            changes (the layout of codes) and nobody publishes the past again.
        about: One line for people.
    """

    name: str
    key: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...] = ()
    cumulative: bool = False
    about: str = ""
    reaches_back: bool = False


FREQUENCY = (("max", "int"), ("period", "enum:months|days|lifetime"), ("length", "int"), ("age_low", "int"),
             ("age_high", "int"), ("also", "code"), ("exempt", "enum:none|cervical_risk|bone_risk"), ("source", "text"))

TABLES = {table.name: table for table in (
    Table("ncci_ptp_practitioner", (("column1", "code"), ("column2", "code")),
          (("indicator", "int"), ("rationale", "text")), True, "NCCI procedure-to-procedure edits, practitioners"),
    Table("ncci_ptp_hospital", (("column1", "code"), ("column2", "code")),
          (("indicator", "int"), ("rationale", "text")), True, "NCCI procedure-to-procedure edits, hospitals"),
    Table("mue_practitioner", (("code", "code"),), (("value", "int"), ("mai", "int"), ("rationale", "text")), False,
          "Medically unlikely edits, practitioners"),
    Table("mue_outpatient_hospital", (("code", "code"),), (("value", "int"), ("mai", "int"), ("rationale", "text")),
          False, "Medically unlikely edits, outpatient hospitals"),
    Table("mue_dme", (("code", "code"),), (("value", "int"), ("mai", "int"), ("rationale", "text")), False,
          "Medically unlikely edits, equipment suppliers"),
    Table("aoc", (("addon", "code"),),
          (("primary", "code"), ("type", "int"), ("primary_to", "day"), ("addon_to", "day"),
           ("note", "enum:none|practitioner|facility|suspended")), True,
          "Add-on code edits; primary 0 is contractor-defined"),
    Table("pfs", (("code", "code"), ("modifier", "mod")),
          (("status", "char"), ("work", "milli"), ("nonfacility_total", "milli"), ("facility_total", "milli"),
           ("nonfacility_na", "flag"), ("facility_na", "flag"), ("pctc", "char"),
           ("global", "enum:000|010|090|MMM|XXX|YYY|ZZZ|none"),
           ("mult", "char"), ("bilateral", "char"), ("assistant", "char"), ("cosurgeon", "char"), ("team", "char"),
           ("endo_base", "code"), ("conversion_factor", "int"), ("imaging_family", "int")), False,
          "Physician fee schedule relative values; the conversion factor in ten-thousandths of a dollar"),
    Table("hcpcs", (("code", "code"),),
          (("kind", "enum:procedure|modifier"), ("coverage", "char"), ("added", "day"), ("ended", "day"),
           ("replacement", "code")), True, "HCPCS Level II codes and modifiers"),
    Table("icd10cm", (("code", "dx"),),
          (("billable", "flag"), ("title", "text"), ("side", "enum:none|left|right|both|unspecified")), True,
          "ICD-10-CM codes by date; side as scrubber.tables.titles.side_of reads it from the title"),
    Table("icd10cm_seventh", (("code", "dx"),), (("characters", "text"), ("placeholder", "flag")), False,
          "Seventh characters by the node that defines them", True),
    Table("icd10cm_note", (("code", "dx"),),
          (("kind", "enum:excludes1|excludes2|code_first|use_additional|code_also|includes"),
           ("level", "enum:code|section|chapter"), ("text", "text")), False,
          "Notes of the tabular list by the node that owns them; one row per category for a section or chapter", True),
    Table("dx_relation", (("code", "dx"),),
          (("relation", "enum:excludes1|excludes2|code_first|use_additional|redundant"),
           ("level", "enum:code|section|chapter"), ("first", "dx"), ("last", "dx"), ("place", "int"), ("low", "char"),
           ("high", "char"), ("reading", "enum:read|prose|unclear"), ("optional", "flag"), ("note", "int"),
           ("text", "text")), False,
          "What the notes say of other codes, by the node that owns the note; it holds for all codes below", True),
    Table("dx_trimester", (("code", "dx"),), (("trimester", "enum:none|first|second|third|unspecified"),), False,
          "The trimester that the title of a node names", True),
    Table("dx_map", (("code", "dx"),),
          (("relation", "enum:redundant|combination|symptom|history"), ("first", "dx"), ("last", "dx"),
           ("text", "text")), True,
          "Diagnoses that another one on the claim makes needless: the code, and the codes beside which it is"),
    Table("mce_dx", (("code", "dx"),), (("flags", "int"),), True, "Medicare Code Editor flags of a diagnosis"),
    Table("mce_age", (("group", "enum:newborn|pediatric|maternity|adult"),), (("low", "int"), ("high", "int")), True,
          "Medicare Code Editor age groups, completed years, inclusive"),
    Table("poa_exempt", (("code", "dx"),), (), False,
          "Diagnoses that take no present-on-admission indicator, by fiscal year"),
    Table("code_age_sex", (("code", "code"),), (("least", "int"), ("under", "int"), ("sex", "enum:none|F|M")), True,
          "Procedures for an age (completed years from `least`, below `under`; 0 is no bound) or one sex"),
    Table("ncd_dx", (("list", "ncd"), ("code", "dx")), (("resolution", "int"),), True,
          "Laboratory NCD lists: diagnosis to resolution; code 0 is the wildcard"),
    Table("ncd_code", (("code", "code"),), (("list", "ncd"),), True, "Laboratory NCD lists: code to list"),
    Table("lcd_code", (("code", "code"),), (("article", "int"), ("group", "int")), False,
          "Local coverage articles: code to article and code group"),
    Table("lcd_article", (("article", "int"),),
          (("version", "int"), ("code_groups", "int"), ("covered_groups", "int"), ("noncovered_groups", "int")), False,
          "Local coverage articles in force, with how many groups of codes and diagnoses each has"),
    Table("lcd_dx", (("article", "int"), ("code", "dx")),
          (("group", "int"), ("kind", "enum:covered|noncovered"), ("asterisk", "flag")), False,
          "Local coverage articles: diagnoses that support the codes, and that do not"),
    Table("lcd_state", (("article", "int"), ("state", "mod")), (), False,
          "Local coverage articles: states of the contractors that they bind"),
    Table("telehealth", (("code", "code"),), (), False, "Services that Medicare pays by telehealth"),
    Table("audio_list", (("code", "code"),), (), False, "Services that Medicare pays by telephone, without a picture"),
    Table("clia_waived", (("code", "code"),), (("qw", "flag"),), False,
          "Tests that a laboratory with a certificate of waiver may do; with QW, or without"),
    Table("therapy_codes", (("code", "code"),), (("always", "flag"),), False,
          "Outpatient therapy services: always, or only under a plan of care"),
    Table("therapy_threshold", (("services", "enum:pt_slp|ot"),), (("amount", "milli"),), True,
          "Dollars of a calendar year above which therapy carries KX"),
    Table("single_dose_drugs", (("code", "code"),), (), False, "Separately paid drugs from single-dose containers"),
    Table("own_fee_schedule", (("code", "code"),), (("charge", "milli"),), False,
          "The practice's own charge of a service, of one side"),
    Table("pos", (("pos", "pos"),), (("facility", "flag"),), True, "Place of service codes"),
    Table("modifier", (("modifier", "mod"),), (("kind", "enum:unknown|cpt|hcpcs"),), True,
          "Modifiers that a claim may carry, other than the dated HCPCS ones"),
    Table("carc", (("code", "carc"),), (), True, "Claim adjustment reason codes"),
    Table("rarc", (("code", "carc"),), (), True, "Remittance advice remark codes"),
    Table("cpt_presence", (("code", "code"),), (), True, "Codes by first and last fee schedule that held them"),
    Table("frequency", (("code", "code"),), FREQUENCY, True,
          "How often Medicare covers a service: so many in a period, from and to an age; age_high 0 is none"),
    Table("own_frequency", (("code", "code"),), FREQUENCY, True, "The same of a payer with a list of its own"),
    Table("limited_addon", (("code", "code"),), (("max", "int"), ("source", "text")), True,
          "Add-ons of which the code set allows so many a day"),
    Table("taxonomy", (("code", "taxonomy"),), (("kind", "enum:unknown|individual|organization"), ("name", "text")),
          False, "Health care provider taxonomy codes", True),
    Table("revenue", (("revenue", "revenue"),), (("needs_code", "flag"),), True,
          "Revenue codes; needs_code: an outpatient line of it carries a procedure code"),
    Table("category_iii", (("code", "code"),), (("sunset", "day"),), True,
          "Category III codes with the day they are archived", True),
    Table("hcpcs_laboratory", (("code", "code"),), (), True,
          "HCPCS Level II codes for which the file names CLIA certifications"),
    Table("clia_exempt", (("code", "code"),), (), True, "Laboratory codes that need no CLIA number"),
    Table("clia_ppm", (("code", "code"),), (), True, "Provider-performed microscopy"),
    Table("clia_lab", (("number", "clia"),), (("type", "enum:unknown|waiver|ppm|full"),), True,
          "CLIA certificates of the practice's laboratories"),
    Table("asp_ndc", (("ndc", "ndc"),),
          (("code", "code"), ("package_size", "milli"), ("package_unit", "enum:none|F2|GR|ME|ML|UN"),
           ("billing_units", "milli")), False, "Drug packages and the units of a HCPCS code they hold"),
    Table("ordering", (("npi", "npi"),),
          (("partb", "flag"), ("dme", "flag"), ("hha", "flag"), ("pmd", "flag"), ("hospice", "flag")), False,
          "Who may order and refer for Medicare patients", True),
    Table("nppes", (("npi", "npi"),), (("type", "int"),), False,
          "What the registry gave a number to: 1 a person, 2 an organization", True),
    Table("state_zip", (("zip3", "int"), ("state", "mod")), (), True,
          "First three digits of a ZIP and the states that they serve"),
    Table("anes", (("code", "code"),), (("base_units", "int"),), False, "Base units of anaesthesia"),
    Table("gpci", (("mac", "mac"), ("locality", "mod")),
          (("state", "mod"), ("work", "milli"), ("practice", "milli"), ("malpractice", "milli")), False,
          "Geographic practice cost indices by contractor and locality"),
    Table("anes_factor", (("mac", "mac"), ("locality", "mod")), (("factor", "int"),), False,
          "Anaesthesia conversion factors by contractor and locality, in ten-thousandths of a dollar"),
    Table("zip_locality", (("zip", "mac"),), (("state", "mod"), ("mac", "mac"), ("locality", "mod")), False,
          "Contractor and locality of a ZIP code"),
    Table("nubc_codes", (("list", "enum:admission_type|admission_source|patient_status|condition_codes|"
                                  "occurrence_codes|occurrence_spans|value_codes"), ("code", "mod")),
          (), True, "Code lists of institutional claims"),
    Table("payer_directory", (("payer", "payer"), ("transaction", "enum:837P|837I|837D")), (), True,
          "Payer ids that a clearinghouse takes, by kind of claim"),
    Table("peer_rate", (("specialty", "mac"), ("item", "code")),
          (("code", "code"), ("percent", "milli"), ("mean", "milli"), ("deviation", "milli")), False,
          "What physicians of a specialty bill: share of low and high visits (item LOW, HIGH), rate of an add-on"),
    Table("eligibility", (("member", "member"),), (("payer", "text"),), True,
          "Who is insured when: a snapshot of eligibility answers"),
)}

MCE_FLAGS = ("newborn", "pediatric", "maternity", "adult", "manifestation", "ecodepdx", "unacceptable", "unspecified",
             "male", "female", "qadm", "reqsdx", "wrngproc")
