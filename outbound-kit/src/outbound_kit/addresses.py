"""Which network addresses may be called: public ones, and those that the operator allows."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001::/23", "5f00::/16", "fec0::/10")
)
"""Special networks that Python counts as public ones: protocol assignments, relays of 6to4, local NAT64, segment
routing, site-local."""

INSIDE = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""The networks of organisations. Python's `is_private` has broadcast, reserved and documentation addresses besides."""


class BadNetwork(ValueError):
    """A text that should be a network is none."""


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list such as `10.0.0.0/8, fd00::/8`; raise BadNetwork."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise BadNetwork(f"must list networks like 10.0.0.0/8, not {part!r}") from None
    return tuple(found)


def permitted(text: str, allowed: Sequence[Network], *, development: bool) -> bool:
    """Return whether a resolved address may be called.

    Private, loopback, link-local (the cloud's metadata) and reserved addresses are refused, also where IPv6 wraps them,
    unless `allowed` lists them. Development mode allows loopback addresses and those of an organisation's network.
    """
    try:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if _within(address, allowed):
        return True
    if development and (address.is_loopback or _within(address, INSIDE)):
        return True
    is_public = address.is_global and not address.is_multicast and not address.is_reserved
    return is_public and not _within(address, NOT_PUBLIC)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address within an IPv6 one that a router or the kernel would reach."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
