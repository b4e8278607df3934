"""Databases of real Go BBSes, put into a server of tests as they were."""

from __future__ import annotations

import json

from bbs.stores.mysql_session import literal
from tests.engines import unprivileged
from tests.engines.mariadb import MariaDBServer
from tests.engines.own_server import DATABASE, USER
from tests.engines.relational import RelationalServer
from tests.layouts.upstream_databases import DATA, DATABASES, database

_REMEDY = "run `scripts/tools postgresql`"


def schema(name: str) -> str:
    """The statements with which the real server had made the tables."""
    engine = name.partition("-")[0]
    return (DATA / f"{engine}-{DATABASES[name]}.schema.sql").read_text()


def load(server: RelationalServer, name: str) -> None:
    """Fills the server's empty database."""
    inserts = "".join(statements(server, name))
    if isinstance(server, MariaDBServer):
        server.sql(f"{schema(name)};\n{inserts}", DATABASE)
    else:
        server.sql(f"SET ROLE {USER};\n{schema(name)}\n{inserts}", "diego")


def statements(server: RelationalServer, name: str) -> list[str]:
    """The rows of a database in that server's language, a statement a table."""
    tables: dict[str, list[dict[str, object]]] = {}
    for table, row in database(name):
        tables.setdefault(table, []).append(row)
    written = _mysql if isinstance(server, MariaDBServer) else _postgresql
    return [written(table, rows) for table, rows in tables.items()]


def _postgresql(table: str, rows: list[dict[str, object]]) -> str:
    quoted = json.dumps(rows).replace("'", "''")
    return f"INSERT INTO public.{table} SELECT * FROM json_populate_recordset(NULL::public.{table}, '{quoted}');\n"


def _mysql(table: str, rows: list[dict[str, object]]) -> str:
    values = (",".join("NULL" if v is None else literal(v) for v in row.values()) for row in rows)  # type: ignore[arg-type]
    names = ",".join(f"`{name}`" for name in rows[0])
    return f"INSERT INTO {table} ({names}) VALUES {','.join(f'({one})' for one in values)};\n"


def schema_of(server: RelationalServer) -> list[str]:
    """What the server's own tool says of the whole schema: tables, columns, constraints and indexes by name."""
    if isinstance(server, MariaDBServer):
        tables = server.sql("SHOW TABLES", DATABASE)
        return [line for table in tables for line in server.sql(f"SHOW CREATE TABLE {table}", DATABASE)]
    command = [
        unprivileged.program("pg_dump", "/usr/lib/postgresql/*/bin", remedy=_REMEDY),
        "--schema-only",
        "-U",
        "postgres",
    ]
    told = unprivileged.run([*command, "-h", str(server.folder), "-p", str(server.port), "diego"], server.folder)
    return [line for line in told.splitlines() if not line.startswith("\\")]
