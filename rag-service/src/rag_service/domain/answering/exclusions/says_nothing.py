"""Tells units that say nothing for a question: a heading that repeats it, a bare "No." for a number, dates where an
amount is asked, and times of the clock where a duration is."""

import re

from rag_service.domain.answering.answer_kind import asked_kind, asks_money, holds, holds_money, names_price
from rag_service.domain.answering.language.text_features import content, numbers, stem
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.grids import asks_price
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import counted_words
from rag_service.domain.answering.units.keyed_line import keyed
from rag_service.domain.answering.values.cell_kinds import (
    asked_dimension,
    has_code,
    has_contact,
    has_dimension,
    has_money,
    has_unit_of_time,
)

MAX_HEADING_WORDS = 10
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_ENDS = re.compile(r"[.!?:;)\]…]\W*$")
_HOW_MANY = re.compile(
    r"(?i)\b(?:how (?:many|much)|wie ?viele?n?|combien|cu[aá]nt[oa]s?|quant[iaeo]"
    r"|hoe ?veel|kost\w*)\b"
)
_BARE = re.compile(r"(?i)^\W*(?:yes|no|ja|nein|nee|oui|non|s[ií]|never|nie|jamais|nunca)\b[.!,]")
_NO_NUMBER = re.compile(
    r"(?i)\b(?:request|unlimited|included|none|nothing|anfrage|unbegrenzt|inbegriffen|keine?|devis|illimité\w*|inclus\w*"
    r"|consultar|ilimitad\w*|incluid\w*|richiesta|aanvraag|onbeperkt|inbegrepen)\b"
)
_IN_CURRENCY = re.compile(r"(?i)\b(?:in|en) (?:[€$£]|eur|euros?|chf|usd|gbp|franken|francs?|dollars?)(?!\w)")
"""Says of other figures which currency they are in."""
_STATE = re.compile(r"(?i)\b(?:status|state|availab\w*|verfügb\w*|zustand|statut|estado|stato)\b")
_MEASURE = re.compile(r"(?i)\d[\d.,]*\s?(?:k?wh?|kg|g|[ckm]?m|m?l|min|bar|v|ah|°c|[gmt]b)(?![^\W_])")
_CALL = re.compile(
    r"(?i)\b(?:tele)?(?:phone|fon)\b|\b(?:telephone|mobile|cell(?:phone)?|fax) ?(?:number|no)|\bphone ?number"
    r"|(?:telefon|handy|mobil|ruf|fax)nummer|\bnuméro de (?:téléphone|portable)|\bnúmero de (?:teléfono|móvil)"
    r"|\bnumero di telefono"
)
_PAY = re.compile(
    r"(?i)\b(?:pay|zahle?n?|zahlt|bezahle?n?|bezahlt|paie|paye[rz]?|payons|pago|paga|pagar|pagamos|betaal|betaalt|betalen)\b"
    r"(?! attention)"
)
_SHARE = re.compile(
    r"(?i)\b(?:half|third|quarter|double|twice|waived|pays? nothing|hälfte|drittel|viertel|doppelte?n?|erlassen"
    r"|moitié|tiers|quart|double|offert\w*|mitad|doble|metà|doppio|helft|dubbele?)\b|\d\s*(?:[.,][–-]|k\b)"
)
_MONTHS = (
    r"jan\w*|f[eé][bv]\w*|mar\w*|märz|a[pbv]r\w*|may|mai|mei|jun\w*|juin|jul\w*|juil\w*|aug\w*|août|sep\w*|o[ck]t\w*|nov\w*"
    r"|de[cz]\w*|déc\w*"
)
_DATES = re.compile(
    rf"(?i)(?:\b\d{{1,2}}(?:\.|st|nd|rd|th)?\s*(?:[–-]|to|bis|au|al?|and|und|et|y)\s*)?"
    rf"\b\d{{1,2}}(?:\.|st|nd|rd|th)?\s?(?:of |de )?(?:{_MONTHS})\b\.?(?:\s(?:de )?\d{{4}})?"
    rf"|\b(?:{_MONTHS})\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?"
    r"|\b\d{1,2}[./]\d{1,2}[./](?:\d{2,4})?|\b(?:19|20)\d\d(?:[/–-]\d{2,4})?\b"
    r"|(?<![€$£])(?<![€$£] )\b\d{1,2}[:.]\d{2}\b(?!\s?(?:[€$£%]|eur|usd|chf|gbp|fr\b|kr\b))(?:\s?(?:am|pm|uhr|h))?"
    r"|\b\d{1,2}\s?(?:am|pm|uhr)\b"
)

_TO_AN_END = re.compile(
    r"(?i)\d\W{0,3}(?:uhr|h|am|pm)?\W{0,2}(?:[–-]|to|bis|à|a|tot)\W{0,2}\d"
    r"|\b(?:until|till|up to|between|always|permanent\w*|bis|zwischen|jusqu\w*|entre|hasta|fino|tra|tot|tussen)\b"
)
"""An end, or both ends, which tell how long something lasts without a unit of time."""


