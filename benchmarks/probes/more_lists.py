"""Long lists, identifiers spelled otherwise, rows asked for by another column, commas in numbers and in heads."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.probes.draw import Draw
from benchmarks.probes.lists import row_question, sheet_of
from benchmarks.probes.model import File, Probe, Question
from benchmarks.probes.schemas import Schema, assets, errors, literal, phones, prices, rooms
from benchmarks.probes.writers import TABLES, plain

MANY = 400


def more_lists(draw: Draw) -> Iterator[Probe]:
    """Yield each of them."""
    yield _long(draw, "csv")
    yield _long(draw, "xlsx")
    yield from (_otherwise(draw, kind) for kind in ("csv", "md", "docx"))
    yield from (_backwards(draw, kind) for kind in ("csv", "html", "xlsx"))
    yield from (_commas(draw, number) for number in range(3))
    yield _lines(draw)


def _write(schema: Schema, rows: int, kind: str) -> File:
    return TABLES[kind](schema.caption.lower().replace(" ", "_"), sheet_of(schema, rows))


def _long(draw: Draw, kind: str) -> Probe:
    schema = prices(draw, MANY)
    file = _write(schema, MANY, kind)
    found = [
        replace(row_question(draw, schema, MANY, row, 2 + number % 2, file.name), kind="row of a long list")
        for number, row in enumerate(draw.numbers(0, MANY - 1, 6))
    ]
    text = draw.one(schema.columns[2].questions).format(schema.unknown)
    return Probe((file,), (*found, Question(text, "abstain", "no such row", file.name)))


def _otherwise(draw: Draw, kind: str) -> Probe:
    """`jx 017` and `JX017` for `JX-017`; a room by its number alone, without capitals."""
    schema, place = draw.part(((prices, 2), (errors, 1), (assets, 1), (rooms, 1)))[0]
    schema = schema(draw, 12)
    file = _write(schema, 12, kind)
    found = []
    for row in draw.numbers(0, 11, 2):
        asked = row_question(draw, schema, 12, row, place, file.name)
        spelled = draw.one((asked.identifier.lower(), asked.identifier.lower().replace("-", " ").replace(".", " ")))
        text = asked.text.replace(asked.identifier, spelled)
        found.append(replace(asked, text=text, kind="identifier spelled otherwise"))
    return Probe((file,), tuple(found))


def _backwards(draw: Draw, kind: str) -> Probe:
    """The row of a value: whose extension is 4711?"""
    schema = draw.any((phones, assets))(draw, 12)
    file = _write(schema, 12, kind)
    name, key = schema.columns[0], schema.columns[1]
    of_people = ("Which device has {v}?", "What does {v} use?")
    wordings = of_people if key.name == "User" else ("Whose {c} is {v}?", "Who has {c} {v}?")
    found = []
    for row in draw.numbers(0, 11, 2):
        others = tuple(name.value(other) for other in range(12) if other != row)
        text = draw.one(wordings).format(c=key.name.lower().rstrip("."), v=key.value(row))
        found.append(
            Question(text, literal(name.value(row)), "row by another column", file.name, others, key.value(row))
        )
    return Probe((file,), tuple(found))


def _commas(draw: Draw, number: int) -> Probe:
    """European CSV: decimal commas in quotes and without, commas in column names, a tie of separators."""
    name = draw.name()
    things = [f"{name} {each}" for each in draw.some(("Rohr", "Bogen", "Muffe", "Ventil", "Dichtung", "Schelle"), 5)]
    shown = [f"{draw.number(2, 90)},{draw.number(10, 99)}" for _ in things]
    separator = ";\t;"[number]
    head = ("Artikel", "Preis, netto") if number < 2 else ("Bezeichnung, kurz", "Preis")
    lines = [separator.join(head), *(separator.join(row) for row in zip(things, shown, strict=True))]
    file = File(f"{name.lower()}_netto.csv", "\n".join(lines).encode("cp1252" if number == 2 else "utf-8-sig"))
    wording = draw.one(("Was kostet {}?", "Preis von {}?"))
    questions = []
    for row in range(2):
        others = tuple(each for place in range(5) if place != row for each in (things[place], shown[place]))
        text = wording.format(things[row])
        questions.append(Question(text, literal(shown[row]), "decimal commas", file.name, others, things[row]))
    return Probe((file,), tuple(questions))


def _lines(draw: Draw) -> Probe:
    """A list in prose: a code and its meaning a line, in paragraphs of their own."""
    schema = errors(draw, 8)
    codes = [schema.columns[0].value(row) for row in range(8)]
    says = [schema.columns[2].value(row) for row in range(8)]
    lines = [f"Error {code}: {text[0].lower()}{text[1:]}." for code, text in zip(codes, says, strict=True)]
    file = plain(schema.caption.lower().replace(" ", "_") + "_short", "\n\n".join([schema.caption, *lines]))
    found = []
    for row in draw.numbers(0, 7, 3):
        others = tuple(each for each in codes if each != codes[row])
        text = draw.one(("What should I do on error {}?", "My device shows {}. What now?")).format(codes[row])
        found.append(Question(text, literal(says[row]), "codes in lines", file.name, others, identifier=codes[row]))
    text = f"What should I do on error {schema.unknown}?"
    return Probe((file,), (*found, Question(text, "abstain", "no such row", file.name)))
