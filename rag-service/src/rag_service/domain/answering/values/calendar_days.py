"""Days and months as texts write them without a year: `16 Jun`, `16. Juni`, `16.06.`, `2028-06-16`, `in July`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_QUESTION_CHARACTERS = 1_000
_NAMES = """\
january jan januar jänner janvier janv enero ene gennaio gen januari
february feb februar février févr febrero febbraio februari
march mar märz mär mrz mars marzo maart mrt
april apr avril avr abril abr aprile
may mai mayo maggio mag mei
june jun juni juin junio giugno giu
july jul juli juillet juil julio luglio lug
august aug août agosto ago augustus
september sep sept septembre septiembre settembre set
october oct oktober okt octobre octubre ottobre ott
november nov novembre noviembre
december dec dezember dez décembre déc diciembre dic"""
_MONTH_OF = {name: number for number, line in enumerate(_NAMES.splitlines(), 1) for name in line.split()}
_LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + r")(?![^\W_])"
DAY = (
    r"(?:(?:19|20)\d\d-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th|er)? ?(?:of |de )?{_MONTH}"
    rf"|(?<![^\W_]){_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?!\d)"
    r"|\d{1,2}\.\d{1,2}\.(?!\d{3})|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})(?!\d))"
)
"""A day of a month; a number with a point in it alone may be an amount."""
_DAY = re.compile(rf"(?i)(?<![\w.,]){DAY}")
_RANGE = re.compile(
    rf"(?i)(?<![\w.,])({DAY})(?:,? ?\d{{4}})? ?(?:-|–|—|to|until|till|bis(?: zum)?|au|à|al|a|tot(?: en met)?) ?"
    rf"(?:(?:[^\W\d_]{{2,10}}\.?,? )?)({DAY})"
)
_SHORT_RANGE = re.compile(rf"(?i)(?<![\w.,])(\d{{1,2}})\.? ?(?:-|–|—|to|bis|au|à|al) ?({DAY})")
_MONTH_RANGE = re.compile(rf"(?i)(?<![^\W_])({_MONTH})\.? ?(?:-|–|—|to|until|bis|à|au|a|tot) ?({_MONTH})")
_ASKED_MONTH = re.compile(rf"(?i)\b(?:in|im|en|for|für|during|au mois (?:de |d['’])|in de maand) ?({_MONTH})")


@dataclass(frozen=True)
class Days:
    """Days of a year, from the first to the last one; the first is the later one where a year ends between them."""

    first: tuple[int, int]
    last: tuple[int, int]
    """A month and a day each."""

    def holds(self, day: tuple[int, int]) -> bool:
        """Return whether a day is one of them."""
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last


def days_named(text: str) -> Iterator[tuple[str, Days]]:
    """Yield the days and months that a question names, with the words for them; no ranges."""
    named = list(_DAY.finditer(text[:MAX_QUESTION_CHARACTERS]))
    for each in named:
        if day := read_day(each[0]):
            yield each[0], Days(day, day)
    for each in _ASKED_MONTH.finditer(text[:MAX_QUESTION_CHARACTERS]):
        month = _MONTH_OF[each[1].casefold()]
        if not any(each.start(1) >= day.start() and each.end(1) <= day.end() for day in named):
            yield each[1], Days((month, 1), (month, _LAST_DAYS[month - 1]))


def day_ranges(text: str) -> Iterator[Days]:
    """Yield the ranges of days in a text: `16 Jun – 31 Aug`, `12–16 February`, `April to October`."""
    for each in _RANGE.finditer(text):
        first, last = read_day(each[1]), read_day(each[2])
        if first and last:
            yield Days(first, last)
    for each in _SHORT_RANGE.finditer(text):
        last = read_day(each[2])
        if last and 1 <= int(each[1]) <= last[1]:
            yield Days((last[0], int(each[1])), last)
    for each in _MONTH_RANGE.finditer(text):
        first_month, last_month = (_MONTH_OF[each[at].casefold()] for at in (1, 2))
        yield Days((first_month, 1), (last_month, _LAST_DAYS[last_month - 1]))


def only_day(value: str) -> tuple[int, int] | None:
    """Return the day that a cell is, perhaps with the day of the week and the year; None where it is something else."""
    found = list(_DAY.finditer(value))
    return read_day(found[0][0]) if len(found) == 1 and len(value.split()) <= 4 else None


def read_day(text: str) -> tuple[int, int] | None:
    """Return the month and the day of one day; None where there is no such day."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    words = [_MONTH_OF[each] for each in re.findall(r"[^\W\d_]+", text.casefold()) if each in _MONTH_OF]
    if words:
        month, day = words[0], numbers[0]
    elif len(numbers) == 3 and numbers[0] > 31:
        month, day = numbers[1], numbers[2]
    else:
        day, month = numbers[0], numbers[1]
    return (month, day) if 1 <= month <= 12 and 1 <= day <= _LAST_DAYS[month - 1] else None
