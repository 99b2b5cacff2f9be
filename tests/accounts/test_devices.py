"""What devices are called, and where requests come from."""

from ipaddress import ip_network

import pytest

from app.accounts.devices import address_group, client_address, device_name

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome · Linux"),
        (CHROME.replace("X11; Linux x86_64", "Linux; Android 15; Pixel 9"), "Chrome · Android"),
        (CHROME + " Edg/140.0", "Edge · Linux"),
        (CHROME.replace("Chrome/", "Whale/4 Chrome/"), "Whale · Linux"),
        (SAFARI, "Safari · iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
            "Firefox · Windows",
        ),
        ("python-requests/2.32", "python-requests/2.32"),
        ("", "Unknown"),
        ("\x1b[31m<script>", "Unknown"),
        ("x" * 5_000, "x" * 40),
    ],
)
def test_a_device_has_a_name_a_person_recognises(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


PROXIES = [ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 198.51.100.2", "198.51.100.2"),
        ("127.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.5", "198.51.100.1"),
        ("10.0.0.6", "192.0.2.66,198.51.100.1 ,10.0.0.5,127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "10.0.0.9", "10.0.0.9"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("10.0.0.6", "198.51.100.1, nonsense, 10.0.0.5", "10.0.0.5"),
        ("", "198.51.100.1", "198.51.100.1"),
        (None, "198.51.100.1", "198.51.100.1"),
        (None, "", "unknown"),
        ("not an address", "198.51.100.1", "not an address"),
    ],
)
def test_the_address_is_the_last_one_that_no_proxy_of_ours_has(
    remote: str | None, forwarded: str, address: str
) -> None:
    assert client_address(remote, forwarded, PROXIES) == address


def test_without_proxies_nobody_is_believed() -> None:
    assert client_address("127.0.0.1", "198.51.100.1", []) == "127.0.0.1"


def test_a_household_of_ipv6_is_one_place_and_one_address_of_ipv4_is() -> None:
    assert address_group("2001:db8:1:2:3:4:5:6") == address_group("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert address_group("2001:db8:1:3::1") != address_group("2001:db8:1:2::1")
    assert address_group("203.0.113.7") == "203.0.113.7"
    assert address_group("::ffff:203.0.113.7") == "::ffff:203.0.113.7"
    assert address_group("unknown") == "unknown"
