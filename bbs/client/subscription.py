"""One event stream of the client: a connection of its own, read chunk by chunk.

The BBS ends the size of a chunk with `;`, as the real one does; strict HTTP parsers refuse that, so the little that is
HTTP here is read by hand. Never subscribes again: whoever misses events must look at everything anew, and knows how.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from google.protobuf.message import Message

from bbs.client.connection import Answer, Broken
from bbs.client.pool import Address
from bbs.wire import events_pb2

MESSAGES: Mapping[str, type[Message]] = {
    "desired_lrp_created": events_pb2.DesiredLRPCreatedEvent,
    "desired_lrp_changed": events_pb2.DesiredLRPChangedEvent,
    "desired_lrp_removed": events_pb2.DesiredLRPRemovedEvent,
    "actual_lrp_created": events_pb2.ActualLRPCreatedEvent,
    "actual_lrp_changed": events_pb2.ActualLRPChangedEvent,
    "actual_lrp_removed": events_pb2.ActualLRPRemovedEvent,
    "actual_lrp_crashed": events_pb2.ActualLRPCrashedEvent,
    "actual_lrp_instance_created": events_pb2.ActualLRPInstanceCreatedEvent,
    "actual_lrp_instance_changed": events_pb2.ActualLRPInstanceChangedEvent,
    "actual_lrp_instance_removed": events_pb2.ActualLRPInstanceRemovedEvent,
    "task_created": events_pb2.TaskCreatedEvent,
    "task_changed": events_pb2.TaskChangedEvent,
    "task_removed": events_pb2.TaskRemovedEvent,
}


@dataclass(frozen=True, slots=True)
class Event:
    """`number`: 0, 1, 2... on this connection. `payload`: the serialized message."""

    number: int
    name: str
    payload: bytes

    def message(self) -> Message | None:
        """The message; None for a name that this binary does not know, which is to be passed over."""
        known = MESSAGES.get(self.name)
        return None if known is None else known.FromString(self.payload)


class Subscription:
    """An open stream: iterate it for events; it ends when the BBS ends it. Raises Broken when it is cut off."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._reader = reader
        self._writer = writer
        self.answer = answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, e: BaseException | None, t: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Listen no longer."""
        self._writer.transport.abort()
        await asyncio.sleep(0)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event, whenever it comes."""
        try:
            size = int((await self._reader.readuntil(b"\r\n")).partition(b";")[0], 16)
            text = (await self._reader.readexactly(size + 2))[:-2]
        except (OSError, EOFError, ValueError) as error:
            raise Broken(f"the stream was cut off: {error}") from error
        if not size:
            raise StopAsyncIteration
        return _event(text)


def _event(text: bytes) -> Event:
    fields = dict(line.split(b": ", 1) for line in text.splitlines() if b": " in line)
    try:
        return Event(int(fields[b"id"]), fields[b"event"].decode(), b64decode(fields[b"data"], validate=True))
    except (KeyError, ValueError) as error:
        raise Broken(f"an event that can't be read: {text[:200]!r}") from error


async def open_subscription(
    address: Address, context: ssl.SSLContext | None, method: str, target: str, body: bytes
) -> Subscription:
    """Ask for a stream; `answer.status` says whether there is one. Raises OSError kinds; limit the time outside."""
    name = address.name if context else None
    reader, writer = await asyncio.open_connection(address.dial, address.port, ssl=context, server_hostname=name)
    try:
        head = f"{method} {target} HTTP/1.1\r\nHost: {address.host_header}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode("latin-1") + body)
        answer = _answer(await reader.readuntil(b"\r\n\r\n"))
        if answer.status != 200:
            answer.body = await reader.readexactly(int(answer.headers.get("content-length", "0")))
    except (EOFError, ValueError) as error:
        writer.transport.abort()
        raise Broken(f"the answer to a subscription ended early: {error}") from error
    except BaseException:
        writer.transport.abort()
        raise
    return Subscription(reader, writer, answer)


def _answer(head: bytes) -> Answer:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    return Answer(int(first.split(" ")[1]), headers)
