"""Text of PDFs: what people see is read as they see it, and what is not read is told."""

import pytest
from rag_service.adapters.parsing.cleaning import clean
from rag_service.domain.document import Unreadable

from .drawn import Drawn
from .reading import left_out, read, rows, text

LANDSCAPE = b"/MediaBox[0 0 842 595]"
LINE = "The pump of hall four runs at 40 bar and stops by itself at 52 bar."
UNNAMED = (
    b"<</Type/Font/Subtype/Type1/BaseFont/Corbel/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding"
    b"/Differences[1/g001]>>>>"
)


def test_text_in_a_form_object_is_read_at_its_place_on_the_page() -> None:
    made = (
        Drawn()
        .drawing("Leaf", b"BT /F1 12 Tf 60 780 Td (Carers get 12 days.) Tj 0 -500 Td (Part 1) Tj ET")
        .page(LANDSCAPE)
    )
    made.raw(b"q .7 0 0 .7 0 0 cm /Leaf Do Q q .7 0 0 .7 0 -900 cm /Leaf Do Q\n")
    found = read(made)
    assert text(found).count("Carers get 12 days.") == 1
    # The second copy lies below the page.
    assert left_out(found)["hidden_text"][0] == 6


def test_two_leaves_on_a_turned_page_are_read_one_after_the_other() -> None:
    made = Drawn()
    for leaf in (1, 2):
        made.drawing(
            f"Leaf{leaf}", b"BT /F1 11 Tf 60 780 Td (Leaf %d speaks of the) Tj 0 -14 Td (harbour crane.) Tj ET" % leaf
        )
    made.page(LANDSCAPE).raw(b"q 0 .5 -.5 0 421 0 cm /Leaf1 Do Q q 0 .5 -.5 0 842 0 cm /Leaf2 Do Q\n")
    found = text(read(made))
    assert "Leaf 1 speaks of the harbour crane." in found
    assert "Leaf 2 speaks of the harbour crane." in found


def test_a_turned_page_has_headings_and_tables_like_any_other() -> None:
    made = Drawn().page(b"/Rotate 90")
    for at, cells in enumerate([("Part", "Price", "Stock"), ("Seal", "4.10", "12"), ("Ring", "2.20", "7")]):
        for column, cell in enumerate(cells):
            made.raw(b"BT /F1 10 Tf 0 1 -1 0 %d %d Tm (%b) Tj ET\n" % (200 + 16 * at, 60 + 120 * column, cell.encode()))
    assert rows(read(made)) == ["Part: Seal; Price: 4.10; Stock: 12", "Part: Ring; Price: 2.20; Stock: 7"]


def test_white_letters_are_read_on_a_colour_and_not_on_white() -> None:
    made = Drawn().page().area(50, 690, 300, 24).text(60, 697, "Notdienst 7741", before="1 1 1 rg")
    found = read(made.text(60, 600, "Not for you", before="1 1 1 rg").text(60, 500, LINE))
    assert "Notdienst 7741" in text(found)
    assert "Not for you" not in text(found)
    assert left_out(found)["hidden_text"][0] == 3


def test_what_a_bar_covers_is_not_read_and_what_a_scan_covers_is() -> None:
    made = Drawn().page().text(60, 700, LINE).text(60, 600, "Salary 5000").area(55, 595, 200, 16, "0 0 0")
    assert "5000" not in text(read(made))
    assert LINE in text(read(Drawn().page().text(60, 700, LINE).picture()))


