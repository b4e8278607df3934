"""Cells, auctioneer and Locket as processes, around the BBS's own server and transitions in this process."""

from __future__ import annotations

from bbs.client import BBSClient
from bbs.wire import actual_lrp_pb2 as actual
from tests.components.deployment import CellHandle, Deployment
from tests.components.memory_bbs import MemoryBBS
from tests.components.waiting import until
from tests.components.watching import running


class World(Deployment):
    """A deployment with its BBS in this process."""

    async def open(self) -> None:
        await self.start_locket()
        files = self.trust.leaf("bbs")
        self.memory = MemoryBBS(files, self.locket_address, self.auctioneer_url)
        self.bbs_url = self.memory.start()
        self.client: BBSClient = self.bbs()
        await self.start_auctioneer()

    async def close(self) -> None:
        await super().close()
        await self.client.close()
        await self.memory.close()

    async def running(self, guid: str, count: int) -> list[actual.ActualLRP]:
        """The ordinary rows that run, once there are `count` of them."""

        return await running(self.client, guid, count)

    async def state_of(self, cell: CellHandle, wanted: str) -> dict[str, object]:
        async def look() -> dict[str, object] | None:
            seen = await self.evacuation(cell)
            return seen if seen["state"] == wanted else None

        return await until(look)
