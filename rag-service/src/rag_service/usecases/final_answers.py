"""Makes the results of approved answers and of chats."""

from collections.abc import Sequence

from rag_service.domain.answering.answer import Mode, lines_of, text_of
from rag_service.domain.answering.approved import ApprovedCandidate
from rag_service.domain.answering.citation import Cited, Source, label
from rag_service.usecases.results import ChatAnswer
from rag_service.usecases.writer_calls import WriterCalls

APPROVED_TITLE = "approved answer"


def cited_answer(known: ApprovedCandidate) -> tuple[list[Cited], list[Source], float]:
    """Return an approved answer; it is its own source, because a person approved it."""
    locator = known.locator or "answer"
    answer_confidence = round(min(1.0, known.cosine), 4) if known.cosine is not None else 1.0
    named = label(APPROVED_TITLE, locator, 1)
    source = Source(
        1, known.answer_id, "approved", str(known.answer_id), APPROVED_TITLE, locator, answer_confidence, named
    )
    return [Cited(text, (known.answer_id,)) for text in known.steps], [source], answer_confidence


def final_answer(
    mode: Mode,
    question: str,
    cited: Sequence[Cited],
    sources: Sequence[Source],
    answer_confidence: float,
    calls: WriterCalls,
    notes: Sequence[str] = (),
    unanswered: Sequence[str] = (),
) -> ChatAnswer:
    """Return a chat's answer as its sentences with their citations, its notes and the questions that it leaves open."""
    lines = lines_of(cited, sources)
    needs_human = bool(unanswered) or not any(line.certain for line in lines)
    return ChatAnswer(
        text_of(lines, unanswered, notes), lines, tuple(sources), None, needs_human, answer_confidence, mode, question,
        tuple(calls.usages), tuple(calls.failures),
    )  # fmt: skip
