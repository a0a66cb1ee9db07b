"""Passwords: which are accepted, which are the same, and how many are hashed at a time."""

import time
import unicodedata
from threading import Event, Thread

import argon2
import pytest
from auth_service.adapters.bulkhead import Bulkhead, HashingBusy
from auth_service.adapters.passwords import MAX_PRETENDED_SECONDS, PasswordHasher
from auth_service.domain.password import MAX_BYTES, MIN_CHARACTERS, BadPassword, accepted, normalized

COMPOSED = unicodedata.normalize("NFC", "Übergrößenträger")
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture(scope="module")
def hasher() -> PasswordHasher:
    return PasswordHasher(2)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "  blanks around it  ",
        "🐘🦒🐊🦓🦁🐯🐻🐼🐨🐸🐙🦊",
        "パスワードは十二文字以上です",
        "ab c" * 256,
    ],
)
def test_long_passwords_of_any_script_are_accepted_unchanged(password: str) -> None:
    assert accepted(password) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "Shorter"),
        ("short", "Shorter"),
        ("🐘" * 11, "Shorter"),
        ("a" * 40, "repeated"),
        ("abababababab", "repeated"),
        ("with\x00a NUL inside", "NUL"),
        ("a lone \ud83d surrogate", "surrogate"),
        ("abc" * 342, "bytes"),
        ("🐘🦒🐊" * 86, "bytes"),
        pytest.param("x" * 1_000_000, "bytes", id="1 MB"),
    ],
)
def test_other_passwords_are_refused_with_field_and_reason(password: str, reason: str) -> None:
    with pytest.raises(BadPassword) as caught:
        accepted(password, field="new_password")
    assert caught.value.errors[0]["field"] == "new_password"
    assert reason in caught.value.errors[0]["message"]


def test_a_megabyte_is_refused_without_being_normalised() -> None:
    started = time.process_time()
    for _ in range(100):
        with pytest.raises(BadPassword):
            normalized("e\u0301" * 500_000)
    assert time.process_time() - started < 0.5


def test_the_limits_are_inclusive() -> None:
    assert accepted("abc".ljust(MIN_CHARACTERS, "d"))
    assert accepted("abc".ljust(MAX_BYTES, "d"))


def test_composed_and_decomposed_letters_are_the_same_password(hasher: PasswordHasher) -> None:
    encoded = hasher.hash(DECOMPOSED)
    assert COMPOSED != DECOMPOSED
    assert hasher.verify(encoded, COMPOSED)
    assert hasher.verify(encoded, DECOMPOSED)


def test_only_the_right_password_fits_and_blanks_count(hasher: PasswordHasher) -> None:
    encoded = hasher.hash("correct horse battery")
    assert hasher.verify(encoded, "correct horse battery")
    assert not hasher.verify(encoded, "correct horse battery ")
    assert not hasher.verify(encoded, "Correct horse battery")
    assert not hasher.verify(encoded, "")


def test_a_hash_is_argon2id_with_the_parameters_of_today(hasher: PasswordHasher) -> None:
    encoded = hasher.hash("correct horse battery")
    assert encoded.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not hasher.needs_rehash(encoded)
    assert hasher.needs_rehash(argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x"))


def test_an_unknown_name_costs_a_hash_of_the_same_parameters(hasher: PasswordHasher) -> None:
    checked: list[str] = []
    real = hasher._argon2

    class Recorder:
        def verify(self, encoded: str, password: str) -> bool:
            checked.append(encoded)
            return real.verify(encoded, password)

    hasher._argon2 = Recorder()  # type: ignore[assignment]
    try:
        assert not hasher.verify(None, "correct horse battery")
    finally:
        hasher._argon2 = real
    assert len(checked) == 1
    assert not hasher.needs_rehash(checked[0])


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> tuple[PasswordHasher, Event, Event]:
    """Give a hasher with one slot whose hashes last until an event, and the events for begun and for the end."""
    begun, end = Event(), Event()

    class Slow:
        def hash(self, _password: str) -> str:
            begun.set()
            end.wait(10)
            return "hash"

    hasher = PasswordHasher(1, max_wait_seconds=0.05)
    hasher._argon2 = Slow()  # type: ignore[assignment]
    return hasher, begun, end


def test_a_hash_that_finds_no_slot_in_time_is_refused_and_says_when_to_retry(
    blocked: tuple[PasswordHasher, Event, Event],
) -> None:
    hasher, begun, end = blocked
    first = Thread(target=hasher.hash, args=("correct horse battery",))
    first.start()
    assert begun.wait(5)
    with pytest.raises(HashingBusy) as caught:
        hasher.hash("correct horse battery")
    assert caught.value.retry_after_seconds == 2
    end.set()
    first.join()
    assert hasher.hash("correct horse battery") == "hash"


def test_only_as_many_threads_wait_as_may() -> None:
    begun, end = Event(), Event()

    class Slow:
        def hash(self, _password: str) -> str:
            begun.set()
            end.wait(10)
            return "hash"

    hasher = PasswordHasher(1, bulkhead=Bulkhead(1), max_wait_seconds=30)
    hasher._argon2 = Slow()  # type: ignore[assignment]
    first = Thread(target=hasher.hash, args=("correct horse battery",))
    first.start()
    assert begun.wait(5)
    started = time.monotonic()
    with pytest.raises(HashingBusy):
        hasher.hash("correct horse battery")
    assert time.monotonic() - started < 5
    end.set()
    first.join()


def test_a_refused_try_needs_a_place_too_and_holds_it_briefly() -> None:
    bulkhead = Bulkhead(1)
    hasher = PasswordHasher(1, bulkhead=bulkhead)
    hasher._usual_seconds = 60
    started = time.monotonic()
    with bulkhead.slot():
        hasher.wait_as_if_verifying()  # this thread has the place already
    assert MAX_PRETENDED_SECONDS <= time.monotonic() - started < 30
    refused: list[Exception] = []

    def wait() -> None:
        try:
            hasher.wait_as_if_verifying()
        except HashingBusy as error:
            refused.append(error)

    with bulkhead.slot():
        thread = Thread(target=wait)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_place_is_free_again_after_an_error() -> None:
    bulkhead = Bulkhead(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), bulkhead.slot():
            raise ZeroDivisionError
