"""Input that somebody made to break a run: refused, or bounded, and what stands beside it goes on."""

import csv
import datetime as dt
import io
import json
import os
import re
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import table_files
from lxml import html as lxml_html
from processes import inherited
from reports import flag, report
from test_cli import STARTER, run
from test_tables_refusals import refuse

from scrubber.engine import Scrubber
from scrubber.errors import ClaimError, TableError
from scrubber.model.claim import Claim, Line
from scrubber.model.flag import Unreadable
from scrubber.readers.authorizations import read_authorizations
from scrubber.rules.pattern_cost import MOST, ways
from scrubber.rules.settings import SettingError, read_setting
from scrubber.tables.importers import documents
from scrubber.tables.importers.tabular import read_tabular
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store
from scrubber.writers import csv as csv_writer
from scrubber.writers import html as html_writer
from scrubber.writers.jsonl import FlagLines, dumps
from scrubber.writers.text import TextWriter

AS_OF = dt.date(2026, 3, 31)
DAY = dt.date(2026, 1, 10)
HEAD = ("ISA*00*          *00*          *ZZ*SUB            *ZZ*REC            *260302*1200*^*00501*000000001*0*T*:~"
        "GS*HC*SUB*REC*20260302*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*1*20260302*1200*CH~"
        "HL*1**20*1~NM1*85*2*GROUP*****XX*1999000015~")
PERSON = "HL*{level}*1*22*0~SBR*P*18*******MB~NM1*IL*1*A*B****MI*{member}~DMG*D8*19500101*M~NM1*PR*2*P*****PI*DEMO~"
CLAIM = "CLM*{id}*100***11:B:1*Y*A*Y*Y~HI*ABK:I10~"
LINE = "LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260110~"
TAIL = "SE*1*0001~GE*1*1~IEA*1*000000001~"
ESCAPES = "\x1b[2J\x9b31m\x07\u202e"


@cache
def scrubber(workers: int = 1) -> Scrubber:
    return Scrubber(as_of=AS_OF, policies=False, workers=workers)


def line(code: str = "99213", day: dt.date = DAY) -> Line:
    return Line(code=code, charge=Decimal(100), date=day, pointers=(1,))


def claim(id: str, lines: int = 1, member: str = "M1", **more: object) -> Claim:
    return Claim.model_validate({"id": id, "payer": "medicare", "member": member, "pos": "11", "diagnoses": ("I10",),
                                 "lines": (line(),) * lines, **more})


def x12(*claims: str) -> bytes:
    """One patient with these claims."""
    return (HEAD + PERSON.format(level=2, member="M1") + "".join(claims) + TAIL).encode()


# More than any patient has.

@pytest.mark.parametrize("workers", [1, 3])
def test_a_day_of_more_lines_than_any_patient_has_is_set_aside_and_the_others_go_on(workers: int) -> None:
    crowd = [claim(f"CROWD{number}", 50) for number in range(41)]

    found = scrubber(workers).scrub([claim("ONE", member="M2"), *crowd, claim("TWO", member="M3")])

    assert [ref.claim for ref in found.claims] == ["ONE", "TWO"]
    assert [record.claim for record in found.unreadable] == [each.id for each in crowd]
    assert {record.claim_position for record in found.unreadable} == set(range(2, 43))
    assert "more than 2,000 lines on one day" in found.unreadable[0].problem
    assert (found.run["claims"], found.run["set_aside"]) == (2, 41)
    assert {item.claim for item in found.flags} <= {"ONE", "TWO", ""}


def test_two_thousand_lines_on_a_day_are_still_scrubbed() -> None:
    found = scrubber().scrub([claim(f"C{number}", 50) for number in range(40)])

    assert (found.run["claims"], found.run["lines"], found.run["set_aside"]) == (40, 2000, 0)


def test_a_flag_names_at_most_a_hundred_lines_beside_it() -> None:
    found = scrubber().scrub([claim(f"C{number}", 50) for number in range(4)])

    assert max(len(item.related) for item in found.flags) == 100


