"""Reads PDFs for tests."""

from rag_service.adapters.parsing import pdf
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, PassageKind

from .drawn import Drawn


def read(made: Drawn) -> Parsed:
    """Return what is read of a PDF."""
    return pdf.read(made.bytes(), Limits()).parsed()


def text(parsed: Parsed) -> str:
    """Return all its text with its headings."""
    return "\n".join("\n".join([*each.heading[-1:], each.text]) for each in parsed.sections)


def rows(parsed: Parsed) -> list[str]:
    """Return the rows of its tables."""
    return [line for each in parsed.sections if each.kind is PassageKind.ROWS for line in each.text.splitlines()]


def left_out(parsed: Parsed) -> dict[str, tuple[int, str]]:
    """Return how much was left out and why, by code."""
    return {each.code: (each.count, each.reason) for each in parsed.left_out}
