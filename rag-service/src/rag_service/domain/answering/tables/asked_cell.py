"""Tells whether a row that the question names has a cell of what is asked, however its column is called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag_service.domain.answering.answer_kind import asked_kind, asks_money
from rag_service.domain.answering.language.identifiers import Identifiers, folded, identifiers
from rag_service.domain.answering.language.text_features import COMMON, stem, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words, fold
from rag_service.domain.answering.tables.attributes import lacks_attribute
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import named_columns
from rag_service.domain.answering.values import cell_kinds
from rag_service.domain.terms import plainest

MIN_IDENTIFYING_CHARACTERS = 3
NEAR_COLUMN = 0.5
"""A cosine from which a column's name is another word for what is asked."""
MAX_OTHER_WORDS = 1
"""Words of a question, such as its verb, that neither the row nor the column that it names has."""
SAYS_NOTHING = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
screen shows show display displays says message article item items product entry row line list code error device
machine number exactly please look details detail information info data mean means happen happens called name
one there now left still currently have has had get gets stand stands belong belongs under about available
artikel zeile eintrag liste fehler fehlercode anzeige zeigt display gerät meldung steht stück gibt sind noch da haben
article ligne liste erreur écran affiche appareil code reste encore unités pièces y en
artículo fila lista error pantalla muestra aparato código quedan queda hay unidades unidad piezas
articolo riga errore schermo mostra codice restano pezzi unità
artikel regel lijst fout foutcode scherm toont apparaat stuks zijn nog
piece pieces pcs unit units many much stk"""
    )
)
"""Words of a question that ask for no column."""
_ATTRIBUTE = re.compile(
    r"(?i)\b(?:what|which|welche[rsnm]?|quel(?:le)?s?|qué|cuál(?:es)?|quale|welke?)\s+(?!(?:is|are|does|do|did|was|were|has"
    r"|have|had|can|could|should|must|will|would|shall|to|ist|sind|est|sont|es|son|hay|hago|debo|now|about|if)\b)[^\W\d_]+"
    r"|\b(?:what|was|quel(?:le)?|cuál|qual)(?:['’]s|\s+(?:is|are|ist|sind|est|sont|es|son|è))\s+(?:the|der|die|das|le|la|les"
    r"|el|los|las|il|its)\b"
)
"""A question for a thing by its name: "which colour", "what is the warranty of"."""
_ASKS_FOR_ALL = re.compile(
    r"(?i)\bwhat (?:is|does|['’]s) (?:that|this|it)(?: mean)?\W*$|\bwas (?:ist|bedeutet|heißt|soll) das\W*$"
    r"|\bque (?:signifie|veut dire) (?:cela|ça)\W*$|\bqu['’]est-ce que c['’]est\W*$"
    r"|\bqué (?:es|significa) (?:eso|esto)\W*$"
)
_HOW_MANY = re.compile(r"(?i)\b(?:how many|wie ?viele\w*|combien d|cuánt[oa]s|quant[ie]|hoeveel)\b|\bcombien d['’]")
_KEY = re.compile(r"(?i)\b(?:key|schlüssel|clé|clef|llave|chiave|sleutel|code|serial|tag|id)\b")


@dataclass(frozen=True)
class AskedCell:
    """How a row and what is asked of it fit."""

    identified: bool
    """Whether the row's own cells hold what the question names."""
    fits: float
    """1: a cell is what is asked; 0: none can be; .5: nobody knows."""
    named: float
    """How far one column's name has the words that are asked for."""
    near: float
    """The cosine of the nearest column that may hold the kind asked."""


NO_CELL = AskedCell(False, 0.5, 0.0, 0.0)


def asked_cell(row: str, question: str, about: Words, columns: Mapping[str, float]) -> AskedCell:
    """Return how a row and a question fit; `about`: words of the heading and the document; `columns`: cosines."""
    every = list(cells(row))
    named = _of_rows(identifiers(question), [name for name, _ in every])
    mine = Words(question)
    own = [(name, value) for name, value in every if _identifies(value, named, question)]
    others = [cell for cell in every if cell not in own]
    if not own:
        return NO_CELL
    values = Words(" ".join(value for _, value in own))
    keys, names = Words(" ".join(name for name, _ in own)), Words(" ".join(name for name, _ in others))
    rest = (
        []
        if _ASKS_FOR_ALL.search(question)
        else [
            word
            for word in asked_words(question)
            if not values.holds(word)
            and (about.holds(word) < 1 or names.holds(word))
            and word not in SAYS_NOTHING
            and (not keys.holds(word) or names.holds(word) == 1)
            and not any(each.isdigit() for each in word)
        ]
    )
    column_words = [word for name, _ in others for word in asked_words(name)]
    if lacks_attribute(rest, column_words) and all(name for name, _ in others):
        return AskedCell(True, 0.0, 0.0, 0.0)
    if _is_anothers(own, every, question):
        return AskedCell(True, 0.0, 0.0, 0.0)
    if _names_a_cell(question, own, others, rest):
        return AskedCell(True, 1.0, 1.0, 1.0)
    best, half = 0.0, False
    for name, value in others:
        column = Words(name or value)
        held = [column.holds(word) or Words(value).holds(word) for word in rest]
        share = sum(each > 0 for each in held) / len(rest) if rest else 0.0
        # "Monthly fee" is not "the setup fee": each has a word that the other lacks.
        lacks = bool(name) and share < 1 and any(not mine.holds(word) for word in asked_words(name))
        half = half or (lacks and share > 0)
        best = max(best, share if not lacks else share / 2)
    possible = [(name, value) for name, value in others if is_of_kind(question, name, value)]
    near = max((columns.get(name, 0.0) for name, _ in possible if name), default=0.0)
    headless = not any(name for name, _ in others)
    return AskedCell(True, _fits(question, rest, best, half, possible, others, near, headless=headless), best, near)


