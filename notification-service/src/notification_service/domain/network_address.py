"""Which network addresses this service may call: public ones, and those that the operator allows."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def permitted(text: str, allowed: Sequence[Network], *, development: bool) -> bool:
    """Return whether a resolved address may be called.

    Private, loopback, link-local (the cloud's metadata) and reserved addresses are refused, also where IPv6 wraps them,
    unless `allowed` lists them. Development mode allows private and loopback addresses.
    """
    try:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if development and (address.is_loopback or address.is_private) and not _never(address):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _never(address: Address) -> bool:
    return address.is_link_local or address.is_unspecified or address.is_multicast


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address within an IPv6 one that a router or the kernel would reach."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
