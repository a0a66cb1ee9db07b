"""Refusals: why there is no answer, and what to do next."""

from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.language.text_features import plain
from rag_service.domain.answering.safety.prompt_injection import is_injection
from rag_service.domain.answering.safety.refused_requests import ACTION, FOREIGN_SUBJECT, INJECTION, PERSON, UNSAFE

Reason = Literal["no_knowledge", "not_supported", "out_of_scope", "unsafe", "injection", "needs_person"]


@dataclass(frozen=True)
class Refusal:
    """A named reason, and the message about it."""

    reason: Reason
    text: str
    next_step: str
    needs_human: bool

    @property
    def message(self) -> str:
        """Return the message for a person."""
        return f"{self.text} {self.next_step}"


_A_PERSON = "If it can't wait, I can hand your question to a person."
REFUSALS: dict[Reason, Refusal] = {
    each.reason: each
    for each in (
        Refusal(
            "no_knowledge",
            "I don't know: I found nothing about this in your company's documents.",
            "Try other words, upload a document that explains it, or ask a person.",
            True,
        ),
        Refusal(
            "not_supported",
            "I don't know: your company's documents touch on this, but none answers it.",
            f"Asking about one thing more exactly may help. {_A_PERSON}",
            True,
        ),
        Refusal(
            "out_of_scope",
            "This isn't something I can help with: I only answer from your company's documents.",
            "Ask me about what is written there.",
            False,
        ),
        Refusal(
            "unsafe",
            "I can't help with this, because it could hurt somebody.",
            "If you or someone else is in danger, please call your local emergency number now.",
            True,
        ),
        Refusal(
            "injection",
            "I can't do this: I don't show my instructions or other companies' data, and I don't take orders that "
            "change how I work.",
            "Ask me about your own company's documents.",
            False,
        ),
        Refusal(
            "needs_person",
            "This needs a person: I only look things up and can't change accounts, orders or payments.",
            "Your request can be handed to a colleague, who will get back to you.",
            True,
        ),
    )
}


def refusal_before_search(question: str) -> Refusal | None:
    """Return the refusal of a question that is not searched for; None if a search may help.

    Harm, prompt injection and requests for a person are clear from the question. Whether the company has knowledge
    about it is decided after the search.
    """
    text = " ".join(plain(question).split())
    if UNSAFE.search(text):
        return REFUSALS["unsafe"]
    if INJECTION.search(text) or is_injection(text):
        return REFUSALS["injection"]
    if PERSON.search(text) or ACTION.search(text):
        return REFUSALS["needs_person"]
    return None


def refusal_after_search(question: str, *, found: bool) -> Refusal:
    """Return why there is no answer, if no passage, or none of those found, answers the question."""
    if FOREIGN_SUBJECT.search(" ".join(plain(question).split())):
        return REFUSALS["out_of_scope"]
    return REFUSALS["not_supported" if found else "no_knowledge"]
