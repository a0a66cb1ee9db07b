"""CSV files that strangers made."""

from contextlib import suppress

import pytest
from ai_service.domain.labelled_table import BadTable, Labelled, expect_enough, read_table
from hypothesis import given
from hypothesis import strategies as st


def read(content: str | bytes, text: tuple[str, ...] = (), label: str = "", most: int = 100, longest: int = 1_000):  # type: ignore[no-untyped-def]
    data = content if isinstance(content, bytes) else content.encode()
    return read_table(data, text, label, most=most, longest=longest)


def test_the_columns_are_guessed_where_their_names_say_enough() -> None:
    table = read("id,Subject,Body,Queue\n1,Hello,my laptop is broken,IT\n")
    assert table.rows == (Labelled("Hello\nmy laptop is broken", "IT"),)
    assert (table.text_columns, table.label_column) == (("Subject", "Body"), "Queue")


def test_of_two_columns_the_one_that_is_no_text_is_the_label() -> None:
    assert read("text,what\nhello there,greeting\n").label_column == "what"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found(separator: str) -> None:
    content = separator.join(["n", "text", "label"]) + "\n" + separator.join(["1", '"a, b; c\n| d"', "x"]) + "\n"
    assert read(content).rows == (Labelled("a, b; c\n| d", "x"),)


def test_what_excel_writes_is_read() -> None:
    assert read(b"\xef\xbb\xbftext;label\r\nGr\xc3\xbc\xc3\x9fe;Post\r\n").rows == (Labelled("Grüße", "Post"),)


def test_rows_without_text_or_label_are_left_out_and_counted() -> None:
    table = read("text,label\nhello,a\n,b\nthere,\n  ,  \nshort\n")
    assert (len(table.rows), table.left_out) == (1, 4)


def test_long_texts_are_cut() -> None:
    assert read(f"text,label\n{'x' * 50},a\n", longest=10).rows[0].text == "x" * 10


@pytest.mark.parametrize(
    ("content", "text", "label", "field", "says"),
    [
        (b"text,label\n\xff\xfe,a\n", (), "", "file", "UTF-8"),
        (b"text,label\n\x00,a\n", (), "", "file", "NUL"),
        (b"", (), "", "file", "no line"),
        (b"text\nhello\n", (), "", "file", "two columns"),
        (b"a,b,c\n1,2,3\n", (), "", "text", "a, b, c"),
        (b"text,b,c\n1,2,3\n", (), "", "label", "text, b, c"),
        (b"text,b,c\n1,2,3\n", ("nothing",), "b", "text", "no column nothing"),
        (b"text,b,c\n1,2,3\n", ("text",), "nothing", "label", "no column nothing"),
        (b"text,b\n1,2\n", ("text",), "text", "label", "already"),
        (b"text,label\n,\n", (), "", "file", "No row"),
        (b"text,label\n" + b"a,b\n" * 101, (), "", "file", "100 rows"),
        (b"text,label\na," + b"x" * 201 + b"\n", (), "", "label", "201"),
        (b'text,label\n"' + b"x" * 200_000, (), "", "file", "Line"),
    ],
)
def test_what_cannot_be_used_is_named(content: bytes, text: tuple[str, ...], label: str, field: str, says: str) -> None:
    with pytest.raises(BadTable) as error:
        read(content, text, label)
    assert error.value.field == field
    assert says in error.value.message


def test_too_little_to_learn_from_is_named() -> None:
    with pytest.raises(BadTable, match="at least 20"):
        expect_enough(read("text,label\na,b\n"), 20)
    with pytest.raises(BadTable, match="one value"):
        expect_enough(read("text,label\n" + "a,b\n" * 20), 20)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_named_as_none(data: bytes) -> None:
    with suppress(BadTable):
        assert read_table(data, most=50, longest=100).rows
