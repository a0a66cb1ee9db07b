"""Writes numbers as letters and as Roman numbers."""

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
MAX_ROMAN = 3_999
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def roman(number: int) -> str:
    """Return a number as a Roman one in lower case; a number beyond 3999 in digits."""
    if not 0 < number <= MAX_ROMAN:
        return str(number)
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def lettered(number: int, alphabet: str = _ALPHABET) -> str:
    """Return a number as a spreadsheet's and a browser's letters: a … z, aa, ab …"""
    text = ""
    while number > 0:
        number, place = divmod(number - 1, len(alphabet))
        text = alphabet[place] + text
    return text


def repeated(number: int, alphabet: str = _ALPHABET) -> str:
    """Return a number as Word's letters: a … z, aa, bb …"""
    if number < 1:
        return str(number)
    times, place = divmod(number - 1, len(alphabet))
    return alphabet[place] * min(times + 1, 10)
