"""A real Kubernetes API server on loopback: etcd and kube-apiserver as child processes, without any node."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "admin-of-this-test"
TOOLS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "diego-operator" / "tools" / "bin"
STARTS_WITHIN = 90.0
"""Seconds that etcd and the API server together may take on a busy machine."""


def program(name: str) -> str | None:
    """Path of a program on PATH or among the project's own tools."""
    return shutil.which(name) or shutil.which(name, path=str(TOOLS))


@dataclass(frozen=True, slots=True)
class Answer:
    """Status code and body of one call."""

    code: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        """The sentence of a refusal."""
        return str(self.body.get("message", ""))


@dataclass(frozen=True, slots=True)
class APIServer:
    """The running server."""

    port: int
    authority: Path

    def call(self, method: str, path: str, body: Any = None, accept: str = "application/json") -> Answer:
        """One request as cluster administrator; seconds-long answers fail."""
        content = "application/merge-patch+json" if method == "PATCH" else "application/json"
        trust = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=trust, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": content, "Accept": accept}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            return Answer(answer.status, json.loads(text) if text.startswith(b"{") else {"message": text.decode()})
        finally:
            connection.close()


@contextmanager
def running(folder: Path) -> Iterator[APIServer]:
    """Starts both processes in `folder`, waits until the server is ready, and ends them."""
    client, peer, secure = free_ports(3)
    (folder / "tokens").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    subprocess.run(["openssl", "genrsa", "-out", folder / "accounts.key", "2048"], check=True, capture_output=True)
    with (
        process(etcd(folder, client, peer), folder / "etcd.log"),
        process(api_server(folder, client, secure), folder / "api-server.log") as child,
    ):
        server = APIServer(secure, folder / "apiserver.crt")
        wait_until_ready(server, child, folder / "api-server.log")
        yield server


def etcd(folder: Path, client: int, peer: int) -> list[str]:
    """The command line of an etcd of one member."""
    urls = (f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}")
    return [
        str(program("etcd")),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={urls[0]}",
        f"--advertise-client-urls={urls[0]}",
        f"--listen-peer-urls={urls[1]}",
        f"--initial-advertise-peer-urls={urls[1]}",
        f"--initial-cluster=default={urls[1]}",
        "--unsafe-no-fsync",
    ]


def api_server(folder: Path, client: int, secure: int) -> list[str]:
    """The command line of an API server on that etcd."""
    return [
        str(program("kube-apiserver")),
        f"--etcd-servers=http://127.0.0.1:{client}",
        "--bind-address=127.0.0.1",
        f"--secure-port={secure}",
        f"--cert-dir={folder}",
        f"--token-auth-file={folder / 'tokens'}",
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://127.0.0.1",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        "--service-cluster-ip-range=10.0.0.0/24",
    ]


@contextmanager
def process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child process whose output goes to `log`, ended on leaving."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()


def wait_until_ready(server: APIServer, child: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server is ready; raises with the end of its log when it is not in time."""
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and child.poll() is None:
        try:
            if server.authority.exists() and server.call("GET", "/readyz").code == http.client.OK:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"kube-apiserver not ready within {STARTS_WITHIN} s; its log ends: {log.read_text()[-2000:]}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
