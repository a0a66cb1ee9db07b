"""Keeps a short question with what the answer before it was about: "Who is the owner?" after an answer from one row.

Such a question has no name of its own, so anything in the company's documents could answer it. It is looked for in the
documents of the last answer, with the name of the row that was quoted, or with the subject of the question before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import content, plain, stem, tokens
from rag_service.domain.answering.language.word_match import asked_words, fold
from rag_service.domain.answering.message.conversation import Turn, standalone_question, topic_words
from rag_service.domain.answering.message.fragments import fragment_of
from rag_service.domain.answering.message.questions import parts_of
from rag_service.domain.answering.tables.columns import cells

MAX_OWN_WORDS = 4
"""A question with more words says itself what it is about."""
MAX_TOPIC_WORDS = 6
MIN_CELLS = 2
MAX_NAME_CHARACTERS = 60
_ATTRIBUTES = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
owner responsible contact person manager lead backup deputy phone telephone number extension email mail address price
cost costs costing fee weight weigh heavy size long wide colour color deadline due date day time hours floor room
building place location located stock available status supplier vendor delivery warranty seats people fit capacity
name reason approve approves next last
besitzer eigentümer verantwortlich zuständig ansprechpartner leiter vertretung telefon telefonnummer durchwahl nummer
mail adresse preis kostet kosten gewicht schwer wiegt größe groß farbe frist datum tag uhrzeit stock etage raum gebäude
ort lager bestand verfügbar lieferant lieferzeit garantie plätze name
propriétaire responsable contact téléphone numéro adresse prix coûte poids taille couleur délai date jour heure étage
salle bâtiment lieu stock disponible fournisseur livraison garantie places nom
propietario responsable contacto teléfono número dirección precio cuesta peso tamaño color plazo fecha día hora planta
sala edificio lugar existencias disponible proveedor entrega garantía plazas nombre"""
    )
)
"""Words for what many things have, which say nothing of which thing is meant."""


@dataclass(frozen=True)
class Continuation:
    """A question in the context of the last answer."""

    question: str
    """With the name of the row that was quoted, or the subject of the question before."""
    documents: frozenset[UUID]
    """Those of the last answer; empty if there was none."""
    bound: bool
    """Whether it means nothing without the context, so that no other document may answer it."""


def continuation(message: str, turns: Sequence[Turn]) -> Continuation | None:
    """Return a message as a question about what the last answer quotes; None if it says itself what it is about."""
    if not turns or len(parts_of(message)) != 1:
        return None
    last = turns[-1]
    text = plain(message)
    own, named = content(text), identifiers(text)
    if not own or len(own) > MAX_OWN_WORDS or named.codes or named.names or fragment_of(text) is not None:
        return None
    subject = (last.role == "assistant" and _name_of_row(last.text)) or _topic(turns)
    bound = all(word in _ATTRIBUTES for word in asked_words(text))
    if not subject or not (bound or last.documents):
        return None
    return Continuation(f"{message.strip().rstrip('?. ')} ({subject})?", last.documents, bound)


def _name_of_row(answer: str) -> str:
    """Return what names the only row that an answer quotes; empty if it quotes something else."""
    lines = [line for line in answer.splitlines() if len(list(cells(line))) >= MIN_CELLS and cells_are_named(line)]
    if len(lines) != 1:
        return ""
    values = [value.split(" [")[0].strip() for _, value in cells(lines[0])]
    named = [each for each in values if any(map(str.isalpha, each)) and len(each) <= MAX_NAME_CHARACTERS]
    return named[0] if named else ""


def cells_are_named(line: str) -> bool:
    """Return whether a line is a row whose columns have names."""
    return all(name for name, _ in cells(line))


def _topic(turns: Sequence[Turn]) -> str:
    asked = [place for place, each in enumerate(turns) if each.role == "user"]
    if not asked:
        return ""
    question = standalone_question(turns[asked[-1]].text, turns[: asked[-1]])
    return " ".join(topic_words(question)[:MAX_TOPIC_WORDS])
