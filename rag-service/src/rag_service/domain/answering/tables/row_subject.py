"""Tells whether a row is about what a question asks, or shares only lesser words with it, such as a day."""

import re
from collections.abc import Iterable, Sequence

from rag_service.domain.answering.answer_kind import asked_kind, asks_for_steps, holds_money
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold, weights
from rag_service.domain.answering.question_subject import DONE_WITH_IT, subject_words, unknown
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import asked_days
from rag_service.domain.answering.tables.row_matches import has_asked_day, is_about_day
from rag_service.domain.answering.tables.row_ranges import is_in_range
from rag_service.domain.answering.tables.word_places import has_place
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.domain.passage import Passage

MIN_SHARE = 0.5
"""Of the weight of the question's words that a row must hold if the question asks for no kind of value."""
OUTWEIGHED = 2
"""Words of the question for each unknown one, from which a row is about the thing although its use is unknown: a
"mattress cover" where one "for a double bed" is asked."""
PROSE_WORDS = 6
"""Words of a cell that is a sentence."""
_FREE = ("decision", "steps", "reason", "anything")
_ASKS_WHAT_NOW = re.compile(
    r"(?i)\bwhat (?:now|next)\b|\bwas (?:nun|jetzt)\b|\bet maintenant\b|\b(?:y|qué) ahora\b|\bwat nu\b"
)
_PRICED = re.compile(
    r"(?i)\b(?:does|do|would|will|is|are|for|of|rent|rents|hire|buy|order|kostet|kosten|für)"
    r" (?:a|an|one|ein|eine|einen)"
    r" ([^\W\d_][\w-]*(?: [^\W\d_][\w-]*)?) ?(?:$|[?,.]|\b(?:costs?|per|a day|for|pro|am|im|to (?:rent|hire|buy))\b)"
)
"""The thing whose price is asked: "what does a concrete mixer cost"; its last word says what it is."""
_IN_PLACE = re.compile(
    r"\bin (?!(?:Euro|Franken|Dollar|Prozent|Stunden|Minuten|Tagen|Wochen|Monaten|Jahren)\b)"
    r"([A-ZÄÖÜ][^\W\d_]{2,}(?:[ -][A-ZÄÖÜ][^\W\d_]+)*)"
)
"""A place, which has no article: of another one a row says nothing."""
_KEY_WORDS = re.compile(r"(?:[A-ZÄÖÜ][^\W\d_]+[ ,]+){2,3}[A-ZÄÖÜ][^\W\d_]+[?.]?")
"""Nouns and names in a row, such as "Umsatz Januar Kochel": each of them says what is meant."""


def asks_what_to_do(question: str) -> bool:
    """Return whether a question asks what is to be done."""
    return (asked_kind(question) == "steps" and asks_for_steps(question)) or _ASKS_WHAT_NOW.search(question) is not None


def about_other_things(
    question: str, found: Sequence[FoundUnit], settled: frozenset[str] = frozenset()
) -> list[FoundUnit]:
    """Return the rows among these units that are about other things than the question.

    A question that names a code is left out, because the code binds. So is one in another language than the table,
    whose words can't be compared. The thing whose price is asked must be the row's, if any text with a price has it:
    "Light lager" is no "light drone". `settled`: words for an amount or a day that the range of a row has in it.
    """
    subject = tuple(word for word in subject_words(question) if word not in settled | DONE_WITH_IT)
    rows = [each for each in found if each.unit.unit.kind == "row" and each.unit.named]
    if not subject or not rows or identifiers(question).codes:
        return []
    passages = {each.assessed.passage.chunk_id: each.assessed for each in found}
    texts = [Words(sentence.shown) for one in passages.values() for sentence in one.sentences]
    heads = {key: _about(one.passage) for key, one in passages.items()}
    days = asked_days(question)
    missing = unknown(subject, [*texts, *heads.values()])
    nowhere = {word for word in missing if not any(has_place(word, each.core.shown, days) for each in rows)}
    weight = weights(subject, texts)
    what_to_do, free = asks_what_to_do(question), asked_kind(question) in _FREE
    priced = {fold(stem(tokens(each)[-1])) for each in _PRICED.findall(question)} & set(subject)
    names = identifiers(question).names
    # Where names are recognised by their capitals, a row that lacks one is left out already.
    places = {word for each in _IN_PLACE.findall(question) for word in subject_words(each) if not names} - settled
    key_words = bool(_KEY_WORDS.fullmatch(question.strip()))
    is_priced_elsewhere = any(
        _holds_any(priced, Words(each.quoted), heads[each.assessed.passage.chunk_id])
        and holds_money(each.quoted, row=False)
        for each in found
    )
    others = []
    for each in rows:
        row, head = Words(each.core.shown), heads[each.assessed.passage.chunk_id]
        if any(not row.holds(word) and not head.holds(word) for word in places):
            others.append(each)
            continue
        if not _comparable(question, each) or is_in_range(question, each.core.shown):
            continue
        of_day = has_asked_day(question, each.core.shown)
        held = {word for word in subject if row.holds(word) or head.holds(word) or (of_day and is_about_day(word))}
        held |= {word for word in missing - nowhere if has_place(word, each.core.shown, days)}
        share = sum(weight[word] for word in held) / sum(weight.values())
        if (
            len(nowhere) > len(held)
            or (priced & nowhere and len(held) <= OUTWEIGHED * len(nowhere))
            or (is_priced_elsewhere and not _holds_any(priced, row, head))
            or (free and share < MIN_SHARE and not is_prose(each.core.shown) and not _named(names, row))
            or (nowhere and key_words)
            or (what_to_do and _is_priced(each.core.shown) and not is_prose(each.core.shown))
        ):
            others.append(each)
    return others


def _holds_any(words: Iterable[str], *texts: Words) -> bool:
    return any(text.holds(word) for text in texts for word in words)


def _about(passage: Passage) -> Words:
    return Words(" ".join([subject_of(passage), *passage.heading, passage.title]))


def is_prose(row: str) -> bool:
    """Return whether a row holds a whole sentence, such as one of numbered conditions."""
    return any(len(value.split()) >= PROSE_WORDS and value.rstrip().endswith((".", "!")) for _, value in cells(row))


def _named(names: frozenset[str], row: Words) -> bool:
    return bool(names) and names <= row.raw


def _comparable(question: str, row: FoundUnit) -> bool:
    asked, theirs = language_of(question) or ENGLISH, language_of(row.assessed.passage.text)
    return asked == (theirs or ENGLISH)


def _is_priced(row: str) -> bool:
    return sum(holds_money(value, row=False) for _, value in cells(row)) > 0
