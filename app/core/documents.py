"""The served descriptions of the protocol, one document for HTTP and one for live frames."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.api import Access, Api
from app.core.errors import CATALOGUE
from app.core.openapi import openapi_document


class ErrorCode(msgspec.Struct, frozen=True):
    """One code of the catalogue: the HTTP status it comes with, and what it means."""

    code: str
    status: int
    title: str


class ErrorCodes(msgspec.Struct, frozen=True):
    errors: list[ErrorCode]


def documents_api(apis: Sequence[Api], asyncapi: dict[str, Any], version: str) -> Api:
    """Serves the OpenAPI document of `apis` and of itself, and the AsyncAPI document beside it."""
    api = Api("documents")

    @api.operation("GET", "/openapi.json", answer=dict[str, Any], access=Access.ANYONE)
    def get_openapi() -> bytes:
        """This document: every HTTP call (OpenAPI 3.1)."""
        return openapi_bytes

    @api.operation("GET", "/asyncapi.json", answer=dict[str, Any], access=Access.ANYONE)
    def get_asyncapi() -> bytes:
        """Every frame of the WebSocket (AsyncAPI 3)."""
        return asyncapi_bytes

    @api.operation("GET", "/errors", answer=ErrorCodes, access=Access.ANYONE)
    def list_errors() -> ErrorCodes:
        """The catalogue of errors, where the `type` of every problem leads."""
        return ErrorCodes([ErrorCode(code, status, title) for code, (status, title) in CATALOGUE.items()])

    openapi_bytes = msgspec.json.encode(openapi_document([*apis, api], version))
    asyncapi_bytes = msgspec.json.encode(asyncapi)
    return api
