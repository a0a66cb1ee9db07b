"""Timetables, rotas and matrices: what is asked stands at the head of a row or a column, or in the named cell."""

import pytest
from rag_service.domain.answering.tables.named_columns import asked_days, days_of

from .test_row_matches import said

DANCE = """\
Hour: 16:30; Monday: Ballet (Noor); Tuesday: Tango (Iker); Thursday: Ballet (Noor)
Hour: 18:15; Monday: Salsa (Iker); Wednesday: Hip hop (Ada); Friday: Salsa (Iker)
Hour: 20:00; Tuesday: Swing (Beginners); Thursday: Swing (Advanced)"""
WATCH = """\
Week 9: Mon; Day (7–19): Vilde; Night (19–7): Anton
Week 9: Tue; Day (7–19): Anton; Night (19–7): Mats
Week 9: Sat; Day (7–19): Mats; Night (19–7): Vilde"""
PLANS = """\
Monthly rate; Solo: €9; Team: €29; Firm: €79
Setup fee; Solo: €0; Team: €50; Firm: €120
Seats; Solo: 1; Team: 10; Firm: 100
Exports; Solo: no; Team: daily; Firm: hourly"""
GLOVES = "Glove: S; Green: 12; Blue: 0\nGlove: M; Green: 7; Blue: 31\nGlove: L; Green: 25; Blue: 4"
POSTAGE = """\
Distance: up to 10 km; Letter: €4; Crate up to 8 kg: €11; Crate up to 25 kg: €17
Distance: up to 50 km; Letter: €9; Crate up to 8 kg: €21; Crate up to 25 kg: €33"""
CALLS = "Service: First hour; Weekday: €80; Weekend: €115\nService: Further hour; Weekday: €55; Weekend: €70"
HOUSE = "Bereich: Bad; Mo–Fr: 8–20; Samstag: 9–18; Sonn- und Feiertage: 10–16"


@pytest.mark.parametrize(
    ("question", "grid", "row"),
    [
        ("who teaches tango?", DANCE, 0),
        ("who runs the hip hop", DANCE, 1),
        ("what time does salsa start on Fridays?", DANCE, 1),
        ("On which days is ballet?", DANCE, 0),
        ("who is on the night shift on Saturday?", WATCH, 2),
        ("Who works the day shift on Tuesday?", WATCH, 1),
        ("how much is team a month?", PLANS, 0),
        ("what does firm cost", PLANS, 0),
        ("What is the setup fee for team?", PLANS, 1),
        ("how often are exports made on firm?", PLANS, 3),
        ("how many blue mediums are there", GLOVES, 1),
        ("are large gloves available in green", GLOVES, 2),
        ("how much to send a 20 kg crate 30 km?", POSTAGE, 1),
        ("How much is a 5 kg crate for 8 km?", POSTAGE, 0),
        ("What does the first hour cost on a Sunday?", CALLS, 0),
        ("How much is a further hour at the weekend?", CALLS, 1),
    ],
)
def test_the_row_of_a_grid_is_told(question: str, grid: str, row: int) -> None:
    assert said(question, grid) == [grid.splitlines()[row]]


@pytest.mark.parametrize(
    ("question", "grid"),
    [
        ("who teaches swing?", DANCE),
        ("is there tango on Monday?", DANCE),
        ("what time is salsa on Tuesday", DANCE),
        ("who teaches karate?", DANCE),
        ("who is on the night shift on Sunday?", WATCH),
        ("how much is enterprise a month?", PLANS),
        ("how much is team a year?", PLANS),
        ("how many red mediums are there", GLOVES),
        ("how much to send a 40 kg crate 30 km?", POSTAGE),
        ("how much to send a 5 kg crate 90 km?", POSTAGE),
    ],
)
def test_no_row_is_told_for_what_the_grid_lacks(question: str, grid: str) -> None:
    assert said(question, grid) == []


def test_a_person_in_another_column_than_the_asked_one_is_not_meant() -> None:
    assert said("When does Vilde work the night shift?", WATCH) == [WATCH.splitlines()[2]]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("Weekend", {5, 6}),
        ("Weekdays", {0, 1, 2, 3, 4}),
        ("Sonn- und Feiertage", {6}),
        ("Sundays and bank holidays", {6}),
        ("Mondays to Thursdays", {0, 1, 2, 3}),
        ("Bank holiday", set()),
        ("Week", set()),
        ("Monday morning", set()),
    ],
)
def test_a_name_of_days_has_them(name: str, days: set[int]) -> None:
    assert days_of(name) == days


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("Is it open at the weekend?", {5, 6}),
        ("Wie lange ist am Wochenende offen?", {5, 6}),
        ("hours during the week", {0, 1, 2, 3, 4}),
        ("What happens in the week of 3 May?", set()),
        ("Which weekday is the market?", set()),
        ("What does it cost per week?", set()),
    ],
)
def test_a_question_names_the_days_of_a_weekend_and_of_the_week(question: str, days: set[int]) -> None:
    assert asked_days(question) == days


