"""Nothing that says who a patient is leaves the program, but in the claims that a split copies.

Every place of every format that may hold a person is given a marker of its own; everything that is written is searched
for them, in capitals, without blanks, and dates in every form. CLM01, the claim's own number, is how flags name it.
"""

import datetime as dt
import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from processes import inherited
from pydantic import ValidationError
from test_cli import STARTER
from test_hostile import HEAD, TAIL

from scrubber._batch import ClaimBatch
from scrubber.engine import Scrubber
from scrubber.errors import ClaimError, ScrubberError, TableError
from scrubber.model.authorization import Authorization
from scrubber.model.claim import Claim, Line, OtherPayer, Patient, Provider, Subscriber
from scrubber.readers.authorizations import read_authorizations
from scrubber.report import Report
from scrubber.tables.importing import import_files
from scrubber.tables.store import Store
from scrubber.writers.files import send
from scrubber.writers.parquet import to_arrow

AS_OF = dt.date(2026, 3, 31)
# Names, ids and free text all begin alike; days and numbers are none of those that the claims bill with.
DATES = ("19371123", "1937-11-23", "19481204", "1948-12-04", "19990213", "1999-02-13")
NUMBERS = ("5558675309", "987654321", "378991234")
WRITTEN_DATES = ("11/23/1937", "23.11.1937", "Nov 23, 1937", "12/04/1948", "02/13/1999")

SUBSCRIBER = (
    "SBR*P*18*ZQXGROUP1*ZQXPLAN NAME*****MB~NM1*IL*1*ZQXLAST*ZQXFIRST*ZQXMIDDLE*ZQXPFX*ZQXSFX*MI*ZQX900001~"
    "N3*12 ZQXSTREET*APT ZQXB~N4*ZQXCITY*GA*378991234~DMG*D8*19371123*F~REF*SY*987654321~REF*Y4*ZQXCASE1~"
    "PER*IC*ZQXCONTACT*TE*5558675309*EX*ZQX77~NM1*PR*2*PAYER*****PI*DEMO~N3*1 PAYER~N4*ATLANTA*GA*303081111~")
DEPENDENT = (
    "PAT*19**20**D8*19990213~NM1*QC*1*ZQXCHILD*ZQXKID*ZQXM***MI*ZQX900003~N3*13 ZQXSTREET~N4*ZQXTOWN*GA*378991234~"
    "DMG*D8*19481204*M~REF*Y4*ZQXCASE2~REF*SY*987654321~PER*IC*ZQXCONTACT*TE*5558675309~")
CLAIM = (
    "CLM*{id}*100***11:B:1*Y*A*Y*Y*P*AA:::GA~DTP*439*D8*20260105~REF*EA*ZQXRECORD~REF*D9*ZQXTRACE~REF*P4*ZQXPROJECT~"
    "K3*ZQXFIXED FORMAT~NTE*ADD*ZQXNOTE THE PATIENT ZQXLAST BORN 11/23/1937~HI*ABK:I10*ABF:E119~"
    "NM1*82*1*ZQXDOC*ZQXDOCFIRST****XX*1558000034~NM1*PW*2~N3*12 ZQXSTREET~N4*ZQXCITY*GA*378991234~"
    "SBR*S*01*ZQXGROUP2*ZQXOTHERPLAN*****CI~CAS*PR*1*10~AMT*D*5~OI***Y***Y~"
    "NM1*IL*1*ZQXSPOUSE*ZQXSPFIRST****MI*ZQX900004~N3*14 ZQXSTREET~N4*ZQXCITY*GA*378991234~REF*SY*987654321~"
    "NM1*PR*2*OTHER*****PI*OTHER~REF*F8*ZQXCONTROL~"
    "LX*1~SV1*HC:64483:50::::ZQXDESCRIPTION*100*UN*2*11**1:2~PWK*OZ*BM***AC*ZQXATTACH~DTP*472*D8*20260110~"
    "REF*6R*ZQXLINE~NTE*ADD*ZQXLINENOTE~LIN**N4*50242006001~CTP****16*ML~REF*VY*ZQXLINK~"
    "NM1*DK*1*ZQXORDER*ZQXORDERFIRST****XX*1999000015~N3*15 ZQXSTREET~N4*ZQXCITY*GA*378991234~"
    "PER*IC*ZQXPER*TE*5558675309~"
    "LQ*UT*04.04~FRM*1**ZQXANSWER~LX*2~SV1*HC:99213*100*UN*1***9~DTP*472*D8*20260110~")
