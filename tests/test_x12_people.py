"""What the 837P reader tells of patient, subscriber, marks, money and attachments: faults, never the values."""

from typing import Any

import pytest
from test_x12_reader import read
from x12_files import BEFORE, claim, file

from scrubber.rules.vocabulary import NAMES

DEPENDENT = ("HL*3*2*23*0~", "PAT*19~", "NM1*QC*1*DOE*JACK~", "N3*1 ELM ST~", "N4*ATLANTA*GA*303031234~",
             "DMG*D8*20150102*M~")


def told(before: tuple[str, ...] = BEFORE, *segments: str, **replaced: str) -> dict[str, Any]:
    """The claim's row, words for its faults."""
    lines = claim(**replaced)
    lines[1:1] = segments
    batch, _ = read(file([lines], before=before))
    row = batch.rows("claims")[0]
    for owner, name in (("patient", "sex_fault"), ("subscriber", "relation_fault"), ("subscriber", "name_fault"),
                        ("claim", "attachment_fault")):
        row[name] = NAMES[owner][name].rstrip("!").split("|")[row[name]]
    return row


def changed(old: str, new: str, *more: str) -> tuple[str, ...]:
    assert any(segment.startswith(old) for segment in BEFORE)
    return tuple(new if segment.startswith(old) else segment for segment in BEFORE if segment != old) + more


def test_a_sound_claim_has_no_fault() -> None:
    row = told()

    assert (row["sex_fault"], row["relation_fault"], row["name_fault"], row["attachment_fault"]) == ("none",) * 4
    assert (row["marks"], row["paid_sent"], row["employer"]) == (1, 0, 0)


@pytest.mark.parametrize(("dmg", "fault"), [
    ("DMG*D8*19500102*F~", "none"), ("DMG*D8*19500102*U~", "none"), ("DMG*D8*19500102*X~", "other"),
    ("DMG*D8*19500102*FE~", "other"), ("DMG*D8*19500102~", "missing"), ("", "missing")])
def test_the_sex_of_the_patient(dmg: str, fault: str) -> None:
    assert told(changed("DMG", dmg))["sex_fault"] == fault


@pytest.mark.parametrize(("sbr", "more", "fault"), [
    ("SBR*P*18*******MB~", (), "none"),
    ("SBR*P********MB~", (), "missing"),
    ("SBR*P********CI~", DEPENDENT, "none"),
    ("SBR*P*18*******CI~", DEPENDENT, "both"),
    ("SBR*P********CI~", (DEPENDENT[0], "PAT*18~", *DEPENDENT[2:]), "both"),
    ("SBR*P********CI~", (DEPENDENT[0], *DEPENDENT[2:]), "missing")])
def test_how_patient_and_subscriber_are_related(sbr: str, more: tuple[str, ...], fault: str) -> None:
    assert told(changed("SBR", sbr, *more))["relation_fault"] == fault


@pytest.mark.parametrize(("name", "fault"), [
    ("NM1*IL*1*DOE*JANE****MI*M1~", "none"), ("NM1*IL*1**JANE****MI*M1~", "missing"),
    ("NM1*IL*1*DOE JR*JANE****MI*M1~", "suffix"), ("NM1*IL*1*DOE, III*JANE****MI*M1~", "suffix"),
    ("NM1*IL*1*DOE sr.*JANE****MI*M1~", "suffix"), ("NM1*IL*1*IV*JANE****MI*M1~", "none"),
    ("NM1*IL*2*ACME JR~", "none")])
def test_the_name_of_the_subscriber(name: str, fault: str) -> None:
    assert told(changed("NM1*IL", name))["name_fault"] == fault


def test_the_name_of_a_dependent_counts_too() -> None:
    more = [segment.replace("*DOE*", "**") for segment in DEPENDENT]

    assert told(changed("SBR", "SBR*P********CI~", *more))["name_fault"] == "missing"


def test_the_employer_as_subscriber() -> None:
    assert told(changed("NM1*IL", "NM1*IL*2*ACME~"))["employer"] == 1


@pytest.mark.parametrize(("pwk", "fault"), [
    ("PWK*OZ*EL***AC*A1~", "none"), ("PWK*OZ*AA~", "none"), ("PWK*OZ*EL~", "number"), ("PWK*OZ*BM***XX*A1~", "number"),
    ("PWK*OZ*XX***AC*A1~", "way"), ("PWK*ZZ*AA~", "kind"), ("PWK*CT*AD~", "way")])
def test_attachments_of_the_claim(pwk: str, fault: str) -> None:
    assert told(BEFORE, pwk)["attachment_fault"] == fault


def test_a_certificate_on_a_line_has_ways_of_its_own() -> None:
    lines = claim()
    lines[5:5] = ["PWK*CT*AD~"]
    batch, _ = read(file([lines]))

    assert batch.rows("lines")[0]["attachment_fault"] == 0
    assert batch.rows("lines")[0]["attachment"] == 1


def test_marks_of_several_letters_are_none() -> None:
    row = told(CLM="CLM*P1*100***11:B:1*YY*A**I~")

    assert (chr(row["signature"]), chr(row["assignment"]), row["benefits"], chr(row["release"])) == ("?", "A", 0, "I")


def test_what_the_patient_paid_and_where_the_accident_was() -> None:
    row = told(BEFORE, "AMT*F5*25~", CLM="CLM*P1*100***11:B:1*Y*A*Y*Y**AA:::GA:CA~")

    assert (row["paid_sent"], row["patient_paid_cents"], row["accident_abroad"]) == (1, 2500, 1)


def payers_read(ids: list[str]) -> list[str]:
    """The payer that the reader gives to each of some claims, each for the payer of its id."""
    at = next(i for i, segment in enumerate(BEFORE) if segment.startswith("HL*2"))
    claims = [[*changed("NM1*PR", f"NM1*PR*2*PAYER*****PI*{payer}~")[at:], *claim(n)] for n, payer in enumerate(ids)]
    batch, _ = read(file(claims, before=BEFORE[:at]))
    return [batch.payer_of(n) for n in range(len(batch))]


def test_every_claim_has_its_own_payer_however_many_there_are() -> None:
    """More than the reader keeps at hand, with ids that it keeps and those too long for that, each of them twice."""
    ids = [f"{n}{'P' * (n % 79)}" for n in range(1000, 2000)]

    assert payers_read([*ids, *reversed(ids)]) == [*ids, *reversed(ids)]
    assert payers_read(["MCR", " MCR ", "", "MCR", ""]) == ["MCR", "MCR", "", "MCR", ""]


def test_two_payers_of_one_hash_are_two() -> None:
    ids = ["SAMPLE4GAAAPAPAA", "DGMN3PBE9IW1Z0ZB"]

    assert payers_read(ids) == ids
