"""Reads typing errors of a question as the words of the passages that were found: `presure` as `pressure`."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from rag_service.domain.answering.language.text_features import COMMON, stem
from rag_service.domain.answering.language.word_match import Words, asked_words, is_little
from rag_service.domain.answering.language.written_units import as_written
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.values.cell_kinds import has_person
from rag_service.domain.passage import Passage

KnowsWord = Callable[[str], bool]
"""Tells whether a word, in lower case, is one of a language: such a word is no typing error."""

MIN_LETTERS = 5
MIN_LETTERS_OF_TWO = 9
"""Letters of a word in which two typing errors are looked for, and of one that is always written as a name is."""
MIN_STEM = 4
"""Letters of a stem that tells a known word: `wat` of `wating` is a word of its own."""
MIN_PART = 3
"""Letters of a word that is written together with its neighbour."""
MAX_WORDS = 4
"""Unknown words of a question that are looked up."""
MAX_CANDIDATES = 4_000

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONE = re.compile(r"(?<![\w.@/-])[^\W\d_]+(?![\w@/]|[-.][^\W_])")
"""A word that is no part of a code, an address or a compound."""
_TITLE = re.compile(
    r"(?i)\b(?:mr|mrs|ms|miss|dr|prof|herr|herrn|frau|monsieur|madame|mme|señora?|sra?|don|doña)\.?\s+$"
)


def respelled(question: str, passages: Sequence[Passage], knows: KnowsWord | None) -> str:
    """Return the question with its measures and typing errors written as these passages write them.

    Only words that no passage and no dictionary has are put right, never codes, numbers and names. Without a dictionary
    (`knows` None) none are.
    """
    texts = ["\n".join([each.title, *each.heading, each.text]) for each in passages]
    question = as_written(question, texts)
    if knows is None or not passages:
        return question
    words = Words("\n".join(texts))
    joined = _joined("\n".join(texts))
    unknown = [
        each
        for each in _LONE.finditer(question)
        if _may_be_wrong(each, question, words, knows)
        or (each[0].casefold() in joined.keys() - words.all and not knows(each[0].casefold()))
    ][:MAX_WORDS]
    if not unknown:
        return question
    candidates = _candidates(passages)
    for found in reversed(unknown):
        word = found[0].casefold()
        if right := joined.get(word) or _nearest(word, candidates):
            question = f"{question[: found.start()]}{right}{question[found.end() :]}"
    return question


def _may_be_wrong(found: re.Match[str], question: str, there: Words, knows: KnowsWord) -> bool:
    word = found[0].casefold()
    if len(word) < MIN_LETTERS or word in COMMON or knows(word):
        return False
    if len(stem(word)) >= MIN_STEM and knows(stem(word)):
        return False
    as_name = found[0][0].isupper() and found.start() > 0
    if (as_name and len(word) < MIN_LETTERS_OF_TWO) or found[0].isupper() or _TITLE.search(question[: found.start()]):
        return False
    # The stem of `wating` is a little word of Dutch, the word is none.
    stems = asked_words(word)
    return not is_little(word) and not any(there.holds(each) for each in stems)


def has_unknown_word(question: str, passages: Sequence[Passage], knows: KnowsWord | None) -> bool:
    """Return whether a question has a word that neither these passages nor the dictionary have."""
    if knows is None:
        return False
    words = Words("\n".join("\n".join([each.title, *each.heading, each.text]) for each in passages))
    return any(_may_be_wrong(each, question, words, knows) for each in _LONE.finditer(question))


def _joined(text: str) -> dict[str, str]:
    """Return the neighbouring words of a text by how they are written as one: `pressmachine` for `press machine`."""
    found: dict[str, str] = {}
    for line in text.casefold().splitlines():
        words = [(each[0], each.start(), each.end()) for each in _WORD.finditer(line)]
        for (one, _, end), (other, start, _) in pairwise(words):
            if line[end:start] in (" ", "-") and min(len(one), len(other)) >= MIN_PART:
                found.setdefault(one + other, f"{one} {other}")
    return found


def _candidates(passages: Iterable[Passage]) -> Counter[str]:
    """Return the words of the passages that are no names, in lower case."""
    found: Counter[str] = Counter()
    names: set[str] = set()
    for passage in passages:
        for text in (*passage.heading, *passage.text.splitlines()):
            for name, value in cells(text):
                person = has_person(name, value)
                for word in _WORD.finditer(value):
                    folded = word[0].casefold()
                    if word[0].islower():
                        found[folded] += 1
                    elif person or (len(folded) < MIN_LETTERS_OF_TWO and _is_name(word, value)):
                        names.add(folded)
                    else:
                        found[folded] += 1
                found.update(word.casefold() for word in _WORD.findall(name))
        if len(found) > MAX_CANDIDATES:
            break
    return Counter({word: count for word, count in found.items() if word not in names and len(word) >= MIN_LETTERS - 1})


def _is_name(word: re.Match[str], text: str) -> bool:
    """Return whether a capitalised word is written as a name is: inside a sentence, or before another such word."""
    before = text[: word.start()].rstrip()
    following = text[word.end() :].lstrip()[:1]
    return bool(before and before[-1] not in ".!?:;|•-–*#\"'(") or following.isupper()


def _nearest(word: str, candidates: Counter[str]) -> str | None:
    """Return the word that fewest errors make of this one; None if there is none or two different ones."""
    most = 2 if len(word) >= MIN_LETTERS_OF_TWO else 1
    near: dict[int, list[str]] = {}
    for each in candidates:
        if abs(len(each) - len(word)) <= most and (distance := errors_between(word, each, most)) is not None:
            near.setdefault(distance, []).append(each)
    for distance in sorted(near):
        found = sorted(near[distance], key=lambda each: -candidates[each])
        if len({stem(each) for each in found}) == 1:
            return found[0]
        return None
    return None


def errors_between(one: str, other: str, most: int) -> int | None:
    """Return how many letters were left out, put in, changed or exchanged with their neighbour; None above `most`."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if most == 1 and max(len(one), len(other)) > 2:
        return None
    rows = [list(range(len(other) + 1))]
    for place, letter in enumerate(one, 1):
        row = [place]
        for at, theirs in enumerate(other, 1):
            cost = min(row[at - 1] + 1, rows[-1][at] + 1, rows[-1][at - 1] + (letter != theirs))
            if place > 1 and at > 1 and letter == other[at - 2] and one[place - 2] == theirs:
                cost = min(cost, rows[-2][at - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1] if rows[-1][-1] <= most else None
