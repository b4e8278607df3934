"""Every bound of the schema, each as a spec that goes just beyond it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Beyond:
    """A value that breaks one bound, the path where it stands, and words of the refusal."""

    path: str
    value: Any
    words: str


def beyond(schema: Schema, path: str) -> Iterator[Beyond]:
    """All violations at or below `schema`; each value is for the schema itself, everything around it valid."""
    yield from here(schema, path)
    for name, part in schema.get("properties", {}).items():
        for one in beyond(part, f"{path}.{name}"):
            yield Beyond(one.path, {**smallest(schema), name: one.value}, one.words)
    if "items" in schema:
        for one in beyond(schema["items"], f"{path}[0]"):
            yield Beyond(one.path, [one.value], one.words)
    if isinstance(schema.get("additionalProperties"), dict):
        for one in beyond(schema["additionalProperties"], f"{path}.key"):
            yield Beyond(one.path, {"key": one.value}, one.words)


def here(schema: Schema, path: str) -> Iterator[Beyond]:
    """The violations of the schema's own bounds."""
    words = {
        "maximum": lambda most: (most + 1, "should be less than or equal to"),
        "minimum": lambda least: (least - 1, "should be greater than or equal to"),
        "maxLength": lambda most: ("a" * (most + 1), "Too long: may not be more than"),
        "pattern": lambda _: ("\u00e9" * 8, "should match"),
        "maxItems": lambda most: ([smallest(schema.get("items", {}))] * (most + 1), "must have at most"),
        "minItems": lambda _: ([], "should have at least"),
        "maxProperties": lambda most: (
            {f"k{i}": smallest(values(schema)) for i in range(most + 1)},
            "must have at most",
        ),
        "enum": lambda _: ("Nonesuch", "Unsupported value"),
    }
    for bound, violate in words.items():
        if bound in schema and not (bound == "minimum" and schema.get("type") != "integer"):
            value, refusal = violate(schema[bound])
            yield Beyond(path, value, refusal)


def values(schema: Schema) -> Schema:
    """The schema of a map's values; a map of anything takes text."""
    inner = schema.get("additionalProperties")
    return inner if isinstance(inner, dict) else {"type": "string"}


def smallest(schema: Schema) -> Any:
    """The smallest value that the schema's types and bounds accept."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: smallest(schema["properties"][name]) for name in schema.get("required", ())}
        case "array":
            return [smallest(schema["items"])] * schema.get("minItems", 0)
        case "integer":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case _:
            return text(schema)


def text(schema: Schema) -> str:
    """A short text of the wanted form."""
    samples = ("a", "0.1.0", "1s", "1Gi", "https://a:1", "a" * schema.get("minLength", 0))
    pattern = schema.get("pattern", "")
    return next(one for one in samples if re.match(pattern, one) and len(one) >= schema.get("minLength", 0))