def test_more_lines_of_one_patient_than_a_life_holds_are_set_aside() -> None:
    claims = [claim(f"C{number}").model_copy(update={"lines": tuple(
        line(day=dt.date(2020, 1, 1) + dt.timedelta(days=number)) for _ in range(50))}) for number in range(401)]

    found = scrubber().scrub(claims)

    assert (found.run["claims"], found.run["set_aside"]) == (0, 401)


@pytest.mark.parametrize(("segment", "count"), [
    ("HI*ABF:E119~", 255), ("SBR*S*18*******CI~OI***Y***Y~NM1*PR*2*O*****PI*P1~", 256),
    ("NM1*82*1*DR*WHO****XX*1558000034~", 10_001), ("REF*G1*A1~", 10_001)])
def test_a_claim_of_more_of_anything_than_can_be_is_set_aside_and_the_next_is_read(segment: str, count: int) -> None:
    found = scrubber().scrub(x12(CLAIM.format(id="BAD") + segment * count + LINE)
                             .replace(TAIL.encode(), (PERSON.format(level=3, member="M2") + CLAIM.format(id="GOOD")
                                                      + LINE + TAIL).encode()))

    assert [ref.claim for ref in found.claims] == ["GOOD"]
    assert [record.claim for record in found.unreadable] == ["BAD"]


def test_checking_a_claim_that_holds_too_much_is_no_clean_answer() -> None:
    with pytest.raises(ClaimError, match="more than 255 diagnoses"):
        scrubber().check(claim("C1", diagnoses=("I10",) * 256))

    assert isinstance(scrubber().check(claim("C1")), list)


def test_a_crowd_that_would_be_hours_of_each_against_each_is_set_aside_to_the_last_claim() -> None:
    data = x12(*(CLAIM.format(id=f"C{number}") + LINE for number in range(40_020)))

    assert scrubber().scrub(data).run["set_aside"] == 40_020


# X12.

@pytest.mark.parametrize("levels", [
    "".join(f"HL*{number}*{number + 1}*22*1~" for number in range(2, 50)),                      # each under the next
    "HL*2*2*22*1~" * 50,                                                                        # each under itself
    "".join(f"HL*{number}*1*22*0~" for number in range(2, 100_000)),
    "".join(f"HL*{number}*{number - 1}*22*1~" for number in range(2, 100_000))])
def test_levels_in_circles_or_without_end_lose_no_claim(levels: str) -> None:
    data = (HEAD + levels + PERSON.format(level=100_001, member="M1") + CLAIM.format(id="C1") + LINE + TAIL).encode()

    found = scrubber().scrub(data)

    assert len(found.claims) + len(found.unreadable) >= 1
    assert "C1" in [ref.claim for ref in found.claims] + [record.claim for record in found.unreadable]


def test_a_segment_that_never_ends_costs_a_bounded_piece_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "endless.837"
    with path.open("wb") as file:
        file.write(x12(CLAIM.format(id="C1") + LINE).replace(TAIL.encode(), b"NTE*ADD*"))
        file.truncate(400 << 20)                     # zeros, none of them on the disk

    small = tmp_path / "small.837"
    small.write_bytes(x12(CLAIM.format(id="C1") + LINE))

    few = _peak_of("scrub", str(small), "--format", "none")

    assert _peak_of("scrub", str(path), "--format", "none") < few + (64 << 20)


def test_segments_without_end_through_a_pipe_cost_no_memory() -> None:
    begin = x12(CLAIM.format(id="C1") + LINE).removesuffix(TAIL.encode())
    few = _peak_of("scrub", "-", "--format", "none", pipe=_stream(begin, 1))
    many = _peak_of("scrub", "-", "--format", "none", pipe=_stream(begin, 200))

    assert many < few + (64 << 20)


def _stream(begin: bytes, megabytes: int) -> Iterator[bytes]:
    yield begin
    block = b"REF*ZZ*12345678~" * (1 << 16)
    for _ in range(megabytes):
        yield block
    yield TAIL.encode()


