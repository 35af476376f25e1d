"""Addresses and numbers of providers, and what goes with an ambulance or equipment, from models and from 837P."""

from typing import Any

import pytest
from grains import scrubber, statuses
from oracle.grains.providers import street_box, tax_id_fault
from x12_files import BEFORE, claim, file

BILLING = {"role": "billing", "entity": "organization", "npi": "1467000026", "tax_id": "582345671",
           "tax_id_kind": "EI", "taxonomy": "193200000X", "street": "12 OAK ST", "city": "ATLANTA", "state": "GA",
           "zip": "303031234"}


def address(**changes: Any) -> list[str]:
    return statuses("ADM-ADDR-01", {"billing": BILLING | changes})


@pytest.mark.parametrize("street", [
    "PO BOX 12", "P.O. Box 12", "P. O. BOX 12", "P O BOX 12", "p.o.box 12", "POBOX 12", "PO BX 7", "POB 12", "P O B 12",
    "POST OFFICE BOX 12", "Post Office Drawer A", "PO DRAWER 5", "P.O. BOX # 12", "PO BOX NO 12", "LOCKBOX 44",
    "LOCK BOX 44", "BOX 12", "12 OAK ST PO BOX 5", "P0 BOX 12", "PO BOX A", "12 OAK ST, P.O. BOX"])
def test_a_box_of_the_post_office_in_any_spelling(street: str) -> None:
    assert street_box(street)
    assert address(street=street) == ["flagged"]


@pytest.mark.parametrize("street", [
    "5 BOXWOOD ST", "12 BOX CANYON RD", "RR 2 BOX 18", "HC 1 BOX 4", "PSC 3 BOX 12", "BOX ELDER RD", "12 POBLANO AVE",
    "1 LOCKBOX LN", "100 POST OAK BLVD", "12 POST OFFICE SQ", "1 P ST", "12 DRAWER LN", "", "\u00e9|PO"])
def test_a_street_that_is_no_box(street: str) -> None:
    assert not street_box(street)
    assert address(street=street) == []


@pytest.mark.parametrize(("changes", "status"), [
    ({"zip": "30303-1234"}, []), ({"zip": "3030312345"}, ["flagged"]), ({"zip": "3030A1234"}, ["flagged"]),
    ({"state": "ga"}, []), ({"state": "XX"}, ["flagged"]), ({"state": None}, ["flagged"]),
    ({"state": "OR"}, ["flagged"]), ({"zip": "422231234", "state": "TN"}, []),
    ({"zip": "422231234", "state": "KY"}, []),
    ({"zip": "000991234"}, ["not_evaluated"]), ({"zip": "M5V 2T6", "state": "ON", "country": "CA"}, []),
    ({"street": None, "city": None, "state": None, "zip": None}, ["not_evaluated"]),
    ({"zip": "969101234", "state": "GU"}, []), ({"zip": "090121234", "state": "AE"}, [])])
def test_zip_and_state(changes: dict[str, Any], status: list[str]) -> None:
    assert address(**changes) == status


@pytest.mark.parametrize(("number", "fault"), [
    ("582345671", "none"), (" 582345671 ", "none"), ("58-2345671", "hyphen"), ("58234567", "length"),
    ("58234567A", "length"), ("111111111", "constant"), ("123456789", "constant"), ("123456780", "none"),
    ("987654321", "none"), ("", "missing"), (None, "missing"), ("-", "hyphen")])
def test_the_tax_id(number: str | None, fault: str) -> None:
    assert tax_id_fault(number) == fault
    assert statuses("ADM-TIN-01", {"billing": BILLING | {"tax_id": number}}) == ([] if fault == "none" else ["flagged"])


@pytest.mark.parametrize(("day", "status"), [("2025-07-01", ["flagged"])])
def test_a_taxonomy_on_no_list(day: str, status: list[str]) -> None:
    words = {"dos": day, "billing": BILLING | {"taxonomy": "999Z99999X"}, "rendering": {"npi": "1234567893"}}
    rows = [{"code": "207Q00000X", "kind": "individual", "name": ""}]

    assert statuses("ADM-TAX-01", words, tables={"taxonomy": rows}) == status


@pytest.mark.parametrize("facility", [
    {"street": "12 Oak St.", "city": "Atlanta", "zip": "30303"}, {"street": "12 OAK ST", "city": "ATLANTA",
                                                                "zip": "30303-9999"}])
def test_an_address_is_the_same_however_it_is_written(facility: dict[str, Any]) -> None:
    words = {"billing": BILLING, "providers": [{"role": "facility", "state": "GA"} | facility]}

    assert statuses("ADM-FAC-01", words) == ["flagged"]
    assert statuses("ADM-FAC-01", words | {"billing": BILLING | {"street": "12 OAK ST STE 4"}}) == []


