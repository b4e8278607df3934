"""Servers that refuse to run as root: a folder and processes of the user `nobody` when the tests run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

ROOT = os.geteuid() == 0
_ROOM = 8_000_000_000


def identity() -> dict[str, Any]:
    """Arguments for subprocess: who the server runs as."""
    if not ROOT:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def own_folder(prefix: str) -> Path:
    """A new folder that such a server can reach: pytest's own ones are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_roomy_memory()))
    hand_over(folder)
    return folder


def _roomy_memory() -> Path | None:
    """A file system in memory with room for a server's data: making and dropping tables waits for disks otherwise."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None


def hand_over(*paths: Path) -> None:
    """Makes the server's user the owner of files and folders, with everything in them."""
    if not ROOT:
        return
    nobody = pwd.getpwnam("nobody")
    for path in paths:
        for each in (path, *(path.rglob("*") if path.is_dir() else ())):
            os.chown(each, nobody.pw_uid, nobody.pw_gid)


def run(command: list[str], folder: Path, text: str | None = None) -> str:
    """What a program prints; fails with what it said."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **identity(),
    )
    if done.returncode:
        message = f"{' '.join(command[:3])}... ended with {done.returncode}: {done.stderr[-2000:]}"
        raise RuntimeError(message)
    return done.stdout


def spawn(command: list[str], folder: Path, log: IO[bytes], scripts: Path | None = None) -> subprocess.Popen[bytes]:
    """A server process. It dies with its tests only if they end it. `scripts`: a folder with programs that it calls."""
    path = f"{scripts}:{os.environ['PATH']}" if scripts else os.environ["PATH"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        **identity(),
    )


def remove(folder: Path) -> None:
    """Takes the folder away."""
    shutil.rmtree(folder, ignore_errors=True)


def program(name: str, *folders: str, remedy: str) -> str:
    """Where a program lies: one of the folders (newest first), or PATH, where Debian has Perl around PostgreSQL's own.
    Fails with what to run."""
    found = shutil.which(name)
    for pattern in folders:
        matches = sorted(Path("/").glob(pattern.lstrip("/") + "/" + name), reverse=True)
        if matches:
            return str(matches[0])
    if found is None:
        message = f"no {name} found: {remedy}"
        raise FileNotFoundError(message)
    return found
