"""Puts a question into the words of texts, where these have other words of the same meaning: `vehicle` for "car"."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import WORD, stem
from rag_service.domain.answering.language.word_match import fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.languages import ENGLISH

MAX_WORDINGS = 4
MAX_BETWEEN = 3
"""Words between the parts of a verb: "call the trip off"."""
_LIST = Path(__file__).with_name("same_meaning.txt")
_GAP = ".."
_ENDINGS = {
    "german": re.compile(r"(?<=\w{4})(?:ungen|ung|est|end|en|em|es|et|te|st|e|t|n|s)$"),
    "french": re.compile(r"(?<=\w{4})(?:ations?|ements?|ées?|és?|er|ez|ent|es|e|s)$"),
    "spanish": re.compile(r"(?<=\w{4})(?:aciones|ación|ciones|ción|ad[oa]s?|id[oa]s?|an|en|ar|er|ir|[oae]s?)$"),
    "italian": re.compile(r"(?<=\w{4})(?:azion[ei]|at[oaie]|it[oaie]|ano|ono|are|ere|ire|[oaie])$"),
    "dutch": re.compile(r"(?<=\w{4})(?:ingen|ing|en|de|te|e|t|s)$"),
}
"""The endings by which forms of one word differ: of verbs and of the nouns that name the same, none of persons."""

Phrase = tuple[str, ...]
"""A word or phrase without endings; `..` stands for words within it."""


@dataclass(frozen=True)
class Wording:
    """A question in words of texts."""

    question: str
    words: tuple[str, ...]
    """The words and phrases of the texts that stand for others of the question; none where an idiom alone was put into
    plain words."""


@dataclass(frozen=True)
class _Found:
    """A word or phrase in a question: the places of its tokens, and what else it may be called."""

    places: tuple[int, ...]
    others: tuple[str, ...]
    known: bool = False
    """Whether a text has it."""


def wordings(question: str, texts: Sequence[str], language: str) -> list[Wording]:
    """Return a question with words put into those that texts have for the same, the rarest first.

    First the words are that no text has; then one more, which stands in texts about other things perhaps. Names and
    codes stay.
    """
    plain = _plain(question, language)
    found = _replaceable(plain, _Texts(texts, language), language)
    unknown = [each for each in found if not each.known]
    found_wordings = [Wording(plain, ())] if plain != question and not unknown else []
    for more in [[], *([each] for each in found if each.known)]:
        if chosen := [*unknown, *more]:
            for others in islice(product(*(each.others for each in chosen)), MAX_WORDINGS):
                found_wordings.append(Wording(_replaced(plain, chosen, others), others))
    return found_wordings[:MAX_WORDINGS]


def _plain(question: str, language: str) -> str:
    """Return a question with plain words for its idioms."""
    for phrase, plain in _idioms(language).items():
        if places := next(_places(phrase, _keys(question, language)), ()):
            question = _replaced(question, [_Found(places, ())], [plain])
    return question


def _replaced(question: str, found: Sequence[_Found], others: Sequence[str]) -> str:
    spans = [each.span() for each in WORD.finditer(question)]
    for start, end, other in sorted(_parts(found, others, spans), reverse=True):
        question = f"{question[:start]}{other}{question[end:]}"
    return re.sub(r" +(?=[ ?.,;:!]|$)", "", question).strip()


def _parts(
    found: Sequence[_Found], chosen: Sequence[str], spans: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, str]]:
    """Yield the beginning and the end of each part of a question that is replaced, and by what."""
    for each, other in zip(found, chosen, strict=True):
        first, *rest = each.places
        if rest and rest[-1] - first == len(rest):
            yield spans[first][0], spans[rest[-1]][1], other
        else:
            yield *spans[first], other
            yield from ((*spans[place], "") for place in rest)


def _replaceable(question: str, texts: "_Texts", language: str) -> list[_Found]:
    """Return the words and phrases of a question for which texts have others."""
    words = _keys(question, language)
    names = identifiers(question).names
    subject = {
        _key(each, language) for each in _tokens(question) if (own := subject_words(each)) and names.isdisjoint(own)
    }
    taken: set[int] = set()
    found = []
    for phrase, (alike, wider) in _meanings(language).items():
        for places in _places(phrase, words):
            if not taken.isdisjoint(places) or (len(phrase) == 1 and phrase[0] not in subject):
                continue
            taken.update(places)
            if forms := texts.forms(alike) or texts.forms(wider):
                found.append(_Found(places, forms, known=texts.has(phrase)))
    return found


def _places(phrase: Phrase, words: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """Yield the places at which a phrase stands in words."""
    for start, word in enumerate(words):
        if word != phrase[0]:
            continue
        places, between = [start], 0
        for part in phrase[1:]:
            if part == _GAP:
                between = MAX_BETWEEN
                continue
            at = next((at for at in range(places[-1] + 1, places[-1] + 2 + between) if words[at : at + 1] == [part]), 0)
            if not at:
                break
            places.append(at)
            between = 0
        else:
            yield tuple(places)


class _Texts:
    """The words of texts, in their order."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        self._lines = [(_tokens(line), _keys(line, language)) for text in texts for line in text.splitlines()]
        self._all = frozenset(word for _, words in self._lines for word in words)

    def has(self, phrase: Phrase) -> bool:
        """Return whether a text has a word or phrase."""
        return self._all.issuperset(phrase) and any(True for _ in self._found(phrase))

    def forms(self, phrases: Iterable[Phrase]) -> tuple[str, ...]:
        """Return those phrases that stand in the texts, as they stand there, those in the fewest lines first.

        Of `goods vehicle` and `vehicle` the longer one is meant.
        """
        found: dict[str, int] = {}
        for phrase in phrases:
            there = list(self._found(phrase)) if self._all.issuperset(phrase) else []
            if there:
                found[there[0]] = len(there)
        whole = [each for each in found if not any(each != other and each in other for other in found)]
        return tuple(sorted(whole, key=lambda each: found[each]))

    def _found(self, phrase: Phrase) -> Iterator[str]:
        for raw, words in self._lines:
            places = next(_places(phrase, words), None) if phrase[0] in words else None
            if places is not None:
                yield " ".join(raw[places[0] : places[-1] + 1])


