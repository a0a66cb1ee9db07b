"""Tells texts of a document about another place than the one that a question names.

A company may have the files of several houses: "How much is a ticket at the pool?" is not answered by a museum's price.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit

MIN_PART_LETTERS = 6
"""Letters of a word that ends a compound: `Museum` in `Uhrenmuseum`."""
SAME_WORD = 0.8
"""How far a text must hold a word."""
MAX_FIRST_LINE = 120
"""Characters of a document's first line that name what it is about."""

_HOUSES = """\
pool swimming-pool baths lido hallenbad schwimmbad freibad schwimmhalle piscine piscina zwembad
museum musée museo
gallery galerie galería kunsthalle pinakothek
library bibliothek bücherei bibliothèque médiathèque biblioteca bibliotheek
school grundschule schule gymnasium école collège lycée escuela scuola
nursery kindergarten kita crèche guardería
university college universität hochschule université universidad università
hotel hôtel inn guesthouse hostel pension albergo jugendherberge
campsite camping campingplatz
restaurant restaurante ristorante gaststätte pizzeria brasserie
café cafe bistro cafeteria kantine canteen cantine
bakery bakers bäckerei konditorei boulangerie pâtisserie panadería bakkerij
butcher butchers metzgerei fleischerei boucherie carnicería
pharmacy apotheke pharmacie farmacia apotheek
dentist dental zahnarzt zahnarztpraxis dentaire dentiste dentista tandarts
hospital krankenhaus klinik hôpital ziekenhuis
vet veterinary tierarzt tierarztpraxis vétérinaire veterinario dierenarts
hairdresser barber friseur coiffeur peluquería kapper
gym fitnessstudio gimnasio
cinema kino cine bioscoop
theatre theater théâtre teatro
zoo tierpark
allotment allotments kleingarten kleingartenverein schrebergarten
bank sparkasse banque banco
church kirche église iglesia chiesa kerk
"""
"""A line for each kind of house or firm, in six languages."""
_KIND = {fold(stem(word)): number for number, line in enumerate(_HOUSES.splitlines()) for word in line.split()}
_ENDINGS = tuple((word, number) for word, number in _KIND.items() if len(word) >= MIN_PART_LETTERS)
_AT = re.compile(
    r"(?i)\b(?:(?:at|in|of|from|to|for|inside|with) (?:the|our|your|this)"
    r"|am|im|beim|vom|zum|zur|(?:in|an|auf|bei|von) (?:der|dem)"
    r"|au|aux|du|(?:à|de|dans) (?:la|le|l['’])|del|al|(?:en|de|a) (?:el|la)) ?((?:[^\W\d_][\w-]* ?){1,3})"
)
"""The place at which, or of which, a question asks for something: up to three words."""


def of_other_places(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units of documents about another place than the question's, where several documents were found.

    The place is a kind of house, and the document's own is another one; or it stands in another document's title or
    first line. A document that speaks of the place anywhere in what was found of it is about it, too.
    """
    passages: defaultdict[object, dict[object, AssessedPassage]] = defaultdict(dict)
    for each in found:
        passages[each.assessed.passage.document_id][each.assessed.passage.chunk_id] = each.assessed
    asked = _kinds(question)
    named = frozenset(word for part in _AT.findall(question) for word in subject_words(part) if word.isalpha())
    if len(passages) < 2 or not (asked or named):
        return []
    heads = {document: " ".join(map(_head, of.values())) for document, of in passages.items()}
    texts = {document: " ".join([heads[document], *(one.passage.text for one in of.values())])
             for document, of in passages.items()}  # fmt: skip
    holding = {document: Words(text) for document, text in heads.items()}
    others = set()
    for document, text in texts.items():
        own, there = _kinds(heads[document]), Words(text)
        lacking = {word for word in named if not there.holds(word)}
        elsewhere = any(holding[other].holds(word) >= SAME_WORD for other in texts for word in lacking)
        if elsewhere or (asked and own and asked.isdisjoint(own | _kinds(text))):
            others.add(document)
    return [each for each in found if each.assessed.passage.document_id in others]


def _head(one: AssessedPassage) -> str:
    """Return what a document says that it is about: its name, its title, its first heading and its first line."""
    passage = one.passage
    title = passage.metadata.get("document_title")
    first = (passage.beginning or "").strip().split("\n")[0][:MAX_FIRST_LINE]
    name = subject_of(passage) if not passage.heading else passage.heading[0]
    return " ".join([passage.title.rsplit(".", 1)[0].replace("_", " "), name, title if isinstance(title, str) else "",
                     first if len(first) < MAX_FIRST_LINE else ""])  # fmt: skip


def _kinds(text: str) -> frozenset[int]:
    """Return the kinds of houses that a text names, also at the end of a compound."""
    found = set()
    for word in {fold(stem(each)) for each in tokens(text)}:
        if word in _KIND:
            found.add(_KIND[word])
        else:
            found.update(number for ending, number in _ENDINGS if word.endswith(ending))
    return frozenset(found)
