"""Finds what answers a question though the models hold it for unlikely: the only unit with all that the question names,
the section whose heading names what has happened, or the sentence for that condition."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag_service.domain.answering.answer_kind import AnswerKind, asked_kind, holds
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import COMMON
from rag_service.domain.answering.language.word_match import Words, asked_words, weights
from rag_service.domain.answering.matches.below_heading import NAME, only_one_below_heading
from rag_service.domain.answering.question_subject import subject_words, unknown
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.row_subject import asks_what_to_do
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit, subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import Unit
from rag_service.domain.answering.values.cell_kinds import (
    has_contact,
    has_time,
    is_name,
)
from rag_service.domain.answering.values.deadlines import UNTIL, asks_deadline, is_deadline
from rag_service.domain.document import PassageKind

MIN_SUBJECT_WORDS = 2
MIN_SHARE = 0.65
"""Of the weight of the question's words that the only such unit holds."""
ALL = 0.99
"""The same for a row."""
LEAD = 0.15
"""By how much of it the next unit must be behind."""
MIN_OWN_WORDS = 2
"""Words of the question that the unit itself holds; the others may stand in its heading."""
MIN_HEADING_SHARE = 0.5
MAX_SECTION = 12
MIN_SECTION = 2
SAME_WORD, MIN_WORD_MATCH = 0.9, 0.8
"""How far a word must be held: not as another of the same meaning, for salaries are no paid invoices."""
_CONDITION = re.compile(
    r"(?i)^\W*((?:if|when|whenever|once|in (?:the )?case of|wenn|falls|sobald|bei|si|en cas de|en caso de|cuando|als"
    r"|wanneer|bij)\b[^,:;.]{3,120})[,:]"
)
MIN_DIGITS_OF_CONTACT = 5
"""Digits of a cell from which it is a number to call; fewer may count something."""
_KINDS = ("amount", "time", "person", "place", "contact", "decision")


def sole_answer(
    question: str, found: Sequence[FoundUnit], probability: float, instead: Sequence[str] = ()
) -> FoundUnit | None:
    """Return the unit that alone has what the question names, with this probability; None if none or several have.

    `instead`: words of the question that texts have for others, which nobody asked in.
    """
    passages = list({each.assessed.passage.chunk_id: each.assessed for each in found}.values())
    subject = subject_words(question)
    texts = [Words(each.shown) for one in passages for each in one.sentences]
    nowhere = unknown(subject, texts)
    if not subject:
        return None
    weight = weights(subject, texts)
    whole = sum(weight.values())
    share = {word: weight[word] / whole for word in subject}
    answer = None
    if asks_what_to_do(question):
        answer = _section([word for word in subject if word not in nowhere], share, passages) or _conditional(
            subject, found
        )
    elif asked_kind(question) in _KINDS and len(subject) >= max(MIN_SUBJECT_WORDS, 2 * len(nowhere) + 1):
        answer = _only_bearer(question, subject, share, found)
    if answer is None:
        answer = only_one_below_heading(question, found, probability)
    if answer is None and instead and not nowhere:
        answer = _only_one_with(question, instead, subject, found)
    return answer and replace(answer, unit=replace(answer.unit, probability=probability))


def _only_one_with(
    question: str, phrases: Sequence[str], subject: Sequence[str], found: Sequence[FoundUnit]
) -> FoundUnit | None:
    """Return the only unit with these phrases that holds the asked kind of thing, and with its headings the subject."""
    kind = asked_kind(question)
    bearers = [
        each
        for each in found
        if all(Words(each.quoted).holds(word) >= SAME_WORD for phrase in phrases for word in asked_words(phrase))
    ]
    if not bearers or any(not _overlap(each, bearers[0]) for each in bearers) or kind not in _KINDS:
        return None
    there = Words(f"{bearers[0].quoted} {_heads(bearers[0])}")
    fits = all(there.holds(word) for word in subject) and _holds(kind, bearers[0])
    return bearers[0] if fits else None


def only_deadline(question: str, best: FoundUnit, found: Sequence[FoundUnit], least: float) -> FoundUnit | None:
    """Return the only sentence that tells until when the asked thing must be done, where the best unit tells no such.

    It holds a word of the question, its headings and title the others, if any text has them.
    """
    if not asks_deadline(question) or best.unit.unit.kind != "sentence":
        return None
    if is_deadline(best.core.shown) and best.probability >= least:
        return None
    there = [Words(f"{each.quoted} {_heads(each)} {subject_of(each.assessed.passage)}") for each in found]
    subject = [word for word in subject_words(UNTIL.sub(" ", question)) if any(each.holds(word) for each in there)]
    fitting = []
    for each, around in zip(found, there, strict=True):
        text = each.core.shown
        own = any(Words(text).holds(word) >= SAME_WORD for word in subject)
        others = all(around.holds(word) >= SAME_WORD for word in subject)
        if each.unit.unit.kind == "sentence" and own and others and is_deadline(text) and holds("time", text):
            fitting.append(each)
    if len({each.core.shown for each in fitting}) != 1:
        return None
    return replace(fitting[0], unit=replace(fitting[0].unit, probability=least))