@pytest.mark.parametrize(
    ("figure", "raised", "behind", "expected"),
    [
        ("costs 480", "1", "EUR a day", "costs 480 EUR ¹ a day"),
        ("kostet 75", "1,2", "Euro pro Nacht", "kostet 75 Euro ¹,² pro Nacht"),
        ("a hall of 45 m", "2", "and more", "a hall of 45 m² and more"),
        ("at most 10", "6", "parts", "at most 10⁶ parts"),
        ("every Monday", "*", "at nine", "every Monday * at nine"),
    ],
)
def test_a_raised_number_is_no_part_of_the_figure(figure: str, raised: str, behind: str, expected: str) -> None:
    made = Drawn().page()
    made.raw(
        f"BT /F1 12 Tf 60 700 Td ({figure}) Tj 5 Ts /F1 7 Tf ({raised}) Tj 0 Ts /F1 12 Tf ( {behind}) Tj ET\n".encode()
    )
    assert text(read(made)).strip() == expected


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("a non-", "transferable pass", "a non-transferable pass"),
        ("the self-", "check kiosk", "the self-check kiosk"),
        ("a wellness-", "related course", "a wellness-related course"),
        ("the trans-", "lation of it", "the translation of it"),
        ("die Vor-", "und Nachteile", "die Vor- und Nachteile"),
        ("die Kfz-", "Steuer", "die Kfz-Steuer"),
        ("der Arbeits-", "vertrag", "der Arbeitsvertrag"),
        ("rooms 12-", "14 are shut", "rooms 12-14 are shut"),
        ("please re-", "enter it", "please re-enter it"),
        ("please re-", "port it", "please report it"),
        ("an e-", "mail", "an e-mail"),
    ],
)
def test_hyphens_at_line_ends_stay_where_they_are_part_of_the_word(above: str, below: str, expected: str) -> None:
    assert expected in text(read(Drawn().page().lines(60, 700, above, below)))


def test_the_document_itself_says_whether_a_word_has_a_hyphen() -> None:
    made = (
        Drawn()
        .page()
        .lines(60, 700, "The sub-contract and the database.", "Any sub-", "contract names the data-", "base.")
    )
    assert "Any sub-contract names the database." in text(read(made))


def test_letters_without_meaning_are_found_from_the_words_they_stand_in() -> None:
    made = Drawn().font("Odd", UNNAMED).page().text(60, 700, "Please con\x01rm the pro\x01t of the \x01rm.", font="Odd")
    assert "Please confirm the profit of the firm." in text(read(made))


def test_letters_that_nothing_explains_stay_visible_and_are_counted() -> None:
    found = read(Drawn().font("Odd", UNNAMED).page().text(60, 700, "Die Tri\x01sk der Vol\x01rn geht.", font="Odd"))
    assert "Tri\ufffdsk" in text(found)
    assert left_out(found)["unknown_letters"][0] == 2


def test_the_sign_for_an_unknown_letter_is_not_cleaned_away() -> None:
    assert clean("of\ufffdice\u200b") == "of\ufffdice"


def test_a_filled_form_is_read_with_its_labels() -> None:
    made = (
        Drawn().page().text(60, 660, "Beginn der Reise:").field("f1", (160, 655, 300, 672), "/FT/Tx/V(14. Juni 2031)")
    )
    shown = "/FT/Btn/AP<</N<</Yes null/Off null>>>>"
    made.text(76, 601, "Vegetarian").field("veg", (60, 600, 70, 610), f"{shown}/V/Yes/AS/Yes")
    made.text(76, 581, "Window seat").field("seat", (60, 580, 70, 590), f"{shown}/V/Off/AS/Off")
    made.field("cc", (60, 500, 90, 512), "/FT/Ch/Ff 131072/Opt[(47)(48)]/V(48)/TU(Cost centre)")
    made.field("secret", (60, 400, 90, 412), "/FT/Tx/Ff 8192/V(pass)").field("empty", (60, 300, 90, 312), "/FT/Tx")
    made.note("/Subtype/FreeText/Rect[60 200 200 215]/F 4/Contents(Approved by R. Falk)/DA(/F1 10 Tf)")
    found = read(made)
    assert rows(found) == ["Beginn der Reise: 14. Juni 2031", "Vegetarian: yes", "Window seat: no", "Cost centre: 48"]
    assert "Approved by R. Falk" in text(found)


