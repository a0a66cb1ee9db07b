"""One reading of tables for all kinds of files.

A reader makes rows: `placed(cells)` where cells span, or `Row(texts)`. `add_tables(outline, rows)` does the rest:
it finds titles, names of columns, groups, notes and questions with answers, and adds each row as a line.
`in_cell(rows)` is the text of a table in a cell of another one.
"""

from rag_service.adapters.parsing.tables.grid import Cell, Row, placed
from rag_service.adapters.parsing.tables.nested import in_cell
from rag_service.adapters.parsing.tables.writing import add_tables

__all__ = ["Cell", "Row", "add_tables", "in_cell", "placed"]
