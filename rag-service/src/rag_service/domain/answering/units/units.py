"""Units of an answer: a row of a table, a stored answer, or a sentence with what it leans on.

A unit is quoted as a whole or not at all: nobody reads half a row, or "It takes two days" without what takes them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.language.imperative import is_imperative
from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.document import PassageKind

UnitKind = Literal["row", "qa", "whole", "sentence"]
"""`whole`: sentences that answer by their form, such as a clause of which the number is asked."""

MAX_LIST_ITEMS = 12
"""Items that come with the sentence that announces them."""
MIN_WORDS = 3
MIN_CHARACTERS_WITHOUT_SPACES = 6
"""Of scripts that put no space between words."""
MAX_SENTENCE_CHARACTERS = 600
"""Characters; longer prose is not readable as an answer."""
TITLE_WORDS, MAX_ITEM_SENTENCES, MAX_MARK_CHARACTERS = 3, 5, 5
"""Words of the title with which an item of a list may begin; sentences that are quoted with it; its number."""
SHORT_WORDS = 4
"""A sentence of so few words, such as "Yes." or "No, never.", is quoted with the one behind it."""

_LEANS_BACK = re.compile(
    r"(?i)^\W*(?:(?:it|its|they|them|their|this|these|those|that|he|she|his|her|such|both|then|there|afterwards"
    r"|otherwise|however"
    r"|instead|also|in this case|in that case|if (?:so|not)|after that|above that|below that|the (?:latter|former"
    r"|same)"
    r"|es|sie|er|dies\w*|das (?:ist|gilt|kann|muss|wird|sind)|diese[rsnm]?|dann|danach|ansonsten|sonst|jedoch"
    r"|außerdem|dabei|dafür|darüber|davon|beide"
    r"|il|elle|ils|elles|cela|ceci|ce|cette|ces|ensuite|sinon|puis|esto|eso|este|esta|estos|luego|entonces"
    r"|después|questo|questa|poi|altrimenti"
    r"|dit|deze|daarna|anders)\b|\((?:see|siehe|voir))"
)
_OTHER_ONES = re.compile(r"(?i)\b(?:new|old|other|better|bigger|smaller|the same) ones?\b")
"""Words for a thing that the sentence before names: "Ann will take new ones"."""
_KEYED_LINE = re.compile(r"(?:[-*•+–]\s+)?[*_]{0,2}([^\W\d_][^.:;!?*_\n]{1,40})[*_]{0,2}:[*_]{0,2}\s+\S")
"""A line that says something of the thing with which it begins: "Large box: soup and bread. £9 a head."."""
MAX_KEYED_CHARACTERS = 300
_FIRST = re.compile(r"(?:^|\n)[ \t]*\(?(?:1|a)[.)][ \t]+$")
MAX_NUMBER_CHARACTERS = 12
_OPENS_WITH_DECISION = re.compile(
    r"(?i)^\W*(?:yes|no|ja|nein|nee|oui|non|s[ií]|not? necessarily|only|never|always)\b[,.!:;]?"
)


@dataclass(frozen=True)
class Unit:
    """A part of a passage that may be quoted: some of its sentences, in their order."""

    kind: UnitKind
    core: int
    """Index of the sentence that is compared with the question; a stored answer's is its question."""
    quoted: tuple[int, ...]
    """Indexes of the sentences that are quoted."""


def units_of(sentences: Sequence[Sentence], kind: PassageKind, text: str = "") -> tuple[Unit, ...]:
    """Return the units of a passage, of which these sentences may be quoted; `text` is the passage's."""
    if kind is PassageKind.ROWS:
        return tuple(Unit("row", index, (index,)) for index, each in enumerate(sentences) if each.kind == "table")
    if kind is PassageKind.QA and sentences and sentences[0].kind == "heading" and sentences[0].block == 0:
        quoted = tuple(index for index, each in enumerate(sentences) if index and each.kind != "heading")
        return (Unit("qa", 0, quoted),) if quoted else ()
    return tuple(_prose(sentences, text))


def begins_list(sentence: Sentence, text: str) -> bool:
    """Return whether a sentence is the first item of a numbered list."""
    before = text[max(0, sentence.start - MAX_NUMBER_CHARACTERS) : sentence.start]
    return sentence.kind == "item" and _FIRST.search(before) is not None


def heads_list(sentences: Sequence[Sentence], index: int, text: str) -> bool:
    """Return whether an item is the heading of a list of its own, and so says nothing by itself."""
    return sentences[index].kind == "item" and any(begins_list(each, text) for each in sentences[index + 1 : index + 2])


def _prose(sentences: Sequence[Sentence], text: str) -> Iterator[Unit]:
    for index, sentence in enumerate(sentences):
        if is_readable(sentence) and not heads_list(sentences, index, text):
            kind: UnitKind = "row" if sentence.kind == "table" else "sentence"
            quoted = _with_title(sentences, index, text, _quoted(sentences, index))
            quoted = _with_keyed_line(sentences, index, text, quoted)
            # An announcement without what it announces, as at the end of a passage, says nothing.
            if quoted != (index,) or not sentence.text.endswith(":"):
                yield Unit(kind, index, quoted)


