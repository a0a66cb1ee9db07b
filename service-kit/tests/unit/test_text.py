"""Blank texts, and texts with visible characters."""

import pytest
from marshmallow import ValidationError
from service_kit.http.text import is_blank, not_blank

INVISIBLE = {
    "nothing": "",
    "blanks": " \t\r\n\u00a0\u2003\u3000",
    "zero width space": "\u200b",
    "word joiners": "\u2060\u2060",
    "byte order mark": "\ufeff",
    "hangul filler": "\u3164",
    "hangul jamo fillers": "\u115f\u1160\uffa0",
    "soft hyphen": "\u00ad",
    "bidi marks": "\u200e\u200f\u202a\u202e\u2066\u2069\u061c",
    "joiners": "\u200c\u200d",
    "combining acute alone": "\u0301",
    "combining marks on a blank": " \u0301\u20dd",
    "combining grapheme joiner": "\u034f",
    "variation selectors": "\ufe0f\U000e0100",
    "tags": "\U000e0041\U000e007f",
    "braille blank": "\u2800",
    "mongolian vowel separator": "\u180e",
    "line and paragraph separators": "\u2028\u2029",
    "controls": "\x00\x07\x1b\x7f\x85",
    "object placeholder": "\ufffc",
    "invisible times": "\u2062",
    "interlinear annotation": "\ufff9\ufffb",
    "khmer inherent vowels": "\u17b4\u17b5",
    "musical null": "\U0001d159\U0001d173",
    "reserved": "\u2065\ufff0\U000e0fff",
    "all together": "\u200b \u3164\u00ad\u0301\ufeff",
}
VISIBLE = [
    ".", "-", "0", "?", "x\u200b", "\u200bx", "é", "e\u0301", "ß", "Ж", "中", "한", "ع", "हि", "ไทย", "👍", "❤\ufe0f",
    "👨\u200d👩\u200d👧", "№", "€", "…", "\u00b4", "\ufffd", "\ue000", "ﷺ", "🇩🇪", "1\ufe0f\u20e3",
]  # fmt: skip


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)
    with pytest.raises(ValidationError, match="Must not be blank"):
        not_blank(text)


@pytest.mark.parametrize("text", VISIBLE)
def test_a_text_that_shows_anything_is_not_blank(text: str) -> None:
    assert not is_blank(text)
    not_blank(text)
