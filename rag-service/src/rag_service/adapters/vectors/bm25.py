"""Texts as weighted terms, for the lexical half of a search (BM25).

A passage stores each term's saturated frequency; the vector store multiplies it by the term's IDF when it searches.
A passage is stemmed by the rules of its language and of English, and by those of all languages if it is unclear; its
words' other spellings and its identifiers are terms too. A question is looked up by its own language's stems, and, if
that makes a difference, by its words' plain spelling: the better of the two counts (`ranking`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

import qdrant_edge as qdrant

from rag_service.domain.languages import BY_WORD, ENGLISH, QUESTION_VERBS, language_of, languages_in
from rag_service.domain.terms import SPELT_OUT, WORD, folded, plainest, spellings, wholes

INDEX_FORM = 3
"""Stored with each passage. Increase it if `passage_terms` changes: passages of an earlier form are then stored again
(`usecases/renew.py`). 1 had neither other spellings nor whole identifiers,
2 not aa and dj for å and đ."""
SATURATION = 1.2
"""BM25's k: how soon saying a word again stops counting."""
LENGTH_SHARE = 0.4
"""BM25's b: how much a long passage's words count less. Chunks are of like length, so less than the usual 0.75."""
AVERAGE_WORDS = 100.0
"""Of a chunk of 240 tokens, without stop words."""
MAX_TERM_WEIGHT = SATURATION + 1
"""The limit of a term's weight in a passage of that term alone."""
LEAD_CHARACTERS, LEAD_COUNTS = 320, 3
"""The lead of a passage is its first line (title and headings, or the beginning of a text); its terms count three
times. With it nDCG was .523 instead of .509 on mtrag_cloud_3k, and on no set less (docs/retrieval.md)."""
MAX_QUERY_WORDS = 60
"""Of a question as long as a ticket the first words decide; each costs a look-up."""
MAX_READ_CHARACTERS = 20_000
"""Of a passage, for other spellings; a passage has 240 tokens."""
WITHOUT_SPACES = ("chinese", "japanese")


@dataclass(frozen=True)
class TermWeights:
    """Terms by number, with their weights."""

    words: list[int]
    values: list[float]

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return zip(self.words, self.values, strict=True)


@dataclass(frozen=True)
class QueryTerms:
    """A question's distinct terms in one form."""

    required: tuple[int, ...]
    """A passage without them says less of the question, even if no passage has them."""
    optional: tuple[int, ...] = ()
    """They count only if some passage has them: identifiers as a whole, and what may be a stop word."""
    identifiers: frozenset[int] = frozenset()
    """Those of both that are identifiers: with digits and letters, or of several parts."""

    @property
    def all(self) -> list[int]:
        """Return both."""
        return list(dict.fromkeys((*self.required, *self.optional)))


def passage_terms(text: str) -> TermWeights:
    """Return a passage's terms and their weights.

    A short question often does not show its language and is read as English. So that it finds passages in other
    languages, their terms are also stored with English stemming.
    """
    readable = _readable(text)
    text = _with_lead(readable)
    counted: dict[int, float] = {}
    for language in languages_in(_body(readable)):
        found = _model(language).embed_document(text)
        for word, value in zip(found.indices, found.values, strict=True):
            counted[word] = max(value, counted.get(word, 0.0))
    for word, value in _further_terms(text[:MAX_READ_CHARACTERS]):
        counted[word] = max(value, counted.get(word, 0.0))
    return TermWeights(list(counted), list(counted.values()))


