"""The whole corpus."""

from . import packed_names, packed_sizes, pdf_pages, pdf_structure, tables, texts, web, word_xml
from .case import REFUSED, SEEN, UNSEEN

FILES = (packed_names, packed_sizes, pdf_pages, pdf_structure, tables, texts, web, word_xml)

__all__ = ["REFUSED", "SEEN", "TRICKS", "UNSEEN", "Trap", "Trick"]
