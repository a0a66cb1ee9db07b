"""Detects a text's language, for stemming and stop words.

The script decides, else the most common stop words. A wrong guess costs little if question and passage are guessed
alike. No guess is better than a bad one, so a text must contain some stop words, and more of one language.
"""

import re

ENGLISH = "english"

STOP_WORDS = {
    ENGLISH: "the of and to in is for that it with on this be are how what can you do does my not from i when why",
    "german": "der die das und ist nicht ein eine zu den mit von für auf ich wie wird im dem was kann sich auch des",
    "french": "le la les des de et est une un du pour que qui dans en sur ne pas je vous avec au ce comment quel mon",
    "spanish": "el la los las de y es un una que en por para con no se del al como qué cómo su mi puedo cuál está",
    "italian": "il lo la gli di è un una che per con non si del della come sono mi al dei nel cosa quale posso questo",
    "portuguese": "os de e é um uma que em por para com não se da como na meu minha qual posso dos das são ao está",
    "dutch": "de het een en van is niet dat op te in met voor zijn ik hoe wat kan ook aan er bij naar wordt mijn",
    "swedish": "och att det som en på är av för med den till inte om ett jag hur kan vad har från vi ska min när",
}
BY_WORD: dict[str, list[str]] = {}
for _language, _words in STOP_WORDS.items():
    for _word in _words.split():
        BY_WORD.setdefault(_word, []).append(_language)

SCRIPTS = (
    ("japanese", re.compile(r"[\u3040-\u30ff]")),
    ("chinese", re.compile(r"[\u3400-\u9fff]")),
    ("russian", re.compile(r"[\u0400-\u04ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("greek", re.compile(r"[\u0370-\u03ff]")),
)
LETTERS = re.compile(r"[^\W\d_]+")
READ_CHARACTERS = 600
SCRIPT_SHARE = 0.3
"""The share of a text's letters that must be of a script; product names are in Latin letters everywhere."""
MIN_LITTLE_WORDS = 2


def language_of(text: str) -> str | None:
    """Return the language's English name in lower case, or None if it is unclear."""
    text = text[:READ_CHARACTERS]
    words = LETTERS.findall(text.lower())
    letters = sum(map(len, words))
    for language, script in SCRIPTS:
        if letters and len(script.findall(text)) >= SCRIPT_SHARE * letters:
            return language
    seen: dict[str, int] = {}
    for word in words:
        for language in BY_WORD.get(word, ()):
            seen[language] = seen.get(language, 0) + 1
    first, second = sorted((*seen.values(), 0, 0), reverse=True)[:2]
    if first < MIN_LITTLE_WORDS or first == second:
        return None
    return max(seen, key=seen.__getitem__)