def _peak_of(*args: str, pipe: Iterator[bytes] | None = None) -> int:
    """Most memory of a command, in bytes; it has to end by itself, and without a traceback."""
    code = ("import resource, sys\nfrom scrubber.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
            "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)")
    with subprocess.Popen([sys.executable, "-c", code, *args], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=inherited(STARTER)) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        for block in pipe or ():
            process.stdin.write(block)
        process.stdin.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    assert process.returncode in (0, 1, 2)
    return int(said.split()[-1]) << 10


@pytest.mark.parametrize("bytes_", [b"\0", b"\xff\xfe\xfd", b"\xc3", b"\x1b[2J", "é\u202e".encode(), b"\x80" * 200])
@pytest.mark.parametrize("place", ["CLM*", "NM1*IL*1*", "SV1*HC:", "REF*G1*", "HI*ABK:"])
def test_bytes_that_are_no_text_are_read_as_something_and_lose_no_claim(bytes_: bytes, place: str) -> None:
    data = x12(CLAIM.format(id="C1").replace("~HI", "~REF*G1*A1~HI") + LINE)
    data = data.replace(place.encode(), place.encode() + bytes_)

    found = scrubber().scrub(data)
    shown = io.StringIO()
    TextWriter(shown).write(found)

    assert len(found.claims) + len(found.unreadable) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown.getvalue())


@pytest.mark.parametrize("amount", [
    "9" * 400, "1e999999999", "-" * 50, "0." + "0" * 5000 + "1", "99999999999999999999.99"])
def test_amounts_of_any_size_are_no_overflow(amount: str) -> None:
    found = scrubber().scrub(x12(CLAIM.format(id="C1") + LINE.replace("*100*UN*1*", f"*{amount}*UN*{amount}*")))

    assert len(found.claims) + len(found.unreadable) == 1
    assert all(abs(item.charge_at_risk_cents) <= 10**14 for item in found.flags)


# JSON and CSV.

@pytest.mark.parametrize("data", [
    b"[" * 100_000, b'{"a":' * 100_000, b'[{"number": ' + b"[" * 100_000, b'[{"number": ' + b"1" * 100_000 + b"}]"])
def test_json_of_authorizations_that_is_nested_or_large_without_end_is_one_message(data: bytes) -> None:
    with pytest.raises(ClaimError, match=r"nested too deeply|thousands of digits|not JSON"):
        read_authorizations(data)


@pytest.mark.parametrize("data", [
    b'[{"number": "A", "units": Infinity}]', b'[{"number": "A", "units": NaN}]', b'[{"number": "A", "units": 1e999}]',
    b'[{"number": "A", "units": {"a": 1}}]', b'[{"number": "A", "codes": [[[["x"]]]]}]',
    b"number,codes\nA," + b"99213-99214;" * 20_000 + b"x\n", b"number,from\nA,0000-00-00\n",
    b"number,to\nA,9999-99-99\n",
    b"number,\xc0\xaf\nA,1\n", b'number,codes\nA,"' + b"x" * 200_000, b"number" + b",a" * 100_000 + b"\nA\n",
    b"number,from,to\n" + b"".join(b"A,2026-01-%02d,2026-01-%02d\n" % (i % 28 + 1, i % 28 + 1) for i in range(1100))])
def test_rubbish_in_authorizations_is_one_message_without_its_values(data: bytes) -> None:
    with pytest.raises(ClaimError) as caught:
        read_authorizations(data)

    assert len(str(caught.value)) < 5000


def test_a_table_with_long_fields_is_no_leave_for_long_ones_in_authorizations(tmp_path: Path) -> None:
    table = b"a,b,c\n1,2," + b"x" * 200_000 + b"\n"
    document = documents.Document("table.csv", "", tmp_path / "table.csv", lambda limit: table[:limit])
    assert [len(cells[2]) for _, cells in document.rows()] == [1, 200_000]

    with pytest.raises(ClaimError, match="no CSV"):
        read_authorizations(b"number,codes\nA," + b"99213;" * 40_000 + b"99214\n")


