"""An actual LRP's row as events look at it, and the two messages that show it."""

from __future__ import annotations

from bbs.models.actual_lrps.reads import completed
from bbs.models.actual_lrps.rows import RUNNING
from bbs.models.events.event import Event, message
from bbs.models.events.occurrence import Rows
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.events_pb2 import ActualLRPCrashedEvent, ActualLRPInfo

Ranked = tuple[int, Event]
"""An event with its place among those of one index: routes appear before others vanish."""

CRASHED_RANK = 0
RUNNING_RANK = 1
OTHER_RANK = 2

_INFO = ("actual_lrp_net_info", "modification_tag")
_SCALARS = ("crash_count", "crash_reason", "state", "placement_error", "since", "presence", "availability_zone")


class Seen:
    """One row: its bytes as clients read them, and the parsed message."""

    __slots__ = ("data", "lrp")

    def __init__(self, stored: bytes) -> None:
        self.lrp = ActualLRP.FromString(stored)
        self.data = completed(stored, self.lrp)

    @property
    def key(self) -> bytes:
        """Instance guid and cell; empty when unclaimed or crashed."""
        return self.lrp.actual_lrp_instance_key.SerializeToString()

    @property
    def state(self) -> str:
        """The state's name."""
        return self.lrp.state

    @property
    def cells(self) -> frozenset[str]:
        """The cell that has it, as a filter sees it; one without name when no cell has it."""
        return frozenset((self.lrp.actual_lrp_instance_key.cell_id,))

    @property
    def rank(self) -> int:
        """The rank of an event that leads to this row."""
        return RUNNING_RANK if self.lrp.state == RUNNING else OTHER_RANK

    def info(self) -> bytes:
        """The serialized `models.ActualLRPInfo`: no internal routes, no metric tags."""
        info = ActualLRPInfo(**{name: getattr(self.lrp, name) for name in _SCALARS}, Routable=self.lrp.routable)
        for name in _INFO:
            getattr(info, name).SetInParent()
            getattr(info, name).CopyFrom(getattr(self.lrp, name))
        return info.SerializeToString()


Three = tuple[Seen | None, Seen | None, Seen | None]


def seen(before: Rows, after: Rows) -> tuple[Three, Three]:
    """Rows before and after; what did not change is one object in both."""
    was = [None if row is None else Seen(row) for row in before]
    now = [
        same if row is not None and same is not None and row == old else None if row is None else Seen(row)
        for row, old, same in zip(after, before, was, strict=True)
    ]
    return (was[0], was[1], was[2]), (now[0], now[1], now[2])


def crashed(before: Seen, after: Seen) -> Ranked:
    """The instance that was there has crashed."""
    event = ActualLRPCrashedEvent(
        crash_count=after.lrp.crash_count, crash_reason=after.lrp.crash_reason, since=after.lrp.since
    )
    event.actual_lrp_key.CopyFrom(after.lrp.actual_lrp_key)
    event.actual_lrp_instance_key.SetInParent()
    event.actual_lrp_instance_key.CopyFrom(before.lrp.actual_lrp_instance_key)
    return CRASHED_RANK, Event("actual_lrp_crashed", event.SerializeToString(), before.cells)


def in_order(ranked: list[Ranked]) -> list[Event]:
    """Crashes first, then what leads to a running instance, then the rest; else as they were told."""
    return [event for _, event in sorted(ranked, key=lambda one: one[0])]


__all__ = ["OTHER_RANK", "Ranked", "Seen", "Three", "crashed", "in_order", "message", "seen"]
