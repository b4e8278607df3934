"""What the relational servers of tests share: a process of another user on a free port, with a CA of its own."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import Any, Literal

from bbs.stores.sql_hosts import SQLPlace
from bbs.stores.sql_tls import SQLTrust
from tests.engines import sections, unprivileged
from tests.engines.certificates import Authority
from tests.engines.ports import free_port

USER, PASSWORD, DATABASE = "diego", "p%s'w?rd \\ü", "diego"


class OwnServer:
    """One server of an engine. Whoever makes one starts it, and removes it at the end."""

    engine: Literal["mysql", "postgresql"]
    product: str
    start_limit: float
    """Seconds until it must answer."""

    def __init__(self, authority: Authority | None = None) -> None:
        """`authority`: that of servers which are one to their clients, instead of one of its own."""
        self.folder = unprivileged.own_folder(f"diego-{self.product.lower()}-")
        self.data = self.folder / "data"
        self.authority = authority or Authority(self.folder / "tls")
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._cert_file, self._key_file = self.authority.leaf("server")
        self.client_files = self.authority.leaf("client")
        self._key_file.chmod(0o600)
        self.username_file, self.password_file = self.folder / "username", self.folder / "password"
        self.username_file.write_text(USER + "\n")
        self.password_file.write_text(PASSWORD + "\n")
        unprivileged.hand_over(self.folder)

    def place(self, *hosts: str) -> SQLPlace:
        """What a client is given."""
        cert_file, key_file = self.client_files
        trust = SQLTrust(self.authority.ca_file, cert_file, key_file)
        return SQLPlace(hosts or (f"127.0.0.1:{self.port}",), DATABASE, self.username_file, self.password_file, trust)

    def section(self) -> dict[str, Any]:
        """What a BBS is told."""
        return sections.section(self.engine, self.place())

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the server's first process."""
        assert self._process is not None
        self._process.send_signal(number)

    def remove(self) -> None:
        """Ends it and takes its data away."""
        self.kill()
        unprivileged.remove(self.folder)

    @property
    def runs(self) -> bool:
        """Whether its first process lives."""
        return self._process is not None and self._process.poll() is None

    def sql(self, text: str, database: str = "") -> list[str]:
        """What a superuser gets for that in a database, a line a row. Raises RuntimeError."""
        raise NotImplementedError

    def kill(self) -> None:
        """Ends it at once, paused or not; the next start recovers as after a crash."""
        raise NotImplementedError

    def _await_ready(self) -> None:
        end = time.monotonic() + self.start_limit
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                self.sql("SELECT 1")
            except RuntimeError:
                time.sleep(0.05)
            else:
                return
        log = (self.folder / "log").read_text(errors="replace")[-2000:]
        message = f"{self.product} did not become ready: {log}"
        raise RuntimeError(message)
