"""Guessed passwords over HTTP on a real database: how many are checked, and who still gets in."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from statistics import median
from threading import Event
from typing import Any

import pytest
from auth_service.adapters.bulkhead import HashingBusy
from auth_service.adapters.passwords import PasswordHasher
from auth_service.usecases import guard_tries
from flask import Flask

from ..conftest import Api, People, Rows

EMAIL = "ada@acme.example"
LogIn = Callable[..., Any]


class CountedHashes:
    """Counts the passwords that are checked, and checks them without a slow hash."""

    def __init__(self) -> None:
        self.checked: list[str] = []

    def verify(self, _encoded: str | None, password: str, **_options: Any) -> bool:
        """Return whether the password is the one that everybody has here."""
        self.checked.append(password)
        time.sleep(0.005)
        return password == People.PASSWORD

    def hash(self, _password: str, **_options: Any) -> str:
        """Return a hash that nothing reads."""
        return "hash"

    def needs_rehash(self, _encoded: str) -> bool:
        """Return False."""
        return False

    def wait_as_if_verifying(self) -> None:
        """Wait for no time."""


@pytest.fixture
def hashes(app: Flask, people: People, monkeypatch: pytest.MonkeyPatch) -> CountedHashes:
    """Give the counted hashes; Ada has an account."""
    people.found(EMAIL)
    counted = CountedHashes()
    monkeypatch.setitem(app.extensions["service_kit"].dependencies.__dict__, "passwords", counted)
    return counted


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Give a function that logs in from an address."""

    def run(password: str, address: str, email: str = EMAIL, **more: Any) -> Any:
        body = {"email": email, "password": password, **more}
        return Api(app.test_client(), address=address).call("POST", "/api/auth/login", body)

    return run


