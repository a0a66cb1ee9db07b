"""Weighs a ticket's words: which departments they are evidence for, and how strong that evidence is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ai_service.domain.ambiguous_words import SUPPORTING_WORDS, is_weak
from ai_service.domain.departments import Departments
from ai_service.domain.folding import phrases
from ai_service.domain.foreign_words import FOREIGN_WORDS, words_of_language
from ai_service.domain.languages import ENGLISH, STOP_WORDS, language_of
from ai_service.domain.phrases import CLEAR_PHRASES, OTHER_MEANINGS
from ai_service.domain.ticket_text import plurals, singular
from ai_service.domain.tokens import Token
from ai_service.domain.vocabulary import WORDS, owners, seeded

STRONG, WEAK = 2, 1
MIN_POINTS = 2
"""One strong word is enough, or two weak words, or a weak word beside a word that supports it."""

MIN_PREFIX_CHARACTERS, MAX_PREFIX_CHARACTERS = 4, 20

PRODUCTS = frozenset({"excel", "outlook", "teams", "windows", "zoom"})
"""Capitalized inside a sentence these are programs."""
ABBREVIATIONS = frozenset({"hr", "vat"})
"""In capitals these have one sense."""
INTERNATIONAL = "IT Support"
"""The seeded department whose English words mean the same in other languages."""


@dataclass
class Evidence:
    """The words found for one department."""

    words: "Counter[str]" = field(default_factory=Counter)
    points: dict[str, int] = field(default_factory=dict)
    """The highest points of each word."""
    supported: bool = False

    @property
    def points_total(self) -> int:
        """Return the sum of the points, plus one where a supporting word occurs."""
        return sum(self.points.values()) + (1 if self.supported and self.words else 0)

    @property
    def is_enough(self) -> bool:
        """Return whether the department may be proposed."""
        return self.points_total >= MIN_POINTS

    @property
    def has_strong_word(self) -> bool:
        """Return whether one of the words has one sense only."""
        return STRONG in self.points.values()

    def add(self, word: str, points: int) -> None:
        """Count a word. Each different word adds its points once."""
        self.words[word] += 1
        self.points[word] = max(points, self.points.get(word, 0))


@dataclass(frozen=True)
class _Entry:
    words: tuple[str, ...]
    department: str
    points: int
    """The points of the first word; the other words of a phrase are weak."""


_Phrase = tuple[tuple[str, ...], _Entry | None]


@dataclass(frozen=True)
class _Lexicon:
    words: dict[str, _Entry]
    phrases: dict[str, list[_Phrase]]
    """By first word, the longest phrase first; None for a phrase of another meaning, which is no evidence."""
    prefixes: dict[str, _Entry]
    prefix_beginnings: frozenset[str]
    """The first letters of all prefixes: most words begin like none of them."""
    supporting: dict[str, str]


def find_evidence(tokens: Sequence[Token], departments: Departments) -> dict[str, Evidence]:
    """Return the evidence by department; departments without any word are left out."""
    language = language_of([token.word for token in tokens if token.word])
    foreign = language not in (ENGLISH, None)
    lexicon = _lexicon(departments, foreign)
    stop_words = STOP_WORDS[language] if foreign and language else frozenset()
    # German writes every noun with a capital.
    capitals_are_names = language != "de"
    found: dict[str, Evidence] = {}
    words = [token.word for token in tokens]
    position = 0
    while position < len(words):
        length, entry = _phrase_at(lexicon, words, position)
        if length == 0:
            length = 1
            if words[position] not in stop_words:
                entry = _entry_of(lexicon, tokens[position], capitals_are_names)
        if entry is not None:
            evidence = found.setdefault(entry.department, Evidence())
            for number, word in enumerate(entry.words):
                evidence.add(word, WEAK if number else entry.points)
        elif words[position] in lexicon.supporting:
            found.setdefault(lexicon.supporting[words[position]], Evidence()).supported = True
        position += length
    return {name: evidence for name, evidence in found.items() if evidence.words}


def _phrase_at(lexicon: _Lexicon, words: list[str], position: int) -> tuple[int, _Entry | None]:
    for phrase, entry in lexicon.phrases.get(words[position], ()):
        if tuple(words[position : position + len(phrase)]) == phrase:
            return len(phrase), entry
    return 0, None


def _entry_of(lexicon: _Lexicon, token: Token, capitals_are_names: bool) -> _Entry | None:
    entry = lexicon.words.get(token.word)
    if entry is None:
        return _entry_of_prefix(lexicon, token.word)
    if (token.proper and token.word in PRODUCTS) or (token.capitals and token.word in ABBREVIATIONS):
        return replace(entry, points=STRONG)
    is_name = token.name or (token.proper and capitals_are_names)
    if is_name and entry.points < STRONG:
        return None
    return entry


def _entry_of_prefix(lexicon: _Lexicon, word: str) -> _Entry | None:
    if word[:MIN_PREFIX_CHARACTERS] not in lexicon.prefix_beginnings:
        return None
    for length in range(min(len(word), MAX_PREFIX_CHARACTERS), MIN_PREFIX_CHARACTERS - 1, -1):
        if word[:length] in lexicon.prefixes:
            return lexicon.prefixes[word[:length]]
    return None


@lru_cache(maxsize=128)
def _lexicon(departments: Departments, foreign: bool) -> _Lexicon:
    """Return the lexicon of a list of departments. For `foreign` texts most English words are weak."""
    owned = owners(departments)
    names = {kind: department.name for department in departments if (kind := seeded(department)) is not None}
    words = _words(owned, names, foreign)
    found: dict[str, list[_Phrase]] = {}
    for phrase, entry in _phrases(names):
        found.setdefault(phrase[0], []).append((phrase, entry))
    prefixes: dict[str, _Entry] = {}
    for language in FOREIGN_WORDS:
        whole, starts = words_of_language(language)
        for word, entry in _entries(whole, names):
            if " " in word:
                found.setdefault(word.split()[0], []).append((tuple(word.split()), entry))
            else:
                words.setdefault(word, entry)
        prefixes |= dict(_entries(starts, names))
    # A word of a department that the company added means that department, in whichever phrase it occurs.
    added = {word for word, (owner, _) in owned.items() if owner not in names.values()}
    ordered = {
        first: sorted((one for one in some if added.isdisjoint(one[0])), key=lambda one: -len(one[0]))
        for first, some in found.items()
    }
    supporting = {word: name for kind, name in names.items() for word in SUPPORTING_WORDS[kind]}
    beginnings = frozenset(prefix[:MIN_PREFIX_CHARACTERS] for prefix in prefixes)
    return _Lexicon(words, ordered, prefixes, beginnings, supporting)


def _words(owned: dict[str, tuple[str, bool]], names: dict[str, str], foreign: bool) -> dict[str, _Entry]:
    kinds = {name: kind for kind, name in names.items()}
    exact: dict[str, _Entry] = {}
    for word, (owner, clear) in owned.items():
        kind = kinds.get(owner)
        weak = kind is not None and (is_weak(word) or (foreign and kind != INTERNATIONAL))
        exact[word] = _Entry((word,), owner, WEAK if weak or not clear else STRONG)
    forms = {form: entry for word, entry in exact.items() for form in plurals(word)}
    # A word outranks another word's apparent plural.
    return forms | exact


def _phrases(names: dict[str, str]) -> Iterator[_Phrase]:
    for phrase in phrases(OTHER_MEANINGS):
        yield phrase, None
    for kind, text in CLEAR_PHRASES.items():
        for phrase in phrases(text) if kind in names else ():
            counted = tuple(dict.fromkeys(found for word in phrase if (found := _in_vocabulary(word, kind))))
            yield phrase, _Entry(counted or (" ".join(phrase),), names[kind], STRONG)


def _in_vocabulary(word: str, kind: str) -> str | None:
    return next((form for form in (word, singular(word)) if form in WORDS[kind]), None)


def _entries(words: dict[str, str], names: dict[str, str]) -> Iterator[tuple[str, _Entry]]:
    return ((word, _Entry((word,), names[kind], STRONG)) for word, kind in words.items() if kind in names)
