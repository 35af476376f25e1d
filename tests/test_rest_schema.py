"""The description of the API (OpenAPI) holds: Schemathesis makes requests from it and finds nothing that differs."""

import datetime as dt
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import environment, key_of, served
from x12_files import claim, file

from scrubber import Scrubber

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)

# What the model takes may still contradict itself (a payer that decided on a line that there is none of), and bytes
# that may be anything are seldom a file of claims: both are 422, and what does not fit the description is 400.
CONFIG = """[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "422"]
"""
EXAMPLES = 60


@pytest.mark.slow
@pytest.mark.parametrize("keyed", [False, True])
def test_schemathesis_finds_nothing(tmp_path: Path, keyed: bool) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed (supply/peers.lock)")
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    more: list[str] = []
    options: list[str] = []
    if keyed:
        path, key = key_of(tmp_path, "claims:check", "batches:scrub", "rules:read", "metrics:read")
        more, options = ["--keys", str(path)], ["--header", f"Authorization: Bearer {key}"]

    with served("--no-access-log", *more) as one:
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", f"{one.address}/openapi.json", "--checks", "all",
             "--max-examples", str(EXAMPLES), "--no-color", "--generation-deterministic", *options],
            cwd=tmp_path, capture_output=True, text=True, env=environment(), check=False)

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout
    assert [line for line in one.log if "ERROR" in line] == []


def description() -> dict[str, Any]:
    with served() as one:
        found: dict[str, Any] = httpx.get(f"{one.address}/openapi.json").json()
    return found


def test_every_operation_is_described_with_examples_and_problems() -> None:
    described = description()
    operations = {(path, method): said for path, methods in described["paths"].items()
                  for method, said in methods.items()}

    assert set(described["paths"]) == {
        "/v1/claims", "/v1/batches", "/v1/rules", "/v1/rules/{id}", "/v1/editions", "/healthz", "/metrics",
        "/openapi.json", "/problems/{kind}"}
    for (path, method), said in operations.items():
        assert said["operationId"], path
        assert said["summary"], path
        assert {"200", "400", "405", "500"} <= set(said["responses"]), path
        for status, answer in said["responses"].items():
            if status != "200":
                (media,) = answer["content"]
                assert media == "application/problem+json"
                assert all(str(example["value"]["status"]) == status
                           for example in answer["content"][media]["examples"].values())
        if method == "post":
            assert all("example" in content for content in said["requestBody"]["content"].values())


def test_the_examples_of_the_description_fit_its_models() -> None:
    from scrubber.model.claim import Claim
    from scrubber.model.flag import Flag
    from scrubber.web.examples import CHECKED, CLAIM, SCRUBBED

    assert Claim.model_validate_json(json.dumps(CLAIM), strict=True).lines
    assert [Flag.model_validate(flag).rule for flag in CHECKED["flags"]] == ["MOD-25-01"]
    flag, run = map(json.loads, SCRUBBED.splitlines())
    assert Flag.model_validate(flag).rule == "ADM-ENV-03"
    scrubbed = Scrubber(policies=False, as_of=dt.date(2026, 3, 31), snip=True).scrub(file([claim(), claim(2, HI="")]))
    assert list(run) == list(scrubbed.run)
    assert flag["message"] in [each.message for each in scrubbed.flags]
