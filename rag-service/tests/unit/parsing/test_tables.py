"""One table reads alike in every kind of file."""

from collections.abc import Callable

import pytest
from rag_service.domain.document import Parsed

from . import table_files as files
from .table_files import ALL, UNMARKED, Table, lines, prose, questions

Kind = Callable[[Table], Parsed]
kinds = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
unmarked = pytest.mark.parametrize("kind", UNMARKED, ids=lambda kind: kind.__name__)


@kinds
def test_each_row_tells_the_names_of_its_columns(kind: Kind) -> None:
    table = [["Article", "Price", "Stock"], ["Elm shelf, oiled", "89 EUR", "12"], ["Oak | rail", "", "3"]]
    assert lines(kind(table)) == [
        "Article: Elm shelf, oiled; Price: 89 EUR; Stock: 12",
        "Article: Oak | rail; Stock: 3",
    ]


@unmarked
@pytest.mark.parametrize(
    "table",
    [
        [["Place", "Supplier", "Kg"], ["Riga", "Supplier 12", "4"], ["Lund", "Supplier 7", "9"]],
        [["Raum", "Etage", "Plätze"], ["Raum 4", "Etage 1", "12"], ["Raum 9", "Etage 2", "8"]],
    ],
    ids=lambda table: table[0][0],
)
def test_a_column_may_repeat_its_name_in_each_value(kind: Kind, table: Table) -> None:
    names, *rows = table
    assert lines(kind(table)) == [
        "; ".join(f"{name}: {cell}" for name, cell in zip(names, row, strict=True)) for row in rows
    ]


@unmarked
@pytest.mark.parametrize(
    "table",
    [
        [["Ines Falk", "Payroll", "Turku"], ["Omar Reiss", "Transport", "Bremen"]],
        [["Ines Falk", "Payroll", "Turku"], ["Omar Reiss", "Transport", "Bremen"], ["Lea Brandt", "Payroll", "Bremen"]],
        [["Reception", "4100"], ["Workshop", "4210"], ["Canteen", "4333"]],
        [["Monday", "closed"], ["Tuesday", "10:00-18:00"], ["Wednesday", "10:00-18:00"]],
        [["K-114", "restart the pump"], ["K-209", "call the plumber"]],
        [["Contract", "Bergmann AG"], ["Rate", "12 %"], ["Notice period", "3 months"]],
        [["Lite", "included", "15 EUR"], ["Max", "9 EUR", "25 EUR"]],
    ],
    ids=lambda table: table[0][0],
)
def test_a_table_without_names_has_none(kind: Kind, table: Table) -> None:
    assert lines(kind(table)) == [" | ".join(row) for row in table]


@unmarked
@pytest.mark.parametrize(
    "table",
    [
        [["Artikel", "Preis"], ["Ahorn Regal", "120 EUR"], ["Buche Regal", "98 EUR"]],
        [["Nom", "Service", "Poste"], ["Paul Girard", "Achats", "412"], ["Zoé Morel", "Ventes", "413"]],
        [["Product", "2024", "2025"], ["Lamps", "310", "330"], ["Cables", "120", "95"]],
        [["Branch", "Opens", "Closes"], ["Leith", "10:00", "16:00"], ["Perth", "09:30", "17:00"]],
        [["Code", "Meaning"], ["E7", "The lid is open"], ["E8", "The tank is empty"]],
        [["Abholung des Rads", "Preis"], ["bis 5 km", "10 €"], ["bis 15 km", "20 €"], ["über 15 km", "nach Absprache"]],
        [["first_name", "town"], ["Ada", "Ghent"], ["Bo", "Lund"]],
        [["Ticket", "Adults", "65+", "6–12"], ["Day", "£12", "£9", "£6"], ["Year", "£40", "£30", "£18"]],
        [["", "Basic", "Plus"], ["Storage", "5 GB", "50 GB"], ["Seats", "1", "10"]],
    ],
    ids=lambda table: "-".join(table[0]),
)
def test_names_are_known_by_the_values_below_them_and_by_their_words(kind: Kind, table: Table) -> None:
    head, *rows = table
    wanted = [
        "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=True)) for row in rows
    ]
    assert lines(kind(table)) == wanted


@unmarked
def test_titles_notes_and_groups_belong_to_their_rows(kind: Kind) -> None:
    table = [
        ["Fares of the harbour ferry, valid from 4 May 2031", "", ""],
        ["Ticket", "Adult", "Child"],
        ["Day trips", "", ""],
        ["Single", "4.20", "2.10"],
        ["Return", "7.80", "3.90"],
        ["Season tickets", "", ""],
        ["Month", "61.00", "30.50"],
        ["Dogs travel free of charge on all lines.", "", ""],
    ]
    found = kind(table)
    assert lines(found) == [
        "Day trips; Ticket: Single; Adult: 4.20; Child: 2.10",
        "Day trips; Ticket: Return; Adult: 7.80; Child: 3.90",
        "Season tickets; Ticket: Month; Adult: 61.00; Child: 30.50",
    ]
    assert prose(found)[0] == "Fares of the harbour ferry, valid from 4 May 2031"
    assert "Dogs travel free of charge on all lines." in prose(found)
    assert any("Fares of the harbour ferry" in " ".join(each.heading) for each in found.sections)


