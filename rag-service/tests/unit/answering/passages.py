"""Passages for tests, and an encoder that sees words alone."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.answering.language.text_features import content
from rag_service.domain.passage import Passage

HANDBOOK = """\
Reset the VPN

The VPN asks for a password again and again when its profile is broken. To repair it:

1. Open the VPN client and choose Forget this connection.
2. Restart your computer.
3. Sign in at https://vpn.corp.example with your company account. Enter the code from your phone.

The VPN profile is renewed every 90 days."""
HOURS = "The help desk is open from Monday to Friday, 8:00 to 18:00. On public holidays it is closed."


def uuid(name: str) -> UUID:
    """Return the same UUID for the same name."""
    return uuid5(NAMESPACE_URL, name)


def passage(text: str, name: str = "vpn-handbook.pdf", *, ordinal: int = 0, locator: str = "p. 3") -> Passage:
    """Return a passage of a file."""
    chunk = uuid(f"{name}#{ordinal}")
    return Passage(chunk, uuid(name), "file", name, (), locator, text, 0.6, {"ordinal": ordinal})


def by_words(texts: Sequence[str]) -> NDArray[Any]:
    """Return rows of length 1 in which texts with the same words are near each other."""
    rows = np.zeros((len(texts), 256), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[0] = 0.1
        for word in content(text):
            row[1 + uuid(word).int % 255] += 1.0
    unit: NDArray[Any] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
