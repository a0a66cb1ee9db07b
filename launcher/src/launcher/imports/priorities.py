"""Translates the priorities of other systems into the four of this system."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

PRIORITIES = ("low", "medium", "high", "urgent")
NONE = ""
MAX_SHOWN_CHARACTERS = 50
MAX_SHOWN_VALUES = 30
URGENT_FIRST = ("urgent", "high", "medium", "low", "low")
"""Meaning of 1 to 5 where 1 is the most urgent, as in ITIL, ServiceNow and P1 to P5."""
LOW_FIRST = ("low", "low", "medium", "high", "urgent")
"""Meaning of 1 to 5 where 1 is the least urgent, as in OTRS."""
LOW_FIRST_OF_FOUR = PRIORITIES
"""Meaning of 1 to 4 where no 5 occurs, as in Freshdesk and osTicket."""

_NOTHING = {
    *(
        "",
        "-",
        "--",
        "–",
        "—",
        "?",
        "n/a",
        "#n/a",
        "na",
        "none",
        "(none)",
        "null",
        "nil",
        "unset",
        "not set",
        "undefined",
    ),
    *("unassigned", "no priority", "keine", "keiner", "aucun", "aucune", "ninguno", "ninguna", "yok"),
}
_WORDS = {
    "low": "low lowest lo minor trivial verylow planning cosmetic minimal wishlist "
    "niedrig niedrigste gering sehrniedrig sehrgering basse bas faible mineure mineur tresbasse tresfaible "
    "baja bajo muybaja minima menor baixa baixo muitobaixa bassa basso bassissima laag laagste zeerlaag dusuk cokdusuk "
    "niski niska lag lav laveste nizka nizky nizke matala alacsony низкий низкая 低 낮음",
    "medium": "medium med mid middle normal moderate standard default average regular ordinary "
    "mittel mittlere normale moyenne moyen media medio intermedia normaal gemiddeld middel medel orta sredni srednia "
    "normalny normalna stredni normalni keskitaso kozepes средний средняя нормальный обычный 中 普通 보통 중간",
    "high": "high hi major important elevated severe significant serious hoch wichtig haute haut elevee eleve "
    "importante majeure majeur alta alto mayor importante hoog yuksek onemli wysoki wysoka hog hoj hoy vysoka vysoky "
    "korkea magas высокий высокая важный 高 높음",
    "urgent": "urgent highest critical blocker emergency immediate veryhigh extreme top asap showstopper crisis crit "
    "dringend kritisch notfall sofort eilig hochste sehrhoch blockierend urgente critique immediate treshaute "
    "treselevee bloquante bloquant critica critico inmediata inmediato emergencia muyalta maxima bloqueante imediata "
    "altissima massima immediata dringendst spoed kritiek zeerhoog hoogste acil kritik cokyuksek ivedi pilny pilna "
    "krytyczny krytyczna bradskande akut kritisk haster hogsta urgentni kriticka kriittinen kiireellinen surgos "
    "срочный срочная критический критичный 緊急 紧急 최고 긴급",
}
_NUMBER = re.compile(r"([0-9])(?:\.0+)?")
_PREFIXED = re.compile(r"(?:p|prio|priority|prioritat|prioridad|priorite|sev|severity|s|level|lvl)\W*([0-9])")
_NUMBERED = re.compile(r"(?:(?:p|prio|priority|sev|severity|s)?\W*[0-9])\W+(.*)|(.*?)\W+(?:p|prio|sev|s)?[0-9]\W*")


def _plain(value: str) -> str:
    """Return a value without case, accents and surrounding blanks."""
    spread = unicodedata.normalize("NFKD", value.casefold().replace("ı", "i").replace("ł", "l").replace("ø", "o"))
    return " ".join("".join(sign for sign in spread if not unicodedata.combining(sign)).split())


_BY_WORD = {_plain(word): priority for priority, words in _WORDS.items() for word in words.split()}


def is_blank(value: str) -> bool:
    """Return whether a cell is empty or a placeholder such as `n/a`."""
    return value.strip().casefold() in _NOTHING


class Priorities:
    """Translates the priorities of one file and counts each translation."""

    def __init__(self, values: Iterable[str], one_is: str = "urgent", named: Mapping[str, str] | None = None) -> None:
        """`values` is the whole column; `named` maps further values to priorities (--priority-as)."""
        self._numbers: tuple[str, ...]
        if one_is == "urgent":
            self._numbers = URGENT_FIRST
        else:
            self._numbers = LOW_FIRST if any(_digit(value) == 5 for value in values) else LOW_FIRST_OF_FOUR
        self._one_is = one_is
        self._named = {_plain(value): priority for value, priority in (named or {}).items()}
        self._read: Counter[tuple[str, str]] = Counter()
        self._used_numbers = False

    def read(self, value: str) -> str:
        """Return the priority, NONE for a blank value. Raises ValueError for an unknown value."""
        found = self._find(value)
        self._read[value.strip(), found] += 1
        return found

    def shown(self) -> list[str]:
        """Return lines that explain the translations; none if all values were this system's own words."""
        if all(value in PRIORITIES or not value for value, _ in self._read):
            return []
        pairs = [
            f"{value[:MAX_SHOWN_CHARACTERS] or '(empty)'} → {found or 'none given'} ({number})"
            for (value, found), number in self._read.most_common(MAX_SHOWN_VALUES)
        ]
        more = f" and {len(self._read) - MAX_SHOWN_VALUES} more" if len(self._read) > MAX_SHOWN_VALUES else ""
        lines = [f"priorities: {', '.join(pairs)}{more}"]
        if self._used_numbers:
            other, meaning = ("low", "most") if self._one_is == "urgent" else ("urgent", "least")
            lines.append(f"of numbers, 1 is the {meaning} urgent; --priority-1 {other} reads them the other way round")
        return lines

    def _find(self, value: str) -> str:
        plain = _plain(value)
        if plain in self._named:
            return self._named[plain]
        if is_blank(value):
            return NONE
        for word in _words(plain):
            if word in _BY_WORD:
                return _BY_WORD[word]
        if prefixed := _PREFIXED.fullmatch(plain):
            return _of(URGENT_FIRST, max(int(prefixed.group(1)), 1), value)
        if (digit := _digit(value)) is not None:
            self._used_numbers = True
            return _of(self._numbers, digit, value)
        raise _unknown(value)


def _words(plain: str) -> Iterable[str]:
    """Yield the whole value and the word beside a number, as in "1 - Critical" and "Haute (P2)", without blanks."""
    yield re.sub(r"\W", "", plain)
    if beside := _NUMBERED.fullmatch(plain):
        yield re.sub(r"\W", "", beside.group(1) or beside.group(2) or "")
    for last in ("priority", "prioritat", "prioridad", "priorite", "prioritaet", "oncelik", "prioriteit"):
        if plain.endswith(last) or plain.startswith(last):
            yield re.sub(r"\W", "", plain.removesuffix(last).removeprefix(last))


def _of(meanings: tuple[str, ...], number: int, value: str) -> str:
    if not 1 <= number <= len(meanings):
        raise _unknown(value)
    return meanings[number - 1]


def _unknown(value: str) -> ValueError:
    shown = value.strip()[:MAX_SHOWN_CHARACTERS]
    return ValueError(f"no priority is known as {shown!r}; say what it means with --priority-as '{shown}=high'")


def _digit(value: str) -> int | None:
    found = _NUMBER.fullmatch(_plain(value))
    return int(found.group(1)) if found else None