def _names_a_cell(
    question: str, own: list[tuple[str, str]], others: list[tuple[str, str]], rest: Sequence[str]
) -> bool:
    """Return whether a question names a row by its first cell and one column: "hardware in Q1"."""
    found = named_columns(question, [name for name, value in others if value.strip()])
    if not found or not all(name for name, _ in others):
        return False
    columns = Words(" ".join(found))
    return sum(not columns.holds(word) for word in rest) <= MAX_OTHER_WORDS


def _is_anothers(own: list[tuple[str, str]], every: list[tuple[str, str]], question: str) -> bool:
    """Return whether a row is about another person than the one that the question names: about her deputy, perhaps.

    Its first person is another one, and the question does not name the column in which the named one stands.
    """
    people = [(name, value) for name, value in every if name and cell_kinds.is_name(value)]
    if len(people) < 2 or not own or any(cell == people[0] for cell in own) or not all(c in people for c in own):
        return False
    mine = Words(question)
    return not any(mine.holds(word) for name, _ in own for word in asked_words(name))


def _fits(
    question: str,
    rest: list[str],
    best: float,
    half: bool,
    possible: list[tuple[str, str]],
    others: list[tuple[str, str]],
    near: float,
    *,
    headless: bool,
) -> float:
    if not others:
        return 0.0
    if best == 1:
        return 1.0
    kind = asked_kind(question)
    if best >= 0.5 and not half and kind in ("person", "place", "contact", "anything", "steps"):
        return 1.0
    if not possible:
        return 0.0
    if not rest:
        return 1.0
    if kind == "decision" or (half and kind not in ("time", "person", "contact", "place")):
        return 0.0
    checked = kind in ("amount", "time", "person", "contact", "place") or asks_money(question)
    if best >= 0.5:
        return 1.0
    if headless or cell_kinds.asked_dimension(question):
        if checked or cell_kinds.asked_dimension(question) or _KEY.search(question):
            return 1.0
        return 0.0 if _ATTRIBUTE.search(question) else 0.5
    if near >= NEAR_COLUMN or (checked and len(possible) == 1):
        return 1.0
    return 0.5 if checked or not _ATTRIBUTE.search(question) else 0.0


def is_of_kind(question: str, name: str, value: str) -> bool:
    """Return whether a cell may be what is asked."""
    kind = asked_kind(question)
    if dimension := cell_kinds.asked_dimension(question):
        return cell_kinds.has_dimension(name, value, dimension)
    if asks_money(question):
        return cell_kinds.has_money(name, value)
    if _KEY.search(question) and not name:
        return cell_kinds.has_code(value)
    if kind == "amount":
        called = "number" in tokens(question) and cell_kinds.has_contact(name, value)
        counted = _HOW_MANY.search(question) is not None
        priced = not counted and cell_kinds.has_money(name, value)
        return called or priced or (cell_kinds.has_count(name, value) and not (counted and cell_kinds.has_unit(value)))
    if kind == "time":
        return cell_kinds.has_time(name, value)
    if kind == "person":
        return cell_kinds.has_person(name, value)
    if kind == "contact":
        return cell_kinds.has_contact(name, value)
    if kind == "place":
        return cell_kinds.has_place(name, value)
    return True


def _of_rows(named: Identifiers, columns: Sequence[str]) -> Identifiers:
    """Return the identifiers without the codes that are columns' names, such as Q1."""
    rows = tuple(code for code in named.codes if not any(code.search(folded(name)) for name in columns))
    return replace(named, codes=rows)


def _identifies(value: str, named: Identifiers, question: str) -> bool:
    """Return whether a cell holds what the question names: its code, its name, or all words of the cell."""
    if named.codes:
        return any(code.search(folded(value)) for code in named.codes)
    words = [word for word in tokens(value) if word not in COMMON]
    if not words or sum(map(len, words)) < MIN_IDENTIFYING_CHARACTERS or all(word.isdigit() for word in words):
        return False
    asked = frozenset(tokens(question))
    if frozenset(words) <= asked and any(word[0].isupper() for word in re.findall(r"[^\W\d_]+", value)):
        return True
    return len(named.names) > 1 and named.names <= frozenset(plainest(stem(word)) for word in words)
