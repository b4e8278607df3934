"""A store that goes away: silence and 503, never a guess."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.engines.etcd import EtcdServer
from tests.engines.proxy import Proxy
from tests.processes.cluster import QUICK_LOCK, Cluster
from tests.processes.member import Member
from tests.processes.waiting import until
from tests.processes.wire import Heard, ask


async def unavailable(member: Member) -> Heard:
    """Its first 503 to a ping."""

    async def look() -> Heard | None:
        heard = await ask(member, "POST", "/v1/ping")
        return heard if heard.status == 503 else None

    return await until(f"{member.name} answers 503", look)


async def test_a_store_that_was_silent_is_served_on_in_the_same_epoch(folder: Path, etcd: EtcdServer) -> None:
    """A lapsed lease is silence, no deposition: meanwhile 503, and what hung is done when the store returns."""
    async with Cluster(folder, 1, etcd, lock=QUICK_LOCK) as cluster:
        master = await cluster.start()
        epoch = (await master.comes_to(role="Master"))["epoch"]
        etcd.signal(signal.SIGSTOP)
        try:
            async with master.client(timeout=60) as client:
                hanging = asyncio.create_task(client.upsert_domain("hung", 0))
                heard = await unavailable(master)
                assert heard.json["code"] == "StoreUnavailable"
                assert int(heard.headers["retry-after"]) >= 1
                assert not hanging.done()
                etcd.signal(signal.SIGCONT)
                await master.logged("renewed-late")
                await hanging
                assert await client.domains() == ["hung"]
        finally:
            etcd.signal(signal.SIGCONT)
        assert (await master.comes_to(state="Serving"))["epoch"] == epoch
        assert [event["epoch"] for event in master.events("claimed")] == [epoch]


async def test_a_master_cut_off_from_the_store_is_replaced_and_follows_when_it_is_back(
    folder: Path, etcd: EtcdServer
) -> None:
    async with Proxy(etcd.port) as cable, Cluster(folder, 0, etcd, lock=QUICK_LOCK) as cluster:
        old, new = cluster.add(f"https://127.0.0.1:{cable.port}"), cluster.add()
        old.start()
        await cluster.master(old)
        new.start()
        await new.comes_to(role="Standby", state="Following")
        cable.silent = True
        await new.logged("claimed")
        await cluster.master(new)
        heard = await ask(old, "POST", "/v1/ping")
        assert heard.status == 503
        cable.silent = False
        await old.logged("deposed")
        await old.comes_to(role="Standby", state="Following")
        heard = await ask(old, "POST", "/v1/ping")
        assert (heard.status, heard.headers["location"]) == (307, f"{new.url}/v1/ping")


async def test_a_member_that_starts_before_its_store_waits_for_it(folder: Path) -> None:
    (folder / "etcd").mkdir()
    etcd = EtcdServer(folder / "etcd")
    try:
        async with Cluster(folder, 1, etcd, lock=QUICK_LOCK) as cluster:
            (member,) = cluster.members
            member.start()
            seen = await member.comes_to(state="StoreUnavailable")
            assert (seen["role"], seen["reason"]["code"]) == ("Standby", "StoreUnavailable")
            assert (await ask(member, "POST", "/v1/ping")).status == 503
            etcd.start()
            await cluster.master()
    finally:
        etcd.kill()
