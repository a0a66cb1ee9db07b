"""The kinds of things that a cell of a table may be: an amount, money, a time, a person, a contact, a place."""

import re

from rag_service.domain.answering.language.text_features import numbers, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words

MAX_VALUE_CHARACTERS = 200
MAX_NAME_WORDS = 4

_DIMENSIONS: dict[str, tuple[str, str]] = {
    # Per dimension: the words that ask for it, and the units or names of columns that have it.
    "weight": (
        "weigh weighs weight heavy gram grams kilo kilos kilogram kilograms pounds ounces tons"
        " schwer wiegt gewicht gramm"
        " poids pèse pese lourd pesa peso pesado pesante weegt zwaar",
        "g kg mg t lb lbs oz gram grams weight gewicht poids peso",
    ),
    "data": ("storage gigabytes megabytes terabytes speicher speicherplatz stockage almacenamiento",
             "gb mb tb kb gib mib tib gbit mbit"),
    "length": (
        "length wide width height tall deep depth breit hoch lang länge breite höhe longueur largeur"
        " hauteur largo ancho altura millimetres centimetres metres meters",
        "mm cm m km in inch inches ft length width height länge breite höhe longueur largeur"
        " hauteur größe size dimensions",
    ),
    "duration": (
        "",
        "day days week weeks month months year years hour hours minute minutes min h warranty duration notice"
        " tag tage tagen woche wochen monat monate jahr jahre stunde stunden minuten dauer garantie frist"
        " jours mois an ans semaine semaines heures durée día días mes meses año años semanas horas garantía plazo",
    ),
    "power": ("watts watt volts voltage amps", "w kw v kv a ma hp ps watt volt"),
    "temperature": ("hot cold warm temperature degrees temperatur température temperatura", "°c °f c f grad degrees"),
}  # fmt: skip
_ASKED = {name: frozenset(words.split()) for name, (words, _) in _DIMENSIONS.items()}
_UNITS = {name: frozenset(units.split()) for name, (_, units) in _DIMENSIONS.items()}
_MONEY = re.compile(
    r"(?i)[€$£¥]|\b(?:eur|euros?|usd|dollars?|gbp|chf|francs?|franken|pln|zł|sek|nok|dkk|kr|czk|huf|cents?)\b"
    r"|^\W*(?:free|gratis|kostenlos|gratuit\w*|included)\W*$"
)
_MONEY_COLUMN = Words("price cost fee charge rate amount tariff salary rent deposit eur usd preis prix precio")
_MONEY_COMPOUND = re.compile(
    r"(?i)[^\W\d_]{2,}(?:preise?|gebühr(?:en)?|miete|beitrag|beiträge|kosten|betrag|kaution|pfand|lohn|gehalt|prijs|tarief)\b"
)
"""Names of columns in one word: `Stückpreis`."""
_CONTACT_COLUMN = Words("phone extension mobile mail fax hotline telefon durchwahl téléphone poste teléfono number")
_PERSON_COLUMN = Words("owner responsible manager person user author lead employee")
_PLACE_COLUMN = Words(
    "room location place office building floor city branch site address desk ort raum salle sala lieu rack shelf aisle"
    " bin slot berth bay regal fach lagerplatz stellplatz ablage étagère estante schap standort"
    " emplacement ubicación ubicazione locatie"
)
_TIME_COLUMN = Words("date day time opens closes until from hours datum tag uhrzeit öffnet heure fecha hora valid due")
_HOW_LONG = re.compile(
    r"(?i)\bhow long\b|\bwie lange?\b|\bcombien de temps\b|\bcuánto tiempo\b|\bquanto tempo\b|\bhoe lang\b"
)
_TIME = re.compile(
    r"(?i)\b\d{1,2}[:.]\d{2}\b(?! ?(?:eur|usd|chf|gbp|€|\$|%))|\b\d{1,2} ?(?:am|pm|uhr|h)\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:19|20|21)\d\d\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:mon|tue|wed|thu|fri|sat|sun)\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober"
    r"|dezember|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|février|mars|avril|juin|juillet|août"
    r"|septembre|octobre|novembre|décembre|lunes|martes|miércoles|jueves|viernes|sábado|domingo|enero|febrero"
    r"|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b"
)
_CONTACT = re.compile(
    r"@|https?://|www\.|\+\d|(?i:\b(?:ext(?:ension)?|tel|durchwahl)\b)"
    r"|^(?!\W*[01]?\d/\d{4}\W*$)\W*\d[\d ()/-]{2,18}\W*$"
)
_CODE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[^\W\d_])[^\W_]+(?:[-_./][^\W_]+)*")
_PERSON = re.compile(r"[^\W\d_a-zß][\w'’.-]+(?:,? (?:van|von|de|der|den|la|le|di|da|[^\W\d_a-zß][\w'’.-]*)){1,3}")
_ROOM = re.compile(
    r"(?i)\b(?:floor|room|building|basement|street|raum|zimmer|etage|stock|geschoss|salle|étage|sala|planta)\b"
)
_NUMBER = re.compile(r"\d")


