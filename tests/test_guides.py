"""The tables of the guides are what the maps of the installed pyx12 give, and no text of X12 is in them."""

import json
import re
from pathlib import Path

import pytest

from scrubber.guides import FILES, guides
from scrubber.guides.compile import GUIDES, tables

SHIPPED = Path(__file__).parents[1] / "rulesets" / "guides"


def test_compiling_the_installed_maps_gives_the_shipped_bytes() -> None:
    made = dict(tables())

    assert sorted(made) == sorted(FILES) == sorted(GUIDES)
    for name, content in made.items():
        assert (SHIPPED / name).read_bytes() == content.encode("ascii")


@pytest.mark.parametrize("name", FILES)
def test_no_name_and_no_text_is_shipped(name: str) -> None:
    """Words are ids, codes and what this project calls a pattern."""
    rows = json.loads((SHIPPED / name).read_text())
    rows["codes"] = [row for row in rows["codes"] if not re.fullmatch(r"([A-Za-z0-9]{1,12} ?)*", row)]

    assert rows["codes"] == []
    texts = set(re.findall(r'"([^"]*[a-z]{2}[^"]*)"', json.dumps([rows["elements"], rows["tree"]])))
    assert texts <= {"loop", "segment", "composite", "states", "country", "currency", "pos", "remark_code",
                     "nine digits"}


def test_every_version_of_a_guide_is_known_once() -> None:
    versions = [version for guide in guides() for version in guide.versions]

    assert len(versions) == len(set(versions))
    assert {"005010X222A1", "005010X222A2", "005010X223A2", "005010X223A3"} <= set(versions)


def test_the_licence_of_the_maps_lies_beside_the_tables() -> None:
    notice = (SHIPPED / "NOTICE").read_text()

    assert "pyx12" in notice
    assert "Redistributions in binary form must reproduce" in notice
