"""Whose address a request is counted for."""

import ipaddress
from collections.abc import Sequence

from api_gateway.settings import Network


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the peer, or what trusted proxies say it is.

    `X-Forwarded-For` is read from the right: the first address that is no trusted proxy is the client; a client can
    forge everything to the left of it.
    """
    if not trusted or not forwarded_for or not _within(peer, trusted):
        return peer
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        address = hop.strip()
        try:
            ipaddress.ip_address(address)
        except ValueError:
            return client
        client = address
        if not _within(address, trusted):
            return client
    return client


def counted_address(address: str) -> str:
    """Return the key of an address's counter; for IPv6 its /64 network, since a host can use all of it."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)
