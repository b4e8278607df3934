"""An upgrade of a Go BBS's database of data version 1676360874: how long /v1 answers 503.

    python -m benchmarks.migration.upgrade [--lrps 100000] [--engine postgresql mysql]

The database is one that a real BBS wrote with 100 LRPs, each copied a thousand times by the server itself. A BBS of
ours is started on it, adopts it and migrates at once; a client asks it twenty times a second from its start on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from bbs.layouts.upstream_tables import tables
from benchmarks.located import told_of
from tests.components.certificates import Trust
from tests.engines.mariadb import MariaDBServer
from tests.engines.own_server import DATABASE, USER
from tests.engines.relational import SERVERS, RelationalServer
from tests.engines.upstream import load, schema, statements
from tests.layouts.upstream_databases import KEYS
from tests.processes.cluster import Cluster
from tests.processes.member import Member, leaf
from tests.processes.wire import context, exchange, request
from tests.stores.test_upstream_adoption import running_locket

SOURCE, VERSION = "postgresql-1676360874", 1676360874
MYSQL_SCHEMA = "mysql-1772581987-key1"
WRITTEN = 100
"""LRPs of each kind in the recorded database."""
COPIED = ("desired_lrps", "actual_lrps")
PAUSE_S, LIMIT_S = 0.05, 600.0


def fill(server: RelationalServer, lrps: int) -> None:
    """The recorded database, and copies of its LRPs under guids of their own until there are as many."""
    if isinstance(server, MariaDBServer):
        server.sql(f"{schema(MYSQL_SCHEMA)};", DATABASE)
        for name, table in tables(VERSION).items():
            there = {line.split("\t")[0] for line in server.sql(f"SHOW COLUMNS FROM {name}", DATABASE)}
            for column in sorted(there - {column.name for column in table.columns}):
                server.sql(f"ALTER TABLE {name} DROP COLUMN {column}", DATABASE)
        server.sql("".join(statements(server, SOURCE)), DATABASE)
    else:
        load(server, SOURCE)
    for name in COPIED:
        _run(server, _copied(server, name, lrps // WRITTEN - 1))


def _copied(server: RelationalServer, name: str, turns: int) -> str:
    """One statement that copies a table's recorded rows so many times."""
    if isinstance(server, MariaDBServer):
        numbers, guid = f"seq_1_to_{turns}", "concat('COPY-', lpad(seq, 8, '0'))"
    else:
        numbers, guid = f"generate_series(1, {turns}) AS turn", "'COPY-' || lpad(turn::text, 8, '0')"
    columns = [column.name for column in tables(VERSION)[name].columns]
    renamed = f"replace(process_guid, 'BENCHMARK-BBS', {guid})"
    chosen = ", ".join(renamed if column == "process_guid" else column for column in columns)
    return f"INSERT INTO {name} ({', '.join(columns)}) SELECT {chosen} FROM {name} CROSS JOIN {numbers};"


def _run(server: RelationalServer, text: str) -> None:
    if isinstance(server, MariaDBServer):
        server.sql(text, DATABASE)
    else:
        server.sql(f"SET ROLE {USER}; {text}", DATABASE)


async def unavailable(member: Member) -> tuple[float, float]:
    """Seconds during which it answered 503, and from its start to the first other answer."""
    tls = context(leaf(member.certificates, "client"))
    began, first = time.monotonic(), None
    while time.monotonic() - began < LIMIT_S:
        try:
            status = (await exchange(member.port, request("POST", "/v1/ping"), tls)).status
        except (OSError, EOFError, TimeoutError):
            status = 0
        now = time.monotonic()
        if status == 503 and first is None:
            first = now
        if status == 200:
            return now - (now if first is None else first), now - began
        await asyncio.sleep(PAUSE_S)
    message = f"no answer but 503 within {LIMIT_S:.0f} s"
    raise TimeoutError(message)


async def measure(engine: str, folder: Path, lrps: int) -> None:
    """One engine."""
    server = SERVERS[engine]()
    server.start()
    try:
        await asyncio.to_thread(fill, server, lrps)
        trust = Trust(folder / "trust")
        async with running_locket(folder, trust) as locket:
            keyring = folder / "keys"
            keyring.mkdir()
            for label, passphrase in KEYS.items():
                (keyring / label).write_text(passphrase)
            settings = {
                **told_of(locket, trust),
                "keyring_dir": str(keyring),
                "initial_key": "key1",
            }
            async with Cluster(folder / "cluster", 1, database=server, **settings) as cluster:
                [member] = cluster.members
                member.start()
                refused, started = await unavailable(member)
                finished = await member.logged("migration-finished")
                print(
                    f"{engine:10} {finished['records']} records to {finished['root'].partition('@')[0]}:"
                    f" 503 for {refused:.1f} s, {started:.1f} s after its start it answers",
                    flush=True,
                )
    finally:
        server.remove()


def main() -> None:
    """Parse, measure, clean up."""
    options = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    options.add_argument("--lrps", type=int, default=100_000)
    options.add_argument("--engine", nargs="+", choices=sorted(SERVERS), default=["postgresql", "mysql"])
    given = options.parse_args()
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before the measurement", flush=True)
    for engine in given.engine:
        with tempfile.TemporaryDirectory() as name:
            asyncio.run(measure(engine, Path(name), given.lrps))


if __name__ == "__main__":
    main()
