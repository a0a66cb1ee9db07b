"""Judges new passwords: long enough, and not among those that are tried first."""

from collections.abc import Collection

from zxcvbn import zxcvbn

from auth_service.domain.password import BadPassword, accepted

MAX_JUDGED_CHARACTERS = 40
"""The work grows faster than the length, and what is longer is not guessed by its end."""
MIN_GUESSES = 10**8
"""zxcvbn's bound between passwords that online guessing finds and those that it doesn't."""
MIN_OTHER_CHARACTERS = 8
"""So much must be left of a password without the texts that others know of the person."""
MAX_PERSONAL_CHARACTERS = 254


def checked(password: str, *, field: str = "password", personal: Collection[str] = ()) -> str:
    """Return a new password in NFC.

    `personal` are texts that others know of the person, such as the address and the name. Raises BadPassword, which
    names the request's `field` and says what to do.
    """
    composed = accepted(password, field=field)
    known = [word for text in personal for word in _words(text)]
    if _without(composed, known) < MIN_OTHER_CHARACTERS:
        raise BadPassword("Your own name or address is tried first. Choose several unrelated words.", field)
    judged = zxcvbn(composed[:MAX_JUDGED_CHARACTERS], user_inputs=known)
    if judged["guesses"] < MIN_GUESSES:
        why = judged["feedback"]["warning"] or "It is easy to guess."
        raise BadPassword(f"{why} Choose several unrelated words, or let a password manager make one.", field)
    return composed


def _without(password: str, known: Collection[str]) -> int:
    """Return how many characters of a password belong to none of the known texts."""
    rest = password.casefold()
    for text in sorted(known, key=len, reverse=True):
        rest = rest.replace(text, "")
    return len(rest)


def _words(text: str) -> list[str]:
    """Return a text and its parts in lower case, as passwords are made of them."""
    lower = text[:MAX_PERSONAL_CHARACTERS].casefold()
    return [text for text in (lower, *lower.replace("@", " ").replace(".", " ").split()) if len(text) > 2]
