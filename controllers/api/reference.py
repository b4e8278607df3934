"""The reference of the Diego resource for people, generated: `python -m controllers.api.reference`.

Every field, rule, condition and reason stands in `docs/reference/resource.md` because it is written from the models.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from . import crd
from .conditions import ConditionType
from .generated import run
from .reasons import Reason
from .structural import Schema, structural
from .workload import Workload

_TIER_FIELDS = frozenset(structural(Workload)["properties"])
_TIERS = frozenset({"bbs", "locket", "auctioneer", "routeEmitter", "ccBridge", "cells.pools[]"})

_HEAD = """# The Diego resource

Generated from `controllers/api` by `python -m controllers.api.reference`; change the models, not this file.

One `Diego` (group `diego-operator.io`, version `v1alpha1`, short name `dgo`, namespaced) declares one deployment of
Diego. `diego.yaml` at the root of the repository is a small one. `kubectl explain diego.spec` says the same as here.

- Upgrade: change `spec.version` and apply. Going back: apply the earlier spec; no rule of the schema refuses it, what
  is unsafe is withheld by a gate that says what to do.
- `kubectl get diego` shows VERSION (the oldest release that still runs), DATA (version of the stored data), READY,
  REASON, BBS (ready members), CELLS (cells of the wanted release), AGE; `-o wide` adds STORE, MASTER, KEY and TARGET.
- A message of a condition reads `what was seen; wanted ...; do: ...`.
- Durations are written as in Go (`10m`, `1h30m`), quantities as everywhere in Kubernetes (`256Mi`, `100m`).
- An unknown field is dropped by the API server, unless the client asks for strictness (`kubectl apply` does).
- The resource carries no finalizer: deleting it never hangs. With `deletionPolicy: Retain` volumes, generated keys,
  authorities and identity stay and are found again by a new Diego of the same name. A deleted namespace keeps nothing.
- Branches of the schema that this release does not carry out yet are accepted and answered by the condition
  SpecAccepted with the reason NotBuiltYet, which names the field and what to choose instead.
"""


def text() -> str:
    """The whole page."""
    schema = crd.definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return "\n".join(
        [
            _HEAD,
            *_section("## Spec", _fields(schema["properties"]["spec"], "")),
            "### Fields of every tier\n",
            "`bbs`, `locket`, `auctioneer`, `routeEmitter`, `ccBridge` and each of `cells.pools` also have:\n",
            *_table(_fields(structural(Workload), "")),
            "## Rules\n",
            "What the API server refuses, in its words:\n",
            *[f"- `{path}`: {message}" for path, message in _rules(schema, "")],
            "",
            *_section("## Status", _fields(schema["properties"]["status"], "")),
            "## Conditions\n",
            "All are set from the first visit on; each carries the generation it speaks of.\n",
            "| condition | True means |\n|---|---|",
            *[f"| {one} | {one.meaning} |" for one in ConditionType],
            "",
            "## Reasons\n",
            "A reason in the last column marked *person* keeps a gate shut until somebody acts.\n",
            "| reason | meaning | what to do | |\n|---|---|---|---|",
            *[f"| {one} | {one.meaning} | {one.remedy} | {'*person*' if one.needs_person else ''} |" for one in Reason],
            "",
        ]
    )


def _section(title: str, rows: Iterator[str]) -> list[str]:
    return [f"{title}\n", *_table(rows)]


def _table(rows: Iterator[str]) -> list[str]:
    return ["| field | type | default | meaning |\n|---|---|---|---|", *rows, ""]


def _fields(schema: Schema, path: str) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        if path.removesuffix(".") in _TIERS and name in _TIER_FIELDS:
            continue
        here = f"{path}{name}"
        wanted = "**required**" if name in schema.get("required", ()) else _default(part)
        meaning = str(part.get("description", "")).replace("\n", " ")
        yield f"| `{here}` | {_type(part)} | {wanted} | {meaning} |"
        yield from _fields(part, f"{here}.")
        yield from _fields(part.get("items", {}), f"{here}[].")


def _default(part: Schema) -> str:
    default = part.get("default")
    if default is None or isinstance(default, dict):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(part: Schema) -> str:
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if part.get("x-kubernetes-int-or-string"):
        return "quantity"
    return f"{part['type']}{_bounds(part)}"


def _bounds(part: Schema) -> str:
    match part:
        case {"minimum": least, "maximum": most}:
            return f", {least} to {most}"
        case {"maxLength": most}:
            return f", up to {most} characters"
        case {"maxItems": most} | {"maxProperties": most}:
            return f", up to {most} entries"
        case _:
            return ""


def _rules(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for rule in schema.get("x-kubernetes-validations", []):
        yield path or "metadata", rule["message"]
    for name, part in schema.get("properties", {}).items():
        yield from _rules(part, f"{path}.{name}".removeprefix("."))
    if "items" in schema:
        yield from _rules(schema["items"], f"{path}[]")


if __name__ == "__main__":
    sys.exit(run("controllers.api.reference", text()))
