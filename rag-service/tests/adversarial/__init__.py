"""Files that somebody made to do harm, each made by a function of its own."""

from .corpus import ADVERSARIAL_FILES, REFUSED, SEEN, UNSEEN, AdversarialFile, Target

__all__ = ["ADVERSARIAL_FILES", "REFUSED", "SEEN", "UNSEEN", "AdversarialFile", "Target"]
