"""Turns the rows of a table into tickets; refuses the others with line and reason."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from model_kit.tables.table import BadTable, Fault, Row, Table
from model_kit.tables.workbook import read_any

from launcher.files import read_file
from launcher.imports.priorities import Priorities, is_blank

FIELDS = ("title", "description", "user_name", "user_email", "priority", "department")
TITLE_OF_DESCRIPTION = 80
LINE, REASON = "import_line", "import_reason"


@dataclass(frozen=True)
class TicketRow:
    """One row as a ticket to send."""

    row: Row
    ticket: Mapping[str, str]
    department: str = ""
    """The department that people chose, as the file writes it."""


@dataclass(frozen=True)
class Refused:
    """A row that is not sent, or that the system refused."""

    line: int
    reason: str
    cells: Sequence[str] = ()

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"

    @classmethod
    def of(cls, row: Row, reason: str) -> "Refused":
        """Refuse a row."""
        return cls(row.line, reason, row.cells)

    @classmethod
    def fault(cls, fault: Fault) -> "Refused":
        """Refuse a line that couldn't be read as a row."""
        return cls(fault.line, fault.message, fault.cells)


def read_table(path: Path, columns: Mapping[str, str], *, delimiter: str = "", encoding: str = "") -> Table:
    """Read a table; raises click.ClickException if it can't be read or lacks a column."""
    try:
        table = read_any(
            read_file(path), expected_columns=list(columns.values()), separator=delimiter, encoding=encoding
        )
        for column in columns.values():
            table.column_index(column)
    except BadTable as error:
        raise click.ClickException(f"{path.name}: {error}") from None
    return table


def ticket_rows(
    table: Table, columns: Mapping[str, str], priorities: Priorities, limit: int | None
) -> tuple[list[TicketRow], list[Refused]]:
    """Return the tickets of the first `limit` rows, and the refused ones among these."""
    places = {name: table.column_index(column) for name, column in columns.items()}
    sent: list[TicketRow] = []
    refused = [Refused.fault(fault) for fault in table.faults]
    if limit is not None:
        last = sorted([*(row.line for row in table.rows), *(fault.line for fault in table.faults)])[:limit][-1:]
        refused = [row for row in refused if [row.line] <= last]
    for row in table.rows[: None if limit is None else max(limit - len(refused), 0)]:
        values = {name: row.cells[place].strip() for name, place in places.items()}
        try:
            priority = priorities.read(values["priority"]) if "priority" in values else ""
        except ValueError as error:
            refused.append(Refused.of(row, str(error)))
        else:
            sent.append(TicketRow(row, _ticket(values, priority), _value(values, "department")))
    return sent, refused


def column_of(table: Table, column: str) -> list[str]:
    """Return all values of a column."""
    place = table.column_index(column)
    return [row.cells[place] for row in table.rows]


def rejected_file(header: Sequence[str], refused: Iterable[Refused]) -> bytes:
    """Return the refused rows as CSV with line and reason, to be corrected and imported again."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow((LINE, REASON, *header))
    writer.writerows((row.line, row.reason, *row.cells) for row in sorted(refused, key=lambda row: row.line))
    return target.getvalue().encode("utf-8-sig", "surrogateescape")


def _ticket(values: Mapping[str, str], priority: str) -> dict[str, str]:
    description = values.get("description", "")
    ticket = {
        "title": values.get("title") or description.split("\n", 1)[0][:TITLE_OF_DESCRIPTION],
        "description": description,
        "user_name": _value(values, "user_name") or "Import",
        "user_email": _value(values, "user_email") or "import@example.com",
    }
    return ticket | ({"priority": priority} if priority else {})


def _value(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    return "" if is_blank(value) else value
