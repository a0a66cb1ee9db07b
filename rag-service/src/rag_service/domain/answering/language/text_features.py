"""Text features: content words without their endings, numbers, names, addresses and negations."""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ELISION = re.compile(
    r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|dell|all|nell|sull|dall|quell|un)['’](?=[^\W\d_]{2})", re.IGNORECASE
)
"""A French or Italian word that has lost its vowel before the next one: l'année is année."""
_URL = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>\"'`)\]}]+|\bmailto:[^\s<>\"')\]]+")
_NUMBER = re.compile(r"(?<![\w])\d+(?:[.,:]\d+)*(?![\w])|\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"(?i)\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unable|nicht|kein\w*|nie|niemals|ohne|pas"
    r"|jamais|sans|nunca|sin|ninguna?)\b|n['’]t\b|不|没|未"
)
_FIRST_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_FIRST_NUMBERS.split())}

_COMMON = """\
a an the of in on at to for from by with and or is are was were be been being am do does did done has have had
having what who whom whose when where why how which that this these those it its as into about there here their
them they he she his her him you your yours i me my mine we us our ours will would can could should shall may might
must not no nor so if than then also just very too only own same such some any each more most other s t don doesn
didn isn aren wasn weren won can't don't doesn't didn't isn't what's who's where's how's it's i'm i've let please
want need know tell get got give like thing something anything someone anyone
der die das den dem des ein eine einen einem einer eines und oder ist sind war waren sein bin hat haben hatte ich
du er sie es wir ihr mein meine dein ihre unser mit von zu zum zur im in am an auf aus bei für nach nicht kein wie
was wer wo wann warum welche welcher welches kann können soll muss wird werden auch nur noch schon bitte
le la les un une des du de et ou est sont je tu il elle nous vous mon ma mes que qui quoi où quand comment
pourquoi dans sur avec pour pas ne ce cette
el los las una unos y o es son yo tú él ella nosotros mi mis quién qué dónde cuándo cómo por para con en
"""
COMMON = frozenset(_COMMON.split())
"""Stop words: English, German, French, Spanish."""

_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ers", "er", "est", "ed", "es", "ly", "s")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a word (lower-case) without its ending, so that `resetting` and `resets` are one; light, and for English.

    Other languages' words lose little by it, for only long words lose anything.
    """
    word = re.sub(r"['’](?:s|re|ve|ll|d|m)?$|['’]", "", word)
    if word.endswith(("ies", "ied")) and len(word) > 5:
        return word[:-3] + "y"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lse":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def plain(text: str) -> str:
    """Return a text as a reader sees it: compatible characters made alike, invisible ones taken out."""
    return "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")


def tokens(text: str) -> list[str]:
    """Return the words of a text, lower-case."""
    return WORD.findall(_ELISION.sub(" ", text.replace("İ", "I").casefold()))


_PER = re.compile(
    r"(?i)\bpro[ \u00a0](?=(?:stunde|tag|nacht|woche|monat|quartal|jahr|person|kopf|stück|kind|mitarbeiter\w*)\b)"
)
"""A preposition before what is measured; elsewhere it may be a name, as of the plan Pro."""


def content(text: str) -> list[str]:
    """Return the distinct stems of the content words in their order; number words as digits."""
    found = (_NUMBER_WORDS.get(word, word) for word in tokens(_PER.sub(" ", text)) if word not in COMMON)
    return list(dict.fromkeys(stem(word) for word in found))


def stems(text: str) -> frozenset[str]:
    """Return the stems of all words of a text."""
    return frozenset(stem(_NUMBER_WORDS.get(word, word)) for word in tokens(text))


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text, those up to twelve also where they are written as words."""
    digits = {_normal(found) for found in _NUMBER.findall(text)}
    return frozenset(digits | {_NUMBER_WORDS[word] for word in tokens(text) if word in _NUMBER_WORDS})


def addresses(text: str) -> frozenset[str]:
    """Return the web addresses of a text, without the full stop behind them."""
    return frozenset(found.rstrip(".,;:!?*_") for found in _URL.findall(text))


def without_addresses(text: str) -> str:
    """Return a text with its web addresses taken out."""
    return _URL.sub(" ", text)


def negates(text: str) -> bool:
    """Return whether a text has a negation."""
    return _NEGATION.search(text) is not None


def without_negations(text: str) -> str:
    """Return a text without negations, which are compared separately."""
    return _NEGATION.sub(" ", text)


def names(text: str) -> frozenset[str]:
    """Return the words that are written like names (capitals inside a sentence, or with digits inside), lower-case."""
    found = set()
    for index, word in enumerate(WORD.findall(without_addresses(text))):
        if len(word) < 2:
            continue
        mixed = any(each.isupper() for each in word[1:]) or (
            any(each.isdigit() for each in word) and any(each.isalpha() for each in word)
        )
        if mixed or (index > 0 and word[0].isupper() and word.casefold() not in COMMON):
            found.add(stem(word.casefold()))
    return frozenset(found)


def _normal(number: str) -> str:
    # Normalizes notation: 1,000 is 1000 and 2.50 is 2.5.
    number = re.sub(r",(?=\d{3}(?:\D|$))", "", number).replace(",", ".")
    if number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    return number.lstrip("0") or "0"
