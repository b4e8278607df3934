"""Locket as a process with mutual TLS, on SQLite and on etcd, called as cells and the BBS call it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bbs.client.locket import LockCollision, LocketClient, LocketError, LocketTLS, LocketUnavailable
from bbs.wire import locket_pb2 as wire
from components.http import JSONClient
from tests.components.certificates import Trust
from tests.components.ports import free_ports
from tests.components.programs import Program
from tests.components.waiting import until
from tests.engines.etcd import EtcdServer

SETTLE_S = 1


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    server = EtcdServer(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server
    server.kill()


def tls(trust: Trust, common_name: str = "cell") -> LocketTLS:
    files = trust.leaf(common_name)
    return LocketTLS(files.ca_file, files.cert_file, files.key_file)


class Locket:
    """One server process and a client of it."""

    def __init__(self, folder: Path, trust: Trust, name: str, store: dict[str, Any]) -> None:
        port, self.health_port = free_ports(2)
        files = trust.leaf("locket")
        self.program = Program(
            folder,
            name,
            "components.locket.cli",
            {
                "listen_address": f"127.0.0.1:{port}",
                "health_address": f"127.0.0.1:{self.health_port}",
                "tls": files.model_dump(mode="json"),
                "store": store,
                "presence_settle": f"{SETTLE_S}s",
            },
        )
        self.address = f"127.0.0.1:{port}"
        self.client = LocketClient(self.address, tls(trust))

    async def start(self) -> None:
        await self.program.start()
        try:
            await until(self.ready)
        except BaseException:
            await self.stop()
            raise

    async def ready(self) -> bool:
        client = JSONClient(None)
        try:
            return (await client.call("GET", f"http://127.0.0.1:{self.health_port}/readyz")).status == 200
        except Exception:
            assert self.program.running, self.program.tail()
            return False

    async def settled(self) -> list[tuple[str, str]] | None:
        try:
            return [*await self.client.presences(), ("settled", "")]
        except LocketUnavailable:
            return None

    async def stop(self) -> None:
        await self.client.close()
        await self.program.stop()


def store_of(engine: str, folder: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    if engine == "sqlite":
        return {"type": "sqlite", "sqlite": {"path": str(folder / "locks.db")}}
    server: EtcdServer = request.getfixturevalue("etcd")
    server.empty()
    secrets = server.secrets
    files = {"ca_file": secrets.ca_file, "cert_file": secrets.cert_file, "key_file": secrets.key_file}
    section = {"endpoints": [server.endpoint], "tls": {name: str(path) for name, path in files.items()}}
    return {"type": "etcd", "etcd": section}


@pytest.fixture(params=["sqlite", "etcd"])
async def locket(request: pytest.FixtureRequest, tmp_path: Path, trust: Trust) -> AsyncIterator[Locket]:
    made = Locket(tmp_path, trust, "locket", store_of(request.param, tmp_path, request))
    await made.start()
    yield made
    await made.stop()


async def test_one_owner_holds_a_key_and_another_is_told_of_the_collision(locket: Locket) -> None:
    await locket.client.lock("bbs", "a", "one", ttl_s=30)
    await locket.client.lock("bbs", "a", "two", ttl_s=30)
    with pytest.raises(LockCollision, match="ALREADY_EXISTS lock-collision"):
        await locket.client.lock("bbs", "b", ttl_s=30)
    held = await locket.client.fetch("bbs")
    assert held is not None
    assert (held.owner, held.value, held.kind) == ("a", "two", "lock")


async def test_a_released_key_is_free_at_once(locket: Locket) -> None:
    await locket.client.lock("bbs", "a", ttl_s=30)
    with pytest.raises(LockCollision):
        await locket.client.release("bbs", "b")
    await locket.client.release("bbs", "a")
    assert await locket.client.fetch("bbs") is None
    await locket.client.release("bbs", "a")
    await locket.client.lock("bbs", "b", ttl_s=30)


@pytest.mark.parametrize(("owner", "ttl", "word"), [("a", 0, "invalid-ttl"), ("", 3, "invalid-owner")])
async def test_a_request_that_breaks_a_rule_gets_upstreams_word(
    locket: Locket, owner: str, ttl: int, word: str
) -> None:
    with pytest.raises(LocketError, match=f"INVALID_ARGUMENT {word}"):
        await locket.client.lock("bbs", owner, ttl_s=ttl)


async def test_an_unknown_type_is_not_found(locket: Locket) -> None:
    with pytest.raises(LocketError, match="NOT_FOUND invalid-type"):
        await locket.client._call("FetchAll", wire.FetchAllRequest(), wire.FetchAllResponse)


async def test_a_lapsed_key_is_gone_and_a_renewed_one_is_not(locket: Locket) -> None:
    await locket.client.lock("lapses", "a", ttl_s=1)

    async def lapsed() -> bool:
        await locket.client.lock("stays", "a", ttl_s=3)
        return await locket.client.fetch("lapses") is None

    await until(lapsed)
    assert await locket.client.fetch("stays") is not None


async def test_presences_are_told_apart_from_locks(locket: Locket) -> None:
    await until(locket.settled)
    await locket.client.lock("auctioneer", "a", ttl_s=30)
    await locket.client.lock("cell-1", "c", '{"cell_id":"cell-1"}', ttl_s=30, kind="presence")
    assert await locket.client.presences() == [("cell-1", '{"cell_id":"cell-1"}')]


async def test_a_server_that_has_just_started_without_presences_does_not_say_nobody(
    tmp_path: Path, trust: Trust, request: pytest.FixtureRequest
) -> None:
    made = Locket(tmp_path, trust, "locket", store_of("sqlite", tmp_path, request))
    await made.start()
    with pytest.raises(LocketUnavailable, match="without any presence"):
        await made.client.presences()
    assert await until(made.settled) == [("settled", "")]
    await made.stop()


async def test_presences_outlive_the_server(tmp_path: Path, trust: Trust, request: pytest.FixtureRequest) -> None:
    store = store_of("sqlite", tmp_path, request)
    first = Locket(tmp_path, trust, "first", store)
    await first.start()
    await first.client.lock("cell-1", "c", "{}", ttl_s=30, kind="presence")
    first.program.signal(signal.SIGKILL)
    await first.program.wait()
    second = Locket(tmp_path, trust, "second", store)
    await second.start()
    assert await second.client.presences() == [("cell-1", "{}")]
    await first.stop()
    await second.stop()


async def test_two_servers_without_a_master_agree(tmp_path: Path, trust: Trust, request: pytest.FixtureRequest) -> None:
    store = store_of("etcd", tmp_path, request)
    one, two = Locket(tmp_path, trust, "one", store), Locket(tmp_path, trust, "two", store)
    await one.start()
    await two.start()
    await one.client.lock("auctioneer", "a", ttl_s=2)
    with pytest.raises(LockCollision):
        await two.client.lock("auctioneer", "b", ttl_s=2)
    one.program.signal(signal.SIGKILL)
    await until(partial(_takes, two, "b"))
    await one.stop()
    await two.stop()


async def _takes(locket: Locket, owner: str) -> bool:
    try:
        await locket.client.lock("auctioneer", owner, ttl_s=2)
    except LockCollision:
        return False
    return True


async def test_a_client_of_another_authority_is_refused(locket: Locket, own_trust: Trust) -> None:
    stranger = LocketClient(locket.address, tls(own_trust), timeout=2.0)
    with pytest.raises(LocketUnavailable):
        await stranger.presences()
    await stranger.close()


async def test_new_certificates_are_followed_without_a_restart(
    tmp_path: Path, own_trust: Trust, request: pytest.FixtureRequest
) -> None:
    made = Locket(tmp_path, own_trust, "locket", store_of("sqlite", tmp_path, request))
    await made.start()
    await made.client.lock("bbs", "a", ttl_s=30)
    own_trust.replace_authority()
    own_trust.renew("locket")
    own_trust.renew("cell")
    await made.client.lock("bbs", "a", ttl_s=30)
    assert await made.client.fetch("bbs") is not None
    await made.stop()
