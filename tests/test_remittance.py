"""What payers answer: files that are 835s, files that are not, and what the answers come to in the store."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("alembic")
pytest.importorskip("cryptography")

from sqlalchemy import func, select
from stores import NOW, backends, store

from scrubber.errors import ClaimError
from scrubber.readers import remittance
from scrubber.readers.remittance import Adjustment, Answer, read_remittance
from scrubber.store import log, outcomes, remittances
from scrubber.store.database import Store
from scrubber.store.tables import Act, Batch, Cause, Claim, File, Override, Piece, Remit, User

WHO = log.Who(None, "anna")
ISA = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260301*1200*^*00501*000000001*0*P*:~"
ENDS = "SE*9*0001~GE*1*1~IEA*1*000000001~"


def file_of(*claims: str, isa: str = ISA, ends: str = ENDS, kind: str = "835") -> bytes:
    """An 835 with segments of claims."""
    return (isa + f"GS*HP*PAYER*CLINIC*20260301*1200*1*X*005010X221A1~ST*{kind}*0001~BPR*I*1*C*NON~TRN*1*1*1~LX*1~"
            + "".join(claims) + ends).encode()


PAID = "CLP*A1*1*300.5*200**12*1~CAS*CO*45*100.5~NM1*QC*1*DOE*JANE****MI*1~SVC*HC:99213:25*120*100**1~"


def test_claims_are_read_with_their_lines_and_adjustments() -> None:
    data = file_of(PAID + "REF*6R*2~CAS*CO*45*15**253*5*1~CAS*PR*2*-1~", "CLP*A2*4*80*0~SVC*NU:0424*80*0~CAS*PR*27*80~")

    first, second = read_remittance(data)

    assert (first.number, first.status, first.cents, first.paid_cents) == ("A1", "1", 30050, 20000)
    assert [each.code for each in first.adjustments] == ["CO-45"]
    assert [(each.code, each.cents, each.paid_cents, each.control) for each in first.lines] == [
        ("99213", 12000, 10000, "2")]
    assert first.lines[0].adjustments == [Adjustment("CO", "45", 1500), Adjustment("CO", "253", 500),
                                          Adjustment("PR", "2", -100)]
    assert (second.number, second.lines[0].code, second.every[0].code) == ("A2", "0424", "PR-27")


def test_delimiters_are_those_of_the_isa_and_lines_may_be_broken() -> None:
    plain = file_of(PAID).decode()
    other = plain.replace("*", "|").replace(":", ">").replace("~", "\r\n")
    spread = plain.replace("~", "~\n")
    twice = plain + "\n" + other

    assert read_remittance(other.encode()) == read_remittance(plain.encode())
    assert read_remittance(spread.encode()) == read_remittance(plain.encode())
    assert len(read_remittance(twice.encode())) == 2


def test_the_code_that_was_billed_is_told_where_another_was_paid() -> None:
    answer, = read_remittance(file_of("CLP*A1*1*9*9~SVC*HC:99212*9*9***HC:99214~"))

    assert answer.lines[0].code == "99214"


@pytest.mark.parametrize(("data", "said"), [
    (b"", "holds no claim"),
    (b"PK\x03\x04 something", "begins with no ISA"),
    (b"\x1f\x8b\x08\x00", "begins with no ISA"),
    (b"ISA", "begins with no ISA"),
    (b"ISA" + b"*" * 500, "names delimiters that are none"),
    (b"ISAAAAAAAAAAAAAAAAAAAAAAAAA", "begins with no ISA"),
    (file_of(PAID, kind="837"), "is an 837, not an 835"),
    (file_of(PAID, kind="JANE"), "is something else, not an 835"),
    (file_of(), "holds no claim"),
    (file_of(PAID, ends=""), "cut off: ST has no end"),
    (file_of(PAID, ends="SE*1*1~"), "cut off: GS has no end"),
    (file_of(PAID)[:-5], "the file is cut off"),
    (file_of(PAID, ends="SE*1*1~SE*1*1~"), "ends a ST that is not open"),
    (file_of("ST*835*2~"), "ST stands where none may begin"),
    (file_of(PAID) + b"CLP*A*1*1*1~", "no ISA, and no interchange is open"),
    (file_of("CLP**1*1*1~"), "CLP01 is empty"),
    (file_of("CLP*A*JANE*1*1~"), "CLP02 is no status"),
    (file_of("CLP*A*1*JANE*1~"), "CLP03 is no amount"),
    (file_of("CLP*A*1*1~"), "CLP04 is no amount"),
    (file_of("CLP*A*1*1*-~"), "CLP04 is no amount"),
    (file_of("CLP*A*1*1*1.234~"), "CLP04 is no amount"),
    (file_of("CLP*A*1*1*" + "9" * 14 + "~"), "CLP04 is no amount"),
    (file_of("CLP*A*1*1*١~"), "CLP04 is no amount"),
    (file_of("CLP*A*1*1*1~CAS*JANE*45*1~"), "CAS01 is no group"),
    (file_of("CLP*A*1*1*1~CAS*CO*JANEDOE*1~"), "CAS02 is no reason"),
    (file_of("CLP*A*1*1*1~CAS*CO*45*1*1*JANE DOE*1~"), "CAS05 is no reason"),
    (file_of("CLP*A*1*1*1~CAS*CO*45~"), "CAS03 is no amount"),
    (file_of("CLP*A*1*1*1~SVC*HC:99213*1~"), "SVC03 is no amount"),
    (file_of("NTE*" + "x" * 3000 + "~"), "longer than 2000 characters"),
    (file_of("CLP*A*1*1*1~", "SVC*HC:1*1*1~" * 1001), "more than 1000 lines"),
    (file_of("CLP*A*1*1*1~", "CAS*CO*45*1~" * 1001), "more than 1000 adjustments"),
])
def test_what_is_no_remittance_is_refused_in_one_line_that_shows_nothing_of_it(data: bytes, said: str) -> None:
    with pytest.raises(ClaimError, match=said) as caught:
        read_remittance(data, file="answer.835")

    assert str(caught.value).startswith("answer.835: ")
    assert "JANE" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_or_holds_too_many_claims_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remittance, "MOST_CLAIMS", 3)
    with pytest.raises(ClaimError, match="more than 3 claims"):
        read_remittance(file_of("CLP*A*1*1*1~" * 4))
    monkeypatch.setattr(remittance, "MOST_PARTS", 5)
    with pytest.raises(ClaimError, match="more than 5 lines and adjustments"):
        read_remittance(file_of("CLP*A*1*1*1~SVC*HC:1*1*1~CAS*CO*45*1~" * 3))
    monkeypatch.setattr(remittance, "MOST_SEGMENTS", 20)
    with pytest.raises(ClaimError, match="more than 20 segments"):
        read_remittance(file_of(PAID, "~" * 20))
    with pytest.raises(ClaimError, match="larger than 16 MB"):
        read_remittance(b" " * (remittance.MOST + 1))


def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens() -> None:
    pick = random.Random(7)
    whole = file_of(PAID, "CLP*A2*4*80*0~SVC*NU:0424*80*0~CAS*PR*27*80~")
    refused = 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(pick.randrange(1, 6)):
            data[pick.randrange(len(data))] = pick.choice(b"*~:A0\x00\xff-. \n")
        try:
            answers = read_remittance(bytes(data[:pick.randrange(1, len(data) + 1)] if pick.random() < 0.3 else data))
        except ClaimError:
            refused += 1
        else:
            assert 1 <= len(answers) <= 3

    assert 100 < refused < 3000


@pytest.mark.parametrize(("segments", "outcome"), [
    ("CLP*A*1*100*80~CAS*CO*45*20~", "paid"),
    ("CLP*A*1*100*0~SVC*HC:99213*100*0~CAS*PR*1*100~", "paid"),
    ("CLP*A*19*100*60~CAS*CO*45*20~CAS*PR*2*20~", "paid"),
    ("CLP*A*2*100*0~CAS*OA*23*100~", "paid"),
    ("CLP*A*1*100*0~SVC*HC:99213*100*0~CAS*CO*97*100~", "denied"),
    ("CLP*A*4*100*0~CAS*CO*16*100~", "denied"),
    ("CLP*A*1*100*0~CAS*CO*29*80~CAS*CO*45*20~", "denied"),
    ("CLP*A*22*-100*-80~CAS*CO*45*-20~", "denied"),
    ("CLP*A*1*100*50~SVC*HC:99213*50*50~SVC*HC:20610*50*0~CAS*CO*97*50~", "partly"),
    ("CLP*A*1*100*0~SVC*HC:99213*50*0~CAS*PR*1*50~SVC*HC:20610*50*0~CAS*CO*97*50~", "partly"),
    ("CLP*A*1*100*105~CAS*OA*94*-5~", "paid"),
    ("CLP*A*1*0*0~", "paid"),
])
def test_an_answer_comes_to_paid_denied_or_partly(segments: str, outcome: str) -> None:
    answer, = read_remittance(file_of(segments))

    assert outcomes.outcome(answer) == outcome


def test_an_answer_that_decides_nothing_is_none() -> None:
    assert [outcomes.is_decided(Answer("A", status, 1, 0)) for status in ("1", "4", "22", "23", "25")] == [
        True, True, True, False, False]


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store(request.param, tmp_path) as one:
        yield one


class Clinic:
    """A client with claims by number, each of two lines, 99213 and 20610."""

    def __init__(self, opened: Store, name: str = "North") -> None:
        self.store = opened
        with opened.writing() as session:
            self.id = opened.new_client(session, name).id
            user = User(name=f"coder of {name}", role="coder", created_at=NOW)
            session.add(user)
            came = File(client_id=self.id, kind="original", sealed_name=b"", sha256="", size=0, created_at=NOW)
            session.add(came)
            session.flush()
            batch = Batch(client_id=self.id, file_id=came.id, state="ready", received_at=NOW, as_of=NOW.date(), run={})
            session.add(batch)
            session.flush()
            self.user_id, self.batch_id = user.id, batch.id
        self._count = 0

    def claim(self, number: str, state: str = "released", lines: tuple[int | None, ...] = ()) -> int:
        """Adds a claim, with a flag that was let pass on each of some lines; gives its id."""
        self._count += 1
        record = {"id": number, "lines": [{"number": 1, "code": "99213"}, {"number": 2, "code": "20610"}]}
        where = f"claims:{self.batch_id}:{self._count}"
        with self.store.writing() as session:
            key = self.store.key_of(session, self.id)
            claim = Claim(
                batch_id=self.batch_id, client_id=self.id, position=self._count, kind="professional",
                sealed_number=b"", number_index=key.index(number, "number"), payer="medicare", payer_id="",
                provider="", state=state, clean_at_first=False, cents=100, risk_cents=0, changed_at=NOW,
                sealed_record=key.seal(json.dumps(record).encode(), f"{where}:record"), sealed_flags=b"")
            session.add(claim)
            session.flush()
            for place, line in enumerate(lines):
                cause = Cause(claim_id=claim.id, batch_id=self.batch_id, client_id=self.id, key=str(place),
                              rule="NCCI-PTP-01", line=line, severity="deny", cents=0, state="overridden", at=NOW)
                session.add(cause)
                session.flush()
                session.add(Override(cause_id=cause.id, claim_id=claim.id, client_id=self.id, rule="NCCI-PTP-01",
                                     reason="documented", sealed_note=b"", user_id=self.user_id, at=NOW))
            return claim.id

    def load(self, *segments: str) -> remittances.Loaded:
        return remittances.load(self.store, self.id, "answer.835", file_of(*segments), WHO)

    def ended(self, claim: int) -> list[str | None]:
        """The outcomes of what was let pass on a claim."""
        with self.store.reading() as session:
            return list(session.scalars(select(Override.outcome).where(Override.claim_id == claim)
                                        .order_by(Override.id)))


def test_an_answer_finds_the_newest_claim_that_went_out(opened: Store) -> None:
    clinic, other = Clinic(opened), Clinic(opened, "South")
    other.claim("A1")
    clinic.claim("A1")
    newest = clinic.claim("A1")
    clinic.claim("A1", "held")
    held = clinic.claim("A2", "held")

    found = clinic.load("CLP*A1*1*300*200~CAS*CO*45*100~", "CLP*A2*4*80*0~", "CLP*A9*1*10*5~CAS*CO*45*5~",
                        "CLP*A1*25*300*0~")

    assert (found.claims, found.matched, found.paid, found.denied, found.undecided) == (3, 2, 2, 1, 1)
    with opened.reading() as session:
        remits = session.execute(select(Remit.claim_id, Remit.outcome, Remit.cents, Remit.paid_cents, Remit.codes)
                                 .order_by(Remit.id)).all()
    assert remits == [(newest, "paid", 30000, 20000, ["CO-45"]), (held, "denied", 8000, 0, []),
                      (None, "paid", 1000, 500, ["CO-45"])]


def test_what_was_let_pass_ends_as_its_line_did_and_else_as_the_claim_did(opened: Store) -> None:
    clinic = Clinic(opened)
    told, untold, unanswered = (clinic.claim(number, lines=(1, 2, None)) for number in ("A1", "A2", "A3"))

    found = clinic.load("CLP*A1*1*200*90~SVC*HC:99213:25*100*90~CAS*CO*45*10~SVC*HC:20610*100*0~CAS*CO*97*100~",
                        "CLP*A2*4*200*0~")

    assert found.overrides == 6
    assert clinic.ended(told) == ["paid", "denied", "partly"]
    assert clinic.ended(untold) == ["denied"] * 3
    assert clinic.ended(unanswered) == [None] * 3


def test_what_was_taken_back_before_is_not_told_and_what_ran_out_after_it_went_out_is(opened: Store) -> None:
    clinic = Clinic(opened)
    ran_out, again = clinic.claim("A1", lines=(None,)), clinic.claim("A2", lines=(None,))
    with opened.writing() as session:
        for row in session.scalars(select(Override)):
            row.ended_at = NOW
        first = session.scalars(select(Override).where(Override.claim_id == again)).one()
        session.add(Override(cause_id=first.cause_id, claim_id=again, client_id=clinic.id, rule=first.rule,
                             reason="documented", sealed_note=b"", user_id=clinic.user_id, at=NOW))

    clinic.load("CLP*A1*4*100*0~", "CLP*A2*4*100*0~")

    assert clinic.ended(ran_out) == ["denied"]
    assert clinic.ended(again) == [None, "denied"]


def test_a_payment_that_was_taken_back_counts_unless_the_file_says_what_came_instead(opened: Store) -> None:
    clinic = Clinic(opened)
    back, anew = clinic.claim("A1", lines=(None,)), clinic.claim("A2", lines=(None,))

    clinic.load("CLP*A1*1*100*90~CAS*CO*45*10~", "CLP*A2*4*100*0~")
    clinic.load("CLP*A1*22*-100*-90~", "CLP*A2*1*100*90~CAS*CO*45*10~", "CLP*A2*22*-100*0~")

    assert clinic.ended(back) == ["denied"]
    assert clinic.ended(anew) == ["paid"]


def test_the_same_file_a_second_time_changes_nothing(opened: Store) -> None:
    clinic, other = Clinic(opened), Clinic(opened, "South")
    clinic.claim("A1", lines=(1,))
    segments = ("CLP*A1*1*100*90~CAS*CO*45*10~", "CLP*A2*4*100*0~")

    first, second, elsewhere = clinic.load(*segments), clinic.load(*segments), other.load(*segments)

    assert (first.is_new, second.is_new, elsewhere.is_new) == (True, False, True)
    assert (second.file_id, second.claims, second.matched, second.paid, second.denied) == (first.file_id, 2, 1, 1, 1)
    assert elsewhere.matched == 0
    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Remit)) == 4
        assert session.scalar(select(func.count()).select_from(File).where(File.kind == "remittance")) == 2


def test_a_remittance_lies_sealed_and_the_log_tells_of_it_without_anybody_in_it(opened: Store) -> None:
    clinic = Clinic(opened)
    clinic.claim("A1")

    clinic.load("CLP*A1*1*100*90~CAS*CO*45*10~NM1*QC*1*DOE*JANE****MI*1EG4TE5MK73~")

    with opened.reading() as session:
        act = session.execute(select(Act.kind, Act.user, Act.client_id, Act.detail)).one()
        sealed = b"".join(session.scalars(select(Piece.sealed))) + b"".join(session.scalars(select(File.sealed_name)))
        assert log.verify(session) == ""
    assert act[:3] == ("remittance.loaded", "anna", clinic.id)
    assert json.loads(act.detail) == {"file": 2, "claims": 1, "matched": 1, "overrides": 0}
    assert b"JANE" not in sealed
    assert b"answer" not in sealed


def test_a_file_that_is_refused_leaves_nothing_behind(opened: Store) -> None:
    clinic = Clinic(opened)

    with pytest.raises(ClaimError, match="CLP02"):
        clinic.load("CLP*A1*1*100*90~", "CLP*A1*?*100*90~")

    with opened.reading() as session:
        assert session.scalar(select(func.count()).select_from(Remit)) == 0
        assert session.scalar(select(func.count()).select_from(Act)) == 0
