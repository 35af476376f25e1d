"""The official FHIR R4 Claim examples beside the checkout: both forms of one give the same claim and the same flags."""

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml

from scrubber import Scrubber
from scrubber.model.claim import Claim
from scrubber.model.flag import Unreadable
from scrubber.readers.fhir.reading import fhir_claims, fhir_xml_claims

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
SNAPSHOT = yaml.safe_load(Path(__file__).with_name("fhir_samples.yaml").read_text())
NAMES = sorted(path.stem for path in SAMPLES.glob("fhir-r4-json/*.json"))

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no published samples in ../shared/samples")


def forms(name: str) -> tuple[Path, Path]:
    return SAMPLES / "fhir-r4-json" / f"{name}.json", SAMPLES / "fhir-r4-xml" / f"{name}.xml"


def of_file(path: Path) -> Claim | Unreadable:
    read = fhir_claims if path.suffix == ".json" else fhir_xml_claims
    [claim] = read([path.read_bytes()], file="sample")
    return claim


def flags_of(path: Path) -> tuple[list[dict[str, object]], list[str]]:
    """The flags on the day the claim was created, and what was set aside."""
    created = json.loads(forms(path.stem)[0].read_text())["created"][:10]
    report = Scrubber(policies=False, as_of=dt.date.fromisoformat(created)).scrub(path)
    return ([{"line": flag.line, "rule": flag.rule, "case": flag.case, "severity": flag.severity,
              "message": flag.message} for flag in report.flags], [record.problem for record in report.unreadable])


def test_the_snapshot_names_the_examples() -> None:
    assert sorted(SNAPSHOT) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_of_an_example_are_one_claim(name: str) -> None:
    of_json, of_xml = map(of_file, forms(name))

    assert of_json == of_xml
    assert isinstance(of_json, Unreadable) == ("aside" in SNAPSHOT[name])


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_of_an_example_give_the_flags_that_are_true_of_it_and_no_others(name: str) -> None:
    of_json, of_xml = map(flags_of, forms(name))

    assert of_json == of_xml
    flags, aside = of_json
    listed = SNAPSHOT[name]
    assert [{key: flag[key] for key in ("line", "rule", "case", "severity")} for flag in flags] == [
        {key: flag.get(key) for key in ("line", "rule", "case", "severity")} for flag in listed.get("flags", [])]
    assert [problem.split(":")[0] for problem in aside] == ([listed["aside"]] if "aside" in listed else [])
