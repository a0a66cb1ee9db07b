"""One-time codes, recovery codes and half-done logins, without a database."""

import string
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from auth_service.adapters.one_time_codes import new_secret, provisioning_uri, step_of
from auth_service.domain.second_factor import (
    RECOVERY_CODES,
    HalfLogins,
    half_login_of,
    new_recovery_codes,
    one_time_code,
    recovery_digest,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 29, 12, 0, 15, tzinfo=UTC)
STEP = timedelta(seconds=30)
LOGINS = HalfLogins(b"k" * 32)
HALF = half_login_of(company_id=3, user_id=70, password_version=2, now=NOW)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456"])
def test_a_code_may_be_typed_with_blanks(typed: str) -> None:
    assert one_time_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "１２３４５６",
        "١٢٣٤٥٦",
        "-123456\n",
        "123456\x00",
        pytest.param("1" * 1_000_000, id="1 MB"),
    ],
)
def test_other_texts_are_no_code(typed: str) -> None:
    assert one_time_code(typed) is None


def test_a_code_counts_in_its_own_step_and_in_its_neighbours() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    step = int(NOW.timestamp()) // 30
    assert [step_of(secret, code, NOW + shift * STEP) for shift in (-2, -1, 0, 1, 2)] == [None, step, step, step, None]


def test_a_secret_has_160_bits_and_its_address_names_the_person() -> None:
    secret = new_secret()
    assert len(secret) == 32
    assert secret != new_secret()
    address = urlsplit(provisioning_uri(secret, "ada+x@company.example"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert "ada%2Bx%40company.example" in address.path
    assert parse_qs(address.query) == {"secret": [secret], "issuer": ["Smart Ticket"]}


def test_recovery_codes_are_ten_different_ones_of_eighty_bits() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES == 10
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [4, 4, 4, 4]
        assert set("".join(groups)) <= set(string.ascii_uppercase + "234567")


def test_a_recovery_code_may_be_typed_in_any_case_with_or_without_hyphens() -> None:
    code = new_recovery_codes()[0]
    digest = recovery_digest(code)
    assert digest is not None
    assert {recovery_digest(code.lower()), recovery_digest(code.replace("-", "")), recovery_digest(f" {code} ")} == {
        digest
    }


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-IJKL-MNO1", "ÄBCD-EFGH-IJKL-MNOP", "x" * 100])
def test_other_texts_are_no_recovery_code(typed: str) -> None:
    assert recovery_digest(typed) is None


def test_a_half_done_login_lasts_five_minutes() -> None:
    token = LOGINS.make(HALF)
    assert LOGINS.read(token, NOW + timedelta(minutes=4, seconds=59)) == HALF
    assert LOGINS.read(token, NOW + timedelta(minutes=5)) is None


def test_a_half_done_login_of_another_installation_is_worth_nothing() -> None:
    assert HalfLogins(b"l" * 32).read(LOGINS.make(HALF), NOW) is None


def test_no_changed_character_of_a_half_done_login_goes_unnoticed() -> None:
    token = LOGINS.make(HALF)
    for position in range(len(token)):
        changed = token[:position] + ("1" if token[position] != "1" else "2") + token[position + 1 :]
        assert LOGINS.read(changed, NOW) is None, position


@given(
    st.one_of(st.text(), st.text().map(lambda text: "sth_" + text), st.from_regex(r"sth_\d+\.\d+\.\d+\.\d+\.\w*\.\w*"))
)
def test_no_other_text_is_a_half_done_login(text: str) -> None:
    assert LOGINS.read(text, NOW) is None


def test_a_megabyte_is_no_half_done_login() -> None:
    assert LOGINS.read("sth_" + "1" * 1_000_000, NOW) is None
