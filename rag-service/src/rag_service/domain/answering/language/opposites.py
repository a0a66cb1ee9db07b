"""Words that mean the opposite: what tells when a canteen opens does not tell when it closes."""

import re

_PAIRS = (
    (
        r"open(?:s|ed|ing)?|öffne\w*|geöffnet|aufmach\w*|ouvr\w*|ouvert\w*|abren?|abrir|abiert\w*|apr(?:e|ono|ire)|apert\w*",
        r"clos(?:e|es|ed|ing|ure)|shuts?|schlie(?:ß|ss)\w*|geschlossen|zumach\w*|ferm\w*|cierr\w*|cerrad\w*|chiud\w*|chius\w*"
        r"|sluit\w*|gesloten",
    ),
    (
        r"starts?|started|begins?|began|beginnt|beginnen|beginn|startet|commenc\w*|début\w*|empieza\w*|comienz\w*|inizia\w*|begint",
        r"ends?|ended|finish\w*|stops?|stopped|endet|enden|ende|aufh(?:ö|oe)r\w*|termin(?:e|ent|er|a|an|ar|ano)|finit|acaba\w*"
        r"|finisce|eindigt",
    ),
    (
        r"bought|buys?|buying|purchas\w*|kauf(?:t|en|te)|gekauft|achet\w*|compr(?:a|an|ar|ó|ado)",
        r"sold|sells?|selling|verkauf\w*|vend(?:u|us|re|ent|e|en|er|ido|uto)",
    ),
    (r"arriv\w*|ankunft|ankommen|ankommt|llega\w*", r"depart\w*|leaves?|leaving|abfahrt|abfährt|partida|parten?"),
    (
        r"full[- ]?time\w*|vollzeit\w*|temps plein|tiempo completo|jornada completa|voltijd\w*",
        r"part[- ]?time\w*|teilzeit\w*|temps partiel|tiempo parcial|media jornada|deeltijd\w*",
    ),
    (r"gross|brutto\w*|bruts?|bruto", r"net|netto\w*|nets?|neto"),
    (r"minim(?:um|al\w*|o)|mindest\w*", r"maxim(?:um|al\w*|o)|höchst\w*"),
)
_OPPOSITES = tuple(
    tuple(re.compile(rf"(?i)\b(?:{side})\b") for side in sides) for pair in _PAIRS for sides in (pair, pair[::-1])
)
_DEPUTY = re.compile(
    r"(?i)\b(?:deput(?:y|ies)|vice|assistant|substitute|stand-in|stellvertret\w*|stellv\.|stv\.|vize\w*|vertretung"
    r"|adjoint\w*|suppléant\w*|suplente|adjunt[oa]|vicepresident\w*|subdirector\w*|vicario|sostitut\w+|plaatsvervang\w*)"
)
"""Words that make another person of a name: who deputises for the head is not the head."""
_FIGURE = re.compile(r"\d+(?:[:.,]\d+)*")


def says_the_opposite(question: str, text: str) -> bool:
    """Return whether a text tells of a thing's opposite alone, with one figure at most, or of a person for a deputy.

    "Open from 8:00 to 17:00" tells when something closes, too.
    """
    if _DEPUTY.search(question) and not _DEPUTY.search(text):
        return True
    return any(
        asked.search(question)
        and not other.search(question)
        and other.search(text)
        and not asked.search(text)
        and len(_FIGURE.findall(text)) < 2
        for asked, other in _OPPOSITES
    )