@unmarked
def test_a_head_of_two_levels_names_each_column_by_both(kind: Kind) -> None:
    table = [
        ["Region", "2030", "", "2031", ""],
        ["", "Q1", "Q2", "Q1", "Q2"],
        ["North", "11", "12", "13", "14"],
        ["South", "21", "22", "23", "24"],
    ]
    assert lines(kind(table)) == [
        "Region: North; 2030 Q1: 11; 2030 Q2: 12; 2031 Q1: 13; 2031 Q2: 14",
        "Region: South; 2030 Q1: 21; 2030 Q2: 22; 2031 Q1: 23; 2031 Q2: 24",
    ]


@unmarked
def test_an_empty_first_cell_means_the_one_above(kind: Kind) -> None:
    table = [["Device", "Job", "Price"], ["Kite 3", "Screen", "89"], ["", "Battery", "49"], ["Kite 4", "Screen", "99"]]
    assert lines(kind(table))[1] == "Device: Kite 3; Job: Battery; Price: 49"


@kinds
@pytest.mark.parametrize(
    "names", [("Question", "Answer"), ("Frage", "Antwort"), ("Question", "Réponse"), ("Pregunta", "Respuesta")]
)
def test_a_table_of_questions_keeps_each_answer_whole(kind: Kind, names: tuple[str, str]) -> None:
    table = [
        list(names),
        ["How do I descale the Ovena kettle?", "Fill it with vinegar. Wait an hour. Rinse it twice."],
        ["Who repairs it?", "The workshop in Leith."],
    ]
    assert questions(kind(table)) == [(row[0], row[1]) for row in table[1:]]


@unmarked
def test_questions_are_known_without_names(kind: Kind) -> None:
    table = [
        ["May I bring a dog?", "Yes, on a lead."],
        ["Is there a lift?", "No."],
        ["Wann wird geputzt?", "Am Abend."],
    ]
    assert questions(kind(table)) == [(row[0], row[1]) for row in table]


@pytest.mark.parametrize("kind", [files.as_csv, files.as_workbook, files.as_grid, files.as_open_document])
def test_an_empty_row_begins_another_table(kind: Kind) -> None:
    table = [
        ["Product", "Price", "Stock"],
        ["Ink", "4.50", "7"],
        ["Pen", "2.00", "9"],
        ["", "", ""],
        ["Opening hours", "", ""],
        ["Branch", "Opens", "Closes"],
        ["Perth", "10:00", "16:00"],
        ["Leith", "11:00", "15:00"],
    ]
    found = kind(table)
    assert lines(found) == [
        "Product: Ink; Price: 4.50; Stock: 7",
        "Product: Pen; Price: 2.00; Stock: 9",
        "Branch: Perth; Opens: 10:00; Closes: 16:00",
        "Branch: Leith; Opens: 11:00; Closes: 15:00",
    ]
    assert found.sections[-1].heading[-1] == "Opening hours"


@pytest.mark.parametrize("kind", [files.as_csv, files.as_workbook, files.as_grid, files.as_open_document])
def test_a_table_goes_on_below_an_empty_row(kind: Kind) -> None:
    table = [
        ["Tools", ""],
        ["SKU", "Price"],
        ["A-1", "2.00"],
        ["A-2", "3.00"],
        ["", ""],
        ["B-1", "4.00"],
        ["B-2", "5.00"],
    ]
    found = kind(table)
    assert lines(found)[-1] == "SKU: B-2; Price: 5.00"
    assert found.sections[-1].heading == ("Tools",)


@pytest.mark.parametrize("kind", [files.as_workbook, files.as_grid, files.as_open_document])
def test_an_empty_column_separates_tables(kind: Kind) -> None:
    table = [["Product", "Price", "", "Branch", "Opens"], ["Ink", "4.50", "", "Perth", "10:00"],
             ["Pen", "2.00", "", "Leith", "11:00"], ["Cap", "1.00", "", "", ""]]  # fmt: skip
    assert lines(kind(table)) == [
        "Product: Ink; Price: 4.50", "Product: Pen; Price: 2.00", "Product: Cap; Price: 1.00",
        "Branch: Perth; Opens: 10:00", "Branch: Leith; Opens: 11:00",
    ]  # fmt: skip


@unmarked
def test_names_that_repeat_are_a_list_in_two_halves(kind: Kind) -> None:
    table = [["Name", "Room", "Name", "Room"], ["Ines", "12", "Omar", "14"], ["Lea", "13", "", ""]]
    assert lines(kind(table)) == ["Name: Ines; Room: 12", "Name: Omar; Room: 14", "Name: Lea; Room: 13"]


@unmarked
def test_a_repeated_head_is_no_row(kind: Kind) -> None:
    head = ["Room", "Seats"]
    assert lines(kind([head, ["A 12", "8"], ["A 13", "20"], head, ["B 1", "6"]])) == [
        "Room: A 12; Seats: 8", "Room: A 13; Seats: 20", "Room: B 1; Seats: 6",
    ]  # fmt: skip


