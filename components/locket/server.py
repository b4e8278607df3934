"""One Locket process: gRPC with mutual TLS, a plain health port, and the scan that lets locks lapse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import grpc
import grpc.aio
import structlog

from bbs.stores.contract import StoreError
from bbs.stores.locks import LockTable
from components.health import Health
from components.http.tls import TLSFiles
from components.locket.configuration import LocketConfiguration
from components.locket.expiry import Expiry
from components.locket.locks import Locks
from components.locket.service import LocketService, handlers

SCAN_S = 1.0
LONGEST_STEP_S = 2 * SCAN_S
STOP_S = 2.0

log = structlog.get_logger()


class LocketServer:
    """Serves until it is closed. `port` and `health_port` are the ones that were bound."""

    def __init__(self, configuration: LocketConfiguration, table: LockTable) -> None:
        self._configuration = configuration
        self._locks = Locks(table, Expiry(LONGEST_STEP_S), settle=configuration.presence_settle)
        self._table = table
        self._table_answers = False
        self._health = Health("locket", lambda: self._table_answers)
        self._grpc = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
        self.port = 0
        self.health_port = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        self._grpc.add_generic_rpc_handlers((handlers(LocketService(self._locks)),))
        credentials = server_credentials(self._configuration.tls)
        self.port = self._grpc.add_secure_port(self._configuration.listen_address, credentials)
        await self._grpc.start()
        self.health_port = await self._health.open(self._configuration.health_address)
        log.info("serving", port=self.port, health_port=self.health_port)
        try:
            while not stop.is_set():
                await self._scan()
                await _wait(stop, SCAN_S)
        finally:
            await self._grpc.stop(STOP_S)
            await self._health.close()
            await self._table.close()

    async def _scan(self) -> None:
        try:
            lapsed = await self._locks.expire(time.monotonic())
        except StoreError as error:
            self._locks.interrupted()
            if self._table_answers:
                log.warning("store-unavailable", error=str(error))
            self._table_answers = False
            return
        self._table_answers = True
        for row in lapsed:
            log.info("lapsed", key=row.key, owner=row.owner, type=row.type, ttl_s=row.ttl)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def server_credentials(files: TLSFiles) -> grpc.ServerCredentials:
    """Mutual TLS whose certificates follow their files: gRPC asks at each handshake."""
    stamps = files.stamps()

    def read() -> grpc.ServerCertificateConfiguration:
        return grpc.ssl_server_certificate_configuration(
            [(files.key_file.read_bytes(), files.cert_file.read_bytes())], root_certificates=files.ca_file.read_bytes()
        )

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        """None = as before; a half-written set is tried again at the next handshake."""
        nonlocal stamps
        try:
            now = files.stamps()
            if now == stamps:
                return None
            configuration = read()
        except OSError:
            return None
        stamps = now
        return configuration

    dynamic: Callable[..., grpc.ServerCredentials] = grpc.dynamic_ssl_server_credentials
    return dynamic(read(), fetch, require_client_authentication=True)
