"""Texts as weighted terms, for the lexical half of a search (BM25).

A passage stores each term's saturated frequency; the vector store multiplies it by the term's IDF when it searches.
Terms are stemmed by the rules of the text's language.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import qdrant_edge as qdrant

from rag_service.domain.languages import ENGLISH, language_of

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
WITHOUT_SPACES = ("chinese", "japanese")


@dataclass(frozen=True)
class TermWeights:
    """Terms by number, with their weights."""

    words: list[int]
    values: list[float]

    def __iter__(self) -> Iterator[tuple[int, float]]:
        return zip(self.words, self.values, strict=True)


def passage_terms(text: str) -> TermWeights:
    """Return a passage's terms and their weights.

    A short question often does not show its language and is read as English. So that it finds passages in other
    languages, their terms are also stored with English stemming.
    """
    text = _with_lead(_readable(text))
    counted: dict[int, float] = {}
    for language in {language_of(text) or ENGLISH, ENGLISH}:
        found = _model(language).embed_document(text)
        for word, value in zip(found.indices, found.values, strict=True):
            counted[word] = max(value, counted.get(word, 0.0))
    return TermWeights(list(counted), list(counted.values()))


def query_terms(text: str) -> list[int]:
    """Return a question's distinct terms."""
    text = " ".join(_readable(text).split()[:MAX_QUERY_WORDS])
    return list(_model(language_of(text) or ENGLISH).embed_query(text).indices)[:MAX_QUERY_WORDS]


def _with_lead(text: str) -> str:
    lead, _, _ = text.partition("\n")
    if len(lead) > LEAD_CHARACTERS:
        lead = lead[:LEAD_CHARACTERS].rsplit(" ", 1)[0]
    # If the lead is most of the text, nothing is repeated: all terms would only count more than other passages'.
    if len(text) - len(lead) < len(lead):
        return text
    return "\n".join([lead] * (LEAD_COUNTS - 1) + [text])


@lru_cache
def _model(language: str) -> qdrant.Bm25:
    tokenizer = qdrant.TokenizerType.Multilingual if language in WITHOUT_SPACES else qdrant.TokenizerType.Word
    return qdrant.Bm25(
        qdrant.Bm25Config(
            k=SATURATION, b=LENGTH_SHARE, avg_len=AVERAGE_WORDS, language=language, tokenizer=tokenizer, lowercase=True
        )
    )


def _readable(text: str) -> str:
    # Halves of surrogate pairs are no characters; the library would raise.
    return text.encode("utf-8", "replace").decode()