def says_nothing(question: str, found: FoundUnit) -> bool:
    """Return whether a unit can't be what is asked, however many words it shares with the question."""
    kind = found.unit.unit.kind
    if kind == "row":
        no_value = _wants_number(question) and _has_no_value(found.quoted)
        return no_value or _is_other_pair(question, found) or _lacks_asked_cell(question, found)
    if kind == "qa" and _is_another_price(question, found):
        return True
    if kind == "sentence" and asked_kind(question) != "decision" and _repeats(question, found.quoted):
        return True
    if kind == "sentence" and _is_title(found):
        return True
    if _asks_what_to_pay(question) and not _names_a_price(found.quoted):
        return True
    if asked_kind(question) == "amount" and asked_dimension(question) == "duration" and _has_times_alone(found.quoted):
        return True
    if asked_kind(question) != "amount" or not _HOW_MANY.search(question):
        return False
    if asks_money(question) and not counted_words(question) and not _names_a_price(found.quoted):
        return True
    rest = _DATES.sub(" ", found.quoted)
    if _BARE.match(rest):
        return not holds("amount", _BARE.sub(" ", rest))
    had_dates = rest != found.quoted
    is_money = asks_money(question) and not counted_words(question)
    return had_dates and not (holds_money(rest, row=False) if is_money else holds("amount", rest))


def has_number_beside_times(text: str) -> bool:
    """Return whether a text has a number that is no day and no time of the clock."""
    return bool(numbers(_DATES.sub(" ", text)))


def _asks_what_to_pay(question: str) -> bool:
    if asked_kind(question) != "amount" or asked_dimension(question) or counted_words(question):
        return False
    return _PAY.search(question) is not None


def _has_times_alone(text: str) -> bool:
    """Return whether a text has days or times of the clock alone, and nothing of how long something lasts."""
    return _DATES.search(text) is not None and not has_unit_of_time(text) and not _TO_AN_END.search(text)


def _is_another_price(question: str, found: FoundUnit) -> bool:
    """Return whether a stored question for a price names another thing: "How much is a locker?" for "… a bike a day?".

    That the answer has some words of the question, such as "per day and bike", is not enough. Without a shared word an
    encoder sees whether both mean the same; by words alone nothing speaks for it.
    """
    stored = found.core.shown
    if not (_asks_price(question) and _asks_price(stored)):
        return False
    asked, named, whole = subject_words(question), Words(stored), Words(found.quoted)
    if not subject_words(stored) or any(named.holds(word) for word in asked):
        return False
    held = [word for word in asked if whole.holds(word)]
    return len(held) < len(asked) and (bool(held) or found.unit.cosine is None)


def _asks_price(question: str) -> bool:
    return asked_kind(question) == "amount" and _HOW_MANY.search(question) is not None and not counted_words(question)


def _lacks_asked_cell(question: str, found: FoundUnit) -> bool:
    """Return whether a row has no cell for a price, or a number to call, where the question asks for one.

    Cells with words of the question name the thing, unless money stands there: `Unit: A02` is no price, `€ 9 a TB` is.
    """
    asked = subject_words(question)
    if asked_kind(question) == "contact" and _CALL.search(question):
        return not any("@" not in value and has_contact(name, value) for name, value in cells(found.core.shown))
    if asked_kind(question) != "amount" or not asks_price(question):
        return False
    if counted_words(question) or asked_dimension(question):
        return False
    return not any(
        _may_be_price(name, value)
        for name, value in cells(found.quoted)
        if has_money(name, value) or not any(Words(value).holds(word) for word in asked)
    )


def _may_be_price(name: str, value: str) -> bool:
    if _STATE.search(name) or has_code(value):
        return False
    return any(map(str.isdigit, f"{name} {_MEASURE.sub(' ', value)}")) or _names_a_price(value)


def _is_other_pair(question: str, found: FoundUnit) -> bool:
    """Return whether a name with its value is no amount of what is asked, such as a duration."""
    pair, dimension = keyed(found.core), asked_dimension(question)
    if pair is None or asked_kind(question) != "amount" or dimension is None:
        return False
    return not has_dimension(*pair, dimension)


def _names_a_price(text: str) -> bool:
    """Return whether a text names an amount of money, or what stands for one, such as "included" and "half"."""
    if holds_money(_IN_CURRENCY.sub(" ", text), row=False):
        return True
    return _NO_NUMBER.search(text) is not None or _SHARE.search(text) is not None


def _wants_number(question: str) -> bool:
    if asked_kind(question) == "amount":
        return _HOW_MANY.search(question) is not None
    return asked_kind(question) in ("anything", "steps") and names_price(question)


def _has_no_value(row: str) -> bool:
    """Return whether a row of a table without column names has neither a number nor what stands for none."""
    return not (": " in row or numbers(row) or holds_money(row, row=False) or _NO_NUMBER.search(row))


def _is_title(found: FoundUnit) -> bool:
    """Return whether a unit is a line with which a text begins, written as a title, with more below it."""
    line, others = found.core.shown, found.assessed.sentences[1:]
    words = _LONG_WORD.findall(line)
    capitals = sum(word[0].isupper() for word in words)
    written = line.isupper() or (capitals == len(words) and len(words) > 1)
    first = found.unit.unit.core == 0 and found.unit.unit.quoted == (0,)
    return first and bool(others) and written and found.core.kind == "prose" and not _ENDS.search(line)


def _repeats(question: str, text: str) -> bool:
    """Return whether a text without an end is a heading: it has no word that the question does not have."""
    own = content(text)
    if not own or _ENDS.search(text) or len(text.split()) > MAX_HEADING_WORDS or any(map(str.isdigit, text)):
        return False
    asked = Words(question)
    return all(asked.holds(fold(stem(word))) for word in own)
