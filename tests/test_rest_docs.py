"""The examples of docs/rest.md with curl run as they stand there, against a server."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from serving import DEMO, environment, key_of, served

for module in ("fastapi", "uvicorn", "prometheus_client"):
    pytest.importorskip(module)

PAGE = Path(__file__).parent.parent / "docs" / "rest.md"


def test_the_curl_examples_run(tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl or bash is not there")
    text = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^```sh curl\n(.*?)^```$", text, re.M | re.S)
    claim = re.search(r"^```json claim.json\n(.*?)^```$", text, re.M | re.S)
    assert claim is not None
    (tmp_path / "claim.json").write_text(claim[1])
    shutil.copy(DEMO, tmp_path)
    path, key = key_of(tmp_path)

    with served() as one, served("--keys", str(path)) as keyed:
        known = environment(SERVER=one.address, SERVER_WITH_KEYS=keyed.address, KEY=key)
        said = [subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, capture_output=True,
                               text=True, env=known, check=True).stdout for command in commands]

    assert len(said) == 4
    checked, batch, refused, rules = said
    assert json.loads(checked)["claim"] == "A1"
    assert "MOD-25-01" in json.loads(checked)["run"]["flags_by_rule"]
    assert json.loads(batch.splitlines()[0])["type"] == "run"
    assert '"syntax": {"breaches": 1, "sets_without_guide": 0}' in batch.splitlines()[-1]
    assert json.loads(refused)["errors"][0]["pointer"] == "/lines/0/date"
    assert {rule["id"] for rule in json.loads(rules)["rules"]} > {"MOD-50-01", "MOD-50-02"}
