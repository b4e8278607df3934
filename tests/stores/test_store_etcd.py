"""What only the etcd store promises: its keys, byte forms of the anchor, wrong servers, threads, history."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bbs.layouts.contract import Row
from bbs.master import upkeep
from bbs.master.clock import SystemClock
from bbs.stores.anchor import MalformedAnchor, Version, decode_anchor
from bbs.stores.contract import (
    Applied,
    Claimed,
    Conflict,
    DeleteIntent,
    DropRoot,
    PutRow,
    Renewed,
    Space,
    StoreError,
    StoreMisconfigured,
    StoreUnavailable,
)
from bbs.stores.etcd import EtcdStore
from bbs.stores.etcd_client import Secrets
from tests.engines.certificates import Authority
from tests.engines.etcd import EtcdServer
from tests.engines.ports import free_port
from tests.stores.conformance import LIVE, STAGED, adopt, after, anchor_of, apply, liveness, next_claim, stored


@pytest.fixture
def server(etcd_server: EtcdServer) -> EtcdServer:
    etcd_server.empty()
    return etcd_server


@pytest_asyncio.fixture
async def store(server: EtcdServer) -> AsyncIterator[EtcdStore]:
    store = EtcdStore([server.endpoint], server.secrets, timeout=3.0)
    yield store
    await store.close()


async def test_keys_have_their_names(store: EtcdStore, server: EtcdServer) -> None:
    anchor = await adopt(store)
    await store.put_chunk("1-x", 3, b"chunk")
    anchor = await apply(store, anchor, PutRow("v1", Row("task/t", b"01")), touched=b"[]")
    await apply(store, anchor.change(), PutRow(STAGED, Row("domain/d", b"", 7)))
    assert server.keys() == [
        b"/diego/anchor",
        b"/diego/deadline@v1451635200@1-2/domain/d",
        b"/diego/intent/1-x/0000000003",
        b"/diego/liveness",
        b"/diego/touched",
        b"/v1/task/t",
        b"/v1451635200@1-2/domain/d",
        b"/version",
    ]
    assert server.get(b"/diego/deadline@v1451635200@1-2/domain/d") == b"7"


async def test_a_dropped_root_leaves_no_key_behind(store: EtcdStore, server: EtcdServer) -> None:
    anchor = await apply(store, await adopt(store), PutRow(STAGED, Row("domain/d", b"", 7)))
    await apply(store, anchor, DropRoot(STAGED))
    assert server.keys() == [b"/diego/anchor", b"/diego/liveness", b"/version"]


def _rewritten(server: EtcdServer, key: bytes) -> None:
    """Gives the JSON under `key` another byte form, as another language would write it."""
    document = json.loads(server.get(key) or b"")
    server.put(key, json.dumps(dict(reversed(document.items())), indent=1).encode())


async def test_an_anchor_in_another_byte_form_is_the_same_fence(store: EtcdStore, server: EtcdServer) -> None:
    anchor = await adopt(store)
    _rewritten(server, b"/diego/anchor")
    anchor = await apply(store, anchor, PutRow(LIVE, Row("a", b"01")))
    _rewritten(server, b"/diego/anchor")
    assert await store.commit(after(anchor.change(seq=7))) == Conflict(anchor)
    await apply(store, anchor)


async def test_a_claim_and_a_renewal_meet_values_in_another_byte_form(store: EtcdStore, server: EtcdServer) -> None:
    anchor = await adopt(store)
    for key in (b"/diego/anchor", b"/diego/liveness"):
        _rewritten(server, key)
    assert await store.renew(1, liveness().holder, 0) == Renewed()
    for key in (b"/diego/anchor", b"/diego/liveness"):
        _rewritten(server, key)
    assert await store.claim(next_claim(anchor, await store.read_liveness())) == Claimed()


async def test_an_anchor_that_is_none_is_named_and_never_written_over(store: EtcdStore, server: EtcdServer) -> None:
    anchor = await adopt(store)
    server.put(b"/diego/anchor", b"rubbish")
    with pytest.raises(MalformedAnchor):
        await anchor_of(store)
    assert await store.commit(after(anchor)) == Conflict(None)
    assert server.get(b"/diego/anchor") == b"rubbish"


async def test_the_fullest_commit_fits_the_servers_default_of_128_operations(store: EtcdStore) -> None:
    """Sixty rows, both side records, the touched keys and an intent's removal: 125 operations."""
    anchor = await adopt(store)
    rows = [PutRow(LIVE, Row(str(number), b"", 9)) for number in range(store.limits.operations)]
    commit = after(anchor, *rows, DeleteIntent("1-x"), touched=b"[]")
    changed = commit.anchor.change(version=Version(4_000_000_001, 1451635200), key_label="key-2")
    assert await store.commit(replace(commit, anchor=changed)) == Applied()
    assert len(await stored(store)) == 60


