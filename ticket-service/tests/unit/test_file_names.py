"""Names of files: any name is sanitised, and sanitising again changes nothing."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ticket_service.domain.file_names import INVISIBLE, extension_of, file_name
from ticket_service.domain.files import BadFile

NASTY = st.text(
    st.sampled_from("a\u0301e.\u200d/\\\uff0f\uff0e\u202e \t\x00\ufeff\u2024\u2025\u2100\u00ad\ud800t"), max_size=30
)


@given(st.one_of(st.text(), NASTY))
@example("e\u200d\u0301.txt")
@example("a\u2024\u200b\u2024/..")
def test_a_sanitised_name_stays_as_it_is(given: str) -> None:
    try:
        name = file_name(given)
    except BadFile:
        return
    assert file_name(name) == name


@given(st.one_of(st.text(), NASTY))
def test_no_hidden_character_and_no_path_is_left(given: str) -> None:
    try:
        name = file_name(given)
    except BadFile:
        return
    assert not set(name) & {"/", "\\", "\0"}
    assert not {unicodedata.category(character) for character in name} & INVISIBLE
    assert 1 <= len(name) <= 255
    assert name not in {".", ".."}
    name.encode("utf-8")


@pytest.mark.parametrize("given", ["", " ", "...", "/", "a/", "\u200b", "..\\..", "x" * 256])
def test_a_name_that_is_empty_after_sanitising_is_refused(given: str) -> None:
    with pytest.raises(BadFile):
        file_name(given)


def test_the_extension_follows_the_last_dot() -> None:
    assert [extension_of(name) for name in ("a.PDF", "a.tar.gz", "pdf", ".pdf", "a.")] == ["pdf", "gz", "", "", ""]
