"""The search treats letters that look equal as equal."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_service.domain.folding import folded, search_name, search_text, search_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ΟΔΟΣ ΒΟΡΡΑΣ", "οδος βορρας"),
        ("ΟΔΟΣ", "οδοσ"),
        ("Οδός", "ΟΔΟΣ"),
        ("İSTANBUL ofisi", "istanbul OFİSİ"),
        ("ISPARTA", "ısparta"),
        ("Işık", "ISIK"),
        ("STRASSE", "Straße"),
        ("STRAẞE", "strasse"),
        ("ＶＰＮ ｐａｓｓｗｏｒｄ", "vpn password"),
        ("ﬁle", "FILE"),
        ("Café", "Cafe\u0301"),
        ("Café", "CAFE"),
        ("Ｃａｆé", "cafe"),
        ("ｶﾞｽ", "ガス"),
        ("각", "각"),
        ("v\u00adp\u200bn", "VPN"),
        ("№ 5", "no 5"),
        ("𝐕𝐏𝐍", "vpn"),
        ("Ǆ", "ǆ"),
        ("ŉ", "ʼn"),
    ],
)
def test_letters_that_are_read_as_the_same_are_the_same(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("を", "お"), ("か", "が"), ("नि", "न"), ("б", "в"), ("o", "0"), ("l", "1")]
)
def test_letters_that_are_read_as_different_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_twice_changes_nothing_more_in_words_that_are_searched(text: str) -> None:
    assert folded(text.casefold()) == folded(text)


@given(st.text(max_size=200), st.text(max_size=50))
def test_every_word_of_a_text_is_found_in_it(title: str, description: str) -> None:
    stored = search_text(title, description) or f"{title}\n{description}".lower()
    assert all(word in stored for word in search_words(title, 200))
    assert all(word in stored for word in search_words(description, 200))


def test_of_a_search_the_first_ten_different_words_count() -> None:
    assert search_words("a B a c d e f g h i j k l", 10) == tuple("abcdefghij")
    assert search_words("  ", 10) == ()


def test_a_text_of_ascii_needs_no_text_of_its_own() -> None:
    assert search_text("VPN", "It's down; 100 %") is None
    assert search_text("VPN", "É") == "vpn\ne"


@pytest.mark.parametrize("unit", ["İ", "\u0301", "ﷺ", "각", "a\u0301", "ß"])
def test_a_long_text_is_folded_at_once(unit: str) -> None:
    begun = time.process_time()
    folded(unit * 100_000)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("q", ["HD-1", " HD-1\n", "42", "#42", "TX20261120000042", "ß/ü"])
def test_a_single_word_may_be_a_tickets_name(q: str) -> None:
    assert search_name(q) == q.strip()


@pytest.mark.parametrize("q", ["", " ", "HD 1", "HD\u00a01", "x" * 101])
def test_several_words_are_no_name(q: str) -> None:
    assert search_name(q) is None
