"""What a browser or program is called in the list of sessions, and which address it comes from. No I/O here."""

import re
from ipaddress import IPv6Address, ip_address

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


def client_address(remote: str | None, forwarded_for: str) -> str:
    """The address of who asks. A proxy on this machine is believed about it (the last address it added to
    `X-Forwarded-For`), nobody else is."""
    forwarded = forwarded_for.rsplit(",", 1)[-1].strip()
    if forwarded and _is_loopback(remote) and _is_address(forwarded):
        return forwarded
    return remote or "unknown"


def address_group(address: str) -> str:
    """What counts as one place: an IPv4 address, or an IPv6 /64, since a household gets all of one."""
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address


def _is_loopback(address: str | None) -> bool:
    return address is None or (_is_address(address) and ip_address(address).is_loopback)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
