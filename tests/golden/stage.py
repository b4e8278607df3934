"""The stage of one scenario: a BBS process on an empty store, a Locket, the stubs, and the steps that set them up."""

from __future__ import annotations

import asyncio
import datetime
import os
import re
import ssl
import sys
import urllib.request
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from bbs.certs.directory import write_certificates
from bbs.client.locket import LocketClient, LocketTLS
from bbs.stores.locks_sqlite import SQLiteLocks
from components.http import TLSFiles
from components.locket.configuration import LocketConfiguration, SQLiteSection, StoreSection
from components.locket.server import LocketServer
from tests.components.waiting import until
from tests.engines.etcd import EtcdServer
from tests.engines.relational import SERVERS
from tests.golden.addresses import Addresses
from tests.golden.clock import ToldClock
from tests.golden.passes import SECOND
from tests.golden.recording import Scenario
from tests.golden.stubs import CALLBACK, Stubs
from tests.golden.wire import Caller
from tests.processes.member import Member, leaf
from tests.processes.waiting import until as comes
from tests.processes.wire import context

AUCTIONEER_PORT, CALLBACK_PORT, LOCKET_PORT = 18900, 18910, 18891
REP_PORTS = {"cell-1": 18901, "cell-2": 18902, "cell-3": 18903}
START_LIMIT_S = 240.0
LONG_TTL_S = 3600
QUICK_LOCK = {"ttl": "5s", "renew": "50ms", "margin": "500ms", "poll": "50ms"}
"""A call out waits for the renewal after its decision; a short one keeps a replay short."""

CALLS_LIMIT_S = 60.0
NO_CALLS = b"\ndiego_bbs_calls_out_open 0.0\n"

TIMES = (
    "kick_task_duration",
    "expire_pending_task_duration",
    "expire_completed_task_duration",
)


