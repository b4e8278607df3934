"""Events of the group streams (deprecated): the rows of an index as two slots, instance and evacuating.

A suspect row fills the instance slot while it is worth more than the ordinary one, so what happens to the latter then
is not told, except by those who tell of each row alone. The tables are in docs/reference/events.md.
"""

from __future__ import annotations

from bbs.models.actual_lrps.groups import rank
from bbs.models.actual_lrps.rows import CRASHED, RUNNING, UNCLAIMED
from bbs.models.events.event import Event, message
from bbs.models.events.instances import moves
from bbs.models.events.occurrence import Index
from bbs.models.events.rows import OTHER_RANK, Ranked, Seen, Three, crashed, in_order, seen

Slots = tuple[Seen | None, Seen | None]
"""Instance and evacuating."""


def group_events(index: Index, *, crash: bool, by_row: bool) -> list[Event]:
    """What the group streams are told of one index."""
    before, after = seen(index.before, index.after)
    if by_row:
        return in_order(_each_row(before, after))
    was, now = _slots(before), _slots(after)
    if crash:
        return in_order(_crash(before[0], after[0], was, now))
    ranked: list[Ranked] = []
    for evacuating in (False, True):
        ranked += _slot(was[evacuating], now[evacuating], evacuating=evacuating)
    return in_order(ranked)


def _slots(rows: Three) -> Slots:
    ordinary, evacuating, suspect = rows
    instances = [row for row in (ordinary, suspect) if row is not None]
    return (min(instances, key=lambda row: rank(row.lrp.presence, row.state)) if instances else None), evacuating


def _crash(was_row: Seen | None, now_row: Seen | None, was: Slots, now: Slots) -> list[Ranked]:
    """A reported crash shows both groups whole."""
    if was_row is None or now_row is None or was[0] is now[0]:
        return []
    return [crashed(was_row, now_row), _changed(was, now)]


def _slot(was: Seen | None, now: Seen | None, *, evacuating: bool) -> list[Ranked]:
    if was is now:
        return []
    if was is None or now is None:
        return [_whole(was, now, evacuating=evacuating)]
    if now.state == CRASHED:
        return [crashed(was, now), _changed(_group(was, evacuating), _group(now, evacuating))]
    if now.state == UNCLAIMED or not was.key or was.key == now.key:
        return [_changed(_group(was, evacuating), _group(now, evacuating))]
    return [_whole(None, now, evacuating=evacuating), _whole(was, None, evacuating=evacuating)]


def _each_row(before: Three, after: Three) -> list[Ranked]:
    """Rows that appear or vanish, and crashed ones that are wanted again; a change of presence is not told."""
    moved = moves(before, after)
    ranked: list[Ranked] = []
    for presence, (was, now) in enumerate(zip(before, after, strict=True)):
        evacuating = presence == 1
        came, left = presence in moved, presence in moved.values()
        if was is now or left:
            continue
        if was is None and now is not None:
            ranked += [] if came else [_whole(None, now, evacuating=evacuating)]
        elif was is not None and (now is None or came):
            ranked.append(_whole(was, None, evacuating=evacuating))
        elif was is not None and now is not None and was.state == CRASHED:
            ranked.append(_changed(_group(was, evacuating), _group(now, evacuating)))
    return ranked


def _group(row: Seen, evacuating: bool) -> Slots:
    return (None, row) if evacuating else (row, None)


def _whole(was: Seen | None, now: Seen | None, *, evacuating: bool) -> Ranked:
    row = now or was
    assert row is not None
    verb, place = ("created", row.rank) if now is not None else ("removed", OTHER_RANK)
    return place, Event(f"actual_lrp_{verb}", message(_encoded(_group(row, evacuating))), row.cells)


def _changed(was: Slots, now: Slots) -> Ranked:
    first, second = _resolved(was), _resolved(now)
    cells = frozenset().union(*(row.cells for row in (first, second) if row is not None))
    place = second.rank if second is not None else OTHER_RANK
    return place, Event("actual_lrp_changed", message(_encoded(was), _encoded(now)), cells)


def _resolved(slots: Slots) -> Seen | None:
    """The row that a group stands for: the instance if it runs or has crashed, else the evacuating one."""
    instance, evacuating = slots
    if instance is None or evacuating is None:
        return instance or evacuating
    return instance if instance.state in (RUNNING, CRASHED) else evacuating


def _encoded(slots: Slots) -> bytes:
    return message(*(None if row is None else row.data for row in slots))
