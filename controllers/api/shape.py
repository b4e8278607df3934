"""How every part of the Diego resource is modelled: camelCase outside, snake_case inside, frozen.

Owns the two base classes and nothing else. A field of the spec that nobody knows is refused with its name, because a
typing error in `spec` must never pass for consent; a field of the status that this release does not know is dropped,
because another release of the operator may have written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Declared(BaseModel):
    """Base of everything a user writes: unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class Reported(BaseModel):
    """Base of everything the operator writes: fields of another release are dropped when read back."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    def rendered(self) -> dict[str, Any]:
        """Gives the JSON object that goes into `status`: camelCase, without fields that are not known."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def rule(expression: str, message: str) -> Mapping[str, str]:
    """One CEL rule of the API server; `message` says what was wanted and what to do."""
    return {"rule": expression, "message": message}


def ruled(*rules: Mapping[str, str]) -> dict[str, Any]:
    """The `json_schema_extra` that carries CEL rules into the generated CustomResourceDefinition."""
    return {"x-kubernetes-validations": [dict(one) for one in rules]}


def keyed(*keys: str) -> dict[str, Any]:
    """The `json_schema_extra` of a list whose items are told apart by `keys`: no two alike, and appliers merge."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


def distinct() -> dict[str, Any]:
    """The `json_schema_extra` of a list of plain values in which none may occur twice."""
    return {"x-kubernetes-list-type": "set"}


def atomic() -> dict[str, Any]:
    """The `json_schema_extra` of a list that an applier replaces as a whole."""
    return {"x-kubernetes-list-type": "atomic"}
