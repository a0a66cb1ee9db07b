"""Guesses the encoding of text that is not Unicode, by what its letters and words would be in each."""

import re
from collections.abc import Callable, Iterator

from rag_service.adapters.parsing.encoding_words import ALPHABETS, COMMON_LETTERS, LITTLE_WORDS

SAMPLE_BYTES = 1 << 14
MAX_LATIN_SHARE = 0.35
"""A text in a Latin alphabet has a smaller share of high bytes among its letters."""
MIN_EAST_ASIAN_SCORE = 0.6
_ESCAPED = re.compile(rb"\x1b\$[@B]|\x1b\(J")
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTERS = re.compile(rb"[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")
_BAD = re.compile("[\x80-\x9f\u2400-\u25ff\ue000-\uf8ff\ufffd\u02d8-\u02dd]")
# Signs of print, which stand between words, and quotation marks.
_SIGN_INSIDE = re.compile(r"(?<=[^\W\d_])[^\w\s'’ʼ\-–.,:;/()&@+*\"!?#|\\<>=\[\]{}%$~^`]|[¹²³¼½¾ªº](?=[^\W\d_])")
_SIGNS = frozenset("–—“”‘’„‚«»£€§°©®™…•¿¡·¢¥№±×")
# Letters that are a word of their own hardly anywhere, or stand beside a figure.
_ALONE = re.compile(
    r"(?<![^\W_])(?![àáéèêóòôíìåäöæ])[\xaa\xba\xdf-\xf6\xf8-\u024f\xc0-\xd6\xd8-\xde](?![^\W_])"
    r"|\d[\xc0-\u024f]|[\xc0-\u024f]\d"
)
_ODD_CASE = re.compile(r"[a-zß-öø-ÿа-яёα-ω][A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω]")
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "mac_roman", "cp850", "cp852", "mac_latin2", "cp437")
_OTHERS = (
    "cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic", "cp1253", "iso8859_7", "cp1255", "iso8859_8",
    "cp1256", "cp874",
)  # fmt: skip
_HANGUL, _KANA, _HAN = ("\uac00", "\ud7a3"), ("\u3040", "\u30ff"), ("\u3400", "\u9fff")


def guessed(data: bytes) -> str:
    """Return the most likely encoding of a text that is not UTF-8; `cp1252` where nothing speaks for another."""
    sample = _sample(data)
    if _ESCAPED.search(sample):
        return "iso2022_jp_ext"
    high, letters = len(_HIGH.findall(sample)), len(_LETTERS.findall(sample))
    if not high:
        return "cp1252"
    scores = {name: _score(sample, name) for name in _LATIN}
    if high > MAX_LATIN_SHARE * (high + letters):
        scores |= {name: _score(sample, name) for name in _OTHERS}
        for name, rate in _EAST_ASIAN.items():
            text = _decoded(sample, name)
            if text is not None and (score := rate(text)) > MIN_EAST_ASIAN_SCORE:
                # Hardly any text decodes by chance to common characters of these.
                scores[name] = 3 * score
    return max(scores, key=lambda name: scores[name])


def _sample(data: bytes) -> bytes:
    """Return the lines that hold high bytes, as far as a sample reaches: they tell the encoding."""
    if len(data) <= SAMPLE_BYTES:
        return data
    lines, size = [], 0
    for line in data[: SAMPLE_BYTES * 32].split(b"\n"):
        if _HIGH.search(line):
            lines.append(line)
            size += len(line)
            if size > SAMPLE_BYTES:
                break
    return b"\n".join(lines)[: 2 * SAMPLE_BYTES].rpartition(b"\n")[0] or data[:SAMPLE_BYTES]


def _decoded(sample: bytes, name: str) -> str | None:
    try:
        return sample.decode(name)
    except UnicodeDecodeError as error:
        # The sample may end within a character.
        if error.start >= len(sample) - 3 and len(sample) >= SAMPLE_BYTES:
            return sample[: error.start].decode(name)
        return None


def _score(sample: bytes, name: str) -> float:
    """Return how much a text looks like one of a language that is written so, from about -3 to 3."""
    text = sample.decode(name, "replace")
    special = [letter for letter in text if letter > "\x7f"]
    count = len(special)
    odd = len(_BAD.findall(text)) + len(_SIGN_INSIDE.findall(text)) + len(_ODD_CASE.findall(text))
    odd += sum(1 for word in _WORD.findall(text) if _is_mixed(word))
    words = text.lower().split()
    odd += len(_ALONE.findall(text))
    letters = [letter.lower() for letter in special if letter.isalpha()]
    signs = sum(1 for letter in special if letter in _SIGNS)
    language = max(_language_scores(letters, words)) if letters else 1.3
    return language + (len(letters) + 0.9 * signs) / count - 3 * odd / count


def _language_scores(letters: list[str], words: list[str]) -> Iterator[float]:
    """Yield for each language how many of the special letters are its own, and of the words its little ones."""
    counted = {letter: letters.count(letter) for letter in set(letters)}
    vocabulary = [word.strip(".,;:!?()\"'«»„“”") for word in words[:4_000]]
    for language, alphabet in ALPHABETS.items():
        own = sum(number for letter, number in counted.items() if letter in alphabet) / len(letters)
        little = sum(1 for word in vocabulary if word in LITTLE_WORDS[language]) / max(len(vocabulary), 1)
        common = COMMON_LETTERS.get(language)
        usual = sum(counted.get(letter, 0) for letter in common) / len(letters) if common else 0.3
        yield own + 2 * little + usual


def _is_mixed(word: str) -> bool:
    """Return whether a word has letters of two alphabets."""
    scripts = {0 if letter < "\u0250" else 1 if letter < "\u0400" else 2 if letter < "\u0530" else 3 for letter in word}
    return len(scripts) > 1


def _share(text: str, *ranges: tuple[str, str]) -> float:
    """Return the share of the characters beyond ASCII that are in some ranges, with the punctuation of East Asia."""
    special = [letter for letter in text if letter > "\x7f"]
    known = (*ranges, ("\u3000", "\u303f"), ("\uff01", "\uff5e"))
    own = sum(1 for letter in special if any(first <= letter <= last for first, last in known))
    return own / max(len(special), 1)


def _japanese(text: str) -> float:
    kana = sum(1 for letter in text if _KANA[0] <= letter <= _KANA[1])
    return _share(text, _KANA, _HAN) if kana else 0.0


def _common_han(text: str, encoding: str, last_lead: int) -> float:
    """Return the share of frequent characters: those that an encoding has in its first part."""
    han = [letter for letter in text if _HAN[0] <= letter <= _HAN[1]]
    if not han:
        return 0.0
    coded = (letter.encode(encoding, "ignore") for letter in han)
    common = sum(1 for code in coded if len(code) == 2 and code[0] <= last_lead) / len(han)
    return common * _share(text, _HAN)


def _korean(text: str) -> float:
    hangul = [letter for letter in text if _HANGUL[0] <= letter <= _HANGUL[1]]
    common = sum(1 for letter in hangul if len(letter.encode("euc_kr", "ignore")) == 2)
    return _share(text, _HANGUL) * common / max(len(hangul), 1)


_EAST_ASIAN: dict[str, Callable[[str], float]] = {
    "cp932": _japanese,
    "euc_jp": _japanese,
    "cp949": _korean,
    "big5": lambda text: _common_han(text, "big5", 0xC6),
    "gb18030": lambda text: _common_han(text, "gb2312", 0xD7),
}
