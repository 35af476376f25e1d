"""Who may come in, on both databases: passwords, attempts, links, the second factor, users and their sessions."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy")
pytest.importorskip("argon2")

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import select
from stores import Clock, backends, store

from scrubber.errors import ScrubberError
from scrubber.store import accounts, attempts, links, log, login, people, second
from scrubber.store.accounts import Times, Visitor
from scrubber.store.database import Store
from scrubber.store.doors import Recovery, Token
from scrubber.store.login import Browser
from scrubber.store.passwords import Passwords, problem_of
from scrubber.store.tables import Act, Login, Role, User

PASSWORD = "tulip lamp harbor"
HERE = Browser("192.0.2.1", "Firefox on Linux")
ELSEWHERE = Browser("198.51.100.9")
WHO = log.Who(None, "test")


class Counting(PasswordHasher):
    """Argon2id, cheap, and how often it worked."""

    def __init__(self, **more: int) -> None:
        super().__init__(**{"time_cost": 1, "memory_cost": 8, "parallelism": 1, **more})
        self.verified = 0

    def verify(self, *given: str | bytes) -> bool:
        self.verified += 1
        return super().verify(*given)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hasher() -> Counting:
    return Counting()


@pytest.fixture
def passwords(hasher: Counting) -> Passwords:
    return Passwords(hasher)


@pytest.fixture(params=backends())
def opened(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with store(request.param, tmp_path, clock) as one:
        yield one


def add(opened: Store, passwords: Passwords, name: str = "anna", role: Role = "coder", **more: object) -> User:
    with opened.writing() as session:
        user = User(name=name, role=role, password=passwords.hash(PASSWORD), created_at=opened.now(), **more)
        session.add(user)
        session.flush()
        return user


def visitor(opened: Store, cookie: str, times: Times = accounts.TIMES) -> Visitor | None:
    with opened.reading() as session:
        return accounts.visitor_of(session, cookie, opened.now(), times)


def kinds(opened: Store) -> list[tuple[str, str]]:
    with opened.reading() as session:
        return [(act.kind, act.detail) for act in session.scalars(select(Act).order_by(Act.seq))]


def with_second(opened: Store, user: User) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that is turned on now."""
    secret = second.new_secret()
    with opened.writing() as session:
        return secret, second.turn_on(session, opened, people.find(session, user.id), secret, 0)


def half(opened: Store, passwords: Passwords, browser: Browser = HERE) -> Visitor:
    """Somebody who gave the password, and not yet the second factor."""
    found = visitor(opened, login.log_in(opened, passwords, "anna", PASSWORD, browser).cookie)
    assert found is not None
    assert not found.complete
    return found


def code(opened: Store, secret: str, steps: int = 0) -> str:
    return str(pyotp.TOTP(secret).at(opened.now() + dt.timedelta(seconds=30 * steps)))


def test_name_and_password_that_go_together_let_in(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)

    result = login.log_in(opened, passwords, " ANNA ", PASSWORD, HERE)

    found = visitor(opened, result.cookie)
    assert result.complete
    assert found is not None
    assert (found.name, found.role) == ("anna", "coder")
    assert kinds(opened)[-1][0] == "login.ok"


STRANGE = [
    ("anna", "tulip lamp harbour"), ("anna", ""), ("anna", PASSWORD + " "), ("bert", PASSWORD), ("", PASSWORD),
    ("anna\x00", PASSWORD), ("anna", PASSWORD + "\x00"), ("x" * 10_000, PASSWORD), ("anna", "x" * 10_000),
    ("anna'--", PASSWORD), ("anna\r\nset-cookie: scrubber=1", PASSWORD)]


def test_what_does_not_go_together_lets_nobody_in(opened: Store, passwords: Passwords, clock: Clock) -> None:
    add(opened, passwords)

    for name, password in STRANGE:
        clock.turn(days=2)
        assert login.log_in(opened, passwords, name, password, HERE) == login.Result()
        kind, detail = kinds(opened)[-1]
        assert kind == "login.failed"
        assert PASSWORD not in detail
        assert ("anna" in detail) == (name == "anna")


