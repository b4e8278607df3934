"""The schema of the values of `charts/diego`, generated from the models: `python -m controllers.api.values`.

The values are the spec, field by field, so the chart refuses what the API server would prune in silence: a misspelt
field. CEL rules are left to the API server.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .diego import LONGEST_NAME, DiegoSpec
from .generated import run
from .structural import Schema, structural

_INT_OR_STRING = "x-kubernetes-int-or-string"
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}


def schema() -> dict[str, Any]:
    """The JSON schema (draft 7) of the chart's values."""
    spec = _closed(structural(DiegoSpec))
    own = {"name": {"type": "string", "maxLength": LONGEST_NAME}, "labels": _TEXTS, "annotations": _TEXTS}
    spec["properties"]["version"] = {"type": "string"}  # empty: the chart's appVersion
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart diego",
        "type": "object",
        "additionalProperties": False,
        "required": ["store"],
        "properties": own | {"global": {"type": "object"}} | spec["properties"],
    }


def text() -> str:
    """The schema as it lies in the chart."""
    return json.dumps(schema(), indent=2) + "\n"


def _closed(part: Schema) -> Schema:
    """Drops what only the API server understands and refuses unknown fields."""
    result = {key: value for key, value in part.items() if not key.startswith("x-kubernetes-") and key != "format"}
    if part.get(_INT_OR_STRING):
        result["type"] = ["integer", "string"]
    if "properties" in part:
        result["properties"] = {name: _closed(value) for name, value in part["properties"].items()}
        result["additionalProperties"] = False
    for inner in ("items", "additionalProperties"):
        if isinstance(part.get(inner), dict):
            result[inner] = _closed(part[inner])
    return result


if __name__ == "__main__":
    sys.exit(run("controllers.api.values", text()))
