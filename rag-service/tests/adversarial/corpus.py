"""The whole corpus."""

from . import packed_names, packed_sizes, pdf_pages, pdf_structure, tables, texts, web, word_xml
from .case import ADVERSARIAL_FILES, REFUSED, SEEN, UNSEEN, AdversarialFile, Target

FILES = (packed_names, packed_sizes, pdf_pages, pdf_structure, tables, texts, web, word_xml)

__all__ = ["ADVERSARIAL_FILES", "REFUSED", "SEEN", "UNSEEN", "AdversarialFile", "Target"]
