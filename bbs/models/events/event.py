"""One event: the name on the stream, the payload, and which cells it is about."""

from __future__ import annotations

from dataclasses import dataclass

from bbs.wire.frames import frame


@dataclass(frozen=True, slots=True)
class Event:
    """`payload`: the serialized message of that name.

    `cells`: a filtered stream passes it only if it names one of them; None for events that no filter holds back.
    """

    name: str
    payload: bytes
    cells: frozenset[str] | None = None


def message(*members: bytes | None, trace_id: str = "") -> bytes:
    """A payload whose first members are these messages, in order; None leaves one out. The trace id comes last."""
    frames = [frame(number, member) for number, member in enumerate(members, 1) if member is not None]
    # Headers are read as latin-1, so that their bytes leave as they came.
    return b"".join(frames) + (frame(len(members) + 1, trace_id.encode("latin-1", "replace")) if trace_id else b"")
