"""Chooses the sentences of an answer: the best one, those beside it, and the whole of a short text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from rag_service.domain.answering.answer_kind import (
    asked_kind,
    asks_money,
    asks_percent,
    holds,
    holds_money,
    holds_percent,
)
from rag_service.domain.answering.exclusions.says_nothing import has_number_beside_times
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import numbers, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import counted_words
from rag_service.domain.answering.units.rivals import cosine_leads, is_comparable
from rag_service.domain.languages import ENGLISH, language_of

MAX_SENTENCES = 4
BEHIND = 0.15
"""How far a further unit's probability may lie behind the best one's."""
BEHIND_ELSEWHERE = 0.3
"""The same for a unit of another document that contradicts it."""
MIN_OUTSTANDING, OUTSTANDING = 0.28, 2.0
"""The probability below the threshold from which a sentence is quoted that is so many times likelier than any other."""
MIN_FOREIGN_OUTSTANDING, FOREIGN_OUTSTANDING = 0.35, 3.0
"""The same where the multilingual encoder reads, with one whole word of the question: of the everyday texts like that,
read by models without their companies, all answered."""
MIN_LEADING, LEADING, MIN_COSINE_LEAD = 0.25, 3.5, 0.1
"""The probability from which a text is quoted that is so many times likelier, and by so much nearer, than any other."""
MAX_ENDING, MIN_STEM = 3, 5
"""Letters by which two forms of a word may differ, and which they begin with."""
MIN_HELD_SHARE = 0.4
"""The share of the question's words that it must hold then."""
MIN_ASKED = 3
"""Words of a question from which two must be there."""
SAME_WORD = 0.9
"""How far a sentence must hold a word."""
MIN_NAMED = 2
"""Words of a question that a sentence must hold which stands out."""
MIN_BY_NAME = 0.7
"""The probability from which a sentence answers that has only the document's name in common with the question, or
lacks a name of it."""
BEHIND_FIGURE, MIN_ON_SIDE = 0.35, 0.1
"""How far behind the best one a sentence may be that alone names the asked border, such as "after ten years"."""

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SIDES = {
    "above": frozenset(
        tokens("above over beyond exceeding exceeds über oberhalb übersteigt dessus superior encima boven")
    ),
    "below": frozenset(tokens("below under beneath unter unterhalb dessous debajo onder")),
    "between": frozenset(tokens("between zwischen entre tussen fra")),
    "before": frozenset(tokens("before vor avant antes prima")),
    "after": frozenset(tokens("after nach après después dopo na")),
}
"""Words of one side of a border: what holds above it says nothing of what holds below."""


def sentences(question: str, best: FoundUnit, enough: Sequence[FoundUnit], threshold: float) -> list[FoundUnit]:
    """Return the best sentence with the few that are nearly as likely, those of one passage in its order."""
    kind = asked_kind(question)
    sides = _relations(question) & _relations(best.quoted)
    near = [
        each
        for each in enough
        if each is best
        or (
            (
                each.probability >= best.probability - BEHIND
                if each.probability >= threshold
                else each.alone >= best.alone - BEHIND_FIGURE
            )
            and each.unit.unit.kind != "row"
            and each.assessed.passage.document_id == best.assessed.passage.document_id
            and holds(kind, each.quoted)
            and sides <= _relations(each.quoted)
        )
    ]
    chosen: list[FoundUnit] = []
    number = 0
    for each in near:
        if number + len(each.sentences) <= MAX_SENTENCES or not chosen:
            chosen.append(each)
            number += len(each.sentences)
    order = list(dict.fromkeys(each.assessed.order[0] for each in chosen))
    return sorted(
        chosen, key=lambda each: (order.index(each.assessed.order[0]), each.assessed.order[1], each.core.start)
    )


