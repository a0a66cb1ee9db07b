"""Refusals: why there is no answer, and what to do next."""

import re
from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.prompt_injection import is_injection
from rag_service.domain.answering.text_features import plain

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

_INJECTION = re.compile(
    r"(?i)\b(?:show|print|reveal|repeat|tell|give|output|leak|what(?:'s| is| are| were))\b.{0,30}\b(?:your|the"
    r"|its)\b.{0,12}"
    r"\b(?:system prompt|prompts?|initial instructions?|hidden instructions?|instructions above|system message)\b"
    r"|\b(?:your|the) system prompt\b"
    r"|\b(?:what|which) (?:are|were) your (?:exact |original |initial )?instructions\b"
    r"|\b(?:other|another|different|all|every|someone else's|foreign|competitor'?s?)\s+(?:companies|company"
    r"|company's|customers?'?s?|"
    r"tenants?'?s?|clients?'?s?|organi[sz]ations?'?s?)\b.{0,40}\b(?:data|documents?|files?|tickets?|passwords?"
    r"|secrets?|"
    r"invoices?|records?|knowledge|prices|contracts?)\b"
    r"|\b(?:data|documents?|files?|tickets?|passwords?|secrets?|invoices?|records?)\s+(?:of|from"
    r"|belonging to)\s+(?:the\s+)?"
    r"(?:other|another|all|every|company \d+|tenant \d+)\b"
    r"|\b(?:documents?|files?|tickets?|data|secrets?)\b.{0,12}\b(?:other|another) (?:compan|customer|tenant|client)"
    r"|\b(?:company|tenant)(?:_id)?\s*[=:#]?\s*\d+(?:'s)?\s+(?:data|documents?|files?|tickets?)\b"
    r"|\b(?:list|dump|show|give)\b.{0,20}\ball\b.{0,20}\b(?:passwords|api keys|credentials|secrets|tokens)\b"
)
_UNSAFE = re.compile(
    r"(?i)\b(?:build|make|making|construct|assemble|synthesi[sz]e|cook|buy|create)\b.{0,30}\b(?:bombs?"
    r"|explosives?|grenades?|nerve agents?|"
    r"sarin|ricin|meth|methamphetamine|napalm|pipe bomb|bioweapons?|chemical weapons?|ransomware|malware|keylogger|"
    r"computer virus)\b"
    r"|\b(?:kill|hurt|harm|poison|stab|shoot)(?:ing)?\s+(?:myself|my ?self|someone|somebody|my (?:boss|wife"
    r"|husband|colleague|coworker|neighbou?r))\b"
    r"|\b(?:how (?:to|do i|can i)|i (?:want|am going|plan) to|help me) (?:kill|hurt|harm|poison|stab|shoot)"
    r" (?:him|her|them|people)\b|\b(?:commit(?:ting)? suicide|suicidal|want to die|end my life|self[- ]harm)\b"
    r"|\bhack(?:ing)?\s+(?:into|someone|somebody|my (?:boss|colleague|coworker|ex))\b"
    r"|\bsteal\b.{0,25}\b(?:passwords?|identity|identities|"
    r"credit cards?|data)\b|\b(?:ich will|möchte) (?:sterben|mich umbringen)\b|\bbombe bauen\b"
)
_PERSON = re.compile(
    r"(?i)\b(?:talk|speak|chat|connect(?: me)?|transfer(?: me)?|put me through|hand me over|get me|escalate)\b.{0,25}"
    r"\b(?:human|person|agent|someone|somebody|representative|manager|supervisor|operator|real people"
    r"|support team|staff|colleague)\b"
    r"|\b(?:i|we) (?:want|need|would like|prefer|demand)\s+(?:to (?:talk|speak) (?:to|with) )?(?:a |an "
    r"|some )?(?:real |actual |live )?"
    r"(?:human|person|agent|operator|representative|manager|supervisor)\b|^\W*(?:(?:a |real |live )?(?:human"
    r"|agent|operator|representative))"
    r"(?: please)?\W*$|\b(?:please )?call me(?: back)?\b(?! \w+ (?:is|was))"
    r"|\b(?:mit einem (?:menschen|mitarbeiter)|mit jemandem) (?:sprechen|reden)\b|\bparler à (?:un humain"
    r"|quelqu'un|un conseiller)"
    r"|\bhablar con (?:una persona|un humano|un agente|alguien)\b"
)
_ACTION = re.compile(
    r"(?i)^\W*(?:(?:hi|hello|hey)\W+)?(?:(?:please|kindly|can you|could you|would you|will you|i want you to"
    r"|i need you to|"
    r"i'd like you to)\s+){1,2}(?:please\s+)?(?:cancel|refund|delete|close|unlock|reactivate|deactivate|disable"
    r"|enable|upgrade|downgrade|"
    r"reset|change|update|transfer|pay|charge|order|approve|grant|revoke|create|remove|issue|return|exchange)\b.{0,20}"
    r"\b(?:my|our|me|us)\b"
    r"|^\W*(?:please )?(?:cancel|refund|delete|close|unlock|reactivate|upgrade|downgrade)\s+(?:my|our|me)\b"
)
_FOREIGN = re.compile(
    r"(?i)\b(?:tell|write|compose|sing|make up|give)\b.{0,20}\b(?:joke|poem|song|story|haiku|limerick|rap|sonnet"
    r"|novel|lyrics)\b"
    r"|\b(?:weather|temperature) (?:today|tomorrow|like|in|forecast)\b|\b(?:stock|share|bitcoin|crypto) price\b"
    r"|\blottery\b|\bhoroscope\b"
    r"|\bwho (?:won|will win)\b|\bwho should i vote\b|\bmeaning of life\b|\bdo you (?:love|like|have feelings)\b"
    r"|\bwill you marry\b"
    r"|\b(?:do|write|solve) my homework\b|\bwas ist das wetter\b|\bwie wird das wetter\b"
    r"|\berzähl\w* (?:mir )?(?:einen )?witz\b"
)


def refusal_before_search(question: str) -> Refusal | None:
    """Return the refusal of a question that is not searched for; None if a search may help.

    Harm, prompt injection and requests for a person are clear from the question. Whether the company has knowledge
    about it is decided after the search.
    """
    text = " ".join(plain(question).split())
    if _UNSAFE.search(text):
        return REFUSALS["unsafe"]
    if _INJECTION.search(text) or is_injection(text):
        return REFUSALS["injection"]
    if _PERSON.search(text) or _ACTION.search(text):
        return REFUSALS["needs_person"]
    return None


def refusal_after_search(question: str, *, found: bool) -> Refusal:
    """Return why there is no answer, if no passage, or none of those found, answers the question."""
    if _FOREIGN.search(" ".join(plain(question).split())):
        return REFUSALS["out_of_scope"]
    return REFUSALS["not_supported" if found else "no_knowledge"]
