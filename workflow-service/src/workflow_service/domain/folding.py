"""One form for words that people take for the same."""

import unicodedata


def fold(text: str) -> str:
    """Return a text without regard to case, width, composed letters, invisible characters and blanks around it."""
    visible = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", " ".join(visible.split()).casefold())
