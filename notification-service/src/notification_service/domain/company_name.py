"""How mails to outsiders show a company's name: anybody may found a company and choose its name."""

import re
import unicodedata

from service_kit.names import is_hidden

MAX_CHARACTERS = 64
UNNAMED = "a company"
_LINKS = re.compile(r"\S*(?:://|\bwww\.|@|\bmailto:)\S*", re.IGNORECASE)
_DOTS_OF_DOMAINS = re.compile(r"(?<=\w)[.\u3002](?=\w)")
_QUOTES = re.compile('["\u201c-\u201f\u00ab\u00bb]')


def shown_name(name: str) -> str:
    """Return a company's name for a mail: on one line, at most MAX_CHARACTERS, quotes as apostrophes.

    It holds nothing that a mail program makes a link of: addresses are left out, and dots between letters become blanks
    (`Booking.com` is `Booking com`).
    """
    visible = "".join(" " if is_hidden(each) else each for each in unicodedata.normalize("NFKC", name))
    text = _DOTS_OF_DOMAINS.sub(" ", _LINKS.sub(" ", visible))
    text = " ".join(_QUOTES.sub("'", text).split())
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS - 1].rstrip() + "\u2026"
    return text or UNNAMED
