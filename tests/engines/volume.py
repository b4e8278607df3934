"""A small volume for an engine's data, which a test fills to the last byte and makes room on again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines import unprivileged

_BLOCK = bytes(65536)


class Volume:
    """A file system of its own at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Takes all room that is left; safe to repeat."""
        with self._ballast.open("ab", buffering=0) as file:
            for block in (_BLOCK, _BLOCK[:4096], _BLOCK[:1]):
                try:
                    while True:
                        file.write(block)
                except OSError:
                    continue

    def make_room(self) -> None:
        """Gives it back."""
        self._ballast.unlink()


@contextmanager
def volume(path: Path, megabytes: int) -> Iterator[Volume]:
    """Mounts one in memory, for the servers' user to write to."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)], check=True, timeout=30)
    try:
        unprivileged.hand_over(path)
        yield Volume(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True, timeout=30)


def can_mount() -> bool:
    """Whether this machine lets us mount one."""
    if not unprivileged.ROOT:
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False, timeout=30).returncode == 0