def test_for_a_name_that_nobody_has_as_much_work_is_done(opened: Store, passwords: Passwords,
                                                         hasher: Counting) -> None:
    add(opened, passwords)
    add(opened, passwords, "gone", active=False)
    with opened.writing() as session:
        people.invite(session, opened.now(), WHO, "invited", "coder")
    worked = []

    for name in ("anna", "gone", "invited", "nobody", "nobody\x00"):
        before = hasher.verified
        login.log_in(opened, passwords, name, "wrong wrong wrong", HERE)
        worked.append(hasher.verified - before)

    assert worked == [1] * 5


def test_a_password_of_ten_thousand_characters_costs_no_more_than_another(passwords: Passwords,
                                                                          hasher: Counting) -> None:
    kept = passwords.hash(PASSWORD)

    assert not passwords.verify(kept, "x" * 10_000)
    assert not passwords.verify(None, "")
    assert hasher.verified == 2


def test_a_password_is_kept_anew_where_it_costs_more_now(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    dearer = Passwords(Counting(memory_cost=16))

    assert login.log_in(opened, dearer, "anna", PASSWORD, HERE).complete

    with opened.reading() as session:
        kept = people.find(session, user.id).password
    assert kept is not None
    assert "m=16,t=1,p=1" in kept
    assert login.log_in(opened, dearer, "anna", PASSWORD, HERE).complete


def test_passwords_cost_what_owasp_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRUBBER_ARGON2", raising=False)
    assert Passwords().hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not Passwords().is_weak
    monkeypatch.setenv("SCRUBBER_ARGON2", "m=8,t=1,p=1")
    assert Passwords().is_weak
    monkeypatch.setenv("SCRUBBER_ARGON2", "cheap")
    with pytest.raises(ScrubberError, match="must be like m=19456,t=2,p=1"):
        Passwords()


@pytest.mark.parametrize(("password", "says"), [
    ("elevenchars", "at least 12"), ("x" * 201, "at most 200"), ("ﷺ" * 20, "at most 200"),
    ("annabel likes anna-lena", "your name"), ("ANNA-LENA 1234", "your name"), ("Password1234", "tried first"),
    ("P@ssw0rd!2026", "tried first"), ("aaaaaaaaaaaa", "tried first"), ("abcabcabcabc", "tried first"),
    ("123456789012", "tried first"), ("qwertyuiopas", "tried first"), ("welcome-2026", "tried first"),
    ("correct horse battery staple", "tried first")])
def test_a_password_that_is_soon_guessed_is_refused(password: str, says: str) -> None:
    assert says in problem_of(password, "anna-lena@example.org")


@pytest.mark.parametrize("password", [
    PASSWORD, "no digits here", "ÄÖÜ äöü ßßß ñ", "x7#Kq9!mZ2$w", "日本語の長いパスワードです",
    "aaaabbbbcdef", " leading and trailing "])
def test_a_password_needs_no_digits_and_no_signs(password: str) -> None:
    assert problem_of(password, "bo") == ""


def test_a_password_means_the_same_however_it_was_typed(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash("cafe\u0301 au lait sucre"), "caf\u00e9 au lait sucre")


def test_attempts_wait_longer_each_time_and_never_for_good(opened: Store, passwords: Passwords, clock: Clock) -> None:
    add(opened, passwords)
    waits = []
    for _ in range(17):
        result = login.log_in(opened, passwords, "anna", "wrong wrong wrong", HERE)
        while result.wait:
            waits.append(result.wait.total_seconds())
            clock.turn(seconds=result.wait.total_seconds())
            result = login.log_in(opened, passwords, "anna", "wrong wrong wrong", HERE)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    clock.turn(minutes=15)
    assert login.log_in(opened, passwords, "anna", PASSWORD, HERE).complete


def test_knocking_during_a_wait_makes_it_no_longer_and_works_nothing(opened: Store, passwords: Passwords,
                                                                     hasher: Counting, clock: Clock) -> None:
    add(opened, passwords)
    for _ in range(8):
        login.log_in(opened, passwords, "anna", "wrong wrong wrong", HERE)
    worked = hasher.verified

    waits = [login.log_in(opened, passwords, "anna", PASSWORD, HERE).wait for _ in range(9)]

    assert set(waits) == {dt.timedelta(seconds=1)}
    assert hasher.verified == worked
    clock.turn(seconds=1)
    assert login.log_in(opened, passwords, "anna", PASSWORD, HERE).complete


def test_many_attempts_at_the_same_time_are_as_many_as_one_after_another(opened: Store, passwords: Passwords,
                                                                         hasher: Counting) -> None:
    add(opened, passwords)

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda number: login.log_in(opened, passwords, "anna", f"guess number {number}",
                                                            Browser(f"192.0.2.{number}")), range(16)))

    assert sum(not result.wait for result in results) == attempts.FREE["name"]
    assert hasher.verified == attempts.FREE["name"]


