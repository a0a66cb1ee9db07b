"""Makes a standalone question of a follow-up, from the earlier turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.smalltalk import small_talk_kind
from rag_service.domain.answering.text_features import COMMON, content, plain, stem, tokens

MAX_EARLIER_TURNS = 12
CARRIED_WORDS = 8
NAMED_BEFORE = 4
"""A pronoun behind so many content words refers to them, as in "How does the sync service work? Is it safe?".
"""

_OPENS = re.compile(
    r"(?i)^\W*(?:and|but|so|or|also|then|ok(?:ay)?,?|what about|how about|what if|and if|same for|why not|und"
    r"|aber|oder|was ist mit"
    r"|wie (?:ist|sieht) es mit|et|mais|y|pero|what else|anything else|more)\b"
)
_POINTS_BACK = re.compile(
    r"(?i)\b(?:it|its|it's|they|them|their|this|that|these|those|one|ones|he|she|his|there|the (?:same|other"
    r"|first|second"
    r"|last|latter|former|above)|such|es|sie|ihn|davon|damit|dafür|darin|das|dieser|diese|dieses|ça|cela|eso|esto"
    r"|ello)\b"
)
_POINTS_AHEAD = re.compile(
    r"(?i)\b(?:this|that|these|those|the (?:same|other|first|second|last))\s+(?!is\b|are\b|was\b|do|can\b|will\b"
    r"|have|mean)\w{3,}"
    r"|\b(?:is|are|was|were) there\b|\bthere (?:is|are|was|were|a|any)\b|\bit (?:is|that)\b|\b(?:so|know|say|said"
    r"|told|think|sure"
    r"|possible|necessary) that\b|\bone (?:of|or|and|can|time|day)\b|\bdas [A-ZÄÖÜ]"
)
"""Expressions that only look like back-references: `this printer` names its noun."""


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    text: str


def is_follow_up(question: str) -> bool:
    """Return whether a question is only understandable with the earlier turns.

    A short question is not a follow-up by itself: to treat "printer jam" as one costs more than it brings (measured).
    """
    text = plain(question)
    if _OPENS.match(text) or not content(text):
        return True
    text = _POINTS_AHEAD.sub(" ", text)
    back = _POINTS_BACK.search(text)
    return back is not None and len(content(text[: back.start()])) < NAMED_BEFORE


def standalone_question(question: str, turns: Sequence[Turn]) -> str:
    """Return the question to search for: a follow-up gets the topic words of the user's earlier turns appended.

    Words of the newest turn come first, because a follow-up refers to it. A standalone question begins a new topic, and
    nothing before it is carried over.
    """
    earlier = [
        turn.text for turn in turns[-MAX_EARLIER_TURNS:] if turn.role == "user" and not small_talk_kind(turn.text)
    ]
    if not earlier or not is_follow_up(question):
        return question
    topic: list[str] = []
    known = set(content(question))
    for text in reversed(earlier):
        for word in _topic_words(text):
            if stem(word.casefold()) not in known and len(topic) < CARRIED_WORDS:
                known.add(stem(word.casefold()))
                topic.append(word)
        if not is_follow_up(text):
            break
    return f"{question} ({' '.join(topic)})" if topic else question


def _topic_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_][\w'’.-]*[^\W_]|[^\W_]", plain(text)) if _says_something(word)]


def _says_something(word: str) -> bool:
    return all(part not in COMMON for part in tokens(word)) and len(word) > 1
