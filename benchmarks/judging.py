"""Is an answer right, wrong or none? And does its confidence mean what it says?"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from benchmarks.probes.model import Question

Verdict = Literal["right", "mixed", "wrong", "abstained"]
"""`mixed`: the right answer with another row's or an outdated value beside it. It counts as wrong."""
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
SURE = 0.9
_QUOTES = str.maketrans("‘’“”«»‐‑‒–—−", '\'\'""""------')


@dataclass(frozen=True)
class Judged:
    """An answer with what it is worth."""

    verdict: Verdict
    answer: str
    """Without citations; empty where there was none."""
    confidence: float = 0.0

    @property
    def right(self) -> bool:
        """Return whether it is what it should be."""
        return self.verdict == "right"

    @property
    def bad(self) -> bool:
        """Return whether it says something wrong."""
        return self.verdict in ("wrong", "mixed")


def judge(question: Question, answer: str, confidence: float = 0.0) -> Judged:
    """Return the verdict on an answer; an empty one abstains. Abstaining is right where nothing answers."""
    if not answer.strip():
        return Judged("right" if question.unanswerable else "abstained", "")
    if question.unanswerable:
        return Judged("wrong", answer, confidence)
    if not holds(answer, question.expected, in_order=question.in_order):
        return Judged("wrong", answer, confidence)
    beside = any(_says(answer, each) for each in question.forbidden)
    return Judged("mixed" if beside else "right", answer, confidence)


def holds(text: str, expected: str, *, in_order: bool = False) -> bool:
    """Return whether a text holds every part of what is expected, each in one of its alternatives.

    Case, kinds of quotes, dashes and spaces don't count. `in_order`: the parts must follow each other.
    """
    text, begin = plain(text), 0
    for part in expected.split(" + "):
        patterns = [plain(each.strip()) for each in part.split(" or ")]
        found = [match for match in (_search(pattern, text, begin) for pattern in patterns) if match]
        if not found:
            return False
        if in_order:
            begin = min(match.end() for match in found)
    return True


def held(question: Question, texts: Iterable[str]) -> bool:
    """Return whether passages hold the answer, in one line with the identifier where there is one."""
    lines = [line for text in texts for line in (text.splitlines() if question.identifier else [text])]
    if question.identifier:
        return any(_says(line, question.identifier) and holds(line, question.expected) for line in lines)
    return holds("\n".join(lines), question.expected)


def plain(text: str) -> str:
    """Return a text without the differences that don't count, but for its case."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_QUOTES).split())


def _search(pattern: str, text: str, begin: int) -> re.Match[str] | None:
    # A figure is not part of a longer one: 12 is neither in 312 nor in 12.5.
    before = r"(?<!\d)(?<!\d[.,])" if pattern[:1].isdigit() else ""
    after = r"(?![.,]?\d)" if pattern[-1:].isdigit() else ""
    return re.compile(f"(?i){before}(?:{pattern}){after}").search(text, begin)


def _says(text: str, value: str) -> bool:
    escaped = re.escape(plain(value))
    return re.search(rf"(?i)(?<![\w])(?<!\d[.,]){escaped}(?!\w)(?![.,]\d)", plain(text)) is not None


@dataclass(frozen=True)
class Bin:
    """Answers whose confidence lies in one range."""

    low: float
    high: float
    answers: int
    right: float
    confidence: float


def reliability(judged: Sequence[Judged]) -> list[Bin]:
    """Return how many of the answers of each range of confidence are right."""
    answered = [each for each in judged if each.answer]
    found = []
    for low, high in pairwise(BINS):
        inside = [each for each in answered if low <= each.confidence < high]
        if inside:
            right = float(np.mean([each.right for each in inside]))
            found.append(Bin(low, min(high, 1.0), len(inside), right, float(np.mean([e.confidence for e in inside]))))
    return found


def calibration_error(judged: Sequence[Judged]) -> float:
    """Return the expected calibration error: the mean distance of confidence and share of right answers."""
    bins = reliability(judged)
    total = sum(each.answers for each in bins)
    return sum(each.answers * abs(each.right - each.confidence) for each in bins) / total if total else 0.0


def precision(judged: Sequence[Judged], least: float = SURE) -> tuple[int, int]:
    """Return how many answers of at least this confidence are right, and how many there are."""
    sure = [each for each in judged if each.answer and each.confidence >= least]
    return sum(each.right for each in sure), len(sure)
