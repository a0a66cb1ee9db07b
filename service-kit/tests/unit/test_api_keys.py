"""An API key's form is checked without a query."""

import pytest
from service_kit.identity.api_keys import ALPHABET, is_well_formed, key_id_of
from service_kit.testing.api_keys import some_api_key

KEY = "stk_0123ABCD_0123456789ABCDEFGHIJKLMNOPQRSTUV25CRdI"


def test_new_keys_are_well_formed_different_and_have_an_id() -> None:
    keys = {some_api_key() for _ in range(200)}
    assert len(keys) == len({key_id_of(key) for key in keys}) == 200
    assert all(is_well_formed(key) and len(key) == 51 for key in keys)


def test_the_form_is_the_one_that_scanners_were_given() -> None:
    assert is_well_formed(KEY)
    assert key_id_of(KEY) == "0123ABCD"


def test_a_typing_error_anywhere_is_found() -> None:
    for place in range(4, len(KEY)):
        wrong = KEY[:place] + ("x" if KEY[place] != "x" else "y") + KEY[place + 1 :]
        assert not is_well_formed(wrong)


@pytest.mark.parametrize(
    "key", ["", "stk_", KEY + "\n", KEY + "A", KEY[:-1], " " + KEY, KEY.upper(), "stk_" + "é" * 47]
)
def test_another_text_is_no_key(key: str) -> None:
    assert not is_well_formed(key)


def test_checksums_use_the_whole_alphabet_and_no_other_character() -> None:
    assert set("".join(some_api_key()[-6:] for _ in range(2000))) <= set(ALPHABET)
