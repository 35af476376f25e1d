"""Notes of the tabular list: what is read, what is not, and what they make of two diagnoses."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.tables.importers.documents import open_documents
from scrubber.tables.importers.notes import Codes, Target, fits, read_note
from scrubber.tables.importers.relations import relate
from scrubber.tables.importers.tabular import read_tabular
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store

TABULAR = (Path(__file__).resolve().parents[2] / "shared" / "refdata" / "icd10cm" / "icd10cm_tabular_2026_april.xml")
NODES = ["E08", "E0842", "E0851", "E0852", "E10", "E109", "E13", "E1342", "E1351", "F10", "F19", "I05", "I69", "I69028",
         "I69328", "I69398", "I702", "I703", "I707", "J42", "M51", "M5124", "M5126", "O10", "O11", "O13", "O16",
         "R6884", "S060X0A", "S060X1D", "T360X1A", "T360X5A", "T3695XA", "Y93A", "K50014", "K50914"]


def found(text: str, *, instruction: bool = False) -> tuple[str, list[str]]:
    reading = read_note(text, Codes(NODES), instruction=instruction)
    return reading.kind, [code for code in NODES if any(fits(code, target) for target in reading.targets)]


@pytest.mark.parametrize(("text", "codes"), [
    ("type 1 diabetes mellitus (E10.-)", ["E10", "E109"]),
    ("complicating pregnancy (O10-O11, O13-O16)", ["O10", "O11", "O13", "O16"]),
    ("atherosclerosis (I70.2--I70.7-)", ["I702", "I703", "I707"]),
    ("jaw pain R68.84", ["R6884"]),
    ("polyneuropathy in diabetes (E08-E13 with .42)", ["E0842", "E1342"]),
    ("diabetic angiopathy (E08-E13 with .51-.52)", ["E0851", "E0852", "E1351"]),
    ("other speech deficit (I69. with final characters -28)", ["I69028", "I69328"]),
    ("lumbar disc NOS (M51.- with fifth character 6)", ["M5126"]),
    ("current concussion (brain) (S06.0X- with seventh character A)", ["S060X0A"]),
    ("poisoning, if applicable (T36-T65 with fifth or sixth character 1-4)", ["T360X1A"]),
    ("adverse effect, if applicable (T36-T50 with fifth or sixth character 5)", ["T360X5A", "T3695XA"]),
    ("abscess of intestine (K50.014, K50.914,)", ["K50014", "K50914"]),
    ("exercise specified in categories Y93.0-Y93.A", ["Y93A"]),
    ("missing bracket (J42", ["J42"]),
    ("two brackets (J42))", ["J42"]),
])
def test_note_names_these_codes(text: str, codes: list[str]) -> None:
    assert found(text) == ("codes", codes)


@pytest.mark.parametrize(("text", "kind"), [
    ("abscess of brain:", "heading"),
    ("cardiomyopathy (in):", "heading"),
    ("confirmed infection - code to infection", "prose"),
    ("deficiency of an enzyme (G6PD)", "prose"),
    ("rheumatic disease (I05-I09) unless rheumatic fever is also present", "unclear"),
    ("psychosis (F10-F19 with fifth to sixth characters 51)", "unclear"),
    ("diabetic acidosis - see categories E08, E10 with ketoacidosis", "unclear"),
    ("a code that the list does not have (C99.9)", "unclear"),
])
def test_note_without_codes_or_not_understood(text: str, kind: str) -> None:
    assert found(text)[0] == kind


def test_words_around_the_codes_of_an_instruction_do_not_matter() -> None:
    assert found("code (I05), to identify it, if known") == ("unclear", ["I05"])
    assert found("code (I05), to identify it, if known", instruction=True) == ("codes", ["I05"])


@given(st.text(alphabet="E1308J42.,-() withforab:", max_size=60))
def test_any_text_is_read_and_targets_lie_in_the_list(text: str) -> None:
    codes = Codes(NODES)

    reading = read_note(text, codes)

    assert all(codes.has(target) for target in reading.targets)
    assert bool(reading.targets) >= (reading.kind == "codes")


@dataclass(frozen=True)
class Note:
    code: str
    kind: str
    level: str
    text: str


def test_relations_keep_only_those_excludes2_notes_that_contradict() -> None:
    entries = {code: (1, code) for code in NODES}
    notes = [Note("J42", "excludes1", "code", "bronchitis (I05)"), Note("I05", "excludes2", "code", "other (J42)"),
             Note("I05", "excludes2", "chapter", "other chapters (J42)"), Note("M51", "excludes2", "code", "x (J42)")]

    rows = relate(notes, entries).rows

    assert [(row.code, row.relation, row.target) for row in rows] == [
        ("J42", "excludes1", Target("I05", "I05")), ("I05", "excludes2", Target("J42", "J42"))]


def test_unspecified_code_is_redundant_under_its_node() -> None:
    entries = {"M17": (0, "Osteoarthritis of knee"), "M170": (1, "Bilateral primary"),
               "M179": (1, "Osteoarthritis of knee, unspecified")}

    assert [(row.code, row.relation, row.target.first) for row in relate([], entries).rows] == [
        ("M179", "redundant", "M17")]


@pytest.mark.skipif(not TABULAR.is_file(), reason="no copy of the tabular list in ../shared/refdata")
class TestPublished:
    def test_fewer_than_three_in_a_hundred_notes_are_not_understood(self) -> None:
        tabular = read_tabular(open_documents(TABULAR)[0])

        relations = relate(tabular.notes, tabular.entries)

        assert {name: relations.share_unclear(name) < 0.03 for name in (
            "excludes1", "excludes2", "code_first", "use_additional")} == dict.fromkeys(
                ("excludes1", "excludes2", "code_first", "use_additional"), True)
        assert relations.counts["excludes1", "unclear"] == 6
        assert relations.counts["excludes1", "prose"] == 71
        assert sum(count for (name, _), count in relations.counts.items() if name == "excludes1") == 5_392
        assert len(relations.unclear) == 18

    def test_import_says_how_the_notes_were_read_and_stays_small(self, tmp_path: Path) -> None:
        store = Store(tmp_path)

        done = {one.table: one for one in import_files([TABULAR], store)}

        assert "6 not understood" in done["dx_relation"].note
        assert len(done["dx_relation"].details) == 18
        assert done["dx_relation"].rows < 15_000
        assert store.editions("dx_relation")[0].manifest().size < 2_000_000
        assert store.verify()[0].problem == ""

    def test_every_excludes1_row_names_codes_of_the_list(self) -> None:
        tabular = read_tabular(open_documents(TABULAR)[0])
        codes = Codes(list(tabular.entries))

        rows = [row for row in relate(tabular.notes, tabular.entries).rows if row.reading == "read"]

        assert rows
        assert not [row for row in rows if not codes.has(row.target)]
