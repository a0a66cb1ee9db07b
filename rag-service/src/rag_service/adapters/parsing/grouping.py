"""Groups adjacent sections into passages, because tiny sections mean little alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from rag_service.domain.document import Section

TINY_CHARACTERS = 320
"""About eighty tokens; shorter passages seldom answer anything."""
MAX_WHOLE_CHARACTERS = 4_000
"""Characters; a longer document is no single passage."""
PAGE = "p. "


@dataclass(frozen=True)
class Group:
    """Sections that may become one passage."""

    sections: tuple[Section, ...]

    @property
    def heading(self) -> tuple[str, ...]:
        """Return the headings that all sections share."""
        return reduce(_shared, (each.heading for each in self.sections))

    @property
    def text(self) -> str:
        """Return the sections' texts, each below those of its headings that the others don't share."""
        if len(self.sections) == 1:
            return self.sections[0].text
        above = len(self.heading)
        parts: list[str] = []
        previous = self.heading
        for each in self.sections:
            same = len(_shared(previous, each.heading))
            parts += each.heading[max(above, same) :]
            parts.append(each.text)
            previous = each.heading
        return "\n\n".join(parts)

    @property
    def locator(self) -> str:
        """Return where it is found: a page, or the first and the last."""
        first, last = self.sections[0].locator, self.sections[-1].locator
        return first if first == last else f"{first}–{last.removeprefix(PAGE)}"

    @property
    def is_tiny(self) -> bool:
        """Return whether the group is too short to be a passage of its own."""
        return sum(len(each.text) for each in self.sections) < TINY_CHARACTERS

    def takes(self, section: Section) -> bool:
        """Return whether a section may join the group: below the same parent heading, on this page or the next ones."""
        mine = self.heading
        shared = len(_shared(mine, section.heading))
        locator = self.sections[-1].locator
        near = locator == section.locator or (locator.startswith(PAGE) and section.locator.startswith(PAGE))
        return near and shared >= max(len(mine), len(section.heading)) - 1


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings that both begin with."""
    both = 0
    while both < min(len(one), len(other)) and one[both] == other[both]:
        both += 1
    return one[:both]


def grouped(sections: Sequence[Section], left: Callable[[Group], int]) -> Iterator[Group]:
    """Yield groups of all sections in their order. `left(group)`: tokens left in a passage of the group; negative if it
    does not fit."""
    if not sections:
        return
    whole = Group(tuple(sections))
    near = all(each.locator == sections[0].locator for each in sections)
    if near and sum(len(each.text) for each in sections) < MAX_WHOLE_CHARACTERS and left(whole) >= 0:
        yield whole
        return
    group = Group((sections[0],))
    for section in sections[1:]:
        wider = Group((*group.sections, section))
        small = group.is_tiny or len(section.text) < TINY_CHARACTERS
        if small and group.takes(section) and left(wider) >= 0:
            group = wider
        else:
            yield group
            group = Group((section,))
    yield group
