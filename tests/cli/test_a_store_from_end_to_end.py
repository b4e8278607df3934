"""The verbs on a real SQLite store: fill, serve, migrate, compare."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bbs.client import BBSClient
from tests.certificates import Certificates
from tests.cli.test_command_line import ROOT, bbs

OURS, OLD = 4000000001, 1451635200


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Deployment:
    """A configuration and the certificates to reach what runs from it."""

    def __init__(self, folder: Path) -> None:
        self.certificates = Certificates.create(folder / "certificates")
        files, self.port = self.certificates.server(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.config = folder / "config.yaml"
        self.keyring = folder / "keyring"
        self.config.write_text(
            f"listen_address: 127.0.0.1:{self.port}\nhealth_address: 127.0.0.1:{free_port()}\n"
            f"advertise_url: {self.url}\nmember: m0\ntarget: managed\n"
            f"tls: {{ca_file: {files.ca_file}, cert_file: {files.cert_file}, key_file: {files.key_file}}}\n"
            f"store: {{type: sqlite, sqlite: {{path: {folder / 'bbs.db'}}}}}\n"
        )

    def encrypt(self, *labels: str) -> None:
        """Configure a keyring of those labels; the first is the initial key."""
        self.keyring.mkdir(exist_ok=True)
        for label in labels:
            (self.keyring / label).write_text(f"passphrase of {label}\n")
        with self.config.open("a") as config:
            config.write(f"keyring_dir: {self.keyring}\ninitial_key: {labels[0]}\n")

    @property
    def options(self) -> list[str]:
        """Options of the CLI that reach the master as the operator."""
        files = self.certificates.client("diego-operator")
        return [
            "--url",
            self.url,
            "--cert",
            str(files.cert_file),
            "--key",
            str(files.key_file),
            "--ca",
            str(files.ca_file),
        ]

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """`bbs serve` runs and answers."""
        command = [sys.executable, "-m", "bbs.cli", "serve", "--config", str(self.config)]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            async with BBSClient(self.url, self.certificates.client(), timeout=30) as client:
                assert await client.ping()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 30)


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


async def test_a_migration_of_the_store_keeps_every_record(deployment: Deployment) -> None:
    made = await bbs("generate", "--config", deployment.config, "--records", 60, "--seed", 3, "--version", 0)
    assert made.returncode == 0, made.stderr
    before = await bbs("export", "--config", deployment.config)
    assert len(before.stdout.splitlines()) == 60
    moved = await bbs("migrate", "run", "--to", OURS, "--config", deployment.config)
    assert (moved.returncode, moved.stdout) == (0, f"{OURS}\n"), moved.stderr
    assert (await bbs("export", "--config", deployment.config)).stdout == before.stdout


async def test_a_served_store_is_migrated_through_its_master_and_held_by_nobody_else(deployment: Deployment) -> None:
    await bbs("generate", "--config", deployment.config, "--records", 30, "--inert", "--version", OURS)
    async with deployment.served():
        held = await bbs("export", "--config", deployment.config)
        assert (held.returncode, held.stdout) == (3, "")
        assert "m0 holds the store and is alive" in held.stderr
        plan = await bbs("migrate", "plan", "--to", OLD, *deployment.options)
        assert plan.returncode == 0, plan.stderr
        moved = await bbs("migrate", "run", "--to", OLD, *deployment.options)
        assert (moved.returncode, moved.stdout) == (0, f"{OLD}\n"), moved.stderr
        assert f"data version  {OLD}" in (await bbs("status", *deployment.options)).stdout


async def test_an_import_brings_back_what_was_exported(tmp_path: Path, deployment: Deployment) -> None:
    await bbs("generate", "--config", deployment.config, "--records", 30, "--seed", 5)
    exported = (await bbs("export", "--config", deployment.config)).stdout
    (tmp_path / "export.jsonl").write_text(exported)
    (tmp_path / "other").mkdir()
    other = Deployment(tmp_path / "other")
    assert (await bbs("import", tmp_path / "export.jsonl", "--config", other.config)).returncode == 0
    assert (await bbs("export", "--config", other.config)).stdout == exported


async def test_a_version_that_nobody_serves_is_refused(deployment: Deployment) -> None:
    refused = await bbs("migrate", "run", "--to", 5, "--config", deployment.config)
    assert refused.returncode == 3
    assert "does not serve data version 5" in refused.stderr


def keys_of(shown: str) -> tuple[str, str, dict[str, int]]:
    """Active key, label record and counts, of `bbs keys status`."""
    document = json.loads(shown)
    return document["active"], document["stored"], document["counts"]


async def test_the_key_is_rotated_through_the_master_and_the_old_one_may_go(deployment: Deployment) -> None:
    deployment.encrypt("key1", "key2")
    await bbs("generate", "--config", deployment.config, "--records", 300, "--inert")
    before = (await bbs("export", "--config", deployment.config)).stdout
    async with deployment.served():
        rotated = await bbs("keys", "rotate", "--to", "key2", *deployment.options)
        assert (rotated.returncode, rotated.stdout) == (0, "key2 300\n"), rotated.stderr
        assert keys_of((await bbs("keys", "status", *deployment.options)).stdout) == ("key2", "key2", {"key2": 300})
    (deployment.keyring / "key1").unlink()
    assert (await bbs("export", "--config", deployment.config)).stdout == before


async def test_the_key_of_a_store_at_rest_is_rotated_by_its_holder(deployment: Deployment) -> None:
    deployment.encrypt("key1", "key2")
    await bbs("generate", "--config", deployment.config, "--records", 60, "--version", OLD)
    rotated = await bbs("keys", "rotate", "--to", "key2", "--config", deployment.config)
    assert (rotated.returncode, rotated.stderr) == (0, "")
    active, stored, counts = keys_of((await bbs("keys", "status", "--config", deployment.config)).stdout)
    assert (active, stored, set(counts)) == ("key2", "key2", {"key2"})


async def test_a_key_that_is_not_loaded_is_not_rotated_to(deployment: Deployment) -> None:
    deployment.encrypt("key1")
    refused = await bbs("keys", "rotate", "--to", "key9", "--config", deployment.config)
    assert refused.returncode == 3
    assert "no key 'key9' is loaded; loaded are key1" in refused.stderr
