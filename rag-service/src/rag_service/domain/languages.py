"""Detects a text's language, for stemming and stop words.

The script decides, else the most common stop words. A wrong guess costs little, because passages are also indexed
without regard to their language (domain/terms.py). No guess is better than a bad one, so a text must contain several
different stop words, and more of one language.
"""

import re
from collections import Counter

ENGLISH = "english"

STOP_WORDS = {
    ENGLISH: "the of and to in is for that it with on this be are how what can you do does my not from i when why",
    "german": "der die das und ist nicht ein eine zu den mit von für auf ich wie wird im dem was kann sich auch des "
    "wo wer wann warum welche welcher welches hat haben sind gibt bei kostet viel",
    "french": "le la les des de et est une un du pour que qui dans en sur ne pas je vous avec au ce comment quel mon "
    "quelle combien où quand pourquoi sont aux coûte",
    "spanish": "el la los las de y es un una que en por para con no se del al como qué cómo su mi puedo cuál está "
    "cuánto cuesta dónde cuándo quién son hay",
    "italian": "il lo la gli di è un una che per con non si del della come sono mi al dei nel cosa quale posso questo "
    "quanto costa dove quando chi ha",
    "portuguese": "os de e é um uma que em por para com não se da como na meu minha qual posso dos das são ao está "
    "quanto custa onde quando quem",
    "dutch": "de het een en van is niet dat op te in met voor zijn ik hoe wat kan ook aan er bij naar wordt mijn "
    "waar wanneer welke wie hoeveel kost heeft",
    "swedish": "och att det som en på är av för med den till inte om ett jag hur kan vad har från vi ska min när "
    "var vilken kostar",
}
QUESTION_VERBS = {
    "german": "lautet lauten heißt heißen heisst arbeitet arbeiten sitzt beträgt befindet liegt steht gehört bekommt "
    "brauche brauchen finde findet erreiche erreicht wessen wem wen",
    "french": "travaille travaillent appelle trouve trouvent coûtent puis-je dois faut quels quelles quelqu",
    "spanish": "trabaja trabajan llama encuentra encuentran cuestan tiene tengo debo cuáles quiénes",
    "italian": "lavora lavorano chiama trova trovano costano devo quali quanti quante",
    "portuguese": "trabalha trabalham chama encontra fica custam tenho devo quais",
    "dutch": "werkt werken heet vind vindt kosten moet mag wiens luidt zit ligt staat",
    "swedish": "arbetar heter finns ligger sitter kostade måste vilka vems",
}
"""Words that tell the kind of a question, not its subject; a row of a table holds the subject alone."""
BY_WORD: dict[str, list[str]] = {}
for _language, _words in STOP_WORDS.items():
    for _word in _words.split():
        BY_WORD.setdefault(_word, []).append(_language)

ASKING_WORDS = {
    ENGLISH: "a an any at by do does did i me my we our us you your he she they it its there much many long often who "
    "where which will would should could may must need get have has was were or if but about until before after",
    "german": "ab bis um beim ins vom zum zur dass man es ihr euch uns wir mein meine meinen meiner meinem unser "
    "unsere unseren dein ihre ihren "
    "darf dürfen muss müssen soll sollte kann können will möchte habe hast haben wird werden "
    "wurde gilt wenn ob oder noch schon nur mal etwas jemand alle jede jeden jeder welchem welchen viele lange oft "
    "nach vor bei über unter ohne gegen sein bin bekomme bekommen kriege nehmt habt geht gehört lassen weil dann denn "
    "als aus diese dieser dieses einen einem einer keine keinen",
    "french": "je j tu il elle on nous ils elles me te se moi mes ma nos notre vos votre ses son sa peut peux puis "
    "peuvent pouvez faut dois doit où à au par chez depuis avant après si ou quoi quels quelles lequel fait est-ce "
    "cette cet ces tout tous toute combien ai as avez ont avons était été être d l n s c jusqu",
    "spanish": "yo me nos te lo le tengo tiene tienen hay puede pueden puedo podemos debo debe dónde adónde quiénes "
    "qué a mis nuestro nuestra su sus hasta desde antes después si o está están es este esta esto cada muy ya al",
    "italian": "io mi ci ti lo le si posso può possono devo deve dobbiamo a al alla dal dalla nella nel sul sulla fino "
    "entro prima dopo se o c è sono ho ha hanno abbiamo quanti quante quale quali qual ogni mio mia miei nostro vostro "
    "anche questa dov",
    "dutch": "ik je jij u we wij mij ons onze jullie mijn mag moet moeten kunnen kan wil wordt worden hoe laat lang "
    "veel hoeveel wat wie waar welke wanneer tot vanaf bij uit na voor er of als dan deze dit die geen nog al mogen "
    "heb hebben krijg gaat een het",
}
"""Further little words, of which few questions have none."""
MAX_QUESTION_WORDS = 25
"""A longer text has stop words enough."""

