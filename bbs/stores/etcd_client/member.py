"""One etcd member: its channel, and one call on it. Never retries: whoever calls knows what may be repeated."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from bbs.stores.contract import StoreMisconfigured, StoreUnavailable
from bbs.stores.etcd_client.failures import failure

Answer = TypeVar("Answer", bound=Message)

_OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 10_000),  # etcd closes connections that ping more often than every 5 s
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),  # a store is never behind the proxy that an environment variable names
    ("grpc.use_local_subchannel_pool", 1),  # the renewal's client must not share a connection with a bulk load
]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Paths of the client's TLS files; read anew for each new channel, so that renewed files are taken up.

    No `ca_file`: the authorities of the image. No certificate and key: the server knows us by nothing. `server_name`:
    what the server's certificate must carry, where it is not the host dialled.
    """

    ca_file: Path | None
    cert_file: Path | None
    key_file: Path | None
    server_name: str | None = None

    def read(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        """CA, key and certificate. Raises StoreMisconfigured, naming the file."""
        try:
            ca, key, certificate = (
                None if path is None else path.read_bytes() for path in (self.ca_file, self.key_file, self.cert_file)
            )
            return ca, key, certificate
        except OSError as error:
            message = (
                f"the etcd client's TLS file {error.filename} can't be read: {error.strerror}; correct store.etcd.tls"
            )
            raise StoreMisconfigured(message) from error


class Member:
    """A member by its endpoint `https://host:port` or `http://host:port`; the channel is made by the first call."""

    def __init__(self, endpoint: str, secrets: Secrets | None) -> None:
        self.endpoint = endpoint
        self._secrets = secrets
        self._channel: grpc.aio.Channel | None = None
        self._closed = False
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """`host:port`."""
        return self.endpoint.split("://", 1)[-1].rstrip("/")

    async def call(self, path: str, request: Message, answer: type[Answer], limit: float) -> Answer:
        """One unary call of at most `limit` seconds. Raises a kind of StoreError."""
        channel = self._channel or await self._open()
        method = channel.unary_unary(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        try:
            response: Answer = await method(request, timeout=limit)
        except grpc.aio.AioRpcError as error:
            if error.code() in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE):
                self._discard(channel, limit)
            raise failure(error.code(), error.details() or "", self.endpoint) from error
        except asyncio.CancelledError as error:
            # A channel that closes cancels its calls, which looks like a cancelled task but is none.
            task = asyncio.current_task()
            if task is not None and task.cancelling() > 0:
                raise
            message = f"etcd {self.endpoint}: the connection was given up; the outcome is unknown: repeat the call"
            raise StoreUnavailable(message) from error
        return response

    async def close(self) -> None:
        """Cancels what is in flight and closes the channel; no later call opens another one."""
        self._closed = True
        channel, self._channel = self._channel, None
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if channel is not None:
            await channel.close(None)

    async def _open(self) -> grpc.aio.Channel:
        if self.endpoint.startswith("http://"):
            credentials = None
        elif self._secrets is None:
            credentials = grpc.ssl_channel_credentials()
        else:
            credentials = grpc.ssl_channel_credentials(*await asyncio.to_thread(self._secrets.read))
        if self._closed:
            message = f"the client of etcd {self.endpoint} was closed"
            raise StoreUnavailable(message)
        if self._channel is None:
            self._channel = (
                grpc.aio.secure_channel(self.address, credentials, options=[*_OPTIONS, *self._named()])
                if credentials
                else grpc.aio.insecure_channel(self.address, options=_OPTIONS)
            )
        return self._channel

    def _named(self) -> list[tuple[str, str]]:
        """The name that the certificate is compared with, when it is not the address."""
        name = self._secrets.server_name if self._secrets is not None else None
        return [("grpc.ssl_target_name_override", name)] if name else []

    def _discard(self, channel: grpc.aio.Channel, grace: float) -> None:
        """The next call dials anew: after a silent cut a connection looks alive for long. Calls in flight may end."""
        if self._channel is channel:
            self._channel = None
            task = asyncio.get_running_loop().create_task(channel.close(grace))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
