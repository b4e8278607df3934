"""The CRD is structural, bounded, and says nothing that the models don't say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from refused import refusals

from controllers.api import Diego, crd, reference, values
from controllers.api.structural import NotStructuralError, structural

REPOSITORY = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = crd.definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def nodes(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from nodes(part, f"{path}.{name}")
    for inner, sign in (("items", "[]"), ("additionalProperties", "{}")):
        if inner in schema:
            yield from nodes(schema[inner], path + sign)


PARTS = [(path, part) for root in ("spec", "status") for path, part in nodes(SCHEMA["properties"][root], root)]
RULES = [(path, rule) for path, part in [("", SCHEMA), *PARTS] for rule in part.get("x-kubernetes-validations", [])]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("crds/diego-operator.io_diegos.yaml", crd.text()),
        ("charts/diego-operator/files/diego-operator.io_diegos.yaml", crd.text()),
        ("charts/diego/values.schema.json", values.text()),
        ("docs/reference/resource.md", reference.text()),
    ],
)
def test_generated_files_are_as_the_models_say(file: str, text: str) -> None:
    assert (REPOSITORY / file).read_text() == text


def test_every_list_map_and_string_has_a_bound() -> None:
    unbounded = [path for path, part in PARTS if not bounded(part)]
    assert unbounded == []


def bounded(part: dict[str, Any]) -> bool:
    match part.get("type"):
        case "string":
            return "maxLength" in part or "enum" in part or part.get("format") == "date-time"
        case "array":
            return "maxItems" in part
        case "object":
            return "properties" in part or "maxProperties" in part
        case "integer":
            return "minimum" in part
        case "boolean":
            return True
        case None:
            return "maxLength" in part
        case other:
            raise AssertionError(other)


def test_every_list_says_how_appliers_merge_it() -> None:
    assert [path for path, part in PARTS if part.get("type") == "array" and "x-kubernetes-list-type" not in part] == []


def test_every_field_of_the_spec_says_what_it_is_for() -> None:
    fields = [(path, part) for path, part in PARTS if path.startswith("spec.") and not path.endswith(("[]", "{}"))]
    assert [path for path, part in fields if not part.get("description")] == []


def test_no_rule_looks_at_the_old_object_so_every_return_is_allowed() -> None:
    assert [path for path, rule in RULES if "oldSelf" in rule["rule"] or "status" in rule["rule"]] == []


def test_every_rule_says_what_to_do_and_is_hit_by_a_refusal() -> None:
    hit = " ".join(refusal.message for refusal in refusals())
    assert [rule["message"] for _, rule in RULES if rule["message"] not in hit] == []


def test_the_server_fills_in_what_the_models_fill_in() -> None:
    sparse = yaml.safe_load((REPOSITORY / "diego.yaml").read_text())
    served = defaulted(SCHEMA, sparse)
    assert served != sparse
    assert Diego.parse(served) == Diego.parse(sparse)


def defaulted(schema: dict[str, Any], value: Any) -> Any:
    """Defaulting as the API server does it: from outside in."""
    if isinstance(value, dict) and "properties" in schema:
        absent = {
            name: part["default"]
            for name, part in schema["properties"].items()
            if "default" in part and name not in value
        }
        return {
            name: defaulted(schema["properties"].get(name, {}), inner) for name, inner in {**value, **absent}.items()
        }
    return (
        [defaulted(schema["items"], one) for one in value] if isinstance(value, list) and "items" in schema else value
    )


def test_columns_read_paths_that_the_schema_has() -> None:
    columns = crd.definition()["spec"]["versions"][0]["additionalPrinterColumns"]
    shown = [column["name"] for column in columns if "priority" not in column]
    assert shown == ["Version", "Data", "Ready", "Reason", "BBS", "Cells", "Age"]
    paths = {path for path, _ in PARTS}
    plain = [
        column["jsonPath"][1:]
        for column in columns
        if column["jsonPath"].startswith(".status") and "[" not in column["jsonPath"]
    ]
    assert [path for path in plain if path not in paths] == []


def test_a_union_that_no_schema_can_say_is_an_error() -> None:
    class Loose(BaseModel):
        either: int | str

    with pytest.raises(NotStructuralError, match=r"Loose\.either is a union of 2 types"):
        structural(Loose)
