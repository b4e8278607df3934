"""A session with MySQL or MariaDB over asyncmy. Source: docs/reference/store-mysql.md."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from typing import Any

import asyncmy
from asyncmy import errors

from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable
from bbs.stores.mysql_codes import CODES
from bbs.stores.sql_hosts import Access, Host
from bbs.stores.sql_session import Statement
from bbs.stores.sql_tls import alert, unreachable

_TLS_REQUEST = struct.pack("<IIIB23x", 32 | 1 << 24, 0x8A00, 1 << 24, 45)
"""The packet that asks for TLS: header (length, sequence 1), capabilities (4.1, TLS, secure), packet size, charset."""

_BLOCKING = ("rsync", "mysqldump", "rsync_wan")
"""Ways of handing over all data during which a Galera node takes no writes."""

_CUT = (2006, 2013, 2055)
"""The connection broke. While it is being made, what TLS says of it is worth more than the code."""

_PACKET = 16 * 1024 * 1024


def failure(error: BaseException, host: Host | str) -> StoreError:
    """The kind of failure that this is, with the server and what to do. Server texts may name keys, never values."""
    code = error.args[0] if isinstance(error, errors.MySQLError) and len(error.args) > 1 else None
    words = str(error.args[1]) if code is not None else str(error) or type(error).__name__
    kind, remedy = CODES.get(code or 0, (StoreUnavailable, "the outcome is unknown: repeat the call"))
    return kind(f"mysql {host}: {words} ({code}); {remedy}")


def literal(value: bytes | int | str) -> str:
    """A value in a statement. Texts are compared in the connection's collation, bytes byte by byte."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f"_utf8mb4 x'{value.encode().hex()}'"
    return f"x'{value.hex()}'"


class MySQLSession:
    """See sql_session.Session."""

    def __init__(self, connection: asyncmy.Connection, host: Host) -> None:
        self.host = str(host)
        self.backend = ""
        self._connection = connection

    async def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """See Session."""
        try:
            async with self._connection.cursor() as cursor:
                await cursor.execute(_written(statement))
                return list(await cursor.fetchall())
        except (errors.MySQLError, OSError, RuntimeError) as error:
            raise failure(error, self.host) from error

    async def execute(self, statement: Statement) -> int:
        """See Session."""
        try:
            changed: int = await self._connection.query(_written(statement))  # type: ignore[no-untyped-call]
        except (errors.MySQLError, OSError, RuntimeError) as error:
            raise failure(error, self.host) from error
        return changed

    def abort(self) -> None:
        """See Session."""
        self._connection.close()

    async def close(self) -> None:
        """See Session."""
        with suppress(errors.MySQLError, OSError, RuntimeError):
            await self._connection.ensure_closed()


async def connect(host: Host, access: Access, **settings: int) -> MySQLSession:
    """A session with that host, unless it is read-only. Raises StoreMisconfigured for what waiting can't mend."""
    try:
        connection = await asyncmy.connect(
            host=host.name,
            port=host.port,
            user=access.user,
            password=access.password.encode(),
            database=access.database,
            ssl=access.tls,
            charset="utf8mb4",
            autocommit=True,
        )
    except errors.MySQLError as error:
        if error.args and error.args[0] in CODES and error.args[0] not in _CUT:
            raise failure(error, host) from error
        said = access.tls and await alert(host.name, host.port, access.tls, _upgrade)
        raise unreachable("mysql", host, said or error) from error
    except OSError as error:
        raise unreachable("mysql", host, error) from error
    session = MySQLSession(connection, host)
    try:
        await _prepare(session, host, settings)
    except BaseException:
        session.abort()
        raise
    return session


async def _prepare(session: MySQLSession, host: Host, settings: dict[str, int]) -> None:
    query = "SELECT CONNECTION_ID(), @@max_allowed_packet, @@global.read_only, VERSION()"
    [(number, packet, read_only, version)] = await session.fetch(Statement(query))
    session.backend = f"{host}#{number}"
    if packet < _PACKET:
        message = f"mysql {host}: max_allowed_packet is {packet}; raise it to at least {_PACKET}"
        raise StoreMisconfigured(message)
    if read_only:
        message = f"mysql {host} ({version}) is read-only, whose answers may be old; waiting for a writable one"
        raise StoreUnavailable(message)
    fixed = {"sql_mode": "'STRICT_ALL_TABLES'", "transaction_isolation": "'READ-COMMITTED'"}
    if await _in_a_cluster(session, host):
        # Galera: whatever was acknowledged by another node is waited for before a read, an update or an insert.
        fixed["wsrep_sync_wait"] = "7"
    if "MariaDB" in version:
        fixed["tx_isolation"] = fixed.pop("transaction_isolation")
    values = {**fixed, **{name: str(value) for name, value in settings.items()}}
    await session.execute(Statement("SET " + ", ".join(f"SESSION {name} = {value}" for name, value in values.items())))


async def _in_a_cluster(session: MySQLSession, host: Host) -> bool:
    """Whether this is a node of a Galera cluster. One that lost its cluster takes connections, but answers 1047; one
    that hands all its data to another node by rsync takes none of our writes until it is done: neither is of use.
    """
    names = "'wsrep_on', 'wsrep_sync_wait', 'wsrep_sst_method'"
    variables = dict(await session.fetch(Statement(f"SHOW GLOBAL VARIABLES WHERE variable_name IN ({names})")))
    if variables.get("wsrep_on") != "ON":
        return False
    names = "'wsrep_ready', 'wsrep_local_state_comment'"
    status = dict(await session.fetch(Statement(f"SHOW GLOBAL STATUS WHERE variable_name IN ({names})")))
    state = str(status.get("wsrep_local_state_comment"))
    blocked = state.startswith("Donor") and variables.get("wsrep_sst_method") in _BLOCKING
    if status.get("wsrep_ready") != "ON" or blocked:
        message = f"mysql {host} is a Galera node in the state {state}; waiting for one that is in its cluster and free"
        raise StoreUnavailable(message)
    return True


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    length = int.from_bytes((await reader.readexactly(4))[:3], "little")
    await reader.readexactly(length)  # the server's greeting
    writer.write(_TLS_REQUEST)
    return True


def _written(statement: Statement) -> str:
    """The statement with its values in it."""
    first, *others = statement.text.split("?")
    return first + "".join(literal(v) + part for v, part in zip(statement.values, others, strict=True))
