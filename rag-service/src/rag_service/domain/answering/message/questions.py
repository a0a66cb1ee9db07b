"""Splits a message into its questions."""

import re
from dataclasses import dataclass

from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.language.text_features import COMMON, tokens
from rag_service.domain.answering.message.mail_text import is_courtesy, message_of
from rag_service.domain.answering.message.smalltalk import small_talk_kind

MAX_QUESTIONS = 5
MIN_WORDS = 3
"""Shorter pieces are no questions of their own, for example "who and when"."""

_ASKS = (
    r"(?:how|what|what's|when|where|who|whom|whose|why|which|can|could|do|does|did|is|are|was|were|should|will"
    r"|would|may"
    r"|wie|was|wann|wo|wer|warum|wieso|weshalb|welche[rsmn]?|kann|können|gibt|muss|darf"
    r"|comment|quand|où|qui|pourquoi|quel(?:le)?s?|combien|cómo|cuándo|dónde|quién|qué|cuál|cuánto)"
)
_JOINT = re.compile(
    rf"(?i)(?:\s*[,;]\s*|\s+)(?:and also|and then|and|also|or else|plus|und auch|und|sowie|et aussi|et|y también|y)\s+"
    rf"(?={_ASKS}\b)|\s*;\s*(?={_ASKS}\b)"
)
_QUESTION_WORD = (
    r"(?:how|what|what's|when|where|who|whom|whose|why|which|how (?:many|much|long|often|far)(?: \w+)?|what \w+"
    r"|which \w+)"
)
_AUXILIARY = (
    r"(?:can|could|do|does|did|is|are|was|were|should|shall|will|would|may|must|has|have|am|isn't|aren't|can't|don't"
    r"|doesn't|won't)"
)
_SUBJECT = (
    r"(?:i|we|you|he|she|it|they|there|the|an?|my|our|your|this|that|these|those|any|some|someone|anyone|anybody|all"
    r"|every"
    r"|one|[A-Z]\w+)\b"
)
_OPENING = r"^[\s¿\"'(]*(?:(?:hi|hello|hey|hallo|please|also|and|so|then|but|ok)[ ,]+)*"
# Not "When I came in, …": the verb stands in front of the subject.
_QUESTION = re.compile(rf"(?i){_OPENING}(?:{_QUESTION_WORD}\s+{_AUXILIARY}\b|(?:how|what|where) (?:to|about)\b)")
_VERB_FIRST = re.compile(rf"(?i){_OPENING}{_AUXILIARY}\s+{_SUBJECT}(?!\s*$)")
_QUESTION_ELSEWHERE = re.compile(
    rf"(?i){_OPENING}(?:wie|was|wann|wo|wer|warum|wieso|weshalb|welche[rsmn]?|kann|können|gibt|muss|darf|comment|quand"
    rf"|où|qui"
    r"|pourquoi|quel(?:le)?s?|combien|est-ce|cómo|cuándo|dónde|quién|qué|cuáles|cuál|cuánt[oa]s?|puedo|puede|come"
    r"|quando|dove"
    r"|chi|perché|quale|quanto|quanti|posso|hoe|wat|wanneer|waar|wie|waarom|welke|kan|mag|jak|kdy|kde|kdo|proč|kiedy"
    r"|gdzie"
    r"|kto|dlaczego|czy|hur|vad|när|vem|varför|hvordan|hvad|hva|hvornår|når|hvor)\b"
)
_ASKED_INDIRECTLY = re.compile(
    r"(?i)\b(?:need|want|wanted|like) to know\b|\b(?:can|could|would|will) (?:you|someone|somebody|anyone"
    r"|anybody) (?:please"
    r" )?(?:tell|explain|confirm|clarify|send me|give me)\b|\bmy question\b|\bmeine frage\b|\bma question\b"
    r"|\b(?:(?:let me|us) know|tell (?:me|us)|(?:like|want|need) to know|wonder(?:ing)?|question is|find out"
    r"|not sure|don't know"
    r"|unclear|wissen|sagen|mitteilen|savoir|dire|saber|decirme|sapere|weten)\b[^.?!]{0,25}\b(?:how|what|when|where"
    r"|who|which|why"
    r"|if|whether|wie|was|wann|wo|wer|warum|welche\w*|ob|comment|quand|où|qui|pourquoi|quel\w*|combien|si|cómo|cuándo"
    r"|dónde|quién"
    r"|qué|cuál|cuánto|come|quando|dove|quale|hoe|wat|wanneer|waar|of)\b"
)
_POLITE = frozenset(
    {"help", "advise", "assist", "idea", "ideas", "look", "check", "hear", "understand", "clear", "correct", "okay"}
    | {"ok", "fine", "possible", "hilfe", "helfen", "aide", "aider", "ayuda", "ayudar"}
)


