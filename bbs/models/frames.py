"""List answers as joins of frames that each record prepares once.

In every list and get response the records are field 2, so one frame serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bbs.models.state import Entry
from bbs.wire.frames import frame

Build = Callable[[Entry], bytes]

RECORD_FIELD = 2


def framed(entry: Entry, name: str, build: Build) -> bytes:
    """The frame `name` of a record, built at the first request and dropped with the entry."""
    frames = entry.frames
    if frames is None:
        frames = entry.frames = {}
    found = frames.get(name)
    if found is None:
        found = frames[name] = frame(RECORD_FIELD, build(entry))
    return found


def response(entries: Iterable[Entry], name: str, build: Build) -> bytes:
    """The response that holds these records."""
    return b"".join([framed(entry, name, build) for entry in entries])
