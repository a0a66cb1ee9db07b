"""API keys for tests of programs that check their form."""

import random

from service_kit.identity.api_keys import (
    ALPHABET,
    ID_CHARACTERS,
    PREFIX,
    SECRET_CHARACTERS,
    checksum,
)


def some_api_key() -> str:
    """Return a well-formed key."""
    identity, secret = (random.choices(ALPHABET, k=length) for length in (ID_CHARACTERS, SECRET_CHARACTERS))
    begin = f"{PREFIX}{''.join(identity)}_{''.join(secret)}"
    return begin + checksum(begin)
