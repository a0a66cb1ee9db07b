"""Tables of questions with their answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.names import answers, asks
from rag_service.adapters.parsing.tables.pieces import Answered

QUESTION_SIGNS = ("?", "？", "؟")
MIN_QUESTION_SHARE = 0.6
MIN_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the questions and the answers stand."""

    question: int
    answer: int


def qa_columns(names: Sequence[str], rows: Sequence[Row]) -> Columns | None:
    """Return where questions and answers stand, by the names of the columns or by the questions themselves."""
    question = [at for at, name in enumerate(names) if asks(name)]
    answer = [at for at, name in enumerate(names) if answers(name)]
    if len(question) == len(answer) == 1 and question != answer and not _figures(rows, answer[0]):
        return Columns(question[0], answer[0])
    filled = [row for row in rows if len(row.filled()) > 1]
    if max((len(row.cells) for row in filled), default=0) != 2:
        return None
    asked = sum(is_question(row.cells[0]) for row in filled)
    if asked >= MIN_QUESTIONS and asked >= MIN_QUESTION_SHARE * len(filled):
        return Columns(0, 1)
    return None


def answered(rows: Iterable[Row], columns: Columns, names: Sequence[str], title: str) -> Iterator[Answered]:
    """Yield each question with its whole answer; an answer goes on in rows below it that hold no question."""
    question, more = "", ""
    answer: list[str] = []
    group = title
    for row in rows:
        asked = _cell(row, columns.question)
        given = _cell(row, columns.answer)
        filled = row.filled()
        if len(filled) == 1 and (not given or row.starts is not None) and not is_question(asked):
            # A line over the whole table names the questions below it.
            group = one_line(row.cells[filled[0]])
            continue
        if asked and one_line(asked) != question:
            if question and answer:
                yield Answered(more, question, "\n".join(answer))
            question, answer, more = one_line(asked), [], _others(row, columns, names, group)
        if given:
            answer += [line for line in map(str.strip, given.splitlines()) if line]
    if question and answer:
        yield Answered(more, question, "\n".join(answer))


def _cell(row: Row, at: int) -> str:
    return row.cells[at].strip() if at < len(row.cells) else ""


def _others(row: Row, columns: Columns, names: Sequence[str], group: str) -> str:
    """Return what the other columns say, because it may name the subject: `Category: Billing`."""
    parts = [group] if group else []
    for at in row.filled():
        if at not in (columns.question, columns.answer):
            name = one_line(names[at]) if at < len(names) else ""
            parts.append(f"{name}: {one_line(row.cells[at])}" if name else one_line(row.cells[at]))
    return "; ".join(parts)


def is_question(text: str) -> bool:
    """Return whether a text asks something."""
    return text.rstrip(" \"'”»)*_").endswith(QUESTION_SIGNS)


def _figures(rows: Sequence[Row], at: int) -> bool:
    """Return whether a column holds figures: `Question | Answers` of a survey."""
    cells = [cell for row in rows if (cell := _cell(row, at))]
    return bool(cells) and all(cell.replace(".", "").replace("%", "").strip().isdigit() for cell in cells)
