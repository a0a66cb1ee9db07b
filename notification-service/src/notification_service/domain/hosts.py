"""Hosts that companies enter: a numeric address is judged at once, a name when it is connected to."""

import ipaddress
from collections.abc import Callable

NOT_PUBLIC = "The address is not a public one."


def may_be_called(host: str, permit: Callable[[str], bool]) -> bool:
    """Return whether a host may be entered. `permit` returns whether a numeric address may be called."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host != "localhost" or permit("127.0.0.1")
    return permit(host)