_ASKED_BY: dict[str, set[str]] = {}
for _lists in (STOP_WORDS, ASKING_WORDS, QUESTION_VERBS):
    for _language, _words in _lists.items():
        for _word in _words.split():
            _ASKED_BY.setdefault(_word, set()).add(_language)

SCRIPTS = (
    ("japanese", re.compile(r"[\u3040-\u30ff]")),
    ("chinese", re.compile(r"[\u3400-\u9fff]")),
    ("russian", re.compile(r"[\u0400-\u04ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("greek", re.compile(r"[\u0370-\u03ff]")),
)
LETTERS = re.compile(r"[^\W\d_]+")
READ_CHARACTERS = 600
SCRIPT_SHARE = 0.3
"""The share of a text's letters that must be of a script; product names are in Latin letters everywhere."""
MIN_LITTLE_WORDS = 2
"""Different ones: a column that is named "Preis in EUR" has its "in" in each row."""
PROSE_SHARE = 0.1
"""The share of a passage's words that are stop words where it is sentences; in rows and lists there are fewer."""
ALSO_SHARE = 0.5
"""A passage is also in another language if it has this share of the first one's stop words."""


def language_of(text: str) -> str | None:
    """Return the language's English name in lower case, or None if it is unclear."""
    text = text[:READ_CHARACTERS]
    words = LETTERS.findall(text.lower())
    if script := _script(text, words):
        return script
    seen, different = _little_words(words)
    first, second = sorted((*seen.values(), 0, 0), reverse=True)[:2]
    if first != second:
        language = max(seen, key=seen.__getitem__)
        if different[language] >= MIN_LITTLE_WORDS:
            return language
    return _asked_in(words)


def _asked_in(words: list[str]) -> str | None:
    """Return the language of a short question by all its little words; None if it is unclear."""
    if len(words) > MAX_QUESTION_WORDS:
        return None
    found = Counter(language for word in set(words) for language in _ASKED_BY.get(word, ()))
    first, second = sorted((*found.values(), 0, 0), reverse=True)[:2]
    return max(found, key=found.__getitem__) if first > second and first >= MIN_LITTLE_WORDS else None


def languages_in(passage: str) -> frozenset[str]:
    """Return the languages by whose rules a passage's words are stemmed: every Latin one if it is unclear.

    Rows, lists and short passages hardly have stop words, so a guess would often be wrong.
    """
    words = LETTERS.findall(passage.lower())
    if script := _script(passage, words):
        return frozenset({script, ENGLISH})
    seen, different = _little_words(words)
    most = max(seen.values(), default=0)
    found = {
        language
        for language, count in seen.items()
        if different[language] >= MIN_LITTLE_WORDS and count >= ALSO_SHARE * most
    }
    if not found or most < PROSE_SHARE * len(words):
        return frozenset(STOP_WORDS)
    return frozenset(found | {ENGLISH})


def _script(text: str, words: list[str]) -> str | None:
    letters = sum(map(len, words))
    for language, script in SCRIPTS:
        if letters and len(script.findall(text)) >= SCRIPT_SHARE * letters:
            return language
    return None


def _little_words(words: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how many stop words of each language there are, and how many different ones."""
    seen: Counter[str] = Counter()
    different: Counter[str] = Counter()
    for word, count in Counter(words).items():
        for language in BY_WORD.get(word, ()):
            seen[language] += count
            different[language] += 1
    return seen, different
