"""Resolves follow-ups by the rows that were quoted: "and in Germany?" after the row of London, and "there"."""

import re

from rag_service.domain.answering.columns import cells
from rag_service.domain.answering.fragments import name_asked_about
from rag_service.domain.answering.text_features import COMMON, tokens

MAX_NAME_WORDS = 4
MAX_LINES = 10

_PREPOSITION = re.compile(
    r"(?i)^(?:in|at|from|to|for|of|near|im|bei|beim|aus|nach|für|à|au|aux|en|chez|pour|de|a|para|di|per|op|bij|voor)\s+"
)
_ARTICLE = re.compile(r"(?i)^(?:the|der|die|das|den|dem|le|la|les|el|los|las|il|lo|het)\s+")
_PLACED = re.compile(r"(?i)^(?:in|at|on|im|am|bei|à|au|aux|en|a|op|nel|nella)\s")
_THERE = re.compile(
    r"(?i)(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bout )(?<!\bover )\bthere\b"
    r"(?!['’]?s\b|\s+(?:is|are|was|were|be|a|an|any)\b)|\bdort\b|\blà-bas\b|\ballí\b|\ballá\b|\bahí\b"
)


def with_other_name(fragment: str, asked: str, answer: str) -> str | None:
    """Return the question before with the fragment in the place of what named the quoted row; None if nothing did.

    "And in Germany?" after "hotel limit london", which `Destination: London` answered, asks "hotel limit Germany".
    """
    bare = _ARTICLE.sub("", _PREPOSITION.sub("", fragment))
    words = bare.split()
    if not words or len(words) > MAX_NAME_WORDS:
        return None
    if not (all(word[0].isupper() for word in words) or (len(words) == 1 and bare != fragment and bare.isalpha())):
        return None
    span = _named(asked, answer)
    return f"{asked[: span[0]]}{bare}{asked[span[1] :]}" if span else None


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


def _named(asked: str, answer: str) -> tuple[int, int] | None:
    """Return where a question has the value of a cell of the quoted rows that is a name."""
    for line in answer.splitlines()[:MAX_LINES]:
        for name, value in cells(line):
            words = [word for word in tokens(value) if word not in COMMON]
            if not name or not words or len(words) > MAX_NAME_WORDS or not all(word.isalpha() for word in words):
                continue
            pattern = r"\W+".join(map(re.escape, tokens(value)))
            if found := re.search(rf"(?i)(?<!\w){pattern}(?!\w)", asked):
                return found.span()
    return None
