"""Claude as the writer of answers, through model-kit's client."""

from collections.abc import Sequence
from typing import Any

from model_kit.claude.client import Claude
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.reply import Reply

from rag_service.adapters.claude import prompt, reply
from rag_service.adapters.claude.redaction import Redacted
from rag_service.domain.answering.message.conversation import Turn
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.usecases.writer import (
    Draft,
    DraftSentence,
    PaidCall,
    Purpose,
    Reranked,
    RewrittenQuestion,
    Writer,
    WriterFailed,
)


class ClaudeWriter(Writer):
    """Asks Claude. It returns drafts, which the caller has to verify."""

    def __init__(self, claude: Claude, model: str) -> None:
        """`model`: the name of Claude's model. The client owns deadline, retries, concurrency and circuit breaker."""
        self._claude = claude
        self._model = model

    def solve(self, description: str, context: str, passages: Sequence[AssessedPassage]) -> Draft:
        """Return steps that solve a ticket; raise WriterFailed."""
        given = passages[: prompt.MAX_PASSAGES]
        private = Redacted([description, context, *map(_shown, given)])
        ticket, around, *texts = private.texts
        received, used = self._ask(prompt.solve(self._model, ticket, around, texts), "solution")
        try:
            steps, needs_human = reply.steps(received.text, len(given))
        except reply.Malformed:
            raise WriterFailed("malformed", "well", used) from None
        return Draft(() if needs_human else _restored(steps, private), "not_supported" if needs_human else None, used)

    def answer(self, question: str, turns: Sequence[Turn], passages: Sequence[AssessedPassage]) -> Draft:
        """Return the sentences that answer a question; raise WriterFailed."""
        given, earlier = passages[: prompt.MAX_PASSAGES], turns[-prompt.TURNS :]
        private = Redacted([question, *(each.text for each in earlier), *map(_shown, given)])
        asked, *others = private.texts
        earlier_turns = [(turn.role, text) for turn, text in zip(earlier, others, strict=False)]
        received, used = self._ask(
            prompt.answer(self._model, asked, earlier_turns, others[len(earlier_turns) :]), "chat"
        )
        try:
            sentences, refusal = reply.sentences(received.text, len(given))
        except reply.Malformed:
            raise WriterFailed("malformed", "well", used) from None
        return Draft(() if refusal else _restored(sentences, private), refusal, used)

    def rewrite(self, question: str, turns: Sequence[Turn]) -> RewrittenQuestion:
        """Return a follow-up as a standalone question; raise WriterFailed."""
        earlier = turns[-prompt.TURNS :]
        private = Redacted([question, *(each.text for each in earlier)])
        asked, *others = private.texts
        earlier_turns = [(turn.role, text) for turn, text in zip(earlier, others, strict=True)]
        received, used = self._ask(prompt.rewrite(self._model, asked, earlier_turns), "rewrite")
        try:
            return RewrittenQuestion(private.restored(reply.question(received.text)), used)
        except reply.Malformed:
            raise WriterFailed("malformed", "well", used) from None

    def rerank(self, question: str, passages: Sequence[AssessedPassage]) -> Reranked:
        """Return the passages that help, best first; raise WriterFailed."""
        given = passages[: prompt.MAX_PASSAGES]
        asked, *texts = Redacted([question, *map(_shown, given)]).texts
        received, used = self._ask(prompt.rerank(self._model, asked, texts), "rerank")
        try:
            return Reranked(reply.order(received.text, len(given)), used)
        except reply.Malformed:
            raise WriterFailed("malformed", "well", used) from None

    def _ask(self, arguments: dict[str, Any], purpose: Purpose) -> tuple[Reply, PaidCall | None]:
        try:
            received = self._claude.ask(arguments)
        except ClaudeFailed as failure:
            billed = PaidCall(purpose, failure.usage) if failure.usage else None
            raise WriterFailed(failure.kind, failure.health, billed) from None
        return received, PaidCall(purpose, received.usage) if received.usage else None


def _shown(read: AssessedPassage) -> str:
    return f"{subject_of(read.passage)}\n{read.quotable_text}"


def _restored(pieces: Sequence[DraftSentence], private: Redacted) -> tuple[DraftSentence, ...]:
    return tuple(DraftSentence(private.restored(each.text), each.passages) for each in pieces)
