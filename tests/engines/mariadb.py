"""A real MariaDB server for tests: one process on a free loopback port, TLS with a CA of its own."""

from __future__ import annotations

from pathlib import Path

from tests.engines import unprivileged
from tests.engines.own_server import DATABASE, PASSWORD, USER, OwnServer

FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--skip-log-bin",
    "--skip-networking=0",
    "--performance-schema=0",
)
"""Write-ahead log at least once a second: enough where only processes die, as it is handed to the kernel at once."""


def _binary(name: str) -> str:
    return unprivileged.program(name, "/usr/sbin", "/usr/libexec", remedy="run `scripts/tools mariadb`")


class MariaDBServer(OwnServer):
    """One server. `start` may be called again after `kill`: it comes back on the same port with its data."""

    engine = "mysql"
    product = "MariaDB"
    start_limit = 60.0
    scripts: Path | None = None
    flags: tuple[str, ...] = (*FAST, "--innodb-log-file-size=64M", "--sync-frm=0")

    def start(self, *flags: str) -> None:
        """Makes its data at the first time, starts it and waits until it answers."""
        data = self.data
        fresh = not data.exists()
        if fresh:
            self._install(data)
        command = [
            *(self._program(), "--no-defaults", f"--datadir={data}", f"--port={self.port}"),
            *("--bind-address=127.0.0.1", f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}"),
            *(f"--ssl-ca={self.authority.ca_file}", f"--ssl-cert={self._cert_file}", f"--ssl-key={self._key_file}"),
            *self.flags,
            *flags,
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = unprivileged.spawn(command, self.folder, log, self.scripts)
        self._await_ready()
        if fresh and self._first():
            quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
            self.sql(
                f"CREATE DATABASE {DATABASE}; CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{quoted}' REQUIRE X509;"
                f"GRANT ALL ON {DATABASE}.* TO {USER}@'127.0.0.1';"
            )

    def _program(self) -> str:
        return _binary("mariadbd")

    def _first(self) -> bool:
        """Whether database and user are to be made here, rather than to be had from another node."""
        return True

    def _install(self, data: Path) -> None:
        options = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        unprivileged.run([_binary("mariadb-install-db"), *options, "--skip-test-db"], self.folder)

    def sql(self, text: str, database: str = "mysql") -> list[str]:
        """What a superuser gets for that, a line a row."""
        options = ["--no-defaults", "-uroot", f"--socket={self.folder / 'socket'}", "-N", "-B"]
        return unprivileged.run([_binary("mariadb"), *options, database], self.folder, text).splitlines()

    def own_sql(self, text: str) -> list[str]:
        """The same in the database of the tests."""
        return self.sql(text, DATABASE)

    def tables(self) -> set[str]:
        """The tables of that database."""
        return set(self.own_sql("SHOW TABLES"))

    def read_only(self, *, on: bool) -> None:
        """Whether users without special rights may write."""
        self.sql(f"SET GLOBAL read_only = {'ON' if on else 'OFF'}")

    def dump(self) -> str:
        """Everything in the database, as statements."""
        options = ["--no-defaults", "-uroot", f"--socket={self.folder / 'socket'}", "--hex-blob", "--skip-lock-tables"]
        return unprivileged.run([_binary("mariadb-dump"), *options, DATABASE], self.folder)

    def load(self, dump: str) -> None:
        """Puts that into an empty database."""
        self.own_sql(dump)

    def empty(self) -> None:
        """Takes everything out of the database; whoever still reads it is waited for, but not for long."""
        self.sql(
            f"SET lock_wait_timeout = 10; DROP DATABASE {DATABASE}; CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;"
        )

    def kill(self) -> None:
        """Ends it at once, paused or not; the next start recovers as after a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None
