"""The head of a response as bytes."""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus

from bbs.server.message import Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES = {int(s): f"HTTP/1.1 {int(s)} {s.phrase}\r\n" for s in HTTPStatus}


class Date:
    """The Date header, formatted once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def text(self) -> str:
        """The whole header line."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._text = f"Date: {formatdate(second, usegmt=True)}\r\n"
        return self._text


_date = Date()


def feed_head(response: Response, *, keep_alive: bool) -> bytes:
    """The head of an event stream, in the order of the real BBS. `keep_alive`: the client asked for nothing else."""
    named = sorted([("Content-Type", response.content_type), *response.headers])
    if keep_alive:
        named.insert(1, ("Connection", "keep-alive"))
    parts = [_STATUS_LINES[response.status], *(f"{name}: {value}\r\n" for name, value in named), _date.text()]
    parts.append("" if keep_alive else "Connection: close\r\n")
    parts.append("Transfer-Encoding: chunked\r\n\r\n")
    return "".join(parts).encode("latin-1")


def head(response: Response, length: int | None, *, close: bool, kept_alive: bool = False) -> bytes:
    """Status line and headers. `length` None: chunked. `kept_alive`: say so, to a client that expects an end."""
    parts = [_STATUS_LINES[response.status], _date.text()]
    if response.content_type:
        parts.append(f"Content-Type: {response.content_type}\r\n")
    parts.extend(f"{name}: {value}\r\n" for name, value in response.headers)
    parts.append("Transfer-Encoding: chunked\r\n" if length is None else f"Content-Length: {length}\r\n")
    if close or kept_alive:
        parts.append("Connection: close\r\n" if close else "Connection: keep-alive\r\n")
    parts.append("\r\n")
    return "".join(parts).encode("latin-1")
