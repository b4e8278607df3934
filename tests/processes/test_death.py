"""How a dead, a leaving and a lost master are replaced."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from bbs.client import NotAvailable
from tests.engines.etcd import EtcdServer
from tests.processes.cluster import PATIENT_LOCK, QUICK_LOCK, Cluster
from tests.processes.waiting import until
from tests.processes.wire import ask


async def test_a_killed_server_is_replaced_by_its_death_certificate_and_not_by_the_ttl(
    folder: Path, etcd: EtcdServer
) -> None:
    """The ttl is ten minutes: who answers within the limits of this test did not wait for it."""
    async with Cluster(folder, 2, etcd, lock=PATIENT_LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        epoch = (await master.comes_to(role="Master"))["epoch"]
        died = master.signal_child(signal.SIGKILL)
        certificate = await master.logged("released", component="bbs-supervisor")
        assert (certificate["certificate"], certificate["epoch"]) == (True, epoch)
        async with standby.client(timeout=60) as client:
            assert await client.ping()
        # Who answered is a successor: an epoch later. The dead one's place was taken by a new child.
        assert (await (await cluster.master()).comes_to(role="Master"))["epoch"] == epoch + 1
        await master.comes_to(state="Following")
        assert master.child() not in (None, died)


async def test_a_lost_container_is_replaced_after_the_ttl(folder: Path, etcd: EtcdServer) -> None:
    """Nobody is left to write a certificate: the standby waits the ttl out, and only the ttl."""
    async with Cluster(folder, 2, etcd, lock=QUICK_LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        master.kill_container()
        async with standby.client(timeout=60) as client:
            assert await client.ping()
        assert (await standby.status() or {})["role"] == "Master"
        assert master.events("released", component="") == []


async def test_a_planned_step_down_loses_no_acknowledged_write_and_breaks_no_call(
    folder: Path, etcd: EtcdServer
) -> None:
    """SIGTERM while clients write: what was acknowledged is there, what was in flight is answered, no call fails."""
    async with Cluster(folder, 2, etcd, lock=PATIENT_LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        acknowledged: set[str] = set()
        begun, leaving = asyncio.Event(), asyncio.Event()

        async def write(writer: int) -> None:
            async with standby.client(timeout=30) as client:
                for number in range(10_000):
                    await client.upsert_domain(f"domain-{writer}-{number}", 0)
                    acknowledged.add(f"domain-{writer}-{number}")
                    if len(acknowledged) > 20:
                        begun.set()
                    if leaving.is_set() and standby.events("claimed"):
                        return

        writers = [asyncio.create_task(write(writer)) for writer in range(4)]
        await asyncio.wait_for(begun.wait(), 60)
        master.signal_supervisor(signal.SIGTERM)
        leaving.set()
        await asyncio.wait_for(asyncio.gather(*writers), 90)
        assert (await standby.status() or {})["role"] == "Master"
        async with standby.client() as client:
            assert acknowledged <= set(await client.domains())
        assert len(master.events("released")) == 1
        assert await master.ended() == 0


async def test_a_master_that_left_sends_who_still_comes_to_the_next_one(folder: Path, etcd: EtcdServer) -> None:
    """For some seconds after its release; a client that knows only this member must find the next one."""
    async with Cluster(folder, 2, etcd, lock=PATIENT_LOCK) as cluster:
        master = await cluster.start()
        (standby,) = cluster.others(master)
        master.signal_supervisor(signal.SIGTERM)
        await master.logged("released")
        await cluster.master(standby)

        async def sent_on() -> str | None:
            heard = await ask(master, "POST", "/v1/ping")
            return heard.headers.get("location") if heard.status == 307 else None

        assert await until("the one that left knows its successor", sent_on, 4.0) == f"{standby.url}/v1/ping"


async def test_two_members_on_one_sqlite_file_take_turns(folder: Path) -> None:
    """The second waits for the lock file, which the kernel frees when the first dies."""
    async with Cluster(folder, 2, lock=PATIENT_LOCK) as cluster:
        master = await cluster.start()
        (waiting,) = cluster.others(master)
        async with master.client() as client:
            await client.upsert_domain("kept", 0)
        assert waiting.events("claimed") == []
        master.kill_container()
        async with waiting.client(timeout=60) as client:
            assert await client.domains() == ["kept"]


async def test_nobody_answers_while_a_paused_holder_has_the_sqlite_file(folder: Path) -> None:
    """The lock file is never stolen: a stopped holder blocks, and serves on when it wakes."""
    async with Cluster(folder, 1, lock=QUICK_LOCK) as cluster:
        master = await cluster.start()
        waiting = cluster.add()
        waiting.start()
        await waiting.comes_to(role="Standby")
        master.signal_child(signal.SIGSTOP)
        try:
            async with waiting.client(timeout=6) as client:
                await client.ping()
        except NotAvailable:
            assert waiting.events("claimed") == []
        else:
            message = "somebody answered for a holder that was only paused"
            raise AssertionError(message)
        finally:
            master.signal_child(signal.SIGCONT)
        async with master.client() as client:
            assert await client.ping()
        assert waiting.events("claimed") == []
