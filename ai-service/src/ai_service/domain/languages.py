"""Detects the language of a text by its function words."""

from collections.abc import Sequence

from ai_service.domain.generated import stop_words

ENGLISH = "en"
MAX_WORDS_READ = 200

STOP_WORDS = {language: frozenset(text.split()) for language, text in stop_words.STOP_WORDS.items()}

FOREIGN_STOP_WORDS = frozenset().union(*(words for language, words in STOP_WORDS.items() if language != ENGLISH))
"""Function words of all languages but English."""


def language_of(words: Sequence[str]) -> str | None:
    """Return the language with the most function words among `words` (folded); None where there is none.

    A word that several languages have counts less. Ties go to English.
    """
    counts = dict.fromkeys(STOP_WORDS, 0.0)
    for word in words[:MAX_WORDS_READ]:
        for language in _LANGUAGES_OF.get(word, ()):
            counts[language] += 1 / len(_LANGUAGES_OF[word])
    best = max(counts, key=lambda language: (counts[language], language == ENGLISH))
    return best if counts[best] > 0 else None


def _by_word() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language, words in STOP_WORDS.items():
        for word in words:
            found.setdefault(word, []).append(language)
    return found


_LANGUAGES_OF = _by_word()
