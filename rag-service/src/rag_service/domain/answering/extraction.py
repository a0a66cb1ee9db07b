"""Makes extractive answers: the rows, the stored answer, the steps or the few sentences that answer a question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag_service.domain.answering.answer_kind import asked_kind, holds
from rag_service.domain.answering.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.comparison import PROBABILITY, compared_rows
from rag_service.domain.answering.corrections import corrected
from rag_service.domain.answering.difference import contradict, valid_from
from rag_service.domain.answering.found_unit import FoundUnit, add
from rag_service.domain.answering.instructions import instructions
from rag_service.domain.answering.newest import of_newest
from rag_service.domain.answering.text_features import numbers, tokens
from rag_service.domain.answering.unit_model import UnitModel
from rag_service.domain.answering.word_match import Words, asked_words

MAX_STEPS = 10
MAX_SENTENCES = 4
MAX_STORED_SENTENCES = 20
"""Sentences of a stored answer, which is quoted whole."""
MAX_ROWS = 5
"""Rows that match all the same; the answer says how many more there are."""
BEHIND = 0.15
"""How far a further unit's probability may lie behind the best one's."""
BEHIND_ELSEWHERE = 0.3
"""The same for a unit of another document that contradicts it."""
SAME_WORD = 0.9
"""How far a sentence must hold a word."""
MIN_NAMED = 2
"""Words of a question in the heading of a short text that is quoted whole."""
BEHIND_FIGURE = 0.35
"""The same for a sentence that names the asked border, such as "after ten years", where the best one does not."""

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


@dataclass(frozen=True)
class Extracted:
    """The sentences of an answer, its confidence, and what a reader has to know beside it."""

    cited: tuple[Cited, ...] = ()
    confidence: float = 0.0
    notes: tuple[str, ...] = ()


def extract(
    question: str,
    passages: Sequence[AssessedPassage],
    model: UnitModel,
    min_probability: float | None = None,
    today: date | None = None,
) -> Extracted:
    """Return what answers a question; nothing where no unit is likely enough to.

    `min_probability`: from which a unit is quoted; None: the measured one. `today`: a document that applies only from a
    later day does not replace its predecessor.
    """
    threshold = model.threshold if min_probability is None else min_probability
    every, notes = of_newest(question, _candidates(passages), threshold, today)
    if pair := compared_rows(question, every):
        rows, note = pair
        return _quoted(rows, model.confidence(PROBABILITY), [*notes, note] if note else notes, keep_alike=True)
    found = [each for each in every if each.unit.named]
    if not found:
        return Extracted()
    best = _on_asked_side(question, found)
    if best.probability < threshold:
        return Extracted()
    if (saying := _saying_more(question, best, found, threshold)) and best not in saying:
        best, found = saying[0], saying
    corrections = corrected(question, best, found)
    enough = [each for each in found if each.probability >= threshold]
    if corrections:
        chosen = corrections
    elif best.unit.unit.kind == "row":
        chosen = _rows(question, best, enough, notes)
    elif best.unit.unit.kind in ("qa", "whole"):
        chosen = [best]
    elif asked_kind(question) == "steps" and (section := _short_section(question, best)):
        chosen = section
    elif asked_kind(question) == "steps" and (quoted := instructions(question, best, found, threshold)):
        return Extracted(tuple(quoted), round(model.confidence(best.probability), 4))
    else:
        chosen = _sentences(question, best, [*enough, *_with_figure(question, best, found, threshold)], threshold)
        # Equal sentences of further documents are cited with it, however far down they were found.
        chosen += [each for each in found if each.quoted == best.quoted and each not in chosen]
    against = [] if corrections else _against(question, best, enough)
    if against:
        chosen = _newest_first([*(each for each in chosen if each not in against), *against])
        notes.append(_differ(best, against))
    return _quoted(chosen, model.confidence(best.probability), notes, keep_alike=bool(against))


def _quoted(chosen: Sequence[FoundUnit], sure: float, notes: Sequence[str], *, keep_alike: bool) -> Extracted:
    cited: list[Cited] = []
    for each in chosen:
        for sentence in each.sentences:
            add(cited, each.assessed, sentence, keep_alike=keep_alike or each.unit.unit.kind != "sentence")
    if not cited:
        return Extracted()
    return Extracted(tuple(cited[:MAX_STORED_SENTENCES]), round(sure, 4), tuple(notes))


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


def _table(found: FoundUnit) -> tuple[object, ...]:
    passage = found.assessed.passage
    return passage.document_id, passage.heading, passage.locator


def _matched(found: FoundUnit, asked: Sequence[str]) -> frozenset[str]:
    words = Words(found.core.shown)
    return frozenset(word for word in asked if words.holds(word) == 1)


def _sentences(question: str, best: FoundUnit, enough: Sequence[FoundUnit], threshold: float) -> list[FoundUnit]:
    """Return the best sentence with the few that are nearly as likely, those of one passage in its order."""
    kind = asked_kind(question)
    sides = _relations(question) & _relations(best.quoted)
    near = [
        each
        for each in enough
        if each is best
        or (
            each.probability >= best.probability - (BEHIND if each.probability >= threshold else BEHIND_FIGURE)
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


def _short_section(question: str, best: FoundUnit) -> list[FoundUnit]:
    """Return the whole text of a short passage whose heading has words of the question, for what is to be done."""
    passage, sentences = best.assessed.passage, best.assessed.sentences
    if not passage.heading or len(sentences) > MAX_SENTENCES or any(each.kind != "prose" for each in sentences):
        return []
    named = Words(passage.heading[-1])
    if sum(named.holds(word) > 0 for word in asked_words(question)) < MIN_NAMED:
        return []
    return [replace(best, unit=replace(best.unit, unit=replace(best.unit.unit, quoted=tuple(range(len(sentences))))))]


def _with_figure(question: str, best: FoundUnit, found: Sequence[FoundUnit], threshold: float) -> Iterator[FoundUnit]:
    """Yield less likely sentences beside the best one that name the border that is asked about: "after ten years"."""
    sides, figures = _relations(question), numbers(question)
    if not sides or not figures or (figures <= numbers(best.quoted) and sides <= _relations(best.quoted)):
        return
    for each in found:
        if (
            best.probability - BEHIND_FIGURE <= each.probability < threshold
            and each.assessed is best.assessed
            and sides <= _relations(each.quoted)
            and figures <= numbers(each.quoted)
        ):
            yield each


def _on_asked_side(question: str, found: Sequence[FoundUnit]) -> FoundUnit:
    """Return the likeliest unit; of nearly equal ones that which speaks of the asked side of a border."""
    sides = _relations(question)
    near = [each for each in found if each.probability >= found[0].probability - BEHIND]
    return next((each for each in near if sides and sides <= _relations(each.quoted)), found[0])


def _saying_more(question: str, best: FoundUnit, found: Sequence[FoundUnit], threshold: float) -> list[FoundUnit]:
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
    return round(model.confidence(max(units, default=0.0)), 4)
