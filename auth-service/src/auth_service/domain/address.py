"""The form of an e-mail address by which addresses are equal."""

import hashlib
import unicodedata


def key_of_no_address(text: str) -> bytes:
    """Return a digest of a text that is no address. It differs from the digest of every address, which has an @."""
    return hashlib.sha256(f"no address: {text.replace('@', ' at ')}".encode()).digest()


def address_key(local_part: str, ascii_domain: str) -> bytes:
    """Return the SHA-256 by which an address is unique in the system.

    `ascii_domain` is the domain in lower case with IDNA's ASCII labels. The local part is compared without case: hardly
    a mail server distinguishes, and two people with one spelling apart would get each other's mail.
    """
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local_part).casefold())
    return hashlib.sha256(f"{local}@{ascii_domain.lower()}".encode()).digest()
