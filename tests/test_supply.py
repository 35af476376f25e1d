"""What is installed is what is locked, listed and allowed."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = (ROOT / "requirements.lock", *(ROOT / "supply" / f"{name}.lock" for name in ("tools", "fuzz", "peers")))
# Free to use and pass on with the program; of those with a copyleft, files that are passed on as they are (MPL), and a
# library that is installed beside the program and can be exchanged (LGPL: psycopg).
ALLOWED = {"MIT", "MIT-0", "MIT License", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Zlib", "CC0-1.0",
           "Apache-2.0", "Apache Software License", "PSF-2.0", "Python Software Foundation License", "MPL-2.0",
           "Mozilla Public License 2.0 (MPL 2.0)", "LGPL-3.0-only"}


def locked(path: Path) -> set[tuple[str, str]]:
    return set(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), re.MULTILINE))


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_is_pinned_with_hashes_and_no_place_to_get_it_from() -> None:
    for path in LOCKS:
        text = path.read_text()
        entries = re.split(r"(?m)^(?=[a-z])", text)

        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries if entry.strip())
        assert not re.search(r"://|index-url|find-links|file:|@ ", text)


def test_everything_that_is_needed_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *extras["test"], *extras["policies"], *extras["serve"],
              *project["build-system"]["requires"]]
    names = {name for name, _ in locked(LOCKS[0])}

    assert {plain(re.split(r"[<>=!\[ ]", each)[0]) for each in needed} - names == set()


def test_the_bill_of_materials_is_of_the_lock() -> None:
    text = (ROOT / "supply" / "sbom.cdx.json").read_text()
    bill = json.loads(text)

    assert {(plain(part["name"]), part["version"]) for part in bill["components"]} == locked(LOCKS[0])
    assert all(part["hashes"] for part in bill["components"])
    assert "serialNumber" not in bill
    assert "timestamp" not in bill["metadata"]
    assert not re.search(r"pypi\.org|files\.pythonhosted|file://", text)


def test_every_licence_is_listed_and_allowed() -> None:
    rows = re.findall(r"^\| (\S+) +\| (\S+) +\| (.+?) +\|$", (ROOT / "docs" / "licences.md").read_text(), re.MULTILINE)
    listed = {plain(name): (version, licence) for name, version, licence in rows if name != "Name"}

    assert set(listed) == {name for name, _ in locked(LOCKS[0])}
    assert {(name, version) for name, (version, _) in listed.items()} <= locked(LOCKS[0])
    for name, (_, licence) in listed.items():
        assert {part.strip("() ") if part.strip("() ") in ALLOWED else part
                for part in re.split(r" AND | OR |; ", licence)} <= ALLOWED, name


def test_what_is_vendored_is_as_it_was_published() -> None:
    static = ROOT / "scrubber" / "workbench" / "static"
    notice = (static / "NOTICE").read_text()

    for name in ("chart.js",):
        assert hashlib.sha256((static / name).read_bytes()).hexdigest() in notice.replace("\n", " "), name
