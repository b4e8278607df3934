"""A real kube-apiserver with etcd and the StatefulSet controller, as processes of the test."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

TOOLS = Path.home() / ".cache/diego-operator/tools/bin"
NEEDED = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "openssl")


def tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(TOOLS))
    if found is None:
        pytest.skip(f"{name} is not installed; `make tools` brings it")
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def kubeconfig(folder: Path, port: int) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "c", "cluster": {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}}
        ],
        "users": [{"name": "u", "user": {"token": "token"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


def kubectl(config: Path, *words: str, text: str = "") -> str:
    command = [tool("kubectl"), "--kubeconfig", str(config), *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60).stdout


@contextlib.contextmanager
def api_server(folder: Path) -> Iterator[Path]:
    """The kubeconfig of a fresh API server with our CRD."""
    for name in NEEDED:
        tool(name)
    key, client, peer, port = folder / "sa.key", free_port(), free_port(), free_port()
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True, timeout=60)
    (folder / "tokens").write_text('token,admin,1,"system:masters"\n')
    config = kubeconfig(folder, port)
    etcd = f"http://127.0.0.1:{client}"
    commands = {
        "etcd": [
            *("--data-dir", str(folder / "etcd"), "--listen-client-urls", etcd, "--advertise-client-urls", etcd),
            *("--listen-peer-urls", f"http://127.0.0.1:{peer}", "--unsafe-no-fsync"),
        ],
        "kube-apiserver": [
            *("--etcd-servers", etcd, "--secure-port", str(port), "--bind-address", "127.0.0.1"),
            *("--cert-dir", str(folder / "certs"), "--token-auth-file", str(folder / "tokens")),
            *("--authorization-mode", "RBAC", "--service-account-issuer", "https://test"),
            *("--service-account-key-file", str(key), "--service-account-signing-key-file", str(key)),
            *("--service-cluster-ip-range", "10.0.0.0/24", "--disable-admission-plugins", "ServiceAccount"),
        ],
        "kube-controller-manager": [
            *("--kubeconfig", str(config), "--leader-elect=false", "--secure-port", "0"),
            "--controllers=statefulset-controller,disruption-controller,garbage-collector-controller",
        ],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, words in commands.items():
            log = (folder / f"{name}.log").open("wb")
            running.append(subprocess.Popen([tool(name), *words], stdout=log, stderr=log, env={**os.environ}))
            log.close()
            if name == "kube-apiserver":
                _until_ready(config)
        kubectl(config, "apply", "-f", "crds/")
        kubectl(config, "create", "namespace", "diego")
        kubectl(config, "wait", "--for=condition=Established", "crd/diegos.diego-operator.io", "--timeout=30s")
        yield config
    finally:
        for process in reversed(running):
            process.kill()
            process.wait(10)


def _until_ready(config: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.CalledProcessError):
            kubectl(config, "get", "--raw", "/readyz")
            return
        time.sleep(0.5)
    raise TimeoutError("the API server did not become ready within 90 s")
