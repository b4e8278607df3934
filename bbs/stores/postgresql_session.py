"""A session with PostgreSQL over asyncpg. Source: docs/reference/store-postgresql.md."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress
from functools import lru_cache
from typing import Any

import asyncpg

from bbs.stores.contract import StoreError, StoreMisconfigured, StoreUnavailable
from bbs.stores.postgresql_codes import CODES
from bbs.stores.sql_hosts import Access, Host
from bbs.stores.sql_session import Statement
from bbs.stores.sql_tls import alert, unreachable

_OLDEST = 120_000
_TLS_REQUEST = struct.pack("!II", 8, 80877103)


def failure(error: BaseException, host: Host | str) -> StoreError:
    """The kind of failure that this is, with the server and what to do. Server texts name no value of ours."""
    code = getattr(error, "sqlstate", None)
    if not isinstance(code, str):
        return StoreUnavailable(f"postgresql {host}: {_words(error)}; the outcome is unknown: repeat the call")
    unknown = (StoreUnavailable, "the outcome is unknown: repeat the call")
    kind, remedy = CODES.get(code) or CODES.get(code[:2]) or unknown
    return kind(f"postgresql {host}: {_words(error)} ({code}); {remedy}")


def _words(error: BaseException) -> str:
    return getattr(error, "message", None) or str(error) or type(error).__name__


class PostgreSQLSession:
    """See sql_session.Session."""

    def __init__(self, connection: asyncpg.Connection[Any], host: Host) -> None:
        self.host = str(host)
        self.backend = ""
        self._connection = connection

    async def fetch(self, statement: Statement) -> list[tuple[Any, ...]]:
        """See Session."""
        try:
            records = await self._connection.fetch(_numbered(statement.text), *statement.values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise failure(error, self.host) from error
        return [tuple(record) for record in records]

    async def execute(self, statement: Statement) -> int:
        """See Session."""
        try:
            tag = await self._connection.execute(_numbered(statement.text), *statement.values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise failure(error, self.host) from error
        count = tag.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def abort(self) -> None:
        """See Session."""
        self._connection.terminate()

    async def close(self) -> None:
        """See Session."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._connection.close()


async def connect(host: Host, access: Access, **settings: str) -> PostgreSQLSession:
    """A session with that host, unless it is a standby. Raises StoreMisconfigured for what waiting can't mend."""
    try:
        connection = await asyncpg.connect(
            host=host.name,
            port=host.port,
            user=access.user,
            password=access.password,
            database=access.database,
            ssl=access.tls or False,
            server_settings={"application_name": "diego-bbs", "jit": "off", **settings},
        )
    except asyncpg.PostgresConnectionError as error:
        said = access.tls and await alert(host.name, host.port, access.tls, _upgrade)
        raise _unreachable(host, said or error) from error
    except asyncpg.PostgresError as error:
        raise failure(error, host) from error
    except asyncio.CancelledError:
        raise
    except Exception as error:  # asyncpg answers a server without TLS by ConnectionError, a wrong CA by SSLError
        raise _unreachable(host, error) from error
    session = PostgreSQLSession(connection, host)
    try:
        await _check(session, host)
    except BaseException:
        session.abort()
        raise
    return session


async def _check(session: PostgreSQLSession, host: Host) -> None:
    query = "SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_schema()"
    [(version, standby, schema)] = await session.fetch(Statement(query))
    if version < _OLDEST:
        message = f"postgresql {host} is version {version // 10000}; at least {_OLDEST // 10000} is needed: upgrade it"
        raise StoreMisconfigured(message)
    if standby:
        message = f"postgresql {host} is a standby, whose answers may be old; waiting for a primary"
        raise StoreUnavailable(message)
    if schema is None:
        message = f"postgresql {host}: no schema of this role's search_path is there; create one"
        raise StoreMisconfigured(message)


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(_TLS_REQUEST)
    return await reader.readexactly(1) == b"S"


def _unreachable(host: Host, error: Exception) -> StoreError:
    if "rejected SSL upgrade" in str(error):
        return StoreMisconfigured(f"postgresql {host}: this server speaks no TLS; enable ssl there, or leave out tls")
    return unreachable("postgresql", host, error)


@lru_cache(maxsize=512)
def _numbered(text: str) -> str:
    """`?` as `$1`, `$2`, ..."""
    first, *others = text.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
