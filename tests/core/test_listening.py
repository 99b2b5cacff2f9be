"""Where the process listens: what it says when it cannot, and what another may inherit."""

import os
import socket

import pytest

from app.core.listening import CannotListen, inherited, listen, shown_address


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            CannotListen, match=f"^Cannot listen on 127.0.0.1 port {port}: Address already in use"
        ):
            listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_a_sentence() -> None:
    with pytest.raises(CannotListen, match=r"^Cannot listen on 203\.0\.113\.7 port 0: "):
        listen("203.0.113.7", 0)


def test_a_port_beyond_the_last_is_a_sentence() -> None:
    with pytest.raises(CannotListen, match=r"^Cannot listen on 127\.0\.0\.1 port 65536: "):
        listen("127.0.0.1", 65_536)


def test_an_inherited_socket_is_the_same_and_never_waits() -> None:
    with listen("127.0.0.1", 0) as opened, inherited(os.dup(opened.fileno())) as listener:
        assert listener.getsockname() == opened.getsockname()
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(("host", "begin"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_an_address_is_shown_as_a_url(host: str, begin: str) -> None:
    with listen(host, 0) as listener:
        assert shown_address(listener) == f"{begin}{listener.getsockname()[1]}"
