"""Locket, an auctioneer and cells as processes around a BBS at a URL that the test brings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bbs.client import BBSClient, ClientTLS
from components.http import HTTPFailure, JSONClient
from tests.components.certificates import Trust
from tests.components.ports import free_ports
from tests.components.programs import Program
from tests.components.waiting import until


class CellHandle:
    """One rep process."""

    def __init__(self, cell_id: str, program: Program, rep_url: str, ready_url: str) -> None:
        self.cell_id = cell_id
        self.program = program
        self.rep_url = rep_url
        self.ready_url = ready_url


class Deployment:
    """Everything but the BBS. Ports are chosen at once, so that each can be told of the others."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        self.folder = folder
        self.trust = trust
        locket, self._locket_health, auctioneer, self._auctioneer_health = free_ports(4)
        self.locket_address = f"127.0.0.1:{locket}"
        self.auctioneer_url = f"https://127.0.0.1:{auctioneer}"
        self.bbs_url = ""
        self.programs: list[Program] = []
        self.operator = JSONClient(trust.leaf("diego-operator"))
        self.plain = JSONClient(None)

    async def start_locket(self, settle: str = "100ms") -> Program:
        """Locket on a SQLite file."""
        configuration = {
            "listen_address": self.locket_address,
            "health_address": f"127.0.0.1:{self._locket_health}",
            "tls": self._tls("locket"),
            "store": {"type": "sqlite", "sqlite": {"path": str(self.folder / "locks.db")}},
            "presence_settle": settle,
        }
        ready = f"http://127.0.0.1:{self._locket_health}/readyz"
        return await self._start("locket", "components.locket.cli", configuration, ready)

    async def start_auctioneer(self, lock_ttl: str = "3s") -> Program:
        """One that gets the lock, or stands by."""
        configuration = {
            "listen_address": self.auctioneer_url.removeprefix("https://"),
            "health_address": f"127.0.0.1:{self._auctioneer_health}",
            "bbs_address": self.bbs_url,
            "locket_address": self.locket_address,
            "tls": self._tls("auctioneer"),
            "lock_ttl": lock_ttl,
        }
        ready = f"http://127.0.0.1:{self._auctioneer_health}/readyz"
        return await self._start("auctioneer", "components.auctioneer.cli", configuration, ready)

    async def start_cell(self, cell_id: str, user: int = 0, **changes: Any) -> CellHandle:
        """A cell with short times; `changes` go into its configuration."""
        configuration = self.cell_configuration(cell_id, **changes)
        ready = f"http://{configuration['health_address']}/readyz"
        program = await self._start(cell_id, "components.rep.cli", configuration, ready, user)
        return CellHandle(cell_id, program, configuration["advertise_url"], ready)

    def cell_configuration(self, cell_id: str, **changes: Any) -> dict[str, Any]:
        """Free ports, a folder of its own, short times."""
        listen, health, admin, *ports = free_ports(6)
        folder = self.folder / cell_id
        folder.mkdir(exist_ok=True)
        return {
            "cell_id": cell_id,
            "listen_address": f"127.0.0.1:{listen}",
            "health_address": f"127.0.0.1:{health}",
            "admin_address": f"127.0.0.1:{admin}",
            "advertise_url": f"https://127.0.0.1:{listen}",
            "bbs_address": self.bbs_url,
            "locket_address": self.locket_address,
            "tls": self._tls("cell"),
            "polling_interval": "1s",
            "evacuation_polling_interval": "1s",
            "presence_renewal": "1s",
            "presence_ttl": "5s",
            "graceful_shutdown_interval": "2s",
            "evacuation_timeout": "60s",
            "data_dir": str(folder),
            "runtime_socket": str(folder / "s"),
            "app_address": "127.0.0.1",
            "app_ports": f"{min(ports)}-{max(ports) + 20}",
            **changes,
        }

    async def start_split_cell(self, cell_id: str, users: tuple[int, int] = (0, 0), **changes: Any) -> CellHandle:
        """A cell whose runtime is a process of its own; `users` own the rep and the runtime."""
        ports = free_ports(1)
        changes = {"runtime": "outside", "app_ports": f"{ports[0]}-{ports[0] + 20}", **changes}
        cell = asyncio.create_task(self.start_cell(cell_id, users[0], **changes))
        await until((self.folder / f"{cell_id}.yaml").exists)
        runtime = Program(self.folder, f"{cell_id}-runtime", "components.rep.cli", {}, "runtime", user=users[1])
        runtime.file.write_text((self.folder / f"{cell_id}.yaml").read_text())
        self.programs.append(runtime)
        await runtime.start()
        return await cell

    async def start_again(self, cell: CellHandle) -> None:
        """The same configuration, a new life."""
        await cell.program.start()
        await self._until_ready(cell.program, cell.ready_url)

    async def drain(self, cell: CellHandle) -> Program:
        """`rep drain` beside the cell."""
        program = Program(self.folder, f"{cell.cell_id}-drain", "components.rep.cli", {}, "drain")
        program.file.write_text(cell.program.file.read_text())
        self.programs.append(program)
        await program.start()
        return program

    async def evacuation(self, cell: CellHandle) -> dict[str, Any]:
        """The cell's report."""
        report: dict[str, Any] = (await self.operator.call("GET", f"{cell.rep_url}/evacuation")).json()
        return report

    def bbs(self) -> BBSClient:
        """A client with a person's certificate."""
        files = self.trust.leaf("client")
        return BBSClient(self.bbs_url, ClientTLS(files.ca_file, files.cert_file, files.key_file), timeout=15)

    async def close(self) -> None:
        """End what runs, cells first."""
        await asyncio.gather(*(program.stop() for program in reversed(self.programs)))

    def logs(self) -> str:
        """The ends of all logs, for a failure's words."""
        return "\n".join(program.tail() for program in self.programs)

    async def _start(
        self, name: str, module: str, configuration: dict[str, Any], ready_url: str, user: int = 0
    ) -> Program:
        program = Program(self.folder, name, module, configuration, user=user)
        self.programs.append(program)
        await program.start()
        await self._until_ready(program, ready_url)
        return program

    async def _until_ready(self, program: Program, ready_url: str) -> None:
        async def ready() -> bool:
            assert program.running, program.tail()
            try:
                return (await self.plain.call("GET", ready_url)).status == 200
            except HTTPFailure:
                return False

        try:
            await until(ready)
        except AssertionError as error:
            raise AssertionError(f"{program.name} is not ready: {program.tail()}") from error

    def _tls(self, common_name: str) -> dict[str, Any]:
        return self.trust.leaf(common_name).model_dump(mode="json")
