"""One client's connection: handshake, requests in order, answers in order, and an end that fits the reason.

Three ends: *orderly* (answer, our FIN, what the client still sends is read and dropped for a while, so that the answer
is not lost to a reset), *hard* (reset, nothing more leaves: AnswerWithheld, broken TLS), *lost* (the peer went).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable
from http import HTTPStatus
from typing import TYPE_CHECKING

from bbs.master.serving import AnswerWithheld
from bbs.server.channel import READ, Channel
from bbs.server.head import CONTINUE, feed_head, head
from bbs.server.message import Feed, Request, Response, text
from bbs.server.outlet import Outlet
from bbs.server.parsing import RequestReader

if TYPE_CHECKING:
    from bbs.server.listener import Listener

RESET = struct.pack("ii", 1, 0)
TOGETHER = 16 * 1024
"""Bodies up to this size leave in one piece with their head."""

PIPELINED = 16
"""Requests that may wait on one connection before it is read no further."""

LINGER_S = 5.0
NEVER = float("inf")

_buffer = memoryview(bytearray(READ))
"""Shared by all connections: each read is consumed before the next begins."""


class Connection:
    """Owns one accepted socket until it is closed."""

    __slots__ = (
        "_app", "_busy", "_channel", "_eof", "_feed", "_last", "_listener", "_loop", "_outlet", "_progress", "_reader",
        "_reading", "_running", "_shaken", "_sock", "_stage", "_started", "_stream_ready", "_task", "deadline",
    )  # fmt: skip

    def __init__(self, listener: Listener, sock: socket.socket, channel: Channel) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._channel = channel
        self._app = listener.app
        self._reader = RequestReader(listener.limits, listener.budget, self._app.wants_body)
        self._outlet = Outlet(sock, channel, listener.may_answer, self._drained, self._lose, self._withhold)
        self._shaken = False
        self._busy: Request | None = None
        self._progress = 0, 0.0
        self._started = 0.0
        self._last = False
        self._eof = False
        self._running = False
        self._reading = False
        self._stage = "open"
        self._task: asyncio.Task[None] | None = None
        self._stream_ready: asyncio.Event | None = None
        self._feed: Feed | None = None
        self.deadline = time.monotonic() + listener.times.handshake
        self._resume_reading()

    # --- in ---

    def _readable(self) -> None:
        try:
            count = self._sock.recv_into(_buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._lose()
            return
        if self._stage == "lingering":
            if count == 0:
                self._close()
            return
        if count == 0:
            self._end_of_input()
            return
        self._channel.receive(_buffer[:count])
        if self._shaken:
            self._take()
        else:
            self._listener.shake_soon(self)

    def shake(self) -> None:
        """One step of the handshake; called by the listener, which meters them."""
        if self._stage != "open":
            return
        try:
            self._shaken = self._channel.shake()
        except ssl.SSLError as error:
            self._outlet.put_protocol(self._channel.outgoing())  # the alert says why
            self._listener.refused_handshake(error)
            self._close()
            return
        self._outlet.put_protocol(self._channel.outgoing())
        if self._shaken and self._stage == "open":
            self.deadline = time.monotonic() + self._listener.times.idle
            self._take()

    def _take(self) -> None:
        try:
            received = self._channel.read()
        except ssl.SSLError:
            self.abort()
            return
        self._outlet.put_protocol(self._channel.outgoing())
        if self._feed is not None:
            # Nothing is expected of a subscriber but its end; what it says is dropped, so that its end is seen.
            if self._channel.eof:
                self._end_of_input()
            return
        before = self._reader.in_head, self._reader.in_body
        for data in received:
            self._reader.feed(data)
        if self._channel.eof:
            self._end_of_input()
        self._next()
        if self._stage == "open" and self._busy is None:
            self._set_deadline(*before)

    def _set_deadline(self, was_in_head: bool, was_in_body: bool) -> None:
        """A request that began must end; a connection between requests may rest for the keep-alive time."""
        times = self._listener.times
        if self._reader.in_body and not was_in_body:
            self.deadline = time.monotonic() + times.body
        elif self._reader.in_head and not was_in_head:
            self.deadline = time.monotonic() + times.head

    def _end_of_input(self) -> None:
        self._eof = True
        self._pause_reading()
        if self._task is not None and self._stream_ready is not None:
            self._task.cancel()
        elif self._feed is not None or (self._busy is None and self._outlet.idle):
            self._close()

    def _pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._sock)

    def _resume_reading(self) -> None:
        if not self._reading and not self._eof:
            self._reading = True
            self._loop.add_reader(self._sock, self._readable)

    # --- requests in order ---

    def _next(self) -> None:
        if self._running:
            return
        self._running = True
        try:
            while self._busy is None and self._stage == "open" and self._outlet.idle:
                if self._reader.ready:
                    self._begin(self._reader.ready.popleft())
                elif self._reader.failure is not None:
                    self._refuse(self._reader.failure)
                elif self._eof:
                    self._close()
                else:
                    self._continue()
                    break
        finally:
            self._running = False
        if self._stage == "open":
            waiting = len(self._reader.ready) >= PIPELINED
            self._pause_reading() if waiting else self._resume_reading()

    def _continue(self) -> None:
        """The client waits for a sign before it sends its body; it comes only when the answers before are out."""
        if self._reader.awaiting_continue and self._reader.failure is None:
            self._reader.awaiting_continue = False
            self._outlet.put(CONTINUE, guarded=False)
            self._outlet.pump()

    def _begin(self, request: Request) -> None:
        request.peer = self._channel.peer
        self._busy = request
        self._started = time.perf_counter()
        self.deadline = NEVER
        try:
            answer = self._app.answer(request)
        except AnswerWithheld:
            self._withhold()
        except Exception:  # the server's own fault: said in the log, never guessed at to the client
            self._listener.failed(request)
            self.abort()
        else:
            if isinstance(answer, Response):
                self._answer(answer)
            else:
                self._task = self._listener.run(self._wait_for(answer, request))

    async def _wait_for(self, pending: Awaitable[Response], request: Request) -> None:
        try:
            answer = await pending
        except AnswerWithheld:
            self._withhold()
        except Exception:  # as in _begin
            self._listener.failed(request)
            self.abort()
        else:
            self._task = None
            if self._stage == "open":
                self._answer(answer)

    def _refuse(self, status: int) -> None:
        self._busy = Request("", "", keep_alive=False)
        self._started = time.perf_counter()
        self.deadline = NEVER
        again = (("Retry-After", "1"),) if status == 503 else ()
        self._answer(text(status, f"{status} {HTTPStatus(status).phrase}", again))

    # --- out ---

    def _answer(self, response: Response) -> None:
        request = self._busy
        assert request is not None
        self._last = response.close or not request.keep_alive or self._listener.closing
        if response.feed is not None:
            self._start_feed(response, response.feed, request)
            return
        self._app.observe(request, response.status, time.perf_counter() - self._started)
        if response.stream is not None:
            self._task = self._listener.run(self._stream(response, response.stream))
            return
        pieces = [response.body] if isinstance(response.body, bytes) else response.body
        length = sum(len(piece) for piece in pieces)
        first = head(response, length, close=self._last, kept_alive=request.http_1_0)
        if request.method == "HEAD":
            pieces = []
        if length <= TOGETHER:
            first, pieces = first + b"".join(pieces), []
        self._outlet.put(first, guarded=response.guarded)
        for piece in pieces:
            self._outlet.put(piece, guarded=response.guarded)
        self._outlet.pump()

    async def _stream(self, response: Response, chunks: AsyncIterator[bytes]) -> None:
        """Chunks as they come; a reader that is slower than they are holds the generator back."""
        self._last = True
        self._stream_ready = asyncio.Event()
        try:
            await self._send(head(response, None, close=True), response.guarded)
            async for chunk in chunks:
                if chunk:
                    await self._send(b"%x\r\n%b\r\n" % (len(chunk), chunk), response.guarded)
            await self._send(b"0\r\n\r\n", response.guarded)
        except AnswerWithheld:
            self._withhold()
        except asyncio.CancelledError:
            self.abort()
            raise
        except Exception:  # as in _begin
            self._listener.failed(self._busy)
            self.abort()
        finally:
            await _finish(chunks)
            self._stream_ready, self._task = None, None
        self._drained()

    def _start_feed(self, response: Response, feed: Feed, request: Request) -> None:
        """The head leaves at once: whoever sees it gets every event from then on."""
        self._feed = feed
        self._last = True
        self._outlet.put(feed_head(response, keep_alive=request.keep_alive), guarded=response.guarded)
        feed.start(self._feed_more)
        self._outlet.pump()

    def _feed_more(self) -> None:
        """Hand over what waits, once what was handed over before is gone: a slow reader holds its own feed back."""
        if self._feed is None or not self._outlet.idle:
            return
        piece = self._feed.take()
        if piece is None:
            piece = self._feed.farewell()
            self._feed_over()
        self._outlet.put(piece, guarded=True)
        if piece:
            self._outlet.pump()

    def _feed_over(self) -> None:
        if self._feed is not None and self._busy is not None:
            self._feed.close()
            self._feed = None
            self._app.observe(self._busy, HTTPStatus.OK, time.perf_counter() - self._started)

    async def _send(self, data: bytes, guarded: bool) -> None:
        assert self._stream_ready is not None
        self._stream_ready.clear()
        self._outlet.put(data, guarded=guarded)
        self._outlet.pump()
        await self._stream_ready.wait()

    def _drained(self) -> None:
        if self._stage == "ending":
            self._linger()
            return
        if self._stream_ready is not None:
            self._stream_ready.set()
            return
        if self._feed is not None:
            if self._feed.waiting:
                self._loop.call_soon(self._feed_more)
            return
        if self._busy is None or self._task is not None:
            return
        self._busy = None
        if self._last:
            self._end()
            return
        self.deadline = time.monotonic() + self._listener.times.idle
        self._set_deadline(False, False)
        self._next()

    # --- ends ---

    def sweep(self, now: float) -> None:
        """Called each second: a request that takes too long is answered 408, an idle connection is closed."""
        if self._busy is not None and self._stalled(now):
            self.abort()
        if now < self.deadline:
            return
        if self._stage == "open" and self._shaken and (self._reader.in_head or self._reader.in_body):
            self._refuse(408)
        else:
            self._close()

    def _stalled(self, now: float) -> bool:
        if self._outlet.idle or self._outlet.sent != self._progress[0]:
            self._progress = self._outlet.sent, now
        return now - self._progress[1] > self._listener.times.stall

    def close_if_idle(self) -> None:
        """For a server that ends: nobody is cut off, and nobody who rests is waited for."""
        if self._stage == "open" and self._busy is None and not self._reader.in_head and not self._reader.in_body:
            self._close()

    def lapse(self) -> None:
        """The lease lapsed: what waits to be sent, here or in the kernel, must not leave."""
        if self._stage != "closed" and self._outlet.has_unsent_guarded():
            self._withhold()

    def abort(self) -> None:
        """The hard end: a reset, and the kernel forgets what it still holds."""
        if self._stage != "closed":
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._close()

    def _withhold(self) -> None:
        self._listener.withheld(self._busy)
        self.abort()

    def _end(self) -> None:
        self._stage = "ending"
        self._outlet.put_protocol(self._channel.farewell())
        if self._stage == "ending" and self._outlet.idle:
            self._linger()

    def _linger(self) -> None:
        self._stage = "lingering"
        self.deadline = time.monotonic() + LINGER_S
        if self._eof:
            self._close()
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close()
            return
        self._resume_reading()

    def _lose(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._stage == "closed":
            return
        self._stage = "closed"
        self._pause_reading()
        self._outlet.close()
        self._feed_over()
        self._reader.release()
        self._sock.close()
        if self._task is not None and self._stream_ready is not None:
            self._task.cancel()
        self._listener.forget(self)


async def _finish(chunks: AsyncIterator[bytes]) -> None:
    close = getattr(chunks, "aclose", None)
    if close is not None:
        await close()
