"""What devices are called, and where requests come from."""

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


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "198.51.100.1, 198.51.100.2", "198.51.100.2"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        (None, "", "unknown"),
    ],
)
def test_only_a_proxy_on_this_machine_is_believed(remote: str | None, forwarded: str, address: str) -> None:
    assert client_address(remote, forwarded) == address


def test_a_household_of_ipv6_is_one_place_and_one_address_of_ipv4_is() -> None:
    assert address_group("2001:db8:1:2:3:4:5:6") == address_group("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert address_group("2001:db8:1:3::1") != address_group("2001:db8:1:2::1")
    assert address_group("203.0.113.7") == "203.0.113.7"
    assert address_group("::ffff:203.0.113.7") == "::ffff:203.0.113.7"
    assert address_group("unknown") == "unknown"
