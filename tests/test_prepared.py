"""What is kept between runs is what the files say now, or it is not used."""

import os
from pathlib import Path

import pytest

from scrubber import prepared
from scrubber.errors import RuleError
from scrubber.rules import loader
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue

SET = "mine:\n  source: Made up for this test\n  kind: code\n  members: [\"{code}\"]\n"


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever the files are really read."""
    seen: list[int] = []

    def counted(directories: list[Path], payers: set[str]) -> Catalogue:
        seen.append(1)
        return load_catalogue(directories, payers=payers)

    monkeypatch.setenv("SCRUBBER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loader, "load_catalogue", counted)
    return seen


def overlay(folder: Path, code: str) -> Path:
    (folder / "sets").mkdir(parents=True, exist_ok=True)
    (folder / "sets" / "mine.yaml").write_text(SET.replace("{code}", code))
    return folder


def test_a_second_run_reads_no_rule_file_and_gets_the_same(loads: list[int]) -> None:
    first = prepared.prepare().catalogue

    assert prepared.prepare().catalogue == first == load_catalogue()
    assert len(loads) == 1


def test_a_changed_file_is_read_again(loads: list[int], tmp_path: Path) -> None:
    folder = overlay(tmp_path / "rules", "99213")
    before = prepared.prepare([folder]).catalogue
    overlay(folder, "99214")
    os.utime(folder / "sets" / "mine.yaml", ns=(1, 1))
    after = prepared.prepare([folder]).catalogue

    assert len(loads) == 2
    assert before.sets.keys() == after.sets.keys()


@pytest.mark.parametrize("damage", [b"", b"no pickle", b"\0" * 40])
def test_a_damaged_cache_is_not_used(loads: list[int], damage: bytes, tmp_path: Path) -> None:
    first = prepared.prepare().catalogue
    kept = next((tmp_path / "cache").glob("rules-*.pickle"))
    kept.write_bytes(damage)

    assert prepared.prepare().catalogue == first
    assert len(loads) == 2


def test_a_cache_that_others_could_have_written_is_not_used(loads: list[int], tmp_path: Path) -> None:
    prepared.prepare()
    next((tmp_path / "cache").glob("rules-*.pickle")).chmod(0o666)
    prepared.prepare()

    assert len(loads) == 2


def test_where_nothing_can_be_kept_the_files_are_read(loads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUBBER_CACHE", os.devnull)
    prepared.prepare()
    prepared.prepare()

    assert len(loads) == 2


def test_an_override_for_a_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "overrides.yaml").write_text(
        "overrides:\n  - {rule: MOD-59-04, sha256: 0123456789ab, payers: [comercial], off: yes}\n", encoding="utf-8")

    with pytest.raises(RuleError, match=r"no payer profile comercial; did you mean commercial\?"):
        prepared.prepare([tmp_path])