def test_one_address_does_not_try_many_names(opened: Store, passwords: Passwords) -> None:
    results = [login.log_in(opened, passwords, f"name{number}", "wrong wrong wrong", HERE)
               for number in range(attempts.FREE["address"] + 3)]

    assert sum(not result.wait for result in results) == attempts.FREE["address"]
    assert not login.log_in(opened, passwords, "another", "wrong wrong wrong", ELSEWHERE).wait


def test_coming_in_oneself_gives_no_new_attempts_on_others(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords, "mallory")
    tried = 0
    for number in range(attempts.FREE["address"] + 3):
        tried += not login.log_in(opened, passwords, f"name{number}", "wrong wrong wrong", HERE).wait
        login.log_in(opened, passwords, "mallory", PASSWORD, HERE)

    assert tried <= attempts.FREE["address"] + 1


def test_whoever_tries_a_name_from_elsewhere_does_not_keep_its_user_out(opened: Store, passwords: Passwords,
                                                                        clock: Clock) -> None:
    add(opened, passwords)
    known = login.log_in(opened, passwords, "anna", PASSWORD, HERE).known
    for number in range(8):
        clock.turn(minutes=16)
        login.log_in(opened, passwords, "anna", "wrong wrong wrong", Browser(f"198.51.100.{number}"))
    at_home, abroad = Browser("192.0.2.1", known=known), Browser("192.0.2.1")

    assert login.log_in(opened, passwords, "anna", PASSWORD, abroad).wait
    assert login.log_in(opened, passwords, "anna", PASSWORD, at_home).complete


def test_a_known_browser_may_not_try_for_ever_either(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)
    add(opened, passwords, "mallory")
    own = login.log_in(opened, passwords, "anna", PASSWORD, HERE).known
    others = login.log_in(opened, passwords, "mallory", PASSWORD, HERE).known

    def tried(known: str) -> int:
        return sum(not login.log_in(opened, passwords, "anna", "wrong wrong wrong", Browser("203.0.113.5", known=known)
                                    ).wait for _ in range(13))

    assert tried(own) == attempts.FREE["known"]
    assert tried(others) == attempts.FREE["name"]
    assert tried("bm90IG91cnM=") == 0
    assert tried("é") == 0


def test_a_first_start_makes_one_administrator_and_one_link(opened: Store, passwords: Passwords) -> None:
    token = links.first(opened)

    assert token is not None
    assert links.first(opened) is None
    assert links.waiting(opened) == "admin"
    with opened.reading() as session:
        link = links.find(session, token, opened.now())
        assert token not in str([each.sha256 for each in session.scalars(select(Token))])
        assert token not in str(kinds(opened))
    assert link is not None
    result = login.come_in(opened, passwords, link, "ada", PASSWORD, HERE)
    found = visitor(opened, result.cookie)
    assert found is not None
    assert (found.name, found.role) == ("ada", "administrator")
    assert links.first(opened) is None
    assert links.waiting(opened) is None


def test_two_servers_that_start_at_the_same_time_make_one_administrator(opened: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: links.first(opened), range(4)))

    assert len([token for token in made if token is not None]) == 1
    with opened.reading() as session:
        assert [user.name for user in people.everybody(session)] == ["admin"]


def test_a_first_link_that_was_not_used_in_time_is_made_anew(opened: Store, clock: Clock) -> None:
    old = links.first(opened)
    clock.turn(hours=24)

    new = links.first(opened)

    assert old is not None
    assert new is not None
    with opened.reading() as session:
        assert links.find(session, old, opened.now()) is None
        assert links.find(session, new, opened.now()) is not None


