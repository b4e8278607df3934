"""Events of the instance streams: each row of an index by itself.

A row that leaves one presence and appears in another with its instance is one row that changed. The table is in
docs/reference/events.md.
"""

from __future__ import annotations

from bbs.models.actual_lrps.rows import CRASHED, EVACUATING_NUMBER, ORDINARY_NUMBER, SUSPECT_NUMBER, UNCLAIMED
from bbs.models.events.event import Event, message
from bbs.models.events.occurrence import Index
from bbs.models.events.rows import OTHER_RANK, Ranked, Seen, Three, crashed, in_order, seen


def instance_events(index: Index, trace_id: str, *, crash: bool) -> list[Event]:
    """What the instance streams are told of one index. `crash`: a cell reported it, so it is told as such."""
    before, after = seen(index.before, index.after)
    moved = moves(before, after)
    ranked: list[Ranked] = []
    for target, source in moved.items():
        was, now, replaced = before[source], after[target], before[target]
        assert was is not None
        assert now is not None
        ranked.append(_changed(was, now, trace_id))
        if replaced is not None:
            ranked.append(_removed(replaced, trace_id))
    for presence, (was, now) in enumerate(zip(before, after, strict=True)):
        if presence not in moved and was is not now:
            left = presence in moved.values()
            ranked += _row(None if left else was, now, trace_id, presence, crash=crash)
    return in_order(ranked)


def moves(before: Three, after: Three) -> dict[int, int]:
    """Rows that changed their presence: where they are now -> where they were."""
    moved = {}
    for source, targets in _WAYS.items():
        was = before[source]
        if was is None or not was.key or _holds(after[source], was):
            continue
        for target in targets:
            if _holds(after[target], was) and not _holds(before[target], was):
                moved[target] = source
    return moved


_WAYS = {
    ORDINARY_NUMBER: (EVACUATING_NUMBER, SUSPECT_NUMBER),
    SUSPECT_NUMBER: (ORDINARY_NUMBER, EVACUATING_NUMBER),
}
"""An instance moves aside, becomes suspect, is promoted; an evacuating one only ever ends."""


def _holds(row: Seen | None, instance: Seen) -> bool:
    return row is not None and row.key == instance.key


def _row(was: Seen | None, now: Seen | None, trace_id: str, presence: int, *, crash: bool) -> list[Ranked]:
    if was is None or now is None:
        return [_created(now, trace_id)] if now is not None else [_removed(was, trace_id)] if was is not None else []
    if presence == EVACUATING_NUMBER:
        return [_created(now, trace_id)]
    if now.state == CRASHED:
        return [crashed(was, now), _changed(was, now, trace_id)]
    if now.state != UNCLAIMED or was.state == UNCLAIMED:
        return [_changed(was, now, trace_id)]
    told = [_created(now, trace_id), _removed(was, trace_id)]
    return [crashed(was, now), *told] if crash else told


def _created(row: Seen, trace_id: str) -> Ranked:
    return row.rank, Event("actual_lrp_instance_created", message(row.data, trace_id=trace_id), row.cells)


def _removed(row: Seen, trace_id: str) -> Ranked:
    return OTHER_RANK, Event("actual_lrp_instance_removed", message(row.data, trace_id=trace_id), row.cells)


def _changed(was: Seen, now: Seen, trace_id: str) -> Ranked:
    named = now if now.key else was
    key = named.lrp.actual_lrp_key.SerializeToString()
    payload = message(key, named.key, was.info(), now.info(), trace_id=trace_id)
    return now.rank, Event("actual_lrp_instance_changed", payload, named.cells)
