"""The house keeps its shape: who imports whom, how large a file gets, what importing costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from processes import inherited

ROOT = Path(__file__).parent.parent

# What each room may import of ours, by the start of a module's name. Data flows one way.
MAY_IMPORT = {
    "model": ("scrubber.model",),
    "rules": ("scrubber.model", "scrubber.rules", "scrubber.errors", "scrubber.symbols", "scrubber.tables.schema",
              "scrubber.tables.values", "scrubber.readers.shorthand", "scrubber.readers.authorizations",
              "scrubber.bundled"),
    "policy": ("scrubber.policy", "scrubber.model", "scrubber.rules", "scrubber.errors", "scrubber.bundled",
               "scrubber._hits", "scrubber._patterns"),
    "tables": ("scrubber.tables", "scrubber.errors", "scrubber.symbols", "scrubber.model", "scrubber.bundled",
               "scrubber._tables", "scrubber._crash", "scrubber.caching"),
    "readers": ("scrubber.model", "scrubber.readers", "scrubber.errors", "scrubber.symbols", "scrubber._batch",
                "scrubber._x12", "scrubber._append", "scrubber._windows", "scrubber._join", "scrubber.rules.problems",
                "scrubber.rules.yaml", "scrubber.threads", "scrubber.guides", "scrubber._breaches"),
    "guides": ("scrubber.guides", "scrubber.bundled", "scrubber._guide"),
    "fhir": ("scrubber.readers.fhir", "scrubber.readers.pieces", "scrubber.readers.notes", "scrubber.model",
             "scrubber.errors", "scrubber.symbols"),
    "watch": ("scrubber.watch", "scrubber.engine", "scrubber.report", "scrubber.model", "scrubber.readers",
              "scrubber.writers", "scrubber.errors", "scrubber.syntax"),
    "web": ("scrubber.web", "scrubber.engine", "scrubber.report", "scrubber.record", "scrubber.model",
            "scrubber.readers", "scrubber.rules.listing", "scrubber.writers", "scrubber.spool", "scrubber.caching",
            "scrubber.errors", "scrubber.version"),
    "store": ("scrubber.store", "scrubber.engine", "scrubber.report", "scrubber.preview", "scrubber.model",
              "scrubber.readers", "scrubber.writers", "scrubber.payers", "scrubber.symbols", "scrubber.errors",
              "scrubber._batch", "scrubber.spool", "scrubber.rules.examples", "scrubber.rules.letters"),
    "team": ("scrubber.team", "scrubber.store", "scrubber.workbench", "scrubber.web", "scrubber.engine",
             "scrubber.report", "scrubber.preview", "scrubber.model", "scrubber.writers", "scrubber.readers",
             "scrubber.rules.listing", "scrubber.payers", "scrubber.errors", "scrubber.version"),
    "workbench": ("scrubber.workbench", "scrubber.web", "scrubber.engine", "scrubber.variants", "scrubber.why",
                  "scrubber.preview", "scrubber.typed", "scrubber.payers", "scrubber.report", "scrubber.model",
                  "scrubber.readers", "scrubber.rules.listing", "scrubber.tables.edition", "scrubber.writers",
                  "scrubber.symbols", "scrubber.errors", "scrubber.version", "scrubber._tables", "scrubber._batch"),
    "writers": ("scrubber.model", "scrubber.writers", "scrubber.report", "scrubber.errors", "scrubber.symbols",
                "scrubber.bundled", "scrubber.readers", "scrubber._batch", "scrubber._given", "scrubber._breaches",
                "scrubber.rules.vocabulary", "scrubber.tables.schema"),
    "acknowledgement": ("scrubber.writers", "scrubber.model", "scrubber.report", "scrubber.errors", "scrubber.bundled",
                        "scrubber.syntax", "scrubber.readers.walking"),
}
LONGEST = 460
# Pages of data: a table of words does not become clearer in two.
DATA = ("vocabulary.py", "schema.py")


def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "scrubber").rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Our own modules that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] == "scrubber"}


@pytest.mark.parametrize("path", [path for path in modules() if path.parent.name in MAY_IMPORT],
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    allowed = MAY_IMPORT[path.parent.name]

    foreign = {name for name in imports_of(path) if not name.startswith(allowed)}

    assert not foreign


@pytest.mark.parametrize("path", [*modules(), *sorted((ROOT / "ext").rglob("*.py")),
                                  *sorted((ROOT / "ext").rglob("*.pyx"))],
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_idea(path: Path) -> None:
    assert path.name in DATA or len(path.read_text().splitlines()) <= LONGEST


def test_rulesets_hold_no_code() -> None:
    code = [path for path in (ROOT / "rulesets").rglob("*.py") if path.name != "__init__.py"]

    assert code == []
    assert len((ROOT / "rulesets" / "__init__.py").read_text().splitlines()) == 1


def test_compiled_code_knows_no_yaml_and_no_models() -> None:
    knowing = [path.name for path in (ROOT / "ext" / "scrubber").glob("*.pyx")
               if "yaml" in path.read_text().lower() or "pydantic" in path.read_text()]

    assert knowing == []


def test_importing_the_package_reads_no_rules_and_needs_no_policy_engine() -> None:
    script = ("import sys, builtins; import scrubber; "
              "heavy = {'durable', 'durable_rules_engine', 'pyarrow', 'lxml', 'numpy', 'yaml'} & set(sys.modules); "
              "print(sorted(heavy))")

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=inherited(), check=True)

    assert result.stdout.strip() == "[]"


def test_a_process_that_a_test_starts_has_the_package_that_is_tested(tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scrubber.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)

    done = subprocess.run([sys.executable, "-c", "import scrubber; print(scrubber.__file__)"], capture_output=True,
                          text=True, env=inherited(), cwd=ROOT, check=True)

    assert done.stdout.strip() == str(tmp_path / "scrubber.py")


@pytest.mark.parametrize("path", sorted((ROOT / "tests").glob("*.py")), ids=lambda path: path.name)
def test_every_process_that_a_test_starts_is_told_its_environment(path: Path) -> None:
    untold = [node.lineno for node in ast.walk(ast.parse(path.read_text()))
              if isinstance(node, ast.Call) and ast.unparse(node.func) in ("subprocess.run", "subprocess.Popen")
              and "env" not in [keyword.arg for keyword in node.keywords]]

    assert not untold
    assert path.name in ("processes.py", Path(__file__).name) or "PYTHONPATH" not in path.read_text()
