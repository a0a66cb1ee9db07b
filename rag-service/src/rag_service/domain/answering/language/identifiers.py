"""Finds what in a question names one thing, such as an article number, and tells which texts hold it.

A text that holds another code is about another thing, however near both are: `KB-10` is not `KB-101`, and `RB-4` is not
`RB-004`. Case, and blanks and hyphens between the letters and digits of a code, are written one way or the other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag_service.domain.answering.language.text_features import (
    COMMON,
    addresses,
    plain,
    stem,
    tokens,
    without_addresses,
)
from rag_service.domain.terms import plainest

MAX_QUESTION_CHARACTERS = 1_000
MAX_CODES = 8
MAX_CODE_CHARACTERS = 40
MAX_QUOTED_CHARACTERS = 60
MAX_PLAIN_DIGITS = 3
"""Digits of a number that may be a quantity; a longer one without a unit names something."""
CAPITAL_SHARE = 0.7
"""With so many capitalised words, capitals say nothing."""

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»\n]{2,60})[\"“”„«»]")
_TOKEN = re.compile(r"[^\W_]+(?:[-_./–][^\W_]+)*")
_RUN = re.compile(r"[^\W\d_]+|\d+")
_PHONE = re.compile(r"(?<![\w+])\+?\d[\d ()/–-]{5,20}\d(?!\w)")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")
_QUANTITY = re.compile(
    r"(?:\d+(?:st|nd|rd|th|er|ère|ème|e|k|m|x|h|s|gb|mb|kb|tb|km|cm|mm|kg|g|am|pm|min|pt|eur|usd|gbp|chf|w|v|l)"
    r"|\d[^\W\d_]+|[^\W\d_]+/[^\W\d_]+)"
)
NAMES_A_NUMBER = (
    r"(?:room|rooms|extension|ext\.?|clause|section|chapter|article|art\.?|paragraph|rule|error|code|form|line"
    r"|version"
    r"|ticket|order|invoice|number|no\.?|nr\.?|nummer|item|part|model|type|sku|id|building|gate|desk|port|page"
    r"|step|bay"
    r"|account|batch|case|question|annex|appendix|table|figure|bus|route|tram|platform|slot|locker|printer"
    r"|machine|unit|hall|ward|dock|lane"
    r"|zimmer|raum|durchwahl|klausel|abschnitt|kapitel|artikel|absatz|abs\.?|paragraf|regel|fehler|fehlercode"
    r"|formular"
    r"|halle|linie|auftrag|rechnung|teil|modell|typ|gebäude|seite|schritt|konto|fall|anhang|anlage|platz|schrank|maschine"
    r"|salle|bureau|poste|erreur|numéro|formulaire|ligne|commande|facture|pièce|modèle|bâtiment|étape|compte|annexe"
    r"|sala|aula|extensión|cláusula|sección|artículo|error|código|número|formulario|línea|pedido|factura|modelo"
    r"|stanza|interno|clausola|sezione|articolo|errore|codice|numero|modulo|ordine|fattura|modello"
    r"|kamer|lokaal|toestel|clausule|hoofdstuk|fout|foutcode|formulier|lijn|bestelling|factuur|onderdeel|gebouw|stap)"
)
_NAMED_NUMBER = re.compile(
    rf"(?i)(?:(?<!\bi )(?<!\bwe )(?<!\bto )\b{NAMES_A_NUMBER}[ \u00a0]*[:#]?[ \u00a0]*"
    rf"|[#§][ \u00a0]?)(\d+(?:[-./]\d+){{0,4}}[a-z]?)\b(?![-_/][^\W_])"
)
_LONG_NUMBER = re.compile(
    r"(?<![\w€$£%.,/:+-])(\d{4,}|0\d+)(?![\w%€$£]|[.,:/–-]\d)(?! ?(?:[a-zäöüéè]{2,}s\b|eur|euro|usd|gb|mb|tb|km"
    r"|kg|€|\$|%))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_IS_MEASURED = (
    r"(?![ \u00a0]?(?:[%€$£]|(?:eur|usd|gbp|chf|kg|km|cm|mm|weeks?|days?|months?|years?|hours?|minutes?|persons?|people"
    r"|pieces|wochen?|tagen?|monaten?|jahren?|stunden?|minuten?|personen|stück|semaines?|jours?|mois|heures?"
    r"|personnes|semanas?|días?|mes(?:es)?|años?|horas?|personas|weken|dagen|maanden|uren|personen)\b))"
)
"""Follows a number that is no quantity: the hall in "hall 5" is not the row "every 5 weeks"."""
_COMPOUND = re.compile(r"(?<![\w-])([^\W\d_]{1,4}\d+[^\W_]{0,3})-(?=[^\W\d_][^\W\d_A-Z]{3,}(?![\w-]))")
"""A code with the word that it is joined to, such as `A2-Schein`: the code alone binds."""
_LETTERS_NUMBER = re.compile(
    rf"\b(?!(?i:{NAMES_A_NUMBER})\b)((?:[A-Z]{{1,5}}-)?[A-Z]{{1,5}}|[a-z]{{1,4}})[ \u00a0](\d{{2,}})\b(?![-_./][^\W_])"
)
"""A code with a blank inside, such as `KB 103` or `HH-KV 318`; in small letters only if it looks like no word."""
_SPACED_CODE = re.compile(
    rf"\b(?i:{NAMES_A_NUMBER})[ \u00a0](?![aA][ \u00a0])([^\W\d_])[ \u00a0]([^\W\d_]{{1,4}}\d{{2,}})\b(?![-_./][^\W_])"
)
"""A code in two parts behind the word that announces it: "code e yj302" for E-YJ302."""
_VOWEL = re.compile(r"(?i)[aeiouy]")
_MY_OWN = re.compile(
    r"(?i)\b(?:my|mein\w*|mon|ma|mes|mi|mio|mia|mijn)((?:\s+(?!(?:shows?|says|displays?|reads"
    r"|reports|gives|has|got|error|code|zeigt|meldet|sagt|hat|fehler\w*|affiche|indique|dit|erreur|muestra|dice|indica"
    r"|mostra|toont|geeft|meldt)\b)[^\W\d_]+){1,2}\s+#?)([^\s,;?!]*\d[^\s,;?!]*)"
)
"""The number of somebody's own order or laptop, which no document holds."""
_GERMAN = frozenset(
    [
        "der",
        "die",
        "das",
        "den",
        "dem",
        "ist",
        "sind",
        "was",
        "wie",
        "wer",
        "wo",
        "wann",
        "kostet",
        "kosten",
        "gibt",
        "welche",
        "welcher",
        "welches",
    ]
)
_AT_A_COMPANY = re.compile(
    r"\b(?:at|bei|chez|en|presso|bij|with|from|within)[ \u00a0]((?:[^\W\d_a-zäöüß][\w&.'’-]*[ \u00a0]?){1,3})"
)
_SKIPPED_NAMES = frozenset(
    tokens(
        "i q a faq ok us kb mb gb tb eur usd gbp chf am pm mhz ghz kw"
        " vat mwst ust tva iva btw"
        " monday tuesday wednesday thursday friday saturday sunday"
        " mondays tuesdays wednesdays thursdays fridays saturdays sundays"
        " stunde stunden tag tage woche wochen monat monate jahr jahre preis preise kosten"
    )
)
"""Capitalised words that name no thing: units, periods, and days, which a column may have as "Mon–Thu"."""


