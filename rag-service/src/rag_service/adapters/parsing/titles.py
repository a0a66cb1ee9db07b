"""Chooses a document's title: what it declares, unless that is a template's name, else its first heading."""

import re

from rag_service.adapters.parsing.questions import asks, is_marked

_LETTER = re.compile(r"[^\W\d_]")
_NO_TITLE = re.compile(
    r"untitled|no title|word document|titel|title|document\d*|doc\d*|microsoft word.*|powerpoint.*"
    r"|.*\.(docx?|dotx?|pdf|xlsx?|txt|html?|md)|.*normal\.dotm?",
    re.IGNORECASE,
)
# The words of templates in the languages of Office: such a title names the form, not what was written on it.
_TEMPLATE = re.compile(
    r"\b(?:template|letter ?head|blank (?:document|page)|vorlage|briefkopf|briefbogen|musterdokument"
    r"|mod[eè]le|papier à en-tête"
    r"|plantilla|membrete|modello|carta intestata|sjabloon|briefpapier|szablon|papier firmowy|[sš]ablona"
    r"|hlavičkový papír"
    r"|sablon|fejléces|mal(?:l)?|skabelon|brevmall|malli(?:pohja)?|modelo|timbrado|[sş]ablon|шаблон|бланк"
    r"|πρότυπο|模板|テンプレート"
    r"|서식|ready ?document|insert title|type (?:the )?title|document title|your title|lorem ipsum)\w{0,3}\b"
    r"|\w+(?:vorlage|sjabloon|skabelon|brevmall)\b",
    re.IGNORECASE,
)
# Headings that many documents begin with; they say nothing about the one at hand.
_GENERAL = re.compile(
    r"(?:introduction|intro|overview|contents|table of contents|summary|abstract|preface|foreword|scope"
    r"|purpose|about|notes?"
    r"|background|general|welcome|einleitung|einführung|überblick|übersicht|inhalt|inhaltsverzeichnis"
    r"|zusammenfassung|vorwort"
    r"|zweck|allgemeines|geltungsbereich|sommaire|résumé|avant-propos|aperçu|objet|introducción|resumen"
    r"|índice|contenido|objeto"
    r"|introduzione|indice|sommario|premessa|inleiding|inhoud|samenvatting|overzicht|wstęp|spis treści"
    r"|wprowadzenie|úvod|obsah"
    r"|bevezetés|tartalom|introdução|resumo|inledning|innehåll|indledning|indhold|johdanto|sisällys"
    r"|введение|содержание)\W*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM_LETTERS = 5
MIN_TITLE_CHARACTERS = 3


def is_title(text: str) -> bool:
    """Return whether a declared title means anything."""
    return len(text) >= MIN_TITLE_CHARACTERS and bool(_LETTER.search(text)) and not _NO_TITLE.fullmatch(text)


def chosen(declared: str, headings: list[str], beginning: str) -> str:
    """Return the title of a document; empty where it has none of its own.

    `declared`: the title of its properties, or empty. `headings`: its headings in their order. `beginning`: its first
    paragraphs. A declared title counts if its words occur in the document; that of an old template does not.
    """
    first = headings[0] if headings else ""
    if _is_question(first) and sum(map(_is_question, headings)) > 1:
        # The first of many questions is not what the document is about.
        first = ""
    if not declared:
        return first
    words = _stems(declared)
    if not words or words & _stems(" ".join(headings)):
        return declared
    if _TEMPLATE.search(declared):
        return first
    if words & _stems(beginning) or not first or _GENERAL.fullmatch(first):
        return declared
    return first


def _is_question(heading: str) -> bool:
    return asks(heading) or is_marked(heading)


def _stems(text: str) -> set[str]:
    """Return the beginnings of a text's words, because titles inflect them."""
    return {word.casefold()[:_STEM_LETTERS] for word in _WORD.findall(text)}
