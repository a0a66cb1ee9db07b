"""Writes the measures of a question as the documents write them: "100 litre" as "100 l"."""

import re
from collections.abc import Sequence

_UNITS = """\
l litre litres liter liters ltr litro litros
ml millilitre millilitres milliliter milliliters mililitros
mm millimetre millimetres millimeter millimeters millimètres milímetros
cm centimetre centimetres centimeter centimeters zentimeter centimètres centímetros
m metre metres meter meters mètre mètres metro metros
km kilometre kilometres kilometer kilometers kilomètres kilómetros
kg kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramos
g gram grams gramm gramme grammes gramos
w watt watts
kw kilowatt kilowatts
v volt volts voltios
a amp amps ampere amperes
bar bars
inch inches in zoll pouce pouces pulgada pulgadas "
gb gigabyte gigabytes gig gigs
tb terabyte terabytes
mb megabyte megabytes"""
"""The ways to write a unit, a unit a line."""
_WRITTEN = {way: line.split() for line in _UNITS.splitlines() for way in line.split()}
_ANY_UNIT = "|".join(sorted(map(re.escape, _WRITTEN), key=len, reverse=True))
_MEASURE = re.compile(rf"(?i)(?<![\w.,])(\d+(?:[.,]\d+)?)([ \u00a0-]?)({_ANY_UNIT})(?!\w)")
_APOSTROPHE_LEFT_OUT = re.compile(r"(?i)\b(what|how|where|who|when)s(?= )")


def as_written(question: str, texts: Sequence[str]) -> str:
    """Return the question with each measure as one of the texts writes it, and with `what's` for `whats`."""
    whole = "\n".join(texts)

    def written(found: re.Match[str]) -> str:
        number, between, unit = found.groups()
        for way in (unit, *_WRITTEN[unit.casefold()]):
            shown = re.search(rf"(?i)(?<![\w.,]){re.escape(number)}[ \u00a0-]?{re.escape(way)}(?!\w)", whole)
            if shown:
                return found[0] if way == unit else f"{number}{between.replace('-', ' ') or ' '}{way}"
        return found[0]

    return _MEASURE.sub(written, _APOSTROPHE_LEFT_OUT.sub(r"\1's", question))