@dataclass(frozen=True)
class Identifiers:
    """The codes and names of a question."""

    codes: tuple[re.Pattern[str], ...] = ()
    """Each matches the texts that hold one code, in `folded` form."""
    names: frozenset[str] = frozenset()
    """Stems of words that are written as names, in their plainest spelling; none where capitals say nothing."""

    def coded_in(self, text: str) -> bool:
        """Return whether a text holds every code."""
        if not self.codes:
            return True
        text = folded(text)
        return all(code.search(text) for code in self.codes)

    def named_in(self, stems: Iterable[str]) -> bool:
        """Return whether these stems, in their plainest spelling, hold every name."""
        return self.names <= set(stems)


def folded(text: str) -> str:
    """Return a text in which codes are searched: compatible characters made alike, in lower case."""
    return plain(text).casefold().replace("‐", "-").replace("‑", "-").replace("−", "-")


@lru_cache(maxsize=256)
def identifiers(question: str) -> Identifiers:
    """Return the identifiers of a question."""
    text = _MY_OWN.sub(r"\1", plain(question[:MAX_QUESTION_CHARACTERS]))
    found: dict[str, None] = {}
    for each in [*addresses(text), *_MAIL.findall(text)]:
        found.setdefault(re.escape(each.casefold()))
    rest = _MAIL.sub(" ", without_addresses(text))
    for each in _QUOTED.findall(rest):
        if words := each.strip(" .,;:!?"):
            found.setdefault(r"(?<![^\W_])" + r"\s+".join(map(re.escape, words.casefold().split())) + r"(?![^\W_])")
    for each in _PHONE.findall(rest):
        digits = re.sub(r"\D", "", each)
        if len(digits) > MAX_PLAIN_DIGITS * 2 and not _is_date(each):
            found.setdefault(r"(?<!\d)" + r"[ ()/–-]*".join(digits) + r"(?!\d)")
            rest = rest.replace(each, " ")
    for letters, number in _SPACED_CODE.findall(rest):
        found.setdefault(_pattern(f"{letters}-{number}"))
        rest = re.sub(rf"\b{letters}\s+{number}\b", " ", rest)
    for letters, digits in _LETTERS_NUMBER.findall(rest):
        if letters.isupper() or not _VOWEL.search(letters) or digits.startswith("0"):
            found.setdefault(_pattern(f"{letters}-{digits}"))
            rest = re.sub(rf"\b{letters}\s+{digits}\b", " ", rest)
    for each in [*_NAMED_NUMBER.findall(rest), *_LONG_NUMBER.findall(rest)]:
        if not _YEAR.fullmatch(each) or _NAMED_NUMBER.search(rest):
            found.setdefault(_pattern(each))
    for each in _TOKEN.findall(_COMPOUND.sub(r"\1 ", rest)):
        if len(each) <= MAX_CODE_CHARACTERS and _is_code(each):
            found.setdefault(_pattern(each))
            rest = rest.replace(each, " ")
    return Identifiers(tuple(re.compile(each) for each in list(found)[:MAX_CODES]), _names(rest))


