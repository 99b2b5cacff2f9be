"""What a browser or program is called in the list of sessions, and which address it comes from. No I/O here."""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from app.config import Network

# The first that matches; browsers name those they descend from as well, so the order matters.
_PROGRAMS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Whale", "Whale"),
    ("KAKAOTALK", "KakaoTalk"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_PRODUCT = re.compile(r"[\w.-]{1,40}(?:/[\w.-]{1,20})?", re.ASCII)


def device_name(user_agent: str) -> str:
    """A name a person recognises: "Firefox · Windows"; a program's own first word; else "Unknown"."""
    program = next((name for mark, name in _PROGRAMS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if program and system:
        return f"{program} · {system}"
    product = _PRODUCT.match(user_agent)
    return product.group() if product else "Unknown"


def client_address(remote: str | None, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The address of who asks: the last hop of `X-Forwarded-For` that is no proxy of ours.

    Each proxy adds the address it was asked from at the end, so what a stranger wrote there before is never reached.
    Without `remote` somebody asks by a unix socket: a proxy."""
    address = remote or ""
    for hop in reversed(forwarded_for.split(",")):
        if not (_is_trusted(address, trusted) and _is_address(hop.strip())):
            break
        address = hop.strip()
    return address or "unknown"


def address_group(address: str) -> str:
    """What counts as one place: an IPv4 address, or an IPv6 /64, since a household gets all of one."""
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    if not address:
        return True
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    plain = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped else parsed
    return any(plain in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