def short_section(question: str, best: FoundUnit) -> list[FoundUnit]:
    """Return the whole text below a heading, if it is short and the heading has a word of the question.

    It is for what is to be done: "By telephone or e-mail. Three days before at the latest." is half an answer without
    either sentence.
    """
    sentences, core = best.assessed.sentences, best.unit.unit.core
    heads = [at for at, each in enumerate(sentences) if each.kind == "heading"]
    above = max((at for at in heads if at < core), default=None)
    below = min((at for at in heads if at > core), default=len(sentences))
    places = range(0 if above is None else above + 1, below)
    named = Words(sentences[above].shown if above is not None else " ".join(best.assessed.passage.heading[-1:]))
    if not 1 < len(places) <= MAX_SENTENCES or any(sentences[at].kind != "prose" for at in places):
        return []
    if not any(named.holds(word) for word in asked_words(question)):
        return []
    return [replace(best, unit=replace(best.unit, unit=replace(best.unit.unit, quoted=tuple(places))))]


def with_figure(question: str, best: FoundUnit, found: Sequence[FoundUnit], threshold: float) -> Iterator[FoundUnit]:
    """Yield less likely sentences beside the best one that name the border that is asked about: "after ten years"."""
    sides, figures = _relations(question), numbers(question)
    if not sides or not figures or (figures <= numbers(best.quoted) and sides <= _relations(best.quoted)):
        return
    least, most = best.alone - BEHIND_FIGURE, threshold
    if on_other_side(question, best):
        least, most = MIN_ON_SIDE, 1.0
    for each in found:
        if (
            least <= each.alone
            and each.probability < most
            and each.assessed is best.assessed
            and sides <= _relations(each.quoted)
            and figures <= numbers(each.quoted)
        ):
            yield each


def on_asked_side(question: str, found: Sequence[FoundUnit]) -> FoundUnit:
    """Return the likeliest unit; of nearly equal ones that which speaks of the asked side of a border."""
    sides = _relations(question)
    near = [each for each in found if each.probability >= found[0].probability - BEHIND]
    return next((each for each in near if sides and sides <= _relations(each.quoted)), found[0])


def on_other_side(question: str, best: FoundUnit) -> bool:
    """Return whether a sentence speaks of another side of a border than the question alone."""
    return bool(_relations(best.quoted)) and _relations(best.quoted).isdisjoint(_relations(question))


def stands_out(question: str, best: FoundUnit, found: Sequence[FoundUnit], *, multilingual: bool = False) -> bool:
    """Return whether a sentence is far likelier than any other one, and holds words of the question.

    `multilingual`: whether the multilingual encoder read them; then it may be a stored answer, too.
    """
    if best.unit.unit.kind == "row" or best.probability < MIN_OUTSTANDING:
        return False
    if best.unit.unit.kind != "sentence" and not multilingual:
        return False
    mine = set(best.unit.unit.quoted)
    others = (
        each.probability
        for each in found
        if each is not best and not (each.assessed is best.assessed and mine & set(each.unit.unit.quoted))
    )
    asked, here = asked_words(question), Words(best.quoted)
    held = sum(here.holds(word) >= SAME_WORD for word in asked)
    rival = max(others, default=0.0)
    clear = best.probability >= OUTSTANDING * rival
    far = best.probability >= max(MIN_FOREIGN_OUTSTANDING, FOREIGN_OUTSTANDING * rival)
    if multilingual and far and any(_is_form(word, there) for word in asked for there in here.all):
        return holds(asked_kind(question), best.quoted)
    if best.unit.unit.kind != "sentence":
        return False
    return (
        clear and held >= MIN_NAMED and held >= MIN_HELD_SHARE * len(asked) and holds(asked_kind(question), best.quoted)
    )


