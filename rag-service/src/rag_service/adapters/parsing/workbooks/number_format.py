"""Writes a cell's number as its number format shows it: `0.0%` of 0.125 is `12.5%`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

from rag_service.adapters.parsing.workbooks.date_format import is_date, shown_date
from rag_service.adapters.parsing.workbooks.locales import BY_LANGUAGE, Locale, by_format

MAX_FORMAT_CHARACTERS = 300
MAX_DECIMALS = 30
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00", 9: "0%",
    10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "SHORT", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "SHORT h:mm", 37: "#,##0;-#,##0",
    38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 41: "#,##0", 42: "$#,##0", 43: "#,##0.00",
    44: "$#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""The formats that a file names by number only."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General|Standard)|(?P<exponent>[Ee][+-]0+)|(?P<digit>[0#?])|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"([<>=]{1,2})\s*(-?\d+(?:\.\d+)?)")
_GERMAN_CODE = re.compile(r"#\.##0(?:,0+)?(?![#0.])")
# `#.##0,00` is what German programs show of `#,##0.00`; some write it into the file.
_SIMPLE = re.compile(r"(#,##)?0(?:\.(0{1,10}))?(%?)")
"""The formats of most numbers."""
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other, ">": lambda one, other: one > other, "=": lambda one, other: one == other,
    "<=": lambda one, other: one <= other, ">=": lambda one, other: one >= other, "<>": lambda one, other: one != other,
}  # fmt: skip
Token = tuple[str, str]


@dataclass(frozen=True)
class NumberFormat:
    """A number format, ready to write numbers."""

    code: str
    locale: Locale
    since_1904: bool = False

    @cached_property
    def _simple_parts(self) -> re.Match[str] | None:
        return _SIMPLE.fullmatch(self.code)

    @cached_property
    def is_general(self) -> bool:
        """Return whether it shows numbers as they are."""
        return self.code in ("", "General", "@", "Standard")

    def number(self, value: float) -> str:
        """Return a number as it is shown."""
        if self.is_general:
            return general(value, self.locale)
        if self._simple_parts and (text := _simple(self._simple_parts, value, self.locale)):
            return text
        code = self.code[:MAX_FORMAT_CHARACTERS].replace("SHORT", self.locale.date)
        locale = by_format(code) or self.locale
        if _GERMAN_CODE.search(code):
            code = code.translate(str.maketrans(".,", ",."))
            locale = BY_LANGUAGE["german"]
        section, value = _chosen(code, value)
        if is_date(section):
            return shown_date(section, value, locale, since_1904=self.since_1904)
        return " ".join(_shown(_tokens(section), value, locale).split())

    def text(self, value: str) -> str:
        """Return a text as it is shown: a format may put words around it, or hide it."""
        sections = _sections(self.code) if "@" in self.code or self.code.count(";") > 2 else ()
        if not sections or (len(sections) < 4 and "@" not in sections[-1]):
            return value
        return "".join(
            value if token == ("other", "@") else token[1] for token in _tokens(sections[-1]) if token[0] != "space"
        )


def _simple(found: re.Match[str], value: float, locale: Locale) -> str:
    """Return a number in one of the simple formats; empty where rounding it needs care."""
    decimals = len(found[2] or "")
    number = value * 100 if found[3] else value
    if abs(number) >= 1e12 or f"{number:.15g}"[-1] == "5":
        return ""
    text = f"{number:,.{decimals}f}" if found[1] else f"{number:.{decimals}f}"
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    if locale.decimal != "." or locale.thousands != ",":
        text = text.replace(",", "\0").replace(".", locale.decimal).replace("\0", locale.thousands)
    return text + found[3]


def general(value: float, locale: Locale) -> str:
    """Return a number without a format: to ten digits, as a cell has room for."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.10g}".replace("e", "E").replace(".", locale.decimal)


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[str, ...]:
    """Return the sections of a format, for positive and negative numbers, zero and texts."""
    sections, start, quoted, at = [], 0, False, 0
    while at < len(code):
        sign = code[at]
        if sign == '"':
            quoted = not quoted
        elif sign == "\\" and not quoted:
            at += 1
        elif sign == ";" and not quoted:
            sections.append(code[start:at])
            start = at + 1
        at += 1
    return (*sections, code[start:])


