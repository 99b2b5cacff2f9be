"""From bytes to types, at the edge: what does not parse becomes an error of the catalogue."""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from app.core.errors import BadJson, Invalid, MaruError

T = TypeVar("T")

_PLACE = re.compile(r"(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.+?)`")


def parse_json(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The typed content of a JSON text. Raises BadJson, or Invalid with the field that is wrong."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _unreadable(body) from None


def parse_query(arguments: Mapping[str, str], kind: type[T]) -> T:
    """The typed content of a query string. Raises Invalid."""
    try:
        return msgspec.convert(dict(arguments), kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from None


def invalid_from(error: msgspec.ValidationError) -> Invalid:
    """The catalogue's error for what msgspec found, naming the field."""
    match = _PLACE.fullmatch(str(error))
    reason, place = (match.group(1), match.group(2) or "") if match else (str(error), "")
    missing = _MISSING.match(reason)
    if missing:
        place = f"{place}.{missing.group(1)}" if place else missing.group(1)
        reason = "This field is required"
    return Invalid("The content is not valid.", fields={place or "body": reason})


def _unreadable(body: bytes) -> MaruError:
    """A lone surrogate is well-formed JSON with content nobody can store; all else is not JSON."""
    if _holds_lone_surrogate(body):
        return Invalid(
            "Text must be well-formed Unicode: it holds a lone surrogate.", fields={"body": "Lone surrogate"}
        )
    return BadJson("The body must be one JSON value in UTF-8.")


def _holds_lone_surrogate(body: bytes) -> bool:
    try:
        value: Any = json.loads(body.decode())  # as text: of bytes, json takes surrogates for UTF-8
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
