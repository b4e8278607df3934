"""One cell as a process: the order in which its parts start, and back."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

import structlog
from prometheus_client import Gauge

from bbs.client import BBSClient, ClientTLS
from bbs.client.locket import LocketClient, LocketTLS
from components.health import Health
from components.http import ServerIdentity, listen
from components.presence import CellPresence, Holder, PresentCapacity, Provider
from components.rep.bulker import RUNTIME_PAUSE_S, Bulker
from components.rep.cell import Cell
from components.rep.configuration import RepConfiguration
from components.rep.containers import Ledger
from components.rep.evacuation import Evacuation
from components.rep.routes import CellRoutes
from components.rep.runtime.client import RuntimeClient, RuntimeUnavailable
from components.rep.runtime.protocol import Report
from components.rep.runtime.server import RuntimeServer
from components.rep.successors import Resolver, Successors, has_address
from components.rep.work import providers

log = structlog.get_logger()


async def run_cell(configuration: RepConfiguration, stop: asyncio.Event, resolve: Resolver = has_address) -> None:
    """Be a cell until `stop`: runtime, presence, network, reconciling; then the way back, presence released last."""
    async with AsyncExitStack() as stack:
        if configuration.runtime == "inside":
            await _open_runtime(configuration, stack)
        await CellProcess(configuration, resolve).run(stop)


async def run_runtime(configuration: RepConfiguration, stop: asyncio.Event) -> None:
    """Be only the runtime, for a rep in another container."""
    async with AsyncExitStack() as stack:
        await _open_runtime(configuration, stack)
        await stop.wait()


async def _open_runtime(configuration: RepConfiguration, stack: AsyncExitStack) -> None:
    server = RuntimeServer(
        configuration.runtime_socket,
        configuration.data_dir,
        configuration.ports,
        configuration.graceful_shutdown_interval,
    )
    await server.open()
    stack.push_async_callback(server.close)


class CellProcess:
    """The wiring of one rep."""

    def __init__(self, configuration: RepConfiguration, resolve: Resolver) -> None:
        files = configuration.tls
        self._configuration = configuration
        self._locket = LocketClient(
            configuration.locket_address, LocketTLS(files.ca_file, files.cert_file, files.key_file)
        )
        tls = ClientTLS(files.ca_file, files.cert_file, files.key_file)
        self._cell = Cell(
            configuration,
            Ledger(configuration.capacity, time.monotonic),
            BBSClient(configuration.bbs_address, tls, timeout=configuration.communication_timeout),
            RuntimeClient(configuration.runtime_socket, self._heard, self._hung_up),
            configuration.address_of_apps(),
        )
        self._presence = Holder(
            self._locket,
            configuration.cell_id,
            self._presence_value,
            kind="presence",
            ttl_s=max(1, round(configuration.presence_ttl)),
            every=configuration.presence_renewal,
        )
        self._bulker = Bulker(self._cell)
        successors = Successors(self._cell, resolve)
        self._evacuation = Evacuation(self._cell, self._bulker, self._presence, successors)
        self._serving = False
        self._health = Health("cell", lambda: self._serving and self._presence.held.is_set())
        self._register_metrics()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a stop is obeyed at every step of the start too."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._cell.bbs.close)
            stack.push_async_callback(self._locket.close)
            stack.push_async_callback(self._cell.runtime.close)
            await self._health.open(self._configuration.health_address)
            stack.push_async_callback(self._health.close)
            starting = asyncio.create_task(self._start(stack))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                await asyncio.wait([starting])
            elif starting.exception() is None:
                await stopping
            stopping.cancel()
            self._serving = False
            if not starting.cancelled():
                starting.result()

    async def _start(self, stack: AsyncExitStack) -> None:
        await self._clean_runtime()
        self._presence.start()
        stack.push_async_callback(self._presence.release)
        stack.push_async_callback(self._delete_all)
        await self._presence.held.wait()
        await self._listen(stack)
        stack.push_async_callback(self._evacuation.close)
        self._bulker.start()
        stack.push_async_callback(self._bulker.close)
        self._serving = True
        log.info("serving", cell_id=self._cell.cell_id, rep_url=self._configuration.rep_url)

    async def _listen(self, stack: AsyncExitStack) -> None:
        routes = CellRoutes(self._cell, self._bulker, self._evacuation)
        identity = ServerIdentity(self._configuration.tls)
        for address, table in (
            (self._configuration.admin_address, routes.loopback()),
            (self._configuration.listen_address, routes.network()),
        ):
            listener = await listen(address, table, identity)
            stack.push_async_callback(listener.close)

    async def _clean_runtime(self) -> None:
        """Wait for the runtime, and end what it still runs for an earlier life of this rep: nothing is adopted."""
        while True:
            try:
                reports = await self._cell.runtime.reports()
                for guid in reports:
                    await self._cell.runtime.delete(guid)
            except RuntimeUnavailable as error:
                log.info("waiting-for-runtime", error=str(error))
                await asyncio.sleep(RUNTIME_PAUSE_S)
            else:
                return

    async def _delete_all(self) -> None:
        for guid in [container.guid for container in self._cell.ledger]:
            try:
                await self._cell.runtime.delete(guid)
            except RuntimeUnavailable as error:
                log.warning("delete-failed", guid=guid, error=str(error))

    def _heard(self, report: Report) -> None:
        self._bulker.heard(report)

    def _hung_up(self) -> None:
        """Its containers may have gone with it: the next passes tell, not the one that is due some time."""
        log.warning("runtime-hung-up", socket=str(self._configuration.runtime_socket))
        self._bulker.wake()

    def _presence_value(self) -> str:
        settings = self._configuration
        offered = providers(settings.rootfs_providers)
        return CellPresence(
            cell_id=settings.cell_id,
            rep_address=f"http://{self._cell.app_address}:{settings.admin_address.rpartition(':')[2]}",
            zone=settings.zone,
            capacity=PresentCapacity(**settings.capacity.model_dump()),
            rootfs_provider_list=[Provider(name=name, properties=fixed) for name, fixed in offered.items()],
            placement_tags=list(settings.placement_tags),
            optional_placement_tags=list(settings.optional_placement_tags),
            rep_url=settings.rep_url,
        ).model_dump_json()

    def _register_metrics(self) -> None:
        gauges = {
            "container_count": lambda: len(self._cell.ledger),
            "capacity_remaining_memory": lambda: self._cell.ledger.available.memory_mb,
            "capacity_remaining_disk": lambda: self._cell.ledger.available.disk_mb,
            "capacity_remaining_containers": lambda: self._cell.ledger.available.containers,
            "evacuating": lambda: int(self._cell.evacuating),
        }
        for name, read in gauges.items():
            gauge = Gauge(f"diego_cell_{name}", name.replace("_", " "), registry=self._health.registry)
            gauge.set_function(read)
