"""Tells units that lack the value for which a question asks by its name: a code, an address, somebody's name.

"The combination changes on 1 April" does not tell the combination, nor a row with a telephone number an e-mail address.
"""

import re

from rag_service.domain.answering.answer_kind import asked_kind

MAX_KEY_WORDS = 5
"""Words of a question without a verb: "wifi password guests"."""
_BEHIND = r"(?=\W*$|\s+(?:of|for|to|on|at|in|from|der|des|die|das|für|zum|zur|vom|von|im|am|du|de|des|pour|del|para)\b)"
_CODE = re.compile(
    rf"(?i)\b(?:combination|password|passcode|pin|\w*kennwort|\w*passwort|\w*code"
    rf"|mot de passe|digicode|contraseña|código|codice|wachtwoord){_BEHIND}"
)
_EMAIL = re.compile(
    rf"(?i)\b(?:e-?mail|mail)(?:[ -]?address(?:es)?|s)?{_BEHIND}|\b\w*mail-?adressen?\b|\bcourriel{_BEHIND}"
    rf"|\bcorreo electrónico{_BEHIND}"
)
_POSTAL = re.compile(
    r"(?i)\b(?:(?:postal|street|home) address|mailing address|postanschrift|anschrift|adresse postale)\b"
)
_ADDRESS = re.compile(rf"(?i)\b(?:(?<!ip )(?<!mac )address|adresse|dirección|indirizzo|adres){_BEHIND}")
_NAME = re.compile(
    r"(?i)^\W*(?:what|which)(?: is|['’]s| was)\b.{0,60}(?:['’]s? name\W*$|\bname of (?:the|your|our)\b.{0,60}$)"
)
_ASKS_WHAT = re.compile(
    r"(?i)^\W*(?:(?:and|please|hi|hello)[, ]+)?(?:what(?: is| are|['’]s)|which (?:is|are)|tell me|give me"
    r"|(?:do )?you know|(?:wie|was) (?:ist|lautet|heißt)|quel(?:le)? est|cuál es|qual è|wat is)\b"
)
_VERB = re.compile(
    r"(?i)\b(?:is|are|do|does|did|can|may|must|should|will|have|has|how|when|where|who|why|change[sd]?)\b"
)
_MONTH = (
    r"jan\w*|feb\w*|mar\w*|märz|apr\w*|may|mai|jun\w*|jul\w*|aug\w*|sep\w*|o[ck]t\w*|nov\w*|de[cz]\w*|janv\w*|févr\w*|mars"
    r"|avr\w*|juin|juil\w*|août|enero|abril|mayo|agosto|dic\w*"
)
_DATE = re.compile(
    rf"(?i)\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:of\s)?(?:{_MONTH})\b|\b(?:{_MONTH})\s\d{{1,2}}\b|\b\d{{1,2}}[:.]\d{{2}}\b"
    r"|\b(?:19|20)\d\d\b|\b\d{1,2} ?(?:am|pm|uhr|h)\b|\b\d+ (?:days?|weeks?|months?|tagen?|wochen?|monaten?)\b"
)
_CHANGES = re.compile(
    r"(?i)\b(?:chang(?:es?|ed)|expires?|renewed|replaced|wechselt|ändert|geändert|gewechselt|changée?s?|change(?:nt)?"
    r"|cambia[nr]?|cambiado|wijzigt|gewijzigd)\b"
)
_SECRET = re.compile(r"\d|[\"“„«`']\S+[\"”“»`']|[a-zß][A-ZÄÖÜ]")
_SOMEWHERE = re.compile(
    r"(?i)\b(?:ask|from|hangs|written|shown|displayed|sent|find|found|steht|hängt|fragen|bei"
    r"|affiché|demander|chez|auprès)\b"
)
"""Where, or from whom, the value is to be had."""
_WEB = re.compile(r"@|https?://|www\.|\b[\w-]+\.(?:com|org|net|gov|example|eu|de|fr|es|it|nl|uk|ch|at|io)\b")
_PLACE = re.compile(
    rf"(?i:\b\d{{1,4}}[a-z]?),? (?!(?i:{_MONTH})\b)[A-ZÄÖÜ][\w'’-]+|\b\d{{4,5}} [A-ZÄÖÜ]"
    r"|\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b"
    r"|(?i:\w*(?:straße|strasse|str\.|weg|platz|gasse|allee|straat|plein)|\b(?:street|road|lane|avenue|square|row|close"
    r"|rue|quai|place|via|calle|plaza|piazza|p\.? ?o\.? box|postfach)) ?,?(?:\d|[A-ZÄÖÜ]|\b)"
)
_CALLED = re.compile(r"(?<=[\w,;:’'] )[A-ZÄÖÜÉ][\w'’.-]+|[\"“„«`]")
_FREE = ("anything", "contact", "steps", "amount", "place")


def lacks_value(question: str, text: str) -> bool:
    """Return whether a question asks for a code, an address or a name, and a text, or a row, has none."""
    if asked_kind(question) not in _FREE or not _asks_what(question):
        return False
    if _CODE.search(question):
        rest = _DATE.sub(" ", text)
        return _CHANGES.search(text) is not None and not _SECRET.search(rest) and not _SOMEWHERE.search(rest)
    if _POSTAL.search(question):
        return not _PLACE.search(text)
    if _EMAIL.search(question):
        # "Set up email" asks for none.
        return (asked_kind(question) == "contact" or _ASKS_WHAT.search(question) is not None) and not _WEB.search(text)
    if _ADDRESS.search(question):
        return not (_PLACE.search(text) or _WEB.search(text))
    return _NAME.search(question) is not None and not _CALLED.search(text)


def _asks_what(question: str) -> bool:
    if _ASKS_WHAT.search(question):
        return True
    return len(question.split()) <= MAX_KEY_WORDS and not _VERB.search(question)