def test_a_link_works_once_also_where_two_come_at_the_same_time(opened: Store, passwords: Passwords) -> None:
    token = links.first(opened)
    assert token is not None
    with opened.reading() as session:
        link = links.find(session, token, opened.now())
    assert link is not None

    def come(name: str) -> str:
        try:
            return login.come_in(opened, passwords, link, name, PASSWORD, HERE).cookie
        except people.NotDone:
            return ""

    with ThreadPoolExecutor(4) as pool:
        cookies = list(pool.map(come, ("ada", "bea", "cleo", "dora")))

    assert len([cookie for cookie in cookies if cookie]) == 1
    with opened.reading() as session:
        assert links.find(session, token, opened.now()) is None


def test_a_new_link_or_password_ends_the_links_and_sessions_before(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    before = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    one, two = links.anew(opened, "Anna"), links.anew(opened, "anna")
    with opened.reading() as session:
        assert links.find(session, one, opened.now()) is None
        link = links.find(session, two, opened.now())
    assert link is not None

    login.come_in(opened, passwords, link, user.name, "another tulip lamp", HERE)

    assert visitor(opened, before) is None
    assert not login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    assert login.log_in(opened, passwords, "anna", "another tulip lamp", HERE).complete


def test_the_command_line_makes_no_link_for_nobody(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords, active=False)
    add(opened, passwords, "bert")

    with pytest.raises(ScrubberError, match="there is no such user; there are bert"):
        links.anew(opened, "carla")
    with pytest.raises(ScrubberError, match="anna is not active"):
        links.anew(opened, "anna")


def test_a_link_lets_nobody_in_who_was_shut_out(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    token = links.anew(opened, "anna")
    with opened.writing() as session:
        people.shut_out(session, opened.now(), WHO, user.id)
        people.let_in_again(session, opened.now(), WHO, user.id)

    with opened.reading() as session:
        assert links.find(session, token, opened.now()) is None


def test_the_second_factor_completes_a_session_with_a_new_cookie(opened: Store, passwords: Passwords) -> None:
    secret, _ = with_second(opened, add(opened, passwords))
    first = login.log_in(opened, passwords, "anna", PASSWORD, HERE)
    waiting = visitor(opened, first.cookie)
    assert waiting is not None
    assert not first.known

    result = login.give_second(opened, waiting, code(opened, secret), Browser("192.0.2.1", cookie=first.cookie))

    assert result.complete
    assert visitor(opened, first.cookie) is None
    found = visitor(opened, result.cookie)
    assert found is not None
    assert found.complete
    assert kinds(opened)[-1][0] == "login.ok"


def test_a_code_is_taken_once_and_within_a_step(opened: Store, passwords: Passwords) -> None:
    secret, _ = with_second(opened, add(opened, passwords))

    def give(steps: int) -> bool:
        return login.give_second(opened, half(opened, passwords), code(opened, secret, steps), HERE).complete

    assert not give(-2)
    assert not give(2)
    assert give(-1)
    assert not give(-1)
    assert give(0)
    assert not give(-1)
    assert give(1)
    assert not give(1)


def test_a_code_that_comes_many_times_at_once_is_taken_once(opened: Store, passwords: Passwords) -> None:
    secret, recoveries = with_second(opened, add(opened, passwords))
    waiting = half(opened, passwords)

    for given in (code(opened, secret), recoveries[0]):
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _, given=given: login.give_second(opened, waiting, given, HERE), range(4)))
        assert sum(result.complete for result in results) == 1


def test_codes_cannot_be_tried_without_end(opened: Store, passwords: Passwords) -> None:
    secret, _ = with_second(opened, add(opened, passwords))
    right = code(opened, secret)
    wrong = [f"{number:06}" for number in range(9) if f"{number:06}" != right]

    results = [login.give_second(opened, half(opened, passwords), each, HERE) for each in wrong]

    assert sum(not result.wait for result in results) == attempts.FREE["second"]
    assert login.give_second(opened, half(opened, passwords), right, HERE).wait


