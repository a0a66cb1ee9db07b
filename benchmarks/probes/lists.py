"""Lists in every kind of file: a row by its identifier, a row that isn't there, a column that isn't there."""

from collections.abc import Iterator

from benchmarks.probes.draw import Draw
from benchmarks.probes.model import Probe, Question
from benchmarks.probes.schemas import SCHEMAS, Schema, literal
from benchmarks.probes.writers import TABLES, Sheet

SIZES = (6, 14, 24)
PER_LIST = 3


def lists(draw: Draw) -> Iterator[Probe]:
    """Yield a list for each kind of file and half of the kinds of lists, or the other way round."""
    order = draw.shuffled(SCHEMAS)
    for number, (name, write) in enumerate(TABLES.items()):
        for schema_of in (order[number % len(order)], order[(number + 3) % len(order)]):
            rows = draw.any(SIZES)
            schema = schema_of(draw, rows)
            sheet = sheet_of(schema, rows)
            file = write(f"{schema.caption.replace(' ', '_').lower()}", sheet)
            yield Probe((file,), tuple(questions_of(draw, schema, rows, file.name, kind=name)))


def sheet_of(schema: Schema, rows: int) -> Sheet:
    """Return a list's table."""
    lines = [[column.value(row) for column in schema.columns] for row in range(rows)]
    return Sheet(schema.caption, [column.name for column in schema.columns], lines)


def questions_of(draw: Draw, schema: Schema, rows: int, file: str, kind: str = "") -> Iterator[Question]:
    """Yield questions for rows that are there, for one that isn't, and for something that no column says."""
    asked = [column for column in schema.columns if column.questions]
    for number, row in enumerate(draw.numbers(0, rows - 1, PER_LIST)):
        column = asked[number % len(asked)]
        yield row_question(draw, schema, rows, row, schema.columns.index(column), file)
    column = draw.any(asked)
    yield Question(draw.one(column.questions).format(schema.unknown), "abstain", "no such row", file)
    identifier = schema.columns[0].value(draw.number(0, rows - 1))
    yield Question(draw.one(schema.absent).format(identifier), "abstain", "no such column", file)


def row_question(draw: Draw, schema: Schema, rows: int, row: int, place: int, file: str) -> Question:
    """Return a question for one cell; other rows' identifiers and values of this column may not be in the answer."""
    column, first = schema.columns[place], schema.columns[0]
    own = " ".join(each.value(row) for each in schema.columns)
    others = {value for other in range(rows) if other != row for value in (first.value(other), column.value(other))}
    return Question(
        draw.one(column.questions).format(first.value(row)),
        literal(column.value(row)),
        "row",
        file,
        tuple(sorted(each for each in others if each not in own)),
        identifier=first.value(row),
    )
