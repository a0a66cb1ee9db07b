"""Files that somebody made to do harm, each made by a function of its own."""

from .corpus import REFUSED, SEEN, TRICKS, UNSEEN, Trap, Trick

__all__ = ["REFUSED", "SEEN", "TRICKS", "UNSEEN", "Trap", "Trick"]
