"""The probe's output: one JSON object a line, with the time of the node's clock in microseconds, UTC."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import orjson


def now() -> str:
    """The time as audit logs write it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def note(event: str, **fields: object) -> None:
    """Write one line, flushed: the reader may come at any time."""
    sys.stdout.buffer.write(orjson.dumps({"time": now(), "event": event, **fields}) + b"\n")
    sys.stdout.buffer.flush()