def query_terms(text: str) -> list[QueryTerms]:
    """Return a question's terms: by its language's stems, and by its plain spelling where that differs."""
    text = " ".join(_readable(text).split()[:MAX_QUERY_WORDS])
    guess = language_of(text)
    language = guess or ENGLISH
    if language in WITHOUT_SPACES:
        return _forms([tuple(_model(language).embed_query(text).indices)], ())
    words = list(dict.fromkeys(WORD.findall(text.lower())))[:MAX_QUERY_WORDS]
    asked = [word for word in words if _terms(word, language)]
    whole = tuple(term for each in dict.fromkeys(wholes(text)) for term in _terms(each, ENGLISH))
    # In a question of unclear language any language's stop words may be just that.
    doubtful = {word for word in asked if (guess or BY_WORD.get(word, [""])[0]) in BY_WORD.get(word, ())}
    doubtful |= {word for word in asked if word in QUESTION_VERBS.get(language, "").split()}
    doubtful = doubtful if len(doubtful) < len(asked) else set()
    stems = tuple(term for word in asked if word not in doubtful for term in _terms(word, language))
    spelt = folded if guess == ENGLISH else plainest
    plain = tuple(term for word in asked if word not in doubtful for term in _terms(spelt(word), ENGLISH))
    optional = (*whole, *(term for word in doubtful for term in _terms(word, language)))
    mixed = (term for word in asked if not word.isalpha() and not word.isdigit() for term in _terms(word, language))
    return _forms([stems, plain], optional, frozenset((*whole, *mixed)))


def _forms(
    required: list[tuple[int, ...]], optional: tuple[int, ...], identifiers: frozenset[int] = frozenset()
) -> list[QueryTerms]:
    forms: dict[frozenset[int], QueryTerms] = {}
    for terms in required:
        if terms:
            few = tuple(dict.fromkeys(terms))[:MAX_QUERY_WORDS]
            extra = tuple(term for term in dict.fromkeys(optional) if term not in few)[:MAX_QUERY_WORDS]
            forms.setdefault(frozenset(few), QueryTerms(few, extra, identifiers))
    return list(forms.values())


def _further_terms(text: str) -> Iterator[tuple[int, float]]:
    """Return the other spellings and the identifiers of a passage, each with the weight that a word has."""
    words = WORD.findall(text)
    length = sum(1 for word in words if word not in BY_WORD)
    counted: Counter[str] = Counter()
    for word, count in Counter(word.lower() for word in words).items():
        # All other spellings of most English words are the words themselves.
        if not word.isascii() or any(each in word for each in SPELT_OUT):
            for other in spellings(word):
                counted[other] += count
    counted.update(wholes(text))
    relative = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / AVERAGE_WORDS)
    for form, count in counted.items():
        for term in _terms(form, ENGLISH):
            yield term, count * (SATURATION + 1) / (count + relative)


def _body(text: str) -> str:
    """Return a passage without its headings, whose language may be another; all of it where little is left."""
    lead, _, body = text.partition("\n")
    return body if len(body) >= len(lead) else text


def _with_lead(text: str) -> str:
    lead, _, _ = text.partition("\n")
    if len(lead) > LEAD_CHARACTERS:
        lead = lead[:LEAD_CHARACTERS].rsplit(" ", 1)[0]
    # If the lead is most of the text, nothing is repeated: all terms would only count more than other passages'.
    if len(text) - len(lead) < len(lead):
        return text
    return "\n".join([lead] * (LEAD_COUNTS - 1) + [text])


@lru_cache(maxsize=50_000)
def _terms(word: str, language: str) -> tuple[int, ...]:
    """Return the term of a word; nothing for a stop word."""
    return tuple(_model(language).embed_query(word).indices)


@lru_cache
def _model(language: str) -> qdrant.Bm25:
    tokenizer = qdrant.TokenizerType.Multilingual if language in WITHOUT_SPACES else qdrant.TokenizerType.Word
    return qdrant.Bm25(
        qdrant.Bm25Config(
            k=SATURATION, b=LENGTH_SHARE, avg_len=AVERAGE_WORDS, language=language, tokenizer=tokenizer, lowercase=True
        )
    )


def _readable(text: str) -> str:
    # Halves of surrogate pairs are no characters; the library would raise. Composed and decomposed letters are alike.
    # The dotted capital İ would become two characters in lower case.
    return normalize("NFKC", text.encode("utf-8", "replace").decode()).replace("İ", "I")
