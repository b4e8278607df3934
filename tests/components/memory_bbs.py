"""A BBS without a store: the production server, routes and transitions over a dictionary; calls out are made."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry

from bbs.client.locket import LocketClient, LocketError, LocketTLS
from bbs.master.serving import Redirect, Unavailable
from bbs.models import effects
from bbs.models.cells import cells_response, presence
from bbs.models.index import indexed
from bbs.models.records import Kind
from bbs.models.state import Context, Effect, Entry, Transition
from bbs.server import BBSApplication, BBSServer, Bind, Credentials
from bbs.server.credentials import TLSFiles as ServerFiles
from components.http import HTTPFailure, JSONClient, TLSFiles

OUT = Unavailable("Migrating", "the test asked for it", "wait")


class Records:
    """A View over a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Kind, str], Entry] = {}

    def get(self, kind: Kind, key: str) -> Entry | None:
        return self.rows.get((kind, key))

    def entries(self, kind: Kind) -> Iterable[Entry]:
        return [self.rows[each] for each in sorted(self.rows, key=lambda each: each[1]) if each[0] is kind]

    def group(self, kind: Kind, group: str) -> list[Entry]:
        return [entry for entry in self.entries(kind) if entry.group == group]

    def on_cell(self, kind: Kind, cell_id: str) -> list[Entry]:
        return [entry for entry in self.entries(kind) if entry.cell_id == cell_id]


class MemoryBBS:
    """Serves on `port` until closed. `out` = every /v1 call gets 503."""

    def __init__(self, files: TLSFiles, locket_address: str, auctioneer_url: str) -> None:
        self.records = Records()
        self.out = False
        self.asked: list[str] = []
        self._locket = LocketClient(locket_address, LocketTLS(files.ca_file, files.cert_file, files.key_file))
        self._auctioneer_url = auctioneer_url
        self._http = JSONClient(files)
        self._effects: set[asyncio.Task[None]] = set()
        credentials = Credentials(ServerFiles(files.ca_file, files.cert_file, files.key_file))
        application = BBSApplication(self, self._context, self._cells)  # type: ignore[arg-type]
        self._server = BBSServer(self, application, CollectorRegistry(), credentials)  # type: ignore[arg-type]

    def start(self) -> str:
        """Listen; returns the URL."""
        self._server.start(Bind("127.0.0.1", 0), None)
        return f"https://127.0.0.1:{self._server.address.port}"

    async def close(self) -> None:
        await self._server.close(0.1)
        for task in list(self._effects):
            task.cancel()
        await asyncio.gather(*self._effects, return_exceptions=True)
        await self._locket.close()

    # --- what the server asks ---

    def memory(self) -> Records:
        return self.records

    async def submit(self, transition: Transition) -> bytes:
        self.asked.append(transition.__name__ if hasattr(transition, "__name__") else str(transition))
        outcome = transition(self.records, self._context())
        for change in outcome.mutations:
            if change.record is None:
                self.records.rows.pop((change.kind, change.key), None)
            else:
                self.records.rows[change.kind, change.key] = indexed(change.record)
        for effect in outcome.effects:
            task = asyncio.create_task(self._perform(effect))
            self._effects.add(task)
            task.add_done_callback(self._effects.discard)
        return outcome.response

    def may_answer(self) -> bool:
        return True

    def gate(self) -> Redirect | Unavailable | None:
        return OUT if self.out else None

    def status(self) -> dict[str, Any]:
        return {"role": "Master"}

    def ready(self) -> bool:
        return True

    # --- what it does ---

    def _context(self) -> Context:
        return Context(now=time.time_ns(), serving_since=0, new_guid=lambda: str(uuid.uuid4()))

    async def _cells(self) -> bytes:
        return cells_response(value for _, value in await self._locket.presences())

    async def _perform(self, effect: Effect) -> None:
        try:
            match effect:
                case effects.RequestLRPAuction(start):
                    await self._http.call("POST", f"{self._auctioneer_url}/v1/lrps", [start.document()])
                case effects.RequestTaskAuction(task):
                    await self._http.call("POST", f"{self._auctioneer_url}/v1/tasks", [task.document()])
                case effects.StopLRPInstance(process_guid, instance_guid, cell_id):
                    path = f"/v1/lrps/{process_guid}/instances/{instance_guid}/stop"
                    await self._http.call("POST", await self._rep(cell_id) + path)
                case effects.CancelTask(task_guid, cell_id):
                    await self._http.call("POST", await self._rep(cell_id) + f"/v1/tasks/{task_guid}/cancel")
        except (HTTPFailure, LocketError):
            return

    async def _rep(self, cell_id: str) -> str:
        held = await self._locket.fetch(cell_id)
        found = presence(held.value) if held else None
        return found.rep_url if found else "https://127.0.0.1:1"
