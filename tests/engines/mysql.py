"""A MySQL of Oracle's in the place of MariaDB, for those who have one: MYSQLD=/path/of/mysqld make test STORE=mysql."""

from __future__ import annotations

import os
from pathlib import Path

from tests.engines import unprivileged
from tests.engines.mariadb import FAST, MariaDBServer

PROGRAM = os.environ.get("MYSQLD", "")


class MySQLServer(MariaDBServer):
    """See MariaDBServer: the same commands and client, another server."""

    product = "MySQL"
    flags = (*FAST, "--innodb-redo-log-capacity=128M", "--mysqlx=OFF", "--secure-file-priv=NULL")

    def _program(self) -> str:
        return PROGRAM

    def _install(self, data: Path) -> None:
        command = [PROGRAM, "--no-defaults", f"--datadir={data}", "--initialize-insecure", *FAST]
        unprivileged.run(command, self.folder)
