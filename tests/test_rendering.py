"""Flags are built without validation: each is what a validated one would be."""

from pathlib import Path

import pytest

from scrubber import Flag, Scrubber
from scrubber.model.flag import Change, Evidence, Related, Source
from scrubber.rules.conformance import case_of, read_conformance
from scrubber.writers import jsonl
from scrubber.writers.jsonl import FlagLines, dumps, flag_data

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def flags() -> list[Flag]:
    """Every answer but clear ones on the published examples, as rules and as policies give them."""
    scrubber = Scrubber()
    found: list[Flag] = []
    for path in sorted((ROOT / "conformance").glob("*.jsonl")):
        for example in read_conformance(path.read_bytes(), file=path.name)[::2]:
            case = case_of(example)
            found += scrubber.scrub_case(case).flags
            if case.claims:
                found += scrubber.check(case.claims[0].model_copy(update={"payer": case.profile}), keep_all=True)
    return found


def test_every_status_and_most_rules_are_among_them(flags: list[Flag]) -> None:
    assert {flag.status for flag in flags} == {"flagged", "bypassed", "not_evaluated"}
    assert len({flag.rule for flag in flags}) > 180
    assert any(flag.root for flag in flags)
    assert any(flag.queue for flag in flags)
    assert any(flag.change for flag in flags)
    assert any(flag.related for flag in flags)
    assert any((flag.reason or "").startswith("silenced: ") for flag in flags)
    assert any("Ask the clinician: " in flag.fix for flag in flags)


def test_a_flag_is_what_validation_would_make_of_its_values(flags: list[Flag]) -> None:
    for flag in flags:
        given = {name: getattr(flag, name) for name in Flag.model_fields if name != "type"}
        given["related"] = tuple(Related(claim=item.claim, line=item.line) for item in flag.related)
        given["evidence"] = tuple(Evidence(**{name: getattr(item, name) for name in Evidence.model_fields})
                                  for item in flag.evidence)
        given["change"] = tuple(Change(action=item.action, values=item.values) for item in flag.change)

        validated = Flag.model_validate(given, strict=True)

        assert flag == validated
        assert flag.model_fields_set == validated.model_fields_set
        assert repr(flag) == repr(validated)
        assert flag.model_dump_json() == validated.model_dump_json()


def test_a_flag_is_immutable_and_can_be_copied(flags: list[Flag]) -> None:
    flag = flags[0]

    changed = flag.model_copy(update={"severity": "info"}, deep=True)

    assert changed.severity == "info"
    assert flag.model_fields_set == changed.model_fields_set
    with pytest.raises(ValueError, match="frozen"):
        flag.severity = "info"  # type: ignore[misc]


def test_a_line_of_json_is_what_its_data_would_be_written_as(flags: list[Flag]) -> None:
    lines = FlagLines()
    odd = flags[0].model_copy(update={
        "claim": 'A"\\\n\u2028é\x7f', "file": "💊.837", "status_277": "A7:21", "case": None,
        "source": (Source(cite="c", checked="2024-01-01"),)})

    for flag in (*flags, odd, *flags[:50]):
        assert lines.line(flag) == dumps(flag_data(flag))


def test_a_line_of_json_does_not_depend_on_what_was_kept(flags: list[Flag], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "KEPT", 3)
    lines = FlagLines()

    assert [lines.line(flag) for flag in flags[:300]] == [dumps(flag_data(flag)) for flag in flags[:300]]
