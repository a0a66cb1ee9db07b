"""Decides whether a full stop ends a sentence, or belongs to an abbreviation, an ordinal, a date or a list's number."""

import re

from rag_service.domain.answering.language import abbreviations as words

SEEN_CHARACTERS = 48
"""Characters in front of and behind a full stop that decide."""
MAX_ORDINAL_DIGITS = 3
MAX_DAY = 31
MAX_DOTTED_CHARACTERS = 6
"""Characters of an abbreviation such as `f.eks.`; longer ones are addresses and file names."""
MAX_VOWELLESS_CHARACTERS = 4
"""Characters of an abbreviation that no list here has, such as `mfg.`"""
MAX_LIST_NUMBER = 20
"""A sentence that begins with a larger number is an answer, such as "How many? 40. The rest …", not an item."""

_LAST = re.compile(r"(?:^|[\s(\[{\"'“”„«»/,;:–—=-])((?:[^\W\d_]{1,3}\.)*[^\W\d_]+|\d+)\.$")
_DOTTED = re.compile(r"(?:^|[^\w.])((?:[^\W\d_]\. ?)+[^\W\d_]\.)$")
_SPOKEN_DOTTED = re.compile(
    r"(?i)^(?:e\.g|i\.e|z\.b|d\.h|u\.a|i\.d\.r|s\.o|s\.u|o\.ä|u\.ä|v\.a|m\.e|i\.v\.m|i\.s\.d|p\.ex|p\.ej|p\.es"
    r"|c\.-?à\.-?d"
    r"|o\.a|d\.w\.z|m\.b\.t|i\.p\.v|t\.a\.v|t\.ex|f\.eks|bl\.a|m\.in|t\.j|m\.j|т\.е|т\.к)\.$"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CLOCK = re.compile(r"(?i)^[ap]\.m\.$")
_ZONE = re.compile(r"[A-Z]{2,5}\b(?![a-z])|(?:\w+[ -]){1,4}time\b|(?:Eastern|Pacific|Central|Mountain)\b|\(")
_ROMAN = re.compile(r"[IVX]{1,6}")
_NUMBERED = re.compile(r"[(\[#§€$£]{0,2}\s?(?:(?:Art|Abs|Ziff|Nr|Kap|Anl|Satz)\b|[A-Z]{0,4}[-./]?\d|[IVXLC]+\b)")
_DATE_GOES_ON = re.compile(r"(?:0?\d|1[0-2])\.\s*(?:\d{2,4}\b|[^\W\d_A-ZÄÖÜ]|[,;)]|$)")
_YEAR = re.compile(r"\d{2}(?:\d{2})?\b")
_DAY_IN_FRONT = re.compile(r"(?:^|\D)\d{1,2}\.\s*$")
_AFTER_A_MONTH = re.compile(r"\s*(?:\d{2,4}\b|[.,;:)–-]|$)")
_BEFORE = re.compile(r"([^\W\d_]+|[,;:(§–/])\s*$")
_FORMAL_IMPERATIVE = re.compile(r"[A-ZÄÖÜ]\w+en Sie\b")
_VOWEL = re.compile(r"(?i)[aeiouyáàâãäåæéèêëěęíìîïıóòôõöøőœúùûüůűýаеёиоуыэюя]")


def ends_sentence(text: str, sentence: int, stop: int, following: int, *, marks: str = ".") -> bool:
    """Return whether the full stop `text[stop]` ends the sentence that begins at `sentence`.

    `following`: where the text goes on behind the spaces. `marks`: the stop with the quotes or brackets behind it.
    """
    before = text[max(sentence, stop - SEEN_CHARACTERS) : stop + 1]
    behind = text[following : following + SEEN_CHARACTERS]
    if len(marks) == 1 and (found := _LAST.search(before)):
        last, in_front = found[1], before[: found.start(1)]
        if last.isdigit():
            alone = not text[sentence:stop].strip(" \t\r\n\"'“„«(").strip("0123456789")
            return _number_ends(last, in_front, behind, alone=alone and stop - sentence < SEEN_CHARACTERS)
        if (decided := _abbreviation_ends(last, before, in_front, behind)) is not None:
            return decided
    if behind[:1].islower():
        return bool(re.search(r"\w{3,}\.$", before)) and len(marks) == 1
    return True


def reads_as_ordinal(number: str, behind: str) -> bool:
    """Return whether a number with a full stop is an ordinal in front of this text: `31. März`, `3. Stock`."""
    found = _WORD.match(behind)
    if not found or len(number) > MAX_ORDINAL_DIGITS:
        return bool(_DATE_GOES_ON.match(behind)) and len(number) < MAX_ORDINAL_DIGITS and int(number) <= MAX_DAY
    word = found[0].casefold()
    if word in words.MONTHS:
        certain = word not in words.MONTHS_AND_WORDS or _AFTER_A_MONTH.match(behind, found.end())
        return bool(certain) and int(number) <= MAX_DAY
    return found[0][0].isupper() and (
        word in words.COUNTED_NOUNS or any(len(noun) > 2 and word.endswith(noun) for noun in words.COUNTED_NOUNS)
    )


def _number_ends(number: str, in_front: str, behind: str, *, alone: bool) -> bool:
    if alone and int(number[:9]) <= MAX_LIST_NUMBER:
        return False
    if reads_as_ordinal(number, behind):
        return False
    if behind[:1].islower():
        # A year is seldom an ordinal, but "2031. január".
        found = _WORD.match(behind)
        return len(number) > MAX_ORDINAL_DIGITS and not (found and found[0] in words.MONTHS)
    # "31. 12. 2031": the month's number is followed by a year.
    if _DAY_IN_FRONT.search(in_front) and _YEAR.match(behind):
        return False
    before = _BEFORE.search(in_front)
    if before and before[1] == ":" and number == "1":
        return False
    if len(number) > MAX_ORDINAL_DIGITS or not before or not behind[:1].isupper() or _opens(behind):
        return True
    word = before[1].casefold()
    if word in ("und", "oder", "bis") and re.search(r"\d\.\s+\w+\s*$", in_front):
        return False
    # "I am 31. Peter …"
    return word not in words.BEFORE_ORDINALS or bool(re.search(r"\bI am\s*$", in_front))


def _abbreviation_ends(last: str, before: str, in_front: str, behind: str) -> bool | None:
    """Return whether a sentence ends behind this abbreviation; None if it is no abbreviation."""
    word = last.casefold()
    opens, numbered = _opens(behind), bool(_NUMBERED.match(behind))
    if dotted := _DOTTED.search(before):
        return _dotted_ends(re.sub(r"\s", "", dotted[1]), behind, opens=opens)
    if len(last) == 1:
        return _letter_ends(last, in_front, behind, opens=opens, numbered=numbered)
    if "." in last and len(last) <= MAX_DOTTED_CHARACTERS:
        return _dotted_ends(word + ".", behind, opens=opens)
    if _ROMAN.fullmatch(last) and reads_as_ordinal("1", behind):
        return False
    if numbered and word.endswith(("str", "strasse")):
        return False
    if word in words.OFTEN_LAST:
        return behind[:1].isupper()
    if word in words.UNITS and re.search(r"\d\s*$", in_front):
        return not behind[:1].islower()
    if numbered and (word in words.NEVER_LAST or word in words.SELDOM_LAST):
        # "I wrote no. 7 people left" is rarer than "see no. 7".
        return False
    if word in words.SELDOM_LAST and last[0].isupper() and re.search(r"\d\s*$", in_front):
        # "40 Min. Pause"
        return opens
    if word in words.ALSO_WORDS and not _is_title(last, word, behind):
        return False if behind[:1].islower() and word in words.NEVER_LAST | words.SELDOM_LAST else None
    if word in words.NEVER_LAST:
        return opens and word not in words.GOVERNING
    if word in words.SELDOM_LAST:
        return opens
    if (
        len(last) <= MAX_VOWELLESS_CHARACTERS
        and not _VOWEL.search(last)
        and last[1:].islower()
        and not re.search(r"\d\s*$", in_front)
    ):
        return opens
    return None


def _dotted_ends(dotted: str, behind: str, *, opens: bool) -> bool:
    if _SPOKEN_DOTTED.match(dotted) or not behind[:1].isupper():
        return False
    if _CLOCK.match(dotted):
        first = _WORD.match(behind)
        return opens or not ((first and first[0].casefold() in words.WEEKDAYS) or _ZONE.match(behind))
    # "… in the U.S. The company …": only a word that begins sentences distinguishes the two cases.
    return opens


def _letter_ends(letter: str, in_front: str, behind: str, *, opens: bool, numbered: bool) -> bool:
    if numbered or not behind[:1].isupper():
        return False
    # Polish and Russian put the year's letter behind it: "do końca 2031 r. Opłata …".
    if letter in "rг" and re.search(r"\d{4}\s*$", in_front):
        return True
    if re.search(r"\d\s*$", in_front):
        return True
    return opens


def _is_title(written: str, word: str, behind: str) -> bool:
    """Return whether a word such as `St` or `Fr` is written as a title of the name behind it."""
    return word in ("st", "mt", "fr", "rev", "gen", "vs") and written[0].isupper() and behind[:1].isupper()


def _opens(behind: str) -> bool:
    found = _WORD.match(behind)
    if not found or not found[0][0].isupper() or not (found[0][1:].islower() or len(found[0]) == 1):
        return False
    return found[0].casefold() in words.OPENERS or _FORMAL_IMPERATIVE.match(behind) is not None
