"""Makes extractive answers: the rows, the stored answer, the steps or the few sentences that answer a question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag_service.domain.answering.answer_kind import CHECKED_KINDS, asked_kind
from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.editions.corrections import corrected
from rag_service.domain.answering.editions.difference import contradict, is_copy, valid_from
from rag_service.domain.answering.editions.newest import of_newest
from rag_service.domain.answering.eligible import eligible
from rag_service.domain.answering.exclusions.other_codes import with_rest_of_line, without_other_codes
from rag_service.domain.answering.exclusions.other_places import of_other_places
from rag_service.domain.answering.exclusions.other_stored import with_subject_alone
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.matches.below_heading import only_one_below_heading
from rag_service.domain.answering.matches.fitting_value import with_fitting_value
from rag_service.domain.answering.matches.near_in_meaning import (
    is_far_in_meaning,
    is_foreign,
    near_in_meaning,
    stored_question,
)
from rag_service.domain.answering.matches.only_rows import only_row
from rag_service.domain.answering.matches.sole_answers import only_deadline, sole_answer
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.sentence_choice import (
    BEHIND,
    BEHIND_ELSEWHERE,
    by_chance,
    by_name_alone,
    lacks_the_name,
    leads_in_both,
    on_asked_side,
    on_other_side,
    saying_more,
    sentences,
    short_section,
    stands_out,
    with_figure,
)
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.comparison import PROBABILITY, compared_rows
from rag_service.domain.answering.tables.row_matches import with_matched_rows
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.answering.units.found_unit import FoundUnit, add
from rag_service.domain.answering.units.instructions import instructions
from rag_service.domain.answering.units.rivals import compared
from rag_service.domain.answering.units.unit_model import UnitModel

MAX_STEPS = 10
MAX_STORED_SENTENCES = 20
"""Sentences of a stored answer, which is quoted whole."""
MAX_ROWS = 5
BY_FORM = 0.8
"""The confidence of what answers by its form, however likely the model holds it for."""
UNPICKED = 3
"""Rows that match alike because the question names columns alone: it asks for one value, and they tell several."""


@dataclass(frozen=True)
class Extracted:
    """The sentences of an answer, its confidence, and what a reader has to know beside it."""

    cited: tuple[Cited, ...] = ()
    confidence: float = 0.0
    notes: tuple[str, ...] = ()
    probability: float | None = None
    """Of the best unit, from which the confidence was calibrated; None where that was not."""


def extract(
    question: str,
    passages: Sequence[AssessedPassage],
    model: UnitModel,
    min_probability: float | None = None,
    today: date | None = None,
    instead: Sequence[str] = (),
) -> Extracted:
    """Return what answers a question; nothing where no unit is likely enough to.

    `min_probability`: from which a unit is quoted; None: the measured one. `today`: a document that applies only from a
    later day does not replace its predecessor. `instead`: words of the question that stand for those it was asked in.
    """
    threshold = model.least if min_probability is None else min_probability
    every, notes = answerers(question, passages, model.threshold if min_probability is None else min_probability, today)
    every = compared(every, model)
    elsewhere = of_other_places(question, every)
    every = [each for each in every if each not in elsewhere]
    if pair := compared_rows(question, every):
        rows, note = pair
        return _quoted(
            question, rows, model.confidence(PROBABILITY), [*notes, note] if note else notes, keep_alike=True
        )
    # They are left out after the comparison, in which they are rivals of the others.
    others = with_subject_alone(question, every)
    found = [each for each in every if each.unit.named and each not in others]
    if not found:
        return Extracted()
    best = on_asked_side(question, found)
    if deadline := only_deadline(question, best, found, threshold):
        return _quoted(question, [deadline], BY_FORM, notes, keep_alike=False)
    if best.probability < threshold:
        if row := only_row(question, found, threshold):
            return _quoted(question, [row], BY_FORM, notes, keep_alike=False)
        if min_probability is not None:
            below = only_one_below_heading(question, found, threshold)
            return _quoted(question, [below], BY_FORM, notes, keep_alike=False) if below else Extracted()
        if sole := sole_answer(question, found, threshold, instead):
            return _quoted(question, [sole], BY_FORM, notes, keep_alike=False)
        if fitting := with_fitting_value(question, found):
            return _quoted(question, [fitting], BY_FORM, notes, keep_alike=False)
        if model.multilingual and (near := near_in_meaning(question, found) or stored_question(question, found)):
            return _quoted(question, [near], BY_FORM, notes, keep_alike=False)
        if not stands_out(question, best, found, multilingual=model.multilingual) and not (
            model.multilingual and not is_foreign(question, best) and leads_in_both(question, best, found)
        ):
            return Extracted()
        threshold = best.probability
    if (saying := saying_more(question, best, found, threshold)) and best not in saying:
        best, found = saying[0], saying
    unfit = (by_name_alone, lacks_the_name, is_far_in_meaning) if model.multilingual else (by_chance,)
    if any(each(question, best) for each in unfit):
        return Extracted()
    corrections = corrected(question, best, found)
    enough = [each for each in found if each.probability >= threshold]
    if corrections:
        chosen = corrections
    elif best.unit.unit.kind == "row":
        chosen = _rows(question, best, enough, notes)
        if len(chosen) >= UNPICKED and asked_kind(question) != "time" and not _is_picked(question, best):
            return Extracted()
    elif best.unit.unit.kind in ("qa", "whole"):
        chosen = [best]
    elif asked_kind(question) == "steps" and (section := short_section(question, best)):
        chosen = section
    elif asked_kind(question) == "steps" and (
        quoted := _speaking_of(question, best, instructions(question, best, found, threshold))
    ):
        return Extracted(tuple(quoted), round(model.confidence(best.probability), 4), probability=best.probability)
    else:
        beside = list(with_figure(question, best, found, threshold))
        if beside and on_other_side(question, best):
            best, chosen = beside[0], beside
        else:
            chosen = sentences(question, best, [*enough, *beside], threshold)
        # Equal sentences of further documents are cited with it, however far down they were found; copies are not.
        for each in found:
            copied = any(is_copy(one.assessed.passage, each.assessed.passage) for one in chosen)
            if each.quoted == best.quoted and each not in chosen and not copied:
                chosen.append(each)
    against = [] if corrections else _against(question, best, enough)
    if against:
        chosen = _newest_first([*(each for each in chosen if each not in against), *against])
        notes.append(_differ(best, against))
    found_answer = _quoted(question, chosen, model.confidence(best.probability), notes, keep_alike=bool(against))
    return replace(found_answer, probability=best.probability)


def answerers(
    question: str, passages: Sequence[AssessedPassage], threshold: float, today: date | None = None
) -> tuple[list[FoundUnit], list[str]]:
    """Return the units that may answer, likeliest first, before they are compared, and notes for the reader."""
    return of_newest(question, with_matched_rows(question, eligible(question, _candidates(passages))), threshold, today)


def _quoted(
    question: str, chosen: Sequence[FoundUnit], sure: float, notes: Sequence[str], *, keep_alike: bool
) -> Extracted:
    cited: list[Cited] = []
    for each in chosen:
        unit, assessed = each.unit.unit, each.assessed
        quoted = without_other_codes(question, assessed, unit.core, unit.quoted)
        if unit.kind == "sentence" and asked_kind(question) not in CHECKED_KINDS:
            quoted = with_rest_of_line(question, assessed, unit.core, quoted)
        for index in quoted:
            add(cited, assessed, assessed.sentences[index], keep_alike=keep_alike or unit.kind != "sentence")
    if not cited:
        return Extracted()
    return Extracted(tuple(cited[:MAX_STORED_SENTENCES]), round(sure, 4), tuple(notes))


def _speaking_of(question: str, best: FoundUnit, quoted: Sequence[Cited]) -> Sequence[Cited]:
    """Return instructions; a lone one only if it is the best unit's, or has a word of the question."""
    own = any(each.text in best.quoted for each in quoted)
    there = Words(" ".join(each.text for each in quoted))
    return quoted if len(quoted) > 1 or own or any(there.holds(word) for word in asked_words(question)) else ()


