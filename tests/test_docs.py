"""The documentation holds: every code block runs, every link leads somewhere, every word is named.

Blocks of a page run in order in one folder that holds demo.837, mixed.837, fhir.json and fhir.xml:
`console` commands run, and output that is shown is compared (`...` stands for anything);
`python` runs, prompts with their output, `python spark` where there is a cluster (test_spark.py);
`yaml`, `json` and `csv` are read, and written where the info string names a path;
`refused` behind it means that the loader must refuse it; `yaml when: GRAIN` is a list of conditions;
`sh` is a set-up that tests cannot do, with `curl` behind it what tests/test_rest_docs.py runs; `text` is no code.
"""

import doctest
import json
import re
import shlex
import shutil
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from scrubber.cli import COMMANDS, main
from scrubber.cli.applies import value_text
from scrubber.errors import RuleError
from scrubber.model.claim import Claim
from scrubber.model.flag import Flag, Unreadable
from scrubber.payer_files import load_payers
from scrubber.policy.loader import load_policies
from scrubber.readers.column_map import read_column_map
from scrubber.report import Report
from scrubber.rules.conformance import read_conformance
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue
from scrubber.rules.parse import ConditionReader
from scrubber.rules.problems import Problems
from scrubber.rules.settings import SETTINGS
from scrubber.rules.vocabulary import (
    ALIASES,
    FEE,
    GRAINS,
    ITEMS,
    LINE,
    NAMES,
    OPERATORS,
    REASONS,
    RELATION,
    SETS,
)
from scrubber.rules.yaml import read_yaml
from scrubber.tables.schema import TABLES
from scrubber.writers import csv, parquet

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LONG = {"rules.md", "adding-a-rule.md", "payers.md", "policies.md"}      # their blocks test all rules, some times over
LANGUAGES = {"console", "sh", "python", "yaml", "json", "csv", "text"}
SETUP = re.compile(r"(make [a-z]+|\.ci/run|scrubber tables (import ccipra-\S+( ccipra-\S+)*|fetch|list)|"
                   r"scrubber test rulesets/\S+\.yaml)( +#.*)?")
ABSENCE = {"": "fact", "!": "no_fact", "%": "row"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the rest of its info string, the line of its first text."""

    language: str
    info: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S):
        line = match.string.count("\n", 0, match.start()) + 2
        found.append(Block(match[1], match[2].strip(), match[3], line))
    return found


def relative(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the demo batch, and no tables of the user."""
    for name in ("demo.837", "mixed.837", "fhir.json", "fhir.xml"):
        shutil.copy(ROOT / "rulesets" / "demo" / name, tmp_path)
    monkeypatch.setenv("SCRUBBER_TABLES", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path.parent / f"{tmp_path.name}-data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [pytest.param(page, marks=[pytest.mark.slow] * (page.name in LONG)) for page in PAGES],
                         ids=relative)
def test_every_block_of_a_page_runs(page: Path, folder: Path) -> None:
    names: dict[str, Any] = {}
    for block in blocks_of(page):
        where = f"{relative(page)}:{block.line}"
        assert block.language in LANGUAGES, f"{where}: a block without a language that is known"
        if block.language == "console":
            run_console(block, where)
        elif block.language == "python" and block.info != "spark":
            run_python(block, names, where)
        elif block.language == "sh" and block.info != "curl":
            for command in filter(None, map(str.strip, block.text.splitlines())):
                assert SETUP.fullmatch(command), f"{where}: {command!r} is no set-up; show it as console"
        elif block.language == "json":
            read_json(block, where)
        elif block.language == "csv":
            write(block)
        elif block.language == "yaml":
            read_rules(block, where)


def run_console(block: Block, where: str) -> None:
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.M)
    assert parts[0] == "", f"{where}: output before the first command"
    for command, shown in zip(parts[1::2], parts[2::2], strict=True):
        assert command.startswith("scrubber "), f"{where}: {command}"
        done = CliRunner().invoke(main, shlex.split(command)[1:])
        output = done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        if shown.strip():
            assert matches(shown, output), f"{where}: $ {command}\n{output}"
        else:
            assert done.exit_code in (0, 1), f"{where}: $ {command}\n{output}"


def matches(shown: str, output: str) -> bool:
    """Whether an output is the one shown; `...` alone in a line is any lines, within one any text."""
    pattern = ""
    for line in shown.rstrip().split("\n"):
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[^\n]*".join(map(re.escape, line.rstrip().split("..."))) + r"[ ]*\n"
    text = "\n".join(line.rstrip() for line in output.rstrip().split("\n")) + "\n"
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize(("shown", "output", "expected"), [
    ("a\nb\n", "a\nb\n", True),
    ("a\n", "a\nb\n", False),
    ("a\n...\n", "a\nb\nc\n", True),
    ("a ... c\n", "a b c\n", True),
    ("...\nc\n", "a\nb\n", False),
])
def test_shown_output_is_compared(shown: str, output: str, expected: bool) -> None:
    assert matches(shown, output) is expected


