"""What the measured BBS holds: generated desired LRPs and as many actual ones as asked, by `bbs import`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from bbs.interchange.generation import generate
from bbs.interchange.lines import export_line
from bbs.models.records import Kind, Record
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.container_pb2 import EnvironmentVariable
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from tests.processes.cluster import Cluster

_PATIENCE_S = 1800.0
_SEED = 7


async def load(cluster: Cluster, lrps: int, instances: int, size: int, cells: int = 40) -> list[str]:
    """Fill the cluster's store before anything serves it; the process guids of the desired LRPs.

    `size`: bytes that a desired LRP has at least. `cells`: over how many of them, `cell-0` and so on, instances lie.
    """
    wanted = {Kind.DESIRED_LRPS: lrps, Kind.ACTUAL_LRPS: lrps * instances}
    file = cluster.folder / "records.jsonl"
    guids: list[str] = []
    with file.open("wb") as lines:
        for record in _some(wanted):
            if record.kind is Kind.DESIRED_LRPS:
                guids.append(record.key)
            lines.write(export_line(placed(padded(record, size), len(guids) % cells)))
    await cluster.cli("import", file, limit=_PATIENCE_S)
    return guids


def padded(record: Record, size: int) -> Record:
    """A desired LRP of that size at least: an app with more in its environment."""
    missing = size - len(record.data)
    if record.kind is not Kind.DESIRED_LRPS or missing <= 0:
        return record
    more = DesiredLRP(environment_variables=[EnvironmentVariable(name="PADDING", value="x" * missing)])
    return replace(record, data=record.data + more.SerializeToString())


def placed(record: Record, cell: int) -> Record:
    """An actual LRP that is on a cell, on that one."""
    if record.kind is not Kind.ACTUAL_LRPS:
        return record
    lrp = ActualLRP.FromString(record.data)
    if lrp.actual_lrp_instance_key.cell_id:
        lrp.actual_lrp_instance_key.cell_id = f"cell-{cell}"
    return replace(record, data=lrp.SerializeToString())


def _some(wanted: dict[Kind, int]) -> Iterator[Record]:
    """Records of those kinds until there are enough of each; most of what is generated is of them."""
    left = dict(wanted)
    for part in itertools.count():
        for record in generate(20_000, _SEED + part, inert=False):
            if left.get(record.kind, 0) > 0:
                left[record.kind] -= 1
                yield record
        if not any(left.values()):
            return