def _candidates(passages: Sequence[AssessedPassage]) -> list[FoundUnit]:
    every = [FoundUnit(each, unit) for each in passages for unit in each.units]
    return sorted(every, key=lambda each: -each.probability)


def _rows(question: str, best: FoundUnit, enough: Sequence[FoundUnit], notes: list[str]) -> list[FoundUnit]:
    """Return the best row, and those of its table that match the question all the same."""
    asked = asked_words(question)
    matched = _matched(best, asked)
    alike_rows = [
        each
        for each in enough
        if each.unit.unit.kind == "row"
        and _table(each) == _table(best)
        and each.probability >= best.probability - BEHIND
        and _matched(each, asked) == matched
    ]
    alike_rows.sort(key=lambda each: (each.assessed.order, each.core.start))
    if best not in alike_rows[:MAX_ROWS]:
        alike_rows = [best, *(each for each in alike_rows if each is not best)]
    if len(alike_rows) > MAX_ROWS:
        more = len(alike_rows) - MAX_ROWS
        notes.append(
            f"At least {more} more {'row matches' if more == 1 else 'rows match'} in {best.assessed.passage.title}."
        )
    return alike_rows[:MAX_ROWS]


def _is_picked(question: str, row: FoundUnit) -> bool:
    """Return whether a value of a row is in the question, or no name of a column is."""
    every = list(cells(row.core.shown))
    values, names = (Words(" ".join(texts)) for texts in ([value for _, value in every], [name for name, _ in every]))
    subject = [word for word in subject_words(question) if not word.isdigit()]
    return any(values.holds(word) for word in subject) or not any(names.holds(word) for word in subject)


