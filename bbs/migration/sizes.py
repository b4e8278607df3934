"""What a store can't take of one record, said before it is asked: the same for the rehearsal and the real attempt."""

from __future__ import annotations

from collections.abc import Sequence

from bbs.layouts.contract import Row
from bbs.stores.contract import Limits


def oversized(rows: Sequence[Row], limits: Limits) -> str | None:
    """Why these rows don't fit; None when they do."""
    for row in rows:
        if len(row.key.encode("utf-8", "surrogateescape")) > limits.key_bytes:
            return f"its key would be longer than {limits.key_bytes} bytes"
        if len(row.value) > limits.row_bytes:
            return f"it would be {len(row.value)} bytes; the store takes {limits.row_bytes}"
    return None