def test_fields_below_names_of_columns_are_rows() -> None:
    made = Drawn().page().text(60, 700, "Ware").text(200, 700, "Stück")
    for at, (ware, count) in enumerate((("Stuhl", "4"), ("Tisch", "2"))):
        made.field(f"w{at}", (60, 670 - 20 * at, 180, 684 - 20 * at), f"/FT/Tx/V({ware})")
        made.field(f"c{at}", (200, 670 - 20 * at, 240, 684 - 20 * at), f"/FT/Tx/V({count})")
    assert rows(read(made)) == ["Ware: Stuhl; Stück: 4", "Ware: Tisch; Stück: 2"]


def test_a_stamp_across_the_page_is_no_heading() -> None:
    made = Drawn().page().lines(60, 700, LINE).raw(b"BT /F1 60 Tf .7 .7 -.7 .7 150 200 Tm (DRAFT) Tj ET\n")
    assert all(each.heading == () for each in read(made).sections)


def test_scanned_pages_of_a_mixed_file_are_named() -> None:
    made = Drawn()
    for page in range(1, 7):
        made.page()
        if page in (2, 4, 5):
            made.picture()
        else:
            made.text(60, 700, LINE)
    count, reason = left_out(read(made))["scanned_pages"]
    assert (count, reason.startswith("Pages 2, 4 and 5 are pictures without text;")) == (3, True)


def test_pages_are_named_by_what_is_printed_on_them_too() -> None:
    made = (
        Drawn()
        .page()
        .text(60, 700, LINE)
        .page()
        .text(60, 700, LINE)
        .catalog(b"/PageLabels<</Nums[0<</S/r>>1<</S/D>>]>>")
    )
    assert [each.locator for each in read(made).sections] == ["p. 1 (i)", "p. 2 (1)"]


def test_bold_lines_above_text_are_headings_and_bold_words_in_it_are_not() -> None:
    made = Drawn().page().text(60, 700, "Lost badges", font="Bold").lines(60, 686, LINE, "It is shut down at once.")
    made.text(60, 640, "Deadline: 5 May 2031", font="Bold").lines(60, 626, LINE)
    found = read(made)
    assert [each.heading for each in found.sections] == [("Lost badges",)]
    assert "Deadline: 5 May 2031" in found.sections[0].text


def test_a_sentence_that_goes_on_on_the_next_page_is_whole() -> None:
    made = Drawn().page().lines(60, 700, LINE, "Who is ill for longer than three days sends the")
    made.page().lines(60, 700, "certificate to the office. It is kept for a year.", LINE)
    first, second = read(made).sections
    assert first.text.endswith("sends the certificate to the office.")
    assert second.text.startswith("It is kept")


@pytest.mark.parametrize(
    ("made", "code", "told"),
    [
        (Drawn().page().picture().page().picture(), "scanned", "text recognition"),
        (Drawn().page().raw(b"10 10 m 90 90 l S\n"), "scanned", "shapes"),
        (Drawn().page().text(60, 700, LINE, before="1 1 1 rg"), "empty", "see"),
    ],
)
def test_a_file_without_text_tells_why(made: Drawn, code: str, told: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(made)
    assert caught.value.code == code
    assert told in caught.value.reason


def test_lists_side_by_side_as_on_a_menu_are_read_one_after_the_other() -> None:
    drawn = Drawn().page()
    left = ["Coffee", ("Espresso", "4.20"), ("Flat white", "5.80"), ("Oat milk", "0.60"), "", "Cold", ("Juice", "4.80")]
    right = [("Soup", "8.50"), ("Quiche", "16.80"), "Sweet", ("Carrot cake", "5.80"), ("Brownie", "4.90"), "", ""]
    for x, items in ((60, left), (330, right)):
        for row, item in enumerate(items):
            name, price = (item, "") if isinstance(item, str) else item
            drawn.text(x, 700 - 16 * row, name)
            drawn.text(x + 170, 700 - 16 * row, price)
    text = "\n".join(each.text for each in read(drawn).sections)
    assert "Flat white | 5.80" in text
    assert text.index("Juice | 4.80") < text.index("Soup | 8.50")
    assert "Sweet\nCarrot cake | 5.80" in text
