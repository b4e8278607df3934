"""The stream: every batch of the master, told to standbys before or beside the store.

A batch is sent only after the one before it was confirmed, so a batch that follows proves its predecessor. Frames are
length-prefixed: a JSON head, a line feed, the encoded changes. A standby that does not keep up is cut: it joins anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from weakref import WeakKeyDictionary

from bbs.master.committer import Batch
from bbs.stores.shapes import require_shape

STREAM_VERSION = 1
_LENGTH = 4
MAX_FRAME = 256 * 1024 * 1024
_BACKLOG_BYTES = 64 * 1024 * 1024


class StreamError(Exception):
    """The stream can't be followed: cut, of another version, or malformed."""


def encode_batch(batch: Batch) -> bytes:
    """One frame."""
    head = {name: value for name, value in asdict(batch).items() if name != "changes"}
    body = json.dumps({"stream": STREAM_VERSION, **head}, separators=(",", ":")).encode() + b"\n" + batch.changes
    return len(body).to_bytes(_LENGTH, "big") + body


class FrameReader:
    """Turns bytes as they arrive into batches."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Batch]:
        """The batches that are complete now. Raises StreamError."""
        self._buffer += data
        batches: list[Batch] = []
        while len(self._buffer) >= _LENGTH:
            length = int.from_bytes(self._buffer[:_LENGTH], "big")
            if length > MAX_FRAME:
                msg = f"a frame of {length} bytes is larger than {MAX_FRAME}"
                raise StreamError(msg)
            if len(self._buffer) < _LENGTH + length:
                break
            batches.append(_batch(bytes(self._buffer[_LENGTH : _LENGTH + length])))
            del self._buffer[: _LENGTH + length]
        return batches


def _batch(body: bytes) -> Batch:
    head, _, changes = body.partition(b"\n")
    try:
        members = json.loads(head)
        version = members.pop("stream")
        if version != STREAM_VERSION:
            msg = f"the stream has version {version}; this binary follows {STREAM_VERSION}"
            raise StreamError(msg)
        batch = Batch(changes=changes, **members)
        require_shape(batch)
        return batch
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        msg = f"malformed frame: {error}"
        raise StreamError(msg) from error


class Subscription:
    """One standby's place in the stream."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Batch | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self.cut = False

    def offer(self, batch: Batch) -> None:
        """Queue a batch, or cut the standby that has too much waiting."""
        if self.cut:
            return
        self._waiting_bytes += len(batch.changes) + 256
        if self._waiting_bytes > _BACKLOG_BYTES:
            self.end()
        else:
            self._queue.put_nowait(batch)

    def end(self) -> None:
        """Nothing more will come."""
        self.cut = True
        self._queue.put_nowait(None)

    async def batches(self) -> AsyncIterator[Batch]:
        """Batches as they come, until the end."""
        while (batch := await self._queue.get()) is not None:
            self._waiting_bytes -= len(batch.changes) + 256
            yield batch


class Publisher:
    """Hands each batch to every subscription."""

    def __init__(self) -> None:
        # In order of arrival: who was first is told first. Held weakly: an answer that was withheld before its first
        # byte never runs its generator, and nobody would ever take its subscription away.
        self._subscriptions: WeakKeyDictionary[Subscription, None] = WeakKeyDictionary()
        self._latest: Batch | None = None

    def subscribe(self) -> Subscription:
        """The latest batch, which may not be in the store yet, and from now on every one."""
        subscription = Subscription()
        if self._latest is not None:
            subscription.offer(self._latest)
        self._subscriptions[subscription] = None
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """The standby is gone."""
        self._subscriptions.pop(subscription, None)

    def announce(self, batch: Batch) -> None:
        """Tell everyone; never waits."""
        self._latest = batch
        for subscription in list(self._subscriptions):
            subscription.offer(batch)
            if subscription.cut:
                self._subscriptions.pop(subscription, None)

    def end(self) -> None:
        """The epoch is over."""
        for subscription in list(self._subscriptions):
            subscription.end()
        self._subscriptions.clear()
        self._latest = None
