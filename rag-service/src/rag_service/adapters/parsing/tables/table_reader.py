"""Reads tables from rows, as the rows come: titles, names of columns, groups, notes, and one line per row."""

from collections.abc import Iterable, Iterator, Sequence

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.tables.ahead import Ahead
from rag_service.adapters.parsing.tables.blocks import blocks
from rag_service.adapters.parsing.tables.body import Body
from rag_service.adapters.parsing.tables.faq import answered, is_question, qa_columns
from rag_service.adapters.parsing.tables.form import form_lines, is_form
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.head import SAMPLE_ROWS, head_levels, joined_names, may_name, until_next_head
from rag_service.adapters.parsing.tables.lines import clean_names, row_lines
from rag_service.adapters.parsing.tables.names import is_name
from rag_service.adapters.parsing.tables.pieces import Answered, Heading, Lines, Piece, Prose

MAX_TITLE_CHARACTERS = 160
MAX_TITLES = 5
MAX_TITLE_WORDS = 4
MAX_LAYOUT_ROWS = 3
MIN_LISTED = 3
MAX_LISTED_CHARACTERS = 60
MAX_VALUE_CHARACTERS = 400


class TableReader:
    """Reads the tables of a sheet, or one table of a text; remembers the names for a table that goes on."""

    def __init__(
        self, *, usual: bool = False, title: str = "", title_in_text: bool = False, names: Sequence[str] = ()
    ) -> None:
        """`usual`: tables of this kind of file mostly name their columns. `title_in_text`: the title is text of the
        document already. `names`: of the table that this one may go on from."""
        self._usual = usual
        self._above: list[str] = [title] if title else []
        self._title_in_text = title if title_in_text else ""
        self._alone: tuple[Row, str] | None = None
        """A row that may name the columns of the table below an empty row, and its title."""
        self._title = title
        """Of the table above."""
        self.names: list[str] = list(names)
        self._body: Body | None = None
        """Of the last table."""

    @property
    def may_go_on(self) -> bool:
        """Return whether the last table may go on in other rows, with its names, group and kinds of values."""
        return self._body is not None

    def read(self, rows: Iterable[Row], *, goes_on: bool = False) -> Iterator[Piece]:
        """Yield what the rows tell, in their order. `goes_on`: they go on with the last table of the call before."""
        if goes_on and self._body is not None:
            rows = Ahead(row for row in rows if any(row.cells))
            yield from self._lines(self._body, rows, goes_on=True)
        for block in blocks(rows):
            left = Ahead(block)
            while left.first(1):
                yield from self._block(left)
        yield from self._kept()
        if self._alone:
            yield from self._row_alone()

    def _block(self, rows: Ahead) -> Iterator[Piece]:
        above: list[str] = []
        first = next(rows, None)
        strong = first is not None and first.strong
        while first is not None and _is_line(first):
            above.append(first.cells[first.filled()[0]])
            first = next(rows, None)
        if first is None:
            yield from self._lines_alone(above, strong=strong)
            return
        texts = [*self._above, *above]
        self._above = []
        yield from self._prose(texts[:-MAX_TITLES])
        title = ""
        for text in texts[-MAX_TITLES:]:
            if _tells(text):
                yield from self._prose([text])
            if len(text) <= MAX_TITLE_CHARACTERS:
                title = f"{title} – {one_line(text)}" if title else one_line(text)
        rows.give_back([first])
        yield from self._table(rows, title)

    def _lines_alone(self, lines: list[str], *, strong: bool) -> Iterator[Piece]:
        """Keep a line or two for the table that may follow; yield longer texts."""
        if len(lines) > 1 and is_question(lines[0]) and not any(map(is_question, lines[1:])):
            yield from self._kept()
            yield Answered("", one_line(lines[0]), "\n".join(lines[1:]))
            return
        if len(self._above) + len(lines) <= 2 and all(len(line) <= MAX_TITLE_CHARACTERS for line in lines):
            self._above += lines
            return
        yield from self._kept()
        if len(lines) >= MIN_LISTED and all(
            len(line) <= MAX_LISTED_CHARACTERS and line[-1].isalnum() for line in lines
        ):
            # A list in one column.
            names = clean_names(lines[:1]) if is_name(lines[0]) else []
            rows = (Row([line]) for line in lines[len(names) :])
            yield Lines("", names, [text for row in rows for text in row_lines(row, names, "", 0)])
            return
        if strong and len(lines) > 1 and len(lines[0]) <= MAX_TITLE_CHARACTERS:
            yield Heading(lines.pop(0))
        yield from map(Prose, lines)

    def _kept(self) -> Iterator[Piece]:
        yield from self._prose(self._above)
        self._above = []

    def _prose(self, texts: Iterable[str]) -> Iterator[Piece]:
        """Yield texts that the document doesn't hold yet."""
        yield from (Prose(text) for text in texts if text != self._title_in_text)

    def _row_alone(self) -> Iterator[Piece]:
        assert self._alone is not None
        row, title = self._alone
        self._alone = None
        yield Lines(title, [], row_lines(row, (), "", 0))

    def _table(self, rows: Ahead, title: str) -> Iterator[Piece]:
        if self._alone:
            if head_levels([self._alone[0], *rows.first(SAMPLE_ROWS)], usual=self._usual):
                rows.give_back([self._alone[0]])
                title, self._alone = title or self._alone[1], None
            else:
                yield from self._row_alone()
        sample = rows.first(SAMPLE_ROWS + 5)
        if len(sample) == 1 and not self.names and may_name(sample[0]):
            self._alone = sample[0], title
            rows.skip(1)
            return
        own = until_next_head(sample)
        if len(own) == len(sample) <= SAMPLE_ROWS and is_form(own):
            self._body, self.names, self._title = None, [], title
            yield Lines(title, [], [line for row in rows for line in form_lines(row)])
            return
        levels = head_levels(own, usual=self._usual)
        heads, own = own[:levels], own[levels:]
        if levels:
            self.names = clean_names(joined_names(heads))
        elif self.names and not _goes_on(self.names, own):
            self.names = []
        elif self.names:
            title = title or self._title
        self._title = title
        self._body = None
        rows.skip(levels)
        if columns := qa_columns(self.names, own):
            yield from answered(rows, columns, self.names, title)
            return
        if not self.names and len(sample) <= MAX_LAYOUT_ROWS and any(map(_is_layout, sample)):
            yield from (Prose(row.cells[at]) for row in rows for at in row.filled())
            return
        yield from self._lines(Body(self.names, heads, own), rows, goes_on=False)

    def _lines(self, body: Body, rows: Ahead, *, goes_on: bool) -> Iterator[Piece]:
        self._body = body
        for piece in body.read(rows, goes_on=goes_on):
            yield piece if isinstance(piece, Prose) else Lines(self._title, self.names, piece)
        # Another table may begin without an empty row between.
        rows.give_back(body.next_table)


def _is_layout(row: Row) -> bool:
    """Return whether a row's cells are columns of text rather than values."""
    return any(len(cell) > MAX_VALUE_CHARACTERS for cell in row.cells)


def _tells(text: str) -> bool:
    """Return whether a title says more than what the table is about: a date, a sentence. It must be quotable then."""
    text = one_line(text)
    return len(text.split()) > MAX_TITLE_WORDS or any(map(str.isdigit, text)) or text.endswith((".", ":", "!"))


def _is_line(row: Row) -> bool:
    """Return whether a row is one text: a title, or a note."""
    filled = row.filled()
    if len(filled) != 1:
        return False
    # A name above some of the columns is a part of the head.
    return row.starts is None or filled[0] == 0


def _goes_on(names: Sequence[str], sample: Sequence[Row]) -> bool:
    """Return whether rows without names may go on from a table with these names: they fill as many columns."""
    widths = [max(row.filled(), default=-1) + 1 for row in sample]
    return max(widths, default=0) == len(names) > 1
