"""Reads labelled tickets from a CSV file of any origin."""

from collections.abc import Sequence
from dataclasses import dataclass

from model_kit.tables.csv_reader import read_csv
from model_kit.tables.table import BadColumn, Fault, column_names, normalized_name
from model_kit.tables.table import BadTable as Unreadable
from model_kit.tables.table import Table as Sheet

TEXT_COLUMNS = (
    ("title", "description"), ("subject", "body"), ("subject", "description"), ("title", "body"),
    ("text",), ("document",), ("body",), ("description",), ("message",), ("utterance",), ("subject",), ("title",),
)  # fmt: skip
"""Where no text columns are named, the first of these that a file has are the text."""
LABEL_COLUMNS = ("department", "label", "category", "queue", "intent", "topic_group", "class", "team")
MAX_LABEL_CHARACTERS = 200
MAX_LONG_LABEL_SHARE = 0.5
"""With a larger share of labels that are too long, the column holds no labels."""
MAX_SHOWN_FAULTS = 5


class BadTable(Exception):
    """The file can't be used; `field` is the part of the request to correct, the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Labelled:
    """A ticket's text and label."""

    text: str
    label: str


@dataclass(frozen=True)
class Table:
    """The usable rows, and the number of rows that were left out."""

    rows: tuple[Labelled, ...]
    left_out: int
    text_columns: tuple[str, ...]
    label_column: str
    notes: tuple[str, ...] = ()
    """How the file was read and which rows were left out, for people."""


@dataclass(frozen=True)
class Form:
    """The caller's options for a file; empty options are detected."""

    text: Sequence[str] = ()
    """The columns that make up a ticket's text."""
    label: str = ""
    """The column with the label."""
    separator: str = ""
    encoding: str = ""


def read_table(data: bytes, form: Form = Form(), *, field: str = "file", max_rows: int, max_characters: int) -> Table:
    """Read a CSV file with a header line. Raises BadTable.

    Reads at most `max_rows` rows and `max_characters` of each text. `field` names the file in errors.
    """
    sheet = _sheet(data, form, field, max_rows)
    texts = _text_columns(sheet, form.text)
    label = _label_column(sheet, form.label, texts)
    places, label_place = [_place(sheet, column, "text") for column in texts], _place(sheet, label, "label")
    rows, left_out, long_labels = [], 0, []
    for row in sheet.rows:
        parts = [row.cells[place].strip() for place in places]
        text = "\n".join(part for part in parts if part)[:max_characters]
        name = row.cells[label_place].strip()
        if not text or not name:
            left_out += 1
        elif len(name) > MAX_LABEL_CHARACTERS:
            long_labels.append(Fault(row.line, f"a label of {len(name)} characters"))
        else:
            rows.append(Labelled(text, name))
    if len(long_labels) > MAX_LONG_LABEL_SHARE * (len(rows) + len(long_labels)):
        raise BadTable("label", f"Column {label} holds texts, not labels: {_listed(long_labels)}.")
    if not rows:
        raise BadTable(field, f"No row has both a text ({', '.join(texts)}) and a label ({label}).")
    notes = [f"{field}: read as {sheet.how}"]
    if sheet.guessed:
        notes[0] += f"; the encoding is guessed ({sheet.guessed!r} is in the file), name another with encoding"
    if left_out:
        notes.append(f"{field}: {left_out} rows without a text or a label are left out")
    if long_labels:
        notes.append(f"{field}: left out: {_listed(long_labels)}")
    return Table(tuple(rows), left_out + len(long_labels), tuple(texts), label, tuple(notes))


def expect_enough(table: Table, min_rows: int, test: Table | None = None) -> None:
    """Raise BadTable where a table has too few rows, texts or labels to train on.

    Texts that are in `test` too are not trained on.
    """
    field = "file"
    if len(table.rows) < min_rows:
        raise BadTable(field, f"Has {len(table.rows)} rows with text and label; at least {min_rows} are needed.")
    different = {normalized_name(row.text) for row in table.rows}
    if len(different) < min_rows:
        raise BadTable(
            field,
            f"Has too few different texts: {len(different)} in {len(table.rows)} rows; at least {min_rows} are needed.",
        )
    left = len(different - {normalized_name(row.text) for row in test.rows}) if test else min_rows
    if left < min_rows:
        raise BadTable(
            field, f"Has too few different texts that are not in test too: {left}; at least {min_rows} are needed."
        )
    if len({row.label for row in table.rows}) < 2:
        raise BadTable("label", f"Column {table.label_column} holds one value only, so there is nothing to tell apart.")


def _sheet(data: bytes, form: Form, field: str, max_rows: int) -> Sheet:
    wanted = [*form.text, *([form.label] if form.label else [])]
    try:
        sheet = read_csv(
            data, expected_columns=wanted, separator=form.separator, encoding=form.encoding, max_rows=max_rows
        )
    except Unreadable as error:
        raise BadTable(field, str(error)) from None
    if len(sheet.header) < 2:
        raise BadTable(field, "Needs a header line and at least two columns, one of text and one of labels.")
    if sheet.faults:
        raise BadTable(field, f"Some rows can't be read: {_listed(sheet.faults)}.")
    return sheet


def _listed(faults: Sequence[Fault]) -> str:
    more = f"; and {len(faults) - MAX_SHOWN_FAULTS} more" if len(faults) > MAX_SHOWN_FAULTS else ""
    return "; ".join(map(str, faults[:MAX_SHOWN_FAULTS])) + more


def _text_columns(sheet: Sheet, wanted: Sequence[str]) -> list[str]:
    if wanted:
        return list(dict.fromkeys(sheet.header[_place(sheet, column, "text")] for column in wanted))
    available = {normalized_name(name) for name in sheet.header}
    for columns in TEXT_COLUMNS:
        if all(column in available for column in columns):
            return [sheet.header[_place(sheet, column, "text")] for column in columns]
    raise BadTable("text", f"Say which columns hold the text; the file has {column_names(sheet.header)}.")


def _label_column(sheet: Sheet, wanted: str, texts: Sequence[str]) -> str:
    if wanted:
        found = sheet.header[_place(sheet, wanted, "label")]
        if found in texts:
            raise BadTable("label", f"Column {wanted} is the text already.")
        return found
    available = {normalized_name(name) for name in sheet.header if name not in texts}
    for column in LABEL_COLUMNS:
        if column in available:
            return sheet.header[_place(sheet, column, "label")]
    left = [name for name in sheet.header if name not in texts]
    if len(left) == 1:
        return left[0]
    raise BadTable("label", f"Say which column holds the label; the file has {column_names(sheet.header)}.")


def _place(sheet: Sheet, column: str, field: str) -> int:
    try:
        return sheet.column_index(column)
    except BadColumn as error:
        raise BadTable(field, str(error)) from None
