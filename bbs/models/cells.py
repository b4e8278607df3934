"""The cells, as Locket holds them: each presence value is one JSON document that a rep wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bbs.models.limits import readable
from bbs.wire.core_pb2 import CellPresence, CellsResponse


def cells_response(values: Iterable[bytes | str]) -> bytes:
    """`models.CellsResponse` of these presence values; an invalid one is left out, of a cell id the last one counts."""
    found = [cell for value in values if (cell := presence(value))]
    return CellsResponse(cells={cell.cell_id: cell for cell in found}.values()).SerializeToString()


def presence(value: bytes | str) -> CellPresence | None:
    """The presence in one value; None when it is no such document.

    As Go reads it: unknown keys are passed over, case does not count in the known ones, null is what is absent.
    """
    try:
        return _presence(_object(json.loads(readable(value))))
    except (ValueError, TypeError, RecursionError):
        return None


def _presence(document: dict[str, Any]) -> CellPresence:
    known = CellPresence(
        cell_id=_of(document, "cell_id", str) or "",
        rep_address=_of(document, "rep_address", str) or "",
        zone=_of(document, "zone", str) or "",
        rep_url=_of(document, "rep_url", str) or "",
        placement_tags=_texts(document, "placement_tags"),
        optional_placement_tags=_texts(document, "optional_placement_tags"),
    )
    capacity = _of(document, "capacity", dict)
    if capacity is not None:
        known.capacity.SetInParent()
        for name in ("memory_mb", "disk_mb", "containers"):
            setattr(known.capacity, name, _of(_object(capacity), name, int) or 0)
    for listed in _of(document, "rootfs_provider_list", list) or ():
        provider = _object(listed)
        known.rootfs_providers.add(name=_of(provider, "name", str) or "", properties=_texts(provider, "properties"))
    for name, text in (_of(document, "annotations", dict) or {}).items():
        known.annotations[name] = _typed(text, str) or ""
    return known


def _object(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = _typed(value, dict) or {}
    return {name.lower(): member for name, member in found.items()}


def _of(document: dict[str, Any], name: str, wanted: type) -> Any:
    return _typed(document.get(name), wanted)


def _texts(document: dict[str, Any], name: str) -> list[str]:
    return [_typed(text, str) or "" for text in _of(document, name, list) or ()]


def _typed(value: Any, wanted: type) -> Any:
    """The value, if it is null or of that type; another type spoils the whole document, as in Go."""
    if value is None or (isinstance(value, wanted) and not isinstance(value, bool)):
        return value
    message = f"a presence holds {type(value).__name__} where {wanted.__name__} is wanted"
    raise TypeError(message)
