"""The separator of a CSV file, and the lines above its table."""

import pytest
from rag_service.adapters.parsing import tables_csv
from rag_service.adapters.parsing.limits import Limits

from .table_files import lines, prose


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Ware;Preis, netto\nZinn Eimer;12,50\nZinn Kanne;3,75\n", "Ware: Zinn Eimer; Preis, netto: 12,50"),
        ("Ware;Preis\nZinn Eimer;12,50\nZinn Kanne;3,75\n", "Ware: Zinn Eimer; Preis: 12,50"),
        ("Ware;Netto;Brutto\nEimer;12,50;14,88\nKanne;3,75;4,46\n", "Ware: Eimer; Netto: 12,50; Brutto: 14,88"),
        ('Modell,Leistung\n"Alpha","1,5 kW"\n"Beta","2,0 kW"\n', "Modell: Alpha; Leistung: 1,5 kW"),
        ('Name,Tags\nAnn,"x;y"\nBob,"u;v"\n', "Name: Ann; Tags: x;y"),
        ("Name, Room\nAnn, 12\nBob, 13\n", "Name: Ann; Room: 12"),
        ("sep=;\nName;Room\nAnn;12\n", "Name: Ann; Room: 12"),
        ("Name\tNote\nAnn\ta; b; c\nBob\td; e; f\n", "Name: Ann; Note: a; b; c"),
    ],
)
def test_the_separator_is_the_one_that_cuts_lines_alike(text: str, first: str) -> None:
    assert lines(tables_csv.read(text.encode(), Limits()).parsed())[0] == first


def test_a_letter_names_the_columns_of_questions_and_answers() -> None:
    found = tables_csv.read(b'Q,A\nCan I park?,In yard 3.\nIs it free?,"No, 4 EUR a day."\n', Limits()).parsed()
    assert [each.text for each in found.sections] == ["Can I park?\nIn yard 3.", "Is it free?\nNo, 4 EUR a day."]


def test_lines_above_a_table_are_its_title() -> None:
    text = "Stock list, May 2031\nprinted in Leith\n\nSKU,Name,Price\nA-1,Ink,1.50\nA-2,Pen,2.00\n"
    found = tables_csv.read(text.encode(), Limits()).parsed()
    assert lines(found) == ["SKU: A-1; Name: Ink; Price: 1.50", "SKU: A-2; Name: Pen; Price: 2.00"]
    assert prose(found) == ["Stock list, May 2031"]
    assert found.sections[-1].heading == ("Stock list, May 2031 – printed in Leith",)


def test_a_head_that_lacks_a_name_is_a_head() -> None:
    text = "Name,Phone\nAnn,4711,mornings\nBob,4712,always\n"
    assert lines(tables_csv.read(text.encode(), Limits()).parsed()) == [
        "Name: Ann; Phone: 4711; mornings", "Name: Bob; Phone: 4712; always",
    ]  # fmt: skip