@dataclass(frozen=True)
class Part:
    """One question of a message, with the statements around it."""

    question: str
    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The question among its statements."""
        return " ".join([*self.before, self.question, *self.behind])


def questions(message: str) -> list[str]:
    """Return the questions of a message in their order, at most five; a message without any is one itself.

    A statement before a question ("My VPN is down.") stays in front of it, because it gives the context. Questions
    beyond the fifth stay with the fifth.
    """
    return [each.whole for each in parts_of(message)]


def parts_of(message: str) -> list[Part]:
    """Return the questions of a message in their order, at most five, each with the statements that belong to it."""
    whole = " ".join(message.split())
    own = message_of(message) if "\n" in message.strip() else message
    pieces = [each.shown for each in split(own) if not (small_talk_kind(each.shown) or is_courtesy(each.shown))]
    asked: list[Part] = []
    statements: list[str] = []
    for sentence in pieces:
        if not is_question(sentence) or not asks_something(sentence):
            statements.append(sentence)
            continue
        first, *more = _apart(sentence)
        asked += [Part(first, tuple(statements)), *map(Part, more)]
        statements = []
    if not asked:
        return [Part(" ".join(pieces) or whole)]
    if statements:
        # Statements behind the last question belong to it.
        asked[-1] = Part(asked[-1].question, asked[-1].before, tuple(statements))
    if len(asked) <= MAX_QUESTIONS:
        return asked
    return [*asked[: MAX_QUESTIONS - 1], Part(" ".join(each.whole for each in asked[MAX_QUESTIONS - 1 :]))]


def is_question(sentence: str) -> bool:
    """Return whether a sentence is a question, be it without its mark or asked indirectly."""
    shown = sentence.rstrip("\"')»” ")
    if shown.endswith(("?", "？", "؟")) or _QUESTION.match(sentence) or _ASKED_INDIRECTLY.search(sentence):
        return True
    # "Wie besprochen, …" ends with a full stop; a question that somebody typed in haste has no mark at all.
    if shown.endswith((".", "!", ":", ",", "…")):
        return False
    return bool(_VERB_FIRST.match(sentence) or _QUESTION_ELSEWHERE.match(sentence))


def asks_something(question: str) -> bool:
    """Return whether a question is about anything: "Can you help me?" and "Any ideas?" are not."""
    content_words = [word for word in tokens(question) if word not in COMMON]
    return not content_words or any(word not in _POLITE for word in content_words)


def _apart(sentence: str) -> list[str]:
    parts: list[str] = []
    for part in _JOINT.split(sentence):
        # "who and when can reset it": the first part is no question of its own.
        if parts and len(parts[-1].split()) < MIN_WORDS:
            parts[-1] = f"{parts[-1]} and {part}"
        else:
            parts.append(part)
    if len(parts) > 1 and len(parts[-1].split()) < MIN_WORDS:
        return [sentence]
    marked = "?" if sentence.rstrip().endswith("?") else ""
    return [part if part.endswith(("?", "？")) else part.rstrip(" ,;") + marked for part in parts]
