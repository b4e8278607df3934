"""The uninterrupted run to compare with: an etcd and `bbs` on this machine, no cluster."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import yaml

from e2e.expect import await_, expect
from e2e.kube import CommandFailed, run
from e2e.places import FIRST, NEWEST, environment


def migrated_here(records: int, seed: int, folder: Path) -> dict[str, tuple[int, str]]:
    """`bbs generate`, `bbs migrate run`, `bbs export` on a fresh etcd: count and sha256 of each kind."""
    with _etcd() as endpoint, tempfile.TemporaryDirectory() as place:
        config = Path(place) / "bbs.yaml"
        config.write_text(yaml.safe_dump(_configuration(endpoint, Path(place))))
        more = ("--records", str(records), "--seed", str(seed), "--inert", "--version", str(FIRST))
        _bbs("generate", config, *more)
        _bbs("migrate", config, "--to", str(NEWEST))
        exported = _bbs("export", config, "--domain", "seed-*")
    (folder / "export-uninterrupted.sha256").write_text(sha256(exported.encode()).hexdigest() + "\n")
    lines: dict[str, list[str]] = {}
    for line in exported.splitlines(keepends=True):
        lines.setdefault(json.loads(line)["kind"], []).append(line)
    return {kind: (len(own), sha256("".join(own).encode()).hexdigest()) for kind, own in lines.items()}


def _bbs(verb: str, config: Path, *arguments: str) -> str:
    words = ["migrate", "run"] if verb == "migrate" else [verb]
    return run(sys.executable, "-m", "bbs.cli", *words, "--config", str(config), *arguments)


def _configuration(endpoint: str, place: Path) -> dict[str, object]:
    run(sys.executable, "-m", "bbs.cli", "certs", str(place))
    (place / "keyring").mkdir()
    (place / "keyring" / "here").write_text("an own passphrase of this run\n")
    return {
        "listen_address": "127.0.0.1:0",
        "health_address": "127.0.0.1:0",
        "advertise_url": "https://localhost:8889",
        "member": "here",
        "tls": {
            "ca_file": f"{place}/ca.crt",
            "cert_file": f"{place}/server/tls.crt",
            "key_file": f"{place}/server/tls.key",
        },
        "store": {"type": "etcd", "etcd": {"endpoints": [endpoint]}},
        "keyring_dir": str(place / "keyring"),
        "initial_key": "here",
    }


@contextmanager
def _etcd() -> Iterator[str]:
    program = shutil.which("etcd", path=environment()["PATH"])
    expect(program, "etcd is on this machine; scripts/tools etcd installs it")
    assert program is not None
    with tempfile.TemporaryDirectory() as data:
        url, peers = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
        addresses = ["--listen-client-urls", url, "--advertise-client-urls", url, "--listen-peer-urls", peers]
        peer = ["--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"]
        quiet = subprocess.DEVNULL
        command = [program, "--data-dir", data, *addresses, *peer, "--unsafe-no-fsync"]
        process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        try:
            await_("etcd answers", lambda: _answers(url), 30)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str) -> bool:
    try:
        run("etcdctl", "--endpoints", url, "endpoint", "health")
    except CommandFailed:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