BATCH = (HEAD + "HL*2*1*22*0~" + SUBSCRIBER + CLAIM.format(id="C1") + "HL*3*1*22*1~" + SUBSCRIBER.replace("*18*", "**")
         + "HL*4*3*23*0~" + DEPENDENT + CLAIM.format(id="C2") + CLAIM.format(id="C3") + TAIL)
PERSON = {"key": "ZQX900005", "birth": "1937-11-23", "death": "1999-02-13", "sex": "F", "last": "ZQXLAST"}
JSON_CLAIM = {
    "id": "C1", "payer": "medicare", "member": "ZQX900001", "pos": "11", "diagnoses": ["I10"], "patient": PERSON,
    "subscriber": {"entity": "person", "last": "ZQXLAST"},
    "others": [{"payer": "OTHER", "member": "ZQX900004", "responsibility": "S", "paid": 5}],
    "billing": {"role": "billing", "tax_id": "987654321", "tax_id_kind": "SY", "street": "12 ZQXSTREET",
                "city": "ZQXCITY", "state": "GA", "zip": "378991234"},
    "lines": [{"code": "64483", "modifiers": ["50"], "units": 2, "charge": 100, "date": "2026-01-10"},
              {"code": "99213", "charge": 100, "date": "2026-01-10", "pointers": [9]}],
}
AUTHS = ("number,kind,payer,member,patient,npi,codes,units,uom,from,to,status\n"
         "A1,authorization,DEMO,ZQX900001,ZQX PATIENT,1999000015,64483,1,unit,2026-01-01,2026-03-31,A\n")


