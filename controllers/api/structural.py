"""From pydantic's JSON Schema to the structural schema that the API server takes.

Owns the translation only: references are put in place, `null` alternatives and Python-only keywords go, and anything
that can't be said structurally raises, so that a model can't silently become a looser schema. Source of the rules:
Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions", section structural schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from .duration import Duration

_KEPT = (
    "description",
    "type",
    "format",
    "enum",
    "default",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
)
_DROPPED = ("title", "propertyNames", "discriminator", "examples")
_NESTED = ("$ref", "anyOf", "properties", "items", "additionalProperties", "$defs")
_EXTENSION = "x-kubernetes-"

Schema = dict[str, Any]


class NotStructuralError(TypeError):
    """A model holds something that a structural schema can't say."""


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """Writes a duration as its text; pydantic would write the fields of the dataclass."""
        return str(dft) if isinstance(dft, Duration) else super().encode_default(dft)


def structural(model: type[BaseModel]) -> Schema:
    """Gives the structural schema of a model, by its camelCase names."""
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    return _translate(schema, schema.get("$defs", {}), model.__name__)


def _translate(schema: Mapping[str, Any], definitions: Mapping[str, Schema], path: str) -> Schema:
    schema = _in_place(schema, definitions, path)
    _refuse_unknown(schema, path)
    result = {key: schema[key] for key in _KEPT if key in schema and schema[key] is not None}
    result |= {key: value for key, value in schema.items() if key.startswith(_EXTENSION)}
    if "properties" in schema:
        result["properties"] = {
            name: _translate(part, definitions, f"{path}.{name}") for name, part in schema["properties"].items()
        }
    if "items" in schema:
        result["items"] = _translate(schema["items"], definitions, f"{path}[]")
    _values_of_map(schema, result, definitions, path)
    _default(result)
    return result


def _in_place(schema: Mapping[str, Any], definitions: Mapping[str, Schema], path: str) -> Mapping[str, Any]:
    """Replaces a reference or an optional by what it stands for; keywords beside it win."""
    while "$ref" in schema or "anyOf" in schema:
        beside = {key: value for key, value in schema.items() if key not in ("$ref", "anyOf")}
        if "$ref" in schema:
            schema = _beside(definitions[schema["$ref"].rsplit("/", 1)[1]], beside)
            continue
        choices = [one for one in schema["anyOf"] if one.get("type") != "null"]
        if len(choices) != 1:
            raise NotStructuralError(f"{path} is a union of {len(choices)} types; wanted one type or None beside it")
        schema = _beside(choices[0], beside)
    return schema


def _beside(schema: Mapping[str, Any], beside: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keywords of a field win over those of its type; only an enum's sentence about its values is kept as well."""
    merged = {**schema, **beside}
    if "enum" in schema and "description" in schema and "description" in beside:
        merged["description"] = f"{beside['description']} {schema['description']}"
    return merged


def _refuse_unknown(schema: Mapping[str, Any], path: str) -> None:
    known = {*_KEPT, *_DROPPED, *_NESTED}
    unknown: Iterable[str] = (key for key in schema if key not in known and not key.startswith(_EXTENSION))
    for key in unknown:
        raise NotStructuralError(f"{path} uses {key}, which has no structural form; model it otherwise")


def _values_of_map(schema: Mapping[str, Any], result: Schema, definitions: Mapping[str, Schema], path: str) -> None:
    values = schema.get("additionalProperties", False)
    if values is True:
        result[f"{_EXTENSION}preserve-unknown-fields"] = True
    elif values is not False:
        result["additionalProperties"] = _translate(values, definitions, f"{path}{{}}")


def _default(result: Schema) -> None:
    """Keeps a default only where it says something; an object's is spelled out from those of its fields.

    `{}` would do for defaulting, but the API server evaluates CEL rules on a default before it fills it in.
    """
    if "default" not in result:
        return
    if "properties" in result:
        fields = result["properties"].items()
        result["default"] = {name: part["default"] for name, part in fields if "default" in part}
    if result["default"] in ("", [], {}):
        del result["default"]
