"""A row answers whose range holds the amount or the day of the question: "12 year old" for `Child 6–14 years`."""

import pytest

from .test_row_matches import said

SEASONS = """\
Adult; Low season 1 Apr – 15 Jun: 9.00; High season 16 Jun – 31 Aug: 13.50
Child 6–14 years; Low season 1 Apr – 15 Jun: 4.50; High season 16 Jun – 31 Aug: 7.00
Child under 6; Low season 1 Apr – 15 Jun: free; High season 16 Jun – 31 Aug: free
Caravan; Low season 1 Apr – 15 Jun: 22.00; High season 16 Jun – 31 Aug: 34.00"""
CABINS = """\
Type: Cabin Heron; Persons: up to 2; Price per night: 58.00
Type: Cabin Otter; Persons: up to 4; Price per night: 76.00
Type: Cabin Eagle; Persons: up to 6; Price per night: 98.00"""
ROTA = """\
Week: 1; From: Mon 3 Jan 2028; To: Sun 9 Jan 2028; On duty: Nadia Petrov
Week: 2; From: Mon 10 Jan 2028; To: Sun 16 Jan 2028; On duty: Colm Brady
Week: 3; From: Mon 17 Jan 2028; To: Sun 23 Jan 2028; On duty: Ines Duarte"""
CLUBS = """\
Club: Chess; Day: Tuesday; Ages: 7–11
Club: Recorder; Day: Friday; Ages: 5–8"""
PARCELS = """\
Zone: A; Countries: Germany, Austria; Up to 2 kg: 4.90; Up to 10 kg: 7.50
Zone: B; Countries: France, Italy; Up to 2 kg: 8.90; Up to 10 kg: 13.50"""


@pytest.mark.parametrize(
    ("question", "rows", "answer"),
    [
        ("What does a 12 year old pay in high season?", SEASONS, 1),
        ("how much is a caravan in July", SEASONS, 3),
        ("cabin for 5 people price", CABINS, 2),
        ("cabin for 3 people price", CABINS, 1),
        ("who is on duty on 12 January", ROTA, 1),
        ("Can my six year old join the chess club?", CLUBS, 0),
        ("How much is a 5 kg parcel to Italy?", PARCELS, 1),
    ],
)
def test_the_row_in_whose_range_the_amount_or_day_lies(question: str, rows: str, answer: int) -> None:
    assert said(question, rows) == [rows.splitlines()[answer]]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("cabin for 8 people price", CABINS),
        ("who is on duty on 12 March", ROTA),
        ("How much is a 5 kg parcel to Poland?", PARCELS),
        ("How much is a 12 kg parcel to Italy?", PARCELS),
    ],
)
def test_an_amount_beyond_all_ranges_has_no_row(question: str, rows: str) -> None:
    assert said(question, rows) == []


SWIM = """\
Gruppe: Kinder; Alter: 4–11 Jahre; Eintritt: 2,80 €
Gruppe: Jugendliche; Alter: 12–17 Jahre; Eintritt: 3,60 €
Gruppe: Erwachsene; Alter: ab 18 Jahren; Eintritt: 5,90 €"""


@pytest.mark.parametrize(
    "question",
    [
        "was kostet der eintritt für meine 14 jährige tochter",
        "Was kostet der Eintritt für unseren 16-jährigen Neffen?",
        "Eintritt für meinen Sohn, 12 Jahre",
    ],
)
def test_of_whom_the_age_is_named_is_no_further_word(question: str) -> None:
    assert said(question, SWIM) == [SWIM.splitlines()[1]]


TRAINERS = """\
Kurs: Bogenschießen; Preis: 60 €; Leitung: Runa Vik
Kurs: Kanu; Preis: 75 €; Leitung: Kai Oster"""


def test_the_verb_of_a_person_stands_for_the_column_of_the_person() -> None:
    assert said("Wer leitet das Bogenschießen?", TRAINERS) == [TRAINERS.splitlines()[0]]


BOATS = """\
Boat: Kingfisher; Length: 14 m; Beds: 4; Week: £890
Boat: Otter; Length: 18 m; Beds: 8; Week: £1,240
Boat: Water Vole; Length: 11 m; Beds: 2; Week: £640"""
BADGES = """\
Badges: 1–20; Price: £4.20; Ready in: 3 days
Badges: 21–100; Price: £3.60; Ready in: 5 days"""
PIECES = BADGES.replace("Badges:", "Quantity of badges:")
TICKETS = """\
Ticket: Day ticket; Adults: £12; 65+: £9; Under 18: £6
Ticket: Year ticket; Adults: £40; 65+: £30; Under 18: £18"""


@pytest.mark.parametrize(
    ("question", "rows", "answer"),
    [
        ("which boat sleeps eight", BOATS, 1),
        ("boat for three people", BOATS, 0),
        ("What do the badges cost if I order 50?", PIECES, 1),
        ("year ticket for a pensioner", TICKETS, 1),
        ("day ticket for my 12 year old", TICKETS, 0),
    ],
)
def test_beds_pieces_and_ages_above_columns_are_ranges(question: str, rows: str, answer: int) -> None:
    assert said(question, rows) == [rows.splitlines()[answer]]