def found_in(text: str | bytes) -> list[str]:
    """The markers in what was written."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    capitals = shown.upper()
    joined = re.sub(r"[^A-Z0-9]", "", capitals)
    return sorted({*re.findall(r"ZQ\W?X\w*", capitals), *re.findall(r"ZQX[A-Z0-9]{0,8}", joined),
                   *(each for each in (*DATES, *WRITTEN_DATES) if each.upper() in capitals),
                   *(each for each in NUMBERS if re.search(rf"(?<!\d){each}(?!\d)", re.sub(r"[-() ]", "", capitals)))})


@cache
def scrubber(policies: bool = True) -> Scrubber:
    return Scrubber(as_of=AS_OF, policies=policies, auths=read_authorizations(AUTHS.encode()))


def everything_of(report: Report) -> Iterator[str]:
    """All that a report is written as."""
    for form in ("text", "jsonl", "csv", "sarif", "html"):
        stream = io.StringIO()
        send(report, stream, form, color=form == "text")  # type: ignore[arg-type]
        yield stream.getvalue()
    counts = io.StringIO()
    send(report, counts, "text", statistics=True)
    yield counts.getvalue()
    table = to_arrow(report)
    yield f"{table.to_pylist()} {table.schema.metadata}"
    yield f"{report!r} {report.flags!r} {report.run} {report.answers} {list(report.claims)} {report.unreadable!r}"


def broken(text: str) -> Iterator[str]:
    """An 837 with each segment that holds a marker hurt in every way."""
    segments = text.split("~")
    marked = [place for place, segment in enumerate(segments) if found_in(segment)]
    for place in marked:
        before, own, after = segments[:place], segments[place], segments[place + 1:]
        tag, _, rest = own.partition("*")
        yield "~".join([*before, own[:-2]])                                   # the file ends in it
        yield "~".join([*before, own + "*" + (after[0] if after else ""), *after[1:]])
        yield "~".join([*before, f"{tag}**{rest}", *after])                   # every element one place on
        yield "~".join([*before, f"{tag}*{rest.partition('*')[2]}", *after])  # and one place back
        yield "~".join([*before, own.replace("*", ":"), *after])
        yield "~".join([*before, rest, *after])                               # the segment's id is a value
        yield "~".join([*before, own + "\x01\xe9", own, *after])


def test_the_markers_are_found_where_they_stand() -> None:
    assert len(found_in(BATCH)) > 30
    assert len(found_in(json.dumps(JSON_CLAIM))) > 5
    assert found_in("Born Nov 23, 1937; Zqx Last, 555-867-5309") == ["5558675309", "Nov 23, 1937", "ZQX", "ZQXLAST5558"]
    assert found_in("64483 on 2026-01-10 for C1") == []


@pytest.mark.parametrize("keep_all", [False, True])
def test_a_batch_is_told_of_without_its_patients(keep_all: bool) -> None:
    report = scrubber().scrub(BATCH.encode(), keep_all=keep_all)

    assert report.run["claims"] == 3
    assert len(report.flags) > 10
    assert [found_in(text) for text in everything_of(report)] == [[]] * 8


def test_broken_segments_are_told_of_without_what_stood_in_them() -> None:
    failed = 0
    for text in broken(BATCH):
        try:
            report = scrubber(policies=False).scrub(text.encode("latin-1"), keep_all=True)
        except ScrubberError:
            failed += 1
            continue
        stream = io.StringIO()
        send(report, stream, "jsonl")
        send(report, stream, "text")
        assert found_in(stream.getvalue()) == [], text
        assert len(report.claims) + len(report.unreadable) >= 1

    assert failed == 0


def _json_faults() -> Iterator[object]:
    """The claim with each person's field of a wrong kind, and fields that there are none of."""
    paths = [("member",), ("patient", "birth"), ("patient", "death"), ("patient", "sex"), ("patient", "key"),
             ("patient", "last"), ("patient",), ("subscriber",), ("subscriber", "last"), ("billing", "street"),
             ("others",), ("billing", "tax_id"), ("id",), ("frequency",), ("kind",), ("total",), ("lines",)]
    for path in paths:
        for wrong in ({"ZQX KEY": "ZQXVALUE"}, ["ZQX"], "ZQX 1937-11-23", 19371123, "19371123",
                      True, "ZQX" * 2_000_000):
            if path == ("total",) and str(wrong) == "19371123":
                continue                             # an amount like another
            made = json.loads(json.dumps(JSON_CLAIM))
            inner = made
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = wrong
            if path == ("id",):
                made["id"] = {"ZQX": "ZQXID"}
            yield made
    yield {**JSON_CLAIM, "patient_name": "ZQXLAST, ZQXFIRST"}
    yield {**JSON_CLAIM, "ZQXLAST": {"birth": "1937-11-23"}}
    yield {"ZQX900001": JSON_CLAIM}
    yield [["ZQXLAST", "19371123"]]
    yield "ZQXLAST 19371123"


def _told_of(data: bytes) -> str:
    """What is said of an input, or why it is refused."""
    stream = io.StringIO()
    try:
        report = scrubber(policies=False).scrub(data)
    except ScrubberError as error:
        return "".join(traceback.format_exception(error))
    send(report, stream, "jsonl")
    send(report, stream, "text")
    return stream.getvalue()


def test_json_claims_good_and_bad_are_told_of_without_their_patients() -> None:
    good = scrubber().scrub(json.dumps(JSON_CLAIM).encode(), keep_all=True)
    assert good.run["claims"] == 1
    assert [found_in(text) for text in everything_of(good)] == [[]] * 8

    for each in _json_faults():
        for text in (json.dumps([each]), json.dumps(each), json.dumps(each)[:-3]):
            assert found_in(_told_of(text.encode())) == [], text[:1000]


@pytest.mark.parametrize("change", [
    ("ZQX900001", '"ZQX900001'), ("1,unit", "ZQX,unit"), ("2026-01-01", "1937-11-23x"), ("2026-03-31", "ZQX"),
    (",A\n", ",ZQX\n"),
    ("64483", "ZQX 64483 X;;ZQX"), ("number", "ZQXLAST"), ("patient", "ZQX PATIENT"), ("authorization", "ZQX"),
    ("A1,", ","), (",A\n", ",A,ZQXLAST,1937-11-23\n"), (",A\n", ",A\nA1,,DEMO,ZQX900001,,,64483,2,,2026-01-01,,A\n")])