def test_sundays_have_the_column_of_sundays_and_holidays() -> None:
    assert said("Wann ist das Bad am Sonntag offen?", HOUSE) == [HOUSE]


ROSTER = "Jour: Lundi; Matin: Léa; Nuit: Karim\nJour: Vendredi; Matin: Inès; Nuit: Paul"
TARIFS = "Formule: Soirée; Adultes: 9,00 €; Enfants (4-12): 5,50 €; Seniors: 7,50 €"
HIRE = "Item: Stage piano; 1 day: 60; Weekend: 95; 1 week: 190"


def test_days_and_general_words_are_found_in_a_table_in_another_language() -> None:
    assert said("Wer arbeitet am Freitag nachts?", ROSTER) == [ROSTER.splitlines()[1]]
    assert said("Who works on Monday night?", ROSTER) == [ROSTER.splitlines()[0]]
    assert said("Who works on Sunday night?", ROSTER) == []


def test_a_group_of_people_has_its_column_by_another_word() -> None:
    assert said("Combien coûte la soirée pour un retraité ?", TARIFS) == [TARIFS]
    assert said("Combien coûte la soirée pour un étudiant ?", TARIFS) == []


def test_a_price_per_day_is_no_day() -> None:
    assert said("which days is piano", HIRE) == []
    assert said("stage piano price per day", HIRE) == [HIRE]


BATHS = """\
Ticket: Single swim; Adult: £6.80; Senior: £5.20
Ticket: Sauna and swim; Adult: £14.50; Senior: £12.00"""
AREAS = """\
Area: Gym; Mon-Fri: 6:00-22:00; Saturday: 7:30-19:30; Sunday: 8:00-18:30
Area: Sauna; Mon-Fri: 10:00-21:30; Saturday: 10:00-19:00; Sunday: closed"""


def test_a_price_for_two_things_is_not_that_of_one() -> None:
    assert said("how much is the sauna for a pensioner", BATHS) == []
    assert said("how much is the sauna for an adult", BATHS) == []
    assert said("how much are sauna and swim for a pensioner", BATHS) == [BATHS.splitlines()[1]]
    assert said("how much is a single swim for a pensioner", BATHS) == [BATHS.splitlines()[0]]


def test_a_thing_with_a_name_of_two_words_is_one_thing() -> None:
    bags = "Snack: Salt and vinegar crisps; Price: £1.20\nSnack: Nuts; Price: £2.10"
    assert said("how much are the crisps", bags) == [bags.splitlines()[0]]
    titled = """\
Lessons and trips; Service: Violin lessons; Price: 620
Lessons and trips; Service: Choir; Price: 90"""
    assert said("what do violin lessons cost?", titled) == [titled.splitlines()[0]]


def test_a_thing_with_another_one_as_its_part_is_one_thing() -> None:
    van = "Vehicle: Luton van with tail lift; Half day: 75; Day: 120"
    assert said("how much is the luton for a whole day", van) == [van]
    stay = "Séjour: Nuit en chalet; Prix: 64 €"
    assert said("Combien coûte la nuit au chalet ?", stay) == [stay]


def test_the_day_on_which_a_thing_is_closed_names_no_row() -> None:
    assert said("when does the gym close on Saturday?", AREAS) == [AREAS.splitlines()[0]]
    assert said("¿A qué hora cierra la pista los sábados?", AREAS) == []


def test_extra_large_is_not_large() -> None:
    shirts = "Shirt: L; Black: 42; White: 11\nShirt: XL; Black: 8; White: 16"
    assert said("are there black shirts in large?", shirts) == [shirts.splitlines()[0]]
    assert said("how many black shirts in extra large", shirts) == [shirts.splitlines()[1]]


def test_a_rent_that_a_table_lacks_is_not_answered() -> None:
    rooms = "Room: Room 254; Seats: 23; Where: basement\nRoom: Room 258; Seats: 45; Where: first floor"
    assert said("How much is the rent of Room 254?", rooms) == []
    assert said("How many seats are in Room 254?", rooms) == [rooms.splitlines()[0]]
