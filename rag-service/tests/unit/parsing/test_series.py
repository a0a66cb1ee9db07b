"""Tables whose columns are steps of a series: weights, dates, persons, years."""

from collections.abc import Callable

import pytest
from rag_service.domain.document import Parsed

from .table_files import UNMARKED, Table, lines

Kind = Callable[[Table], Parsed]
kinds = pytest.mark.parametrize("kind", UNMARKED, ids=lambda kind: kind.__name__)


@kinds
@pytest.mark.parametrize(
    "table",
    [
        [["Zone", "1 kg", "2 kg", "5 kg"], ["North", "4.90", "6.90", "9.90"], ["South", "8.50", "11.20", "15.00"]],
        [["Court", "1 h", "2 h", "Season"], ["Hall A", "12 €", "22 €", "340 €"], ["Clay", "9 €", "16 €", "250 €"]],
        [["Zimmer", "1–3 Nächte", "4–6 Nächte", "ab 7 Nächten"], ["Einzel", "80", "75", "70"], ["Paar", "9", "8", "7"]],
        [["Flat", "1 person", "2 persons"], ["Lake view", "90", "110"], ["Forest", "80", "95"]],
        [["Name", "01.06.", "02.06.", "03.06."], ["Berg", "F", "S", "N"], ["Rees", "S", "F", "frei"]],
        [["Name", "Mon 16", "Tue 17"], ["Ola Berg", "early", "late"], ["Tim Rees", "late", "off"]],
        [["Employee", "2031-06-01", "2031-06-02"], ["Berg", "early", "late"], ["Rees", "late", "night"]],
        [["Stop", "1", "2", "3"], ["Station", "7:05", "7:35", "8:05"], ["Harbour", "7:20", "7:50", "8:20"]],
    ],
    ids=lambda table: table[0][1],
)  # fmt: skip
def test_its_first_row_names_the_columns(kind: Kind, table: Table) -> None:
    names, *rows = table
    assert lines(kind(table)) == [
        "; ".join(f"{name}: {cell}" for name, cell in zip(names, row, strict=True)) for row in rows
    ]


@kinds
@pytest.mark.parametrize(
    "table",
    [
        [["Lite", "9 EUR", "15 EUR"], ["Max", "19 EUR", "25 EUR"], ["Pro", "29 EUR", "45 EUR"]],
        [["Pump", "5 kg", "20 EUR"], ["Fan", "8 kg", "12 EUR"]],
        [["Opened", "01.06.", "02.06."], ["Closed", "03.07.", "04.07."], ["Checked", "05.07.", "06.07."]],
        [["Ines Falk", "4100", "4101"], ["Omar Reiss", "4200", "4201"]],
        [["Week 1", "12", "14"], ["Week 2", "9", "11"], ["Week 3", "7", "8"]],
    ],
    ids=lambda table: table[0][0],
)
def test_a_row_like_those_below_names_nothing(kind: Kind, table: Table) -> None:
    assert lines(kind(table)) == [" | ".join(row) for row in table]


FORM = [
    ["Device", "Forklift", "No.", "FL-7"],
    ["Maker", "Lindqvist", "Built", "2029"],
    ["Location", "Hall 3", "Inspector", "Norra AB"],
]
COLONS = [["Tenant:", "Ida Moe", "Flat:", "12 b"], ["Rent:", "890 EUR", "Since:", ""], ["Deposit:", "1,780 EUR"]]


@kinds
def test_a_form_holds_names_with_values(kind: Kind) -> None:
    assert lines(kind(FORM)) == [
        "Device: Forklift", "No.: FL-7", "Maker: Lindqvist", "Built: 2029", "Location: Hall 3", "Inspector: Norra AB",
    ]  # fmt: skip
    assert lines(kind(COLONS)) == ["Tenant: Ida Moe", "Flat: 12 b", "Rent: 890 EUR", "Deposit: 1,780 EUR"]


@kinds
@pytest.mark.parametrize(
    "table",
    [
        [["Ines Falk", "Payroll", "Turku", "412"], ["Omar Reiss", "Transport", "Bremen", "417"]],
        [["Department", "Lead", "Deputy", "Place"], ["Sales", "Ann Lee", "Bo Ek", "York"], ["IT", "Cy", "Di", "Bonn"]],
        [["Drill", "12", "Saw", "20"], ["Rake", "9", "Pan", "30"], ["Pot", "44", "Spade", "8"]],
    ],
    ids=lambda table: table[0][0],
)  # fmt: skip
def test_a_list_of_four_columns_is_no_form(kind: Kind, table: Table) -> None:
    assert len(lines(kind(table))) in (len(table), len(table) - 1)


@kinds
def test_a_name_may_begin_as_the_values_below_it(kind: Kind) -> None:
    table = [
        ["Class size", "Fee, one term", "Fee, year"],
        ["Class 5", "8,900", "26,700"],
        ["Class 6", "9,150", "27,450"],
    ]
    assert lines(kind(table))[0] == "Class size: Class 5; Fee, one term: 8,900; Fee, year: 26,700"
    assert lines(kind([["Class A", "8,900"], ["Class 5", "9,100"], ["Class 6", "9,150"]]))[0] == "Class A | 8,900"
