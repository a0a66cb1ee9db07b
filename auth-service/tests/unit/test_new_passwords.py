"""New passwords: those that are tried first are refused, with what to do."""

import secrets
import time

import pytest
from auth_service.adapters.new_passwords import checked
from auth_service.domain.password import MAX_BYTES, BadPassword

ADA = ("ada.lovelace@acme.example", "Ada Lovelace", "Analytical Engines")


@pytest.mark.parametrize(
    "password",
    [
        "seven small blue boats",
        "correct horse battery",
        "パスワードは十二文字以上です",
        "🐘🦒🐊🦓🦁🐯🐻🐼🐨🐸🐙🦊",
        "Donaudampfschifffahrt",
        "kl Qz!7 v#m2 Wx",
    ],
)
def test_unrelated_words_and_random_characters_are_accepted(password: str) -> None:
    assert checked(password, personal=ADA) == password


@pytest.mark.parametrize(
    "password",
    [
        "password1234", "123456789012", "qwertyuiop12", "P@ssw0rd1234", "iloveyou1234", "Welcome12345",
        "adminadminadmin", "passwordpassword", "abcdefghijkl", "1q2w3e4r5t6y", "Passwort1234", "geheim123456",
        "🐘🦒🐊🦓🐘🦒🐊🦓🐘🦒🐊🦓",
    ],
)  # fmt: skip
def test_common_passwords_and_patterns_are_refused_with_advice(password: str) -> None:
    with pytest.raises(BadPassword, match="Choose several unrelated words") as caught:
        checked(password, field="new_password")
    assert [error["field"] for error in caught.value.errors] == ["new_password"]
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@acme.example",
        "Ada Lovelace",
        "adalovelace1",
        "ANALYTICAL ENGINES",
        "lovelaceacme",
        "ada.lovelace1",
    ],
)
def test_a_persons_own_names_and_address_are_refused(password: str) -> None:
    with pytest.raises(BadPassword):
        checked(password, personal=ADA)


def test_a_password_may_hold_a_name_among_other_words() -> None:
    assert checked("ada eats seven small boats", personal=ADA)


def test_random_passwords_are_always_accepted() -> None:
    for _ in range(100):
        assert checked(secrets.token_urlsafe(15), personal=ADA)


def test_a_long_password_is_judged_quickly() -> None:
    password = ("password1" * 200)[:MAX_BYTES]
    started = time.process_time()
    with pytest.raises(BadPassword):
        checked(password)
    assert time.process_time() - started < 1
