"""Tokens that mean nothing by themselves: 256 random bits, of which the database keeps a digest only."""

import hashlib
import re
import secrets

REFRESH = "str_"
INVITATION = "sti_"
_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token(prefix: str) -> str:
    """Return a token that can't be guessed; the prefix says what it is for."""
    return prefix + secrets.token_urlsafe(32)


def is_token(text: str, prefix: str) -> bool:
    """Return whether a text has the form of a token of that prefix."""
    return (
        len(text) == len(prefix) + 43 and text.startswith(prefix) and bool(re.fullmatch(_RANDOM, text[len(prefix) :]))
    )


def token_hash(token: str) -> bytes:
    """Return what the database keeps of a token. A plain digest is enough, because the token can't be guessed."""
    return hashlib.sha256(token.encode()).digest()
