"""What a trick is, and the list that fills as its functions are read."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

SEEN = "The office opens at nine"
UNSEEN = "ZEBRAPASSWORD"
REFUSED = frozenset({"scanned", "broken", "encrypted", "too_large", "too_slow", "wrong_kind", "empty"})


@dataclass(frozen=True)
class Target:
    """What a file tries to reach: a file of this machine, and a server."""

    file: str
    url: str


@dataclass(frozen=True)
class AdversarialFile:
    """A hostile file and how it may end: as text that holds SEEN and never UNSEEN, or refused."""

    name: str
    kind: str
    make: Callable[[Target], bytes]
    read: bool
    """It may be read; then it holds SEEN."""
    refused: frozenset[str]
    """It may be refused, with one of these."""


ADVERSARIAL_FILES: list[AdversarialFile] = []
Maker = Callable[[Target], bytes]


def adversarial_file(kind: str, *, read: bool = False, refused: Collection[str] = ()) -> Callable[[Maker], Maker]:
    """Put a function's file on the list."""

    def listed(make: Maker) -> Maker:
        ADVERSARIAL_FILES.append(AdversarialFile(make.__name__, kind, make, read, frozenset(refused)))
        return make

    return listed
