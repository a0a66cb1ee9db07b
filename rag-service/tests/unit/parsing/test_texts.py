"""Text, web pages and Markdown, and what every text goes through."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.adapters.parsing import html, markdown, plain, tables_csv
from rag_service.adapters.parsing.cleaning import clean, printable
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.domain.document import Unreadable

Reader = Callable[[bytes, Limits], Outline]
Found = list[tuple[tuple[str, ...], str]]


def read(reader: Reader, text: str) -> Found:
    return [(each.heading, each.text) for each in reader(text.encode(), Limits()).parsed().sections]


def test_underlined_lines_of_a_text_are_headings() -> None:
    assert read(plain.read, "Guide\n=====\nWords.\n\nPart\n----\n\nMore\nwords.\n") == [
        (("Guide",), "Words."),
        (("Guide", "Part"), "More\nwords."),
    ]


def test_signs_for_ligatures_are_letters() -> None:
    assert read(plain.read, "The o\ufb03ce con\ufb01rms \ufb02oor 3.") == [((), "The office confirms floor 3.")]


def test_a_text_without_headings_is_one_section() -> None:
    assert read(plain.read, "One.\r\n\r\nTwo.\r\nThree.") == [((), "One.\n\nTwo.\nThree.")]


def test_a_page_is_read_by_its_headings_lists_and_tables() -> None:
    page = """<title>Guide - Site</title><nav>Home</nav><h1>Guide <i>one</i></h1><p>Some <b>bold</b>  words<br>here.</p>
    <ul><li>one<li>two <ul><li>three</ul></ul><h2>Part</h2><table><tr><th>Name<th>Price<tr><td>Bolt<td>1</table>
    <table><tr><td>Town<td>Berlin</table><pre>a  b\n  c</pre>"""
    assert html.read(page.encode(), Limits()).parsed().title == "Guide - Site"
    assert read(html.read, page) == [
        (("Guide one",), "Some bold words\nhere.\n\n- one\n\n- two\n\n- three"),
        (("Guide one", "Part"), "Name: Bolt; Price: 1"),
        (("Guide one", "Part"), "Town | Berlin"),
        (("Guide one", "Part"), "a  b\n  c"),
    ]


def test_text_on_a_dark_ground_is_shown() -> None:
    page = '<div style="background:#003"><p style="color:white">shown</p></div><p style="color:white">not</p>'
    assert read(html.read, page) == [((), "shown")]


def test_rules_for_paper_hide_nothing() -> None:
    assert read(html.read, "<style>@media print {.a {display:none}}</style><p class=a>shown") == [((), "shown")]


def test_markdown_is_read_by_its_headings() -> None:
    text = (
        "---\ntitle: The guide\n---\n# One\n\nSome *words* & `a < b`.\n\n```\nx  = 1\n```\n## Two\n\n"
        "|a|b|c|\n|-|-|-|\n|1|2|3|\n"
    )
    assert markdown.read(text.encode(), Limits()).parsed().title == "The guide"
    assert read(markdown.read, text) == [
        (("One",), "Some words & a < b.\n\nx  = 1"),
        (("One", "Two"), "a: 1; b: 2; c: 3"),
    ]


def test_a_heading_with_nothing_below_it_is_kept() -> None:
    assert read(markdown.read, "# A\n\n## B\n\n## C\n\nwords") == [(("A",), "B"), (("A", "C"), "words")]


def test_an_element_that_is_only_named_does_not_swallow_the_text() -> None:
    [(_, text)] = read(markdown.read, "Put it into <title> or <script> or <textarea>, then go on.")
    assert text.endswith("then go on.")


def test_a_link_says_where_it_leads() -> None:
    source = (
        "Read the [guide](https://docs.example/vpn), [below](#vpn), <https://a.example> or `[no](https://b.example)`."
    )
    assert read(markdown.read, source) == [
        ((), "Read the guide (https://docs.example/vpn), below, https://a.example or [no](https://b.example).")
    ]


def test_raw_html_in_markdown_hides_what_it_hides() -> None:
    assert read(markdown.read, "a\n\n<div hidden>\n\nUNSEEN\n\n</div>\n\n<!-- UNSEEN -->\n\nb") == [((), "a\n\nb")]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("e\u0301", "é"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
        ("a\u202eb\u2066c", "abc"),
        ("a\x00b\x1bc\x7fd\x85e", "abcd\ne"),
        ("a\ud800b\udfffc", "abc"),
        ("a\u00a0b\u3000c", "a b c"),
        ("a\r\n\r\n\r\n  \nb  \r", "a\n\nb"),
        ("a \n\n\n\n  b  \n", "a\n\n  b"),
        ("two words  ", "two words"),
        ("tabs\tstay \t", "tabs\tstay"),
        ("ne\u200dver, می\u200cخواهم, 👩\u200d🚒", "never, می\u200cخواهم, 👩\u200d🚒"),
        ("x" + "\u0301" * 500, "x́" + "\u0301" * 7),
        ("".join(chr(0xE0000 + ord(letter)) for letter in "hidden"), ""),
    ],
)
def test_invisible_characters_are_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(st.characters()))
def test_any_text_is_clean_after_one_time(text: str) -> None:
    once = clean(text)
    assert printable(once) == once
    assert clean(once) == once
    assert once.encode().decode() == once


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=600), st.text(st.sampled_from("<>/ab=\"'#*-_[]()`|,;\n &!{}:"), max_size=300).map(str.encode)
    )
)
@pytest.mark.parametrize("reader", [plain.read, html.read, markdown.read, tables_csv.read])
def test_any_bytes_are_read_or_refused(reader: Reader, data: bytes) -> None:
    try:
        found = reader(data, Limits()).parsed()
    except Unreadable:
        return
    assert any(each.text.strip() for each in found.sections)
    assert all(printable(each.text) == each.text for each in found.sections)
