"""What a trick is, and the list that fills as its functions are read."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

SEEN = "The office opens at nine"
UNSEEN = "ZEBRAPASSWORD"
REFUSED = frozenset({"scanned", "broken", "encrypted", "too_large", "too_slow", "wrong_kind", "empty"})


@dataclass(frozen=True)
class Trap:
    """What a file tries to reach: a file of this machine, and a server."""

    file: str
    url: str


@dataclass(frozen=True)
class Trick:
    """A hostile file and how it may end: as text that holds SEEN and never UNSEEN, or refused."""

    name: str
    kind: str
    make: Callable[[Trap], bytes]
    read: bool
    """It may be read; then it holds SEEN."""
    refused: frozenset[str]
    """It may be refused, with one of these."""


TRICKS: list[Trick] = []
Maker = Callable[[Trap], bytes]


def trick(kind: str, *, read: bool = False, refused: Collection[str] = ()) -> Callable[[Maker], Maker]:
    """Put a function's file on the list."""

    def listed(make: Maker) -> Maker:
        TRICKS.append(Trick(make.__name__, kind, make, read, frozenset(refused)))
        return make

    return listed
