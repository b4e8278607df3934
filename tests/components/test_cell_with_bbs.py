"""The whole of Diego as processes: BBS, Locket, auctioneer, two cells."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bbs.client import BBSClient, ClientError
from tests.components import apps
from tests.components.certificates import Trust
from tests.components.deployment import CellHandle, Deployment
from tests.components.ports import free_ports
from tests.components.programs import Program
from tests.components.waiting import until
from tests.components.watching import running, watching


class Diego(Deployment):
    """With a BBS on SQLite."""

    client: BBSClient

    async def open(self) -> None:
        """Start all but the cells."""
        listen, health = free_ports(2)
        self.bbs_url = f"https://127.0.0.1:{listen}"
        await self.start_locket()
        configuration = {
            "member": "bbs-0",
            "listen_address": f"127.0.0.1:{listen}",
            "health_address": f"127.0.0.1:{health}",
            "advertise_url": self.bbs_url,
            "tls": self.trust.leaf("bbs").model_dump(mode="json"),
            "store": {"type": "sqlite", "sqlite": {"path": str(self.folder / "bbs.db")}},
            "locket_address": self.locket_address,
            "auctioneer_address": self.auctioneer_url,
            "converge_repeat_interval": "5s",
        }
        command = [sys.executable, "-m", "bbs.cli", "serve"]
        bbs = Program(self.folder, "bbs", "", configuration, command=command)
        self.programs.append(bbs)
        await bbs.start()
        self.client = self.bbs()
        await until(self._serves)
        await self.start_auctioneer()

    async def close(self) -> None:
        """Cells first, then the rest."""
        await super().close()
        await self.client.close()

    async def _serves(self) -> bool:
        assert self.programs[-1].running, self.programs[-1].tail()
        try:
            return await self.client.ping()
        except ClientError:
            return False


@pytest.fixture
async def diego(tmp_path: Path, trust: Trust) -> AsyncIterator[Diego]:
    made = Diego(tmp_path, trust)
    try:
        await made.open()
        yield made
    finally:
        await made.close()


async def test_a_cell_is_emptied_while_its_app_always_answers(diego: Diego) -> None:
    one = await diego.start_cell("cell-1")
    await diego.start_cell("cell-2", zone="z2")
    await diego.client.desire_lrp(apps.app("app", command=apps.SLOW_SERVER))
    rows = await running(diego.client, "app", 2)
    assert {row.actual_lrp_instance_key.cell_id for row in rows} == {"cell-1", "cell-2"}
    async with watching(diego.client, "app") as silent:
        await diego.operator.call("POST", f"{one.rep_url}/evacuate")
        await until(lambda: _drained(diego, one))
        rows = await running(diego.client, "app", 2)
    assert {row.actual_lrp_instance_key.cell_id for row in rows} == {"cell-2"}
    assert silent == []


async def _drained(diego: Diego, cell: CellHandle) -> bool:
    return bool((await diego.evacuation(cell))["state"] == "drained")