def _only_bearer(
    question: str, subject: Sequence[str], share: dict[str, float], found: Sequence[FoundUnit]
) -> FoundUnit | None:
    kind, names = asked_kind(question), identifiers(question).names
    figures = {word for word in subject if any(map(str.isdigit, word))}
    scored: list[tuple[float, FoundUnit]] = []
    for each in found:
        here, head = Words(each.quoted), Words(_heads(each))
        own = sum(here.holds(word) >= MIN_WORD_MATCH for word in subject)
        named = names <= here.raw | head.raw and all(here.holds(word) for word in figures)
        if own >= MIN_OWN_WORDS and named and _holds(kind, each):
            # "On which floor is room 180?" asks for more than the row's other words of that meaning say.
            least = SAME_WORD if each.unit.unit.kind == "row" else MIN_WORD_MATCH
            held = sum(share[word] for word in subject if max(here.holds(word), head.holds(word)) >= least)
            # What a row lacks may be what is asked of it, such as a telephone that somebody has not.
            if each.unit.unit.kind != "row" or held >= ALL:
                scored.append((held, each))
    scored.sort(key=lambda pair: (-pair[0], -pair[1].probability))
    if not scored or scored[0][0] < MIN_SHARE:
        return None
    best = scored[0][1]
    others = (held for held, each in scored[1:] if not _overlap(each, best))
    return best if max(others, default=0.0) <= scored[0][0] - LEAD else None


def _holds(kind: AnswerKind, found: FoundUnit) -> bool:
    """Return whether a unit holds a thing of the asked kind.

    A person counts only by a name, and a number to call is no amount.
    """
    if kind == "person":
        return any(is_name(run) and run.split()[0].casefold() not in COMMON for run in NAME.findall(found.quoted))
    is_row = found.unit.unit.kind == "row"
    if kind == "time" and is_row and not any(has_time(*cell) for cell in cells(found.core.shown)):
        # `When to reach: 8–14` has a word for a time in a column's name only.
        return False
    if kind == "amount" and is_row and not any(_is_amount(*cell) for cell in cells(found.core.shown)):
        return False
    return holds(kind, found.quoted)


def _is_amount(name: str, value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return holds("amount", value) and not (digits >= MIN_DIGITS_OF_CONTACT and has_contact(name, value))


def _overlap(one: FoundUnit, other: FoundUnit) -> bool:
    same = one.assessed is other.assessed and set(one.unit.unit.quoted) & set(other.unit.unit.quoted)
    return bool(same) or one.quoted == other.quoted


def _heads(found: FoundUnit) -> str:
    passage, inner = found.assessed.passage, found.heading
    return " ".join([inner, *passage.heading[-1:], subject_of(passage) if not inner else ""])


def _section(subject: Sequence[str], share: dict[str, float], passages: Sequence[AssessedPassage]) -> FoundUnit | None:
    """Return the list or text below the only heading that names most of what has happened."""
    scored = []
    for one in passages:
        if one.passage.kind is not PassageKind.PROSE:
            continue
        for heading, places in _sections(one):
            named, words = asked_words(heading), Words(heading)
            held = [word for word in subject if words.holds(word) >= SAME_WORD]
            mine = Words(" ".join(held))
            fits = sum(mine.holds(word) > 0 for word in named) >= MIN_HEADING_SHARE * len(named)
            rarest = any(share[word] >= max(share[each] for each in subject) for word in held)
            if held and fits and (len(held) >= MIN_SUBJECT_WORDS or rarest) and len(places) >= MIN_SECTION:
                unit = AssessedUnit(Unit("whole", places[0], places), 0.0)
                scored.append((sum(share[word] for word in held), FoundUnit(one, unit)))
    scored.sort(key=lambda pair: -pair[0])
    if not scored or any(held >= scored[0][0] and each.quoted != scored[0][1].quoted for held, each in scored[1:]):
        return None
    return scored[0][1]


def _sections(one: AssessedPassage) -> Iterator[tuple[str, tuple[int, ...]]]:
    heading = one.passage.heading[-1] if one.passage.heading else ""
    places: list[int] = []
    for index, each in enumerate(one.sentences):
        if each.kind == "heading":
            if heading and places:
                yield heading, tuple(places[:MAX_SECTION])
            heading, places = each.shown, []
        elif each.kind in ("item", "prose"):
            places.append(index)
    if heading and places:
        yield heading, tuple(places[:MAX_SECTION])


def _conditional(subject: Sequence[str], found: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the only sentence for the condition that the question reports: "If you are ill, telephone …"."""
    meant = []
    for each in found:
        condition = _CONDITION.match(each.core.shown)
        if each.unit.unit.kind == "sentence" and condition:
            words = Words(condition[1])
            if all(words.holds(word) >= SAME_WORD for word in subject):
                meant.append(each)
    return meant[0] if len({each.quoted for each in meant}) == 1 else None
