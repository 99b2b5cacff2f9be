"""A device's position in its inbox, and its opaque text.

`g` is "everything of mine up to here". While a catch-up that reset channels is being paged, the position also says
of which span (`since`, `until`]: channels with too much in that span were reset on its first page and are not
replayed on the later ones. Every page can thus be asked of any server; nothing is kept between requests.
"""

import re

import msgspec

_CURSOR = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{1,15})(?:\.([0-9a-f]{1,15})\.([0-9a-f]{1,15}))?")


class Position(msgspec.Struct, frozen=True, gc=False):
    """A place in the history that `epoch` (32 hex digits) names."""

    epoch: str
    g: int
    since: int = 0
    until: int = 0

    def encode(self) -> str:
        if self.until:
            return f"{self.epoch}.{self.g:x}.{self.since:x}.{self.until:x}"
        return f"{self.epoch}.{self.g:x}"


def decode_cursor(text: str) -> Position | None:
    """The position of a cursor's text; None when it is no cursor of ours (then: resync)."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        return None
    epoch, g, since, until = match.groups()
    return Position(epoch, int(g, 16), int(since or "0", 16), int(until or "0", 16))
