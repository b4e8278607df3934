"""Which engine keeps the locks: the one exception to "components know only the BBS's client"."""

from __future__ import annotations

from bbs.stores.etcd_client import Secrets
from bbs.stores.locks import LockTable
from bbs.stores.locks_etcd import EtcdLocks
from bbs.stores.locks_sqlite import SQLiteLocks
from components.locket.configuration import StoreSection


def open_table(store: StoreSection) -> LockTable:
    """The table that the configuration names; it connects at the first call."""
    if store.etcd is not None:
        tls = store.etcd.tls
        secrets = Secrets(tls.ca_file, tls.cert_file, tls.key_file) if tls is not None else None
        return EtcdLocks(store.etcd.endpoints, secrets)
    if store.sqlite is None:
        raise ValueError("the configuration was not validated: neither etcd nor sqlite is set")
    return SQLiteLocks(store.sqlite.path)
