"""The AsyncAPI 3 document of the WebSocket, assembled from the frames' structs. No I/O here."""

from typing import Any, get_args

import msgspec

from app.core.api import PREFIX
from app.core.errors import CATALOGUE
from app.core.schemas import REF, Json, schemas_of
from app.realtime.wire import CLOSE_MEANINGS, AnyClientFrame, AnyServerFrame


def asyncapi_document(version: str) -> Json:
    """The document: one channel, what the server receives on it and what it sends."""
    received, sent = get_args(AnyClientFrame), get_args(AnyServerFrame)
    _, schemas = schemas_of([*received, *sent])
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Maru, live",
            "version": version,
            "description": "Text frames, one JSON object each. HTTP calls are in the OpenAPI document beside this one.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "here": {"host": "{host}", "protocol": "wss", "variables": {"host": {"default": "localhost:8000"}}}
        },
        "channels": {
            "live": {
                "address": f"{PREFIX}/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in map(_name, received + sent)},
                "bindings": {"ws": {"method": "GET"}},
                "x-close-codes": {str(int(code)): {"reason": code.reason, "description": meaning}
                                  for code, meaning in CLOSE_MEANINGS.items()},
            }
        },
        "operations": {
            "receive": _operation("receive", "What clients send. `hello` is the first.", received),
            "send": _operation("send", "What the server sends. `welcome` is the first.", sent),
        },
        "components": {
            "messages": {_name(frame): _message(frame) for frame in received + sent},
            "schemas": _plain(schemas),
        },
        "x-error-codes": {code: {"status": status, "title": title} for code, (status, title) in CATALOGUE.items()},
    }  # fmt: skip


def _name(frame: type[msgspec.Struct]) -> str:
    return frame.__name__


def _message(frame: type[msgspec.Struct]) -> Json:
    return {
        "name": str(frame.__struct_config__.tag),
        "summary": (frame.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": REF.format(name=_name(frame))},
    }


def _operation(action: str, summary: str, frames: tuple[type[msgspec.Struct], ...]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/live/messages/{_name(frame)}"} for frame in frames],
    }


def _plain(schema: Any) -> Any:
    """The schema without OpenAPI's `discriminator` objects: AsyncAPI's word of that name is another thing."""
    if isinstance(schema, dict):
        return {
            key: _plain(value)
            for key, value in schema.items()
            if not (key == "discriminator" and isinstance(value, dict) and "propertyName" in value)
        }
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema
