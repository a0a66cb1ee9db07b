"""Tickets with their labels out of a CSV file that a stranger made."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

SEPARATORS = (",", ";", "\t", "|")
TEXT_COLUMNS = (
    ("title", "description"), ("subject", "body"), ("subject", "description"), ("title", "body"),
    ("text",), ("document",), ("body",), ("description",), ("message",), ("utterance",), ("subject",), ("title",),
)  # fmt: skip
"""What is taken for the text where nobody says, the first that a file has."""
LABEL_COLUMNS = ("department", "label", "category", "queue", "intent", "topic_group", "class", "team")
MOST_COLUMNS = 500
LONGEST_LABEL = 200
SHOWN = 20


class BadTable(Exception):
    """The file can't be used; `field` says what has to be mended and the text how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Labelled:
    """One ticket: its text and where it belongs."""

    text: str
    label: str


@dataclass(frozen=True)
class Table:
    """The rows that say something, and how many were left out because text or label was empty."""

    rows: tuple[Labelled, ...]
    left_out: int
    text_columns: tuple[str, ...]
    label_column: str


def read_table(
    data: bytes, text: Sequence[str] = (), label: str = "", *, field: str = "file", most: int, longest: int
) -> Table:
    """Read a CSV file with a header line, UTF-8, separated by comma, semicolon, tab or bar. Raises BadTable.

    `text` names the columns that make up a ticket's text, `label` the one that says where it belongs; what isn't named
    is guessed. At most `most` rows, of each text at most `longest` characters. `field` names the file in errors.
    """
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTable(field, f"Not UTF-8: byte {error.start} can't be read. Save the file as UTF-8.") from None
    if "\0" in content:
        raise BadTable(field, "Holds NUL characters, so it is no text.")
    header, separator = _header(content, [*text, *([label] if label else [])], field)
    texts = _text_columns(header, text, field)
    label = _label_column(header, label, texts)
    places, label_place = [header.index(column) for column in texts], header.index(label)
    rows, left_out = [], 0
    for row in _rows(content, separator, field, most):
        said = "\n".join(part for part in (_cell(row, place) for place in places) if part)[:longest]
        name = _cell(row, label_place)
        if len(name) > LONGEST_LABEL:
            raise BadTable("label", f"Column {label} holds a value of {len(name)} characters; labels are short.")
        if said and name:
            rows.append(Labelled(said, name))
        else:
            left_out += 1
    if not rows:
        raise BadTable(field, f"No row has both a text ({', '.join(texts)}) and a label ({label}).")
    return Table(tuple(rows), left_out, tuple(texts), label)


def expect_enough(table: Table, fewest: int, field: str = "file") -> None:
    """Raise BadTable where a table has too few rows, or one label only, to learn anything from."""
    if len(table.rows) < fewest:
        raise BadTable(field, f"Has {len(table.rows)} rows with text and label; at least {fewest} are needed.")
    if len({row.label for row in table.rows}) < 2:
        raise BadTable("label", f"Column {table.label_column} holds one value only, so there is nothing to tell apart.")


def _header(content: str, wanted: Sequence[str], field: str) -> tuple[list[str], str]:
    """Return the names in the first line, separated by what makes most of it, or names the columns wanted."""
    found: list[tuple[bool, int, list[str], str]] = []
    for separator in SEPARATORS:
        try:
            names = [name.strip() for name in next(csv.reader(io.StringIO(content, newline=""), delimiter=separator))]
        except (StopIteration, csv.Error):
            continue
        found.append((set(wanted) <= set(names), len(names), names, separator))
    if not found:
        raise BadTable(field, "Holds no line.")
    _, number, names, separator = max(found, key=lambda each: each[:2])
    if number < 2:
        raise BadTable(field, "Needs a header line and at least two columns, one of text and one of labels.")
    if number > MOST_COLUMNS:
        raise BadTable(field, f"Has {number} columns, {MOST_COLUMNS} at most are read.")
    return names, separator


def _text_columns(header: Sequence[str], wanted: Sequence[str], field: str) -> list[str]:
    if wanted:
        for column in wanted:
            _expect(header, column, "text")
        return list(dict.fromkeys(wanted))
    by_folded = {name.casefold(): name for name in reversed(header)}
    for columns in TEXT_COLUMNS:
        if all(column in by_folded for column in columns):
            return [by_folded[column] for column in columns]
    raise BadTable("text", f"Say which columns hold the text; the file has {_names(header)}.")


def _label_column(header: Sequence[str], wanted: str, texts: Sequence[str]) -> str:
    if wanted:
        _expect(header, wanted, "label")
        if wanted in texts:
            raise BadTable("label", f"Column {wanted} is the text already.")
        return wanted
    by_folded = {name.casefold(): name for name in reversed(header) if name not in texts}
    for column in LABEL_COLUMNS:
        if column in by_folded:
            return by_folded[column]
    left = [name for name in header if name not in texts]
    if len(left) == 1:
        return left[0]
    raise BadTable("label", f"Say which column holds the label; the file has {_names(header)}.")


def _expect(header: Sequence[str], column: str, field: str) -> None:
    if column not in header:
        raise BadTable(field, f"The file has no column {column[:100]}; it has {_names(header)}.")


def _names(header: Sequence[str]) -> str:
    more = f" and {len(header) - SHOWN} more" if len(header) > SHOWN else ""
    return ", ".join(name[:100] or "(no name)" for name in header[:SHOWN]) + more


def _rows(content: str, separator: str, field: str, most: int) -> list[list[str]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    try:
        next(reader)
        rows = [row for row in islice(reader, most + 1) if row]
    except csv.Error as error:
        # Mostly a field longer than the csv module takes: a quotation mark that nobody closed.
        raise BadTable(field, f"Line {reader.line_num} is no CSV: {error}.") from None
    if len(rows) > most:
        raise BadTable(field, f"Has more than {most:,} rows.")
    return rows


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
