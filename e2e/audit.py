"""The API server's audit log: who did what to which object, to the microsecond."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.places import AUDIT


@dataclass(frozen=True, slots=True)
class Call:
    """One finished request. `resource` carries its subresource: pods/eviction."""

    time: str
    user: str
    verb: str
    resource: str
    group: str
    namespace: str
    name: str
    code: int

    def __str__(self) -> str:
        who = self.user.removeprefix("system:serviceaccount:")
        return f"{who} {self.verb} {self.resource} {self.name} -> {self.code}"


def calls(namespace: str = "") -> Iterator[Call]:
    """All requests about objects, of one namespace if given, in the order of the log."""
    return read(AUDIT, namespace)


def read(log: Path, namespace: str = "") -> Iterator[Call]:
    """The same of any audit log."""
    with log.open() as lines:
        for line in lines:
            if namespace and f'"{namespace}"' not in line:
                continue
            call = _call(json.loads(line))
            if call is not None and namespace in ("", call.namespace):
                yield call


def _call(entry: dict[str, Any]) -> Call | None:
    target = entry.get("objectRef")
    if target is None:
        return None
    resource = target.get("resource", "") + (f"/{target['subresource']}" if "subresource" in target else "")
    name = target.get("name") or entry.get("responseObject", {}).get("metadata", {}).get("name", "")
    return Call(
        entry["requestReceivedTimestamp"],
        entry["user"]["username"],
        entry["verb"],
        resource,
        target.get("apiGroup", ""),
        target.get("namespace", ""),
        name,
        entry.get("responseStatus", {}).get("code", 0),
    )