def _is_code(token: str) -> bool:
    has_digit, has_letter = any(map(str.isdigit, token)), any(map(str.isalpha, token))
    if has_digit and has_letter:
        return not _QUANTITY.fullmatch(token.casefold()) and not re.search(r"[^\W\d_]{4,}[-–.]?\d+[-–./]\d", token) \
            and not re.fullmatch(r"\d+[-–](?:[^\W\d_]+[-–]?)+", token)  # fmt: skip
    if "_" in token:
        return True
    return (
        re.search(r"[^\W\d_a-z]", token[1:]) is not None
        and re.search(r"[a-z][A-Z]|[A-Z]{2}[a-z]{3}", token) is not None
    )


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{1,4}[/ –-]\d{1,2}[/ –-]\d{1,4}", text.strip()) is not None


@lru_cache(maxsize=512)
def _pattern(code: str) -> str:
    """Return the pattern of a code: its letters and digits exactly, the marks between them loosely."""
    code = folded(code)
    runs = list(_RUN.finditer(code))
    parts = [re.escape(runs[0][0])]
    for before, run in pairwise(runs):
        mark = code[before.end() : run.start()]
        if before[0].isdigit() and run[0].isdigit():
            parts.append(r"[ \u00a0–-]" if mark in ("-", "–", " ") else re.escape(mark))
        else:
            parts.append(r"[\s\-_./–]?")
        parts.append(re.escape(run[0]))
    # A letter, digit or further part before or behind it makes it another code.
    end = r"(?![^\W_])(?![-_.][^\W_])" + (_IS_MEASURED if code.isdigit() and len(code) <= MAX_PLAIN_DIGITS else "")
    return r"(?<![^\W_])(?<![^\W_][-_.])(?<![^\W_]\s[-])" + "".join(parts) + end


def _names(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)
    lower = {word.casefold() for word in words}
    capitals = sum(word[0].isupper() for word in words)
    if len(lower & _GERMAN) >= 1 or not words or capitals >= CAPITAL_SHARE * len(words):
        return frozenset()
    company = {word for found in _AT_A_COMPANY.findall(text) for word in re.findall(r"[^\W_]+", found)}
    found: set[str] = set()
    for sentence in re.split(r"[.!?:]\s+", text):
        for index, word in enumerate(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", sentence)):
            small = word.casefold()
            if index and word[0].isupper() and small not in COMMON | _SKIPPED_NAMES and word not in company:
                found.add(plainest(stem(small)))
    return frozenset(found)