@pytest.mark.parametrize("email", [EMAIL, "nobody@acme.example"])
def test_of_fifty_parallel_guesses_from_as_many_networks_ten_are_checked(
    hashes: CountedHashes, log_in: LogIn, email: str
) -> None:
    """ZITADEL's GHSA-7h8m-vrxx-vr4m: parallel tries passed the limit."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: log_in(f"guess number {n}", f"10.0.{n}.1", email), range(50)))
    assert len(hashes.checked) == 10
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(401, "invalid_credentials")}


def test_one_source_is_checked_five_times_and_then_once_a_second(hashes: CountedHashes, log_in: LogIn) -> None:
    for number in range(20):
        log_in(f"guess number {number}", "192.0.2.1")
    assert 5 <= len(hashes.checked) <= 7


def test_a_guarded_answer_is_the_same_as_that_to_a_wrong_password(hashes: CountedHashes, log_in: LogIn) -> None:
    answers = [log_in(f"guess number {n}", f"10.0.{n}.1") for n in range(15)]
    answers.append(log_in(People.PASSWORD, "10.0.99.1"))  # right, and not checked
    answers.append(log_in("whatever it is", "10.0.100.1", "nobody@acme.example"))
    seen = set()
    for answer in answers:
        body = {name: value for name, value in answer.json.items() if name != "request_id"}
        headers = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        seen.add((answer.status_code, str(body), str(headers)))
    assert len(seen) == 1


def test_the_owners_known_device_gets_in_while_strangers_guess(hashes: CountedHashes, log_in: LogIn) -> None:
    device = log_in(People.PASSWORD, "192.0.2.1").json["device_token"]
    for number in range(60):
        log_in(f"guess number {number}", f"10.0.{number}.1")
        if number % 10 == 0:
            answer = log_in(People.PASSWORD, "192.0.2.1", device_token=device)
            assert answer.status_code == 200
            device = answer.json["device_token"]
    # Strangers on the owner's own network too, and the owner on the move.
    assert log_in("a guess from next door", "192.0.2.2").status_code == 401
    assert log_in(People.PASSWORD, "203.0.113.9", device_token=device).status_code == 200
    assert len([password for password in hashes.checked if password != People.PASSWORD]) <= 10


def test_an_unknown_device_waits_until_the_guard_ends(hashes: CountedHashes, log_in: LogIn, rows: Rows) -> None:
    for number in range(10):
        log_in(f"guess number {number}", f"10.0.{number}.1")
    assert log_in(People.PASSWORD, "203.0.113.9").status_code == 401
    rows("update login_guards set closed_until = closed_until - interval '1 hour' returning key")
    assert log_in(People.PASSWORD, "203.0.113.9").status_code == 200


def test_tries_while_guarded_do_not_prolong_it(hashes: CountedHashes, log_in: LogIn, rows: Rows) -> None:
    for number in range(10):
        log_in(f"guess number {number}", f"10.0.{number}.1")
    until = rows("select max(closed_until) from login_guards")
    for number in range(10, 30):
        log_in(f"guess number {number}", f"10.0.{number}.1")
    assert rows("select max(closed_until) from login_guards") == until


@pytest.mark.parametrize("token", ["", "std_", "std_" + "A" * 71, "x" * 100_000, None])
def test_a_forged_device_token_is_no_known_device(hashes: CountedHashes, log_in: LogIn, token: str | None) -> None:
    for number in range(12):
        log_in(f"guess number {number}", f"10.0.{number}.1", device_token=token)
    assert len(hashes.checked) == 10


def test_a_device_of_another_person_is_no_known_device(people: People, hashes: CountedHashes, log_in: LogIn) -> None:
    people.found("eve@other.example", "Other")
    device = log_in(People.PASSWORD, "192.0.2.1", "eve@other.example").json["device_token"]
    hashes.checked.clear()
    for number in range(12):
        log_in(f"guess number {number}", f"10.0.{number}.1", device_token=device)
    assert len(hashes.checked) == 10


def test_a_stolen_device_token_buys_ten_guesses(hashes: CountedHashes, log_in: LogIn) -> None:
    device = log_in(People.PASSWORD, "192.0.2.1").json["device_token"]
    hashes.checked.clear()
    for number in range(20):
        log_in(f"guess number {number}", f"10.0.{number}.1", device_token=device)
    assert len(hashes.checked) == 10


def test_one_source_that_tries_many_names_is_told_to_wait(hashes: CountedHashes, log_in: LogIn) -> None:
    answers = [log_in("password of many", "192.0.2.1", f"person{number}@acme.example") for number in range(101)]
    assert {answer.status_code for answer in answers[:100]} == {401}
    assert (answers[100].status_code, answers[100].json["code"]) == (429, "too_many_tries")
    assert int(answers[100].headers["Retry-After"]) in (1, 2)
    assert log_in("password of many", "198.51.100.1", "person1@acme.example").status_code == 401


def test_a_hundred_right_logins_in_a_row_close_nothing(hashes: CountedHashes, log_in: LogIn) -> None:
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda _: log_in(People.PASSWORD, "192.0.2.1").status_code, range(100)))
    assert statuses == [200] * 100


@pytest.mark.parametrize("seconds", [0.02, 0.2])
def test_many_right_logins_at_the_same_time_all_succeed_whatever_else_is_typed(
    hashes: CountedHashes, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """They are counted while they are checked, which must close nothing, however slow the machine is."""

    def slow(_encoded: str | None, password: str, **_options: Any) -> bool:
        time.sleep(seconds)
        return password == People.PASSWORD

    monkeypatch.setattr(hashes, "verify", slow)
    monkeypatch.setattr(guard_tries, "MAX_WAIT_SECONDS", 60.0)
    passwords = [People.PASSWORD] * 32
    passwords[3] = passwords[17] = "a slip of the finger"
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda password: log_in(password, "192.0.2.1"), passwords))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200 if password == People.PASSWORD else 401 for password in passwords]


def test_a_right_login_that_finds_no_place_in_time_is_503_with_retry_after(
    hashes: CountedHashes, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_tries, "MAX_WAIT_SECONDS", 0.05)

    released = Event()

    def hash_slowly(_encoded: str | None, password: str, **_options: Any) -> bool:
        assert released.wait(60)
        return password == People.PASSWORD

    monkeypatch.setattr(hashes, "verify", hash_slowly)
    with ThreadPoolExecutor(12) as threads:
        logins = [threads.submit(log_in, People.PASSWORD, "192.0.2.1") for _ in range(12)]
        # Five hold the places until the others have their answers.
        refused = [login.result() for login in islice(as_completed(logins, timeout=60), 7)]
        released.set()
    assert sum(login.result().status_code == 200 for login in logins) == 5
    assert {(answer.status_code, answer.json["code"], answer.headers["Retry-After"]) for answer in refused} == {
        (503, "busy", "2")
    }


def test_logins_that_found_no_place_to_hash_do_not_count(
    hashes: CountedHashes, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: Any, **_options: Any) -> bool:
        raise HashingBusy

    monkeypatch.setattr(hashes, "verify", busy, raising=True)
    answers = [log_in(People.PASSWORD, "192.0.2.1") for _ in range(12)]
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].headers["Retry-After"] == "2"
    monkeypatch.undo()
    assert log_in(People.PASSWORD, "192.0.2.1").status_code == 200


def test_unknown_and_known_names_take_equally_long(
    app: Flask, people: People, log_in: LogIn, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real hashes. The difference of the medians is compared with the time of a hash, not with milliseconds."""
    dependencies = app.extensions["service_kit"].dependencies
    monkeypatch.setitem(dependencies.__dict__, "passwords", PasswordHasher(2))
    people.found(EMAIL)
    known, unknown = [], []
    for number in range(12):
        for email, seconds in ((EMAIL, known), (f"nobody{number}@acme.example", unknown)):
            started = time.perf_counter()
            assert log_in("never the right one", f"10.0.{number}.1", email).status_code == 401
            seconds.append(time.perf_counter() - started)
        rows("delete from login_guards returning key")
    assert abs(median(known) - median(unknown)) < 0.5 * median(known)


@pytest.fixture(autouse=True)
def _fresh_counters(rows: Rows) -> Iterator[None]:
    yield
    rows("delete from login_guards returning key")
