"""What clients know: for every key, the states that the store may be in.

Each key belongs to one client, which has one request under way at a time. Every write carries a number of its own that
only rises. After an acknowledgement one state is possible; after an unknown outcome, one more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bbs.models.records import Kind, Record
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task

ABSENT = -1
FAR = 4_000_000_000_000_000_000
GROUP_SIZE = 20


def numbered(kind: Kind, key: str, number: int) -> Record:
    """A record of that kind that carries `number`."""
    match kind:
        case Kind.DOMAINS:
            return Record(kind, key, b"", FAR + number)
        case Kind.TASKS:
            task = Task(task_guid=key, domain="d", created_at=1, updated_at=1, state=1, result=str(number).encode())
            task.task_definition.root_fs = "preloaded:x"
            return Record(kind, key, task.SerializeToString())
        case _:
            lrp = DesiredLRP(process_guid=key, domain="d", annotation=str(number), instances=1)
            lrp.routes.SetInParent()
            lrp.modification_tag.epoch = "e"
            return Record(kind, key, lrp.SerializeToString())


def number_of(record: Record) -> int:
    """The number that a record carries."""
    match record.kind:
        case Kind.DOMAINS:
            return record.deadline - FAR
        case Kind.TASKS:
            return int(Task.FromString(record.data).result)
        case _:
            return int(DesiredLRP.FromString(record.data).annotation)


class Model:
    """Possible states by key."""

    def __init__(self) -> None:
        self.possible: dict[tuple[Kind, str], set[int]] = {}
        self.groups: list[list[tuple[Kind, str]]] = []

    def attempted(self, keys: list[tuple[Kind, str]], number: int) -> None:
        """A write is on its way: it may take effect from now on."""
        for key in keys:
            self.possible.setdefault(key, {ABSENT}).add(number)

    def acknowledged(self, keys: list[tuple[Kind, str]], number: int) -> None:
        """It took effect."""
        for key in keys:
            self.possible[key] = {number}

    def refused(self, keys: list[tuple[Kind, str]], number: int) -> None:
        """It was refused: it must never be seen."""
        for key in keys:
            self.possible[key].discard(number)

    def check(self, stored: Mapping[tuple[Kind, str], int], promise: Callable[[bool, str, str], None]) -> None:
        """Every key is in a state that its client can explain."""
        for key, possible in self.possible.items():
            number = stored.get(key, ABSENT)
            known = number in possible
            if not known and (number == ABSENT or number < max(possible)):
                promise(False, "no acknowledged write lost", f"{key}: {number} stands, possible {sorted(possible)}")
            promise(known, "no refused write served", f"{key}: {number} stands, possible {sorted(possible)}")

    def whole(self, stored: Mapping[tuple[Kind, str], int], promise: Callable[[bool, str, str], None]) -> None:
        """What one transition wrote is there whole or not at all."""
        for group in self.groups:
            numbers = {stored.get(key, ABSENT) for key in group}
            promise(len(numbers) == 1, "a transition is whole", f"{group[0][1]}...: {sorted(numbers)}")
