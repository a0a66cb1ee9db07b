"""Makes a standalone question of a follow-up, from the earlier turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rag_service.domain.answering.language.text_features import COMMON, content, plain, stem, stems, tokens
from rag_service.domain.answering.message.fragments import completed, fragment_of, name_asked_about
from rag_service.domain.answering.message.pronouns import filled_in
from rag_service.domain.answering.message.questions import questions
from rag_service.domain.answering.message.quoted_names import with_other_name, with_place
from rag_service.domain.answering.message.smalltalk import small_talk_kind
from rag_service.domain.answering.safety.prompt_injection import is_injection

MAX_EARLIER_TURNS = 12
MAX_EARLIER_CHARACTERS = 200
"""Characters of an earlier message, its end: there stands what it asks."""
CARRIED_WORDS = 8
NAMED_BEFORE = 4
"""A pronoun behind so many content words refers to them, as in "How does the sync service work? Is it safe?".
"""
NAMED_IN_CLAUSE = 2
"""Content words of a clause that name what a pronoun of the next clause refers to: "… return shoes if they …"."""
OWN_WORDS = 2
"""Content words of a question that begins with "And", but stands on its own."""
OWN_WORDS_OF_WHAT_IF = 3
"""The same of one that begins with "What if" or "What about"."""

_OPENS = re.compile(
    r"(?i)^\W*(?:(?:and|but|so|or|also|then|ok(?:ay)?,?|what about|how about|what if|and if|same for|why not|und"
    r"|aber|oder|was ist mit|wie (?:ist|sieht) es (?:mit|bei)|et|mais|y|pero|och|og|qu'en est-il|what else"
    r"|anything else"
    r"|more)\b|e (?:per|se|la|il|i|le|gli|quando|come)\b|en (?:voor|op|in|als|wat|hoe)\b|a (?:co|dla|pro|kdy)\b|a w\b)"
)
_OPENING_WORD = re.compile(
    r"(?i)^\W*(?:(?:and )?what (?:about|if)|how about|and|but|so|or|also|then|ok(?:ay)?|und|aber|et|mais|y|pero|och"
    r"|og)\b[ ,]*"
)
_POINTS_BACK = re.compile(
    r"\b(?:(?i:it|its|it's|they|them|their|this|that|these|those|one|ones|he|she|his|there|the (?:same|other"
    r"|first|second|last|latter|former|above)|such|es|ihn|ihm|davon|damit|dafür|darin|dazu|dabei|dort|dieser|diese"
    r"|dieses"
    r"|diesen|diesem|ça|cela|celui-ci|eso|esto|ello|allí|questo|quello|ciò|dat|deze|daarvan|daarmee|den här|det)|sie"
    r"|das)\b"
)
_POINTS_AHEAD = re.compile(
    r"(?i:\b(?:this|that|these|those|the (?:same|other|first|second|last))\s+(?!is\b|are\b|was\b|do|can\b|will\b"
    r"|have|mean|cost|work|apply|still|also|too\b|per\b|and\b|for\b|with|from\b|not\b|all\b|free\b|true\b|right\b"
    r"|correct\b"
    r"|allowed|possible|included|enough|extra|refund|valid)\w{3,}"
    r"|\bthat (?:i|we|he|it|my)\b"
    r"|\b(?:is|are|was|were) there\b|\bthere (?:is|are|was|were|a|any)\b|\bit (?:is|that)\b|\b(?:so|know|say|said"
    r"|told|think|sure|possible|necessary) that\b|\bone (?:of|or|and|can|time|day|last|more|further|other)\b"
    r"|\b(?:gibt|geht|brauche?t?) es\b|\bes (?:gibt|geht)\b|\bdiese[rsnm]? \w{3,}|\bdat (?:ik|we|de|het)\b"
    r"|\b(?:det (?:är|er|finns)|finns det|er det|hur är det)\b)|\b(?:das|es) [A-ZÄÖÜ]|\bdass? (?:der|die|ich|wir)\b"
)
"""Expressions that only look like back-references: `this printer` names its noun."""
_ASKED_INSIDE = re.compile(
    r"(?is)^.{0,200}\b(?:wonder(?:ing)?|(?:like|want|need) to know|tell me|let me know|wissen|sagen|savoir|dire|saber"
    r"|decirme|sapere|weten),? (?=(?:how|what|when|where|who|which|wie|was|wann|wo|wer|welche\w*|comment|quand|où|qui"
    r"|quel\w*|combien|cómo|cuándo|dónde|quién|qué|cuál|cuánt\w+|come|quando|dove|quale|hoe|wat|wanneer|waar)\b)(.+)$"
)
"""A question inside a sentence: "Hi, I'm new here and I was wondering how many days I get"."""
_CLAUSE_ENDS = re.compile(
    r"(?i)[,;:?!]|\b(?:if|when|because|before|after|while|until|unless|and|that|wenn|falls|bevor|weil)\b"
)
_ALSO = re.compile(r"(?i)\b(?:too|as well|instead|auch|aussi|también|anche|ook|också)\W*$")
_INVERTED = re.compile(r"(?i)(?<!y a)-(?:t-)?(?:il|elle|ils|elles)\b")
_WITHOUT_SUBJECT = re.compile(r"(?i)^\W*(?:es|son|está|están|è|sono|funciona|cuesta|costa|vale)\s+\w+\W*$")
_ASPECTS = frozenset(
    {"many", "much", "long", "often", "far", "mean", "means", "cost", "costs", "happen", "happens", "work", "works"}
    | {"exactly", "actually", "take", "takes", "viel", "viele", "lange", "oft", "kostet", "kosten", "beträgt", "dauert"}
    | {"wieviel", "wieviele", "bekommen", "combien", "coûte", "cuesta", "cuánto", "cuántos", "cuántas", "quanto"}
    | {"hoeveel"}
)
"""Words that say what was asked about a topic, not what the topic is."""
_PER = frozenset({"per", "pro", "par", "por", "viel", "much", "many"})


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str
    documents: frozenset[UUID] = frozenset()
    """The documents that an answer quotes."""


def is_follow_up(question: str) -> bool:
    """Return whether a question is only understandable with the earlier turns.

    A short question is not a follow-up by itself: to treat "printer jam" as one costs more than it brings (measured).
    """
    text = plain(question)
    if not content(text) or fragment_of(text) is not None or _ALSO.search(text):
        return True
    if _points_back(text):
        return True
    if not _OPENS.match(text):
        return False
    opening = _OPENING_WORD.match(text)
    own = OWN_WORDS if opening and len(opening[0].split()) == 1 else OWN_WORDS_OF_WHAT_IF
    return (
        opening is None or len([word for word in content(text[opening.end() :]) if word not in _ASPECTS | _PER]) < own
    )


def _points_back(text: str) -> bool:
    if _WITHOUT_SUBJECT.match(text):
        return True
    if (inverted := _INVERTED.search(text)) and len(content(text[: inverted.start()])) < NAMED_IN_CLAUSE:
        return True
    text = _POINTS_AHEAD.sub(" ", text)
    back = _POINTS_BACK.search(text)
    if not back:
        return False
    before = text[: back.start()]
    clauses = list(_CLAUSE_ENDS.finditer(before))
    named = len(content(before[: clauses[-1].start()])) if clauses else 0
    return named < NAMED_IN_CLAUSE and len(content(before)) < NAMED_BEFORE


def standalone_question(question: str, turns: Sequence[Turn]) -> str:
    """Return the question to search for.

    A fragment ("And for interns?") takes its place in the question before it; another follow-up gets the topic words of
    the question before it appended, those first that the answer repeats. A question that stands on its own begins a new
    topic, and nothing before it is carried over.
    """
    previous, answer = "", ""
    for turn in turns[-MAX_EARLIER_TURNS:]:
        if turn.role == "assistant":
            answer = turn.text
        elif not small_talk_kind(turn.text) and not is_injection(turn.text):
            for asked in questions(turn.text):
                previous = _resolved(asked[-MAX_EARLIER_CHARACTERS:], previous, answer)
                answer = ""
    return _resolved(question, previous, answer)


def _resolved(question: str, previous: str, answer: str) -> str:
    if not previous or not is_follow_up(question):
        return question
    fragment = fragment_of(plain(question))
    if fragment and content(fragment):
        previous = _ASKED_INSIDE.sub(r"\1", previous)
        whole = with_other_name(fragment, previous.rstrip(" ?.!"), answer) or completed(fragment, previous)
        if not whole.endswith("?"):
            whole = f"{whole}?"
        return whole.removesuffix("?") if previous.endswith(")") else whole
    if (placed := with_place(question, previous, answer)) and not is_follow_up(placed):
        return placed
    question = filled_in(question, previous.split(" (")[0], _ASPECTS) or question
    named = name_asked_about(plain(previous).split(" (")[0])
    if named and _OPENS.match(question) and content(question) and not _points_back(question):
        # "And how much per day?" after "… per night in Germany": still in Germany.
        question = f"{question.rstrip(' ?.!')} {named}?"
    known = set(content(question))
    topic = [word for word in topic_words(previous) if not known.issuperset(content(word))]
    topic = list({stem(word.casefold()): word for word in reversed(topic)}.values())[::-1]
    answered = stems(answer)
    # What the answer repeats of its question is what both are about.
    topic.sort(key=lambda word: stem(word.casefold()) not in answered)
    return f"{question} ({' '.join(topic[:CARRIED_WORDS])})" if topic else question


def topic_words(text: str) -> list[str]:
    """Return the words of a question that say what it is about, as they are written."""
    return [word for word in re.findall(r"[^\W_][\w'’.-]*[^\W_]|[^\W_]", plain(text)) if _says_something(word)]


def _says_something(word: str) -> bool:
    if word.casefold() in _ASPECTS or len(word) < 2:
        return False
    return all(part not in COMMON for part in tokens(word))
