"""Hidden characters in names, and the field for names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from service_kit.http.text import Name, name_field
from service_kit.names import hidden_characters

SHOWN = {
    "plain": "Acme & Søns (North) #1",
    "German": "Müller-Lüdenscheidt",
    "Vietnamese": "Nguyễn Thị Minh Khai",
    "Persian, with a non-joiner between letters": "علی\u200cرضا",
    "Arabic number sign": "\u0600\u0661",
    "Devanagari, with a joiner after a virama": "क्\u200dष",
    "Sinhala": "ශ්\u200dරී",
    "Malayalam, with a joiner at the end": "അവന്\u200d",
    "Hebrew with points": "שָׁלוֹם",
    "Mongolian with a variation selector": "ᠮᠣᠩᠭᠣᠯ\u180b",
    "ideograph with a variation": "葛\U000e0100飾",
    "family": "Team \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "heart": "We \u2764\ufe0f IT",
    "heart on fire": "\u2764\ufe0f\u200d\U0001f525",
    "keycap": "Desk 1\ufe0f\u20e3",
    "skin tone and profession": "\U0001f469\U0001f3fd\u200d\U0001f4bb",
    "flag": "\U0001f1e9\U0001f1ea",
}
HIDDEN = {
    "zero width space": ("Ac\u200bme", "U+200B ZERO WIDTH SPACE"),
    "word joiner": ("Ac\u2060me", "U+2060 WORD JOINER"),
    "byte order mark": ("\ufeffAcme", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    "override": ("\u202eemcA", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    "isolate": ("\u2066Acme\u2069", "U+2066 LEFT-TO-RIGHT ISOLATE"),
    "mark": ("Acme\u200f", "U+200F RIGHT-TO-LEFT MARK"),
    "Arabic mark": ("Acme\u061c", "U+061C ARABIC LETTER MARK"),
    "null": ("Ac\x00me", "U+0000"),
    "bell": ("Ac\x07me", "U+0007"),
    "C1 control": ("Ac\x85me", "U+0085"),
    "line separator": ("Ac\u2028me", "U+2028 LINE SEPARATOR"),
    "soft hyphen": ("Ac\u00adme", "U+00AD SOFT HYPHEN"),
    "joiner between Latin letters": ("Ac\u200dme", "U+200D ZERO WIDTH JOINER"),
    "non-joiner between Latin letters": ("Ac\u200cme", "U+200C ZERO WIDTH NON-JOINER"),
    "non-joiner after Arabic at the end": ("علی\u200c", "U+200C ZERO WIDTH NON-JOINER"),
    "joiner at the beginning": ("\u200d\U0001f469", "U+200D ZERO WIDTH JOINER"),
    "non-joiner between emoji": ("\U0001f469\u200c\U0001f469", "U+200C ZERO WIDTH NON-JOINER"),
    "selector after a letter": ("Acme\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
    "ideographic selector after a letter": ("Acme\U000e0100", "U+E0100 VARIATION SELECTOR-17"),
    "Mongolian selector after a letter": ("Acme\u180b", "U+180B MONGOLIAN FREE VARIATION SELECTOR ONE"),
    "tag": ("Acme\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
    "filler": ("Ac\u3164me", "U+3164 HANGUL FILLER"),
    "grapheme joiner": ("Ac\u034fme", "U+034F COMBINING GRAPHEME JOINER"),
    "lone surrogate": ("Ac\ud800me", "U+D800"),
}


@pytest.mark.parametrize("name", SHOWN.values(), ids=SHOWN)
def test_a_name_of_any_script_is_accepted(name: str) -> None:
    assert hidden_characters(name) == []


@pytest.mark.parametrize(("name", "hidden"), HIDDEN.values(), ids=HIDDEN)
def test_a_name_that_hides_something_is_refused_with_what_it_hides(name: str, hidden: str) -> None:
    assert hidden in hidden_characters(name)
    with pytest.raises(ValidationError, match=hidden.replace("+", r"\+")):
        Name().deserialize(name)


@given(st.text())
def test_no_text_makes_the_check_fail(text: str) -> None:
    assert len(hidden_characters(text)) <= len(text)


def test_a_name_is_loaded_in_its_composed_form() -> None:
    assert Name().deserialize(unicodedata.normalize("NFD", "Café Müller")) == unicodedata.normalize(
        "NFC", "Café Müller"
    )


def test_a_name_has_no_blanks_around_it_and_no_more_characters_than_allowed() -> None:
    field = name_field(4)
    assert field.deserialize("Acme") == "Acme"
    assert field.deserialize("e\u0301e\u0301e\u0301e\u0301") == "éééé"
    for refused in ("", " Acm", "Acm ", "Acmes", "\u200b"):
        with pytest.raises(ValidationError):
            field.deserialize(refused)