def run_python(block: Block, names: dict[str, Any], where: str) -> None:
    assert block.text.startswith(">>> "), f"{where}: show prompts and what they answer"
    test = doctest.DocTestParser().get_doctest(block.text, names, where, where, block.line)
    said: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    assert results.failed == 0, "".join(said)


def read_json(block: Block, where: str) -> None:
    write(block)
    for data in [json.loads(block.text)] if not isinstance(json.loads(block.text), list) else json.loads(block.text):
        if "expect" in data:
            assert len(read_conformance(json.dumps(data).encode(), file=where)) == 1
        elif data.get("type") == "flag":
            assert list(data) == [name for name in Flag.model_fields if name not in ("reason", "change", "place")]
            Flag.model_validate(data)
        elif data.get("type") == "unreadable":
            assert list(data) == list(Unreadable.model_fields)
            Unreadable.model_validate(data)
        elif data.get("type") == "run":
            assert list(data) == list(demo_report().run)
        else:
            Claim.model_validate(data)


def demo_report() -> Report:
    from scrubber import Scrubber

    return Scrubber(select=["ADM"]).scrub(Path("demo.837"))


def write(block: Block, text: str | None = None) -> Path | None:
    """The file that a block is, where its info string or its first line names one."""
    name = block.info.split(" ")[0] if "." in block.info else ""
    first = re.match(r"# (\S+/\S+\.yaml)\n", block.text)
    if not name and not first:
        return None
    path = Path(name or (first[1] if first else ""))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text if text is None else text, encoding="utf-8")
    return path


@cache
def shared_rules() -> Catalogue:
    return load_catalogue()


def read_rules(block: Block, where: str) -> None:
    if block.info.startswith("when: "):
        path = Path("conditions.yaml")
        path.write_text(block.text, encoding="utf-8")
        problems = Problems()
        ConditionReader(block.info.removeprefix("when: "), shared_rules().sets, where, problems).read(
            read_yaml(path, where, problems))
        path.unlink()
        problems.raise_if_any()
        return
    path = write(block)
    assert path is not None, f"{where}: name the file, as ```yaml mine/sets/visits.yaml"
    if re.search(r"^columns:", block.text, re.M):
        read_column_map(path)
    elif path.parent.name == "policies":
        read_policy(path, refused=block.info.endswith(" refused"))
    elif re.search(r"^(extends|settings):", block.text, re.M):
        if block.info.endswith(" refused"):
            with pytest.raises(RuleError):
                load_payers([path.parent])
        else:
            load_payers([path.parent], rules={loaded.rule.id for loaded in shared_rules().rules})
    elif block.info.endswith(" refused"):
        with pytest.raises(RuleError):
            load_catalogue([Path(path.parts[0])])
    else:
        notices = load_catalogue([Path(path.parts[0])]).notices
        assert len(notices) == block.info.endswith(" changed"), notices


def read_policy(path: Path, *, refused: bool) -> None:
    if not refused:
        load_policies([path.parent.parent], shared_rules())
        return
    with pytest.raises(RuleError):
        load_policies([path.parent.parent], shared_rules())
    path.unlink()


def test_policies_page_names_every_key() -> None:
    from scrubber.model import policy

    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    models = (policy.Policy, policy.When, policy.FlagRole, policy.FactRole, policy.Then, policy.ExampleFlag)

    assert [name for model in models for name in model.model_fields
            if not re.search(rf"\b{name.rstrip('_')}\b", text)] == []


def test_grains_name_every_grain_name_and_attribute() -> None:
    rows = set(re.findall(r"^\| (\S+) \| ([^|]+) \| (\S+) \| [^|]+\S \|$",
                          (ROOT / "docs" / "grains.md").read_text(encoding="utf-8"), re.M))
    expected = {(f"{name}.{attribute}", *type_and_absence(name, kind))
                for name, attributes in {**NAMES, **own_attributes()}.items()
                for attribute, kind in attributes.items()}
    expected |= {(attribute, *type_and_absence("", kind)) for attribute, kind in RELATION.items()}

    assert {row for row in rows if row[2] in ("fact", "no_fact", "row", "no_setting")} == expected


def own_attributes() -> dict[str, dict[str, str]]:
    """What the items of related sets add to lines, fee rows, relations and diagnoses."""
    shared = {**LINE, **FEE, **RELATION, **NAMES["dx"], "fee_status": ""}
    return {name: {attribute: kind for attribute, kind in attributes.items() if attribute not in shared}
            for name, attributes in ITEMS.items() if name not in ALIASES}


def type_and_absence(name: str, kind: str) -> tuple[str, str]:
    absence = "no_setting" if name == "payer" else ABSENCE[kind[-1] if kind[-1] in "!%" else ""]
    return kind.rstrip("!%").replace("|", " "), absence