def test_a_very_wide_row_stays_one_line() -> None:
    table = [[f"Field {at}" for at in range(60)], *([f"value {row} of {at}" for at in range(60)] for row in range(2))]
    assert len(lines(files.as_csv(table))) >= 2
    assert all(len(line) > 600 for line in lines(files.as_csv(table)))


@pytest.mark.parametrize("kind", [files.as_csv, files.as_workbook, files.as_grid, files.as_open_document])
def test_names_may_stand_above_an_empty_row(kind: Kind) -> None:
    assert lines(kind([["Part", "Bin"], ["", ""], ["A-1", "7"], ["A-2", "8"]])) == [
        "Part: A-1; Bin: 7",
        "Part: A-2; Bin: 8",
    ]


@pytest.mark.parametrize("kind", [files.as_csv, files.as_workbook, files.as_grid, files.as_open_document])
def test_rows_of_one_table_stay_together_whatever_stands_between_them(kind: Kind) -> None:
    table = [["Name", "Room"]]
    for number in range(9):
        table += [["", ""], [f"Ines {number}", str(number)]]
    found = kind(table)
    assert len(found.sections) == 1
    assert lines(found)[8] == "Name: Ines 8; Room: 8"


def test_a_list_in_one_column_is_rows() -> None:
    assert lines(files.as_csv([["Code"], ["A1"], ["B2"], ["C3"]])) == ["Code: A1", "Code: B2", "Code: C3"]


def test_columns_of_text_are_prose() -> None:
    found = files.as_html([["Left column", "The river rose in the night. " * 20]])
    assert lines(found) == []


def test_a_form_says_what_its_values_are() -> None:
    assert lines(files.as_workbook([["Owner:", "Lea Brandt"], ["Valid until:", "June"]])) == [
        "Owner: Lea Brandt", "Valid until: June",
    ]  # fmt: skip


@unmarked
@pytest.mark.parametrize("names", [["SKU", "Name", "Colour"], ["SKU", "Name", "Price"]])
def test_a_title_and_a_head_begin_another_table_without_an_empty_row(kind: Kind, names: list[str]) -> None:
    value = "red" if names[2] == "Colour" else "9"
    table = [
        ["Garden tools", "", ""], ["SKU", "Name", "Price"], ["G1", "Rake", "12"], ["G2", "Hoe", "14"],
        ["Kitchen tools", "", ""], names, ["K1", "Pan", value], ["K2", "Pot", value],
    ]  # fmt: skip
    found = kind(table)
    assert lines(found) == [
        "SKU: G1; Name: Rake; Price: 12", "SKU: G2; Name: Hoe; Price: 14",
        f"SKU: K1; Name: Pan; {names[2]}: {value}", f"SKU: K2; Name: Pot; {names[2]}: {value}",
    ]  # fmt: skip
    assert [each.heading for each in found.sections] == [("Garden tools",), ("Kitchen tools",)]


@unmarked
def test_a_key_without_a_value_is_no_group(kind: Kind) -> None:
    table = [["Product", "Price"], ["Ink", ""], ["Pen", "2.00"], ["Cap", "1.00"], ["Nib", ""], ["Pad", "4.00"]]
    assert lines(kind(table)) == [
        "Product: Ink", "Product: Pen; Price: 2.00", "Product: Cap; Price: 1.00", "Product: Nib",
        "Product: Pad; Price: 4.00",
    ]  # fmt: skip


@unmarked
def test_groups_in_two_columns_stand_above_several_rows_each(kind: Kind) -> None:
    table = [["Product", "Price"], ["Office", ""], ["Ink", "3.00"], ["Pen", "2.00"], ["Kitchen", ""], ["Pan", "9.00"],
             ["Pot", "8.00"]]  # fmt: skip
    assert lines(kind(table))[::3] == ["Office; Product: Ink; Price: 3.00", "Kitchen; Product: Pot; Price: 8.00"]


@unmarked
def test_steps_and_units_below_names_are_a_second_level_of_the_head(kind: Kind) -> None:
    table = [
        ["No.", "Clay", "Price", "", "Firing range"],
        ["", "", "1–4", "from 5", "°C"],
        ["TS-110", "White stoneware", "18.50", "16.90", "1200–1280"],
        ["TS-112", "Grogged stoneware", "19.80", "18.20", "1200–1280"],
        ["TS-130", "Black stoneware", "24.00", "22.50", "1180–1240"],
    ]
    assert lines(kind(table))[0] == (
        "No.: TS-110; Clay: White stoneware; Price 1–4: 18.50; Price from 5: 16.90; Firing range °C: 1200–1280"
    )


@unmarked
def test_a_first_row_with_a_price_and_without_a_key_is_no_second_level(kind: Kind) -> None:
    table = [["Device", "Job", "Price"], ["", "Battery", "49.00"], ["Kite 4", "Screen", "99.00"]]
    table += [["Kite 5", "Screen", "89.00"], ["Kite 6", "Case", "19.00"]]
    assert "Device: Kite 4; Job: Screen; Price: 99.00" in lines(kind(table))
