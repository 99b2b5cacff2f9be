"""From bytes to types."""

from typing import Annotated

import msgspec
import pytest

from app.core.errors import BadJson, Invalid, MaruError
from app.core.parse import parse_json, parse_query


class Body(msgspec.Struct):
    name: str
    numbers: list[Annotated[int, msgspec.Meta(ge=0)]] = []


class Query(msgspec.Struct):
    limit: int = 20


DECODER = msgspec.json.Decoder(Body)


def fields(body: bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        parse_json(body, DECODER)
    return error.value.fields


def test_unknown_fields_are_ignored() -> None:
    assert parse_json('{"name":"배포","later":[{}]}'.encode(), DECODER) == Body("배포")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b'{"name":"\xff"}', b'{"name":"a"} x', b'{"x":' + b"[" * 100_000]
)
def test_what_is_not_json_is_called_so(body: bytes) -> None:
    with pytest.raises(BadJson):
        parse_json(body, DECODER)


def test_a_lone_surrogate_is_json_with_invalid_content() -> None:
    assert fields(b'{"name":"\\ud800"}') == {"body": "Lone surrogate"}


def test_the_field_that_is_wrong_is_named() -> None:
    assert fields(b"{}") == {"name": "This field is required"}
    assert list(fields(b'{"name":1}')) == ["name"]
    assert list(fields(b'{"name":"a","numbers":[1,-1]}')) == ["numbers[1]"]
    assert list(fields(b"[]")) == ["body"]


def test_a_query_string_is_typed_and_its_errors_name_the_field() -> None:
    assert parse_query({"limit": "5", "other": "x"}, Query) == Query(5)
    with pytest.raises(MaruError) as error:
        parse_query({"limit": "five"}, Query)
    assert (error.value.code, list(error.value.fields)) == ("invalid", ["limit"])