def _chosen(code: str, value: float) -> tuple[str, float]:
    """Return the section for a number, and the number as that section writes it."""
    sections = _sections(code)[:3]
    conditions = [_CONDITION.search(section) if "[" in section else None for section in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            test = _TESTS.get(condition[1]) if condition else None
            if condition is None or (test and test(value, float(condition[2]))):
                return section, value
        return sections[-1], value
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


@lru_cache(maxsize=4096)
def _tokens(section: str) -> tuple[Token, ...]:
    """Return a section's parts. Currencies in brackets are text; colours and conditions are dropped."""
    found: list[Token] = []
    for match in _TOKEN.finditer(section):
        kind, text = match.lastgroup or "other", match[match.lastgroup or 0]
        if kind == "bracket":
            if text.startswith("$"):
                found.append(("quoted", text[1:].split("-")[0]))
        elif kind == "space":
            found.append(("space", " "))
        elif kind == "fill":
            continue
        else:
            found.append((kind, text))
    return tuple(found)


def _shown(tokens: tuple[Token, ...], value: float, locale: Locale) -> str:
    digits = [at for at, token in enumerate(tokens) if token[0] == "digit"]
    if not digits:
        sign = "-" if value < 0 else ""
        return "".join(
            sign + general(abs(value), locale) if kind == "general" or (kind, text) == ("other", "@") else text
            for kind, text in tokens
        )
    sign = "-" if value < 0 else ""
    percent = sum(token == ("other", "%") for token in tokens)
    number = abs(Decimal(f"{value:.15g}")) * 100**percent
    if any(token == ("other", "/") for token in tokens):
        return sign + _fraction(tokens, number)
    point = next((at for at, token in enumerate(tokens) if token == ("other", ".")), len(tokens))
    exponent = next((at for at, token in enumerate(tokens) if token[0] == "exponent"), None)
    last = digits[-1]
    while last + 1 < len(tokens) and tokens[last + 1] == ("other", ","):
        number /= 1000
        last += 1
    decimals = min(MAX_DECIMALS, sum(at > point and (exponent is None or at < exponent) for at in digits))
    tail = ""
    if exponent is not None:
        mantissa, _, power = f"{number:.{decimals}E}".partition("E")
        number, tail = Decimal(mantissa), f"E{power[0]}{power[1:].rjust(2, '0')}"
    number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, part = f"{number:f}".partition(".")
    return sign * (number != 0 or bool(tail)) + _filled(tokens, digits, last, point, whole, part, tail, locale)


def _filled(
    tokens: tuple[Token, ...],
    digits: list[int],
    last: int,
    point: int,
    whole: str,
    part: str,
    tail: str,
    locale: Locale,
) -> str:
    """Return the format with digits in their places."""
    places = [at for at in digits if at < point]
    commas = [at for at, token in enumerate(tokens) if token == ("other", ",")]
    grouped = any(places and places[0] < at < places[-1] for at in commas)
    least = sum(tokens[at][1] == "0" for at in places)
    whole = whole.lstrip("0").rjust(least, "0")
    optional = 0
    for at in reversed([at for at in digits if at > point]):
        if tokens[at][1] == "0" or not part[: len(part) - optional].endswith("0"):
            break
        optional += 1
    part = part[: len(part) - optional]
    inside = any(tokens[at][0] in ("quoted", "escaped", "space", "other") and tokens[at][1] not in ",."
                 for at in range(places[0], places[-1])) if places else False  # fmt: skip
    out: list[str] = []
    done = False
    for at, (kind, text) in enumerate(tokens):
        if kind == "digit" and at < point:
            if inside:
                left = len([each for each in places if each > at])
                end = len(whole) - left
                out.append(whole[: max(0, end)] if at == places[0] else whole[max(0, end - 1) : max(0, end)])
            elif not done:
                out.append(_in_thousands(whole, locale.thousands) if grouped else whole)
                done = True
            if at == digits[-1]:
                out.append(tail)
        elif at == point:
            out.append((locale.decimal + part if part else "") + (tail if digits[-1] > point or tail else ""))
        elif kind == "digit" or kind == "exponent" or (text == "," and kind == "other" and digits[0] < at <= last):
            continue
        else:
            out.append(text)
    return "".join(out)


def _in_thousands(whole: str, sign: str) -> str:
    first = len(whole) % 3
    return sign.join(filter(None, [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]))


def _fraction(tokens: tuple[Token, ...], number: Decimal) -> str:
    slash = tokens.index(("other", "/"))
    places = sum(kind == "digit" for kind, _ in tokens[slash:]) or 1
    given = "".join(text for kind, text in tokens[slash + 1 :] if text.isdigit() and kind != "quoted")
    found = Fraction(number)
    if given.strip("0"):
        found = Fraction(round(found * int(given)), int(given)) if int(given) else found
    found = found.limit_denominator(10 ** min(places, 4) - 1)
    whole, part = divmod(found.numerator, found.denominator)
    if not part:
        return str(whole)
    return f"{whole or ''} {part}/{found.denominator}".strip()
