"""The keys of a simulated deployment: a folder for each node, as a Secret mounted into its pod.

Nodes use the production keyring over these folders, so what a process has loaded and what lies there may differ.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bbs.encryption.ciphers import KeyringCipher
from bbs.encryption.keyring import Keyring
from bbs.master.wiring import FileKeys

LABELS = ("key-0", "key-1", "key-2")
_PASSPHRASES = {label: f"passphrase of {label}" for label in LABELS}
READER = KeyringCipher(Keyring(_PASSPHRASES, LABELS[0]))
"""Reads whatever any node has written."""


class Folders:
    """The keyring folders. Without `sealed` there is none: records are in the clear, until somebody configures one."""

    def __init__(self, names: tuple[str, ...], *, sealed: bool) -> None:
        self._folder = TemporaryDirectory(prefix="simulated-keys-")
        self.names = names
        self.sealed = sealed
        for name in names:
            (Path(self._folder.name) / name).mkdir()
            self.add(name, LABELS[0])

    def close(self) -> None:
        """Take them away."""
        self._folder.cleanup()

    def loaded(self, name: str) -> FileKeys:
        """The keyring of a process that starts now; a command is run on the first node."""
        return FileKeys(self._path(name if name in self.names else self.names[0]) if self.sealed else None, LABELS[0])

    def labels(self, name: str) -> set[str]:
        """What lies in a node's folder."""
        return {file.name for file in self._path(name).iterdir()}

    def everywhere(self) -> set[str]:
        """The keys that every node was given."""
        return set(LABELS).intersection(*(self.labels(name) for name in self.names))

    def add(self, name: str, label: str) -> None:
        """Give a node a key."""
        (self._path(name) / label).write_text(_PASSPHRASES[label])

    def remove(self, name: str, label: str) -> None:
        """Take it away, unless it is the node's last one."""
        if self.labels(name) - {label}:
            (self._path(name) / label).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return Path(self._folder.name) / name
