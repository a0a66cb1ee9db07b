"""How people of a language write numbers, months and days; a workbook does not say, so its marks are looked at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag_service.domain.languages import language_of

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Locale:
    """How numbers and dates are written."""

    decimal: str = "."
    thousands: str = ","
    date: str = "yyyy-mm-dd"
    """The short date; a workbook's format 14 is whatever the reader's system has."""
    months: tuple[str, ...] = _MONTHS
    days: tuple[str, ...] = _DAYS


def _locale(thousands: str, date: str, months: str = "", days: str = "", decimal: str = ",") -> Locale:
    plain = Locale()
    return Locale(decimal, thousands, date, tuple(months.split()) or plain.months, tuple(days.split()) or plain.days)


PLAIN = Locale()
BY_LANGUAGE = {
    "english": PLAIN,
    "german": _locale(
        ".", "dd.mm.yyyy", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    ),
    "french": _locale(
        " ", "dd/mm/yyyy", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
    ),
    "spanish": _locale(
        ".", "dd/mm/yyyy", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "lunes martes miércoles jueves viernes sábado domingo",
    ),
    "italian": _locale(
        ".", "dd/mm/yyyy",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    ),
    "dutch": _locale(
        ".", "dd-mm-yyyy", "januari februari maart april mei juni juli augustus september oktober november december",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    ),
    "portuguese": _locale(
        ".", "dd/mm/yyyy", "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    ),
    "polish": _locale(" ", "dd.mm.yyyy"),
    "swedish": _locale(
        " ", "yyyy-mm-dd", "januari februari mars april maj juni juli augusti september oktober november december",
    ),
    "danish": _locale(".", "dd-mm-yyyy"),
    "russian": _locale(" ", "dd.mm.yyyy"),
    "swiss": _locale("’", "dd.mm.yyyy", decimal="."),
}  # fmt: skip
_PRIMARY = {
    0x07: "german", 0x0C: "french", 0x0A: "spanish", 0x10: "italian", 0x13: "dutch", 0x16: "portuguese",
    0x15: "polish", 0x1D: "swedish", 0x06: "danish", 0x14: "danish", 0x19: "russian", 0x09: "english",
    0x05: "polish", 0x0B: "polish", 0x0E: "polish", 0x18: "german", 0x1F: "german", 0x08: "german",
}  # fmt: skip
"""By the lower bits of Windows' numbers of locales; where a language is missing, one that writes numbers alike."""
_SWISS = 0x0807
_LOCALE_ID = re.compile(r"\[\$[^\]-]{0,10}-([0-9A-Fa-f]{3,8})[,\]]")
_SHEET_WORDS = {
    "arbeitsblätter": "german", "tabelle": "german", "feuilles de calcul": "french", "feuil": "french",
    "hojas de cálculo": "spanish", "hoja": "spanish", "fogli di lavoro": "italian", "foglio": "italian",
    "werkbladen": "dutch", "blad": "dutch", "planilhas": "portuguese", "folhas de cálculo": "portuguese",
    "arkusze": "polish", "arkusz": "polish", "kalkylblad": "swedish", "regneark": "danish", "листы": "russian",
    "worksheets": "english",
}  # fmt: skip


def by_format(code: str) -> Locale | None:
    """Return the locale that a number format names: `[$€-407]`."""
    found = _LOCALE_ID.search(code)
    if not found or (number := int(found[1], 16) & 0xFFFF) >= 0xF000:
        return None
    if number == _SWISS:
        return BY_LANGUAGE["swiss"]
    name = _PRIMARY.get(number & 0x3FF)
    return BY_LANGUAGE[name] if name else None


def of_workbook(formats: Iterable[str], properties: str, sheets: Iterable[str], words: str) -> Locale:
    """Return how a workbook's people write numbers: by its formats, by the words its program wrote, by its text."""
    for code in formats:
        if found := by_format(code):
            return found
    titles = properties.lower()
    for word, language in _SHEET_WORDS.items():
        if word in titles and language != "english":
            return BY_LANGUAGE[language]
    for name in sheets:
        stem = name.lower().rstrip("0123456789 ")
        if stem in _SHEET_WORDS and len(stem) < len(name):
            return BY_LANGUAGE[_SHEET_WORDS[stem]]
    return BY_LANGUAGE.get(language_of(words) or "english", PLAIN)
