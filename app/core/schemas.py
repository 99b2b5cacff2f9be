"""JSON schemas of wire types, for the documents. No I/O here."""

import inspect
from collections.abc import Sequence
from typing import Any, Final

import msgspec

Json = dict[str, Any]
REF: Final = "#/components/schemas/{name}"


def schemas_of(types: Sequence[Any]) -> tuple[dict[Any, Json], Json]:
    """The schema of each type, and the named schemas they refer to under `#/components/schemas`."""
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    return dict(zip(types, map(_tidy, schemas), strict=True)), _tidy(components)


def _tidy(schema: Any) -> Any:
    """Docstrings come with the indentation of their source."""
    if isinstance(schema, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _tidy(value)
            for key, value in schema.items()
        }
    return [_tidy(item) for item in schema] if isinstance(schema, list) else schema
