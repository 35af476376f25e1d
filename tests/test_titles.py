"""Which side the title of a diagnosis names."""

import pytest

from scrubber.tables.titles import SIDES, side_of


@pytest.mark.parametrize(("title", "side"), [
    ("Unilateral primary osteoarthritis, right knee", "right"),
    ("Unilateral primary osteoarthritis, left knee", "left"),
    ("Bilateral primary osteoarthritis of knee", "both"),
    ("Unilateral primary osteoarthritis, unspecified knee", "unspecified"),
    ("Trigger finger, unspecified ring finger", "unspecified"),
    ("Essential (primary) hypertension", "none"),
    ("Type 2 diabetes mellitus with unspecified complications", "none"),
    ("Blindness right eye category 3, blindness left eye category 4", "both"),
    ("Occlusion and stenosis of left middle cerebral artery", "left"),
])
def test_side_is_the_one_the_title_names(title: str, side: str) -> None:
    assert side_of(title) == side


@pytest.mark.parametrize("title", [
    "Right lower quadrant pain",
    "ST elevation (STEMI) myocardial infarction involving left main coronary artery",
    "Hemiplegia, unspecified affecting left nondominant side",
    "Left ventricular failure, unspecified",
])
def test_a_chamber_quadrant_or_dominance_is_no_side(title: str) -> None:
    assert side_of(title) == "none"


def test_words_are_those_of_the_table() -> None:
    from scrubber.tables.schema import TABLES

    assert dict(TABLES["icd10cm"].columns)["side"] == "enum:" + "|".join(SIDES)
