"""Tokenizes a ticket for the keyword classifier, without salutations, e-mail and web addresses and titled names."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ai_service.domain.folding import composed, folded, phrases, words_of_list
from ai_service.domain.ticket_text import READ_CHARACTERS, TicketText, visible


class Token(NamedTuple):
    """A word, folded; the empty word ends a phrase.

    It is a named tuple because every word of a ticket creates one: a frozen dataclass takes four times as long.
    """

    word: str
    name: bool = False
    """Whether it follows an introduction such as `my name is`, or a word that does."""
    capitals: bool = False
    """Whether all of it is in capitals, as an abbreviation is: `HR`, not `Hr`."""
    proper: bool = False
    """Whether it begins with a capital inside a sentence or before another capitalized word, as names do."""


BREAK = Token("")

_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,200}|\b(?:https?://|www\.)\S{1,500}", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+|[.,;:!?()\"\n]")
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_JOINED = re.compile(r"\b(e|wi|pay|on|off|pre|over|air|log|web|time|help|service)-(?=\w)", re.IGNORECASE)
"""Words that some people write with a hyphen: `e-mail`, `wi-fi`, `pay-slip`."""
_ENDS = frozenset(".!?:\n")

_FORMAL = (
    r"dear|sehr geehrte[rsn]?|liebe[rs]?|ch[eè]re?s?|estimad[oa]s?|say[ıi]n|gentil[ei]|egregi[oa]|geachte|beste|"
    r"prezad[oa]s?|szanown[yia]"
)
_INFORMAL = (
    r"hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|hallo|guten (?:tag|morgen|abend)|servus|moin|"
    r"bonjour|bonsoir|salut|hola|buen[oa]s (?:d[ií]as|tardes|noches)|merhaba(?:lar)?|selam|iyi g[üu]nler|ciao|"
    r"buongiorno|ol[áa]|bom dia|hej|dzie[ńn] dobry"
)
_GREETED = (
    r"team|all|there|desk|support|everyone|everybody|folks|guys|colleagues|zusammen|kollegen|tous|equipo|ekibi|"
    r"arkada[şs]lar"
)
_SALUTATION = re.compile(
    rf"^[ \t]*(?:(?:{_FORMAL}|{_INFORMAL})\b[^\n,!:;.?–—]{{0,60}}[,!:;–—]"
    rf"|(?:{_FORMAL})\b[^\n,!:;.?–—]{{0,60}}$"
    rf"|(?:{_INFORMAL})\b(?:[ \t]+[^\W_]+){{0,3}}[ \t]+(?:{_GREETED})[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)

TITLES = words_of_list("""
    mr mrs ms miss mister herr herrn frau hr fr monsieur madame mme mlle senor senora sra bay bayan
""")
"""A capitalized word after one of these is a name, whatever else it means."""
INTRODUCTIONS = frozenset(
    phrases("""
        my name is, name is, called, named, regards, best regards, sincerely, cheers, yours, signed, i am, i m, this is,
        dear, hi, hello, hey, thanks, thank you, ask, contact, colleague, from, by, with, mein name ist, ich heisse,
        ich bin, grüsse, grüßen, gruss, je m appelle, mon nom est, je suis, cordialement, me llamo, mi nombre es, soy,
        saludos, adım, benim adım, ben, saygılarımla, saygılar
    """)
)
MAX_INTRODUCTION_WORDS = max(map(len, INTRODUCTIONS))
_INTRODUCTION_ENDS = frozenset(phrase[-1] for phrase in INTRODUCTIONS)
NAME_WORDS = 2
"""Given name and surname."""
TITLE_CASE_SHARE = 0.6
"""With a larger share of capitalized words in a line, capitals don't mark names there."""


def tokenize(ticket: TicketText) -> list[Token]:
    """Return the words in order; a compound such as `e-mail` is added as one word at the end."""
    text = composed(visible(f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]))[:READ_CHARACTERS]
    text = _SALUTATION.sub("\n", text)
    if "@" in text or "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(" . ", text)
    if "-" in text:
        text = _JOINED.sub(r"\1", text)
    tokens = [token for line in text.split("\n") for token in _tokens_of_line(line)]
    if "-" in text:
        tokens.append(BREAK)
        tokens += [Token(folded(compound.replace("-", ""))) for compound in _COMPOUND.findall(text)]
    return tokens


def _tokens_of_line(line: str) -> Iterator[Token]:
    words = _TOKEN.findall(line)
    if not words:
        return
    capitals_show_names = not _is_title_case(words)
    starts_sentence, preceding, name_words = True, [""] * MAX_INTRODUCTION_WORDS, 0
    for position, written in enumerate(words):
        if not written[0].isalnum():
            yield BREAK
            starts_sentence, name_words = written in _ENDS, 0
            if written in _ENDS:
                preceding = [""] * MAX_INTRODUCTION_WORDS
            continue
        word = folded(written)
        capital = written[0].isupper() and written[1:].islower()
        introduced = _is_introduced(preceding) or 0 < name_words < NAME_WORDS
        titled = preceding[-1] in TITLES
        name_words = name_words + 1 if capital and (introduced or titled) else 0
        if titled and capital:
            yield BREAK
        else:
            proper = capital and capitals_show_names and (not starts_sentence or _is_capitalized(words, position + 1))
            yield Token(word, name_words > 0, written.isupper() and len(written) > 1, proper)
        starts_sentence = False
        preceding = [*preceding[1:], word]
    yield BREAK


def _is_introduced(preceding: list[str]) -> bool:
    return preceding[-1] in _INTRODUCTION_ENDS and any(
        tuple(preceding[-length:]) in INTRODUCTIONS for length in range(1, MAX_INTRODUCTION_WORDS + 1)
    )


def _is_capitalized(words: list[str], position: int) -> bool:
    return position < len(words) and words[position][0].isupper() and words[position][1:].islower()


def _is_title_case(tokens: list[str]) -> bool:
    words = [token for token in tokens if token[0].isalpha()]
    return len(words) < 3 or sum(word[0].isupper() for word in words) > TITLE_CASE_SHARE * len(words)
