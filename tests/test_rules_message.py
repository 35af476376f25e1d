"""Messages: placeholders, and values as people read them."""

import pytest

from scrubber.rules.attributes import visible
from scrubber.rules.message import is_forbidden, pieces, placeholders, show_value, stray_brace
from scrubber.symbols import NO_DAY, pack

LINE = visible("line", None)


@pytest.mark.parametrize(("name", "value", "shown"), [
    ("line.units", 1000, "1"),
    ("line.units", 1500, "1.5"),
    ("line.units", 20, "0.02"),
    ("line.units", 100_000, "100"),
    ("line.units", -500, "-0.5"),
    ("line.charge", 1234, "$12.34"),
    ("line.charge", 123_456_700, "$1,234,567.00"),
    ("line.charge", -5, "-$0.05"),
    ("line.date", 18078, "2019-07-01"),
    ("line.date", NO_DAY, "none"),
    ("line.code", pack("99213", 5), "99213"),
    ("line.code", 0, "none"),
    ("line.code", -1, "99213!"),
    ("line.code", -3, "?"),
    ("line.modifier_1", pack("LT", 2), "LT"),
    ("line.modifiers", pack("25LTXE", 10), "25-LT-XE"),
    ("line.dx1", pack("M25561", 7), "M25.561"),
    ("line.dx1", pack("I10", 7), "I10"),
    ("line.pos", pack("02", 2), "02"),
    ("line.addon", 1, "yes"),
    ("line.addon", 0, "no"),
    ("line.state", 2, "denied"),
    ("line.number", 12, "12"),
    ("line.number", None, "none"),
])
def test_a_value_is_shown_as_people_read_it(name: str, value: int | None, shown: str) -> None:
    assert show_value(LINE[name], value, ["99213!", "x"]) == shown


def test_placeholders_come_once_each_in_order_and_what_stands_around_them() -> None:
    template = "Line {line.number}: {line.code} on line {line.number}."

    assert placeholders(template) == ("line.number", "line.code")
    assert pieces(template) == (("Line ", ": ", " on line ", "."), ("line.number", "line.code", "line.number"))
    assert pieces("plain") == (("plain",), ())


@pytest.mark.parametrize(("template", "stray"), [
    ("{line.number} of {mue.value}", None),
    ("{line}", "{line}"),
    ("{line.number", "{line.number"),
    ("{line.Number}", "{line.Number}"),
    ("{{line.number}}", "{}"),
    ("a } b", "} b"),
])
def test_a_brace_that_is_no_placeholder_is_found(template: str, stray: str | None) -> None:
    assert stray_brace(template) == stray


@pytest.mark.parametrize(("name", "forbidden"), [
    ("patient.age", True), ("patient.sex", True), ("line.age", True), ("payer.extra_25", True),
    ("line.code", False), ("payer.kind", False),
])
def test_who_the_patient_is_shows_in_no_message(name: str, forbidden: bool) -> None:
    assert is_forbidden(LINE[name]) is forbidden
