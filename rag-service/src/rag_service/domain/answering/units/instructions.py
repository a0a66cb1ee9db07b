"""Finds the list of instructions that fits a question for a way of doing."""

from collections.abc import Mapping, Sequence

from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.exclusions.other_codes import without_other_codes
from rag_service.domain.answering.language.imperative import is_imperative
from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.units.assessed_passage import AssessedPassage
from rag_service.domain.answering.units.found_unit import FoundUnit, add
from rag_service.domain.answering.units.units import begins_list, heads_list, is_readable
from rag_service.domain.document import PassageKind

MAX_STEPS = 10
MAX_BETWEEN = 3
"""Sentences from a description to the list that belongs to it."""
BEHIND_STEPS = 0.35
"""How far a list of instructions may lie behind the best unit where instructions are asked for."""
MIN_NAMED = 0.6
HEADING_COUNTS = 0.85
"""A heading that holds so many of the question's words says what the list below it is for."""


def instructions(question: str, best: FoundUnit, found: Sequence[FoundUnit], threshold: float) -> list[Cited]:
    """Return the list of instructions that fits best, in its order; none if it is not likely enough.

    A list is taken whole, because its steps belong together, though only one of them may match the question; what is
    above it says more about it than its steps do.
    """
    asked = asked_words(question)
    lists = [
        (each, steps) for each in {id(one.assessed): one.assessed for one in found}.values() for steps in _lists(each)
    ]
    if not lists:
        return []
    probable = {(id(one.assessed), index): one.probability for one in found for index in one.unit.unit.quoted}
    worth = [
        max(_worth(asked, assessed, steps, probable), best.probability if _follows(best, assessed, steps) else 0.0)
        for assessed, steps in lists
    ]
    top = max(worth)
    if top < max(threshold, best.probability - BEHIND_STEPS):
        return []
    assessed, steps = lists[worth.index(top)]
    found_steps: list[Cited] = []
    for one, each in [(assessed, steps), *_continued(assessed, steps, lists)]:
        for index in without_other_codes(question, one, each[0], each):
            add(found_steps, one, one.sentences[index], keep_alike=False)
    return found_steps[:MAX_STEPS]


def _follows(best: FoundUnit, assessed: AssessedPassage, steps: Sequence[int]) -> bool:
    """Return whether a list stands right below the best unit, which describes what the list is good for."""
    return assessed is best.assessed and 0 <= steps[0] - best.unit.unit.core <= MAX_BETWEEN


def _worth(
    asked: Sequence[str], assessed: AssessedPassage, steps: Sequence[int], probable: Mapping[tuple[int, int], float]
) -> float:
    """Return how well a list of instructions fits: its likeliest step, or what is above it if that says all."""
    above = assessed.sentences[steps[0] - 1].shown if steps[0] else ""
    heads = [*assessed.passage.heading[-1:], above]
    named = max((_share(asked, head) for head in heads if head), default=0.0)
    own = _share(asked, " ".join(assessed.sentences[index].shown for index in steps))
    likeliest = max(probable.get((id(assessed), index), 0.0) for index in steps)
    before = probable.get((id(assessed), steps[0] - 1), 0.0)
    return max(likeliest, before, HEADING_COUNTS * (named + 0.2 * own) if named >= MIN_NAMED else 0.0)


def _share(asked: Sequence[str], text: str) -> float:
    words = Words(text)
    return sum(words.holds(word) for word in asked) / len(asked) if asked else 0.0


def _lists(assessed: AssessedPassage) -> list[list[int]]:
    """Return the lists of instructions of a passage, by their sentences' indexes, and each paragraph of them.

    A number 1 begins a list of its own, and the commands that a step announces belong to it.
    """
    if assessed.passage.kind is not PassageKind.PROSE:
        return []
    found: list[list[int]] = []
    block = None
    for index, sentence in enumerate(assessed.sentences):
        if not (_is_step(sentence) or _belongs_to_step(assessed.sentences, index)):
            continue
        if heads_list(assessed.sentences, index, assessed.passage.text):
            continue
        first = begins_list(sentence, assessed.passage.text)
        goes_on = bool(found) and all(each.kind == "item" for each in assessed.sentences[found[-1][-1] : index + 1])
        apart = sentence.kind != "code" and (first or (sentence.block != block and not goes_on))
        if not found or apart:
            found.append([])
        found[-1].append(index)
        block = sentence.block
    return found


def _continued(
    assessed: AssessedPassage, steps: Sequence[int], lists: Sequence[tuple[AssessedPassage, list[int]]]
) -> list[tuple[AssessedPassage, list[int]]]:
    """Return the rest of a list that a passage breaks off: the first one of the next passage below that heading."""
    if steps[-1] < len(assessed.sentences) - 1:
        return []
    following = [
        (one, each) for one, each in lists if _continues(one, assessed) and each[0] == 0 and one is not assessed
    ]
    return following[:1]


def _continues(one: AssessedPassage, other: AssessedPassage) -> bool:
    same = one.order[0] == other.order[0] and one.passage.heading == other.passage.heading
    return same and one.order[1] == other.order[1] + 1


def _is_step(sentence: Sentence) -> bool:
    return is_readable(sentence) and sentence.kind != "table" and is_imperative(sentence.shown)


def _belongs_to_step(all_of_it: Sequence[Sentence], index: int) -> bool:
    """Return whether this is the command that the previous step announces."""
    if all_of_it[index].kind != "code" or index == 0:
        return False
    before = all_of_it[index - 1]
    return _is_step(before) and before.text.endswith(":")
