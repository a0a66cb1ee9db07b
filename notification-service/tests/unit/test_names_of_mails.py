"""Names from mails: one line without anything hidden."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notification_service.domain.texts import without_hidden
from service_kit.names import hidden_characters

SHOWN = [
    "Acme & Søns #1",
    "Nguyễn Thị Minh Khai",
    "علی\u200cرضا",
    "क्\u200dष",
    "葛\U000e0100飾",
    "We \u2764\ufe0f\u200d\U0001f525",
]


@pytest.mark.parametrize("name", SHOWN)
def test_an_acceptable_name_stays_as_it_is(name: str) -> None:
    assert without_hidden(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Ann \u202etxt.exe", "Ann txt.exe"),
        (" Ann\t\r\n\u2028 of\u00a0 Acme ", "Ann of Acme"),
        ("A\ufe0f\u200d\U0001f525", "A\U0001f525"),
        ("\u202e\u200b \u3164", ""),
        ("\u0301", ""),
        ("a\u200b\u0301", "\u00e1"),
    ],
)
def test_a_name_from_outside_becomes_one_line_without_anything_hidden(given: str, name: str) -> None:
    assert without_hidden(given) == name


@given(
    st.text(
        st.sampled_from("a\u0301\u200d\u200c\ufe0f\U0001f525\U0001f469\u0915\u094d\u180b\u1820\u202e \n\u20e3"),
        max_size=12,
    )
)
def test_a_cleaned_name_is_acceptable_and_stays(text: str) -> None:
    cleaned = without_hidden(text)
    assert hidden_characters(cleaned) == []
    assert without_hidden(cleaned) == cleaned
