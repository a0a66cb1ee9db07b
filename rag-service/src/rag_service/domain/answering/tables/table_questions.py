"""Tells what a question asks of a whole table: the row with the highest price, how many rows, or the rows with a mark.

English, German, French and Spanish; superlatives in Italian and Dutch, too. Sums and averages are recognised, so that
no single row is quoted for them.
"""

import re
from dataclasses import dataclass
from typing import Literal

from rag_service.domain.answering.language.text_features import plain, tokens
from rag_service.domain.answering.language.word_match import asked_words

Asked = Literal["extreme", "count", "list", "total"]
Dimension = Literal["money", "size", "weight", "length", "named"]
MAX_QUESTION_CHARACTERS = 300
"""A longer text tells a story, in which "most" and "largest" mean other things."""


@dataclass(frozen=True)
class TableQuestion:
    """The rows or the comparison that a question asks of a table."""

    asked: Asked
    subject: tuple[str, ...]
    """The words that say which rows and which column, as `word_match.asked_words` gives them."""
    dimension: Dimension = "named"
    """The kind of value that is compared; `named`: the column that the subject names."""
    highest: bool = True
    negated: bool = False
    """Whether the rows without the mark are asked for."""
    none_left: bool = False
    """Whether the rows are asked for of which nothing is left in stock."""


_ARTICLE = r"(?:le |la |les |el |los |las |il |lo |i |gli )?"
_EXTREMES: tuple[tuple[Dimension, bool, str], ...] = (
    (
        "money",
        False,
        r"cheapest|least (?:expensive|costly)|lowest (?:price|cost|fee|rate)|lowest[- ]priced|billigste\w*"
        rf"|günstigste\w*|preiswerteste\w*|{_ARTICLE}moins ch(?:er|ère)s?|{_ARTICLE}más (?:barat|económic)[oa]s?"
        rf"|goedkoopste|voordeligste|{_ARTICLE}(?:meno car[oaei]|più economic(?:[oa]|he|i))",
    ),
    (
        "money",
        True,
        r"most (?:expensive|costly)|dearest|priciest|costliest|highest (?:price|cost|fee|rate)|teuerste\w*"
        rf"|{_ARTICLE}plus ch(?:er|ère)s?|{_ARTICLE}más car[oa]s?|duurste|{_ARTICLE}più car[oaei]",
    ),
    (
        "size",
        True,
        rf"largest|biggest|roomiest|größte\w*|groesste\w*|{_ARTICLE}plus grande?s?|{_ARTICLE}más grandes?"
        rf"|grootste|{_ARTICLE}più grand[ei]",
    ),
    (
        "size",
        False,
        rf"smallest|tiniest|kleinste\w*|{_ARTICLE}plus petite?s?|{_ARTICLE}más pequeñ[oa]s?|{_ARTICLE}più piccol[oaei]",
    ),
    (
        "weight",
        True,
        rf"heaviest|schwerste\w*|{_ARTICLE}plus lourde?s?|{_ARTICLE}más pesad[oa]s?|zwaarste|{_ARTICLE}più pesant[ei]",
    ),
    (
        "weight",
        False,
        rf"lightest|leichteste\w*|{_ARTICLE}plus (?:léger|légère)s?|{_ARTICLE}más liger[oa]s?|lichtste"
        rf"|{_ARTICLE}più legger[oaei]",
    ),
    (
        "length",
        True,
        rf"longest|widest|tallest|längste\w*|breiteste\w*|{_ARTICLE}plus longue?s?|{_ARTICLE}más larg[oa]s?"
        rf"|langste|{_ARTICLE}più lung(?:[oa]|hi|he)",
    ),
    (
        "length",
        False,
        rf"shortest|narrowest|kürzeste\w*|schmalste\w*|{_ARTICLE}plus courte?s?|{_ARTICLE}más cort[oa]s?"
        rf"|kortste|{_ARTICLE}più cort[oaei]",
    ),
    (
        "named",
        True,
        r"highest|(?<!at )(?<!at the )most|greatest|(?<!au )maximum|höchste(?!ns)\w*|meisten|hoogste"
        rf"|{_ARTICLE}plus (?:élevée?s?|hauts?|hautes?|de)|{_ARTICLE}más alt[oa]s?|mayor|{_ARTICLE}più alt[oaei]",
    ),
    (
        "named",
        False,
        r"lowest|(?<!at )least|fewest|(?<!au )minimum|niedrigste\w*|wenigsten|geringste\w*|laagste"
        rf"|{_ARTICLE}plus (?:bas|basses?)|{_ARTICLE}moins (?:élevée?s?|de)|{_ARTICLE}más baj[oa]s?|menor"
        rf"|{_ARTICLE}più bass[oaei]",
    ),
)
_COMPILED = tuple((dimension, highest, re.compile(rf"(?i)\b(?:{words})\b")) for dimension, highest, words in _EXTREMES)
_TOTAL = re.compile(
    r"(?i)\b(?:average|mean price|on average|sum of|in total|total (?:price|cost|stock|weight|value)|altogether"
    r"|durchschnitt\w*|im schnitt|insgesamt|gesamt\w*|zusammen|summe|moyenne?|en moyenne|au total|somme"
    r"|promedio|media|en total|suma)\b"
)
_COUNT = re.compile(
    r"(?i)^\W*(?:(?:and|und|et|y)\W+)?(?:how many(?: different)?|wie ?viele|combien (?:de |d['’])|cuánt[oa]s)\s+(\S.*)$"
)
_SHARE = re.compile(
    r"(?i)\b(?:(?:do|does|can|may|must|should|will|would) (?:i|we|you|one|they|he|she|\w+)"
    r" (?:get|take|need|receive|carry|book)|(?:bekomm|krieg|brauch|erhalt)\w* (?:ich|wir|man|du|sie)"
    r"|(?:avons|ai|a)[- ](?:nous|je|t-on)|recevons|recibimos)\b"
)
"""A question for what each person gets: "how many days off do we get" counts no rows of days."""
_LIST = re.compile(
    r"(?i)^\W*(?:which|what|welche|quel(?:le)?s|qué|cuáles)\s+(?:\S+\s+){1,3}?(?:have|has|had|are|is|come|comes|do|does"
    r"|offer|offers|include|includes|haben|hat|sind|ist|ont|a|sont|est|tienen?|están?|son|hay)\b"
)
_NONE_LEFT = re.compile(
    r"(?i)\b(?:out of stock|sold out|not (?:in stock|available)|no longer (?:in stock|available)|unavailable"
    r"|ausverkauft|vergriffen|nicht (?:auf lager|vorrätig|verfügbar|lieferbar)|épuisée?s?|en rupture(?: de stock)?"
    r"|agotad[oa]s?|sin existencias)\b"
)
_NEGATED = re.compile(r"(?i)\b(?:no|not|without|don['’]t|doesn['’]t|kein\w*|nicht|ohne|pas|sans|sin)\b")
_SAYS_LITTLE = frozenset(
    asked_words(
        """\
one ones total list listed table row rows entry entries different various sell offer offered offering currently have
there exist exists our company product products article articles item items thing things option options model models
do we all overall together kind kinds type types price priced come comes available
gibt artikel produkt produkte eintrag einträge zeile zeilen liste haben verkaufen angebot insgesamt
articles produit produits ligne lignes liste avons vendons artículo artículos producto productos filas lista tenemos"""
    )
)