async def test_upstream_keys_are_surveyed(store: EtcdStore, server: EtcdServer) -> None:
    server.put(b"/version", b'{"CurrentVersion":1451635200,"TargetVersion":1451635200}')
    server.put(b"/encryption-key", b"key-1")
    server.put(b"/v1/desired_lrp/schedule/pg", b"01")
    server.put(b"/v2/strange", b"")
    server.put(b"/vault/other", b"")
    async with store.snapshot() as snapshot:
        survey = await snapshot.survey()
    assert survey.roots == {"v1"}
    assert survey.version_record == b'{"CurrentVersion":1451635200,"TargetVersion":1451635200}'
    assert survey.key_label == b"key-1"
    assert survey.foreign == ("/v2/",)


async def test_a_snapshot_older_than_the_history_kept_answers_unavailable(store: EtcdStore) -> None:
    anchor = await apply(store, await adopt(store), PutRow(LIVE, Row("a", b"01")))
    async with store.snapshot() as old:
        await store.forget_history()
        anchor = await apply(store, anchor)
        await store.forget_history()
        assert await old.rows(LIVE, ["a"]) == [Row("a", b"01")]
        await apply(store, anchor)
        await store.forget_history()
        with pytest.raises(StoreUnavailable, match="compacted"):
            await old.rows(LIVE, ["a"])
    assert await stored(store) == [Row("a", b"01")]


async def test_the_space_in_use_is_told_with_its_quota(store: EtcdStore) -> None:
    space = await store.space()
    assert 0 < space.used < space.quota == 4_000_000_000
    assert not space.full