def test_a_thousand_periods_of_one_number_are_the_most() -> None:
    rows = [{"number": "A", "from": f"{1000 + year}-01-01", "to": f"{1000 + year}-12-31"} for year in range(1500)]

    with pytest.raises(ClaimError, match="row 1001: number: stands in more than 1,000 rows"):
        read_authorizations(json.dumps(rows).encode())


@pytest.mark.parametrize("data", [
    b"[" * 100_000, b'{"claims": ' * 100_000, b"{" + b'"a":{' * 100_000,
    b'{"id": "C1", "total": ' + b"9" * 10_000 + b"}",
    b'{"id": "C1", "lines": [{"code": "99213", "date": "2026-01-10", "units": 1e99999}]}'])
def test_json_claims_nested_or_large_without_end_are_one_message(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "claims.json").write_bytes(data)

    result = run("scrub", str(tmp_path / "claims.json"), "--format", "none")

    assert result.exit_code == 2
    assert len(result.stderr) < 1000
    assert "Traceback" not in result.stderr


def test_history_that_is_rubbish_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "claims.json").write_text(claim("C1").model_dump_json())
    (tmp_path / "history.json").write_bytes(b"[" * 100_000)

    result = run("scrub", str(tmp_path / "claims.json"), "--history", str(tmp_path / "history.json"))

    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.stderr


def test_keys_that_are_no_fields_are_not_repeated() -> None:
    record = scrubber().scrub(json.dumps({"id": "C1", "\x1b[2J SMITH, JOHN": 1}).encode()).unreadable[0]

    assert record.element == "/*"
    assert "SMITH" not in record.model_dump_json()


@pytest.mark.parametrize("amount", ["1E+2", "100.005", "0.33333333333", "99999999999.999", "-0.0000001", "1E-20"])
def test_amounts_finer_or_shorter_than_cents_are_rounded(amount: str) -> None:
    fine = claim("C1").model_copy(update={"lines": (line().model_copy(
        update={"charge": Decimal(amount), "units": Decimal(amount)}),)})

    assert len(scrubber().scrub([fine]).claims) == 1
    assert isinstance(scrubber().check(fine), list)


# What is written.

@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n@", " =", "\u00a0=", "＝", "\x00="])
def test_no_cell_of_csv_is_a_formula(start: str) -> None:
    evil = start + 'HYPERLINK("x")'
    made = flag(claim=evil, file=evil, message=evil, fix=evil, case=evil, diagnoses=(evil,), reason=evil,
                related=({"claim": evil, "line": 1},), root=evil, queue=evil)
    bad = Unreadable(file=evil, claim_position=1, claim=evil, segment=1, loop=evil, element=evil, problem=evil)
    stream = io.StringIO()

    csv_writer.write(report([made], unreadable=(bad,)), stream)

    cells = [cell for row in csv.reader(io.StringIO(stream.getvalue())) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" \t\r\n\u00a0").startswith(tuple("=+-@＝＋－＠"))]
    assert not [cell for cell in cells if re.search("[\x00-\x1f]", cell)]


def test_nothing_of_a_claim_drives_a_terminal() -> None:
    evil = f"C1{ESCAPES}"
    made = flag(claim=evil, file=evil, message=evil, fix=evil, case="a", diagnoses=(evil,), root=evil,
                related=({"claim": evil, "line": 1},))
    bad = Unreadable(file=evil, claim_position=1, claim=evil, segment=1, loop=evil, element=evil, problem=evil)
    stream = io.StringIO()

    TextWriter(stream).write(report([made], unreadable=(bad,)))
    lines = FlagLines().line(made) + dumps(bad.model_dump(mode="json"))

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", stream.getvalue())
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", lines)
    assert json.loads(FlagLines().line(made))["claim"] == evil


