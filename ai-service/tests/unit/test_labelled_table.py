"""CSV files as people export them, read for an evaluation."""

from contextlib import suppress

import pytest
from ai_service.api.labelled_table import BadTable, Form, Labelled, expect_enough, read_table
from hypothesis import given
from hypothesis import strategies as st


def read(
    content: str | bytes, text: tuple[str, ...] = (), label: str = "", max_rows: int = 100, max_characters: int = 1_000
):  # type: ignore[no-untyped-def]
    data = content if isinstance(content, bytes) else content.encode()
    return read_table(data, Form(text, label), max_rows=max_rows, max_characters=max_characters)


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
    assert (len(table.rows), table.left_out) == (1, 3)  # a blank row is none


def test_long_texts_are_cut() -> None:
    assert read(f"text,label\n{'x' * 50},a\n", max_characters=10).rows[0].text == "x" * 10


@pytest.mark.parametrize(
    ("content", "text", "label", "field", "says"),
    [
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
        (b'text,label\n"' + b"x" * 200_000, (), "", "file", "line 2"),
        (b'\n\ntext,label\na,b\n"a" b,c\n', (), "", "file", "line 5"),
        (b"text,label\na,b\nthe printer, again,b\nc,d\n", (), "", "file", "line 3"),
        (b"text,label,label\na,b,c\n", (), "", "label", "Columns 2 and 3"),
        (b"text,label,text\na,b,c\n", ("text",), "label", "text", "Columns 1 and 3"),
        (b"Subject,Body,BODY,Team\na,b,c,d\n", (), "", "text", "Columns 2 and 3"),
    ],
)
def test_what_cannot_be_used_is_named(content: bytes, text: tuple[str, ...], label: str, field: str, says: str) -> None:
    with pytest.raises(BadTable) as error:
        read(content, text, label)
    assert error.value.field == field
    assert says in error.value.message


def test_too_little_training_data_is_named() -> None:
    with pytest.raises(BadTable, match="at least 20"):
        expect_enough(read("text,label\na,b\n"), 20)
    with pytest.raises(BadTable, match="one value"):
        expect_enough(read("text,label\n" + "".join(f"a{place},b\n" for place in range(20))), 20)


@pytest.mark.parametrize("different", [1, 3, 4, 19])
def test_too_few_different_texts_are_named(different: int) -> None:
    rows = "".join(f"{' Wifi' if place % 2 else 'wifi '} {place % different},{place % 2}\n" for place in range(40))
    with pytest.raises(BadTable, match=f"too few different texts: {different} in 40 rows"):
        expect_enough(read("text,label\n" + rows), 20)


def test_texts_of_the_test_file_are_not_trained_on_and_do_not_count() -> None:
    def table(first: int, last: int):  # type: ignore[no-untyped-def]
        return read("text,label\n" + "".join(f"lift {n},{n % 2}\n" for n in range(first, last)))

    expect_enough(table(0, 40), 20, table(20, 60))
    with pytest.raises(BadTable, match="too few different texts that are not in test too: 19"):
        expect_enough(table(0, 40), 20, table(19, 60))


def test_the_encoding_is_guessed_and_the_guess_is_mentioned() -> None:
    table = read("text;label\nDer Drucker im Büro;IT\n;HR\n".encode("cp1252"))
    assert table.rows == (Labelled("Der Drucker im Büro", "IT"),)
    assert table.notes[0].startswith("file: read as CP1252, cells separated by semicolon; the encoding is guessed")
    assert table.notes[1:] == ("file: 1 rows without a text or a label are left out",)


def test_one_label_that_is_too_long_is_left_out_with_its_line() -> None:
    table = read(f"text,label\nhello,a\nbye,{'x' * 201}\nthere,b\n")
    assert (len(table.rows), table.left_out) == (2, 1)
    assert table.notes[-1] == "file: left out: line 3: a label of 201 characters"


@pytest.mark.parametrize(("delimiter", "encoding"), [("|", "cp1254"), ("^", "utf-16"), ("tab", "utf-8")])
def test_separator_and_encoding_may_be_given(delimiter: str, encoding: str) -> None:
    sign = "\t" if delimiter == "tab" else delimiter
    data = f"metin{sign}ekip\nŞifremi unuttum{sign}BT\n".encode(encoding)
    found = read_table(data, Form(("metin",), "ekip", delimiter, encoding), max_rows=9, max_characters=99)
    assert found.rows == (Labelled("Şifremi unuttum", "BT"),)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_named_as_none(data: bytes) -> None:
    with suppress(BadTable):
        assert read_table(data, Form(), max_rows=50, max_characters=100).rows
