"""What each error of PostgreSQL means: the kind of failure, and what to do. An unnamed one leaves all unknown.

Source: docs/reference/store-postgresql.md, section "Errors", which lists the same codes.
"""

from __future__ import annotations

from bbs.stores.contract import StoreError, StoreFull, StoreMisconfigured, StoreRefused, StoreUnavailable
from bbs.stores.sql_session import LockWaited, ReadOnly, TableMissing

_ROLLED_BACK = "the transaction was rolled back: repeat the call"
_UNKNOWN = "the outcome is unknown: repeat the call"
_CONNECTIONS = "no connection was made: raise max_connections, or this role's or database's limit"
_STARTING = "no connection was made: the server starts or ends; its other hosts are tried"
_SERVER = "use PostgreSQL 12 or newer"
_TABLES = "its tables are not as the BBS makes them: restore them, or give it a database of its own"
_RESOURCES = "the server lacks memory or files: see its log; the same call is repeated"

CODES: dict[str, tuple[type[StoreError], str]] = {
    # content refused
    "22": (StoreRefused, "report this: the content does not fit its column"),
    "23": (StoreRefused, "report this: the content breaks a constraint of the table"),
    "54": (StoreRefused, "store smaller records"),
    # no room
    "53100": (StoreFull, "free space on the server's volume"),
    # takes no writes
    "25006": (ReadOnly, "this server takes no writes now: make it writable, or name its primary in hosts"),
    # to be put right by a person
    "28": (StoreMisconfigured, "correct username_file, password_file and tls, or the server's pg_hba.conf"),
    "3D000": (StoreMisconfigured, "create the database, or correct store.postgresql.database"),
    "3F000": (StoreMisconfigured, "create a schema that this role's search_path names"),
    "42501": (StoreMisconfigured, "let this role create and change tables in its schema"),
    "42601": (StoreMisconfigured, _SERVER),
    "42704": (StoreMisconfigured, _SERVER),
    "42703": (StoreMisconfigured, _TABLES),
    "42804": (StoreMisconfigured, _TABLES),
    "42P10": (StoreMisconfigured, _TABLES),
    # nothing was written
    "42P01": (TableMissing, "repeat the call"),
    "55P03": (LockWaited, "nothing was written: repeat the call"),
    "40001": (StoreUnavailable, _ROLLED_BACK),
    "40P01": (StoreUnavailable, _ROLLED_BACK),
    "53300": (StoreUnavailable, _CONNECTIONS),
    "57P03": (StoreUnavailable, _STARTING),
    "53200": (StoreUnavailable, _RESOURCES),
    "53400": (StoreUnavailable, _RESOURCES),
    # the outcome is unknown
    "08": (StoreUnavailable, _UNKNOWN),
    "25P03": (StoreUnavailable, _UNKNOWN),
    "40003": (StoreUnavailable, _UNKNOWN),
    "57014": (StoreUnavailable, _UNKNOWN),
    "57P01": (StoreUnavailable, _UNKNOWN),
    "57P02": (StoreUnavailable, _UNKNOWN),
    "57P05": (StoreUnavailable, _UNKNOWN),
    "58": (StoreUnavailable, "the server could not use its own files: see its log; the outcome is unknown"),
}
"""By SQLSTATE, or by its class (the first two characters) where the whole class means one thing."""