def test_grains_describe_each_grain_and_related_set() -> None:
    text = (ROOT / "docs" / "grains.md").read_text(encoding="utf-8")

    for grain, (names, related, flags) in GRAINS.items():
        assert re.search(rf"^\| {grain} \| [^|]+ \| {' '.join(names)} \| {' '.join(related) or 'none'} \| "
                         rf"{', '.join(flags)} \|$", text, re.M), grain
    for name, bound in SETS.items():
        assert re.search(rf"^\| {name} \| [^|]+ \| {', '.join(bound)} \| [^|]+ \|$", text, re.M), name


def test_rules_page_names_every_operator_reason_and_key() -> None:
    from scrubber.model.rule import Example, Rule

    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    first_cells = {word for cell in re.findall(r"^\| ([^|]+) \|", text, re.M) for word in re.split(r",? ", cell)}

    assert set(OPERATORS) <= first_cells
    assert {name.rstrip("_") for name in (*Rule.model_fields, *Example.model_fields)} <= first_cells
    assert all(f"`{reason}`" in text for reason in REASONS)


def test_payers_page_gives_every_setting_and_what_each_bundled_profile_says() -> None:
    rows = {row[0]: row for row in (line.strip("| ").split(" | ") for line in (ROOT / "docs" / "payers.md").read_text(
        encoding="utf-8").splitlines() if line.startswith("| "))}
    profiles = load_payers()
    names = rows["setting"][3:]

    assert set(names) == set(profiles.names)
    for name, kind in SETTINGS.items():
        values = [profiles[profile].settings.get(name) for profile in names]
        shown = ["a pattern" if kind == "pattern" and value else value_text(value) for value in values]
        assert rows[name][3:] == shown, name


def test_commands_page_names_every_command_and_option() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    context = click.Context(main)

    for name in COMMANDS:
        command = main.get_command(context, name)
        assert f"scrubber {name}" in text
        commands = command.commands.values() if isinstance(command, click.Group) else [command]
        for option in (option for each in commands for option in each.params if isinstance(option, click.Option)):
            assert option.opts[0] in text, f"{name} {option.opts[0]}"


def test_commands_page_names_every_column() -> None:
    from scrubber.readers.authorizations import COLUMNS

    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert f"`{' '.join(csv.COLUMNS)}`" in text
    assert all(re.search(rf"\b{name}\b", text) for name in (*parquet.SCHEMA.names, *COLUMNS))


def test_outputs_page_gives_every_column_of_the_arrow_table_with_its_type() -> None:
    rows = re.findall(r"^\| (\w+) \| (\S[^|]*) \| [^|]+ \| [^|]+ \|$",
                      (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8"), re.M)
    shown = [(name, kind.replace("\\", "")) for name, kind in rows if name != "column"]

    assert shown == [(field.name, str(field.type).replace("dictionary<values=string, indices=int32, ordered=0>",
                                                          "dictionary<string>").replace("list<item: ", "list<")
                      .replace("list<element: ", "list<")) for field in parquet.SCHEMA]


def test_watch_page_names_every_option() -> None:
    text = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")
    command = main.get_command(click.Context(main), "watch")
    assert command is not None

    assert [option.opts[0] for option in command.params if isinstance(option, click.Option)
            and f"`{option.opts[0]}" not in text] == []


def test_outputs_page_names_every_format() -> None:
    from scrubber.cli.scrub import FORMATS

    text = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")

    assert [form for form in FORMATS.choices if f"`--format {form}`" not in text] == []


def test_tables_page_names_every_table() -> None:
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")

    assert [name for name in TABLES if not re.search(rf"^\| [^|]*\b{name}\b", text, re.M)] == []


def test_dependencies_page_names_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"],
              *(name for extra in project["project"]["optional-dependencies"].values() for name in extra)]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")

    missing = [name for name in (re.split(r"[<>=\[]", each)[0] for each in wanted)
               if not re.search(rf"^\| [^|]*\b{re.escape(name)}\b[^|]* \| \S", text, re.M)]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.is_file(), f"{target}: there is no such file"
        if anchor:
            assert anchor in anchors(path), f"{target}: there is no such heading"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_leads_to_every_page() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")

    assert [page.name for page in (ROOT / "docs").glob("*.md") if page.name not in text and page.stem != "index"] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("guide-*.md")), ids=relative)
def test_guides_of_roles_name_what_stands_on_the_pages(page: Path) -> None:
    shown = " ".join(path.read_text(encoding="utf-8") for folder in ("team", "workbench", "store")
                     for ending in ("py", "html", "js") for path in (ROOT / "scrubber" / folder).rglob(f"*.{ending}"))
    named = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", page.read_text(encoding="utf-8"))

    assert named
    assert [label for label in named for part in label.split(" … ") if part.lower() not in shown.lower()] == []
