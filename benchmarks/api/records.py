"""What the measured BBS holds: generated desired LRPs and as many actual ones as asked, by `bbs import`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from bbs.interchange.generation import generate
from bbs.interchange.lines import export_line
from bbs.models.records import Kind, Record
from tests.processes.cluster import Cluster

_PATIENCE_S = 1800.0
_SEED = 7


async def load(cluster: Cluster, lrps: int, instances: int) -> list[str]:
    """Fill the cluster's store before anything serves it; the process guids of the desired LRPs."""
    wanted = {Kind.DESIRED_LRPS: lrps, Kind.ACTUAL_LRPS: lrps * instances}
    file = cluster.folder / "records.jsonl"
    guids: list[str] = []
    with file.open("wb") as lines:
        for record in _some(wanted):
            if record.kind is Kind.DESIRED_LRPS:
                guids.append(record.key)
            lines.write(export_line(record))
    await cluster.cli("import", file, limit=_PATIENCE_S)
    return guids


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
