"""The Locket client: who is present, who holds a lock.

Used by the BBS (cells), the rep (its presence) and the auctioneer (its lock). gRPC with mutual TLS; certificates are
re-read when their files change, by opening a new channel. grpc is imported on first use: it costs 50 ms and 20 MB that
a command line call does not need. Source of the rules: docs/reference/locket.md.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bbs.wire import locket_pb2 as wire

if TYPE_CHECKING:
    import grpc.aio

KEEPALIVE = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 22_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.enable_http_proxy", 0),
)
"""Upstream's keepalive (10 s, 22 s), and a reconnect that re-resolves soon: a Locket that was rolled has a new IP."""


class LocketError(Exception):
    """A call to Locket failed; the text says which call, to which address, and what came back.

    `status`: the same in the words of Go's gRPC library, which clients of the BBS read.
    """

    status = ""


class LocketUnavailable(LocketError):
    """No Locket answered, or it has just started and does not know yet who is present. Never means "nobody"."""


class LockCollision(LocketError):
    """Another owner holds the key."""


@dataclass(frozen=True, slots=True)
class Held:
    """One row of Locket. `kind` is "lock" or "presence"."""

    key: str
    owner: str
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class LocketTLS:
    """Paths of the CA bundle, the own certificate and its key (PEM)."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    def stamps(self) -> tuple[int, ...]:
        """Modification times in ns; a change of any means: read again."""
        return tuple(path.stat().st_mtime_ns for path in (self.ca_file, self.cert_file, self.key_file))


class LocketClient:
    """One caller of Locket at `address` (host:port). Each call ends within `timeout` seconds."""

    def __init__(self, address: str, tls: LocketTLS, *, timeout: float = 5.0) -> None:
        self._address = address
        self._tls = tls
        self._timeout = timeout
        self._channel: grpc.aio.Channel | None = None
        self._stamps: tuple[int, ...] = ()
        self._closing: set[asyncio.Task[None]] = set()

    async def presences(self) -> list[tuple[str, str]]:
        """All cells as (cell id, CellPresence JSON), in no order. Raises LocketUnavailable when nobody can tell."""
        request = wire.FetchAllRequest(type="presence", type_code=wire.PRESENCE)
        answer = await self._call("FetchAll", request, wire.FetchAllResponse)
        return [(row.key, row.value) for row in answer.resources]

    async def fetch(self, key: str) -> Held | None:
        """The row of `key`; None when nobody holds it."""
        import grpc  # noqa: PLC0415 - see the module's docstring

        try:
            answer = await self._call("Fetch", wire.FetchRequest(key=key), wire.FetchResponse)
        except LocketError as error:
            if isinstance(error.__cause__, grpc.RpcError) and error.__cause__.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise
        row = answer.resource
        return Held(row.key, row.owner, row.value, row.type)

    async def lock(self, key: str, owner: str, value: str = "", *, ttl_s: int = 15, kind: str = "lock") -> None:
        """Take or renew `key` for `ttl_s` seconds. Raises LockCollision when another owner holds it."""
        request = wire.LockRequest(resource=_resource(key, owner, value, kind), ttl_in_seconds=ttl_s)
        await self._call("Lock", request, wire.LockResponse)

    async def release(self, key: str, owner: str, *, kind: str = "lock") -> None:
        """Give `key` back; fine when nobody holds it. Raises LockCollision when another owner does."""
        request = wire.ReleaseRequest(resource=_resource(key, owner, "", kind))
        await self._call("Release", request, wire.ReleaseResponse)

    async def close(self) -> None:
        """Close the connection. The client can't be used afterwards."""
        if self._channel is not None:
            await self._channel.close(grace=None)
            self._channel = None
        await asyncio.gather(*self._closing)

    async def _call(self, method: str, request: Any, response: Any) -> Any:
        import grpc  # noqa: PLC0415 - see the module's docstring

        try:
            channel = self._open()
        except OSError as error:
            raise LocketUnavailable(f"Locket {method}: the TLS files can't be read: {error}") from error
        call = channel.unary_unary(
            f"/models.Locket/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString,
        )
        try:
            return await call(request, timeout=self._timeout)
        except grpc.aio.AioRpcError as error:
            raise self._failure(method, error) from error

    def _failure(self, method: str, error: grpc.aio.AioRpcError) -> LocketError:
        import grpc  # noqa: PLC0415 - see the module's docstring

        text = f"Locket {method} at {self._address}: {error.code().name} {error.details()}"
        match error.code():
            case grpc.StatusCode.ALREADY_EXISTS:
                failure: LocketError = LockCollision(text)
            case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED | grpc.StatusCode.CANCELLED:
                failure = LocketUnavailable(text)
            case _:
                failure = LocketError(text)
        failure.status = go_status(error.code().name, error.details() or "", self._address)
        return failure

    def _open(self) -> grpc.aio.Channel:
        import grpc.aio  # noqa: PLC0415 - see the module's docstring

        stamps = self._tls.stamps()
        if self._channel is not None and stamps == self._stamps:
            return self._channel
        credentials = grpc.ssl_channel_credentials(
            root_certificates=self._tls.ca_file.read_bytes(),
            private_key=self._tls.key_file.read_bytes(),
            certificate_chain=self._tls.cert_file.read_bytes(),
        )
        old, self._stamps = self._channel, stamps
        self._channel = grpc.aio.secure_channel(self._address, credentials, options=KEEPALIVE)
        if old is not None:
            self._retire(old)
        return self._channel

    def _retire(self, old: grpc.aio.Channel) -> None:
        """Calls that run on the old channel finish; new ones use the new certificates."""
        task = asyncio.create_task(old.close(grace=self._timeout))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def go_status(code: str, details: str, address: str) -> str:
    """`rpc error: code = Unavailable desc = ...`, as Go prints a gRPC status."""
    name = "Canceled" if code == "CANCELLED" else code.title().replace("_", "")
    if "Connection refused" in details:
        refused = f"dial tcp {address}: connect: connection refused"
        details = f'connection error: desc = "transport: Error while dialing: {refused}"'
    elif code == "DEADLINE_EXCEEDED":
        details = "context deadline exceeded"
    return f"rpc error: code = {name} desc = {details}"


def _resource(key: str, owner: str, value: str, kind: str) -> wire.Resource:
    code = wire.PRESENCE if kind == "presence" else wire.LOCK
    return wire.Resource(key=key, owner=owner, value=value, type=kind, type_code=code)
