"""Which pages may change something."""

import pytest

from app.core.errors import CrossOrigin
from app.core.origin import require_same_origin

PUBLIC = "https://chat.example.org"
OWN = ("http://localhost:8000", "https://localhost:8000")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
        {"Origin": PUBLIC},
    ],
)
def test_our_own_pages_and_programs_pass(headers: dict[str, str]) -> None:
    require_same_origin(headers, PUBLIC, OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC},
        {"Sec-Fetch-Site": ""},
        {"Origin": "null"},
        {"Origin": "http://chat.example.org"},
        {"Origin": "https://chat.example.org.evil.example"},
        {"Origin": OWN[0]},
    ],
)
def test_pages_of_other_sites_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CrossOrigin):
        require_same_origin(headers, PUBLIC, OWN)


def test_without_a_public_address_the_host_asked_for_is_ours() -> None:
    require_same_origin({"Origin": OWN[0]}, None, OWN)
    with pytest.raises(CrossOrigin):
        require_same_origin({"Origin": PUBLIC}, None, OWN)
