"""The cells, as Locket holds them: each presence value is one JSON document that a rep wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bbs.wire.core_pb2 import CellPresence, CellsResponse


def cells_response(values: Iterable[bytes | str]) -> bytes:
    """`models.CellsResponse` of these presence values; one that is not valid is left out."""
    return CellsResponse(cells=[cell for value in values if (cell := presence(value))]).SerializeToString()


def presence(value: bytes | str) -> CellPresence | None:
    """The presence in one value; None when it is no such document. Unknown keys are passed over."""
    try:
        return _presence(json.loads(value))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _presence(document: dict[str, object]) -> CellPresence:
    known = CellPresence(
        cell_id=_text(document, "cell_id"),
        rep_address=_text(document, "rep_address"),
        zone=_text(document, "zone"),
        rep_url=_text(document, "rep_url"),
        placement_tags=_list(document, "placement_tags"),
        optional_placement_tags=_list(document, "optional_placement_tags"),
    )
    if capacity := _object(document, "capacity"):
        known.capacity.SetInParent()
        for name in ("memory_mb", "disk_mb", "containers"):
            setattr(known.capacity, name, capacity.get(name, 0))
    for provider in _list(document, "rootfs_provider_list"):
        known.rootfs_providers.add(name=provider.get("name", ""), properties=provider.get("properties") or [])
    for name, text in (_object(document, "annotations") or {}).items():
        known.annotations[name] = text
    return known


def _text(document: dict[str, object], name: str) -> str:
    found = document.get(name)
    return found if isinstance(found, str) else ""


def _list(document: dict[str, object], name: str) -> list:  # type: ignore[type-arg]
    found = document.get(name)
    return found if isinstance(found, list) else []


def _object(document: dict[str, object], name: str) -> dict | None:  # type: ignore[type-arg]
    found = document.get(name)
    return found if isinstance(found, dict) else None