def asked_dimension(question: str) -> str | None:
    """Return the dimension, such as weight, that a question asks an amount of."""
    if _HOW_LONG.search(question):
        return "duration"
    words = frozenset(tokens(question))
    return next((name for name, asks in _ASKED.items() if asks & words), None)


def has_dimension(name: str, value: str, dimension: str) -> bool:
    """Return whether a cell is an amount of a dimension, by its unit or its column's name."""
    if not _NUMBER.search(value):
        return False
    units = frozenset(re.findall(r"°?[^\W\d_]+", value.casefold()))
    if dimension == "duration" and has_dimension(name, value, "length"):
        return True
    return bool(_UNITS[dimension] & (units | frozenset(tokens(name))))


def has_unit_of_time(text: str) -> bool:
    """Return whether a text has a unit of time, such as "minutes"."""
    return bool(_UNITS["duration"] & frozenset(re.findall(r"[^\W\d_]+", text.casefold())))


def names_duration(text: str) -> bool:
    """Return whether a text has a number and a unit of time."""
    return bool(numbers(text)) and not _UNITS["duration"].isdisjoint(tokens(text))


def has_money(name: str, value: str) -> bool:
    """Return whether a cell is an amount of money."""
    return _MONEY.search(value) is not None or bool(_MONEY.search(name) and _NUMBER.search(value)) or (
        _NUMBER.search(value) is not None and re.search(r"\d[.,]\d\d\b|^\W*\d+\W*$", value) is not None
        and (_names(name, _MONEY_COLUMN) or _MONEY_COMPOUND.search(name) is not None)
    )  # fmt: skip


def has_time(name: str, value: str) -> bool:
    """Return whether a cell is a time or a day."""
    return not has_money(name, value) and (_TIME.search(value) is not None or _names(name, _TIME_COLUMN))


def has_person(name: str, value: str) -> bool:
    """Return whether a cell names a person or a group of people."""
    return _PERSON.fullmatch(value.strip()) is not None or _names(name, _PERSON_COLUMN)


def is_name(value: str) -> bool:
    """Return whether a value is written as a person's name is: two to four words with capitals."""
    return _PERSON.fullmatch(value.strip()) is not None


def has_contact(name: str, value: str) -> bool:
    """Return whether a cell is a number to call or an address."""
    return (_CONTACT.search(value) is not None and not has_money(name, value)) or (
        _NUMBER.search(value) is not None and _names(name, _CONTACT_COLUMN)
    )


def has_place(name: str, value: str) -> bool:
    """Return whether a cell is a place."""
    return _ROOM.search(value) is not None or _names(name, _PLACE_COLUMN) or (not name and value.strip().istitle())


def has_code(value: str) -> bool:
    """Return whether a cell is a code of letters and digits."""
    return _CODE.fullmatch(value.strip()) is not None


def has_unit(value: str) -> bool:
    """Return whether a value is an amount in a unit, such as 640 g."""
    units = frozenset(re.findall(r"°?[^\W\d_]+", value.casefold()))
    return any(units & _UNITS[name] for name in _UNITS)


def has_count(name: str, value: str) -> bool:
    """Return whether a cell is a number of things, rather than a time, a contact, a price or a code."""
    if not _NUMBER.search(value) or has_money(name, value) or has_time(name, value) or has_code(value):
        return False
    return not (_names(name, _CONTACT_COLUMN) or (not name and re.search(r"\+\d|\d{4,}", value)))


def _names(name: str, words: Words) -> bool:
    return any(words.holds(word) >= 0.9 for word in asked_words(name)) if name else False
