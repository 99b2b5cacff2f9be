"""Prints the JSON schema of everything on the wire, for `types.mjs`: the same structs that parse it in the server."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec

import app.accounts.wire
import app.channels.wire
import app.core.problems
import app.discovery.wire
import app.invites.wire
import app.messages.wire
import app.realtime.sync
import app.realtime.wire
from app.core.schemas import REF, schemas_of

MODULES = (
    app.core.problems, app.accounts.wire, app.invites.wire, app.channels.wire, app.messages.wire,
    app.discovery.wire, app.realtime.sync, app.realtime.wire,
)  # fmt: skip


def structs(module: ModuleType) -> Iterator[Any]:
    """The module's own structs that stand on the wire: no bases, nothing private."""
    for name, kind in vars(module).items():
        if name.startswith("_") or not isinstance(kind, type) or kind.__module__ != module.__name__:
            continue
        if issubclass(kind, msgspec.Struct) and not kind.__subclasses__():
            yield kind


def wire_schema() -> bytes:
    """One schema whose definitions are all of them, each by its struct's name."""
    _, definitions = schemas_of([kind for module in MODULES for kind in structs(module)])
    schema = {"title": "Wire", "type": "object", "additionalProperties": False, "definitions": definitions}
    return msgspec.json.encode(schema).replace(REF.format(name="").encode(), b"#/definitions/")


if __name__ == "__main__":
    sys.stdout.buffer.write(wire_schema())