def test_messages_on_standard_error_drive_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.837"
    path.write_bytes(b"no claim")

    result = run("scrub", str(path))

    assert result.exit_code == 2
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("field", ["diagnoses", "related", "root", "reason", "queue"])
def test_markup_in_any_field_stays_text_on_the_page(field: str) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>]]>--><!--"
    value = {"diagnoses": (evil,), "related": ({"claim": evil, "line": 1},)}.get(field, evil)
    stream = io.StringIO()

    html_writer.write(report([flag(**{field: value})]), stream)

    tree = lxml_html.fromstring(stream.getvalue())
    assert len(tree.xpath("//script")) == 2
    assert tree.xpath("//img") == []
    shown = json.loads(tree.get_element_by_id("data").text or "")["flags"][0]
    assert evil in str(shown).replace("</s.cript", "</script")      # a diagnosis is shown with its dot


# Rules and profiles.

@pytest.mark.parametrize("pattern", [
    "(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "(a?){30}a{30}", "a?" * 30 + "a" * 30,
    "(\\w+\\s?)*b",
    "((a{1,9}){1,9}){1,9}b", "(?=(a+))\\1b", "a{1,80}a{1,80}a{1,80}a{1,80}", "(?:x+x+)+y"])
def test_a_pattern_that_could_hold_a_run_for_years_is_refused(pattern: str) -> None:
    with pytest.raises(SettingError, match="so many ways"):
        read_setting("member_id", pattern)


@pytest.mark.parametrize("pattern", [
    "[A-Z][0-9]{9}", "[1-9][AC-HJKMNP-RT-Y]{2}[0-9]*", "(W|X|YY)[0-9]{8,9}(0[0-9])?", "[A-Z]{3}[0-9A-Z]+", ".*",
    ".+-.+"])
def test_patterns_of_member_ids_are_taken(pattern: str) -> None:
    assert ways(pattern) <= MOST
    assert read_setting("member_id", pattern) == pattern


def test_a_member_id_of_megabytes_is_no_work() -> None:
    found = scrubber().scrub([claim("C1", member="1" * 1_000_000)])

    assert found.run["claims"] == 1


@pytest.mark.parametrize("text", [
    "a: " * 1000, "[" * 5000, "{" * 5000, "- " * 5000 + "x", "? " * 5000, "a: !!python/object/apply:os.system [x]\n",
    "a: &x [*x]\n", "'" + "k" * 100_000 + "': 1\n", "%YAML 9.9\n---\na: 1\n",
    "a: |\n" + "  x\n" * 400_000, "\n".join(f"k{n}: v" for n in range(150_000))])
def test_yaml_that_is_made_to_hurt_is_a_list_of_problems(tmp_path: Path, text: str) -> None:
    (tmp_path / "profile.yaml").write_text(text)

    result = run("rules", "--rules", str(tmp_path))

    assert result.exit_code == 2
    assert "Traceback" not in result.output


# Tables.

DTD = '<!DOCTYPE ICD10CM.tabular [{}]>\n<ICD10CM'


def test_entities_in_another_encoding_are_seen_too(tmp_path: Path) -> None:
    text = table_files.TABULAR.partition("?>")[2] if table_files.TABULAR.startswith("<?xml") else table_files.TABULAR
    data = text.replace("<ICD10CM", DTD.format("<!ENTITY a 'b'>"), 1).encode("utf-16")
    source = documents.SourceFile(name="x", sha256="0" * 64)

    with pytest.raises(TableError, match="declares entities"):
        read_tabular(documents.Document("icd10cm_tabular_2026.xml", "", source, lambda limit: data[:limit]))


@pytest.mark.parametrize("change", [
    lambda text: text.replace("<ICD10CM", DTD.format('<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">'), 1),
    lambda text: text.replace("<ICD10CM", DTD.format('<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;'), 1),
    lambda text: text.replace("<ICD10CM", '<!DOCTYPE ICD10CM.tabular SYSTEM "http://127.0.0.1:1/x.dtd">\n<ICD10CM', 1),
    # Where the first kilobytes hold nothing of it.
    lambda text: text.replace("<ICD10CM", "<!--" + " " * 9000 + "-->"
                              + DTD.format('<!ENTITY a SYSTEM "file:///etc/passwd">'), 1),
    lambda text: text.replace("<ICD10CM", "<!--<ICD10CM.tabular -->" + "<!--" + "x" * 9000 + "-->"
                              + DTD.format("<!ENTITY a '" + "b" * 1000 + "'>" + "".join(
                                  f"<!ENTITY a{n} '{f'&a{n - 1 or str()};' * 30}'>" for n in range(1, 9))), 1)])