def test_what_is_no_code_is_none(opened: Store, passwords: Passwords, clock: Clock) -> None:
    with_second(opened, add(opened, passwords))

    for said in ("", "0", "abcdef", "１２３４５６", "\x00" * 6, "x" * 5000):
        clock.turn(days=2)
        assert login.give_second(opened, half(opened, passwords), said, HERE) == login.Result()


def test_recovery_codes_stand_in_once_each_and_are_kept_as_hashes(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    _, codes = with_second(opened, user)
    other, _ = add(opened, passwords, "bert"), None
    with_second(opened, other)

    assert len(set(codes)) == 10
    with opened.reading() as session:
        kept = str([each.code for each in session.scalars(select(Recovery))])
        assert not any(each.replace("-", "") in kept for each in codes)
    assert login.give_second(opened, half(opened, passwords), codes[3].lower().replace("-", " "), HERE).complete
    assert not login.give_second(opened, half(opened, passwords), codes[3], HERE).complete
    with opened.reading() as session:
        assert second.recoveries_left(session, user.id) == 9
        assert second.recoveries_left(session, other.id) == 10


def test_the_secret_of_the_second_factor_is_sealed(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    secret, _ = with_second(opened, user)

    with opened.reading() as session:
        sealed = people.find(session, user.id).sealed_totp
    assert sealed is not None
    assert secret.encode() not in sealed
    assert second.open_new(opened, user.id, sealed.hex()) is None


def test_a_secret_for_one_user_is_not_set_up_for_another(opened: Store, passwords: Passwords) -> None:
    anna, bert = add(opened, passwords), add(opened, passwords, "bert")
    secret = second.new_secret()
    sealed = second.seal_new(opened, anna.id, secret)

    assert second.open_new(opened, anna.id, sealed) == secret
    assert second.open_new(opened, bert.id, sealed) is None
    assert second.open_new(opened, anna.id, "no hex") is None
    assert second.open_new(opened, anna.id, "00") is None


def test_whoever_needs_a_second_factor_sets_it_up_before_coming_in(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)
    with opened.writing() as session:
        people.require_second(session, opened.now(), WHO, True, "")
    waiting = half(opened, passwords)
    secret = second.new_secret()
    sealed = second.seal_new(opened, waiting.id, secret)

    assert not login.set_up_second(opened, waiting, sealed, "000000", HERE).codes
    done = login.set_up_second(opened, waiting, sealed, code(opened, secret), HERE)

    assert len(done.codes) == 10
    found = visitor(opened, done.cookie)
    assert found is not None
    assert found.complete
    assert not login.give_second(opened, half(opened, passwords), code(opened, secret), HERE).complete


def test_a_session_waits_ten_minutes_for_the_second_factor(opened: Store, passwords: Passwords, clock: Clock) -> None:
    with_second(opened, add(opened, passwords))
    cookie = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    clock.turn(minutes=11)

    assert visitor(opened, cookie) is None


def test_a_session_ends_when_it_is_idle_and_in_any_case(opened: Store, passwords: Passwords, clock: Clock) -> None:
    add(opened, passwords)
    cookie = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    for _ in range(25):
        clock.turn(minutes=29)
        found = visitor(opened, cookie)
        if found is None:
            break
        with opened.writing() as session:
            accounts.seen(session, found, opened.now())

    assert clock.now - Clock().now == dt.timedelta(minutes=29 * 25)
    idle = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    clock.turn(minutes=31)
    assert visitor(opened, idle) is None


def test_a_session_of_before_ends_with_a_new_log_in_of_its_browser(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)
    one = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    elsewhere = login.log_in(opened, passwords, "anna", PASSWORD, ELSEWHERE).cookie

    two = login.log_in(opened, passwords, "anna", PASSWORD, Browser("192.0.2.1", cookie=one)).cookie

    assert len({one, two, elsewhere}) == 3
    assert visitor(opened, one) is None
    assert visitor(opened, elsewhere) is not None
    with opened.reading() as session:
        assert two not in str([each.sha256 for each in session.scalars(select(Login))])


def test_a_new_password_ends_the_other_sessions(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)
    own = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    other = login.log_in(opened, passwords, "anna", PASSWORD, ELSEWHERE).cookie
    anna = visitor(opened, own)
    assert anna is not None

    assert login.is_own_password(opened, passwords, anna, "wrong wrong wrong") is not None
    assert login.is_own_password(opened, passwords, anna, PASSWORD) is None
    login.change_password(opened, passwords, anna, "another tulip lamp")

    assert visitor(opened, own) is not None
    assert visitor(opened, other) is None


def test_nobody_ends_the_session_of_somebody_else(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords)
    add(opened, passwords, "bert")
    annas = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    bert = visitor(opened, login.log_in(opened, passwords, "bert", PASSWORD, HERE).cookie)
    anna = visitor(opened, annas)
    assert anna is not None
    assert bert is not None

    with opened.writing() as session, pytest.raises(people.NotDone):
        login.end_one(session, bert, accounts.sessions_of(session, anna.id, opened.now())[0].id, opened.now())

    assert visitor(opened, annas) is not None


def test_who_is_shut_out_is_out_at_once(opened: Store, passwords: Passwords) -> None:
    user = add(opened, passwords)
    cookie = login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    with opened.writing() as session:
        people.shut_out(session, opened.now(), WHO, user.id)

    assert visitor(opened, cookie) is None
    assert not login.log_in(opened, passwords, "anna", PASSWORD, HERE).cookie
    with opened.writing() as session:
        people.let_in_again(session, opened.now(), WHO, user.id)
    assert visitor(opened, cookie) is None
    assert login.log_in(opened, passwords, "anna", PASSWORD, HERE).complete


def test_the_last_administrator_stays_one(opened: Store, passwords: Passwords) -> None:
    ada = add(opened, passwords, "ada", "administrator")
    add(opened, passwords, "gone", "administrator", active=False)
    with opened.writing() as session:
        people.invite(session, opened.now(), WHO, "invited", "administrator")      # has not come in yet

    with opened.writing() as session:
        with pytest.raises(people.NotDone, match="last administrator"):
            people.shut_out(session, opened.now(), WHO, ada.id)
        with pytest.raises(people.NotDone, match="last administrator"):
            people.give_role(session, opened.now(), WHO, ada.id, "lead")
    add(opened, passwords, "bea", "administrator")
    with opened.writing() as session:
        assert people.give_role(session, opened.now(), WHO, ada.id, "lead").role == "lead"


def test_two_administrators_who_remove_each_other_leave_one(opened: Store, passwords: Passwords) -> None:
    both = [add(opened, passwords, name, "administrator") for name in ("ada", "bea")]

    def remove(user: User) -> bool:
        try:
            with opened.writing() as session:
                people.shut_out(session, opened.now(), WHO, user.id)
        except people.NotDone:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, both)) == [False, True]


