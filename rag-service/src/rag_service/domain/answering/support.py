"""Verifies in code whether the cited passages support a sentence that a model wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.language.text_features import (
    addresses,
    content,
    names,
    negates,
    numbers,
    plain,
    stems,
    tokens,
    without_negations,
)

Verdict = Literal["supported", "marked", "dropped"]

WINDOW = 3
"""Sentences of the source that may support one sentence; words spread over a whole page support nothing."""
SUPPORTED, MARKED = 0.6, 0.4
"""Shares of the sentence's content words that the source must hold."""
FEW_WORDS, SUPPORTED_OF_FEW = 4, 0.75
"""With so few words, one missing word changes the meaning: "the VPN of guests is open"."""
NEAR = 0.62
"""A cosine from which paraphrases are accepted: fewer words need to match."""
NEAR_HELPS = 0.15
SAME_STATEMENT = 0.6
FAMILY_LETTERS = 5
"""Words that begin with so many letters alike are one family: `configure` and `configuration`."""

_GERMAN = "der die das und ist nicht ein eine sie mit für auf den dem des wird"
_NOUNS_ARE_CAPITAL = frozenset(_GERMAN.split())


@dataclass(frozen=True)
class Support:
    """The result of a check, and its reason."""

    verdict: Verdict
    share: float
    """Of its content words, 0 to 1."""
    why: str = ""


def check(claim: str, sources: Sequence[str], cosine: float | None = None) -> Support:
    """Check a sentence against the texts it cites; `cosine`: with their nearest sentence, if there is an encoder.

    Numbers, web addresses and names must be in the source unchanged, and a negation must be the source's own. Otherwise
    the share of shared words decides; `marked` means that a part is supported.
    """
    claim = plain(claim)
    source = plain("\n\n".join(sources))
    words = content(without_negations(claim))
    if not words or not source.strip():
        return Support("dropped", 0.0, "nothing to check" if source.strip() else "no source")
    if addresses(claim) - addresses(source):
        return Support("dropped", 0.0, "address")
    near = _nearest(words, source)
    there = frozenset().union(*(stems(sentence) for sentence in near)) if near else frozenset()
    share = sum(_held(word, there) for word in words) / len(words)
    if numbers(claim) - numbers(source):
        return Support("dropped", share, "number")
    everywhere = stems(source)
    if _has_names(claim) and any(not _held(name, everywhere) for name in names(claim)):
        return Support("dropped", share, "name")
    if near and negates(claim) != any(negates(sentence) for sentence in near[:1]):
        flipped = _share_of(words, near[0]) >= SAME_STATEMENT
        return Support("dropped" if flipped else "marked", share, "negation")
    if numbers(claim) - frozenset().union(*(numbers(sentence) for sentence in near)):
        return Support("marked", share, "number")
    helped = NEAR_HELPS if cosine is not None and cosine >= NEAR else 0.0
    if share + helped >= (SUPPORTED if len(words) > FEW_WORDS else SUPPORTED_OF_FEW):
        return Support("supported", share)
    return Support("marked" if share + helped >= MARKED else "dropped", share, "words")


def _nearest(words: Sequence[str], source: str) -> list[str]:
    """Return the source's sentences that hold the most of the words which those before don't."""
    left = [(each.text, stems(each.text)) for each in split(source)]
    wanted = set(words)
    chosen: list[str] = []
    while left and wanted and len(chosen) < WINDOW:
        best = max(left, key=lambda each: sum(_held(word, each[1]) for word in wanted))
        found = {word for word in wanted if _held(word, best[1])}
        if not found:
            break
        chosen.append(best[0])
        wanted -= found
        left.remove(best)
    return chosen


def _share_of(words: Sequence[str], sentence: str) -> float:
    held = stems(sentence)
    return sum(_held(word, held) for word in words) / len(words)


def _held(word: str, held: frozenset[str]) -> bool:
    if word in held:
        return True
    if len(word) < FAMILY_LETTERS or not word.isalpha():
        return False
    return any(other.startswith(word[:FAMILY_LETTERS]) for other in held)


def _has_names(claim: str) -> bool:
    # German capitalizes every noun, so capitals carry no information there.
    return len(_NOUNS_ARE_CAPITAL.intersection(tokens(claim))) < 2
