"""Opens a store from its configuration. Engines are imported only when one is opened: grpc alone costs 50 ms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bbs.stores.contract import Store, StoreMisconfigured
from bbs.stores.locks import LockTable

if TYPE_CHECKING:
    from bbs.stores.etcd_client import Secrets
    from bbs.stores.sql_dialect import Dialect
    from bbs.stores.sql_hosts import SQLPlace

_RELATIONAL = ("mysql", "postgresql")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of the client's CA (None: the system's), certificate and key (None: it shows none).

    `server_name`: what the server's certificate must carry, if not the host dialled.
    """

    ca_file: Path | None
    cert_file: Path | None
    key_file: Path | None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Which store, and where. `timeout` in seconds bounds each operation; keep it below the ttl of the lock."""

    type: Literal["etcd", "mysql", "postgresql", "sqlite"]
    endpoints: tuple[str, ...] = ()
    tls: TlsFiles | None = None
    path: Path | None = None
    timeout: float = 5.0
    place: SQLPlace | None = None


def open_store(config: StoreConfig) -> Store:
    """The configured store, not yet connected: the first call says what is wrong. One for each thread that uses it.

    Raises StoreMisconfigured for a configuration that names no server or file.
    """
    if config.type == "etcd":
        from bbs.stores.etcd import EtcdStore  # noqa: PLC0415 - only the engine in use is loaded

        return EtcdStore(config.endpoints, _secrets(config), config.timeout)
    if config.type in _RELATIONAL:
        from bbs.stores.sql import SQLStore  # noqa: PLC0415 - only the engine in use is loaded

        return SQLStore(_dialect(config), _place(config), config.timeout)
    from bbs.stores.sqlite import SQLiteStore  # noqa: PLC0415 - only the engine in use is loaded

    return SQLiteStore(_path(config), config.timeout)


def open_locks(config: StoreConfig) -> LockTable:
    """The configured table of Locket's locks. With SQLite it is a file of its own, served by one Locket."""
    if config.type == "etcd":
        from bbs.stores.locks_etcd import EtcdLocks  # noqa: PLC0415 - only the engine in use is loaded

        return EtcdLocks(config.endpoints, _secrets(config), config.timeout)
    if config.type in _RELATIONAL:
        from bbs.stores.locks_sql import SQLLocks  # noqa: PLC0415 - only the engine in use is loaded

        return SQLLocks(_dialect(config), _place(config), config.timeout)
    from bbs.stores.locks_sqlite import SQLiteLocks  # noqa: PLC0415 - only the engine in use is loaded

    return SQLiteLocks(_path(config), config.timeout)


def _dialect(config: StoreConfig) -> Dialect:
    if config.type == "postgresql":
        from bbs.stores.postgresql import PostgreSQL  # noqa: PLC0415 - only the engine in use is loaded

        return PostgreSQL(config.timeout)
    from bbs.stores.mysql import MySQL  # noqa: PLC0415 - only the engine in use is loaded

    return MySQL(config.timeout)


def _place(config: StoreConfig) -> SQLPlace:
    if config.place is None:
        message = f"no database is configured; wanted the section store.{config.type} with hosts and database"
        raise StoreMisconfigured(message)
    return config.place


def _secrets(config: StoreConfig) -> Secrets | None:
    from bbs.stores.etcd_client import Secrets  # noqa: PLC0415 - only the engine in use is loaded

    tls = config.tls
    return Secrets(tls.ca_file, tls.cert_file, tls.key_file, tls.server_name) if tls else None


def _path(config: StoreConfig) -> Path:
    if config.path is None:
        message = "no SQLite file is configured; wanted store.sqlite.path: /var/lib/diego/bbs.sqlite"
        raise StoreMisconfigured(message)
    return config.path
