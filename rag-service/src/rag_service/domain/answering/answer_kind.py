"""The kind of answer that a question asks for, and the texts that hold such a thing.

English, German, French, Spanish, Italian and Dutch. A question of another kind, or in another language, asks for
`anything`, and then its words decide alone.
"""

import re
from functools import lru_cache
from typing import Literal

from rag_service.domain.answering.language import question_words
from rag_service.domain.answering.language.text_features import plain

AnswerKind = Literal["steps", "amount", "time", "contact", "person", "place", "decision", "reason", "anything"]

CHECKED_KINDS = ("amount", "time", "contact", "person", "place")
"""Kinds of values, which a text shows to hold or not."""

MAX_QUESTION_CHARACTERS = 1_000
MIN_STATEMENT_WORDS = 5
"""Fewer words without a question mark are key words to look up."""

_QUESTIONS: dict[AnswerKind, str] = {
    "contact": (
        r"\b(?:(?:phone|telephone|extension|fax|mobile|hotline|contact|room|office) ?(?:number)?|number"
        r"|e-?mail(?: address)?"
        r"|address|url|link|website|web page) (?:of|for|to|do|does|is|should|can|must|belongs?)\b"
        r"|\b(?:what|which)(?: (?:is|are)|['’]s) .{1,60}(?:phone|extension|e-?mail|number|hotline|url|link)\b"
        rf"|{question_words.CONTACT}"
    ),
    "amount": (
        r"\bhow (?:much|many|often|old|far|big|large|high|heavy|wide|tall|deep|fast|thick|frequently|strong|hot|cold"
        r"|warm)\b"
        r"|\bhow long (?:is|are|does|do|can|must|should|will|may|has|have|before|after|until|in)\b|\bhow long\b"
        r"|\b(?:what|which|what's)\b(?:\W+\w+){0,5}?\W+(?:price|cost|costs|fee|fees|rate|amount|number|percentage"
        r"|share|limit|maximum|minimum"
        r"|size|length|width|height|weight|duration|budget|allowance|salary|stipend|deposit|fine|discount"
        r"|capacity|speed"
        r"|temperature|pressure|voltage|torque|quota|threshold|period|notice|charge|tariff|pay|sum|total|age"
        r"|distance)\b"
        r"|\bwhat (?:do|does|will) (?:i|we|you|one|he|she|they) (?:get|earn) (?:for|per|when)\b"
        r"|\bwhat does? .{1,80}\bcosts?\b|\bwhat .{1,60}\b(?:pay|cost|paid|charged?)\b"
        rf"|{question_words.AMOUNT}"
    ),
    "time": (
        r"\bwhen\b|\b(?:at |by |until |from )?what (?:time|date|day|days|hour|hours|month|year)\b|\bon (?:which"
        r"|what) (?:days?|dates?)\b"
        r"|\bwhich (?:days?|dates?|weekdays?|months?|year)\b|\bdeadline\b|\b(?:opening|business|office"
        r"|working) hours\b|\bhow (?:soon|late|early)\b"
        rf"|{question_words.TIME}"
    ),
    "person": (
        r"\bwho(?:m|se|'s)?\b|\bwhich (?:person|team|department|role|employee|manager|colleague|contact)\b"
        r"|\bwho is responsible\b"
        rf"|{question_words.PERSON}"
    ),
    "place": (
        r"\bwhere\b|\bin (?:which|what) (?:room|building|city|country|place|office|folder|menu|floor|town|street)\b"
        r"|\b(?:which|what) (?:room|building|city|floor|place|location)\b"
        rf"|{question_words.PLACE}"
    ),
    "steps": (
        r"\bhow (?:do|does|can|could|should|would|must|to|did)\b(?! (?:much|many|long))|\bhow (?:is"
        r"|are) .{1,60}(?:ed|done|made|set up)\b"
        r"|\b(?:steps?|instructions|procedure|walk me through|guide me)\b|\bhow's\b"
        r"|\bwhat (?:should|must|can|do|shall) (?:i|we|you|one) (?:do|try|check)\b|\bwhat to do\b"
        r"|\bwhat (?:am i|are we|is one|do we|do i) (?:supposed|expected|have) to do\b"
        r"|\bwhat do i have to do\b|\bwhat helps\b"
        r"|\bwhat (?:has|needs) to be done\b|\bwhat is the (?:process|procedure|way|fix|solution|remedy)\b"
        rf"|{question_words.STEPS}"
    ),
    "reason": rf"\bwhy\b|\bhow come\b|\bwhat is the reason\b|{question_words.REASON}",
    "decision": (
        r"^\W*(?:(?:and|but|so|hi|hello|please)[, ]+)?"
        r"(?!was (?:\w+ (?:ich|wir|ihr|sie|man|du|es|die|der|das|ein\w*)\b|ist|sind|tun|kost|heiß|bedeut|gilt|gelten"
        r"|passier))"
        r"(?:is|are|was|were|am|do|does|did|can|could|may|might|must|should|shall|will|would"
        r"|has|have|had|isn['’]t|aren['’]t|don['’]t|doesn['’]t|can['’]t)\b"
        rf"|{question_words.DECISION}"
    ),
}  # fmt: skip
_ORDER: tuple[AnswerKind, ...] = (
    "decision", "reason", "contact", "amount", "time", "person", "place", "steps",
)  # fmt: skip
_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _QUESTIONS.items()}

