"""Tells rows that share only a lesser word with a question from the unit that holds more of what is asked."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, asks_money, holds, holds_money
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.word_match import Words, asked_words, weights
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.languages import ENGLISH, language_of

_COUNTS = re.compile(
    r"(?i)\b(?:how (?:many|much)|wie ?viele?n?|combien d[e'’]|cu[aá]nt[oa]s|quant[ie]|hoeveel)"
    r" ?((?:[^\W\d_]+[ -]){1,5}?)"
    r"(?:do|does|did|are|is|can|may|will|would|must|should|have|has|habe|haben|hat|gibt|bekomme|darf|sind|ist|ai|avons"
    r"|a|y|puis|tengo|hay|tiene|ho|abbiamo|heb|zijn|krijg)\b"
)
MORE = 0.15
"""The further share of the question's words, by weight, with which a unit outdoes a row whose words it holds."""
TIMES_MORE = 1.0
"""The same as a multiple of what the outdone row holds, for a text, which has more words than a row."""
COUNTED = 0.8
"""How far a word for what is counted must be held."""


def outdone(question: str, found: Sequence[FoundUnit], settled: frozenset[str] = frozenset()) -> list[FoundUnit]:
    """Return the rows for which another unit that may answer holds all their words of the question and more.

    A question with a code is left out, because the code binds; so is a row in another language than the question.
    `settled`: words for an amount or a day that the range of a row has in it, which are not compared.
    """
    subject = tuple(word for word in subject_words(question) if word not in settled)
    rows = [each for each in found if each.unit.unit.kind == "row" and each.unit.named]
    if not subject or not rows or identifiers(question).codes:
        return []
    passages = {each.assessed.passage.chunk_id: each.assessed for each in found}
    weight = weights(subject, [Words(one.shown) for each in passages.values() for one in each.sentences])
    whole = sum(weight.values())
    share = {word: weight[word] / whole for word in subject}
    able = [each for each in found if each.unit.named and _may_answer(question, each)]
    fuller = [(_held(subject, each), 0.0 if each.unit.unit.kind == "row" else TIMES_MORE) for each in able]

    def part(words: frozenset[str]) -> float:
        return sum(share[word] for word in words)

    counted = counted_words(question)
    is_counted = any(_holds_every(counted, each) and holds("amount", each.quoted) for each in found)
    others = []
    for each in rows:
        mine = _held(subject, each)
        own = part(mine)
        more = any(theirs > mine and part(theirs) >= own + max(MORE, times * own) for theirs, times in fuller)
        if _comparable(question, each) and (more or (is_counted and not _holds_any(counted, each))):
            others.append(each)
    return others


def counted_words(question: str) -> tuple[str, ...]:
    """Return the words for what a question counts: "how many days of paid holiday do I have"."""
    found = _COUNTS.search(question)
    return asked_words(found[1]) if found else ()


def _holds_every(words: Sequence[str], found: FoundUnit) -> bool:
    there = Words(found.quoted)
    return bool(words) and all(there.holds(word) >= COUNTED for word in words)


def _holds_any(words: Sequence[str], found: FoundUnit) -> bool:
    there = Words(" ".join([found.quoted, *found.assessed.passage.heading]))
    return any(there.holds(word) >= COUNTED for word in words)


def _held(subject: Sequence[str], found: FoundUnit) -> frozenset[str]:
    passage = found.assessed.passage
    there = Words(" ".join([found.quoted, subject_of(passage), *passage.heading, passage.title]))
    return frozenset(word for word in subject if there.holds(word))


def _may_answer(question: str, found: FoundUnit) -> bool:
    kind = asked_kind(question)
    is_row = found.unit.unit.kind == "row"
    return holds(kind, found.quoted) and bool(
        not asks_money(question) or counted_words(question) or holds_money(found.quoted, row=is_row)
    )


def _comparable(question: str, row: FoundUnit) -> bool:
    asked, theirs = language_of(question) or ENGLISH, language_of(row.assessed.passage.text)
    return asked == (theirs or ENGLISH)
