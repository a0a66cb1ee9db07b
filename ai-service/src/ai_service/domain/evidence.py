"""What the words of a ticket prove: which speak for which department, and how much."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ai_service.domain.departments import Departments
from ai_service.domain.folding import phrases
from ai_service.domain.foreign_words import ELSEWHERE, words_of_language
from ai_service.domain.languages import ENGLISH, STOP_WORDS, language_of
from ai_service.domain.phrases import CLEAR_PHRASES, OTHER_MEANINGS
from ai_service.domain.senses import SUPPORT, proves_little
from ai_service.domain.telling import Token
from ai_service.domain.ticket_text import plurals, singular
from ai_service.domain.vocabulary import WORDS, owners, seeded

STRONG, WEAK = 2, 1
ENOUGH = 2
"""A word of one sense is enough, or two words of several senses, or one of them beside a word that supports it."""

LONGEST_BEGINNING = 20

PRODUCTS = frozenset({"excel", "outlook", "teams", "windows", "zoom"})
"""Written with a capital inside a sentence these are programs."""
ABBREVIATIONS = frozenset({"hr", "vat"})
"""Written in capitals these have one sense."""
INTERNATIONAL = "IT Support"
"""The seeded department whose English words mean the same in other languages."""


@dataclass
class Evidence:
    """What was found for one department."""

    words: "Counter[str]" = field(default_factory=Counter)
    points: dict[str, int] = field(default_factory=dict)
    """The most that each word proved."""
    supported: bool = False

    @property
    def total(self) -> int:
        """Return the points, with one more where a word supports what others prove."""
        return sum(self.points.values()) + (1 if self.supported and self.words else 0)

    @property
    def is_enough(self) -> bool:
        """Tell whether a department may be proposed without a person."""
        return self.total >= ENOUGH

    @property
    def has_clear_word(self) -> bool:
        """Tell whether one of the words has one sense only."""
        return STRONG in self.points.values()

    def add(self, word: str, points: int) -> None:
        """Count a word. A different word adds its points, the same word adds none."""
        self.words[word] += 1
        self.points[word] = max(points, self.points.get(word, 0))


@dataclass(frozen=True)
class _Proof:
    words: tuple[str, ...]
    department: str
    points: int
    """Of the first word; the others of a phrase are counted beside it and prove little."""


_Phrase = tuple[tuple[str, ...], _Proof | None]


@dataclass(frozen=True)
class _Lexicon:
    words: dict[str, _Proof]
    phrases: dict[str, list[_Phrase]]
    """By the first word, the longest first; None for what means something else."""
    beginnings: dict[str, _Proof]
    support: dict[str, str]


def evidence(tokens: Sequence[Token], departments: Departments) -> dict[str, Evidence]:
    """Return what was found, by department. Each different word counts once."""
    language = language_of([token.word for token in tokens if token.word])
    strange = language not in (ENGLISH, None)
    lexicon = _lexicon(departments, strange)
    silent = STOP_WORDS[language] if strange and language else frozenset()
    # German writes every noun with a capital.
    capitals_are_names = language != "de"
    found: dict[str, Evidence] = {}
    words = [token.word for token in tokens]
    place = 0
    while place < len(words):
        length, proof = _phrase_at(lexicon, words, place)
        if length == 0:
            length = 1
            proof = None if words[place] in silent else _proof_of(lexicon, tokens[place], capitals_are_names)
        if proof is not None:
            one = found.setdefault(proof.department, Evidence())
            for number, word in enumerate(proof.words):
                one.add(word, WEAK if number else proof.points)
        elif words[place] in lexicon.support:
            found.setdefault(lexicon.support[words[place]], Evidence()).supported = True
        place += length
    return {name: one for name, one in found.items() if one.words}


def _phrase_at(lexicon: _Lexicon, words: list[str], place: int) -> tuple[int, _Proof | None]:
    for phrase, proof in lexicon.phrases.get(words[place], ()):
        if tuple(words[place : place + len(phrase)]) == phrase:
            return len(phrase), proof
    return 0, None


def _proof_of(lexicon: _Lexicon, token: Token, capitals_are_names: bool) -> _Proof | None:
    proof = lexicon.words.get(token.word)
    if proof is None:
        return _beginning(lexicon.beginnings, token.word) if lexicon.beginnings else None
    if (token.proper and token.word in PRODUCTS) or (token.capitals and token.word in ABBREVIATIONS):
        return replace(proof, points=STRONG)
    is_name = token.name or (token.proper and capitals_are_names)
    if is_name and proof.points < STRONG:
        return None
    return proof


def _beginning(beginnings: dict[str, _Proof], word: str) -> _Proof | None:
    for length in range(min(len(word), LONGEST_BEGINNING), 3, -1):
        if word[:length] in beginnings:
            return beginnings[word[:length]]
    return None


@lru_cache(maxsize=128)
def _lexicon(departments: Departments, strange: bool) -> _Lexicon:
    """Return what words prove. In `strange` texts, which are not English, most English words prove little."""
    owned = owners(departments)
    names = {kind: each.name for each in departments if (kind := seeded(each)) is not None}
    words = _words(owned, names, strange)
    found: dict[str, list[_Phrase]] = {}
    for phrase, proof in _phrases(names):
        found.setdefault(phrase[0], []).append((phrase, proof))
    beginnings: dict[str, _Proof] = {}
    for each in ELSEWHERE:
        whole, starts = words_of_language(each)
        for word, proof in _proofs(whole, names):
            if " " in word:
                found.setdefault(word.split()[0], []).append((tuple(word.split()), proof))
            else:
                words.setdefault(word, proof)
        beginnings |= dict(_proofs(starts, names))
    # A word that the company chose for a department of its own means that department, in whichever phrase.
    own = {word for word, (owner, _) in owned.items() if owner not in names.values()}
    ordered = {
        first: sorted((one for one in some if own.isdisjoint(one[0])), key=lambda one: -len(one[0]))
        for first, some in found.items()
    }
    support = {word: name for kind, name in names.items() for word in SUPPORT[kind]}
    return _Lexicon(words, ordered, beginnings, support)


def _words(owned: dict[str, tuple[str, bool]], names: dict[str, str], strange: bool) -> dict[str, _Proof]:
    kinds = {name: kind for kind, name in names.items()}
    exact: dict[str, _Proof] = {}
    for word, (owner, clear) in owned.items():
        kind = kinds.get(owner)
        weak = kind is not None and (proves_little(word) or (strange and kind != INTERNATIONAL))
        exact[word] = _Proof((word,), owner, WEAK if weak or not clear else STRONG)
    forms = {form: proof for word, proof in exact.items() for form in plurals(word)}
    # A word outranks what only looks like another's plural.
    return forms | exact


def _phrases(names: dict[str, str]) -> Iterator[_Phrase]:
    for phrase in phrases(OTHER_MEANINGS):
        yield phrase, None
    for kind, text in CLEAR_PHRASES.items():
        for phrase in phrases(text) if kind in names else ():
            counted = tuple(dict.fromkeys(word for each in phrase if (word := _known(each, kind))))
            yield phrase, _Proof(counted or (" ".join(phrase),), names[kind], STRONG)


def _known(word: str, kind: str) -> str | None:
    return next((each for each in (word, singular(word)) if each in WORDS[kind]), None)


def _proofs(words: dict[str, str], names: dict[str, str]) -> Iterator[tuple[str, _Proof]]:
    return ((word, _Proof((word,), names[kind], STRONG)) for word, kind in words.items() if kind in names)
