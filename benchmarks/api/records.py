"""What the measured BBS holds: generated desired LRPs and as many actual ones as asked."""

from __future__ import annotations

from collections.abc import Iterator

from bbs.configuration.loading import load as configuration
from bbs.interchange.generation import generate
from bbs.models.records import Kind, Record
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.container_pb2 import EnvironmentVariable
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from tests.migration.held import held_as
from tests.migration.multitude import copies
from tests.processes.cluster import Cluster

_SEED = 7
_ORIGINALS = 5000


async def load(cluster: Cluster, lrps: int, instances: int, size: int, cells: int = 40) -> list[str]:
    """Fill the cluster's store before anything serves it; the process guids of the desired LRPs.

    `size`: bytes that a desired LRP has at least. `cells`: over how many of them, `cell-0` and so on, instances lie.
    """
    wanted = {Kind.DESIRED_LRPS: lrps, Kind.ACTUAL_LRPS: lrps * instances}
    guids: list[str] = []

    def made() -> Iterator[Record]:
        for record in _some(wanted):
            if record.kind is Kind.DESIRED_LRPS:
                guids.append(record.key)
            yield placed(padded(record, size), len(guids) % cells)

    async with held_as(configuration(cluster.members[0].config), None) as (_, _, holder):
        await holder.put(made())
    return guids


def padded(record: Record, size: int) -> Record:
    """A desired LRP of that size at least: an app with more in its environment."""
    missing = size - len(record.data)
    if record.kind is not Kind.DESIRED_LRPS or missing <= 0:
        return record
    more = DesiredLRP(environment_variables=[EnvironmentVariable(name="PADDING", value="x" * missing)])
    return record._replace(data=record.data + more.SerializeToString())


def placed(record: Record, cell: int) -> Record:
    """An actual LRP that is on a cell, on that one."""
    if record.kind is not Kind.ACTUAL_LRPS:
        return record
    lrp = ActualLRP.FromString(record.data)
    if lrp.actual_lrp_instance_key.cell_id:
        lrp.actual_lrp_instance_key.cell_id = f"cell-{cell}"
    return record._replace(data=lrp.SerializeToString())


def _some(wanted: dict[Kind, int]) -> Iterator[Record]:
    """Records of those kinds until there are enough of each."""
    left = dict(wanted)
    for record in copies(list(generate(_ORIGINALS, _SEED, inert=False))):
        if left.get(record.kind, 0) > 0:
            left[record.kind] -= 1
            yield record
        elif not any(left.values()):
            return
