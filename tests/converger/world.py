"""Two members over a simulated store, each with the turn that its convergence and an external converger share."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson

from bbs.convergence import Timing
from bbs.convergence.turn import Turn
from bbs.master.external import ExternalConvergence
from bbs.master.member import Member
from bbs.models.records import Kind, Record, put
from bbs.models.state import Outcome
from bbs.server.convergence import ROWS
from bbs.server.message import Request
from tests.master.members import Deployment, deployment
from tests.simulation.tables import Tables


class Cells:
    """Who is present."""

    configured = True

    def __init__(self, *cells: str) -> None:
        self.present = frozenset(cells)

    async def cells(self) -> frozenset[str]:
        return self.present


class World:
    """A deployment and its convergers."""

    def __init__(self, found: Deployment) -> None:
        self.found = found
        self.cells = Cells("cell-1")
        self.turns: dict[str, Turn] = {}

    async def master(self, name: str = "bbs-0") -> tuple[Member, ExternalConvergence]:
        """The member of that name, once it serves: its duty hands the anchor's holder to its turn."""
        self.found.start(name)
        member = await self.found.serving(name)
        turn = self.turns[name] = Turn(self.found.clock)
        assert member.ruler is not None
        turn.hold(member.ruler.anchor.converger)
        return member, ExternalConvergence(member, turn, Timing(), self.cells)

    async def store(self, member: Member, *records: Record) -> None:
        await member.submit(lambda _view, _context: Outcome(b"", tuple(put(record) for record in records)))


@contextlib.asynccontextmanager
async def world() -> AsyncIterator[World]:
    async with deployment(Tables()) as found:
        yield World(found)


class Client:
    """The client's calls, straight into the handlers."""

    def __init__(self, convergence: ExternalConvergence) -> None:
        self._convergence = convergence

    async def take_convergence(self, owner: str, ttl_s: float) -> dict[str, Any]:
        return await self._call("/convergence/v1/turn", {"owner": owner, "ttl_s": ttl_s})

    async def update_convergence(self, document: dict[str, Any]) -> dict[str, Any]:
        return await self._call("/convergence/v1/update", document)

    async def records(self, kind: str) -> list[dict[str, Any]]:
        _, run = ROWS[f"/convergence/v1/records/{Kind(kind).value}"]
        response = await run(self._convergence, Request("GET", ""))
        assert response.stream is not None
        body = b"".join([chunk async for chunk in response.stream])
        return [orjson.loads(line) for line in body.splitlines()]

    async def _call(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        _, run = ROWS[path]
        response = await run(self._convergence, Request("PUT", path, body=orjson.dumps(document)))
        assert isinstance(response.body, bytes)
        found: dict[str, Any] = orjson.loads(response.body)
        return found
