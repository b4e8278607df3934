"""Requests to the auctioneer: place these instances, these tasks. It accepts with 202 and reports through the BBS."""

from __future__ import annotations

from collections.abc import Sequence

from bbs.models.effects import LRPStart, TaskStart
from bbs.outbound.exchange import Call, Exchange, json_body, require
from bbs.outbound.permit import Permit

ACCEPTED = 202


class Auctioneer:
    """The auctioneer at `address`, a URL or host:port."""

    def __init__(self, address: str, exchange: Exchange) -> None:
        self._base = (address if "://" in address else f"https://{address}").rstrip("/")
        self._exchange = exchange

    async def place_lrps(self, starts: Sequence[LRPStart], permit: Permit, trace_id: str = "") -> None:
        """One request for all of them. Raises CallFailed, Withheld."""
        await self._post("/v1/lrps", [start.document() for start in starts], permit, trace_id)

    async def place_tasks(self, starts: Sequence[TaskStart], permit: Permit) -> None:
        """Likewise."""
        await self._post("/v1/tasks", [start.document() for start in starts], permit)

    async def _post(self, path: str, documents: list[dict[str, object]], permit: Permit, trace_id: str = "") -> None:
        call = Call("POST", self._base + path, json_body(documents), trace_id)
        require(await self._exchange.send(call, permit), call, ACCEPTED)
