"""Which chat servers a client may use: this one."""

from app.accounts.wire import ServerEntry


class Servers:
    """Ranks chat servers for a client. There is one for now, whichever region is asked for."""

    def __init__(self, server_id: str, public_origin: str | None) -> None:
        self._server_id = server_id
        self._public_origin = public_origin

    def ranked(self, asked_at: str) -> list[ServerEntry]:
        """Best first. `asked_at`: the origin the client reached us by, which stands in when none is configured."""
        return [ServerEntry(id=self._server_id, url=self._public_origin or asked_at, region="")]