_NUMBER_WORDS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|ninety|hundred|thousand|half|once|twice"
    r"|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|hundert|tausend|einmal|zweimal"
    r"|halb\w*|eine[nrms]?|ein"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|vingt|trente|cent|mille|fois"
    r"|dos|tres|cuatro|cinco|siete|ocho|nueve|diez|veinte|treinta|cien|mil"
    r"|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|venti|trenta|cento"
    r"|twee|drie|vijf|zes|zeven|negen|tien|twaalf|twintig|dertig|honderd"
)
_AMOUNT = re.compile(
    rf"(?i)\d|\b(?:{_NUMBER_WORDS})\b|\b(?:free(?: of charge)?|no (?:charge|cost|fee|limit)|unlimited|none|daily"
    rf"|weekly|monthly|quarterly|yearly"
    r"|annual(?:ly)?|hourly|every|each|semi-?\w+|bi-?\w+|kostenlos|gratis|unbegrenzt|täglich|wöchentlich"
    r"|monatlich|jährlich|gratuit\w*|illimité\w*|gratuito"
    r"|ilimitado|gratuit[oa]|dagelijks|wekelijks|maandelijks|jaarlijks|onbeperkt|always|never)\b"
)
_TIME = re.compile(
    r"(?i)\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} ?(?:am|pm|a\.m\.|p\.m\.|uhr|h\b|uur)|\b(?:19|20|21)\d\d\b"
    r"|\b\d{1,2}[./]\d{1,2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:mon|tue|wed|thu|fri|sat|sun)\b|\bweek(?:days?|ends?"
    r"|ly)?\b|\b(?:mo|di|mi|do|fr|sa|so)\b"
    r"|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b|\b(?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december)\b"
    r"|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|werktag|wochenende|feiertag)\w*\b"
    r"|\b(?:januar|februar|märz|mai|juni|juli|oktober|dezember)\b"
    r"|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|février|mars|avril|juin|juillet|août"
    r"|octobre|décembre)s?\b"
    r"|\b(?:lunes|martes|miércoles|jueves|viernes|sábados?|domingos?|enero|febrero|marzo|abril|mayo|junio|julio"
    r"|agosto|septiembre|octubre|noviembre|diciembre)\b"
    r"|\b(?:lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|gennaio|febbraio|aprile|maggio|giugno|luglio"
    r"|settembre|ottobre|dicembre)\b"
    r"|\b(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|januari|februari|maart|mei|augustus)\b"
    r"|\b(?:day|days|hour|hours|minute|minutes|month|months|year|years|quarter|annual\w*|daily|monthly|quarterly"
    r"|midnight|noon|today|tomorrow|immediately"
    r"|tage?n?|stunden?|minuten?|monate?n?|wochen?|jahre?n?|quartal|sofort|täglich|mitternacht|jours?|heures?"
    r"|mois|semaines?|ans|années?|midi|minuit"
    r"|días?|horas?|meses|mes|semanas?|años?|giorni|ore|mesi|settiman[ae]|ann[oi]|dag(?:en)?|uur|uren"
    r"|maand(?:en)?|we(?:ek|ken)|jaar|jaren)\b"
    r"|\b(?:when|once|before|after|until|till|within|as soon as|upon|prior to|during|nach|vor|bis|sobald"
    r"|innerhalb|binnen|après|avant|dès|antes|después|dopo"
    r"|prima|entro|na|voor|tot|zodra)\b"
    r"|\b(?:at|from|by|past|to|between) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
)
_CONTACT = re.compile(
    r"\d{3,}|\d[\d /-]{4,}\d|@|https?://|www\.|#\w|\b\w+\.(?:com|org|net|gov|example|eu|de|io)\b|\b\d{1,3}\b"
)
_NO_PERSON = (
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug"
    r"|Sept?|Oct|Nov|Dec|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)"
)
_PERSON = re.compile(
    rf"(?<=[\w,;:] ){_NO_PERSON}[A-ZÄÖÜÉ][\w'’.-]+|\b{_NO_PERSON}[A-ZÄÖÜÉ][\w'’-]+ {_NO_PERSON}[A-ZÄÖÜÉ][\w'’-]+"
    # "Lena collects them": a word before a verb may be a name.
    r"|(?:^|[.!?] )(?!(?:The|This|That|It|Each|Every|All|If|When|There|Our|Your|A|An|No|Here|What)\b)"
    r"[A-ZÄÖÜÉ][^\W\d_A-Z]+(?<!s) (?:[a-z]{2,}s|will|can)\b"
    r"|\b(?:HR|IT)\b"
    r"|(?i:@|#\w|\b(?:team|department|manager|lead|owner|officer|director|head|employees?|staff|supervisor|admin\w*|you|user"
    r"|customers?|they|everyone|anyone|nobody|leit\w+|abteilung|mitarbeiter\w*|service|équipe|responsable|equipo|chef|board"
    r"|committee|tenant|company|people|teammates?|onderzoek\w*)\b)"
)
_PLACE = re.compile(
    r"(?i)\b(?:in|at|on|under|near|next|behind|from|to|via|inside|room|floor|building|street|here|page|folder"
    r"|menu|settings|website|portal|office|im|am|auf|bei|beim|zum|zur|ins|hinter|unter|neben"
    r"|raum|gebäude|stock|dans|au|aux|à|sur|sous|en|chez|derrière|devant|sala|nel|nella|al|alla|op|bij|achter|kamer)\b"
    r"|https?://|@|: |#\w"
)


