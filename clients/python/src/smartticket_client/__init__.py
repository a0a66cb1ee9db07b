"""A typed Python client of Smart Ticket's HTTP API."""

from smartticket_client.authentication import Login
from smartticket_client.client import Client
from smartticket_client.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NoAnswer,
    NotFound,
    Problem,
    ServerProblem,
    SmartTicketError,
    Stale,
    TooManyRequests,
    Unauthorized,
)
from smartticket_client.files import Upload
from smartticket_client.paging import Rows
from smartticket_client.retries import NO_RETRIES, Retries

__all__ = [
    "NO_RETRIES",
    "Client",
    "Conflict",
    "FieldError",
    "Forbidden",
    "Invalid",
    "Login",
    "NoAnswer",
    "NotFound",
    "Problem",
    "Retries",
    "Rows",
    "ServerProblem",
    "SmartTicketError",
    "Stale",
    "TooManyRequests",
    "Unauthorized",
    "Upload",
]
