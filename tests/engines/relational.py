"""The relational servers of tests, by the name of their engine."""

from __future__ import annotations

from tests.engines.mariadb import MariaDBServer
from tests.engines.mysql import PROGRAM, MySQLServer
from tests.engines.postgresql import PostgreSQLServer

RelationalServer = MariaDBServer | PostgreSQLServer

SERVERS: dict[str, type[MariaDBServer] | type[PostgreSQLServer]] = {
    "mysql": MySQLServer if PROGRAM else MariaDBServer,
    "postgresql": PostgreSQLServer,
}
