"""The other ends: an HTTPS server that notes what it is asked, and a real Locket in the test's own process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

import orjson

from bbs.client.locket import LocketClient, LocketTLS
from bbs.stores.locks_sqlite import SQLiteLocks
from components.http import Listener, Request, Response, ServerIdentity
from components.locket.configuration import LocketConfiguration, SQLiteSection, StoreSection
from components.locket.server import LocketServer
from tests.components.certificates import Trust
from tests.components.waiting import until


class Peer(Listener):
    """Takes any request; answers as scripted, then 202. `hangs` keeps the next answers back for ever.

    `meanwhile` is called with each request, before its answer leaves.
    """

    def __init__(self) -> None:
        super().__init__(())
        self.requests: list[Request] = []
        self.answers: deque[Response] = deque()
        self.hangs = 0
        self.meanwhile: Callable[[], object] = lambda: None

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        self.meanwhile()
        if self.hangs:
            self.hangs -= 1
            await asyncio.Event().wait()
        return self.answers.popleft() if self.answers else Response(202)

    async def start(self, trust: Trust, name: str) -> Peer:
        await self.open("127.0.0.1", 0, ServerIdentity(trust.leaf(name)))
        return self

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def will_answer(self, *statuses: int) -> None:
        self.answers.extend(Response(status) for status in statuses)

    def asked(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.requests]

    async def request(self, number: int = 1) -> Request:
        """The number-th request, once it has come."""
        await until(lambda: len(self.requests) >= number)
        return self.requests[number - 1]


class Locket:
    """A Locket on SQLite that believes an empty table at once."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        store = StoreSection(type="sqlite", sqlite=SQLiteSection(path=folder / "locks.db"))
        configuration = LocketConfiguration(
            listen_address="127.0.0.1:0",
            health_address="127.0.0.1:0",
            tls=trust.leaf("locket"),
            store=store,
            presence_settle=0.0,
        )
        self._server = LocketServer(configuration, SQLiteLocks(folder / "locks.db"))
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        files = trust.leaf("cell")
        self._tls = LocketTLS(files.ca_file, files.cert_file, files.key_file)
        self._cells: LocketClient | None = None

    async def start(self) -> Locket:
        self._running = asyncio.create_task(self._server.run(self._stop))
        await until(lambda: self._server.health_port)
        self._cells = LocketClient(self.address, self._tls)
        return self

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.port}"

    async def present(self, cell_id: str, rep_url: str) -> None:
        """Register a cell as its rep does."""
        assert self._cells is not None
        value = orjson.dumps({"cell_id": cell_id, "rep_url": rep_url, "zone": "z1"}).decode()
        await self._cells.lock(cell_id, "owner", value, ttl_s=60, kind="presence")

    async def gone(self, cell_id: str) -> None:
        assert self._cells is not None
        await self._cells.release(cell_id, "owner", kind="presence")

    async def stop(self) -> None:
        if self._cells is not None:
            await self._cells.close()
            self._cells = None
        self._stop.set()
        if self._running is not None:
            await self._running
            self._running = None
