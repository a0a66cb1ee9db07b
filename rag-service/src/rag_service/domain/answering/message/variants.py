"""Tells whether an answer to a follow-up is about what it asks for instead: "and for a weekly ticket?"."""

from collections.abc import Sequence

from rag_service.domain.answering.extraction import Extracted
from rag_service.domain.answering.language.text_features import plain
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.message.fragments import fragment_of
from rag_service.domain.answering.tables.named_columns import asked_days, days_in
from rag_service.domain.answering.tables.row_matches import has_asked_day, is_about_day
from rag_service.domain.answering.tables.word_places import has_place
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.languages import ENGLISH, language_of

FEW_WORDS = 2
"""Words of a follow-up that must all be held; of more, half of them."""


def about_variant(message: str, found: Sequence[AssessedPassage], extracted: Extracted) -> Extracted:
    """Return the answer; none where a follow-up without a verb names what neither it nor its heading holds."""
    fragment = fragment_of(plain(message))
    if not fragment or not extracted.cited:
        return extracted
    cited = {chunk for each in extracted.cited for chunk in each.chunk_ids}
    passages = [each.passage for each in found if each.passage.chunk_id in cited]
    quoted = " ".join(
        [each.text for each in extracted.cited]
        + [part for each in passages for part in (subject_of(each), *each.heading, each.title)]
    )
    if (language_of(quoted) or ENGLISH) != (language_of(message) or ENGLISH):
        return extracted
    days = asked_days(fragment)
    words = [each for each in asked_words(fragment) if each.isalpha() and not is_about_day(each)]
    there = Words(quoted)
    of_row = any(has_asked_day(fragment, each.text) for each in extracted.cited)
    # `65+` is for "and for seniors?".
    lacking = sum(
        not there.holds(word) and not any(has_place(word, each.text, days) for each in extracted.cited)
        for word in words
    ) + (not days <= days_in(quoted) and not of_row)
    least = 1 if len(words) + bool(days) <= FEW_WORDS else (len(words) + bool(days)) / 2
    return Extracted() if lacking >= least else extracted
