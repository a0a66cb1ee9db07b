"""The rules for passwords: which are accepted, and which spellings are the same password."""

import unicodedata

MIN_CHARACTERS = 12
MAX_BYTES = 1024


class BadPassword(Exception):
    """A password isn't acceptable; `errors` names the request's field for the response (400)."""

    def __init__(self, message: str, field: str = "password") -> None:
        super().__init__(message)
        self.errors = [{"field": field, "message": message}]


def normalized(password: str, *, field: str = "password") -> str:
    """Return the password in NFC, so that one typed on another keyboard is the same; blanks stay.

    Raises BadPassword for more than 1,024 bytes of UTF-8, a NUL character or a lone surrogate.
    """
    # NFC of a megabyte is slow, and a text shrinks to a third at most.
    if len(password) > 3 * MAX_BYTES:
        raise _too_long(field)
    if "\x00" in password:
        raise BadPassword("NUL characters are not allowed.", field)
    composed = unicodedata.normalize("NFC", password)
    try:
        size = len(composed.encode())
    except UnicodeEncodeError:
        raise BadPassword("Lone surrogates are not allowed: the text is not valid Unicode.", field) from None
    if size > MAX_BYTES:
        raise _too_long(field)
    return composed


def accepted(password: str, *, field: str = "password") -> str:
    """Return a new password in NFC; raise BadPassword also for fewer than 12 characters or fewer than 3 different."""
    composed = normalized(password, field=field)
    if len(composed) < MIN_CHARACTERS:
        raise BadPassword(f"Shorter than {MIN_CHARACTERS} characters.", field)
    if len(set(composed)) < 3:
        raise BadPassword("One or two characters repeated are easy to guess.", field)
    return composed


def _too_long(field: str) -> BadPassword:
    return BadPassword(f"Longer than {MAX_BYTES} bytes.", field)
