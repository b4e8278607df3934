"""What memory or store refuses of one call, as an answer: the client is told, and its connection lives."""

from __future__ import annotations

from bbs.layouts.contract import Unrepresentable
from bbs.master.memory import Unreadable
from bbs.master.pipeline import ContentRefused
from bbs.models.errors import Error, ErrorType, unreadable_record

REFUSED = (Unreadable, Unrepresentable, ContentRefused)


def error_of(refused: Unreadable | Unrepresentable | ContentRefused) -> Error:
    """A quarantined record is named with its reason; a record that can't be stored is an invalid one."""
    if isinstance(refused, Unreadable):
        return unreadable_record(refused.reason)
    return Error(ErrorType.INVALID_RECORD, str(refused))
