"""The words of a ticket that can prove something: without greetings, names of people, addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ai_service.domain.folding import composed, folded, phrases, words_of_list
from ai_service.domain.ticket_text import READ_CHARACTERS, TicketText, visible


@dataclass(frozen=True, slots=True)
class Token:
    """A word, folded; "" where something stood that no phrase reaches across."""

    word: str
    name: bool = False
    """Whether it stands where people name themselves or others."""
    capitals: bool = False
    """Whether it is written in capitals as an abbreviation is: `HR`, not `Hr`."""
    proper: bool = False
    """Whether it begins with a capital inside a sentence or before another capital, as names do."""


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
"""A word with a capital behind one of these is a name, whatever it means elsewhere."""
INTRODUCTIONS = frozenset(
    phrases("""
        my name is, name is, called, named, regards, best regards, sincerely, cheers, yours, signed, i am, i m, this is,
        dear, hi, hello, hey, thanks, thank you, ask, contact, colleague, from, by, with, mein name ist, ich heisse,
        ich bin, grüsse, grüßen, gruss, je m appelle, mon nom est, je suis, cordialement, me llamo, mi nombre es, soy,
        saludos, adım, benim adım, ben, saygılarımla, saygılar
    """)
)
LONGEST_INTRODUCTION = max(map(len, INTRODUCTIONS))
NAME_WORDS = 2
"""Given name and surname."""
TITLE_CASE = 0.6
"""Of the words in a line so many with capitals mean that capitals show no names there."""


def telling(ticket: TicketText) -> list[Token]:
    """Return the words in order; a compound such as `e-mail` also as one word, at the end."""
    text = composed(visible(f"{ticket.title}\n{ticket.description}"[:READ_CHARACTERS]))[:READ_CHARACTERS]
    text = _JOINED.sub(r"\1", _ADDRESS.sub(" . ", _SALUTATION.sub("\n", text)))
    tokens = [token for line in text.split("\n") for token in _line(line)]
    if "-" in text:
        tokens.append(BREAK)
        tokens += [Token(folded(each.replace("-", ""))) for each in _COMPOUND.findall(text)]
    return tokens


def _line(line: str) -> Iterator[Token]:
    written = _TOKEN.findall(line)
    if not written:
        return
    capitals_show_names = not _is_title_case(written)
    begins, behind, name_words = True, [""] * LONGEST_INTRODUCTION, 0
    for place, each in enumerate(written):
        if not each[0].isalnum():
            yield BREAK
            begins, name_words = each in _ENDS, 0
            if each in _ENDS:
                behind = [""] * LONGEST_INTRODUCTION
            continue
        word = folded(each)
        capital = each[0].isupper() and each[1:].islower()
        introduced = _introduced(behind) or 0 < name_words < NAME_WORDS
        titled = behind[-1] in TITLES
        name_words = name_words + 1 if capital and (introduced or titled) else 0
        if titled and capital:
            yield BREAK
        else:
            proper = capital and capitals_show_names and (not begins or _is_capital(written, place + 1))
            yield Token(word, name_words > 0, each.isupper() and len(each) > 1, proper)
        begins = False
        behind = [*behind[1:], word]
    yield BREAK


def _introduced(behind: list[str]) -> bool:
    return any(tuple(behind[-length:]) in INTRODUCTIONS for length in range(1, LONGEST_INTRODUCTION + 1))


def _is_capital(written: list[str], place: int) -> bool:
    return place < len(written) and written[place][0].isupper() and written[place][1:].islower()


def _is_title_case(written: list[str]) -> bool:
    words = [each for each in written if each[0].isalpha()]
    return len(words) < 3 or sum(each[0].isupper() for each in words) > TITLE_CASE * len(words)
