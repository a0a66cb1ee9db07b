"""An adversarial file, and the list that the modules of this folder fill when they are imported."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

SEEN = "The office opens at nine"
UNSEEN = "ZEBRAPASSWORD"
REFUSED = frozenset({"scanned", "broken", "encrypted", "too_large", "too_slow", "wrong_kind", "empty"})


@dataclass(frozen=True)
class Target:
    """The file of this machine and the server that an adversarial file tries to reach."""

    file: str
    url: str


@dataclass(frozen=True)
class AdversarialFile:
    """An adversarial file, and how it may end: as text that holds SEEN and never UNSEEN, or refused."""

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
    """Register the file that a function makes."""

    def listed(make: Maker) -> Maker:
        ADVERSARIAL_FILES.append(AdversarialFile(make.__name__, kind, make, read, frozenset(refused)))
        return make

    return listed
