"""Where a relational server is, how it is reached, and which of several hosts is taken.

Hosts are tried in the order in which they are listed, from the one that answered last; a host that is a read-only copy
is passed over. Credentials and TLS files are read anew for each connection, so that renewed ones are taken up.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog

from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable
from bbs.stores.sql_session import Session
from bbs.stores.sql_tls import SQLTrust, client_context


@dataclass(frozen=True, slots=True)
class SQLPlace:
    """A database. `hosts`: `host` or `host:port`. `tls` None: none. `pool_size`: connections of one program at most."""

    hosts: tuple[str, ...]
    database: str
    username_file: Path
    password_file: Path
    tls: SQLTrust | None = None
    pool_size: int = 20


class Host(NamedTuple):
    """One server."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


class Access(NamedTuple):
    """What one connection needs besides a host."""

    user: str
    password: str
    database: str
    tls: ssl.SSLContext | None


Dial = Callable[[Host, Access], Awaitable[Session]]
"""Connects to one host, and refuses a read-only one. Raises StoreError."""


class Hosts:
    """The servers of one store. `timeout` in seconds bounds a connection over all hosts together."""

    def __init__(self, engine: str, place: SQLPlace, default_port: int, timeout: float) -> None:
        if not place.hosts:
            message = f"no {engine} host is configured; wanted store.{engine}.hosts: [host:{default_port}]"
            raise StoreMisconfigured(message)
        self._engine = engine
        self._place = place
        self._hosts = [_host(engine, text, default_port) for text in place.hosts]
        self._timeout = timeout
        self._current = 0
        self._taken: Host | None = None

    async def connect(self, dial: Dial) -> Session:
        """A session with the first host that takes it. Raises StoreMisconfigured at once, else StoreUnavailable."""
        access = await asyncio.to_thread(_access, self._engine, self._place)
        seen: list[str] = []
        for _ in self._hosts:
            host = self._hosts[self._current]
            try:
                async with asyncio.timeout(self._timeout / len(self._hosts)):
                    session = await dial(host, access)
            except StoreMisconfigured:
                raise
            except (StoreError, TimeoutError) as error:
                seen.append(str(error) or f"{self._engine} {host}: no answer; is the server paused or cut off?")
                self._current = (self._current + 1) % len(self._hosts)
            else:
                self._note(host)
                return session
        raise StoreUnavailable("; ".join(seen))

    def _note(self, host: Host) -> None:
        if host != self._taken:
            self._taken = host
            if not structlog.is_configured():
                return  # it would print on standard output, which belongs to data
            structlog.get_logger().info("store-connected", engine=self._engine, host=str(host))


def _host(engine: str, text: str, default_port: int) -> Host:
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        name, port = text, str(default_port)
    if not name or not port.isdigit() or not 0 < int(port) < 65536 or (":" in name and not name.startswith("[")):
        message = f"store.{engine}.hosts: {text!a} is no host; wanted host or host:port, IPv6 in brackets"
        raise StoreMisconfigured(message)
    return Host(name.strip("[]"), int(port))


def _access(engine: str, place: SQLPlace) -> Access:
    user = _secret(engine, "username_file", place.username_file)
    password = _secret(engine, "password_file", place.password_file)
    return Access(user, password, place.database, None if place.tls is None else client_context(engine, place.tls))


def _secret(engine: str, name: str, file: Path) -> str:
    try:
        return file.read_text().removesuffix("\n")
    except (OSError, ValueError) as error:
        message = f"store.{engine}.{name} {file} can't be read: {error.__class__.__name__}; mount it readable, as text"
        raise StoreMisconfigured(message) from error
