"""A Galera cluster of three MariaDB nodes on loopback, whose nodes can be killed, paused and cut off from one another.

The nodes talk among themselves on loopback addresses that only this cluster uses; clients meet them on 127.0.0.1. After
a kill a node gets everything anew from another one (rsync).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bbs.stores.sql_hosts import SQLPlace
from tests.engines import sections, unprivileged
from tests.engines.certificates import Authority
from tests.engines.mariadb import MariaDBServer

_NODES = 3
_LIBRARIES = "/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"
_SCRIPTS = "wsrep_sst_rsync", "wsrep_sst_common"
_REMEDY = "run `scripts/tools galera`"


def _library() -> str:
    for each in _LIBRARIES:
        if Path(each).exists():
            return each
    message = f"no Galera library found: {_REMEDY}"
    raise FileNotFoundError(message)


def _script(name: str) -> Path:
    """One of MariaDB's scripts for a state transfer: of the package, or as scripts/tools has unpacked it."""
    tools = Path(os.environ.get("DIEGO_TOOLS", Path.home() / ".cache/diego-operator/tools"))
    for folder in (Path("/usr/bin"), tools / "galera"):
        if (folder / name).exists():
            return folder / name
    message = f"no {name} found: {_REMEDY}"
    raise FileNotFoundError(message)


class GaleraNode(MariaDBServer):
    """One node. `addresses`: of all nodes; `number`: which of them this one is."""

    start_limit = 90.0

    def __init__(self, addresses: list[str], number: int, authority: Authority | None) -> None:
        super().__init__(authority)
        self.address = addresses[number]
        self._group = ",".join(f"{address}:4567" for address in addresses)
        self.scripts = self.folder / "scripts"
        self.scripts.mkdir()
        for name in _SCRIPTS:
            shutil.copy(_script(name), self.scripts)
            (self.scripts / name).chmod(0o755)
        self.scripts.chmod(0o755)

    def found(self) -> None:
        """Starts it as the first one of a new cluster."""
        self.start("--wsrep-new-cluster", *self._wsrep(""))

    def join(self) -> None:
        """Starts it as one more node of a cluster that stands."""
        self.start(*self._wsrep(self._group))

    def _first(self) -> bool:
        return self.sql("SHOW DATABASES LIKE 'diego'") == []

    def state(self) -> dict[str, str]:
        """What it says of itself and of the cluster; empty when it says nothing."""
        try:
            lines = self.sql("SHOW GLOBAL STATUS LIKE 'wsrep_%'")
        except (RuntimeError, subprocess.TimeoutExpired):
            return {}
        return dict(line.split("\t", 1) for line in lines if "\t" in line)

    def _wsrep(self, group: str) -> list[str]:
        provider = {
            "gmcast.listen_addr": f"tcp://{self.address}:4567",
            "ist.recv_addr": f"{self.address}:4568",
            "gcache.size": "32M",
            "pc.recovery": "false",
            # Silence is noticed after 2 s instead of 5. Shorter ones (and an install timer that is cut by them) let the
            # survivors of a kill lose sight of one another: nobody is primary then, for good.
            "evs.keepalive_period": "PT0.5S",
            "evs.suspect_timeout": "PT2S",
            "evs.inactive_timeout": "PT10S",
            "evs.install_timeout": "PT5S",
        }
        return [
            *("--wsrep-on=ON", f"--wsrep-provider={_library()}", f"--wsrep-cluster-address=gcomm://{group}"),
            *("--wsrep-cluster-name=diego-tests", f"--wsrep-node-name={self.address}"),
            *(f"--wsrep-node-address={self.address}", f"--wsrep-sst-receive-address={self.address}:4444"),
            f"--wsrep-provider-options={';'.join(f'{name}={value}' for name, value in provider.items())}",
            *("--wsrep-sst-method=rsync", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2"),
        ]


class GaleraCluster:
    """All nodes. Their addresses are derived from the process, so that clusters of several tests don't meet."""

    def __init__(self) -> None:
        net = f"127.{64 + os.getpid() // 250 % 128}.{os.getpid() % 250}"
        addresses = [f"{net}.{1 + number}" for number in range(_NODES)]
        self.nodes = [GaleraNode(addresses, 0, None)]
        for number in range(1, _NODES):
            self.nodes.append(GaleraNode(addresses, number, self.nodes[0].authority))

    def start(self) -> None:
        """The first node, then the others."""
        first, *others = self.nodes
        first.found()
        for node in others:
            node.join()

    def place(self, first: int = 0) -> SQLPlace:
        """What a client is given, beginning with that node."""
        hosts = [f"127.0.0.1:{node.port}" for node in (*self.nodes[first:], *self.nodes[:first])]
        return self.nodes[0].place(*hosts)

    def section(self, first: int = 0) -> dict[str, Any]:
        """What a BBS is told."""
        return sections.section("mysql", self.place(first))

    def whole(self) -> bool:
        """Whether every node is in one cluster with all others, and takes writes."""
        wanted = {"wsrep_cluster_size": f"{_NODES}", "wsrep_ready": "ON", "wsrep_local_state_comment": "Synced"}
        return all(wanted.items() <= node.state().items() for node in self.nodes)

    @contextmanager
    def cut_off(self, node: GaleraNode) -> Iterator[None]:
        """Nothing passes between it and the others, in silence; its clients still reach it."""
        others = [other.address for other in self.nodes if other is not node]
        rules = [(one, two) for other in others for one, two in ((node.address, other), (other, node.address))]
        try:
            for source, target in rules:
                _rule("-I", source, target)
            yield
        finally:
            for source, target in rules:
                _rule("-D", source, target)

    def remove(self) -> None:
        """Ends all nodes and takes their data away."""
        for node in self.nodes:
            node.remove()


def can_cut() -> bool:
    """Whether this machine lets us drop packets between loopback addresses of our own."""
    if not (unprivileged.ROOT and shutil.which("iptables")):
        return False
    probe = ["iptables", "-w", "-n", "-L", "INPUT"]
    return subprocess.run(probe, capture_output=True, check=False, timeout=30).returncode == 0


def _rule(verb: str, source: str, target: str) -> None:
    command = ["iptables", "-w", verb, "INPUT", "-i", "lo", "-s", source, "-d", target, "-j", "DROP"]
    subprocess.run(command, capture_output=True, check=True, timeout=30)