def _quoted(sentences: Sequence[Sentence], index: int) -> tuple[int, ...]:
    """Return a sentence with those that it leans on, and those that lean on it."""
    found = {index}
    this = sentences[index]
    if this.kind == "table":
        return (index,)
    leans = _LEANS_BACK.match(this.shown) or _OTHER_ONES.search(this.shown)
    if index and leans and _joined(sentences[index - 1], this):
        found.add(index - 1)
    if this.kind == "item" and (announcing := _announcing(sentences, index)) is not None:
        found.add(announcing)
    if this.text.endswith(":"):
        found.update(_announced(sentences, index))
    short = len(this.text.split()) <= SHORT_WORDS and _OPENS_WITH_DECISION.match(this.shown)
    if short and index + 1 < len(sentences) and _joined(this, sentences[index + 1]):
        found.add(index + 1)
    if index and _is_short_decision(sentences[index - 1]) and _joined(sentences[index - 1], this):
        found.add(index - 1)
    return tuple(sorted(found))


def _with_title(sentences: Sequence[Sentence], index: int, text: str, quoted: tuple[int, ...]) -> tuple[int, ...]:
    """Return what is quoted of an item with its title, as in minutes: "3) Summer party. On 17 July. Beate cooks."

    The title says what the other sentences are about, and nothing by itself.
    """
    if sentences[index].kind != "item" or not text:
        return quoted
    first = next((at for at in range(index, -1, -1) if _begins_item(sentences[at], text)), index)
    last = first + 1
    while last < len(sentences) and sentences[last].kind == "item" and not _begins_item(sentences[last], text):
        last += 1
    title = sentences[first].shown
    if not index < last or last - first < 2 or len(title.split()) > TITLE_WORDS or not title.endswith("."):
        return quoted
    if is_imperative(title) or _OPENS_WITH_DECISION.match(title):
        return quoted
    inside = range(first, min(last, first + MAX_ITEM_SENTENCES)) if index == first else (first,)
    return tuple(sorted({*quoted, *inside}))


def _with_keyed_line(sentences: Sequence[Sentence], index: int, text: str, quoted: tuple[int, ...]) -> tuple[int, ...]:
    """Return what is quoted of a line that begins with a thing and a colon: all of it is about the thing."""
    this = sentences[index]
    if this.kind not in ("prose", "item") or not key_of_line(this, text):
        return quoted
    first, last = _line_of(this, text)
    inside = [at for at, each in enumerate(sentences) if first <= each.start and each.end <= last]
    return tuple(sorted({*quoted, *inside})) if 1 < len(inside) <= MAX_ITEM_SENTENCES else quoted


def key_of_line(sentence: Sentence, text: str) -> str:
    """Return the thing with which the line of a sentence begins, before a colon; empty if it begins with none."""
    first, last = _line_of(sentence, text)
    found = _KEYED_LINE.match(text[first:last].strip()) if last - first <= MAX_KEYED_CHARACTERS else None
    return found[1] if found else ""


def _line_of(sentence: Sentence, text: str) -> tuple[int, int]:
    end = text.find("\n", sentence.start)
    return text.rfind("\n", 0, sentence.start) + 1, len(text) if end < 0 else end


def _begins_item(sentence: Sentence, text: str) -> bool:
    line = text[text.rfind("\n", 0, sentence.start) + 1 : sentence.start]
    return sentence.kind == "item" and 0 < len(line.strip()) <= MAX_MARK_CHARACTERS


def _is_short_decision(sentence: Sentence) -> bool:
    return len(sentence.text.split()) <= SHORT_WORDS and _OPENS_WITH_DECISION.match(sentence.shown) is not None


def _joined(one: Sentence, following: Sentence) -> bool:
    """Return whether two neighbours are parts of one text rather than of two lists or tables."""
    if "heading" in (one.kind, following.kind) or "table" in (one.kind, following.kind):
        return False
    return one.block == following.block or one.kind == following.kind == "prose"


def _announcing(sentences: Sequence[Sentence], index: int) -> int | None:
    """Return the sentence with a colon above the list of an item."""
    for place in range(index - 1, max(-1, index - MAX_LIST_ITEMS - 1), -1):
        if sentences[place].kind == "prose":
            near = sentences[index].block - sentences[place].block <= 1
            return place if sentences[place].text.endswith(":") and near else None
        if sentences[place].kind != "item":
            return None
    return None


def _announced(sentences: Sequence[Sentence], index: int) -> Iterator[int]:
    """Yield the items, or the commands, behind a sentence that ends with a colon; else the sentence behind it."""
    following = index + 1
    if following < len(sentences) and sentences[following].kind == "prose":
        if sentences[following].block - sentences[index].block <= 1:
            yield following
        return
    for place in range(following, min(len(sentences), following + MAX_LIST_ITEMS)):
        if sentences[place].kind not in ("item", "code") or sentences[place].block - sentences[index].block > 1:
            return
        yield place


def is_readable(sentence: Sentence) -> bool:
    """Return whether a sentence can be quoted by itself."""
    if sentence.kind in ("heading", "code") or sentence.text.endswith("?"):
        return False
    if sentence.kind != "table" and len(sentence.text) > MAX_SENTENCE_CHARACTERS:
        return False
    if not sentence.text.isascii() and len(sentence.text) >= MIN_CHARACTERS_WITHOUT_SPACES:
        return True
    if len(sentence.text.split()) >= MIN_WORDS or _OPENS_WITH_DECISION.match(sentence.shown):
        return True
    return sentence.kind in ("item", "table") and len(sentence.text) > 1