class Stage:
    """Everything that one scenario needs; leaving it ends all of it."""

    def __init__(self, scenario: Scenario, folder: Path, store: str = "sqlite") -> None:
        self._scenario = scenario
        self._folder = folder
        self._store = store
        self._certificates = folder / "certificates"
        self.clock = ToldClock(folder / "clock")
        self._ttls: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._stack = AsyncExitStack()
        self._lives = 0
        self._member: Member | None = None
        self._caller: Caller | None = None
        ports = {AUCTIONEER_PORT, CALLBACK_PORT, LOCKET_PORT, *REP_PORTS.values(), *scenario.loopback_ports}
        self.addresses = Addresses(ports)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(write_certificates, self._certificates, datetime.datetime.now(datetime.UTC))
        self.stubs = Stubs(self._server_context(), _redirected_to(self._scenario))
        self._stack.push_async_callback(self.stubs.close)
        await self._open_stubs()
        self.locket = await self._stack.enter_async_context(
            Locket(self._folder, self._files("server"), self._files("client"), self.addresses.real(LOCKET_PORT))
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end_member()
        await self._stack.aclose()

    @property
    def caller(self) -> Caller:
        """Who calls the BBS of now."""
        assert self._caller is not None, "the scenario begins without fresh_server"
        return self._caller

    async def set_up(self, step: dict[str, Any]) -> None:
        """One step that is no call of the BBS."""
        match step["op"]:
            case "fresh_server":
                await self._fresh_server(step)
            case "register_presence":
                value = self.addresses.sent(step["value"].encode()).decode()
                await self.locket.lock(step, value)
                ttl = round(step.get("ttl_in_seconds", LONG_TTL_S) * SECOND)
                self._ttls[step["key"], step["owner"]] = self.clock.now + ttl, step
            case "release_presence":
                self._ttls.pop((step["key"], step["owner"]), None)
                await self.locket.release(step)
            case "sleep":
                pass  # the next step is told to be that much later
            case "stub_status":
                self.stubs.answer(step["peer"], step["status"])
            case "kill_locket":
                await self.locket.stop()
            case unknown:
                message = f"this recording has a step {unknown!r}; wanted one that docs/reference/differences.md names"
                raise ValueError(message)

    async def tell(self, now: int) -> None:
        """It is that late: for the BBS, and for the presences whose ttl is over."""
        self.clock.tell(now)
        for key, (lapses, step) in list(self._ttls.items()):
            if lapses <= self.clock.now:
                del self._ttls[key]
                await self.locket.release(step)

    # --- the BBS ---

    async def _fresh_server(self, step: dict[str, Any]) -> None:
        self._end_member()
        self._lives += 1
        folder = self._folder / f"life-{self._lives}"
        folder.mkdir()
        settings: dict[str, Any] = {name: step[name] for name in TIMES if step.get(name)}
        if step.get("max_task_retries") is not None:
            settings["max_task_retries"] = step["max_task_retries"]
        self._member = ToldMember(
            self.clock,
            folder,
            "m0",
            self._certificates,
            await self._store_section(folder),
            lock=QUICK_LOCK,
            locket_address=f"127.0.0.1:{self.addresses.real(LOCKET_PORT)}",
            auctioneer_address=f"https://127.0.0.1:{self.addresses.real(AUCTIONEER_PORT)}",
            converge_repeat_interval="1h",
            **settings,
        )
        self._member.start()
        await self._member.comes_to(START_LIMIT_S, role="Master", state="Serving")
        self._caller = Caller(self._member.port, context(leaf(self._certificates, "client")))

    async def converge(self) -> None:
        """One pass, asked for by the route of an external converger; returns when it is over."""
        assert self._member is not None, "the scenario begins without fresh_server"
        async with self._member.client("operator") as client:
            await client.ask_convergence()

            async def over() -> bool:
                seen = (await client.status())["convergence"]
                return not (seen["asked"] or seen["running"])

            await comes("a pass is over", over, CALLS_LIMIT_S)

    async def calls_ended(self) -> None:
        """Return when every call out that was decided has ended."""
        assert self._member is not None, "the scenario begins without fresh_server"
        address = f"http://127.0.0.1:{self._member.health_port}/metrics"

        async def ended() -> bool:
            return NO_CALLS in await asyncio.to_thread(_fetched, address)

        await comes("all calls out have ended", ended, CALLS_LIMIT_S)

    def _end_member(self) -> None:
        if self._caller is not None:
            self._caller.close()
        if self._member is not None:
            self._member.end()

    async def _store_section(self, folder: Path) -> dict[str, Any]:
        if self._store == "sqlite":
            return {"type": "sqlite", "sqlite": {"path": str(folder / "bbs.db")}}
        if self._store in SERVERS:
            server = SERVERS[self._store]()
            self._stack.callback(server.remove)
            await asyncio.to_thread(server.start)
            return server.section()
        etcd = EtcdServer(folder / "etcd")
        await asyncio.to_thread(etcd.start)
        self._stack.callback(etcd.kill)
        secrets = etcd.secrets
        tls = {"ca_file": secrets.ca_file, "cert_file": secrets.cert_file, "key_file": secrets.key_file}
        files = {name: os.fspath(file) for name, file in tls.items()}
        return {"type": "etcd", "etcd": {"endpoints": [etcd.endpoint], "tls": files}}

    # --- the stubs ---

    async def _open_stubs(self) -> None:
        await self.stubs.listen("auctioneer", self.addresses.real(AUCTIONEER_PORT))
        for cell_id, port in (REP_PORTS | _further_reps(self._scenario)).items():
            await self.stubs.listen(f"rep {cell_id}", self.addresses.real(port))
        secure = b"https://127.0.0.1:%d" % CALLBACK_PORT
        tls = any(secure in line.request_body for line in self._scenario.exchanges)
        await self.stubs.listen(CALLBACK, self.addresses.real(CALLBACK_PORT), tls=tls)

    def _server_context(self) -> ssl.SSLContext:
        files = self._files("server")
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(files.cert_file, files.key_file)
        made.load_verify_locations(files.ca_file)
        made.verify_mode = ssl.CERT_REQUIRED
        return made

    def _files(self, name: str) -> TLSFiles:
        folder = self._certificates / name
        return TLSFiles(
            ca_file=self._certificates / "ca.crt", cert_file=folder / "tls.crt", key_file=folder / "tls.key"
        )


class ToldMember(Member):
    """A BBS that is told what time it is; without a supervisor, since it is never killed."""

    def __init__(self, clock: ToldClock, *where: Any, **settings: Any) -> None:
        super().__init__(*where, **settings)
        self._clock = clock

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.golden.clock", str(self._clock.path), "--config", str(self.config)]


class Locket:
    """A real Locket on SQLite that believes an empty table at once."""

    def __init__(self, folder: Path, server: TLSFiles, client: TLSFiles, port: int) -> None:
        path = folder / "locks.db"
        configuration = LocketConfiguration(
            listen_address=f"127.0.0.1:{port}",
            health_address="127.0.0.1:0",
            tls=server,
            store=StoreSection(type="sqlite", sqlite=SQLiteSection(path=path)),
            presence_settle=0.0,
        )
        self._server = LocketServer(configuration, SQLiteLocks(path))
        self._client = LocketClient(f"127.0.0.1:{port}", LocketTLS(client.ca_file, client.cert_file, client.key_file))
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._server.run(self._stop))
        await until(lambda: self._server.health_port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        await self.stop()

    async def lock(self, step: dict[str, Any], value: str) -> None:
        """Held until it is released: a ttl ends by the clock of the recording."""
        kind = step.get("type", "presence")
        await self._client.lock(step["key"], step["owner"], value, ttl_s=LONG_TTL_S, kind=kind)

    async def release(self, step: dict[str, Any]) -> None:
        await self._client.release(step["key"], step["owner"], kind=step.get("type", "presence"))

    async def stop(self) -> None:
        """As if it had been killed: nothing listens any more."""
        self._stop.set()
        if self._running is not None:
            await self._running
            self._running = None


def _further_reps(scenario: Scenario) -> dict[str, int]:
    """Cells beyond the usual ones that the recording shows being called, and where their presence says they listen."""
    called = {str(call.raw["peer"]).removeprefix("rep ") for call in scenario.calls}
    called |= {step.setup["peer"].removeprefix("rep ") for step in _setups(scenario, "stub_status")}
    found: dict[str, int] = {}
    for step in _setups(scenario, "register_presence"):
        setup = step.setup
        port = re.search(r'"rep_url":\s*"https://127\.0\.0\.1:(\d+)', setup["value"])
        if port and setup["key"] in called and int(port[1]) not in REP_PORTS.values():
            found[setup["key"]] = int(port[1])
    return found


def _fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return bytes(answer.read())


def _setups(scenario: Scenario, op: str) -> list[Any]:
    return [step for step in scenario.steps if step.kind == "setup" and step.setup["op"] == op]


def _redirected_to(scenario: Scenario) -> str | None:
    """Where a callback that is answered 302 is sent: what the recording shows to be asked next."""
    calls = [call for call in scenario.calls if call.raw["peer"] == CALLBACK]
    followers = (after for before, after in pairwise(calls) if before.status == 302)
    return next((call.path for call in followers if call.method == "GET"), None)