@pytest.mark.parametrize("name", ["", " ", "a b", "<script>alert(1)</script>", "a\r\nset-cookie: x=1", "a\x00b",
                                  "x" * 101, "a/b", "a\u202eb", "a\u200bb", '"', "a;b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(people.NotDone, match="A name has"):
        people.name_of(name)


@pytest.mark.parametrize(("name", "kept"), [("Anna", "anna"), (" José.B ", "josé.b"), ("ＡＮＮＡ", "anna"),
                                            ("a+b@example.org", "a+b@example.org")])
def test_a_name_is_kept_in_one_form(name: str, kept: str) -> None:
    assert people.name_of(name) == kept


def test_what_is_done_with_users_is_in_the_log(opened: Store, passwords: Passwords) -> None:
    add(opened, passwords, "ada", "administrator")
    with opened.writing() as session:
        user, token = people.invite(session, opened.now(), WHO, "bert", "coder")
        people.give_role(session, opened.now(), WHO, user.id, "lead")
        people.new_link(session, opened.now(), WHO, user.id)
        people.shut_out(session, opened.now(), WHO, user.id)
        people.let_in_again(session, opened.now(), WHO, user.id)
        people.second_off(session, opened.now(), WHO, user.id)

    told = kinds(opened)
    assert [kind for kind, _ in told] == ["user.invited", "user.role", "user.link", "user.deactivated",
                                          "user.activated", "user.second_off"]
    assert token not in str(told)
    with opened.reading() as session:
        assert log.verify(session) == ""
