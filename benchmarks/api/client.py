"""The client of a measurement: blocking sockets and one buffer, so that little of the time is its own."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the request's first byte to the answer's first byte and to its last; the body's length."""

    first_byte: float
    whole: float
    length: int


class Connection:
    """One kept-alive connection over mutual TLS."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=120)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = tls.wrap_socket(plain, server_hostname="127.0.0.1")
        self._buffer = memoryview(bytearray(_BUFFER))

    def ask(self, path: str, body: bytes = b"") -> tuple[Timing, bytes]:
        """Ask, and read the whole answer; its body is given back up to a mebibyte. Raises on any other status."""
        request = f"POST {path} HTTP/1.1\r\nHost: bbs\r\nContent-Type: application/x-protobuf\r\n"
        data = f"{request}Content-Length: {len(body)}\r\n\r\n".encode() + body
        began = time.perf_counter()
        self._socket.sendall(data)
        seen = self._socket.recv_into(self._buffer)
        first = time.perf_counter() - began
        head, _, start = bytes(self._buffer[:seen]).partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        if " 200 " not in lines[0]:
            message = f"{path}: {lines[0]}"
            raise RuntimeError(message)
        length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
        got, kept = len(start), [start]
        while got < length:
            seen = self._socket.recv_into(self._buffer)
            if seen == 0:
                message = f"{path}: the answer ended after {got} of {length} bytes"
                raise RuntimeError(message)
            got += seen
            if length <= _BUFFER:
                kept.append(bytes(self._buffer[:seen]))
        return Timing(first, time.perf_counter() - began, length), b"".join(kept)

    def close(self) -> None:
        """End it."""
        self._socket.close()
