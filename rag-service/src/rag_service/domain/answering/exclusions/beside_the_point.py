"""Tells sentences that have the words of a question or the asked kind of value, but not what is asked.

"The rent year runs from 1 October" is no day by which the rent must be paid, if another sentence names one; `Standorte`
is nobody who is responsible, though German nouns are written as names are; and a compound with one of two key words
says less than a sentence with the other one.
"""

import re
from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, holds
from rag_service.domain.answering.language.text_features import tokens
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values.deadlines import asks_deadline, names_deadline
from rag_service.domain.languages import language_of

MAX_KEY_WORDS = 3
SAME_WORD = 0.9

_SOMEBODY = re.compile(
    r"\b(?:Frau|Herrn?|Dr\.|Prof\.|[A-ZÄÖÜ]{2,5}|[Ww]ir|[Uu]ns|Sie|Ihnen|[Dd]u|[Ii]hr|[Jj]ede[rnm]?|[Nn]iemand|[Mm]an"
    r"|Firma|GmbH|AG|Verein|Gemeinde|Kasse|Behörde|Kund\w*|G[aä]st\w*|\w*(?:amt|stelle|team|büro|rat|dienst|vorstand|chef"
    r"|service|hilfe|mann|frau|leute|eltern|person|personen|betrieb|verwaltung|schaft|zentrale))\b"
    r"|(?<=[\w,;:] )[A-ZÄÖÜ][\w-]*(?:er|ern|in|innen|ung|[aäeiou]?ende[nr]?|igte[nr]?|ete[nr]?)\b"
    r"|\b[A-ZÄÖÜ][\w'’-]+ [A-ZÄÖÜ][\w'’-]+|@|\d{3,}|: ?[A-ZÄÖÜ]"
    r"|^\W*[A-ZÄÖÜ][\w-]+ (?:und [A-ZÄÖÜ]\w+ )?(?!nicht\b|mit\b|seit\b|dort\b|jetzt\b)[a-zäöüß]+(?:t|en|te)\b"
    r"|\b(?:an|durch|von|bei|mit|und|oder|ist|sich|es|wird|[a-zäöüß]+(?<!nich)t) [A-ZÄÖÜ]"
)
"""A person, a role or an office in a German text, a pronoun, or a noun that may be a name by its place."""


def beside_the_point(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences among these units that do not say what is asked."""
    texts = [each for each in found if each.unit.unit.kind == "sentence" and each.unit.named]
    return [
        *_without_deadline(question, texts),
        *_without_somebody(question, texts),
        *_without_person(question, texts),
        *_lesser_words(question, texts),
    ]


def _without_deadline(question: str, texts: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences without a deadline, if the document has one with words of the question."""
    if not asks_deadline(question):
        return []
    subject = subject_words(question)
    having = [each for each in texts if names_deadline(each.quoted) and holds("time", each.quoted)]
    named = {each.assessed.passage.document_id for each in having if _held(subject, each)}
    return [each for each in texts if each not in having and each.assessed.passage.document_id in named]


def _without_somebody(question: str, texts: Sequence[FoundUnit]) -> list[FoundUnit]:
    if asked_kind(question) != "person":
        return []
    return [
        each
        for each in texts
        if language_of(each.assessed.passage.text) == "german" and not _SOMEBODY.search(each.quoted)
    ]


def _without_person(question: str, texts: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences that name nobody, if one of their passage does, with as many words of the question."""
    if asked_kind(question) != "person":
        return []
    subject = subject_words(question)
    number = [sum(Words(each.quoted).holds(word) >= SAME_WORD for word in subject) for each in texts]
    named: dict[object, int] = {}
    for each, held in zip(texts, number, strict=True):
        if held and holds("person", each.quoted):
            place = each.assessed.passage.chunk_id
            named[place] = max(held, named.get(place, 0))
    return [
        each
        for each, held in zip(texts, number, strict=True)
        if not holds("person", each.quoted) and held <= named.get(each.assessed.passage.chunk_id, -1)
    ]


def _lesser_words(question: str, texts: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences that hold key words as parts of others only, if another one holds the rest as they are."""
    asked = asked_words(question)
    if "?" in question or not 1 < len(asked) <= MAX_KEY_WORDS or len(question.split()) > MAX_KEY_WORDS:
        return []
    words = [Words(each.quoted) for each in texts]
    held = frozenset(word for word in asked if any(word in there.all for there in words))
    return [
        each
        for each, there in zip(texts, words, strict=True)
        if any(not there.holds(word) for word in held) and held.isdisjoint(there.all) and _has_compound(question, each)
    ]


def _has_compound(question: str, found: FoundUnit) -> bool:
    there = tokens(found.quoted)
    return any(word.startswith(each) and len(word) > len(each) + 2 for each in tokens(question) for word in there)


def _held(subject: Sequence[str], found: FoundUnit) -> bool:
    there = Words(found.quoted)
    return any(there.holds(word) >= SAME_WORD for word in subject)
