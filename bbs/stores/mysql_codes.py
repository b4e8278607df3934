"""What each error of MySQL and MariaDB means: the kind of failure, and what to do. An unnamed one leaves all unknown.

A code stands under StoreRefused only if it hangs on the statement's content alone, under StoreFull or ReadOnly only if
the server said so before it wrote. Source: docs/reference/store-mysql.md, section "Errors", which lists the same codes.
"""

from __future__ import annotations

from bbs.stores.contract import StoreError, StoreFull, StoreMisconfigured, StoreRefused, StoreUnavailable
from bbs.stores.sql_session import LockWaited, ReadOnly, TableMissing

_FITS = "report this: the content does not fit its column"
_CONSTRAINT = "report this: the content breaks a constraint of the table"
_COLLATION = "report this: texts of different collations were compared; is a column not as the BBS makes it?"
_PACKET = "raise the server's max_allowed_packet to at least 16M"
_VOLUME = "free space on the server's volume"
_READ_ONLY = "this server takes no writes now: make it writable, or name its primary in hosts"
_RIGHTS = "grant this user all privileges on its database"
_CREDENTIALS = "correct username_file, password_file and tls, or the server's grants"
_PLUGIN = "use mysql_native_password or caching_sha2_password for this user"
_ACCOUNT = "unlock this user or renew its password on the server"
_SERVER = "use MySQL 8 or MariaDB 10.5, or newer, with InnoDB"
_TABLES = "its tables are not as the BBS makes them: restore them, or give it a database of its own"
_ROLLED_BACK = "the transaction was rolled back: repeat the call"
_UNKNOWN = "the outcome is unknown: repeat the call"
_CONNECTIONS = "no connection was made: raise the server's max_connections or this user's limits"
_AWAY = "nothing was written: this node is outside its cluster, another one of hosts is tried"

Meaning = tuple[type[StoreError], str]


def _each(codes: tuple[int, ...], kind: type[StoreError], remedy: str) -> dict[int, Meaning]:
    return dict.fromkeys(codes, (kind, remedy))


CODES: dict[int, Meaning] = {
    # content refused
    **_each((1264, 1265, 1292, 1300, 1366, 1367, 1406, 1690, 3140, 3988), StoreRefused, _FITS),
    **_each((1048, 1062, 1364, 1451, 1452, 1586, 1761, 1762, 3819, 4025), StoreRefused, _CONSTRAINT),
    **_each((1267, 1270, 1271), StoreRefused, _COLLATION),
    **_each((1118, 1713), StoreRefused, "store smaller records"),
    1153: (StoreRefused, _PACKET),
    1197: (StoreRefused, "raise the server's max_binlog_cache_size"),
    # no room
    **_each((3, 20, 1021, 1026, 1114), StoreFull, _VOLUME),
    # takes no writes
    **_each((1290, 1792, 1836, 1874, 3989), ReadOnly, _READ_ONLY),
    # to be put right by a person
    **_each((1044, 1142, 1143, 1227, 1370), StoreMisconfigured, _RIGHTS),
    **_each((1045, 1698), StoreMisconfigured, _CREDENTIALS),
    1049: (StoreMisconfigured, "create the database, or correct store.mysql.database"),
    1130: (StoreMisconfigured, "let this user connect from this host"),
    **_each((1251, 1524), StoreMisconfigured, _PLUGIN),
    **_each((1820, 1862, 3118, 4151), StoreMisconfigured, _ACCOUNT),
    3159: (StoreMisconfigured, "this server demands TLS: give store.mysql.tls"),
    **_each((1064, 1115, 1193, 1231, 1273, 1286, 3161), StoreMisconfigured, _SERVER),
    **_each((1054, 1136, 3098), StoreMisconfigured, _TABLES),
    # nothing was written
    1146: (TableMissing, "repeat the call"),
    **_each((1205, 3572), LockWaited, "nothing was written: repeat the call"),
    **_each((1020, 1213, 1614, 3101), StoreUnavailable, _ROLLED_BACK),
    1206: (StoreUnavailable, "nothing was written: raise the server's innodb_buffer_pool_size"),
    1412: (StoreUnavailable, "a table was made or dropped meanwhile: take a new snapshot"),
    1047: (StoreUnavailable, _AWAY),
    **_each((1040, 1203, 1226), StoreUnavailable, _CONNECTIONS),
    1129: (StoreUnavailable, "no connection was made: this host is blocked until FLUSH HOSTS on the server"),
    # the outcome is unknown
    **_each((1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1317), StoreUnavailable, _UNKNOWN),
    **_each((1927, 1969, 2006, 2013, 2055, 3024, 3032, 3100, 3169, 4031), StoreUnavailable, _UNKNOWN),
}
