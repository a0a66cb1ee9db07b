"""Completes fragments: "And above that?" and "What about the XL one?" by the question before them."""

import re
from itertools import takewhile

from rag_service.domain.answering.language.abbreviations import MONTHS, WEEKDAYS
from rag_service.domain.answering.language.text_features import COMMON
from rag_service.domain.answering.tables.people_groups import groups_in

MAX_WORDS = 7
"""A longer follow-up is a sentence of its own."""

MIN_ALIKE_CHARACTERS = 6
"""Characters at the end of two words that make them counterparts."""

_OPENING = re.compile(
    r"(?i)^[\s¿\"'(]*(?:a[ ,]+)?(?:(?:ok(?:ay)?|and|but|so|or|then|also|und|aber|oder|et|mais|ou|y|pero|o|e|ed|ma|en"
    r"|och|og)[ ,]+)*"
    r"(?:(?:what|how) (?:about|if)|what if|was ist mit|wie (?:ist|sieht) es (?:mit|bei)(?: aus)?"
    r"|(?:the )?same(?: (?:question|thing|again))? (?:for|about)|dasselbe (?:für|bei)|(?:die )?gleiche frage (?:für|zu)"
    r"|(?:la )?même (?:question|chose) pour|(?:la )?misma pregunta para|qu'en est-il (?:de|pour)"
    r"|(?:et )?que dire de|qué (?:pasa|hay) (?:con|de)|che dire di|hoe zit het met|a co)?\s*"
)
_PREPOSITIONS = (
    "for in on at from to with by of under over above below between after before during until per beyond without"
    " für in im am an auf bei beim mit von vom zu zum zur nach vor über unter ab bis pro ohne während"
    " pour en au aux à dans avec chez de du des le para los el con por sin per con nel nella di voor op bij met tot"
    " för på med till från dla w na z do pro v s"
)
_PREPOSITION = frozenset(_PREPOSITIONS.split())
_VERBS = re.compile(
    r"(?i)\b(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|may|must|has|have|ist|sind|war|kann"
    r"|können|muss"
    r"|darf|wird|werden|gilt|gibt|kostet|est|sont|peut|peux|dois|faut|es|son|está|puedo|puede|è|sono|posso|kan|mag|how"
    r"|why|who"
    r"|when|where|which|wie|wann|warum|wer|wo|welche\w*|comment|quand|pourquoi|combien|cómo|cuándo|dónde|cuánto|come"
    r"|quando)\b"
)
_WORD = re.compile(r"[^\W_](?:[\w'’./&-]*[^\W_])?")
_THAT_AMOUNT = re.compile(
    r"(?i)\b(above|over|beyond|more than|below|under|less than|up to|after|before|über|unter|mehr als|weniger als"
    r"|darüber|darunter|au-delà de|en dessous de|más de|menos de)( (?:that|this|it|ça|cela|eso))?(?=\W*$)"
)
_ARTICLES = frozenset(
    {
        "a",
        "an",
        "the",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "ein",
        "eine",
        "einen",
        "einem",
        "le",
        "la",
        "les",
        "un",
        "une",
    }
    | {"el", "los", "las", "una", "il", "lo", "gli", "de", "het", "een"}
)
_ARTICLE_IN_FRONT = re.compile(rf"(?i)(?:\b(?:{'|'.join(sorted(_ARTICLES))}) )?$")
_JOINS = r"(?:and|to|und|bis|et|à|y|a|en)"
_AMOUNT = rf"(?:[€$£]\s?)?\d[\d.,]*(?:\s?(?:[€$£%]|(?!{_JOINS}\b)[^\W\d_]+))?"
_RANGE = re.compile(
    r"(?i)\s*\b(?:between|from|zwischen|von|entre|de|tussen|up to|over|above|under|below|bis(?: zu)?|über|unter|jusqu'à"
    rf"|hasta)\s+({_AMOUNT})(?:\s+{_JOINS}\s+({_AMOUNT}))?"
)
_DOWNWARDS = frozenset(
    {"below", "under", "before", "darunter", "unter", "less than", "weniger als", "menos de", "up to"}
)
_SIZES = frozenset({"xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"})
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w'’-]*")
_NAMES = re.compile(rf"(?<!\w){_NAME.pattern}(?: {_NAME.pattern})*")
_DETERMINER = re.compile(
    r"(?i)(?<!\w)(?:the|an?|my|our|which|what|d(?:er|ie|as|en|em|es)|eine?[nmrs]?|welche[nmrs]?|le|la|les|une?|el|los"
    r"|las|il|lo|gli|quell?e?s?|het|een|welke) $"
)
_THING = re.compile(rf"(?i)(?<!\w)(?:{'|'.join(sorted(_ARTICLES))})\s+((?:[^\W\d_][\w'’-]*\s*){{1,4}})")
_STATE_WORDS = (
    "open opens opened close closes closed shut cost costs start starts begin begins end ends last lasts take takes"
    " leave leaves work works offen auf geöffnet zu geschlossen kosten beginnen ouvert ouverte ouverts fermé fermée"
    " ouvre ferme coûte abierto abierta cerrado cerrada abre cierra"
)
_STATES = frozenset(_STATE_WORDS.split())
"""Words that ask something of a thing and stand behind its name: "When is the museum *open*?"."""
_TIME_WORDS = (
    "morning afternoon evening night weekend week month year day today tomorrow holidays"
    " wochenende woche monat jahr tag nacht abend morgen ferien feiertage matin soir nuit semaine mois année jour"
    " vacances noche tarde mañana semana mes año día vacaciones lundi mardi mercredi jeudi vendredi samedi dimanche"
    " dimanches lunes martes miércoles jueves viernes sábado domingo sábados domingos"
)
_TIMES = frozenset(_TIME_WORDS.split())
_ONE = re.compile(r"(?i)\s+(?:ones?|model|version)\b")


