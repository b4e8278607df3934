"""List answers as joins of frames that each record prepares once.

In every list and get response the records are field 2, so one frame serves both. A frame is two parts, so that a record
which is answered as it is stored costs its few leading bytes and no copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bbs.models.state import Entry
from bbs.wire.frames import head

Build = Callable[[Entry], bytes]
Frame = tuple[bytes, bytes]

RECORD_FIELD = 2
SLICE = 500
"""Records whose frames are prepared in one go: some milliseconds the first time, much less afterwards."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """The answer of many records, as they were at one moment; put together slice by slice, since the first time takes
    longer than others may be kept waiting."""

    entries: Sequence[Entry]
    name: str
    build: Build

    def slices(self) -> Iterator[bytes]:
        """The response message in order."""
        for start in range(0, len(self.entries), SLICE):
            yield _joined(self.entries[start : start + SLICE], self.name, self.build)


Body = bytes | Bulk


def response(entries: Iterable[Entry], name: str, build: Build) -> Body:
    """The response that holds these records."""
    found = list(entries)
    return _joined(found, name, build) if len(found) <= SLICE else Bulk(found, name, build)


def _joined(entries: Iterable[Entry], name: str, build: Build) -> bytes:
    return b"".join([part for entry in entries for part in _framed(entry, name, build)])


def _framed(entry: Entry, name: str, build: Build) -> Frame:
    """The frame `name` of a record, built at the first request and dropped with the entry."""
    frames = entry.frames
    if frames is None:
        frames = entry.frames = {}
    found = frames.get(name)
    if found is None:
        payload = build(entry)
        found = frames[name] = (head(RECORD_FIELD, len(payload)), payload)
    return found
