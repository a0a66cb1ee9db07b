"""The form of an API key: `stk_` + 8 characters of id + `_` + 32 of secret + 6 of checksum, all base62.

One word without punctuation that splits it: a double click selects it, and secret scanners find it by PATTERN. The
checksum reveals typing errors and random texts without a query.
"""

import re
import string
import zlib

PREFIX = "stk_"
ID_CHARACTERS = 8
SECRET_CHARACTERS = 32  # 190 bits
CHECKSUM_CHARACTERS = 6  # 62^6 exceeds 2^32
PATTERN = rf"{PREFIX}[0-9A-Za-z]{{{ID_CHARACTERS}}}_[0-9A-Za-z]{{{SECRET_CHARACTERS + CHECKSUM_CHARACTERS}}}"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

_KEY = re.compile(PATTERN)


def is_well_formed(key: str) -> bool:
    """Return whether a text has the form of a key and the checksum is right."""
    return _KEY.fullmatch(key) is not None and checksum(key[:-CHECKSUM_CHARACTERS]) == key[-CHECKSUM_CHARACTERS:]


def key_id_of(key: str) -> str:
    """Return the id of a well-formed key: the part that may be shown and looked up."""
    return key[len(PREFIX) : len(PREFIX) + ID_CHARACTERS]


def checksum(text: str) -> str:
    """Return the checksum of the characters before it."""
    number = zlib.crc32(text.encode("ascii"))
    places = reversed(range(CHECKSUM_CHARACTERS))
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in places)
