"""Which engine keeps the locks: the one exception to "components know only the BBS's client"."""

from __future__ import annotations

from bbs.stores.locks import LockTable
from bbs.stores.opening import StoreConfig, TlsFiles, open_locks
from bbs.stores.sql_hosts import SQLPlace
from bbs.stores.sql_tls import SQLTrust
from components.locket.configuration import SQLSection, StoreSection


def open_table(store: StoreSection) -> LockTable:
    """The table that the configuration names; it connects at the first call."""
    return open_locks(_config(store))


def _config(store: StoreSection) -> StoreConfig:
    if store.etcd is not None:
        tls = store.etcd.tls
        files = TlsFiles(tls.ca_file, tls.cert_file, tls.key_file, tls.server_name) if tls is not None else None
        return StoreConfig("etcd", tuple(store.etcd.endpoints), files)
    if store.sqlite is not None:
        return StoreConfig("sqlite", path=store.sqlite.path)
    section = store.postgresql or store.mysql
    if section is None:
        raise ValueError("the configuration was not validated: no store is set")
    return StoreConfig(store.type, place=_place(section))


def _place(section: SQLSection) -> SQLPlace:
    tls = section.tls
    trust = None if tls is None else SQLTrust(tls.ca_file, tls.cert_file, tls.key_file, tls.server_name, tls.mode)
    return SQLPlace(section.hosts, section.database, section.username_file, section.password_file, trust)
