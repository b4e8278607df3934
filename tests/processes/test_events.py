"""Event streams of real members: through a standby, over a planned step-down, and with the next master."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bbs.client import Event, EventStream, Subscription
from tests.engines.etcd import EtcdServer
from tests.models import requests
from tests.processes.cluster import PATIENT_LOCK, Cluster
from tests.processes.member import Member
from tests.processes.waiting import LIMIT_S


async def heard(events: Subscription, count: int) -> list[str]:
    async with asyncio.timeout(LIMIT_S):
        return [(await anext(events)).name for _ in range(count)]


async def subscribed(member: Member, stream: EventStream) -> Subscription:
    async with member.client() as client:
        return await client.subscribe(stream)


async def desire(member: Member, guid: str) -> None:
    async with member.client() as client:
        await client.call("/v1/tasks/desire.r2", requests.desire_task(guid).SerializeToString())


async def test_a_subscriber_follows_from_master_to_master(folder: Path, etcd: EtcdServer) -> None:
    async with Cluster(folder, 2, etcd, lock=PATIENT_LOCK) as cluster:
        old = await cluster.start()
        [new] = cluster.others(old)
        # By way of the standby, which knows who is master.
        async with await subscribed(new, EventStream.TASKS) as events:
            await desire(old, "t-0")
            assert await heard(events, 1) == ["task_created"]
            old.signal_supervisor(signal.SIGTERM)
            with pytest.raises(StopAsyncIteration):
                await heard(events, 1)
        await cluster.master(new)
        async with await subscribed(new, EventStream.TASKS) as events:
            await desire(new, "t-1")
            assert await heard(events, 1) == ["task_created"]
            assert await old.ended() == 0


async def test_whoever_subscribes_before_it_lists_misses_nothing(folder: Path) -> None:
    """Every task is in the list or in the stream, however calls, commits and subscriptions are interleaved."""
    async with Cluster(folder, 1) as cluster:
        master = await cluster.start()
        guids = {f"t-{number}" for number in range(60)}

        async def write() -> None:
            await asyncio.gather(*(desire(master, guid) for guid in sorted(guids)))

        writing = asyncio.create_task(write())
        async with await subscribed(master, EventStream.TASKS) as events, master.client() as client:
            listed = {task.task_guid for task in await client.tasks()}
            await writing
            await desire(master, "last")
            streamed: set[str] = set()
            async with asyncio.timeout(LIMIT_S):
                async for event in events:
                    streamed.add(guid_of(event))
                    if "last" in streamed:
                        break
        assert listed | streamed == guids | {"last"}


def guid_of(event: Event) -> str:
    message = event.message()
    assert message is not None
    return str(message.task.task_guid)  # type: ignore[attr-defined]
