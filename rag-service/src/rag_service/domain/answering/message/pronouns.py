"""Puts the nouns of the question before in for English pronouns: "Can they carry unused ones forward?"."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from rag_service.domain.answering.language.text_features import COMMON

MAX_WORDS = 16
"""Words of the question before; in a longer one nobody can tell by its form what a pronoun refers to."""
MAX_RUN_WORDS = 3
"""Words of a subject with its verb."""

_WORD = re.compile(r"[^\W_](?:[\w'’.-]*[^\W_])?|[,;:]")
_DO = frozenset({"do", "does", "did"})
_PERSONS = frozenset({"i", "we", "you", "they", "he", "she", "to", "who"})
_BREAKS = frozenset(
    {
        "under",
        "over",
        "per",
        "between",
        "during",
        "until",
        "above",
        "below",
        "without",
        "within",
        "both",
        "each",
        "every",
    }
)
_PEOPLE = re.compile(
    r"(?i)(?:ees|ers|ors|ists|ants|ents|people|staff|children|parents|interns|guests|members|managers)$"
)
_IT = re.compile(
    r"(?i)\bit\b(?!['’]|\s+(?:takes?|works?|possible|matters?)\b)|\b(?:this|that)\b(?=\s*(?:\?|$|is\b|cost|work|apply"
    r"|include|cover|take|too\b|also\b))"
)
_THEY = re.compile(r"(?i)\b(?:they|them|these|those)\b(?!\s+(?!be\b)[a-z]+s\b)")
_OWN = re.compile(r"(?i)\b(?:its|their)\b(?!\s+own)")
_ONES = re.compile(r"(?i)\bones\b")
_ONE = re.compile(r"(?i)(?<!which )(?<!this )(?<!that )\bone\b(?=\s*(?:\?|$|too\b|as well\b|for\b|in\b|on\b))")
_PASSIVE = re.compile(
    r"(?i)\bthey\s+(?:\w+\s+)?be\b|\b(?:be|are|is|get)\s+they\b|\bare they\b|\bdo they (?:expire|cost|last)\b"
)


@dataclass(frozen=True)
class _Phrase:
    text: str
    is_subject: bool
    """Whether it stands right behind `do`, where a question has its subject."""

    @property
    def is_plural(self) -> bool:
        last = self.text.split()[-1].casefold()
        return last in ("people", "staff", "children") or (last.endswith("s") and not last.endswith(("ss", "us")))


def filled_in(question: str, previous: str, aspects: Collection[str]) -> str | None:
    """Return the question with nouns for its pronouns; None if it has none, or the question before has no fitting ones.

    `aspects`: words of the question before that are no part of what it is about, such as `many`.
    """
    phrases = _phrases(previous, aspects)
    if not phrases:
        return None
    plural = [each for each in phrases if each.is_plural]
    single = [each for each in phrases if not each.is_plural] or phrases
    things = [each for each in plural if not _PEOPLE.search(each.text)] or plural
    people = [each for each in plural if _PEOPLE.search(each.text)]
    doers = [each for each in plural if each.is_subject] or people or plural
    # "Which rooms have a projector? How do I book one?": one of the rooms.
    single_one = [] if re.match(r"(?i)\W*(?:which|what)\b", previous) else single
    they = things if _PASSIVE.search(question) or _ONE.search(question) else doers
    filled = question
    for pronoun, fitting, article in (
        (_ONES, things, ""),
        (_ONE, single_one, "a "),
        (_THEY, they, ""),
        (_OWN, plural if re.search(r"(?i)\btheir\b", question) else single, "the "),
        (_IT, single, "the "),
    ):
        if fitting and pronoun.search(filled):
            ending = "'s" if pronoun is _OWN and not fitting[0].is_plural else ""
            article = "" if fitting[0].text.split()[-1][0].isupper() else article
            filled = pronoun.sub(f"{article}{fitting[0].text}{ending}".replace("\\", ""), filled, count=1)
    return None if filled == question else filled[0].upper() + filled[1:]


def _phrases(previous: str, aspects: Collection[str]) -> list[_Phrase]:
    words = _WORD.findall(previous)
    if len(words) > MAX_WORDS:
        return []
    found: list[_Phrase] = []
    begin = 0
    while begin < len(words):
        end = begin
        while end < len(words) and _is_noun_like(words[end], aspects):
            end += 1
        if end > begin:
            in_front = words[begin - 1].casefold() if begin else ""
            in_front_of_that = words[begin - 2].casefold() if begin > 1 else ""
            run = words[begin:end]
            is_subject = in_front in _DO or in_front_of_that in _DO
            if in_front in _PERSONS:
                # "do I order toner", "who approves trips"
                run = run[1:]
            elif is_subject and 1 < len(run) <= MAX_RUN_WORDS and not _verb_follows(words, end, aspects):
                # "does the pool open on Mondays"
                run = run[:-1]
            elif is_subject and len(run) > MAX_RUN_WORDS:
                # "does the gym stipend cover yoga": nothing shows where the subject ends.
                run = []
            if run:
                found.append(_Phrase(" ".join(run), is_subject))
        begin = max(end, begin + 1)
    return found


def _is_noun_like(word: str, aspects: Collection[str]) -> bool:
    folded = word.casefold()
    return word[0].isalpha() and folded not in COMMON and folded not in aspects and folded not in _BREAKS


def _verb_follows(words: list[str], place: int, aspects: Collection[str]) -> bool:
    following = words[place].casefold() if place < len(words) else ""
    return following in aspects or following in ("get", "have", "need", "want", "do")