def test_authorizations_that_cannot_be_read_are_told_of_without_their_patients(change: tuple[str, str]) -> None:
    with pytest.raises(ClaimError) as caught:
        read_authorizations(AUTHS.replace(*change).encode())

    # A column's name is shown, because it is one and not a patient's.
    assert change[0] in ("number", "patient") or found_in(str(caught.value)) == []


@pytest.mark.parametrize("row", [
    "ZQX900001234567890,DEMO,,", "ZQX900001,DEMO,11/23/1937,", "ZQX900001,DEMO,2026-02-01,1937-11-23"])
def test_eligibility_that_cannot_be_read_is_told_of_without_its_members(tmp_path: Path, row: str) -> None:
    path = tmp_path / "insured_2026.csv"
    path.write_text(f"member,payer,from,to\n{row}\n")

    with pytest.raises(TableError) as caught:
        import_files([path], Store(tmp_path / "store"))

    assert found_in(str(caught.value)) == []


def test_public_objects_show_nobody() -> None:
    claim = Claim.model_validate(JSON_CLAIM)
    batch = ClaimBatch()
    batch.append_claim(claim)
    provider = Provider(tax_id="987654321", street="12 ZQXSTREET")
    (row,) = read_authorizations(AUTHS.encode())
    shown = [claim, claim.patient, claim.subscriber, claim.others, claim.billing, claim.lines[0], [claim], row, batch,
             provider, Patient(last="ZQXLAST"), Subscriber(last="ZQXLAST"), OtherPayer(member="ZQX900004"), scrubber(),
             Authorization(number="A1", member="ZQX900001"), scrubber().check(claim)]

    assert [found_in(f"{each!r} {each!s} {each}") for each in shown] == [[]] * len(shown)
    assert repr(claim) == "<Claim 'C1': 2 lines>"


@pytest.mark.parametrize("change", [
    {"member": {"ZQX": "ZQX900001"}}, {"patient": {"birth": "ZQX 19371123"}}, {"patient": {"lastname": "ZQXLAST"}},
    {"subscriber": "ZQXLAST"}, {"lines": [{"code": "ZQX", "date": "1937-11-23x"}]}])