async def test_a_master_compacts_the_history_and_says_what_is_in_use(
    store: EtcdStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EVERY_S", 0.0)
    monkeypatch.setattr(upkeep, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(upkeep, "FILLING", 0.0)
    said, spaces = list[str](), list[Space]()
    anchor = await apply(store, await adopt(store), PutRow(LIVE, Row("a", b"01")))
    async with store.snapshot() as old:
        keeping = asyncio.ensure_future(
            upkeep.keep_up(store, SystemClock(), lambda event, **_: said.append(event), spaces.append)
        )

        async def until_compacted() -> None:
            fresh = anchor
            while True:
                fresh = await apply(store, fresh)
                await old.rows(LIVE, ["a"])

        with pytest.raises(StoreUnavailable, match="compacted"):
            await asyncio.wait_for(until_compacted(), 30)
    keeping.cancel()
    assert spaces[0].quota == 4_000_000_000
    assert set(said) == {"store-filling"}


async def test_two_threads_use_a_store_each(server: EtcdServer, store: EtcdStore) -> None:
    anchor = await adopt(store)
    counters: list[object] = []

    async def renew() -> None:
        mine = EtcdStore([server.endpoint], server.secrets, timeout=3.0)
        counters.extend([await mine.renew(1, liveness().holder, counter) for counter in range(100)])
        await mine.close()

    thread = threading.Thread(target=lambda: asyncio.run(renew()))
    thread.start()
    for number in range(100):
        anchor = await apply(store, anchor, PutRow(LIVE, Row("a", str(number).encode())))
    await asyncio.to_thread(thread.join, 20)
    assert counters == [Renewed()] * 100
    assert await anchor_of(store) == anchor


async def test_a_blocked_event_loop_does_not_stop_another_threads_renewals(
    server: EtcdServer, store: EtcdStore
) -> None:
    """gRPC has one poller for a process; a master that is busy with a load must not lose its lock by that."""
    await adopt(store)
    renewed = threading.Event()

    async def renew() -> None:
        mine = EtcdStore([server.endpoint], server.secrets, timeout=3.0)
        for counter in range(20):
            assert await mine.renew(1, liveness().holder, counter) == Renewed()
        await mine.close()
        renewed.set()

    thread = threading.Thread(target=lambda: asyncio.run(renew()))
    thread.start()
    assert renewed.wait(10)  # blocks this loop on purpose
    thread.join(10)


async def test_a_missing_server_is_said_at_once(server: EtcdServer) -> None:
    store = EtcdStore([f"https://127.0.0.1:{free_port()}"], server.secrets, timeout=5.0)
    async with asyncio.timeout(2):
        with pytest.raises(StoreUnavailable, match=r"refused|Connect call failed"):
            await store.read_liveness()
    await store.close()


async def test_a_server_of_another_authority_is_said_at_once(server: EtcdServer, tmp_path: Path) -> None:
    strange = Authority(tmp_path / "strange")
    store = EtcdStore([server.endpoint], Secrets(strange.ca_file, *strange.leaf("client")), timeout=5.0)
    async with asyncio.timeout(2):
        with pytest.raises(StoreMisconfigured, match="ca_file"):
            await anchor_of(store)
    await store.close()


async def test_a_certificate_that_the_server_refuses_is_said_at_once(server: EtcdServer, tmp_path: Path) -> None:
    strange = Authority(tmp_path / "strange")
    store = EtcdStore([server.endpoint], Secrets(server.secrets.ca_file, *strange.leaf("client")), timeout=5.0)
    async with asyncio.timeout(3):
        with pytest.raises(StoreMisconfigured, match="refused our certificate"):
            await anchor_of(store)
    await store.close()


async def test_the_server_is_known_by_the_name_that_is_wanted_not_by_the_address(server: EtcdServer) -> None:
    store = EtcdStore([server.endpoint], replace(server.secrets, server_name="localhost"), timeout=5.0)
    await anchor_of(store)
    await store.close()
    store = EtcdStore([server.endpoint], replace(server.secrets, server_name="elsewhere"), timeout=5.0)
    with pytest.raises(StoreError):
        await anchor_of(store)
    await store.close()


async def test_trust_alone_is_enough_for_a_server_that_asks_for_no_certificate(tmp_path: Path) -> None:
    server = EtcdServer(tmp_path, "--client-cert-auth=false", "--trusted-ca-file=")
    server.start()
    try:
        store = EtcdStore([server.endpoint], Secrets(server.secrets.ca_file, None, None), timeout=5.0)
        await anchor_of(store)
        await store.close()
    finally:
        server.kill()


async def test_a_missing_tls_file_is_named(server: EtcdServer, tmp_path: Path) -> None:
    secrets = Secrets(tmp_path / "absent.crt", server.secrets.cert_file, server.secrets.key_file)
    store = EtcdStore([server.endpoint], secrets)
    with pytest.raises(StoreMisconfigured, match=r"absent\.crt"):
        await anchor_of(store)
    await store.close()


async def test_a_port_that_is_no_etcd_is_said_at_once() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    store = EtcdStore([f"http://127.0.0.1:{web.sockets[0].getsockname()[1]}"], timeout=3.0)
    async with asyncio.timeout(5):
        with pytest.raises(StoreMisconfigured, match=r"store\.etcd\.endpoints"):
            await anchor_of(store)
    await store.close()
    web.close()


async def test_a_tls_client_at_a_plain_port_is_said_at_once(server: EtcdServer) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent no TLS")
        writer.close()

    web = await asyncio.start_server(answer, "127.0.0.1", 0)
    store = EtcdStore([f"https://127.0.0.1:{web.sockets[0].getsockname()[1]}"], server.secrets, timeout=3.0)
    async with asyncio.timeout(5):
        with pytest.raises(StoreMisconfigured, match="speaks no TLS"):
            await anchor_of(store)
    await store.close()
    web.close()


async def test_reads_go_on_at_another_member(server: EtcdServer) -> None:
    away = f"https://127.0.0.1:{free_port()}"
    store = EtcdStore([away, server.endpoint], server.secrets, timeout=3.0)
    assert await anchor_of(store) is None
    anchor = await adopt(store)
    commit = after(anchor)
    assert await store.commit(commit) == Applied()
    assert decode_anchor(server.get(b"/diego/anchor") or b"") == commit.anchor
    await store.close()


async def test_an_endpoint_without_a_port_is_refused() -> None:
    store = EtcdStore(["https://localhost"], timeout=2.0)
    async with asyncio.timeout(5):
        with pytest.raises(StoreMisconfigured, match="https://host:port"):
            await anchor_of(store)
    await store.close()