def leads_in_both(question: str, best: FoundUnit, found: Sequence[FoundUnit]) -> bool:
    """Return whether a text is far likelier than any other one and nearer in meaning, for the multilingual encoder.

    Of the five everyday texts like that, read by models without their companies, all answered; the limits were chosen
    on them. With the English encoder fewer than half of such texts of the written documents answer.
    """
    rivals = [
        each
        for each in found
        if is_comparable(each) and each.quoted not in best.quoted and best.quoted not in each.quoted
    ]
    lead = cosine_leads([best, *rivals])[0] if is_comparable(best) else 0.0
    return (
        best.unit.unit.kind != "row"
        and len(best.quoted.split()) >= MIN_ASKED
        and best.probability >= MIN_LEADING
        and best.probability >= LEADING * max((each.probability for each in rivals), default=0.0)
        and lead >= MIN_COSINE_LEAD
        and _has_asked_value(question, best.quoted)
    )


def _has_asked_value(question: str, text: str) -> bool:
    """Return whether a text holds the asked kind of value, of the asked year."""
    return (
        holds(asked_kind(question), text)
        and (not asks_money(question) or holds_money(text, row=False))
        and (not asks_percent(question) or holds_percent(text))
        # "How many visitors?" is not answered by their hours.
        and (not counted_words(question) or has_number_beside_times(text))
        and set(_YEAR.findall(question)) <= set(_YEAR.findall(text))
    )


def _is_form(word: str, there: str) -> bool:
    """Return whether a text's word is one of the question's in another form, or holds it; not a compound beside it."""
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(word, there, strict=False))))
    return word in there or (alike >= MIN_STEM and alike >= max(len(word), len(there)) - MAX_ENDING)


def by_chance(question: str, best: FoundUnit) -> bool:
    """Return whether a text has hardly a word of a question that the encoder, an English one, does not understand."""
    asked, is_sentence = asked_words(question), best.unit.unit.kind == "sentence" and asked_kind(question) != "steps"
    if language_of(question) in (None, ENGLISH) or not is_sentence or len(asked) < MIN_ASKED:
        return False
    passage = best.assessed.passage
    there = Words(" ".join([best.quoted, subject_of(passage), passage.title]))
    return sum(there.holds(word) > 0 for word in asked) < MIN_NAMED


def by_name_alone(question: str, best: FoundUnit) -> bool:
    """Return whether a sentence holds of the question only what names its document, such as a firm's name.

    "The meal allowance at Holbury is 30 EUR" is near "How high is the Christmas bonus at Holbury?" by that name alone.
    """
    if best.unit.unit.kind != "sentence" or best.probability >= MIN_BY_NAME:
        return False
    asked, here = asked_words(question), Words(best.quoted)
    title = Words(best.assessed.passage.title.rsplit(".", 1)[0].replace("_", " "))
    held = [word for word in asked if here.holds(word) >= SAME_WORD]
    return bool(held) and len(held) < len(asked) and all(title.holds(word) >= SAME_WORD for word in held)


def lacks_the_name(question: str, best: FoundUnit) -> bool:
    """Return whether neither a sentence's passage nor its document has the names of the question."""
    names, passage = identifiers(question), best.assessed.passage
    if best.unit.unit.kind != "sentence" or best.probability >= MIN_BY_NAME or not names.names:
        return False
    return not names.named_in(Words(" ".join([subject_of(passage), passage.title, passage.text])).raw)


def saying_more(question: str, best: FoundUnit, found: Sequence[FoundUnit], threshold: float) -> list[FoundUnit]:
    """Return the likely sentences of the best one's passage with a word of the question that its heading lacks."""
    passage = best.assessed.passage
    about = Words(" ".join([subject_of(passage), *passage.heading, passage.title]))
    beyond = [word for word in asked_words(question) if not about.holds(word)]
    if best.unit.unit.kind != "sentence":
        return []
    return [
        each
        for each in found
        if each.assessed is best.assessed
        and each.unit.unit.kind == "sentence"
        and each.probability >= max(threshold, best.probability - BEHIND_ELSEWHERE)
        and any(Words(each.quoted).holds(word) >= SAME_WORD for word in beyond)
    ]


def _relations(text: str) -> frozenset[str]:
    """Return which sides of a border, such as above or below, a text speaks of."""
    return frozenset(side for side, words in _SIDES.items() if words & frozenset(tokens(text)))
