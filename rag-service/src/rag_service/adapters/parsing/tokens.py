"""Counts the tokens of a text."""

import re
from collections.abc import Callable
from pathlib import Path

from model_kit.model_store import TOKENIZER, NotReady, read_manifest

LETTERS_PER_TOKEN = 8
"""A token is taken to hold no more: a word of a thousand letters is one unknown token, and no passage."""
_WORD, _SIGN = re.compile(r"[^\W_]+"), re.compile(r"[^\w\s]|_")
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00010000-\U0010ffff]")

Counter = Callable[[str], int]


class Tokens:
    """Counts with the encoder's tokenizer if its folder is complete, else estimates by words."""

    def __init__(self, encoder_folder: Path | None) -> None:
        self._folder = encoder_folder
        self._counter: Counter | None = None

    def counter(self) -> Counter:
        """Return the current counter; use one counter for a whole document."""
        if self._counter is None and self._folder is not None:
            try:
                read_manifest(self._folder)
            except NotReady:
                return by_words
            self._counter = _of_tokenizer(self._folder / TOKENIZER)
        return self._counter or by_words


def by_words(text: str) -> int:
    """Estimate the tokens, rather too many: one per five letters of a word, one for any other sign."""
    letters = sum(1 + (len(word) - 1) // 5 for word in _WORD.findall(text))
    return letters + len(_SIGN.findall(text)) + len(_WIDE.findall(text))


def _of_tokenizer(file: Path) -> Counter:
    # Imported here, because it is not needed without a local model.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    # The file truncates and pads every text to 128 tokens, which would make all texts equally long.
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return max(len(tokenizer.encode(text, add_special_tokens=False).ids), len(text) // LETTERS_PER_TOKEN)

    return count
