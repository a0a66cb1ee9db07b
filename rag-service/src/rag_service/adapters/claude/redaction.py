"""Redacts personal data in texts sent to Claude, and restores it in Claude's replies."""

import re
from collections.abc import Sequence

from model_kit.claude.redaction import redact

MAX_VALUES = 100
"""Of one text."""

_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")


class Redacted:
    """Texts of one call, without personal data."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Redact the texts; equal values get the same placeholder in all of them."""
        self.texts = redact(*texts)
        self._values: dict[str, str] = {}
        for original, text in zip(texts, self.texts, strict=True):
            self._learn(original, text)

    def restored(self, text: str) -> str:
        """Return a text with the values in place of the placeholders, so that people read `help@corp.example`."""
        return _PLACEHOLDER.sub(lambda found: self._values.get(found[0], found[0]), text)

    def _learn(self, original: str, text: str) -> None:
        names, pieces = _PLACEHOLDER.findall(text), _PLACEHOLDER.split(text)
        index = len(pieces[0])
        for name, piece in zip(names[:MAX_VALUES], pieces[1:], strict=False):
            # Only the placeholders differ, so the text between equal pieces is the value.
            ends = original.find(piece, index + 1) if piece else len(original)
            if ends < 0:
                return
            value = original[index:ends]
            kind = name[1:].partition("_")[0]
            # Two adjacent values may be cut at the wrong position; a piece that is not one whole value is not restored.
            if redact(value) == [f"[{kind}_1]"]:
                self._values.setdefault(name, value)
            index = ends + len(piece)