def test_errors_of_the_models_hold_no_values(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Claim.model_validate(JSON_CLAIM | change)

    assert found_in("".join(traceback.format_exception(caught.value))) == []


def test_a_claim_that_a_check_refuses_is_told_of_without_its_patient() -> None:
    claim = Claim.model_validate(JSON_CLAIM | {"diagnoses": ["I10"] * 300})

    with pytest.raises(ClaimError) as caught:
        scrubber().check(claim)

    assert found_in("".join(traceback.format_exception(caught.value))) == []


def test_logging_of_everything_logs_no_patient(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    scrubber().scrub(BATCH.encode())
    scrubber().scrub(json.dumps(JSON_CLAIM).encode())

    assert found_in(caplog.text) == []


# The commands, as processes: what they print, and every file that they leave.

LOUD = ("import logging, sys; logging.basicConfig(level=logging.DEBUG); from scrubber.cli import main; "
        "main(sys.argv[1:])")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("patients")
    (folder / "in").mkdir()
    (folder / "in" / "batch.837").write_text(BATCH)
    (folder / "in" / "claims.json").write_text(json.dumps([JSON_CLAIM]))
    (folder / "in" / "claims.ndjson").write_text(f"{json.dumps(JSON_CLAIM)}\n{json.dumps(JSON_CLAIM)}\n")
    (folder / "in" / "cut.837").write_text(BATCH[:len(BATCH) // 2])
    (folder / "in" / "cut.json").write_text(json.dumps(JSON_CLAIM)[:-9])
    (folder / "in" / "auths.csv").write_text(AUTHS)
    (folder / "in" / "insured_2026.csv").write_text("member,payer,from,to\nZQX900001,DEMO,2020-01-01,2020-12-31\n")
    return folder


def started(folder: Path, *args: str, code: str = LOUD) -> "subprocess.CompletedProcess[bytes]":
    # A sanitizer (ext/variant.py) is to leave the signals that are sent here to the process.
    environment = inherited(STARTER | {"SCRUBBER_CACHE": str(folder / "cache"), "TMPDIR": str(folder),
                                       "PYTHONDEVMODE": "1",
                                       "ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:handle_segv=0"})
    return subprocess.run([sys.executable, "-W", "ignore", "-c", code, *args], capture_output=True, check=False,
                          env=environment, cwd=folder)


@pytest.mark.parametrize("args", [
    ("tables", "import", "in/insured_2026.csv", "--tables", "tables"),
    ("scrub", "in/batch.837", "in/claims.json", "in/claims.ndjson", "--history", "in/batch.837",
     "--auths", "in/auths.csv", "--format", "jsonl", "--all", "--statistics", "--workers", "2", "--tables", "tables"),
    ("scrub", "in/batch.837", "--format", "html", "--output", "out.html", "--tables", "tables"),
    ("scrub", "in/batch.837", "--format", "none", "--split", "split"),
    ("scrub", "in/cut.837"), ("scrub", "in/cut.json"), ("scrub", "in/auths.csv"),
    ("scrub", "in/batch.837", "--auths", "in/cut.json"),
    ("scrub", "in/batch.837", "--history", "in/cut.837", "--output", "nowhere/out.csv", "--format", "csv")])
def test_a_command_prints_no_patient(folder: Path, args: tuple[str, ...]) -> None:
    result = started(folder, *args)

    assert result.returncode in (0, 1, 2), result.stderr
    assert b"Traceback" not in result.stderr
    assert [found_in(result.stdout), found_in(result.stderr)] == [[], []]


def test_no_file_that_is_left_holds_a_patient(folder: Path) -> None:
    ours = [path for path in folder.rglob("*") if path.is_file()
            and path.relative_to(folder).parts[0] not in ("in", "split")
            and path.relative_to(folder).parts[:2] != ("tables", "eligibility")]    # the practice's own list

    assert any(path.suffix == ".pickle" for path in ours)
    # In the bytes of a table any few letters come together by chance.
    marker = re.compile(rb"ZQX\w{4}|" + b"|".join(each.encode() for each in (*DATES, *WRITTEN_DATES)))
    assert {path.name: marker.findall(path.read_bytes()) for path in ours if marker.search(path.read_bytes())} == {}


CRASH = """
import ctypes, faulthandler, os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
faulthandler.enable()
from scrubber.engine import Scrubber
real = Scrubber._report
def crash(*args, **more):
    batch = args[1].rows("claims"), open(sys.argv[2], "rb").read()
    print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
    os.kill(os.getpid(), getattr(signal, sys.argv.pop()))
Scrubber._report = crash
from scrubber.cli import main
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="cores of Linux")
@pytest.mark.parametrize("signal_", ["SIGSEGV", "SIGABRT"])
def test_a_crash_leaves_no_core_and_no_values(folder: Path, signal_: str) -> None:
    result = started(folder, "scrub", "in/batch.837", code=CRASH.replace("sys.argv.pop()", repr(signal_)))

    assert result.returncode == -getattr(signal, signal_)
    assert result.stdout.split() == [b"0", b"0"]
    assert b"Fatal Python error" in result.stderr
    assert found_in(result.stdout + result.stderr) == []
    assert not [path for path in folder.iterdir() if path.name.startswith("core")]


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own switch")
def test_a_command_cannot_be_dumped() -> None:
    code = ("from scrubber._crash import leave_no_core\nimport ctypes\n"
            "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), leave_no_core(), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))")

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                            env=inherited())

    assert result.stdout.split()[1:] == ["True", "0"]


def test_a_line_shows_no_note() -> None:
    assert found_in(repr(Line.model_validate({"code": "99213", "date": "2026-01-10", "link": "ZQXLINK"}))) == []
