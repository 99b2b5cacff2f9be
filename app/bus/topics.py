"""How topics and keys of one installation are told from those of another that shares the server."""

from hashlib import blake2b


def topic_prefix(installation: str) -> bytes:
    """What stands before each: short, since a server may hold hundreds of thousands of topics."""
    return b"maru:" + blake2b(installation.encode(), digest_size=8).hexdigest().encode() + b":"