def test_a_list_of_diagnoses_that_declares_anything_is_refused(tmp_path: Path, change: "object") -> None:
    assert callable(change)
    path = tmp_path / "icd10cm_tabular_2026.xml"
    path.write_text(change(table_files.TABULAR))

    refuse([path], Store(tmp_path / "store"), "declares entities")


def test_xml_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "icd10cm_tabular_2026.xml"
    path.write_text(table_files.TABULAR.replace("<chapter>", "<chapter>" + "<diag>" * 100_000, 1))

    with pytest.raises(TableError):
        import_files([path], Store(tmp_path / "store"))


def test_a_zip_within_a_zip_is_opened_once_and_no_deeper(tmp_path: Path) -> None:
    inner = table_files.zipped(table_files.mue(tmp_path, ["A0080,1,1 Line Edit,Other"]), "mue.zip").read_bytes()
    for depth in range(3):
        path = tmp_path / f"depth{depth}.zip"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("in.zip", inner)
        inner = path.read_bytes()

    refuse([tmp_path / "depth1.zip"], Store(tmp_path / "store"), "of no known format")


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU25_OCT.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("PPRRVU2025_Oct.csv", b"0" * (8 << 20))
    data = bytearray(path.read_bytes())
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        data[at:at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    tracemalloc.start()

    refuse([path], Store(tmp_path / "store"), "PPRRVU")

    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_link_in_an_archive_is_read_as_the_text_it_is(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("A0080,1,1 Line Edit,Other")
    member = zipfile.ZipInfo("MCR_MUE_PractitionerServices_Eff_04-01-2026.csv")
    member.external_attr = 0o120777 << 16
    path = tmp_path / "mue.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(member, str(secret))

    refuse([path], Store(tmp_path / "store"), "of no known format")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "AOC_V2026Q2-MCR.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(20):
            sheet.write(bytes(1 << 20))

    refuse([path], Store(tmp_path / "store"), "would unpack to")


@pytest.mark.parametrize("sheet", [
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(9)) + "]><worksheet>&a8;</worksheet>",
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>',
    '<worksheet><sheetData><row r="1048577000"><c r="ZZZZZ999999999"><v>1</v></c></row></sheetData></worksheet>',
    "<worksheet><sheetData>" + "<row>" * 50_000])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_xml_in_a_workbook_is_bounded(tmp_path: Path, sheet: str, part: str) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Type", "Add-on", "Primary"])
    book.save(tmp_path / "good.xlsx")
    path = tmp_path / "AOC_V2026Q2-MCR.xlsx"
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in {*good.namelist(), part}:
            file.writestr(name, sheet if name == part else good.read(name))

    with pytest.raises(TableError):
        import_files([path], Store(tmp_path / "store"))


def test_memory_is_bounded_where_a_member_unpacks_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_TOTAL", 1 << 20)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(100):
            file.writestr(f"{number}.csv", os.urandom(20_000))

    refuse([path], Store(tmp_path / "store"), "holds more than any published table")


# Splitting a batch.

def test_levels_nested_without_end_are_split_too(tmp_path: Path) -> None:
    levels = "".join(f"HL*{number}*{number - 1}*22*1~" for number in range(2, 5000))
    path = tmp_path / "deep.837"
    path.write_text(HEAD + levels + PERSON.format(level=5000, member="M1").replace("*1*22*0", "*4999*22*0")
                    + CLAIM.format(id="C1") + LINE + TAIL)

    result = run("scrub", str(path), "--format", "none", "--split", str(tmp_path / "out"))
    written = [(tmp_path / "out" / name).read_text() for name in ("clean.837", "held.837")]

    assert "Traceback" not in result.output
    assert result.exit_code in (0, 1)
    assert [text.count("CLM*C1*") for text in written] in ([0, 1], [1, 0])
    assert sum(text.count("HL*") for text in written) == 5000
