"""Names of people: which are accepted, how they are stored, and which look alike."""

import unicodedata

import pytest
from auth_service.adapters.look_alikes import look_of, looks_of
from auth_service.domain.name import MAX_CHARACTERS, BadName, accepted_name
from auth_service.domain.user import username_key
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Ada Lovelace",
        "O'Neil",
        "Łukasz",
        "Ἀθηνᾶ",
        "Юлия",
        "محمد علي",
        "สมชาย",
        "山田太郎",
        "김철수",
        "अदिति",
        "a" * 150,
    ],
)
def test_names_of_any_script_are_accepted_unchanged(name: str) -> None:
    composed = unicodedata.normalize("NFC", name)
    assert accepted_name(composed) == composed


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [("Ａｄａ", "Ada"), ("Ada\u00a0Lovelace", "Ada Lovelace"), ("Ada   Lovelace", "Ada Lovelace"), ("ﬁfi", "fifi"),
     ("e\u0301ric", "éric"), ("Ada\u3000L", "Ada L")],
)  # fmt: skip
def test_other_spellings_of_letters_and_blanks_become_the_usual_ones(given_name: str, stored: str) -> None:
    assert accepted_name(given_name) == stored


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "blanks"),
        (" Ada", "blanks"),
        ("Ada\u00a0", "blanks"),
        ("a" * (MAX_CHARACTERS + 1), "Longer"),
        ("\ufdfa" * 100, "Longer"),
        ("Ada\n", "U+000A"),
        ("A\x00da", "U+0000"),
        ("Ada\u200b", "U+200B ZERO WIDTH SPACE"),
        ("A\u200dda", "U+200D"),
        ("\u202eadA", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("A\u00adda", "U+00AD SOFT HYPHEN"),
        ("A\ufeffda", "U+FEFF"),
        ("A\ufe0fda", "U+FE0F"),
        ("Ada\U000e0041", "U+E0041"),
        ("Ada\u3164", "U+3164 HANGUL FILLER"),
        ("Ada\u2800", "U+2800"),
        ("Ada\ue000", "U+E000"),
        ("Ada\u2028", "U+2028"),
    ],
)
def test_a_name_with_something_invisible_or_too_long_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(BadName, match=reason.replace("+", r"\+")):
        accepted_name(name)


@given(st.text(max_size=60))
def test_an_accepted_name_is_accepted_again_and_stays_the_same(text: str) -> None:
    try:
        name = accepted_name(text)
    except BadName:
        return
    assert accepted_name(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada", "аdа"),  # Cyrillic
        ("Ada", "Αda"),  # Greek
        ("paypal", "pаypаl"),
        ("Ilya", "llya"),
        ("Ilya", "1lya"),
        ("admin", "adrnin"),
        ("Bob", "Воb"),
        ("O Neil", "0 Neil"),
        ("scope", "ѕсоре"),
        ("Ｂob", "Bob"),
        ("MARIA", "maria"),
    ],
)
def test_names_that_look_alike_share_a_look(one: str, other: str) -> None:
    assert one != other
    assert look_of(one) == look_of(other) or username_key(one) == username_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "ACME"), ("Imperial", "imperial"), ("Acme", "\u0410CM\u0415"), ("ILYA", "1LYA"), ("Modern", "modem")],
)
def test_names_that_look_alike_in_any_case_share_one_of_their_looks(one: str, other: str) -> None:
    assert looks_of(one) & looks_of(other)
    assert not looks_of(one) & looks_of(f"{other}s")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Adam"),
        ("Zoé", "Zoe"),
        ("Юлия", "Юля"),
        ("Ann 2", "Ann 3"),
        ("user10", "user11"),
        ("山田", "山本"),
        ("Max", "Mex"),
    ],
)
def test_names_that_do_not_look_alike_have_different_looks(one: str, other: str) -> None:
    assert look_of(one) != look_of(other)
