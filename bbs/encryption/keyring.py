"""The keyring: named keys, one of them active.

A folder is its edge: one file per label, holding the passphrase. Passphrases never leave this module, not even in an
error or a repr. Source: docs/reference/encryption.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bbs.encryption.frame import LONGEST_LABEL, cipher_of


class KeyringError(ValueError):
    """The keyring can't be used as configured; the text names label and remedy, never a passphrase."""


class NoKeys(KeyringError):
    """The keyring holds no key."""


class UnknownActiveKey(KeyringError):
    """The active label is not among the loaded keys."""


class DuplicateLabel(KeyringError):
    """Two keys carry one label."""


class MalformedKey(KeyringError):
    """A label or passphrase that can't be one."""


def _checked_label(label: str) -> str:
    length = len(label.encode("utf-8", "surrogateescape"))
    if not 1 <= length <= LONGEST_LABEL:
        message = (
            f"key label {label[:40]!r} has {length} bytes; 1 to {LONGEST_LABEL} are possible, choose a shorter name"
        )
        raise MalformedKey(message)
    return label


class Keyring:
    """Named keys of AES-256-GCM. Immutable: a changed folder gives a new keyring.

    `active` is the label that new values are written under; without one, the only key there is.
    """

    __slots__ = ("_ciphers", "active", "active_cipher")

    def __init__(self, passphrases: Iterable[tuple[str, str]] | Mapping[str, str], active: str | None = None) -> None:
        """Raises NoKeys, UnknownActiveKey, DuplicateLabel or MalformedKey."""
        ciphers: dict[str, AESGCM] = {}
        for label, passphrase in passphrases.items() if isinstance(passphrases, Mapping) else passphrases:
            if _checked_label(label) in ciphers:
                message = f"key label {label!r} is there twice; give each key a label of its own"
                raise DuplicateLabel(message)
            if not passphrase:
                message = f"key {label!r} has an empty passphrase; write one into its file"
                raise MalformedKey(message)
            ciphers[label] = cipher_of(passphrase)
        self._ciphers = ciphers
        self.active = self._chosen(active)
        self.active_cipher = ciphers[self.active]

    def __repr__(self) -> str:
        return f"Keyring(labels={self.labels!r}, active={self.active!r})"

    def _chosen(self, active: str | None) -> str:
        if not self._ciphers:
            message = "the keyring holds no key; put one file per label, holding its passphrase, into keyring_dir"
            raise NoKeys(message)
        if active is None and len(self._ciphers) == 1:
            return next(iter(self._ciphers))
        if active not in self._ciphers:
            seen = f"active key {active!r} is not loaded" if active else "no key is named as the active one"
            message = f"{seen}; loaded are {', '.join(self.labels)}; add its file or name another (initial_key)"
            raise UnknownActiveKey(message)
        return active

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all loaded keys, sorted."""
        return tuple(sorted(self._ciphers))

    def cipher(self, label: str) -> AESGCM | None:
        """The cipher of one key, None when it is not loaded."""
        return self._ciphers.get(label)

    def activated(self, label: str) -> Keyring:
        """The same keys with another one active. Raises UnknownActiveKey."""
        other = object.__new__(Keyring)
        other._ciphers = self._ciphers
        other.active = other._chosen(label)
        other.active_cipher = other._ciphers[other.active]
        return other

    def keeping(self, other: Keyring, labels: Iterable[str]) -> Keyring:
        """These keys, and of `other` those of the labels named that are not among them."""
        kept = {label: other._ciphers[label] for label in labels if label in other._ciphers}
        whole = object.__new__(Keyring)
        whole._ciphers = {**kept, **self._ciphers}
        whole.active, whole.active_cipher = self.active, self.active_cipher
        return whole


def _passphrase(file: Path) -> str:
    try:
        text = file.read_bytes()
    except OSError as error:
        message = f"key file {file} can't be read: {error.strerror}; check its permissions"
        raise MalformedKey(message) from error
    return text.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def load_keyring(directory: Path, active: str | None = None) -> Keyring:
    """The keyring of a folder, one file per label; one trailing newline of the passphrase is dropped.

    Names that begin with a dot are not keys (a mounted Secret keeps its links there). Call it again to reload. Raises
    KeyringError.
    """
    return Keyring([(label, _passphrase(directory / label)) for label in key_labels(directory)], active)


def key_labels(directory: Path) -> tuple[str, ...]:
    """The labels of the keys in a folder, sorted. Raises NoKeys when there is no such folder."""
    if not directory.is_dir():
        message = f"keyring folder {directory} does not exist; mount it or correct keyring_dir"
        raise NoKeys(message)
    files = (entry for entry in directory.iterdir() if not entry.name.startswith(".") and entry.is_file())
    return tuple(sorted(file.name for file in files))
