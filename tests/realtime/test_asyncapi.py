"""The AsyncAPI document: valid, complete, and no reference in it leads nowhere.

`asyncapi-3.0.0.json` is the JSON schema of the specification, as published by the AsyncAPI Initiative in
`@asyncapi/specs` (Apache License 2.0), in one line.
"""

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from app.core.errors import CATALOGUE
from app.realtime.asyncapi import asyncapi_document
from app.realtime.wire import AnyClientFrame, AnyServerFrame, Close

SPECIFICATION = Path(__file__).with_name("asyncapi-3.0.0.json")


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(json.dumps(asyncapi_document("1.2.3")))


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def follow(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_it_is_valid(document: Any) -> None:
    jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text())).validate(document)


def test_no_reference_leads_nowhere(document: Any) -> None:
    assert references(document)
    for reference in references(document):
        assert follow(document, reference)


def test_every_frame_is_in_it_and_nothing_else(document: Any) -> None:
    for action, frames in (("receive", get_args(AnyClientFrame)), ("send", get_args(AnyServerFrame))):
        operation = next(one for one in document["operations"].values() if one["action"] == action)
        payloads = [
            follow(document, follow(document, follow(document, message["$ref"])["$ref"])["payload"]["$ref"])
            for message in operation["messages"]
        ]
        types = {payload["properties"]["type"]["enum"][0] for payload in payloads}
        assert types == {frame.__struct_config__.tag for frame in frames}
    assert len(document["components"]["messages"]) == len(get_args(AnyClientFrame)) + len(
        get_args(AnyServerFrame)
    )


def test_close_codes_and_errors_are_in_it(document: Any) -> None:
    closes = document["channels"]["live"]["x-close-codes"]
    assert {int(code): close["reason"] for code, close in closes.items()} == {
        code.value: code.reason for code in Close
    }
    assert set(document["x-error-codes"]) == set(CATALOGUE)