def _table(found: FoundUnit) -> tuple[object, ...]:
    passage = found.assessed.passage
    return passage.document_id, passage.heading, passage.locator


def _matched(found: FoundUnit, asked: Sequence[str]) -> frozenset[str]:
    words = Words(found.core.shown)
    return frozenset(word for word in asked if words.holds(word) == 1)


def _against(question: str, best: FoundUnit, enough: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the likely units of other documents that say the same as the best one but for a figure."""
    documents = {best.assessed.passage.document_id}
    found: list[FoundUnit] = []
    for each in enough:
        if each.probability < best.probability - BEHIND_ELSEWHERE or each.assessed.passage.document_id in documents:
            continue
        if contradict(best.quoted, each.quoted, question):
            found.append(each)
            documents.add(each.assessed.passage.document_id)
    return found


def _newest_first(found: Sequence[FoundUnit]) -> list[FoundUnit]:
    dated = [(valid_from(each.assessed.passage), each) for each in found]
    return [each for _, each in sorted(dated, key=lambda pair: -(pair[0].toordinal() if pair[0] else 0))]


def _differ(best: FoundUnit, against: Sequence[FoundUnit]) -> str:
    named = []
    for each in _newest_first([best, *against]):
        day = valid_from(each.assessed.passage)
        named.append(f"{each.assessed.passage.title} ({day.isoformat()})" if day else each.assessed.passage.title)
    return f"These documents differ: {'; '.join(named)}. Check which one applies."


def confidence(cited: Iterable[Cited], passages: Sequence[AssessedPassage], model: UnitModel) -> float:
    """Return the confidence of sentences that a model wrote: that of the likeliest unit of the passages they cite."""
    used = {chunk for each in cited for chunk in each.chunk_ids}
    units = (unit.probability for each in passages if each.passage.chunk_id in used for unit in each.units)
    return round(model.confidence_alone(max(units, default=0.0)), 4)
