"""Where a request comes from, as far as that is kept: the network, and not the machine."""

from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request

_KEPT = {4: 24, 6: 48}
"""Bits of an address that are kept: what a provider gives a building or a household."""


def network(request: Request) -> str | None:
    """The network that a request comes from, such as `203.0.113.0/24`; None when nobody knows."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network(f"{address}/{_KEPT[address.version]}", strict=False))
