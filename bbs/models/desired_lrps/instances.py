"""What a desired LRP means for its instances: create the missing ones, stop the surplus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bbs.models.actual_lrps.rows import CRASHED, EVACUATING_NUMBER, ORDINARY_NUMBER, UNCLAIMED, new_row
from bbs.models.auction import start_of
from bbs.models.effects import RequestLRPAuction, StopLRPInstance
from bbs.models.records import Kind, Mutation, Presence, actual_lrp_key, delete
from bbs.models.state import Context, Effect, Entry, View
from bbs.wire.actual_lrp_pb2 import ActualLRPInstanceKey
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.index_pb2 import ActualLRP as IndexedActualLRP


@dataclass(frozen=True, slots=True)
class Instances:
    """Changes of actual LRPs that follow from a change of their desired LRP."""

    mutations: tuple[Mutation, ...] = ()
    effects: tuple[Effect, ...] = ()


def created(lrp: DesiredLRP, indices: Iterable[int], view: View, context: Context) -> Instances:
    """Unclaimed rows for those indices that have none, and one auction for the created ones."""
    guid = lrp.process_guid
    taken = {entry.index for entry in view.group(Kind.ACTUAL_LRPS, guid) if entry.presence == ORDINARY_NUMBER}
    missing = [index for index in indices if index not in taken]
    rows = [
        new_row(actual_lrp_key(guid, index, Presence.ORDINARY), guid, index, lrp.domain, context) for index in missing
    ]
    return Instances(tuple(row.stored() for row in rows), (RequestLRPAuction(start_of(lrp, tuple(missing))),))


def stopped(process_guid: str, first: int, view: View) -> Instances:
    """From index `first` up: rows without a cell are deleted, the others' cells are told to stop them."""
    mutations: list[Mutation] = []
    effects: list[Effect] = []
    for entry in view.group(Kind.ACTUAL_LRPS, process_guid):
        if entry.index < first or entry.presence == EVACUATING_NUMBER:
            continue
        if entry.state in (UNCLAIMED, CRASHED):
            mutations.append(delete(Kind.ACTUAL_LRPS, entry.key))
        else:
            instance_guid = instance_key(entry).instance_guid
            effects.append(StopLRPInstance(process_guid, instance_guid, entry.cell_id))
    return Instances(tuple(mutations), tuple(effects))


def instance_key(entry: Entry) -> ActualLRPInstanceKey:
    """Instance guid and cell of a row."""
    key = IndexedActualLRP.FromString(entry.data).actual_lrp_instance_key
    return ActualLRPInstanceKey(instance_guid=key.instance_guid, cell_id=key.cell_id)