_ASKS_WHICH = re.compile(r"(?i)^\W*(?:which|welche[nmrs]?|quel(?:le)?s?|cuál(?:es)?|qual[ei]?|welke?)\b")
_WHEN = re.compile(
    r"(?i)\b(?:at|by|from|to|until|on|in) (?:\d{1,2}[:.]\d{2}|\d{1,2} ?(?:am|pm|o['’]clock)"
    r"|(?:(?:the )?\d{1,2}(?:st|nd|rd|th)? (?:of )?)?(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)|(?:19|20)\d\d)\b"
)
"""A time with its preposition: "on 25 June at 11:00" is no place."""


@lru_cache(maxsize=256)
def asked_kind(question: str) -> AnswerKind:
    """Return the kind of answer of a question; of several, that of the question word that stands first."""
    text = " ".join(plain(question[:MAX_QUESTION_CHARACTERS]).split())
    if _COMPILED["decision"].search(text) and not re.match(
        r"(?i)^\W*(?:can|could|would|will) you (?:tell|say|explain|help|show)", text
    ):
        return "decision"
    best: tuple[int, int, AnswerKind] | None = None
    for order, kind in enumerate(_ORDER[1:]):
        if found := _COMPILED[kind].search(text):
            place = (found.start(), order, kind)
            best = min(best, place) if best else place
    if best:
        return best[2]
    return "steps" if is_statement(text) and not _ASKS_WHICH.match(text) else "anything"


