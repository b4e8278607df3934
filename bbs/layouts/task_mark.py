"""The mark of a task whose callback carries its guid alone: a field of ours, which older layouts drop.

Dropped rather than refused: such a task lives for minutes, and a way back to an older version must not wait for it. Its
callback then carries the whole task, guid included, and the BBS deletes it (docs/reference/tasks.md).
"""

from __future__ import annotations

from bbs.interchange.wire_fields import last_number, without

CALLBACK_BY_GUID = 4001
"""Number of the field `callback_by_guid` (docs/reference/wire.md)."""

MARK = "the mark of callbacks by guid: they carry the whole task and the BBS deletes it when they are delivered"


def without_mark(task: bytes) -> bytes:
    """The task as an older layout holds it. Raises Malformed."""
    return without(task, CALLBACK_BY_GUID) if last_number(task, CALLBACK_BY_GUID) else task
