"""A real PostgreSQL server for tests: one process on a free loopback port, TLS with a CA of its own."""

from __future__ import annotations

import signal
import time

from tests.engines import unprivileged
from tests.engines.own_server import DATABASE, PASSWORD, USER, OwnServer

_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
"""A killed server keeps what the kernel has: fsync only matters when the machine dies."""


def _binary(name: str) -> str:
    return unprivileged.program(name, "/usr/lib/postgresql/*/bin", remedy="run `scripts/tools postgresql`")


class PostgreSQLServer(OwnServer):
    """One server. `start` may be called again after `kill`: it comes back on the same port with its data."""

    engine = "postgresql"
    product = "PostgreSQL"
    start_limit = 30.0

    def start(self) -> None:
        """Makes its data at the first time, starts it and waits until it answers."""
        data = self.data
        fresh = not data.exists()
        if fresh:
            options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--username=postgres", "--auth=trust"]
            unprivileged.run([_binary("initdb"), "-D", str(data), *options], self.folder)
            (data / "pg_hba.conf").write_text(
                "local all postgres trust\nhostssl all diego 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n"
            )
            unprivileged.hand_over(data / "pg_hba.conf")
        settings = {
            **_FAST,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "ssl": "on",
            "ssl_ca_file": str(self.authority.ca_file),
            "ssl_cert_file": str(self._cert_file),
            "ssl_key_file": str(self._key_file),
        }
        flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = unprivileged.spawn([_binary("postgres"), "-D", str(data), *flags], self.folder, log)
        self._await_ready()
        if fresh:
            quoted = PASSWORD.replace("'", "''")
            self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{quoted}'; GRANT pg_signal_backend TO {USER};")
            self.sql(f"CREATE DATABASE {DATABASE} OWNER {USER} TEMPLATE template0;")

    def sql(self, text: str, database: str = "postgres") -> list[str]:
        """What a superuser gets for that, a line a row."""
        command = [_binary("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database]
        return unprivileged.run(
            [*command, "-h", str(self.folder), "-p", str(self.port)], self.folder, text
        ).splitlines()

    def own_sql(self, text: str) -> list[str]:
        """The same in the database of the tests, as its owner."""
        return self.sql(f"SET ROLE {USER}; {text}", DATABASE)

    def tables(self) -> set[str]:
        """The tables of that database."""
        return set(
            self.own_sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        )

    def read_only(self, *, on: bool) -> None:
        """Whether transactions that begin from now on may write."""
        self.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        self.sql("SELECT pg_reload_conf()")
        self._await_setting("on" if on else "off")

    def dump(self) -> str:
        """Everything in the database, as statements."""
        command = [_binary("pg_dump"), "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "--no-owner"]
        return unprivileged.run([*command, DATABASE], self.folder)

    def load(self, dump: str) -> None:
        """Puts that into an empty database."""
        self.own_sql("DROP SCHEMA public;" if "CREATE SCHEMA public" in dump else "")
        self.own_sql(dump.replace("SELECT pg_catalog.set_config('search_path', '', false);", ""))

    def empty(self) -> None:
        """Takes everything out of the database, and ends whoever is still connected to it."""
        others = f"FROM pg_stat_activity WHERE datname = '{DATABASE}' AND pid <> pg_backend_pid()"
        self.sql(
            f"SELECT pg_terminate_backend(pid) {others}; DROP SCHEMA public CASCADE;"
            f"CREATE SCHEMA public AUTHORIZATION {USER};",
            DATABASE,
        )

    def kill(self) -> None:
        """Ends it at once, paused or not, with all its processes; the next start recovers as after a crash."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.send_signal(signal.SIGCONT)
            self._process.wait(20)
            self._process = None

    def _await_setting(self, value: str) -> None:
        end = time.monotonic() + self.start_limit
        while self.sql("SHOW default_transaction_read_only") != [value]:
            assert time.monotonic() < end
            time.sleep(0.02)
