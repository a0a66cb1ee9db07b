"""Short documents of 117 organisations, each with questions in people's own words; `written_documents/README.md`."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from benchmarks.probes.model import File, Question

FOLDER = Path(__file__).with_name("written_documents")
PER_DOCUMENT = 3
"""Questions with an answer that are asked of each document; one without an answer comes to them."""
PARAGRAPH_LINES = 3
ASKED = re.compile(r"\?(de|en|es|fr|it|nl)?\s+(.*)")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\W*[A-ZÀ-Þ0-9])")


@dataclass(frozen=True)
class Line:
    """A sentence (`S`) or a row of a table (`R`), below a heading."""

    kind: str
    heading: str
    text: str

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Return a row's columns with their values."""
        parts = [each.partition(":") for each in self.text.split(";")]
        return [(name.strip(), value.strip()) for name, _, value in parts]

    @property
    def expected(self) -> str:
        """Return what an answer must hold: a row's values, or one of the sentences."""
        if self.kind == "R":
            return " + ".join(_pattern(value) for _, value in self.cells if value)
        return " or ".join(_pattern(each) for each in SENTENCE_END.split(self.text))


@dataclass
class Document:
    """A document with its questions: the text, its language, the line that answers, None where none does."""

    language: str
    title: str
    lines: list[Line] = field(default_factory=list)
    questions: list[tuple[str, str, Line | None]] = field(default_factory=list)

    @property
    def file(self) -> File:
        """Return it as a Markdown file: sentences in paragraphs, rows in tables."""
        written = [f"# {self.title}", ""]
        for heading, below in groupby(self.lines, key=lambda line: line.heading):
            written += [f"## {heading}", ""] if heading else []
            for columns, alike in groupby(below, key=_columns):
                block = list(alike)
                written += _table(columns, block) if columns else _paragraphs(block)
        name = re.sub(r"[^-\w ]", "", self.title)[:80]
        return File(f"{name}.md", "\n".join(written).encode())


def documents(folder: Path = FOLDER) -> Iterator[Document]:
    """Yield a folder's documents in the order of their files."""
    document, heading = Document("", ""), ""
    for path in sorted(folder.glob("*.txt")):
        for text in path.read_text(encoding="utf-8").splitlines():
            if text.startswith("# "):
                if document.lines:
                    yield document
                language, organisation, title = (part.strip() for part in text[2:].split("|"))
                document, heading = Document(language, f"{organisation} – {title}"), ""
            elif text.startswith("## "):
                heading = text[3:].strip()
            elif text.startswith(("S ", "R ")):
                document.lines.append(Line(text[0], heading, text[2:].strip()))
            elif asked := ASKED.fullmatch(text):
                document.questions.append((asked[2], asked[1] or document.language, document.lines[-1]))
            elif text.startswith("- "):
                document.questions.append((text[2:].strip(), document.language, None))
    yield document


def written(seed: int) -> Iterator[tuple[list[File], list[Question]]]:
    """Yield each document as the only file of a company, with some of the questions about it."""
    return asked_of(documents(), seed, PER_DOCUMENT, 1)


def asked_of(
    found: Iterable[Document], seed: int, with_answer: int, without: int
) -> Iterator[tuple[list[File], list[Question]]]:
    """Yield each document as the only file of a company, with so many questions that it answers and that it doesn't."""
    for number, document in enumerate(found):
        draw = random.Random(f"{seed} {number}")
        answered = [each for each in document.questions if each[2]]
        others = [each for each in document.questions if not each[2]]
        chosen = [
            *draw.sample(answered, min(with_answer, len(answered))), *draw.sample(others, min(without, len(others))),
        ]  # fmt: skip
        yield [document.file], [_question(document, *each) for each in chosen]


def _question(document: Document, text: str, language: str, line: Line | None) -> Question:
    if line is None:
        return Question(text, "abstain", f"{document.language}, unanswerable")
    kind = document.language if language == document.language else f"{language} on {document.language}"
    return Question(text, line.expected, f"{kind}, {'row' if line.kind == 'R' else 'text'}", document.file.name)


def _columns(line: Line) -> tuple[str, ...]:
    return tuple(name for name, _ in line.cells) if line.kind == "R" else ()


def _table(columns: Sequence[str], rows: Sequence[Line]) -> list[str]:
    cells = [columns, ["---"] * len(columns), *([value for _, value in row.cells] for row in rows)]
    return [*(f"| {' | '.join(row)} |" for row in cells), ""]


def _paragraphs(sentences: Sequence[Line]) -> list[str]:
    starts = range(0, len(sentences), PARAGRAPH_LINES)
    return [
        each for at in starts for each in (" ".join(line.text for line in sentences[at : at + PARAGRAPH_LINES]), "")
    ]


def _pattern(text: str) -> str:
    # ` or ` and ` + ` separate what is expected.
    return re.escape(text).replace(r"\ or\ ", r"\sor\s").replace(r"\ \+\ ", r"\s\+\s")
