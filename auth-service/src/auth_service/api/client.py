"""The client of the current request, as a session shows it to its owner."""

from flask import request
from service_kit.http.context import client_address

from auth_service.usecases.begin_session import Client

MAX_DEVICE_CHARACTERS = 200
MAX_ADDRESS_CHARACTERS = 45


def client() -> Client:
    """Return the browser's or program's name for itself, and the address as the gateway saw it."""
    named = request.headers.get("User-Agent", "")
    printable = "".join(character if character.isprintable() else " " for character in named)
    return Client(" ".join(printable.split())[:MAX_DEVICE_CHARACTERS], client_address()[:MAX_ADDRESS_CHARACTERS])
