"""Lists, tables and running lines of PDFs: each row is read once, and none is lost."""

from .drawn import Drawn
from .reading import read, rows, text


def test_a_list_whose_lines_differ_only_by_figures_is_read_whole() -> None:
    made = Drawn()
    for page in range(5):
        made.page()
        for at in range(20):
            made.text(60, 780 - 30 * at, f"Locker {page * 20 + at + 1}   key {2_400 + page * 20 + at}", 12)
    found = read(made)
    assert sum(len(each.text.splitlines()) for each in found.sections) == 100
    assert "Locker 1 key 2400" in rows(found)[0].replace(" | ", " ")
    assert "Locker 100 key 2499" in rows(found)[-1].replace(" | ", " ")


def test_one_record_a_page_keeps_its_number() -> None:
    made = Drawn()
    for page in range(1, 7):
        made.page().lines(60, 600, f"Inspection of crane {page}", f"Load {page * 5} tonnes", "The brake was tested.")
    found = text(read(made))
    assert all(f"crane {page}" in found and f"Load {page * 5} t" in found for page in range(1, 7))


def test_headers_and_footers_are_told_once_and_page_numbers_never() -> None:
    made = Drawn()
    for page in range(1, 7):
        made.page().text(60, 770, "Brandschutzordnung, gültig ab 2. April 2031", 8)
        made.lines(60, 700, f"Absatz {'abcdef'[page - 1]} regelt das Verhalten.", "Er gilt in allen Hallen des Werks.")
        made.text(60, 40, "Notruf 7741", 8).text(280, 30, f"- {page} -", 8)
    found = text(read(made))
    assert (found.count("gültig ab 2. April 2031"), found.count("Notruf 7741"), found.count("- 3 -")) == (1, 1, 0)
    assert found.count("regelt das Verhalten") == 6


def test_left_and_right_pages_may_have_headers_of_their_own() -> None:
    made = Drawn()
    for page in range(1, 9):
        made.page().text(60, 770, f"{page}  Travel rules" if page % 2 else f"Edition 5  {page}", 8)
        made.lines(60, 700, f"Rule {'abcdefgh'[page - 1]} says what is paid.", "It is binding.")
    found = text(read(made))
    assert (found.count("Travel rules"), found.count("Edition 5")) == (1, 1)


def test_a_price_list_without_rules_becomes_rows_with_its_columns_names() -> None:
    made = Drawn().page().text(60, 700, "Article").text(260, 700, "Unit").text(360, 700, "Price")
    wares = [("Hex bolt M8", "piece", "0.12"), ("Washer", "box", "3.40"), ("Steel rope", "metre", "7.95")]
    for at, (article, unit, price) in enumerate(wares, 1):
        y = 700 - 18 * at
        made.text(60, y, article).text(260, y, unit).text(360, y, price)
    assert rows(read(made)) == [f"Article: {article}; Unit: {unit}; Price: {price}" for article, unit, price in wares]


def test_a_table_goes_on_on_the_next_page_with_and_without_its_head() -> None:
    for repeated in (True, False):
        made = Drawn()
        for page in range(2):
            lines = [("Code", "Meaning", "Minutes")] if repeated or page == 0 else []
            lines += [(f"E{page}{at}", f"fault of kind {'abc'[at]}", str(at + 4)) for at in range(3)]
            made.page()
            for row, cells in enumerate(lines):
                for column, cell in enumerate(cells):
                    made.text(64 + 150 * column, 705 - 20 * row, cell)
            for row in range(len(lines) + 1):
                made.rule(60, 720 - 20 * row, 510, 720 - 20 * row)
            for column in range(4):
                made.rule(60 + 150 * column, 720, 60 + 150 * column, 720 - 20 * len(lines))
        found = read(made)
        assert [each.locator for each in found.sections] == ["p. 1", "p. 2"]
        assert rows(found)[3] == "Code: E10; Meaning: fault of kind a; Minutes: 4"
        assert len(rows(found)) == 6


def test_rows_without_rules_between_them_stay_rows() -> None:
    made = Drawn().page().rule(60, 700, 400, 700)
    for x in (60, 160, 260, 400):
        made.rule(x, 720, x, 600)
    people = [("Schlüssel", "Raum", "Inhaber"), ("S-17", "Nordtor", "Ines Falk"), ("S-23", "Kesselhaus", "Omar Diaz")]
    people += [("S-40", "Dach", "Lin Wu")]
    for at, cells in enumerate(people):
        for column, cell in enumerate(cells):
            made.text(64 + 100 * column, 706 - 22 * at, cell)
    assert [line.count("S-") for line in rows(read(made))][-3:] == [1, 1, 1]


def test_cells_that_span_name_each_column_below_them() -> None:
    made = Drawn().page()
    for y in (700, 680, 660, 640):
        made.rule(60, y, 360, y)
    made.raw(b"160 680 m 160 640 l S 260 700 m 260 640 l S 60 700 m 60 640 l S 360 700 m 360 640 l S\n")
    lines = [["Fee", "", "Setup"], ["monthly", "yearly", "once"], ["5 EUR", "50 EUR", "20 EUR"]]
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            made.text(64 + 100 * column, 686 - 20 * row, cell)
    assert rows(read(made)) == ["Fee monthly: 5 EUR; Fee yearly: 50 EUR; Setup once: 20 EUR"]


def test_words_and_spaced_figures_in_cells_are_read_as_on_the_page() -> None:
    made = Drawn().page()
    for y in (700, 680, 660):
        made.rule(60, y, 460, y)
    for x in (60, 260, 460):
        made.rule(x, 700, x, 660)
    at = 64.0
    for word, width in (("return", 21.8), ("the", 11.1), ("pass", 17.8)):
        made.text(at, 686, word, 8)
        at += width + 2.3
    made.raw(b"BT /F1 8 Tf 3.4 Tc 264 686 Td (03/25/2031) Tj ET 0 Tc\n")
    made.text(64, 666, "keep it").text(264, 666, "04/01/2031")
    assert rows(read(made)) == ["return the pass | 03/25/2031", "keep it | 04/01/2031"]


def test_two_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    left = ["Switch the Torrin heater off and", "wrap it in the blue sheet that", "lies in its box."]
    right = ["Das Lager in Torrin ist mittags", "geschlossen. Besucher melden sich", "am Tor an."]
    made = Drawn().page()
    for at, (one, other) in enumerate(zip(left, right, strict=True)):
        made.text(60, 700 - 14 * at, one).text(330, 700 - 14 * at, other)
    found = text(read(made))
    assert " ".join(left) in found
    assert " ".join(right) in found
