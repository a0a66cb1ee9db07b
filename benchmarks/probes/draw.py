"""Seeded choices. Each half of the questions takes its words from its own half of every pool."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
HALVES = ("at_hand", "held_out")
_BEGINS = (
    "Ar", "Bel", "Cor", "Dun", "Esk", "Fal", "Gar", "Hol", "Inver", "Jed", "Kil", "Lan", "Mor", "Nor", "Or", "Pen",
    "Quar", "Ros", "Sel", "Tar", "Ul", "Ver", "Wes", "Yar", "Zen",
)  # fmt: skip
_MIDDLES = ("a", "be", "da", "di", "e", "fo", "ga", "hi", "i", "ka", "lo", "mi", "ne", "o", "pu", "ra", "su", "ti")
_ENDS = (
    "bury", "cott", "dale", "ford", "gate", "holm", "kirk", "lin", "mere", "nock", "ridge", "stead", "thorp", "vale",
    "wick", "wyn",
)  # fmt: skip
_FIRST = (
    "Carla", "Dirk", "Amina", "Tomasz", "Ingrid", "Yusuf", "Beatriz", "Olga", "Henrik", "Priya", "Marco", "Nadia",
    "Lukas", "Fatima", "Sven", "Chiara", "Pavel", "Leila", "Gareth", "Mei", "Jonas", "Zuzana", "Ibrahim", "Greta",
    "Rafael", "Signe", "Kofi", "Elena", "Bram", "Noor",
)  # fmt: skip
_LAST = (
    "Quist", "Ruhl", "Adeyemi", "Kowalski", "Lindqvist", "Demir", "Ferreira", "Petrova", "Brandt", "Nair", "Conti",
    "Haddad", "Keller", "Sayed", "Olsen", "Ricci", "Novak", "Karimi", "Morgan", "Tanaka", "Weiss", "Horak", "Diallo",
    "Bauer", "Campos", "Berg", "Mensah", "Popescu", "Visser", "Aziz",
)  # fmt: skip


class Draw:
    """A source of names, codes and wordings for one half; the same seed gives the same ones."""

    def __init__(self, half: str, seed: int = 0) -> None:
        self.half = half
        self._part = HALVES.index(half)
        self._random = random.Random(f"{half} {seed}")
        self._given: set[str] = set()

    def one(self, pool: Sequence[Item]) -> Item:
        """Return one of this half's part of a pool; of a pool of one, that one."""
        return self._random.choice(pool[self._part :: 2] or pool)

    def part(self, pool: Sequence[Item]) -> list[Item]:
        """Return this half's part of a pool, in another order."""
        return self.shuffled(pool[self._part :: 2] or pool)

    def any(self, pool: Sequence[Item]) -> Item:
        """Return one of the whole pool, for what doesn't matter."""
        return self._random.choice(pool)

    def some(self, pool: Sequence[Item], number: int) -> list[Item]:
        """Return some different ones of the whole pool."""
        return self._random.sample(pool, number)

    def number(self, least: int, most: int) -> int:
        """Return a whole number."""
        return self._random.randint(least, most)

    def numbers(self, least: int, most: int, count: int) -> list[int]:
        """Return different whole numbers."""
        return self._random.sample(range(least, most + 1), count)

    def chance(self, share: float) -> bool:
        """Return true with a probability."""
        return self._random.random() < share

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return them in another order."""
        return self._random.sample(items, len(items))

    def name(self) -> str:
        """Return an invented name that nothing else of this half has."""
        return self._new(
            lambda: f"{self.any(_BEGINS)}{self.any(_MIDDLES) if self.chance(0.6) else ''}{self.any(_ENDS)}"
        )

    def person(self) -> str:
        """Return a person's name that nobody else of this half has."""
        return self._new(lambda: f"{self.any(_FIRST)} {self.any(_LAST)}")

    def letters(self, number: int) -> str:
        """Return capital letters that begin no other codes of this half."""
        return self._new(lambda: "".join(self.any("ABCDEFGHJKLMNPRSTVWXYZ") for _ in range(number)))

    def _new(self, make: Callable[[], str]) -> str:
        while (found := make()) in self._given:
            pass
        self._given.add(found)
        return found