def given(*segments: str, before: tuple[str, ...] = BEFORE, **replaced: str) -> list[tuple[str, str | None]]:
    """Rule and case of the flags about providers and companions of one claim of an 837P."""
    lines = claim(**replaced)
    lines[1:1] = segments
    report = scrubber().scrub(file([lines], before=before))
    rules = ("ADM-TIN-01", "ADM-ADDR-01", "ADM-AMB-01", "ADM-DME-01", "ADM-FAC-01")
    return [(flag.rule, flag.case) for flag in report.flags if flag.rule in rules]


def changed(old: str, *new: str) -> tuple[str, ...]:
    assert any(segment.startswith(old) for segment in BEFORE)
    return tuple(each for segment in BEFORE for each in (new if segment.startswith(old) else (segment,)))


@pytest.mark.parametrize(("reference", "case"), [
    (("REF*EI*58-2345671~",), "hyphen"), (("REF*EI*582345671~", "REF*SY*219001234~"), "two"), ((), "missing"),
    (("REF*SY*219001234~",), "person"), (("REF*EI*582345671~",), None)])
def test_the_tax_id_of_an_837(reference: tuple[str, ...], case: str | None) -> None:
    found = given(before=changed("REF*EI", *reference))

    assert [each for rule, each in found if rule == "ADM-TIN-01"] == ([case] if case else [])


@pytest.mark.parametrize(("old", "new", "case"), [
    ("N3*12 OAK", "N3*12 OAK ST*PO BOX 5~", "box"), ("N4*ATLANTA", "N4*ATLANTA*GA*30303~", "zip_short"),
    ("N4*ATLANTA", "N4*TORONTO**M5V2T6*CA~", None), ("N4*ATLANTA", "N4*ATLANTA*OR*303031234~", "other_state"),
    ("N4*ATLANTA", "N4*ATLANTA*GA*303031234*US~", None), ("N4*ATLANTA", "N4*ATLANTA*GA~", "zip_missing")])
def test_the_address_of_an_837(old: str, new: str, case: str | None) -> None:
    assert [each for rule, each in given(before=changed(old, new)) if rule == "ADM-ADDR-01"] == ([case] if case else [])


PLACES = ("NM1*PW*2~", "N3*1 ELM ST~", "N4*ATLANTA*GA*30303~", "NM1*45*2~", "N3*2 ELM ST~", "N4*ATLANTA*GA*30303~")


@pytest.mark.parametrize(("segments", "case"), [
    ((), "transport"), (("CR1***A*DH*12~",), "pick_up"), (("CR1***A*DH*12~", "CRC*07*Y*01~", *PLACES[:3]), "drop_off"),
    (("CR1***A*DH*12~", "CRC*07*Y~", *PLACES), "conditions_elsewhere"),
    (("CR1***A*DH*12~", "CRC*75*Y*01~", *PLACES), "conditions_elsewhere"),
    (("CR1***A*DH*12~", "CRC*07*Y*01~", *PLACES), None)])
def test_the_transport_of_an_837(segments: tuple[str, ...], case: str | None) -> None:
    service = "SV1*HC:A0428:RH*100*UN*1***1:2~"
    commercial = changed("SBR", "SBR*P*18*******CI~")

    assert given(*segments, before=commercial, SV1=service) == ([("ADM-AMB-01", case)] if case else [])
    if not segments:
        return
    within = [segment for segment in segments if segment.startswith("C")]
    assert given(*segments[len(within):], before=commercial, SV1=service + "".join(within)) == (
        [("ADM-AMB-01", case)] if case else [])


@pytest.mark.parametrize(("segments", "flagged"), [
    ("", True), ("PWK*CT*AD~", False), ("LQ*UT*484.03~", False), ("LQ*ZZ*484.03~", True)])
def test_the_certificate_of_an_837(segments: str, flagged: bool) -> None:
    day = "DTP*472*D8*20221231~"
    service = "SV1*HC:E1390:RR*100*UN*1***1~" + (segments if segments.startswith("PWK") else "")
    last = day + (segments if segments.startswith("LQ") else "")

    assert (("ADM-DME-01", None) in given(SV1=service, DTP=last)) is flagged


@pytest.mark.parametrize(("place", "segments", "case"), [
    ("21", (), "missing"), ("11", (), None),
    ("21", ("NM1*77*2*HOSPITAL~", "N3*1 HOSPITAL RD~", "N4*ATLANTA*GA*303081111~"), None),
    ("11", ("NM1*77*2*CLINIC~", "N3*12 OAK ST~", "N4*ATLANTA*GA*303031234~"), "repeated")])
def test_the_facility_of_an_837(place: str, segments: tuple[str, ...], case: str | None) -> None:
    found = given(*segments, CLM=f"CLM*P1*100***{place}:B:1*Y*A*Y*Y~")

    assert [each for rule, each in found if rule == "ADM-FAC-01"] == ([case] if case else [])
