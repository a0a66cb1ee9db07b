"""Resolves follow-ups by the rows that were quoted: "and in Germany?" after the row of London, and "there"."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.language.text_features import COMMON, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.message.fragments import is_about_time, name_asked_about
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.people_groups import groups_in

MAX_NAME_WORDS = 4
MAX_LINES = 10
MIN_PART_LETTERS = 4
"""Letters of a word of a value that may stand for all of it."""

_PREPOSITION = re.compile(
    r"(?i)^(?:in|at|from|to|for|of|near|im|bei|beim|aus|nach|für|à|au|aux|en|chez|pour|de|a|para|di|per|op|bij|voor)\s+"
)
_ARTICLE = re.compile(
    r"(?i)^(?:the|an?|der|die|das|den|dem|eine?[nmr]?|le|la|les|une?|el|los|las|una|il|lo|het|een)\s+|^l['’]"
)
_BESIDE = re.compile(r"\([^)]*\)")
_PLACED = re.compile(r"(?i)^(?:in|at|on|im|am|bei|à|au|aux|en|a|op|nel|nella)\s")
_THERE = re.compile(
    r"(?i)(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bout )(?<!\bover )\bthere\b"
    r"(?!['’]?s\b|\s+(?:is|are|was|were|be|a|an|any)\b)|\bdort\b|\blà-bas\b|\ballí\b|\ballá\b|\bahí\b"
)


def with_other_name(fragment: str, asked: str, answer: str) -> str | None:
    """Return the question before with the fragment in the place of what named the quoted row; None if nothing did.

    "And in Germany?" after "hotel limit london", which `Destination: London` answered, asks "hotel limit Germany".
    """
    without = _PREPOSITION.sub("", fragment)
    bare = _ARTICLE.sub("", without)
    words = bare.split()
    if not words or len(words) > MAX_NAME_WORDS:
        return None
    span = _named(asked, answer, group=bool(groups_in(bare)))
    if columns := _columns_named(bare, answer):
        # "And for premium?" after "How many guest passes do I get with plus?" asks for another column, and "and the
        # deposit?" for another cell of the row.
        if other := _other_column(columns, asked, answer):
            return f"{asked[: other[0]]}{bare}{asked[other[1] :]}"
        if span and bare != fragment and without == fragment:
            return f"{bare} {asked[span[0] : span[1]]}"
        if span and bare != fragment:
            return None
    if not span or _is_beside(bare, asked[span[0] : span[1]]):
        return None
    is_name = all(word[0].isupper() for word in words) or (len(words) == 1 and bare != fragment and bare.isalpha())
    # "And a night guard?", "and life drawing?", but not "and for a whole week?" and "and weekly?"
    is_thing = (bare != without or len(words) > 1) and without == fragment and words[-1].isalpha()
    return f"{asked[: span[0]]}{bare}{asked[span[1] :]}" if is_name or is_thing else None


def _is_beside(fragment: str, named: str) -> bool:
    """Return whether a follow-up names a time or a group of people, and what it would replace is none."""
    return any(is_such(fragment) and not is_such(named) for is_such in (is_about_time, groups_in))


def with_place(question: str, asked: str, answer: str) -> str | None:
    """Return a question with the place of the question before for "there"; None if it has none."""
    found = _THERE.search(question)
    if not found:
        return None
    place = name_asked_about(asked)
    if not _PLACED.match(place):
        span = _named(asked, answer)
        if not span:
            return None
        place = f"in {asked[span[0] : span[1]]}"
    return f"{question[: found.start()]}{place}{question[found.end() :]}"


def _columns_named(fragment: str, answer: str) -> list[str]:
    """Return the columns of the quoted rows whose names have all words of a follow-up."""
    words = asked_words(fragment)
    return [each for each in _columns(answer) if words and all(Words(each).holds(word) == 1 for word in words)]


def _columns(answer: str) -> list[str]:
    return list(dict.fromkeys(name for line in answer.splitlines()[:MAX_LINES] for name, _ in cells(line) if name))


def _other_column(named: Sequence[str], asked: str, answer: str) -> tuple[int, int] | None:
    """Return where a question has the name of a column of the quoted rows, other than the named ones."""
    for name in _columns(answer):
        words = tokens(_BESIDE.sub(" ", name))
        pattern = r"\W+".join(rf"{re.escape(word)}(?:e?[sn])?" for word in words)
        if words and name not in named and (found := re.search(rf"(?i)(?<!\w){pattern}(?!\w)", asked)):
            return found.span()
    return None


def _named(asked: str, answer: str, *, group: bool | None = None) -> tuple[int, int] | None:
    """Return where a question has the value of a cell of the quoted rows that is a name, or a part of the first one.

    `group`: whether it must name a group of people, such as children, or must not; None: all the same.
    """
    for parts in (False, True):
        for line in answer.splitlines()[:MAX_LINES]:
            for at, (name, value) in enumerate(list(cells(line))[: 1 if parts else None]):
                words = [word for word in tokens(value) if word not in COMMON]
                if len(words) > MAX_NAME_WORDS or not words or not all(word.isalpha() for word in words):
                    continue
                # A row's label has no column.
                if (at and not name) or (group is not None and bool(groups_in(value)) != group and not parts):
                    continue
                for run in _runs(tokens(value)) if parts else [tokens(value)]:
                    pattern = r"\W+".join(rf"{re.escape(word)}(?:e?[sn])?" for word in run)
                    if found := re.search(rf"(?i)(?<!\w){pattern}(?!\w)", asked):
                        return found.span()
    return None


def _runs(words: Sequence[str]) -> list[Sequence[str]]:
    """Return the neighbouring words of a value, most first; a lone one only if it is long enough to be a name."""
    spans = ((at, at + length) for length in range(len(words) - 1, 0, -1) for at in range(len(words) - length + 1))
    return [words[at:end] for at, end in spans if any(len(word) >= MIN_PART_LETTERS for word in words[at:end])]
