"""Attributes that a question may name and a table may lack, such as a warranty: another column does not tell them."""

from collections.abc import Iterable, Sequence

from rag_service.domain.answering.language.text_features import stem
from rag_service.domain.answering.language.word_match import fold

MIN_PART_LETTERS = 4
_ATTRIBUTES = """\
warranty guarantee guaranteed garantie gewährleistung garantía garanzia
supplier supplies vendor manufacturer maker makes made brand lieferant hersteller hergestellt marke
  fournisseur fabricant marque proveedor fabricante marca
bought purchased purchase acquired gekauft angeschafft anschaffung kaufdatum acheté achat comprado compra
hired joined employed eingestellt eintritt embauché embauche contratado
born birthday birth geboren geburtstag né naissance nacido nacimiento cumpleaños
leasing leased lease leasingrate
colour color farbe couleur colore kleur
insurance insured versichert versicherung assurance assuré seguro asegurado
material materials fabric stoff matière matériau tela
discount rabatt remise descuento sconto
tax vat mwst steuer tva iva
mail email e-mail mailadresse courriel correo
"""
"""A group begins at the start of a line; a column has the attribute if its name has a word of the group."""


def _groups() -> dict[str, int]:
    lines = _ATTRIBUTES.replace("\n  ", " ").splitlines()
    return {fold(stem(word)): number for number, line in enumerate(lines) for word in line.split()}


_GROUPS = _groups()


def lacks_attribute(asked: Sequence[str], columns: Iterable[str]) -> bool:
    """Return whether words of a question name an attribute that no column has.

    `columns`: the words of the columns' names, as `word_match.asked_words` gives them.
    """
    wanted = {_GROUPS[word] for word in asked if word in _GROUPS}
    there = [(word, _GROUPS.get(word)) for word in columns]
    return any(all(group != number and not _part(word, number) for word, group in there) for number in wanted)


def _part(word: str, number: int) -> bool:
    """Return whether a longer word, such as `Garantiedauer`, has a word of a group in it."""
    return any(group == number and len(known) >= MIN_PART_LETTERS and known in word for known, group in _GROUPS.items())