def _tokens(text: str) -> list[str]:
    return [each.casefold() for each in WORD.findall(text)]


def _keys(text: str, language: str) -> list[str]:
    return [_key(each, language) for each in _tokens(text)]


def _key(word: str, language: str = ENGLISH) -> str:
    """Return a word without its ending, but for that of a person or thing that does something: a worker is no work."""
    if language in _ENDINGS:
        return fold(_ENDINGS[language].sub("", word))
    one = re.sub(r"(?<=[sxz])es$|(?<=[cs]h)es$|(?<![su])s$", "", word)
    return fold(one if one.endswith(("er", "or")) else stem(one))


@lru_cache(maxsize=8)
def _meanings(language: str) -> dict[Phrase, tuple[tuple[Phrase, ...], tuple[Phrase, ...]]]:
    """Return a language's phrases, the longest first, with those of the same meaning and those of a wider one."""
    alike: defaultdict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    wider: defaultdict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    for line in _lines(language):
        group, _, others = line.partition(">")
        phrases = [_phrase(each, language) for each in group.split() if "=" not in line]
        for each in phrases:
            alike[each] |= {other: None for other in phrases if other != each and _GAP not in other}
            wider[each] |= {_phrase(other, language): None for other in others.split()}
    return {
        each: (tuple(alike[each]), tuple(wider[each])) for each in sorted(alike, key=lambda each: (-len(each), each))
    }


@lru_cache(maxsize=8)
def _idioms(language: str) -> dict[Phrase, str]:
    """Return a language's idioms, the longest first, with plain words for them."""
    pairs = [line.split("=") for line in _lines(language) if "=" in line]
    found = {_phrase(each, language): plain.strip() for group, plain in pairs for each in group.split()}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _lines(language: str) -> Iterator[str]:
    section = ""
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#") and section == language:
            yield line


def _phrase(text: str, language: str) -> Phrase:
    parts = text.replace(_GAP, " .. ").replace("_", " ").split()
    return tuple(word for part in parts for word in ([_GAP] if part == _GAP else _keys(part, language)))