def table_question(question: str) -> TableQuestion | None:
    """Return what a question asks of a whole table; None if it asks nothing of the kind."""
    text = " ".join(plain(question).split())
    if len(text) > MAX_QUESTION_CHARACTERS:
        return None
    if _TOTAL.search(text) and not _COUNT.match(text):
        return TableQuestion("total", _subject(text))
    if _NONE_LEFT.search(text) and _LIST.match(text):
        return TableQuestion("list", _subject(_NONE_LEFT.sub(" ", text)), none_left=True)
    found = [(dimension, highest, match) for dimension, highest, each in _COMPILED if (match := each.search(text))]
    if found:
        dimension, highest, match = min(found, key=lambda each: (each[2].start(), -len(each[2][0])))
        # Two of them, as in "the cheapest of the largest", are two questions in one.
        if any(other.start() > match.end() for _, _, other in found):
            return TableQuestion("total", _subject(text))
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        return TableQuestion("extreme", _subject(rest), dimension, highest)
    if (counted := _COUNT.match(text)) and not _SHARE.search(text):
        return TableQuestion(
            "count", _subject(_NEGATED.sub(" ", counted[1])), negated=_NEGATED.search(text) is not None
        )
    if _LIST.match(text):
        return TableQuestion("list", _subject(_NEGATED.sub(" ", text)), negated=_NEGATED.search(text) is not None)
    return None


def says_little(word: str) -> bool:
    """Return whether a word of a question says neither which rows are meant nor which column."""
    return word in _SAYS_LITTLE


def _subject(text: str) -> tuple[str, ...]:
    return asked_words(text)


def names_extreme(text: str) -> bool:
    """Return whether a text says itself that something is the largest, cheapest or the like."""
    return bool(tokens(text)) and any(each.search(text) for _, _, each in _COMPILED)
