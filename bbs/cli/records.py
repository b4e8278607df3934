"""`bbs import` and `bbs generate`: records into a BBS, by the store or, where the API has a call, by the master."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bbs.cli.exits import Refusal, Usage
from bbs.cli.progress import Progress, progress
from bbs.cli.reach import Reach
from bbs.cli.store import holding
from bbs.client import BBSClient
from bbs.interchange.generation import generate as generated
from bbs.interchange.lines import BadLine, import_records, summarize
from bbs.models.records import Kind, Record
from bbs.wire.desired_lrp_pb2 import DesiredLRP
from bbs.wire.task_pb2 import Task

SECOND_NS = 1_000_000_000


async def import_file(reach: Reach, file: Path, *, skip_actual_lrps: bool) -> None:
    """Store what the file holds; it is read whole before anything is stored."""
    try:
        with file.open("rb") as lines:
            records = list(import_records(lines))
    except OSError as error:
        message = f"{file}: {error.strerror}; wanted the file of an export"
        raise Usage(message) from error
    except BadLine as error:
        message = f"{file}: {error}; nothing was stored"
        raise Refusal(message) from error
    print_summary(await _store(reach, records, "importing", None, skip_actual_lrps=skip_actual_lrps))


async def generate(reach: Reach, records: int, seed: int, version: int | None, *, inert: bool) -> None:
    """Fill a BBS; through the API instances and deadlines are the BBS's own affair, so they are not sent."""
    if reach.through_master and version is not None:
        message = "--version is for an empty store and wants --config; through --url the live version is used"
        raise Usage(message)
    made = list(generated(records, seed, inert=inert))
    print_summary(await _store(reach, made, "generating", version, skip_actual_lrps=True))


def print_summary(sent: Sequence[Record]) -> None:
    """Kind, count and sha256 of the export of what was sent, a line per kind."""
    summary = summarize(sent)
    for kind, digest in summary.sha256_of_kinds.items():
        print(kind, summary.counts[kind], digest)


async def _store(
    reach: Reach, records: list[Record], words: str, version: int | None, *, skip_actual_lrps: bool
) -> list[Record]:
    with progress(words) as shown:
        if not reach.through_master:
            async with holding(reach.configuration(), version) as holder:
                await holder.put(records)
            return records
        sendable = [record for record in records if record.kind is not Kind.ACTUAL_LRPS]
        left_out = len(records) - len(sendable)
        if left_out and not skip_actual_lrps:
            message = f"{left_out} actual LRPs: the API has no call for them; use --config, or --skip-actual-lrps"
            raise Refusal(message)
        async with reach.client(timeout=60.0) as client:
            await _send(client, sendable, shown)
        if left_out:
            print(f"bbs: {left_out} actual LRPs left out: the API has no call for them", file=sys.stderr)
        return sendable


async def _send(client: BBSClient, records: Sequence[Record], shown: Progress) -> None:
    for number, record in enumerate(records):
        await _send_one(client, record, time.time_ns())
        shown(number + 1, len(records))


async def _send_one(client: BBSClient, record: Record, now: int) -> None:
    match record.kind:
        case Kind.DOMAINS:
            # What is over already is sent as over in a second: a ttl of 0 would mean for ever.
            ttl = max(1, (record.deadline - now) // SECOND_NS) if record.deadline else 0
            await client.upsert_domain(record.key, ttl)
        case Kind.DESIRED_LRPS:
            await client.desire_lrp(DesiredLRP.FromString(record.data))
        case Kind.TASKS:
            task = Task.FromString(record.data)
            await client.desire_task(task.task_guid, task.domain, task.task_definition)
        case Kind.ACTUAL_LRPS:
            message = "actual LRPs are not sent through the API"
            raise Refusal(message)
