"""The at most three rows of one LRP index, and the shapes a row is given.

A row's record is a `models.ActualLRP` that always has its keys, net info, tag and `routable`, as answers need them.
Edits parse the stored message and write it back, so fields this BBS does not know stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from bbs.models.account import Shown
from bbs.models.limits import looked_up, require_key, require_names
from bbs.models.records import Kind, Mutation, Presence, Record, delete, escaped, put
from bbs.models.state import Context, Entry, View
from bbs.wire.actual_lrp_pb2 import ActualLRP, ActualLRPInstanceKey

UNCLAIMED = "UNCLAIMED"
CLAIMED = "CLAIMED"
RUNNING = "RUNNING"
CRASHED = "CRASHED"

LIVE = (CLAIMED, RUNNING)

_ORDINARY = Presence.ORDINARY.value
_EVACUATING = Presence.EVACUATING.value
_SUSPECT = Presence.SUSPECT.value

ORDINARY_NUMBER = 0
EVACUATING_NUMBER = 1
SUSPECT_NUMBER = 2


@dataclass(slots=True)
class Row:
    """One stored row with its parsed message, which an edit changes in place before `stored` writes it."""

    key: str
    lrp: ActualLRP

    @property
    def instance_key(self) -> ActualLRPInstanceKey:
        """Instance guid and cell; empty when unclaimed or crashed."""
        return self.lrp.actual_lrp_instance_key

    def stored(self) -> Mutation:
        """The mutation that writes the row as it is now. A deadline of older data ends with the first write."""
        return put(Record(Kind.ACTUAL_LRPS, self.key, self.lrp.SerializeToString()))

    def shown(self, **given: bytes | str) -> tuple[Shown, ...]:
        """How events show the row: with what was given where something else is stored; nothing if all is stored."""
        if all(getattr(self.lrp, name) == value for name, value in given.items()):
            return ()
        whole = ActualLRP()
        whole.CopyFrom(self.lrp)
        for name, value in given.items():
            setattr(whole, name, value)
        return (Shown(self.key, after=whole.SerializeToString()),)

    def removed(self) -> Mutation:
        """The mutation that deletes the row."""
        return delete(Kind.ACTUAL_LRPS, self.key)


class Rows:
    """The rows of one (process guid, index), read once."""

    __slots__ = ("_prefix", "evacuating", "ordinary", "suspect")

    def __init__(self, view: View, process_guid: str, index: int) -> None:
        self._prefix = prefix = f"{escaped(looked_up(process_guid))}/{index}/"
        self.ordinary = _read(view, prefix + _ORDINARY)
        self.evacuating = _read(view, prefix + _EVACUATING)
        self.suspect = _read(view, prefix + _SUSPECT)

    def key(self, presence: Presence) -> str:
        """The record key of a row that may not exist yet."""
        return require_key(self._prefix + presence.value)

    def all(self) -> list[Row]:
        """The rows that exist."""
        return [found for found in (self.ordinary, self.evacuating, self.suspect) if found is not None]

    def target(self, instance_key: ActualLRPInstanceKey) -> Row | None:
        """The row with that instance key, whatever its presence."""
        return next((found for found in self.all() if found.instance_key == instance_key), None)

    def suspect_is(self, instance_key: ActualLRPInstanceKey) -> bool:
        """Whether that instance is the suspect one, which no lifecycle call may change."""
        return self.suspect is not None and self.suspect.instance_key == instance_key


def _read(view: View, key: str) -> Row | None:
    entry = view.get(Kind.ACTUAL_LRPS, key)
    return None if entry is None else row(entry)


def row(entry: Entry) -> Row:
    """The row of an entry."""
    return Row(entry.key, ActualLRP.FromString(entry.data))


def new_row(key: str, process_guid: str, index: int, domain: str, context: Context) -> Row:
    """A fresh unclaimed row with a new epoch; every other shape starts from it."""
    require_names(process_guid, domain)
    require_key(key)
    lrp = ActualLRP(state=UNCLAIMED, since=context.now, routable=False)
    lrp.actual_lrp_key.process_guid = process_guid
    lrp.actual_lrp_key.index = index
    lrp.actual_lrp_key.domain = domain
    lrp.actual_lrp_instance_key.SetInParent()
    lrp.actual_lrp_net_info.SetInParent()
    lrp.modification_tag.epoch = context.new_guid()
    return Row(key, lrp)


def changed(found: Row, context: Context) -> None:
    """Every change but that of presence: the tag's index grows by one and `since` is now."""
    found.lrp.modification_tag.index += 1
    found.lrp.since = context.now


def without_instance(found: Row) -> None:
    """Clears instance key and net info; crash count, routes, tags, routable and zone stay (as in the real BBS)."""
    found.lrp.actual_lrp_instance_key.Clear()
    found.lrp.actual_lrp_instance_key.SetInParent()
    found.lrp.actual_lrp_net_info.Clear()
    found.lrp.actual_lrp_net_info.SetInParent()


def unclaim(found: Row, context: Context) -> None:
    """The row wants a new cell; placement error and crash count stay."""
    changed(found, context)
    without_instance(found)
    found.lrp.state = UNCLAIMED
