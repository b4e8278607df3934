"""Tasks in upstream's table `tasks`. Source: docs/reference/upstream-sql.md."""

from __future__ import annotations

from bbs.interchange.wire_fields import bytes_field
from bbs.layouts.contract import Cipher
from bbs.layouts.upstream_columns import (
    LONGEST,
    Columns,
    int32,
    message,
    name,
    number,
    numeric_field,
    sealed_message,
    text,
    text_field,
    words,
)
from bbs.layouts.upstream_messages import Parts


def decode(columns: Columns, cipher: Cipher) -> bytes:
    """`models.Task` of a row. Raises Undecodable, Malformed, NotJSON."""
    return (
        bytes_field(1, message(columns, "task_definition", cipher, "TaskDefinition"))
        + text_field(2, text(columns, "guid"))
        + text_field(3, text(columns, "domain"))
        + numeric_field(4, number(columns, "created_at"))
        + numeric_field(5, number(columns, "updated_at"))
        + numeric_field(6, number(columns, "first_completed_at"))
        + numeric_field(7, number(columns, "state"))
        + text_field(8, text(columns, "cell_id"))
        + text_field(9, text(columns, "result"))
        + numeric_field(10, number(columns, "failed"))
        + text_field(11, text(columns, "failure_reason"))
        + numeric_field(12, number(columns, "rejection_count"))
        + text_field(13, text(columns, "rejection_reason"))
    )


def encode(data: bytes, cipher: Cipher) -> Columns:
    """The columns of a task at data version 1772581987. Raises Unrepresentable, Malformed."""
    task = Parts(data)
    return {
        "guid": name(task.text(2), "guid"),
        "domain": name(task.text(3), "domain"),
        "updated_at": task.number(5),
        "created_at": task.number(4),
        "first_completed_at": task.number(6),
        "state": int32(task.number(7)),
        "cell_id": name(task.text(8), "cell_id"),
        # NULL until it has completed, as upstream leaves it.
        "result": words(task.text(9)) or ("" if task.number(6) else None),
        "failed": bool(task.number(10)),
        "failure_reason": words(task.text(11), LONGEST),
        "task_definition": sealed_message(task.message(1), cipher),
        "rejection_count": int32(task.number(12)),
        "rejection_reason": words(task.text(13), LONGEST),
    }
