"""Stores: etcd and SQLite behind one small contract, with one conformance suite."""

from bbs.stores.locks import LockRecord, LockTable, Modification
from bbs.stores.opening import StoreConfig, TlsFiles, open_locks, open_store

__all__ = [
    "LockRecord",
    "LockTable",
    "Modification",
    "StoreConfig",
    "TlsFiles",
    "open_locks",
    "open_store",
]
