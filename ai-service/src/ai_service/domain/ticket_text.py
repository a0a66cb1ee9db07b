"""The text of a ticket, as classifiers read it."""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from ai_service.domain.folding import folded

READ_CHARACTERS = 20_000
"""Characters read for keywords and priorities: the subject of a ticket stands at its beginning, and reading must be
quick."""

# Unicode's default ignorable code points: soft hyphens, zero widths, turns of direction, variations, tags.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_WORD = re.compile(r"[^\W_]+")
_COMPOUND = re.compile(r"[^\W_]+(?:-[^\W_]+)+")


@dataclass(frozen=True)
class TicketText:
    """Title and description of a ticket."""

    title: str
    description: str
    automatic: bool = False
    """Whether a machine sent it: an absence note, a delivery report, a newsletter."""

    @property
    def fingerprint(self) -> bytes:
        """Return a digest of 16 bytes; equal texts have equal digests."""
        return fingerprint(self.title, self.description)

    @cached_property
    def words(self) -> list[str]:
        """Return the words in order, folded; a compound such as `e-mail` also as one word, `email`."""
        text = folded(visible(f"{self.title}\n{self.description}"[:READ_CHARACTERS]))[:READ_CHARACTERS]
        joined = [compound.replace("-", "") for compound in _COMPOUND.findall(text)] if "-" in text else []
        return _WORD.findall(text) + joined


def visible(text: str) -> str:
    """Return a text without invisible characters: they split words, or hide instructions for a model from people."""
    return _HIDDEN.sub("", text)


def fingerprint(*texts: str) -> bytes:
    """Return a digest of 16 bytes of these texts in this order."""
    digest = blake2b(digest_size=16)
    for text in texts:
        # surrogatepass: every Python string has a fingerprint. The length keeps one text from running into the next.
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()


def plurals(word: str) -> tuple[str, ...]:
    """Return the forms that `singular` makes this word of."""
    return tuple(form for form in (f"{word}s", f"{word}es", f"{word[:-1]}ies") if singular(form) == word)


def singular(word: str) -> str:
    """Return a word without a simple English plural ending: `invoices`, `boxes`, `policies`."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