def fragment_of(question: str) -> str | None:
    """Return a follow-up without its opening ("And", "What about"), if it has no verb of its own; else None."""
    found = _OPENING.match(question)
    rest = question[found.end() if found else 0 :].strip(" ?!.？")
    if not rest or len(rest.split()) > MAX_WORDS or _VERBS.search(rest):
        return None
    opened = bool(found and found[0].strip(" ¿\"'("))
    return rest if opened or rest.split()[0].casefold() in _PREPOSITION else None


def completed(fragment: str, previous: str) -> str:
    """Return the question before with this fragment in the place of its counterpart, or behind it."""
    asked = previous.rstrip(" ?？.!")
    if _opens_with_preposition(fragment):
        fragment = fragment[0].lower() + fragment[1:]
    mark = "" if "¿" not in previous else "¿"
    whole = (
        _with_amount(fragment, asked)
        or _with_name(fragment, asked)
        or _with_like_noun(fragment, asked)
        or _with_like_word(fragment, asked)
        or _with_like_phrase(fragment, asked)
        or _with_thing(fragment, asked)
        or f"{asked}{'' if _opens_with_preposition(fragment) else ','} {fragment}"
    )
    return f"{mark if not whole.startswith(mark) else ''}{whole}?"


def _opens_with_preposition(fragment: str) -> bool:
    return fragment.split()[0].casefold() in _PREPOSITION


def _with_amount(fragment: str, asked: str) -> str | None:
    """Put the amount in for "above that", and take the old range out."""
    found = _THAT_AMOUNT.search(fragment)
    ranges = list(_RANGE.finditer(asked))
    if ranges and _RANGE.fullmatch(fragment):
        return f"{_RANGE.sub('', asked).strip()} {fragment}"
    if not found or not (ranges or re.search(r"\d", asked)):
        return None
    relation = found[1].casefold()
    amounts = [each for range_ in ranges for each in range_.groups() if each] or re.findall(_AMOUNT, asked)
    amount = amounts[0] if relation in _DOWNWARDS else amounts[-1]
    if amount.strip().isdigit() and (unit := re.search(r"[^\d.,]+$", amounts[-1])):
        # "from 10 to 20 users"
        amount = f"{amount.strip()}{unit[0]}"
    rest = _RANGE.sub("", asked) if ranges else asked
    relation = {"darüber": "über", "darunter": "unter"}.get(relation, relation)
    return f"{rest.strip()} {fragment[: found.start()]}{relation} {amount.strip()}"


def _with_name(fragment: str, asked: str) -> str | None:
    """Replace the name that was asked about by the fragment's: "Jörg Krüger" after "where does Sabine Brandt sit"."""
    words = fragment.split()
    preposition = words.pop(0).casefold() if _opens_with_preposition(fragment) else ""
    if not words or not all(_NAME.fullmatch(word) and word.casefold() not in COMMON for word in words):
        return None
    runs = [
        each
        for each in _NAMES.finditer(asked)
        if each.start() and not _DETERMINER.search(asked[: each.start()]) and each[0].casefold() not in COMMON
    ]
    # A German noun is written as a name is: among several lone ones nothing tells which is the name.
    full = [each for each in runs if " " in each[0]]
    fitting = full or (runs if len(runs) == 1 else [])
    if not fitting:
        return None
    name = fitting[-1]
    if preposition and preposition != asked[: name.start()].split()[-1].casefold():
        return None
    return f"{asked[: name.start()]}{' '.join(words)}{asked[name.end() :]}"


def name_asked_about(asked: str) -> str:
    """Return the last name of a question with its preposition, such as "in Germany"; empty if none is certain."""
    found = ""
    for each in _NAMES.finditer(asked):
        in_front = asked[: each.start()].split()[-1:]
        if in_front and in_front[0].casefold() in _PREPOSITION and not _DETERMINER.search(asked[: each.start()]):
            found = f"{in_front[0]} {each[0]}"
    return found


