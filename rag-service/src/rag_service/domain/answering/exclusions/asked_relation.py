"""Tells rows whose only person has a thing, where a question asks who does something with it.

"Who repairs the smoke machine?" is not answered by `Assigned to: Kasia Wren`, "Who has the smoke machine?" is.
"""

import re

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.language.text_features import COMMON, stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values import cell_kinds

_DOES = re.compile(
    r"(?i)^\W*(?:who|wer|qui|quién|quien|chi|wie)\s+"
    r"(?:(?:can|could|will|would|should|must|may|kann|darf|soll|muss|wird|peut|doit|va|puede|debe|va a|kan|moet)\s+)?"
    r"([^\W\d_]{3,})\b"
)
_DOES_LAST = re.compile(r"(?i)^\W*wer\s+(?:kann|darf|soll|muss|wird|hat)\s.*?([^\W\d_]{4,})\W*$")
"""In German the verb stands at the end beside a modal one."""
_HAS = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
has have had having got gets get uses use using used owns own owned holds hold holding keeps keep kept possesses
possess carries carry borrowed borrows borrow received receives rents rented leased assigned given issued responsible
charge contact works work sits sit drives drive user owner holder
hat haben nutzt nutzen benutzt verwendet besitzt gehört bekommt bekam bekommen erhält erhielt erhalten ausgeliehen
leiht geliehen behält fährt zuständig verantwortlich arbeitet sitzt
possède utilise détient emprunte emprunté reçu responsable travaille conduit
tiene usa utiliza posee lleva recibe recibió encargado responsable trabaja conduce
heeft gebruikt bezit verantwoordelijk ha possiede
the this that our your der die das den dem unser unsere mein meine le la les el los las un une una"""
    )
)
"""Verbs for having a thing, and the words that stand in the place of a verb: "who is the …"."""
_HOLDER_COLUMN = re.compile(
    r"(?i)^(?:assigned(?: to)?|assignee|allocated to|issued to|given to|lent to|borrowed by|borrower|owned by|owner"
    r"|used by|user|holder|held by|keeper|tenant|member|customer|guest|zugewiesen(?: an)?|zugeteilt(?: an)?"
    r"|ausgegeben an|ausgeliehen(?: an| von)?|besitzer(?:in)?|inhaber(?:in)?|nutzer(?:in)?|benutzer(?:in)?"
    r"|eigentümer(?:in)?|mieter(?:in)?|mitglied|kunde|kundin|gast|attribué à|affecté à|prêté à|utilisateur|utilisatrice"
    r"|détenteur|propriétaire|locataire|asignado a|prestado a|usuario|usuaria|titular|propietario|inquilino"
    r"|toegewezen aan|gebruiker|eigenaar)$"
)
"""Names of columns for the one who has a thing."""


def lacks_relation(question: str, found: FoundUnit) -> bool:
    """Return whether a row names nobody but the holder of a thing, and a question asks who does something with it."""
    if found.unit.unit.kind != "row" or asked_kind(question) != "person":
        return False
    match = _DOES_LAST.search(question) or _DOES.search(question)
    if match is None:
        return False
    verb = fold(stem(match[1].casefold()))
    if match[1].casefold() in COMMON or verb in _HAS:
        return False
    every = list(cells(found.core.shown))
    people = [(name, value) for name, value in every if cell_kinds.has_person(name, value)]
    holders = [name for name, _ in every if _HOLDER_COLUMN.match(name)]
    others = [name for name, _ in people if name not in holders and cell_kinds.has_person(name, "")]
    if not holders or others:
        return False
    passage = found.assessed.passage
    return not Words(" ".join([found.core.shown, subject_of(passage), *passage.heading, passage.title])).holds(verb)
