"""Workbooks: the tables of each sheet that is shown."""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from python_calamine import CalamineError, PasswordError

from rag_service.adapters.parsing import archive, saved_day
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables import Row, add_tables
from rag_service.adapters.parsing.workbooks import ods
from rag_service.adapters.parsing.workbooks.cells import Unseen, letters_of
from rag_service.adapters.parsing.workbooks.package import WORKBOOK, read_package
from rag_service.adapters.parsing.workbooks.plain import PlainWorkbook
from rag_service.adapters.parsing.workbooks.xlsx import rows_of
from rag_service.adapters.parsing.workbooks.xml import BrokenPart
from rag_service.domain.document import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
NO_WORKBOOK = "The file is not a workbook; save it as .xlsx, or upload it under its own kind."
WORKBOOKS = (WORKBOOK, "xl/workbook.bin", ods.CONTENT)
STORED_VALUES = (
    "This file does not tell how its values are shown: numbers and dates are read as they are stored, and hidden rows "
    "and columns are read too. Save it as .xlsx and upload it again."
)
MAX_NAMED = 5
"""Names of sheets or columns in a reason."""
_UNNAMED = re.compile(r"(sheet|tabelle|feuil|hoja|foglio|blad|arkusz|planilha|лист)\s*\d*", re.IGNORECASE)
_Reader = Callable[["_Book"], None]


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    reader = _plain(data)
    if data.startswith(b"PK"):
        packed = archive.checked_archive(data, limits)
        names = set(packed.namelist())
        if not names.intersection(WORKBOOKS):
            raise Unreadable("wrong_kind", NO_WORKBOOK)
        if WORKBOOK in names:
            reader = _xlsx(packed)
        elif ods.CONTENT in names:
            reader = _ods(packed)
    elif not data.startswith(OLE):
        raise Unreadable("wrong_kind", NO_WORKBOOK)
    elif ENCRYPTED_PACKAGE in data:
        raise _encrypted()
    try:
        try:
            return _Book(limits).filled_by(reader)
        except BrokenPart:
            # The library reads some files that keep to no standard.
            return _Book(limits).filled_by(_plain(data))
    except PasswordError:
        raise _encrypted() from None
    except CalamineError as error:
        raise Unreadable("broken", f"The workbook is damaged ({type(error).__name__}). {archive.MEND}") from None


def _encrypted() -> Unreadable:
    return Unreadable("encrypted", "The workbook is protected by a password; save it without one.")


class _Book:
    """A workbook's outline, and what is left out of it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.outline = Outline(limits)
        self._cells = 0

    def filled_by(self, reader: _Reader) -> Outline:
        reader(self)
        return self.outline

    def add(self, name: str, rows: Iterable[Row]) -> None:
        """Add a sheet. Raises Unreadable where the workbook has too many cells."""
        self.outline.begin_locator(f"sheet {name}", below=False)
        if not _UNNAMED.fullmatch(name):
            self.outline.heading(1, name, titles=False)
        add_tables(self.outline, self._counted(rows), usual=True)

    def leave_out(self, hidden: Sequence[str], unseen: dict[str, Unseen]) -> None:
        """Record the hidden sheets, and what each shown sheet hides or lacks."""
        if hidden:
            self.outline.leave_out("hidden_sheets", f"Hidden sheets are not read: {_named(hidden)}.", len(hidden))
        columns = {name: each.columns for name, each in unseen.items() if each.columns}
        if columns:
            places = [f"{letters_of(at)} of {name}" for name, found in columns.items() for at in sorted(found)]
            reason = f"Hidden columns are not read: {_named(places)}. Show them in the file if people may see them."
            self.outline.leave_out("hidden_columns", reason, len(places))
        rows = {name: each.rows for name, each in unseen.items() if each.rows}
        if rows:
            reason = f"Hidden or filtered rows are not read, in sheet {_named(list(rows))}."
            self.outline.leave_out("hidden_rows", reason, sum(rows.values()))
        formulas = {name: each for name, each in unseen.items() if each.formulas}
        if formulas:
            places = [f"{cell} of {name}" for name, each in formulas.items() for cell in each.examples]
            reason = (
                f"The file holds no results of these formulas: {_named(places)}. Open it in a spreadsheet program, "
                "save it and upload it again."
            )
            count = sum(each.formulas for each in formulas.values())
            self.outline.leave_out("formulas_without_values", reason, count)

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self._cells += len(row.cells)
            if self._cells > self.limits.cells:
                raise Unreadable("too_large", f"The workbook has more than {self.limits.cells:,} cells; split it.")
            yield row


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _xlsx(packed: zipfile.ZipFile) -> _Reader:
    def add(book: _Book) -> None:
        package = read_package(packed)
        book.outline.saved = saved_day.of_package(packed)
        unseen: dict[str, Unseen] = {}
        shown = [sheet for sheet in package.sheets if not sheet.hidden]
        for each in shown:
            unseen[each.name] = Unseen()
            book.add(each.name, rows_of(packed, each, package, book.limits, unseen[each.name]))
        book.outline.pages = len(shown)
        book.leave_out([sheet.name for sheet in package.sheets if sheet.hidden], unseen)

    return add


def _ods(packed: zipfile.ZipFile) -> _Reader:
    def add(book: _Book) -> None:
        content = ods.Content(packed, book.limits)
        book.outline.saved = saved_day.of_package(packed)
        for name, rows in groupby(content.rows(), key=lambda each: each[0]):
            book.add(name, (row for _, row in rows if row is not None))
        book.outline.pages = len(content.unseen)
        book.leave_out(content.hidden_sheets, content.unseen)

    return add


def _plain(data: bytes) -> _Reader:
    def add(book: _Book) -> None:
        found = PlainWorkbook(data, book.limits)
        for name in found.names:
            book.add(name, found.rows(name))
        book.outline.pages = len(found.names)
        book.leave_out(found.hidden, {})
        book.outline.leave_out("shown_values", STORED_VALUES)

    return add