def _with_like_noun(fragment: str, asked: str) -> str | None:
    """Replace a word that ends alike: "für Teilzeitkräfte" after "Vollzeitkräfte", "for senior staff" after "staff"."""
    words = _WORD.findall(fragment)
    last = words[-1].casefold()
    others = list(_WORD.finditer(asked))
    for place, each in enumerate(others):
        other = each[0].casefold()
        alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(last[::-1], other[::-1], strict=False))))
        if alike < min(MIN_ALIKE_CHARACTERS, len(last)) or alike < 3 or min(len(last), len(other)) > 2 * alike:
            continue
        content_words = [word for word in words if word.casefold() not in COMMON | _PREPOSITION]
        begin = each.start()
        if (
            other == last
            and len(content_words) > 1
            and place
            and others[place - 1][0].casefold() not in COMMON | _PREPOSITION
        ):
            # The adjective in front goes with its noun.
            begin = others[place - 1].start()
        if other == last and len(content_words) == 1:
            return None
        phrase = fragment.split(maxsplit=1)[-1] if _opens_with_preposition(fragment) else fragment
        if phrase.split()[0].casefold() in _ARTICLES:
            begin -= len(_ARTICLE_IN_FRONT.search(asked[:begin])[0])  # type: ignore[index]
        return f"{asked[:begin]}{phrase}{asked[each.end() :]}"
    return None


def _shape(word: str) -> str | None:
    folded = word.casefold().strip(".")
    if folded in WEEKDAYS or folded.rstrip("s") in WEEKDAYS:
        return "weekday"
    if folded in MONTHS and word[0].isupper():
        return "month"
    if folded in _SIZES and word.isupper():
        return "size"
    if word.isdigit():
        return "year" if len(word) == 4 else "number"
    if any(each.isdigit() for each in word):
        return "code"
    return None


def is_about_time(fragment: str) -> bool:
    """Return whether a follow-up names a day, a month or another time rather than a thing, by its last word."""
    words = _WORD.findall(fragment)
    return bool(words) and (_shape(words[-1]) in ("weekday", "month") or words[-1].casefold() in _TIMES)


def _with_like_word(fragment: str, asked: str) -> str | None:
    """Replace a code, a size, a day or a year by the fragment's: "the XL one" after "the M shirt"."""
    for word in _WORD.findall(fragment):
        shape = _shape(word)
        old = [each for each in _WORD.finditer(asked) if shape and _shape(each[0]) == shape]
        if old and old[-1][0] != word:
            return f"{asked[: old[-1].start()]}{word}{asked[old[-1].end() :]}"
    words = [word for word in _WORD.findall(_ONE.sub("", fragment)) if word.casefold() not in COMMON | _PREPOSITION]
    names = [each for each in _WORD.finditer(asked) if each[0][0].isupper() and each.start() > 0]
    # "And in Oslo?" after "… in Bergen"; German nouns are all written so, hence only a lone name counts.
    if len(words) == 1 and words[0][0].isupper() and len(names) == 1 and names[0][0].casefold() not in COMMON:
        in_front = asked[: names[0].start()].split()[-1].casefold()
        if not _opens_with_preposition(fragment) or fragment.split()[0] == in_front:
            return f"{asked[: names[0].start()]}{words[0]}{asked[names[0].end() :]}"
    return None


def _with_like_phrase(fragment: str, asked: str) -> str | None:
    """Replace the phrase with the same preposition: "for part-timers" after "… do full-timers get for …"."""
    if not _opens_with_preposition(fragment):
        return None
    preposition = re.escape(fragment.split()[0])
    # Up to the next preposition or the end; what is between is the counterpart.
    others = "|".join(map(re.escape, sorted(_PREPOSITION)))
    found = re.search(rf"(?i)\b{preposition}\s+(?:(?!(?:{others})\b)[\w'’-]+\s*){{1,4}}", asked)
    # "For the sauna" after "for pensioners" is still for pensioners.
    if not found or (groups_in(found[0]) and not groups_in(fragment)):
        return None
    return f"{asked[: found.start()]}{fragment} {asked[found.end() :]}".strip()


def _with_thing(fragment: str, asked: str) -> str | None:
    """Replace the only thing of a question: "When is the café open?" of "the café" after "When is the museum open?"."""
    if fragment.split()[0].casefold() not in _ARTICLES or is_about_time(fragment) or groups_in(fragment):
        return None
    found = []
    stops = COMMON | _PREPOSITION | _STATES
    for each in _THING.finditer(asked):
        words = list(takewhile(lambda word: word[0].casefold() not in stops, _WORD.finditer(each[1])))
        found.append((each.start(), each.start(1) + words[-1].end() if words else each.start(1)))
    if len(found) != 1:
        return None
    begin, end = found[0]
    return f"{asked[:begin]}{fragment}{asked[end:]}" if end > begin else None
