"""Which side the title of a diagnosis names."""

import pytest

from scrubber.tables.titles import SIDES, leaves_open, side_of, trimester_of


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


@pytest.mark.parametrize(("title", "trimester"), [
    ("Supervision of elderly primigravida, first trimester", "first"),
    ("Anemia complicating pregnancy, third trimester", "third"),
    ("Preterm labor without delivery, unspecified trimester", "unspecified"),
    ("Preterm labor second trimester with preterm delivery third trimester", "none"),
    ("Preterm labor second trimester with preterm delivery second trimester", "second"),
    ("Gestational diabetes mellitus in pregnancy, diet controlled", "none"),
])
def test_trimester_is_the_one_the_title_names(title: str, trimester: str) -> None:
    assert trimester_of(title) == trimester


@pytest.mark.parametrize(("title", "above", "answer"), [
    ("Osteoarthritis of knee, unspecified", "Osteoarthritis of knee", True),
    ("Chronic kidney disease, unspecified", "Chronic kidney disease (CKD)", True),
    ("Pain in unspecified knee", "Pain in knee", True),
    ("Chest pain, unspecified", "Pain in throat and chest", False),
    ("Unspecified atrial flutter", "Unspecified atrial fibrillation and atrial flutter", False),
    ("Unilateral primary osteoarthritis, right knee", "Unilateral primary osteoarthritis of knee", False),
])
def test_a_code_leaves_open_what_the_node_above_it_says(title: str, above: str, answer: bool) -> None:
    assert leaves_open(title, above) is answer
