"""`bbs export`."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterable

from bbs.cli.reach import Reach
from bbs.cli.store import holding
from bbs.client import BBSClient
from bbs.interchange.lines import export_lines
from bbs.models.records import Kind, Presence, Record, actual_lrp_key
from bbs.wire.actual_lrp_pb2 import ActualLRP
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task

PRESENCES = (Presence.ORDINARY, Presence.EVACUATING, Presence.SUSPECT)


async def export(reach: Reach, pattern: str) -> None:
    """Print the records whose domain matches."""
    if reach.through_master:
        async with reach.client(timeout=60.0) as client:
            records: Iterable[Record] = await listed(client)
        print("bbs: the API shows no deadlines: domains and evacuations are exported without", file=sys.stderr)
    else:
        async with holding(reach.configuration()) as holder:
            records = list(holder.records())
    for line in export_lines(record for record in records if fnmatch.fnmatchcase(domain_of(record), pattern)):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def listed(client: BBSClient) -> list[Record]:
    """What the API lists, as records."""
    records = [Record(Kind.DOMAINS, name, b"") for name in await client.domains()]
    records += [
        Record(Kind.DESIRED_LRPS, lrp.process_guid, lrp.SerializeToString()) for lrp in await client.desired_lrps()
    ]
    records += [Record(Kind.TASKS, task.task_guid, task.SerializeToString()) for task in await client.tasks()]
    for actual in await client.actual_lrps():
        key = actual_lrp_key(
            actual.actual_lrp_key.process_guid, actual.actual_lrp_key.index, PRESENCES[actual.presence]
        )
        records.append(Record(Kind.ACTUAL_LRPS, key, actual.SerializeToString()))
    return records


def domain_of(record: Record) -> str:
    """The domain a record belongs to."""
    match record.kind:
        case Kind.DOMAINS:
            return record.key
        case Kind.DESIRED_LRPS:
            return DesiredLRP.FromString(record.data).domain
        case Kind.ACTUAL_LRPS:
            return ActualLRP.FromString(record.data).actual_lrp_key.domain
        case Kind.TASKS:
            return Task.FromString(record.data).domain