def asks_for_steps(question: str) -> bool:
    """Return whether a question has words that ask how something is done, or what is to be done."""
    return _COMPILED["steps"].search(" ".join(plain(question[:MAX_QUESTION_CHARACTERS]).split())) is not None


def is_statement(text: str) -> bool:
    """Return whether a text reports something, such as "The VPN asks again and again", and so wants to know "
    "what to do."""
    return "?" not in text and len(text.split()) >= MIN_STATEMENT_WORDS


def holds(kind: AnswerKind, text: str) -> bool:
    """Return whether a text holds a thing of this kind; true where that can't be known."""
    pattern = {"amount": _AMOUNT, "time": _TIME, "contact": _CONTACT, "person": _PERSON, "place": _PLACE}.get(kind)
    if kind == "place":
        text = _WHEN.sub(" ", text)
    return pattern is None or pattern.search(text) is not None


_ASKS_MONEY = re.compile(
    r"(?i)\b(?:costs?|prices?|priced|fees?|paid|expensive|cheap\w*|allowance|stipend|salary|rent|deposit|fine"
    r"|mileage rate"
    r"|kostet|kosten|preis\w*|teuer|gebühr\w*|betrag|gehalt|miete|kaution|coûte\w*|coûtent|prix|tarif|cuestan?"
    r"|precio|costa|costano|prezzo"
    r"|kost|prijs)\b"
)
_AMOUNT_OF_MONEY = re.compile(
    r"(?i)[€$£¥]|\b(?:eur|euros?|usd|dollars?|gbp|pounds?|chf|franken|francs?|pln|zł|sek|nok|dkk|kr|czk|cents?|pence|free|gratis"
    r"|kostenlos|gratuit\w*|gratuito|no (?:charge|cost|costs|fee)|%|percent|prozent)\b|\d+[.,]\d\d\b"
    r"|\b(?:months?['’]s? (?:rent|pay|salary|wages)|monthly (?:rents|salaries)"
    r"|monats(?:miete|gehält|gehalt|löhn|lohn)\w*|mensualités?|mois de (?:loyer|salaire)|mensualidad\w*|mensilità"
    r"|maand(?:huur|huren|loon|lonen|salaris\w*))\b"
)


def asks_money(question: str) -> bool:
    """Return whether a question asks for an amount of money."""
    return asked_kind(question) == "amount" and names_price(question)


def names_price(question: str) -> bool:
    """Return whether a question has a word for a price, such as a deposit, also where it is key words."""
    return _ASKS_MONEY.search(question) is not None


def holds_money(text: str, *, row: bool) -> bool:
    """Return whether a text names an amount of money; in a row of a table the column may say that a number is one."""
    return _AMOUNT_OF_MONEY.search(text) is not None or (row and _AMOUNT.search(text) is not None)


_PERCENT = re.compile(
    r"(?i)%|\b(?:per ?cent|percentage|prozent\w*|pour cent|pourcentage|por ciento|porcentaje|percentuale)\b"
)


def asks_percent(question: str) -> bool:
    """Return whether a question asks for a percentage."""
    return asked_kind(question) == "amount" and _PERCENT.search(question) is not None


def holds_percent(text: str) -> bool:
    """Return whether a text names a percentage."""
    return _PERCENT.search(text) is not None
