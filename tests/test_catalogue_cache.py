"""A kept catalogue is the catalogue of the files as they are now, or it is not used."""

import os
from pathlib import Path

import pytest

from scrubber.rules import cache
from scrubber.rules.loaded import Catalogue
from scrubber.rules.loader import load_catalogue

SET = "mine:\n  source: Made up for this test\n  kind: code\n  members: [\"{code}\"]\n"


@pytest.fixture
def loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever the files are really read."""
    seen: list[int] = []

    def counted(directories: list[Path]) -> Catalogue:
        seen.append(1)
        return load_catalogue(directories)

    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "load_catalogue", counted)
    return seen


def overlay(folder: Path, code: str) -> Path:
    (folder / "sets").mkdir(parents=True, exist_ok=True)
    (folder / "sets" / "mine.yaml").write_text(SET.replace("{code}", code))
    return folder


def test_a_second_run_reads_no_rule_file_and_gets_the_same(loads: list[int]) -> None:
    first = cache.cached_catalogue()

    assert cache.cached_catalogue() == first == load_catalogue()
    assert len(loads) == 1


def test_a_changed_file_is_read_again(loads: list[int], tmp_path: Path) -> None:
    folder = overlay(tmp_path / "rules", "99213")
    before = cache.cached_catalogue([folder])
    overlay(folder, "99214")
    os.utime(folder / "sets" / "mine.yaml", ns=(1, 1))
    after = cache.cached_catalogue([folder])

    assert len(loads) == 2
    assert before.sets.keys() == after.sets.keys()


@pytest.mark.parametrize("damage", [b"", b"no pickle", b"\0" * 40])
def test_a_damaged_cache_is_not_used(loads: list[int], damage: bytes, tmp_path: Path) -> None:
    first = cache.cached_catalogue()
    kept = next((tmp_path / "cache").glob("catalogue-*.pickle"))
    kept.write_bytes(damage)

    assert cache.cached_catalogue() == first
    assert len(loads) == 2


def test_a_cache_that_others_could_have_written_is_not_used(loads: list[int], tmp_path: Path) -> None:
    cache.cached_catalogue()
    next((tmp_path / "cache").glob("catalogue-*.pickle")).chmod(0o666)
    cache.cached_catalogue()

    assert len(loads) == 2


def test_where_nothing_can_be_kept_the_files_are_read(loads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, os.devnull)
    cache.cached_catalogue()
    cache.cached_catalogue()

    assert len(loads) == 2
